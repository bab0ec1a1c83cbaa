"""Whether a sentence wants a number made of log lines, and which one."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.literals import duration
from core.query.logql.fields import STREAM_FIELDS
from core.query.logql.model import (
    Aggregation,
    Binary,
    Grouping,
    LabelFilter,
    Logs,
    Matcher,
    Metric,
    Number,
    Parser,
    Range,
    Unwrap,
)
from core.query.window import Window, window
from core.query.wording import Wording, dimension_pattern, word_set

_WORDS = {
    LABELS[EntityType.SERVICE]: "service|services|app|apps|application|applications|component|components",
    LABELS[EntityType.ENVIRONMENT]: "environment|environments|env|envs",
    LABELS[EntityType.NAMESPACE]: "namespace|namespaces|ns",
    LABELS[EntityType.REGION]: "region|regions",
    LABELS[EntityType.HOST]: "host|hosts|instance|instances|node|nodes|server|servers|machine|machines|box|boxes",
    LABELS[EntityType.VERSION]: "version|versions|release|releases",
    LABELS[EntityType.ENDPOINT]: "path|paths|endpoint|endpoints|route|routes|url|urls",
    LABELS[
        EntityType.HTTP_STATUS
    ]: "status|statuses|status code|status codes|http status|http code|http codes|response code|response codes|code|codes",
    "pod": "pod|pods",
    "container": "container|containers",
    "cluster": "cluster|clusters",
    "level": "level|levels|log level|log levels|severity|loglevel",
    "method": "method|methods|http method|verb|verbs",
    "user_id": "user|users|user id|user ids|user_id",
    "customer_id": "customer|customers|customer id",
    "tenant": "tenant|tenants",
    "client_ip": "ip|ips|client ip|client ips|ip address|ip addresses|source ip",
    "message": "message|messages|error message|error messages|msg|log message|log messages",
    "exception": "exception|exception type|exception types|exception class|error type|error types",
    "logger": "logger|loggers|module|modules",
}
_LABELS = {word: label for label, words in _WORDS.items() for word in words.split("|")}
_GROUPS = dimension_pattern(_LABELS)
_WORD = re.compile(rf"\b(?:{'|'.join(sorted(_LABELS, key=len, reverse=True))})\b", re.IGNORECASE)
_DISTINCT = re.compile(rf"\b(?:distinct|unique|different|individual)\s+({_WORD.pattern})", re.IGNORECASE)
_TOP_THINGS = re.compile(
    rf"\btop\s+(?:\w+\s+)?({_WORD.pattern})|\b({_WORD.pattern})\s+(?:\w+\s+){{0,3}}(?:the )?most\b", re.IGNORECASE
)
_WITH = re.compile(
    rf"\b({_WORD.pattern}) (?:with|(?:that |which )?(?:had|have|has|having|logged|logging|wrote|writing|saw|log|write|see|got|threw|throwing|reported)) ",
    re.IGNORECASE,
)
"""Before a limit: "services with over 100 errors"."""
_BY_FIELD = re.compile(r"\b(?:by|per) (?:the )?([a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,5})\b", re.IGNORECASE)
_BY_WORD = re.compile(r"\b(?:by|per|for each|nach|por) (?:the |each )?([a-z][a-z0-9]{1,30})\b", re.IGNORECASE)
_FORMAT = re.compile(r"\b(?:json|logfmt)\b", re.IGNORECASE)
_NO_FIELD = word_set(
    "second seconds sec minute minutes min hour hours hr day days week weeks month s m h d the each our all count number volume default "
    "now far then json logfmt mistake hand time size far request requests line lines log logs favor favour"
)
_SHARE = re.compile(
    r"\b(?:percentage|percent|pct|ratio|share|proportion|fraction|portion|(?:what|which|how (?:big|large) an?) part|anteil|porcentaje)\b|%(?! ?(?:cpu|mem))",
    re.IGNORECASE,
)
_IN_PERCENT = re.compile(r"\b(?:percentage|percent|pct|prozent|porcentaje)\b|%", re.IGNORECASE)
_RATE = re.compile(r"\b(?:rates?(?![ -]limit)|per second|a second|per sec|/s|/sec|frequency)\b", re.IGNORECASE)
_EVERY = re.compile(
    r"\b(?:per|every|each|by|in|with)\s+(\d{1,3})?[ -]?(second|sec|s|minute|min|m|hour|h|day|d|week)s?(?:[ -](?:bucket|interval|step|window|bin)s?)?\b"
    r"|\b(\d{1,3})?[ -]?(second|minute|min|hour|day)s?[ -](?:bucket|interval|step|bin)s?\b|\b(hourly|daily|minutely|weekly)\b|(?<=[a-z])/\s?(minute|min|hour|h|day)\b|\b(minute|hour|day) by (?:minute|hour|day)\b",
    re.IGNORECASE,
)
_TREND = re.compile(
    r"\b(?:over time|trends?|graph|chart|plot|histogram|timeline|spik(?:e|es|ed|ing)|increas(?:e|ed|ing)|going up|distribution|time ?series)\b",
    re.IGNORECASE,
)
_VOLUME = re.compile(
    r"\b(?:log(?:ging)? volume|volume of logs?|bytes|how much (?:log|logging|data)|ingest(?:ion|ed)?|log size|log data|throughput of logs?|(?:mb|gb|data) of logs?)\b",
    re.IGNORECASE,
)
_SILENT = re.compile(
    r"\b(?:(?:logged|logs|logging|wrote|writes|writing|printed|sent|said) nothing|nothing (?:was |got |is |has been )?(?:logged|written)|no output|stop(?:ped|s)? (?:logging|sending logs|writing logs)|absent logs?|absence of logs?|no logs? (?:from|for|in|at all|coming)|(?:gone|went|goes|going|go|is|are|been) (?:silent|quiet)|not logging|missing logs|logs (?:are )?missing)\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:duration|durations|latency|latencies|response times?|request times?|took|takes|elapsed|processing times?)\b",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"\b(?:of|for|on)\s+(?:the\s+)?(?:field\s+|label\s+)?([a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,5})\b|\bfield\s+([a-z]\w{0,40})\b",
    re.IGNORECASE | re.ASCII,
)
_OF_FIELD = re.compile(r"\b([a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,5})\b")
_EXTREME = re.compile(
    r"\b(?:(biggest|highest|largest|longest|greatest|slowest)|smallest|lowest|shortest|fastest)(?= (?:value of |values of )?(?:the )?[a-z0-9]{1,30}_)",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:(?:than|compared (?:to|with)|divided by|minus|vs\.?|versus|against)\b|compared w/|compare\b[^,.;?!]{0,60}?\b(?:with|to|and|against))[^,.;?!]{0,30}?\b(yesterday|day|week|hour|month)\b",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(r"\b(?:difference|delta|diff|minus|change)\b", re.IGNORECASE)
_BACK = {"yesterday": "1d", "day": "1d", "week": "7d", "hour": "1h", "month": "30d"}
_UNITS = {
    "s": "s",
    "sec": "s",
    "second": "s",
    "m": "m",
    "min": "m",
    "minute": "m",
    "minutely": "m",
    "h": "h",
    "hour": "h",
    "hourly": "h",
} | {
    "d": "d",
    "day": "d",
    "daily": "d",
    "week": "w",
    "weekly": "w",
}
_QUANTILE = {"p50": "0.5", "p75": "0.75", "p90": "0.9", "p95": "0.95", "p99": "0.99", "p999": "0.999"}
_PLAIN_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?)(%|x)?")
_RATE_RANGE = "5m"
_COUNT_RANGE = timedelta(hours=1)
_SILENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Count:
    """What number is wanted."""

    groups: tuple[str, ...] = ()
    top: int = 0
    distinct: bool = False
    share: bool = False
    silent: bool = False
    volume: bool = False
    per_second: bool = False
    every: str = ""
    """The step that was named, as a duration."""
    trend: bool = False
    measured: Unwrap | None = None
    function: str = ""
    """avg, max, min, sum or a quantile of what is measured."""
    limit: tuple[str, str] | None = None
    """Operator and number."""
    compared: str = ""
    """How far back the other side of a comparison lies, as a duration."""
    difference: bool = False
    """The other side is subtracted; else it divides."""


def find(wording: Wording) -> Count | None:
    """None where lines are wanted."""
    text = wording.plain
    groups, distinct = _groups(wording)
    every = _every(text)
    measured, function = _measured(wording)
    limit = _limit(wording)
    top = 0 if measured and _EXTREME.search(text) else wording.top()
    compared = _COMPARED.search(text)
    share = _SHARE.search(text)
    flags = {
        "share": share is not None and not (compared and share[0].lower() == "ratio"),
        "difference": compared is not None and bool(_DIFFERENCE.search(text)),
        "silent": bool(_SILENT.search(text)),
        "volume": bool(_VOLUME.search(text)),
        "per_second": bool(_RATE.search(text)),
        "trend": bool(_TREND.search(text)),
    }
    if not (
        groups or distinct or every or measured or limit or top or compared or any(flags.values()) or wording.counts()
    ):
        return None
    if top and not groups:
        groups = ("message",)
    back = _BACK[compared[1].lower()] if compared else ""
    return Count(
        groups, top, distinct, every=every, measured=measured, function=function, limit=limit, compared=back, **flags
    )


def fields(count: Count) -> bool:
    """Whether it needs labels that only the line has."""
    return count.measured is not None or any(label not in STREAM_FIELDS for label in count.groups)


def asked_window(wording: Wording) -> Window | None:
    """The time that is asked for; "than last week" is what it is compared with."""
    question = wording.question
    compared = _COMPARED.search(question.text)
    if compared is None:
        return window(question)
    rest = (
        entity
        for entity in question.entities
        if entity.type is not EntityType.TIME_RANGE or entity.end <= compared.start() or entity.start >= compared.end()
    )
    return window(replace(question, entities=tuple(rest)))


def metric(count: Count, logs: Logs, wording: Wording) -> Metric:
    """The number as a query over these lines."""
    named = asked_window(wording)
    if count.silent:
        return Range("absent_over_time", Logs(logs.matchers), duration(_named(named, _SILENCE)))
    made = _number(count, logs, wording)
    if count.share:
        whole = Logs(logs.matchers, tuple(stage for stage in logs.stages if count.groups and isinstance(stage, Parser)))
        made = Binary("*", Number("100"), made) if _IN_PERCENT.search(wording.plain) else made
        made = Binary("/", made, _number(count, whole, wording))
    elif count.compared:
        made = Binary("-" if count.difference else "/", made, _number(count, logs, wording, count.compared))
    if count.distinct:
        made = Aggregation("count", made)
    if count.top:
        made = Aggregation("topk", made, param=str(count.top))
    return Binary(count.limit[0], made, Number(count.limit[1])) if count.limit else made


def _number(count: Count, logs: Logs, wording: Wording, offset: str = "") -> Metric:
    named = asked_window(wording)
    if count.measured is not None:
        return _measure(count, logs, named, offset)
    until_now = named is not None and named.end == wording.question.now
    function, span = _function(count, named, duration(named.length) if named and until_now else _RATE_RANGE)
    grouping = Grouping(count.groups) if count.groups else None
    return Aggregation("sum", Range(function, logs, span, offset), grouping)


def _function(count: Count, named: Window | None, rate_range: str) -> tuple[str, str]:
    span = duration(_named(named, _COUNT_RANGE))
    if count.volume:
        return ("bytes_rate", rate_range) if count.per_second else ("bytes_over_time", count.every or span)
    if count.every == "1s":
        return "rate", rate_range
    if count.every:
        return "count_over_time", count.every
    if count.per_second:
        return "rate", rate_range
    if count.share:
        return "count_over_time", span if named else _RATE_RANGE
    return "count_over_time", _RATE_RANGE if count.trend and not count.top else span


def _measure(count: Count, logs: Logs, named: Window | None, offset: str) -> Metric:
    assert count.measured is not None  # noqa: S101  # asked by the caller
    stages = (*logs.stages, count.measured, LabelFilter(Matcher("__error__", "=", "")))
    span = count.every or (_RATE_RANGE if count.trend else duration(_named(named, timedelta(minutes=5))))
    inside, grouping = Logs(logs.matchers, stages), Grouping(count.groups)
    if count.function in _QUANTILE:
        return Range("quantile_over_time", inside, span, offset, _QUANTILE[count.function], grouping)
    if count.function == "sum":
        return Aggregation("sum", Range("sum_over_time", inside, span, offset), grouping if count.groups else None)
    return Range(f"{count.function}_over_time", inside, span, offset, grouping=grouping)


def _named(named: Window | None, default: timedelta) -> timedelta:
    return named.length if named else default


def _groups(wording: Wording) -> tuple[tuple[str, ...], bool]:
    labels: list[str] = []
    distinct = False
    for match in wording.find(_DISTINCT):
        distinct = True
        labels.append(_LABELS[match[1].lower()])
    for match in _GROUPS.finditer(wording.rest):
        labels += (_LABELS[word[0].lower()] for word in _WORD.finditer(match[1]))
        # "Top error messages" groups by the message, and still asks for errors.
        wording.take(match.start(), match.start(1) if match[1].lower().startswith("error") else match.end())
    for match in wording.find(_BY_FIELD):
        labels.append(match[1].lower())
    if not labels and _FORMAT.search(wording.text):
        # Where lines have fields, a word behind "by" is the name of one, whatever it is.
        labels += (word[1].lower() for word in wording.find(_BY_WORD) if word[1].lower() not in _NO_FIELD)
    if not labels:
        limits = {entity.start for entity in wording.named(EntityType.THRESHOLD)}
        labels += (_LABELS[match[1].lower()] for match in _WITH.finditer(wording.text) if match.end() in limits)
    if not labels and wording.top() and (things := _TOP_THINGS.search(wording.rest)):
        labels.append(_LABELS[(things[1] or things[2]).lower()])
    return tuple(dict.fromkeys(labels)), distinct


def _every(text: str) -> str:
    match = _EVERY.search(text)
    if match is None:
        return ""
    unit = next(filter(None, match.group(2, 4, 5, 6, 7)))
    return f"{int(match[1] or match[3] or 1)}{_UNITS[unit.lower()]}"


def _measured(wording: Wording) -> tuple[Unwrap | None, str]:
    functions = [
        value for value in _aggregations(wording) if value in _QUANTILE or value in ("avg", "max", "min", "sum")
    ]
    functions += ("max" if extreme[1] else "min" for extreme in _EXTREME.finditer(wording.plain))
    if not functions:
        return None, ""
    if field := _OF_FIELD.search(wording.rest):
        wording.take(*field.span())
        return Unwrap(field[1]), functions[0]
    if field := _FIELD.search(wording.plain):
        return Unwrap(field[1] or field[2]), functions[0]
    latency = EntityType.METRIC in {e.type for e in wording.question.entities if e.value == "latency"}
    if latency or _TIME.search(wording.plain):
        return Unwrap("duration", "duration"), functions[0]
    return None, ""


def _aggregations(wording: Wording) -> tuple[str, ...]:
    return wording.question.values(EntityType.AGGREGATION)


def _limit(wording: Wording) -> tuple[str, str] | None:
    for entity in wording.named(EntityType.THRESHOLD):
        if match := _PLAIN_LIMIT.fullmatch(entity.value):
            return match[1], match[2]
    return None
