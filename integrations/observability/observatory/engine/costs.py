"""`/api/v1/costs/*`, answered from single calls."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from integrations.observability.observatory.engine.calls import SECOND, Calls, CallSource, moment
from integrations.observability.observatory.engine.listing import page
from integrations.observability.observatory.engine.parameters import BadRequest, Parameters

_DAY = 86_400 * SECOND
_DIMENSIONS: Mapping[str, str] = {
    "user": "user_id",
    "team": "",
    "tag": "",
    "provider": "provider",
    "model": "model",
    "environment": "environment",
}
"""As it is asked for → its column; "" for what no call of the fake has."""


def summary(source: CallSource, asked: Parameters, org: str, now: int) -> dict[str, Any]:
    """`GET /api/v1/costs/summary`."""
    end = asked.moment("end_time", now)
    start = asked.moment("start_time", end - 30 * _DAY)
    _check(start, end)
    limit = asked.whole("top_limit", 10)
    if not 1 <= limit <= 100:
        raise BadRequest("top_limit must be between 1 and 100")
    calls = _selected(source, asked, org, start, end)
    total, prompt, completion, tokens = (
        float(np.nansum(calls.column(name)))
        for name in ("total_cost_usd", "prompt_cost_usd", "completion_cost_usd", "total_tokens")
    )
    made: dict[str, Any] = {
        "metadata": {
            "start_time": moment(start),
            "end_time": moment(end),
            "period_days": (end - start) // _DAY,
            "generated_at": moment(now),
        },
        "overview": {
            "total_cost": total,
            "prompt_cost": prompt,
            "completion_cost": completion,
            "total_requests": len(calls),
            "total_tokens": int(tokens),
            "avg_cost_per_request": total / len(calls) if len(calls) else 0.0,
            "avg_cost_per_1k_tokens": total / tokens * 1000 if tokens else 0.0,
            "day_over_day_change": None,
            "week_over_week_change": None,
        },
    }
    made |= {f"by_{name}": _shares(calls, name, total) for name in ("provider", "model", "environment")}
    if asked.flag("include_trends", default=True):
        made["trends"] = {"daily": _daily(calls), "weekly": [], "growth_rate_daily": 0.0, "growth_rate_weekly": 0.0}
    if asked.flag("include_top_traces", default=True):
        made["top_traces"] = _dearest(calls, limit)
    return made


def attribution(source: CallSource, asked: Parameters, org: str) -> dict[str, Any]:
    """`GET /api/v1/costs/attribution`."""
    start, end = asked.moment("start_time", None), asked.moment("end_time", None)
    dimension = asked.text("dimension")
    _check(start, end)
    if dimension not in _DIMENSIONS:
        raise BadRequest(f"Unknown dimension: {dimension}")
    limit = asked.whole("limit", 100)
    if not 1 <= limit <= 1000:
        raise BadRequest("limit must be between 1 and 1000")
    least = asked.number("min_cost") or 0.0
    calls = _selected(source, asked, org, start, end)
    total = float(np.nansum(calls.column("total_cost_usd")))
    items = [_item(value, of, total) for value, of in _groups(calls, _DIMENSIONS[dimension]) if _cost(of) >= least][
        :limit
    ]
    return {
        "metadata": {
            "dimension": dimension,
            "start_time": moment(start),
            "end_time": moment(end),
            "total_items": len(items),
        },
        "items": items,
        "summary": {
            "total_cost": total,
            "total_requests": len(calls),
            "unique_items": len(items),
            "avg_cost_per_item": total / len(items) if items else 0.0,
        },
    }


def _check(start: int, end: int) -> None:
    if start >= end:
        raise BadRequest("Start time must be before end time")
    if (end - start) // _DAY > 365:
        raise BadRequest("Maximum time range is 365 days")


def _selected(source: CallSource, asked: Parameters, org: str, start: int, end: int) -> Calls:
    calls = source.calls(start, end)
    for name, value in {**asked.named("provider", "model", "environment", "user_id"), "org_id": org}.items():
        calls = calls.take(calls.column(name) == value)
    return calls


def _groups(calls: Calls, name: str) -> list[tuple[str, Calls]]:
    """The dearest first."""
    column = calls.column(name)
    values = {value for value in column if value is not None}
    return sorted(((value, calls.take(column == value)) for value in values), key=lambda one: (-_cost(one[1]), one[0]))


def _cost(calls: Calls) -> float:
    return float(np.nansum(calls.column("total_cost_usd")))


def _shares(calls: Calls, name: str, total: float) -> list[dict[str, Any]]:
    return [
        {
            "name": value,
            "cost": _cost(of),
            "requests": len(of),
            "percentage": _cost(of) / total * 100 if total else 0.0,
            "avg_cost_per_request": _cost(of) / len(of),
        }
        for value, of in _groups(calls, name)
    ]


def _item(value: str, calls: Calls, total: float) -> dict[str, Any]:
    cost = _cost(calls)
    return {
        "dimension_value": value,
        "total_cost": cost,
        "prompt_cost": float(np.nansum(calls.column("prompt_cost_usd"))),
        "completion_cost": float(np.nansum(calls.column("completion_cost_usd"))),
        "request_count": len(calls),
        "total_tokens": int(np.nansum(calls.column("total_tokens"))),
        "cost_percentage": cost / total * 100 if total else 0.0,
        "avg_cost_per_request": cost / len(calls),
        **{f"by_{name}": {each: _cost(of) for each, of in _groups(calls, name)} for name in ("provider", "model")},
    }


def _daily(calls: Calls) -> list[dict[str, Any]]:
    days = calls.column("ts") // _DAY
    each = [(int(day), calls.take(days == day)) for day in np.unique(days)]
    return [{"date": moment(day * _DAY), "cost": _cost(of), "requests": len(of)} for day, of in each]


def _dearest(calls: Calls, limit: int) -> list[dict[str, Any]]:
    priced = calls.take(~np.isnan(calls.column("total_cost_usd")))
    found = page(priced, "total_cost_usd", descending=True, cursor="", limit=limit).data
    names = {"ts": "timestamp", "total_cost_usd": "cost", "total_tokens": "tokens"}
    kept = ("ts", "trace_id", "provider", "model", "total_cost_usd", "total_tokens", "duration_ms", "user_id")
    return [{names.get(name, name): one[name] for name in kept if name in one} for one in found]
