"""Time and names from the machine, and a clock that tests and drills move."""

import asyncio
import secrets
import time
from datetime import UTC, datetime, timedelta

from core.redaction import redact

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that ids survive being read aloud."""


_SLOW = 0.5
"""Seconds a second by a clock that waits for the machine's. Standing still would hold up every timer set meanwhile."""


class SystemClock:
    """The machine's clock, ahead by an offset from settings."""

    def __init__(self, offset: float = 0.0) -> None:
        """`offset`: seconds."""
        self._offset = timedelta(seconds=offset)
        self._last = datetime.now(UTC) + self._offset
        self._last_tick = time.monotonic()

    def now(self) -> datetime:
        """See `core.ports.clock.Clock.now`. When the machine's clock was set back, this one goes slower until it is caught up with."""
        tick = time.monotonic()
        slowly = self._last + timedelta(seconds=(tick - self._last_tick) * _SLOW)
        self._last, self._last_tick = max(slowly, datetime.now(UTC) + self._offset), tick
        return self._last

    async def sleep(self, seconds: float) -> None:
        """See `core.ports.clock.Clock.sleep`."""
        await asyncio.sleep(max(0.0, seconds))


class MovableClock(SystemClock):
    """Runs with the machine's clock and jumps ahead when told to; sleepers wake when their time has come."""

    def __init__(self) -> None:
        super().__init__()
        self._moved = asyncio.Event()

    def advance(self, seconds: float) -> None:
        """Jump ahead."""
        self._offset += timedelta(seconds=seconds)
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """See `core.ports.clock.Clock.sleep`."""
        end = self.now() + timedelta(seconds=seconds)
        while (left := (end - self.now()).total_seconds()) > 0:
            moved = self._moved
            try:
                async with asyncio.timeout(left):
                    await moved.wait()
            except TimeoutError:
                continue


_ANY = "what follows"


class SystemIds:
    """Fresh names from the machine's randomness."""

    def short(self, prefix: str) -> str:
        """See `core.ports.clock.Ids.short`."""
        while True:
            made = f"{prefix}-{''.join(secrets.choice(_ALPHABET) for _ in range(6))}"
            # One id in some thousands names a secret: what follows RUN-4PWD7Z would be masked wherever it is said.
            if redact(shown := f"{made}: {_ANY}") == shown:
                return made

    def token(self) -> str:
        """See `core.ports.clock.Ids.token`."""
        return secrets.token_urlsafe(16)
