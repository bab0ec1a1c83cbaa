"""The HTTP server: health, readiness, metrics, and room for the platforms' own routes."""

import asyncio
import errno
import json
import math
import time
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self

import structlog
from aiohttp import web

from bot.metrics import CONTENT_TYPE, Metrics
from core.errors import BotError, UserInputError, describe

log = structlog.get_logger()

Problems = Callable[[], Awaitable[dict[str, str]]]
Refresh = Callable[[], Awaitable[None]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_MOST_BYTES = 2 * 1024 * 1024
_CHECKS_WITHIN = 4.0
"""Seconds for all checks together; each has a shorter limit of its own."""
_REFRESH_WITHIN = 2.0
"""Seconds for bringing gauges up to date; older values are shown rather than none."""


class WebServer:
    """Serves while its `async with` block runs."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        metrics: Metrics,
        problems: Problems,
        refresh: Refresh,
        warnings: Problems | None = None,
        routes: Iterable[web.AbstractRouteDef] = (),
    ) -> None:
        """`problems`: what is not ready, by part. `refresh`: brings gauges up to date before they are shown. `warnings`: what
        is told in /ready without making it fail. `port` 0: a free one."""
        self._host, self._port = host, port
        self._metrics = metrics
        self._problems = problems
        self._refresh = refresh
        self._warnings = warnings
        app = web.Application(middlewares=[self._measured, errors_as_json], client_max_size=_MOST_BYTES)
        app.add_routes(
            [web.get("/health", self._health), web.get("/ready", self._ready), web.get("/metrics", self._show)]
        )
        app.add_routes(routes)
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise _unusable(self._host, self._port, error) from error
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def _health(self, _request: web.Request) -> web.Response:
        """The process lives."""
        return web.json_response({"status": "ok"})

    async def _ready(self, _request: web.Request) -> web.Response:
        """200 when every part works, else 503 with the reasons."""
        try:
            async with asyncio.timeout(_CHECKS_WITHIN):
                problems = await self._problems()
        except TimeoutError:
            problems = {"checks": f"did not end within {_CHECKS_WITHIN:g} s"}
        warnings = await self._warnings() if self._warnings else {}
        status: dict[str, object] = {"status": "not ready" if problems else "ready", "problems": problems}
        if warnings:
            status["warnings"] = warnings
        return web.json_response(status, status=503 if problems else 200)

    async def _show(self, _request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(_REFRESH_WITHIN):
                await self._refresh()
        except (TimeoutError, BotError) as error:
            log.warning("metrics.stale", reason=str(error) or "timeout")
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    @web.middleware
    async def _measured(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count and time requests; paths that no route has share one label."""
        began = time.perf_counter()
        resource = request.match_info.route.resource
        path = resource.canonical if resource else "(none)"
        status = 500
        try:
            response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            self._metrics.request(request.method, path, status, time.perf_counter() - began)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors in the one shape that programs know: code, message, hint, and whether and when a retry helps."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _from_aiohttp(error)
    except BotError as error:
        return _answer(error, error.status, error.delay)
    except Exception as error:  # the one place where a bug becomes an HTTP answer
        log.exception("http.broke", path=request.path)
        return _answer(error, 500, None)


_CODES = {401: "AUTH_FAILED", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "CONFLICT", 429: "RATE_LIMIT_EXCEEDED"}
_SERVER_CODES = {502: "DEPENDENCY_FAILURE", 503: "SERVICE_UNAVAILABLE", 504: "TIMEOUT"}


def _from_aiohttp(error: web.HTTPException) -> web.Response:
    """What aiohttp and routes raise, in our shape; their own headers (`Allow`) stay."""
    other = "INTERNAL_ERROR" if error.status >= 500 else "VALIDATION_ERROR"
    code = (_CODES | _SERVER_CODES).get(error.status, other)
    retryable = error.status == 429 or error.status in _SERVER_CODES
    body = {"code": code, "message": error.reason, "hint": "", "retryable": retryable}
    kept = {name: value for name, value in error.headers.items() if name not in ("Content-Type", "Content-Length")}
    return _json(body, error.status, kept)


def _answer(error: Exception, status: int, delay: float | None) -> web.Response:
    failure = describe(error)
    body: dict[str, object] = {
        "code": failure.code,
        "message": failure.message,
        "hint": failure.hint,
        "retryable": failure.retryable,
    }
    if delay is not None:
        body["delay"] = delay
    if failure.service:
        body["service"] = failure.service
    return _json(body, status, {"Retry-After": str(max(1, math.ceil(delay)))} if delay is not None else {})


def _json(body: dict[str, object], status: int, headers: dict[str, str]) -> web.Response:
    text = json.dumps({"error": body})
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)


def _unusable(host: str, port: int, error: OSError) -> UserInputError:
    why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
    return UserInputError(f"{host}:{port} {why}.", hint="Set http.host and http.port; port 0 takes a free one.")
