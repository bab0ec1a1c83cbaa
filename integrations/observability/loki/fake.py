"""The API of Loki on loopback, over lines that its owner gives it: it parses and evaluates what it is asked, and refuses in plain text, as
the server does (https://grafana.com/docs/loki/latest/reference/loki-http-api/)."""

import asyncio
import heapq
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from aiohttp import web

from core.query.logql.model import Logs, Metric
from core.query.logql.reader import read
from core.query.translation import QueryRefused
from integrations.loopback import Loopback
from integrations.observability.loki.engine.entries import LogQueryError, LogSource
from integrations.observability.loki.engine.evaluate import evaluate
from integrations.observability.loki.engine.pipeline import lines
from integrations.observability.prometheus.engine.samples import Numbers
from integrations.observability.prometheus.engine.tracks import Scalar, Track

_MOST_LINES = 5_000
_MOST_POINTS = 11_000
_SECOND = 1_000_000_000


class LokiFake(Loopback):
    """The service, while its `async with` block runs."""

    def __init__(
        self, source: LogSource, *, token: str = "", tenant: str = "", now: Callable[[], float] = time.time
    ) -> None:
        """`now`: seconds since the epoch, where a request names no time. The others: as in `Loopback`."""
        self.source = source
        self.asked: list[str] = []
        """Queries, in order."""
        self._now = now
        routes = [
            web.get("/loki/api/v1/query", self._query),
            web.get("/loki/api/v1/query_range", self._range),
            web.get("/loki/api/v1/labels", self._labels),
            web.get("/loki/api/v1/label/{name}/values", self._values),
            web.get("/ready", self._ready),
        ]
        super().__init__(routes, token=token, tenant=tenant)

    def refusal(self, error: Exception) -> web.Response | None:
        """In plain text."""
        if not isinstance(error, LogQueryError | QueryRefused | ValueError):
            return None
        message = error.message if isinstance(error, QueryRefused) else str(error)
        return web.Response(status=400, text=f"{message}\n")

    async def _query(self, request: web.Request) -> web.Response:
        query = self._read(request)
        if isinstance(query, Logs):
            raise LogQueryError(
                "log queries are not supported as an instant query type, please change your query to a range query type"
            )
        at = int(request.query.get("time", self._now() * _SECOND)) / _SECOND
        found = await asyncio.to_thread(evaluate, query, self.source, np.array([at]))
        if isinstance(found, Scalar):
            return _success("scalar", [at, _text(found.values[0])])
        result = [{"metric": dict(o.labels), "value": [at, _text(o.values[0])]} for o in found if o.there[0]]
        return _success("vector", result)

    async def _range(self, request: web.Request) -> web.Response:
        query = self._read(request)
        start, end = (int(request.query[name]) for name in ("start", "end"))
        if end < start:
            raise LogQueryError("end timestamp must not be before or equal to start time")
        if isinstance(query, Logs):
            limit = int(request.query.get("limit", "100"))
            if limit > _MOST_LINES:
                raise LogQueryError(
                    f"max entries limit per query exceeded, limit > max_entries_limit ({limit} > {_MOST_LINES})"
                )
            return _success("streams", await asyncio.to_thread(self._streams, query, start, end, limit))
        return await self._matrix(query, start / _SECOND, end / _SECOND, float(request.query.get("step", "60")))

    async def _matrix(self, query: Metric, start: float, end: float, step: float) -> web.Response:
        if (end - start) / step > _MOST_POINTS:
            raise LogQueryError(
                "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter"
            )
        at: Numbers = start + step * np.arange(math.floor((end - start) / step + 1e-9) + 1, dtype=np.float64)
        found = await asyncio.to_thread(evaluate, query, self.source, at)
        tracks = [Track({}, found.values, np.ones(len(at), bool))] if isinstance(found, Scalar) else found
        result = [
            {
                "metric": dict(one.labels),
                "values": [[float(at[n]), _text(one.values[n])] for n in np.flatnonzero(one.there)],
            }
            for one in tracks
        ]
        return _success("matrix", result)

    def _streams(self, query: Logs, start: int, end: int, limit: int) -> list[dict[str, Any]]:
        """The newest lines, by what labels they have behind the pipeline."""
        newest = heapq.nlargest(limit, lines(query, self.source, start, end), key=lambda found: found[0].at)
        streams: dict[tuple[tuple[str, str], ...], list[list[str]]] = {}
        for entry, labels in newest:
            streams.setdefault(tuple(sorted(labels.items())), []).append([str(entry.at), entry.text])
        return [{"stream": dict(labels), "values": values} for labels, values in streams.items()]

    async def _labels(self, _request: web.Request) -> web.Response:
        names = sorted({name for labels in self.source.streams() for name in labels})
        return web.json_response({"status": "success", "data": names})

    async def _values(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        values = sorted({labels[name] for labels in self.source.streams() if name in labels})
        return web.json_response({"status": "success", "data": values})

    async def _ready(self, _request: web.Request) -> web.Response:
        return web.Response(text="ready\n")

    def _read(self, request: web.Request) -> Logs | Metric:
        query = request.query.get("query", "")
        self.asked.append(query)
        try:
            return read(query)
        except QueryRefused as error:
            raise LogQueryError(f"parse error : {error.message}") from error


def _success(kind: str, result: object) -> web.Response:
    body: Mapping[str, object] = {"status": "success", "data": {"resultType": kind, "result": result, "stats": {}}}
    return web.json_response(body)


def _text(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(float(value))
