"""Classes of wordings that strangers use and that once were read wrongly: each class with sentences of our own."""

from datetime import UTC, datetime

import pytest

from core.nlp.entities import find
from core.query.promql.translate import translate
from core.query.translation import Question

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
SERVICES = (
    "checkout", "payments", "search", "cart", "auth", "api-gateway", "inventory", "media-worker", "ledger", "user-profile",
)  # fmt: skip

LOOKED_FOR = [
    ("pods stuck in ContainerCreating", 'kube_pod_container_status_waiting_reason{reason="ContainerCreating"} == 1'),
    ("pods in ImagePullBackOff", 'kube_pod_container_status_waiting_reason{reason="ImagePullBackOff"} == 1'),
    ("nodes that are not ready", 'kube_node_status_condition{condition="Ready",status="true"} == 0'),
    ("how many nodes are not ready", 'count(kube_node_status_condition{condition="Ready",status="true"} == 0)'),
    ("which nodes are under memory pressure", 'kube_node_status_condition{condition="MemoryPressure",status="true"} == 1'),
    ("who got oom killed", 'kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} == 1'),
    ("anything in crashloopbackoff in namespace ml?", 'kube_pod_container_status_waiting_reason{namespace="ml",reason="CrashLoopBackOff"} == 1'),
    ("blackbox probes failing in production", 'probe_success{environment="production"} == 0'),
    ("cronjobs failing", 'kube_job_status_failed > 0'),
    ("jobs that failed in namespace batch", 'kube_job_status_failed{namespace="batch"} > 0'),
    ("any read only filesystems", 'node_filesystem_readonly == 1'),
    ("gpus hotter than 85 degrees", 'DCGM_FI_DEV_GPU_TEMP > 85'),
    ("any gpu sitting idle, under 5% utilization", 'DCGM_FI_DEV_GPU_UTIL < 5'),
    ("gpus with more than 95% memory used", 'DCGM_FI_DEV_FB_USED / (DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE) > 0.95'),
    ("disks that are more than 85% full, without tmpfs and overlay", '1 - node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"} / node_filesystem_size_bytes{fstype!~"tmpfs|overlay"} > 0.85'),
    ("hosts with less than 5% left on /var", 'node_filesystem_avail_bytes{mountpoint="/var"} / node_filesystem_size_bytes{mountpoint="/var"} < 0.05'),
    ("inodes almost exhausted anywhere, below 5% free", 'node_filesystem_files_free / node_filesystem_files < 0.05'),
    ("what restarted in the last 10 minutes in namespace shop", 'sum by (pod) (increase(kube_pod_container_status_restarts_total{namespace="shop"}[10m])) > 0'),
    ("containers oomkilled today in namespace ml", 'sum by (container) (increase(container_oom_events_total{namespace="ml"}[14h30m])) > 0'),
    ("targets down per job", 'count by (job) (up == 0)'),
]  # fmt: skip
"""Series that are 1 or 0 are looked for and not counted; what a series is of needs no folding."""

HELD_AGAINST = [
    ("pods using more memory than they requested", 'sum by (pod) (container_memory_working_set_bytes) > sum by (pod) (kube_pod_container_resource_requests{resource="memory"})'),
    ("pods whose memory exceeds their limit", 'sum by (pod) (container_memory_working_set_bytes) > sum by (pod) (kube_pod_container_resource_limits{resource="memory"})'),
    ("namespaces requesting more cpu than they use", 'sum by (namespace) (rate(container_cpu_usage_seconds_total[5m])) < sum by (namespace) (kube_pod_container_resource_requests{resource="cpu"})'),
    ("memory vs request per pod in namespace ml", 'sum by (pod) (container_memory_working_set_bytes{namespace="ml"}) / sum by (pod) (kube_pod_container_resource_requests{namespace="ml",resource="memory"})'),
    ("deployments in namespace shop with fewer ready replicas than wanted", 'kube_deployment_status_replicas_available{namespace="shop"} < kube_deployment_spec_replicas{namespace="shop"}'),
    ("deployments that dont have all replicas available", 'kube_deployment_status_replicas_available < kube_deployment_spec_replicas'),
    ("how many replicas are missing per deployment", 'kube_deployment_spec_replicas - kube_deployment_status_replicas_available > 0'),
    ("statefulsets not fully ready", 'kube_statefulset_status_replicas_ready < kube_statefulset_replicas'),
    ("daemonsets missing pods", 'kube_daemonset_status_number_ready < kube_daemonset_status_desired_number_scheduled'),
    ("hpas sitting at their max", 'kube_horizontalpodautoscaler_status_current_replicas == kube_horizontalpodautoscaler_spec_max_replicas'),
    ("jvm heap used vs max for ledger by pod", 'sum by (pod) (jvm_memory_used_bytes{service="ledger",area="heap"}) / sum by (pod) (jvm_memory_max_bytes{service="ledger",area="heap"})'),
    ("mysql connections as percent of max_connections", '100 * sum(mysql_global_status_threads_connected) / sum(mysql_global_variables_max_connections)'),
    ("15m load per cpu over 2", 'node_load15 / on (instance) count by (instance) (node_cpu_seconds_total{mode="idle"}) > 2'),
    ("load average per core on node-3", 'node_load1{instance="node-3"} / on (instance) count by (instance) (node_cpu_seconds_total{instance="node-3",mode="idle"})'),
    ("difference between p99 and p50 of checkout", 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"}[5m]))) - histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"}[5m])))'),
    ("traffic share per region for api-gateway", 'sum by (region) (rate(http_requests_total{service="api-gateway"}[5m])) / ignoring (region) group_left () sum(rate(http_requests_total{service="api-gateway"}[5m]))'),
]  # fmt: skip
"""Something is held against its limit, against what was asked for, or against another thing."""

SO_MANY_TIMES = [
    ("did search traffic fall to less than a third of what it was yesterday", 'sum(rate(http_requests_total{service="search"}[5m])) < 0.333333 * sum(rate(http_requests_total{service="search"}[5m] offset 1d))'),
    ("is p99 of checkout more than 1.5x what it was last week", 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"}[5m]))) > 1.5 * histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="checkout"}[5m] offset 7d)))'),
    ("alert if checkout rps is below 50% of the same time last week", 'sum(rate(http_requests_total{service="checkout"}[5m])) < 0.5 * sum(rate(http_requests_total{service="checkout"}[5m] offset 7d))'),
    ("p99 of cart at least 2x higher than an hour ago", 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="cart"}[5m]))) >= 2 * histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="cart"}[5m] offset 1h)))'),
    ("traffic down by more than 40% compared to last week, per service", 'sum by (service) (rate(http_requests_total[5m])) / sum by (service) (rate(http_requests_total[5m] offset 7d)) < 0.6'),
    ("services whose traffic dropped by half since last week", 'sum by (service) (rate(http_requests_total[5m])) / sum by (service) (rate(http_requests_total[5m] offset 7d)) < 0.5'),
    ("how many times more errors than yesterday on auth", 'sum(rate(http_requests_total{service="auth",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="auth",status=~"5.."}[5m] offset 1d))'),
    ("by what factor did auth error rate change vs last week", 'sum(rate(http_requests_total{service="auth",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="auth"}[5m])) / (sum(rate(http_requests_total{service="auth",status=~"5.."}[5m] offset 7d)) / sum(rate(http_requests_total{service="auth"}[5m] offset 7d)))'),
]  # fmt: skip
"""So many times what it was."""

OBJECTIVES = [
    ("fast burn payments: 99.9 slo, 5m and 1h both above 14.4", 'sum(rate(http_requests_total{service="payments",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="payments"}[5m])) / 0.001 > 14.4 and sum(rate(http_requests_total{service="payments",status=~"5.."}[1h])) / sum(rate(http_requests_total{service="payments"}[1h])) / 0.001 > 14.4'),
    ("page me if burn over 1h and 5m for search is more than 14.4x with a 99.9% target", 'sum(rate(http_requests_total{service="search",status=~"5.."}[1h])) / sum(rate(http_requests_total{service="search"}[1h])) / 0.001 > 14.4 and sum(rate(http_requests_total{service="search",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="search"}[5m])) / 0.001 > 14.4'),
    ("how fast are we burning the error budget of search, objective 99.95%, last hour", 'sum(rate(http_requests_total{service="search",status=~"5.."}[1h])) / sum(rate(http_requests_total{service="search"}[1h])) / 0.0005'),
    ("remaining error budget payments 99.9% over 30 days", '1 - sum(rate(http_requests_total{service="payments",status=~"5.."}[30d])) / sum(rate(http_requests_total{service="payments"}[30d])) / 0.001'),
    ("how much error budget does checkout have left this month, slo three nines", '1 - sum(rate(http_requests_total{service="checkout",status=~"5.."}[19d14h30m])) / sum(rate(http_requests_total{service="checkout"}[19d14h30m])) / 0.001'),
    ("apdex of checkout with 300ms target", '(sum(rate(http_request_duration_seconds_bucket{service="checkout",le="0.3"}[5m])) + sum(rate(http_request_duration_seconds_bucket{service="checkout",le="1.2"}[5m]))) / 2 / sum(rate(http_request_duration_seconds_count{service="checkout"}[5m]))'),
]  # fmt: skip
"""Error budgets."""

TWO_CONDITIONS = [
    ("services with p99 above 800ms and more than 10 rps", 'histogram_quantile(0.99, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m]))) > 0.8 and sum by (service) (rate(http_requests_total[5m])) > 10'),
    ("services over 1% errors with at least 10 requests per second in the last 10 minutes", 'sum by (service) (rate(http_requests_total{status=~"5.."}[10m])) / sum by (service) (rate(http_requests_total[10m])) > 0.01 and sum by (service) (rate(http_requests_total[10m])) >= 10'),
    ("services with p95 above 500ms that get at least 5 rps", 'histogram_quantile(0.95, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m]))) > 0.5 and sum by (service) (rate(http_requests_total[5m])) >= 5'),
    ("error rate by region for checkout, only regions with more than 20 req/s", 'sum by (region) (rate(http_requests_total{service="checkout",status=~"5.."}[5m])) / sum by (region) (rate(http_requests_total{service="checkout"}[5m])) and sum by (region) (rate(http_requests_total{service="checkout"}[5m])) > 20'),
    ("services with error rate above 2%, ignore those below 5 rps", 'sum by (service) (rate(http_requests_total{status=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m])) > 0.02 and sum by (service) (rate(http_requests_total[5m])) >= 5'),
    ("queues with messages but no consumers", 'sum by (queue) (rabbitmq_queue_messages) > 0 and sum by (queue) (rabbitmq_queue_consumers) == 0'),
    ("p95 between 200ms and 1s by endpoint for checkout", 'histogram_quantile(0.95, sum by (le, path) (rate(http_request_duration_seconds_bucket{service="checkout"}[5m]))) > 0.2 and histogram_quantile(0.95, sum by (le, path) (rate(http_request_duration_seconds_bucket{service="checkout"}[5m]))) < 1'),
]  # fmt: skip
"""Two conditions, of which the second may be of another thing."""

WINDOWS = [
    ("max rps of checkout last 7d, 1m rate, 10m resolution", 'max_over_time(sum(rate(http_requests_total{service="checkout"}[1m]))[7d:10m])'),
    ("peak error rate of payments in the last 12h (rates over 5m, resolution 1m)", 'max_over_time((sum(rate(http_requests_total{service="payments",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="payments"}[5m])))[12h:1m])'),
    ("5m error rate of checkout over the last day, max", 'max_over_time((sum(rate(http_requests_total{service="checkout",status=~"5.."}[5m])) / sum(rate(http_requests_total{service="checkout"}[5m])))[1d:5m])'),
    ("predict whether any disk fills within 12h based on last 3h", 'predict_linear(node_filesystem_avail_bytes[3h], 43200) < 0'),
    ("highest gpu memory per host last 6h", 'max by (Hostname) (max_over_time(DCGM_FI_DEV_FB_USED[6h]))'),
    ("mean response time of ledger, half an hour, no percentiles", 'sum(rate(http_request_duration_seconds_sum{service="ledger"}[30m])) / sum(rate(http_request_duration_seconds_count{service="ledger"}[30m]))'),
]  # fmt: skip
"""Windows, steps and horizons that are named."""

LABELS = [
    ("fraction of api-gateway responses that are 403, 1h", 'sum(rate(http_requests_total{service="api-gateway",status="403"}[1h])) / sum(rate(http_requests_total{service="api-gateway"}[1h]))'),
    ("rate limited requests per second on api-gateway", 'sum(rate(http_requests_total{status="429",service="api-gateway"}[5m]))'),
    ("consumer lag of group ledger-writer by partition", 'sum by (partition) (kafka_consumergroup_lag{consumergroup="ledger-writer"})'),
    ("how many connections are open to the postgres db ledger", 'sum(pg_stat_activity_count{datname="ledger"})'),
    ("connections per postgres database", 'sum by (datname) (pg_stat_activity_count)'),
    ("usage of the /data mount on db-1", '1 - node_filesystem_avail_bytes{mountpoint="/data",instance="db-1"} / node_filesystem_size_bytes{mountpoint="/data",instance="db-1"}'),
    ("free bytes on the root fs of node-3", 'node_filesystem_avail_bytes{mountpoint="/",instance="node-3"}'),
    ("requests to gpt-4o per minute", 'sum(rate(llm_request_duration_seconds_count{model="gpt-4o"}[5m])) * 60'),
    ("gpu util by instance", 'avg by (instance) (DCGM_FI_DEV_GPU_UTIL)'),
    ("we think eu-west-1 is bad, show error rate of payments by region", 'sum by (region) (rate(http_requests_total{service="payments",status=~"5.."}[5m])) / sum by (region) (rate(http_requests_total{service="payments"}[5m]))'),
    ("endpoint with most 4xx on search", 'topk(1, sum by (path) (rate(http_requests_total{status=~"4..",service="search"}[5m])))'),
    ("which consumer groups lag more than 5k on topic orders", 'sum by (consumergroup) (kafka_consumergroup_lag{topic="orders"}) > 5000'),
    ("average queue length of invoices over 3h", 'avg_over_time(sum(rabbitmq_queue_messages{queue="invoices"})[3h:1m])'),
    ("network out of media-worker in MB/s", 'sum(rate(container_network_transmit_bytes_total{service="media-worker"}[5m])) / 1000000'),
    ("days until the certificate of auth expires", '(probe_ssl_earliest_cert_expiry{service="auth"} - time()) / 86400'),
    ("cpu per pod of ledger from highest to lowest", 'sort_desc(sum by (pod) (rate(container_cpu_usage_seconds_total{service="ledger"}[5m])))'),
]  # fmt: skip
"""Labels and values by their words."""

OWN_METRICS = [
    ("p99 of db_query_duration_seconds by table", 'histogram_quantile(0.99, sum by (le, table) (rate(db_query_duration_seconds_bucket[5m])))'),
    ("sum of active_sessions by app", 'sum by (app) (active_sessions)'),
    ("increase of signup_errors_total by reason in 1h", 'sum by (reason) (increase(signup_errors_total[1h]))'),
    ("ratio of cache_misses_total to cache_requests_total over 5m", 'sum(rate(cache_misses_total[5m])) / sum(rate(cache_requests_total[5m]))'),
    ("is job_last_success_timestamp_seconds older than a day", 'time() - job_last_success_timestamp_seconds > 86400'),
    ("vllm requests stuck waiting, grouped by model_name", 'sum by (model_name) (vllm:num_requests_waiting)'),
]  # fmt: skip
"""Metrics by their own names, with their own labels."""

WHOSE = [
    ("pods in shop namespace with restarts in the last hour", 'sum by (pod) (increase(kube_pod_container_status_restarts_total{namespace="shop"}[1h])) > 0'),
    ("pods in the ml namespace by cpu, descending", 'sort_desc(sum by (pod) (rate(container_cpu_usage_seconds_total{namespace="ml"}[5m])))'),
    ("show the one pod of search with the most memory", 'topk(1, sum by (pod) (container_memory_working_set_bytes{service="search"}))'),
    ("number of services currently reporting errors", 'count(sum by (service) (rate(http_requests_total{status=~"5.."}[5m])) > 0)'),
    ("cpu of pods vs their requests in namespace web", 'sum by (pod) (rate(container_cpu_usage_seconds_total{namespace="web"}[5m])) / sum by (pod) (kube_pod_container_resource_requests{namespace="web",resource="cpu"})'),
    ("hottest gpu per host in the last 24h", 'max by (Hostname) (max_over_time(DCGM_FI_DEV_GPU_TEMP[1d]))'),
    ("has search throughput dropped 30% vs last week", 'sum(rate(http_requests_total{service="search"}[5m])) / sum(rate(http_requests_total{service="search"}[5m] offset 7d)) < 0.7'),
    ("is payments p99 now higher than an hour ago", 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="payments"}[5m]))) / histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="payments"}[5m] offset 1h)))'),
    ("anything in namespace payments with more than 2 restarts the last 15m", 'sum by (pod) (increase(kube_pod_container_status_restarts_total{namespace="payments"}[15m])) > 2'),
    ("cpu usage of all pods of search together", 'sum(rate(container_cpu_usage_seconds_total{service="search"}[5m]))'),
    ("any target down for ledger", 'up{job="ledger"} == 0'),
    ("memory per replica of search", 'sum by (pod) (container_memory_working_set_bytes{service="search"})'),
    ("tile-server p99", 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))'),
    ("95th percentile of queue depth over 1h", 'quantile_over_time(0.95, sum(rabbitmq_queue_messages)[1h:1m])'),
]  # fmt: skip
"""What a condition or a ranking is about."""

OTHER_TONGUES = [
    ("wie viele anfragen pro sekunde bekommt api-gateway", 'sum(rate(http_requests_total{service="api-gateway"}[5m]))'),
    ("anzahl der 5xx pro minute auf api-gateway nach endpoint", 'sum by (path) (rate(http_requests_total{status=~"5..",service="api-gateway"}[5m])) * 60'),
    ("wie voll sind die festplatten pro node", 'max by (instance) (1 - node_filesystem_avail_bytes / node_filesystem_size_bytes)'),
    ("welche pods im namespace shop brauchen mehr als 2 cores", 'sum by (pod) (rate(container_cpu_usage_seconds_total{namespace="shop"}[5m])) > 2'),
    ("läuft ledger", 'up{job="ledger"}'),
    ("cuántos pods están pendientes en el namespace ml", 'sum(kube_pod_status_phase{namespace="ml",phase="Pending"})'),
    ("tasa de error de payments mayor al 5% por endpoint", 'sum by (path) (rate(http_requests_total{service="payments",status=~"5.."}[5m])) / sum by (path) (rate(http_requests_total{service="payments"}[5m])) > 0.05'),
    ("nodos con menos del 10% de disco libre", 'min by (instance) (node_filesystem_avail_bytes / node_filesystem_size_bytes) < 0.1'),
    ("wich pods eat teh most cpu in namespace shop", 'topk(5, sum by (pod) (rate(container_cpu_usage_seconds_total{namespace="shop"}[5m])))'),
]  # fmt: skip
"""German, Spanish, slips of the pen."""


@pytest.mark.parametrize(
    ("text", "query"),
    [
        *LOOKED_FOR,
        *HELD_AGAINST,
        *SO_MANY_TIMES,
        *OBJECTIVES,
        *TWO_CONDITIONS,
        *WINDOWS,
        *LABELS,
        *OWN_METRICS,
        *WHOSE,
        *OTHER_TONGUES,
    ],
)
def test_what_strangers_say(text: str, query: str) -> None:
    entities = find(text, services=SERVICES, now=NOW, timezone="UTC")
    assert translate(Question(text, entities, NOW, SERVICES)).query == query
