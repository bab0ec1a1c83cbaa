"""Values over time in chunks that change no more: who asks the same a minute later asks the store for the newest ones only. The way of the query
front ends of Thanos, Cortex and Mimir; PromQL gives the same value for a moment whatever the range is that is asked for."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from core.ports.telemetry import Measured, Series
from core.telemetry.kept import Asking, Kept, points
from core.telemetry.shelves import Packing

MEASURED: Final = Packing[Measured](Measured)
_POINTS = 60
"""Of one chunk."""
_SETTLES = timedelta(minutes=10)
"""Late samples have come by then; Mimir's front end waits as long."""
_LARGEST_STEP = timedelta(minutes=1)
"""Of larger ones, two questions seldom hit the same moments."""
_EXACT = 1e-3
"""Seconds by which a moment may miss its place."""

Ask = Callable[[str, datetime, datetime, timedelta], Awaitable[Measured]]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Moments from `first` to `last`, both included, in seconds since the epoch."""

    first: float
    last: float


async def over(kept: Kept, ask: Ask, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
    """As `Metrics.over`, from what is kept as far as that goes; what is not is asked for at once. UpstreamError: the store cannot answer."""
    first, last, apart = start.timestamp(), end.timestamp(), step.total_seconds()
    if step > _LARGEST_STEP or "@" in query or not (_even(first, apart) and _even(last, apart)):
        return await ask(query, start, end, step)
    chunks = _chunks(first, last, apart)
    settled = [chunk for chunk in chunks if kept.age(_moment(chunk.last)) > _SETTLES]
    parts: list[Measured] = []
    for chunk in settled:
        known = await kept.peek(_asking(query, chunk, step))
        if known is None:
            break
        parts.append(known)
    begin = chunks[len(parts)].first if len(parts) < len(chunks) else None
    if begin is not None:
        rest = await ask(query, _moment(begin), end, step)
        if rest.left_out:
            # Which series were taken may differ from chunk to chunk.
            return await ask(query, start, end, step)
        if not rest.warnings:  # the store may have answered from part of its data
            for chunk in settled[len(parts) :]:
                if chunk.last <= last + _EXACT:
                    await kept.learn(_asking(query, chunk, step), _cut(rest, chunk))
        parts.append(rest)
    return _cut(_joined(parts), _Chunk(first, last))


def _chunks(first: float, last: float, apart: float) -> list[_Chunk]:
    """Those that hold the moments from `first` to `last`; every question with this step cuts at the same places."""
    length = _POINTS * apart
    numbers = range(int((first + _EXACT) // length), int((last + _EXACT) // length) + 1)
    return [_Chunk(number * length, (number + 1) * length - apart) for number in numbers]


def _asking(query: str, chunk: _Chunk, step: timedelta) -> Asking[Measured]:
    asked = ("chunk", query, chunk.first, step)
    return Asking(asked, asked, points, MEASURED, end=_moment(chunk.last), settles=_SETTLES)


def _joined(parts: Sequence[Measured]) -> Measured:
    """One after the other in time."""
    points: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for part in parts:
        for series in part.series:
            points.setdefault(tuple(sorted(series.labels.items())), []).extend(series.points)
    warnings = tuple(dict.fromkeys(warning for part in parts for warning in part.warnings))
    return Measured(tuple(Series(dict(labels), tuple(one)) for labels, one in points.items()), warnings=warnings)


def _cut(found: Measured, to: _Chunk) -> Measured:
    """What lies within."""
    within = (
        replace(series, points=tuple(one for one in series.points if to.first - _EXACT <= one[0] <= to.last + _EXACT))
        for series in found.series
    )
    return replace(found, series=tuple(series for series in within if series.points))


def _even(moment: float, apart: float) -> bool:
    over = moment % apart
    return min(over, apart - over) < _EXACT


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
