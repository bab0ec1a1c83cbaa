"""Groups by what their rows are like: "services with incidents in october but none in november", "workflows whose last run failed"."""

import re
from dataclasses import dataclass, replace

from core.query.sql import asked, filters, searched
from core.query.sql.asked import LIMIT
from core.query.sql.clauses import only, without
from core.query.sql.model import (
    Call,
    Column,
    Compare,
    Condition,
    Instant,
    Item,
    Missing,
    Number,
    OneOf,
    Order,
    Over,
    PartOf,
    Select,
    When,
)
from core.query.sql.subjects import MESSAGES, RUNS, Subject
from core.query.translation import Question
from core.query.wording import Wording

_LATEST = re.compile(
    r"\b(?:whose|(?:i\.?e\.?|meaning|that is|namely|aka|so|as in)[,:]?(?: that)?(?: the| its| their)?|where(?: the| its| their)?|for which the|with (?:the|their|its)|that had (?:the|their|its))\s+(?:very )?(?P<which>latest|last|most recent|newest|first|earliest)\s+(?:\w+\s){0,3}?(?P<verb>was|were|is|are|has|had|did|got|ended(?: up)?(?: as| in)?|failed|succeeded|completed|finished|went|came|being|took|of|did(?: not|n['’]?t)|does(?: not|n['’]?t))\b",
    re.IGNORECASE,
)
_BUT_NONE = re.compile(
    r"\s*(?:,|\bbut\b|\band\b|\byet\b|\bwhile\b|\bthough\b|\bthen\b)*\s*(?:\b(?:but|and|yet|while|though|although|then)\b|,)\s+(?:(?!(?:but|and)\b)\w+\s){0,3}?(?P<none>never|no|none|not|without(?: any| an?)?|nothing|zero|nobody|no one|(?:were|was|are|is|been|stayed|remained) (?:clean|quiet|calm|silent|fine|free)|clean|quiet|stayed quiet|(?:did|has|have|had|do|does|was|were|is|are)(?:n['’]?t| not| never))\b",
    re.IGNORECASE,
)
_ALSO = re.compile(r"\bboth\b(?P<one>.{1,60}?)\b(?:and|as well as)\b(?P<other>.{1,60})", re.IGNORECASE | re.DOTALL)
_MORE_THAN = re.compile(
    r"\b(?:more|fewer|less)\s(?P<one>(?!than\b|often\b)[^,.;]{2,40}?)\sthan\s(?P<other>[^,.;]{3,60})|\b(?P<first>\w+)\s(?:more|less)\s(?:often\s|frequently\s)?than\s(?:they |it )?(?P<second>[^,.;]{3,40})",
    re.IGNORECASE,
)
_MENTIONS = re.compile(r"\b(?:mention|contain|includ|talk|say|said|ask|word)\w*", re.IGNORECASE)
_ONE_OF_EACH = re.compile(
    r"\bat least (?:one|an?|1)\b(?P<one>.{1,60}?)\band (?:at least )?(?:one|an?|1)\b(?P<other>.{1,60})",
    re.IGNORECASE | re.DOTALL,
)
_WHO_NEVER = re.compile(
    r"\W*(?:list |show )?(?:people )?who (?:has|have|had|did)(?: not|n['’]?t)\s(?:ever\s|yet\s)?|\W*(?:list |show )?(?:people )?who(?:['’]s| has| have| had| did| does)?(?: not|n['’]?t)?\s(?:ever|never)\s",
    re.IGNORECASE,
)
_BUT_ALSO = re.compile(r"\b(?:and|but) (?:also|at least one|then also)\b", re.IGNORECASE)
_ONLY = re.compile(
    r"\b(?:(?:only|just|exclusively|nothing but|solely) (?:ever )?(?:have|has|had|contain(?:s|ed)?|consist(?:s|ed)? of|got|see[ns]?|saw|with|of)?(?!\s?(?:an? |one )?(?:\d|single|one|two|three|four|five)\b)|(?:have|has|had|contain(?:s|ed)?|with|consist(?:s|ed)? of|got) (?:only|just|nothing but|exclusively)(?! (?:an? |one )?(?:\d|single|one|two|three|four|five)\b)|all (?:of )?(?:their|its|whose)|whose (?:\w+ )?(?:are|were|is) all|whose every|where (?:all|every))\b",
    re.IGNORECASE,
)
_SOMETHING = re.compile(r"\b(?:at all|ever|something|anything|any|at least one)\b", re.IGNORECASE)
_ANSWERED = re.compile(r"\b(?:bot|assistant|copilot|answer\w*|repl(?:y|ies|ied)|respon\w+)\b", re.IGNORECASE)
_ASKED = re.compile(r"\b(?:user|users|people|human|humans|someone|somebody|question|asked)\b", re.IGNORECASE)


_DEFINED = re.compile(r"(?:,|—|–|-|\()?\s*\b(?:i\.?e\.?|meaning|that is|namely|as in)[,:\s]", re.IGNORECASE)
"""What stands before it is said once more behind it: "workflows that are red, meaning their last run failed"."""
_BEGAN = re.compile(
    r"\W*(?:that |which |who )?(?:were |was |have |had )?(?:started|begun|began|opened|new|created)\b", re.IGNORECASE
)


_NEW = re.compile(r"\bnew (?:sessions|conversations|chats|threads)\b", re.IGNORECASE)
_ITS_FIRST = re.compile(
    r"\b(?:had|have|has|saw|got) (?:its|their|the) (?:very )?first (?:ever )?(?:\w+ )?(?:incident|outage|run|failure|message|sev[1-4]|one)\b|\bfor the (?:very )?first time\b|\bfirst (?:ran|appeared|seen|failed|started|showed up)\b",
    re.IGNORECASE,
)
"""Groups that had no such row before that time."""


@dataclass(frozen=True, slots=True)
class _Head:
    column: str
    end: int


def select(wording: Wording, subject: Subject) -> Select | None:
    """The groups, or None where the sentence says no such thing of them."""
    head = _head(wording, subject)
    if subject is RUNS and (never := _WHO_NEVER.match(wording.plain)):
        other = _conditions(wording.question, subject, never.end(), len(wording.text))
        return _with(wording, subject, _Head("triggered_by", never.end()), (), other, wanted=False) if other else None
    if head is None:
        new = _NEW.search(wording.plain) if subject is MESSAGES else None
        return _begun(wording, subject, _Head("session_id", new.end())) if new else None
    question, text = wording.question, wording.plain
    if (_BEGAN.match(text, head.end) and head.column == "session_id") or _ITS_FIRST.search(text, head.end):
        return _begun(wording, subject, head)
    if latest := _LATEST.search(text, head.end):
        return _latest(question, subject, head, latest)
    if (more := _MORE_THAN.search(text, head.end)) and (compared := _more(question, subject, head, more)):
        return compared
    if both := _ALSO.search(text, head.end):
        one, other = (_conditions(question, subject, *both.span(name)) for name in ("one", "other"))
        if subject is MESSAGES and not one and _MENTIONS.search(text, head.end, both.start() + 1):
            words = (re.match(r"\W*([\w.-]+)", both[name]) for name in ("one", "other"))
            one, *others = ((searched.like(subject.text, word[1], negative=False),) for word in words if word)
            other = (*others[0], *(c for c in other if _is_time(c))) if others else ()
        return _with(wording, subject, head, *_shared(one, other), wanted=True)
    if both := _ONE_OF_EACH.search(text, head.end):
        one, other = (_conditions(question, subject, *both.span(name)) for name in ("one", "other"))
        return _with(wording, subject, head, *_shared(one, other), wanted=True)
    if (also := _BUT_ALSO.search(text, head.end)) and not wording.negated(also.start() - 1):
        one = _conditions(question, subject, head.end, also.start())
        return _with(
            wording, subject, head, *_shared(one, _conditions(question, subject, also.end(), len(text))), wanted=True
        )
    if (none := _BUT_NONE.search(text, head.end)) and _says_something(text[head.end : none.start()]):
        one = _conditions(question, subject, head.end, none.start())
        blanked = without(question, [none.span("none")])
        other = _conditions(blanked, subject, none.start(), len(text))
        if one or other:
            return _with(wording, subject, head, *_shared(one, other), wanted=False)
    if alone := _ONLY.search(text, head.end):
        one = _conditions(question, subject, alone.start(), len(text))
        times = tuple(condition for condition in one if _is_time(condition))
        special = tuple(condition for condition in one if not _is_time(condition))
        if len(special) == 1 and isinstance(special[0], OneOf):
            other = (OneOf(special[0].expr, special[0].values, not special[0].negative),)
            return _with(wording, subject, head, one, (*other, *times), wanted=False)
    return None


def _begun(wording: Wording, subject: Subject, head: _Head) -> Select | None:
    """Sessions whose first message is of that time."""
    found = _conditions(wording.question, subject, head.end, len(wording.text))
    times = tuple(one for one in found if _is_time(one))
    special = tuple(one for one in found if not _is_time(one)) if subject is not MESSAGES else ()
    column, first = Column(head.column), Call("MIN", (Column(subject.begin),))
    having = tuple(replace(one, left=Instant(first)) for one in times if isinstance(one, Compare))
    if not having:
        return None
    if wording.counts():
        inner = Select((Item(column),), subject.table, where=special, group=(column,), having=having)
        return Select((Item(Call("COUNT"), "sessions" if subject is MESSAGES else "count"),), inner, limit=1)
    name = f"first_{subject.noun.removesuffix('s')}"
    order = (Order(Column(name), descending=True),)
    items = (Item(column), Item(first, name))
    return Select(items, subject.table, where=special, group=(column,), having=having, order=order, limit=LIMIT)


def _more(question: Question, subject: Subject, head: _Head, match: re.Match[str]) -> Select | None:
    """Groups with more rows of the one kind than of the other: "workflows with more failed than completed runs"."""
    names = ("one", "other") if match["one"] else ("first", "second")
    one, other = (
        tuple(c for c in _conditions(question, subject, *match.span(name)) if isinstance(c, OneOf)) for name in names
    )
    if not one or not other or one == other:
        return None
    rest = filters.find(only(without(question, [match.span()]), head.end, len(question.text)), subject)
    times = tuple(c for c in (*rest, *_conditions(question, subject, *match.span(names[1]))) if _is_time(c))
    op = "<" if match[0].lower().lstrip().startswith(("fewer", "less")) or " less " in match[0].lower() else ">"
    column, count, counted = Column(head.column), _count(one), _count(other)
    order = (Order(Column(subject.noun), descending=True), Order(column))
    items = (Item(column), Item(count, subject.noun), Item(counted, f"other_{subject.noun}"))
    return Select(
        items,
        subject.table,
        where=tuple(dict.fromkeys(times)),
        group=(column,),
        having=(Compare(op, count, counted),),
        order=order,
        limit=LIMIT,
    )


def _head(wording: Wording, subject: Subject) -> _Head | None:
    match = asked.head(wording, subject) or (
        asked.head(wording, subject, loose=True) if _DEFINED.search(wording.plain) else None
    )
    return _Head(subject.dimensions[match[2].lower()], match.end(2)) if match else None


def _says_something(text: str) -> bool:
    return bool(re.search(r"\w", text.replace("\0", "x")))


def _conditions(question: Question, subject: Subject, start: int, end: int) -> tuple[Condition, ...]:
    part = only(question, start, end)
    found = filters.find(part, subject)
    if subject is MESSAGES and not any(getattr(one, "expr", None) == Column("role") for one in found):
        # "A user wrote something", "the bot never answered": said of the session, not of one message.
        for pattern, role in ((_ANSWERED, "assistant"), (_ASKED, "user")):
            if pattern.search(part.text):
                return (*(one for one in found if not _is_text(one)), filters.one_of("role", (role,)))
    return found


def _is_text(condition: Condition) -> bool:
    return isinstance(condition, Compare) and "LIKE" in condition.op


def _is_time(condition: Condition) -> bool:
    return isinstance(condition, PartOf) or (isinstance(condition, Compare) and isinstance(condition.left, Instant))


def _shared(
    one: tuple[Condition, ...], other: tuple[Condition, ...]
) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """What only one of both says and holds for the other, too: the time of "a sev1 but no sev2 this month", what happened
    of "failures in october but none in november"."""
    times, others = ([c for c in part if _is_time(c)] for part in (one, other))
    special, opposed = ([c for c in part if not _is_time(c)] for part in (one, other))
    if not opposed and others:
        opposed = special
    if opposed != special:
        times, others = times or others, others or times
    return (*special, *times), (*opposed, *others)


def _with(
    wording: Wording,
    subject: Subject,
    head: _Head,
    one: tuple[Condition, ...],
    other: tuple[Condition, ...],
    *,
    wanted: bool,
) -> Select | None:
    """Groups that have rows of the one kind, and some, or none, of the other."""
    if not other or one == other:
        return None
    column = Column(head.column)
    count, counted = _count(one), _count(other)
    having = (Compare(">", count, Number(0)), Compare(">" if wanted else "=", counted, Number(0)))
    where = (Missing(column, negative=True),)
    if wording.counts():
        inner = Select((Item(column),), subject.table, where=where, group=(column,), having=having)
        return Select((Item(Call("COUNT"), "count"),), inner, limit=1)
    items = (Item(column), Item(count, subject.noun), *((Item(counted, f"other_{subject.noun}"),) if wanted else ()))
    order = (Order(Column(subject.noun), descending=True), Order(column))
    return Select(items, subject.table, where=where, group=(column,), having=having, order=order, limit=LIMIT)


def _count(conditions: tuple[Condition, ...]) -> Call:
    return Call("COUNT", (When(conditions, Number(1)),)) if conditions else Call("COUNT")


def _latest(question: Question, subject: Subject, head: _Head, match: re.Match[str]) -> Select | None:
    """Groups whose last row is of this kind: the row is shown."""
    start = match.start("verb")
    column, text = Column(head.column), question.text
    found = filters.find(only(question, start, len(text)), subject)
    special = tuple(one for one in found if not _is_time(one))
    if not special:  # "whose last message is older than 2 days"
        special, found = found, ()
    if not special:
        return None
    before = filters.find(only(question, head.end, match.start()), subject)
    within = tuple(one for one in (*before, *found) if _is_time(one))
    down = match["which"].lower() not in ("first", "earliest")
    columns = tuple(Item(Column(name)) for name in subject.columns)
    place = Over(Call("ROW_NUMBER"), (column,), (Order(Column(subject.begin), down),))
    inner = Select((*columns, Item(place, "place")), subject.table, where=within)
    first = Compare("=", Column("place"), Number(1))
    return Select(columns, inner, where=(first, *special), order=(Order(column),), limit=LIMIT)
