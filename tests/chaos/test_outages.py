"""A replica, Redis, NATS or PostgreSQL dies while people ask: `/ready` tells, nothing is lost or doubled, and it mends itself."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.bootstrap import Bot
from storage.engine import records_at
from tests.chaos.life import SHORT, Fate, Life
from tests.chaos.play import left
from tests.chaos.replicas import answered_once, ask_steadily, ready, redelivered, scaled_workspace, settled, started
from tests.conftest import Databases
from tests.flows.world import World, until
from tests.servers import ProcessServer, Server

STAGING = "run deploy service=checkout environment=staging"
ENOUGH = 10
"""Questions before, during and after an outage."""


@pytest.fixture
async def world(tmp_path: Path, postgres: Databases, nats: ProcessServer, redis: ProcessServer) -> AsyncIterator[World]:
    """The workspace; the test starts the replicas."""
    async with scaled_workspace(tmp_path, postgres, nats, redis) as made:
        yield made


@asynccontextmanager
async def asking(world: World) -> AsyncIterator[list[str]]:
    """Somebody asks all the time; the questions so far."""
    questions: list[str] = []
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(ask_steadily(world, questions, stop))
        yield questions
        stop.set()


async def more(questions: Sequence[str], count: int = ENOUGH) -> None:
    """Return when so many more were asked."""
    goal = len(questions) + count

    async def asked() -> bool:
        return len(questions) >= goal

    await until(asked, what="more questions", within=30)


async def red(bots: Sequence[Bot], part: str) -> None:
    """Return when `/ready` of every replica names the part."""

    async def told() -> bool:
        return all([part in await ready(bot) for bot in bots])

    await until(told, what=f"/ready to name {part}", within=30)


async def green(bots: Sequence[Bot]) -> None:
    """Return when `/ready` of every replica is content."""

    async def told() -> bool:
        return not any([await ready(bot) for bot in bots])

    await until(told, what="/ready to be content", within=60)


@asynccontextmanager
async def gone(server: Server, bots: Sequence[Bot], part: str) -> AsyncIterator[None]:
    """The server is dead while the block runs, and the replicas have noticed; afterwards they have recovered."""
    await asyncio.to_thread(server.kill)
    try:
        await red(bots, part)
        yield
    finally:
        await asyncio.to_thread(server.start)
    await green(bots)


async def deploys(world: World, count: int) -> None:
    """Start so many runs."""
    for _ in range(count):
        await world.command(world.names.dana, world.names.checkout, STAGING)


async def all_deployed(world: World, bots: Sequence[Bot], count: int) -> None:
    """Return when so many runs are completed; each acted once."""

    async def completed() -> bool:
        done = await bots[0].records.read(lambda tx: tx.runs.find(statuses=["completed"], limit=50))
        return len(done) == count

    await until(completed, what="all runs to be completed", within=30)
    assert world.delivery.effects("deploy") == count


async def test_without_redis_the_bot_goes_on(world: World, redis: ProcessServer) -> None:
    async with started(world, leases=SHORT) as bots:
        async with asking(world) as questions:
            await more(questions)
            async with gone(redis, bots, "cache"):
                await more(questions)
                await answered_once(world, tuple(questions))
            await more(questions)
        await answered_once(world, questions)
        await settled(world, bots)


async def test_without_nats_the_bot_goes_on_by_looking_at_its_records(world: World, nats: ProcessServer) -> None:
    async with started(world, leases=SHORT) as bots:
        async with asking(world) as questions:
            await deploys(world, 3)
            async with gone(nats, bots, "queue"):
                await deploys(world, 3)
                await all_deployed(world, bots, 6)
                await answered_once(world, tuple(questions))
            await deploys(world, 3)
        await all_deployed(world, bots, 9)
        await answered_once(world, questions)
        await settled(world, bots)


async def test_while_postgresql_restarts_the_bot_waits_and_loses_nothing(world: World, postgres: Databases) -> None:
    async with started(world, leases=SHORT) as bots:
        async with asking(world) as questions:
            await deploys(world, 3)
            await more(questions)
            async with gone(postgres.server, bots, "database"):
                await more(questions)
            await deploys(world, 3)
            await more(questions)
        await redelivered(world)
        await all_deployed(world, bots, 6)
        await answered_once(world, questions)
        await settled(world, bots)


async def test_a_replica_that_dies_under_load_loses_nothing(world: World, tmp_path: Path) -> None:
    lives = [Life(world.make_settings(), Fate(), tmp_path / f"life{n}") for n in range(3)]
    async with records_at(world.make_settings().database_url) as records:
        try:
            for life in lives:
                assert await life.ready()
            async with asking(world) as questions:
                await deploys(world, 3)
                await more(questions)
                await lives[0].kill()
                await more(questions)
            await redelivered(world)
            await answered_once(world, questions)

            async def done() -> bool:
                return not await records.read(lambda tx: left(tx.connection))

            await until(done, what="everything to be handled and sent", within=30)
            runs = await records.read(lambda tx: tx.runs.find(statuses=["completed"]))
            assert world.delivery.effects("deploy") == len(runs)
        finally:
            for life in lives:
                await life.kill()
