"""Identifiers that do not collide with those of an earlier process: they all grow with time."""

import secrets
import string

from bot.emulators.common.clock import PlatformClock

_ALPHABET = string.digits + string.ascii_uppercase


class Ids:
    """Makes ids and message timestamps."""

    def __init__(self, clock: PlatformClock) -> None:
        self._clock = clock
        self._last = 0

    def micros(self) -> int:
        """The platform's time in microseconds; always more than the last time."""
        self._last = max(self._last + 1, int(self._clock.now() * 1_000_000))
        return self._last

    def ts(self) -> str:
        """A message timestamp, unique in the workspace."""
        seconds, micros = divmod(self.micros(), 1_000_000)
        return f"{seconds}.{micros:06d}"

    def new(self, prefix: str) -> str:
        """An id such as `C1QXK3V09AB`."""
        number = self.micros()
        digits = ""
        while number:
            number, digit = divmod(number, 36)
            digits = _ALPHABET[digit] + digits
        return prefix + digits

    def secret(self) -> str:
        """An unguessable part of an address or trigger."""
        return secrets.token_hex(12)
