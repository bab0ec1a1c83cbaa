"""Work dispatched through NATS JetStream. The rows stay the truth: a relay publishes pointers to them after the commit, and a
delivery claims its row. While NATS is away the rows are claimed directly, so work goes on, only slower to start."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, RetentionPolicy, StreamConfig
from nats.js.errors import NotFoundError

from core.errors import BotError
from core.ports.queue import WorkDelivery, WorkItem
from storage.lifetimes import heed_cancellation, running, wait_for
from storage.nats_link import NATS_ERRORS, NatsLink
from storage.queue_sql import POLL, Hands, HeldDelivery, claim_rows
from storage.records import SqlRecords
from storage.work import WorkClaim

log = structlog.get_logger()

_DEDUPLICATE = 120.0
"""Seconds in which the server drops a second message with the same id."""
_LOST_AFTER = 600.0
"""Seconds after which a published row that nobody took is published again."""
_STRAYED_AFTER = 2.0
"""Seconds after which an idle worker takes a row that NATS should have brought."""
_BATCH = 100
_RELAY_ERRORS: tuple[type[Exception], ...] = (*NATS_ERRORS, BotError)


class JetStreamWorkQueue:
    """Implements `core.ports.queue.WorkQueue`. Open with `open_jetstream_queue`."""

    def __init__(self, records: SqlRecords, link: NatsLink, *, name: str) -> None:
        self._records = records
        self._link = link
        self._stream = name
        self._ready = 0
        """The connection (by number) on which the stream was seen to exist; 0 to look again."""

    async def deliveries(self, queue: str, *, lease: float, prefetch: int = 1) -> AsyncGenerator[WorkDelivery, None]:
        """See `WorkQueue.deliveries`."""
        with self._records.listening(queue) as news:
            source = _Source(self, queue, lease, news.set)
            hands = Hands(prefetch, news)
            try:
                while True:
                    news.clear()
                    async for delivery in hands.fill(source.fetch):
                        yield delivery
                    if not hands.room or not self._link.connected:
                        await wait_for(news, POLL)
            finally:
                await source.close()
                await hands.give_back()

    async def depth(self, queue: str) -> int:
        """See `WorkQueue.depth`."""
        return await self._records.read(lambda tx: tx.work.depth(queue))

    async def parked(self, queue: str) -> list[tuple[WorkItem, str]]:
        """See `WorkQueue.parked`."""
        return await self._records.read(lambda tx: tx.work.parked(queue))

    async def healthy(self) -> str:
        """See `WorkQueue.healthy`."""
        return self._link.healthy() or await self._records.healthy()

    async def relay(self) -> None:
        """Publish committed rows, endlessly. Runs in every replica: what two publish at once counts once."""
        with self._records.listening("") as news:
            while True:
                news.clear()
                published = await self._publish_some()
                heed_cancellation()
                if not published:
                    await wait_for(news, POLL)

    async def _publish_some(self) -> int:
        if not self._link.connected:
            return 0
        try:
            stream = await self.stream()
            rows = await self._records.read(lambda tx: tx.work.publishable(lost_after=_LOST_AFTER, limit=_BATCH))
            for item_id, queue in rows:
                await stream.publish(self._subject(queue), item_id.encode(), headers={"Nats-Msg-Id": item_id})
            if rows:
                await self._records.write(lambda tx: tx.work.published([item_id for item_id, _ in rows]))
        except _RELAY_ERRORS as error:
            log.warning("work.not_relayed", error=str(error) or type(error).__name__)
            self._ready = 0
            return 0
        return len(rows)

    async def stream(self) -> JetStreamContext:
        """JetStream with our stream in it; a stream that was lost is made anew and everything open published again."""
        connection = self._link.connects
        jetstream = self._link.jetstream
        if self._ready != connection:
            try:
                await jetstream.stream_info(self._stream)
            except NotFoundError:
                await jetstream.add_stream(
                    StreamConfig(
                        name=self._stream,
                        subjects=[f"{self._stream}.>"],
                        retention=RetentionPolicy.WORK_QUEUE,
                        duplicate_window=_DEDUPLICATE,
                    )
                )
                await self._records.write(lambda tx: tx.work.unpublish())
            self._ready = connection
        return jetstream

    async def ensure_consumer(self, queue: str, lease: float) -> JetStreamContext:
        """JetStream with our stream in it, and in that the consumer that all workers of the queue share."""
        jetstream = await self.stream()
        config = ConsumerConfig(
            durable_name=_token(queue),
            filter_subject=self._subject(queue),
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=lease,
        )
        await jetstream.add_consumer(self._stream, config)
        return jetstream

    async def subscribe(self, queue: str, lease: float) -> JetStreamContext.PullSubscription:
        """Somewhere to pull the queue's messages into. Outlives reconnects."""
        jetstream = await self.ensure_consumer(queue, lease)
        return await jetstream.pull_subscribe_bind(consumer=_token(queue), stream=self._stream)

    async def take(self, message: Msg, *, lease: float, freed: Callable[[], None]) -> "JetStreamDelivery | None":
        """Claim the row that a message points to; a message without an open row is dropped, one too early comes again."""
        item_id = message.data.decode()
        claim = await self._records.write(lambda tx: tx.work.claim_one(item_id, lease_seconds=lease))
        if claim:
            return JetStreamDelivery(self._records, claim, message, lease=lease, freed=freed)
        still_open = await self._records.read(lambda tx: tx.work.is_open(item_id))
        with suppress(*NATS_ERRORS):
            await (message.nak(delay=min(lease, POLL)) if still_open else message.ack())
        return None

    async def take_rows(
        self, queue: str, *, lease: float, room: int, freed: Callable[[], None], waited: float = 0.0
    ) -> Sequence[HeldDelivery]:
        """Claim rows directly, without NATS: those that wait for `waited` seconds or more."""
        return await claim_rows(self._records, queue, lease=lease, limit=room, freed=freed, waited=waited)

    @property
    def link(self) -> NatsLink:
        """The connection it goes through."""
        return self._link

    def _subject(self, queue: str) -> str:
        return f"{self._stream}.{_token(queue)}"


class _Source:
    """Where one consumer's work comes from: NATS while it is there, else the rows. A message that got lost on the way (sent to
    somebody who was just leaving) leaves a row that waits although we are idle: that is claimed directly too."""

    def __init__(self, queue: JetStreamWorkQueue, name: str, lease: float, freed: Callable[[], None]) -> None:
        self._queue = queue
        self._name = name
        self._lease = lease
        self._freed = freed
        self._subscription: JetStreamContext.PullSubscription | None = None
        self._connection = 0

    async def fetch(self, room: int) -> Sequence[HeldDelivery]:
        """At most `room` deliveries; waits for them as long as a poll."""
        if not self._queue.link.connected:
            return await self._take_rows(room, waited=0.0)
        try:
            messages = await self._pull(room)
        except NATS_ERRORS as error:
            log.warning("work.cannot_pull", queue=self._name, error=str(error) or type(error).__name__)
            self._connection = 0
            return await self._take_rows(room, waited=0.0)
        if not messages:
            return await self._take_rows(room, waited=_STRAYED_AFTER)
        taken = [await self._queue.take(message, lease=self._lease, freed=self._freed) for message in messages]
        return [delivery for delivery in taken if delivery]

    async def close(self) -> None:
        """Take no more messages."""
        if self._subscription:
            with suppress(*NATS_ERRORS):
                await self._subscription.unsubscribe()

    async def _take_rows(self, room: int, *, waited: float) -> Sequence[HeldDelivery]:
        return await self._queue.take_rows(self._name, lease=self._lease, room=room, freed=self._freed, waited=waited)

    async def _pull(self, room: int) -> list[Msg]:
        connection = self._queue.link.connects
        if self._subscription is None:
            self._subscription = await self._queue.subscribe(self._name, self._lease)
        elif self._connection != connection:
            await self._queue.ensure_consumer(self._name, self._lease)
        self._connection = connection
        try:
            messages = await self._subscription.fetch(batch=room, timeout=POLL)
        except TimeoutError:
            messages = []
        heed_cancellation()
        return messages


class JetStreamDelivery(HeldDelivery):
    """A claimed row together with the message that brought it. The row decides; NATS is told what became of it, and where that
    fails the message comes again and finds the row settled."""

    def __init__(
        self, records: SqlRecords, claim: WorkClaim, message: Msg, *, lease: float, freed: Callable[[], None]
    ) -> None:
        super().__init__(records, claim, lease=lease, freed=freed)
        self._message = message

    async def ack(self) -> None:
        await super().ack()
        with suppress(*NATS_ERRORS):
            await self._message.ack()

    async def progress(self) -> bool:
        kept = await super().progress()
        if kept:
            with suppress(*NATS_ERRORS):
                await self._message.in_progress()
        return kept

    async def retry(self, delay: float = 0.0) -> None:
        await super().retry(delay)
        await self._come_again(delay)

    async def reject(self, reason: str) -> None:
        await super().reject(reason)
        with suppress(*NATS_ERRORS):
            await self._message.term()

    async def give_back(self) -> None:
        seen = self.seen
        await super().give_back()
        if not seen:
            await self._come_again(0.0)

    async def _come_again(self, delay: float) -> None:
        with suppress(*NATS_ERRORS):
            await self._message.nak(delay=delay or None)


def _token(queue: str) -> str:
    """A queue's name as one part of a subject and as a consumer's name."""
    return "".join(letter if letter.isascii() and letter.isalnum() else f"_{ord(letter):x}_" for letter in queue)


@asynccontextmanager
async def open_jetstream_queue(
    records: SqlRecords, link: NatsLink, *, name: str = "copilot_work"
) -> AsyncIterator[JetStreamWorkQueue]:
    """The queue with its relay. `name` is the stream's and the subjects' prefix: one an installation."""
    queue = JetStreamWorkQueue(records, link, name=name)
    async with running(queue.relay()):
        yield queue
