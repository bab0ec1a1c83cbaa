"""What of TraceQL Jaeger can be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.query.traceql.model import (
    Attribute,
    Expression,
    Filter,
    Intrinsic,
    Keyword,
    Operation,
    Quantity,
    Select,
    Text,
    conjuncts,
)
from core.query.traceql.printer import expression
from core.query.traceql.reader import read
from core.query.translation import QueryRefused

_HINT = (
    "Jaeger finds spans of one service by their name, duration, failure and tags: "
    '{ resource.service.name = "checkout" && duration > 500ms && status = error }. For the rest it takes a Tempo.'
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search is told."""

    service: str = ""
    operation: str = ""
    least: str = ""
    """Duration of a span, as Go writes it."""
    most: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    trace: str = ""
    """Id of a trace: nothing else is asked then."""


def asked(query: str) -> Asked:
    """
    Raises:
        QueryRefused: Jaeger cannot tell.
    """
    tree = read(query)
    spanset, *rest = tree.pipeline.stages
    if tree.metric or not isinstance(spanset, Filter) or any(not isinstance(stage, Select) for stage in rest):
        raise QueryRefused("Jaeger cannot be asked for structure, numbers or several spans at once.", hint=_HINT)
    made = Asked()
    for condition in conjuncts(spanset.condition):
        made = _with(made, condition)
    if not made.service and not made.trace:
        raise QueryRefused("Jaeger must be told a service.", hint=_HINT)
    return made


def _with(made: Asked, condition: Expression) -> Asked:
    match condition:
        case Operation("=", Attribute("resource", "service.name"), Text(value)) if not made.service:
            return replace(made, service=value)
        case Operation("=", Intrinsic("name" | "span:name"), Text(value)) if not made.operation:
            return replace(made, operation=value)
        case Operation("=", Intrinsic("trace:id"), Text(value)):
            return replace(made, trace=value)
        case Operation(">" | ">=", Intrinsic("duration" | "span:duration"), Quantity(text)) if not made.least:
            return replace(made, least=text)
        case Operation("<" | "<=", Intrinsic("duration" | "span:duration"), Quantity(text)) if not made.most:
            return replace(made, most=text)
        case Operation("=", Intrinsic("status" | "span:status"), Keyword("error")):
            return replace(made, tags={**made.tags, "error": "true"})
        case Operation("=", Attribute("span" | "resource" | "", name), Text(value)) if name != "service.name":
            return replace(made, tags={**made.tags, name: value})
        case Operation("=", Attribute("span" | "resource" | "", name), Quantity(text) | Keyword(text)) if text != "nil":
            return replace(made, tags={**made.tags, name: text})
        case _:
            raise QueryRefused(f"Jaeger cannot find spans by {expression(condition)}.", hint=_HINT)
