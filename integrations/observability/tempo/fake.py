"""The API of Tempo on loopback, over traces that its owner gives it: it parses and evaluates what it is asked, and refuses in plain
text, as the server does (https://grafana.com/docs/tempo/latest/api_docs/)."""

import asyncio
import base64
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from core.query.literals import seconds
from core.query.traceql.model import Query
from core.query.traceql.reader import read
from core.query.translation import QueryRefused
from integrations.loopback import Loopback
from integrations.observability.tempo.engine.metrics import over_time
from integrations.observability.tempo.engine.spans import (
    SECOND,
    StoredSpan,
    StoredTrace,
    TraceQueryError,
    TraceSource,
    Value,
)
from integrations.observability.tempo.engine.spansets import Spanset, Within
from integrations.observability.tempo.engine.values import Found, value

_INTRINSICS = ("duration", "kind", "name", "rootName", "rootServiceName", "status", "statusMessage", "traceDuration")
_MOST_POINTS = 10_000
_HOUR = 3600
_STATUSES = {"ok": "STATUS_CODE_OK", "error": "STATUS_CODE_ERROR"}


class TempoFake(Loopback):
    """The service, while its `async with` block runs."""

    def __init__(
        self, source: TraceSource, *, token: str = "", tenant: str = "", now: Callable[[], float] = time.time
    ) -> None:
        """`now`: seconds since the epoch, where a request names no time. The others: as in `Loopback`."""
        self.source = source
        self.asked: list[str] = []
        """Queries and ids of traces, in order."""
        self._now = now
        routes = [
            web.get("/api/search", self._search),
            web.get("/api/traces/{id}", self._trace),
            web.get("/api/v2/search/tags", self._tags),
            web.get("/api/v2/search/tag/{name}/values", self._values),
            web.get("/api/metrics/query_range", self._metrics),
            web.get("/api/echo", self._echo),
        ]
        super().__init__(routes, token=token, tenant=tenant)

    def refusal(self, error: Exception) -> web.Response | None:
        """In plain text."""
        if not isinstance(error, TraceQueryError | QueryRefused | ValueError):
            return None
        message = error.message if isinstance(error, QueryRefused) else str(error)
        return web.Response(status=400, text=f"{message}\n")

    async def _search(self, request: web.Request) -> web.Response:
        query = self._read(request)
        if query.metric:
            raise TraceQueryError("invalid TraceQL query: metrics queries are not supported here")
        start, end = self._span(request)
        limit = int(request.query.get("limit", "20"))
        found = await asyncio.to_thread(self._found, query, start, end, limit)
        return web.json_response({"traces": found, "metrics": {"inspectedTraces": len(found)}})

    def _found(self, query: Query, start: int, end: int, limit: int) -> list[dict[str, Any]]:
        """The first that are found, and not the newest, slowest or best ones: so does the server."""
        found: list[dict[str, Any]] = []
        for trace in self.source.traces(start, end):
            within = Within(trace)
            if sets := within.select(query.pipeline):
                found.append(_listed(trace, within, sets))
            if len(found) >= limit:
                break
        return found

    async def _trace(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        self.asked.append(id_)
        trace = await asyncio.to_thread(self.source.trace, id_.rjust(32, "0"))
        if trace is None:
            return web.Response(status=404, text="trace not found\n")
        batches: dict[tuple[tuple[str, Value], ...], list[StoredSpan]] = {}
        for span in trace.spans:
            batches.setdefault(tuple(span.resource.items()), []).append(span)
        return web.json_response({"batches": [_batch(trace, dict(key), spans) for key, spans in batches.items()]})

    async def _tags(self, _request: web.Request) -> web.Response:
        spans = [span for trace in self.source.sample() for span in trace.spans]
        scopes = {
            "event": {name for span in spans for event in span.events for name in event.attributes},
            "resource": {name for span in spans for name in span.resource},
            "span": {name for span in spans for name in span.attributes},
            "intrinsic": set(_INTRINSICS),
        }
        return web.json_response({"scopes": [{"name": name, "tags": sorted(tags)} for name, tags in scopes.items()]})

    async def _values(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        expr = read(f"{{ {name} != nil }}").pipeline.stages[0].condition.left  # type: ignore[union-attr]
        found = {
            value(expr, within.place(span))
            for trace in self.source.sample()
            for within in [Within(trace)]
            for span in trace.spans
        }
        values = [{"type": "string", "value": str(one)} for one in sorted(map(str, found - {None}))]
        return web.json_response({"tagValues": values})

    async def _metrics(self, request: web.Request) -> web.Response:
        query = self._read(request)
        start, end = self._span(request)
        step = round(seconds(request.query.get("step", "60s")) * SECOND)
        if step <= 0:
            raise TraceQueryError("step must be greater than zero")
        # Both ends lie on multiples of the step.
        start, end = start // step * step, -(-end // step) * step
        if (end - start) // step > _MOST_POINTS:
            raise TraceQueryError(f"query range exceeds the maximum of {_MOST_POINTS} points; increase the step")
        found = await asyncio.to_thread(lambda: over_time(query, self.source.traces(start, end), start, end, step))
        series = [
            {
                "labels": [{"key": name, "value": _any(one)} for name, one in counted.labels.items()],
                # As in every message of protocol buffers, what is 0 is left out.
                "samples": [{"timestampMs": str(at), **({"value": v} if v else {})} for at, v in counted.points],
            }
            for counted in found
        ]
        return web.json_response({"series": series, "metrics": {}})

    async def _echo(self, _request: web.Request) -> web.Response:
        return web.Response(text="echo")

    def _read(self, request: web.Request) -> Query:
        query = request.query.get("q", "")
        self.asked.append(query)
        try:
            return read(query)
        except QueryRefused as error:
            raise TraceQueryError(f"invalid TraceQL query: {error.message}") from error

    def _span(self, request: web.Request) -> tuple[int, int]:
        end = int(request.query.get("end", self._now()))
        start = int(request.query.get("start", end - _HOUR))
        if end <= start:
            raise TraceQueryError("http parameter start must be before end")
        return start * SECOND, end * SECOND


def _listed(trace: StoredTrace, within: Within, sets: Sequence[Spanset]) -> dict[str, Any]:
    root = trace.root
    return {
        "traceID": trace.id.lstrip("0"),
        "rootServiceName": root.service,
        "rootTraceName": root.name,
        "startTimeUnixNano": str(trace.start),
        "durationMs": (trace.end - trace.start) // 1_000_000,
        "spanSets": [_spanset(one, within) for one in sets],
    }


def _spanset(one: Spanset, within: Within, most: int = 3) -> dict[str, Any]:
    spans = [
        {
            "spanID": span.id,
            "startTimeUnixNano": str(span.start),
            "durationNanos": str(span.duration),
            "attributes": _pairs(within.values(one, span)),
        }
        for span in one.spans[:most]
    ]
    return {"spans": spans, "matched": len(one.spans), "attributes": _pairs(one.attributes)}


def _batch(trace: StoredTrace, resource: Mapping[str, Value], spans: Iterable[StoredSpan]) -> dict[str, Any]:
    return {
        "resource": {"attributes": _pairs(resource)},
        "scopeSpans": [{"scope": {}, "spans": [_span_of(trace, span) for span in spans]}],
    }


def _span_of(trace: StoredTrace, span: StoredSpan) -> dict[str, Any]:
    made: dict[str, Any] = {
        "traceId": _base64(trace.id),
        "spanId": _base64(span.id),
        "name": span.name,
        "kind": f"SPAN_KIND_{span.kind.upper()}",
        "startTimeUnixNano": str(span.start),
        "endTimeUnixNano": str(span.start + span.duration),
        "attributes": _pairs(span.attributes),
        "status": {},
    }
    if span.parent:
        made["parentSpanId"] = _base64(span.parent)
    if span.status in _STATUSES:
        made["status"] = {"code": _STATUSES[span.status], **({"message": span.message} if span.message else {})}
    if span.events:
        made["events"] = [
            {"timeUnixNano": str(event.at), "name": event.name, "attributes": _pairs(event.attributes)}
            for event in span.events
        ]
    return made


def _pairs(attributes: Mapping[str, Found]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _any(one)} for name, one in attributes.items() if one is not None]


def _any(one: Value) -> dict[str, Any]:
    if isinstance(one, bool):
        return {"boolValue": one}
    if isinstance(one, int):
        return {"intValue": str(one)}
    return {"doubleValue": one} if isinstance(one, float) else {"stringValue": one}


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()
