"""What is asked of calls of language models, and how it is written: the path and parameters of LLM-Observatory's own API, without the window,
which a button widens (`metrics?metrics=total_cost&group_by=model`, `traces?sort_by=duration_ms&status=ERROR`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from core.ports.usage import CallOrder, CallsAsked, UsageDimension, UsageMetric
from core.query.translation import QueryRefused

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Totals:
    """One metric of all calls that fit, in all or told apart."""

    metric: UsageMetric
    where: Mapping[UsageDimension, str] = field(default_factory=dict)
    by: tuple[UsageDimension, ...] = ()


ORDERS: Final[Mapping[CallOrder, str]] = {
    CallOrder.NEWEST: "ts",
    CallOrder.SLOWEST: "duration_ms",
    CallOrder.DEAREST: "total_cost_usd",
    CallOrder.MOST_TOKENS: "total_tokens",
}
_NAMED = (UsageDimension.PROVIDER, UsageDimension.MODEL, UsageDimension.ENVIRONMENT)
_STATUSES = ("OK", "ERROR", "UNSET")
_MOST_TEXT = 2_000
_VALUE = re.compile(r"[^\x00-\x1f]{1,100}")
_MILLISECOND = timedelta(milliseconds=1)


def show(query: Totals | CallsAsked) -> str:
    """In one line."""
    match query:
        case Totals(metric, where, by):
            parts = [("metrics", str(metric)), *_written(where)]
            return _line("metrics", [*parts, ("group_by", ",".join(by))] if by else parts)
        case CallsAsked():
            parts = [("sort_by", ORDERS[query.order]), *_written(query.where)]
            if query.longer_than is not None:
                parts.append(("min_duration", f"{query.longer_than / _MILLISECOND:.12g}"))
            if query.dearer_than is not None:
                parts.append(("min_cost", f"{query.dearer_than:.12g}"))
            return _line("traces", parts)


def read(text: str) -> Totals | CallsAsked:
    """What is written in such a line.

    Raises:
        QueryRefused: it says something else; the message says what is possible.
    """
    path, _, rest = text.strip().partition("?")
    given = parse_qsl(rest, keep_blank_values=True)
    if len(text) > _MOST_TEXT or len({name for name, _ in given}) < len(given):
        raise QueryRefused("That is too long, or says something twice.", hint="Name each parameter once.")
    values = dict(given)
    match path:
        case "metrics":
            metric = _one(UsageMetric, "metrics", values.pop("metrics", ""))
            groups = [one for one in values.pop("group_by", "").split(",") if one]
            by = tuple(_one(UsageDimension, "group_by", one) for one in dict.fromkeys(groups))
            query: Totals | CallsAsked = Totals(metric, _where(values, _NAMED), by)
        case "traces":
            orders = {name: order for order, name in ORDERS.items()}
            sort = values.pop("sort_by", ORDERS[CallOrder.NEWEST])
            if sort not in orders:
                raise _unknown("sort_by", sort, orders)
            longer, dearer = _number(values, "min_duration"), _number(values, "min_cost")
            least = None if longer is None else longer * _MILLISECOND
            query = CallsAsked(_where(values, tuple(UsageDimension)), least, dearer, orders[sort])
        case _:
            raise QueryRefused(
                "That is no question of LLM-Observatory.",
                hint="It begins with `metrics?metrics=…` or with `traces?sort_by=…`.",
            )
    if values:
        known = "provider, model, environment" + ("" if path == "metrics" else ", status, min_duration, min_cost")
        raise QueryRefused(f"There is no parameter “{next(iter(values))}”.", hint=f"Besides, there are {known}.")
    return query


def _line(path: str, parts: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(parts, quote_via=quote, safe=',/:')}"


def _written(where: Mapping[UsageDimension, str]) -> list[tuple[str, str]]:
    return [("status" if name is UsageDimension.STATUS else str(name), value) for name, value in where.items()]


def _where(values: dict[str, str], allowed: tuple[UsageDimension, ...]) -> dict[UsageDimension, str]:
    """Takes what it reads out of `values`."""
    found: dict[UsageDimension, str] = {}
    for dimension in allowed:
        name = "status" if dimension is UsageDimension.STATUS else str(dimension)
        if name in values:
            found[dimension] = value = values.pop(name)
            if not _VALUE.fullmatch(value):
                raise QueryRefused(f"“{name}” needs a value of at most 100 characters.")
            if dimension is UsageDimension.STATUS and value not in _STATUSES:
                raise _unknown(name, value, _STATUSES)
    return found


def _number(values: dict[str, str], name: str) -> float | None:
    if name not in values:
        return None
    text = values.pop(name)
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        raise QueryRefused(f"“{name}” needs a number, as in `{name}=500`.")
    return float(text)


def _one(kind: type[E], name: str, value: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise _unknown(name, value, kind) from None


def _unknown(name: str, value: str, known: object) -> QueryRefused:
    listed = ", ".join(str(one) for one in known)  # type: ignore[attr-defined]  # an enumeration is iterable, too
    return QueryRefused(f"“{value[:60]}” is nothing that `{name}` can be.", hint=f"There are {listed}.")
