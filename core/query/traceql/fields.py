"""The field that a person means by a name as it is written."""

from core.query.traceql import names
from core.query.traceql.model import Attribute, Intrinsic

_INTRINSICS = {
    **{
        name: Intrinsic(name)
        for name in (
            "duration", "name", "status", "kind", "statusMessage", "rootName", "rootServiceName", "traceDuration", "childCount", "nestedSetParent",
        )
    },
    "span.kind": names.KIND,
    "span.name": names.NAME,
    "span.duration": names.DURATION,
    "span.status": names.STATUS,
    "status.message": Intrinsic("statusMessage"),
    "span.statusMessage": Intrinsic("statusMessage"),
    "span.status.message": Intrinsic("statusMessage"),
    "trace.duration": names.TRACE_DURATION,
    "trace.id": Intrinsic("trace:id"),
    "root.service": Intrinsic("rootServiceName"),
    "root.name": Intrinsic("rootName"),
    "event.name": Intrinsic("event:name"),
}  # fmt: skip
"""What every span has, by the names that people give to it."""
_OF_EVENTS = ("exception.",)
"""How names begin that OpenTelemetry writes on events."""


def field_named(name: str) -> Attribute | Intrinsic:
    """The field that a person wrote: with its scope, as an intrinsic, or as an attribute of the resource, an event or the span."""
    if intrinsic := _INTRINSICS.get(name):
        return intrinsic
    scope, _, rest = name.partition(".")
    if rest and scope in ("span", "resource", "event", "link"):
        return Attribute(scope, rest)
    if name.startswith(_OF_EVENTS):
        return Attribute("event", name)
    return Attribute("resource" if name.startswith(names.RESOURCE_PREFIXES) else "span", name)
