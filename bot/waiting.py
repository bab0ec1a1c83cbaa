"""Waiting with an end."""

import asyncio
from collections.abc import Callable


async def wait_for(event: asyncio.Event, seconds: float) -> bool:
    """Wait until the event is set, so many seconds at most; whether it was."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


async def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Look until it holds, so many seconds at most; whether it did."""
    end = asyncio.get_running_loop().time() + seconds
    while not holds():
        if asyncio.get_running_loop().time() > end:
            return False
        await asyncio.sleep(_LOOK_AGAIN)
    return True


_LOOK_AGAIN = 0.01
