"""A trace as a picture: its spans as bars beneath one another, those marked that it was waited for."""

from dataclasses import dataclass
from typing import Literal

from core.charts.critical import critical_path
from core.charts.tree import tree
from core.ports.telemetry import Span, Trace
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.telemetry.numbers import told

MOST_BARS = 24
_SECONDS = Quantity(Unit.SECONDS)


@dataclass(frozen=True, slots=True)
class Bar:
    """One span."""

    service: str
    name: str
    depth: int
    start: float
    """Seconds since the start of the trace."""
    seconds: float
    duration: str
    """In words."""
    failed: bool = False
    waited: tuple[tuple[float, float], ...] = ()
    """(start, end) of what was waited for within it, in seconds since the start of the trace."""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """What is to be drawn."""

    title: str
    total: float
    """Seconds from the first start to the last end."""
    bars: tuple[Bar, ...]
    """From top to bottom."""
    left_out: int = 0
    """Spans that were too many."""
    kind: Literal["waterfall"] = "waterfall"


def waterfall(trace: Trace, title: str) -> Waterfall:
    """At most `MOST_BARS` bars: those on the critical path, failed ones and the longest, with all that is above them."""
    found = tree(trace)
    rows = found.walk()
    if not rows:
        return Waterfall(title, 0.0, ())
    first = min(span.start for span, _ in rows)
    last = max(span.start + span.duration for span, _ in rows)
    waited: dict[str, list[tuple[float, float]]] = {}
    for stretch in critical_path(trace):
        waited.setdefault(stretch.span.id, []).append((stretch.start - first, stretch.end - first))
    kept = _kept([span for span, _ in rows], frozenset(waited))
    bars = tuple(
        Bar(
            span.service,
            span.name,
            depth,
            span.start - first,
            span.duration,
            told(span.duration, _SECONDS),
            span.failed,
            tuple(waited.get(span.id, ())),
        )
        for span, depth in rows
        if span.id in kept
    )
    return Waterfall(title, last - first, bars, len(rows) - len(bars))


def _kept(spans: list[Span], path: frozenset[str]) -> frozenset[str]:
    """Ids of what is drawn."""
    if len(spans) <= MOST_BARS:
        return frozenset(span.id for span in spans)
    by_id = {span.id: span for span in spans}
    kept: set[str] = set()
    for span in sorted(spans, key=lambda one: (not (one.id in path or one.failed), -one.duration)):
        above: list[str] = []
        one: Span | None = span
        while one is not None and one.id not in kept and one.id not in above:
            above.append(one.id)
            one = by_id.get(one.parent)
        if len(kept) + len(above) <= MOST_BARS:
            kept.update(above)
    return frozenset(kept)
