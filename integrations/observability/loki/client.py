"""Grafana Loki, by its HTTP API (https://grafana.com/docs/loki/latest/reference/loki-http-api/)."""

import heapq
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from core.errors import UpstreamProtocolError
from core.ports.telemetry import Lines, LogLine, Measured, Series
from integrations.http import Reach, ServiceClient, Watch, reading

SERVICE = "loki"
_MOST_SERIES = 200
"""Taken of one answer; how many more there are is told."""
_KEPT = 60.0
"""Seconds that what the backend has is believed."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LokiClient:
    """Implements `core.ports.telemetry.Logs`."""

    def __init__(self, reach: Reach, *, watch: Watch | None = None) -> None:
        """`watch`: told of its breaker."""
        self._http = ServiceClient(SERVICE, reach, watch=watch)
        self._known: tuple[float, Mapping[str, frozenset[str]]] = (-math.inf, {})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def labels(self) -> Mapping[str, frozenset[str]]:
        """See `Logs.labels`."""
        read_at, known = self._known
        if time.monotonic() - read_at > _KEPT:
            names = await self._names("labels")
            known = {name: await self._names(f"label/{quote(name, safe='')}/values") for name in sorted(names)}
            self._known = (time.monotonic(), known)
        return known

    async def lines(self, query: str, start: datetime, end: datetime, *, limit: int = 1000) -> Lines:
        """See `Logs.lines`."""
        kind, result = await self._result(
            "query_range",
            query=query,
            start=_nanoseconds(start),
            end=_nanoseconds(end),
            limit=limit,
            direction="backward",
        )
        if kind != "streams":
            raise UpstreamProtocolError(SERVICE, f"Loki answered a {kind}, which is no log.")
        with reading(SERVICE, "lines"):
            found = [
                LogLine(int(entry[0]), _text(entry[1]), labels)
                for stream in result
                for labels in [_texts(stream["stream"])]
                for entry in stream["values"]
            ]
        return Lines(tuple(heapq.nlargest(limit, found, key=lambda line: line.at)), truncated=len(found) >= limit)

    async def at(self, query: str, moment: datetime) -> Measured:
        """See `Logs.at`."""
        return _measured(*await self._result("query", query=query, time=_nanoseconds(moment)))

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """See `Logs.over`."""
        seconds = f"{step.total_seconds():g}"
        span = {"start": _nanoseconds(start), "end": _nanoseconds(end)}
        return _measured(*await self._result("query_range", query=query, step=seconds, **span))

    async def _names(self, what: str) -> frozenset[str]:
        found = (await self._ask(what)).get("data") or []
        if not isinstance(found, list):
            raise UpstreamProtocolError(SERVICE, "Loki answered something that is no list of names.")
        return frozenset(map(str, found))

    async def _result(self, what: str, **parameters: str | int) -> tuple[str, list[Any]]:
        data = (await self._ask(what, **parameters)).get("data")
        kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, dict) else (None, None)
        if not isinstance(kind, str) or not isinstance(result, list):
            raise UpstreamProtocolError(SERVICE, "Loki answered something that is no result.")
        return kind, result

    async def _ask(self, what: str, **parameters: str | int) -> dict[str, Any]:
        found = await self._http.get_json(f"/loki/api/v1/{what}", parameters)
        if not isinstance(found, dict) or found.get("status") != "success":
            raise UpstreamProtocolError(SERVICE, "Loki answered something that is no result.")
        return found


def _measured(kind: str, result: list[Any]) -> Measured:
    with reading(SERVICE, "a result"):
        if kind == "vector":
            series = [Series(_texts(one["metric"]), (_point(one["value"]),)) for one in result]
        elif kind == "matrix":
            series = [Series(_texts(one["metric"]), tuple(map(_point, one["values"]))) for one in result]
        else:
            raise UpstreamProtocolError(SERVICE, f"Loki answered a {kind}, which is no series.")
    return Measured(tuple(series[:_MOST_SERIES]), max(0, len(series) - _MOST_SERIES))


def _nanoseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a line is text")
    return value


def _texts(labels: dict[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in labels.items()}


def _point(pair: Any) -> tuple[float, float]:  # noqa: ANN401 -- JSON
    return float(pair[0]), float(pair[1])
