"""Rows in the order of time: moving averages of steps, and how many of one kind, or days with any, come one after another."""

import re
from datetime import UTC, datetime

from core.query.sql import asked, filters, phrases
from core.query.sql.asked import LIMIT
from core.query.sql.clauses import reading, without
from core.query.sql.model import (
    Arithmetic,
    Bucket,
    Call,
    Column,
    Compare,
    Condition,
    Elapsed,
    Exists,
    Instant,
    Item,
    Number,
    OneOf,
    Order,
    Over,
    Select,
    Value,
)
from core.query.sql.subjects import MESSAGES, Subject, status_column
from core.query.wording import Wording

_STEP = r"(?P<{0}>\d{{1,2}}|three|four|five|six|seven|ten)[ -]?(?P<{0}unit>day|week|month|hour|d|w|h)s?"
_MOVING = re.compile(
    rf"\b(?:{_STEP.format('before')}\s)?(?:moving|rolling|trailing|sliding)\s(?:{_STEP.format('behind')}\s)?(?:average|avg|mean)\b"
    rf"(?:[^.;?!]{{0,40}}?\b(?:over|across|of|with) (?:the |a )?(?:last |window of )?{_STEP.format('over')}\b)?",
    re.IGNORECASE,
)
_DEFAULT_STEPS = 7
_STREAK = re.compile(
    r"\b(?P<which>longest|biggest|max(?:imum)?|record|worst|best|current|ongoing|latest)\s(?:\w+[ -]){0,3}?(?:streaks?|series|unbroken run|losing run)\b|\bstreaks?\b",
    re.IGNORECASE,
)
_DAYS_WITH = re.compile(
    r"\b(?:of|with) (?:consecutive |successive )?days (?:with|that had|having|on which|where)\b|\bconsecutive days (?:with|that had|having|on which|where)\b|\bdays in a row (?:with|that had|on which)\b",
    re.IGNORECASE,
)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def select(wording: Wording, subject: Subject) -> Select | None:
    """None where the sentence asks for neither."""
    text = wording.plain
    if match := _MOVING.search(text):
        return _moving(wording, subject, match)
    days = _DAYS_WITH.search(text)
    if days and (_STREAK.search(text) or phrases.EXTREME_GAP.search(text)):
        return _days(wording, subject)
    if match := _STREAK.search(text):
        return _streak(wording, subject, match)
    return None


def _moving(wording: Wording, subject: Subject, match: re.Match[str]) -> Select:
    """Each step's count beside the mean of it and those before it."""
    rest = reading(without(wording.question, [match.span()]))
    grouped = asked.grouping(rest, subject)
    read = asked.read(rest, subject, filters.find(rest, subject), grouped)
    name = next((name for name in ("before", "behind", "over") if match[name]), "")
    number = (phrases.worded(match[name]) if name else 0) or _DEFAULT_STEPS
    unit = (
        phrases.UNITS.get(
            {"d": "day", "w": "week", "h": "hour"}.get(match[f"{name}unit"], match[f"{name}unit"]).lower()
        )
        if name
        else None
    )
    every = read.every or unit or "day"
    step = Bucket(every, Column(subject.begin))
    mean = Over(Call("AVG", (Call("COUNT"),)), read.partition, (Order(step),), number)
    items = (
        Item(step, every),
        *map(Item, read.partition),
        Item(Call("COUNT"), subject.noun),
        Item(mean, "moving_average"),
    )
    order = (Order(Column(every)), *map(Order, read.partition))
    return Select(items, subject.table, where=read.where, group=(step, *read.partition), order=order, limit=LIMIT)


def _streak(wording: Wording, subject: Subject, match: re.Match[str]) -> Select | None:
    """The most rows of one kind one after another, or how many there are now, for each group where one is asked for."""
    rest = reading(without(wording.question, [(match.start(), match.start() + len(match["which"] or ""))]))
    grouped = asked.grouping(rest, subject)
    read = asked.read(rest, subject, filters.find(rest, subject), grouped)
    columns = (Column(status_column(subject)), Column("severity"))
    kind = next((one for one in read.where if isinstance(one, OneOf) and one.expr in columns), None)
    if kind is None or subject is MESSAGES or not isinstance(kind.expr, Column):
        return None
    others = tuple(one for one in read.where if one is not kind)
    keys, begin, noun = read.partition, Column(subject.begin), subject.noun
    if not keys and grouped.distinct:
        keys = (Column(grouped.distinct),)
    if (match["which"] or "").lower() in ("current", "ongoing", "latest"):
        later: tuple[Condition, ...] = (
            *(Compare("=", Column(key.name, "later"), Column(key.name, subject.table)) for key in keys),
            OneOf(Column(kind.expr.name, "later"), kind.values, not kind.negative),
            Compare(">", Instant(Column(begin.name, "later")), Instant(Column(begin.name, subject.table))),
        )
        nothing = Exists(Select((Item(Number(1)),), subject.table, where=later, alias="later"), negative=True)
        order = (Order(Column(noun), descending=True), *map(Order, keys)) if keys else ()
        items = (*map(Item, keys), Item(Call("COUNT"), noun))
        return Select(
            items, subject.table, where=(kind, *others, nothing), group=keys, order=order, limit=LIMIT if keys else 1
        )
    places = (Over(Call("ROW_NUMBER"), part, (Order(begin),)) for part in (keys, (*keys, kind.expr)))
    island = Item(Arithmetic("-", *places), "island")
    numbered = Select((*map(Item, keys), Item(kind.expr), island), subject.table, where=others)
    group = (*keys, Column("island"))
    counted = Select((*map(Item, keys), Item(Call("COUNT"), noun)), numbered, where=(kind,), group=group)
    name = "longest_streak"
    order = (Order(Column(name), descending=True), *map(Order, keys)) if keys else ()
    items = (*map(Item, keys), Item(Call("MAX", (Column(noun),)), name))
    return Select(items, counted, group=keys, order=order, limit=read.cut if keys else 1)


def _days(wording: Wording, subject: Subject) -> Select:
    """The most days one after another that have any such row: their dates less their places are the same."""
    found = filters.find(reading(wording.question), subject)
    day = Bucket("day", Column(subject.begin))
    days = Select((Item(day, "day"),), subject.table, where=found, group=(day,))
    place = Over(Call("ROW_NUMBER"), order=(Order(Column("day")),))
    since = Elapsed(Value("epoch", _EPOCH), Column("day"), "day")
    islands = Select((Item(Arithmetic("-", since, place), "island"),), days)
    counted = Select((Item(Call("COUNT"), "days"),), islands, group=(Column("island"),))
    return Select((Item(Call("MAX", (Column("days"),)), "longest_streak"),), counted, limit=1)
