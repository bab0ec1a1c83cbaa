"""Kinds of log lines by the words that people use for them: levels, and what stands in the text of lines."""

import re

LEVELS = ("trace", "debug", "info", "warn", "error", "critical", "fatal")
"""From the least to the most severe."""

_LEVEL_WORDS = {
    "error": "error|errors|error-prone|err|errs|erroring|errored|fehler|fehlern|errores|erreur|erreurs|errori|fehlerquote",
    "warn": "warn|warns|warning|warnings|warnung|warnungen|advertencia|advertencias|avisos|avertissement|avertissements",
    "fatal": "fatal|fatals|fatale|fatalen|fatales|fatal error|fatal errors",
    "critical": "critical|criticals|crit|kritisch|kritische|kritischen|crítico|críticos|crítica|críticas",
    "debug": "debug|debugs",
    "info": "info|infos",
    "trace": "trace",
}
_TEXT_WORDS = {
    "panic": "panic|panics|panicked|panicking",
    "exception": "exception|exceptions|excepciones",
    "stack trace": "stack trace|stack traces",
    "stacktrace": "stacktrace|stacktraces",
    "traceback": "traceback|tracebacks",
    "backtrace": "backtrace|backtraces",
    "timeout": "timeout|timeouts|time out|time outs|time-out|time-outs",
    "timed out": "timed out|timing out|times out",
    "fail": "fail|fails|failing|failures",
    "failed": "failed",
    "failure": "failure",
    "crash": "crash|crashes|crashed|crashing",
    "crashloop": "crashloop|crashloops|crash loop|crash loops",
    "OOM": "oom|ooms|oom kill|oom kills",
    "OOMKilled": "oomkilled|oomkill",
    "out of memory": "out of memory|out-of-memory",
    "deadlock": "deadlock|deadlocks|deadlocked",
    "segfault": "segfault|segfaults",
    "segmentation fault": "segmentation fault|segmentation faults",
    "connection refused": "connection refused|connections refused|refused connections|refused connection",
    "connection reset": "connection reset|connection resets|connections reset|reset connections",
    "broken pipe": "broken pipe|broken pipes",
    "permission denied": "permission denied",
    "access denied": "access denied",
    "unauthorized": "unauthorized",
    "unauthorised": "unauthorised",
    "forbidden": "forbidden",
    "not found": "not found",
    "rate limit": "rate limit|rate limits|rate limited|rate limiting|ratelimited",
    "rate-limit": "rate-limit|rate-limited|rate-limiting",
    "throttl": "throttle|throttles|throttling",
    "throttled": "throttled",
    "retry": "retry|retries|retrying|retried",
    "restart": "restart|restarts|restarted|restarting",
    "reject": "rejections|rejects",
    "rejected": "rejected",
    "refused": "refused",
    "denied": "denied",
    "denial": "denial|denials",
    "expired": "expired",
    "declined": "declined",
    "decline": "declines",
    "aborted": "aborted",
    "unreachable": "unreachable",
    "invalid": "invalid",
    "slow query": "slow query|slow queries",
    "health": "health check|health checks|health-check|health-checks|health probe|health probes",
    "healthcheck": "healthcheck|healthchecks",
    "evict": "eviction|evictions",
    "evicted": "evicted",
    "garbage collection": "garbage collection|garbage collections",
    "gc pause": "gc pause|gc pauses",
    "disk full": "disk full",
    "out of disk": "out of disk|out of disk space",
    "no space left": "no space left|no space left on device",
    "no such host": "no such host",
    "no such file": "no such file|no such file or directory",
    "no route to host": "no route to host",
    "too many open files": "too many open files",
    "too many connections": "too many connections",
    "too many requests": "too many requests",
    "already in use": "already in use|address already in use",
    "deadline exceeded": "deadline exceeded|deadlines exceeded",
    "context deadline exceeded": "context deadline exceeded",
    "not authorized": "not authorized",
    "service unavailable": "service unavailable",
    "bad gateway": "bad gateway",
}


def _by_word(table: dict[str, str]) -> dict[str, str]:
    return {word: kind for kind, words in table.items() for word in words.split("|")}


def _mistyped(words: dict[str, str]) -> dict[str, str]:
    """The commonest ones with a letter too few or twice, or with two in the wrong order: "eror", "warrning", "timeotu"."""
    made: dict[str, str] = {}
    for word in filter(words.__contains__, _OFTEN):
        for place in range(1, len(word)):
            made[word[:place] + word[place + 1 :]] = words[word]
            made[word[:place] + word[place] + word[place:]] = words[word]
            made[word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]] = words[word]
    return made


_OFTEN = (
    *("error", "errors", "warning", "warnings", "exception", "exceptions", "timeout", "timeouts"),
    *("deadlock", "deadlocks", "critical", "fatal", "debug"),
)
LEVEL_NAMES = _by_word(_LEVEL_WORDS)
"""How levels are written."""
LEVEL_WORDS = _mistyped(LEVEL_NAMES) | LEVEL_NAMES
"""What is said → the level of such lines."""
TEXT_WORDS = _mistyped(_by_word(_TEXT_WORDS)) | _by_word(_TEXT_WORDS)
"""What is said → what stands in such lines."""
KINDS = LEVEL_WORDS | TEXT_WORDS
_TO_ME = r"(?! (?:me|us|them|when|if|about|the team)\b)"
""" "Warn me about …" """

_BY_LETTER = {
    letter: "|".join(
        word[1:] + (_TO_ME if word == "warn" else "")
        for word in sorted(KINDS, key=len, reverse=True)
        if word[0] == letter
    )
    for letter in sorted({word[0] for word in KINDS})
}
_ANY = "|".join(f"{letter}(?:{rest})" for letter, rest in _BY_LETTER.items())
"""By first letters, so that few words are tried at each place."""
KIND = re.compile(rf"(?:(?<![\w-])|(?<=\bnon-))(?:{_ANY})(?![\w-]|\.\w)", re.IGNORECASE)

HAPPENED = frozenset(
    [
        "failed",
        "expired",
        "refused",
        "rejected",
        "denied",
        "declined",
        "aborted",
        "throttled",
        "evicted",
        "unreachable",
        "invalid",
    ]
) | {"not found", "timed out", "already in use", "unauthorized", "not authorized"}
"""What happens to something that is named before it: "request failed", "token has expired"."""
GENERIC = frozenset({"error", "fail", "failure", "exception"})
"""Kinds that add nothing behind a more special one: "panic failures"."""
