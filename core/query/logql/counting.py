"""Whether a sentence wants a number made of log lines, and which one."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from core.nlp.interpretation import EntityType
from core.query.literals import duration, seconds
from core.query.logql import compared, grouping, measured
from core.query.logql.compared import Compared
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
    Stage,
    Unwrap,
)
from core.query.translation import Question
from core.query.window import Window, window, window_of, windows
from core.query.wording import Wording

_SHARE = re.compile(
    r"\b(?:percentage|percent|pct|ratio|share|proportion|fraction|portion|(?:what|which|how (?:big|large) an?) part|anteil|porcentaje|how much of \0+(?:['’]s)?(?: \w{1,12}){0,3} (?:is|are|were|was)|prozent|relative to (?:all|the total|total|overall|everything)|out of all|(?:divided by|over|vs|versus|to|of) all (?:log )?(?:lines|logs|entries|requests|messages)(?= |$|[,.?!]))\b|%(?! ?(?:cpu|mem))",
    re.IGNORECASE,
)
_IN_PERCENT = re.compile(r"\b(?:percentage|percent|pct|prozent|porcentaje)\b|%", re.IGNORECASE)
_RATE = re.compile(
    r"\b(?:rates?(?![ -]limit)|per second|(?<!half )a second|per sec|/s|/sec|frequency)\b", re.IGNORECASE
)
_EVERY = re.compile(
    r"\b(?:per|every|each|by|in|with)\s+(\d{1,3})?[ -]?(second|sec|s|minute|min|m|hour|h|day|d|week)s?(?:[ -](?:bucket|interval|step|window|bin)s?)?\b"
    r"|\b(\d{1,3})?[ -]?(second|minute|min|hour|day)s?[ -](?:bucket|interval|step|bin)s?\b|\b(hourly|daily|minutely|weekly)\b|(?<=[a-z])/\s?(minute|min|hour|h|day)\b|\b(minute|hour|day) by (?:minute|hour|day)\b",
    re.IGNORECASE,
)
_TREND = re.compile(
    r"\b(?:over time|trends?|graph|chart|plot|histogram|timeline|spik(?:e|es|ed|ing)|increas(?:e|ed|ing)|going up|time ?series)\b",
    re.IGNORECASE,
)
_VOLUME = re.compile(
    r"\b(?:log(?:ging)? volume|volume of logs?|bytes|how (?:big|large|heavy) (?:are|is|were|was) (?:the |all |our )?(?:\0+ ?)?logs?|how much (?:log|logging|data)|ingest(?:ion|ed)?|log size|log data|throughput of logs?|(?:mb|gb|data) of logs?)\b",
    re.IGNORECASE,
)
_LINES_A_TIME = re.compile(r"\b(?:lines?|entries|messages)\s?(?:/|per |a |an )", re.IGNORECASE)
"""Then "log volume" is a number of lines."""
_HOW_MANY = re.compile(
    r"\b(?:no\.? of|wie (?:viele|oft|häufig)|anzahl|cu[aá]ntas veces|n[uú]mero de|cantidad de|wie ?viel|distribution|breakdown|verteilung|distribuci[oó]n|times did|number of times|anybody count)\b",
    re.IGNORECASE,
)
_SILENT = re.compile(
    r"\b(?:(?:logged|logs|logging|wrote|writes|writing|printed|sent|said|emitted|produced|written) nothing|nothing (?:was |got |is |has been |being )?(?:logged|written|coming)|no output|(?:stop(?:ped|s)?|quit|ceased) (?:logging|sending logs|writing logs|emitting logs)|still (?:logging|writing logs|sending logs|(?:write|log|send|emit|print|produce)s?(?: logs?| anything| any)?)|(?:is|are|was|has|been|went|gone) \0+ (?:been |gone |completely |totally )?(?:silent|quiet|mute)|absent logs?|absence of logs?"
    r"|(?:not a single|not one|zero) (?:[\w\"'-]{1,30} ){0,3}(?:lines?|entries|entry|messages?|logs?)|(?:no|zero|not a single|not one|without any|without) (?:log ?)?(?:logs?|lines?|entries)(?: lines?| entries)? (?:from|for|in|at all|coming|during|since|of|by|over)|(?:gone|went|goes|going|go|is|are|been|fell|is it|are they|has it gone) (?:dead |completely |totally |all )?(?:silent|quiet|mute)|(?:not|(?<=dn)t|(?<=sn)t) (?:logging|logged|log|written|wrote|emitted|writing)(?: anything| any| a (?:single )?line)?\b|logging (?:at all|anything)|(?:lose|lost|losing) (?:all |the )?logs|nothing since \d|missing logs|logs (?:are )?missing"
    r"|nothing (?:from|in) \0+ (?:for|in|since)|nothing for \d|keine (?:logs|zeilen|logzeilen)|loggt nicht|(?:sin|ning[uú]n|no hay) logs|dej[oó] de (?:loguear|escribir|emitir)|silencio|stumm|verstummt)\b|(?:has|did|does|have|do|is|was)n['’]?t (?:logged|log|written|write|emitted|writing|logging)(?: anything| any| a (?:single )?line)?\b|\b(?:silent|quiet|mute) (?:for|since) \d",
    re.IGNORECASE,
)
_WHERE_TO = frozenset({"path", "method", "route"})
"""Fields that say which requests are meant."""
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
_LENGTH = re.compile(
    r"(?:\b(?:in|for|over|within|during|of|check|lasting|since|seit|desde hace|durante|en)|,|\() ?(?:the |den |los |las )?(?:last |past |letzten |[uú]ltim[oa]s )?(\d{1,4}) ?(min(?:ute|uto)?|m|h(?:our|r|ora)?|stunde|d(?:ay|[ií]a)?|tag)(?:s|n|en|e)?\b(?! (?:ago|before|earlier|back|steps?|buckets?|intervals?))",
    re.IGNORECASE,
)
_LETTERS = {"m": "m", "h": "h", "s": "h", "d": "d", "t": "d"}
_BEEN = re.compile(r"\bit['’]?s been (\d{1,4}) ?(minute|min|m|hour|h|day|d)s?\b", re.IGNORECASE)
""" "Today (it's been 9 hours)"."""
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
    other: Compared | None = None
    """The time with which it is compared."""


def find(wording: Wording) -> Count | None:
    """None where lines are wanted."""
    text = wording.plain
    other = compared.find(wording)
    if other:
        wording.claim(other.start, other.end)
    groups, distinct = grouping.find(wording, measured=measured.extreme(wording))
    every = _every(text)
    unwrap, function = measured.find(wording)
    limit = _limit(wording)
    top = 0 if unwrap and measured.extreme(wording) else grouping.top(wording)
    share = _SHARE.search(text)
    flags = {
        "share": share is not None and not (other and share[0].lower() == "ratio"),
        "silent": bool(_SILENT.search(text)),
        "volume": bool(_VOLUME.search(text)) and not _LINES_A_TIME.search(text),
        "per_second": bool(_RATE.search(text)),
        "trend": other is None and bool(_TREND.search(text)),
    }
    if not (groups or distinct or every or unwrap or limit or top or other or any(flags.values()) or _counts(wording)):
        return None
    if top and not groups:
        groups = ("message",)
    return Count(
        groups, top, distinct, every=every, measured=unwrap, function=function, limit=limit, other=other, **flags
    )


def fields(count: Count) -> bool:
    """Whether it needs labels that only the line has."""
    return count.measured is not None or any(label not in STREAM_FIELDS for label in count.groups)


def asked_window(wording: Wording) -> Window | None:
    """The time that is asked for; "than last week" is what it is compared with."""
    question = wording.question
    if been := _BEEN.search(wording.text):
        return window_of(f"{been[1]}{_UNITS[been[2].lower()]}", question.now)
    other = compared.find(wording)
    if other is None:
        # "Today? No, just the last 3h": a length that is said besides is what counts.
        lengths = [one for one in windows(question) if one.end == question.now and one.length in _lengths(question)]
        return lengths[-1] if lengths else window(question) or _span(wording)
    rest = (
        entity
        for entity in question.entities
        if entity.type is not EntityType.TIME_RANGE or entity.end <= other.start or entity.start >= other.end
    )
    return window(replace(question, entities=tuple(rest))) or _span(wording)


def _lengths(question: Question) -> frozenset[timedelta]:
    """The time ranges that are said as lengths."""
    said = (value for value in question.values(EntityType.TIME_RANGE) if "/" not in value)
    return frozenset(timedelta(seconds=seconds(value)) for value in said)


def _span(wording: Wording) -> Window | None:
    """ "Nothing for 20m": a length of time that stands alone."""
    for match in _LENGTH.finditer(wording.text):
        inside = any(one.start < match.end() and match.start() < one.end for one in wording.question.entities)
        if not inside and not any(quote.start < match.start() < quote.end for quote in wording.quotes):
            return window_of(f"{match[1]}{_LETTERS[match[2][0].lower()]}", wording.question.now)
    return None


def metric(count: Count, logs: Logs, wording: Wording) -> Metric:
    """The number as a query over these lines."""
    named = asked_window(wording)
    if count.silent:
        return Range("absent_over_time", logs, duration(_named(named, _SILENCE)))
    made = _number(count, logs, wording)
    if count.share:
        whole = Logs(logs.matchers, _of_all(logs, grouped=bool(count.groups)))
        made = Binary("*", Number("100"), made) if _IN_PERCENT.search(wording.plain) else made
        made = Binary("/", made, _number(count, whole, wording))
    elif count.other:
        made = Binary("-" if count.other.difference else "/", made, _number(count, logs, wording, count.other.back))
    if count.distinct:
        made = Aggregation("count", made)
    if count.top:
        made = Aggregation("topk" if count.top > 0 else "bottomk", made, param=str(abs(count.top)))
    return Binary(count.limit[0], made, Number(count.limit[1])) if count.limit else made


def _of_all(logs: Logs, *, grouped: bool) -> tuple[Stage, ...]:
    """The stages of what is the whole of a share: of "requests to /pay that fail" those to /pay."""
    conditions = [stage for stage in logs.stages if isinstance(stage, LabelFilter)]
    kept = [one for one in conditions if isinstance(one.condition, Matcher) and one.condition.label in _WHERE_TO]
    if len(kept) == len(conditions):
        kept = []
    parsers = (stage for stage in logs.stages if isinstance(stage, Parser) and (grouped or kept))
    return (*parsers, *kept)


def _number(count: Count, logs: Logs, wording: Wording, offset: str = "") -> Metric:
    named = asked_window(wording)
    if count.measured is not None:
        return _measure(count, logs, named, offset)
    until_now = named is not None and named.end == wording.question.now
    function, span = _function(count, named, duration(named.length) if named and until_now else _RATE_RANGE)
    grouping = Grouping(count.groups) if count.groups else None
    return Aggregation("sum", Range(function, logs, span, offset), grouping)


def _function(count: Count, named: Window | None, rate_range: str) -> tuple[str, str]:
    span = count.other.length if count.other and count.other.length else duration(_named(named, _COUNT_RANGE))
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
    if count.function in measured.QUANTILES:
        return Range("quantile_over_time", inside, span, offset, measured.QUANTILES[count.function], grouping)
    if count.function == "sum":
        return Aggregation("sum", Range("sum_over_time", inside, span, offset), grouping if count.groups else None)
    return Range(f"{count.function}_over_time", inside, span, offset, grouping=grouping)


def _named(named: Window | None, default: timedelta) -> timedelta:
    return named.length if named else default


def _counts(wording: Wording) -> bool:
    return wording.counts() or bool(_HOW_MANY.search(wording.rest))


def _every(text: str) -> str:
    match = _EVERY.search(text)
    if match is None:
        return ""
    unit = next(filter(None, match.group(2, 4, 5, 6, 7)))
    return f"{int(match[1] or match[3] or 1)}{_UNITS[unit.lower()]}"


def _limit(wording: Wording) -> tuple[str, str] | None:
    for entity in wording.named(EntityType.THRESHOLD):
        if match := grouping.PLAIN_LIMIT.fullmatch(entity.value):
            return match[1], match[2]
    return None
