"""`/api/v1/traces` and its neighbours."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import numpy as np

from integrations.observability.observatory.engine.calls import SECOND, Calls, CallSource, moment
from integrations.observability.observatory.engine.door import Claims
from integrations.observability.observatory.engine.filters import matching
from integrations.observability.observatory.engine.listing import MOST, SORTED_BY, USUAL, Page, page
from integrations.observability.observatory.engine.parameters import BadRequest, NotFound, Parameters, Undecodable

_EXACT = {"provider": "provider", "model": "model", "status": "status_code", "environment": "environment",
          "user_id": "user_id", "session_id": "session_id"}  # fmt: skip
_RANGES = {"duration": "duration_ms", "cost": "total_cost_usd"}
_KEPT = 60 * SECOND
"""Nanoseconds that a list is kept."""
_KEPT_BY = ("from", "to", "provider", "model", "status", "min_duration", "max_duration", "environment", "limit")
"""What a list is kept by, besides the user and the project: neither the order nor the costs are among it."""


class Traces:
    """Answers for them."""

    def __init__(self, source: CallSource, now: Callable[[], int]) -> None:
        """`now`: nanoseconds since the epoch."""
        self._source = source
        self._now = now
        self._kept: dict[tuple[str, ...], tuple[int, dict[str, Any]]] = {}

    def listed(self, asked: Parameters, who: Claims) -> dict[str, Any]:
        """`GET /api/v1/traces`. Several parameters are accepted and do nothing: `trace_id`, `operation_type`, `min_tokens`,
        `max_tokens`, `tags`, `fields`, `include`."""
        project = who.project(asked.text("project_id", ""))
        limit, cursor = _limit(asked.whole("limit", USUAL)), asked.text("cursor", "")
        key = (who.subject, project, *(asked.text(name, "") for name in _KEPT_BY))
        at, kept = self._kept.get(key, (0, {}))
        if kept and not cursor and self._now() - at < _KEPT:
            return kept
        calls = self._source.calls(asked.moment("from", 0), asked.moment("to", self._now()) + 1)
        found = page(
            _selected(calls, asked, project), asked.text("sort_by", "ts"),
            descending=asked.text("sort_order", "desc") != "asc", cursor=cursor, limit=limit,
        )  # fmt: skip
        answer = self._enveloped(found, limit)
        if not cursor:
            self._kept[key] = self._now(), answer
        return answer

    def search(self, body: object, who: Claims) -> dict[str, Any]:
        """`POST /api/v1/traces/search`."""
        if not isinstance(body, Mapping):
            raise Undecodable("invalid type: expected struct AdvancedSearchRequest")
        limit = body.get("limit", USUAL)
        if isinstance(limit, bool) or not isinstance(limit, int) or not isinstance(body.get("sort_desc", False), bool):
            raise Undecodable("invalid type: expected i32")
        sort_by = body.get("sort_by") or "ts"
        if sort_by not in SORTED_BY:
            raise BadRequest(f"Invalid sort field: {sort_by}")
        calls = self._source.calls(0, self._now() + 1)
        marks = calls.column("org_id") == who.org
        if body.get("filter") is not None:
            marks = marks & matching(calls, body["filter"])
        found = page(
            calls.take(marks), str(sort_by),
            descending=body.get("sort_desc", False), cursor=str(body.get("cursor") or ""), limit=_limit(limit),
        )  # fmt: skip
        return self._enveloped(found, limit)

    def one(self, id_: str) -> dict[str, Any]:
        """`GET /api/v1/traces/{id}`: its latest call only."""
        calls = self._source.calls(0, self._now() + 1)
        found = page(calls.take(calls.column("trace_id") == id_), "ts", descending=True, cursor="", limit=1).data
        if not found:
            raise NotFound(f"Trace with ID '{id_}' not found")
        return {"status": "success", "data": found[0], "meta": self._meta()}

    def _enveloped(self, found: Page, limit: int) -> dict[str, Any]:
        return {"status": "success", "data": found.data, "pagination": found.pagination(limit), "meta": self._meta()}

    def _meta(self) -> dict[str, Any]:
        return {
            "timestamp": moment(self._now()),
            "execution_time_ms": 3,
            "cached": False,
            "version": "1.0",
            "request_id": str(uuid4()),
        }


def _selected(calls: Calls, asked: Parameters, project: str) -> Calls:
    marks = np.full(len(calls), True)
    for name, value in asked.named(*_EXACT).items():
        marks = marks & (calls.column(_EXACT[name]) == value)
    for name, column in _RANGES.items():
        least, most = asked.number(f"min_{name}"), asked.number(f"max_{name}")
        if least is not None:
            marks = marks & (calls.column(column) >= least)
        if most is not None:
            marks = marks & (calls.column(column) <= most)
    if project:
        marks = marks & (calls.column("project_id") == project)
    if words := asked.text("search", "").lower():
        pairs = zip(calls.column("input_text"), calls.column("output_text"), strict=True)
        marks = marks & np.array([any(words in (one or "").lower() for one in pair) for pair in pairs], dtype=np.bool_)
    return calls.take(marks)


def _limit(given: int) -> int:
    if given < 1:
        raise BadRequest("Limit must be at least 1")
    if given > MOST:
        raise BadRequest(f"Limit cannot exceed {MOST}")
    return given
