"""In which unit the numbers of a TraceQL metric are."""

from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.query.traceql.model import Expression, Filter, Intrinsic, Query
from core.query.traceql.model import Quantity as Literal

_COUNTS = ("count_over_time", "histogram_over_time", "compare")
_DURATIONS = ("duration", "span:duration", "traceDuration", "trace:duration", "timeSinceStart", "event:timeSinceStart")


def quantity(query: Query) -> Quantity:
    """Durations are in seconds; of an attribute nobody knows the unit."""
    if query.metric is None or query.metric.function in _COUNTS:
        return Quantity(Unit.COUNT)
    if query.metric.function == "rate":
        return Quantity(Unit.PER_SECOND)
    measured = [one for one in query.metric.arguments if not isinstance(one, Filter | Literal)]
    return Quantity(Unit.SECONDS if any(map(_is_duration, measured)) else None)


def _is_duration(expr: Expression) -> bool:
    return isinstance(expr, Intrinsic) and expr.name in _DURATIONS
