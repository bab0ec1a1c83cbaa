"""The API of Prometheus on loopback, over series and answers that its owner gives it: it evaluates no PromQL."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from aiohttp import web

Labels = Mapping[str, str]
Answer = Sequence[tuple[Labels, Sequence[tuple[float, float]]]]
"""(labels, points), a line of a graph each."""

_NAMED = re.compile(r'\{__name__="([^"]*)"\}')


class PrometheusFake:
    """The service, while its `async with` block runs."""

    def __init__(self, metrics: Mapping[str, Sequence[Labels]], answers: Mapping[str, Answer] | None = None) -> None:
        """`metrics`: name → the label sets of its series. `answers`: query → what it gives; any other gives nothing."""
        self._metrics = dict(metrics)
        self.answers: dict[str, Answer] = dict(answers or {})
        self.asked: list[str] = []
        """Queries that were run, in order."""
        self.warnings: tuple[str, ...] = ()
        app = web.Application()
        app.add_routes(
            [
                web.get("/api/v1/query", self._query),
                web.get("/api/v1/query_range", self._range),
                web.get("/api/v1/labels", self._labels),
                web.get("/api/v1/label/{name}/values", self._values),
                web.get("/api/v1/metadata", self._metadata),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.shield(self._runner.cleanup())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _query(self, request: web.Request) -> web.Response:
        query = request.query["query"]
        if counted := re.fullmatch(rf"count\({_NAMED.pattern}\)", query):
            count = len(self._metrics.get(counted[1], ()))
            return self._success(
                {"resultType": "vector", "result": [_vector({}, [(0.0, float(count))])] if count else []}
            )
        self.asked.append(query)
        found = [_vector(labels, points) for labels, points in self.answers.get(query, ())]
        return self._success({"resultType": "vector", "result": found})

    async def _range(self, request: web.Request) -> web.Response:
        query = request.query["query"]
        self.asked.append(query)
        found = [
            {"metric": dict(labels), "values": [[at, _text(value)] for at, value in points]}
            for labels, points in self.answers.get(query, ())
        ]
        return self._success({"resultType": "matrix", "result": found})

    async def _labels(self, request: web.Request) -> web.Response:
        return self._success(sorted({"__name__", *(name for labels in self._matching(request) for name in labels)}))

    async def _values(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name == "__name__":
            return self._success(sorted(self._metrics))
        return self._success(sorted({labels[name] for labels in self._matching(request) if name in labels}))

    async def _metadata(self, _request: web.Request) -> web.Response:
        types = {name: "counter" if name.endswith("_total") else "gauge" for name in self._metrics}
        types |= {name.removesuffix("_bucket"): "histogram" for name in self._metrics if name.endswith("_bucket")}
        return self._success({name: [{"type": kind, "help": "", "unit": ""}] for name, kind in types.items()})

    def _matching(self, request: web.Request) -> list[Labels]:
        matched = _NAMED.search(request.query.get("match[]", ""))
        names = [matched[1]] if matched else list(self._metrics)
        return [labels for name in names for labels in self._metrics.get(name, ())]

    def _success(self, data: Any) -> web.Response:  # noqa: ANN401 -- JSON
        body: dict[str, Any] = {"status": "success", "data": data}
        if self.warnings:
            body["warnings"] = list(self.warnings)
        return web.json_response(body)


def _vector(labels: Labels, points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    at, value = points[-1]
    return {"metric": dict(labels), "value": [at, _text(value)]}


def _text(value: float) -> str:
    return {float("inf"): "+Inf", float("-inf"): "-Inf"}.get(value, "NaN" if value != value else repr(value))
