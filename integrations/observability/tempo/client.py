"""Grafana Tempo, by its HTTP API (https://grafana.com/docs/tempo/latest/api_docs/)."""

import base64
import binascii
import math
import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from core.errors import UpstreamProtocolError, UpstreamRejected
from core.ports.telemetry import Measured, Series, Span, Tags, Trace, Traces, TraceSummary
from core.together import together
from integrations.http import Reach, ServiceClient, Watch, reading

SERVICE = "tempo"
_MOST_SERIES = 200
"""Taken of one answer; how many more there are is told."""
_KEPT = 60.0
"""Seconds that what the backend has is believed."""
_ID = re.compile(r"[0-9a-fA-F]{1,32}")


class TempoClient:
    """Implements `core.ports.telemetry.TraceStore`."""

    def __init__(self, reach: Reach, *, watch: Watch | None = None) -> None:
        """`watch`: told of its breaker."""
        self._http = ServiceClient(SERVICE, reach, watch=watch)
        self._known = (-math.inf, Tags(frozenset(), frozenset()))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def tags(self) -> Tags:
        """See `TraceStore.tags`."""
        read_at, known = self._known
        if time.monotonic() - read_at > _KEPT:
            names, services, operations = await together(
                self._names(), self._values("resource.service.name"), self._values("name")
            )
            known = Tags(services, operations, names)
            self._known = (time.monotonic(), known)
        return known

    async def search(self, query: str, start: datetime, end: datetime, *, limit: int = 20) -> Traces:
        """See `TraceStore.search`."""
        # Whole seconds, around what was asked for.
        found = await self._ask(
            "search", q=query, start=math.floor(start.timestamp()), end=math.ceil(end.timestamp()), limit=limit
        )
        traces = found.get("traces") or []
        with reading(SERVICE, "traces"):
            read = sorted(map(_summary, traces), key=lambda one: -one.start)
        return Traces(tuple(read[:limit]), truncated=len(read) >= limit)

    async def trace(self, id_: str) -> Trace | None:
        """See `TraceStore.trace`."""
        if not _ID.fullmatch(id_):
            return None
        try:
            found = await self._ask(f"traces/{id_}")
        except UpstreamRejected as error:
            if error.reason == "404":
                return None
            raise
        inner = found.get("trace", found)
        with reading(SERVICE, "a trace"):
            batches = inner.get("batches") or inner.get("resourceSpans") or []
            spans = [span for batch in batches for span in _spans(batch)]
        return Trace(id_, tuple(sorted(spans, key=lambda span: (span.start, span.id)))) if spans else None

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """See `TraceStore.over`."""
        found = await self._ask(
            "metrics/query_range",
            q=query,
            start=math.floor(start.timestamp()),
            end=math.ceil(end.timestamp()),
            step=f"{step.total_seconds():g}s",
        )
        with reading(SERVICE, "series"):
            series = [
                Series({label["key"]: _text(label.get("value")) for label in one.get("labels") or ()}, _points(one))
                for one in found.get("series") or ()
            ]
        return Measured(tuple(series[:_MOST_SERIES]), max(0, len(series) - _MOST_SERIES))

    async def _names(self) -> frozenset[str]:
        scopes = (await self._ask("v2/search/tags")).get("scopes") or []
        with reading(SERVICE, "tags"):
            return frozenset(
                f"{scope['name']}.{tag}"
                for scope in scopes
                if scope["name"] != "intrinsic"
                for tag in scope.get("tags") or ()
            )

    async def _values(self, of: str) -> frozenset[str]:
        values = (await self._ask(f"v2/search/tag/{quote(of, safe='')}/values")).get("tagValues") or []
        with reading(SERVICE, "values"):
            return frozenset(str(value["value"]) for value in values)

    async def _ask(self, what: str, **parameters: str | int) -> dict[str, Any]:
        found = await self._http.get_json(f"/api/{what}", parameters)
        if not isinstance(found, dict):
            raise UpstreamProtocolError(SERVICE, "Tempo answered something that is no result.")
        return found


def _summary(found: dict[str, Any]) -> TraceSummary:
    sets = found.get("spanSets") or ([found["spanSet"]] if found.get("spanSet") else [])
    return TraceSummary(
        # The store leaves out leading zeros; people look for the whole id.
        str(found["traceID"]).rjust(32, "0"),
        # "<root span not yet received>" and the like are for people as they are.
        str(found.get("rootServiceName") or ""),
        str(found.get("rootTraceName") or ""),
        int(found.get("startTimeUnixNano") or 0) / 1e9,
        float(found.get("durationMs") or 0) / 1e3,
        sum(int(one.get("matched") or len(one.get("spans") or ())) for one in sets),
    )


def _points(series: dict[str, Any]) -> tuple[tuple[float, float], ...]:
    """A value that is 0 is left out, as it is in every message of protocol buffers."""
    return tuple((int(one["timestampMs"]) / 1e3, float(one.get("value", 0))) for one in series.get("samples") or ())


def _spans(batch: dict[str, Any]) -> list[Span]:
    """Of the OTLP that came from one sender (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding)."""
    resource = _attributes(batch.get("resource") or {})
    scopes = batch.get("scopeSpans") or batch.get("instrumentationLibrarySpans") or []
    return [_span(span, resource) for scope in scopes for span in scope.get("spans") or ()]


def _span(found: dict[str, Any], resource: Mapping[str, str]) -> Span:
    start, end = int(found["startTimeUnixNano"]), int(found["endTimeUnixNano"])
    status = found.get("status") or {}
    attributes = dict(_attributes(found))
    for event in found.get("events") or ():
        attributes |= {name: text for name, text in _attributes(event).items() if name.startswith("exception.")}
    if message := status.get("message"):
        attributes["status.message"] = str(message)
    version = {"service.version": resource["service.version"]} if "service.version" in resource else {}
    return Span(
        _id(found["spanId"]),
        _id(found.get("parentSpanId") or ""),
        resource.get("service.name", ""),
        str(found.get("name") or ""),
        start / 1e9,
        max(0, end - start) / 1e9,
        status.get("code") in (2, "STATUS_CODE_ERROR"),
        {**version, **attributes},
    )


def _id(given: str) -> str:
    """In hexadecimal digits; Tempo writes ids in base64, as protocol buffers do, where OTLP has hexadecimal."""
    if not given or (_ID.fullmatch(given) and len(given) in (16, 32)):
        return given.lower()
    try:
        return base64.b64decode(given, validate=True).hex()
    except binascii.Error as error:
        raise ValueError("an id is bytes") from error


def _attributes(holder: dict[str, Any]) -> dict[str, str]:
    return {str(one["key"]): _text(one.get("value")) for one in holder.get("attributes") or ()}


def _text(value: Any) -> str:  # noqa: ANN401 -- JSON
    """Of an `AnyValue`."""
    if not isinstance(value, dict) or not value:
        return ""
    kind, inner = next(iter(value.items()))
    if kind == "boolValue":
        return "true" if inner else "false"
    if kind == "arrayValue":
        return ", ".join(_text(one) for one in inner.get("values") or ())
    return str(inner)
