"""Containers and what Kubernetes says of them. Source: cAdvisor and kube-state-metrics documentation."""

from core.query.catalogue.measures import Counter, Gauge, Measure, Share, Subject, Unit
from core.query.catalogue.sources import CADVISOR, KUBE_STATE, KUBELET, NODE, PROCESS
from core.query.promql.model import Matcher


def _limit(resource: str, kind: str = "limits") -> Gauge:
    return Gauge(f"kube_pod_container_resource_{kind}", (Matcher("resource", "=", resource),))


_CPU = Counter("container_cpu_usage_seconds_total", per_instance=True)
_MEMORY = Gauge("container_memory_working_set_bytes")
_NODE_IDLE = Counter("node_cpu_seconds_total", (Matcher("mode", "=", "idle"),), per_instance=True)

SUBJECTS = (
    Subject(
        "cpu",
        Unit.CORES,
        (
            "cpu", "cpu usage", "cpu utilization", "cpu utilisation", "cpu consumption", "cpu load", "cpu time", "processor", "core used",
            "cpu core", "core", "compute", "auslastung", "uso de cpu", "procesador",
        ),
        (
            Measure(CADVISOR, _CPU),
            Measure(NODE, Share(_NODE_IDLE, complement=True)),
            Measure(PROCESS, Counter("process_cpu_seconds_total", per_instance=True)),
        ),
        share="cpu_saturation",
    ),
    Subject(
        "memory",
        Unit.BYTES,
        (
            "memory", "mem", "ram", "memory usage", "memory consumption", "memory footprint", "working set", "memory utilization",
            "memory utilisation", "mem usage", "ram usage", "arbeitsspeicher", "speicher", "memoria", "speicherverbrauch", "mémoire",
        ),
        (
            Measure(CADVISOR, _MEMORY),
            Measure(
                NODE,
                Share(Gauge("node_memory_MemAvailable_bytes", combine=""), (Gauge("node_memory_MemTotal_bytes", combine=""),), complement=True),
            ),
            Measure(PROCESS, Gauge("process_resident_memory_bytes")),
        ),
        share="memory_saturation",
    ),
    Subject(
        "resident_memory",
        Unit.BYTES,
        ("rss", "resident memory", "resident set", "process memory"),
        (Measure(PROCESS, Gauge("process_resident_memory_bytes")), Measure(CADVISOR, Gauge("container_memory_rss"))),
    ),
    Subject(
        "cpu_saturation",
        Unit.RATIO,
        (
            "saturation", "cpu saturation", "cpu limit usage", "cpu against limit", "cpu vs limit", "percent of cpu limit", "cpu headroom",
            "cpu of limit", "saturated", "overloaded", "cpu limit", "cpu quota",
        ),
        (
            Measure(CADVISOR, Share(_CPU, (_limit("cpu"),))),
            Measure(NODE, Share(_NODE_IDLE, complement=True)),
        ),
    ),
    Subject(
        "memory_saturation",
        Unit.RATIO,
        ("memory saturation", "memory headroom", "memory limit usage", "memory against limit", "memory vs limit", "percent of memory limit", "memory pressure", "memory limit"),
        (
            Measure(CADVISOR, Share(_MEMORY, (_limit("memory"),))),
            Measure(
                NODE,
                Share(Gauge("node_memory_MemAvailable_bytes", combine=""), (Gauge("node_memory_MemTotal_bytes", combine=""),), complement=True),
            ),
        ),
    ),
    Subject(
        "cpu_throttling",
        Unit.RATIO,
        ("throttling", "throttled", "cpu throttling", "throttle", "cpu throttled", "cfs throttling"),
        (
            Measure(
                CADVISOR,
                Share(Counter("container_cpu_cfs_throttled_periods_total"), (Counter("container_cpu_cfs_periods_total"),)),
            ),
        ),
    ),
    Subject(
        "network",
        Unit.BYTES_PER_SECOND,
        (
            "network", "bandwidth", "network traffic", "network usage", "network in", "ingress traffic", "inbound traffic", "inbound bandwidth",
            "incoming traffic", "network receive", "network received", "received byte", "byte received", "network rx", "rx", "download", "network io",
            "network throughput", "inbound", "netzwerk", "ancho de banda", "red",
        ),
        (
            Measure(CADVISOR, Counter("container_network_receive_bytes_total", per_instance=True)),
            Measure(NODE, Counter("node_network_receive_bytes_total", per_instance=True)),
        ),
    ),
    Subject(
        "network_out",
        Unit.BYTES_PER_SECOND,
        (
            "network out", "bandwidth out", "traffic out", "byte out", "transmit bandwidth", "transmit", "egress bandwidth", "upload bandwidth", "transmit rate", "egress", "egress traffic", "outbound", "outbound traffic", "outbound bandwidth", "outgoing traffic", "network transmit",
            "network transmitted", "transmitted byte", "sent byte", "byte sent", "tx", "network tx", "upload", "network sent", "network egress",
        ),
        (
            Measure(CADVISOR, Counter("container_network_transmit_bytes_total", per_instance=True)),
            Measure(NODE, Counter("node_network_transmit_bytes_total", per_instance=True)),
        ),
    ),
    Subject(
        "packet_drops",
        Unit.PER_SECOND,
        ("packet loss", "packet drop", "dropped packet", "network drop", "packet dropped"),
        (
            Measure(CADVISOR, Counter("container_network_receive_packets_dropped_total", per_instance=True)),
            Measure(NODE, Counter("node_network_receive_drop_total", per_instance=True)),
        ),
    ),
    Subject(
        "restarts",
        Unit.COUNT,
        ("restart", "pod restart", "container restart", "restarted", "restarting", "crash", "crashing", "neustart", "reinicio"),
        (Measure(KUBE_STATE, Counter("kube_pod_container_status_restarts_total")),),
    ),
    Subject(
        "oom_kills",
        Unit.COUNT,
        ("oom", "oom kill", "oomkill", "oom killed", "oomkilled", "out of memory", "out of memory kill", "oom event"),
        (
            Measure(CADVISOR, Counter("container_oom_events_total")),
            Measure(
                KUBE_STATE,
                Gauge("kube_pod_container_status_last_terminated_reason", (Matcher("reason", "=", "OOMKilled"),)),
            ),
        ),
    ),
    Subject(
        "crash_loops",
        Unit.COUNT,
        ("crash loop", "crashloop", "crashlooping", "crash looping", "crashloopbackoff", "crash loop backoff", "back off"),
        (
            Measure(
                KUBE_STATE,
                Gauge("kube_pod_container_status_waiting_reason", (Matcher("reason", "=", "CrashLoopBackOff"),)),
            ),
        ),
    ),
    Subject(
        "ready_pods",
        Unit.COUNT,
        ("ready pod", "pod ready", "pod readiness", "readiness", "pods are ready"),
        (Measure(KUBE_STATE, Gauge("kube_pod_status_ready", (Matcher("condition", "=", "true"),))),),
        more_is_better=True,
    ),
    Subject(
        "unready_pods",
        Unit.COUNT,
        ("unready pod", "not ready pod", "pod not ready", "unready", "not ready"),
        (Measure(KUBE_STATE, Gauge("kube_pod_status_ready", (Matcher("condition", "=", "false"),))),),
    ),
    *(
        Subject(
            f"{phase.lower()}_pods",
            Unit.COUNT,
            words,
            (Measure(KUBE_STATE, Gauge("kube_pod_status_phase", (Matcher("phase", "=", phase),))),),
        )
        for phase, words in (
            ("Running", ("running pod", "pod running", "number of pod", "pod count", "pods are running", "how many pod")),
            ("Pending", ("pending pod", "pod pending", "pending", "unschedulable", "unschedulable pod", "unscheduled pod")),
            ("Failed", ("failed pod", "pod failed", "pods in failed state", "evicted pod")),
        )
    ),
    Subject(
        "available_replicas",
        Unit.COUNT,
        ("replica", "available replica", "replica available", "replica count", "number of replica", "how many replica", "instance count", "how many instance", "number of instance"),
        (Measure(KUBE_STATE, Gauge("kube_deployment_status_replicas_available")),),
    ),
    Subject(
        "unavailable_replicas",
        Unit.COUNT,
        ("unavailable replica", "missing replica", "replica unavailable"),
        (Measure(KUBE_STATE, Gauge("kube_deployment_status_replicas_unavailable")),),
    ),
    Subject(
        "desired_replicas",
        Unit.COUNT,
        ("desired replica", "desired", "wanted replica", "spec replica", "requested replica"),
        (Measure(KUBE_STATE, Gauge("kube_deployment_spec_replicas")),),
    ),
    Subject(
        "autoscaler_replicas",
        Unit.COUNT,
        ("hpa", "hpa replica", "autoscaler", "autoscaler replica", "autoscaling", "horizontal pod autoscaler"),
        (Measure(KUBE_STATE, Gauge("kube_horizontalpodautoscaler_status_current_replicas")),),
    ),
    Subject(
        "ready_nodes",
        Unit.COUNT,
        ("ready node", "node ready", "node count", "number of node", "how many node"),
        (
            Measure(
                KUBE_STATE,
                Gauge("kube_node_status_condition", (Matcher("condition", "=", "Ready"), Matcher("status", "=", "true"))),
            ),
        ),
    ),
    Subject(
        "failed_jobs",
        Unit.COUNT,
        ("failed job", "job failure", "job failed", "failed cronjob", "cronjob failure", "kubernetes job failed"),
        (Measure(KUBE_STATE, Gauge("kube_job_status_failed")),),
    ),
    Subject(
        "cpu_requests",
        Unit.CORES,
        ("cpu request", "requested cpu", "cpu requested"),
        (Measure(KUBE_STATE, _limit("cpu", "requests")),),
    ),
    Subject(
        "memory_requests",
        Unit.BYTES,
        ("memory request", "requested memory", "memory requested"),
        (Measure(KUBE_STATE, _limit("memory", "requests")),),
    ),
    Subject(
        "volume_usage",
        Unit.RATIO,
        ("volume usage", "pvc usage", "pvc", "persistent volume", "volume full", "pv usage", "volume", "persistent volume claim"),
        (
            Measure(
                KUBELET, Share(Gauge("kubelet_volume_stats_used_bytes", combine=""), (Gauge("kubelet_volume_stats_capacity_bytes", combine=""),))
            ),
        ),
    ),
)  # fmt: skip
