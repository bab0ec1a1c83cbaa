"""News to every replica, over NATS without JetStream: nothing is kept for who does not listen."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from nats.aio.msg import Msg

from core.errors import UnavailableError
from core.ports.bus import News
from storage.mailbox import Mailbox
from storage.nats_link import NATS_ERRORS, NatsLink

log = structlog.get_logger()


class NatsBus:
    """Implements `core.ports.bus.EventBus`. Listeners keep listening over a reconnect; what was said meanwhile is lost."""

    def __init__(self, link: NatsLink, *, prefix: str = "copilot_news") -> None:
        """`prefix` begins all subjects: one an installation."""
        self._link = link
        self._prefix = prefix

    async def publish(self, topic: str, data: dict[str, Any]) -> None:
        """See `EventBus.publish`."""
        if not self._link.connected:
            raise UnavailableError("NATS is away.", hint=self._link.healthy())
        try:
            await self._link.client.publish(f"{self._prefix}.{topic}", json.dumps(data).encode())
        except NATS_ERRORS as error:
            raise UnavailableError("NATS is away.", hint=str(error)) from error

    @asynccontextmanager
    async def listen(self, pattern: str) -> AsyncIterator[AsyncIterator[News]]:
        """See `EventBus.listen`. UnavailableError when there is no connection to begin with."""
        mailbox = Mailbox()

        async def deliver(message: Msg) -> None:
            try:
                mailbox.put(News(message.subject.removeprefix(f"{self._prefix}."), json.loads(message.data)))
            except ValueError:
                log.warning("bus.unreadable", subject=message.subject)

        client = await self._link.require()
        try:
            subscription = await client.subscribe(f"{self._prefix}.{pattern}", cb=deliver)
            await client.flush(timeout=2)
        except NATS_ERRORS as error:
            raise UnavailableError("NATS is away.", hint=str(error)) from error
        try:
            yield mailbox
        finally:
            with suppress(*NATS_ERRORS):
                await subscription.unsubscribe()

    async def healthy(self) -> str:
        """See `EventBus.healthy`."""
        return self._link.healthy()
