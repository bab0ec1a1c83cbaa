"""The HTTP server: health, readiness, metrics, and room for the platforms' own routes."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self

import structlog
from aiohttp import web

from bot.metrics import Metrics
from core.errors import BotError, UpstreamError, describe

log = structlog.get_logger()

Problems = Callable[[], Awaitable[dict[str, str]]]
Refresh = Callable[[], Awaitable[None]]

_MOST_BYTES = 2 * 1024 * 1024
_CHECKS_WITHIN = 3.0


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
        routes: Iterable[web.AbstractRouteDef] = (),
    ) -> None:
        """`problems`: what is not ready, by part. `refresh`: brings gauges up to date before they are shown."""
        self._host, self._port = host, port
        self._metrics = metrics
        self._problems = problems
        self._refresh = refresh
        app = web.Application(middlewares=[self._measured, errors_as_json], client_max_size=_MOST_BYTES)
        app.add_routes(
            [web.get("/health", self._health), web.get("/ready", self._ready), web.get("/metrics", self._show)]
        )
        app.add_routes(routes)
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self._host}:{self._port}"

    async def _health(self, _request: web.Request) -> web.Response:
        """The process lives."""
        return web.json_response({"status": "ok"})

    async def _ready(self, _request: web.Request) -> web.Response:
        """200 when every part works, else 503 with the reasons."""
        try:
            async with asyncio.timeout(_CHECKS_WITHIN):
                problems = await self._problems()
        except TimeoutError:
            problems = {"checks": f"did not end within {_CHECKS_WITHIN:.0f} s"}
        status = {"status": "ready" if not problems else "not ready", "problems": problems}
        return web.json_response(status, status=503 if problems else 200)

    async def _show(self, _request: web.Request) -> web.Response:
        await self._refresh()
        return web.Response(
            body=self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )

    @web.middleware
    async def _measured(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Count and time requests; paths that no route has share one label."""
        began = time.perf_counter()
        route = request.match_info.route.resource
        path = route.canonical if route else "(none)"
        status = 500
        try:
            response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            self._metrics.http_requests.labels(request.method, path, str(status)).inc()
            self._metrics.http_duration.labels(request.method, path).observe(time.perf_counter() - began)


@web.middleware
async def errors_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer errors in the one shape that programs know: code, message, hint, whether a retry helps."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        body = {"code": _CODES.get(error.status, "INTERNAL_ERROR"), "message": error.reason, "retryable": False}
        return _json(body, error.status, None)
    except BotError as error:
        return _json(_body(error), error.status, error.delay)
    except Exception as error:  # the one place where a bug becomes an HTTP answer
        log.exception("http.broke", path=request.path)
        return _json(_body(error), 500, None)


_CODES = {
    400: "VALIDATION_ERROR",
    401: "AUTH_FAILED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    413: "VALIDATION_ERROR",
}


def _body(error: Exception) -> dict[str, object]:
    failure = describe(error)
    body: dict[str, object] = {
        "code": failure.code,
        "message": failure.message,
        "hint": failure.hint,
        "retryable": failure.retryable,
    }
    if isinstance(error, UpstreamError):
        body["service"] = error.service
    return body


def _json(body: dict[str, object], status: int, delay: float | None) -> web.Response:
    headers = {"Retry-After": str(max(1, round(delay)))} if delay else {}
    return web.Response(
        text=json.dumps({"error": body}), status=status, content_type="application/json", headers=headers
    )
