"""The control interface: everything under `/control/`, the same for every emulated platform. See the emulators' README."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

from aiohttp import web

from bot.emulators.common.clock import PlatformClock
from bot.emulators.common.faults import ControlError, FaultBoard
from bot.emulators.common.log import EventLog, as_sse
from bot.emulators.common.requests import AckLog, RequestLog

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Emulated(Protocol):
    """What a platform's emulator offers to the control interface."""

    @property
    def clock(self) -> PlatformClock: ...
    @property
    def log(self) -> EventLog: ...
    @property
    def faults(self) -> FaultBoard: ...
    @property
    def requests(self) -> RequestLog: ...
    @property
    def acks(self) -> AckLog: ...

    def snapshot(self) -> Json:
        """The whole workspace, without `now` and `seq`."""
        ...

    async def act(self, act: Json) -> Json:
        """Let a person do something; the answer's extra fields. ControlError when it cannot be done."""
        ...

    def seed(self, wish: Json) -> Json:
        """Add people and channels; ControlError when the wish is malformed."""
        ...

    def gaps(self) -> Json:
        """What the real platform has and the emulator lacks: `{"methods": [...], "notes": [...]}`."""
        ...


def add_control(app: web.Application, platform: Emulated) -> None:
    """Mount the control interface of `platform` on `app`."""
    control = web.Application(middlewares=[_loopback_only, _errors_as_json])
    calls = _Calls(platform)
    control.add_routes(
        [
            web.get("/state", calls.state),
            web.get("/events", calls.events),
            web.post("/act", calls.act),
            web.get("/requests", calls.requests),
            web.get("/acks", calls.acks),
            web.post("/clock", calls.clock),
            web.get("/faults", calls.list_faults),
            web.post("/faults", calls.add_fault),
            web.delete("/faults", calls.clear_faults),
            web.post("/seed", calls.seed),
            web.get("/gaps", calls.gaps),
            web.options("/{rest:.*}", _preflight),
        ]
    )
    app.add_subapp("/control/", control)


class _Calls:
    def __init__(self, platform: Emulated) -> None:
        self._platform = platform

    async def state(self, _: web.Request) -> web.Response:
        head = {"now": self._platform.clock.now(), "seq": self._platform.log.seq}
        return web.json_response({**self._platform.snapshot(), **head})

    async def events(self, request: web.Request) -> web.StreamResponse:
        # A browser's EventSource that reconnects names the last event it saw.
        since = _number(
            request.headers.get("Last-Event-ID") or request.query.get("since") or str(self._platform.log.seq)
        )
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        response.headers.update(_cors(request))
        follower = self._platform.log.follow(since)
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            await response.write(b": connected\n\n")
            async with contextlib.aclosing(follower):
                async for event in follower:
                    await response.write(as_sse(event))
        return response

    async def act(self, request: web.Request) -> web.Response:
        seq = self._platform.log.seq
        answer = await self._platform.act(await _body(request))
        return web.json_response({"ok": True, "seq": seq, **answer})

    async def requests(self, request: web.Request) -> web.Response:
        return web.json_response(self._platform.requests.since(_number(request.query.get("since", "0"))))

    async def acks(self, request: web.Request) -> web.Response:
        return web.json_response(self._platform.acks.since(_number(request.query.get("since", "0"))))

    async def clock(self, request: web.Request) -> web.Response:
        seconds = (await _body(request)).get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise ControlError('send {"advance": SECONDS} with a number of at least 0')
        now = self._platform.clock.advance(float(seconds))
        self._platform.log.append("clock", now=now)
        return web.json_response({"ok": True, "now": now})

    async def list_faults(self, _: web.Request) -> web.Response:
        return web.json_response(self._platform.faults.list())

    async def add_fault(self, request: web.Request) -> web.Response:
        fault = self._platform.faults.add(await _body(request))
        self._platform.log.append("faults", faults=self._platform.faults.list())
        return web.json_response({"id": fault.id})

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._platform.faults.clear()
        self._platform.log.append("faults", faults=[])
        return web.json_response({"ok": True})

    async def seed(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True, **self._platform.seed(await _body(request))})

    async def gaps(self, _: web.Request) -> web.Response:
        return web.json_response(self._platform.gaps())


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        raise ControlError("the body must be JSON") from None
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    return body


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ControlError(f"since must be a whole number, not {text!r}") from None


def _cors(request: web.Request) -> dict[str, str]:
    origin = request.headers.get("Origin")
    if origin is None:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "Content-Type",
        "Vary": "Origin",
    }


async def _preflight(_: web.Request) -> web.Response:
    return web.Response(status=204)


@web.middleware
async def _loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    # The Host is checked as well: a page of a foreign name that resolves to loopback must not drive the emulator.
    origin = request.headers.get("Origin")
    hosts = [urlsplit(f"//{request.host}").hostname, *([urlsplit(origin).hostname] if origin is not None else [])]
    if any(host not in _LOOPBACK for host in hosts):
        return web.json_response({"error": "the control interface is for pages on loopback only"}, status=403)
    response = await handler(request)
    if not response.prepared:
        response.headers.update(_cors(request))
    return response


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ControlError as error:
        return web.json_response({"error": str(error)}, status=400)
