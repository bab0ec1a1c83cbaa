"""Numbers over time made of spans (https://grafana.com/docs/tempo/latest/metrics-from-traces/metrics-queries/functions/)."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.query.traceql.model import Cut, Filter, Limit, Metric, Quantity, Query
from core.query.traceql.printer import expression
from integrations.observability.tempo.engine.spans import SECOND, StoredTrace, TraceQueryError, Value
from integrations.observability.tempo.engine.spansets import Within
from integrations.observability.tempo.engine.values import number, value

_FOLDS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "min_over_time": min,
    "max_over_time": max,
    "sum_over_time": sum,
    "avg_over_time": lambda values: sum(values) / len(values),
}
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Counted:
    """One series."""

    labels: Mapping[str, Value]
    points: tuple[tuple[int, float], ...]
    """(end of the interval in milliseconds since the epoch, value)."""


def over_time(query: Query, traces: Iterable[StoredTrace], start: int, end: int, step: int) -> list[Counted]:
    """`start`, `end`, `step`: nanoseconds. An interval ends at each step, which it does not include."""
    metric = query.metric
    if metric is None:
        raise TraceQueryError("invalid TraceQL query: not a metrics query")
    spans = _intervals(query, metric, traces, start, end, step)
    names = [expression(one) for one in metric.by]
    series: list[Counted] = []
    for key in sorted({key for key, _ in spans}, key=str):
        labels = {name: found for name, found in zip(names, key, strict=True) if found is not None}
        of = {interval: values for (one, interval), values in spans.items() if one == key}
        series += _series(metric, labels, of, range(start, end, step), step)
    for cut in query.cuts:
        series = _cut(cut, series)
    return series


_Key = tuple[Value | None, ...]


def _intervals(
    query: Query, metric: Metric, traces: Iterable[StoredTrace], start: int, end: int, step: int
) -> dict[tuple[_Key, int], list[float]]:
    """By group and begin of the interval: a value for each span."""
    measured = next((one for one in metric.arguments if not isinstance(one, Filter | Quantity)), None)
    found: dict[tuple[_Key, int], list[float]] = {}
    for trace in traces:
        within = Within(trace)
        for one in within.select(query.pipeline):
            for span in one.spans:
                if not start <= span.start < end:
                    continue
                place = within.place(span)
                worth = 1.0 if measured is None else value(measured, place)
                if isinstance(worth, int | float):
                    key = tuple(value(by, place) for by in metric.by)
                    begin = start + (span.start - start) // step * step
                    found.setdefault((key, begin), []).append(float(worth))
    return found


def _series(
    metric: Metric, labels: Mapping[str, Value], of: Mapping[int, Sequence[float]], begins: range, step: int
) -> list[Counted]:
    def made(fold: Callable[[Sequence[float]], float | None], more: Mapping[str, Value] | None = None) -> Counted:
        values = ((begin, fold(of.get(begin, ()))) for begin in begins)
        points = tuple(((begin + step) // 1_000_000, found) for begin, found in values if found is not None)
        return Counted({**labels, **(more or {})}, points)

    match metric.function:
        case "rate":
            return [made(lambda values: len(values) * SECOND / step)]
        case "count_over_time":
            return [made(len)]
        case "quantile_over_time":
            quantiles = [number(one.text) for one in metric.arguments if isinstance(one, Quantity)]
            return [
                made(lambda values, q=q: float(np.quantile(values, q)) if values else None, {"p": q})  # type: ignore[misc]
                for q in quantiles
            ]
        case "histogram_over_time":
            bounds = sorted({_bucket(one) for values in of.values() for one in values})
            return [
                made(lambda values, b=bound: sum(_bucket(one) == b for one in values), {"__bucket": bound})  # type: ignore[misc]
                for bound in bounds
            ]
        case function if function in _FOLDS:
            return [made(lambda values: _FOLDS[function](values) if values else None)]
        case function:
            raise TraceQueryError(f"{function} is not supported here")


def _bucket(seconds: float) -> float:
    """The power of two that a value is at most."""
    return float(2.0 ** np.ceil(np.log2(seconds))) if seconds > 0 else 0.0


def _cut(cut: Cut | Limit, series: list[Counted]) -> list[Counted]:
    if isinstance(cut, Limit):
        bound = number(cut.value.text)
        kept = (
            Counted(one.labels, tuple(point for point in one.points if _COMPARE[cut.op](point[1], bound)))
            for one in series
        )
        return [one for one in kept if one.points]
    ranked: dict[int, list[float]] = {}
    for one in series:
        for at, worth in one.points:
            ranked.setdefault(at, []).append(worth)
    count, largest = int(cut.count), cut.function == "topk"
    bounds = {at: sorted(values, reverse=largest)[:count][-1] for at, values in ranked.items()}
    kept = (
        Counted(
            one.labels,
            tuple((at, worth) for at, worth in one.points if (worth >= bounds[at] if largest else worth <= bounds[at])),
        )
        for one in series
    )
    return [one for one in kept if one.points]
