"""The API of Prometheus on loopback, over series that its owner gives it: it parses and evaluates what it is asked, and refuses as the
server does (https://prometheus.io/docs/prometheus/2.55/querying/api/)."""

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from aiohttp import web

from core.query.promql.model import Node, Selector, Subquery
from core.query.promql.reader import read
from core.query.translation import QueryRefused
from integrations.loopback import Loopback
from integrations.observability.prometheus.engine.evaluate import evaluate
from integrations.observability.prometheus.engine.samples import Data, Labels, Numbers, selects
from integrations.observability.prometheus.engine.tracks import NAME, EvaluationError, Result, Scalar, Track

_MOST_POINTS = 11_000
_LOOK_BACK = 180
"""Minutes."""


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A rule that the fake evaluates when it is asked for its rules."""

    name: str
    query: str
    holds: float = 0.0
    """Seconds."""
    labels: Labels = field(default_factory=dict)
    annotations: Labels = field(default_factory=dict)


class PrometheusFake(Loopback):
    """The service, while its `async with` block runs."""

    def __init__(
        self,
        data: Data,
        *,
        rules: Sequence[AlertRule] = (),
        token: str = "",
        tenant: str = "",
        now: Callable[[], float] = time.time,
    ) -> None:
        """`now`: seconds since the epoch, where a request names no time. `token`, `tenant`: as in `Loopback`."""
        self.data = data
        self.rules = tuple(rules)
        self.asked: list[str] = []
        """Queries that were run for people, in order: counts of series, which discovery asks for, are left out."""
        self.warnings: tuple[str, ...] = ()
        self._now = now
        routes: list[web.AbstractRouteDef] = [
            web.get("/api/v1/label/{name}/values", self._values),
            web.get("/api/v1/metadata", self._metadata),
            web.get("/api/v1/rules", self._rules),
            web.get("/api/v1/alerts", self._alerts),
            web.get("/api/v1/targets", self._targets),
            web.get("/-/ready", self._ready),
            web.get("/-/healthy", self._ready),
        ]
        for method in ("GET", "POST"):
            routes += [
                web.route(method, "/api/v1/query", self._query),
                web.route(method, "/api/v1/query_range", self._range),
                web.route(method, "/api/v1/series", self._series),
                web.route(method, "/api/v1/labels", self._labels),
            ]
        super().__init__(routes, token=token, tenant=tenant)

    def refusal(self, error: Exception) -> web.Response | None:
        """As the API's errors."""
        if isinstance(error, _BadData):
            return _failed(400, "bad_data", str(error))
        return _failed(422, "execution", str(error)) if isinstance(error, EvaluationError) else None

    def alerts(self) -> list[dict[str, Any]]:
        """What is pending or firing now, as the API tells it."""
        return [alert for rule in self.rules for alert in self._rule(rule)["alerts"]]

    async def _query(self, request: web.Request) -> web.Response:
        asked = await _parameters(request)
        node = self._read(asked)
        at = _seconds(asked, "time", self._now())
        if isinstance(node, Selector | Subquery) and node.range:
            raise EvaluationError("expanding a range is not supported by this server")
        found = await asyncio.to_thread(evaluate, node, self.data, np.array([at]))
        if isinstance(found, Scalar):
            return self._success({"resultType": "scalar", "result": [at, _text(found.values[0])]})
        result = [{"metric": dict(one.labels), "value": [at, _text(one.values[0])]} for one in found if one.there[0]]
        return self._success({"resultType": "vector", "result": result})

    async def _range(self, request: web.Request) -> web.Response:
        asked = await _parameters(request)
        node = self._read(asked)
        start, end = _seconds(asked, "start", None), _seconds(asked, "end", None)
        step = _seconds(asked, "step", None)
        if end < start:
            raise _BadData('invalid parameter "end": end timestamp must not be before start time')
        if step <= 0:
            message = 'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer'
            raise _BadData(message)
        if (end - start) / step > _MOST_POINTS:
            raise _BadData(
                "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"
            )
        if isinstance(node, Selector | Subquery) and node.range:
            raise _BadData(
                'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector'
            )
        at: Numbers = start + step * np.arange(math.floor((end - start) / step + 1e-9) + 1, dtype=np.float64)
        found = await asyncio.to_thread(evaluate, node, self.data, at, end=end)
        return self._success({"resultType": "matrix", "result": list(_matrix(found, at))})

    async def _series(self, request: web.Request) -> web.Response:
        return self._success([{NAME: name, **labels} for name, labels in await self._matching(request)])

    async def _labels(self, request: web.Request) -> web.Response:
        return self._success(sorted({NAME, *(name for _, labels in await self._matching(request) for name in labels)}))

    async def _values(self, request: web.Request) -> web.Response:
        label = request.match_info["name"]
        found = await self._matching(request)
        return self._success(
            sorted({name if label == NAME else labels.get(label, "") for name, labels in found} - {""})
        )

    async def _metadata(self, _request: web.Request) -> web.Response:
        types = {
            next(
                (
                    name.removesuffix(s)
                    for s in ("_bucket", "_sum", "_count")
                    if kind == "histogram" and name.endswith(s)
                ),
                name,
            ): kind
            for name, kind in self.data.kinds().items()
        }
        return self._success({name: [{"type": kind, "help": "", "unit": ""}] for name, kind in types.items()})

    async def _rules(self, _request: web.Request) -> web.Response:
        rules = [await asyncio.to_thread(self._rule, rule) for rule in self.rules]
        groups = [{"name": "shop", "file": "shop.yaml", "interval": 15, "rules": rules}] if rules else []
        return self._success({"groups": groups})

    async def _alerts(self, _request: web.Request) -> web.Response:
        return self._success({"alerts": await asyncio.to_thread(self.alerts)})

    async def _targets(self, _request: web.Request) -> web.Response:
        now = np.array([self._now()])
        found = evaluate(Selector("up"), self.data, now)
        active = [
            {
                "labels": {name: value for name, value in one.labels.items() if name != NAME},
                "health": "up" if one.values[0] else "down",
                "lastError": "" if one.values[0] else "connection refused",
            }
            for one in (found if isinstance(found, list) else ())
            if one.there[0]
        ]
        return self._success({"activeTargets": active, "droppedTargets": []})

    async def _ready(self, _request: web.Request) -> web.Response:
        return web.Response(text="Prometheus Server is Ready.\n")

    def _rule(self, rule: AlertRule) -> dict[str, Any]:
        """Evaluated a minute at a time over the time that it must hold and some hours before: it fires since then at the earliest."""
        now = self._now()
        at: Numbers = now - 60.0 * np.arange(math.ceil(rule.holds / 60) + _LOOK_BACK, -1, -1, dtype=np.float64)
        found = evaluate(read(rule.query), self.data, at)
        alerts = [alert for one in (found if isinstance(found, list) else ()) if (alert := _alert(rule, one, at))]
        state = max(
            (alert["state"] for alert in alerts), key=["inactive", "pending", "firing"].index, default="inactive"
        )
        return {
            "type": "alerting",
            "name": rule.name,
            "query": rule.query,
            "duration": rule.holds,
            "labels": dict(rule.labels),
            "annotations": dict(rule.annotations),
            "state": state,
            "health": "ok",
            "alerts": alerts,
        }

    def _read(self, asked: Mapping[str, str]) -> Node:
        query = asked.get("query", "")
        if not query.startswith("count({__name__="):
            self.asked.append(query)
        return _node(query)

    async def _matching(self, request: web.Request) -> list[tuple[str, Labels]]:
        asked = await _parameters(request)
        kinds = self.data.kinds()
        if "match[]" not in asked:
            return [(name, labels) for name in kinds for labels in self.data.labels(name)]
        node = _node(asked["match[]"])
        if not isinstance(node, Selector):
            raise _BadData('invalid parameter "match[]": not a selector')
        names = [node.metric] if node.metric else list(kinds)
        wanted = selects(node.matchers)
        return [(name, one) for name in names for one in self.data.labels(name) if wanted({NAME: name, **one})]

    def _success(self, data: Any) -> web.Response:  # noqa: ANN401 -- JSON
        body: dict[str, Any] = {"status": "success", "data": data}
        if self.warnings:
            body["warnings"] = list(self.warnings)
        return web.json_response(body)


class _BadData(Exception):
    """The request cannot be read."""


async def _parameters(request: web.Request) -> Mapping[str, str]:
    return {
        **request.query,
        **({k: str(v) for k, v in (await request.post()).items()} if request.method == "POST" else {}),
    }


def _seconds(asked: Mapping[str, str], name: str, default: float | None) -> float:
    given = asked.get(name)
    if given is None and default is not None:
        return default
    try:
        return float(given or "")
    except ValueError:
        try:
            return datetime.fromisoformat(given or "").timestamp()
        except ValueError:
            kind = "duration" if name == "step" else "valid timestamp"
            raise _BadData(f'invalid parameter "{name}": cannot parse "{given or ""}" to a {kind}') from None


def _node(query: str) -> Node:
    try:
        return read(query)
    except QueryRefused as error:
        raise _BadData(f'invalid parameter "query": 1:1: parse error: {error.message}') from None


def _matrix(found: Result, at: Numbers) -> Iterator[dict[str, Any]]:
    tracks = [Track({}, found.values, np.ones(len(at), bool))] if isinstance(found, Scalar) else found
    for one in tracks:
        if one.there.any():
            values = [[float(at[n]), _text(one.values[n])] for n in np.flatnonzero(one.there)]
            yield {"metric": dict(one.labels), "values": values}


def _alert(rule: AlertRule, one: Track, at: Numbers) -> dict[str, Any] | None:
    """Of a series for which the rule holds now."""
    if not one.there[-1]:
        return None
    since = int(np.flatnonzero(~one.there)[-1]) + 1 if (~one.there).any() else 0
    labels = {
        **{name: value for name, value in one.labels.items() if name != NAME},
        "alertname": rule.name,
        **rule.labels,
    }
    value = float(one.values[-1])
    return {
        "labels": labels,
        "annotations": {name: _filled(text, labels, value) for name, text in rule.annotations.items()},
        "state": "firing" if at[-1] - at[since] >= rule.holds else "pending",
        "activeAt": datetime.fromtimestamp(at[since], UTC).isoformat().replace("+00:00", "Z"),
        "value": _text(value),
    }


def _filled(text: str, labels: Labels, value: float) -> str:
    """The few forms of templates that rules here use."""
    for name, of in labels.items():
        text = text.replace(f"{{{{ $labels.{name} }}}}", of)
    text = text.replace("{{ $value | humanizePercentage }}", f"{100 * value:.4g}%")
    return text.replace("{{ $value }}", f"{value:.4g}")


def _failed(status: int, kind: str, message: str) -> web.Response:
    return web.json_response({"status": "error", "errorType": kind, "error": message}, status=status)


def _text(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(float(value))
