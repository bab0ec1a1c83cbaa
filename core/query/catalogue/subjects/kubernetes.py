"""Containers and what Kubernetes says of them. Source: cAdvisor and kube-state-metrics documentation."""

from core.query.catalogue.dimensions import Dimension
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
            "saturation", "cpu saturation", "cpu limit usage", "cpu against limit", "cpu vs limit", "percent of cpu limit",
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
        ("memory saturation", "memory limit usage", "memory against limit", "memory vs limit", "percent of memory limit", "memory pressure", "memory limit"),
        (
            Measure(CADVISOR, Share(_MEMORY, (_limit("memory"),))),
            Measure(
                NODE,
                Share(Gauge("node_memory_MemAvailable_bytes", combine=""), (Gauge("node_memory_MemTotal_bytes", combine=""),), complement=True),
            ),
        ),
    ),
    *(
        Subject(
            f"{resource}_headroom",
            Unit.RATIO,
            (
                f"{resource} headroom", f"headroom of {resource}", f"{resource} limit headroom", f"headroom on the {resource} limit", f"headroom on {resource}", f"headroom left on {resource}",
                f"headroom in {resource}", f"headroom for {resource}", f"headroom is left on the {resource} limit", f"headroom to the {resource} limit", f"headroom below the {resource} limit", f"headroom until the {resource} limit",
                *((f"mem {rest}" for rest in ("headroom", "limit headroom")) if resource == "memory" else ()),
            ),
            (Measure(CADVISOR, Share(used, (_limit(resource),), complement=True)),),
            more_is_better=True,
        )
        for resource, used in (("cpu", _CPU), ("memory", _MEMORY))
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
            "network", "bandwidth", "network traffic", "network usage", "network in", "ingress traffic", "inbound traffic",
            "incoming traffic", "network receive", "network received", "byte received", "network rx", "rx", "download", "network io",
            "network throughput", "inbound", *(f"{way} {what}" for way in ("incoming", "inbound", "received", "ingress", "receive") for what in ("bandwidth", "network", "network traffic", "throughput", "data", "byte")), "netzwerk", "ancho de banda", "red",
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
            "network out", "bandwidth out", "traffic out", "byte out", "transmit", "upload bandwidth", "transmit rate", "egress", "egress traffic", "outbound", "outbound traffic", "outgoing traffic", "network transmit",
            "network transmitted", "byte sent", "tx", "network tx", "upload", *(f"{way} {what}" for way in ("outgoing", "outbound", "sent", "egress", "transmitted", "transmit") for what in ("bandwidth", "network", "network traffic", "throughput", "data", "byte")), "network sent", "network egress",
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
        ("restart", "pod restart", "container restart", "restarted", "restarting", "crash", "crashing", "bounced", "bouncing", "neustart", "reinicio"),
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
        "oom_killed",
        Unit.COUNT,
        ("last oom kill", "last oomkill", "last terminated by oom", "last terminated reason"),
        (
            Measure(
                KUBE_STATE,
                Gauge("kube_pod_container_status_last_terminated_reason", (Matcher("reason", "=", "OOMKilled"),)),
            ),
        ),
    ),
    *(
        Subject(
            name,
            Unit.COUNT,
            words,
            (Measure(KUBE_STATE, Gauge("kube_pod_container_status_waiting_reason", (Matcher("reason", "=", reason),))),),
        )
        for name, reason, words in (
            ("image_pull_backoffs", "ImagePullBackOff", ("imagepullbackoff", "image pull backoff", "image pull back off", "can t pull image", "image pull", "imagepull", "cannot pull image", "pull its image", "pull their image")),
            ("image_pull_errors", "ErrImagePull", ("errimagepull", "err image pull", "image pull error")),
            ("config_errors", "CreateContainerConfigError", ("createcontainerconfigerror", "container config error", "create container config error")),
            ("creating_containers", "ContainerCreating", ("containercreating", "container creating", "creating container")),
        )
    ),
    Subject(
        "crash_loops",
        Unit.COUNT,
        ("crash loop", "crashloop", "crashlooping", "crash looping", "crashloopbackoff", "crash loop backoff", "back off", "backoff", "crashloopt", "crash loop back off"),
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
        ("unready pod", "not ready pod", "pod not ready", "unready", "not ready", "pod nicht ready", "nicht ready", "nicht bereit", "pod nicht bereit", "no listo", "not become ready", "never ready", "arent ready", "isnt ready", "t ready", "not becoming ready", "non ready pod"),
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
            ("Failed", ("failed pod", "pod failed", "pods in failed state", "evicted pod", "pod evicted")),
        )
    ),
    Subject(
        "stopped_pods",
        Unit.COUNT,
        ("pod not running", "not running pod", "non running pod", "pod t running", "not running", "not in running", "not in the running phase", "pod not in running", "other than running", "not in phase running"),
        (Measure(KUBE_STATE, Gauge("kube_pod_status_phase", (Matcher("phase", "!=", "Running"),))),),
    ),
    Subject(
        "available_replicas",
        Unit.COUNT,
        ("replica", "available replica", "replica available", "replica count", "number of replica", "how many replica", "fully available", "fully rolled out", "fully up", "replica running", "replica ready", "ready replica", "instance count", "how many instance", "number of instance"),
        (Measure(KUBE_STATE, Gauge("kube_deployment_status_replicas_available", of=Dimension.DEPLOYMENT)),),
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
        (Measure(KUBE_STATE, Gauge("kube_deployment_spec_replicas", of=Dimension.DEPLOYMENT)),),
    ),
    Subject(
        "autoscaler_replicas",
        Unit.COUNT,
        ("hpa", "hpa replica", "autoscaler", "autoscaler replica", "autoscaling", "horizontal pod autoscaler"),
        (Measure(KUBE_STATE, Gauge("kube_horizontalpodautoscaler_status_current_replicas", of=Dimension.DEPLOYMENT)),),
    ),
    *(
        Subject(
            f"{kind}_{side}",
            Unit.COUNT,
            words,
            (Measure(KUBE_STATE, Gauge(name, of=Dimension.DEPLOYMENT)),),
        )
        for kind, side, name, words in (
            ("statefulset", "ready", "kube_statefulset_status_replicas_ready", ("statefulset replica", "statefulset pod", "statefulset", "stateful set", "statefulset ready")),
            ("statefulset", "desired", "kube_statefulset_replicas", ("desired statefulset replica",)),
            ("daemonset", "ready", "kube_daemonset_status_number_ready", ("daemonset", "daemon set", "daemonset pod", "daemonset ready")),
            ("daemonset", "desired", "kube_daemonset_status_desired_number_scheduled", ("desired daemonset pod",)),
        )
    ),
    Subject(
        "autoscaler_max",
        Unit.COUNT,
        ("hpa max", "autoscaler max", "hpa maximum", "hpa max replica", "autoscaler max replica"),
        (Measure(KUBE_STATE, Gauge("kube_horizontalpodautoscaler_spec_max_replicas", of=Dimension.DEPLOYMENT)),),
    ),
    Subject(
        "autoscaler_min",
        Unit.COUNT,
        ("hpa min", "autoscaler min", "hpa min replica", "hpa minimum"),
        (Measure(KUBE_STATE, Gauge("kube_horizontalpodautoscaler_spec_min_replicas", of=Dimension.DEPLOYMENT)),),
    ),
    *(
        Subject(
            name,
            Unit.COUNT,
            words,
            (
                Measure(
                    KUBE_STATE,
                    Gauge(
                        "kube_node_status_condition", (Matcher("condition", "=", condition), Matcher("status", "=", "true")), of=Dimension.HOST
                    ),
                ),
            ),
        )
        for name, condition, words in (
            ("memory_pressure_nodes", "MemoryPressure", ("node memory pressure", "node under memory pressure", "node with memory pressure", "node in memory pressure", "memorypressure")),
            ("disk_pressure_nodes", "DiskPressure", ("disk pressure", "diskpressure")),
            ("pid_pressure_nodes", "PIDPressure", ("pid pressure", "pidpressure")),
        )
    ),
    Subject(
        "cordoned_nodes",
        Unit.COUNT,
        ("cordoned", "cordoned node", "unschedulable node", "node cordoned", "node unschedulable"),
        (Measure(KUBE_STATE, Gauge("kube_node_spec_unschedulable", of=Dimension.HOST)),),
    ),
    Subject(
        "ready_nodes",
        Unit.COUNT,
        ("ready node", "node ready", "node count", "number of node", "how many node", "notready node", "node notready", "node not ready", "unready node", "not ready node", "node nicht ready", "node unready"),
        (
            Measure(
                KUBE_STATE,
                Gauge(
                    "kube_node_status_condition", (Matcher("condition", "=", "Ready"), Matcher("status", "=", "true")), of=Dimension.HOST
                ),
            ),
        ),
    ),
    Subject(
        "failed_jobs",
        Unit.COUNT,
        ("failed job", "job failure", "job failed", "failed cronjob", "cronjob failure", "kubernetes job failed", "failing job", "job failing", "cron failed", "cronjob failed", "failed cron", "cronjob failing", "batch job failed", "job fail"),
        (Measure(KUBE_STATE, Gauge("kube_job_status_failed", of=Dimension.JOB)),),
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
        "cpu_limits",
        Unit.CORES,
        ("total cpu limit", "cpu limit total", "sum of cpu limit", "cpu limit set", "configured cpu limit"),
        (Measure(KUBE_STATE, _limit("cpu")),),
    ),
    Subject(
        "memory_limits",
        Unit.BYTES,
        ("total memory limit", "memory limit total", "sum of memory limit", "memory limit set", "configured memory limit"),
        (Measure(KUBE_STATE, _limit("memory")),),
    ),
    Subject(
        "free_volume",
        Unit.RATIO,
        ("free pvc", "pvc free", "pvc left", "volume space left", "free volume space", "pvc space left"),
        (
            Measure(
                KUBELET, Share(Gauge("kubelet_volume_stats_available_bytes", combine=""), (Gauge("kubelet_volume_stats_capacity_bytes", combine=""),))
            ),
        ),
        more_is_better=True,
    ),
    Subject(
        "free_volume_space",
        Unit.BYTES,
        ("free volume byte", "pvc byte left", "volume byte available"),
        (Measure(KUBELET, Gauge("kubelet_volume_stats_available_bytes", combine="")),),
        share="free_volume",
        more_is_better=True,
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
