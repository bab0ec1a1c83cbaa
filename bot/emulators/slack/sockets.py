"""Socket Mode: tickets, websockets, envelopes and their acknowledgement."""

import asyncio
import contextlib
import itertools
import json
import uuid
from collections import OrderedDict, deque
from typing import Any

from aiohttp import WSMsgType, web

from bot.emulators.common.clock import Timer
from bot.emulators.common.faults import FaultBoard, FaultKind
from bot.emulators.slack import limits
from bot.emulators.slack.delivery import Delivery
from bot.emulators.slack.workspace import Workspace

Json = dict[str, Any]
_PING_EVERY = 10.0
"""Real seconds between Slack's own pings."""
_MEMORY = 20_000
"""Envelopes whose late acknowledgement is still recognised."""


class Socket:
    """One websocket of the bot. A writer task sends what is queued."""

    def __init__(self, number: int, request: web.Request) -> None:
        self.number = number
        self.ws = web.WebSocketResponse(autoping=False, autoclose=False, compress=False)
        self.request = request
        self.swallows = False
        """A black hole: nothing passes, either way."""
        self.draining = False
        """Told to disconnect: gets no new envelopes."""
        self.timers: list[Timer] = []
        self._queue: deque[str] = deque()
        self._wake = asyncio.Event()
        self._closing = False

    def send(self, text: str) -> None:
        """Queue a frame."""
        self._queue.append(text)
        self._wake.set()

    def close_after_sending(self) -> None:
        """Close once the queue is empty."""
        self._closing = True
        self._wake.set()

    @property
    def says_goodbye(self) -> bool:
        """Whether the writer is about to close the websocket properly."""
        return self._closing and not self.swallows

    def abort(self) -> None:
        """Cut the connection without a word."""
        if self.request.transport is not None:
            self.request.transport.abort()

    async def write(self) -> None:
        """Send what is queued until the socket is closed."""
        with contextlib.suppress(ConnectionError):
            while not self.ws.closed:
                await self._flush()
                if self.says_goodbye:
                    await self.ws.close()
                    return
                self._wake.clear()
                await self._wake.wait()

    async def ping(self) -> None:
        """Ping now and then, as Slack does, until the socket is closed."""
        with contextlib.suppress(ConnectionError):
            while not self.ws.closed:
                await asyncio.sleep(_PING_EVERY)
                if not self.swallows:
                    await self.ws.ping(b"Ping from wss-emulated")

    async def _flush(self) -> None:
        while self._queue:
            text = self._queue.popleft()
            if not self.swallows:
                await self.ws.send_str(text)


class Sockets:
    """The bot's websockets. Each delivery goes to one of them, in turn."""

    def __init__(self, workspace: Workspace, faults: FaultBoard) -> None:
        self._workspace = workspace
        self._faults = faults
        self._tickets: dict[str, float] = {}
        self._open: list[Socket] = []
        self._sent: OrderedDict[str, Delivery] = OrderedDict()
        self._numbers = itertools.count(1)
        self._turn = 0
        self._hole = 0
        """Id of the black hole that the open sockets fell into."""
        faults.on_change(self._apply_faults)

    def ticket(self) -> str:
        """The path and query of a new single-use websocket address."""
        now = self._workspace.clock.now()
        self._tickets = {ticket: end for ticket, end in self._tickets.items() if end > now}
        ticket = self._workspace.ids.secret()
        self._tickets[ticket] = now + limits.TICKET_LIFE
        return f"/link/?ticket={ticket}&app_id={self._workspace.app.id}"

    def send(self, delivery: Delivery) -> None:
        """Send an envelope over the next socket; the delivery fails at once when none is open."""
        ready = [socket for socket in self._open if not socket.draining]
        if not ready:
            delivery.fail("connection_failed")
            return
        self._turn += 1
        envelope_id = str(uuid.UUID(int=self._workspace.ids.micros()))
        self._sent[envelope_id] = delivery
        if len(self._sent) > _MEMORY:
            self._sent.popitem(last=False)
        ready[self._turn % len(ready)].send(_envelope(envelope_id, delivery))

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket until either side closes it."""
        if self._faults.take(FaultKind.REFUSE_SOCKETS):
            return web.Response(status=503, text="refused")
        if self._tickets.pop(request.query.get("ticket", ""), 0.0) < self._workspace.clock.now():
            return web.Response(status=404, text="invalid ticket")
        socket = Socket(next(self._numbers), request)
        await socket.ws.prepare(request)
        if len(self._open) >= limits.SOCKETS:
            socket.send(_disconnect("too_many_websockets"))
            socket.close_after_sending()
            await socket.write()
            return socket.ws
        await self._serve(socket)
        return socket.ws

    async def close(self) -> None:
        """Close all sockets."""
        for socket in tuple(self._open):
            for timer in socket.timers:
                timer.cancel()
            socket.abort()

    async def _serve(self, socket: Socket) -> None:
        self._open.append(socket)
        self._log("connected")
        socket.send(self._hello(socket))
        self._schedule_refresh(socket)
        try:
            async with asyncio.TaskGroup() as group:
                writer, pinger = group.create_task(socket.write()), group.create_task(socket.ping())
                with contextlib.suppress(ConnectionError):
                    await self._read(socket)
                pinger.cancel()
                if not socket.says_goodbye:
                    writer.cancel()
        finally:
            for timer in socket.timers:
                timer.cancel()
            self._open.remove(socket)
            self._log("disconnected")

    async def _read(self, socket: Socket) -> None:
        while True:
            message = await socket.ws.receive()
            if message.type in {WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR}:
                return
            if socket.swallows:
                continue
            if message.type is WSMsgType.TEXT:
                self._acknowledge(message.data)
            elif message.type is WSMsgType.PING:
                await socket.ws.pong(message.data)
            elif message.type is WSMsgType.CLOSE:
                await socket.ws.close()
                return

    def _acknowledge(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return  # Slack ignores frames that are no JSON
        delivery = self._sent.pop(str(answer.get("envelope_id")), None) if isinstance(answer, dict) else None
        if delivery is not None:
            delivery.answer(answer.get("payload"))

    def _schedule_refresh(self, socket: Socket) -> None:
        clock = self._workspace.clock

        def refresh() -> None:
            socket.draining = True
            socket.send(_disconnect("refresh_requested"))
            socket.close_after_sending()

        warning = limits.SOCKET_LIFE - limits.SOCKET_WARNING
        socket.timers = [
            clock.call_later(warning, lambda: socket.send(_disconnect("warning"))),
            clock.call_later(limits.SOCKET_LIFE, refresh),
        ]

    def _apply_faults(self) -> None:
        if drop := self._faults.active(FaultKind.DROP_SOCKETS):
            self._faults.discard(drop)
            for socket in tuple(self._open):
                socket.abort()
        hole = self._faults.active(FaultKind.BLACK_HOLE)
        if hole is None:
            self._hole = 0
            for socket in self._open:
                socket.swallows = False
        elif hole.id != self._hole:
            self._hole = hole.id
            for socket in self._open:
                socket.swallows = True

    def _hello(self, socket: Socket) -> str:
        info = {"app_id": self._workspace.app.id}
        debug = {
            "host": "applink-emulated",
            "build_number": socket.number,
            "approximate_connection_time": int(limits.SOCKET_LIFE),
        }
        hello = {"type": "hello", "num_connections": len(self._open), "connection_info": info, "debug_info": debug}
        return json.dumps(hello)

    def _log(self, state: str) -> None:
        self._workspace.log.append("connection", state=state, sockets=len(self._open))


def _envelope(envelope_id: str, delivery: Delivery) -> str:
    envelope: Json = {
        "envelope_id": envelope_id,
        "payload": delivery.payload,
        "type": delivery.channel,
        "accepts_response_payload": delivery.channel != "events_api",
    }
    if delivery.channel == "events_api":
        envelope |= {"retry_attempt": delivery.retry_attempt, "retry_reason": delivery.retry_reason}
    return json.dumps(envelope)


def _disconnect(reason: str) -> str:
    return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-emulated"}})
