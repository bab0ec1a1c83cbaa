"""Sends the outbox: one lane a destination, newest state last and always, each outcome on the record."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Self, TypeVar

import structlog

from bot.leases import Leases
from bot.waiting import until, wait_for
from core.conversation import replies
from core.conversation.awaiting import wait_here
from core.errors import (
    BotError,
    RateLimited,
    UnavailableError,
    UpstreamError,
    UpstreamRejected,
    UpstreamTimeout,
)
from core.messages import Account, Delivery, MessageRef, Platform
from core.ports.clock import Clock
from core.ports.platforms import GONE, NOT_A_MEMBER, Connector, OpensThreads, ShowsHome
from core.ports.records import OutboxEntry, Records, Transaction
from core.workflow.conflicts import write

log = structlog.get_logger()

T = TypeVar("T")

_SWEEP = 0.5
_BACKOFF_FIRST, _BACKOFF_MOST = 0.5, 60.0
"""Seconds between attempts when a platform is away: doubled each time, with jitter."""
_HANDLE_MARGIN = 5.0
"""Seconds before its end from which a handle counts as dead: an answer on the way must still arrive."""


class Sender:
    """Owns one task for each lane that has something to send."""

    def __init__(
        self,
        records: Records,
        connectors: Mapping[Platform, Connector],
        *,
        clock: Clock,
        holder: str,
        lease: float = Leases.sending,
    ) -> None:
        self._records = records
        self._connectors = connectors
        self._clock = clock
        self._holder = holder
        self._lease = lease
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._tasks = asyncio.TaskGroup()
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._tasks.create_task(self._sweep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish what is on the way; what waits stays in the outbox."""
        self._stop.set()
        await self._tasks.__aexit__(kind, error, trace)

    async def drain(self, within: float) -> bool:
        """Take nothing new and finish what is on the way, in so many seconds; what waits stays in the outbox."""
        self._stop.set()
        return await until(lambda: not self._busy, within)

    def claim(self, tx: Transaction, lane: str) -> OutboxEntry | None:
        """Claim the lane's next row inside the transaction that put it there; hand the result to `take` after the commit."""
        if lane in self._busy or self._stop.is_set() or not self._serves(lane):
            self._again.add(lane)
            return None
        return self._claim_next(tx, lane)

    def take(self, entry: OutboxEntry) -> None:
        """Send a claimed row, then what follows it in its lane."""
        self._start(entry.delivery.place.lane, entry)

    def wake(self, lane: str) -> None:
        """Something was put into this lane."""
        if lane in self._busy:
            self._again.add(lane)
        elif self._serves(lane) and not self._stop.is_set():
            self._start(lane, None)

    def _serves(self, lane: str) -> bool:
        return lane.partition(":")[0] in self._connectors

    def _start(self, lane: str, entry: OutboxEntry | None) -> None:
        self._busy.add(lane)
        self._tasks.create_task(self._drain(lane, entry))

    async def _drain(self, lane: str, entry: OutboxEntry | None) -> None:
        try:
            while True:
                self._again.discard(lane)
                entry = entry or await self._write(lambda tx: self._next(tx, lane))
                while entry:
                    entry = await self._send(lane, entry)
                if lane not in self._again or self._stop.is_set():
                    return
        except BotError as error:
            # The records are away: the lease runs out and the row is taken again, marked as doubtful.
            log.error("sender.not_recorded", lane=lane, error=error.message)
        finally:
            self._busy.discard(lane)

    def _next(self, tx: Transaction, lane: str) -> OutboxEntry | None:
        return None if self._stop.is_set() else self._claim_next(tx, lane)

    def _claim_next(self, tx: Transaction, lane: str) -> OutboxEntry | None:
        """In its place. What it waits for is recorded before it is sent: the answer may be quicker than the next commit."""
        now = self._clock.now()
        claimed = tx.outbox.claim_next(lane, holder=self._holder, now=now, lease_seconds=self._lease)
        entry = _placed(claimed) if claimed else None
        if entry and entry.delivery.awaits:
            wait_here(tx, entry.delivery.place, entry.delivery.awaits, now=now)
        return entry

    async def _send(self, lane: str, entry: OutboxEntry) -> OutboxEntry | None:
        """Send one row and record the outcome; the next row of the lane is claimed in the same transaction."""
        try:
            ref = await self._deliver(entry)
        except RateLimited as error:
            return await self._put_back(lane, entry, error, pause=error.delay or 1.0)
        except UpstreamRejected as error:
            return await self._rejected(lane, entry, error)
        except UpstreamError as error:
            pause = min(_BACKOFF_MOST, _BACKOFF_FIRST * 2 ** min(entry.attempts - 1, 10)) * random.uniform(0.75, 1.25)
            return await self._put_back(lane, entry, error, pause=pause)

        except Exception as error:  # a bug in a renderer must not stop everything else that is to be sent
            if self._stop.is_set():
                # The platform's client was closed under it: the row is taken again, marked as doubtful.
                raise UnavailableError(f"It was not sent before the end ({type(error).__name__}).") from error
            log.exception("sender.broke", lane=lane, subject=entry.delivery.subject)
            problem = UpstreamRejected(lane, f"It could not be put into a message ({type(error).__name__}).")
            return await self._rejected(lane, entry, problem)

        def unit(tx: Transaction) -> OutboxEntry | None:
            tx.outbox.sent(entry.id, holder=self._holder, ref=ref)
            return self._next(tx, lane)

        return await self._write(unit)

    async def _put_back(
        self, lane: str, entry: OutboxEntry, error: UpstreamError, *, pause: float
    ) -> OutboxEntry | None:
        """Give the row back and let the whole lane wait: what comes later must not overtake it."""
        log.warning("sender.retry", lane=lane, attempt=entry.attempts, pause=round(pause, 2), error=error.message)
        due = self._clock.now() + timedelta(seconds=pause)
        doubtful = entry.doubtful or isinstance(error, UpstreamTimeout)
        await self._write(
            lambda tx: tx.outbox.retry(
                entry.id, holder=self._holder, due_at=due, error=error.message, doubtful=doubtful
            )
        )
        await self._pause(pause)
        return await self._write(lambda tx: self._next(tx, lane))

    async def _rejected(self, lane: str, entry: OutboxEntry, error: UpstreamRejected) -> OutboxEntry | None:
        log.warning("sender.rejected", lane=lane, subject=entry.delivery.subject, reason=error.reason)
        if error.reason == NOT_A_MEMBER:
            await self._say_how_to_invite(entry.delivery, error)

        def unit(tx: Transaction) -> OutboxEntry | None:
            if error.reason == GONE:
                tx.outbox.sent(entry.id, holder=self._holder, ref=None)
            else:
                tx.outbox.park(entry.id, holder=self._holder, error=f"{error.reason}: {error.message}")
            return self._next(tx, lane)

        return await self._write(unit)

    async def _deliver(self, entry: OutboxEntry) -> MessageRef | None:
        delivery = entry.delivery
        connector = self._connectors[delivery.place.platform]
        if delivery.home and isinstance(connector, ShowsHome):
            await connector.show_home(self._person(delivery), delivery.reply)
            return None
        if delivery.private_to:
            return await self._deliver_privately(connector, entry)
        if entry.ref:
            return await connector.edit(entry.ref, delivery.reply, key=entry.key)
        place = delivery.place
        if delivery.open_thread and place.thread and isinstance(connector, OpensThreads):
            place = await connector.open_thread(place, place.thread, delivery.reply.summary[:80])
        if entry.doubtful and (found := await connector.find(place, key=entry.key)):
            return await connector.edit(found, delivery.reply, key=entry.key)
        handle = delivery.handle
        if handle and handle.deferred and self._alive(delivery):
            try:
                return await connector.answer(handle, place, delivery.reply, private=handle.private, key=entry.key)
            except UpstreamRejected as error:
                if error.reason != GONE:
                    raise
                log.info("sender.handle_dead", subject=delivery.subject)
        return await connector.post(place, delivery.reply, key=entry.key)

    async def _deliver_privately(self, connector: Connector, entry: OutboxEntry) -> MessageRef | None:
        delivery = entry.delivery
        if delivery.handle and self._alive(delivery):
            try:
                return await connector.answer(
                    delivery.handle, delivery.place, delivery.reply, private=True, key=entry.key
                )
            except UpstreamRejected as error:
                if error.reason != GONE:
                    raise
        await connector.whisper(delivery.place, self._person(delivery), delivery.reply, key=entry.key)
        return None

    def _alive(self, delivery: Delivery) -> bool:
        now = self._clock.now().timestamp()
        return delivery.handle is not None and now < delivery.handle.expires_at - _HANDLE_MARGIN

    @staticmethod
    def _person(delivery: Delivery) -> Account:
        return Account(delivery.place.platform, delivery.place.workspace, delivery.private_to)

    async def _say_how_to_invite(self, delivery: Delivery, error: UpstreamRejected) -> None:
        """Tell the person who asked; without a living handle there is nobody we could reach here."""
        if not delivery.handle or not self._alive(delivery):
            return
        connector = self._connectors[delivery.place.platform]
        reply = replies.not_a_member(error.hint)
        try:
            await connector.answer(delivery.handle, delivery.place, reply, private=True, key=delivery.subject)
        except UpstreamError as problem:
            log.warning("sender.invite_untold", error=problem.message)

    async def _write(self, unit: Callable[[Transaction], T]) -> T:
        """Record something, again when another replica put a newer state of the same message at the same moment."""
        return await write(self._records, unit)

    async def _pause(self, seconds: float) -> None:
        """Wait by the bot's clock, but not beyond the end of this sender."""
        waits = {self._tasks.create_task(wait) for wait in (self._clock.sleep(seconds), _ended(self._stop))}
        _, left = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()

    async def _sweep(self) -> None:
        """Find lanes that other processes filled, or whose rows became due."""
        while not self._stop.is_set():
            try:
                lanes = await self._records.read(lambda tx: tx.outbox.lanes(now=self._clock.now(), limit=100))
                for lane in lanes:
                    if lane not in self._busy:
                        self.wake(lane)
            except BotError as error:
                log.warning("sender.sweep_failed", error=error.message)
            await wait_for(self._stop, _SWEEP)


def _placed(entry: OutboxEntry) -> OutboxEntry:
    """In the thread of the message that it belongs under."""
    if entry.under is None:
        return entry
    place = replace(entry.delivery.place, thread=entry.under.parts[0])
    return replace(entry, delivery=replace(entry.delivery, place=place, open_thread=True))


async def _ended(stop: asyncio.Event) -> None:
    await stop.wait()
