"""Reads PromQL of anybody into the model, by way of promql-parser, which knows the types and functions of Prometheus."""

import re
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from core.query.promql.model import (
    Aggregation,
    At,
    Binary,
    Call,
    Grouping,
    Matcher,
    Matching,
    MatchOp,
    Negation,
    Node,
    Number,
    Selector,
    Subquery,
    Text,
)
from core.query.translation import QueryRefused

if TYPE_CHECKING:
    import promql_parser

MAX_LENGTH = 10_000
"""Characters of a query; nobody reads more, and the parser's stack stays small."""
MAX_DEPTH = 60
"""Expressions inside one another."""
MAX_OPERATORS = 200
_OPERATORS = re.compile(r"[-+*/%^]|[=!<>]=|[<>]|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`', re.DOTALL)
_SIGNS = re.compile(rf"[-+\s]{{{MAX_DEPTH},}}[-+(]")


def read(text: str) -> Node:
    """The tree of a query.

    Raises:
        QueryRefused: it is no PromQL (with the parser's reason), too long, too deep, or uses what only other servers know.
    """
    import promql_parser  # costs a tenth of a second; most turns need no query

    if len(text) > MAX_LENGTH:
        raise QueryRefused(f"The query has {len(text):,} characters; at most {MAX_LENGTH:,} are run.")
    _refuse_towers(text)
    try:
        return _node(promql_parser.parse(text), 0)
    except (ValueError, UnicodeEncodeError) as error:
        raise QueryRefused(
            f"This is no valid PromQL: {str(error).rstrip('.')}.", hint="Mend the query and run it again."
        ) from error


def _refuse_towers(text: str) -> None:
    """The parser is recursive and would run out of stack, which no exception reports; chains take it quadratic time."""
    plain = _STRING.sub("", text)
    heights = accumulate(_BRACKETS[c] for c in plain if c in _BRACKETS)
    if max(heights, default=0) > MAX_DEPTH or _SIGNS.search(plain):
        raise _too_deep()
    if len(_OPERATORS.findall(plain)) > MAX_OPERATORS:
        raise QueryRefused(f"The query has more than {MAX_OPERATORS} operators.", hint="Take it apart.")


def _too_deep() -> QueryRefused:
    return QueryRefused(
        f"The query is nested more than {MAX_DEPTH} deep.", hint="Take it apart, or record its inner part as a rule."
    )


def _node(expr: object, depth: int) -> Node:
    import promql_parser as promql

    if depth > MAX_DEPTH:
        raise _too_deep()
    match expr:
        case promql.ParenExpr():
            return _node(expr.expr, depth + 1)
        case promql.NumberLiteral():
            return Number(expr.val)
        case promql.StringLiteral():
            return Text(expr.val)
        case promql.UnaryExpr():
            return Negation(_node(expr.expr, depth + 1))
        case promql.VectorSelector():
            return _selector(expr, None)
        case promql.MatrixSelector():
            return _selector(expr.vector_selector, expr.range)
        case promql.SubqueryExpr():
            inner, offset = _node(expr.expr, depth + 1), expr.offset or timedelta(0)
            return Subquery(inner, expr.range or timedelta(0), expr.step, offset, _at(expr.at))
        case promql.Call():
            return Call(expr.func.name, tuple(_node(arg, depth + 1) for arg in expr.args))
        case promql.AggregateExpr():
            param = None if expr.param is None else _node(expr.param, depth + 1)
            return Aggregation(str(expr.op), _node(expr.expr, depth + 1), _grouping(expr.modifier), param)
        case promql.BinaryExpr():
            return _binary(expr, depth)
        case _:
            raise QueryRefused(f"{type(expr).__name__} is not supported.")


def _selector(expr: "promql_parser.VectorSelector", range_: timedelta | None) -> Selector:
    if expr.matchers.or_matchers:
        raise QueryRefused(
            "“or” between label matchers is not PromQL of Prometheus.", hint="Join two selectors by “or”."
        )
    names = [m.value for m in expr.matchers.matchers if m.name == "__name__" and _op(m) == "="]
    metric = expr.name or (names[0] if len(names) == 1 else "")
    matchers = tuple(
        Matcher(m.name, _op(m), m.value)
        for m in expr.matchers.matchers
        if expr.name or not metric or m.name != "__name__" or _op(m) != "="
    )
    return Selector(metric, matchers, range_, expr.offset or timedelta(0), _at(expr.at))


def _op(matcher: "promql_parser.Matcher") -> MatchOp:
    import promql_parser as promql

    if matcher.op == promql.MatchOp.Equal:
        return "="
    if matcher.op == promql.MatchOp.NotEqual:
        return "!="
    return "=~" if matcher.op == promql.MatchOp.Re else "!~"


def _at(at: "promql_parser.AtModifier | None") -> At:
    import promql_parser as promql

    if at is None:
        return None
    if at.at is not None:
        return at.at.timestamp()
    return "start" if at.type == promql.AtModifierType.Start else "end"


def _grouping(modifier: "promql_parser.AggModifier | None") -> Grouping | None:
    import promql_parser as promql

    if modifier is None:
        return None
    without = modifier.type == promql.AggModifierType.Without
    return Grouping(tuple(modifier.labels), without) if without or modifier.labels else None


def _binary(expr: "promql_parser.BinaryExpr", depth: int) -> Binary:
    left, right = _node(expr.lhs, depth + 1), _node(expr.rhs, depth + 1)
    modifier = expr.modifier
    if modifier is None:
        return Binary(str(expr.op), left, right)
    if modifier.fill_values.lhs is not None or modifier.fill_values.rhs is not None:
        raise QueryRefused("“fill” is experimental and not run here.", hint="Use “or” with a default instead.")
    return Binary(str(expr.op), left, right, modifier.return_bool, _matching(modifier))


def _matching(modifier: "promql_parser.BinModifier") -> Matching | None:
    import promql_parser as promql

    group: Literal["", "left", "right"] = ""
    if modifier.card == promql.VectorMatchCardinality.ManyToOne:
        group = "left"
    elif modifier.card == promql.VectorMatchCardinality.OneToMany:
        group = "right"
    if modifier.matching is None and not group:
        return None
    labels = tuple(modifier.matching.labels) if modifier.matching else ()
    ignoring = modifier.matching is None or modifier.matching.type == promql.LabelModifierType.Exclude
    return Matching(labels, ignoring, group, tuple(modifier.group_labels or ()))
