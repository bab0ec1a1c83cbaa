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
    "oom|out of memory": "oom|ooms|oomkill|oomkilled|ooming|oom-killed|oom kill|oom kills|out of memory|out-of-memory",
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

GENERIC = frozenset({"error", "fail", "exception"})
"""Kinds that add nothing behind a more special one: "timeout errors"."""

_SUBJECTS = (
    "database|db|kafka|redis|postgres|postgresql|mysql|mongo|mongodb|rabbitmq|elasticsearch|cassandra|s3|dns|tls|ssl|http|https|login|log-?in|signup|"
    "payment|card|network|connection|socket|disk|memory|validation|parse|parsing|json|sql|query|smtp|email|webhook|grpc|permission|authentication|"
    "authorization|config|certificate|cert|handshake|deserialization|serialization|cache|queue|lock|schema|migration|token|jwt|oauth|ldap|csrf|cors|"
    "proxy|upstream|backend|stripe|paypal|twilio|checkout|refund|delivery|upload|download|import|export|sync|cron|io|i/o|probe|liveness|readiness|"
    "worker|consumer|producer|transaction"
)
SUBJECT_BEFORE = re.compile(rf"\b({_SUBJECTS})s?(?:\s[a-z-]{{2,20}}){{0,2}}\s$", re.IGNORECASE)
"""The subject right before a kind, with a word or two between: "database errors", "kafka consumer lag warnings"."""
SUBJECT_BEHIND = re.compile(rf"\s({_SUBJECTS})s?\b", re.IGNORECASE)
"""The subject right behind: "failed logins"."""

NO_SUBJECTS = frozenset(
    [
        "any",
        "all",
        "the",
        "log",
        "logs",
        "error",
        "errors",
        "show",
        "me",
        "get",
        "give",
        "find",
        "see",
        "list",
        "of",
        "per",
        "number",
        "how",
        "many",
        "most",
        "common",
        "recent",
        "last",
        "latest",
        "new",
        "some",
        "these",
        "those",
        "that",
        "are",
        "there",
        "were",
        "was",
        "is",
        "access",
        "raw",
        "json",
        "logfmt",
        "debug",
        "info",
        "warn",
        "warning",
        "fatal",
        "critical",
        "which",
        "what",
        "for",
        "from",
        "with",
        "and",
        "every",
        "each",
        "top",
        "full",
        "only",
        "just",
        "other",
        "their",
        "our",
        "its",
        "have",
        "has",
        "no",
        "not",
        "without",
        "exclude",
        "excluding",
        "except",
        "unique",
        "distinct",
        "first",
        "total",
        "count",
        "more",
        "less",
        "than",
        "over",
        "can",
        "you",
        "pull",
        "fetch",
        "tail",
        "grep",
        "application",
        "app",
        "server",
        "service",
        "container",
        "pod",
        "both",
        "need",
        "want",
        "gimme",
        "please",
        "same",
        "similar",
    ]
)
"""Words before "messages" or "lines" that say nothing of what is in them."""
