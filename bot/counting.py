"""What is counted at the edge of a port: the adapter behind it knows nothing of metrics."""

from typing import Literal

from bot.metrics import Metrics
from core.ports.cache import Cache


class CountedCache:
    """Implements `core.ports.cache.Cache` by another one, counting which look-ups find something."""

    def __init__(self, cache: Cache, metrics: Metrics, *, level: Literal["memory", "redis"]) -> None:
        self.uncounted = cache
        """For those who count by themselves."""
        self._metrics = metrics
        self._level = level

    async def get(self, key: str) -> bytes | None:
        """See `Cache.get`."""
        found = await self.uncounted.get(key)
        self._metrics.looked_up(self._level, hit=found is not None)
        return found

    async def set(self, key: str, value: bytes, *, ttl: float) -> None:
        """See `Cache.set`."""
        await self.uncounted.set(key, value, ttl=ttl)

    async def add(self, key: str, value: bytes, *, ttl: float) -> bool:
        """See `Cache.add`."""
        return await self.uncounted.add(key, value, ttl=ttl)

    async def delete(self, key: str) -> None:
        """See `Cache.delete`."""
        await self.uncounted.delete(key)

    async def take(self, key: str, *, rate: float, burst: int) -> float:
        """See `Cache.take`."""
        return await self.uncounted.take(key, rate=rate, burst=burst)

    async def healthy(self) -> str:
        """See `Cache.healthy`."""
        return await self.uncounted.healthy()
