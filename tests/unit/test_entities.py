"""Entities of a sentence: one table a type, with what looks like one and is none."""

from datetime import UTC, datetime

import pytest

from core.nlp.entities import find
from core.nlp.interpretation import EntityType

SERVICES = ("payment-gateway", "auth-service", "payments-api", "checkout", "search", "orders")
NOW = datetime(2026, 3, 11, 14, 20, tzinfo=UTC)
WORKFLOWS = ("deploy", "nightly-build", "failover")


def values(kind: EntityType, text: str) -> list[str]:
    found = find(text, services=SERVICES, workflows=WORKFLOWS)
    return [entity.value for entity in found if entity.type is kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p99 latency of checkout", ["latency"]),
        ("why is checkout so slow", ["latency"]),
        ("slow queries in checkout", []),
        ("5xx rate on checkout", ["error_rate"]),
        ("rate of 404s", ["error_rate"]),
        ("errors in auth", []),
        ("requests per second", ["request_rate"]),
        ("pull requests waiting", []),
        ("shift traffic to eu", []),
        ("how much traffic does search get", ["request_rate"]),
        ("heap and RAM", ["memory", "memory"]),
        ("auth tokens expired", []),
        ("tokens used per day", ["token_usage"]),
        ("consumer lag", ["queue_depth"]),
        ("is the queue backed up", ["queue_depth"]),
        ("messages pile up in the queue", []),
        ("checkout is slow, open an incident", []),
        ("how slow is checkout", ["latency"]),
        ("latncy and thruoghput", ["latency", "request_rate"]),
        ("load it with 500 rps", []),
        ("queue up the deploy", []),
        ("time to first token", ["ttft"]),
        ("packet loss", ["network"]),
        ("uptime and error budget", ["availability", "availability"]),
        ("Fehlerrate und Antwortzeit", ["error_rate", "latency"]),
        ("tasa de errores y latencia", ["error_rate", "latency"]),
    ],
)
def test_metrics_have_one_name_each(text: str, expected: list[str]) -> None:
    assert values(EntityType.METRIC, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mean, median and peak", ["avg", "p50", "max"]),
        ("what does p99 mean", ["p99"]),
        ("p99.9, p999, tp99", ["p99.9", "p99.9", "p99"]),
        ("95th percentile", ["p95"]),
        ("P1 and P2", []),
        ("total requests", ["sum"]),
        ("total outage", []),
        ("how many errors", ["count"]),
        ("count on me", []),
        ("error rate", []),
        ("rate limit exceeded", []),
        ("rate of logins", ["rate"]),
        ("last 5 min", []),
        ("min and max cpu", ["min", "max"]),
        ("at least one", []),
    ],
)
def test_aggregations(text: str, expected: list[str]) -> None:
    assert values(EntityType.AGGREGATION, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("over 500ms", [">500ms"]),
        ("slower than 2 seconds", [">2s"]),
        (">= 90 %", [">=90%"]),
        ("at least 3", [">=3"]),
        ("5 percent or more", [">=5%"]),
        ("under 200 ms", ["<200ms"]),
        ("no more than 5 retries", ["<=5"]),
        ("greater than or equal to 80%", [">=80%"]),
        ("more than 1,000 rps", [">1000rps"]),
        ("over 10k messages", [">10000"]),
        ("over 5000 usd", [">5000usd"]),
        ("above 2GiB", [">2GiB"]),
        ("more than a second", [">1s"]),
        ("more than a few", []),
        ("more than twenty errors", [">20"]),
        ("took over 5 minutes", [">5m"]),
        ("error rate over 30 minutes", []),
        ("über 1,5 Sekunden", [">1.5s"]),
        ("más de 5 por ciento", [">5%"]),
        ("between 100 and 200ms", []),
        ("took 500ms", []),
        ("-> next", []),
    ],
)
def test_thresholds_are_operator_number_and_unit(text: str, expected: list[str]) -> None:
    assert values(EntityType.THRESHOLD, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HTTP 502", ["502"]),
        ("5xx and 4XX", ["5xx", "4xx"]),
        ("checkout throws 500s", ["500"]),
        ("502, 503 and 504 errors", ["502", "503", "504"]),
        ("504 gateway timeout", ["504"]),
        ("except 404", ["404"]),
        ("500 users", []),
        ("took 500ms", []),
        ("gateway returns 200 but no body", ["200"]),
        ("returned 200 rows", []),
        ("scale to 500", []),
        ("$500", []),
        ("GET /status/500 fails", []),
        ("a storm of 503s, some 429ed", ["503", "429"]),
        ("503 storm from auth", ["503"]),
        ("health is 503", ["503"]),
        ("only 200s today", ["200"]),
        ("took 200s", []),
    ],
)
def test_a_number_is_a_status_only_where_statuses_stand(text: str, expected: list[str]) -> None:
    assert values(EntityType.HTTP_STATUS, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1", ["sev1"]),
        ("SEV-2 or sev 3", ["sev2", "sev3"]),
        ("severity: high", ["sev2"]),
        ("prio 3", ["sev3"]),
        ("open a critical incident", ["sev1"]),
        ("mark INC-9 as low", ["sev4"]),
        ("medium severity", ["sev3"]),
        ("high latency", []),
        ("critical css is broken", []),
        ("high not critical", ["sev2", "sev1"]),
        ("drop INC-9 from high to low", ["sev2", "sev4"]),
        ("is it a p1 or just medium?", ["sev1", "sev3"]),
        ("INC-9 es crítico, nadie puede pagar", ["sev1"]),
        ("das ist kritisch", ["sev1"]),
        ("on the critical path", []),
        ("latency is high, see INC-9", []),
        ("nothing critical", []),
        ("low error rate", []),
        ("p95", []),
    ],
)
def test_severity_words_count_only_where_they_grade(text: str, expected: list[str]) -> None:
    assert values(EntityType.SEVERITY, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prod, prd and production", ["production"] * 3),
        ("on live", ["production"]),
        ("what's live in stg", ["staging"]),
        ("tail live logs", []),
        ("the build stage", []),
        ("dev team", []),
        ("in dev", ["development"]),
        ("to test it", []),
        ("test env", ["test"]),
        ("qa and uat", ["uat"]),
        ("in qa and uat", ["qa", "uat"]),
        ("pre-production", ["preprod"]),
        ("perf regression", []),
        ("on perf", ["perf"]),
        ("qa is down", ["qa"]),
        ("push 2.3 live", ["production"]),
        ("the loadtest env", ["loadtest"]),
        ("stagin and prodction", ["staging", "production"]),
    ],
)
def test_environments(text: str, expected: list[str]) -> None:
    assert values(EntityType.ENVIRONMENT, text) == expected


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (EntityType.NAMESPACE, "namespace payments", ["payments"]),
        (EntityType.NAMESPACE, "the kube-system namespace", ["kube-system"]),
        (EntityType.NAMESPACE, "logs -n shop", ["shop"]),
        (EntityType.NAMESPACE, "ns=ml-serving", ["ml-serving"]),
        (EntityType.NAMESPACE, "delete namespace demo-42", ["demo-42"]),
        (EntityType.NAMESPACE, "which namespace is it in", []),
        (EntityType.NAMESPACE, "purge namespace risk.", ["risk"]),
        (EntityType.NAMESPACE, "namespaces core and edge", ["core", "edge"]),
        (EntityType.NAMESPACE, "pods in kube-system", ["kube-system"]),
        (EntityType.REGION, "eu-west-1, europe-west4 and westeurope", ["eu-west-1", "europe-west4", "westeurope"]),
        (EntityType.REGION, "us east 1", ["us-east-1"]),
        (EntityType.REGION, "in EU", ["eu"]),
        (EntityType.REGION, "tell us", []),
        (EntityType.REGION, "usw2 and in Frankfurt", ["usw2", "frankfurt"]),
        (EntityType.REGION, "the London office", []),
        (EntityType.HOST, "node-17 and ip-10-0-3-4", ["node-17", "ip-10-0-3-4"]),
        (EntityType.HOST, "10.0.3.4:8080", ["10.0.3.4:8080"]),
        (EntityType.HOST, "db-1.eu.example.com", ["db-1.eu.example.com"]),
        (EntityType.HOST, "config.yaml and main.py", []),
        (EntityType.HOST, "phase-2", []),
        (EntityType.HOST, "edge-fra-03 and on bm-7", ["edge-fra-03", "bm-7"]),
        (EntityType.HOST, "reboot rack07 and rack08", ["rack07", "rack08"]),
        (EntityType.HOST, "api-7c9d8b6f5-x2kqp restarts", ["api-7c9d8b6f5-x2kqp"]),
        (EntityType.HOST, "see OPS-1432, gpt-4 and the non-200s", []),
        (EntityType.ENDPOINT, "POST /Login", ["/Login"]),
        (EntityType.ENDPOINT, "GET /users/{id}/orders.", ["/users/{id}/orders"]),
        (EntityType.ENDPOINT, "https://api.acme.io/v1/pay?x=1", ["/v1/pay"]),
        (EntityType.ENDPOINT, "and/or 24/7 /var/log/syslog", []),
        (EntityType.VERSION, "v2.3.1 and 1.4.0-rc.2", ["v2.3.1", "1.4.0-rc.2"]),
        (EntityType.VERSION, "ship search 2.3 to staging", ["2.3"]),
        (EntityType.VERSION, "deploy commit 9fceb02", ["9fceb02"]),
        (EntityType.VERSION, "2.5 seconds and 99.9 %", []),
        (EntityType.VERSION, "10.0.3.4 and a.b2.3.example.com", []),
        (EntityType.INCIDENT, "INC-42, inc 43 and #INC44", ["INC-42", "INC-43", "INC-44"]),
        (EntityType.INCIDENT, "incidents 77 and 81", ["INC-77", "INC-81"]),
        (EntityType.INCIDENT, "incident 2 hours ago", []),
        (EntityType.WORKFLOW, "run-7k3qx2", ["RUN-7K3QX2"]),
        (EntityType.WORKFLOW, "run 8812 and job 331", ["8812", "331"]),
        (EntityType.WORKFLOW, "pipeline db-backup", ["db-backup"]),
        (EntityType.WORKFLOW, "nightly build failed", ["nightly-build"]),
        (EntityType.WORKFLOW, "run failover", ["failover"]),
        (EntityType.WORKFLOW, "kick off db-vacuum in staging", ["db-vacuum"]),
        (EntityType.WORKFLOW, "starte den bestand-abgleich", ["bestand-abgleich"]),
        (EntityType.WORKFLOW, "did reindex_products finish", ["reindex_products"]),
        (EntityType.WORKFLOW, "run cleanup job purge-old-usage", ["purge-old-usage"]),
        (EntityType.WORKFLOW, "retrain-churn kick it off", ["retrain-churn"]),
        (EntityType.WORKFLOW, "reindex-all: start it on perf", ["reindex-all"]),
        (EntityType.WORKFLOW, "kick off align-batch-17", ["align-batch-17"]),
        (EntityType.WORKFLOW, "run model-rollback in production", ["model-rollback"]),
        (EntityType.WORKFLOW, "stop the invoice-run workflow", ["invoice-run"]),
        (EntityType.WORKFLOW, "stop the model-rollback", []),
        (EntityType.WORKFLOW, "run checkout-17", []),
        (EntityType.WORKFLOW, "run end-to-end tests", []),
        (EntityType.WORKFLOW, "start a war-room", []),
        (EntityType.WORKFLOW, "run smoke-tests", []),
        (EntityType.WORKFLOW, "restart foo-bar", []),
        (EntityType.WORKFLOW, "deploy checkout", []),
        (EntityType.WORKFLOW, "run 500 tests", []),
        (EntityType.WORKFLOW, "start search-reindex", ["search-reindex"]),
        (EntityType.WORKFLOW, "eod-close is stuck", ["eod-close"]),
        (EntityType.WORKFLOW, "did orders-export #771 finish", ["orders-export", "771"]),
        (EntityType.WORKFLOW, "kill #9120 and cancel 20077", ["9120", "20077"]),
        (EntityType.WORKFLOW, "PR #4412", []),
        (EntityType.WORKFLOW, "stop the blue-green rollout and the e2e-suite", []),
        (EntityType.WORKFLOW, "restart payment-gateway", []),
    ],
)
def test_ids_and_places(kind: EntityType, text: str, expected: list[str]) -> None:
    assert values(kind, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5xx on /api/5xx", [("http_status", "5xx"), ("endpoint", "/api/5xx")]),
        ("namespace checkout", [("namespace", "checkout")]),
        ("checkout-7d9f8b6c5d-x2x7k restarts", [("host", "checkout-7d9f8b6c5d-x2x7k")]),
        ("over the last 5 min", [("time_range", "5m")]),
        ("search-reindex is done", [("workflow", "search-reindex")]),
        ('grep "checkout 500 in prod" in search', [("service", "search")]),
        ("checkout-latency-p95-high fired", []),
        ('open an incident "checkout in prod"', [("service", "checkout"), ("environment", "production")]),
    ],
)
def test_a_stretch_of_text_has_one_reading(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(e.type.value, e.value) for e in find(text, services=SERVICES, now=NOW)] == expected


def test_mark_up_of_the_platforms_is_passed_over() -> None:
    text = "<@U024BE7LH> :checkout: <#C1|search> is <https://pay.example.com/v1|checkout> down in prod"
    assert [e.value for e in find(text, services=SERVICES)] == ["pay.example.com", "/v1", "production"]
