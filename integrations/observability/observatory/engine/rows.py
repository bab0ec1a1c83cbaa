"""What the service's database keeps of calls: rows by minute, hour and day for each provider, model, environment and status, and
what SQL's aggregates make of them, which weigh no row more than another."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from integrations.observability.observatory.engine.calls import SECOND, Calls, CallSource, Column, moment

DIMENSIONS = ("provider", "model", "environment", "status_code", "org_id")
STEPS: Mapping[str, int] = {"1min": 60, "1hour": 3600, "1day": 86_400}
"""Seconds of the rows that are kept."""
MOST = 10_000
"""Rows of one answer."""
_SUMS: Mapping[str, str] = {
    "total_cost_usd": "total_cost_usd",
    "total_prompt_cost": "prompt_cost_usd",
    "total_completion_cost": "completion_cost_usd",
    "total_tokens": "total_tokens",
    "total_prompt_tokens": "prompt_tokens",
    "total_completion_tokens": "completion_tokens",
}
_MEANS: Mapping[str, str] = {"avg_duration_ms": "duration_ms", "avg_ttft_ms": "ttft_ms"}
_DAY = 86_400
Numbers = npt.NDArray[np.float64]
Fold = Callable[[Numbers], float]
Row = dict[str, Any]


class Rows:
    """Some of them."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        """`columns`: `bucket` (nanoseconds since the epoch), DIMENSIONS, and numbers with NaN for null."""
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns["bucket"])

    def column(self, name: str) -> Column:
        """One of the columns."""
        return self._columns[name]

    def where(self, marks: npt.NDArray[Any]) -> "Rows":
        """Those that are marked."""
        return Rows({name: column[marks] for name, column in self._columns.items()})

    def known(self, name: str) -> Numbers:
        """What is not null of a column."""
        column = self._columns[name]
        return np.asarray(column[~np.isnan(column)], dtype=np.float64)

    def folded(self, folds: Mapping[str, Fold], by: Sequence[str], step: int) -> list[Row]:
        """`SELECT time_bucket(step), by, fold(column) … GROUP BY …`, the newest first; nulls are left out."""
        width = step * SECOND
        keys = zip(
            (self._columns["bucket"] // width * width).tolist(),
            *(self._columns[name].tolist() for name in by),
            strict=True,
        )
        together: dict[tuple[Any, ...], list[int]] = {}
        for place, key in enumerate(keys):
            together.setdefault(key, []).append(place)
        return [
            self._row(key, places, folds, by)
            for key, places in sorted(together.items(), key=lambda one: -one[0][0])[:MOST]
        ]

    def _row(self, key: tuple[Any, ...], places: list[int], folds: Mapping[str, Fold], by: Sequence[str]) -> Row:
        made: Row = {"timestamp": moment(key[0])}
        made |= {name: value or "" for name, value in zip(by, key[1:], strict=True)}
        for name, fold in folds.items():
            values = self._columns[name][places]
            values = values[~np.isnan(values)]
            if len(values):
                made[name] = float(fold(values))
        return made


class Kept:
    """The rows of a source. Those of days that are over are kept."""

    def __init__(self, source: CallSource, now: Callable[[], float]) -> None:
        """`now`: seconds since the epoch."""
        self._source = source
        self._now = now
        self._days: dict[tuple[int, int], Rows] = {}

    def rows(self, step: int, start: int, end: int, where: Mapping[str, str]) -> Rows:
        """Rows that begin from `start` to `end` (nanoseconds since the epoch), the end not included; `where`: by DIMENSIONS."""
        last = min(end - 1, int(self._now() * SECOND))
        days = [self._day(day, step) for day in range(start // (_DAY * SECOND), last // (_DAY * SECOND) + 1)]
        found = _joined([day for day in days if len(day)] or days[:1] or [_counted(self._source.calls(0, 0), step)])
        marks = (found.column("bucket") >= start) & (found.column("bucket") < end)
        for name, value in where.items():
            marks = marks & (found.column(name) == value)
        return found.where(marks)

    def _day(self, day: int, step: int) -> Rows:
        if (day, step) in self._days:
            return self._days[day, step]
        begins, ends = day * _DAY, (day + 1) * _DAY
        counted = _counted(self._source.calls(begins * SECOND, ends * SECOND), step)
        if ends <= self._now():
            self._days[day, step] = counted
        return counted


def _joined(parts: Sequence[Rows]) -> Rows:
    if len(parts) == 1:
        return parts[0]
    names = ("bucket", *DIMENSIONS, *_NAMES)
    return Rows({name: np.concatenate([part.column(name) for part in parts]) for name in names})


def _counted(calls: Calls, step: int) -> Rows:
    columns, places = _grouped(calls, step)
    count = len(columns["bucket"])
    failed = np.asarray(calls.column("status_code") == "ERROR", dtype=np.float64)
    requests = np.bincount(places, minlength=count).astype(np.float64)
    errors = np.bincount(places, weights=failed, minlength=count)
    columns |= {"request_count": requests, "error_count": errors, "success_count": requests - errors}
    columns |= {"error_rate": errors / requests, "success_rate": 1 - errors / requests, "throughput": requests / step}
    for name, of in _SUMS.items():
        columns[name] = _summed(calls.column(of), places, count)[0]
    for name, of in _MEANS.items():
        total, known = _summed(calls.column(of), places, count)
        columns[name] = np.divide(total, known, out=np.full(count, np.nan), where=known > 0)
    for name, extreme in (("min_duration_ms", np.fmin), ("max_duration_ms", np.fmax)):
        columns[name] = np.full(count, np.nan)
        extreme.at(columns[name], places, calls.column("duration_ms"))
    for name, of in (("unique_users", "user_id"), ("unique_sessions", "session_id")):
        columns[name] = _distinct(calls.column(of), places, count)
    return Rows(columns)


_NAMES = (
    "request_count", "error_count", "success_count", "error_rate", "success_rate", "throughput", *_SUMS, *_MEANS, "min_duration_ms",
    "max_duration_ms", "unique_users", "unique_sessions",
)  # fmt: skip
"""Of the numbers."""


def _grouped(calls: Calls, step: int) -> tuple[dict[str, Column], npt.NDArray[np.intp]]:
    """Where each row begins and what it is of, and the row of each call."""
    buckets = calls.column("ts") // (step * SECOND) * (step * SECOND)
    keys = zip(buckets.tolist(), *(calls.column(name).tolist() for name in DIMENSIONS), strict=True)
    rows: dict[tuple[Any, ...], int] = {}
    places = np.fromiter((rows.setdefault(key, len(rows)) for key in keys), dtype=np.intp, count=len(calls))
    columns: dict[str, Column] = {"bucket": np.array([key[0] for key in rows], dtype=np.int64)}
    for number, name in enumerate(DIMENSIONS, 1):
        columns[name] = np.array([key[number] for key in rows], dtype=object)
    return columns, places


def _summed(column: Column, places: npt.NDArray[np.intp], count: int) -> tuple[Numbers, Numbers]:
    """Sums of what is known, null where nothing is, and how much is known."""
    known = ~np.isnan(column)
    total = np.bincount(places[known], weights=column[known], minlength=count)
    counted = np.bincount(places[known], minlength=count).astype(np.float64)
    return np.where(counted > 0, total, np.nan), counted


def _distinct(column: Column, places: npt.NDArray[np.intp], count: int) -> Numbers:
    pairs = {pair for pair in zip(places.tolist(), column.tolist(), strict=True) if pair[1] is not None}
    return np.bincount(np.array([place for place, _ in pairs], dtype=np.intp), minlength=count).astype(np.float64)
