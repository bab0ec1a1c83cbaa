"""Functions over ranges of samples, as Prometheus 2 computes them (promql/functions.go): both ends of a range belong to it, and rates
are extrapolated to its ends."""

import math
from collections.abc import Callable

import numpy as np

from integrations.observability.prometheus.engine.samples import Marks, Numbers, Places, Samples

_EACH: dict[str, Callable[[Numbers, Numbers], float]] = {
    "avg_over_time": lambda _, values: float(values.mean()),
    "min_over_time": lambda _, values: float(values.min()),
    "max_over_time": lambda _, values: float(values.max()),
    "sum_over_time": lambda _, values: float(values.sum()),
    "count_over_time": lambda _, values: float(len(values)),
    "last_over_time": lambda _, values: float(values[-1]),
    "present_over_time": lambda *_: 1.0,
    "stddev_over_time": lambda _, values: float(values.std()),
    "stdvar_over_time": lambda _, values: float(values.var()),
    "changes": lambda _, values: float((values[1:] != values[:-1]).sum()),
    "resets": lambda _, values: float((values[1:] < values[:-1]).sum()),
    "irate": lambda times, values: _latest(values, counter=True) / float(times[-1] - times[-2]),
    "idelta": lambda _, values: _latest(values, counter=False),
    "deriv": lambda times, values: _line(times, values, times[0])[0],
}
"""(times, values) of the samples within → value."""
_LEAST = {"irate": 2, "idelta": 2, "deriv": 2, "predict_linear": 2}
"""Samples without which there is no value."""
EXTRAPOLATED = frozenset({"rate", "increase", "delta"})
FUNCTIONS = EXTRAPOLATED | frozenset(_EACH) | {"quantile_over_time", "predict_linear"}


def over(function: str, series: Samples, at: Numbers, length: float, parameter: float) -> tuple[Numbers, Marks]:
    """(values, whether there is one) at each moment, over the `length` seconds before. `parameter`: the quantile, or the seconds that
    are looked ahead."""
    first = np.searchsorted(series.times, at - length, "left")
    behind = np.searchsorted(series.times, at, "right")
    if function in EXTRAPOLATED:
        return _extrapolated(function, series, at, length, first, behind)
    values, there = np.full(len(at), np.nan), behind - first >= _LEAST.get(function, 1)
    for n in np.flatnonzero(there):
        times, inside = series.times[first[n] : behind[n]], series.values[first[n] : behind[n]]
        if function == "quantile_over_time":
            values[n] = quantile(parameter, inside)
        elif function == "predict_linear":
            slope, level = _line(times, inside, at[n])
            values[n] = level + slope * parameter
        else:
            values[n] = _EACH[function](times, inside)
    return values, there


def quantile(q: float, values: Numbers) -> float:
    """Between the two nearest values, as Prometheus' `quantile`."""
    if not len(values) or math.isnan(q):
        return math.nan
    if q < 0 or q > 1:
        return math.copysign(math.inf, q - 0.5)
    ordered = np.sort(values)
    rank = q * (len(ordered) - 1)
    low = math.floor(rank)
    weight = rank - low
    return float(ordered[low] * (1 - weight) + ordered[min(low + 1, len(ordered) - 1)] * weight)


def _extrapolated(
    function: str, series: Samples, at: Numbers, length: float, first: Places, behind: Places
) -> tuple[Numbers, Marks]:
    counter = function != "delta"
    values, there = np.full(len(at), np.nan), behind - first >= 2
    if not there.any():
        return values, there
    grown = series.values
    if counter:
        # A counter that fell began anew.
        drops = np.where(series.values[1:] < series.values[:-1], series.values[:-1], 0.0)
        grown = series.values + np.concatenate(([0.0], np.cumsum(drops)))
    low, high = first[there], behind[there] - 1
    moved = grown[high] - grown[low]
    begin, end = series.times[low], series.times[high]
    sampled = end - begin
    between = sampled / (high - low)
    to_start, to_end = begin - (at[there] - length), at[there] - end
    if counter:
        with np.errstate(divide="ignore", invalid="ignore"):
            to_zero = sampled * (series.values[low] / moved)
        falls = (moved > 0) & (series.values[low] >= 0) & (to_zero < to_start)
        to_start = np.where(falls, to_zero, to_start)
    covered = sampled + np.where(to_start < between * 1.1, to_start, between / 2)
    covered += np.where(to_end < between * 1.1, to_end, between / 2)
    values[there] = moved * (covered / sampled) / (length if function == "rate" else 1.0)
    return values, there


def _latest(values: Numbers, *, counter: bool) -> float:
    fell = counter and values[-1] < values[-2]
    return float(values[-1] if fell else values[-1] - values[-2])


def _line(times: Numbers, values: Numbers, origin: float) -> tuple[float, float]:
    """(slope a second, value at `origin`) of the straight line that fits best."""
    x = times - origin
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (values - values.mean())).sum()) / spread
    return slope, float(values.mean() - slope * x.mean())
