"""Questions over two tables: what ran or was said around incidents. They share no key; time holds them together."""

import re
from dataclasses import dataclass

from core.query.literals import seconds
from core.query.sql import filters
from core.query.sql.asked import LIMIT
from core.query.sql.model import (
    Call,
    Column,
    Compare,
    Condition,
    Elapsed,
    Exists,
    Expression,
    Instant,
    Item,
    Join,
    Missing,
    Number,
    OneOf,
    Order,
    Select,
    Value,
)
from core.query.sql.subjects import INCIDENTS, MESSAGES, RUNS, Subject
from core.query.wording import Wording

_DURING = re.compile(
    r"\b(?:during|while|throughout|in the middle of|w[aä]hrend|durante|when|at the (?:moment|time)|within (?:it|them|their)|overlap\w*)\b",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"\b(?:before|prior to|preceding|ahead of|leading up to|after|following|right after|caused by|because of|triggered by (?:a|the) (?:deploy|run)|within|around|close to|near)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\b(?:after|following|caused by|because of|since)\b", re.IGNORECASE)
_OPEN_THEN = re.compile(
    r"\b(?:while|when|during)\b.{0,60}\b(?:open|active|ongoing|unresolved|live|running)\b", re.IGNORECASE
)
_ITSELF = re.compile(r"\W*(?:(?:they|it|them|their|those|the incident|the run)\b|$)", re.IGNORECASE)
_GOING_THEN = re.compile(
    r"\b(?:running|in flight|going|in progress|active|under ?way|ongoing)\b.{0,30}\b(?:when|as|the moment|the time)\b.{0,60}"
    r"\b(?:opened|open(?:s|ed up)|started|starts|began|declared|created|broke|happened|hit)\b",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\b(?:with|and|plus|along with|including) (?:the |their |its |that )?(?:incident|run|matching|respective)(?: ids?)?\W*$|\bpairs?\b|\bjoin(?:ed)?\b|\bwhich incident\b",
    re.IGNORECASE,
)
_CLOSE = 60.0
"""Minutes between two rows that belong together where the person says nothing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tables that a sentence speaks of."""

    asked: Subject
    beside: Subject
    within_asked: bool = False
    """Whether rows of `beside` began while one of `asked` went on, and not the other way round."""


def pair(wording: Wording) -> Pair | None:
    """What is asked for, and the incidents or runs it is set beside; None where one table answers."""
    text = wording.plain
    joint = _DURING.search(text) or _AROUND.search(text)
    if joint is None:
        return None
    before, after = text[: joint.start()], text[joint.end() :]
    first = next((s for s in (RUNS, MESSAGES, INCIDENTS) if s.words.search(before)), None)
    second = next((s for s in (INCIDENTS, RUNS) if s.words.search(after)), None)
    if first and second and first is not second:
        return Pair(first, second, within_asked=after.lstrip().lower().startswith("which"))
    named = [(match.start(), s) for s in (INCIDENTS, RUNS) if (match := s.noun_words.search(before))]
    if len(named) < 2 or not _ITSELF.match(after) or not _DURING.search(text):
        return None
    asked, beside = (subject for _, subject in sorted(named, key=lambda one: one[0]))
    return Pair(asked, beside, within_asked=True)


def select(wording: Wording, pair: Pair) -> Select:
    """Rows of the one that began during, shortly before or shortly after rows of the other; counted where a number is wanted."""
    asked, beside = pair.asked, pair.beside
    noun = beside.noun_words.search(wording.plain) or beside.words.search(wording.plain)
    apart = noun is not None and wording.negated(noun.start())
    if noun and apart:
        wording.affirm(noun.start())
    others = filters.find(wording, beside, table=beside.table)
    own = tuple(one for one in filters.find(wording, asked, table=asked.table) if one not in others)
    open_then = bool(_OPEN_THEN.search(wording.plain) or _GOING_THEN.search(wording.plain))
    others, own = (
        tuple(one for one in where if not _is_gap(one) and not (open_then and _is_going_on(one)))
        for where in (others, own)
    )
    on = _on(wording, pair)
    if _BOTH.search(wording.plain) and not wording.counts() and not apart:
        # Names that both tables have are told apart by the noun of the second.
        other = Item(Column("id", beside.table), f"{beside.noun.removesuffix('s')}_id")
        join = Join(beside.table, on)
        return Select((*_all(asked), other), asked.table, (join,), (*others, *own), order=_latest(asked), limit=LIMIT)
    there = Exists(Select((Item(Number(1)),), beside.table, where=(*on, *others)), negative=apart)
    if wording.counts():
        return Select((Item(Call("COUNT"), asked.noun),), asked.table, where=(*own, there), limit=1)
    return Select(_all(asked), asked.table, where=(*own, there), order=_latest(asked), limit=LIMIT)


def _all(asked: Subject) -> tuple[Item, ...]:
    return tuple(Item(Column(name, asked.table)) for name in asked.columns)


def _latest(asked: Subject) -> tuple[Order, ...]:
    return (Order(Column(asked.begin, asked.table), descending=True),)


def _on(wording: Wording, pair: Pair) -> tuple[Condition, ...]:
    asked, beside = pair.asked, pair.beside
    begin, start = Column(asked.begin, asked.table), Column(beside.begin, beside.table)
    if asked.end and (pair.within_asked or _GOING_THEN.search(wording.plain)):
        return _between(begin, start, _end(wording, asked))
    if _DURING.search(wording.plain):
        return _between(start, begin, _end(wording, beside))
    near = _gap(wording)
    apart = Elapsed(start, begin) if _AFTER.search(wording.plain) else Elapsed(begin, start)
    return (Compare(">=", apart, Number(0)), Compare("<=", apart, Number(near)))


def _between(start: Column, moment: Column, end: Expression) -> tuple[Condition, ...]:
    return (Compare(">=", Instant(moment), Instant(start)), Compare("<=", Instant(moment), end))


def _end(wording: Wording, subject: Subject) -> Call:
    """Now, for what goes on."""
    return Call("COALESCE", (Instant(Column(subject.end, subject.table)), Instant(Value("now", wording.question.now))))


def _gap(wording: Wording) -> float:
    """ "Within 30 minutes of", "in the hour before": how far apart, in minutes."""
    found = re.search(
        r"\b(?:within|in|up to|less than|under|at most|no more than)\s+(?:the |an? )?(\d{1,3})?\s?(minute|min|hour|h|day)s?\b",
        wording.plain,
        re.IGNORECASE,
    )
    if found:
        unit = {"minute": "m", "min": "m", "hour": "h", "h": "h", "day": "d"}[found[2].lower()]
        return seconds(f"{found[1] or 1}{unit}") / 60
    return _CLOSE


def _is_going_on(condition: Condition) -> bool:
    match condition:
        case Missing(expr=Column(name=name)):
            return name == INCIDENTS.end
        case OneOf(expr=Column(name="status", table="incidents"), negative=True):
            return True
        case OneOf(expr=Column(name="status", table="workflow_runs"), values=(Value(value="running"),)):
            return True
        case _:
            return False


def _is_gap(condition: Condition) -> bool:
    return isinstance(condition, Compare) and isinstance(condition.left, Elapsed)
