"""Slack's rate limits: a tier a method, about one post a second a channel, and what a `budget` fault sets."""

import math
from typing import Literal

from bot.emulators.common.clock import PlatformClock
from bot.emulators.common.faults import FaultBoard, FaultKind
from bot.emulators.slack import limits
from bot.emulators.slack.errors import RateLimited
from bot.emulators.slack.scopes import RULES

Limits = Literal["real", "off"]


class Bucket:
    """A token bucket that starts full."""

    __slots__ = ("_at", "_left", "capacity", "per_second")

    def __init__(self, per_second: float, capacity: float, now: float) -> None:
        self.per_second = per_second
        self.capacity = capacity
        self._left = capacity
        self._at = now

    def take(self, now: float) -> float:
        """Take one token; 0 when there was one, else the seconds until there will be."""
        self._left = min(self.capacity, self._left + (now - self._at) * self.per_second)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self.per_second if self.per_second else 60.0


class Rates:
    """Counts calls and refuses those over the limit."""

    def __init__(self, clock: PlatformClock, faults: FaultBoard, mode: Limits) -> None:
        self._clock = clock
        self._faults = faults
        self._mode = mode
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._budgets: dict[int, Bucket] = {}

    def spend(self, method: str, channel: str) -> None:
        """Count one call; RateLimited when it is too much."""
        budget = self._faults.active(FaultKind.BUDGET, method) if self._faults else None
        if budget is not None:
            bucket = self._budgets.get(budget.id)
            if bucket is None:
                bucket = Bucket(budget.per_second, max(1.0, budget.per_second), self._clock.now())
                self._budgets[budget.id] = bucket
            _refuse_over(bucket.take(self._clock.now()))
        elif self._mode == "real":
            self._spend_real(method, channel)

    def _spend_real(self, method: str, channel: str) -> None:
        tier = RULES[method].tier
        if method == "chat.postMessage":
            per_second, capacity, key = limits.POSTS_PER_SECOND, float(limits.POST_BURST), (method, channel)
        elif tier is not None:
            per_second, capacity, key = limits.TIERS[tier] / 60, float(limits.TIERS[tier]), (method, "")
        else:
            return
        if key not in self._buckets:
            self._buckets[key] = Bucket(per_second, max(capacity, 10.0), self._clock.now())
        _refuse_over(self._buckets[key].take(self._clock.now()))


def _refuse_over(wait: float) -> None:
    if wait > 0:
        raise RateLimited(max(1, math.ceil(wait)))
