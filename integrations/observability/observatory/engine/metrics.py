"""`/api/v1/metrics` and its neighbours, answered from rows."""

from collections.abc import Container, Mapping
from typing import Any

import numpy as np

from integrations.observability.observatory.engine.calls import SECOND, Calls, CallSource, moment
from integrations.observability.observatory.engine.parameters import BadRequest, Parameters, Undecodable
from integrations.observability.observatory.engine.rows import STEPS, Fold, Kept

_DAY = 86_400 * SECOND
_LONGEST = 90
"""Days."""
METRICS: Mapping[str, str] = {
    "request_count": "request_count",
    "duration": "avg_duration_ms",
    "total_cost": "total_cost_usd",
    "prompt_cost": "total_prompt_cost",
    "completion_cost": "total_completion_cost",
    "total_tokens": "total_tokens",
    "prompt_tokens": "total_prompt_tokens",
    "completion_tokens": "total_completion_tokens",
    "error_count": "error_count",
    "success_count": "success_count",
    "error_rate": "error_rate",
    "success_rate": "success_rate",
    "throughput": "throughput",
    "time_to_first_token": "avg_ttft_ms",
    "unique_users": "unique_users",
    "unique_sessions": "unique_sessions",
}
_INTERVALS: Mapping[str, tuple[str, str, int]] = {
    **dict.fromkeys(("1min", "1m", "1minute"), ("OneMinute", "1min", 60)),
    **dict.fromkeys(("5min", "5m", "5minutes"), ("FiveMinutes", "1min", 300)),
    **dict.fromkeys(("1hour", "1h", "1hr"), ("OneHour", "1hour", 3600)),
    **dict.fromkeys(("1day", "1d"), ("OneDay", "1day", 86_400)),
}
"""As it is asked for → its name in the answer, the rows that are read, seconds."""
_DIMENSIONS = ("provider", "model", "environment", "status_code", "user_id", "session_id")
_RAW = ("user_id", "session_id")
_FOLDS: Mapping[str, Fold] = {
    **dict.fromkeys(("avg", "average"), np.mean),
    **dict.fromkeys(("sum", "total"), np.sum),
    **dict.fromkeys(("min", "minimum"), np.min),
    **dict.fromkeys(("max", "maximum"), np.max),
    "count": len,
}
_PERCENTILES = ("p50", "median", "p90", "p95", "p99")
_NOT_YET = "Percentile queries not yet implemented. Use aggregate queries for now."


def over_time(kept: Kept, asked: Parameters, org: str, now: int) -> dict[str, Any]:
    """`GET /api/v1/metrics`. `now`: nanoseconds since the epoch."""
    metrics = [_known(one, METRICS, "metric type") for one in _split(asked.text("metrics"))]
    name, rows, step = _INTERVALS[_known(asked.text("interval", "1hour"), _INTERVALS, "time interval")]
    by = [_known(one, _DIMENSIONS, "dimension name") for one in _split(asked.text("group_by", ""))]
    aggregation = _known(asked.text("aggregation", "avg"), (*_FOLDS, *_PERCENTILES), "aggregation function")
    raw = asked.flag("include_percentiles", default=False)
    start, end = _window(asked, now, _DAY)
    if not 1 <= len(metrics) <= 20:
        raise BadRequest("Between 1 and 20 metrics are allowed")
    if len(by) > 5:
        raise BadRequest("Maximum 5 group by dimensions allowed")
    if raw or aggregation in _PERCENTILES or set(by) & set(_RAW):
        raise BadRequest(_NOT_YET)
    where = {**asked.named("provider", "model", "environment"), "org_id": org}
    found = kept.rows(STEPS[rows], start, end, where)
    data = found.folded({METRICS[one]: _FOLDS[aggregation] for one in metrics}, by, step)
    metadata = {
        "interval": name,
        "start_time": moment(start),
        "end_time": moment(end),
        "metrics": list(map(_pascal, metrics)),
        "group_by": list(map(_pascal, by)),
        "data_source": "aggregate",
        "total_points": len(data),
    }
    return {"metadata": metadata, "data": data}


def summary(source: CallSource, kept: Kept, asked: Parameters, org: str, now: int) -> dict[str, Any]:
    """`GET /api/v1/metrics/summary`."""
    start, end = _window(asked, now, _DAY)
    where = {**asked.named("provider", "model", "environment"), "org_id": org}
    current = _period(kept, start, end, where)
    previous = changes = None
    if asked.flag("compare_previous_period", default=True):
        previous = _period(kept, start - (end - start), start, where)
        pairs = {
            "requests": "total_requests",
            "cost": "total_cost_usd",
            "duration": "avg_duration_ms",
            "error_rate": "error_rate",
        }
        changes = {f"{name}_change_pct": _change(current[of], previous[of]) for name, of in pairs.items()}
    calls = source.calls(start, end)
    return {
        "current_period": current,
        "previous_period": previous,
        "changes": changes,
        "top_items": {f"by_{what}": [] for what in ("cost", "requests", "duration", "errors")},
        "quality": _quality(calls.take(calls.column("org_id") == org)),
    }


def custom(body: object) -> dict[str, Any]:
    """`POST /api/v1/metrics/query`, of which only the beginning was ever written."""
    if not isinstance(body, Mapping):
        raise Undecodable("invalid type: expected struct CustomMetricsQueryRequest")
    if missing := [name for name in ("metrics", "interval", "start_time", "end_time") if name not in body]:
        raise Undecodable(f"missing field `{missing[0]}`")
    names = {"one_minute": "OneMinute", "five_minutes": "FiveMinutes", "one_hour": "OneHour", "one_day": "OneDay"}
    if body["interval"] not in names:
        raise Undecodable(f"interval: unknown variant `{body['interval']}`")
    metadata = {
        "interval": names[body["interval"]],
        "start_time": body["start_time"],
        "end_time": body["end_time"],
        "group_by": list(map(_pascal, body.get("group_by", []))),
        "filters_applied": len(body.get("filters", [])),
        "having_conditions": len(body.get("having", [])),
        "total_rows": 0,
    }
    return {"metadata": metadata, "data": []}


def _period(kept: Kept, start: int, end: int, where: Mapping[str, str]) -> dict[str, Any]:
    rows = kept.rows(STEPS["1hour"], start, end, where)
    requests, errors, successes, tokens, cost = (
        float(np.sum(rows.known(name)))
        for name in ("request_count", "error_count", "success_count", "total_tokens", "total_cost_usd")
    )
    durations = rows.known("avg_duration_ms")
    return {
        "start_time": moment(start),
        "end_time": moment(end),
        "total_requests": int(requests),
        "total_cost_usd": cost,
        "total_tokens": int(tokens),
        "avg_duration_ms": float(np.mean(durations)) if len(durations) else 0.0,
        "p95_duration_ms": None,
        "error_rate": errors / requests if requests else 0.0,
        "success_rate": successes / requests if requests else 0.0,
        # It counts how many different counts there are.
        "unique_users": len(np.unique(rows.known("unique_users"))),
        "unique_sessions": len(np.unique(rows.known("unique_sessions"))),
    }


def _change(current: float, previous: float) -> float:
    if previous:
        return (current - previous) / previous * 100
    return 100.0 if current > 0 else 0.0


def _quality(calls: Calls) -> dict[str, Any]:
    """Only what failed is counted, so that all of it has."""
    errors = breakdown(calls, "status_code")
    count = sum(one["count"] for one in errors)
    return {
        "error_count": count,
        "success_count": 0,
        "error_rate": 1.0 if count else 0.0,
        "success_rate": 0.0 if count else 1.0,
        "most_common_errors": errors,
    }


def breakdown(calls: Calls, called: str) -> list[dict[str, Any]]:
    """Of what failed, by status; `called`: what the status is called in the answer."""
    failed = calls.take(calls.column("status_code") == "ERROR")
    if not len(failed):
        return []
    messages = sorted(message for message in failed.column("error_message") if message is not None)
    told = {"sample_message": messages[0] if messages else None}
    return [{called: "ERROR", "count": len(failed), "percentage": 100.0, **told}]


def _window(asked: Parameters, now: int, usual: int) -> tuple[int, int]:
    end = asked.moment("end_time", now)
    start = asked.moment("start_time", end - usual)
    if start >= end:
        raise BadRequest("Start time must be before end time")
    if (end - start) // _DAY > _LONGEST:
        raise BadRequest(f"Maximum time range is {_LONGEST} days")
    return start, end


def _known(given: str, known: Container[str], what: str) -> str:
    if given.lower() not in known:
        raise BadRequest(f"Unknown {what}: {given}")
    return given.lower()


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
