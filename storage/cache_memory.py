"""Small facts in this process: the least recently used go first."""

import time
from collections import OrderedDict
from collections.abc import Callable


class MemoryCache:
    """Implements `core.ports.cache.Cache`, bounded in entries. Nothing in it waits, so each call is atomic."""

    def __init__(self, *, most: int = 10_000, now: Callable[[], float] = time.monotonic) -> None:
        """`most`: entries kept, and buckets kept; `now`: seconds that only go forward."""
        self._most = most
        self._now = now
        self._values: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        """See `Cache.get`."""
        value, until = self._values.get(key, (b"", 0.0))
        if until <= self._now():
            self._values.pop(key, None)
            return None
        self._values.move_to_end(key)
        return value

    async def set(self, key: str, value: bytes, *, ttl: float) -> None:
        """See `Cache.set`."""
        self._values[key] = (value, self._now() + ttl)
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    async def add(self, key: str, value: bytes, *, ttl: float) -> bool:
        """See `Cache.add`."""
        if await self.get(key) is not None:
            return False
        await self.set(key, value, ttl=ttl)
        return True

    async def delete(self, key: str) -> None:
        """See `Cache.delete`."""
        self._values.pop(key, None)

    async def take(self, key: str, *, rate: float, burst: int) -> float:
        """See `Cache.take`."""
        now = self._now()
        tokens, at = self._buckets.pop(key, (float(burst), now))
        tokens = min(float(burst), tokens + (now - at) * rate)
        wait = 0.0 if tokens >= 1.0 else (1.0 - tokens) / rate
        self._buckets[key] = (tokens - 1.0 if wait == 0.0 else tokens, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return wait

    async def healthy(self) -> str:
        """See `Cache.healthy`."""
        return ""
