"""Servers that die and come back: nothing is lost, nobody has to help. Each test has servers of its own or restarts the shared one."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest
from nats.js.errors import NotFoundError

from core.errors import UnavailableError
from core.ports.bus import EventBus
from storage.bus_nats import NatsBus
from storage.cache_redis import open_redis_cache
from storage.engine import open_records
from storage.nats_link import NatsLink, open_nats
from storage.queue_jetstream import open_jetstream_queue
from storage.records import SqlRecords
from tests.contract.builders import eventually
from tests.contract.conftest import Databases
from tests.contract.test_work_queue import consuming, put, take
from tests.servers import ProcessServer, nats_server, redis_server

NATS_GONE = "no connection"


async def wait_until(ask: str, part: object) -> None:
    """Wait until a part's `healthy` begins like that ("" for well)."""

    async def reached() -> bool:
        health: str = await part.healthy()  # type: ignore[attr-defined]  # every port has it
        return health.startswith(ask) if ask else health == ""

    assert await eventually(reached, timeout=15)


async def test_work_goes_on_without_nats_and_with_it_again(records: SqlRecords) -> None:
    with nats_server() as server:
        async with AsyncExitStack() as stack:
            link = await stack.enter_async_context(open_nats(server.url))
            queue = await stack.enter_async_context(open_jetstream_queue(records, link))
            deliveries = await stack.enter_async_context(consuming(queue, prefetch=5))
            await put(records, "before")
            before = await take(deliveries)
            server.kill()
            await wait_until(NATS_GONE, queue)
            await put(records, "meanwhile")
            assert (await take(deliveries)).item.key == "meanwhile"
            await before.ack()
            server.start()
            await wait_until("", queue)
            await put(records, "after")
            assert (await take(deliveries)).item.key == "after"


async def test_what_nats_lost_is_published_again(records: SqlRecords) -> None:
    with nats_server() as server:
        async with open_nats(server.url) as link, open_jetstream_queue(records, link) as queue:
            await put(records, "a", "b")
            assert await eventually(lambda: _holds(link, 2))
            await link.jetstream.delete_stream("copilot_work")
            await put(records, "c")
            assert await eventually(lambda: _holds(link, 3))
            async with consuming(queue, prefetch=3) as deliveries:
                assert [(await take(deliveries)).item.key for _ in range(3)] == ["a", "b", "c"]


async def _holds(link: NatsLink, messages: int) -> bool:
    with suppress(NotFoundError):
        return (await link.jetstream.stream_info("copilot_work")).state.messages == messages
    return False


async def test_publishing_twice_delivers_once(records: SqlRecords) -> None:
    """As after a crash between publishing and noting it."""
    with nats_server() as server:
        async with open_nats(server.url) as link, open_jetstream_queue(records, link) as queue:
            await put(records, "a")
            async with consuming(queue) as deliveries:
                delivery = await take(deliveries)
                await records.write(lambda tx: tx.work.unpublish())
                await delivery.retry(delay=0.1)
                again = await take(deliveries)
                assert again.item.attempt == 2
                await again.ack()
            assert await eventually(lambda: _holds(link, 0))


async def test_it_starts_without_nats_and_finds_it_later(records: SqlRecords) -> None:
    with nats_server() as server:
        server.kill()
        async with open_nats(server.url) as link, open_jetstream_queue(records, link) as queue:
            assert (await queue.healthy()).startswith(NATS_GONE)
            await put(records, "a")
            async with consuming(queue) as deliveries:
                assert (await take(deliveries)).item.key == "a"
                server.start()
                await wait_until("", queue)


async def test_listeners_hear_again_after_nats_came_back() -> None:
    with nats_server() as server:
        async with open_nats(server.url) as link:
            bus: EventBus = NatsBus(link)
            async with bus.listen("run.*") as listener:
                server.kill()
                await wait_until(NATS_GONE, bus)
                with pytest.raises(UnavailableError):
                    await bus.publish("run.lost", {})
                server.start()
                await wait_until("", bus)
                await bus.publish("run.found", {})
                async with asyncio.timeout(10):
                    assert (await anext(listener)).topic == "run.found"


async def test_without_redis_it_counts_alone_and_says_so() -> None:
    with redis_server() as server:
        async with open_redis_cache(server.url) as cache:
            await cache.set("key", b"1", ttl=30)
            server.kill()
            await wait_until("Redis", cache)
            assert await cache.get("key") is None
            await cache.set("key", b"2", ttl=30)
            assert [await cache.add("once", b"1", ttl=30) for _ in range(2)] == [True, False]
            assert [await cache.take("bucket", rate=0.1, burst=1) > 0 for _ in range(2)] == [False, True]
            server.start()
            await wait_until("", cache)
            await cache.set("key", b"3", ttl=30)
            assert await cache.get("key") == b"3"


async def test_records_come_back_with_their_database(postgres: Databases) -> None:
    url = await postgres.migrated()
    async with open_records(url) as records:
        await records.write(lambda tx: tx.channels.set("lane", "before", "1"))
        postgres.server.kill()
        try:
            assert await records.healthy() != ""
            with pytest.raises(UnavailableError):
                await records.write(lambda tx: tx.channels.set("lane", "lost", "1"))
        finally:
            postgres.server.start()
        await records.write(lambda tx: tx.channels.set("lane", "after", "1"))
        assert await records.read(lambda tx: tx.channels.get("lane")) == {"before": "1", "after": "1"}


async def test_a_short_restart_of_the_database_is_not_noticed(postgres: Databases) -> None:
    """All pooled connections are dead at once; the next units take new ones."""
    async with open_records(await postgres.migrated()) as records:
        units = [records.write(lambda tx, n=number: tx.channels.set("lane", str(n), "1")) for number in range(20)]
        await asyncio.gather(*units)
        postgres.server.kill()
        postgres.server.start()
        await records.write(lambda tx: tx.channels.set("lane", "after", "1"))
        assert len(await records.read(lambda tx: tx.channels.get("lane"))) == 21


async def test_queues_wait_for_their_database(postgres: Databases, nats: ProcessServer) -> None:
    async with AsyncExitStack() as stack:
        records = await stack.enter_async_context(open_records(await postgres.migrated()))
        link = await stack.enter_async_context(open_nats(nats.url))
        queue = await stack.enter_async_context(open_jetstream_queue(records, link, name="waits"))
        deliveries = await stack.enter_async_context(consuming(queue))
        async with asyncio.TaskGroup() as tasks:
            taken = tasks.create_task(take(deliveries))
            await asyncio.to_thread(postgres.server.kill)
            await asyncio.to_thread(postgres.server.start)
            await put(records, "a")
        assert taken.result().item.key == "a"
