"""Series that a fake backend holds: samples with times, selected by matchers as Prometheus does."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.query.promql.model import Matcher

_OF_HISTOGRAMS = ("_bucket", "_sum", "_count")
Labels = Mapping[str, str]
Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Samples:
    """One series, or a stretch of it."""

    labels: Labels
    """Without the name."""
    times: Numbers
    """Seconds since the epoch, growing."""
    values: Numbers


class Data(Protocol):
    """What is measured."""

    def kinds(self) -> Mapping[str, str]:
        """Names of all metrics, with what they are: counter, gauge, histogram."""
        ...

    def labels(self, metric: str) -> Sequence[Labels]:
        """Label sets of all series of this name."""
        ...

    def samples(self, metric: str, start: float, end: float, wanted: Callable[[Labels], bool]) -> Iterable[Samples]:
        """Samples from `start` to `end`, both included, of the series that are wanted."""
        ...


class Recorded:
    """Series given as lists."""

    def __init__(self, series: Mapping[str, Iterable[tuple[Labels, Iterable[tuple[float, float]]]]]) -> None:
        """`series`: name → (labels, (seconds since the epoch, value) in order of time)."""
        self._series = {name: [_samples(labels, points) for labels, points in each] for name, each in series.items()}

    def add(self, metric: str, labels: Labels, points: Iterable[tuple[float, float]]) -> None:
        """One more series."""
        self._series.setdefault(metric, []).append(_samples(labels, points))

    def kinds(self) -> Mapping[str, str]:
        """See `Data.kinds`."""
        return kinds_of(self._series)

    def labels(self, metric: str) -> Sequence[Labels]:
        """See `Data.labels`."""
        return [one.labels for one in self._series.get(metric, ())]

    def samples(self, metric: str, start: float, end: float, wanted: Callable[[Labels], bool]) -> Iterable[Samples]:
        """See `Data.samples`."""
        for one in self._series.get(metric, ()):
            if wanted(one.labels):
                low, high = np.searchsorted(one.times, start, "left"), np.searchsorted(one.times, end, "right")
                yield Samples(one.labels, one.times[low:high], one.values[low:high])


def kinds_of(names: Collection[str]) -> Mapping[str, str]:
    """What these metrics are, by the conventions of Prometheus' names."""
    return {name: _kind(name, names) for name in names}


def _kind(name: str, names: Collection[str]) -> str:
    if any(name.endswith(suffix) and f"{name.removesuffix(suffix)}_bucket" in names for suffix in _OF_HISTOGRAMS):
        return "histogram"
    return "counter" if name.endswith("_total") else "gauge"


def selects(matchers: Iterable[Matcher]) -> Callable[[Labels], bool]:
    """Whether all matchers hold; a label that is missing is an empty one."""
    tests = [(matcher.label, _test(matcher.op, matcher.value)) for matcher in matchers]
    return lambda labels: all(test(labels.get(label, "")) for label, test in tests)


def _test(op: str, value: str) -> Callable[[str], bool]:
    if op in ("=", "!="):
        return lambda given: (given == value) is (op == "=")
    pattern = _compiled(value)
    return lambda given: (pattern.fullmatch(given) is not None) is (op == "=~")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _samples(labels: Labels, points: Iterable[tuple[float, float]]) -> Samples:
    pairs = np.array([*points], dtype=np.float64).reshape(-1, 2)
    return Samples(labels, pairs[:, 0], pairs[:, 1])
