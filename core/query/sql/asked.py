"""What a sentence says of groups, steps of time and limits."""

import re
from dataclasses import dataclass
from functools import cache

from core.nlp.interpretation import EntityType
from core.query.sql import phrases
from core.query.sql.model import Column, Condition, Missing, OneOf, Unit
from core.query.sql.subjects import RUNS, SUBJECTS, Subject, status_column
from core.query.wording import DEFAULT_TOP, Wording, dimension_pattern

LIMIT = 100
"""Rows of an answer where the person says nothing."""
_PLAIN_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+)")
_ALSO_ROWS = frozenset({"job", "jobs", "pipeline", "pipelines"})
"""Words for a group that stand for the rows as well: "how many jobs"."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was read from the sentence, before it takes a shape."""

    subject: Subject
    where: tuple[Condition, ...]
    groups: tuple[str, ...]
    """Columns."""
    every: Unit | None
    """The step of time that rows are put together by."""
    distinct: str
    """The column whose different values are counted, or listed."""
    listed: bool
    limit: tuple[str, int] | None
    """On the number of rows of a group."""
    cut: int
    """How many rows of a grouped answer."""

    def is_open(self, condition: Condition) -> bool:
        """Whether it asks for rows that have not ended."""
        return condition == Missing(Column(self.subject.end))

    @property
    def partition(self) -> tuple[Column, ...]:
        """The groups as columns."""
        return tuple(map(Column, self.groups))


def grouping(wording: Wording, subject: Subject) -> tuple[tuple[str, ...], str, bool]:
    """Columns that rows are grouped by, and the one whose different values are counted, or listed where no number is
    asked for. Takes their words, so that no condition is read from them."""
    pattern, _, counted = _dimensions(subject.table)
    distinct, listed = "", not wording.counts()
    match = counted.search(wording.rest)
    if match and (word := next(filter(None, match.groups())).lower()) not in _ALSO_ROWS:
        wording.take(*match.span())
        distinct = subject.dimensions[word]
    found = [name for match in wording.find(pattern) for name in _columns(subject, match[1])]
    return tuple(dict.fromkeys(found)), distinct, listed


def read(
    wording: Wording, subject: Subject, where: tuple[Condition, ...], grouped: tuple[tuple[str, ...], str, bool]
) -> Asked:
    """Everything else. `where` and `grouped` are what was taken from the sentence before."""
    groups, distinct, listed = grouped
    text = wording.plain
    every = _every(text, grouped=bool(groups))
    limit = _limit(wording)
    if phrases.WHO.search(text) and subject is RUNS and "triggered_by" not in groups:
        groups = ("triggered_by", *groups)
    if not groups and not every and (limit or phrases.RANK.search(text)):
        groups = tuple(_columns(subject, wording.rest))[:1]
    if phrases.VERSUS.search(text) and (beside := _both_statuses(subject, where)):
        groups = (status_column(subject), *groups)
        where = tuple(one for one in where if one not in beside)
    return Asked(subject, where, groups, every, distinct, listed, limit, _cut(wording))


@cache
def _dimensions(table: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Finds what rows are grouped by; a single word of it; and things whose number is asked for."""
    subject = next(one for one in SUBJECTS if one.table == table)
    word = "|".join(sorted(map(re.escape, subject.dimensions), key=len, reverse=True))
    counted = (
        rf"\b(?:how many|number of|count(?: of)?)\s+(?:different |distinct |unique |individual )?({word})\b"
        rf"|\b(?:different|distinct|unique)\s+({word})\b"
        rf"|\b(?:list|show|name)(?: me)?(?: all| the| of){{0,3}}\s+((?!workflows?\b)(?:{word}))(?= (?:that|which|who|with|where|having)\b)"
    )
    single = re.compile(rf"\b(?:{word})\b", re.IGNORECASE)
    return dimension_pattern(subject.dimensions), single, re.compile(counted, re.IGNORECASE)


def _columns(subject: Subject, text: str) -> list[str]:
    return [subject.dimensions[word[0].lower()] for word in _dimensions(subject.table)[1].finditer(text)]


def _every(text: str, *, grouped: bool) -> Unit | None:
    if unit := phrases.EVERY.search(text):
        return phrases.UNITS[next(filter(None, unit.groups())).lower()]
    return "day" if phrases.TREND.search(text) or (phrases.RUNNING.search(text) and not grouped) else None


def _limit(wording: Wording) -> tuple[str, int] | None:
    if twice := phrases.TWICE.search(wording.plain):
        number = 1 if twice[2].lower() in ("once", "one time") else 2
        return (">=" if twice[1].lower() == "at least" else ">", number)
    limits = (_PLAIN_LIMIT.fullmatch(entity.value) for entity in wording.named(EntityType.THRESHOLD))
    return next(((limit[1], int(limit[2])) for limit in limits if limit), None)


def _both_statuses(subject: Subject, where: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Conditions on the status that set several beside each other: "open vs resolved"."""
    column = Column(status_column(subject))
    found = tuple(
        one for one in where if (isinstance(one, OneOf) and one.expr == column) or one == Missing(Column(subject.end))
    )
    several = len(found) > 1 or any(isinstance(one, OneOf) and len(one.values) > 1 for one in found)
    return found if several else ()


def _cut(wording: Wording) -> int:
    text = wording.plain
    if number := phrases.number(text):
        return number
    single = phrases.WHICH_ONE.search(text)
    if phrases.EXTREME.search(text) and single:
        return 1
    if not (phrases.MOST.search(text) or phrases.LEAST.search(text)):
        return LIMIT
    if phrases.SINGLE_STEP.search(text) or (phrases.WHO.search(text) and not phrases.TOP.search(text)):
        return 1
    return wording.top() or (1 if single else DEFAULT_TOP)
