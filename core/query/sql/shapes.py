"""What a sentence wants of the rows: a list, a number, groups, or a number beside those before it."""

import re
from dataclasses import dataclass, replace
from functools import cache

from core.nlp.interpretation import EntityType
from core.query.sql import filters
from core.query.sql.model import (
    Arithmetic,
    Bucket,
    Call,
    Column,
    Compare,
    Condition,
    Expression,
    Item,
    Minutes,
    Missing,
    Number,
    OneOf,
    Order,
    Over,
    Select,
    Share,
    Unit,
)
from core.query.sql.subjects import INCIDENTS, RUNS, SUBJECTS, Subject, status_column
from core.query.wording import DEFAULT_TOP, Wording, dimension_pattern

LIST = 50
"""Rows of a list where the person says nothing."""
GROUPS = 100

_UNITS: dict[str, Unit] = {
    "hour": "hour", "hours": "hour", "hourly": "hour", "day": "day", "days": "day", "daily": "day", "tag": "day", "d[ií]a": "day",
    "week": "week", "weeks": "week", "weekly": "week", "woche": "week", "semana": "week", "month": "month", "months": "month", "monthly": "month",
}  # fmt: skip
_EVERY = re.compile(
    r"\b(?:per|each|every|by|a|an|pro|por|over)\s+(hour|day|week|month|tag|woche|semana)s?\b(?! ago)|\b(hour|day|dai|week|month)ly\b|\b(?:busiest|quietest|worst|which|what) (hour|day|week|month)\b|\b(hour|day|week|month)[- ](?:by|over|on)[- ](?:hour|day|week|month)\b",
    re.IGNORECASE,
)
_TREND = re.compile(r"\b(?:trends?|over time|timeline|graph|chart)\b", re.IGNORECASE)
_RUNNING = re.compile(
    r"\b(?:running (?:total|count|sum)s?|cumulative(?:ly)?|cumulated|accumulated|so far each day)\b", re.IGNORECASE
)
_RANK = re.compile(r"\brank(?:s|ed|ing)?\b", re.IGNORECASE)
_GAP = re.compile(
    r"\b(?:(?:time|gap|gaps|days|hours|interval|intervals|how long) (?:between|since the (?:previous|last|prior))|mtbf|mean time between|since the previous|previous (?:incident|run))\b",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"\b(?:percentage|percent|share|ratio|proportion|fraction|rate|anteil|porcentaje)\b|%", re.IGNORECASE
)
_LENGTH = re.compile(
    r"\b(?:mttr|time[ -]to[ -](?:resol\w+|recover\w*|fix|close|restore)|how long|durations?|take|takes|took|resolution times?|run ?times?|lengths?|long|longest|shortest|quickest|fastest|slowest|last(?:ed|ing)?(?= on average| the longest)|average time|mean time|dauer|dur(?:an|aron))\b",
    re.IGNORECASE,
)
_AVERAGE = re.compile(
    r"\b(?:avg|average|averages|mean|mttr|on average|typical(?:ly)?|usually|normally|durchschnitt\w*|promedio|time[ -]to[ -](?:resol\w+|recover\w*|fix|close|restore)|resolution times?|how long (?:do|does|did|is|are))\b",
    re.IGNORECASE,
)
_EXTREME = re.compile(r"\b(longest|slowest|shortest|quickest|fastest)\b", re.IGNORECASE)
_MAXIMUM = re.compile(r"\b(?:max|maximum|longest time|worst case)\b", re.IGNORECASE)
_MINIMUM = re.compile(r"\b(?:min|minimum)\b", re.IGNORECASE)
_WHO = re.compile(r"\b(?:who|wer|qui[eé]n(?:es)?|whose)\b", re.IGNORECASE)
_LATEST = re.compile(r"\b(?:latest|newest|most recent|last|recent|letzte[nr]?|[uú]ltim[oa]s?)\b", re.IGNORECASE)
_OLDEST = re.compile(r"\b(?:oldest|first|earliest|longest open)\b", re.IGNORECASE)
_NUMBER_OF = re.compile(
    r"\b(?:latest|newest|most recent|last|recent|first|oldest|earliest|longest|slowest|shortest|fastest|top|biggest|worst)\s+(\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twenty)\b(?! ?(?:s|m|h|d|w|sec|min|hours?|hrs?|days?|weeks?|months?|minutes?|seconds?)\b)|\b(\d{1,3})\s+(?:latest|newest|most recent|oldest|longest|slowest|shortest|last|first|recent)\b",
    re.IGNORECASE,
)
_SPELLED = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twenty": 20,
}
_ONE = re.compile(
    r"\b(?:the |our |an? |what was the |when was the )?(?:latest|newest|most recent|last|first|oldest|earliest|longest|slowest|shortest|quickest|fastest)\s+(?:\w+[\s-]){0,3}?(?:incident|run|deploy|deployment|rollback|message|outage|workflow|job|question|reply|answer|sev[1-4])\b",
    re.IGNORECASE,
)
_LEAST = re.compile(r"\b(?:least|fewest|lowest|quietest)\b", re.IGNORECASE)
_MOST = re.compile(
    r"\b(?:most(?! first)|top|highest|worst|biggest|busiest|more often|most often|am meisten|m[aá]s)\b", re.IGNORECASE
)
_PER_GROUP = re.compile(
    r"\b(?:latest|last|most recent|newest)\b[^.,;?!]{0,40}\b(?:per|for each|of each|of every|for every|each|by)\b",
    re.IGNORECASE,
)
_PLAIN_LIMIT = re.compile(r"(>=|<=|>|<)(\d+)")
_TWICE = re.compile(r"\b(more than|at least|over)\s+(once|twice|one time|two times)\b", re.IGNORECASE)
_QUANTILES = {"p50": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was read from the sentence, before it takes a shape."""

    subject: Subject
    where: tuple[Condition, ...]
    groups: tuple[str, ...]
    every: Unit | None
    distinct: str
    limit: tuple[str, int] | None
    """On the number of rows of a group."""


@cache
def _dimensions(table: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Finds what rows are grouped by; a single word of it; and things whose number is asked for."""
    subject = next(one for one in SUBJECTS if one.table == table)
    word = "|".join(sorted(map(re.escape, subject.dimensions), key=len, reverse=True))
    counted = rf"\b(?:how many|number of|count(?: of)?)\s+(?:different |distinct |unique |individual )?({word})\b|\b(?:different|distinct|unique)\s+({word})\b"
    single = re.compile(rf"\b(?:{word})\b", re.IGNORECASE)
    return dimension_pattern(subject.dimensions), single, re.compile(counted, re.IGNORECASE)


def grouping(wording: Wording, subject: Subject) -> tuple[tuple[str, ...], str]:
    """Columns that rows are grouped by, and the one whose different values are counted."""
    pattern, single, counted = _dimensions(subject.table)
    distinct = ""
    if match := counted.search(wording.rest):
        column = subject.dimensions[(match[1] or match[2]).lower()]
        if not _is_noun(subject, (match[1] or match[2]).lower()):
            wording.take(*match.span())
            distinct = column
    found: list[str] = []
    for match in wording.find(pattern):
        found += (subject.dimensions[word[0].lower()] for word in single.finditer(match[1]))
    return tuple(dict.fromkeys(found)), distinct


def _is_noun(subject: Subject, word: str) -> bool:
    """ "How many jobs": the word for a group may also be the one for the rows."""
    return subject is RUNS and word in ("job", "jobs", "pipeline", "pipelines")


def shape(wording: Wording, wanted: Wanted) -> Select:
    """The statement."""
    text = wording.text
    length = bool(wanted.subject.end) and bool(_LENGTH.search(text))
    if _SHARE.search(text) and (share := _share(wording, wanted)):
        return share
    if wanted.every and filters.PREVIOUS.search(text):
        return _beside_previous(wanted)
    if _RUNNING.search(text):
        return _running(wanted)
    if _GAP.search(text) and wanted.subject.table != "messages":
        return _gaps(wording, wanted)
    if wanted.distinct:
        return _grouped(
            wording, wanted, (Item(Call("COUNT", (Column(wanted.distinct),), distinct=True), _plural(wanted.distinct)),)
        )
    if length and (measured := _measured(wording, wanted)):
        return measured
    if wanted.every and _AVERAGE.search(text):
        return _average_count(wanted)
    if wanted.groups and _PER_GROUP.search(text) and not wording.counts():
        return _latest_of_each(wanted)
    if wanted.groups or wanted.every or wording.counts() or wanted.limit:
        return _grouped(wording, wanted, (Item(Call("COUNT"), wanted.subject.noun),))
    return _listed(wording, wanted)


def read(
    wording: Wording, subject: Subject, where: tuple[Condition, ...], groups: tuple[str, ...], distinct: str
) -> Wanted:
    """What the sentence says of groups, steps and limits."""
    text = wording.text
    unit = _EVERY.search(text)
    every: Unit | None = None
    if unit and not _is_group_only(unit[0]):
        every = _UNITS.get(next(filter(None, unit.groups())).lower().replace("dai", "day"), "day")
    elif _TREND.search(text) or (_RUNNING.search(text) and not groups):
        every = "day"
    if _WHO.search(text) and subject is RUNS and "triggered_by" not in groups:
        groups = ("triggered_by", *groups)
    limit = next((m for e in wording.named(EntityType.THRESHOLD) if (m := _PLAIN_LIMIT.fullmatch(e.value))), None)
    bounds = (limit[1], int(limit[2])) if limit else None
    if not groups and not every and (bounds or _TWICE.search(text) or _RANK.search(text)):
        groups = tuple(
            dict.fromkeys(
                subject.dimensions[word[0].lower()] for word in _dimensions(subject.table)[1].finditer(wording.rest)
            )
        )[:1]
    if twice := _TWICE.search(text):
        bounds = (">=" if twice[1].lower() == "at least" else ">", 1 if twice[2].lower() in ("once", "one time") else 2)
    return Wanted(subject, where, groups, every, distinct, bounds)


def _is_group_only(said: str) -> bool:
    return said.lower().startswith(("a ", "an ", "over ")) and said.split()[-1].lower() in (
        "hours",
        "days",
        "weeks",
        "months",
    )


def _plural(column: str) -> str:
    return {"triggered_by": "people", "session_id": "sessions", "severity": "severities", "status": "statuses"}.get(
        column, f"{column}s"
    )


def _keys(wanted: Wanted) -> tuple[Item, ...]:
    """What the groups are told apart by: the step of time first."""
    time = (Item(Bucket(wanted.every, Column(wanted.subject.begin)), wanted.every),) if wanted.every else ()
    return (*time, *(Item(Column(column)) for column in wanted.groups))


def _grouped(wording: Wording, wanted: Wanted, measures: tuple[Item, ...]) -> Select:
    keys = _keys(wanted)
    if not keys:
        return Select(measures, wanted.subject.table, where=wanted.where, limit=1)
    measure = measures[0]
    having = (
        (Compare(wanted.limit[0], measure.expr, Number(wanted.limit[1])),)
        if wanted.limit and isinstance(measure.expr, Call)
        else ()
    )
    if _RANK.search(wording.text):
        measures = (*measures, Item(Over(Call("RANK"), order=(Order(measure.expr, descending=True),)), "place"))
    descending = not _LEAST.search(wording.text)
    ordered = not wanted.every or _MOST.search(wording.text) or _LEAST.search(wording.text)
    order = (Order(Column(measure.name), descending),) if ordered else (Order(Column(str(wanted.every))),)
    # A second key makes the order of equals the same each time.
    rest = tuple(Order(Column(key.name or _column(key))) for key in keys if ordered or not key.name)
    return Select(
        (*keys, *measures),
        wanted.subject.table,
        where=wanted.where,
        group=tuple(key.expr for key in keys),
        having=having,
        order=(*order, *rest),
        limit=_cut(wording),
    )


def _column(item: Item) -> str:
    return item.expr.name if isinstance(item.expr, Column) else item.name


def _cut(wording: Wording) -> int:
    if number := _number(wording.text):
        return number
    if not (_MOST.search(wording.text) or _LEAST.search(wording.text)):
        return GROUPS
    if _WHO.search(wording.text) and not re.search(r"\btop\b", wording.text, re.IGNORECASE):
        return 1
    if re.search(r"\b(?:busiest|quietest|worst) (?:hour|day|week|month)\b", wording.text, re.IGNORECASE):
        return 1
    return wording.top() or (
        1
        if re.search(r"\b(?:which|what|busiest|quietest|worst) \w{0,30}[^s\W]\s", wording.text, re.IGNORECASE)
        else DEFAULT_TOP
    )


def _number(text: str) -> int:
    found = _NUMBER_OF.search(text)
    if found is None:
        return 0
    said = (found[1] or found[2]).lower()
    return _SPELLED.get(said) or int(said)


def _share(wording: Wording, wanted: Wanted) -> Select | None:
    """Percent of the rows with the status that is named, of those that fit the other conditions."""
    column = status_column(wanted.subject)
    named = next((one for one in reversed(wanted.where) if isinstance(one, OneOf) and one.expr == Column(column)), None)
    if named is None:
        named = next(
            (
                one
                for one in wanted.where
                if isinstance(one, OneOf) and one.expr in (Column("severity"), Column("workflow"))
            ),
            None,
        )
    if named is None:
        return None
    others = tuple(one for one in wanted.where if one is not named)
    name = (
        "_".join([*(value.value for value in named.values if isinstance(value.value, str)), "percent"])
        if not named.negative and len(named.values) == 1
        else "percent"
    )
    groups = tuple(group for group in wanted.groups if Column(group) != named.expr)
    plain = re.fullmatch(r"[a-z][a-z0-9_]*", name)
    return _grouped(
        wording, replace(wanted, where=others, groups=groups), (Item(Share(named), name if plain else "percent"),)
    )


def _beside_previous(wanted: Wanted) -> Select:
    noun = wanted.subject.noun
    keys = _keys(wanted)
    order = (Order(keys[0].expr),)
    before = Item(
        Over(Call("LAG", (Call("COUNT"),)), tuple(Column(column) for column in wanted.groups), order),
        f"previous_{noun}",
    )
    rest = tuple(Order(Column(column)) for column in wanted.groups)
    return Select(
        (*keys, Item(Call("COUNT"), noun), before),
        wanted.subject.table,
        where=wanted.where,
        group=tuple(key.expr for key in keys),
        order=(Order(Column(str(wanted.every))), *rest),
        limit=GROUPS,
    )


def _running(wanted: Wanted) -> Select:
    wanted = wanted if wanted.every else replace(wanted, every="day")
    keys = _keys(wanted)
    total = Over(
        Call("SUM", (Call("COUNT"),)), tuple(Column(column) for column in wanted.groups), (Order(keys[0].expr),)
    )
    rest = tuple(Order(Column(column)) for column in wanted.groups)
    return Select(
        (*keys, Item(Call("COUNT"), wanted.subject.noun), Item(total, "running_total")),
        wanted.subject.table,
        where=wanted.where,
        group=tuple(key.expr for key in keys),
        order=(Order(Column(str(wanted.every))), *rest),
        limit=GROUPS,
    )


def _gaps(wording: Wording, wanted: Wanted) -> Select:
    """Time from each row to the one before; on average: the whole stretch over the number of gaps in it."""
    begin = Column(wanted.subject.begin)
    if _AVERAGE.search(wording.text) or re.search(r"\bmtbf\b|\bmean time between\b", wording.text, re.IGNORECASE):
        gaps = Call("NULLIF", (Arithmetic("-", Call("COUNT"), Number(1)), Number(0)))
        mean = Arithmetic("/", Minutes(Call("MIN", (begin,)), Call("MAX", (begin,))), gaps)
        return _grouped(wording, wanted, (Item(mean, "avg_minutes_between"),))
    window = tuple(Column(column) for column in wanted.groups)
    before = Over(Call("LAG", (begin,)), window, (Order(begin),))
    items = (
        Item(Column("id")),
        *(Item(Column(column)) for column in wanted.groups),
        Item(begin),
        Item(Minutes(before, begin), "minutes_since_previous"),
    )
    return Select(
        items,
        wanted.subject.table,
        where=wanted.where,
        order=(Order(begin, descending=True),),
        limit=_number(wording.text) or LIST,
    )


def _measured(wording: Wording, wanted: Wanted) -> Select | None:
    """How long rows took: on average, at most, at a quantile, or the longest of them."""
    subject = wanted.subject
    minutes = Minutes(Column(subject.begin), Column(subject.end))
    ended = Missing(Column(subject.end), negative=True)
    wanted = replace(wanted, where=tuple(dict.fromkeys((*_without_open(wanted.where, subject), ended))))
    aggregations = {entity.value for entity in wording.question.entities if entity.type is EntityType.AGGREGATION}
    quantile = next((name for name in _QUANTILES if name in aggregations), "")
    if quantile:
        return _quantile(wanted, minutes, quantile)
    extreme = _EXTREME.search(wording.text)
    if extreme and not (wanted.groups or wanted.every):
        down = extreme[1].lower() in ("longest", "slowest")
        items = (*(Item(Column(name)) for name in subject.columns), Item(minutes, "minutes"))
        single = _ONE.search(wording.text) and not _number(wording.text)
        limit = _number(wording.text) or (1 if single else DEFAULT_TOP)
        return Select(items, subject.table, where=wanted.where, order=(Order(Column("minutes"), down),), limit=limit)
    for pattern, function in ((_MAXIMUM, "MAX"), (_MINIMUM, "MIN"), (_AVERAGE, "AVG"), (_EXTREME, "AVG")):
        if pattern.search(wording.text):
            return _grouped(wording, wanted, (Item(Call(function, (minutes,)), f"{function.lower()}_minutes"),))
    if re.search(r"\bhow long\b", wording.text, re.IGNORECASE):
        items = (*(Item(Column(name)) for name in subject.columns), Item(minutes, "minutes"))
        return Select(items, subject.table, where=wanted.where, order=(Order(Column(subject.begin), True),), limit=LIST)
    return None


def _without_open(where: tuple[Condition, ...], subject: Subject) -> tuple[Condition, ...]:
    """ "Time to resolve" speaks of an end, and that is no condition on the status besides."""
    if subject is not INCIDENTS:
        return where
    return tuple(one for one in where if not (isinstance(one, OneOf) and one.expr == Column("status") and one.negative))


def _quantile(wanted: Wanted, minutes: Minutes, name: str) -> Select:
    """The row at that place of the order: neither database's own function is known to the other."""
    partition = tuple(Column(column) for column in wanted.groups)
    inner = Select(
        (
            *(Item(Column(column)) for column in wanted.groups),
            Item(minutes, "minutes"),
            Item(Over(Call("ROW_NUMBER"), partition, (Order(minutes),)), "place"),
            Item(Over(Call("COUNT"), partition), "total"),
        ),
        wanted.subject.table,
        where=wanted.where,
    )
    if name == "p50":  # of an even number the mean of both in the middle
        middle = (
            Compare(">=", _twice(Column("place")), Column("total")),
            Compare("<=", _twice(Column("place")), Arithmetic("+", Column("total"), Number(2))),
        )
        return _of_places(inner, partition, middle, "AVG", name)
    # The first place at or above the quantile.
    reached = Compare(
        ">=", Arithmetic("*", Column("place"), Number(100)), Arithmetic("*", Column("total"), Number(_QUANTILES[name]))
    )
    return _of_places(inner, partition, (reached,), "MIN", name)


def _twice(column: Column) -> Arithmetic:
    return Arithmetic("*", column, Number(2))


def _of_places(
    inner: Select, partition: tuple[Column, ...], where: tuple[Condition, ...], function: str, name: str
) -> Select:
    items = (*map(Item, partition), Item(Call(function, (Column("minutes"),)), f"{name}_minutes"))
    order = tuple(map(Order, partition))
    return Select(items, inner, where=where, group=partition, order=order, limit=GROUPS if partition else 1)


def _average_count(wanted: Wanted) -> Select:
    noun = wanted.subject.noun
    keys = _keys(wanted)
    inner = Select(
        (*keys, Item(Call("COUNT"), noun)),
        wanted.subject.table,
        where=wanted.where,
        group=tuple(key.expr for key in keys),
    )
    columns: tuple[Expression, ...] = tuple(Column(column) for column in wanted.groups)
    items = (
        *(Item(column) for column in columns),
        Item(Call("AVG", (Column(noun),)), f"avg_{noun}_per_{wanted.every}"),
    )
    return Select(
        items, inner, group=columns, order=tuple(Order(column) for column in columns), limit=GROUPS if columns else 1
    )


def _latest_of_each(wanted: Wanted) -> Select:
    subject = wanted.subject
    partition = tuple(Column(column) for column in wanted.groups)
    place = Over(Call("ROW_NUMBER"), partition, (Order(Column(subject.begin), descending=True),))
    inner = Select(
        (*(Item(Column(name)) for name in subject.columns), Item(place, "place")),
        subject.table,
        where=wanted.where,
    )
    items = tuple(Item(Column(name)) for name in subject.columns)
    return Select(
        items,
        inner,
        where=(Compare("=", Column("place"), Number(1)),),
        order=tuple(Order(column) for column in partition),
        limit=GROUPS,
    )


def _listed(wording: Wording, wanted: Wanted) -> Select:
    subject = wanted.subject
    first = bool(_OLDEST.search(wording.text)) and not _LATEST.search(wording.text)
    single = _ONE.search(wording.text)
    limit = _number(wording.text) or (
        1
        if single
        and not re.search(
            r"\b(?:last|past) (?:\d+ )?(?:day|week|month|hour)s?\b(?! \w+ (?:incident|run))", single[0], re.IGNORECASE
        )
        else LIST
    )
    if subject.table == "messages" and any(
        isinstance(one, OneOf) and one.expr == Column("session_id") for one in wanted.where
    ):
        first = first or not _LATEST.search(wording.text)  # a conversation is read from its beginning
    items = tuple(Item(Column(name)) for name in subject.columns)
    return Select(
        items, subject.table, where=wanted.where, order=(Order(Column(subject.begin), not first),), limit=limit
    )
