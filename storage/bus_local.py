"""News within one process."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from core.ports.bus import News
from storage.mailbox import Mailbox


class LocalBus:
    """Implements `core.ports.bus.EventBus`."""

    def __init__(self) -> None:
        self._listeners: dict[Mailbox, list[str]] = {}

    async def publish(self, topic: str, data: dict[str, Any]) -> None:
        """See `EventBus.publish`."""
        parts = topic.split(".")
        for mailbox, pattern in self._listeners.items():
            if matches(pattern, parts):
                mailbox.put(News(topic, data))

    @asynccontextmanager
    async def listen(self, pattern: str) -> AsyncIterator[AsyncIterator[News]]:
        """See `EventBus.listen`."""
        with self._registered(pattern) as mailbox:
            yield mailbox

    async def healthy(self) -> str:
        """See `EventBus.healthy`."""
        return ""

    @contextmanager
    def _registered(self, pattern: str) -> Iterator[Mailbox]:
        mailbox = Mailbox()
        self._listeners[mailbox] = pattern.split(".")
        try:
            yield mailbox
        finally:
            del self._listeners[mailbox]


def matches(pattern: list[str], topic: list[str]) -> bool:
    """Whether a topic is meant: `*` is any one part, a last `>` one or more."""
    if pattern[-1] == ">":
        return len(topic) >= len(pattern) and matches([*pattern[:-1], "*"], topic[: len(pattern)])
    return len(pattern) == len(topic) and all(want in ("*", have) for want, have in zip(pattern, topic, strict=True))
