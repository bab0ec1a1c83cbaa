"""Log lines that say the same, whatever numbers, ids and names stand in them.

What varies is masked first; lines of one masked text are one pattern; patterns of equally many words that mostly agree become one
with a star where they differ, as in Drain (He et al., ICWS 2017), without its tree: there are few patterns in the lines of one answer.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.ports.telemetry import LogLine

STAR = "*"
_ALIKE = 0.7
"""Share of words that must agree."""
_SHORTEST = 4
"""Words of the shortest patterns that are brought together; fewer say too little."""
_COMPARED = 30
"""Groups that a pattern is compared with, the most frequent first: lines of random words are no reason to take seconds."""
_LONGEST = 400
"""Characters of a line that are looked at."""
_MESSAGES = ("msg", "message", "error", "err", "event", "log")
"""Fields that hold what a structured line says, most telling first."""
_LEVELS = ("level", "lvl", "severity", "detected_level")
_LOGFMT = re.compile(r"""(?:^|\s)([A-Za-z_][\w.]{0,40})=(?:"((?:[^"\\]|\\.){0,400})"|(\S{1,400}))""")
_VARIES = re.compile(
    r"""
    (?P<time>\b\d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?)
    | (?P<id>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)
    | (?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b)
    | (?P<hex>\b(?:0x[0-9a-f]{1,32}|(?=[0-9a-f]{0,31}\d)(?=\d{0,31}[a-f])[0-9a-f]{8,64})\b)
    | (?P<number>(?<![A-Za-z_])[-+]?\d{1,20}(?:[.,]\d{1,20})*(?:ns|us|µs|ms|s|m|h|[KMGT]?i?B|%)?\b)
    | (?P<tail>(?<=[A-Za-z][-_])(?=[A-Za-z0-9]{0,19}\d)[A-Za-z0-9]{4,20}\b)
    | (?P<quoted>"[^"\n]{1,200}"|'[^'\n]{1,200}')
    """,
    re.VERBOSE | re.IGNORECASE,
)


_TRACES = ("trace_id", "traceId", "traceID", "trace.id", "trace")
"""Fields that hold the id of a trace, by the habits of logging libraries."""
_TRACE = re.compile(r"(?:[0-9a-fA-F]{16}){1,2}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What several lines have in common."""

    text: str
    """With `*` where the lines differ."""
    count: int
    first: int
    """Nanoseconds since the epoch, of the earliest line."""
    last: int
    sample: LogLine
    """The latest of the lines."""
    level: str = ""
    """Lower case; "" where the lines tell none."""


def patterns(lines: Iterable[LogLine]) -> tuple[Pattern, ...]:
    """Every line belongs to exactly one pattern; the most frequent first, then the latest."""
    exact: dict[tuple[str, str], Pattern] = {}
    for line in lines:
        message, level = said(line)
        masked = _VARIES.sub(STAR, message[:_LONGEST])
        key = (level, " ".join(masked.split()))
        exact[key] = _with(exact.get(key), key, line)
    alike: dict[tuple[str, int, str], list[_Group]] = {}
    for pattern in sorted(exact.values(), key=lambda one: (-one.count, -one.last)):
        words = pattern.text.split(" ")
        # The first word says what kind of line it is: "GET" is not "POST", "connected" not "disconnected".
        groups = alike.setdefault((pattern.level, len(words), words[0]), [])
        group = next((group for group in groups[:_COMPARED] if group.takes(words)), None)
        if group is None:
            groups.append(_Group(words, pattern))
        else:
            group.add(words, pattern)
    grouped = [group.pattern for groups in alike.values() for group in groups]
    return tuple(sorted(grouped, key=lambda one: (-one.count, -one.last, one.text)))


def said(line: LogLine) -> tuple[str, str]:
    """(what a line says, its level): of a structured line its message, else all of it."""
    fields = dict(_fields(line.text))
    message = next((fields[name] for name in _MESSAGES if fields.get(name)), line.text)
    level = next((value for name in _LEVELS if (value := fields.get(name) or line.labels.get(name, ""))), "")
    return message, level.lower()


def trace_id(line: LogLine) -> str:
    """Id of the trace that a line belongs to, by the usual names of the field; "" where it tells none."""
    fields = {**line.labels, **dict(_fields(line.text))}
    given = next((fields[name] for name in _TRACES if fields.get(name)), "")
    return given.lower() if _TRACE.fullmatch(given) else ""


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Fields of a JSON or logfmt line; none of others."""
    if text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return
        if isinstance(found, dict):
            yield from ((name, str(value)) for name, value in found.items() if isinstance(value, str | int | float))
        return
    for match in _LOGFMT.finditer(text):
        yield match[1], match[2] or match[3] or ""


def _with(known: Pattern | None, key: tuple[str, str], line: LogLine) -> Pattern:
    level, text = key
    if known is None:
        return Pattern(text, 1, line.at, line.at, line, level)
    sample = line if line.at > known.sample.at else known.sample
    return Pattern(text, known.count + 1, min(known.first, line.at), max(known.last, line.at), sample, level)


@dataclass(slots=True)
class _Group:
    """Patterns that were brought together."""

    words: list[str]
    pattern: Pattern

    def takes(self, words: list[str]) -> bool:
        if len(words) < _SHORTEST:
            return False
        return sum(map(str.__eq__, self.words, words)) >= _ALIKE * len(words)

    def add(self, words: list[str], other: Pattern) -> None:
        one = self.pattern
        self.words = [a if a == b else STAR for a, b in zip(self.words, words, strict=True)]
        self.pattern = Pattern(
            " ".join(self.words),
            one.count + other.count,
            min(one.first, other.first),
            max(one.last, other.last),
            one.sample if one.sample.at >= other.sample.at else other.sample,
            one.level,
        )
