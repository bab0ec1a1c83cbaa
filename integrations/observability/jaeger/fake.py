"""The API of Jaeger's query service on loopback, over the same traces as Tempo's fake
(https://www.jaegertracing.io/docs/latest/architecture/apis/)."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from core.query.literals import seconds
from integrations.loopback import Loopback
from integrations.observability.tempo.engine.spans import SECOND, StoredSpan, StoredTrace, TraceSource, Value

_MICRO = 1_000
_HOUR = 3600
_USUAL_LIMIT = 100


class JaegerFake(Loopback):
    """The service, while its `async with` block runs."""

    def __init__(self, source: TraceSource, *, token: str = "", now: Callable[[], float] = time.time) -> None:
        """`now`: seconds since the epoch, where a request names no time. `token`: as in `Loopback`."""
        self.source = source
        self._now = now
        routes = [
            web.get("/api/services", self._services),
            web.get("/api/services/{service}/operations", self._operations),
            web.get("/api/traces", self._search),
            web.get("/api/traces/{id}", self._trace),
        ]
        super().__init__(routes, token=token)

    def refusal(self, error: Exception) -> web.Response | None:
        """As JSON."""
        return _refused(400, str(error)) if isinstance(error, ValueError) else None

    async def _services(self, _request: web.Request) -> web.Response:
        return _listed(sorted({span.service for trace in self.source.sample() for span in trace.spans}))

    async def _operations(self, request: web.Request) -> web.Response:
        service = request.match_info["service"]
        spans = (span for trace in self.source.sample() for span in trace.spans)
        return _listed(sorted({span.name for span in spans if span.service == service}))

    async def _search(self, request: web.Request) -> web.Response:
        if not request.query.get("service"):
            raise ValueError("parameter 'service' is required")
        end = int(request.query.get("end", self._now() * 1e6))
        start = int(request.query.get("start", end - _HOUR * 1_000_000))
        limit = int(request.query.get("limit", _USUAL_LIMIT))
        found = await asyncio.to_thread(self._found, dict(request.query), start * _MICRO, end * _MICRO, limit)
        return _listed([_written(trace) for trace in found])

    def _found(self, query: Mapping[str, str], start: int, end: int, limit: int) -> list[StoredTrace]:
        found: list[StoredTrace] = []
        tags: dict[str, str] = json.loads(query.get("tags", "{}"))
        for trace in self.source.traces(start, end):
            if any(_fits(span, query, tags) for span in trace.spans):
                found.append(trace)
            if len(found) >= limit:
                break
        return found

    async def _trace(self, request: web.Request) -> web.Response:
        trace = await asyncio.to_thread(self.source.trace, request.match_info["id"].rjust(32, "0"))
        return _refused(404, "trace not found") if trace is None else _listed([_written(trace)])


def _fits(span: StoredSpan, query: Mapping[str, str], tags: Mapping[str, str]) -> bool:
    """All that is asked holds of one span; its process' tags count as its own."""
    if span.service != query["service"] or query.get("operation", span.name) != span.name:
        return False
    least = seconds(query["minDuration"]) * SECOND if "minDuration" in query else 0
    most = seconds(query["maxDuration"]) * SECOND if "maxDuration" in query else span.duration
    own = {name: _text(value) for name, value in {**span.resource, **_tagged(span)}.items()}
    return least <= span.duration <= most and all(own.get(name) == value for name, value in tags.items())


def _tagged(span: StoredSpan) -> dict[str, Value]:
    """With the tags that stand for status and kind."""
    made: dict[str, Value] = {**span.attributes, "span.kind": span.kind}
    if span.status == "error":
        made |= {"error": True, "otel.status_code": "ERROR"}
    return made


def _written(trace: StoredTrace) -> dict[str, Any]:
    processes: dict[str, dict[str, Any]] = {}
    by_resource: dict[tuple[tuple[str, Value], ...], str] = {}
    for span in trace.spans:
        key = tuple(sorted(span.resource.items()))
        if key not in by_resource:
            by_resource[key] = name = f"p{len(by_resource) + 1}"
            rest = ((label, value) for label, value in span.resource.items() if label != "service.name")
            processes[name] = {"serviceName": span.service, "tags": _pairs(rest)}
    id_ = trace.id.lstrip("0")
    spans = [_span(span, id_, by_resource[tuple(sorted(span.resource.items()))]) for span in trace.spans]
    return {"traceID": id_, "spans": spans, "processes": processes, "warnings": None}


def _span(span: StoredSpan, trace: str, process: str) -> dict[str, Any]:
    references = [{"refType": "CHILD_OF", "traceID": trace, "spanID": span.parent}] if span.parent else []
    logs = [
        {
            "timestamp": event.at // _MICRO,
            "fields": _pairs([("event", event.name), *event.attributes.items()]),
        }
        for event in span.events
    ]
    return {
        "traceID": trace,
        "spanID": span.id,
        "operationName": span.name,
        "references": references,
        "startTime": span.start // _MICRO,
        "duration": span.duration // _MICRO,
        "tags": _pairs(_tagged(span).items()),
        "logs": logs,
        "processID": process,
        "warnings": None,
    }


def _pairs(tags: Iterable[tuple[str, Value]]) -> list[dict[str, Any]]:
    kinds = {bool: "bool", int: "int64", float: "float64", str: "string"}
    return [{"key": name, "type": kinds[type(value)], "value": value} for name, value in tags]


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(data: list[Any]) -> web.Response:
    return web.json_response({"data": data, "total": len(data), "limit": 0, "offset": 0, "errors": None})


def _refused(status: int, message: str) -> web.Response:
    body = {"data": None, "total": 0, "limit": 0, "offset": 0, "errors": [{"code": status, "msg": message}]}
    return web.json_response(body, status=status)
