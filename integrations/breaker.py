"""A circuit breaker: a service that fails again and again is left alone for a while, then tried with one call. Pure but for the
clock that it is given; after the pattern in M. Nygard, Release It!, 2nd ed., chapter 5."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether a service is called."""

    CLOSED = "closed"
    """It is."""
    HALF_OPEN = "half-open"
    """One call tries whether it works again."""
    OPEN = "open"
    """It is not."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a breaker opens, and for how long. Seconds."""

    window: float = 30.0
    """Calls that ended longer ago say nothing any more."""
    least: int = 8
    """Calls in the window, before their failures say anything."""
    share: float = 0.5
    """Of failures among them, from which it opens."""
    pause: float = 5.0
    """Until the first try; doubled with each one that fails."""
    longest: float = 60.0


USUAL = Limits()


class Call:
    """One call that a breaker let through. Tell of its end by exactly one of `succeeded`, `failed` and `left`."""

    def __init__(self, breaker: "Breaker", *, tries: bool) -> None:
        """`tries`: whether the service works again; by other calls, begun before, nothing is told of that."""
        self._breaker = breaker
        self._tries = tries

    def succeeded(self) -> None:
        """The service answered, be it with a refusal."""
        self._breaker.ended(failed=False, tried=self._tries)

    def failed(self) -> None:
        """It did not answer, or not what it should."""
        self._breaker.ended(failed=True, tried=self._tries)

    def left(self) -> None:
        """The call was broken off, and tells nothing of the service."""
        if self._tries:
            self._breaker.gave_up_trying()


class Breaker:
    """Of one service."""

    def __init__(self, clock: Callable[[], float], limits: Limits = USUAL) -> None:
        """`clock`: seconds that never go back."""
        self._clock = clock
        self._limits = limits
        self._ends: deque[tuple[float, bool]] = deque()
        """When calls ended, and whether they failed."""
        self._opened: float | None = None
        self._pause = limits.pause
        self._trying = False

    @property
    def state(self) -> State:
        """Now."""
        if self._opened is None:
            return State.CLOSED
        return State.HALF_OPEN if self._trying or self.wait() == 0.0 else State.OPEN

    def wait(self) -> float:
        """Seconds until the service may be tried; 0 when it may be called."""
        return 0.0 if self._opened is None else max(0.0, self._opened + self._pause - self._clock())

    def enter(self) -> Call | None:
        """A call that may be made now; None when none may. While half-open one may, and the others wait for how it ends."""
        if self._opened is None:
            return Call(self, tries=False)
        if self._trying or self.wait() > 0.0:
            return None
        self._trying = True
        return Call(self, tries=True)

    def ended(self, *, failed: bool, tried: bool) -> None:
        """For `Call` to tell."""
        if tried:
            self._trying = False
            if failed:
                self._opened, self._pause = self._clock(), min(2 * self._pause, self._limits.longest)
            else:
                self._opened, self._pause = None, self._limits.pause
        elif self._opened is None:
            self._note(failed=failed)
            if failed and self._is_too_much():
                self._opened, self._pause = self._clock(), self._limits.pause
                self._ends.clear()

    def gave_up_trying(self) -> None:
        """For `Call` to tell."""
        self._trying = False

    def _note(self, *, failed: bool) -> None:
        now = self._clock()
        self._ends.append((now, failed))
        while self._ends[0][0] < now - self._limits.window:
            self._ends.popleft()

    def _is_too_much(self) -> bool:
        failures = sum(failed for _, failed in self._ends)
        return len(self._ends) >= self._limits.least and failures >= self._limits.share * len(self._ends)
