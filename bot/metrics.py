"""What `/metrics` shows: one registry of our own, with the names of the design."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_FAST = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_HTTP = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counters and gauges of one process. Durations in seconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.http_requests = Counter("http_requests", "Requests", ["method", "path", "status"], registry=registry)
        self.http_duration = Histogram(
            "http_request_duration_seconds", "Requests", ["method", "path"], buckets=_HTTP, registry=registry
        )
        self.sessions_active = Gauge("copilot_sessions_active", "Conversations in the last hour", registry=registry)
        self.messages = Counter("copilot_messages", "Handled items", ["intent_category"], registry=registry)
        self.workflows = Counter("copilot_workflows", "Runs that reached a state", ["status"], registry=registry)
        self.turns = Histogram(
            "copilot_turn_duration_seconds", "Handling", ["platform", "kind"], buckets=_FAST, registry=registry
        )
        self.acks = Histogram(
            "copilot_ack_duration_seconds",
            "Commit before acknowledging",
            ["platform"],
            buckets=_FAST,
            registry=registry,
        )
        self.queue_depth = Gauge("copilot_queue_depth", "Waiting", ["queue"], registry=registry)
        self.outbox_lag = Gauge("copilot_outbox_lag_seconds", "Age of the oldest message due", registry=registry)
        self.approvals = Counter("copilot_approvals", "Closed requests", ["outcome"], registry=registry)
        self.circuit = Gauge("copilot_circuit_state", "0 closed, 1 half-open, 2 open", ["service"], registry=registry)
        self.cache_hits = Counter("cache_hits", "Hits", ["level"], registry=registry)
        self.cache_misses = Counter("cache_misses", "Misses", ["level"], registry=registry)

    def turn(self, platform: str, kind: str, seconds: float) -> None:
        """An item was handled."""
        self.turns.labels(platform, kind).observe(seconds)

    def message(self, intent: str) -> None:
        """An item was understood as this."""
        self.messages.labels(intent).inc()

    def text(self) -> bytes:
        """Everything in the Prometheus text format."""
        return generate_latest(self.registry)
