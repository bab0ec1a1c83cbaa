"""What the shop measures, as Prometheus would have scraped it every quarter of a minute."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from zlib import crc32

import numpy as np

from integrations.observability.prometheus.engine.samples import Labels, Numbers, Samples, kinds_of
from integrations.observability.prometheus.fake import AlertRule
from integrations.observability.shop.world import DAY, ENVIRONMENTS, MINUTE, SERVICES, Minutes, Service, Shop

SCRAPE = 15.0
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, math.inf)
"""Of the buckets, in seconds: those of Prometheus' client libraries."""
_SHAPE = 3.2
"""Of the log-logistic distribution of latencies: 95 % take less than two and a half times what half of them take."""
_MEAN = (math.pi / _SHAPE) / math.sin(math.pi / _SHAPE)
"""Mean of the distribution, in medians."""
_DISK = 200e9
_Value = Callable[[Numbers], Numbers]

RULES = (
    AlertRule(
        "HighErrorRate",
        'sum by (service, environment) (rate(http_requests_total{status=~"5.."}[5m]))'
        " / sum by (service, environment) (rate(http_requests_total[5m])) > 0.05",
        5 * MINUTE,
        {"severity": "critical"},
        {"summary": "{{ $labels.service }}: {{ $value | humanizePercentage }} of the requests fail"},
    ),
    AlertRule(
        "HighLatency",
        'histogram_quantile(0.95, sum by (le, service, environment) (rate(http_request_duration_seconds_bucket{environment="production"}[5m]))) > 0.6',
        10 * MINUTE,
        {"severity": "warning"},
        {"summary": "{{ $labels.service }}: p95 is {{ $value }} s"},
    ),
    AlertRule(
        "DiskWillFillIn12Hours",
        'predict_linear(node_filesystem_avail_bytes{mountpoint="/data"}[6h], 43200) < 0',
        15 * MINUTE,
        {"severity": "warning", "service": "orders-db"},
        {"summary": "The disk {{ $labels.mountpoint }} of {{ $labels.instance }} is full within 12 hours"},
    ),
    AlertRule(
        "InstanceDown", "up == 0", 5 * MINUTE, {"severity": "critical"}, {"summary": "{{ $labels.instance }} is down"}
    ),
)


@dataclass(frozen=True, slots=True)
class _Source:
    labels: Labels
    value: _Value
    """Of scraped moments."""


class ShopMetrics:
    """Implements `integrations.observability.prometheus.engine.samples.Data`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._sources: Mapping[str, Sequence[_Source]] = self._made()

    def kinds(self) -> Mapping[str, str]:
        """See `Data.kinds`."""
        return kinds_of(self._sources)

    def labels(self, metric: str) -> Sequence[Labels]:
        """See `Data.labels`."""
        return [source.labels for source in self._sources.get(metric, ())]

    def samples(self, metric: str, start: float, end: float, wanted: Callable[[Labels], bool]) -> Iterable[Samples]:
        """See `Data.samples`."""
        first = math.ceil(max(start, self._shop.start) / SCRAPE) * SCRAPE
        last = min(end, self._shop.now())
        times = np.arange(first, last + 1e-6, SCRAPE)
        if not len(times):
            return
        for source in self._sources.get(metric, ()):
            if wanted(source.labels):
                yield Samples(source.labels, times, source.value(times))

    def _made(self) -> Mapping[str, Sequence[_Source]]:
        made: dict[str, list[_Source]] = {}
        for service in SERVICES:
            for environment in ENVIRONMENTS:
                for name, source in self._of_service(service, environment):
                    made.setdefault(name, []).append(source)
        for name, source in self._of_database():
            made.setdefault(name, []).append(source)
        return made

    def _of_service(self, service: Service, environment: str) -> Iterator[tuple[str, _Source]]:
        place = {"service": service.name, "environment": environment, "namespace": "shop"}
        pods = pods_of(service, environment)
        sums = _Sums(self._shop, service, environment)
        for number, pod in enumerate(pods):
            on = {**place, "pod": pod, "instance": f"{pod}:8080"}
            # Load balancers are never quite fair.
            share = (1 + 0.1 * (number - (len(pods) - 1) / 2)) / len(pods)
            yield from _requests(service, on, share, sums)
            yield "http_requests_in_flight", _Source(on, _rounded(share, sums.in_flight))
            yield "up", _Source({**on, "job": service.name}, _constant(1.0))
            begun = self._shop.start - DAY * (1 + number)
            yield "process_start_time_seconds", _Source(on, _constant(begun))
            cpu = {**place, "pod": pod, "container": service.name}
            yield (
                "container_cpu_usage_seconds_total",
                _Source(cpu, _busy(share, sums)),
            )
            yield (
                "container_memory_working_set_bytes",
                _Source(cpu, _memory(service.memory, 0.85 + 0.05 * number, sums)),
            )
            yield "kube_pod_container_status_restarts_total", _Source(cpu, _constant(0.0))
            yield (
                "kube_pod_status_ready",
                _Source({**place, "pod": pod, "condition": "true"}, _constant(1.0)),
            )
        deployment = {**place, "deployment": service.name}
        for name in ("kube_deployment_spec_replicas", "kube_deployment_status_replicas_available"):
            yield name, _Source(deployment, _constant(float(len(pods))))

    def _of_database(self) -> Iterator[tuple[str, _Source]]:
        shop = self._shop
        disk = {"instance": "orders-db-0:9100", "device": "/dev/nvme1n1", "mountpoint": "/data", "fstype": "ext4"}
        yield "node_filesystem_size_bytes", _Source(disk, _constant(_DISK))
        yield "node_filesystem_avail_bytes", _Source(disk, lambda t: np.round(_DISK * (1 - shop.disk_used(t))))
        base = {"service": "orders-db", "environment": "production", "instance": "orders-db-0:9187"}
        yield "pg_up", _Source(base, _constant(1.0))
        yield "up", _Source({**base, "job": "postgres"}, _constant(1.0))
        yield "pg_settings_max_connections", _Source(base, _constant(100.0))
        active = {**base, "datname": "orders", "state": "active"}
        yield "pg_stat_activity_count", _Source(active, lambda t: np.round(shop.connections(t)))
        queue = {"queue": "notifications", "environment": "production"}
        yield "rabbitmq_queue_messages", _Source(queue, lambda t: np.round(40 * shop.load(t, "queue") ** 2))


class _Sums:
    """Counters of one service in one environment: what was counted since the shop began."""

    def __init__(self, shop: Shop, service: Service, environment: str) -> None:
        self._shop, self._service, self._environment = shop, service, environment
        self.start = shop.start
        """Since when is counted."""

    def all(self, times: Numbers) -> Numbers:
        """Requests."""
        return self._at("all", times, lambda m: m.requests)

    def status(self, status: str, times: Numbers) -> Numbers:
        """Requests that ended with this status."""
        lost = 0.006
        shares = {
            "200": lambda m: m.requests * (1 - m.failing) * (1 - lost),
            "404": lambda m: m.requests * (1 - m.failing) * lost,
            "500": lambda m: m.requests * m.failing * 0.8,
            "503": lambda m: m.requests * m.failing * 0.2,
        }
        return self._at(status, times, shares[status])

    def within(self, bound: float, times: Numbers) -> Numbers:
        """Requests that took no longer than this."""
        if math.isinf(bound):
            return self.all(times)
        return self._at(f"le {bound}", times, lambda m: m.requests / (1 + (m.latency / bound) ** _SHAPE))

    def seconds(self, times: Numbers) -> Numbers:
        """That all requests took."""
        return self._at("seconds", times, lambda m: m.requests * m.latency * _MEAN)

    def in_flight(self, times: Numbers) -> Numbers:
        """Requests at the same time."""
        minutes = self._minutes(times)
        return np.interp(times, minutes.times, minutes.requests * minutes.latency * _MEAN)

    def load(self, times: Numbers) -> Numbers:
        """Of the busiest hour."""
        minutes = self._minutes(times)
        return np.interp(times, minutes.times, minutes.requests / self._service.requests)

    def _minutes(self, times: Numbers) -> Minutes:
        return self._shop.minutes(self._service, self._environment, float(times[-1]))

    def _at(self, key: str, times: Numbers, rate: Callable[[Minutes], Numbers]) -> Numbers:
        minutes = self._minutes(times)
        if key not in minutes.shared:
            minutes.shared[key] = np.concatenate(([0.0], np.cumsum(rate(minutes) * MINUTE)[:-1]))
        return np.interp(times, minutes.times, minutes.shared[key])


def _requests(service: Service, on: Labels, share: float, sums: _Sums) -> Iterator[tuple[str, _Source]]:
    for (method, path), part in service.paths.items():
        labels, weight = {**on, "method": method, "path": path}, share * part
        for status in ("200", "404", "500", "503"):
            count = _floored(weight, partial(sums.status, status))
            yield "http_requests_total", _Source({**labels, "status": status}, count)
        for bound in BOUNDS:
            le = "+Inf" if math.isinf(bound) else f"{bound:g}"
            within = _floored(weight, partial(sums.within, bound))
            yield "http_request_duration_seconds_bucket", _Source({**labels, "le": le}, within)
        yield "http_request_duration_seconds_count", _Source(labels, _floored(weight, sums.all))
        yield "http_request_duration_seconds_sum", _Source(labels, _weighed(weight, sums.seconds))


def _constant(value: float) -> _Value:
    return lambda times: np.full(len(times), value)


def _weighed(weight: float, of: _Value) -> _Value:
    return lambda times: np.asarray(weight * of(times), dtype=np.float64)


def _rounded(weight: float, of: _Value) -> _Value:
    return lambda times: np.round(weight * of(times))


def _busy(share: float, sums: _Sums) -> _Value:
    """Seconds of a processor: each request takes some, and so does waiting for them."""
    return lambda times: np.asarray(0.0035 * share * sums.all(times) + 0.04 * (times - sums.start), dtype=np.float64)


def _memory(usual: float, part: float, sums: _Sums) -> _Value:
    return lambda times: np.round(usual * (part + 0.2 * sums.load(times)))


def _floored(weight: float, count: _Value) -> _Value:
    """Whole things are counted."""
    return lambda times: np.floor(weight * count(times))


def pods_of(service: Service, environment: str) -> list[str]:
    """Names as Kubernetes gives them."""
    count = service.pods if environment == "production" else 1
    hashed = f"{crc32(f'{service.name}/{environment}'.encode()):08x}"[:6]
    return [f"{service.name}-{hashed}-{number}" for number in range(count)]
