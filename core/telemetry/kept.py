"""Answers of stores of metrics, logs and traces, kept in this process: asked again within a minute they cost no call, several who ask the same share
one, and where the store does not answer, the last answer to the same question is given with its age."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar, cast

from core.errors import UpstreamError, UpstreamRejected
from core.ports.clock import Clock
from core.ports.telemetry import (
    Lines,
    Logs,
    Measured,
    Metrics,
    Rule,
    Tags,
    Target,
    Trace,
    Traces,
    TraceStore,
)
from core.query.catalogue import Backend

FRESH: Final = timedelta(minutes=1)
STALE: Final = timedelta(hours=24)
"""How old an answer may be that is given because there is no other."""
_LAG = timedelta(minutes=5)
_MOST = 200_000
"""Points and lines that are kept: some tens of megabytes."""

Counts = Callable[[bool], None]
"""Told of each look: whether it found something."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any
    at: datetime
    weight: int
    kin: Hashable


class _Abandoned(Exception):
    """Whoever asked for all has gone."""


class Kept:
    """Answers by question; bounded, the ones that were looked at longest ago go first."""

    def __init__(self, clock: Clock, counts: Counts, *, most: int = _MOST) -> None:
        """`most`: points and lines in all."""
        self._clock = clock
        self._counts = counts
        self._most = most
        self._weight = 0
        self._answers: OrderedDict[Hashable, _Answer] = OrderedDict()
        """By question."""
        self._newest: dict[Hashable, Hashable] = {}
        """Kin → the question that was answered last."""
        self._flights: dict[Hashable, asyncio.Future[Any]] = {}

    async def get(
        self,
        question: Hashable,
        kin: Hashable,
        ask: Callable[[], Awaitable[T]],
        *,
        weight: Callable[[T], int],
        aged: Callable[[T, datetime], T],
    ) -> T:
        """The answer to a question. `kin`: names those that differ from it only in when they are asked: the newest answer to one of
        them is given, `aged`, when there is no other. UpstreamError: there is none at all, or the question was refused."""
        known = self._answers.get(question)
        fresh = known is not None and self._clock.now() - known.at < FRESH
        self._counts(fresh)
        if known is not None and fresh:
            self._answers.move_to_end(question)
            return cast("T", known.value)
        try:
            value = await self._fly(question, ask)
        except UpstreamRejected:
            raise
        except UpstreamError:
            old = known or self._answers.get(self._newest.get(kin))
            if old is None or self._clock.now() - old.at > STALE:
                raise
            return aged(cast("T", old.value), old.at)
        self._put(question, _Answer(value, self._clock.now(), max(1, weight(value)), kin))
        return value

    def lag(self, end: datetime) -> int:
        """How long ago a stretch of time ends, in steps of five minutes: what tells apart questions that are asked again and again of
        now, of an hour ago, of last week."""
        return round((self._clock.now() - end) / _LAG)

    async def _fly(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        while flight := self._flights.get(question):
            try:
                return cast("T", await asyncio.shield(flight))
            except _Abandoned:
                continue
        mine: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._flights[question] = mine
        try:
            value = await ask()
        except BaseException as error:
            mine.set_exception(error if isinstance(error, Exception) else _Abandoned())
            mine.exception()  # nobody else may have waited for it
            raise
        else:
            mine.set_result(value)
            return value
        finally:
            del self._flights[question]

    def _put(self, question: Hashable, answer: _Answer) -> None:
        before = self._newest.get(answer.kin, question)
        if before in self._answers and answer.at - self._answers[before].at >= FRESH:
            # Nobody asks this again: time has gone on.
            self._drop(before)
        if question in self._answers:
            self._drop(question)
        self._answers[question], self._newest[answer.kin] = answer, question
        self._weight += answer.weight
        while self._weight > self._most and len(self._answers) > 1:
            self._drop(next(iter(self._answers)))

    def _drop(self, question: Hashable) -> None:
        gone = self._answers.pop(question)
        self._weight -= gone.weight
        if self._newest.get(gone.kin) == question:
            del self._newest[gone.kin]


class _Numbers(Protocol):
    """What stores have in common whose answers can be numbers over time."""

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured: ...


class _KeptNumbers:
    """Numbers over time. `of`: what is asked for them."""

    def __init__(self, of: str, inner: _Numbers, kept: Kept) -> None:
        self._of = of
        self._numbers = inner
        self._kept = kept

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """See `Metrics.over`."""
        return await self._kept.get(
            (self._of, query, start, end, step),
            (self._of, query, end - start, step, self._kept.lag(end)),
            lambda: self._numbers.over(query, start, end, step),
            weight=_points,
            aged=_measured_at,
        )


class _Values(_Numbers, Protocol):
    """What metrics and logs that are counted have in common besides."""

    async def at(self, query: str, moment: datetime) -> Measured: ...


class _KeptValues(_KeptNumbers):
    """And at one moment."""

    def __init__(self, of: str, inner: _Values, kept: Kept) -> None:
        super().__init__(of, inner, kept)
        self._values = inner

    async def at(self, query: str, moment: datetime) -> Measured:
        """See `Metrics.at`."""
        return await self._kept.get(
            (self._of, query, moment),
            (self._of, query, self._kept.lag(moment)),
            lambda: self._values.at(query, moment),
            weight=_points,
            aged=_measured_at,
        )


class KeptMetrics(_KeptValues):
    """Implements `core.ports.telemetry.Metrics` by another one."""

    def __init__(self, inner: Metrics, kept: Kept) -> None:
        super().__init__("metrics", inner, kept)
        self._inner = inner

    async def backend(self, names: Collection[str] = ()) -> Backend:
        """See `Metrics.backend`."""
        asked = ("backend", tuple(sorted(names)))
        return await self._kept.get(
            asked, asked, lambda: self._inner.backend(names), weight=lambda found: len(found.metrics), aged=_as_it_is
        )

    async def rules(self) -> tuple[Rule, ...]:
        """See `Metrics.rules`. Never an old answer: what fires now is what it is about."""
        return await self._inner.rules()

    async def targets(self) -> tuple[Target, ...]:
        """See `Metrics.targets`. Never an old answer."""
        return await self._inner.targets()


class KeptLogs(_KeptValues):
    """Implements `core.ports.telemetry.Logs` by another one."""

    def __init__(self, inner: Logs, kept: Kept) -> None:
        super().__init__("logs", inner, kept)
        self._inner = inner

    async def labels(self) -> Mapping[str, frozenset[str]]:
        """See `Logs.labels`."""
        return await self._kept.get("labels", "labels", self._inner.labels, weight=len, aged=_as_it_is)

    async def lines(self, query: str, start: datetime, end: datetime, *, limit: int = 1000) -> Lines:
        """See `Logs.lines`."""
        return await self._kept.get(
            ("lines", query, start, end, limit),
            ("lines", query, end - start, limit, self._kept.lag(end)),
            lambda: self._inner.lines(query, start, end, limit=limit),
            weight=lambda found: len(found.lines),
            aged=lambda found, at: replace(found, known_since=at),
        )


class KeptTraces(_KeptNumbers):
    """Implements `core.ports.telemetry.TraceStore` by another one."""

    def __init__(self, inner: TraceStore, kept: Kept) -> None:
        super().__init__("traces", inner, kept)
        self._inner = inner

    async def tags(self) -> Tags:
        """See `TraceStore.tags`."""
        return await self._kept.get(
            "tags", "tags", self._inner.tags, weight=lambda found: len(found.operations), aged=_as_it_is
        )

    async def search(self, query: str, start: datetime, end: datetime, *, limit: int = 20) -> Traces:
        """See `TraceStore.search`."""
        return await self._kept.get(
            ("search", query, start, end, limit),
            ("search", query, end - start, limit, self._kept.lag(end)),
            lambda: self._inner.search(query, start, end, limit=limit),
            weight=lambda found: len(found.traces),
            aged=lambda found, at: replace(found, known_since=at),
        )

    async def trace(self, id_: str) -> Trace | None:
        """See `TraceStore.trace`."""
        return await self._kept.get(
            ("trace", id_),
            ("trace", id_),
            lambda: self._inner.trace(id_),
            weight=lambda found: len(found.spans) if found else 1,
            aged=lambda found, at: replace(found, known_since=at) if found else None,
        )


def _points(found: Measured) -> int:
    return sum(len(series.points) for series in found.series)


def _measured_at(found: Measured, at: datetime) -> Measured:
    return replace(found, known_since=at)


def _as_it_is(found: T, _at: datetime) -> T:
    """What there is changes slowly: an old list of it is as good."""
    return found
