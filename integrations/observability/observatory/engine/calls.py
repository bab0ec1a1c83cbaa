"""Calls of language models as columns, so that two weeks of them can be filtered and counted at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
"""Numbers as float64 with NaN for null, moments as int64 nanoseconds since the epoch, anything else as objects with None for null."""
Marks = npt.NDArray[np.bool_]
SECOND = 1_000_000_000
NUMBERS = (
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "prompt_cost_usd",
    "completion_cost_usd",
    "total_cost_usd",
    "duration_ms",
    "ttft_ms",
)
WHOLE = ("prompt_tokens", "completion_tokens", "total_tokens", "duration_ms", "ttft_ms")
"""Integers on the wire."""
TEXTS = (
    "trace_id", "span_id", "parent_span_id", "service_name", "span_name", "provider", "model", "input_text", "output_text", "status_code",
    "error_message", "user_id", "session_id", "environment", "project_id", "org_id",
)  # fmt: skip


class Calls:
    """Some calls. All columns have the same length."""

    def __init__(self, columns: Mapping[str, Column], derived: "Mapping[str, Derived]" = MappingProxyType({})) -> None:
        """`columns`: `ts`, and those of NUMBERS and TEXTS that there are; others are null throughout. `derived`: made of others
        when they are first looked at."""
        self._columns = dict(columns)
        self._derived = derived

    def __len__(self) -> int:
        return len(self._columns["ts"])

    def column(self, name: str) -> Column:
        """One of them."""
        if name not in self._columns:
            self._columns[name] = self._made(name)
        return self._columns[name]

    def _made(self, name: str) -> Column:
        if name in self._derived:
            return self._derived[name](self)
        return np.full(len(self), np.nan) if name in NUMBERS else np.full(len(self), None, dtype=object)

    def take(self, places: npt.NDArray[Any]) -> "Calls":
        """Those at these places, or with these marks."""
        return Calls({name: column[places] for name, column in self._columns.items()}, self._derived)

    def joined(self, others: "Sequence[Calls]") -> "Calls":
        """These and then the others, which have the same columns."""
        kept = [name for name in self._columns if name not in self._derived]
        parts = (self, *others)
        return Calls({name: np.concatenate([part.column(name) for part in parts]) for name in kept}, self._derived)

    def between(self, start: int, end: int) -> "Calls":
        """Nanoseconds since the epoch, the end not included."""
        ts = self._columns["ts"]
        return self.take((ts >= start) & (ts < end))

    def written(self, place: int) -> dict[str, Any]:
        """One as the service writes it; what is null is left out."""
        made: dict[str, Any] = {"ts": moment(int(self._columns["ts"][place]))}
        for name in (*TEXTS[:-2], *NUMBERS):
            value = self.column(name)[place]
            if isinstance(value, str):
                made[name] = value
            elif value is not None and not np.isnan(value):
                made[name] = int(value) if name in WHOLE else float(value)
        attributes = {name: self.column(name)[place] for name in TEXTS[-2:]}
        return made | {"attributes": {name: value for name, value in attributes.items() if value is not None}}


Derived = Callable[[Calls], Column]


class CallSource(Protocol):
    """Where a fake has its calls from."""

    def calls(self, start: int, end: int) -> Calls:
        """Those that began from `start` to `end` (nanoseconds since the epoch, the end not included), in any order."""
        ...


class RecordedCalls:
    """Calls given one by one, as the service writes them. Implements `CallSource`."""

    def __init__(self, calls: Iterable[Mapping[str, Any]]) -> None:
        """`calls`: `ts` in nanoseconds since the epoch, `project_id` and `org_id` beside the others."""
        self._calls = recorded(list(calls))

    def calls(self, start: int, end: int) -> Calls:
        """See `CallSource.calls`."""
        return self._calls.between(start, end)


def recorded(given: Sequence[Mapping[str, Any]]) -> Calls:
    """Columns of calls given one by one."""
    columns: dict[str, Column] = {"ts": np.array([one["ts"] for one in given], dtype=np.int64)}
    for name in NUMBERS:
        columns[name] = np.array([np.nan if one.get(name) is None else one[name] for one in given], dtype=np.float64)
    for name in TEXTS:
        columns[name] = np.array([one.get(name) for one in given], dtype=object)
    return Calls(columns)


def moment(at: int) -> str:
    """RFC 3339 with `Z`, and as many digits after the second as it takes."""
    seconds, rest = divmod(at, SECOND)
    text = str(np.datetime64(seconds, "s"))
    return f"{text}.{rest:09d}".rstrip("0") + "Z" if rest else f"{text}Z"
