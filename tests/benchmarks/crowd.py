"""A thousand people: a minute of fifty questions a second, then all of them at once; against one replica and against three."""

import asyncio
import statistics
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.emulators.common.client import ControlClient
from bot.emulators.slack import acme
from storage import migrate
from tests.benchmarks import load
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.processes import copilot, emulator, memory
from tests.flows.process import BotProcess
from tests.servers import free_port, nats_server, postgres_server, redis_server

PEOPLE = 1_000
RATE = 50
SECONDS = 60
_SAMPLE = 2.0
"""Seconds between looks at the memory."""


async def one_replica(folder: Path) -> dict[str, Figure]:
    """Against one replica on SQLite."""
    async with emulator() as url, ControlClient(url, timeout=60) as control:
        people = await seeded(control)
        async with copilot(f"{url}/api/", folder / "crowd", free_port()) as (bot, _):
            return await measured("1 replica", control, people, [bot])


async def three_replicas(folder: Path) -> dict[str, Figure]:
    """Against three replicas on PostgreSQL, JetStream and Redis."""
    async with emulator() as url, ControlClient(url, timeout=60) as control, replicas(url, folder) as bots:
        return await measured("3 replicas", control, await seeded(control), bots)


@asynccontextmanager
async def replicas(url: str, folder: Path, count: int = 3) -> AsyncIterator[Sequence[BotProcess]]:
    """So many replicas with servers of their own."""
    with postgres_server() as postgres, nats_server() as nats, redis_server() as redis:
        await migrate.upgrade(postgres.url)
        settings = {
            "database_url": postgres.url,
            "queue": "nats",
            "nats_url": nats.url,
            "redis_url": redis.url,
        }
        async with AsyncExitStack() as stack:
            bots = []
            for n in range(count):
                started = copilot(f"{url}/api/", folder / f"replica{n}", free_port(), **settings)
                bots.append((await stack.enter_async_context(started))[0])
            yield bots


async def seeded(control: ControlClient) -> list[str]:
    """A thousand people in one channel."""
    await control.seed(people=PEOPLE)
    state = await control.state()
    people = [p["id"] for p in state["people"] if not (p["bot"] or p["guest"] or p["stranger"] or p["deactivated"])]
    for person in people[3:]:
        await control.act(acme.DANA, "invite", channel=acme.GENERAL, person=person)
    return people


async def measured(
    who: str, control: ControlClient, people: Sequence[str], bots: Sequence[BotProcess]
) -> dict[str, Figure]:
    """The steady load with the memory beside it, then the burst. Acknowledgements: the latest 5,000, which the emulator keeps."""
    # Everybody once before: what grows with the number of people is not what grows with the number of turns.
    await load.open_loop(control, people, rate=RATE, seconds=PEOPLE / RATE)
    first = (await control.acks())[-1]["n"]
    async with watched_memory(bots) as samples:
        answers = await load.open_loop(control, people, rate=RATE, seconds=SECONDS)
    acks = [a for a in await control.acks(since=first) if a["acked_at"]]
    crowd = f"{PEOPLE:,} people, {who}"
    figures = {
        f"{crowd}: acknowledgement p99": Figure(percentile([a["acked_at"] - a["sent_at"] for a in acks], 99), "ms"),
        f"{crowd}: reply p95": Figure(percentile(answers.latencies(), 95), "ms"),
        f"{crowd}: lost": Figure(answers.lost, "turns"),
        f"{crowd}: doubled": Figure(answers.doubled, "turns"),
    }
    for n, found in enumerate(samples):
        name = f"{crowd}: memory" if len(samples) == 1 else f"{crowd}: memory of replica {n + 1}"
        figures[f"{name} at the start"] = Figure(found[0], "MB")
        figures[f"{name} at the end"] = Figure(found[-1], "MB")
        figures[f"{name}, growth"] = Figure(slope(found), "MB/min")
    sudden = await load.burst(control, people)
    burst = f"burst of {PEOPLE:,}, {who}"
    return figures | {
        f"{burst}: reply p95": Figure(percentile(sudden.latencies(), 95), "ms"),
        f"{burst}: lost": Figure(sudden.lost, "turns"),
        f"{burst}: doubled": Figure(sudden.doubled, "turns"),
    }


@asynccontextmanager
async def watched_memory(bots: Sequence[BotProcess]) -> AsyncIterator[list[list[float]]]:
    """The resident memory of each process now, every two seconds, and at the end."""
    samples: list[list[float]] = [[] for _ in bots]

    def look() -> None:
        for bot, found in zip(bots, samples, strict=True):
            found.append(memory(bot.process.pid))

    async def watch() -> None:
        while True:
            look()
            await asyncio.sleep(_SAMPLE)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch())
        yield samples
        task.cancel()
    look()


def slope(samples: Sequence[float]) -> float:
    """Growth in MB a minute over the samples, by least squares."""
    times = [n * _SAMPLE / 60 for n in range(len(samples))]
    return statistics.linear_regression(times, samples).slope
