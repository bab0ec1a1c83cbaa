"""The slowest traces that a query finds, of a store that gives the first it comes upon."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.ports.telemetry import Traces, TraceStore, TraceSummary
from core.query import running
from core.query.translation import QueryRefused

_AT_ONCE = 100
"""Traces that one search reads."""
_ROUNDS = 4
"""Searches at most."""


@dataclass(frozen=True, slots=True)
class Slowest:
    """What the searches gave."""

    traces: tuple[TraceSummary, ...]
    """The slowest first."""
    many: bool = False
    """There are more than were read."""
    certain: bool = True
    """None of those is slower than what was read."""
    known_since: datetime | None = None
    """As in `Measured`."""


async def slowest(store: TraceStore, query: str, end: datetime, length: timedelta, *, wanted: int = 8) -> Slowest:
    """Search; where the search stopped early, search again for what is slower than the `wanted` slowest that are known, until nothing
    is. UpstreamError, QueryRefused: as the store raises them."""
    found = await store.search(query, end - length, end, limit=_AT_ONCE)
    known = {one.id: one for one in found.traces}
    latest = found
    for _ in range(_ROUNDS - 1):
        if not latest.truncated:
            break
        ranked = _ranked(known)
        narrowed = running.slower(query, ranked[min(wanted, len(ranked)) - 1].duration)
        further = await _search(store, narrowed, end, length) if narrowed else None
        if further is None:
            break
        latest = further
        known |= {one.id: one for one in latest.traces}
    return Slowest(tuple(_ranked(known)), found.truncated, not latest.truncated, found.known_since)


async def _search(store: TraceStore, query: str, end: datetime, length: timedelta) -> Traces | None:
    try:
        return await store.search(query, end - length, end, limit=_AT_ONCE)
    except QueryRefused:
        return None  # a store that cannot be asked for it: Jaeger


def _ranked(known: dict[str, TraceSummary]) -> list[TraceSummary]:
    return sorted(known.values(), key=lambda one: (-one.duration, one.start, one.id))
