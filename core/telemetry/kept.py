"""Answers of stores of metrics, logs and traces that are kept: asked again while they are fresh they cost no call, several who ask the same
share one, and where the store does not answer, the last answer to the same question is given with its age.

They lie in this process; those that are packed lie on shelves besides, which replicas share and which outlive a restart."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar, cast

from core.errors import UpstreamError, UpstreamRejected
from core.ports.clock import Clock
from core.ports.telemetry import Measured
from core.telemetry.shelves import Packing, Shelf, digest

FRESH: Final = timedelta(minutes=1)
LISTED: Final = timedelta(hours=1)
"""How long it is believed which metrics there are, as long as nothing is refused for it."""
STALE: Final = timedelta(hours=24)
"""How old an answer may be that is given because there is no other."""
SETTLED: Final = timedelta(hours=1)
"""What is longer ago than this changes no more: stores take late samples and lines for minutes."""
_LAG = timedelta(minutes=5)
_SPARING = timedelta(minutes=10)
"""At least between two writes of kin answers to a sparing shelf."""
_MOST = 200_000
"""Points and lines that are kept in this process: some tens of megabytes."""

Counts = Callable[[str, bool], None]
"""Told of each look: the level, and whether it found something."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asking(Generic[T]):
    """One question, and how its answers are kept."""

    question: Hashable
    """Text, numbers, times and tuples of them."""
    kin: Hashable
    """Names those that differ from it only in when they are asked: the newest answer to one of them is given when there is no other."""
    weight: Callable[[T], int]
    """Points or lines."""
    packing: Packing[T] | None = None
    """None: it lies in this process only."""
    fresh: timedelta = FRESH
    """How long an answer about now holds."""
    end: datetime | None = None
    """Of the stretch of time that it is about; None: it is about now."""
    settles: timedelta = SETTLED
    """What ended longer ago than this changes no more."""


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any
    at: datetime
    weight: int
    asking: "Asking[Any]"


class _Abandoned(Exception):
    """Whoever asked for all has gone."""


class Kept:
    """Answers by question; bounded, the ones that were looked at longest ago go first."""

    def __init__(
        self, clock: Clock, counts: Counts, *, most: int = _MOST, shelves: Sequence[Shelf] = (), source: str = ""
    ) -> None:
        """`most`: points and lines in all. `shelves`: nearest first. `source`: what tells answers of these stores apart from those of
        others on the same shelves."""
        self._clock = clock
        self._counts = counts
        self._most = most
        self._shelves = shelves
        self._source = source
        self._weight = 0
        self._answers: OrderedDict[Hashable, _Answer] = OrderedDict()
        """By question."""
        self._newest: dict[Hashable, Hashable] = {}
        """Kin → the question that was answered last."""
        self._spared: dict[str, datetime] = {}
        """Key → when it was laid on the sparing shelves."""
        self._flights: dict[Hashable, asyncio.Future[Any]] = {}

    async def get(self, asking: Asking[T], ask: Callable[[], Awaitable[T]], aged: Callable[[T, datetime], T]) -> T:
        """The answer to a question. `ask`: the store; `aged`: an answer as an old one, from this moment. UpstreamError: there is none
        at all, or the question was refused."""
        known = self._fresh(asking)
        if known is not None:
            await self._lay_sparingly(asking, known)
            return cast("T", known.value)
        try:
            return cast("T", (await self._fly(asking, ask)).value)
        except UpstreamRejected:
            raise
        except UpstreamError:
            old = (
                self._answers.get(asking.question)
                or self._answers.get(self._newest.get(asking.kin))
                or await self._shelved(asking)
            )
            if old is None or self._clock.now() - old.at > STALE:
                raise
            return aged(cast("T", old.value), old.at)

    async def peek(self, asking: Asking[T]) -> T | None:
        """The answer as far as it is kept anywhere and holds; the store is not asked."""
        known = self._fresh(asking)
        if known is None:
            known = await self._found(asking)
        else:
            await self._lay_sparingly(asking, known)
        return None if known is None else cast("T", known.value)

    async def learn(self, asking: Asking[T], value: T) -> None:
        """Keep what the store just said in another answer."""
        await self._keep(asking, value)

    async def renew(self, asking: Asking[T], ask: Callable[[], Awaitable[T]]) -> T:
        """What the store says now, whatever was kept. UpstreamError: it does not answer."""
        return cast("T", (await self._keep(asking, await ask())).value)

    def age(self, end: datetime) -> timedelta:
        """How long ago a stretch of time ends."""
        return self._clock.now() - end

    def lag(self, end: datetime) -> int:
        """How long ago a stretch of time ends, in steps of five minutes: what tells apart questions that are asked again and again of
        now, of an hour ago, of last week."""
        return round(self.age(end) / _LAG)

    def _holds(self, at: datetime, asking: Asking[T]) -> bool:
        """Whether an answer that was given at this moment still holds."""
        return self._clock.now() - at < (STALE if _settled(asking, at) else asking.fresh)

    async def _fly(self, asking: Asking[T], ask: Callable[[], Awaitable[T]]) -> _Answer:
        while flight := self._flights.get(asking.question):
            try:
                return cast("_Answer", await asyncio.shield(flight))
            except _Abandoned:
                continue
        mine: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._flights[asking.question] = mine
        try:
            # From the nearest shelf that has it, else from the store.
            answer = await self._found(asking) or await self._keep(asking, await ask())
        except BaseException as error:
            mine.set_exception(error if isinstance(error, Exception) else _Abandoned())
            mine.exception()  # nobody else may have waited for it
            raise
        else:
            mine.set_result(answer)
            return answer
        finally:
            del self._flights[asking.question]

    def _fresh(self, asking: Asking[T]) -> _Answer | None:
        """Of this process."""
        known = self._answers.get(asking.question)
        fresh = known is not None and self._holds(known.at, asking)
        self._counts("process", fresh)
        if not fresh:
            return None
        self._answers.move_to_end(asking.question)
        return known

    async def _found(self, asking: Asking[T]) -> _Answer | None:
        """From the nearest shelf that has it."""
        for number, shelf in enumerate(self._shelves if asking.packing else ()):
            found = await self._look(shelf, asking, digest(asking.question))
            if found is not None and not self._holds(found.at, asking):
                found = None
            self._counts(shelf.level, found is not None)
            if found is not None:
                self._put(found)
                await self._lay(asking, found, [near for near in self._shelves[:number] if not near.sparing])
                return found
        return None

    async def _keep(self, asking: Asking[T], value: T) -> _Answer:
        answer = _Answer(value, self._clock.now(), max(1, asking.weight(value)), asking)
        self._put(answer)
        await self._lay(asking, answer, [shelf for shelf in self._shelves if not shelf.sparing])
        return answer

    # --- shelves ---------------------------------------------------------------------------------------

    def _key(self, asking: Asking[T]) -> str:
        """Kin share a place, which the newest has; what holds for long has its own."""
        return digest((self._source, asking.question if _settled(asking, self._clock.now()) else asking.kin))

    async def _look(self, shelf: Shelf, asking: Asking[T], of: str = "") -> _Answer | None:
        """What lies there for kin questions; `of`: for the one with this digest only."""
        packed = await shelf.get(self._key(asking)) if asking.packing else None
        # In a thread: an answer may have thousands of points.
        found = await asyncio.to_thread(asking.packing.unpack, packed, of=of) if asking.packing and packed else None
        return _Answer(found.value, found.at, max(1, asking.weight(found.value)), asking) if found else None

    async def _shelved(self, asking: Asking[T]) -> _Answer | None:
        """The newest that lies on any shelf."""
        found = [one for shelf in self._shelves if (one := await self._look(shelf, asking))]
        return max(found, key=lambda answer: answer.at, default=None)

    async def _lay(self, asking: Asking[T], answer: _Answer, shelves: Sequence[Shelf]) -> None:
        if asking.packing is None or not shelves:
            return
        packed = await asyncio.to_thread(asking.packing.pack, asking.question, answer.at, answer.value)
        if packed is not None:
            for shelf in shelves:
                await shelf.put(self._key(asking), packed)

    async def _lay_sparingly(self, asking: Asking[T], answer: _Answer) -> None:
        """Somebody looked again: worth keeping for longer."""
        shelves = [shelf for shelf in self._shelves if shelf.sparing]
        if asking.packing is None or not shelves:
            return
        now, key = self._clock.now(), self._key(asking)
        last = self._spared.get(key)
        if last is not None and now - last < _SPARING:
            return
        self._spared = {key: at for key, at in self._spared.items() if now - at < _SPARING} | {key: now}
        await self._lay(asking, answer, shelves)

    # --- this process ----------------------------------------------------------------------------------

    def _put(self, answer: _Answer) -> None:
        question, kin = answer.asking.question, answer.asking.kin
        before = self._newest.get(kin, question)
        if before in self._answers and not self._holds(self._answers[before].at, self._answers[before].asking):
            # Nobody asks this again: time has gone on.
            self._drop(before)
        if question in self._answers:
            self._drop(question)
        self._answers[question], self._newest[kin] = answer, question
        self._weight += answer.weight
        while self._weight > self._most and len(self._answers) > 1:
            self._drop(next(iter(self._answers)))

    def _drop(self, question: Hashable) -> None:
        gone = self._answers.pop(question)
        self._weight -= gone.weight
        if self._newest.get(gone.asking.kin) == question:
            del self._newest[gone.asking.kin]


def _settled(asking: Asking[T], at: datetime) -> bool:
    return asking.end is not None and at - asking.end > asking.settles


def aged(found: T, at: datetime) -> T:
    """An answer that says since when it is known."""
    return cast("T", replace(cast("Any", found), known_since=at))


def unaged(found: T, _at: datetime) -> T:
    """What there is changes slowly: an old list of it is as good."""
    return found


def points(found: Measured) -> int:
    """What values over time weigh."""
    return sum(len(series.points) for series in found.series)
