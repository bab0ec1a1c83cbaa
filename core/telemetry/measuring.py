"""Runs a look and tells what was found: each series at the end of its window, one window before, and in between."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from core.ports.telemetry import Measured, Series
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.telemetry.looks import Look
from core.together import together

GRID = timedelta(seconds=30)
"""Between the moments at which questions about now are asked."""
_COARSEST = timedelta(minutes=1)
"""The same where a long time is looked at."""


class Measures(Protocol):
    """What a look needs of a backend: metrics have it, and logs that are counted."""

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """As in `core.ports.telemetry`."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One series of an answer. Every number is one that the backend gave."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]
    """(seconds since the epoch, value) within the window."""
    now: float | None
    """At the end of the window; None where it had ended by then."""
    before: float | None
    """One window earlier; None where there was none."""

    @property
    def finite(self) -> list[float]:
        """The values that are numbers."""
        return [value for _, value in self.points if math.isfinite(value)]

    @property
    def rank(self) -> float:
        """Largest first, by its value at the end; without one, behind all others."""
        return -math.inf if self.now is None or math.isnan(self.now) else self.now


@dataclass(frozen=True, slots=True)
class Found:
    """What a look gave."""

    look: Look
    start: datetime
    end: datetime
    step: timedelta
    quantity: Quantity
    lines: tuple[Line, ...]
    """Largest at the end first."""
    whole: Measured
    """As the backend gave it: the window and the one before."""
    compared: Measured | None = None
    """The series of the time it is set beside, at their own times."""

    @property
    def names(self) -> tuple[str, ...]:
        """What tells each line apart, in their order; "" for an only one."""
        return naming([line.labels for line in self.lines])


async def measure(backend: Measures, look: Look, *, step: timedelta, now: datetime, quantity: Quantity) -> Found:
    """Ask for the window and the one before at once, and for what it is set beside.

    Raises:
        UpstreamError: the backend cannot answer.
    """
    end = look.end or grid(now, min(max(step, GRID), _COARSEST))
    points = max(1, math.floor(look.length / step))
    start = end - points * step
    asked = [backend.over(look.query, start - points * step, end, step)]
    if look.compared:
        asked.append(backend.over(look.query, start - look.compared, end - look.compared, step))
    whole, *beside = await together(*asked)
    # Half a step of room: what the backend gives as seconds may differ from ours in the last digits.
    room = step.total_seconds() / 2
    lines = [_line(series, start.timestamp(), end.timestamp(), room) for series in whole.series]
    ordered = sorted((line for line in lines if line.points), key=lambda line: -line.rank)
    return Found(look, start, end, step, quantity, tuple(ordered), whole, beside[0] if beside else None)


def grid(now: datetime, apart: timedelta = GRID) -> datetime:
    """The last half minute: who asks the same within it shares the answer."""
    return now - timedelta(seconds=now.timestamp() % apart.total_seconds())


def _line(series: Series, start: float, end: float, room: float) -> Line:
    points = tuple(point for point in series.points if point[0] >= start - room)
    return Line(series.labels, points, _near(series, end, room), _near(series, start, room))


def _near(series: Series, at: float, room: float) -> float | None:
    return next((value for moment, value in reversed(series.points) if abs(moment - at) < room), None)


def within(found: Found) -> Measured:
    """What the chart shows: the window alone, largest first."""
    return replace(found.whole, series=tuple(Series(line.labels, line.points) for line in found.lines))


def earlier(found: Found) -> Measured | None:
    """What the window is set beside, moved to its time."""
    if found.compared is None:
        return None
    moved = found.look.compared.total_seconds()
    series = (
        replace(one, points=tuple((at + moved, value) for at, value in one.points)) for one in found.compared.series
    )
    return replace(found.compared, series=tuple(series))


def naming(labels: list[Mapping[str, str]]) -> tuple[str, ...]:
    """What tells series apart: labels that all of them share are left out."""
    if not labels:
        return ()
    shared = set(labels[0].items()).intersection(*(one.items() for one in labels)) if len(labels) > 1 else set()
    return tuple(_joined({name: value for name, value in one.items() if (name, value) not in shared}) for one in labels)


def _joined(labels: Mapping[str, str]) -> str:
    named = {name: value for name, value in sorted(labels.items()) if name != "__name__"}
    if len(named) == 1:
        return next(iter(named.values()))
    return ", ".join(f"{name}={value}" for name, value in named.items())


COUNTED = Quantity(Unit.COUNT)
"""Of log lines."""
