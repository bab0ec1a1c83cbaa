"""Questions over two tables: what ran or was said around incidents. They share no key; time holds them together."""

import re

from core.query.literals import seconds
from core.query.sql import filters
from core.query.sql.asked import LIMIT
from core.query.sql.model import (
    Call,
    Column,
    Compare,
    Condition,
    Instant,
    Item,
    Join,
    Minutes,
    Missing,
    Number,
    OneOf,
    Order,
    Select,
    Value,
)
from core.query.sql.subjects import INCIDENTS, MESSAGES, RUNS, Subject
from core.query.wording import Wording

_DURING = re.compile(r"\b(?:during|while|throughout|in the middle of|w[aä]hrend|durante|when)\b", re.IGNORECASE)
_AROUND = re.compile(
    r"\b(?:before|prior to|preceding|ahead of|leading up to|after|following|right after|caused by|because of|triggered by (?:a|the) (?:deploy|run)|within|around|close to|near)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\b(?:after|following|caused by|because of|since)\b", re.IGNORECASE)
_OPEN_THEN = re.compile(r"\b(?:while|when|during)\b.{0,60}\b(?:open|active|ongoing|unresolved|live)\b", re.IGNORECASE)
_CLOSE = 60.0
"""Minutes between two rows that belong together where the person says nothing."""


def subjects(wording: Wording) -> tuple[Subject, Subject] | None:
    """What is asked for, and the incidents or runs it is set beside; None where one table answers."""
    text = wording.plain
    joint = _DURING.search(text) or _AROUND.search(text)
    if joint is None:
        return None
    before, after = text[: joint.start()], text[joint.end() :]
    first = next((s for s in (RUNS, MESSAGES, INCIDENTS) if s.words.search(before)), None)
    second = next((s for s in (INCIDENTS, RUNS) if s.words.search(after)), None)
    if first is None or second is None or first is second:
        return None
    return first, second


def select(wording: Wording, asked: Subject, beside: Subject) -> Select:
    """Rows of the one that began during, shortly before or shortly after rows of the other; counted where a number is wanted."""
    where = tuple(
        dict.fromkeys(
            (*filters.find(wording, beside, table=beside.table), *filters.find(wording, asked, table=asked.table))
        )
    )
    open_then = bool(_OPEN_THEN.search(wording.plain))
    where = tuple(one for one in where if not _is_gap(one) and not (open_then and _is_open(one)))
    join = Join(beside.table, _on(wording, asked, beside))
    if wording.counts():
        return Select(
            (Item(Call("COUNT", (Column("id", asked.table),), distinct=True), asked.noun),),
            asked.table,
            (join,),
            where,
            limit=1,
        )
    # Names that both tables have are told apart by the noun of the second.
    items = tuple(Item(Column(name, asked.table)) for name in asked.columns)
    other = Item(Column("id", beside.table), f"{beside.noun.removesuffix('s')}_id")
    order = (Order(Column(asked.begin, asked.table), descending=True),)
    return Select((*items, other), asked.table, (join,), where, order=order, limit=LIMIT)


def _on(wording: Wording, asked: Subject, beside: Subject) -> tuple[Condition, ...]:
    begin, start = Column(asked.begin, asked.table), Column(beside.begin, beside.table)
    if _DURING.search(wording.plain):
        end = Call("COALESCE", (Instant(Column(beside.end, beside.table)), Instant(Value("now", wording.question.now))))
        return (Compare(">=", Instant(begin), Instant(start)), Compare("<=", Instant(begin), end))
    near = _gap(wording)
    apart = Minutes(start, begin) if _AFTER.search(wording.plain) else Minutes(begin, start)
    return (Compare(">=", apart, Number(0)), Compare("<=", apart, Number(near)))


def _gap(wording: Wording) -> float:
    """ "Within 30 minutes of", "in the hour before": how far apart, in minutes."""
    found = re.search(
        r"\b(?:within|in|up to)\s+(?:the |an? )?(\d{1,3})?\s?(minute|min|hour|h|day)s?\b", wording.plain, re.IGNORECASE
    )
    if found:
        unit = {"minute": "m", "min": "m", "hour": "h", "h": "h", "day": "d"}[found[2].lower()]
        return seconds(f"{found[1] or 1}{unit}") / 60
    return _CLOSE


def _is_open(condition: Condition) -> bool:
    if condition == Missing(Column(INCIDENTS.end, INCIDENTS.table)):
        return True
    return isinstance(condition, OneOf) and condition.negative and condition.expr == Column("status", INCIDENTS.table)


def _is_gap(condition: Condition) -> bool:
    return isinstance(condition, Compare) and isinstance(condition.left, Minutes)
