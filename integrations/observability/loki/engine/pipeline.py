"""What the stages of a LogQL pipeline do to a line (https://grafana.com/docs/loki/latest/query/log_queries/)."""

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from core.query.logql.model import (
    Address,
    Compare,
    Condition,
    Every,
    LabelFilter,
    Labels,
    LineFilter,
    Logs,
    Matcher,
    Parser,
    Quantity,
    Stage,
    Unwrap,
)
from integrations.observability.loki.engine.entries import Entry, LogQueryError, LogSource
from integrations.observability.loki.engine.entries import Labels as Named

_LOGFMT = re.compile(r"""([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))""")
_ODD = re.compile(r"[^A-Za-z0-9_]")
_COMPARES: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "==": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
_NUMBER = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*([a-zµA-Z]*)")
_UNITS = {
    "": 1.0, "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0,
    "b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30,
}  # fmt: skip
_DURATION = re.compile(r"\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d)")


def lines(logs: Logs, source: LogSource, start: int, end: int) -> Iterator[tuple[Entry, dict[str, str]]]:
    """Each line that passes, with the labels that it has then.

    Raises:
        LogQueryError: a stage that is not known here.
    """
    stages = [_stage(stage) for stage in logs.stages if not isinstance(stage, Unwrap)]
    for entry in source.entries(start, end, wanted(logs.matchers)):
        labels = dict(entry.labels)
        if all(stage(entry.text, labels) for stage in stages):
            yield entry, labels


def wanted(matchers: tuple[Matcher, ...]) -> Callable[[Named], bool]:
    """Whether all matchers of a stream selector hold."""
    return lambda labels: all(_matches(matcher, labels) for matcher in matchers)


def number(text: str) -> float | None:
    """A number, a duration in seconds, a size in bytes; None for anything else."""
    match = _NUMBER.fullmatch(text.strip())
    if match and match[2].lower() in _UNITS:
        return float(match[1]) * _UNITS[match[2].lower()]
    parts = _DURATION.findall(text)
    if parts and "".join(parts) == text.strip():
        return sum(number(part) or 0.0 for part in parts)
    return None


_Step = Callable[[str, dict[str, str]], bool]
"""Changes the labels of a line; whether it passes."""


def _stage(stage: Stage) -> _Step:
    match stage:
        case LineFilter():
            return _line_filter(stage)
        case LabelFilter(condition=condition):
            return lambda _, labels: _holds(condition, labels)
        case Parser(name="json", fields=(), pattern=None):
            return _json
        case Parser(name="logfmt", fields=(), pattern=None):
            return _logfmt
        case Parser(name="regexp", pattern=str(pattern)):
            return _regexp(_compiled(pattern))
        case Parser(name="pattern", pattern=str(pattern)):
            return _regexp(_of_pattern(pattern))
        case Labels(action=action, labels=names) if all(isinstance(name, str) for name in names):
            return _kept(action == "keep", frozenset(map(str, names)))
        case _:
            raise LogQueryError(f"parse error : {type(stage).__name__} is not supported by this server")


def _line_filter(stage: LineFilter) -> _Step:
    values = [value for value in stage.values if not isinstance(value, Address)]
    if len(values) != len(stage.values) or stage.op not in ("|=", "!=", "|~", "!~"):
        raise LogQueryError("parse error : this line filter is not supported by this server")
    positive = stage.op in ("|=", "|~")
    if stage.op in ("|=", "!="):
        return lambda text, _: any(value in text for value in values) is positive
    patterns = [_compiled(value) for value in values]
    return lambda text, _: any(pattern.search(text) for pattern in patterns) is positive


def _json(text: str, labels: dict[str, str]) -> bool:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        labels["__error__"] = "JSONParserErr"
        return True
    _add(labels, _flat(found, ""))
    return True


def _flat(value: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, one in value.items():
        name = prefix + _ODD.sub("_", key)
        if isinstance(one, dict):
            yield from _flat(one, f"{name}_")
        elif isinstance(one, bool):
            yield name, str(one).lower()
        elif isinstance(one, str | int | float):
            yield name, str(one)


def _logfmt(text: str, labels: dict[str, str]) -> bool:
    _add(labels, ((_ODD.sub("_", m[1]), m[2] if m[2] is not None else m[3]) for m in _LOGFMT.finditer(text)))
    return True


def _regexp(pattern: re.Pattern[str]) -> _Step:
    def step(text: str, labels: dict[str, str]) -> bool:
        if match := pattern.search(text):
            _add(labels, ((name, value) for name, value in match.groupdict().items() if value is not None))
        return True

    return step


def _of_pattern(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"<(\w+)>", pattern)
    made = ""
    for place, part in enumerate(parts):
        if place % 2:
            made += ".*?" if part == "_" else f"(?P<{part}>.*?)"
        else:
            made += re.escape(part)
    return re.compile(f"^{made}$", re.DOTALL)


def _add(labels: dict[str, str], found: Iterator[tuple[str, str]]) -> None:
    """A label of the stream stays; the extracted one of the same name is marked as such."""
    own = frozenset(labels)
    for name, value in found:
        labels[f"{name}_extracted" if name in own else name] = value


def _kept(keeps: bool, names: frozenset[str]) -> _Step:
    def step(_: str, labels: dict[str, str]) -> bool:
        for name in [name for name in labels if (name in names) is not keeps]:
            del labels[name]
        return True

    return step


def _holds(condition: Condition, labels: dict[str, str]) -> bool:
    match condition:
        case Matcher():
            return _matches(condition, labels)
        case Compare(label=label, op=op, value=Quantity(text=text)):
            if label not in labels:
                return False
            given, limit = number(labels[label]), number(text)
            if given is None or limit is None:
                labels["__error__"] = "LabelFilterErr"
                return True
            return _COMPARES[op](given, limit)
        case Every(parts=parts):
            return all(_holds(part, labels) for part in parts)
        case Compare():
            raise LogQueryError("parse error : ip filters are not supported by this server")
        case _:
            return any(_holds(part, labels) for part in condition.parts)


def _matches(matcher: Matcher, labels: Named) -> bool:
    given = labels.get(matcher.label, "")
    if matcher.op in ("=", "!="):
        return (given == matcher.value) is (matcher.op == "=")
    return (_compiled(matcher.value).fullmatch(given) is not None) is (matcher.op == "=~")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error as error:
        raise LogQueryError(f"parse error : error parsing regexp: {error}") from error
