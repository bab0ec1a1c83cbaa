"""What holds the measurements of running systems."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.query.catalogue import Backend


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a graph."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]
    """(seconds since the epoch, value), in order of time; values in the metric's base unit, NaN and infinities included."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a query gave."""

    series: tuple[Series, ...]
    left_out: int = 0
    """Series beyond the limit that were not taken."""
    warnings: tuple[str, ...] = ()
    """What the backend said besides, for people: it may have answered from part of its data."""


class Metrics(Protocol):
    """A backend that answers PromQL. Raises UpstreamError and its kin."""

    async def backend(self, names: Collection[str] = ()) -> Backend:
        """Every metric there is; of those in `names` also how many series, their labels and the labels' values. Kept for a
        short while."""
        ...

    async def at(self, query: str, moment: datetime) -> Measured:
        """The value at one moment."""
        ...

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """Values from `start` to `end`, one each `step`."""
        ...
