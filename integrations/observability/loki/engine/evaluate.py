"""Evaluates LogQL queries that give numbers, as Prometheus' engine folds series: the forms that `core.query.logql.printer` writes."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from core.query.literals import seconds
from core.query.logql.model import (
    Aggregation,
    Binary,
    Grouping,
    LabelReplace,
    Metric,
    Number,
    Range,
    Unwrap,
    Vector,
)
from core.query.promql import model as promql
from integrations.observability.loki.engine.entries import Labels, LogQueryError, LogSource
from integrations.observability.loki.engine.pipeline import lines, number
from integrations.observability.prometheus.engine import ranges
from integrations.observability.prometheus.engine.folding import FOLDS, folded, ranked
from integrations.observability.prometheus.engine.operators import matched, operated, with_number
from integrations.observability.prometheus.engine.samples import Marks, Numbers
from integrations.observability.prometheus.engine.tracks import (
    EvaluationError,
    Key,
    Result,
    Scalar,
    Track,
    key_of,
    with_values,
)

_COUNTS = frozenset({"count_over_time", "rate", "bytes_over_time", "bytes_rate", "absent_over_time"})
_UNWRAPPED: Mapping[str, Callable[[Numbers], float]] = {
    "sum_over_time": lambda values: float(values.sum()),
    "avg_over_time": lambda values: float(values.mean()),
    "min_over_time": lambda values: float(values.min()),
    "max_over_time": lambda values: float(values.max()),
}


def evaluate(query: Metric, source: LogSource, at: Numbers) -> Result:
    """The result at each of these moments (seconds since the epoch, growing).

    Raises:
        LogQueryError: a function or form that is not known here.
    """
    try:
        with np.errstate(all="ignore"):
            return _of(query, source, at)
    except EvaluationError as error:
        raise LogQueryError(str(error)) from error


def _of(query: Metric, source: LogSource, at: Numbers) -> Result:
    match query:
        case Range():
            return _ranged(query, source, at)
        case Aggregation():
            return _aggregated(query, source, at)
        case Number(text=text):
            return Scalar(np.full(len(at), float(text)))
        case Vector(text=text):
            return [Track({}, np.full(len(at), float(text)), np.ones(len(at), bool))]
        case LabelReplace():
            raise LogQueryError("parse error : label_replace is not supported by this server")
        case Binary(op=op, as_bool=as_bool):
            left, right = _of(query.left, source, at), _of(query.right, source, at)
            node = promql.Binary(op, promql.Number(0), promql.Number(0), as_bool, _matching(query))
            if isinstance(left, Scalar):
                if isinstance(right, Scalar):
                    return Scalar(operated(op, left.values, right.values))
                return with_values(with_number(node, one, left.values, one.values) for one in right)
            if isinstance(right, Scalar):
                return with_values(with_number(node, one, one.values, right.values) for one in left)
            return matched(node, left, right)


def _matching(query: Binary) -> promql.Matching | None:
    own = query.matching
    return promql.Matching(own.labels, own.ignoring, own.group, own.include) if own else None


def _ranged(query: Range, source: LogSource, at: Numbers) -> list[Track]:
    length = seconds(query.range)
    moments = at - (seconds(query.offset) if query.offset else 0.0)
    unwrap = next((stage for stage in query.logs.stages if isinstance(stage, Unwrap)), None)
    groups: dict[Key, tuple[list[float], list[float]]] = {}
    start, end = math.floor((moments.min() - length) * 1e9) + 1, math.floor(moments.max() * 1e9) + 1
    for entry, labels in lines(query.logs, source, start, end):
        value = 1.0 if "bytes" not in query.function else float(len(entry.text.encode()))
        if unwrap:
            found = number(labels.pop(unwrap.label, ""))
            if found is None:
                continue
            value = found
        times, values = groups.setdefault(key_of(_grouped(labels, query.grouping)), ([], []))
        times.append(entry.at / 1e9)
        values.append(value)
    made = [
        Track(dict(key), *_over(query, np.array(times), np.array(values), moments, length))
        for key, (times, values) in groups.items()
    ]
    if query.function == "absent_over_time":
        there = np.any([one.there for one in made], axis=0) if made else np.zeros(len(at), bool)
        labels = {m.label: m.value for m in query.logs.matchers if m.op == "="}
        return with_values([Track(labels, np.ones(len(at)), np.asarray(~there))])
    return with_values(made)


def _over(query: Range, times: Numbers, values: Numbers, at: Numbers, length: float) -> tuple[Numbers, Marks]:
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    first, behind = np.searchsorted(times, at - length, "right"), np.searchsorted(times, at, "right")
    there = behind > first
    if query.function in _COUNTS:
        sums = np.concatenate(([0.0], np.cumsum(values)))
        found = sums[behind] - sums[first]
        return found / (length if query.function in ("rate", "bytes_rate") else 1.0), there
    made = np.full(len(at), np.nan)
    for n in np.flatnonzero(there):
        inside = values[first[n] : behind[n]]
        if query.function == "quantile_over_time":
            made[n] = ranges.quantile(float(query.param), inside)
        elif query.function in _UNWRAPPED:
            made[n] = _UNWRAPPED[query.function](inside)
        else:
            raise LogQueryError(f"parse error : {query.function} is not supported by this server")
    return made, there


def _aggregated(query: Aggregation, source: LogSource, at: Numbers) -> list[Track]:
    found = _of(query.expr, source, at)
    if isinstance(found, Scalar):
        raise LogQueryError("parse error : a number cannot be aggregated")
    groups: dict[Key, list[Track]] = {}
    for one in found:
        groups.setdefault(key_of(_grouped(one.labels, query.grouping or Grouping(()))), []).append(one)
    if query.function in ("topk", "bottomk"):
        count = np.full(len(at), float(query.param))
        return [kept for of in groups.values() for kept in ranked(of, count, largest=query.function == "topk")]
    if query.function not in FOLDS:
        raise LogQueryError(f"parse error : {query.function} is not supported by this server")
    return [folded(dict(key), of, FOLDS[query.function]) for key, of in groups.items()]


def _grouped(labels: Labels, grouping: Grouping | None) -> Labels:
    if grouping is None:
        return labels
    return {name: value for name, value in labels.items() if (name in grouping.labels) is not grouping.without}
