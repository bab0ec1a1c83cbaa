"""Kinds of log lines by the words that people use for them."""

import re

LEVELS = ("trace", "debug", "info", "warn", "error", "critical", "fatal")
"""From the least to the most severe."""

_WORDS = {
    "error": "error|errors|err|errs|erroring|errored|fehler|errores",
    "warn": "warn|warns|warning|warnings|warnungen|advertencias",
    "fatal": "fatal|fatals|fatal error|fatal errors",
    "critical": "critical|criticals",
    "panic": "panic|panics|panicked|panicking",
    "exception": "exception|exceptions",
    "traceback|stack ?trace": "stack trace|stack traces|stacktrace|stacktraces|traceback|tracebacks|backtrace|backtraces",
    "timeout|timed out": "timeout|timeouts|time out|time outs|timed out|timing out|times out|time-outs",
    "fail": "fail|fails|failed|failing|failure|failures",
    "crash": "crash|crashes|crashed|crashing|crashloop|crash loop",
    "oom|out of memory": "oom|ooms|oomkill|oomkilled|oom kill|oom kills|out of memory|out-of-memory",
    "deadlock": "deadlock|deadlocks|deadlocked",
    "segfault|segmentation fault": "segfault|segfaults|segmentation fault|segmentation faults",
    "connection refused": "connection refused|connections refused|refused connections|refused connection",
    "connection reset": "connection reset|connection resets|connections reset|reset connections",
    "broken pipe": "broken pipe|broken pipes",
    "permission denied|access denied": "permission denied|access denied|permission error|permission errors",
    "unauthorized": "unauthorized|unauthorised",
    "forbidden": "forbidden",
    "not found": "not found",
    "rate.?limit": "rate limit|rate limits|rate limited|rate limiting|rate-limit|rate-limited|ratelimited|rate-limiting",
    "throttl": "throttle|throttles|throttled|throttling",
    "retry|retries|retrying": "retry|retries|retrying|retried",
    "restart": "restart|restarts|restarted|restarting",
    "reject": "rejected|rejection|rejections|rejects",
    "denied": "denied|denials",
    "invalid": "invalid",
    "slow quer": "slow query|slow queries",
    "health": "health check|health checks|healthcheck|healthchecks|health-check|health-checks|health probe|health probes",
    "evict": "evicted|eviction|evictions",
    "garbage collect|gc": "garbage collection|garbage collections|gc pause|gc pauses",
    "no space left": "disk full|no space left|out of disk|out of disk space",
    "debug": "debug|debugs|debug messages",
    "info": "info|infos",
}
KINDS = {word: pattern for pattern, words in _WORDS.items() for word in words.split("|")}
"""What is said → a pattern that finds such lines."""

KIND = re.compile(rf"\b(?:{'|'.join(sorted(KINDS, key=len, reverse=True))})\b", re.IGNORECASE)

GENERIC = frozenset({"error", "fail", "exception"})
"""Kinds that add nothing behind a more special one: "timeout errors"."""

TOPICS = re.compile(
    r"\b(database|db|kafka|redis|postgres|postgresql|mysql|mongo|mongodb|rabbitmq|elasticsearch|cassandra|s3|dns|tls|ssl|http|https|login|logins|log-?in|signup|payment|card|"
    r"network|connection|socket|disk|memory|validation|parse|parsing|json|sql|query|smtp|email|webhook|grpc|permission|authentication|authorization|config|"
    r"certificate|cert|handshake|deserialization|serialization|cache|queue|lock|schema|migration|token|jwt|oauth|ldap|csrf|cors|proxy|upstream|backend|stripe|"
    r"paypal|twilio|checkout|refund|delivery|upload|download|import|export|sync|cron|io|i/o)(?:\s[a-z-]{2,20}){0,2}\s$",
    re.IGNORECASE,
)
"""The subject right before a kind: "database errors"."""
