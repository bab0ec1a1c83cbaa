"""Databases, caches and queues. Source: postgres_exporter, mysqld_exporter, redis_exporter, kafka_exporter, RabbitMQ's plugin."""

from core.query.catalogue.measures import Counter, Gauge, Measure, Share, Subject, Unit
from core.query.catalogue.sources import KAFKA, MYSQL, POSTGRES, RABBITMQ, REDIS


def _hits(hits: str, misses: str) -> Share:
    return Share(Counter(hits), (Counter(hits), Counter(misses)))


SUBJECTS = (
    Subject(
        "queue_depth",
        Unit.COUNT,
        (
            "queue depth", "queue length", "queue size", "backlog", "queue backlog", "queued message", "message in queue", "message in the queue",
            "queue", "message queued", "pending message", "queued job", "queue lag", "warteschlange", "cola",
        ),
        (
            Measure(RABBITMQ, Gauge("rabbitmq_queue_messages")),
            Measure(KAFKA, Gauge("kafka_consumergroup_lag")),
        ),
    ),
    Subject(
        "ready_messages",
        Unit.COUNT,
        ("ready message", "message ready"),
        (Measure(RABBITMQ, Gauge("rabbitmq_queue_messages_ready")),),
    ),
    Subject(
        "unacked_messages",
        Unit.COUNT,
        ("unacked message", "unacked", "unacknowledged message", "unacknowledged"),
        (Measure(RABBITMQ, Gauge("rabbitmq_queue_messages_unacked")),),
    ),
    Subject(
        "queue_consumers",
        Unit.COUNT,
        ("queue consumer", "number of consumer", "consumer count", "how many consumer", "consumer connected", "consumer attached", "consumer on the queue", "consumer"),
        (Measure(RABBITMQ, Gauge("rabbitmq_queue_consumers")),),
    ),
    Subject(
        "under_replicated",
        Unit.COUNT,
        ("under replicated partition", "underreplicated partition", "under replicated", "underreplicated", "under replicated topic"),
        (Measure(KAFKA, Gauge("kafka_topic_partition_under_replicated_partition")),),
    ),
    Subject(
        "kafka_brokers",
        Unit.COUNT,
        ("kafka broker", "broker up", "number of broker", "how many broker", "broker online", "broker in the cluster"),
        (Measure(KAFKA, Gauge("kafka_brokers", combine="max")),),
    ),
    Subject(
        "consumer_lag",
        Unit.COUNT,
        ("consumer lag", "kafka lag", "lag", "consumer group lag", "kafka consumer lag", "topic lag", "lagging", "behind"),
        (Measure(KAFKA, Gauge("kafka_consumergroup_lag")),),
    ),
    Subject(
        "message_rate",
        Unit.PER_SECOND,
        ("message rate", "message published", "published message", "message into topic", "message in per second", "message written", "message per second", "kafka throughput", "topic throughput", "produce rate", "message produced", "produced message", "event per second", "kafka message"),
        (
            Measure(KAFKA, Counter("kafka_topic_partition_current_offset")),
            Measure(RABBITMQ, Counter("rabbitmq_channel_messages_published_total")),
        ),
    ),
    Subject(
        "db_connections",
        Unit.COUNT,
        (
            "db connection", "database connection", "postgres connection", "mysql connection", "pg connection", "connection to the database",
            "connection", "session", "db session", "database session", "connection count", "number of connection", "connection to postgres", "connection to mysql",
        ),
        (
            Measure(POSTGRES, Gauge("pg_stat_activity_count")),
            Measure(MYSQL, Gauge("mysql_global_status_threads_connected")),
            Measure(REDIS, Gauge("redis_connected_clients")),
        ),
        share="db_connections_share",
    ),
    Subject(
        "db_backends",
        Unit.COUNT,
        ("backend connected", "connected backend", "database backend", "postgres backend", "pg backend", "numbackend", "number of backend", "how many backend", "backend", "server process", "session open", "open session"),
        (Measure(POSTGRES, Gauge("pg_stat_database_numbackends")),),
    ),
    Subject(
        "db_locks",
        Unit.COUNT,
        ("db lock", "database lock", "postgres lock", "pg lock", "lock held", "held lock", "lock count"),
        (Measure(POSTGRES, Gauge("pg_locks_count")),),
    ),
    Subject(
        "dead_tuples",
        Unit.COUNT,
        ("dead tuple", "dead row", "table bloat"),
        (Measure(POSTGRES, Gauge("pg_stat_user_tables_n_dead_tup")),),
    ),
    Subject(
        "longest_transaction",
        Unit.SECONDS,
        ("longest transaction", "oldest transaction", "long running transaction", "longest running transaction", "slowest transaction", "slowest query", "longest query", "longest running query", "long running query", "max transaction duration", "transaction duration"),
        (Measure(POSTGRES, Gauge("pg_stat_activity_max_tx_duration", combine="max")),),
    ),
    Subject(
        "running_threads",
        Unit.COUNT,
        ("mysql running thread", "running thread", "thread running", "mysql thread running"),
        (Measure(MYSQL, Gauge("mysql_global_status_threads_running")),),
    ),
    Subject(
        "db_connections_share",
        Unit.RATIO,
        ("connection saturation", "connection vs max", "postgres connection vs max", "db connection vs max", "mysql connection vs max", "connection against max", "connection of max", "max_connections", "max_connections usage", "max_connections utilization", "connection utilization", "connection limit", "max connection", "connection usage", "database connection usage", "db connection usage"),
        (
            Measure(POSTGRES, Share(Gauge("pg_stat_activity_count"), (Gauge("pg_settings_max_connections"),))),
            Measure(
                MYSQL,
                Share(Gauge("mysql_global_status_threads_connected"), (Gauge("mysql_global_variables_max_connections"),)),
            ),
        ),
    ),
    Subject(
        "replication_lag",
        Unit.SECONDS,
        ("replication lag", "replica lag", "replication delay", "slave lag", "standby lag", "seconds behind master", "db lag", "database lag", "postgres lag", "mysql lag"),
        (
            Measure(POSTGRES, Gauge("pg_replication_lag_seconds", combine="max")),
            Measure(MYSQL, Gauge("mysql_slave_status_seconds_behind_master", combine="max")),
        ),
    ),
    Subject(
        "slow_queries",
        Unit.PER_SECOND,
        ("slow query", "slow sql", "slow database query", "slow db query"),
        (Measure(MYSQL, Counter("mysql_global_status_slow_queries")),),
    ),
    Subject(
        "db_queries",
        Unit.PER_SECOND,
        ("db query", "database query", "query rate", "sql query", "mysql query", "query"),
        (
            Measure(MYSQL, Counter("mysql_global_status_queries")),
            Measure(POSTGRES, Counter("pg_stat_database_xact_commit")),
        ),
    ),
    Subject(
        "transactions",
        Unit.PER_SECOND,
        ("transaction", "commit", "transaction rate", "transaction per second", "committed transaction", "commit rate"),
        (Measure(POSTGRES, Counter("pg_stat_database_xact_commit")),),
    ),
    Subject(
        "rollbacks",
        Unit.PER_SECOND,
        ("transaction rollback", "rollback", "rolled back transaction", "rollback rate", "postgres rollback", "db rollback"),
        (Measure(POSTGRES, Counter("pg_stat_database_xact_rollback")),),
    ),
    Subject(
        "deadlocks",
        Unit.PER_SECOND,
        ("deadlock", "database deadlock", "lock conflict"),
        (Measure(POSTGRES, Counter("pg_stat_database_deadlocks")),),
    ),
    Subject(
        "database_size",
        Unit.BYTES,
        ("database size", "db size", "size of the database", "postgres size", "size of database"),
        (Measure(POSTGRES, Gauge("pg_database_size_bytes")),),
    ),
    Subject(
        "cache_hit_ratio",
        Unit.RATIO,
        ("cache hit ratio", "cache hit rate", "hit ratio", "hit rate", "cache hit", "cache efficiency", "cache effectiveness", "hit vs miss", "hit to miss", "hit vs miss ratio", "hit miss ratio", "hit and miss ratio", "redis hit ratio", "buffer cache hit ratio"),
        (
            Measure(REDIS, _hits("redis_keyspace_hits_total", "redis_keyspace_misses_total")),
            Measure(POSTGRES, _hits("pg_stat_database_blks_hit", "pg_stat_database_blks_read")),
        ),
        more_is_better=True,
    ),
    Subject(
        "cache_miss_ratio",
        Unit.RATIO,
        ("cache miss ratio", "cache miss rate", "miss ratio", "miss rate", "redis miss ratio", "redis miss rate", "lookup miss ratio"),
        (
            Measure(
                REDIS, Share(Counter("redis_keyspace_misses_total"), (Counter("redis_keyspace_hits_total"), Counter("redis_keyspace_misses_total")))
            ),
        ),
    ),
    Subject(
        "redis_memory",
        Unit.BYTES,
        ("redis memory", "redis memory usage", "redis ram", "redis used memory", "used redis memory", "redis mem", "memory of redis", "memory used by redis", "cache memory"),
        (Measure(REDIS, Gauge("redis_memory_used_bytes")),),
        share="redis_memory_share",
    ),
    Subject(
        "redis_memory_share",
        Unit.RATIO,
        ("redis memory utilization", "redis memory saturation"),
        (Measure(REDIS, Share(Gauge("redis_memory_used_bytes"), (Gauge("redis_memory_max_bytes"),))),),
    ),
    Subject(
        "redis_clients",
        Unit.COUNT,
        ("connected client", "redis client", "redis connection", "client connected"),
        (Measure(REDIS, Gauge("redis_connected_clients")),),
    ),
    Subject(
        "redis_blocked",
        Unit.COUNT,
        ("blocked client", "client blocked"),
        (Measure(REDIS, Gauge("redis_blocked_clients")),),
    ),
    Subject(
        "redis_rejected",
        Unit.PER_SECOND,
        ("rejected connection", "connection rejected", "redis rejected connection"),
        (Measure(REDIS, Counter("redis_rejected_connections_total")),),
    ),
    Subject(
        "redis_expired",
        Unit.PER_SECOND,
        ("expired key", "key expired", "redis expired key", "key expiring"),
        (Measure(REDIS, Counter("redis_expired_keys_total")),),
    ),
    Subject(
        "redis_fragmentation",
        Unit.COUNT,
        ("fragmentation", "memory fragmentation", "redis fragmentation", "fragmentation ratio", "redis memory fragmentation", "redis fragmentation ratio", "memory fragmentation ratio"),
        (Measure(REDIS, Gauge("redis_mem_fragmentation_ratio", combine="")),),
    ),
    Subject(
        "cache_misses",
        Unit.PER_SECOND,
        ("cache miss", "redis miss", "keyspace miss", "miss per second", "redis lookup miss", "cache lookup miss", "lookup that miss", "cache miss per second"),
        (Measure(REDIS, Counter("redis_keyspace_misses_total")),),
        share="cache_miss_ratio",
    ),
    Subject(
        "evictions",
        Unit.PER_SECOND,
        ("eviction", "evicted key", "redis eviction", "cache eviction", "key evicted", "redis key evicted"),
        (Measure(REDIS, Counter("redis_evicted_keys_total")),),
    ),
    Subject(
        "redis_commands",
        Unit.PER_SECOND,
        ("redis command", "redis op", "redis throughput", "command per second", "redis command rate", "redis ops", "redis qps"),
        (Measure(REDIS, Counter("redis_commands_processed_total")),),
    ),
    Subject(
        "redis_keys",
        Unit.COUNT,
        ("redis key", "number of key", "key in redis", "key count"),
        (Measure(REDIS, Gauge("redis_db_keys")),),
    ),
)  # fmt: skip
