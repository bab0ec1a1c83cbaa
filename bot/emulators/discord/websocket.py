"""One websocket of the gateway."""

import asyncio
import contextlib
from collections import deque

from aiohttp import web

from bot.emulators.common.clock import Timer
from bot.emulators.discord import limits
from bot.emulators.discord.compression import Compress
from bot.emulators.discord.rates import Window
from bot.emulators.discord.sessions import Session


class Socket:
    """A websocket with a queue; a writer task sends what is queued."""

    def __init__(self, request: web.Request, compress: Compress | None) -> None:
        self.ws = web.WebSocketResponse(autoclose=False, compress=False)
        self.session: Session | None = None
        self.swallows = False
        """A black hole: nothing passes, either way."""
        self.heartbeat: Timer | None = None
        self.sends = Window(limits.GATEWAY_SENDS, limits.GATEWAY_SECONDS)
        """What the client may still send."""
        self._request = request
        self._compress = compress
        self._queue: deque[str] = deque()
        self._wake = asyncio.Event()
        self._close_code: int | None = None

    def send(self, text: str) -> None:
        """Queue a frame."""
        self._queue.append(text)
        self._wake.set()

    def close(self, code: int) -> None:
        """Close with `code` once the queue is empty."""
        self._close_code = code
        self._wake.set()

    @property
    def closing(self) -> bool:
        """Whether the writer is about to close the websocket."""
        return self._close_code is not None and not self.swallows

    def abort(self) -> None:
        """Cut the connection without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def write(self) -> None:
        """Send what is queued until the socket is closed."""
        with contextlib.suppress(ConnectionError):
            while not self.ws.closed:
                await self._flush()
                if self.closing:
                    await self.ws.close(code=self._close_code or 1000)
                    return
                self._wake.clear()
                await self._wake.wait()

    async def _flush(self) -> None:
        while self._queue:
            text = self._queue.popleft()
            if self.swallows:
                continue
            if self._compress is None:
                await self.ws.send_str(text)
            else:
                await self.ws.send_bytes(self._compress(text))
