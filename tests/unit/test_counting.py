"""The counted cache answers as the one behind it, and counts look-ups."""

from bot.counting import CountedCache
from bot.metrics import Metrics
from storage.cache_memory import MemoryCache


async def test_look_ups_are_counted_by_what_they_find() -> None:
    metrics = Metrics()
    cache = CountedCache(MemoryCache(), metrics, level="memory")
    assert await cache.get("k") is None
    await cache.set("k", b"v", ttl=60)
    assert await cache.get("k") == b"v"
    assert await cache.get("k") == b"v"
    assert metrics.registry.get_sample_value("cache_hits_total", {"level": "memory"}) == 2
    assert metrics.registry.get_sample_value("cache_misses_total", {"level": "memory"}) == 1


async def test_everything_else_is_passed_on_uncounted() -> None:
    metrics = Metrics()
    cache = CountedCache(MemoryCache(), metrics, level="redis")
    assert await cache.add("k", b"v", ttl=60)
    assert not await cache.add("k", b"w", ttl=60)
    await cache.delete("k")
    assert await cache.add("k", b"w", ttl=60)
    assert await cache.take("b", rate=1, burst=1) == 0.0
    assert await cache.take("b", rate=1, burst=1) > 0.0
    assert await cache.healthy() == ""
    assert metrics.registry.get_sample_value("cache_misses_total", {"level": "redis"}) is None
