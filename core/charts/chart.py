"""A chart of series over time: at most ten lines and what the others span, on one scale, with gaps where nothing was measured."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from core.ports.telemetry import Series
from core.query.promql.quantity import Quantity
from core.telemetry.numbers import axis, told

MOST_LINES = 10
COLUMNS = 300
"""Stretches of time within which a line keeps its least and its greatest value: more, a picture does not show."""
_NAME = 34
"""Characters of a series' name."""
_LARGEST = 1e200
"""That can be drawn: differences of greater numbers are no numbers any more."""
_GAP = 1.8
"""Steps without a value, from which on a line is broken."""

Points = tuple[tuple[float, float | None], ...]
"""(seconds since the epoch, value on the chart's scale), in order of time; None breaks the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One series."""

    name: str
    points: Points
    last: str
    """Its last value, in words."""
    dashed: bool = False
    """Of another time, to compare with."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a moment."""

    at: float
    """Seconds since the epoch."""
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is to be drawn."""

    title: str
    unit: str
    """Of the axis; "" for plain numbers."""
    zone: str
    """IANA name: what the times on the axis are in."""
    start: float
    """Seconds since the epoch, as `end`."""
    end: float
    lines: tuple[Line, ...] = ()
    """Most important first."""
    band: tuple[tuple[float, float, float], ...] = ()
    """(time, least, greatest) of the series that have no line of their own."""
    others: int = 0
    """How many those are."""
    marks: tuple[Mark, ...] = ()
    kind: Literal["chart"] = "chart"


def chart(
    series: Sequence[tuple[str, Series]],
    *,
    title: str,
    quantity: Quantity,
    start: datetime,
    end: datetime,
    step: timedelta,
    zone: tzinfo,
    beside: Sequence[tuple[str, Series]] = (),
    marks: Sequence[Mark] = (),
) -> Chart:
    """`series`: named, most important first. `beside`: of another time, moved to this one; only where there is room for it."""
    drawn, rest = series[:MOST_LINES], series[MOST_LINES:]
    beside = beside if len(drawn) + len(beside) <= MOST_LINES else ()
    every = [value for _, one in (*drawn, *rest, *beside) for _, value in one.points if math.isfinite(value)]
    factor, unit = axis(quantity, max(map(abs, every), default=0.0))
    gap, columns = _GAP * step.total_seconds(), (end - start).total_seconds() / COLUMNS

    def line(name: str, one: Series, *, dashed: bool = False) -> Line:
        last = next((value for _, value in reversed(one.points) if math.isfinite(value)), math.nan)
        points = broken(thinned(_scaled(one.points, factor), columns), max(gap, 2 * columns))
        return Line(shortened(name), points, told(last, quantity), dashed)

    return Chart(
        title,
        unit,
        str(zone),
        start.timestamp(),
        end.timestamp(),
        (*(line(*pair) for pair in drawn), *(line(*pair, dashed=True) for pair in beside)),
        _band([_scaled(one.points, factor) for _, one in rest]),
        len(rest),
        tuple(mark for mark in marks if start.timestamp() <= mark.at <= end.timestamp()),
    )


def thinned(points: Sequence[tuple[float, float | None]], column: float) -> Points:
    """At most the first, the least, the greatest and the last of each stretch of `column` seconds, so that no spike disappears."""
    if column <= 0 or len(points) <= COLUMNS:
        return tuple(points)
    kept: list[tuple[float, float | None]] = []
    group: list[tuple[float, float | None]] = []
    for point in points:
        if group and (point[0] // column != group[0][0] // column):
            kept += _extremes(group)
            group = []
        group.append(point)
    return (*kept, *_extremes(group))


def broken(points: Points, gap: float) -> Points:
    """With a break where more than `gap` seconds have no value."""
    made: list[tuple[float, float | None]] = []
    for at, value in points:
        if made and at - made[-1][0] > gap:
            made.append((made[-1][0] + gap / 2, None))
        made.append((at, value))
    return tuple(made)


def shortened(name: str) -> str:
    """A long name, cut in the middle: its beginning and its end tell it apart."""
    name = " ".join(name.split())
    if len(name) <= _NAME:
        return name
    half = (_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _extremes(group: Sequence[tuple[float, float | None]]) -> Iterable[tuple[float, float | None]]:
    values = [(value, n) for n, (_, value) in enumerate(group) if value is not None]
    places = {0, len(group) - 1} | ({min(values)[1], max(values)[1]} if values else set())
    return (group[n] for n in sorted(places))


def _scaled(points: Iterable[tuple[float, float]], factor: float) -> list[tuple[float, float | None]]:
    made: list[tuple[float, float | None]] = []
    for at, value in points:
        scaled = value * factor
        made.append((at, scaled if abs(scaled) <= _LARGEST else None))
    return made


def _band(series: Sequence[Sequence[tuple[float, float | None]]]) -> tuple[tuple[float, float, float], ...]:
    values: dict[float, list[float]] = {}
    for points in series:
        for at, value in points:
            if value is not None:
                values.setdefault(at, []).append(value)
    return tuple((at, min(those), max(those)) for at, those in sorted(values.items()))
