"""The REST API at `/api/v10`: bodies, token, limits and faults around the routes."""

import json
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

from aiohttp import BodyPartReader, web

from bot.emulators.common.faults import FaultBoard, FaultKind
from bot.emulators.common.requests import Request, RequestLog
from bot.emulators.discord import acme
from bot.emulators.discord.call import Call, Platform, Route, Upload
from bot.emulators.discord.errors import DiscordError, not_found, unauthorized
from bot.emulators.discord.model import Json
from bot.emulators.discord.rates import Headers, Limited, Rates
from bot.emulators.discord.routes import ROUTES

PREFIX = "/api/v10"
_OPEN = ("/interactions/", "/webhooks/", "/gateway")
"""Routes that need no token, or carry their own."""
_MAJOR = ("channel", "guild", "interaction", "token")
_MOST_UNKNOWN = 200


class Api:
    """Answers API calls."""

    def __init__(self, platform: Platform, rates: Rates, faults: FaultBoard, requests: RequestLog) -> None:
        self._platform = platform
        self._rates = rates
        self._faults = faults
        self._requests = requests
        self.unknown: set[str] = set()
        """Methods and paths that were asked for and do not exist here."""

    def routes(self) -> list[web.RouteDef]:
        """All routes for the server, with one for everything unknown at the end."""
        known = [web.route(route[0], PREFIX + route[1], self._handler(route)) for route in ROUTES]
        return [*known, web.route("*", "/api/{rest:.*}", self._handler(("", "", _unknown)))]

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(route, request)

        return handle

    async def _handle(self, route: Route, request: web.Request) -> web.StreamResponse:
        started = time.perf_counter()
        path = request.path.removeprefix(PREFIX)
        entry = self._requests.add(self._platform.guild.clock.now(), request.method, _masked(request), None)
        response = await self._faulty(path, entry) if self._faults else None
        if response is None:
            response = await self._answer(route, request, path, entry)
        response.headers["Date"] = formatdate(self._platform.guild.clock.real_now(), usegmt=True)
        entry.status = response.status
        entry.ms = (time.perf_counter() - started) * 1000
        if self._faults and self._faults.take(FaultKind.DROP_RESPONSE, path) and request.transport is not None:
            entry.error = "response dropped"
            request.transport.abort()
        return response

    async def _answer(self, route: Route, request: web.Request, path: str, entry: Request) -> web.Response:
        headers: Headers = {}
        try:
            call = Call(self._platform, dict(request.match_info), dict(request.query), *await _body(request))
            entry.body = call.body
            self._authorise(request, route)
            headers = self._rates.spend(f"{route[0]} {route[1]}", _major(call), path)
            found = route[2](call)
        except Limited as limited:
            entry.error = str(limited)
            return _too_many(limited)
        except DiscordError as error:
            entry.error = str(error)
            return _json(error.body(), error.status, headers)
        return web.Response(status=204, headers=headers) if found is None else _json(found, 200, headers)

    def _authorise(self, request: web.Request, route: Route) -> None:
        if not route[1]:
            if len(self.unknown) < _MOST_UNKNOWN:
                self.unknown.add(f"{request.method} {request.path.removeprefix(PREFIX)}")
            return
        if route[1].startswith(_OPEN) and route[1] != "/gateway/bot":
            return
        if request.headers.get("Authorization", "") != f"Bot {acme.BOT_TOKEN}":
            raise unauthorized()

    async def _faulty(self, path: str, entry: Request) -> web.Response | None:
        if latency := self._faults.take(FaultKind.LATENCY, path):
            await self._platform.guild.clock.sleep(latency.seconds)
        if limited := self._faults.take(FaultKind.RATE_LIMIT, path):
            entry.error = "rate limited"
            return _too_many(Limited(limited.retry_after))
        if broken := self._faults.take(FaultKind.ERROR, path):
            entry.error = f"HTTP {broken.status}"
            return web.Response(status=int(broken.status), text="upstream connect error", content_type="text/plain")
        return None


def _unknown(_: Call) -> None:
    raise not_found()


def _json(body: Any, status: int, headers: Headers) -> web.Response:  # noqa: ANN401 -- JSON of any shape
    # discord.py takes an answer for JSON only when its content type carries no charset.
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **headers}
    )


def _too_many(limited: Limited) -> web.Response:
    body = {"message": "You are being rate limited.", "retry_after": limited.retry_after, "global": limited.everywhere}
    headers = {
        **limited.headers,
        "Retry-After": f"{max(1, round(limited.retry_after + 0.499))}",
        "X-RateLimit-Scope": "global" if limited.everywhere else "user",
        # Without it discord.py believes that a proxy in front of Discord banned it.
        "Via": "1.1 emulated",
    }
    if limited.everywhere:
        headers["X-RateLimit-Global"] = "true"
    return _json(body, 429, headers)


def _major(call: Call) -> str:
    return next((call.params[name] for name in _MAJOR if name in call.params), "")


def _masked(request: web.Request) -> str:
    token = request.match_info.get("token")
    path = request.path_qs.removeprefix(PREFIX)
    return path.replace(token, "***") if token else path


async def _body(request: web.Request) -> tuple[Any, list[Upload]]:
    if not request.can_read_body:
        return None, []
    if request.content_type == "multipart/form-data":
        return await _multipart(request)
    text = await request.read()
    if not text:
        return None, []
    return _parsed(text), []


async def _multipart(request: web.Request) -> tuple[Any, list[Upload]]:
    body: Any = {}
    uploads: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read())
        if part.name == "payload_json":
            body = _parsed(content)
        else:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads.append(Upload(part.name or "", part.filename or "file", kind, content))
    return body, uploads


def _parsed(text: bytes) -> Json | list[Any]:
    try:
        found: Json | list[Any] = json.loads(text)
    except ValueError:
        raise DiscordError(50109) from None
    return found
