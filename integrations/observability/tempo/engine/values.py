"""What an expression of TraceQL is for one span (https://grafana.com/docs/tempo/latest/traceql/construct-traceql-queries/)."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.query.literals import seconds
from core.query.traceql.model import (
    Attribute,
    Expression,
    Intrinsic,
    Keyword,
    Operation,
    Quantity,
    Text,
    Unary,
)
from integrations.observability.tempo.engine.spans import SECOND, StoredSpan, StoredTrace, TraceQueryError, Value

Found = Value | None
"""None: the span has no such attribute, which is TraceQL's nil."""
_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "^": operator.pow,
}
"""Of numbers."""
_DURATION = re.compile(r"[a-zµ]$")


@dataclass(frozen=True, slots=True)
class Place:
    """A span within its trace."""

    span: StoredSpan
    trace: StoredTrace
    by_id: Mapping[str, StoredSpan]


def value(expr: Expression, place: Place) -> Found:
    """The value; for a condition True or False."""
    match expr:
        case Text(value=text):
            return text
        case Quantity(text=text):
            return number(text)
        case Keyword(text=text):
            return {"nil": None, "true": True, "false": False}.get(text, text)
        case Attribute():
            return _attribute(expr, place)
        case Intrinsic(name=name):
            return intrinsic(name, place)
        case Unary(op="!", expr=inner):
            return not _is_true(value(inner, place))
        case Unary(expr=inner):
            found = value(inner, place)
            return -found if isinstance(found, int | float) else None
        case Operation():
            return _operation(expr, place)


def holds(expr: Expression | None, place: Place) -> bool:
    """Whether a span fits a condition; every span fits none."""
    return expr is None or _is_true(value(expr, place))


@lru_cache(1024)
def number(text: str) -> float:
    """Of a number; of a duration its seconds."""
    if _DURATION.search(text):
        negative = text.startswith("-")
        return -seconds(text[1:]) if negative else seconds(text)
    return float(text)


def intrinsic(name: str, place: Place) -> Found:
    """What every span has. Durations are in seconds."""
    span, trace = place.span, place.trace
    root = trace.root
    match name:
        case "duration" | "span:duration":
            return span.duration / SECOND
        case "name" | "span:name":
            return span.name
        case "status" | "span:status":
            return span.status
        case "statusMessage" | "span:statusMessage":
            return span.message
        case "kind" | "span:kind":
            return span.kind
        case "span:id":
            return span.id
        case "span:parentID":
            return span.parent
        case "childCount" | "span:childCount":
            return sum(other.parent == span.id for other in trace.spans)
        case "nestedSetParent":
            return -1 if span is root else 1  # of others only that they have one
        case "traceDuration" | "trace:duration":
            return (trace.end - trace.start) / SECOND
        case "rootName" | "trace:rootName":
            return root.name
        case "rootServiceName" | "trace:rootService":
            return root.service
        case "trace:id":
            return trace.id
        case "event:name":
            return span.events[0].name if span.events else None
        case _:
            raise TraceQueryError(f"intrinsic {name} is not supported here")


def _attribute(attribute: Attribute, place: Place) -> Found:
    scope, name = attribute.scope, attribute.name
    if scope.startswith("parent"):
        parent = place.by_id.get(place.span.parent)
        if parent is None:
            return None
        inner = Attribute(scope.removeprefix("parent").removeprefix("."), name)
        return _attribute(inner, Place(parent, place.trace, place.by_id))
    span = place.span
    if scope == "resource":
        return span.resource.get(name)
    if scope == "span":
        return span.attributes.get(name)
    if scope == "event":
        return next((event.attributes[name] for event in span.events if name in event.attributes), None)
    if scope == "":
        return span.attributes.get(name, span.resource.get(name))
    return None


def _operation(expr: Operation, place: Place) -> Found:
    if expr.op == "&&":
        return _is_true(value(expr.left, place)) and _is_true(value(expr.right, place))
    if expr.op == "||":
        return _is_true(value(expr.left, place)) or _is_true(value(expr.right, place))
    left, right = value(expr.left, place), value(expr.right, place)
    if expr.op in ARITHMETIC:
        if not (_is_number(left) and _is_number(right)) or (expr.op in "/%" and right == 0):
            return None
        return ARITHMETIC[expr.op](float(left or 0), float(right or 0))
    return compare(expr.op, left, right)


def compare(op: str, left: Found, right: Found) -> bool:
    """Whether a comparison holds. Values of different types compare to nothing, not even as unequal; with nil, what is not there is equal."""
    if left is None or right is None:
        return (op == "=" and left is right) or (op == "!=" and right is None and left is not None)
    if op in ("=~", "!~"):
        if not isinstance(left, str) or not isinstance(right, str):
            return False
        return bool(_pattern(right).fullmatch(left)) == (op == "=~")
    if not _alike(left, right):
        return False
    if op in _ORDER:
        return _is_number(left) and _ORDER[op](float(left), float(right))
    return (left == right) == (op == "=")


def _alike(left: Value, right: Value) -> bool:
    return (_is_number(left) and _is_number(right)) or type(left) is type(right)


def _is_number(found: Found) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)


def _is_true(found: Found) -> bool:
    """An attribute by itself stands for itself being true."""
    return found is True


@lru_cache(256)
def _pattern(text: str) -> re.Pattern[str]:
    """TraceQL's patterns are anchored."""
    try:
        return re.compile(text)
    except re.error as error:
        raise TraceQueryError(f"invalid regex {text!r}: {error}") from error
