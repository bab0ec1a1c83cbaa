"""Several replicas of the bot on PostgreSQL, JetStream and Redis, serving one emulated Slack workspace."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from bot.bootstrap import Bot, running
from bot.leases import Leases
from tests.chaos.play import left
from tests.conftest import Databases
from tests.flows.world import World, until, workspace
from tests.servers import ProcessServer

QUESTION = "@copilot which version of checkout is in production?"
PATIENCE = 30.0


@asynccontextmanager
async def scaled_workspace(
    folder: Path, postgres: Databases, nats: ProcessServer, redis: ProcessServer
) -> AsyncIterator[World]:
    """A Slack workspace whose bots keep their records on servers."""
    async with workspace("slack", folder, timeout=PATIENCE) as world:
        world.settings |= {
            "database_url": await postgres.migrated(),
            "queue": "nats",
            "nats_url": nats.url,
            "redis_url": redis.url,
            "limits": {"turns_per_minute_per_person": 1_000_000},
        }
        yield world


@asynccontextmanager
async def started(world: World, *, leases: Leases | None = None) -> AsyncIterator[Sequence[Bot]]:
    """Three replicas in this process, each with a socket and connections of its own."""
    async with AsyncExitStack() as stack:
        bots = [
            await stack.enter_async_context(running(world.make_settings(), clock=world.clock, leases=leases))
            for _ in range(3)
        ]
        for bot in bots:
            await bot.ready()
        world.bot = bots[0]
        yield bots


async def settled(world: World, bots: Sequence[Bot]) -> None:
    """Return when everything that was delivered is handled and sent, by whichever replica."""

    async def done() -> bool:
        acked = all(ack["acked_at"] or ack["error"] for ack in await world.control.acks())
        idle = all(bot.turns.idle for bot in bots)
        return acked and idle and not await bots[0].records.read(lambda tx: left(tx.connection))

    await until(done, what="everything to be handled and sent", within=PATIENCE)


async def redelivered(world: World) -> None:
    """Let Slack send again what was not acknowledged, as often as it ever does."""
    for seconds in (3.1, 61.0, 301.0):
        await world.control.clock(seconds)

        async def settled() -> bool:
            return all(ack["acked_at"] or ack["error"] for ack in await world.control.acks())

        await until(settled, what="deliveries to be settled", within=PATIENCE)


async def answers(world: World) -> Counter[str]:
    """How many replies each thread has."""
    return Counter(message["thread"] for message in await world.messages() if message["thread"])


async def answered_once(world: World, questions: Sequence[str]) -> None:
    """Return when every question has its answer; AssertionError when one has two."""

    async def all_answered() -> bool:
        return not set(questions) - set(await answers(world))

    await until(all_answered, what="an answer to every question", within=PATIENCE)
    doubled = [thread for thread, count in (await answers(world)).items() if count > 1]
    assert not doubled


async def ask_steadily(world: World, questions: list[str], stop: asyncio.Event, *, pause: float = 0.05) -> None:
    """Somebody asks again and again, whatever comes back; the questions' ids are collected."""
    while not stop.is_set():
        message, _ = await world.say(world.names.dana, world.names.general, QUESTION)
        questions.append(message)
        try:
            async with asyncio.timeout(pause):
                await stop.wait()
        except TimeoutError:
            continue


async def ready(bot: Bot) -> dict[str, str]:
    """What `/ready` complains of; nothing when it answers 200."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{bot.address}/ready")
    return {} if answer.status_code == 200 else dict(answer.json()["problems"])
