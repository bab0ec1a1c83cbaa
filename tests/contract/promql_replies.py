"""What a real Prometheus answers to many queries over one history, so that the fake is compared with it on machines that have none.

`python -m tests.contract.promql_replies` records `promql_replies.json` anew, on a machine that has one.
"""

import asyncio
import json
import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.ports.telemetry import Measured, Series
from integrations.http import Reach
from integrations.observability.prometheus.client import PrometheusClient
from tests.servers import prometheus_server

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
END = START + timedelta(minutes=50)
STEP = timedelta(minutes=2, seconds=37)
_BUCKETS = ("0.05", "0.1", "0.25", "0.5", "1", "+Inf")

QUERIES = (
    "up",
    "up == 0",
    "queue_depth",
    'queue_depth{queue!~"m.*"}',
    '{__name__=~"queue_.+"}',
    "queue_depth offset 7m",
    "queue_depth @ 1773145800",
    "queue_depth @ end()",
    "-queue_depth",
    "rate(http_requests_total[5m])",
    'sum by (service) (rate(http_requests_total{status=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m]))',
    "sum(rate(http_requests_total[5m])) / sum(rate(http_requests_total[5m] offset 10m))",
    "sum without (status) (increase(http_requests_total[10m]))",
    "irate(http_requests_total[2m])",
    "increase(http_requests_total[37m])",
    "delta(queue_depth[10m])",
    "idelta(queue_depth[10m])",
    "deriv(queue_depth[10m])",
    "predict_linear(queue_depth[20m], 3600)",
    "changes(queue_depth[10m])",
    "resets(http_requests_total[40m])",
    "avg_over_time(queue_depth[10m])",
    "max_over_time(queue_depth[10m])",
    "min_over_time(queue_depth[10m])",
    "sum_over_time(queue_depth[10m])",
    "count_over_time(queue_depth[10m])",
    "last_over_time(queue_depth[10m])",
    "present_over_time(queue_depth[3m])",
    "stddev_over_time(queue_depth[10m])",
    "stdvar_over_time(queue_depth[10m])",
    "quantile_over_time(0.9, queue_depth[10m])",
    "max_over_time(sum(rate(http_requests_total[5m]))[20m:1m])",
    "avg_over_time(rate(http_requests_total[5m])[10m:])",
    "histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m])))",
    "histogram_quantile(0.5, sum by (le, service) (rate(latency_seconds_bucket[10m])))",
    "histogram_quantile(1.5, rate(latency_seconds_bucket[10m]))",
    "rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m])",
    "topk(2, rate(http_requests_total[5m]))",
    "bottomk by (service) (1, rate(http_requests_total[5m]))",
    "count by (service) (http_requests_total)",
    "count(queue_depth > 50)",
    "avg(queue_depth)",
    "min(queue_depth)",
    "max by (queue) (queue_depth)",
    "stddev(queue_depth)",
    "group(queue_depth)",
    "quantile(0.7, queue_depth)",
    "queue_depth > 40",
    "queue_depth > bool 40",
    "50 < queue_depth",
    "queue_depth % 7",
    "queue_depth ^ 2",
    "1 - queue_depth / queue_limit",
    "queue_depth / on (queue) queue_limit > 0.4",
    "queue_depth * on (queue) group_left (team) queue_owner",
    "queue_depth and on (queue) queue_owner",
    "queue_depth unless queue_limit",
    "queue_depth or up",
    "queue_depth > queue_limit / 2",
    "absent(nothing_of_that_name{job='x'})",
    "absent(queue_depth{queue='late'})",
    "absent_over_time(queue_depth{queue='late'}[5m])",
    "abs(queue_depth - 50)",
    "ceil(queue_depth / 7)",
    "floor(queue_depth / 7)",
    "round(queue_depth, 5)",
    "clamp(queue_depth, 20, 60)",
    "clamp_min(queue_depth, 20)",
    "clamp_max(queue_depth, 60)",
    "sqrt(queue_depth)",
    "ln(queue_depth + 1)",
    "exp(queue_depth / 100)",
    "scalar(queue_depth{queue='mail'})",
    "vector(3) * 2",
    "time() - timestamp(queue_depth)",
    "time() - start_time_seconds",
    'label_replace(queue_depth, "name", "q-$1", "queue", "(.)(.*)")',
    'label_join(up, "both", "-", "job", "instance")',
    'label_replace(sum(queue_depth), "metric", "a", "", "") or label_replace(max(queue_depth), "metric", "b", "", "")',
    "sort_desc(sum by (queue) (queue_depth))",
    "sum(http_requests_total) / 0",
    "0 / (queue_depth - queue_depth)",
    "3 + 4 * 2",
)

RECORDED = Path(__file__).with_name("promql_replies.json")
Points = list[tuple[float, float]]


async def answers(client: PrometheusClient, query: str) -> list[Measured]:
    """At two moments, and over time."""
    moments = (END - timedelta(minutes=3), END)
    over = await client.over(query, START + timedelta(minutes=3), END, STEP)
    return [*[await client.at(query, moment) for moment in moments], over]


def recorded() -> dict[str, list[Measured]]:
    """What the real server answered, by query."""
    found: dict[str, list[Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return {
        query: [Measured(tuple(Series(labels, tuple(map(_point, points))) for labels, points in one)) for one in each]
        for query, each in found.items()
    }


def _point(pair: list[Any]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


async def _record() -> None:
    with prometheus_server(openmetrics()) as server:
        async with PrometheusClient(Reach(server.url)) as client:
            found = {query: await answers(client, query) for query in QUERIES}
    told = {
        query: [[[dict(one.labels), [[at, repr(value)] for at, value in one.points]] for one in m.series] for m in each]
        for query, each in found.items()
    }
    RECORDED.write_text("{\n" + ",\n".join(f"{json.dumps(q)}: {json.dumps(v)}" for q, v in told.items()) + "\n}\n")


def history() -> dict[str, list[tuple[dict[str, str], Points]]]:
    """Counters that are reset, gauges that come late and leave, histograms: name → (labels, points)."""
    rng = random.Random(7)
    first = START.timestamp()
    times = [first + 15 * n for n in range(201)]
    found: dict[str, list[tuple[dict[str, str], Points]]] = {}

    def add(name: str, labels: dict[str, str], values: list[float | None]) -> None:
        points = [(at, value) for at, value in zip(times, values, strict=True) if value is not None]
        found.setdefault(name, []).append((labels, points))

    def counter(rate: float, reset: int = 0) -> list[float | None]:
        value, made = 0.0, []
        for n in range(len(times)):
            value = 0.0 if reset and n == reset else value + round(rate * 15 * rng.uniform(0.5, 1.5))
            made.append(value)
        return [*made]

    for service, status, rate, reset in (
        ("checkout", "200", 3.0, 90), ("checkout", "500", 0.3, 90), ("search", "200", 5.0, 0), ("search", "503", 0.02, 0),
    ):  # fmt: skip
        add("http_requests_total", {"service": service, "status": status}, counter(rate, reset))
    for queue, low, high in (("mail", 0, 30), ("bills", 60, 100), ("late", 100, 201)):
        values: list[float | None] = [
            float(rng.randint(0, 100)) if not (low <= n < high) or queue == "mail" else None for n in range(len(times))
        ]
        add("queue_depth", {"queue": queue, "job": "broker"}, values)
    for queue, limit in (("mail", 100.0), ("bills", 120.0)):
        add("queue_limit", {"queue": queue, "job": "broker"}, [limit] * len(times))
        add("queue_owner", {"queue": queue, "team": f"team-{queue}"}, [1.0] * len(times))
    add("up", {"job": "node", "instance": "a:1"}, [1.0] * len(times))
    add("up", {"job": "node", "instance": "b:1"}, [1.0 if n < 100 or n > 120 else 0.0 for n in range(len(times))])
    add("start_time_seconds", {"job": "node"}, [first - 1000] * len(times))
    for service, scale in (("checkout", 1.0), ("search", 3.0)):
        shares = sorted(rng.uniform(0.1, 1) for _ in _BUCKETS)
        whole = counter(4.0 * scale)
        for bound, share in zip(_BUCKETS, [*shares[:-1], 1.0], strict=True):
            add(
                "latency_seconds_bucket",
                {"service": service, "le": bound},
                [math.floor((v or 0) * share) for v in whole],
            )
        add("latency_seconds_sum", {"service": service}, [(v or 0) * 0.21 for v in whole])
        add("latency_seconds_count", {"service": service}, [*whole])
    return found


def openmetrics() -> str:
    """The same as text."""
    lines: list[str] = []
    for name, series in history().items():
        base = name.removesuffix("_total")
        if name.endswith("_total"):
            lines.append(f"# TYPE {base} counter")
        elif not name.startswith("latency"):
            lines.append(f"# TYPE {name} gauge")
        for labels, points in series:
            told = ",".join(f'{key}="{value}"' for key, value in labels.items())
            lines += [f"{name}{{{told}}} {value} {at:.0f}" for at, value in points]
    return "\n".join([*lines, "# EOF", ""])


if __name__ == "__main__":
    asyncio.run(_record())
