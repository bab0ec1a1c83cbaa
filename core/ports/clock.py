"""Time and chance come from outside, so that tests and drills can move the one and fix the other."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time the bot goes by. May run ahead of the machine's by an offset from settings."""

    def now(self) -> datetime:
        """Now, aware, UTC. Never goes back, and never stands still."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long by this clock; returns early never, at once for zero or less."""
        ...


class Ids(Protocol):
    """Fresh names."""

    def short(self, prefix: str) -> str:
        """An id that people type: `RUN-7K3QX2`. Crockford base 32, 6 characters; unique enough for a primary key that is checked."""
        ...

    def token(self) -> str:
        """An unguessable id of 22 URL-safe characters (128 bits) for buttons and keys."""
        ...
