"""Prometheus, and what speaks its HTTP API v1 (https://prometheus.io/docs/prometheus/latest/querying/api/): Mimir, Thanos, VictoriaMetrics."""

import asyncio
import math
import time
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

from core.errors import UpstreamProtocolError
from core.ports.telemetry import Firing, Measured, Rule, RuleState, Series, Target
from core.query.catalogue import Backend, Known
from core.together import together
from integrations.http import Json, Reach, ServiceClient, Watch, reading

SERVICE = "prometheus"
_MOST_SERIES = 200
"""Taken of one answer; how many more there are is told."""
_MOST_VALUES = 2_000
"""Of a label; beyond that any value is believed to exist."""
_KEPT = 60.0
"""Seconds that what the backend has is believed."""
_AT_ONCE = 4
"""Questions about single metrics at the same time."""


class PrometheusClient:
    """Implements `core.ports.telemetry.Metrics`."""

    def __init__(self, reach: Reach, *, watch: Watch | None = None) -> None:
        """`watch`: told when it is left alone because it fails, and when it is asked again."""
        self._http = ServiceClient(SERVICE, reach, watch=watch)
        # The backend gives up a little earlier than we do, and says why.
        self._timeout = max(1.0, reach.read - 2.0)
        self._all: tuple[float, Mapping[str, Known]] = (-math.inf, {})
        self._known: dict[str, tuple[float, Known, Mapping[str, frozenset[str]]]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def backend(self, names: Collection[str] = (), *, anew: bool = False) -> Backend:
        """See `Metrics.backend`."""
        read_at, metrics = (-math.inf, self._all[1]) if anew else self._all
        if time.monotonic() - read_at > _KEPT:
            metrics = await self._list()
            self._all = (time.monotonic(), metrics)
            self._known = {
                name: kept for name, kept in self._known.items() if time.monotonic() - kept[0] <= _KEPT and not anew
            }
        room = asyncio.Semaphore(_AT_ONCE)

        async def look(name: str) -> None:
            async with room:
                await self._look(name, metrics[name])

        await together(*(look(name) for name in names if name in metrics and name not in self._known))
        values: dict[str, frozenset[str]] = {}
        detailed = dict(metrics)
        for name in names:
            if name in self._known:
                _, detailed[name], seen = self._known[name]
                for label, found in seen.items():
                    values[label] = values.get(label, frozenset()) | found
        return Backend(detailed, values)

    async def values(self, label: str) -> frozenset[str]:
        """See `Metrics.values`."""
        return frozenset(_names(await self._ask(f"label/{quote(label, safe='')}/values")))

    async def at(self, query: str, moment: datetime) -> Measured:
        """See `Metrics.at`."""
        return _measured(await self._ask("query", query=query, time=moment.timestamp(), timeout=f"{self._timeout:g}s"))

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """See `Metrics.over`."""
        return _measured(
            await self._ask(
                "query_range",
                query=query,
                start=start.timestamp(),
                end=end.timestamp(),
                step=step.total_seconds(),
                timeout=f"{self._timeout:g}s",
            )
        )

    async def rules(self) -> tuple[Rule, ...]:
        """See `Metrics.rules`."""
        found = await self._ask("rules", type="alert")
        with reading(SERVICE, "rules"):
            return tuple(_rule(rule) for group in found["data"]["groups"] for rule in group["rules"])

    async def targets(self) -> tuple[Target, ...]:
        """See `Metrics.targets`."""
        found = await self._ask("targets", state="active")
        with reading(SERVICE, "targets"):
            return tuple(_target(one) for one in found["data"]["activeTargets"])

    async def _list(self) -> Mapping[str, Known]:
        names, described = await together(self._ask("label/__name__/values"), self._ask("metadata"))
        types = described["data"] if isinstance(described["data"], dict) else {}
        with reading(SERVICE, "metrics"):
            return {name: Known(type=_type(types, name)) for name in _names(names)}

    async def _look(self, name: str, known: Known) -> None:
        selector = f'{{__name__="{name}"}}'
        counted, labels = await together(
            self._ask("query", query=f"count({selector})"), self._ask("labels", **{"match[]": selector})
        )
        series = [value for one in _measured(counted).series for _, value in one.points]
        found = [label for label in _names(labels) if label != "__name__"]
        values: dict[str, frozenset[str]] = {}
        for label in found:
            listed = _names(await self._ask(f"label/{label}/values", **{"match[]": selector}))
            if len(listed) <= _MOST_VALUES:
                values[label] = frozenset(listed)
        detailed = Known(known.type, frozenset(found), int(series[0]) if series else 0)
        self._known[name] = (time.monotonic(), detailed, values)

    async def _ask(self, what: str, **parameters: object) -> Json:
        query = f"?{urlencode(parameters)}" if parameters else ""
        found = await self._http.get(f"/api/v1/{what}{query}")
        if found.get("status") != "success" or "data" not in found:
            raise UpstreamProtocolError(SERVICE, "Prometheus answered something that is no result.")
        return found


def _names(found: Json) -> list[str]:
    """Of an answer that is a list of names."""
    if not isinstance(found["data"], list):
        raise UpstreamProtocolError(SERVICE, "Prometheus answered something that is no list of names.")
    return list(map(str, found["data"]))


def _type(described: Mapping[str, Any], name: str) -> str:
    """Histograms and summaries are described by the name without its suffix."""
    base = next((name.removesuffix(s) for s in ("_bucket", "_sum", "_count") if name.endswith(s)), name)
    entries = described.get(name) or described.get(base) or []
    return str(entries[0].get("type", "")) if entries else ""


def _measured(found: Json) -> Measured:
    with reading(SERVICE, "a result"):
        kind, result = found["data"]["resultType"], found["data"]["result"]
        if kind == "scalar":
            series = [Series({}, (_point(result),))]
        elif kind == "vector":
            series = [Series(_labels(one), (_point(one["value"]),)) for one in result if "value" in one]
        elif kind == "matrix":
            series = [Series(_labels(one), tuple(map(_point, one["values"]))) for one in result if "values" in one]
        else:
            raise UpstreamProtocolError(SERVICE, f"Prometheus answered a {kind}, which is no series.")
    said = (*(found.get("warnings") or ()), *(found.get("infos") or ()))
    return Measured(tuple(series[:_MOST_SERIES]), max(0, len(series) - _MOST_SERIES), tuple(map(str, said))[:5])


def _rule(rule: Mapping[str, Any]) -> Rule:
    return Rule(
        str(rule["name"]),
        str(rule["query"]),
        timedelta(seconds=float(rule.get("duration", 0))),
        RuleState(rule.get("state", RuleState.INACTIVE)),
        _texts(rule.get("labels")),
        _texts(rule.get("annotations")),
        tuple(
            Firing(
                _texts(alert["labels"]),
                RuleState(alert["state"]),
                datetime.fromisoformat(alert["activeAt"]),
                float(alert["value"]),
                _texts(alert.get("annotations")),
            )
            for alert in rule.get("alerts", ())
        ),
    )


def _target(one: Mapping[str, Any]) -> Target:
    labels = _texts(one["labels"])
    return Target(
        labels.get("job", ""), labels.get("instance", ""), one.get("health") == "up", str(one.get("lastError", ""))
    )


def _texts(labels: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in (labels or {}).items()}


def _labels(one: Mapping[str, Any]) -> dict[str, str]:
    return _texts(one["metric"])


def _point(pair: Any) -> tuple[float, float]:  # noqa: ANN401 -- JSON
    return float(pair[0]), float(pair[1])
