"""What `/metrics` shows: one registry of our own, with the names of the design. Durations in seconds."""

from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FAST = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_HTTP = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Metrics:
    """Counters and gauges of one process. Every label takes few values: no ids, no addresses, nothing that a caller makes up."""

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry()
        self.http_requests: Final = self._counter("http_requests", "HTTP requests", "method", "path", "status")
        self.http_duration: Final = self._histogram(
            "http_request_duration_seconds", "HTTP requests", "method", "path", buckets=_HTTP
        )
        self.sessions_active: Final = self._gauge("copilot_sessions_active", "Conversations in the last hour")
        self.messages: Final = self._counter("copilot_messages", "Handled items by intent", "intent_category")
        self.workflows: Final = self._counter("copilot_workflows", "Ended runs", "status")
        self.turns: Final = self._histogram("copilot_turn_duration_seconds", "Handling an item", "platform", "kind")
        self.acks: Final = self._histogram("copilot_ack_duration_seconds", "Time to the acknowledgement", "platform")
        self.queue_depth: Final = self._gauge("copilot_queue_depth", "Waiting items", "queue")
        self.outbox_lag: Final = self._gauge(
            "copilot_outbox_lag_seconds", "How long the oldest message waits to be sent"
        )
        self.approvals: Final = self._counter("copilot_approvals", "Closed approval requests", "outcome")
        self.removed: Final = self._counter("copilot_retention_removed", "Things kept long enough", "kind")
        self.unsealed: Final = self._gauge("copilot_audit_unsealed", "Audit records that wait for a seal")
        self.circuit: Final = self._gauge("copilot_circuit_state", "0 closed, 1 half-open, 2 open", "service")
        self.cache_hits: Final = self._counter("cache_hits", "Answers from the cache", "level")
        self.cache_misses: Final = self._counter("cache_misses", "Look-ups in vain", "level")

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """An HTTP request was answered. `path`: the route, not the address."""
        method = method if method in _METHODS else "OTHER"
        self.http_requests.labels(method, path, str(status)).inc()
        self.http_duration.labels(method, path).observe(seconds)

    def turn(self, platform: str, kind: str, seconds: float) -> None:
        """An item was handled."""
        self.turns.labels(platform, kind).observe(seconds)

    def message(self, intent: str) -> None:
        """An item was understood as this."""
        self.messages.labels(intent).inc()

    def acknowledged(self, platform: str, seconds: float) -> None:
        """An item was acknowledged this long after it came."""
        self.acks.labels(platform).observe(seconds)

    def run_ended(self, status: str) -> None:
        """A run reached its end."""
        self.workflows.labels(status).inc()

    def approval_closed(self, outcome: str) -> None:
        """A request for approval was granted, denied or expired."""
        self.approvals.labels(outcome).inc()

    def looked_up(self, level: str, *, hit: bool) -> None:
        """A cache was asked."""
        (self.cache_hits if hit else self.cache_misses).labels(level).inc()

    def depth(self, queue: str, waiting: int) -> None:
        """So many items wait in this queue now."""
        self.queue_depth.labels(queue).set(waiting)

    def text(self) -> bytes:
        """Everything in the Prometheus text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self.registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(name, about, labels, registry=self.registry)

    def _histogram(self, name: str, about: str, *labels: str, buckets: Sequence[float] = _FAST) -> Histogram:
        return Histogram(name, about, labels, buckets=buckets, registry=self.registry)
