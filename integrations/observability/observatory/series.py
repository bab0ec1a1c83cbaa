"""How each metric is asked of LLM-Observatory, and how its points become series.

It keeps rows by minute, hour and day, one for each provider, model, environment and status, and an aggregation folds these rows
without weighing them. Its own default, the mean, is the mean of the rows: of counts and costs it says nothing, and a mean of
durations weighs one failed call as much as a thousand others. So sums are asked for as such, shares are made of two sums, and
means are asked for row by row, with how many calls each row stands for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from core.ports.telemetry import Measured, Series
from core.ports.usage import Usage, UsageDimension, UsageMetric
from integrations.observability.observatory.answers import moment, number, text

MOST_POINTS = 10_000
"""In one answer of the service; it leaves out the oldest."""
_MOST_SERIES = 200
"""Taken of one answer; how many more there are is told."""
MINUTE, FIVE_MINUTES, HOUR, DAY = (timedelta(minutes=n) for n in (1, 5, 60, 1440))
INTERVALS: Mapping[timedelta, str] = {MINUTE: "1min", FIVE_MINUTES: "5min", HOUR: "1hour", DAY: "1day"}
COLUMNS: Mapping[UsageMetric, str] = {
    UsageMetric.REQUESTS: "request_count",
    UsageMetric.DURATION: "avg_duration_ms",
    UsageMetric.COST: "total_cost_usd",
    UsageMetric.PROMPT_COST: "total_prompt_cost",
    UsageMetric.COMPLETION_COST: "total_completion_cost",
    UsageMetric.TOKENS: "total_tokens",
    UsageMetric.PROMPT_TOKENS: "total_prompt_tokens",
    UsageMetric.COMPLETION_TOKENS: "total_completion_tokens",
    UsageMetric.ERRORS: "error_count",
    UsageMetric.SUCCESSES: "success_count",
    UsageMetric.TTFT: "avg_ttft_ms",
    UsageMetric.USERS: "unique_users",
    UsageMetric.SESSIONS: "unique_sessions",
}
"""Metric → what its values are called in an answer. Shares are made of counts."""
PARTS: Mapping[UsageMetric, UsageMetric] = {
    UsageMetric.ERROR_RATE: UsageMetric.ERRORS,
    UsageMetric.SUCCESS_RATE: UsageMetric.SUCCESSES,
}
"""Share → what is counted for it."""
_MEANS = (UsageMetric.DURATION, UsageMetric.TTFT)
_DISTINCT = (UsageMetric.USERS, UsageMetric.SESSIONS)
_MILLISECONDS = 1e-3


class Folding(Enum):
    """How points of one series and one interval become one."""

    SUM = "sum"
    SHARE = "share"
    MEAN = "mean"
    MOST = "most"


@dataclass(frozen=True, slots=True)
class Question:
    """How a metric is asked for."""

    metrics: tuple[UsageMetric, ...]
    aggregation: str
    by: tuple[UsageDimension, ...]
    interval: timedelta
    folding: Folding


def question(usage: Usage) -> Question:
    """The one that answers exactly."""
    metric = usage.metric
    if metric in PARTS:
        return Question((PARTS[metric], UsageMetric.REQUESTS), "sum", usage.by, usage.interval, Folding.SHARE)
    if metric in _MEANS:
        # Every dimension that there are rows of, and no interval of which there are none: then each group is one row.
        rows = MINUTE if usage.interval == FIVE_MINUTES else usage.interval
        return Question((metric, UsageMetric.REQUESTS), "avg", tuple(UsageDimension), rows, Folding.MEAN)
    if metric in _DISTINCT:
        return Question((metric,), "max", usage.by, usage.interval, Folding.MOST)
    return Question((metric,), "sum", usage.by, usage.interval, Folding.SUM)


def rougher(usage: Usage) -> Question | None:
    """For an answer that did not fit: the mean of the rows; None where nothing shorter can be asked."""
    return Question((usage.metric,), "avg", usage.by, usage.interval, Folding.MEAN) if usage.metric in _MEANS else None


def distinct(metric: UsageMetric) -> bool:
    """Whether it counts people, who may stand in several rows."""
    return metric in _DISTINCT


@dataclass(frozen=True, slots=True)
class Point:
    """One value, as it was answered."""

    key: tuple[str, ...]
    at: float
    """Seconds since the epoch."""
    value: float
    weight: float = 1.0
    """Calls that it stands for."""


def points(data: Sequence[Mapping[str, Any]], asked: Question, usage: Usage) -> Iterable[Point]:
    """Of an answer; dimensions and metrics stand beside each other in it, and what has no value is left out."""
    column = COLUMNS[asked.metrics[0]]
    scale = _MILLISECONDS if asked.metrics[0] in _MEANS else 1.0
    for one in data:
        at = moment(one["timestamp"]).timestamp()
        value = number(one.get(column))
        weight = number(one.get(COLUMNS[asked.metrics[1]])) if len(asked.metrics) > 1 else 1.0
        if value is not None and weight is not None:
            yield Point(tuple(text(one.get(name)) for name in usage.by), at, value * scale, weight)


def measured(found: Iterable[Point], folding: Folding, usage: Usage, *warnings: str) -> Measured:
    """Series in order of their labels, folded to the interval that was asked for."""
    step = usage.interval.total_seconds()
    folded: dict[tuple[str, ...], dict[float, tuple[float, float]]] = {}
    for one in found:
        series = folded.setdefault(one.key, {})
        at = one.at // step * step
        series[at] = _folded(series.get(at), one, folding)
    made = [
        Series(dict(zip(map(str, usage.by), key, strict=True)), _values(series, folding))
        for key, series in sorted(folded.items())
    ]
    made = [one for one in made if one.points]
    said = tuple(warning for warning in warnings if warning)
    return Measured(tuple(made[:_MOST_SERIES]), max(0, len(made) - _MOST_SERIES), said)


def _folded(before: tuple[float, float] | None, one: Point, folding: Folding) -> tuple[float, float]:
    value = one.value * one.weight if folding is Folding.MEAN else one.value
    if before is None:
        return value, one.weight
    if folding is Folding.MOST:
        return max(before[0], value), one.weight
    return before[0] + value, before[1] + one.weight


def _values(series: Mapping[float, tuple[float, float]], folding: Folding) -> tuple[tuple[float, float], ...]:
    if folding in (Folding.SUM, Folding.MOST):
        return tuple((at, value) for at, (value, _) in sorted(series.items()))
    return tuple((at, value / weight) for at, (value, weight) in sorted(series.items()) if weight > 0)
