"""Discord's rate limits: a bucket a route and channel, one for everything, and what a `budget` fault sets."""

import hashlib
import math
from collections import OrderedDict
from typing import Literal

from bot.emulators.common.clock import PlatformClock
from bot.emulators.common.faults import FaultBoard, FaultKind
from bot.emulators.discord import limits

Limits = Literal["real", "off"]
Headers = dict[str, str]
_MOST_BUCKETS = 10_000


class Limited(Exception):
    """Too many calls: HTTP 429."""

    def __init__(self, retry_after: float, *, everywhere: bool = False, headers: Headers | None = None) -> None:
        """`retry_after`: seconds; `everywhere`: the global limit."""
        super().__init__(f"rate limited for {retry_after:.3f} s")
        self.retry_after = retry_after
        self.everywhere = everywhere
        self.headers = headers or {}


class Window:
    """So many calls in so many seconds, counted from the first call."""

    __slots__ = ("_ends", "_left", "calls", "seconds")

    def __init__(self, calls: int, seconds: float) -> None:
        self.calls = calls
        self.seconds = seconds
        self._left = calls
        self._ends = 0.0

    def take(self, now: float) -> float:
        """Count one call; 0 when it is within the limit, else the seconds until there is room."""
        if now >= self._ends:
            self._left, self._ends = self.calls, now + self.seconds
        if self._left:
            self._left -= 1
            return 0.0
        return self._ends - now

    def headers(self, bucket: str, now: float) -> Headers:
        """The answer's headers."""
        return {
            "X-RateLimit-Limit": str(self.calls),
            "X-RateLimit-Remaining": str(self._left),
            "X-RateLimit-Reset": f"{self._ends:.3f}",
            "X-RateLimit-Reset-After": f"{max(0.0, self._ends - now):.3f}",
            "X-RateLimit-Bucket": bucket,
        }


class Rates:
    """Counts calls and refuses those over the limit."""

    def __init__(self, clock: PlatformClock, faults: FaultBoard, mode: Limits) -> None:
        self._clock = clock
        self._faults = faults
        self._mode = mode
        self._all = Window(limits.GLOBAL_PER_SECOND, 1.0)
        self._windows: OrderedDict[tuple[str, str], Window] = OrderedDict()
        self._budgets: dict[int, Window] = {}

    def spend(self, route: str, major: str, path: str) -> Headers:
        """Count one call and return the answer's headers; `Limited` when it is too much. `route`: method and template;
        `major`: the id that has a bucket of its own."""
        budget = self._faults.active(FaultKind.BUDGET, path) if self._faults else None
        if budget is not None:
            return self._spend_budget(budget.id, budget.per_second)
        if self._mode == "off":
            return {}
        now = self._clock.now()
        if not route.endswith("}/callback") and "/webhooks/" not in route and (wait := self._all.take(now)):
            raise Limited(wait, everywhere=True)
        window, bucket = self._window(route, major), bucket_name(route)
        wait = window.take(now)
        if wait:
            raise Limited(wait, headers=window.headers(bucket, now))
        return window.headers(bucket, now)

    def _spend_budget(self, id_: int, per_second: float) -> Headers:
        now = self._clock.now()
        if id_ not in self._budgets:
            calls = max(1, math.floor(per_second))
            self._budgets[id_] = Window(calls, calls / per_second if per_second else 60.0)
        window = self._budgets[id_]
        wait = window.take(now)
        headers = window.headers("budget", now)
        if wait:
            raise Limited(wait, headers=headers)
        return headers

    def _window(self, route: str, major: str) -> Window:
        key = (route, major)
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = Window(*_limit(route))
            if len(self._windows) > _MOST_BUCKETS:
                self._windows.popitem(last=False)
        return window


def bucket_name(route: str) -> str:
    """The opaque name of a route's bucket."""
    return hashlib.sha256(route.encode()).hexdigest()[:32]


def _limit(route: str) -> tuple[int, float]:
    if "/reactions/" in route and not route.startswith("GET"):
        return limits.REACTION_CALLS, limits.REACTION_SECONDS
    if "/messages" in route and not route.startswith("GET"):
        return limits.MESSAGE_CALLS, limits.MESSAGE_SECONDS
    return limits.ROUTE_CALLS, limits.ROUTE_SECONDS
