"""`core.ports.cache.Cache`: in memory and in Redis."""

import asyncio

from core.ports.cache import Cache
from storage.cache_memory import MemoryCache
from tests.contract.builders import eventually

VALUE = bytes(range(256))


async def test_a_value_comes_back_until_it_is_deleted(cache: Cache) -> None:
    assert await cache.get("key \x00 🛠") is None
    await cache.set("key \x00 🛠", VALUE, ttl=30)
    assert await cache.get("key \x00 🛠") == VALUE
    await cache.delete("key \x00 🛠")
    await cache.delete("key \x00 🛠")
    assert await cache.get("key \x00 🛠") is None


async def test_a_value_is_forgotten_after_its_time(cache: Cache) -> None:
    await cache.set("key", VALUE, ttl=0.05)

    async def gone() -> bool:
        return await cache.get("key") is None

    assert await eventually(gone)
    assert await cache.add("key", b"new", ttl=30)


async def test_of_fifty_adds_one_wins(cache: Cache) -> None:
    added = await asyncio.gather(*(cache.add("key", str(number).encode(), ttl=30) for number in range(50)))
    assert sum(added) == 1
    assert await cache.get("key") == str(added.index(True)).encode()


async def test_a_bucket_gives_its_burst_and_then_tells_how_long_to_wait(cache: Cache) -> None:
    taken = await asyncio.gather(*(cache.take("bucket", rate=0.1, burst=5) for _ in range(50)))
    assert taken.count(0.0) == 5
    assert all(9.0 < wait <= 10.0 for wait in taken if wait)
    assert await cache.take("another", rate=0.1, burst=1) == 0.0


async def test_a_bucket_fills_again(cache: Cache) -> None:
    assert await cache.take("bucket", rate=10.0, burst=1) == 0.0

    async def taken() -> bool:
        return await cache.take("bucket", rate=10.0, burst=1) == 0.0

    assert await eventually(taken)


async def test_a_working_cache_is_healthy(cache: Cache) -> None:
    assert await cache.healthy() == ""


async def test_memory_is_bounded_and_keeps_what_is_used() -> None:
    cache = MemoryCache(most=3)
    for key in ("a", "b", "c"):
        await cache.set(key, VALUE, ttl=30)
    await cache.get("a")
    await cache.set("d", VALUE, ttl=30)
    assert [key for key in "abcd" if await cache.get(key)] == ["a", "c", "d"]


async def test_memory_buckets_are_bounded() -> None:
    cache = MemoryCache(most=2)
    for key in ("a", "b", "c", "a"):
        assert await cache.take(key, rate=0.001, burst=1) == 0.0


async def test_a_bucket_never_holds_more_than_its_burst() -> None:
    time = [0.0]
    cache = MemoryCache(now=lambda: time[0])
    for _ in range(2):
        await cache.take("bucket", rate=1.0, burst=2)
    time[0] = 1_000.0
    assert [await cache.take("bucket", rate=1.0, burst=2) for _ in range(3)] == [0.0, 0.0, 1.0]
