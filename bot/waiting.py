"""Waiting with an end."""

import asyncio


async def wait_for(event: asyncio.Event, seconds: float) -> bool:
    """Wait until the event is set, so many seconds at most; whether it was."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
