"""Machines. Source: node_exporter documentation and its mixin."""

from core.query.catalogue.measures import Counter, Gauge, Measure, Moment, Share, Subject, Unit
from core.query.catalogue.sources import CADVISOR, NODE, PROCESS

_FREE, _SIZE = (
    Gauge("node_filesystem_avail_bytes", combine="", grouped="min"),
    Gauge("node_filesystem_size_bytes", combine=""),
)

SUBJECTS = (
    Subject(
        "disk",
        Unit.RATIO,
        (
            "disk", "disk usage", "disk space", "disk utilization", "disk utilisation", "disk full", "storage", "filesystem", "filesystem usage",
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
        ("free disk", "free disk space", "disk free", "available disk", "available disk space", "disk space left", "free space", "disk left", "space left", "disk space remaining", "disk space available"),
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
        ("free memory", "available memory", "memory available", "memory free", "memory left", "free ram"),
        (Measure(NODE, Gauge("node_memory_MemAvailable_bytes", combine="")),),
        share="free_memory_share",
        more_is_better=True,
    ),
    Subject(
        "free_memory_share",
        Unit.RATIO,
        ("percent free memory", "memory free percent"),
        (Measure(NODE, Share(Gauge("node_memory_MemAvailable_bytes", combine=""), (Gauge("node_memory_MemTotal_bytes", combine=""),))),),
        more_is_better=True,
    ),
    Subject(
        "load",
        Unit.COUNT,
        ("load", "load average", "system load", "load1", "node load", "loadavg", "1 minute load", "load avg"),
        (Measure(NODE, Gauge("node_load1", combine="avg")),),
    ),
    Subject("load5", Unit.COUNT, ("load5", "5 minute load", "5m load"), (Measure(NODE, Gauge("node_load5", combine="avg")),)),
    Subject("load15", Unit.COUNT, ("load15", "15 minute load", "15m load"), (Measure(NODE, Gauge("node_load15", combine="avg")),)),
    Subject(
        "disk_reads",
        Unit.BYTES_PER_SECOND,
        ("disk read", "read throughput", "disk read throughput", "byte read"),
        (
            Measure(NODE, Counter("node_disk_read_bytes_total", per_instance=True)),
            Measure(CADVISOR, Counter("container_fs_reads_bytes_total", per_instance=True)),
        ),
    ),
    Subject(
        "disk_writes",
        Unit.BYTES_PER_SECOND,
        ("disk write", "write throughput", "disk write throughput", "byte written"),
        (
            Measure(NODE, Counter("node_disk_written_bytes_total", per_instance=True)),
            Measure(CADVISOR, Counter("container_fs_writes_bytes_total", per_instance=True)),
        ),
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
        ("inode", "inode usage"),
        (Measure(NODE, Share(Gauge("node_filesystem_files_free", combine=""), (Gauge("node_filesystem_files", combine=""),), complement=True)),),
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
        ("time since restart", "time since start", "process uptime", "running for", "process age", "last restart", "time since last restart"),
        (Measure(PROCESS, Moment(Gauge("process_start_time_seconds", combine=""), past=True)),),
    ),
    Subject(
        "open_files",
        Unit.COUNT,
        ("open file", "file descriptor", "fd", "open fd", "open file descriptor", "file handle"),
        (Measure(PROCESS, Gauge("process_open_fds")),),
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
