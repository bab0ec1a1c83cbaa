"""Answers that are kept: asked once, shared, given when there is no other, and never beyond their bounds."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import UpstreamRejected, UpstreamUnavailable
from core.ports.telemetry import Measured, Series
from core.query.catalogue import Backend
from core.telemetry.kept import FRESH, STALE, Kept, KeptMetrics

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
STEP = timedelta(minutes=1)


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

    async def backend(self, names: object = ()) -> Backend:
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
        self.kept = Kept(self.clock, self.looks.append, most=most)
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
