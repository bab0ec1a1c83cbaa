"""What may be compared with what: Tempo refuses the rest when it reads a query."""

from core.query.traceql.model import (
    COMPARISONS,
    LOGIC,
    Attribute,
    Expression,
    Intrinsic,
    Keyword,
    Operation,
    Quantity,
    Text,
    Unary,
)
from core.query.translation import QueryRefused

_STATUSES = frozenset({"ok", "error", "unset"})
_KINDS = frozenset({"unspecified", "internal", "server", "client", "producer", "consumer"})
_TEXTS = frozenset(
    {
        "name",
        "statusMessage",
        "rootName",
        "rootServiceName",
        "rootService",
        "id",
        "parentID",
        "spanID",
        "traceID",
        "version",
    }
)
_NUMBERS = frozenset(
    {"duration", "traceDuration", "timeSinceStart", "childCount", "nestedSetLeft", "nestedSetRight", "nestedSetParent"}
)
_ORDERED = frozenset({">", ">=", "<", "<="})
_PATTERNS = frozenset({"=~", "!~"})


def check_condition(expr: Expression) -> None:
    """
    Raises:
        QueryRefused: the condition is none, or compares what cannot be compared.
    """
    if _type(expr) not in ("boolean", "any"):
        raise QueryRefused("What stands in { } must be true or false of a span.", hint="Compare it: { duration > 1s }.")


def _type(expr: Expression) -> str:
    match expr:
        case Attribute():
            return "any"
        case Intrinsic(name=name):
            return _of_intrinsic(name)
        case Text():
            return "text"
        case Quantity():
            return "number"
        case Keyword(text=text):
            return (
                "status" if text in _STATUSES else "kind" if text in _KINDS else "any" if text == "nil" else "boolean"
            )
        case Unary(op=op, expr=inner):
            wanted = "boolean" if op == "!" else "number"
            if _type(inner) not in (wanted, "any"):
                raise QueryRefused(f"“{op}” does not fit before a {_type(inner)}.")
            return wanted
        case Operation():
            return _of_operation(expr)


def _of_intrinsic(name: str) -> str:
    plain = name.rpartition(":")[2]
    if plain in _TEXTS or name in ("event:name", "instrumentation:name"):
        return "text"
    if plain in _NUMBERS:
        return "number"
    return {"status": "status", "kind": "kind"}.get(plain, "any")


def _of_operation(expr: Operation) -> str:
    left, right = _type(expr.left), _type(expr.right)
    if expr.op in LOGIC:
        wanted: frozenset[str] = frozenset({"boolean", "any"})
        if not {left, right} <= wanted:
            raise QueryRefused(f"“{expr.op}” joins conditions.", hint="Compare each side: { a = 1 && b = 2 }.")
        return "boolean"
    if expr.op not in COMPARISONS:
        if not {left, right} <= {"number", "any"}:
            raise QueryRefused(f"“{expr.op}” takes numbers.")
        return "number"
    if "any" not in (left, right) and left != right:
        raise QueryRefused(f"A {left} cannot be compared with a {right}.", hint=_hint(left, right))
    if expr.op in _ORDERED and {left, right} & {"status", "kind", "boolean"}:
        raise QueryRefused(f"“{expr.op}” does not fit a {left}.", hint="Use = or !=.")
    if expr.op in _PATTERNS and not isinstance(expr.right, Text):
        raise QueryRefused(f"“{expr.op}” takes a pattern in quotes.")
    return "boolean"


def _hint(left: str, right: str) -> str:
    if "status" in (left, right):
        return "The status of a span is error, ok or unset, without quotes; HTTP has span.http.status_code."
    return (
        "Kinds are server, client, producer, consumer and internal, without quotes." if "kind" in (left, right) else ""
    )
