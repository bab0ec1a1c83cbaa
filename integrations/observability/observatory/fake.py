"""LLM-Observatory's analytics API on loopback, as it is declared and as it is shipped, over calls that its owner gives it."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from integrations.loopback import Loopback
from integrations.observability.observatory.engine import costs, metrics
from integrations.observability.observatory.engine.analytics import Analytics
from integrations.observability.observatory.engine.calls import SECOND, CallSource, moment
from integrations.observability.observatory.engine.door import Claims, Limiter, Refusal, claims
from integrations.observability.observatory.engine.exports import Exports
from integrations.observability.observatory.engine.parameters import (
    BadRequest,
    Forbidden,
    NotFound,
    Parameters,
    Undecodable,
    Unparsable,
)
from integrations.observability.observatory.engine.rows import Kept
from integrations.observability.observatory.engine.shapes import flat, nested, phrased, plain, tagged, too_many
from integrations.observability.observatory.engine.traces import Traces

Shape = Callable[[int, str], web.Response]
Answering = Callable[[web.Request, Claims], Awaitable[web.Response]]
_STUCK = "Auth context not found. Ensure RequireAuth middleware is applied."


class ObservatoryFake(Loopback):
    """The service, while its `async with` block runs."""

    def __init__(
        self, source: CallSource, *, secret: str, shipped: bool = False, now: Callable[[], float] = time.time
    ) -> None:
        """`secret`: what tokens are signed with. `shipped`: everything that wants a token answers 500, whoever asks. `now`: seconds
        since the epoch."""
        self.source = source
        self.shipped = shipped
        self.healthy = True
        """Otherwise it says 503 and nothing else."""
        self.limited: int | None = None
        """Seconds after which whoever shows a token may come again, while it is set."""
        self.asked: list[tuple[str, dict[str, str]]] = []
        """Paths and query strings of what was let in or is public, in order."""
        self.claims: list[Claims] = []
        """Of tokens that were shown and were good, in order."""
        self.observed: list[Any] = []
        """Observations that were accepted."""
        self._secret = secret
        self._now = now
        self._rows = Kept(source, now)
        self._traces = Traces(source, self._nanoseconds)
        self._exports = Exports()
        self._limiter = Limiter()
        super().__init__([*self._protected(), *self._public()])

    def _protected(self) -> list[web.RouteDef]:
        guarded = self._guarded
        return [
            web.get("/api/v1/traces", guarded("read:traces", nested, self._list)),
            web.post("/api/v1/traces/search", guarded("read:traces", nested, self._search)),
            web.get("/api/v1/traces/{id}", guarded("read:traces", nested, self._trace)),
            web.get("/api/v1/metrics", guarded("metrics:read", flat, self._metrics)),
            web.get("/api/v1/metrics/summary", guarded("metrics:read", flat, self._summary)),
            web.post("/api/v1/metrics/query", guarded("metrics:query", flat, self._custom)),
            web.get("/api/v1/costs/summary", guarded("costs:read", flat, self._costs)),
            web.get("/api/v1/costs/attribution", guarded("costs:read", flat, self._attribution)),
            web.post("/api/v1/export/traces", guarded("exports:create", flat, self._export)),
            web.get("/api/v1/export/jobs", guarded("exports:read", flat, self._jobs)),
            web.get("/api/v1/export/jobs/{id}", guarded("exports:read", flat, self._job)),
            web.delete("/api/v1/export/jobs/{id}", guarded("exports:cancel", flat, self._cancel)),
            web.get("/api/v1/export/jobs/{id}/download", guarded("exports:download", flat, self._download)),
        ]

    def _public(self) -> list[web.RouteDef]:
        return [
            web.get("/health", self._health),
            web.get("/api/v1/analytics/performance", self._analytics(Analytics.performance)),
            web.get("/api/v1/analytics/quality", self._analytics(Analytics.quality)),
            web.get("/api/v1/analytics/optimization", self._analytics(Analytics.optimization)),
            web.get("/api/v1/analytics/models/compare", self._compare),
            web.post("/api/v1/observations", self._observe),
        ]

    def refusal(self, error: Exception) -> web.Response | None:
        """Of whatever could not be parsed, on any route."""
        if isinstance(error, Unparsable):
            return plain(400, str(error))
        if isinstance(error, Undecodable):
            return plain(422, f"Failed to deserialize the JSON body into the target type: {error}")
        return None

    def _nanoseconds(self) -> int:
        return int(self._now() * SECOND)

    def _guarded(
        self, permission: str, shape: Shape, answering: Answering
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            if self.shipped:
                # It asks how often somebody may come before it asks who that is.
                return nested(500, _STUCK)
            try:
                who = claims(request.headers.get("Authorization"), self._secret, self._now())
                self.claims.append(who)
                headers = self._limiter.headers(who, request.path, self._now())
                if self.limited is not None:
                    return too_many(self.limited, headers)
                answer = await self._answer(request, who, permission, shape, answering)
            except Refusal as refused:
                return nested(refused.status, refused.message, refused.code)
            answer.headers.update(headers)
            return answer

        return guarded

    async def _answer(
        self, request: web.Request, who: Claims, permission: str, shape: Shape, answering: Answering
    ) -> web.Response:
        try:
            if not who.allows(permission):
                raise Forbidden("Insufficient permissions")
            self.asked.append((request.path, dict(request.query)))
            return await answering(request, who)
        except BadRequest as error:
            return shape(400, str(error))
        except NotFound as error:
            return shape(404, str(error))
        except Forbidden as error:
            return shape(403, str(error))

    async def _list(self, request: web.Request, who: Claims) -> web.Response:
        return web.json_response(await asyncio.to_thread(self._traces.listed, Parameters(request.query), who))

    async def _search(self, request: web.Request, who: Claims) -> web.Response:
        body = await _body(request)
        return web.json_response(await asyncio.to_thread(self._traces.search, body, who))

    async def _trace(self, request: web.Request, who: Claims) -> web.Response:
        return web.json_response(await asyncio.to_thread(self._traces.one, request.match_info["id"]))

    async def _metrics(self, request: web.Request, who: Claims) -> web.Response:
        asked = Parameters(request.query)
        found = await asyncio.to_thread(metrics.over_time, self._rows, asked, who.org, self._nanoseconds())
        return web.json_response(found)

    async def _summary(self, request: web.Request, who: Claims) -> web.Response:
        asked = Parameters(request.query)
        found = await asyncio.to_thread(metrics.summary, self.source, self._rows, asked, who.org, self._nanoseconds())
        return web.json_response(found)

    async def _custom(self, request: web.Request, who: Claims) -> web.Response:
        return web.json_response(metrics.custom(await _body(request)))

    async def _costs(self, request: web.Request, who: Claims) -> web.Response:
        asked = Parameters(request.query)
        found = await asyncio.to_thread(costs.summary, self.source, asked, who.org, self._nanoseconds())
        return web.json_response(found)

    async def _attribution(self, request: web.Request, who: Claims) -> web.Response:
        asked = Parameters(request.query)
        return web.json_response(await asyncio.to_thread(costs.attribution, self.source, asked, who.org))

    async def _export(self, request: web.Request, who: Claims) -> web.Response:
        return web.json_response(self._exports.create(await _body(request), who.org, self._nanoseconds()))

    async def _jobs(self, request: web.Request, who: Claims) -> web.Response:
        return web.json_response(self._exports.listed(Parameters(request.query), who.org))

    async def _job(self, request: web.Request, who: Claims) -> web.Response:
        return web.json_response(self._exports.one(request.match_info["id"], who.org))

    async def _cancel(self, request: web.Request, who: Claims) -> web.Response:
        if self._exports.cancel(request.match_info["id"], who.org):
            return web.Response(status=204)
        return flat(409, "Job cannot be cancelled")

    async def _download(self, request: web.Request, who: Claims) -> web.Response:
        self._exports.one(request.match_info["id"], who.org)
        return flat(409, "Export job is not completed")

    async def _health(self, _request: web.Request) -> web.Response:
        if not self.healthy:
            return web.Response(status=503)
        at = moment(self._nanoseconds())
        return web.json_response({"status": "healthy", "database": "healthy", "redis": "healthy", "timestamp": at})

    def _analytics(
        self, what: Callable[[Analytics], dict[str, Any]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            asked, now = Parameters(request.query), self._nanoseconds()
            self.asked.append((request.path, dict(request.query)))
            try:
                found = await asyncio.to_thread(lambda: what(Analytics(self.source, self._rows, asked, now)))
            except BadRequest as error:
                return phrased(400, str(error))
            return tagged(request, found)

        return answer

    async def _compare(self, _request: web.Request) -> web.Response:
        return plain(400, "Failed to deserialize query string: invalid type: string, expected a sequence")

    async def _observe(self, request: web.Request) -> web.Response:
        body = await _body(request)
        names = ("source", "event_type", "execution_id", "timestamp", "payload")
        if not isinstance(body, dict) or any(name not in body for name in names):
            raise Undecodable("missing field")
        self.observed.append(body)
        return web.json_response({"status": "accepted", "execution_id": body["execution_id"]}, status=202)


async def _body(request: web.Request) -> object:
    """JSON, or a refusal in plain text."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Expected request with `Content-Type: application/json`")
    try:
        return json.loads(await request.text())
    except ValueError as error:
        raise web.HTTPBadRequest(text="Failed to parse the request body as JSON") from error
