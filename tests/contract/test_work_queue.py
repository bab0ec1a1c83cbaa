"""`core.ports.queue.WorkQueue`: SQL on both databases, and JetStream."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from core.ports.queue import WorkDelivery, WorkQueue
from core.ports.records import Transaction
from storage.records import SqlRecords
from tests.contract.builders import NASTY

SHORT = 0.3
LONG = 30.0

Dispatch = tuple[SqlRecords, WorkQueue]
Deliveries = AsyncGenerator[WorkDelivery, None]


@asynccontextmanager
async def consuming(
    queue: WorkQueue, name: str = "runs", *, lease: float = LONG, prefetch: int = 1
) -> AsyncIterator[Deliveries]:
    async with aclosing(queue.deliveries(name, lease=lease, prefetch=prefetch)) as deliveries:
        yield deliveries


async def put(records: SqlRecords, *keys: str, queue: str = "runs") -> None:
    def unit(tx: Transaction) -> None:
        for key in keys:
            tx.work.put(queue, key)

    await records.write(unit)


async def take(deliveries: Deliveries) -> WorkDelivery:
    async with asyncio.timeout(10):
        return await anext(deliveries)


async def test_work_is_delivered_until_it_is_acknowledged(dispatch: Dispatch) -> None:
    records, queue = dispatch
    async with consuming(queue) as deliveries:
        await put(records, NASTY)
        delivery = await take(deliveries)
        assert (delivery.item.key, delivery.item.queue, delivery.item.attempt) == (NASTY, "runs", 1)
        assert await queue.depth("runs") == 1
        await delivery.ack()
        await delivery.ack()
        assert await queue.depth("runs") == 0


async def test_a_rolled_back_unit_puts_no_work(dispatch: Dispatch) -> None:
    records, queue = dispatch

    def unit(tx: Transaction) -> None:
        tx.work.put("runs", "never")
        raise KeyError("no")

    with pytest.raises(KeyError):
        await records.write(unit)
    await put(records, "kept")
    async with consuming(queue) as deliveries:
        assert (await take(deliveries)).item.key == "kept"
    assert await queue.depth("runs") == 1


async def test_the_same_id_is_enqueued_once_even_after_it_was_done(dispatch: Dispatch) -> None:
    records, queue = dispatch
    for _ in range(2):
        assert await records.write(lambda tx: tx.work.put("runs", "a", item_id="one")) == "one"
    async with consuming(queue) as deliveries:
        await (await take(deliveries)).ack()
        await records.write(lambda tx: tx.work.put("runs", "a", item_id="one"))
        await put(records, "b")
        assert (await take(deliveries)).item.key == "b"


async def test_queues_do_not_mix(dispatch: Dispatch) -> None:
    records, queue = dispatch
    await put(records, "other", queue="other.queue")
    await put(records, "mine")
    async with consuming(queue) as mine, consuming(queue, "other.queue") as other:
        assert (await take(mine)).item.key == "mine"
        assert (await take(other)).item.key == "other"


async def test_a_lease_that_ran_out_passes_to_another_worker(dispatch: Dispatch) -> None:
    records, queue = dispatch
    await put(records, "a")
    async with consuming(queue, lease=SHORT) as dead, consuming(queue, lease=SHORT) as alive:
        lost = await take(dead)
        again = await take(alive)
        assert (again.item.id, again.item.attempt) == (lost.item.id, 2)
        assert not await lost.progress()
        await lost.ack()
        assert await queue.depth("runs") == 1
        await again.ack()
        assert await queue.depth("runs") == 0


async def test_progress_keeps_the_lease(dispatch: Dispatch) -> None:
    records, queue = dispatch
    await put(records, "a")
    async with consuming(queue, lease=SHORT) as mine, consuming(queue, lease=SHORT) as other:
        delivery = await take(mine)
        async with asyncio.TaskGroup() as tasks:
            second = tasks.create_task(take(other))
            for _ in range(8):
                assert await delivery.progress()
                await asyncio.wait({second}, timeout=SHORT / 3)
            assert not second.done()
            await delivery.retry()
        assert second.result().item.attempt == 2


async def test_a_retry_comes_again_and_a_rejected_item_is_parked(dispatch: Dispatch) -> None:
    records, queue = dispatch
    await put(records, "a")
    async with consuming(queue) as deliveries:
        await (await take(deliveries)).retry(delay=0.05)
        delivery = await take(deliveries)
        assert delivery.item.attempt == 2
        await delivery.reject("poison \x00")
        await put(records, "b")
        assert (await take(deliveries)).item.key == "b"
    assert [(item.key, reason) for item, reason in await queue.parked("runs")] == [("a", "poison \x00")]
    assert await queue.depth("runs") == 1


async def test_delayed_work_waits(dispatch: Dispatch) -> None:
    records, queue = dispatch
    await records.write(lambda tx: tx.work.put("runs", "later", delay_seconds=0.4))
    await put(records, "now")
    async with consuming(queue, prefetch=2) as deliveries:
        assert [(await take(deliveries)).item.key for _ in range(2)] == ["now", "later"]


async def test_no_more_than_prefetch_is_held(dispatch: Dispatch) -> None:
    records, queue = dispatch
    await put(records, "a", "b", "c")
    async with consuming(queue, prefetch=2) as deliveries:
        held = [await take(deliveries) for _ in range(2)]
        async with asyncio.TaskGroup() as tasks:
            third = tasks.create_task(take(deliveries))
            await asyncio.wait({third}, timeout=0.2)
            assert not third.done()
            await held[0].ack()
        assert {delivery.item.key for delivery in (*held, third.result())} == {"a", "b", "c"}


async def test_closing_gives_back_what_was_not_acknowledged(dispatch: Dispatch) -> None:
    records, queue = dispatch
    await put(records, "a", "b")
    async with consuming(queue, prefetch=2) as deliveries:
        first = await take(deliveries)
    async with consuming(queue, prefetch=2) as deliveries:
        again = {delivery.item.key: delivery.item.attempt for delivery in [await take(deliveries) for _ in range(2)]}
    assert sorted(again) == ["a", "b"]
    assert again[first.item.key] == 2


async def test_twenty_workers_share_the_work(dispatch: Dispatch) -> None:
    records, queue = dispatch
    keys = [f"k{number}" for number in range(60)]
    handled: list[str] = []
    over = asyncio.Event()

    async def work() -> None:
        async with consuming(queue, prefetch=3) as deliveries:
            async for delivery in deliveries:
                await delivery.ack()
                handled.append(delivery.item.key)
                if len(handled) == len(keys):
                    over.set()

    async with asyncio.TaskGroup() as tasks:
        workers = [tasks.create_task(work()) for _ in range(20)]
        await put(records, *keys)
        async with asyncio.timeout(20):
            await over.wait()
        for worker in workers:
            worker.cancel()
    assert sorted(handled) == sorted(keys)
    assert await queue.depth("runs") == 0


async def test_a_working_queue_is_healthy(dispatch: Dispatch) -> None:
    _, queue = dispatch
    assert await queue.healthy() == ""
