"""Machines. Source: node_exporter documentation and its mixin."""

from core.query.catalogue.dimensions import Dimension
from core.query.catalogue.measures import Counter, Gauge, Mean, Measure, Moment, Share, Subject, Unit
from core.query.catalogue.sources import CADVISOR, NODE, PROCESS
from core.query.promql.model import Matcher

_FREE, _SIZE = (
    Gauge("node_filesystem_avail_bytes", combine="", grouped="min", of=Dimension.MOUNTPOINT),
    Gauge("node_filesystem_size_bytes", combine="", of=Dimension.MOUNTPOINT),
)

SUBJECTS = (
    Subject(
        "disk",
        Unit.RATIO,
        (
            "disk", "disk usage", "disk space", "disk utilization", "disk utilisation", "disk full", "full disk", "fullest", "fullest disk", "almost full disk", "root filesystem", "root fs", "root disk", "root partition", "root volume", "festplatten", "platte", "platten", "storage", "filesystem", "filesystem usage",
            "storage usage", "file system", "disk space used", "festplatte", "disco", "espacio en disco",
        ),
        (
            Measure(NODE, Share(_FREE, (_SIZE,), complement=True)),
            Measure(CADVISOR, Share(Gauge("container_fs_usage_bytes"), (Gauge("container_fs_limit_bytes"),))),
        ),
    ),
    Subject(
        "free_disk",
        Unit.BYTES,
        ("free disk", "free disk space", "disk free", "available disk", "available disk space", "disk space left", "free space", "disk left", "space left", "disk space remaining", "disk space available", "space free", "disk space free", "filesystem free", "filesystem space left", "free filesystem space", "free storage", "disco libre", "espacio libre", "espacio en disco libre", "freier plattenplatz", "freier platz", "freier speicherplatz"),
        (Measure(NODE, _FREE),),
        share="free_disk_share",
        more_is_better=True,
    ),
    Subject(
        "free_disk_share",
        Unit.RATIO,
        ("percent free disk", "percentage of disk free", "disk free percent"),
        (Measure(NODE, Share(_FREE, (_SIZE,))),),
        more_is_better=True,
    ),
    Subject(
        "free_memory",
        Unit.BYTES,
        ("free memory", "available memory", "memory available", "memory free", "memory left", "free ram", "memoria libre", "freier speicher", "freier arbeitsspeicher"),
        (Measure(NODE, Gauge("node_memory_MemAvailable_bytes", combine="", of=Dimension.HOST)),),
        share="free_memory_share",
        more_is_better=True,
    ),
    Subject(
        "free_memory_share",
        Unit.RATIO,
        ("percent free memory", "memory free percent"),
        (Measure(NODE, Share(Gauge("node_memory_MemAvailable_bytes", combine="", of=Dimension.HOST), (Gauge("node_memory_MemTotal_bytes", combine=""),))),),
        more_is_better=True,
    ),
    Subject(
        "load",
        Unit.COUNT,
        ("load", "load average", "system load", "load1", "node load", "loadavg", "1 minute load", "load avg"),
        (Measure(NODE, Gauge("node_load1", combine="avg")),),
    ),
    *(
        Subject(
            f"load{minutes}",
            Unit.COUNT,
            tuple(
                [f"load{minutes}", f"load {minutes}", f"load average {minutes}"]
                + [f"{minutes} {unit} {load}" for unit in ("minute", "min", "m") for load in ("load", "load average", "load avg", "average load")]
                + [f"{minutes}m {load}" for load in ("load", "load average", "load avg")]
            ),
            (Measure(NODE, Gauge(f"node_load{minutes}", combine="avg")),),
        )
        for minutes in (5, 15)
    ),
    Subject(
        "core_count",
        Unit.COUNT,
        ("node core count", "host core count", "number of cpu core"),
        (Measure(NODE, Gauge("node_cpu_seconds_total", (Matcher("mode", "=", "idle"),), combine="count")),),
    ),
    Subject(
        "cpu_modes",
        Unit.CORES,
        ("cpu mode", "cpu time by mode", "cpu second by mode", "cpu by mode", "cpu usage by mode", "cpu per mode", "cpu time per mode", "cpu breakdown by mode"),
        (Measure(NODE, Counter("node_cpu_seconds_total")),),
    ),
    Subject(
        "cpu_idle",
        Unit.RATIO,
        ("cpu idle", "idle cpu", "idle time", "cpu idle time", "cpu idle share", "idle percentage"),
        (Measure(NODE, Share(Counter("node_cpu_seconds_total", (Matcher("mode", "=", "idle"),), per_instance=True))),),
        more_is_better=True,
    ),
    Subject(
        "iowait",
        Unit.RATIO,
        ("iowait", "io wait", "i o wait", "cpu iowait", "cpu io wait"),
        (Measure(NODE, Share(Counter("node_cpu_seconds_total", (Matcher("mode", "=", "iowait"),), per_instance=True))),),
    ),
    Subject(
        "steal",
        Unit.RATIO,
        ("steal time", "stolen cpu", "cpu steal time", "steal percentage"),
        (Measure(NODE, Share(Counter("node_cpu_seconds_total", (Matcher("mode", "=", "steal"),), per_instance=True))),),
    ),
    Subject(
        "tcp_retransmits",
        Unit.PER_SECOND,
        ("tcp retransmit", "retransmit", "retransmission", "tcp retransmission", "retransmitted segment", "tcp retrans", "retrans"),
        (Measure(NODE, Counter("node_netstat_Tcp_RetransSegs")),),
    ),
    Subject(
        "network_errors",
        Unit.PER_SECOND,
        ("interface error", "nic error", "receive error", "network receive error", "rx error", "network error", "network interface error"),
        (Measure(NODE, Counter("node_network_receive_errs_total")),),
    ),
    Subject(
        "disk_read_ops",
        Unit.PER_SECOND,
        ("read iops", "disk read iops", "read operation", "disk read operation", "read per second", "read io"),
        (Measure(NODE, Counter("node_disk_reads_completed_total")),),
    ),
    Subject(
        "disk_write_ops",
        Unit.PER_SECOND,
        ("write iops", "disk write iops", "write operation", "disk write operation", "write per second", "write io"),
        (Measure(NODE, Counter("node_disk_writes_completed_total")),),
    ),
    Subject(
        "read_only_filesystems",
        Unit.COUNT,
        ("read only filesystem", "readonly filesystem", "filesystem read only", "filesystem readonly", "disk read only", "mounted read only", "read only disk", "read only"),
        (Measure(NODE, Gauge("node_filesystem_readonly", of=Dimension.MOUNTPOINT)),),
    ),
    Subject(
        "failed_units",
        Unit.COUNT,
        ("failed unit", "failed systemd unit", "systemd unit failed", "unit failed", "systemd unit in failed state"),
        (Measure(NODE, Gauge("node_systemd_unit_state", (Matcher("state", "=", "failed"),))),),
    ),
    Subject(
        "conntrack",
        Unit.RATIO,
        ("conntrack", "conntrack table", "conntrack usage", "connection tracking"),
        (Measure(NODE, Share(Gauge("node_nf_conntrack_entries", combine=""), (Gauge("node_nf_conntrack_entries_limit", combine=""),))),),
    ),
    Subject(
        "context_switches",
        Unit.PER_SECOND,
        ("context switch", "context switche"),
        (Measure(NODE, Counter("node_context_switches_total")),),
    ),
    Subject(
        "disk_reads",
        Unit.BYTES_PER_SECOND,
        ("disk read", "disk throughput read", "disk throughput", "read throughput", "disk read throughput", "byte read"),
        (
            Measure(NODE, Counter("node_disk_read_bytes_total", per_instance=True)),
            Measure(CADVISOR, Counter("container_fs_reads_bytes_total", per_instance=True)),
        ),
    ),
    Subject(
        "disk_writes",
        Unit.BYTES_PER_SECOND,
        ("disk write", "disk throughput write", "write throughput", "disk write throughput", "byte written"),
        (
            Measure(NODE, Counter("node_disk_written_bytes_total", per_instance=True)),
            Measure(CADVISOR, Counter("container_fs_writes_bytes_total", per_instance=True)),
        ),
    ),
    *(
        Subject(
            f"disk_{way}_latency",
            Unit.SECONDS,
            (f"disk {way} latency", f"{way} latency", f"disk {way} time", f"average {way} time", f"latency of disk {way}", f"time per {way}"),
            (Measure(NODE, Mean(Counter(f"node_disk_{way}_time_seconds_total"), Counter(f"node_disk_{way}s_completed_total"))),),
        )
        for way in ("read", "write")
    ),
    Subject(
        "disk_io",
        Unit.RATIO,
        ("disk io", "disk i o", "io utilization", "disk busy", "io saturation", "disk io utilization", "disk io time"),
        (Measure(NODE, Counter("node_disk_io_time_seconds_total", per_instance=True)),),
    ),
    Subject(
        "swap",
        Unit.RATIO,
        ("swap", "swap usage", "swapping"),
        (Measure(NODE, Share(Gauge("node_memory_SwapFree_bytes", combine=""), (Gauge("node_memory_SwapTotal_bytes", combine=""),), complement=True)),),
    ),
    Subject(
        "inodes",
        Unit.RATIO,
        ("inode", "inode usage", "used inode", "inode used"),
        (Measure(NODE, Share(Gauge("node_filesystem_files_free", combine="", of=Dimension.MOUNTPOINT), (Gauge("node_filesystem_files", combine="", of=Dimension.MOUNTPOINT),), complement=True)),),
    ),
    Subject(
        "free_inodes",
        Unit.RATIO,
        ("free inode", "inode free", "inode left", "inode available"),
        (Measure(NODE, Share(Gauge("node_filesystem_files_free", combine="", of=Dimension.MOUNTPOINT), (Gauge("node_filesystem_files", combine="", of=Dimension.MOUNTPOINT),))),),
        more_is_better=True,
    ),
    Subject(
        "clock_skew",
        Unit.SECONDS,
        ("clock skew", "time drift", "clock drift", "ntp offset", "clock offset"),
        (Measure(NODE, Gauge("node_timex_offset_seconds", combine="max")),),
    ),
    Subject(
        "node_age",
        Unit.SECONDS,
        ("time since boot", "last reboot", "last boot", "node uptime", "host uptime", "machine uptime", "time since reboot", "reboot"),
        (Measure(NODE, Moment(Gauge("node_boot_time_seconds", combine=""), past=True)),),
    ),
    Subject(
        "process_age",
        Unit.SECONDS,
        ("time since restart", "time since start", "process uptime", "running for", "been running", "been up", "process age", "oldest pod", "oldest process", "oldest instance", "youngest pod", "start time", "how old is", "how old", "since when", "age of the process", "process old", "last restart", "time since last restart"),
        (Measure(PROCESS, Moment(Gauge("process_start_time_seconds", combine=""), past=True)),),
    ),
    Subject(
        "open_files",
        Unit.COUNT,
        ("open file", "file descriptor", "fd", "open fd", "open file descriptor", "file handle"),
        (Measure(PROCESS, Gauge("process_open_fds", of=Dimension.POD)),),
        share="open_files_share",
    ),
    Subject(
        "open_files_share",
        Unit.RATIO,
        ("file descriptor usage", "fd usage", "fd utilization"),
        (Measure(PROCESS, Share(Gauge("process_open_fds"), (Gauge("process_max_fds"),))),),
    ),
    Subject(
        "tcp_connections",
        Unit.COUNT,
        ("tcp connection", "established connection", "open connection", "socket"),
        (Measure(NODE, Gauge("node_netstat_Tcp_CurrEstab")),),
    ),
)  # fmt: skip
