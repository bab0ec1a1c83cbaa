"""News for whoever listens now; nothing is kept for who does not."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class News:
    """Something that just happened. `data` is JSON-compatible."""

    topic: str
    data: dict[str, Any]


class EventBus(Protocol):
    """At most once, in order per publisher. A slow listener loses the oldest news, never holds others up."""

    async def publish(self, topic: str, data: dict[str, Any]) -> None:
        """`topic` is dotted (`run.changed`). Never raises for lack of listeners; UnavailableError when the bus is gone."""
        ...

    def listen(self, pattern: str) -> AbstractAsyncContextManager[AsyncIterator[News]]:
        """Everything whose topic matches: a name, `run.*` (one more part) or `run.>` (one or more parts). Listening has
        begun when the context is entered."""
        ...

    async def healthy(self) -> str:
        """Empty when it works, else the reason in one line. Never raises."""
        ...
