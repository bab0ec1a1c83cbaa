"""Answers that are kept: asked once, shared, given when there is no other, and never beyond their bounds."""

import asyncio
import math
import random
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import UpstreamRejected, UpstreamUnavailable
from core.ports.telemetry import Measured, Series
from core.query.catalogue import Backend
from core.query.catalogue.backend import Known
from core.telemetry.kept import FRESH, STALE, Kept
from core.telemetry.kept_stores import KeptMetrics
from core.telemetry.shelves import Packing

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
STEP = timedelta(minutes=2)
"""Too large for chunks, which have tests of their own."""


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


class Store:
    """Metrics that answer how often they were asked; `error` is raised while it is set."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def backend(self, names: object = (), *, anew: bool = False) -> Backend:
        self.asked += 1
        if self.error:
            raise self.error
        return Backend({})

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        self.asked += 1
        await self.open.wait()
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return Measured((Series({}, tuple((float(n), float(self.asked)) for n in range(5))),))

    async def at(self, query: str, moment: datetime) -> Measured:
        return await self.over(query, moment, moment, STEP)

    async def rules(self) -> tuple[()]:
        return ()

    async def targets(self) -> tuple[()]:
        return ()


class Stage:
    def __init__(self, *, most: int = 1000) -> None:
        self.clock, self.store = Clock(), Store()
        self.looks: list[bool] = []
        self.kept = Kept(self.clock, lambda _, hit: self.looks.append(hit), most=most)
        self.metrics = KeptMetrics(self.store, self.kept)

    async def ask(self, query: str = "up") -> Measured:
        return await self.metrics.over(query, self.clock.time - 10 * STEP, self.clock.time, STEP)


async def test_the_same_question_is_asked_once_a_minute() -> None:
    stage = Stage()
    first = await stage.ask()
    assert await stage.ask() == first
    assert (stage.store.asked, stage.looks) == (1, [False, True])
    end = stage.clock.time
    stage.clock.time += FRESH
    assert await stage.metrics.over("up", end - 10 * STEP, end, STEP) != first
    await stage.ask("other")
    assert stage.store.asked == 3


async def test_several_who_ask_at_once_share_a_call_and_one_who_leaves_takes_nobody_with_them() -> None:
    stage = Stage()
    stage.store.open.clear()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(stage.ask()) for _ in range(5)]
        while not stage.store.asked:
            await asyncio.sleep(0)
        tasks[0].cancel()
        stage.store.open.set()
    found = {id(task.result()) for task in tasks[1:]}
    assert len(found) == 1
    assert stage.store.asked == 2, "the one that was cancelled, and one for all others"


async def test_an_error_is_everybodys() -> None:
    stage = Stage()
    stage.store.error = UpstreamUnavailable("prometheus", "away")
    found = await asyncio.gather(*(stage.ask() for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [UpstreamUnavailable] * 3


async def test_without_the_store_the_last_answer_is_given_with_its_age() -> None:
    stage = Stage()
    first = await stage.ask()
    await stage.metrics.backend(["up"])
    stage.store.error = UpstreamUnavailable("prometheus", "away")
    stage.clock.time += timedelta(hours=3)
    old = await stage.ask()
    assert (old.series, old.known_since) == (first.series, NOW)
    assert await stage.metrics.backend(["up"]) == Backend({})
    with pytest.raises(UpstreamUnavailable):
        await stage.metrics.over("up", NOW, NOW + 5 * STEP, STEP)
    stage.clock.time += STALE
    with pytest.raises(UpstreamUnavailable):
        await stage.ask()


async def test_an_old_answer_is_of_the_same_distance_from_now() -> None:
    stage = Stage()
    now = (await stage.metrics.at("up", NOW)).series
    hour_ago = (await stage.metrics.at("up", NOW - timedelta(hours=1))).series
    assert now != hour_ago
    stage.store.error = UpstreamUnavailable("prometheus", "away")
    stage.clock.time += timedelta(minutes=10, seconds=9)
    moment = stage.clock.time
    assert (await stage.metrics.at("up", moment)).series == now
    assert (await stage.metrics.at("up", moment - timedelta(hours=1))).series == hour_ago
    with pytest.raises(UpstreamUnavailable):
        await stage.metrics.at("up", moment - timedelta(days=1))


async def test_the_same_stretch_of_the_past_is_known_however_late_it_is_asked_for() -> None:
    stage = Stage()
    first = await stage.ask()
    end = stage.clock.time
    stage.store.error = UpstreamUnavailable("prometheus", "away")
    stage.clock.time += timedelta(hours=5)
    assert (await stage.metrics.over("up", end - 10 * STEP, end, STEP)).series == first.series


async def test_a_refusal_is_no_reason_for_an_old_answer() -> None:
    stage = Stage()
    await stage.ask()
    stage.store.error = UpstreamRejected("prometheus", "parse error")
    stage.clock.time += timedelta(hours=1)
    with pytest.raises(UpstreamRejected):
        await stage.ask()


async def test_no_more_is_kept_than_fits() -> None:
    stage = Stage(most=30)
    for number in range(10):
        await stage.ask(f"q{number}")
    asked = stage.store.asked
    await stage.ask("q9")
    assert stage.store.asked == asked
    await stage.ask("q0")
    assert stage.store.asked == asked + 1


class Wall:
    """A shelf; what lies on it can be looked at."""

    def __init__(self, level: str, *, sparing: bool = False) -> None:
        self.level, self.sparing = level, sparing
        self.lying: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        return self.lying.get(key)

    async def put(self, key: str, value: bytes) -> None:
        self.lying[key] = value


class Replicas:
    """Two processes that share a store and shelves."""

    def __init__(self) -> None:
        self.clock, self.store = Clock(), Store()
        self.near, self.far = Wall("redis"), Wall("sql", sparing=True)
        self.looks: list[tuple[str, bool]] = []
        self.first, self.second = self.process(), self.process()

    def process(self, source: str = "here") -> KeptMetrics:
        looks = lambda level, hit: self.looks.append((level, hit))  # noqa: E731
        return KeptMetrics(self.store, Kept(self.clock, looks, shelves=(self.near, self.far), source=source))


async def test_replicas_share_a_fresh_answer_and_only_what_is_looked_at_again_lasts() -> None:
    replicas = Replicas()
    end = replicas.clock.time
    given = await replicas.first.over("up", end - 10 * STEP, end, STEP)
    assert (len(replicas.near.lying), len(replicas.far.lying)) == (1, 0)
    replicas.looks.clear()
    assert await replicas.second.over("up", end - 10 * STEP, end, STEP) == given
    assert (replicas.store.asked, replicas.looks) == (1, [("process", False), ("redis", True)])
    assert not replicas.far.lying
    await replicas.second.over("up", end - 10 * STEP, end, STEP)
    assert len(replicas.far.lying) == 1


async def test_what_a_process_laid_by_is_told_after_a_restart_with_its_age_when_the_store_is_away() -> None:
    replicas = Replicas()
    end = replicas.clock.time
    for _ in range(2):
        await replicas.first.over("up", end - 10 * STEP, end, STEP)
    replicas.near.lying.clear()
    replicas.store.error = UpstreamUnavailable("prometheus", "away")
    replicas.clock.time += timedelta(hours=3)
    end = replicas.clock.time
    found = await replicas.second.over("up", end - 10 * STEP, end, STEP)
    assert found.known_since == NOW
    with pytest.raises(UpstreamUnavailable):
        await replicas.process("another store").over("up", end - 10 * STEP, end, STEP)


async def test_what_is_long_past_holds_for_a_day_unless_it_was_told_too_early() -> None:
    replicas = Replicas()
    end = replicas.clock.time - timedelta(hours=2)
    for _ in range(2):
        await replicas.first.over("up", end - 10 * STEP, end, STEP)
    replicas.clock.time += timedelta(hours=12)
    assert (await replicas.process().over("up", end - 10 * STEP, end, STEP)).known_since is None
    assert replicas.store.asked == 1
    early = replicas.clock.time - timedelta(minutes=1)
    await replicas.first.over("up", early - 10 * STEP, early, STEP)
    replicas.clock.time += timedelta(hours=5)
    await replicas.first.over("up", early - 10 * STEP, early, STEP)
    assert replicas.store.asked == 3, "late samples may have come since"


@pytest.mark.parametrize(
    "lying", [b"", b"x\x9c", zlib.compress(b"[]"), zlib.compress(b'{"question": "", "at": "x", "value": {}}')]
)
async def test_what_another_version_laid_there_is_asked_again(lying: bytes) -> None:
    replicas = Replicas()
    end = replicas.clock.time
    await replicas.first.over("up", end - 10 * STEP, end, STEP)
    for key in replicas.near.lying:
        replicas.near.lying[key] = lying
    assert (await replicas.second.over("up", end - 10 * STEP, end, STEP)).known_since is None
    assert replicas.store.asked == 2


async def test_an_answer_comes_back_from_a_shelf_as_it_was() -> None:
    points = ((1.5, math.nan), (2.0, math.inf), (3.25, -0.5))
    strange = Measured((Series({"pod": 'a"b\\', "x": "ü"}, points),), left_out=2, warnings=("half",))
    packed = Packing[Measured](Measured).pack(("over",), NOW, strange)
    assert packed is not None
    found = Packing[Measured](Measured).unpack(packed)
    assert found is not None
    assert repr(found.value) == repr(strange)
    backend = Backend({"up": Known("gauge", frozenset({"job"}), 3), "x": Known()}, {"job": frozenset({"a", "b"})})
    packed = Packing[Backend](Backend).pack(("backend",), NOW, backend)
    assert packed is not None
    again = Packing[Backend](Backend).unpack(packed)
    assert again is not None
    assert again.value == backend


def test_what_is_too_large_is_not_laid_by() -> None:
    chance = random.Random(7)
    huge = Measured((Series({}, tuple((float(n), chance.random()) for n in range(60_000))),))
    assert Packing[Measured](Measured).pack(("over",), NOW, huge) is None
