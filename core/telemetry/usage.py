"""Runs a question about calls of language models: what came together in a window, what in the one before, and in between."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from core.ports.telemetry import Measured
from core.ports.usage import Usage, UsageDimension, UsageMetric, UsageStore
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.query.usage.model import Totals
from core.telemetry.looks import Look
from core.telemetry.measuring import Found, Line
from core.together import together

USUAL: Final = timedelta(hours=24)
"""Where nobody names a time: what models cost is thought of by the day."""
_INTERVALS = (
    (timedelta(hours=3), timedelta(minutes=1)),
    (timedelta(hours=12), timedelta(minutes=5)),
    (timedelta(days=31), timedelta(hours=1)),
)
"""(up to this window, one value each …)."""
_LONGEST = timedelta(days=90)
"""That the store answers for at once."""
_MEANS = frozenset({UsageMetric.DURATION, UsageMetric.TTFT, UsageMetric.ERROR_RATE, UsageMetric.SUCCESS_RATE})
_MOSTS = frozenset({UsageMetric.USERS, UsageMetric.SESSIONS})
_UNITS: Mapping[UsageMetric, Unit] = {
    UsageMetric.COST: Unit.DOLLARS,
    UsageMetric.PROMPT_COST: Unit.DOLLARS,
    UsageMetric.COMPLETION_COST: Unit.DOLLARS,
    UsageMetric.DURATION: Unit.SECONDS,
    UsageMetric.TTFT: Unit.SECONDS,
    UsageMetric.ERROR_RATE: Unit.RATIO,
    UsageMetric.SUCCESS_RATE: Unit.RATIO,
}

_Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of it."""

    found: Found
    """Its lines have, instead of the last value, what came together in the window, and in the one before."""
    adds: bool
    """Whether lines add up to a whole."""
    others: tuple[str, ...] = ()
    """Where nothing fits: models, or providers, that had calls then."""

    @property
    def whole(self) -> float | None:
        """All lines together; None where they do not add up."""
        return math.fsum(line.now or 0.0 for line in self.found.lines) if self.adds else None


async def count(store: UsageStore, query: Totals, look: Look, now: datetime) -> Counted:
    """Ask for the window and the one before at once. UpstreamError, QueryRefused: as the store raises them."""
    end = look.end or now
    interval = next((step for longest, step in _INTERVALS if look.length <= longest), timedelta(days=1))
    start = _floor(end - look.length, interval)
    begin = _floor(start - look.length, interval) if 2 * look.length <= _LONGEST else start
    asked = [store.over(Usage(query.metric, interval, query.where, query.by), begin, end)]
    if query.metric in _MEANS:
        asked.append(store.over(Usage(UsageMetric.REQUESTS, interval, query.where, query.by), begin, end))
    whole, *weights = await together(*asked)
    weighed = _by_labels(weights[0]) if weights else {}
    lines = []
    for key, points in _by_labels(whole).items():
        here = [point for point in points if point[0] >= start.timestamp()]
        before = [point for point in points if point[0] < start.timestamp()]
        weight = dict(weighed.get(key, ()))
        if here:
            now_, then = _together(query.metric, here, weight), _together(query.metric, before, weight)
            lines.append(Line(dict(key), tuple(here), now_, then))
    quantity = Quantity(_UNITS.get(query.metric, Unit.COUNT))
    ordered = tuple(sorted(lines, key=lambda line: -line.rank))
    found = Found(look, start, end, interval, quantity, ordered, whole)
    others = await _others(store, query, start, end, interval) if not lines else ()
    return Counted(found, query.metric not in _MEANS | _MOSTS, others)


async def _others(
    store: UsageStore, query: Totals, start: datetime, end: datetime, interval: timedelta
) -> tuple[str, ...]:
    """A name that fits nothing is often one that is written otherwise."""
    named = next((one for one in (UsageDimension.MODEL, UsageDimension.PROVIDER) if one in query.where), None)
    if named is None:
        return ()
    found = await store.over(Usage(UsageMetric.REQUESTS, interval, {}, (named,)), start, end)
    return tuple(sorted({series.labels.get(str(named), "") for series in found.series} - {""}))


def _by_labels(found: Measured) -> dict[_Key, tuple[tuple[float, float], ...]]:
    return {tuple(sorted(series.labels.items())): series.points for series in found.series}


def _together(
    metric: UsageMetric, points: Sequence[tuple[float, float]], weights: Mapping[float, float]
) -> float | None:
    """Of one line: counts add up; a mean weighs each interval by its calls; of people that are counted by the interval, the most."""
    if not points:
        return None
    if metric in _MOSTS:
        return max(value for _, value in points)
    if metric not in _MEANS:
        return math.fsum(value for _, value in points)
    total = math.fsum(weights.get(at, 0.0) for at, _ in points)
    return math.fsum(value * weights.get(at, 0.0) for at, value in points) / total if total else None


def _floor(at: datetime, interval: timedelta) -> datetime:
    """Where the interval begins that this moment lies in."""
    size = round(interval.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // size * size, UTC)
