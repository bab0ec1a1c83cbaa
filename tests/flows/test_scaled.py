"""The same way of a message on PostgreSQL, NATS JetStream and Redis, with two replicas: A2, A22."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.bootstrap import Bot, running
from tests.conftest import Databases
from tests.flows.world import World, workspace
from tests.servers import ProcessServer

DEPLOY = "run deploy service=checkout environment=production"
QUESTION = "@copilot which version of checkout is in production?"


@pytest.fixture
async def scaled(
    tmp_path: Path, postgres: Databases, nats: ProcessServer, redis: ProcessServer
) -> AsyncIterator[World]:
    """A Slack workspace whose bot keeps its records on servers."""
    async with workspace("slack", tmp_path) as world:
        world.settings |= {
            "database_url": await postgres.migrated(),
            "queue": "nats",
            "nats_url": nats.url,
            "redis_url": redis.url,
        }
        yield world


@pytest.fixture
async def replicas(scaled: World) -> AsyncIterator[tuple[Bot, Bot]]:
    """Two replicas, each with a socket of its own."""
    async with scaled.started() as first, running(scaled.make_settings(), clock=scaled.clock) as second:
        await second.ready()
        yield first, second


@pytest.mark.usefixtures("replicas")
async def test_a02_two_replicas_answer_a_replayed_question_once(scaled: World) -> None:
    await scaled.control.fault("duplicate", copies=4)
    message, since = await scaled.say(scaled.names.dana, scaled.names.checkout, QUESTION)
    await scaled.reply_in(scaled.names.checkout, thread=message, since=since)
    await scaled.settled()
    assert len(await scaled.messages()) == 1


@pytest.mark.usefixtures("replicas")
async def test_a22_clicks_race_over_two_replicas_and_one_counts(scaled: World) -> None:
    since = await scaled.command(scaled.names.dana, scaled.names.checkout, DEPLOY)
    card = await scaled.approval(since=since)
    people = (scaled.names.lee, scaled.names.sam)
    clicks = (scaled.control.click(people[n % 2], card.message, card.buttons["Approve"], stale=True) for n in range(50))
    await asyncio.gather(*clicks)
    done = await scaled.reply_in(scaled.names.checkout, contains="completed", since=card.seq)
    assert "approved by" in done.text
    assert scaled.delivery.effects("deploy") == 1


async def test_a12_the_other_replica_goes_on_when_one_is_gone(scaled: World) -> None:
    async with scaled.started():
        since = await scaled.command(scaled.names.dana, scaled.names.checkout, DEPLOY)
        card = await scaled.approval(since=since)
    async with scaled.started():
        await scaled.control.click(scaled.names.lee, card.message, card.buttons["Approve"])
        await scaled.reply_in(scaled.names.checkout, contains="completed", since=card.seq)
    assert scaled.delivery.effects("deploy") == 1
