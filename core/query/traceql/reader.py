"""Reads TraceQL of anybody into the model."""

from functools import cache
from typing import Any

from core.query.grammar import Grammar
from core.query.literals import unquoted
from core.query.traceql.model import (
    Aggregate,
    Attribute,
    By,
    Coalesce,
    Combined,
    Cut,
    Expression,
    Filter,
    Intrinsic,
    Keyword,
    Limit,
    Metric,
    Operation,
    Piped,
    Pipeline,
    Quantity,
    Query,
    ScalarFilter,
    ScalarOperation,
    Select,
    Text,
    Unary,
    filters,
)
from core.query.traceql.types import check_condition
from core.query.translation import Language, QueryRefused

_ARGUMENTS = {
    "rate": (0, 0),
    "count_over_time": (0, 0),
    "quantile_over_time": (2, 11),
    "histogram_over_time": (1, 1),
    "compare": (1, 4),
}
"""How many a metric takes, at least and at most; all others take one."""


def read(text: str) -> Query:
    """The tree of a query.

    Raises:
        QueryRefused: it is no TraceQL (with the place and the reason), too long or too deep.
    """
    query: Query = _grammar().read(text)
    for spanset in filters(query):
        if spanset.condition is not None:
            check_condition(spanset.condition)
    if query.metric:
        _check_metric(query.metric)
    if isinstance(query.pipeline.stages[0], Coalesce):
        raise QueryRefused("A query cannot begin with coalesce().", hint="Begin with a spanset: { … }.")
    return query


@cache
def _grammar() -> Grammar:
    return Grammar(Language.TRACEQL, "core.query.traceql", "traceql.lark", _Actions())


def _check_metric(metric: Metric) -> None:
    least, most = _ARGUMENTS.get(metric.function, (1, 1))
    if not least <= len(metric.arguments) <= most:
        raise QueryRefused(f"{metric.function} does not take {len(metric.arguments)} arguments.")
    if (metric.function == "compare") != any(isinstance(argument, Filter) for argument in metric.arguments):
        raise QueryRefused("compare, and only it, takes a spanset: compare({ status = error }).")
    if metric.function == "compare" and metric.by:
        raise QueryRefused("compare does not group.")


class _Actions:
    """What each rule of the grammar becomes."""

    def start(self, parts: list[Any]) -> Query:
        pipeline, *rest, hints = parts
        metric, *cuts = [part for part in rest if part is not None] or [None]
        return Query(pipeline, metric, tuple(cuts), hints or ())

    def pipeline(self, parts: list[Any]) -> Pipeline:
        return Pipeline((parts[0],)) if len(parts) == 1 else Pipeline((*parts[0].stages, parts[1]))

    def wrapped(self, parts: list[Pipeline]) -> "Filter | Combined | Pipeline":
        """Parentheses around one spanset only group."""
        only = parts[0].stages[0]
        return only if len(parts[0].stages) == 1 and isinstance(only, Filter | Combined | Pipeline) else parts[0]

    def filter(self, parts: list[Any]) -> Filter:
        return Filter(parts[0])

    def combined(self, parts: list[Any]) -> Combined:
        return Combined(str(parts[1]), parts[0], parts[2])

    def scalar_filter(self, parts: list[Any]) -> ScalarFilter:
        if parts[1] in ("=~", "!~"):
            raise QueryRefused("Numbers cannot be matched by patterns.")
        return ScalarFilter(str(parts[1]), parts[0], parts[2])

    def by(self, parts: list[Any]) -> By:
        return By(parts[1])

    def coalesce(self, parts: list[Any]) -> Coalesce:
        return Coalesce()

    def select(self, parts: list[Any]) -> Select:
        return Select(tuple(parts))

    def scalar_operation(self, parts: list[Any]) -> ScalarOperation:
        return ScalarOperation(str(parts[1]), parts[0], parts[2])

    def count(self, parts: list[Any]) -> Aggregate:
        return Aggregate("count")

    def aggregate(self, parts: list[Any]) -> Aggregate:
        return Aggregate(str(parts[0]), parts[1])

    def piped(self, parts: list[Any]) -> Piped:
        return Piped(parts[0], parts[1])

    def negative(self, parts: list[str]) -> Quantity:
        return Quantity("".join(parts))

    def metric(self, parts: list[Any]) -> Metric:
        function, *arguments, grouping = parts
        return Metric(str(function), tuple(part for part in arguments if part is not None), grouping or ())

    def grouping(self, parts: list[Any]) -> tuple[Expression, ...]:
        return tuple(parts[1:])

    def cut(self, parts: list[str]) -> Cut:
        if not parts[1].isdecimal():
            raise QueryRefused(f"{parts[0]} takes a whole number: {parts[0]}(5).")
        return Cut(str(parts[0]), str(parts[1]))

    def limit(self, parts: list[str]) -> Limit:
        return Limit(str(parts[0]), Quantity("".join(parts[1:])))

    def hints(self, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(parts)

    def hint(self, parts: list[Any]) -> tuple[str, Expression]:
        if parts[1] != "=":
            raise QueryRefused("Hints are set with =: with (most_recent=true).")
        return str(parts[0]), parts[2]

    def operation(self, parts: list[Any]) -> Operation:
        return Operation(str(parts[1]), parts[0], parts[2])

    def unary(self, parts: list[Any]) -> "Unary | Quantity":
        if parts[0] == "-" and isinstance(parts[1], Quantity) and not parts[1].text.startswith("-"):
            return Quantity(f"-{parts[1].text}")
        return Unary(str(parts[0]), parts[1])

    def attribute(self, parts: list[str]) -> Attribute:
        scope, name = _scope(str(parts[0]))
        return Attribute(scope, _plain(name))

    def intrinsic(self, parts: list[str]) -> Intrinsic:
        return Intrinsic(str(parts[0]))

    def keyword(self, parts: list[str]) -> Keyword:
        return Keyword(str(parts[0]))

    def text(self, parts: list[str]) -> Text:
        return Text(unquoted(parts[0]))

    def quantity(self, parts: list[str]) -> Quantity:
        return Quantity(str(parts[0]))


_SCOPES = tuple(
    f"{parent}{scope}"
    for parent in ("parent.", "")
    for scope in ("resource", "span", "event", "link", "instrumentation")
)


def _scope(token: str) -> tuple[str, str]:
    for scope in (*_SCOPES, "parent", ""):
        if token.startswith(f"{scope}."):
            return scope, token[len(scope) + 1 :]
    raise AssertionError(token)


def _plain(name: str) -> str:
    """Without the quotes around parts of it: `"foo bar".baz`."""
    if '"' not in name:
        return name
    made, escaped = [], False
    for character in name:
        if not escaped and character in '"\\':
            escaped = character == "\\"
            continue
        made.append(character)
        escaped = False
    return "".join(made)
