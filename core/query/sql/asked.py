"""What a sentence says of groups, steps of time and limits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from core.nlp.interpretation import EntityType
from core.query.sql import phrases, recurring
from core.query.sql.fields import fields
from core.query.sql.model import (
    Among,
    Column,
    Compare,
    Condition,
    Elapsed,
    Item,
    Length,
    Missing,
    OneOf,
    Order,
    Select,
    Unit,
)
from core.query.sql.periods import Period, periods
from core.query.sql.subjects import MESSAGES, RUNS, SUBJECTS, Subject, status_column
from core.query.wording import DEFAULT_TOP, Wording, dimension_pattern

LIMIT = 100
"""Rows of an answer where the person says nothing."""
_PLAIN_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+)")
_ALSO_ROWS = frozenset({"job", "jobs", "pipeline", "pipelines"})
"""Words for a group that stand for the rows as well: "how many jobs"."""
_LEAD = (
    r"^[\W_]*(?:(?:please|pls|can you|could you|show|list|give|get|find|name|tell|display|me|us|all|the|our|my|welche[rs]?|zeig|mir|alle|qu[eé]|cu[aá]les|los|las|every|any|which|what|how many"
    r"|number of|count|distinct|different|unique|are|is|there|of|top|bottom|worst|those|only|just|see|need)\s+){0,8}"
)
_CLAUSE = (
    r"\s+(?:[a-z][\w.-]{1,30}\s+(?:(?:has|had|did)(?:n['’]?t)?|never|triggered|started|launched|ran)|sind|haben|hatten|wurden|die|mit|ohne|con|sin|tienen|that|which|who|whose|where|with|without|w/o|w/|having|had|have|has|hasn|haven|did|didn|never|not|ever|no|got|gets?|fail\w*|succe\w+"
    r"|took|takes?|ran|run|were|was|are|is|most|mention\w*|need\w*|breaks?|broke|caused?|sorted|ordered|ranked|and (?:the|their|its|how)|along with|by (?:avg|average|mean|median|number|count|total|how|most|failure|failed|success|mttr|longest|slowest|the number)|talk\w*|contain\w*|affected|hit|impacted|touched|involved)\b|\s*(?:names?)?[?.!\s]*$"
)
_ACTIVE = r"|\s+(?:started|active|opened|today|yesterday)\b"
"""Not of runs, whose nouns name groups as well: "workflows started today"."""
_NEVER = re.compile(
    r"\b(?:never|no|without(?: any| an?| a single)?|zero|(?:has|have|had|did|does|do)(?: not|n['’]?t)(?: ever| had| have| yet| any| a single)*|not (?:a single|one|any|ever|(?:been )?(?:run|ran|used|triggered|started|seen|executed|deployed|touched))|none)\b|w/o\b",
    re.IGNORECASE,
)
_WHEN = frozenset({"date", "time", "age", "start", "creation", "newest", "recency"})
_EVERYBODY = frozenset({"someone", "somebody", "everyone", "everybody", "anyone", "anybody"})
"""Begin a sentence about people, but group nothing."""
_ONE_GROUP = re.compile(r"(?:worst|busiest|noisiest|top) (?!\w+ \w)", re.IGNORECASE)
_ONE_OF_THEM = re.compile(r"most |welche[rs]? |qu[eé] |cu[aá]l ", re.IGNORECASE)
_COLUMNS = frozenset({"title", "titles"})
"""Of rows, and no things that have rows."""
_WHATEVER = re.compile(r"\b(?:or (?:whatever|so|something|not|else|what)|etc|and so on|whichever)\b", re.IGNORECASE)
"""Behind statuses that are named as examples of what rows are grouped by."""
_BESIDE_ROWS = re.compile(
    r"(?<=[\w)])\s*(?:,|\b(?:and|with|plus|incl\w*|along with))\s+(?:who|by whom|whose|quién|quien|wer)\b",
    re.IGNORECASE,
)
"""Rows with the person beside each: "what is running and who started it"."""
_DIFFERENT = re.compile(r"\b(?:distinct|different|unique)\b", re.IGNORECASE)
_BY_NUMBER = re.compile(
    r"\b(?:ranked|sorted|ordered|by (?:the |their )?(?:\w+ ){0,2}(?:number|count|amount|total|sum|combined|downtime|failures)|(?:and|with|plus) (?:the |their |its )?(?:number|count|how many)|(?:lowest|highest|largest|smallest|biggest) (?:number|count|amount))\b",
    re.IGNORECASE,
)
"""The number belongs to each of the things, and is not that of the things."""
_SETTING_APART = re.compile(r"\bwith(?:out)? (?:an? |no )?(?:owner|service|severity|person)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Grouped:
    """What rows are put together by."""

    groups: tuple[str, ...] = ()
    """Columns."""
    every: Unit | None = None
    """The step of time."""
    distinct: str = ""
    """The column whose different values are counted, or listed."""
    listed: bool = False
    head: str = ""
    """The column whose values the sentence speaks of first: "services that …"."""
    order: Order | None = None
    """What rows are sorted by, where that is asked for."""
    single: bool = False
    """Whether it speaks of one of them."""
    count: int = 0
    """How many of them it speaks of; 0: nothing is said."""
    never: bool = False
    """Only values for which there is no row of this kind."""
    split: Item | None = None
    """Weekends and weekdays, nights and days: two kinds of time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was read from the sentence, before it takes a shape."""

    subject: Subject
    where: tuple[Condition, ...]
    groups: tuple[str, ...]
    every: Unit | None
    distinct: str
    listed: bool
    limit: tuple[str, float] | None
    """On the number of rows of a group, or on their length."""
    cut: int
    """How many rows of a grouped answer."""
    unit: Length
    """What lengths are asked for in."""
    fields: tuple[str, ...]
    """Columns that are shown; none: all."""
    periods: tuple[Period, ...] | None
    order: Order | None
    beside: bool
    """Whether several statuses or severities are set beside each other."""
    now: datetime
    split: Item | None = None

    def is_open(self, condition: Condition) -> bool:
        """Whether it asks for rows that have not ended."""
        return condition == Missing(Column(self.subject.end))

    @property
    def partition(self) -> tuple[Column, ...]:
        """The groups as columns."""
        return tuple(map(Column, self.groups))


def grouping(wording: Wording, subject: Subject) -> Grouped:
    """What rows are put together by. Takes its words, so that no condition is read from them."""
    words, order = _words(subject.table), None
    for match in phrases.SORT.finditer(wording.rest):
        if expr := _sorted_by(subject, (match["by"] or match["later"]).lower()):
            wording.take(match.start("later") - 3 if match["later"] else match.start(), match.end())
            order = Order(expr, match["way"].lower() == "desc" if match["way"] else isinstance(expr, Elapsed))
    split = recurring.split(wording, subject)
    return replace(_grouping(wording, subject, words), order=order, split=split)


def head(wording: Wording, subject: Subject, *, loose: bool = False) -> re.Match[str] | None:
    """The thing that a sentence begins with, as group 2: "services that …"; `loose`: whatever is said of it."""
    words = _words(subject.table)
    return (words.loose if loose else words.head).match(wording.plain)


def grouped(wording: Wording, subject: Subject) -> Iterator[re.Match[str]]:
    """Where it says what rows are grouped by."""
    return _words(subject.table).grouped.finditer(wording.plain)


def _sorted_by(subject: Subject, word: str) -> Column | Elapsed | None:
    if word in phrases.DURATIONS and subject.end:
        return Elapsed(Column(subject.begin), Column(subject.end))
    column = subject.fields.get(word) or subject.dimensions.get(word) or (word in _WHEN and subject.begin)
    return Column(column) if column else None


def _grouping(wording: Wording, subject: Subject, words: "_Words") -> Grouped:
    if match := words.head.match(wording.plain):
        return _headed(wording, subject, match)
    distinct, listed = "", not wording.counts()
    match = words.counted.search(wording.rest)
    if match and (word := next(filter(None, match.groups())).lower()) not in _ALSO_ROWS:
        wording.take(*match.span())
        distinct = subject.dimensions[word]
    found, every, single = list[str](), None, False
    for match in words.made_of.finditer(wording.rest):
        found += _columns(subject, match[0])
        single = single or bool(_ONE_OF_THEM.match(match[0]) and not match[0].lower().endswith("s"))
        for word in words.single.finditer(wording.rest, *match.span()):
            wording.take(*word.span())
    for match in words.grouped.finditer(wording.rest):
        columns = _columns(subject, match[1])
        if not columns and match[0][0].isdigit():  # "within 1 hour" is a length
            continue
        wording.take(*match.span())
        found += columns
        single = single or bool(_ONE_GROUP.match(match[0]) and not match[1].lower().endswith("s"))
        if columns and (step := words.step.search(match[1])):
            every = phrases.UNITS[step[0].lower()]
    return Grouped(tuple(dict.fromkeys(found)), every, distinct, listed, single=single)


def _headed(wording: Wording, subject: Subject, match: re.Match[str]) -> Grouped:
    """ "Services that …": their names, or those that stand out by a number."""
    head, counts = subject.dimensions[match[2].lower()], wording.counts()
    # Nobody reads ids: of different sessions the number is wanted.
    counts = counts and not _BY_NUMBER.search(wording.plain, match.end(2))
    counts = counts or (head == "session_id" and bool(_DIFFERENT.search(match[0])))
    wording.take(*match.span(2))
    never = _NEVER.search(wording.rest, match.end(2))
    if never and not _SETTING_APART.match(wording.rest, never.start()):
        wording.take(*never.span())
        wording.affirm(never.end())
        return Grouped(distinct=head, listed=not counts, head=head, never=True)
    text, single = wording.plain, not match[2].lower().endswith(("s", "people", "who"))
    further = tuple(
        column for found in wording.find(_words(subject.table).grouped) for column in _columns(subject, found[1])
    )
    several = _words(subject.table).counted.search(wording.rest, match.end(2))
    if several and not counts and (of := subject.dimensions[next(filter(None, several.groups())).lower()]) != head:
        wording.take(*several.span())
        return Grouped((head, *(column for column in further if column != head)), distinct=of, head=head)
    if not counts and (phrases.OUTSTANDING.search(text) or _limit(wording)):
        return Grouped(
            (head, *(column for column in further if column != head)),
            head=head,
            single=single,
            count=phrases.worded(match[1] or ""),
        )
    return Grouped(further, distinct=head, listed=not counts, head=head)


def read(wording: Wording, subject: Subject, where: tuple[Condition, ...], grouped: Grouped) -> Asked:
    """Everything else. `where` and `grouped` are what was taken from the sentence before."""
    groups, text = grouped.groups, wording.plain
    every = _every(wording, grouped=bool(groups)) or grouped.every
    limit = _limit(wording)
    if grouped.never and where:
        where = (_apart(subject, grouped.head, where),)
    asked_for = fields(wording, subject, where)
    if (
        phrases.WHO.search(text)
        and not _BESIDE_ROWS.search(text)
        and not grouped.head
        and subject is RUNS
        and "triggered_by" not in groups
        and not asked_for
    ):
        groups = ("triggered_by", *groups)
    if not groups and not every and not grouped.distinct and (limit or phrases.RANK.search(text)):
        groups = tuple(_columns(subject, wording.rest))[:1]
    if status_column(subject) in groups and _WHATEVER.search(text):
        where = tuple(
            one for one in where if not (isinstance(one, OneOf) and one.expr == Column(status_column(subject)))
        )
    beside = _beside(subject, where) if phrases.VERSUS.search(text) else ()
    if beside:
        column = next(
            one.expr.name for one in beside if isinstance(one, OneOf | Missing) and isinstance(one.expr, Column)
        )
        column = column if column == "severity" else status_column(subject)
        groups = (column, *groups)
        if len(beside) > 1:
            where = tuple(one for one in where if one not in beside)
    means = next((one for one in where if isinstance(one, Compare) and isinstance(one.left, Elapsed)), None)
    if (
        means and groups and phrases.AVERAGE.search(text) and limit is None
    ):  # "whose average duration is over 10 minutes"
        where = tuple(one for one in where if one is not means)
        limit = (means.op, getattr(means.right, "value", 0.0))
    return Asked(
        subject, where, groups, every, grouped.distinct, grouped.listed, limit, grouped.count or _cut(wording, single=grouped.single, person=not grouped.head),
        phrases.length_unit(wording.rest), asked_for, periods(wording), grouped.order, bool(beside), wording.question.now, grouped.split,
    )  # fmt: skip


def _apart(subject: Subject, head: str, where: tuple[Condition, ...]) -> Among:
    """The values for which there is no such row."""
    column = Column(head)
    return Among(column, Select((Item(column),), subject.table, where=(*where, Missing(column, negative=True))), True)


@dataclass(frozen=True, slots=True)
class _Words:
    """Patterns of a table's groups."""

    grouped: re.Pattern[str]
    """Finds what rows are grouped by."""
    single: re.Pattern[str]
    """One word of it."""
    counted: re.Pattern[str]
    """Things whose number is asked for."""
    head: re.Pattern[str]
    """The things that a sentence begins with."""
    made_of: re.Pattern[str]
    """Groups that are named by what is made of them: "severity mix", "rows services", "distribution of statuses"."""
    loose: re.Pattern[str]
    """The same, whatever follows."""
    step: re.Pattern[str] = re.compile(r"\b(?:hour|day|week|month)\b", re.IGNORECASE)


@cache
def _words(table: str) -> _Words:
    subject = next(one for one in SUBJECTS if one.table == table)
    word = "|".join(sorted(map(re.escape, subject.dimensions), key=len, reverse=True))
    heads = "|".join(
        sorted((re.escape(one) for one in subject.dimensions if one not in _COLUMNS), key=len, reverse=True)
    )
    counted = (
        rf"\b(?:how many|number of|count(?: of)?)\s+(?:different |distinct |unique |individual )?({word})\b"
        rf"|\b(?:different|distinct|unique)\s+({word})\b"
    )
    return _Words(
        dimension_pattern(
            (*(one for one in subject.dimensions if one not in _EVERYBODY), "hour", "day", "week", "month")
        ),
        re.compile(rf"\b(?:{word})\b", re.IGNORECASE),
        re.compile(counted, re.IGNORECASE),
        re.compile(
            rf"{_LEAD}(?:{phrases.NUMBER} )?(?!who\b)({heads})\b(?={_CLAUSE}{_ACTIVE if subject is MESSAGES else ''})",
            re.IGNORECASE,
        ),
        re.compile(
            rf"\b(?:in|for|from) (?:each|every) (?:{word})\b|\b(?:messages|runs|incidents) an? (?:{word})(?= (?:has|have|had|contains?|gets?|got|sees|starts?)\b)|\b(?:{word}) (?:mix|distribution|breakdown|split|spread|histogram|shares?|wise)\b|\b(?:{word}) by (?:{word})\b"
            rf"|\b(?:mix|distribution|breakdown|split|spread|histogram|shares?) (?:of|across|over|among|by|per) (?:the |all |our )?(?:\w+ )?(?:{word})\b"
            rf"|\brows?(?: are|:|=| =|)? (?:the )?(?:{word})\b|\b(?:{word}) (?:as|in|on|down) (?:the )?rows\b|\b(?:{word})[- ]wise\b"
            rf"|\bmost (?:\w+ing|\w+ed|active|busy|frequent(?:ly)?(?: \w+)?|common|noisy|chatty|failed|used|often \w+) (?:{word})\b|\b(?:welche[rs]?|qu[eé]|cu[aá]l(?:es)?) (?:{word})\b",
            re.IGNORECASE,
        ),
        re.compile(rf"{_LEAD}(?:{phrases.NUMBER} )?(?!who\b)({heads})\b", re.IGNORECASE),
    )


def _columns(subject: Subject, text: str) -> list[str]:
    return [subject.dimensions[word[0].lower()] for word in _words(subject.table).single.finditer(text)]


def _every(wording: Wording, *, grouped: bool) -> Unit | None:
    text = wording.plain
    if any(wording.claimed(*match.span()) for match in recurring.SPLIT.finditer(text)):
        return None
    if phrases.HOUR_OF_DAY.search(text):
        return "hour_of_day"
    if any(not wording.claimed(*match.span()) for match in phrases.WEEKDAY.finditer(text)):
        return "weekday"
    if unit := phrases.EVERY.search(text):
        return phrases.UNITS[next(filter(None, unit.groups())).lower()]
    return "day" if phrases.TREND.search(text) or (phrases.RUNNING.search(text) and not grouped) else None


def _limit(wording: Wording) -> tuple[str, float] | None:
    if worded := phrases.limit(wording.plain):
        return worded
    limits = (_PLAIN_LIMIT.fullmatch(entity.value) for entity in wording.named(EntityType.THRESHOLD))
    return next(((limit[1], int(limit[2])) for limit in limits if limit), None)


def _beside(subject: Subject, where: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Conditions that set several statuses or severities beside each other: "open vs resolved"."""
    for name in (status_column(subject), "severity"):
        found = tuple(
            one
            for one in where
            if (isinstance(one, OneOf) and one.expr == Column(name))
            or (name != "severity" and one == Missing(Column(subject.end)))
        )
        if len(found) > 1 or any(isinstance(one, OneOf) and len(one.values) > 1 for one in found):
            return found
    return ()


def _cut(wording: Wording, *, single: bool, person: bool) -> int:
    """How many rows; `person`: whether "who" asks for one."""
    text = phrases.IN_ORDER.sub("", wording.plain)
    if number := phrases.number(text):
        return number
    single = single or bool(phrases.WHICH_ONE.search(text))
    if phrases.EXTREME.search(text) and single:
        return 1
    if not (phrases.MOST.search(text) or phrases.LEAST.search(text) or phrases.BEST.search(text)):
        return LIMIT
    if (
        phrases.SINGLE_STEP.search(text)
        or phrases.COMMON_HOUR.search(text)
        or (person and phrases.WHO.search(text) and not phrases.TOP.search(text))
    ):
        return 1
    return 1 if single else wording.top() or DEFAULT_TOP
