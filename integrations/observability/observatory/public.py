"""What LLM-Observatory tells everybody: its analytics, which need no token and know no groups."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from core.ports.telemetry import Measured
from core.ports.usage import Usage, UsageMetric
from integrations.http import ServiceClient, reading
from integrations.observability.observatory.answers import SERVICE, listed, moment, number, written
from integrations.observability.observatory.series import FIVE_MINUTES, INTERVALS, MINUTE, Folding, Point, measured

_Value = Callable[[Mapping[str, Any]], float | None]


@dataclass(frozen=True, slots=True)
class _Told:
    route: str
    value: _Value
    folding: Folding


def _counted(of: str) -> _Value:
    """A count, of a share and the number of requests."""

    def counted(one: Mapping[str, Any]) -> float | None:
        share, requests = number(one.get(of)), number(one.get("request_count"))
        return None if share is None or requests is None else float(round(share * requests))

    return counted


def _plain(of: str, scale: float = 1.0) -> _Value:
    def value(one: Mapping[str, Any]) -> float | None:
        found = number(one.get(of))
        return None if found is None else found * scale

    return value


_TOLD: Mapping[UsageMetric, _Told] = {
    UsageMetric.REQUESTS: _Told("performance", _plain("request_count"), Folding.SUM),
    UsageMetric.TOKENS: _Told("performance", _plain("total_tokens"), Folding.SUM),
    UsageMetric.DURATION: _Told("performance", _plain("avg_latency_ms", 1e-3), Folding.MEAN),
    UsageMetric.ERROR_RATE: _Told("quality", _plain("error_rate"), Folding.MEAN),
    UsageMetric.SUCCESS_RATE: _Told("quality", _plain("success_rate"), Folding.MEAN),
    UsageMetric.ERRORS: _Told("quality", _counted("error_rate"), Folding.SUM),
    UsageMetric.SUCCESSES: _Told("quality", _counted("success_rate"), Folding.SUM),
}
"""Metric → where it is told, and how."""


def told(usage: Usage) -> bool:
    """Whether the question can be answered from there, whole."""
    return usage.metric in _TOLD and not usage.by


async def ask(http: ServiceClient, usage: Usage, start: datetime, end: datetime, warning: str) -> Measured:
    """Answer what is `told`."""
    wanted = _TOLD[usage.metric]
    # It knows no five minutes, and takes what it does not know for an hour.
    granularity = INTERVALS[MINUTE if usage.interval == FIVE_MINUTES else usage.interval]
    parameters = {"start_time": written(start), "end_time": written(end), "granularity": granularity}
    parameters |= {str(name): value for name, value in usage.where.items()}
    found = await http.get(f"/api/v1/analytics/{wanted.route}?{urlencode(parameters)}")
    with reading(SERVICE, "analytics"):
        points = list(_points(listed(found["time_series"]), wanted, end.timestamp()))
        return measured(points, wanted.folding, usage, warning)


def _points(data: Iterable[Mapping[str, Any]], wanted: _Told, end: float) -> Iterable[Point]:
    """Of intervals that begin before the end: the one that begins with it is told as well."""
    for one in data:
        at = moment(one["timestamp"]).timestamp()
        value, weight = wanted.value(one), number(one.get("request_count"))
        if value is not None and weight and at < end:
            yield Point((), at, value, weight)
