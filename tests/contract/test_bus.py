"""`core.ports.bus.EventBus`: within a process and over NATS."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.ports.bus import EventBus, News
from tests.contract.builders import NASTY


async def take(listener: AsyncIterator[News], count: int = 1) -> list[News]:
    async with asyncio.timeout(10):
        return [await anext(listener) for _ in range(count)]


async def test_everybody_who_listens_gets_the_news_in_order(bus: EventBus) -> None:
    async with bus.listen("run.changed") as one, bus.listen("run.changed") as two:
        for number in range(50):
            await bus.publish("run.changed", {"number": number, "text": NASTY})
        for listener in (one, two):
            got = await take(listener, 50)
            assert [news.data["number"] for news in got] == list(range(50))
            assert got[0] == News("run.changed", {"number": 0, "text": NASTY})


@pytest.mark.parametrize(
    ("pattern", "heard"),
    [
        ("run.changed", ["run.changed"]),
        ("run.*", ["run.changed", "run.ended"]),
        ("run.>", ["run.changed", "run.ended", "run.step.done"]),
        ("*.changed", ["run.changed", "turn.changed"]),
        (">", ["run", "run.changed", "run.ended", "run.step.done", "turn.changed"]),
    ],
)
async def test_patterns_choose_topics(bus: EventBus, pattern: str, heard: list[str]) -> None:
    async with bus.listen(pattern) as chosen, bus.listen(">") as everything:
        for topic in ("run", "run.changed", "run.ended", "run.step.done", "turn.changed"):
            await bus.publish(topic, {})
        await take(everything, 5)
        assert [news.topic for news in await take(chosen, len(heard))] == heard


async def test_nobody_listening_is_no_error(bus: EventBus) -> None:
    await bus.publish("run.changed", {})
    async with bus.listen("run.*") as listener:
        await bus.publish("run.changed", {"after": True})
        assert (await take(listener))[0].data == {"after": True}


async def test_a_slow_listener_loses_the_oldest_and_holds_nobody_up(bus: EventBus) -> None:
    async with bus.listen("slow") as slow, bus.listen("over") as over:
        for number in range(1_500):
            await bus.publish("slow", {"number": number})
        await bus.publish("over", {})
        await take(over)
        kept = [news.data["number"] for news in await take(slow, 1_000)]
    assert kept == list(range(500, 1_500))


async def test_a_working_bus_is_healthy(bus: EventBus) -> None:
    assert await bus.healthy() == ""
