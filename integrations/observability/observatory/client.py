"""LLM-Observatory's analytics API: what calls of language models cost, took and how they failed.

Most of it wants a token. As shipped it turns everybody away there; what its public analytics tell is answered from them, and said to be.
"""

import hashlib
import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlencode
from zlib import crc32

from core.errors import UpstreamError, UpstreamUnavailable, UserInputError
from core.ports.telemetry import Measured, Span, Trace
from core.ports.usage import CallOrder, CallsAsked, ModelCall, ModelCalls, Usage, UsageDimension, UsageMetric
from core.query.translation import QueryRefused
from core.together import together
from integrations.http import Json, Reach, ServiceClient, Watch, reading
from integrations.observability.observatory import public
from integrations.observability.observatory.answers import SERVICE, call, listed, span, written
from integrations.observability.observatory.protected import Door, Refused
from integrations.observability.observatory.series import (
    HOUR,
    INTERVALS,
    MOST_POINTS,
    Question,
    distinct,
    measured,
    points,
    question,
    rougher,
)
from integrations.observability.observatory.tokens import Access, Tokens

T = TypeVar("T")
_LONGEST = timedelta(days=90)
"""Window of one question; the service refuses longer ones."""
_MOST_CALLS = 1000
"""In one answer of the service."""
_MOST_SPANS = 1000
_PAGE = 100
"""Spans: with the texts of prompts and answers, which come along and are thrown away, more may be too much for one answer."""
_NAMED = (UsageDimension.PROVIDER, UsageDimension.MODEL, UsageDimension.ENVIRONMENT)
_ORDERS: Mapping[CallOrder, str] = {
    CallOrder.NEWEST: "ts",
    CallOrder.SLOWEST: "duration_ms",
    CallOrder.DEAREST: "total_cost_usd",
    CallOrder.MOST_TOKENS: "total_tokens",
}
_CUT = f"LLM-Observatory gives at most {MOST_POINTS} points at once: the oldest are missing."
_ROUGH = f"There are more than {MOST_POINTS} rows, so these are means of the means of each provider, model, environment and status."
_DISTINCT = "People are counted by provider, model, environment and status: this is the most of any of these, so at least so many."


class ObservatoryClient:
    """Implements `core.ports.usage.UsageStore`."""

    def __init__(
        self, reach: Reach, access: Access, *, watch: Watch | None = None, now: Callable[[], float] = time.time
    ) -> None:
        """`reach`: its token, where there is one, is sent as it is, and `access` then needs no secret. `watch`: told of its
        breaker. `now`: seconds since the epoch."""
        if reach.token and access.secret:
            raise UserInputError("Set either observatory.secret or observatory.token, not both.")
        self._projects = access.projects
        tokens = Tokens(access, now)
        self._http = ServiceClient(SERVICE, reach, watch=watch, sign=tokens if access.secret else None)
        self._door = Door(now, key=bool(reach.token or access.secret))
        self._now = now

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def over(self, usage: Usage, start: datetime, end: datetime) -> Measured:
        """See `UsageStore.over`. How many users or sessions there are is the most that one row knows of: they are counted row by
        row. QueryRefused for what cannot be asked at all."""
        _check(usage, start, end)
        try:
            return await self._door.ask(lambda: self._over(usage, start, end))
        except Refused as refused:
            if not public.told(usage):
                raise refused.error from refused
            warning = "LLM-Observatory refused its protected routes, so this comes from its public analytics."
            return await public.ask(self._http, usage, start, end, warning)

    async def calls(self, asked: CallsAsked, start: datetime, end: datetime, *, limit: int = 20) -> ModelCalls:
        """See `UsageStore.calls`. At most a thousand. Those without a duration or a cost are left out where that is what they are
        ordered by; where tokens are, those without a cost."""
        limit = max(1, min(limit, _MOST_CALLS))
        asking = [_parameters(asked, start, end, limit, project) for project in self._projects or ("",)]
        found = await self._let_in(lambda: together(*map(self._listed, asking)))
        calls = [one for of_project, _ in found for one in of_project]
        if len(found) > 1:
            calls.sort(key=lambda one: _rank(one, asked.order), reverse=True)
        return ModelCalls(tuple(calls[:limit]), any(more for _, more in found) or len(calls) > limit)

    async def trace(self, id_: str) -> Trace | None:
        """See `UsageStore.trace`. Its newest thousand calls at most."""
        if not id_:
            return None
        spans = await self._let_in(lambda: self._spans(id_))
        if not spans:
            return None
        made = [_within(one, parent, spans) for one, parent in spans.values()]
        return Trace(id_, tuple(sorted(made, key=lambda one: (one.start, one.id))))

    async def healthy(self) -> None:
        """Return when it can reach its database and its cache. Raises UpstreamError where it cannot, or cannot be asked."""
        try:
            found = await self._http.get("/health")
        except UpstreamUnavailable as error:
            # When it is not well it says so with a 503 that has no words.
            hint = error.hint or "Its database or its Redis does not answer."
            raise UpstreamUnavailable(SERVICE, error.message, hint=hint, delay=error.delay) from error
        if found.get("status") != "healthy":
            raise UpstreamUnavailable(SERVICE, "observatory says that it is not healthy.")

    async def access(self) -> str:
        """One sentence for people: what can be asked of it. Raises UpstreamError where it does not answer at all."""
        end = datetime.fromtimestamp(self._now(), UTC)
        usage = Usage(UsageMetric.REQUESTS, HOUR)
        try:
            await self._door.ask(lambda: self._over(usage, end - HOUR, end))
        except Refused as refused:
            await public.ask(self._http, usage, end - HOUR, end, "")
            return f"Only its public analytics can be asked: {refused.error.message}"
        try:
            await self.calls(CallsAsked(), end - HOUR, end, limit=1)
        except UpstreamError as error:
            return f"Its metrics can be asked, single calls cannot: {error.message}"
        return "Its metrics, costs among them, and single calls can be asked."

    async def _let_in(self, ask: Callable[[], Awaitable[T]]) -> T:
        try:
            return await self._door.ask(ask)
        except Refused as refused:
            raise refused.error from refused

    async def _over(self, usage: Usage, start: datetime, end: datetime) -> Measured:
        asked = question(usage)
        data = await self._points(asked, usage, start, end)
        warning = ""
        if len(data) >= MOST_POINTS:
            warning = _CUT
            if rough := rougher(usage):
                asked, warning = rough, _ROUGH
                data = await self._points(asked, usage, start, end)
        with reading(SERVICE, "metrics"):
            found = list(points(data, asked, usage))
            return measured(found, asked.folding, usage, warning, _DISTINCT if distinct(usage.metric) else "")

    async def _points(
        self, asked: Question, usage: Usage, start: datetime, end: datetime
    ) -> Sequence[Mapping[str, Any]]:
        parameters = {
            "metrics": ",".join(asked.metrics),
            "aggregation": asked.aggregation,
            "interval": INTERVALS[asked.interval],
            "start_time": written(start),
            "end_time": written(end),
        }
        if asked.by:
            parameters["group_by"] = ",".join(asked.by)
        parameters |= {str(name): value for name, value in usage.where.items()}
        found = await self._http.get(f"/api/v1/metrics?{urlencode(parameters)}")
        with reading(SERVICE, "metrics"):
            return listed(found["data"])

    async def _listed(self, parameters: Mapping[str, str | int]) -> tuple[list[ModelCall], bool]:
        found = await self._http.get(f"/api/v1/traces?{urlencode(parameters)}")
        with reading(SERVICE, "calls"):
            return [call(one) for one in listed(found["data"])], found["pagination"]["has_more"] is True

    async def _spans(self, trace: str) -> dict[str, tuple[Span, str]]:
        """Page by page, the newest first: the service goes on with what is older than its cursor whatever the order is."""
        body: Json = {
            "filter": {"field": "trace_id", "operator": "eq", "value": trace},
            "sort_by": "ts",
            "sort_desc": True,
            "limit": _PAGE,
        }
        spans: dict[str, tuple[Span, str]] = {}
        for _ in range(_MOST_SPANS // _PAGE):
            found = await self._http.post("/api/v1/traces/search", body, key=_digest(body))
            with reading(SERVICE, "a trace"):
                read = [span(one) for one in listed(found["data"])]
                cursor = found["pagination"].get("cursor")
            spans |= {one.id: (one, parent) for one, parent in read}
            if not read or not cursor or not isinstance(cursor, str) or not cursor.isascii():
                break
            body["cursor"] = cursor
        return spans


def _check(usage: Usage, start: datetime, end: datetime) -> None:
    if end - start > _LONGEST:
        hint = "Ask for a shorter time."
        raise QueryRefused(f"LLM-Observatory answers for at most {_LONGEST.days} days at once.", hint=hint)
    if usage.interval not in INTERVALS:
        raise QueryRefused("LLM-Observatory counts by minute, five minutes, hour and day only.")
    if unknown := [name for name in usage.where if name not in _NAMED]:
        hint = "It can tell them apart, though."
        raise QueryRefused(f"LLM-Observatory cannot be asked for one {unknown[0]} only.", hint=hint)


def _parameters(asked: CallsAsked, start: datetime, end: datetime, limit: int, project: str) -> dict[str, str | int]:
    """Only what the service heeds: it takes several others without a word, and finds as if they were not there."""
    made: dict[str, str | int] = {
        "to": written(end),
        "limit": limit,
        "sort_by": _ORDERS[asked.order],
        "sort_order": "desc",
    }
    for name, value in asked.where.items():
        made["status" if name is UsageDimension.STATUS else str(name)] = value
    # Its database puts what has no value before the largest one.
    if asked.longer_than is not None or asked.order is CallOrder.SLOWEST:
        made["min_duration"] = math.ceil((asked.longer_than or timedelta()) / timedelta(milliseconds=1))
    if asked.dearer_than is not None or asked.order in (CallOrder.DEAREST, CallOrder.MOST_TOKENS):
        made["min_cost"] = f"{asked.dearer_than or 0.0:.12g}"
    if project:
        made["project_id"] = project
    # It keeps answers for minutes, by its window and by some of the parameters: the order and the least cost are not among them.
    # So questions that differ in these begin at different nanoseconds, none of them later than it should.
    kept_apart = crc32(f"{made['sort_by']}/{made.get('min_cost')}".encode()) % 1000
    return {"from": written(start - timedelta(microseconds=1), kept_apart), **made}


def _rank(one: ModelCall, order: CallOrder) -> tuple[float, float]:
    at = one.at.timestamp()
    ranks: Mapping[CallOrder, float | None] = {
        CallOrder.NEWEST: at,
        CallOrder.SLOWEST: one.duration,
        CallOrder.DEAREST: one.cost,
        CallOrder.MOST_TOKENS: (one.prompt_tokens or 0) + (one.completion_tokens or 0),
    }
    return ranks[order] or 0.0, at


def _within(one: Span, parent: str, spans: Mapping[str, object]) -> Span:
    """With its parent, where that is a call of a model too: of other spans the service keeps nothing."""
    known = parent if parent in spans and parent != one.id else ""
    return Span(one.id, known, one.service, one.name, one.start, one.duration, one.failed, one.attributes)


def _digest(body: Json) -> str:
    """Of a request that only reads; it may be repeated."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
