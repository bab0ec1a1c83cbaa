"""Small facts shared by replicas, in Redis 6.2 or later. A cache may forget: while Redis is away nothing is found, and what must
be counted is counted in this process alone."""

import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from storage.cache_memory import MemoryCache

log = structlog.get_logger()

T = TypeVar("T")

REDIS_ERRORS: tuple[type[Exception], ...] = (RedisError, OSError, TimeoutError)
"""Everything the client raises when the server is away or refuses."""

_TIMEOUT = 0.5
_SPARED = 1.0
"""Seconds in which nothing is asked of a server that has just failed."""

# Token bucket: KEYS[1]; ARGV rate, burst. Time is the server's, so all replicas agree. Answers the seconds to wait, as text
# because Redis cuts numbers to integers.
_TAKE = """
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or burst
local at = tonumber(bucket[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.max((1 - tokens) / rate, 0.000001) end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return string.format('%.6f', wait)
"""


class RedisCache:
    """Implements `core.ports.cache.Cache`. Open with `open_redis_cache`.

    While Redis is away: `get` finds nothing, `set` and `delete` do nothing, `add` and `take` count in this process only. It
    comes back by itself.
    """

    def __init__(self, client: Redis, *, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._take = client.register_script(_TAKE)
        self._local = MemoryCache()
        self._spared_until = 0.0

    async def get(self, key: str) -> bytes | None:
        """See `Cache.get`."""
        value = await self._ask(lambda: self._client.get(self._prefix + key))
        return value.encode() if isinstance(value, str) else value

    async def set(self, key: str, value: bytes, *, ttl: float) -> None:
        """See `Cache.set`."""
        await self._ask(lambda: self._client.set(self._prefix + key, value, px=_milliseconds(ttl)))

    async def add(self, key: str, value: bytes, *, ttl: float) -> bool:
        """See `Cache.add`."""

        async def add() -> bool:
            return bool(await self._client.set(self._prefix + key, value, px=_milliseconds(ttl), nx=True))

        added = await self._ask(add)
        return await self._local.add(key, value, ttl=ttl) if added is None else added

    async def delete(self, key: str) -> None:
        """See `Cache.delete`."""
        await self._local.delete(key)
        await self._ask(lambda: self._client.delete(self._prefix + key))

    async def take(self, key: str, *, rate: float, burst: int) -> float:
        """See `Cache.take`."""
        answer = await self._ask(lambda: self._take(keys=[f"{self._prefix}take:{key}"], args=[rate, burst]))
        return await self._local.take(key, rate=rate, burst=burst) if answer is None else float(answer)

    async def healthy(self) -> str:
        """See `Cache.healthy`."""
        try:
            await self._client.ping()
        except REDIS_ERRORS as error:
            return f"Redis: {str(error) or type(error).__name__}"
        self._spared_until = 0.0
        return ""

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """The server's answer, None while it is away."""
        if time.monotonic() < self._spared_until:
            return None
        try:
            return await call()
        except REDIS_ERRORS as error:
            self._spared_until = time.monotonic() + _SPARED
            log.warning("cache.away", error=str(error) or type(error).__name__)
            return None


@asynccontextmanager
async def open_redis_cache(url: str, *, prefix: str = "copilot:") -> AsyncIterator[RedisCache]:
    """A cache on the server at `redis://…` or `unix://…`; it need not be there yet. `prefix` begins all keys."""
    client = Redis.from_url(
        url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry=Retry(NoBackoff(), retries=1)
    )
    async with client:
        yield RedisCache(client, prefix=prefix)


def _milliseconds(seconds: float) -> int:
    return max(1, math.ceil(seconds * 1000))
