"""What the services of the shop log: a sample of their requests, and of what goes wrong, consistent with what they measure."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from zlib import crc32

import numpy as np

from integrations.observability.loki.engine.entries import Entry, Labels
from integrations.observability.shop.metrics import pods_of
from integrations.observability.shop.requests import followed
from integrations.observability.shop.world import ENVIRONMENTS, MINUTE, SERVICES, Service, Shop

_SECOND = 1_000_000_000
_REQUESTS = 4
"""Lines about requests a minute: a sample of them is logged."""
_MOST_FAILURES = 10
"""Lines about failures a minute."""
_SAMPLED = 0.08
"""Share of the failures that is logged."""
_USUAL = (
    ("warn", "retrying {method} {path} after a timeout of {ms} ms", ""),
    ("error", "upstream closed the connection", "connection reset by peer"),
)
_TOLD: Mapping[str, tuple[str, str, str]] = {
    "bad deploy": (
        "error",
        "could not price order {order}: no rounding mode for currency {currency}",
        "decimal.InvalidOperation",
    ),
    "slow database": ("error", "no connection to orders-db within {ms} ms: the pool is exhausted", "PoolTimeout"),
}
"""What each story makes its services say: level, message, error."""


class ShopLogs:
    """Implements `integrations.observability.loki.engine.entries.LogSource`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def streams(self) -> Sequence[Labels]:
        """See `LogSource.streams`."""
        return [
            labels for service in SERVICES for environment in ENVIRONMENTS for labels in _streams(service, environment)
        ]

    def entries(self, start: int, end: int, wanted: Callable[[Labels], bool]) -> Iterable[Entry]:
        """See `LogSource.entries`."""
        first = math.floor(max(start / _SECOND, self._shop.start) / MINUTE)
        last = math.ceil(min(end / _SECOND, self._shop.now()) / MINUTE)
        end = min(end, int(self._shop.now() * _SECOND))
        for service in SERVICES:
            for environment in ENVIRONMENTS:
                streams = _streams(service, environment)
                # All streams of a service are drawn together, so that leaving one out changes no other.
                if any(map(wanted, streams)):
                    for minute in range(first, last):
                        for entry in self._minute(service, environment, streams, minute):
                            if start <= entry.at < end and wanted(entry.labels):
                                yield entry

    def _minute(self, service: Service, environment: str, streams: Sequence[Labels], minute: int) -> Iterator[Entry]:
        minutes = self._shop.minutes(service, environment, minute * MINUTE)
        place = min(max(0, minute - int(minutes.times[0] // MINUTE)), len(minutes.times) - 1)
        requests, failing, latency = (float(of[place]) for of in (minutes.requests, minutes.failing, minutes.latency))
        draw = np.random.default_rng(crc32(f"{service.name}/{environment}/{minute}".encode()))
        failures = min(_MOST_FAILURES, int(draw.poisson(requests * MINUTE * failing * _SAMPLED)))
        paths = list(service.paths)
        stories = [
            story for story in self._shop.told(service.name, environment) if story.start <= minute * MINUTE < story.end
        ]
        through = [
            request
            for request in followed(self._shop, environment, minute)
            if any(call.service == service.name for call in request.route.walk())
        ]
        went = [request.trace for request in through if not request.failing]
        failed = [request.trace for request in through if request.failing == service.name]
        for number in range(_REQUESTS + failures):
            at = minute * 60 * _SECOND + int(draw.integers(60 * _SECOND))
            method, path = paths[int(draw.integers(len(paths)))]
            took = latency * float(draw.lognormal(0, 0.5))
            fields = {
                "method": method,
                "path": path,
                "ms": round(took * 1000),
                "order": int(draw.integers(10_000, 99_999)),
            }
            fields["currency"] = ("CHF", "JPY", "SEK")[int(draw.integers(3))]
            traces = failed if number >= _REQUESTS else went
            trace = {"trace_id": traces[int(draw.integers(len(traces)))]} if traces else {}
            said: dict[str, object]
            if number < _REQUESTS:
                said = {"level": "info", "msg": "request handled", "status": 200}
            else:
                told = _TOLD.get(stories[0].name) if stories and draw.random() < 0.9 else None
                level, message, error = told or _USUAL[int(draw.integers(len(_USUAL)))]
                said = {"level": level, "msg": message.format(**fields), "status": 500}
                said |= {"error": error} if error else {}
            said |= {"method": method, "path": path, "duration_ms": fields["ms"]} | trace
            yield Entry(at, json.dumps(said), streams[int(draw.integers(len(streams)))])


def _streams(service: Service, environment: str) -> list[Labels]:
    return [
        {
            "service": service.name,
            "environment": environment,
            "namespace": "shop",
            "pod": pod,
            "container": service.name,
        }
        for pod in pods_of(service, environment)
    ]
