"""Waiting for several things: results in order, the first error as it is, nothing left running."""

import asyncio

import pytest

from core.together import together


async def value(of: int, waits: asyncio.Event | None = None) -> int:
    if waits:
        await waits.wait()
    return of


async def test_results_come_in_the_order_in_which_they_were_asked_for() -> None:
    first = asyncio.Event()

    async def second() -> int:
        first.set()
        return 2

    assert await together(value(1, first), second(), value(3)) == (1, 2, 3)
    assert await together() == ()


async def test_the_first_error_ends_the_others_before_it_is_raised() -> None:
    ended: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("ended")

    async def fails() -> None:
        await asyncio.sleep(0)
        raise KeyError("x")

    with pytest.raises(KeyError):
        await together(endless(), fails(), endless())
    assert ended == ["ended", "ended"]


async def test_whoever_gives_up_ends_them_too() -> None:
    ended = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(together(endless(), value(1)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
    assert waiting.cancelled()
    assert ended.is_set()
