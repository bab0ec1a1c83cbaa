"""The platform's time: real time plus what the control interface moved it forward."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable


class Timer:
    """A call that is due at a platform time; `cancel` it when it is no longer wanted."""

    __slots__ = ("_call", "when")

    def __init__(self, when: float, call: Callable[[], None]) -> None:
        self.when = when
        self._call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Drop the call; nothing happens when it fired already."""
        self._call = None

    def fire(self) -> None:
        """Make the call unless it was cancelled; at most once."""
        call, self._call = self._call, None
        if call is not None:
            call()


class PlatformClock:
    """Seconds since the epoch as the platform sees them. Timers wake when time is moved."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        """`source`: real time in seconds since the epoch."""
        self._source = source
        self._offset = 0.0
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._wake: asyncio.TimerHandle | None = None
        self._wake_at = float("inf")

    def now(self) -> float:
        """The platform's time, seconds since the epoch."""
        return self._source() + self._offset

    def real_now(self) -> float:
        """Real time, for what the bot compares with its own clock."""
        return self._source()

    def advance(self, seconds: float) -> float:
        """Move time forward, fire what became due, and return the new time."""
        if seconds < 0:
            raise ValueError("time only moves forward")
        self._offset += seconds
        self._fire_due()
        return self.now()

    def call_at(self, when: float, call: Callable[[], None]) -> Timer:
        """Call `call` in the running loop once platform time reaches `when`."""
        timer = Timer(when, call)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        if when < self._wake_at:
            self._arm()
        return timer

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call `call` after `seconds` of platform time."""
        return self.call_at(self.now() + seconds, call)

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of platform time; moving time forward shortens the wait."""
        if seconds <= 0:
            return
        done = asyncio.Event()
        timer = self.call_later(seconds, done.set)
        try:
            await done.wait()
        finally:
            timer.cancel()

    def close(self) -> None:
        """Drop all timers."""
        self._timers.clear()
        if self._wake is not None:
            self._wake.cancel()
        self._wake, self._wake_at = None, float("inf")

    def _arm(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
        self._wake, self._wake_at = None, float("inf")
        if self._timers:
            self._wake_at = self._timers[0][0]
            delay = max(0.0, self._wake_at - self.now())
            self._wake = asyncio.get_running_loop().call_later(delay, self._fire_due)

    def _fire_due(self) -> None:
        now = self.now()
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2].fire()
        self._arm()
