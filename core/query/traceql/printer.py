"""Prints TraceQL. Every name and string of the model is checked or quoted here, so nothing that a person typed becomes syntax."""

import re

from core.query.literals import quoted
from core.query.traceql.model import (
    COMPARISONS,
    LOGIC,
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
    Scalar,
    ScalarFilter,
    ScalarOperation,
    Select,
    Stage,
    Text,
    Unary,
)

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.:/@-]*")
_QUANTITY = re.compile(r"-?(?:[0-9][0-9A-Za-z.µ]*|\.[0-9]+)")
_RANKS = {**dict.fromkeys(LOGIC, 1), **dict.fromkeys(COMPARISONS, 2), "+": 3, "-": 3, "*": 5, "/": 5, "%": 5, "^": 6}
_UNARY = 4
_ATOM = 9


def show(query: Query) -> str:
    """The query as text, in one line."""
    parts = [_stages(query.pipeline)]
    if query.metric:
        parts.append(_metric(query.metric))
    text = " | ".join(parts)
    for cut in query.cuts:
        text += f" | {cut.function}({_quantity(cut.count)})" if isinstance(cut, Cut) else _limit(cut)
    if query.hints:
        text += f" with ({', '.join(f'{name}={expression(value)}' for name, value in query.hints)})"
    return text


def expression(expr: Expression) -> str:
    """A field, a value or a condition as text."""
    match expr:
        case Attribute(scope=scope, name=name):
            return f"{scope}.{_name(name)}"
        case Intrinsic(name=name) | Keyword(text=name):
            return name
        case Text(value=value):
            return quoted(value)
        case Quantity(text=text):
            return _quantity(text)
        case Operation(op=op, left=left, right=right):
            rank = _RANKS[op]
            return f"{_inside(left, rank + (op == '^'))} {op} {_inside(right, rank + (op != '^'))}"
        case Unary(op=op, expr=inner):
            return f"{op}{_inside(inner, _UNARY + 1)}"


def _stages(pipeline: Pipeline) -> str:
    return " | ".join(map(_stage, pipeline.stages))


def _stage(stage: Stage) -> str:
    match stage:
        case Filter(condition=condition):
            return "{ }" if condition is None else f"{{ {expression(condition)} }}"
        case Combined(op=op, left=left, right=right):
            rank = 1 if op in LOGIC else 2
            return f"{_beside(left, rank)} {op} {_beside(right, rank + 1)}"
        case Pipeline():
            return f"({_stages(stage)})"
        case ScalarFilter(op=op, left=left, right=right):
            return f"{_scalar(left, 1)} {op} {_scalar(right, 1)}"
        case By(expr=expr):
            return f"by({expression(expr)})"
        case Coalesce():
            return "coalesce()"
        case Select(fields=fields):
            return f"select({', '.join(map(expression, fields))})"


def _beside(part: Stage, rank: int) -> str:
    own = (1 if part.op in LOGIC else 2) if isinstance(part, Combined) else _ATOM
    return _stage(part) if own >= rank else f"({_stage(part)})"


def _scalar(scalar: Scalar, rank: int) -> str:
    match scalar:
        case Aggregate(function=function, expr=expr):
            return f"{function}({'' if expr is None else expression(expr)})"
        case Quantity(text=text):
            return _quantity(text)
        case Piped(pipeline=pipeline, scalar=inner):
            return f"({_stages(pipeline)} | {_scalar(inner, 1)})"
        case ScalarOperation(op=op, left=left, right=right):
            own = _RANKS[op]
            text = f"{_scalar(left, own + (op == '^'))} {op} {_scalar(right, own + (op != '^'))}"
            return text if own >= rank else f"({text})"


def _metric(metric: Metric) -> str:
    arguments = ", ".join(_stage(one) if isinstance(one, Filter) else expression(one) for one in metric.arguments)
    by = f" by ({', '.join(map(expression, metric.by))})" if metric.by else ""
    return f"{metric.function}({arguments}){by}"


def _limit(limit: Limit) -> str:
    return f" {limit.op} {_quantity(limit.value.text)}"


def _inside(expr: Expression, rank: int) -> str:
    own = _RANKS[expr.op] if isinstance(expr, Operation) else _UNARY if isinstance(expr, Unary) else _ATOM
    if isinstance(expr, Quantity) and expr.text.startswith("-"):
        own = _UNARY
    return expression(expr) if own >= rank else f"({expression(expr)})"


def _name(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return name
    if not name or not name.isprintable():
        raise ValueError(f"{name!r} is no attribute")
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _quantity(text: str) -> str:
    if not _QUANTITY.fullmatch(text):
        raise ValueError(f"{text!r} is no number or duration")
    return text
