"""What rows are made of: the share of each group in all of them, and texts or times that come more than once."""

import re
from dataclasses import replace

from core.query.sql import filters, phrases, statements
from core.query.sql.asked import LIMIT, Asked
from core.query.sql.clauses import only
from core.query.sql.model import Bucket, Call, Column, Compare, Item, Number, OneOf, Order, Over, Percent, Select, When
from core.query.sql.subjects import INCIDENTS, MESSAGES, status_column
from core.query.wording import DEFAULT_TOP, Wording

_PERCENT = re.compile(
    r"\b(?:percent\w*|pct|share|shares|proportion|fraction|ratio|prozent\w*|porcentaje|anteil)\b|%", re.IGNORECASE
)


_REPEATED = re.compile(
    r"\b(?:same|identical|equal) (?:title|name|subject)s?\b|\b(?:duplicated?|repeated|repeating|recurring) (?:incident )?(?:titles?|names?|incidents?)\b|\btitles?\b.{0,40}\b(?:more than once|twice|repeatedly|several times|multiple times|again and again)\b",
    re.IGNORECASE,
)
_COMMON = re.compile(r"\b(?:most (?:common|frequent)|commonest|recurring) (?:incident )?titles?\b", re.IGNORECASE)


def select(wording: Wording, asked: Asked) -> Select | None:
    """Titles that come again, or shares of groups; None where neither is asked for."""
    return (
        _worst(wording, asked)
        or _leaders(wording, asked)
        or _repeated(wording, asked)
        or _ratio(wording, asked)
        or _shares(wording, asked)
    )


_WORST = re.compile(r"\b(?:worst|highest|most severe) severity\b(?! (?:first|on top))", re.IGNORECASE)
_EACH = re.compile(
    r"\b(?:per|for each|for every|in each|in every|of each|of every|each|every)\s(?P<each>\w+)\b", re.IGNORECASE
)
_LEADER = re.compile(
    rf"\b(?:top|worst|busiest|noisiest|chattiest|most \w+)\s(?:{phrases.NUMBER}\s)?(?P<one>\w+)\b|\b(?:{phrases.NUMBER}\s)?(?P<other>\w+)\s(?:with|had|has|having|that (?:has|had|failed|ran)|which (?:has|had|failed|ran))\s(?:the )?most\b",
    re.IGNORECASE,
)


def _leaders(wording: Wording, asked: Asked) -> Select | None:
    """The largest groups within each other group."""
    text, subject = wording.plain, asked.subject
    each, leader = _EACH.search(text), _LEADER.search(text)
    if (
        each is None
        or leader is None
        or (wording.counts() and not re.search(r"\bby (?:\w+ )?count\b", text, re.IGNORECASE))
    ):
        return None
    ranked = subject.dimensions.get((leader["one"] or leader["other"]).lower())
    unit = phrases.UNITS.get(each["each"].lower())
    key = subject.dimensions.get(each["each"].lower())
    if (
        ranked is None
        or (unit is None and key is None)
        or ranked == key
        or phrases.LENGTH.search(text)
        or phrases.SHARE.search(text)
    ):
        return None
    keys = (Item(Bucket(unit, Column(subject.begin)), unit),) if unit else (Item(Column(key or "")),)
    number = next((phrases.worded(one) for one in (leader[1], leader[3]) if one), 1)
    return statements.leaders(asked, keys, ranked, number)


def _worst(wording: Wording, asked: Asked) -> Select | None:
    """ "The worst severity of each service": sev1 comes first of all."""
    if asked.subject is not INCIDENTS or not _WORST.search(wording.plain) or not asked.groups:
        return None
    groups = tuple(name for name in asked.groups if name != "severity")
    if not groups:
        return None
    item = Item(Call("MIN", (Column("severity"),)), "worst_severity")
    return statements.grouped(replace(asked, groups=groups, cut=LIMIT), item, text="")


_RATIO = re.compile(
    r"\bratio (?:of|between)\b(?P<one>.{3,50}?)\b(?:to|and|vs\.?|over|versus)\b(?P<other>.{3,50})",
    re.IGNORECASE | re.DOTALL,
)


def _ratio(wording: Wording, asked: Asked) -> Select | None:
    """ "Ratio of failed to completed runs": the one number over the other."""
    match = _RATIO.search(wording.plain)
    if match is None:
        return None
    column = Column(status_column(asked.subject))
    both = [
        next(
            (
                c
                for c in filters.find(only(wording.question, *match.span(name)), asked.subject)
                if isinstance(c, OneOf) and c.expr in (column, Column("severity"))
            ),
            None,
        )
        for name in ("one", "other")
    ]
    one, other = both
    if asked.subject is MESSAGES and one is None and re.search(r"\busers?\b", match["one"], re.IGNORECASE):
        one = filters.one_of("role", ("user",))
    if (
        asked.subject is MESSAGES
        and one is None
        and re.search(r"\b(?:bot|assistant|copilot)\b", match["one"], re.IGNORECASE)
    ):
        one = filters.one_of("role", ("assistant",))
    if one is None or other is None:
        return None
    where = tuple(c for c in asked.where if getattr(c, "expr", None) != one.expr)
    groups = tuple(name for name in asked.groups if Column(name) != one.expr)
    first, second = (Call("COUNT", (When((c,), Number(1)),)) for c in (one, other))
    return statements.grouped(
        replace(asked, where=where, groups=groups), Item(Percent(first, second, 1), "ratio"), text=""
    )


def _repeated(wording: Wording, asked: Asked) -> Select | None:
    common = _COMMON.search(wording.plain)
    if asked.subject is not INCIDENTS or not (common or _REPEATED.search(wording.plain)):
        return None
    # The word for a double also says why an incident was cancelled.
    where = tuple(
        one for one in asked.where if not (isinstance(one, OneOf) and one.expr == Column("status") and not common)
    )
    title, noun = Column("title"), asked.subject.noun
    having = () if common else (Compare(">", Call("COUNT"), Number(1)),)
    order = (Order(Column(noun), descending=True), Order(title))
    return Select(
        (Item(title), Item(Call("COUNT"), noun)),
        asked.subject.table,
        where=where,
        group=(title,),
        having=having,
        order=order,
        limit=(phrases.number(wording.plain) or (DEFAULT_TOP if common[0].lower().endswith("s") else 1))
        if common
        else LIMIT,
    )


def _shares(wording: Wording, asked: Asked) -> Select | None:
    """Shares are of all rows, unless rows with some property are set apart: `statements.share` reads those."""
    if not asked.groups or asked.every or not _PERCENT.search(wording.plain):
        return None
    apart = (Column(status_column(asked.subject)), Column("severity"), Column("workflow"))
    if any(
        getattr(one, "expr", None) in apart and isinstance(one, OneOf)
        for one in asked.where
        if not _grouped(one, asked)
    ):
        return None
    if phrases.LENGTH.search(wording.plain) and any(
        not isinstance(one, OneOf) and asked.is_open(one) for one in asked.where
    ):
        return None
    measure, noun = Call("COUNT"), asked.subject.noun
    if asked.subject.end and phrases.LENGTH.search(wording.plain) and phrases.TOTAL.search(wording.plain):
        measure, noun = Call("SUM", (statements.length(asked),)), f"sum_{asked.unit}s"
    share = Percent(measure, Over(Call("SUM", (measure,))))
    return Select(
        (*map(Item, asked.partition), Item(measure, noun), Item(share, "percent")),
        asked.subject.table,
        where=asked.where,
        group=asked.partition,
        order=(Order(Column(noun), descending=True), *map(Order, asked.partition)),
        limit=asked.cut or LIMIT,
    )


def _grouped(condition: object, asked: Asked) -> bool:
    return getattr(condition, "expr", None) in asked.partition
