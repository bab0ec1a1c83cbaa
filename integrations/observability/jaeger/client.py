"""Jaeger, by the HTTP API of its query service (https://www.jaegertracing.io/docs/latest/architecture/apis/).

It knows no TraceQL. What it can find, spans of one service by name, least and greatest duration, failure and tags, is asked for; anything
else is refused with what it can do instead.
"""

import json
import math
import re
import time
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from core.errors import UpstreamProtocolError, UpstreamRejected
from core.ports.telemetry import Measured, Span, Tags, Trace, Traces, TraceSummary
from core.query.translation import QueryRefused
from core.together import together
from integrations.http import Reach, ServiceClient, Watch, reading
from integrations.observability.jaeger.asked import Asked, asked

SERVICE = "jaeger"
_KEPT = 60.0
"""Seconds that what the backend has is believed."""
_MOST_SERVICES = 200
"""Whose operations are asked for."""
_ID = re.compile(r"[0-9a-fA-F]{1,32}")


class JaegerClient:
    """Implements `core.ports.telemetry.TraceStore`."""

    def __init__(self, reach: Reach, *, watch: Watch | None = None) -> None:
        """`reach`: its URL with the base path, where there is one (`http://jaeger:16686/jaeger`). `watch`: told of its breaker."""
        self._http = ServiceClient(SERVICE, reach, watch=watch)
        self._known = (-math.inf, Tags(frozenset(), frozenset()))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def tags(self) -> Tags:
        """See `TraceStore.tags`; Jaeger tells services and operations only."""
        read_at, known = self._known
        if time.monotonic() - read_at > _KEPT:
            services = [str(name) for name in await self._data("services")]
            named = [self._data(f"services/{quote(name, safe='')}/operations") for name in services[:_MOST_SERVICES]]
            operations = {str(name) for names in await together(*named) for name in names}
            known = Tags(frozenset(services), frozenset(operations))
            self._known = (time.monotonic(), known)
        return known

    async def search(self, query: str, start: datetime, end: datetime, *, limit: int = 20) -> Traces:
        """See `TraceStore.search`."""
        wanted = asked(query)
        if wanted.trace:
            found = await self.trace(wanted.trace)
            return Traces((_summary(found, wanted),) if found else ())
        data = await self._data("traces", **_parameters(wanted, start, end, limit))
        with reading(SERVICE, "traces"):
            traces = [_summary(_trace(one), wanted) for one in data]
        return Traces(tuple(sorted(traces, key=lambda one: -one.start)), truncated=len(traces) >= limit)

    async def trace(self, id_: str) -> Trace | None:
        """See `TraceStore.trace`."""
        if not _ID.fullmatch(id_):
            return None
        try:
            data = await self._data(f"traces/{id_}")
        except UpstreamRejected as error:
            if "404" in error.reason or "not found" in error.message:
                return None
            raise
        with reading(SERVICE, "a trace"):
            return _trace(data[0]) if data else None

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """See `TraceStore.over`: it cannot."""
        raise QueryRefused(
            "Jaeger makes no numbers of traces.", hint="Ask for the traces themselves, or ask the metrics: “p95 of …”."
        )

    async def _data(self, what: str, **parameters: str | int) -> list[Any]:
        found = await self._http.get_json(f"/api/{what}", parameters)
        data = found.get("data", 0) if isinstance(found, dict) else 0
        # Without any service it answers null.
        if not isinstance(data, list | None):
            raise UpstreamProtocolError(SERVICE, "Jaeger answered something that is no result.")
        return data or []


def _parameters(wanted: Asked, start: datetime, end: datetime, limit: int) -> dict[str, str | int]:
    """Times in microseconds, durations as Go writes them."""
    made: dict[str, str | int] = {
        "service": wanted.service,
        "start": round(start.timestamp() * 1e6),
        "end": round(end.timestamp() * 1e6),
        "limit": limit,
    }
    if wanted.operation:
        made["operation"] = wanted.operation
    if wanted.least:
        made["minDuration"] = wanted.least
    if wanted.most:
        made["maxDuration"] = wanted.most
    if wanted.tags:
        made["tags"] = json.dumps(wanted.tags)
    return made


def _trace(found: dict[str, Any]) -> Trace:
    processes = found["processes"]
    spans = [_span(span, processes) for span in found["spans"]]
    return Trace(str(found["traceID"]), tuple(sorted(spans, key=lambda span: (span.start, span.id))))


def _span(found: dict[str, Any], processes: dict[str, Any]) -> Span:
    """Of Jaeger's JSON model (github.com/jaegertracing/jaeger, model/json)."""
    process = processes.get(found["processID"]) or {}
    tags = _tags(found.get("tags"))
    of_process = _tags(process.get("tags"))
    noted = {
        _LOGGED[name]: text
        for log in found.get("logs") or ()
        for name, text in _tags(log.get("fields")).items()
        if name in _LOGGED
    }
    parents = [one for one in found.get("references") or () if one.get("refType") in ("CHILD_OF", "FOLLOWS_FROM")]
    version = {"service.version": of_process["service.version"]} if "service.version" in of_process else {}
    return Span(
        str(found["spanID"]),
        str(parents[0]["spanID"]) if parents else str(found.get("parentSpanID") or ""),
        str(process.get("serviceName") or ""),
        str(found.get("operationName") or ""),
        int(found["startTime"]) / 1e6,
        max(0, int(found["duration"])) / 1e6,
        tags.get("error") == "true" or tags.get("otel.status_code") == "ERROR",
        {**version, **tags, **noted},
    )


_LOGGED = {
    "exception.type": "exception.type",
    "exception.message": "exception.message",
    "error.object": "exception.message",
    "error.kind": "exception.type",
}
"""Fields of a span's logs → attribute."""


def _tags(found: Any) -> dict[str, str]:  # noqa: ANN401 -- JSON
    return {str(tag["key"]): _text(tag["value"]) for tag in found or ()}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _summary(trace: Trace, wanted: Asked) -> TraceSummary:
    first = min(trace.spans, key=lambda span: (bool(span.parent), span.start))
    start = min(span.start for span in trace.spans)
    end = max(span.start + span.duration for span in trace.spans)
    matched = sum(
        span.service == wanted.service and (not wanted.operation or span.name == wanted.operation)
        for span in trace.spans
    )
    return TraceSummary(trace.id, first.service, first.name, start, end - start, matched)
