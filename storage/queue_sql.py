"""Work delivered straight from the rows: claims with a lease by the database's clock."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

import structlog

from core.errors import UnavailableError
from core.ports.queue import WorkDelivery, WorkItem
from storage.lifetimes import wait_for
from storage.records import SqlRecords
from storage.unit import SqlTransaction
from storage.work import WorkClaim

log = structlog.get_logger()

POLL = 0.5
"""Seconds between looks for work that another process put, or that became due."""


class SqlWorkQueue:
    """Implements `core.ports.queue.WorkQueue` on the rows of `work_items`."""

    def __init__(self, records: SqlRecords) -> None:
        self._records = records

    async def deliveries(self, queue: str, *, lease: float, prefetch: int = 1) -> AsyncGenerator[WorkDelivery, None]:
        """See `WorkQueue.deliveries`. While the database is away nothing is delivered; it goes on by itself."""

        async def fetch(room: int) -> Sequence[HeldDelivery]:
            return await claim_rows(self._records, queue, lease=lease, limit=room, freed=news.set)

        with self._records.listening(queue) as news:
            hands = Hands(prefetch, news)
            try:
                while True:
                    news.clear()
                    async for delivery in hands.fill(fetch):
                        yield delivery
                    await wait_for(news, POLL)
            finally:
                await hands.give_back()

    async def depth(self, queue: str) -> int:
        """See `WorkQueue.depth`."""
        return await self._records.read(lambda tx: tx.work.depth(queue))

    async def parked(self, queue: str) -> list[tuple[WorkItem, str]]:
        """See `WorkQueue.parked`."""
        return await self._records.read(lambda tx: tx.work.parked(queue))

    async def healthy(self) -> str:
        """See `WorkQueue.healthy`."""
        return await self._records.healthy()


class HeldDelivery:
    """Implements `core.ports.queue.WorkDelivery` for a claimed row."""

    def __init__(self, records: SqlRecords, claim: WorkClaim, *, lease: float, freed: Callable[[], None]) -> None:
        self._records = records
        self._claim = claim
        self._lease = lease
        self._freed = freed
        self._until = time.monotonic() + lease
        self._over = False
        self.seen = False
        """A worker has it."""

    @property
    def item(self) -> WorkItem:
        return self._claim.item

    @property
    def held(self) -> bool:
        """False once it was settled, or its lease must have run out."""
        return not self._over and time.monotonic() < self._until

    async def ack(self) -> None:
        await self._settle(lambda tx: tx.work.done(self._claim))

    async def progress(self) -> bool:
        before = time.monotonic()
        kept = await self._records.write(lambda tx: tx.work.extend(self._claim, lease_seconds=self._lease))
        if kept:
            self._until = before + self._lease
        return kept

    async def retry(self, delay: float = 0.0) -> None:
        await self._settle(lambda tx: tx.work.retry(self._claim, delay_seconds=delay))

    async def reject(self, reason: str) -> None:
        await self._settle(lambda tx: tx.work.park(self._claim, reason))

    async def give_back(self) -> None:
        """Let another worker have it at once; what nobody has seen was no attempt."""
        if self.seen:
            await self.retry()
        else:
            await self._settle(lambda tx: tx.work.untouched(self._claim))

    async def _settle(self, unit: Callable[[SqlTransaction], object]) -> None:
        await self._records.write(unit)
        self._over = True
        self._freed()


class Hands:
    """What one consumer holds: never more than it asked for."""

    def __init__(self, most: int, freed: asyncio.Event) -> None:
        """`freed` is set by deliveries that are settled."""
        self._most = most
        self._freed = freed
        self._held: list[HeldDelivery] = []
        self._unseen: deque[HeldDelivery] = deque()

    @property
    def room(self) -> int:
        """How many more may be taken."""
        self._held = [delivery for delivery in self._held if delivery.held]
        return self._most - len(self._held)

    async def fill(
        self, fetch: Callable[[int], Awaitable[Sequence[HeldDelivery]]]
    ) -> AsyncGenerator[HeldDelivery, None]:
        """Take what fits, and hand it out one by one, until there is no more."""
        while room := self.room:
            try:
                taken = await fetch(room)
            except UnavailableError as error:
                log.warning("work.cannot_claim", error=error.message, hint=error.hint)
                return
            if not taken:
                return
            self._held += taken
            self._unseen += taken
            while self._unseen:
                delivery = self._unseen.popleft()
                delivery.seen = True
                if delivery.held:
                    yield delivery

    async def give_back(self) -> None:
        """Release everything that is still held; where the database is away the leases run out instead."""
        for delivery in self._held:
            if delivery.held:
                with suppress(UnavailableError):
                    await delivery.give_back()


async def claim_rows(
    records: SqlRecords, queue: str, *, lease: float, limit: int, freed: Callable[[], None], waited: float = 0.0
) -> Sequence[HeldDelivery]:
    """Claim what waits for `waited` seconds or more, at most `limit` items. Cancelled, it gives back what the transaction claims all the same: a commit under
    way cannot be called off."""

    def unit(tx: SqlTransaction) -> list[WorkClaim]:
        return tx.work.claim_batch(queue, lease_seconds=lease, limit=limit, waited_seconds=waited)

    claiming = asyncio.get_running_loop().create_task(records.write(unit))
    try:
        claims = await asyncio.shield(claiming)
    except asyncio.CancelledError:
        with suppress(UnavailableError):
            for claim in await claiming:
                await records.write(partial(_untouched, claim))
        raise
    return [HeldDelivery(records, claim, lease=lease, freed=freed) for claim in claims]


def _untouched(claim: WorkClaim, tx: SqlTransaction) -> None:
    tx.work.untouched(claim)
