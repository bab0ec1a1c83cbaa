"""One Socket Mode connection, replaced when it goes deaf."""

import asyncio
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.slack.errors import mapped
from bot.waiting import wait_for
from core.errors import BotError

log = structlog.get_logger()

_DEAF = 2.5
"""Pings without an answer from which the socket counts as deaf, before slack_sdk gives it up after four."""
_REPLACE = 8
"""Pings after which a socket that slack_sdk did not bring back is replaced: it asks a dead address again without end."""
_CONNECT = 5
"""Pings, and at least a second, that connecting may take."""
_CLOSE_WITHIN = 2.0
"""Seconds; a socket that swallows everything never says goodbye."""
_DRAIN_WITHIN = 3.0
"""Seconds for what was taken in to be acknowledged; Slack waits no longer either."""


class _Handler(AsyncSocketModeHandler):
    """bolt's handler, that knows whether Slack has greeted its socket and how many envelopes are at work."""

    def __init__(self, app: AsyncApp, app_token: str, *, ping: float) -> None:
        super().__init__(app, app_token, ping_interval=ping)
        self.idle = asyncio.Event()
        self.idle.set()
        self._at_work = 0
        self._greeted: aiohttp.ClientWebSocketResponse | None = None
        self.client.message_listeners.append(self._heard)

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as bolt does
        """Answer one envelope."""
        self._at_work += 1
        self.idle.clear()
        try:
            await super().handle(client, req)
        finally:
            self._at_work -= 1
            if not self._at_work:
                self.idle.set()

    def connected(self) -> bool:
        """True when the present socket is open and Slack has said hello on it."""
        session = self.client.current_session
        return session is not None and not session.closed and session is self._greeted

    def silent_for(self) -> float:
        """Seconds since the last answer to a ping, by the machine's clock, which slack_sdk goes by."""
        answered = self.client.last_ping_pong_time
        return 0.0 if answered is None else time.time() - answered

    async def _heard(self, _client: object, message: Mapping[str, Any], _raw: str | None = None) -> None:
        if message.get("type") == "hello":
            self._greeted = self.client.current_session


class SlackSocket:
    """Connected while its `async with` block runs. The end waits for what was taken in."""

    def __init__(self, app: AsyncApp, app_token: str, *, ping: float) -> None:
        """`ping`: seconds between pings."""
        self._app = app
        self._app_token = app_token
        self._ping = ping
        self._handler: _Handler | None = None
        self._stop = asyncio.Event()
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        """UpstreamRejected when Slack does not take the token."""
        self._handler = await self._open()
        await self._tasks.__aenter__()
        self._tasks.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        # Without the error that ended the block: the group would wrap it.
        await self._tasks.__aexit__(None, None, None)
        if self._handler:
            await wait_for(self._handler.idle, _DRAIN_WITHIN)
            await _close(self._handler)

    def problem(self) -> str:
        """Empty when events can come in, else why not."""
        if not self._handler or not self._handler.connected():
            return "the socket is not connected"
        if self._handler.silent_for() > _DEAF * self._ping:
            return "the socket does not answer; connecting anew"
        return ""

    async def _open(self) -> _Handler:
        handler = _Handler(self._app, self._app_token, ping=self._ping)
        try:
            with mapped():
                # Asked for here: slack_sdk would go on asking without end, whatever the reason it gets none.
                opened = await self._app.client.apps_connections_open(app_token=self._app_token)
                handler.client.wss_uri = str(opened["url"])
                async with asyncio.timeout(max(1.0, _CONNECT * self._ping)):
                    await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt leaves it without annotations
        except BaseException:
            await _close(handler)
            raise
        return handler

    async def _watch(self) -> None:
        bad_since: float | None = None
        while not await wait_for(self._stop, self._ping):
            if not (problem := self.problem()):
                bad_since = None
                continue
            bad_since = bad_since or time.monotonic()
            if time.monotonic() - bad_since >= _REPLACE * self._ping:
                log.warning("slack.socket_replaced", reason=problem)
                await self._replace()
                bad_since = None

    async def _replace(self) -> None:
        if self._handler:
            await _close(self._handler)
        try:
            self._handler = await self._open()
        except BotError as error:
            # The closed one stays in its place, counts as not connected, and is replaced the next time.
            log.warning("slack.socket_not_opened", error=error.message)


async def _close(handler: _Handler) -> None:
    """Close the socket and end slack_sdk's tasks, which it only cancels."""
    client = handler.client
    try:
        async with asyncio.timeout(_CLOSE_WITHIN):
            await handler.close_async()  # type: ignore[no-untyped-call]  # bolt leaves it without annotations
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        log.info("slack.socket_left", reason=type(error).__name__)
    tasks = [t for t in (client.message_processor, client.current_session_monitor, client.message_receiver) if t]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await client.aiohttp_client_session.close()
