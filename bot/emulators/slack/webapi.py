"""The Web API at `/api/METHOD`: arguments, token, scopes, limits and faults around the methods."""

import json
import time
from email.utils import formatdate
from typing import Any

from aiohttp import web

from bot.emulators.common.faults import FaultBoard, FaultKind
from bot.emulators.common.requests import Request, RequestLog
from bot.emulators.slack.call import Call, Platform, missing_scope
from bot.emulators.slack.errors import RateLimited, SlackError
from bot.emulators.slack.methods import METHODS
from bot.emulators.slack.rates import Rates
from bot.emulators.slack.scopes import RULES
from bot.emulators.slack.sockets import Sockets

Json = dict[str, Any]


class WebApi:
    """Answers API calls."""

    def __init__(
        self, platform: Platform, sockets: Sockets, rates: Rates, faults: FaultBoard, requests: RequestLog
    ) -> None:
        self._platform = platform
        self._sockets = sockets
        self._rates = rates
        self._faults = faults
        self._requests = requests
        self.unknown: set[str] = set()
        """Methods that were asked for and do not exist here."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        started = time.perf_counter()
        method = request.match_info["method"]
        try:
            args = await _arguments(request)
        except SlackError as error:
            return _answer(error.body())
        entry = self._requests.add(self._platform.workspace.clock.now(), request.method, f"/api/{method}", args)
        response = await self._faulty(method, entry) if self._faults else None
        if response is None:
            token = _token(request, args)
            response = self._run(method, args, token, entry)
            response.headers.update(self._scopes_of(token))
        response.headers["Date"] = formatdate(self._platform.workspace.clock.real_now(), usegmt=True)
        entry.status = response.status
        entry.ms = (time.perf_counter() - started) * 1000
        if self._faults and self._faults.take(FaultKind.DROP_RESPONSE, method) and request.transport is not None:
            entry.error = "response dropped"
            request.transport.abort()
        return response

    def _run(self, method: str, args: Json, token: str, entry: Request) -> web.Response:
        try:
            return _answer({"ok": True, **self._call(method, args, token)})
        except RateLimited as limited:
            entry.error = limited.code
            return _answer(limited.body(), status=429, headers={"Retry-After": str(int(limited.retry_after))})
        except SlackError as error:
            entry.error = error.code
            return _answer(error.body())

    def _call(self, method: str, args: Json, token: str) -> Json:
        handler = METHODS.get(method)
        if handler is None and method != "apps.connections.open":
            self.unknown.add(method)
            raise SlackError("unknown_method", req_method=method)
        self._authorise(method, token)
        self._rates.spend(method, str(args.get("channel", "")))
        if handler is None:
            address = self._platform.workspace.base_url.replace("http://", "ws://", 1)
            return {"url": address + self._sockets.ticket()}
        return handler(Call(self._platform, method, args))

    def _authorise(self, method: str, token: str) -> None:
        app, rule = self._platform.workspace.app, RULES[method]
        if not token:
            if method == "api.test":
                return
            raise SlackError("not_authed")
        if token in app.revoked:
            raise SlackError("token_revoked")
        if token not in {app.bot_token, app.app_token}:
            raise SlackError("invalid_auth")
        if (token == app.app_token) is not rule.app_token and method != "api.test":
            raise SlackError("not_allowed_token_type")
        granted = app.app_scopes if rule.app_token else app.scopes
        if rule.scopes and granted.isdisjoint(rule.scopes):
            raise missing_scope(",".join(rule.scopes), granted)

    def _scopes_of(self, token: str) -> dict[str, str]:
        """The header that lists what a valid token was granted."""
        app = self._platform.workspace.app
        granted = {app.bot_token: app.scopes, app.app_token: app.app_scopes}.get(token)
        if granted is None or token in app.revoked:
            return {}
        return {"X-OAuth-Scopes": ",".join(sorted(granted))}

    async def _faulty(self, method: str, entry: Request) -> web.Response | None:
        if latency := self._faults.take(FaultKind.LATENCY, method):
            await self._platform.workspace.clock.sleep(latency.seconds)
        if limited := self._faults.take(FaultKind.RATE_LIMIT, method):
            entry.error = "ratelimited"
            seconds = str(max(0, round(limited.retry_after)))
            return _answer({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": seconds})
        if broken := self._faults.take(FaultKind.ERROR, method):
            entry.error = f"HTTP {broken.status}"
            return web.Response(status=int(broken.status), text="upstream connect error", content_type="text/plain")
        return None


def _answer(body: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    text = json.dumps(body)
    return web.Response(text=text, status=status, headers=headers, content_type="application/json")


async def _arguments(request: web.Request) -> Json:
    args: Json = dict(request.query)
    if request.method == "GET" or not request.can_read_body:
        return args
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read())
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return args | body
    if request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return args | dict(await request.post())
    raise SlackError("invalid_post_type")


def _token(request: web.Request, args: Json) -> str:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else str(args.get("token", ""))
