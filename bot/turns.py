"""Handles committed turns: one at a time in a conversation, many conversations at once, and goes on after a crash."""

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from bot.leases import Leases
from bot.metrics import Metrics
from bot.sender import Sender
from bot.waiting import until, wait_for
from core.conversation.desk import Outcome
from core.conversation.service import Conversation
from core.errors import BotError, ConflictError, UnavailableError
from core.messages import Platform
from core.ports.platforms import Connector
from core.ports.records import InboxEntry, OutboxEntry, Records, Transaction
from core.tracing import correlation

log = structlog.get_logger()

_SWEEP = 1.0
"""Seconds between looks for entries that nobody holds."""
_ATTEMPTS = 5
"""Decisions against a moving history are made anew this often before the person is told."""


class TurnWorker:
    """Owns the tasks that handle inbox entries of this process."""

    def __init__(
        self,
        records: Records,
        conversation: Conversation,
        sender: Sender,
        connectors: Mapping[Platform, Connector],
        *,
        holder: str,
        metrics: Metrics,
        concurrency: int = 64,
        lease: float = Leases.turn,
    ) -> None:
        """`connectors`: of the platforms that this process can answer on, also those that are connected later; turns of others are
        left to other processes."""
        self.holder = holder
        self.lease = lease
        self._records = records
        self._conversation = conversation
        self._sender = sender
        self._connectors = connectors
        self._metrics = metrics
        self._concurrency = concurrency
        self._active: dict[str, InboxEntry] = {}
        self._news = asyncio.Event()
        self._tasks = asyncio.TaskGroup()
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._tasks.create_task(self._sweep())
        self._tasks.create_task(self._heartbeat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish what is being handled, take nothing new."""
        self._stop.set()
        self._news.set()
        await self._tasks.__aexit__(kind, error, trace)

    async def drain(self, within: float) -> bool:
        """Take nothing new and finish what is being handled, in so many seconds; the rest is taken again after its lease."""
        self._stop.set()
        self._news.set()
        return await until(lambda: self.idle, within)

    def has_room(self, platform: Platform, *, overtakes: bool = False) -> bool:
        """True when a new entry of this platform would be handled at once. What overtakes finds room always."""
        if platform not in self._connectors or self._stop.is_set():
            return False
        return overtakes or len(self._active) < self._concurrency

    @property
    def idle(self) -> bool:
        """True when nothing is being handled here."""
        return not self._active

    def backlog(self) -> None:
        """There are entries that this process did not claim; look when there is room."""
        self._news.set()

    def take(self, entry: InboxEntry) -> None:
        """Handle an entry that this process has claimed, then what follows it in its conversation. One that is being handled here
        already was claimed again because its lease had run out; that renewed it."""
        if entry.id in self._active:
            log.warning("turn.claim_renewed", entry=entry.id)
            return
        self._active[entry.id] = entry
        self._tasks.create_task(self._work(entry))

    async def _work(self, entry: InboxEntry) -> None:
        current: InboxEntry | None = entry
        while current:
            following = None
            try:
                following = await self._handle(current)
            except BotError as error:
                # The records are away. The claim runs out and the entry is taken again, by us or another replica.
                log.error("turn.not_finished", entry=current.id, error=error.message)
            finally:
                del self._active[current.id]
            if following and following.id in self._active:
                following = None
            if following:
                self._active[following.id] = following
            current = following
        if len(self._active) < self._concurrency:
            self._news.set()

    async def _handle(self, entry: InboxEntry) -> InboxEntry | None:
        began = time.perf_counter()
        item = entry.item
        with structlog.contextvars.bound_contextvars(correlation=correlation(item.traceparent), entry=entry.id):
            following = None
            for attempt in range(1, _ATTEMPTS + 1):
                outcome = await self._conversation.handle(entry, hopeless=attempt == _ATTEMPTS)
                try:
                    following = await self._finish(entry, outcome)
                except ConflictError as error:
                    # Somebody else changed the run meanwhile: decide again on what it is now.
                    log.info("turn.decided_again", attempt=attempt, reason=error.message)
                    continue
                except UnavailableError:
                    raise
                except (
                    Exception
                ) as error:  # what the decision itself refuses, or a bug: the person is told, nothing is kept
                    following = await self._finish(entry, self._conversation.failure(entry, error))
                break
            else:
                log.error("turn.gave_up", attempts=_ATTEMPTS)
            self._metrics.turn(item.place.platform, item.kind, time.perf_counter() - began)
            return following

    async def _finish(self, entry: InboxEntry, outcome: Outcome) -> InboxEntry | None:
        """Commit the outcome, the end of the entry and the claim of what comes next, all at once."""

        def unit(tx: Transaction) -> tuple[list[OutboxEntry], InboxEntry | None]:
            lanes = list(dict.fromkeys(outcome.apply(tx)))
            if not tx.inbox.finish(entry.id, holder=self.holder, outcome=outcome.label):
                raise _ClaimLost
            claimed = [sending for lane in lanes if (sending := self._sender.claim(tx, lane))]
            following = None
            if not self._stop.is_set():
                following = tx.inbox.claim_next(entry.conversation, holder=self.holder, lease_seconds=self.lease)
            return claimed, following

        try:
            claimed, following = await self._records.write(unit)
        except _ClaimLost:
            log.warning("turn.claim_lost", entry=entry.id)
            return None
        for sending in claimed:
            self._sender.take(sending)
        if outcome.label:
            self._metrics.message(outcome.label)
        return following

    async def _sweep(self) -> None:
        """Pick up what nobody holds: after a crash, a burst beyond our room, or a release."""
        while not self._stop.is_set():
            await self._fill()
            self._news.clear()
            if not self._stop.is_set():
                await wait_for(self._news, _SWEEP)

    async def _fill(self) -> None:
        room = self._concurrency - len(self._active)
        platforms = list(self._connectors)
        if room <= 0 or not platforms:
            return
        try:
            waiting = await self._records.read(lambda tx: tx.inbox.ready(platforms=platforms, limit=room))
            for found in waiting:
                if claimed := await self._records.write(partial(self._claim, found)):
                    self.take(claimed)
        except BotError as error:
            log.warning("turns.sweep_failed", error=error.message)

    def _claim(self, found: tuple[str, str, bool], tx: Transaction) -> InboxEntry | None:
        entry_id, conversation, first = found
        if first:
            return tx.inbox.claim(entry_id, holder=self.holder, lease_seconds=self.lease)
        return tx.inbox.claim_next(conversation, holder=self.holder, lease_seconds=self.lease)

    async def _heartbeat(self) -> None:
        """Keep the claims of entries that take long."""
        while not await wait_for(self._stop, self.lease / 3):
            active = list(self._active)
            if not active:
                continue

            def unit(tx: Transaction, active: list[str] = active) -> None:
                for entry_id in active:
                    tx.inbox.extend(entry_id, holder=self.holder, lease_seconds=self.lease)

            try:
                await self._records.write(unit)
            except BotError as error:
                log.warning("turns.heartbeat_failed", error=error.message)


class _ClaimLost(Exception):
    """Another worker has the entry now; nothing of ours may be kept."""
