"""Snowflakes: ids that carry their time and grow with it."""

import secrets

from bot.emulators.common.clock import PlatformClock

EPOCH_MS = 1_420_070_400_000
"""The first second of 2015, in milliseconds."""


class Ids:
    """Makes ids, strictly growing."""

    def __init__(self, clock: PlatformClock) -> None:
        self._clock = clock
        self._last = 0

    def new(self) -> str:
        """A snowflake of the platform's present time."""
        self._last = max(self._last + 1, (int(self._clock.now() * 1000) - EPOCH_MS) << 22)
        return str(self._last)

    @staticmethod
    def secret() -> str:
        """An unguessable token."""
        return secrets.token_urlsafe(48)
