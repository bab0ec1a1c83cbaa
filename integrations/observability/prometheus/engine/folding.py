"""Many series folded into few: aggregations, rankings, quantiles of histograms."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.query.promql.model import Aggregation
from integrations.observability.prometheus.engine import ranges
from integrations.observability.prometheus.engine.samples import Labels, Marks, Numbers
from integrations.observability.prometheus.engine.tracks import Key, Track, key_of, nameless

FOLDS: dict[str, Callable[[Numbers, Marks], Numbers]] = {
    "sum": lambda values, there: np.where(there, values, 0.0).sum(axis=0),
    "avg": lambda values, there: np.where(there, values, 0.0).sum(axis=0) / there.sum(axis=0),
    "min": lambda values, there: np.fmin.reduce(np.where(there, values, np.nan)),
    "max": lambda values, there: np.fmax.reduce(np.where(there, values, np.nan)),
    "count": lambda _, there: there.sum(axis=0).astype(np.float64),
    "group": lambda values, _: np.ones(values.shape[1]),
    "stddev": lambda values, there: np.sqrt(_variance(values, there)),
    "stdvar": lambda values, there: _variance(values, there),
}
"""(series × moments, where there is a value) → one value a moment."""


def grouped(labels: Labels, node: Aggregation) -> Labels:
    """The labels that the groups keep."""
    if node.grouping is None:
        return {}
    named = node.grouping.labels
    if node.grouping.without:
        return {name: value for name, value in nameless(labels).items() if name not in named}
    return {name: labels[name] for name in named if name in labels}


def folded(labels: Labels, tracks: list[Track], fold: Callable[[Numbers, Marks], Numbers]) -> Track:
    """One series of many."""
    there = np.vstack([one.there for one in tracks])
    return Track(labels, fold(np.vstack([one.values for one in tracks]), there), _anywhere(there))


def _anywhere(there: Marks) -> Marks:
    return np.asarray(there.any(axis=0), dtype=np.bool_)


def _variance(values: Numbers, there: Marks) -> Numbers:
    count = there.sum(axis=0)
    mean = np.where(there, values, 0.0).sum(axis=0) / count
    squares: Numbers = np.where(there, (values - mean) ** 2, 0.0).sum(axis=0) / count
    return squares


def quantile_of(q: Numbers, values: Numbers, there: Marks) -> Numbers:
    """Between the values of each moment."""
    return np.array([ranges.quantile(float(q[n]), values[there[:, n], n]) for n in range(values.shape[1])])


def ranked(tracks: list[Track], count: Numbers, *, largest: bool) -> list[Track]:
    """Of each moment the largest, or the smallest; those of the last moment in order."""
    values = np.vstack([np.where(one.there, one.values, np.nan) for one in tracks])
    worst = -np.inf if largest else np.inf
    order = np.argsort(np.where(np.isnan(values), worst, values) * (-1 if largest else 1), axis=0, kind="stable")
    kept = np.zeros(values.shape, bool)
    for n in range(values.shape[1]):
        kept[order[: max(0, int(count[n])), n], n] = True
    found = [replace(one, there=one.there & kept[row]) for row, one in enumerate(tracks)]
    last = values[:, -1]
    rows = sorted(range(len(found)), key=lambda row: -last[row] if largest else last[row])
    return [found[row] for row in rows if found[row].there.any()]


def quantiles(q: Numbers, tracks: list[Track]) -> list[Track]:
    """Of classic histograms, whose buckets are told apart by `le`."""
    groups: dict[Key, list[tuple[float, Track]]] = {}
    for one in tracks:
        try:
            bound = float(one.labels.get("le", "").replace("Inf", "inf"))
        except ValueError:
            continue
        rest = {name: value for name, value in nameless(one.labels).items() if name != "le"}
        groups.setdefault(key_of(rest), []).append((bound, one))
    found = []
    for key, buckets in groups.items():
        buckets.sort(key=lambda pair: pair[0])
        bounds = np.array([bound for bound, _ in buckets])
        counts = np.vstack([np.where(one.there, one.values, 0.0) for _, one in buckets])
        there = _anywhere(np.vstack([one.there for _, one in buckets]))
        counts = np.maximum.accumulate(counts, axis=0)
        values = np.array([_within(float(q[n]), bounds, counts[:, n]) for n in range(len(q))])
        found.append(Track(dict(key), values, there))
    return found


def _within(q: float, bounds: Numbers, counts: Numbers) -> float:
    """The quantile of one histogram, between the bounds of the bucket that it is in (promql/quantile.go)."""
    if math.isnan(q) or not math.isinf(bounds[-1]) or len(bounds) < 2 or counts[-1] == 0 or math.isnan(counts[-1]):
        return math.nan
    if q < 0 or q > 1:
        return math.copysign(math.inf, q - 0.5)
    rank = q * counts[-1]
    place = int(np.searchsorted(counts[:-1], rank, "left"))
    if place == len(bounds) - 1:
        return float(bounds[-2])
    if place == 0 and bounds[0] <= 0:
        return float(bounds[0])
    begin, before = (bounds[place - 1], counts[place - 1]) if place else (0.0, 0.0)
    return float(begin + (bounds[place] - begin) * ((rank - before) / (counts[place] - before)))
