"""Metrics: the names of the design, a registry of their own, and labels that nobody outside can multiply."""

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics

NAMES = {
    "http_requests", "http_request_duration_seconds", "copilot_sessions_active", "copilot_messages", "copilot_workflows",
    "copilot_turn_duration_seconds", "copilot_ack_duration_seconds", "copilot_queue_depth", "copilot_outbox_lag_seconds",
    "copilot_approvals", "copilot_circuit_state", "cache_hits", "cache_misses", "copilot_audit_unsealed",
    "copilot_retention_removed",
}  # fmt: skip


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_every_name_of_the_design_is_shown() -> None:
    families = text_string_to_metric_families(Metrics().text().decode())
    assert {family.name for family in families} == NAMES


def test_two_processes_worth_of_metrics_do_not_mix() -> None:
    first, second = Metrics(), Metrics()
    first.message("help")
    assert value(first, "copilot_messages_total", intent_category="help") == 1
    assert value(second, "copilot_messages_total", intent_category="help") is None


def test_a_request_is_counted_and_timed() -> None:
    metrics = Metrics()
    metrics.request("GET", "/ready", 503, 0.02)
    assert value(metrics, "http_requests_total", method="GET", path="/ready", status="503") == 1
    bucket = value(metrics, "http_request_duration_seconds_bucket", method="GET", path="/ready", le="0.025")
    assert bucket == 1


def test_invented_methods_share_one_label() -> None:
    metrics = Metrics()
    for method in ("BREW", "WHEN"):
        metrics.request(method, "(none)", 404, 0.01)
    assert value(metrics, "http_requests_total", method="OTHER", path="(none)", status="404") == 2


def test_durations_of_requests_span_ten_milliseconds_to_ten_seconds() -> None:
    metrics = Metrics()
    metrics.request("GET", "/", 200, 1)
    text = metrics.text().decode()
    edges = [line.split('le="')[1].split('"')[0] for line in text.splitlines() if 'le="' in line]
    assert (edges[0], edges[-2:]) == ("0.01", ["10.0", "+Inf"])


def test_what_happens_is_counted_under_its_labels() -> None:
    metrics = Metrics()
    metrics.turn("slack", "turn", 0.01)
    metrics.acknowledged("discord", 0.02)
    metrics.run_ended("succeeded")
    metrics.approval_closed("granted")
    metrics.looked_up("memory", hit=True)
    metrics.looked_up("memory", hit=False)
    metrics.depth("outbox", 7)
    assert value(metrics, "copilot_turn_duration_seconds_count", platform="slack", kind="turn") == 1
    assert value(metrics, "copilot_ack_duration_seconds_count", platform="discord") == 1
    assert value(metrics, "copilot_workflows_total", status="succeeded") == 1
    assert value(metrics, "copilot_approvals_total", outcome="granted") == 1
    assert value(metrics, "cache_hits_total", level="memory") == 1
    assert value(metrics, "cache_misses_total", level="memory") == 1
    assert value(metrics, "copilot_queue_depth", queue="outbox") == 7
