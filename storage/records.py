"""What both engines share: units of work on `SqlTransaction`, and news of committed work."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa

from core.errors import BotError
from storage.unit import SqlTransaction

T = TypeVar("T")

_PROBE_TIMEOUT = 2.0
"""Seconds that a trivial read may take."""


class SqlRecords(ABC):
    """Implements `core.ports.records.Records`; also tells who waits that work was committed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._listeners: dict[str, set[asyncio.Event]] = {}

    @abstractmethod
    async def write(self, unit: Callable[[SqlTransaction], T]) -> T:
        """See `Records.write`."""

    @abstractmethod
    async def read(self, unit: Callable[[SqlTransaction], T]) -> T:
        """See `Records.read`."""

    async def healthy(self) -> str:
        """See `Records.healthy`."""
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT):
                await self.read(lambda tx: tx.connection.execute(sa.select(1)).scalar())
        except TimeoutError:
            return f"the database did not answer within {_PROBE_TIMEOUT:g} s"
        except BotError as error:
            return error.hint or error.message
        return ""

    @contextmanager
    def listening(self, queue: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever a unit of this process has committed work for the queue ("": for any)."""
        news = asyncio.Event()
        listeners = self._listeners.setdefault(queue, set())
        listeners.add(news)
        try:
            yield news
        finally:
            listeners.discard(news)

    def _announce(self, queues: set[str]) -> None:
        for queue in (*queues, ""):
            for news in self._listeners.get(queue, ()):
                news.set()
