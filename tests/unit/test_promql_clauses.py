"""Clauses that strangers put together: remarks, shares of shares, one value against another. Sentences of our own."""

from datetime import UTC, datetime

import pytest

from core.nlp.entities import find
from core.query.promql.translate import translate
from core.query.translation import Question

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
SERVICES = (
    "checkout", "payments", "search", "cart", "auth", "api-gateway", "inventory", "media-worker", "ledger", "user-profile",
)  # fmt: skip

REMARKS = [
    ("users complain about slow downloads, what is the p95 of cart", 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service="cart"}[5m])))'),
    ("after the deploy cpu looks off, show me the error rate of checkout", 'sum(rate(http_requests_total{service="checkout",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="checkout"}[5m]))'),
    ("people say memory is leaking: p99 latency of auth please", 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="auth"}[5m])))'),
    ("customers can't check out in eu-west-1, what's the 5xx share of payments there", 'sum(rate(http_requests_total{region="eu-west-1",status=~"5..",service="payments"}[5m])) / sum(rate(http_requests_total{region="eu-west-1",service="payments"}[5m]))'),
    ("for the auditors' availability report i need to know how many requests cart served in the last 7 days", 'sum(increase(http_requests_total{service="cart"}[7d]))'),
    ("error rate of checkout: what was it an hour ago?", 'sum(rate(http_requests_total{service="checkout",status=~"5.."}[5m] offset 1h)) / sum(rate(http_requests_total{service="checkout"}[5m] offset 1h))'),
]  # fmt: skip
"""What somebody tells before they ask names nothing that they ask for."""

DID_NOT_FAIL = [
    ("proportion of requests to search that did not fail in the last 24h", 'sum(rate(http_requests_total{service="search",status!~"5.."}[1d])) / sum(rate(http_requests_total{service="search"}[1d]))'),
    ("what percentage of calls to auth went through in the last hour", '100 * sum(rate(http_requests_total{service="auth",status!~"5.."}[1h])) / sum(rate(http_requests_total{service="auth"}[1h]))'),
    ("error rate of checkout but without 503s", 'sum(rate(http_requests_total{service="checkout",status!="503",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="checkout"}[5m]))'),
    ("error rate of checkout excluding 404", 'sum(rate(http_requests_total{service="checkout",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="checkout"}[5m]))'),
    ("what fraction of 5xx on api-gateway are 503", 'sum(rate(http_requests_total{service="api-gateway",status="503"}[5m])) / sum(rate(http_requests_total{service="api-gateway",status=~"5.."}[5m]))'),
    ("what percentage of all 5xx come from payments", '100 * sum(rate(http_requests_total{status=~"5..",service="payments"}[5m])) / sum(rate(http_requests_total{status=~"5.."}[5m]))'),
    ("slo compliance of cart: requests under 400ms over 30 days", 'sum(rate(http_request_duration_seconds_bucket{service="cart",le="0.4"}[30d])) / sum(rate(http_request_duration_seconds_count{service="cart"}[30d]))'),
    ("how many 404 per minute on search by path", 'sum by (path) (rate(http_requests_total{status="404",service="search"}[5m])) * 60'),
    ("share of 504s among all the errors of checkout in the last hour", 'sum(rate(http_requests_total{service="checkout",status="504"}[1h])) / sum(rate(http_requests_total{service="checkout",status=~"5.."}[1h]))'),
]  # fmt: skip
"""Requests that did not fail, as a share; statuses that errors leave out; one status among its class."""

MISSING = [
    ("how many replicas is the payments deployment missing", 'kube_deployment_spec_replicas{deployment="payments"} - kube_deployment_status_replicas_available{deployment="payments"}'),
    ("how many pods short is the checkout deployment compared to the spec", 'kube_deployment_spec_replicas{deployment="checkout"} - kube_deployment_status_replicas_available{deployment="checkout"}'),
    ("how far short of its desired replicas is ledger", 'kube_deployment_spec_replicas{service="ledger"} - kube_deployment_status_replicas_available{service="ledger"}'),
    ("does every deployment in production have as many replicas as it should", 'kube_deployment_status_replicas_available{environment="production"} < kube_deployment_spec_replicas{environment="production"}'),
]  # fmt: skip
"""How many replicas are missing: of one deployment a number, of several those that lack some."""

RUNS_FULL = [
    ("will the pvc in namespace data run out in the next 12h judging by the last 2h", 'predict_linear(kubelet_volume_stats_available_bytes{namespace="data"}[2h], 43200) < 0'),
    ("any volume that fills up within 2 days", 'predict_linear(kubelet_volume_stats_available_bytes[6h], 172800) < 0'),
    ("which volumes in namespace db will be full tomorrow", 'predict_linear(kubelet_volume_stats_available_bytes{namespace="db"}[6h], 86400) < 0'),
    ("certificates that expire in less than 10 days", 'probe_ssl_earliest_cert_expiry - time() < 864000'),
    ("certs expiring within two weeks", 'probe_ssl_earliest_cert_expiry - time() < 1209600'),
]  # fmt: skip
"""Whether a volume or a filesystem runs full is seen from what is left."""

EXPORTERS = [
    ("pg connections grouped by state", 'sum by (state) (pg_stat_activity_count)'),
    ("jvm memory of ledger by area", 'sum by (area) (jvm_memory_used_bytes{service="ledger"})'),
    ("show cpu by mode per node", 'sum by (instance, mode) (rate(node_cpu_seconds_total[5m]))'),
    ("gc pause seconds per second of ledger", 'sum(rate(jvm_gc_pause_seconds_sum{service="ledger"}[5m]))'),
    ("pods of cart with over 5000 goroutines", 'go_goroutines{service="cart"} > 5000'),
    ("which instance of auth has the most open file descriptors", 'topk(1, process_open_fds{service="auth"})'),
    ("nodes outgoing bytes per second each, without loopback", 'sum by (instance) (rate(node_network_transmit_bytes_total{device!="lo"}[5m]))'),
    ("read latency of disks on db-01", 'sum(rate(node_disk_read_time_seconds_total{instance="db-01"}[5m])) / sum(rate(node_disk_reads_completed_total{instance="db-01"}[5m]))'),
    ("pods not running in namespace data", 'sum(kube_pod_status_phase{namespace="data",phase!="Running"})'),
    ("thread count of ledger by state", 'sum by (state) (jvm_threads_states_threads{service="ledger"})'),
    ("uptime of node db-01", 'time() - node_boot_time_seconds{instance="db-01"}'),
    ("cpu limit of checkout", 'sum(kube_pod_container_resource_limits{service="checkout",resource="cpu"})'),
    ("traffic on eth0 of node-3 in megabits", 'sum(rate(node_network_receive_bytes_total{device="eth0",instance="node-3"}[5m])) / 125000'),
    ("redis misses per second", 'sum(rate(redis_keyspace_misses_total[5m]))'),
    ("consumer group billing-sync: total lag", 'sum(kafka_consumergroup_lag{consumergroup="billing-sync"})'),
    ("pods per namespace", 'sum by (namespace) (kube_pod_status_phase{phase="Running"})'),
    ("pvcs in namespace db with less than 5GB left", 'kubelet_volume_stats_available_bytes{namespace="db"} < 5000000000'),
    ("daemonset pods missing on nodes", 'kube_daemonset_status_number_ready < kube_daemonset_status_desired_number_scheduled'),
    ("postgres connections idle in transaction", 'sum(pg_stat_activity_count{state="idle in transaction"})'),
    ("tokens per minute by model and type", 'sum by (model, type) (rate(llm_tokens_total[5m])) * 60'),
    ("average cost per request by model", 'sum by (model) (rate(llm_cost_dollars_total[5m])) / sum by (model) (rate(llm_request_duration_seconds_count[5m]))'),
    ("restarts per namespace today", 'sum by (namespace) (increase(kube_pod_container_status_restarts_total[14h30m]))'),
    ("iowait over 10 percent on nodes", 'avg by (instance) (rate(node_cpu_seconds_total{mode="iowait"}[5m])) > 0.1'),
    ("linear forecast of /data on db-01 for the next 2 days", 'predict_linear(node_filesystem_avail_bytes{mountpoint="/data",instance="db-01"}[6h], 172800) < 0'),
    ("top 10 customers by requests", 'topk(10, sum by (customer) (rate(http_requests_total[5m])))'),
]  # fmt: skip
"""Labels and metrics of exporters."""

BESIDE = [
    ("is p95 of checkout in prod more than twice that of staging", 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout",environment="production"}[5m]))) > 2 * histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout",environment="staging"}[5m])))'),
    ("does checkout v2.1.0 have a higher error rate than v2.0.9", 'sum(rate(http_requests_total{service="checkout",version="v2.1.0",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="checkout",version="v2.1.0"}[5m])) > sum(rate(http_requests_total{service="checkout",version="v2.0.9",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="checkout",version="v2.0.9"}[5m]))'),
    ("does cart get more requests than search", 'sum(rate(http_requests_total{service="cart"}[5m])) > sum(rate(http_requests_total{service="search"}[5m]))'),
    ("tail fatness: p99 over p50 of cart", 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="cart"}[5m]))) / histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket{service="cart"}[5m])))'),
]  # fmt: skip
"""One value against the other of its kind."""

IN_TIME = [
    ("did queue depth exceed 1000 at any time today", 'max_over_time(sum(rabbitmq_queue_messages)[14h30m:1m]) > 1000'),
    ("did availability of cart ever drop below 99% in the past 7 days", 'min_over_time((1 - sum(rate(http_requests_total{service="cart",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="cart"}[5m])))[7d:5m]) < 0.99'),
    ("peak rps of auth over the past day, 1 minute resolution", 'max_over_time(sum(rate(http_requests_total{service="auth"}[5m]))[1d:1m])'),
    ("peak cpu of cart in the past day, take the 5m rate and give me the max", 'max_over_time(sum(rate(container_cpu_usage_seconds_total{service="cart"}[5m]))[1d:5m])'),
    ("95th percentile of cpu usage of cart over the past day", 'quantile_over_time(0.95, sum(rate(container_cpu_usage_seconds_total{service="cart"}[5m]))[1d:1m])'),
    ("traffic week over week for api-gateway", 'sum(rate(http_requests_total{service="api-gateway"}[5m])) / sum(rate(http_requests_total{service="api-gateway"}[5m] offset 7d))'),
    ("requests on cart fell by over half since yesterday?", 'sum(rate(http_requests_total{service="cart"}[5m])) / sum(rate(http_requests_total{service="cart"}[5m] offset 1d)) < 0.5'),
    ("burn over 6 for payments with 99.9 slo in 30m and 6h", 'sum(rate(http_requests_total{service="payments",status=~"5.."}[30m])) / sum(rate(http_requests_total{service="payments"}[30m])) / 0.001 > 6 and sum(rate(http_requests_total{service="payments",status=~"5.."}[6h])) / sum(rate(http_requests_total{service="payments"}[6h])) / 0.001 > 6'),
    ("how much of payments' monthly error budget is used, 99.9", 'sum(rate(http_requests_total{service="payments",status=~"5.."}[30d])) / sum(rate(http_requests_total{service="payments"}[30d])) / 0.001'),
    ("how many more errors does checkout have today than yesterday", 'sum(increase(http_requests_total{service="checkout",status=~"5.."}[14h30m])) - sum(increase(http_requests_total{service="checkout",status=~"5.."}[14h30m] offset 1d))'),
    ("pods that restarted at least twice in the last hour", 'sum by (pod) (increase(kube_pod_container_status_restarts_total[1h])) >= 2'),
    ("is the error budget of checkout (99.9) burning faster than 10x over 1h", 'sum(rate(http_requests_total{service="checkout",status=~"5.."}[1h])) / sum(rate(http_requests_total{service="checkout"}[1h])) / 0.001 > 10'),
]  # fmt: skip
"""Peaks in time, and times that are compared."""

SHARED_NOUNS = [
    ("running vs waiting requests on vllm", 'label_replace(sum(vllm:num_requests_running), "metric", "running_requests", "", "") or label_replace(sum(vllm:num_requests_waiting), "metric", "waiting_requests", "", "")'),
    ("requests running and waiting on vllm", 'label_replace(sum(vllm:num_requests_running), "metric", "running_requests", "", "") or label_replace(sum(vllm:num_requests_waiting), "metric", "waiting_requests", "", "")'),
    ("ratio of output to input tokens", 'sum(rate(llm_tokens_total{type="output"}[5m])) / sum(rate(llm_tokens_total{type="input"}[5m]))'),
    ("endpoints of checkout slower than 2s with more than 5 rps", 'histogram_quantile(0.95, sum by (le, path) (rate(http_request_duration_seconds_bucket{service="checkout"}[5m]))) > 2 and sum by (path) (rate(http_requests_total{service="checkout"}[5m])) > 5'),
    ("error rate above 2% only for services with over 20 rps", 'sum by (service) (rate(http_requests_total{status=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m])) > 0.02 and sum by (service) (rate(http_requests_total[5m])) > 20'),
    ("queues with more than 1000 messages and no consumers", 'sum by (queue) (rabbitmq_queue_messages) > 1000 and sum by (queue) (rabbitmq_queue_consumers) == 0'),
    ("queues without consumers", 'sum by (queue) (rabbitmq_queue_consumers) == 0'),
    ("only endpoints with more than 1 rps: p95 of checkout", 'histogram_quantile(0.95, sum by (le, path) (rate(http_request_duration_seconds_bucket{service="checkout"}[5m]))) and sum by (path) (rate(http_requests_total{service="checkout"}[5m])) > 1'),
    ("pods using more than 500MB and less than 1GB", 'sum by (pod) (container_memory_working_set_bytes) > 500000000 and sum by (pod) (container_memory_working_set_bytes) < 1000000000'),
]  # fmt: skip
"""Two subjects with one noun, and two conditions."""

QUANTILES = [
    ("what latency do 90% of checkout requests stay under", 'histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"}[5m])))'),
    ("in what time are half of the cart requests answered", 'histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket{service="cart"}[5m])))'),
    ("how fast are 95% of calls to auth", 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service="auth"}[5m])))'),
    ("what percentage of requests to auth take longer than 1s", '100 * (1 - sum(rate(http_request_duration_seconds_bucket{service="auth",le="1"}[5m])) / sum(rate(http_request_duration_seconds_count{service="auth"}[5m])))'),
    ("how much headroom is left on the memory limit of search", '1 - sum(container_memory_working_set_bytes{service="search"}) / sum(kube_pod_container_resource_limits{service="search",resource="memory"})'),
    ("which pods have less than 10% memory headroom", '1 - sum by (pod) (container_memory_working_set_bytes) / sum by (pod) (kube_pod_container_resource_limits{resource="memory"}) < 0.1'),
]  # fmt: skip
"""A share of the requests, and the latency that they stay under."""

FRENCH = [
    ("latence p95 de checkout sur la dernière heure", 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"}[1h])))'),
    ("taux d'erreur de payments ces 30 dernières minutes", 'sum(rate(http_requests_total{service="payments",status=~"5.."}[30m])) / sum(rate(http_requests_total{service="payments"}[30m]))'),
    ("nombre d'erreurs par service sur les 2 dernières heures", 'sum by (service) (increase(http_requests_total{status=~"5.."}[2h]))'),
    ("combien d'erreurs 5xx sur auth hier", 'sum(increase(http_requests_total{status=~"5..",service="auth"}[1d]))'),
]  # fmt: skip
"""Times in French."""


@pytest.mark.parametrize(
    ("text", "query"),
    [
        *REMARKS,
        *DID_NOT_FAIL,
        *MISSING,
        *RUNS_FULL,
        *EXPORTERS,
        *BESIDE,
        *IN_TIME,
        *SHARED_NOUNS,
        *QUANTILES,
        *FRENCH,
    ],
)
def test_what_strangers_put_together(text: str, query: str) -> None:
    entities = find(text, services=SERVICES, now=NOW, timezone="UTC")
    assert translate(Question(text, entities, NOW, SERVICES)).query == query
