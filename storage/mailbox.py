"""News that one listener has not read yet."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from core.ports.bus import News

_MOST = 1_000
"""News kept for a slow listener; the oldest are lost first."""


class Mailbox(AsyncIterator[News]):
    """Endless; waits for the next news."""

    def __init__(self) -> None:
        self._news: deque[News] = deque(maxlen=_MOST)
        self._arrived = asyncio.Event()

    def put(self, news: News) -> None:
        """Add news, at the price of the oldest when it is full."""
        self._news.append(news)
        self._arrived.set()

    async def __anext__(self) -> News:
        while not self._news:
            self._arrived.clear()
            await self._arrived.wait()
        return self._news.popleft()
