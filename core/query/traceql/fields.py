"""The field that a person means by a name as it is written."""

from core.query.traceql import names
from core.query.traceql.model import Attribute, Intrinsic


def field_named(name: str) -> Attribute | Intrinsic:
    """The field that a person wrote: with its scope, as an intrinsic, or as an attribute of the resource or the span."""
    scope, _, rest = name.partition(".")
    if rest and scope in ("span", "resource", "event", "link"):
        return Attribute(scope, rest)
    if name in ("duration", "name", "status", "kind", "statusMessage", "rootName", "rootServiceName", "traceDuration"):
        return Intrinsic(name)
    return Attribute("resource" if name.startswith(names.RESOURCE_PREFIXES) else "span", name)
