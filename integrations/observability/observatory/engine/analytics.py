"""`/api/v1/analytics/*`, which needs no token and tells of all organisations together."""

from typing import Any

import numpy as np

from integrations.observability.observatory.engine.calls import SECOND, Calls, CallSource
from integrations.observability.observatory.engine.metrics import breakdown
from integrations.observability.observatory.engine.parameters import Parameters
from integrations.observability.observatory.engine.rows import STEPS, Kept, Rows

_WEEK = 7 * 86_400 * SECOND


class Analytics:
    """Answers one request."""

    def __init__(self, source: CallSource, kept: Kept, asked: Parameters, now: int) -> None:
        """`now`: nanoseconds since the epoch."""
        self._source = source
        self._end = asked.moment("end_time", now)
        self._start = asked.moment("start_time", self._end - _WEEK)
        self._granularity = asked.text("granularity", "1hour")
        self._step = STEPS.get(self._granularity, STEPS["1hour"])
        self._where = asked.named("provider", "model", "environment")
        # The end is included here.
        self._rows: Rows = kept.rows(self._step, self._start, self._end + 1, self._where)

    def performance(self) -> dict[str, Any]:
        """`/performance`."""
        series = self._folded(
            avg_latency_ms=("avg_duration_ms", np.mean),
            min_latency_ms=("min_duration_ms", np.min),
            max_latency_ms=("max_duration_ms", np.max),
            request_count=("request_count", np.sum),
            total_tokens=("total_tokens", np.sum),
        )
        for one in series:
            one |= {name: int(one[name]) for name in one if name not in ("timestamp", "avg_latency_ms")}
        requests, tokens = (sum(one[name] for one in series) for name in ("request_count", "total_tokens"))
        seconds = (self._end - self._start) / SECOND
        return {
            "request_count": requests,
            "avg_latency_ms": float(np.mean([one["avg_latency_ms"] for one in series])) if series else 0.0,
            "min_latency_ms": min((one["min_latency_ms"] for one in series), default=0),
            "max_latency_ms": max((one["max_latency_ms"] for one in series), default=0),
            **self._percentiles(),
            "throughput_rps": requests / seconds if seconds > 0 else 0.0,
            "total_tokens": tokens,
            "tokens_per_second": tokens / seconds if seconds > 0 else 0.0,
            "time_series": series,
        }

    def quality(self) -> dict[str, Any]:
        """`/quality`."""
        counts = self._folded(
            request_count=("request_count", np.sum), good=("success_count", np.sum), bad=("error_count", np.sum)
        )
        total, good, bad = (int(sum(one[name] for one in counts)) for name in ("request_count", "good", "bad"))
        series = [
            {
                "timestamp": one["timestamp"],
                "success_rate": one["good"] / one["request_count"],
                "error_rate": one["bad"] / one["request_count"],
                "request_count": int(one["request_count"]),
            }
            for one in counts
        ]
        return {
            "total_requests": total,
            "successful_requests": good,
            "failed_requests": bad,
            "success_rate": good / total if total else 0.0,
            "error_rate": bad / total if total else 0.0,
            "avg_feedback_score": None,
            "resolution_rate": None,
            "error_breakdown": breakdown(self._calls(), "error_type"),
            "time_series": series,
        }

    def optimization(self) -> dict[str, Any]:
        """`/optimization`."""
        performance, quality = self.performance(), self.quality()
        cost = float(np.sum(self._rows.known("total_cost_usd")))
        each = cost / performance["request_count"] if performance["request_count"] else 0.0
        latency, failing = performance["avg_latency_ms"], quality["error_rate"]
        scores = (each < 0.005, latency < 1000, quality["success_rate"] > 0.95)
        return {
            "cost_optimizations": [_advice("High per-request cost detected", f"${each:.4f}", cost * 0.3)]
            if each > 0.01
            else [],
            "performance_optimizations": [_advice("High latency detected", f"{latency:.0f} ms")]
            if latency > 2000
            else [],
            "quality_optimizations": [_advice("High error rate detected", f"{failing:.1%}")] if failing > 0.05 else [],
            "overall_score": sum(1.0 if good else 0.5 for good in scores) / len(scores),
        }

    def _folded(self, **columns: tuple[str, Any]) -> list[dict[str, Any]]:
        """The oldest first, what has no value as 0."""
        rows = self._rows.folded(dict(columns.values()), [], self._step)
        return [
            {"timestamp": row["timestamp"], **{name: row.get(of, 0.0) for name, (of, _) in columns.items()}}
            for row in reversed(rows)
        ]

    def _percentiles(self) -> dict[str, Any]:
        shares = (50, 95, 99)
        if self._granularity not in ("1min", "raw"):
            return {f"p{share}_latency_ms": None for share in shares}
        durations = self._calls().column("duration_ms")
        durations = durations[~np.isnan(durations)]
        return {
            f"p{share}_latency_ms": float(np.percentile(durations, share)) if len(durations) else None
            for share in shares
        }

    def _calls(self) -> Calls:
        calls = self._source.calls(self._start, self._end + 1)
        for name, value in self._where.items():
            calls = calls.take(calls.column(name) == value)
        return calls


def _advice(title: str, found: str, savings: float | None = None) -> dict[str, Any]:
    return {
        "title": title,
        "description": f"The average is {found}.",
        "impact": "high",
        "potential_savings": savings,
        "effort": "medium",
        "priority": 1,
    }
