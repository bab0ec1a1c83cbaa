"""Lists of calls as the service gives them: sorted by its database, page by page, behind a cursor."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from integrations.observability.observatory.engine.calls import Calls, Marks, moment
from integrations.observability.observatory.engine.parameters import BadRequest, nanoseconds

MOST = 1000
USUAL = 50
SORTED_BY = ("ts", "trace_id", "span_id", "provider", "model", "duration_ms", "ttft_ms", "total_cost_usd", "total_tokens",
             "status_code", "environment")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the calls that were found."""

    data: list[dict[str, Any]]
    cursor: str
    """"" on the last page."""

    def pagination(self, limit: int) -> dict[str, Any]:
        """As it is written."""
        return {**({"cursor": self.cursor} if self.cursor else {}), "has_more": bool(self.cursor), "limit": limit}


def page(calls: Calls, sort_by: str, *, descending: bool, cursor: str, limit: int) -> Page:
    """The cursor always goes on with what is before it in time, whatever the order is: so does the service."""
    if cursor:
        calls = calls.take(_before(calls, cursor))
    ts = calls.column("ts")
    # Who stands before whom in the same nanosecond is seldom asked.
    ties = len(np.unique(ts)) < len(ts)
    last = [_ranks(calls.column(name)) for name in ("span_id", "trace_id")] if ties else []
    order = np.lexsort((*last, ts, _sorted(calls, sort_by)))
    places = (order[::-1] if descending else order)[: limit + 1]
    more = len(places) > limit
    taken = calls.take(places[:limit])
    return Page([taken.written(place) for place in range(len(taken))], _cursor(taken, len(taken) - 1) if more else "")


def _sorted(calls: Calls, by: str) -> Any:  # noqa: ANN401 -- numpy's
    """PostgreSQL takes null for larger than anything; NaN is sorted last, too."""
    column = calls.column(by)
    return _ranks(column) if column.dtype == object else column


def _ranks(column: Any) -> Any:  # noqa: ANN401 -- numpy's
    """Of texts, null the last."""
    known = sorted({one for one in column if one is not None})
    place = {one: number for number, one in enumerate(known)}
    return np.array([place.get(one, len(known)) for one in column], dtype=np.int64)


def _cursor(calls: Calls, place: int) -> str:
    trace, span = calls.column("trace_id")[place], calls.column("span_id")[place]
    told = {"timestamp": moment(int(calls.column("ts")[place])), "trace_id": trace, "span_id": span}
    return base64.b64encode(json.dumps(told, separators=(",", ":")).encode()).decode()


def _before(calls: Calls, cursor: str) -> Marks:
    try:
        told = json.loads(base64.b64decode(cursor, validate=True))
        after = nanoseconds(told["timestamp"]), str(told["trace_id"]), str(told["span_id"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise BadRequest(f"Invalid cursor: {error}") from error
    ts = calls.column("ts")
    marks = ts < after[0]
    for place in np.flatnonzero(ts == after[0]):
        marks[place] = (calls.column("trace_id")[place], calls.column("span_id")[place]) < after[1:]
    return np.asarray(marks, dtype=np.bool_)
