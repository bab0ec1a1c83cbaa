"""Clocks never go back and wake nobody early; ids are readable and their own."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import MovableClock, SystemClock, SystemIds


def test_time_is_aware_and_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_an_offset_puts_the_clock_ahead() -> None:
    assert SystemClock(3600).now() - datetime.now(UTC) > timedelta(minutes=59)


def test_time_never_goes_back() -> None:
    clock = MovableClock()
    clock.advance(60)
    ahead = clock.now()
    clock.advance(-120)
    assert clock.now() >= ahead


async def test_time_goes_on_after_the_machine_was_set_back_and_is_caught_up_with() -> None:
    clock = MovableClock()
    clock.advance(3600)
    ahead = clock.now()
    clock.advance(-3600)
    async with asyncio.timeout(5):
        while clock.now() <= ahead + timedelta(milliseconds=20):
            await asyncio.sleep(0)
    clock.advance(7200)
    assert clock.now() - ahead > timedelta(minutes=59)


async def test_sleeping_for_nothing_returns_at_once() -> None:
    for clock in (SystemClock(), MovableClock()):
        async with asyncio.timeout(5):
            await clock.sleep(0)
            await clock.sleep(-10)


async def test_sleepers_wake_when_the_clock_is_moved_past_their_time() -> None:
    clock = MovableClock()
    begun = clock.now()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        sleepers = [group.create_task(clock.sleep(3600)) for _ in range(3)]
        await asyncio.sleep(0)
        clock.advance(3600)
    assert all(sleeper.done() for sleeper in sleepers)
    assert clock.now() - begun >= timedelta(hours=1)


async def test_a_sleeper_whose_time_has_not_come_sleeps_on() -> None:
    clock = MovableClock()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        early, late = group.create_task(clock.sleep(60)), group.create_task(clock.sleep(3600))
        await asyncio.sleep(0)
        clock.advance(61)
        await early
        assert not late.done()
        clock.advance(3600)


async def test_a_movable_clock_runs_by_itself_too() -> None:
    clock = MovableClock()
    begun = clock.now()
    async with asyncio.timeout(5):
        await clock.sleep(0.01)
    assert clock.now() - begun >= timedelta(seconds=0.01)


async def test_a_system_clock_sleeps_no_shorter_than_told() -> None:
    clock = SystemClock()
    begun = clock.now()
    await clock.sleep(0.01)
    assert clock.now() - begun >= timedelta(seconds=0.01)


def test_short_ids_can_be_read_aloud() -> None:
    ids = [SystemIds().short("RUN") for _ in range(200)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"RUN-[0-9A-HJKMNP-TV-Z]{6}", found) for found in ids)


def test_tokens_are_unguessable_and_fit_an_address() -> None:
    tokens = {SystemIds().token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(re.fullmatch(r"[\w-]{22}", token) for token in tokens)


def test_an_id_never_reads_like_the_name_of_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what is said behind it would be masked."""
    drawn = iter("12PWD3" + "7K3QX2")
    monkeypatch.setattr("secrets.choice", lambda _: next(drawn))
    assert SystemIds().short("RUN") == "RUN-7K3QX2"
