"""The ways of requests through the shop as spans: what they wait for is what makes a service slow or fail just then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zlib import crc32

import numpy as np

from integrations.delivery.fake_service import Versions, first_versions
from integrations.observability.shop.metrics import pods_of
from integrations.observability.shop.requests import ROUTES, Call, Request, followed, found, happening
from integrations.observability.shop.world import BY_NAME, ENVIRONMENTS, MINUTE, Service, Shop
from integrations.observability.tempo.engine.spans import SECOND, Event, StoredSpan, StoredTrace, Value

_OWN = 0.55
"""Share of a service's usual time that is its own; the rest it waits for others."""
_DATABASE = 0.25
"""Share that its database takes, where it has one."""
_NETWORK = 0.0006
"""Seconds between a call and its arrival."""
_WORK = {
    "web": "render page",
    "checkout": "price order",
    "payments": "authorize card",
    "search": "rank results",
    "auth": "verify session",
    "catalog": "load products",
    "inventory": "check stock",
    "notifications": "render template",
}
"""What a service itself does for a request."""
_EXCEPTIONS = {
    "bad deploy": ("decimal.InvalidOperation", "no rounding mode for this currency"),
    "slow database": ("PoolTimeout", "no connection to orders-db: the pool is exhausted"),
    "": ("ConnectionResetError", "connection reset by peer"),
}
"""What goes wrong in each story, and without one."""


class ShopTraces:
    """Implements `integrations.observability.tempo.engine.spans.TraceSource`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._versions = first_versions(datetime.fromtimestamp(shop.opened, UTC))

    def traces(self, start: int, end: int) -> Iterable[StoredTrace]:
        """See `TraceSource.traces`; the newest minutes first, as the server finds them."""
        first = int(max(start / SECOND, self._shop.start) // MINUTE)
        last = int(min(end / SECOND, self._shop.now()) // MINUTE)
        for minute in range(last, first - 1, -1):
            for environment in ENVIRONMENTS:
                for request in followed(self._shop, environment, minute):
                    if start <= request.at * SECOND < min(end, self._shop.now() * SECOND):
                        yield self._made(request)

    def trace(self, id_: str) -> StoredTrace | None:
        """See `TraceSource.trace`."""
        request = found(self._shop, id_)
        return self._made(request) if request and request.at < self._shop.now() else None

    def sample(self) -> Sequence[StoredTrace]:
        """See `TraceSource.sample`."""
        at = self._shop.now() - MINUTE
        return [
            self._made(Request(f"{number:032x}", environment, at, route, failing))
            for environment in ENVIRONMENTS
            for number, (_, route) in enumerate(ROUTES)
            for failing in ("", route.service)
        ]

    def _made(self, request: Request) -> StoredTrace:
        making = _Making(self._shop, request, self._versions)
        making.serve(request.route, "", request.at)
        return StoredTrace(request.trace, tuple(making.spans))


@dataclass(slots=True)
class _Making:
    """A trace that is being made."""

    shop: Shop
    request: Request
    versions: Versions
    """As the delivery service has them."""
    spans: list[StoredSpan] = field(default_factory=list)
    draw: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.draw = np.random.default_rng(crc32(self.request.trace.encode()))

    def serve(self, call: Call, parent: str, at: float) -> tuple[float, bool]:
        """The server's side of a call from `at` on; when it ends, and whether it failed."""
        service = BY_NAME[call.service]
        usual = self._latency(service, at) * float(self.draw.lognormal(0, 0.35))
        told = happening(self.shop.told(service.name, self.request.environment), at)
        slower = {
            story.name: (story.slower - 1) * told[story.name]
            for story in self.shop.told(service.name, self.request.environment)
        }
        fails = self.request.failing == service.name
        server = self._begin(call, "server", parent, at)
        cursor = at + 0.1 * _OWN * usual
        failed = False
        if "orders-db" in service.calls:
            database = usual * (_DATABASE + slower.get("slow database", 0.0))
            failed = fails and self.request.story == "slow database"
            cursor = self._query(call, server, cursor, database, failed=failed)
        if not failed:
            work = usual * (_OWN + slower.get("bad deploy", 0.0))
            failed = fails and self.request.story == "bad deploy"
            cursor = self._work(service, server, cursor, work, failed=failed)
        for called in call.calls if not failed else ():
            cursor, failed = self._call(called, call.service, server, cursor)
            if failed:
                break
        failed = failed or fails
        own = fails and not self.request.story
        self._end(server, cursor + 0.05 * usual, failed=failed, exception=_EXCEPTIONS[""] if own else None)
        return cursor + 0.05 * usual, failed

    def _call(self, call: Call, caller: str, parent: str, at: float) -> tuple[float, bool]:
        client = self._begin(call, "client", parent, at, caller)
        end, failed = self.serve(call, client, at + _NETWORK)
        self._end(client, end + _NETWORK, failed=failed)
        return end + _NETWORK, failed

    def _query(self, call: Call, parent: str, at: float, seconds: float, *, failed: bool) -> float:
        table = call.path.strip("/")
        verb = "SELECT" if call.method == "GET" else "INSERT"
        attributes: dict[str, Value] = {
            "db.system": "postgresql",
            "db.name": "orders-db",
            "db.operation": verb,
            "db.sql.table": table,
        }
        span = self._add(f"{verb} {table}", call.service, "client", parent, at, attributes)
        self._end(span, at + seconds, failed=failed, exception=_EXCEPTIONS["slow database"] if failed else None)
        return at + seconds

    def _work(self, service: Service, parent: str, at: float, seconds: float, *, failed: bool) -> float:
        span = self._add(_WORK[service.name], service.name, "internal", parent, at, {})
        self._end(span, at + seconds, failed=failed, exception=_EXCEPTIONS["bad deploy"] if failed else None)
        return at + seconds

    def _latency(self, service: Service, at: float) -> float:
        """Without what a story adds: that is known to belong to one of its parts."""
        minutes = self.shop.minutes(service, self.request.environment, at)
        place = min(max(0, int(at // MINUTE) - int(minutes.times[0] // MINUTE)), len(minutes.times) - 1)
        told = self.shop.told(service.name, self.request.environment)
        slower = float(np.prod([1 + (one.slower - 1) * happening([one], at)[one.name] for one in told]))
        return float(minutes.latency[place]) / slower

    def _begin(self, call: Call, kind: str, parent: str, at: float, of: str = "") -> str:
        attributes: dict[str, Value] = {"http.method": call.method, "http.route": call.path}
        if kind == "client":
            attributes["peer.service"] = call.service
        return self._add(f"{call.method} {call.path}", of or call.service, kind, parent, at, attributes)

    def _add(self, name: str, service: str, kind: str, parent: str, at: float, attributes: dict[str, Value]) -> str:
        id_ = f"{crc32(f'{self.request.trace}/{len(self.spans)}'.encode()):08x}{len(self.spans):08x}"
        start = round(at * SECOND)
        self.spans.append(StoredSpan(id_, parent, name, start, 0, self._resource(service), kind, attributes=attributes))
        return id_

    def _end(self, id_: str, at: float, *, failed: bool, exception: tuple[str, str] | None = None) -> None:
        place = int(id_[8:], 16)
        span = self.spans[place]
        end = round(at * SECOND)
        attributes = dict(span.attributes)
        if "http.method" in attributes:
            attributes["http.status_code"] = 500 if failed else 200
        events: tuple[Event, ...] = ()
        if exception:
            kind, message = exception
            events = (Event("exception", end, {"exception.type": kind, "exception.message": message}),)
        self.spans[place] = replace(
            span,
            duration=max(0, end - span.start),
            status="error" if failed else "unset",
            message=exception[1] if exception else "",
            attributes=attributes,
            events=events,
        )

    def _resource(self, service: str) -> dict[str, Value]:
        environment = self.request.environment
        pods = pods_of(BY_NAME[service], environment)
        pod = pods[crc32(f"{self.request.trace}/{service}".encode()) % len(pods)]
        runs = self.versions[service][environment]
        told = next((one for one in self.shop.told(service, environment) if one.name == "bad deploy"), None)
        before = told is not None and self.request.at < told.start
        return {
            "service.name": service,
            "service.version": runs["previous" if before else "version"],
            "deployment.environment": environment,
            "k8s.namespace.name": "shop",
            "k8s.pod.name": pod,
        }
