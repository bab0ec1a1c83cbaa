"""Language runtimes. Source: client_golang collectors, Micrometer's JVM and HikariCP binders, client_java instrumentation."""

from core.query.catalogue.dimensions import Dimension
from core.query.catalogue.measures import Counter, Gauge, Mean, Measure, Share, Subject, Unit
from core.query.catalogue.sources import GO, JVM
from core.query.promql.model import Matcher

_HEAP = (Matcher("area", "=", "heap"),)

SUBJECTS = (
    Subject(
        "goroutines",
        Unit.COUNT,
        ("goroutine", "go routine", "goroutine count", "goroutine leak"),
        (Measure(GO, Gauge("go_goroutines", of=Dimension.POD)),),
    ),
    Subject(
        "heap",
        Unit.BYTES,
        ("heap", "heap usage", "jvm heap", "heap memory", "java heap", "jvm memory", "heap used", "heap size", "go heap"),
        (
            Measure(JVM, Gauge("jvm_memory_used_bytes", _HEAP)),
            Measure(GO, Gauge("go_memstats_heap_inuse_bytes")),
        ),
        share="heap_share",
    ),
    Subject(
        "heap_share",
        Unit.RATIO,
        ("heap utilization", "heap percent", "heap percentage", "heap saturation", "heap used / heap max", "heap used / max", "heap / max heap", "heap used over heap max", "heap used over max", "heap used vs max", "used / max heap", "used heap / max heap", "used over max heap", "heap against max heap", "heap fill level"),
        (Measure(JVM, Share(Gauge("jvm_memory_used_bytes", _HEAP), (Gauge("jvm_memory_max_bytes", _HEAP),))),),
    ),
    Subject(
        "non_heap",
        Unit.BYTES,
        ("non heap", "nonheap", "non heap memory", "off heap", "metaspace", "jvm non heap"),
        (Measure(JVM, Gauge("jvm_memory_used_bytes", (Matcher("area", "=", "nonheap"),))),),
    ),
    Subject(
        "gc_pause",
        Unit.SECONDS,
        ("gc pause", "gc pause time", "garbage collection pause", "gc duration", "gc latency", "stop the world", "gc time", "garbage collection time", "garbage collection", "gc"),
        (
            Measure(JVM, Mean(Counter("jvm_gc_pause_seconds_sum"), Counter("jvm_gc_pause_seconds_count"))),
            Measure(GO, Mean(Counter("go_gc_duration_seconds_sum"), Counter("go_gc_duration_seconds_count"))),
        ),
        share="gc_overhead",
    ),
    Subject(
        "gc_overhead",
        Unit.RATIO,
        ("gc overhead", "time spent in gc", "time in gc", "gc time per second", "gc second", "gc pause second", "gc pause seconds per second", "gc pause time per second", "second in gc", "second of gc", "gc cpu time", "second spent in gc", "seconds spent in gc pause", "second of gc pause", "time spent garbage collecting", "time spent on gc", "share of time in gc", "time spent in garbage collection"),
        (
            Measure(JVM, Counter("jvm_gc_pause_seconds_sum")),
            Measure(GO, Counter("go_gc_duration_seconds_sum")),
        ),
    ),
    Subject(
        "gc_runs",
        Unit.PER_SECOND,
        ("gc rate", "gc count", "gc run", "number of gc", "garbage collection rate", "gc frequency", "gc per second", "gc cycle", "how many gc", "how often gc"),
        (
            Measure(JVM, Counter("jvm_gc_pause_seconds_count")),
            Measure(GO, Counter("go_gc_duration_seconds_count")),
        ),
    ),
    Subject(
        "threads",
        Unit.COUNT,
        ("thread", "thread count", "live thread", "jvm thread", "number of thread", "java thread"),
        (
            Measure(JVM, Gauge("jvm_threads_live_threads", of=Dimension.POD)),
            Measure(GO, Gauge("go_threads", of=Dimension.POD)),
        ),
    ),
    Subject(
        "thread_states",
        Unit.COUNT,
        ("thread state", "jvm thread state", "blocked thread", "threads by state"),
        (Measure(JVM, Gauge("jvm_threads_states_threads")),),
    ),
    Subject(
        "connection_pool",
        Unit.COUNT,
        ("connection pool", "pool connection", "active connection", "pool usage", "connection pool usage", "hikari", "hikaricp", "db pool", "hikari pool", "connection pool size", "database connection pool", "db connection pool"),
        (Measure(JVM, Gauge("hikaricp_connections_active")),),
        share="connection_pool_share",
    ),
    Subject(
        "connection_pool_share",
        Unit.RATIO,
        ("connection pool utilization", "pool utilization", "connection pool saturation", "pool saturation", "pool exhaustion", "connection pool exhaustion", "pool exhausted"),
        (Measure(JVM, Share(Gauge("hikaricp_connections_active"), (Gauge("hikaricp_connections_max"),))),),
    ),
    Subject(
        "pool_waiters",
        Unit.COUNT,
        ("pending connection", "waiting for connection", "connection waiter", "waiting for a connection", "waiting for a db connection", "waiting for db connection", "waiting for a database connection", "waiting on a connection", "waiting on a db connection", "waiting for a free connection", "pool wait", "pool pending", "connection pending"),
        (Measure(JVM, Gauge("hikaricp_connections_pending")),),
    ),
)  # fmt: skip
