"""One connection to NATS that finds back by itself, also when the server was not there at the start."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext

from core.errors import UnavailableError
from storage.lifetimes import running, wait_for

log = structlog.get_logger()

NATS_ERRORS: tuple[type[Exception], ...] = (nats.errors.Error, OSError, TimeoutError)
"""Everything the client raises when the server is away or refuses."""

_FIRST_CONNECT = 2.0
"""Seconds that opening waits for the server; it goes on without it, and connects later."""
_RECONNECT_PAUSE = 1
"""Seconds between attempts."""


class NatsLink:
    """The connection. Open with `open_nats`."""

    def __init__(self, url: str) -> None:
        self.client = Client()
        self._url = url
        self._up = asyncio.Event()
        self.connects = 0
        """How often it was connected: what lives in the server's memory must be made anew when this changes."""

    @property
    def connected(self) -> bool:
        """True while the server answers, as far as we know."""
        return self.client.is_connected

    @property
    def jetstream(self) -> JetStreamContext:
        """JetStream over this connection; calls wait two seconds at most."""
        return self.client.jetstream(timeout=2.0)

    async def require(self, timeout: float = _FIRST_CONNECT) -> Client:
        """The client once connected; UnavailableError when it is not by then."""
        if not self.connected and not await wait_for(self._up, timeout):
            raise UnavailableError("NATS is away.", hint=f"no connection to {self._where()}")
        return self.client

    def healthy(self) -> str:
        """Empty when connected, else the reason."""
        return "" if self.connected else f"no connection to NATS at {self._where()}"

    async def connect(self) -> None:
        """Connect, however long it takes; from then on the client reconnects by itself."""
        await self.client.connect(
            self._url,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=_RECONNECT_PAUSE,
            connect_timeout=2,
            ping_interval=10,
            max_outstanding_pings=2,
            disconnected_cb=self._lost,
            reconnected_cb=self._found,
            error_cb=self._failed,
        )
        await self._found()

    async def close(self) -> None:
        """Close, whatever the state."""
        with suppress(*NATS_ERRORS):
            await self.client.close()

    async def _found(self) -> None:
        self.connects += 1
        self._up.set()
        log.info("nats.connected", server=self._where())

    async def _lost(self) -> None:
        self._up.clear()
        log.warning("nats.disconnected", server=self._where())

    async def _failed(self, error: Exception) -> None:
        log.debug("nats.error", error=str(error) or type(error).__name__)

    def _where(self) -> str:
        return self._url.rpartition("@")[2]


@asynccontextmanager
async def open_nats(url: str) -> AsyncIterator[NatsLink]:
    """A link to the server at `nats://host:port`. Returns within two seconds, connected or not."""
    link = NatsLink(url)
    async with running(link.connect()):
        with suppress(UnavailableError):
            await link.require()
        try:
            yield link
        finally:
            await link.close()
