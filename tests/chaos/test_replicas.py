"""Three replicas on PostgreSQL, JetStream and Redis serve one workspace: order, A2–A7, A22, timers."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.bootstrap import Bot
from core.messages import Delivery, Place, Platform, Reply, Text
from core.ports.records import Transaction
from integrations.delivery.fake_service import SERVICES
from storage.tables import inbox
from tests.chaos.replicas import (
    QUESTION,
    answered_once,
    answers,
    redelivered,
    scaled_workspace,
    settled,
    started,
)
from tests.conftest import Databases
from tests.flows.world import World, until
from tests.servers import ProcessServer

STAGING = "run deploy service=checkout environment=staging"
PRODUCTION = "run deploy service=checkout environment=production"


@pytest.fixture
async def world(tmp_path: Path, postgres: Databases, nats: ProcessServer, redis: ProcessServer) -> AsyncIterator[World]:
    """The workspace; the test starts the replicas."""
    async with scaled_workspace(tmp_path, postgres, nats, redis) as made:
        yield made


@pytest.fixture
async def bots(world: World) -> AsyncIterator[Sequence[Bot]]:
    """Three replicas."""
    async with started(world) as replicas:
        yield replicas


async def test_a_hundred_messages_in_each_of_four_threads_are_handled_in_order(
    world: World, bots: Sequence[Bot]
) -> None:
    """People write faster than answers come: a message is sent as soon as the one before is acknowledged."""
    roots = [await world.thread(world.names.lee, world.names.general, f"thread {n}") for n in range(4)]

    async def write(root: str) -> None:
        for n in range(100):
            message, _ = await world.say(world.names.dana, world.names.general, f"@copilot status RUN-{n:06}", root)
            await taken_in(world, message)

    async with asyncio.TaskGroup() as group:
        for root in roots:
            group.create_task(write(root))
    await settled(world, bots)
    said: dict[str, list[int]] = {root: [] for root in roots}
    for message in await world.messages(channel=world.names.general):
        found = re.search(r"RUN-(\d{6})", str(message["raw"]))
        assert found
        said[message["thread"]].append(int(found[1]))
    assert said == {root: list(range(100)) for root in roots}


async def taken_in(world: World, message: str) -> None:
    """Return when the bot has a message on the record."""
    assert world.bot
    records = world.bot.records
    known = sa.select(inbox.c.id).where(inbox.c.claim.endswith(message))

    async def is_known() -> bool:
        return await records.read(lambda tx: tx.connection.execute(known).first() is not None)

    await until(is_known, what=f"{message} to be taken in")


async def test_a02_replayed_events_have_one_effect_three_replicas(world: World) -> None:
    async with started(world) as bots:
        await world.control.fault("duplicate", copies=4)
        message, since = await world.say(world.names.dana, world.names.checkout, QUESTION)
        await world.reply_in(world.names.checkout, thread=message, since=since)
        since = await world.command(world.names.dana, world.names.checkout, STAGING)
        await world.reply_in(world.names.checkout, contains="completed", since=since)
        await settled(world, bots)
    async with started(world) as bots:
        await settled(world, bots)
    assert len(await world.messages(channel=world.names.checkout)) == 2
    assert world.delivery.effects("deploy") == 1


async def test_a03_a04_both_events_of_a_mention_on_two_replicas_give_one_answer(
    world: World, bots: Sequence[Bot]
) -> None:
    await world.control.fault("reorder", group=2)
    questions = [(await world.say(world.names.dana, world.names.general, QUESTION))[0] for _ in range(20)]
    await answered_once(world, questions)
    await settled(world, bots)
    assert await answers(world) == Counter(questions)


async def test_a04_what_no_replica_could_commit_is_made_good_by_the_retry(
    world: World, bots: Sequence[Bot], postgres: Databases
) -> None:
    postgres.server.kill()
    try:
        message, _ = await world.say(world.names.dana, world.names.general, QUESTION)

        async def withheld() -> bool:
            return sum(bot.gateway.withheld for bot in bots) >= 2

        await until(withheld, what="both events to be withheld")
    finally:
        postgres.server.start()
    for bot in bots:
        await bot.ready()
    await redelivered(world)
    await answered_once(world, [message])


async def test_a05_deaf_sockets_of_all_replicas_are_noticed_and_replaced(world: World) -> None:
    world.settings["slack"] = {**world.site.settings(), "ping_seconds": 0.2}
    async with started(world) as bots:
        await world.control.fault("black_hole")
        questions = [(await world.say(world.names.dana, world.names.general, QUESTION))[0] for _ in range(6)]

        async def red(bot: Bot) -> bool:
            return "slack" in await bot.problems()

        # Each by itself: the first may be well again before the last has noticed.
        await asyncio.gather(*(until(partial(red, bot), what="a /ready to turn red") for bot in bots))
        for bot in bots:
            await bot.ready()
        await redelivered(world)
        await answered_once(world, questions)


async def test_a06_three_replicas_start_in_a_large_workspace_and_list_nothing(world: World) -> None:
    await world.control.seed(people=20_000, channels=20_000)
    async with started(world):
        calls = Counter(request["path"].rpartition("/")[2] for request in await world.control.requests())
        assert calls == {"auth.test": 3, "apps.connections.open": 3}


async def test_a07_the_last_edit_arrives_whichever_replicas_made_them(world: World, bots: Sequence[Bot]) -> None:
    place = Place(Platform.SLACK, world.site.workspace, world.names.general)
    await world.control.fault("budget", match="chat.*", per_second=5)
    since = await world.control.seq()
    for n in range(1, 301):
        bot = bots[n % 3]
        delivery = Delivery("counter", place, Reply((Text(f"edit {n} of 300"),), f"edit {n}"))
        lane = await bot.records.write(lambda tx, b=bot, d=delivery: tx.outbox.put(b.ids.token(), d, now=b.clock.now()))
        bot.sender.wake(lane)
    last = await world.reply_in(world.names.general, contains="edit 300 of 300", since=since)
    await settled(world, bots)
    [shown] = await world.messages(channel=world.names.general)
    assert shown["id"] == last.message["id"]
    assert "edit 300 of 300" in str(shown["raw"])


@pytest.mark.usefixtures("bots")
async def test_a22_clicks_race_over_three_replicas_and_one_counts(world: World) -> None:
    since = await world.command(world.names.dana, world.names.checkout, PRODUCTION)
    card = await world.approval(since=since)
    people = (world.names.lee, world.names.sam)
    clicks = (world.control.click(people[n % 2], card.message, card.buttons["Approve"], stale=True) for n in range(60))
    await asyncio.gather(*clicks)
    await world.reply_in(world.names.checkout, contains="completed", since=card.seq)
    assert world.delivery.effects("deploy") == 1
    assert world.bot
    rows = await world.bot.records.read(lambda tx: tx.audit.find(action="approval.decide", limit=200))
    assert sum(row.outcome == "done" for row in rows) == 1


async def test_a19_due_timers_fire_once_over_three_replicas(world: World, bots: Sequence[Bot]) -> None:
    # One run of a service and environment goes on at a time.
    for service in SERVICES:
        await world.command(
            world.names.dana, world.names.checkout, f"run deploy service={service} environment=production"
        )

    async def events(kind: str) -> list[int]:
        """How many of this kind each run has."""

        def unit(tx: Transaction) -> list[int]:
            histories = [tx.runs.history(run.id) for run in tx.runs.find(limit=50)]
            return [sum(event.kind == kind for event in history) for history in histories]

        return await bots[0].records.read(unit)

    async def all_asked() -> bool:
        return len(await bots[0].records.read(lambda tx: tx.runs.open_approvals())) == len(SERVICES)

    await until(all_asked, what="the requests")
    for hours, kind in ((2.01, "approval.reminded"), (1.6, "approval.escalated"), (1.0, "approval.expired")):
        world.clock.advance(hours * 3600)

        async def fired(kind: str = kind) -> bool:
            return all(await events(kind))

        await until(fired, what=f"{kind} of all")
    await settled(world, bots)
    assert await events("approval.escalated") == [1] * len(SERVICES)
    assert await events("approval.expired") == [1] * len(SERVICES)
    assert await events("approval.reminded") == [2] * len(SERVICES)
