"""Whether a sentence wants a number made of log lines, and which one."""

import re
from dataclasses import dataclass
from datetime import timedelta

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.literals import duration
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
from core.query.logql.spans import UNITS, asked_window
from core.query.window import Window
from core.query.wording import BLANK, Wording

_SHARE = re.compile(
    r"\b(?:percentage|percent|pct|ratio|share|proportion|fraction|portion|(?:what|which|how (?:big|large) an?) part|anteil|fehlerquote|porcentaje|how much of \0+(?:['’]s)?(?: \w{1,12}){0,3} (?:is|are|were|was)|prozent|relative to (?:all|the total|total|overall|everything)|out of all|(?:divided by|over|vs|versus|to|of) all (?:log )?(?:lines|logs|entries|requests|messages)(?= |$|[,.?!]))\b|%(?! ?(?:cpu|mem))|/ ?(?:all|total)\b(?: (?:log ?)?(?:lines|logs|entries|requests|messages))?(?! the\b)",
    re.IGNORECASE,
)
_IN_PERCENT = re.compile(r"\b(?:percentage|percent|pct|prozent|porcentaje)\b|%", re.IGNORECASE)
_RATE = re.compile(
    r"\b(?:rates?(?![ -]limit)|per second|(?<!half )a second|per sec|/s|/sec|frequency)\b", re.IGNORECASE
)
_EVERY = re.compile(
    r"\b(?:per|every|each|by|in|with|pro|por|je|cada|jede)[\s-]{1,3}(\d{1,3})?[ -]?(second|sec|s|minute|minuto|min|m|hour|h|day|d|week|stunde|hora|tag|d[ií]a|sekunde|segundo)(?:s|n|en)?(?:[ -](?:bucket|interval|step|window|bin)s?)?\b"
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
    r"\b(?:no\.? of|wie (?:viele|oft|häufig)|anzahl|cu[aá]ntas veces|n[uú]mero de|cantidad de|wie ?viele?|distribution|breakdown|verteilung|distribuci[oó]n|times did|number of times|anybody count)\b",
    re.IGNORECASE,
)
_SILENT = re.compile(
    r"\A(?:(?:alert|fire|page|notify|tell|warn)(?: me)? (?:if|when|on|as soon as) |(?:is|are) there |still )?no \0+ (?:\w{1,20} ){0,3}(?:from|in|by|of|since|for)\b"
    r"|\b(?:(?:logged|logs|logging|wrote|writes|writing|printed|sent|said|emitted|produced|written) nothing|nothing (?:was |got |is |has been |being )?(?:logged|written|coming)|(?:has|have|did|does|do|is|was|hat|ha) (?:the )?\0+ (?:been |even |still |actually |really |just )?(?:log|logs|logged|logging|write|written|writing|wrote|send|sent|sending|emit|emitted|emitting|print|printed|printing|produced?|producing|say|said) (?:anything|something|any(?: logs?| lines?)?|a (?:single )?(?:line|thing)|a line)(?! ?(?:about|with|like|contain|mention|on\b|regard|for user|w/|interesting|weird|strange|unusual|useful|suspicious|bad|wrong|above|over|slower|other|than|that|matching|[\"'`]))|no output|(?:stop(?:ped|s)?|quit|ceased) (?:logging|sending logs|writing logs|emitting logs)|still (?:logging|writing logs|sending logs|(?:write|log|send|emit|print|produce)s?(?: logs?| anything| any)?)|(?:is|are|was|has|been|went|gone) \0+ (?:been |gone |completely |totally )?(?:silent|quiet|mute)|absent logs?|absence of logs?"
    r"|(?:not a single|not one|zero) (?:[\w\"'-]{1,30} ){0,3}(?:lines?|entries|entry|messages?|logs?)|(?:no|zero|not a single|not one|without any|without) (?:log ?)?(?:logs?|lines?|entries)(?: lines?| entries)? (?:from|for|in|at all|coming|during|since|of|by|over)|(?:gone|went|goes|going|go|is|are|been|fell|is it|are they|has it gone) (?:dead |completely |totally |all )?(?:silent|quiet|mute)|(?:not|(?<=dn)t|(?<=sn)t) (?:logging|logged|log|written|wrote|emitted|writing)(?: anything| any| a (?:single )?line)?\b|logging (?:at all|anything)|(?:lose|lost|losing) (?:all |the )?logs|nothing since \d|missing logs|logs (?:are )?missing"
    r"|nothing (?:from|in) \0+ (?:for|in|since)|nothing for \d|keine (?:logs|zeilen|logzeilen)|loggt nicht|(?:sin|ning[uú]n|no hay) logs|dej[oó] de (?:loguear|escribir|emitir)|silencio|stumm|verstummt)\b|(?:has|did|does|have|do|is|was)n['’]?t (?:logged|log|written|write|emitted|writing|logging)(?: anything| any| a (?:single )?line)?\b|\b(?:silent|quiet|mute) (?:for|since) \d",
    re.IGNORECASE,
)
_LINES_OF_EACH = re.compile(
    r"\b(?:(?:log ?)?(?:lines?|entries|messages|counts?|logs|zeilen|l[ií]neas)|how many|number of)\b[^.;?!\n]{0,30}? (?:per|by|for each|for every|each|pro|por|je)\b|\bcounts?\b",
    re.IGNORECASE,
)
"""Numbers show as well who is silent: "is every pod still logging? lines per pod"."""
_WHERE_TO = frozenset({"path", "method", "route"})
"""Fields that say which requests are meant."""
_VERSUS = re.compile(
    r"\b(?:compar(?:e|ed|ing|ison)|vs\.?|versus|side by side|vergleich\w*|gegen[üu]ber|compar(?:a|ar|ado)|frente a)(?!\w)",
    re.IGNORECASE,
)
_DIMENSIONS = (
    EntityType.ENVIRONMENT,
    EntityType.REGION,
    EntityType.VERSION,
    EntityType.NAMESPACE,
    EntityType.HOST,
    EntityType.SERVICE,
)
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
    text = _outside_quotes(wording)
    other = compared.find(wording)
    if other:
        wording.claim(other.start, other.end)
    groups, distinct = grouping.find(wording, measured=measured.extreme(wording))
    if not groups and other is None and _VERSUS.search(text):
        groups = _held_together(wording)
    every = _every(text)
    unwrap, function = measured.find(wording)
    limit = _limit(wording)
    top = 0 if unwrap and measured.extreme(wording) else grouping.top(wording)
    share = _SHARE.search(text)
    flags = {
        "share": share is not None and not (other and share[0].lower() == "ratio"),
        "silent": bool(_SILENT.search(text)) and not (groups and _LINES_OF_EACH.search(text)),
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


def _outside_quotes(wording: Wording) -> str:
    """The text without names of services and without what is quoted: "Rate exceeded" is no rate."""
    text = wording.plain
    for quote in wording.quotes:
        text = text[: quote.start] + BLANK * (quote.end - quote.start) + text[quote.end :]
    return text


def _held_together(wording: Wording) -> tuple[str, ...]:
    """ "Compare errors in prod and staging": by what there are several of."""
    several = (LABELS[kind] for kind in _DIMENSIONS if len(wording.values(kind)) > 1)
    return tuple(several)[:1]


def fields(count: Count) -> bool:
    """Whether it needs labels that only the line has."""
    return count.measured is not None or any(label not in STREAM_FIELDS for label in count.groups)


def metric(count: Count, logs: Logs, wording: Wording) -> Metric:
    """The number as a query over these lines."""
    named = asked_window(wording)
    if count.silent:
        return Range("absent_over_time", logs, duration(_named(named, _SILENCE)))
    made = _number(count, logs, wording)
    if count.share:
        whole = Logs(logs.matchers, _of_all(logs, formed=any(label not in STREAM_FIELDS for label in count.groups)))
        made = Binary("*", Number("100"), made) if _IN_PERCENT.search(wording.plain) else made
        made = Binary("/", made, _number(count, whole, wording))
    elif count.other:
        made = Binary("-" if count.other.difference else "/", made, _number(count, logs, wording, count.other.back))
    if count.distinct:
        made = Aggregation("count", made)
    if count.top:
        made = Aggregation("topk" if count.top > 0 else "bottomk", made, param=str(abs(count.top)))
    return Binary(count.limit[0], made, Number(count.limit[1])) if count.limit else made


def _of_all(logs: Logs, *, formed: bool) -> tuple[Stage, ...]:
    """The stages of what is the whole of a share: of "requests to /pay that fail" those to /pay."""
    conditions = [stage for stage in logs.stages if isinstance(stage, LabelFilter)]
    kept = [one for one in conditions if isinstance(one.condition, Matcher) and one.condition.label in _WHERE_TO]
    if len(kept) == len(conditions):
        kept = []
    parsers = (stage for stage in logs.stages if isinstance(stage, Parser) and (formed or kept))
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
    return f"{int(match[1] or match[3] or 1)}{UNITS[unit.lower()]}"


def _limit(wording: Wording) -> tuple[str, str] | None:
    for entity in wording.named(EntityType.THRESHOLD):
        if match := grouping.PLAIN_LIMIT.fullmatch(entity.value):
            return match[1], match[2]
    return None
