"""The gateway at `/gateway`: HELLO, IDENTIFY, heartbeats, RESUME, and the faults of sockets."""

import asyncio
import contextlib
import json
from typing import Any

from aiohttp import WSMsgType, web

from bot.emulators.common.faults import FaultBoard, FaultKind
from bot.emulators.common.log import EventLog
from bot.emulators.discord import acme, greetings, intents, limits
from bot.emulators.discord.compression import UnknownCompression, stream
from bot.emulators.discord.guild import Guild
from bot.emulators.discord.model import Json
from bot.emulators.discord.sessions import Session, Sessions, Shard
from bot.emulators.discord.websocket import Socket

_HEARTBEAT, _RECONNECT, _INVALID_SESSION, _HELLO, _HEARTBEAT_ACK = 1, 7, 9, 10, 11
_VERSION = "10"
_GRACE = 0.5
"""How much of an interval a client has to answer a heartbeat it was asked for."""


class Gateway:
    """The bot's websockets."""

    def __init__(self, guild: Guild, log: EventLog, faults: FaultBoard, sessions: Sessions, *, interval: float) -> None:
        """`interval`: seconds between heartbeats."""
        self._guild = guild
        self._log = log
        self._faults = faults
        self._sessions = sessions
        self._interval = interval
        self._open: list[Socket] = []
        self._hole = 0
        """Id of the black hole that the open sockets fell into."""
        faults.on_change(self._apply_faults)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket until either side closes it."""
        if self._faults.take(FaultKind.REFUSE_SOCKETS):
            return web.Response(status=503, text="refused")
        try:
            socket = Socket(request, stream(request.query.get("compress", "")))
            if request.query.get("v", _VERSION) != _VERSION:
                socket.close(4012)
        except UnknownCompression as unknown:
            return web.Response(status=400, text=f"no compression {unknown}")
        await socket.ws.prepare(request)
        await self._serve(socket)
        return socket.ws

    def close(self) -> None:
        """Cut all sockets."""
        for socket in tuple(self._open):
            socket.abort()

    def ask_to_reconnect(self) -> None:
        """Send RECONNECT to all: they are to resume elsewhere."""
        for socket in self._open:
            _send(socket, _RECONNECT, None)

    def invalidate_sessions(self, *, resumable: bool = False) -> None:
        """Send INVALID_SESSION to all; unless `resumable`, the sessions are gone."""
        if not resumable:
            self._sessions.forget_all()
        for socket in self._open:
            socket.session = socket.session if resumable else None
            _send(socket, _INVALID_SESSION, resumable)

    # --- one socket -------------------------------------------------------------------------------------------

    async def _serve(self, socket: Socket) -> None:
        self._open.append(socket)
        self._log_state("connected")
        _send(socket, _HELLO, {"heartbeat_interval": int(self._interval * 1000), "_trace": []})
        self._expect_heartbeat(socket)
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(socket.write())
                with contextlib.suppress(ConnectionError):
                    await self._read(socket)
                if not socket.closing:
                    writer.cancel()
        finally:
            self._leave(socket)

    def _leave(self, socket: Socket) -> None:
        if socket.heartbeat is not None:
            socket.heartbeat.cancel()
        self._open.remove(socket)
        session = socket.session
        if session is not None and session.send == socket.send:
            self._sessions.detach(session, forget=socket.ws.close_code in {1000, 1001} and not socket.swallows)
        self._log_state("disconnected")

    async def _read(self, socket: Socket) -> None:
        while True:
            message = await socket.ws.receive()
            if message.type in {WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR}:
                return
            if socket.swallows:
                continue
            if message.type is WSMsgType.CLOSE:
                await socket.ws.close()
                return
            if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                self._receive(socket, message.data)

    def _receive(self, socket: Socket, text: str | bytes) -> None:
        if len(text) > limits.GATEWAY_BYTES:
            socket.close(4002)
            return
        try:
            frame = json.loads(text)
        except ValueError:
            socket.close(4002)
            return
        if isinstance(frame, dict) and frame.get("op") == _HEARTBEAT:
            # Not counted as sends: the interval may have been set much shorter than Discord's.
            self._heartbeat(socket, frame.get("d"))
        elif socket.sends.take(self._guild.clock.now()):
            socket.close(4008)
        else:
            self._carry_out(socket, frame)

    def _carry_out(self, socket: Socket, frame: object) -> None:
        match frame:
            case {"op": 2, "d": {"token": token, "intents": int(wanted), **rest}}:
                self._identify(socket, token, wanted, rest.get("shard", [0, 1]))
            case {"op": 6, "d": {"token": token, "session_id": session, "seq": int(seq)}}:
                self._resume(socket, token, session, seq)
            case {"op": 3 | 4 | 8} if socket.session is None:
                socket.close(4003)
            case {"op": 8, "d": dict(wish)} if socket.session is not None:
                self._send_members(socket.session, wish)
            case {"op": 3 | 4}:
                pass  # presence and voice state are not emulated
            case {"op": 2 | 6 | 8}:
                socket.close(4002)
            case _:
                socket.close(4001)

    def _heartbeat(self, socket: Socket, seq: object) -> None:
        self._expect_heartbeat(socket)
        if socket.session is not None:
            socket.session.acknowledge(seq, self._guild.clock.now())
        _send(socket, _HEARTBEAT_ACK, None)

    def _expect_heartbeat(self, socket: Socket) -> None:
        # Time may have been moved: a client that is asked gets the chance to show that it lives.
        clock = self._guild.clock

        def give_up() -> None:
            socket.close(4009)

        def ask() -> None:
            _send(socket, _HEARTBEAT, None)
            socket.heartbeat = clock.call_later(self._interval * _GRACE, give_up)

        if socket.heartbeat is not None:
            socket.heartbeat.cancel()
        socket.heartbeat = clock.call_later(self._interval * (1 + _GRACE), ask)

    # --- sessions ---------------------------------------------------------------------------------------------

    def _identify(self, socket: Socket, token: object, wanted: int, wished: object) -> None:
        shard = _shard(wished)
        if socket.session is not None:
            socket.close(4005)
        elif not _right(token):
            socket.close(4004)
        elif wanted & ~intents.KNOWN:
            socket.close(4013)
        elif wanted & intents.PRIVILEGED & ~self._guild.privileged_intents:
            socket.close(4014)
        elif shard is None:
            socket.close(4010)
        else:
            session = self._sessions.open(wanted, shard)
            self._join(socket, session)
            session.dispatch("READY", greetings.ready(self._guild, session, self.url))
            if wanted & intents.GUILDS and session.holds(direct=False):
                session.dispatch("GUILD_CREATE", greetings.guild_create(self._guild, wanted))

    def _resume(self, socket: Socket, token: object, session_id: object, seq: int) -> None:
        if not _right(token) or socket.session is not None:
            socket.close(4005 if socket.session is not None else 4004)
            return
        session = self._sessions.find(session_id)
        if session is None or not session.can_replay(seq):
            if session is not None:
                self._sessions.forget(session)
            _send(socket, _INVALID_SESSION, False)
            return
        self._join(socket, session)
        session.acknowledge(seq, self._guild.clock.now())
        session.replay(seq)
        session.dispatch("RESUMED", {"_trace": []})

    def _join(self, socket: Socket, session: Session) -> None:
        socket.session = session
        self._sessions.attach(session, socket.send)

    def _send_members(self, session: Session, wish: Json) -> None:
        for page in greetings.member_pages(self._guild, wish):
            session.dispatch("GUILD_MEMBERS_CHUNK", page)

    @property
    def url(self) -> str:
        """The gateway's address."""
        return self._guild.base_url.replace("http://", "ws://", 1) + "/gateway"

    # --- faults -----------------------------------------------------------------------------------------------

    def _apply_faults(self) -> None:
        if drop := self._faults.active(FaultKind.DROP_SOCKETS):
            self._faults.discard(drop)
            self.close()
        hole = self._faults.active(FaultKind.BLACK_HOLE)
        if hole is None:
            self._hole = 0
            for socket in self._open:
                socket.swallows = False
        elif hole.id != self._hole:
            self._hole = hole.id
            for socket in self._open:
                socket.swallows = True

    def _log_state(self, state: str) -> None:
        self._log.append("connection", state=state, sockets=len(self._open))


def _send(socket: Socket, op: int, data: Any) -> None:  # noqa: ANN401 -- JSON of any shape
    socket.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))


def _right(token: object) -> bool:
    return isinstance(token, str) and token.removeprefix("Bot ") == acme.BOT_TOKEN


def _shard(wished: object) -> Shard | None:
    match wished:
        case [int(number), int(count)] if 0 <= number < count:
            return number, count
        case _:
            return None
