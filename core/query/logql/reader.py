"""Reads LogQL of anybody into the model."""

from functools import cache
from typing import Any

from core.query.grammar import Grammar
from core.query.literals import unquoted
from core.query.logql.model import (
    Address,
    Aggregation,
    Binary,
    Compare,
    Condition,
    Decolorize,
    Either,
    Every,
    Grouping,
    LabelFilter,
    LabelFormat,
    LabelReplace,
    Labels,
    LineFilter,
    LineFormat,
    Logs,
    Matcher,
    Matching,
    MatchOp,
    Number,
    Parser,
    Quantity,
    Query,
    Range,
    Renamed,
    Unwrap,
    Vector,
    walk,
)
from core.query.translation import Language, QueryRefused

_UNWRAPPED = frozenset({"sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "stdvar_over_time"}) | {
    "stddev_over_time",
    "quantile_over_time",
    "first_over_time",
    "last_over_time",
    "rate_counter",
}
_EITHER = frozenset({"rate", "absent_over_time"})
_GROUPED = _UNWRAPPED - {"sum_over_time", "rate_counter"}
_WITH_K = frozenset({"topk", "bottomk", "approx_topk"})


def read(text: str) -> Query:
    """The tree of a query.

    Raises:
        QueryRefused: it is no LogQL (with the place and the reason), too long or too deep.
    """
    query: Query = _grammar().read(text)
    for inner in walk(query):
        _check(inner)
    if isinstance(query, Logs):
        _check_unwrap("", query)
    return query


@cache
def _grammar() -> Grammar:
    return Grammar(Language.LOGQL, "core.query.logql", "logql.lark", _Actions())


def _check(query: Query) -> None:
    """What Loki asks for beyond the grammar."""
    match query:
        case Range():
            _check_unwrap(query.function, query.logs)
            if (query.function == "quantile_over_time") != bool(query.param):
                raise QueryRefused("Only quantile_over_time takes a quantile, and it needs one.")
            if query.grouping and query.function not in _GROUPED:
                raise QueryRefused(f"{query.function} cannot group.", hint="Wrap it: sum by (…) (…).")
        case Aggregation():
            if (query.function in _WITH_K) != bool(query.param):
                raise QueryRefused("topk and bottomk, and only they, take how many: topk(5, …).")
            if query.grouping and query.function in {"sort", "sort_desc", "approx_topk"}:
                raise QueryRefused(f"{query.function} cannot group.")
        case _:
            pass


def _check_unwrap(function: str, logs: Logs) -> None:
    places = [number for number, stage in enumerate(logs.stages) if isinstance(stage, Unwrap)]
    if not function and places:
        raise QueryRefused("unwrap stands only inside of a range, such as sum_over_time(… [5m]).")
    if function and function not in _EITHER and (function in _UNWRAPPED) != bool(places):
        raise QueryRefused(f"{function} {'needs' if function in _UNWRAPPED else 'takes no'} `| unwrap`.")
    behind = logs.stages[places[0] + 1 :] if places else ()
    if not all(isinstance(stage, LabelFilter) for stage in behind):
        raise QueryRefused("Behind `| unwrap` only label filters may follow.")


class _Actions:
    """What each rule of the grammar becomes."""

    def logs(self, parts: list[Any]) -> Logs:
        return Logs(parts[0], tuple(parts[1:]))

    def selector(self, parts: list[Any]) -> tuple[Matcher, ...]:
        return tuple(part for part in parts if part is not None)

    def equal(self, parts: list[str]) -> Matcher:
        return self._matcher(parts, "=")

    def not_equal(self, parts: list[str]) -> Matcher:
        return self._matcher(parts, "!=")

    def like(self, parts: list[str]) -> Matcher:
        return self._matcher(parts, "=~")

    def unlike(self, parts: list[str]) -> Matcher:
        return self._matcher(parts, "!~")

    def json(self, parts: list[Any]) -> Parser:
        return Parser("json", fields=parts[1] or ())

    def logfmt(self, parts: list[Any]) -> Parser:
        return Parser("logfmt", flags=tuple(map(str, parts[1:-1])), fields=parts[-1] or ())

    def unpack(self, parts: list[str]) -> Parser:
        return Parser("unpack")

    def pattern(self, parts: list[str]) -> Parser:
        return Parser("pattern", unquoted(parts[1]))

    def regexp(self, parts: list[str]) -> Parser:
        return Parser("regexp", unquoted(parts[1]))

    def line_format(self, parts: list[str]) -> LineFormat:
        return LineFormat(unquoted(parts[1]))

    def label_format(self, parts: list[Any]) -> LabelFormat:
        return LabelFormat(tuple(parts[1:]))

    def renamed(self, parts: list[str]) -> tuple[str, Renamed]:
        return str(parts[0]), Renamed(str(parts[1]))

    def templated(self, parts: list[str]) -> tuple[str, str]:
        return str(parts[0]), unquoted(parts[1])

    def decolorize(self, parts: list[str]) -> Decolorize:
        return Decolorize()

    def drop(self, parts: list[Any]) -> Labels:
        return Labels("drop", tuple(parts[1:]))

    def keep(self, parts: list[Any]) -> Labels:
        return Labels("keep", tuple(parts[1:]))

    def chosen(self, parts: list[str]) -> str:
        return str(parts[0])

    def unwrap(self, parts: list[str]) -> Unwrap:
        conversion: Any = parts[1].lower() if len(parts) > 2 else ""
        return Unwrap(str(parts[-1]), conversion)

    def label_filter(self, parts: list[Condition]) -> LabelFilter:
        return LabelFilter(parts[0])

    def line_filter(self, parts: list[Any]) -> LineFilter:
        return LineFilter(parts[0], tuple(part for part in parts[1:] if not _is_keyword(part)))

    def line_op(self, parts: list[str]) -> str:
        return str(parts[0])

    def text(self, parts: list[str]) -> str:
        return unquoted(parts[0])

    def address(self, parts: list[str]) -> Address:
        return Address(unquoted(parts[1]))

    def fields(self, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(parts)

    def field(self, parts: list[str | None]) -> tuple[str, str | None]:
        return str(parts[0]), None if parts[1] is None else unquoted(parts[1])

    def either(self, parts: list[Any]) -> Condition:
        kept = [part for part in parts if not _is_keyword(part)]
        return kept[0] if len(kept) == 1 else Either(tuple(kept))

    def every(self, parts: list[Any]) -> Condition:
        kept = [part for part in parts if not _is_keyword(part)]
        return kept[0] if len(kept) == 1 else Every(tuple(kept))

    def compare(self, parts: list[Any]) -> Compare:
        return Compare(str(parts[0]), parts[1], parts[2])

    def compare_equal(self, parts: list[Any]) -> Compare:
        return Compare(str(parts[0]), "=", parts[1])

    def compare_not_equal(self, parts: list[Any]) -> Compare:
        return Compare(str(parts[0]), "!=", parts[1])

    def compare_op(self, parts: list[str]) -> str:
        return str(parts[0])

    def address_equal(self, parts: list[str]) -> Compare:
        return Compare(str(parts[0]), "=", Address(unquoted(parts[2])))

    def address_not_equal(self, parts: list[str]) -> Compare:
        return Compare(str(parts[0]), "!=", Address(unquoted(parts[2])))

    def quantity(self, parts: list[str]) -> Quantity:
        return Quantity(str(parts[0]))

    def number(self, parts: list[str]) -> str:
        return "".join(parts).removeprefix("+")

    def literal(self, parts: list[str]) -> Number:
        return Number(parts[0])

    def vector(self, parts: list[str]) -> Vector:
        return Vector(parts[1])

    def range(self, parts: list[Any]) -> Any:  # noqa: ANN401  # what the aggregation needs of it
        if len(parts) == 1:
            return parts[0]
        logs, span, _, offset = parts
        return logs, str(span)[1:-1].strip(), str(offset or "")

    def range_aggregation(self, parts: list[Any]) -> Range:
        function, param, (logs, span, offset), grouping = parts
        return Range(function.lower(), logs, span, offset, param or "", grouping)

    def aggregation(self, parts: list[Any]) -> Aggregation:
        function, param, expr, grouping = parts
        return Aggregation(function.lower(), expr, grouping, param or "")

    def grouped(self, parts: list[Any]) -> Aggregation:
        function, grouping, param, expr = parts
        return Aggregation(function.lower(), expr, grouping, param or "")

    def label_replace(self, parts: list[Any]) -> LabelReplace:
        target, replacement, source, regex = map(unquoted, parts[2:])
        return LabelReplace(parts[1], (target, replacement, source, regex))

    def grouping(self, parts: list[Any]) -> Grouping:
        return Grouping(tuple(str(part) for part in parts[1:] if part is not None), parts[0].lower() == "without")

    def modifier(self, parts: list[Any]) -> tuple[bool, Matching | None]:
        return parts[0] is not None, parts[1]

    def matching(self, parts: list[Any]) -> Matching:
        group = next((n for n, part in enumerate(parts) if _is_a(part, "GROUP")), len(parts))
        labels = tuple(str(part) for part in parts[1:group] if part is not None)
        include = tuple(str(part) for part in parts[group + 1 :] if part is not None)
        side: Any = parts[group].lower().removeprefix("group_") if group < len(parts) else ""
        return Matching(labels, parts[0].lower() == "ignoring", side, include)

    def binary(self, parts: list[Any]) -> Binary:
        left, op, (as_bool, matching), right = parts
        return Binary(op.lower(), left, right, as_bool, matching)

    def unequal(self, parts: list[Any]) -> Binary:
        return self._binary("!=", parts)

    def plus(self, parts: list[Any]) -> Binary:
        return self._binary("+", parts)

    def minus(self, parts: list[Any]) -> Binary:
        return self._binary("-", parts)

    def power(self, parts: list[Any]) -> Binary:
        return self._binary("^", parts)

    def _binary(self, op: str, parts: list[Any]) -> Binary:
        left, (as_bool, matching), right = parts
        return Binary(op, left, right, as_bool, matching)

    def _matcher(self, parts: list[str], op: MatchOp) -> Matcher:
        return Matcher(str(parts[0]), op, unquoted(parts[1]))


def _is_a(part: object, token: str) -> bool:
    return getattr(part, "type", "") == token


def _is_keyword(part: object) -> bool:
    return _is_a(part, "OR") or _is_a(part, "AND")
