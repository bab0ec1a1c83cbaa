"""Messages by those around them: how long a reply took, and what was never answered."""

import re

from core.query.sql import asked, filters, phrases
from core.query.sql.asked import LIMIT
from core.query.sql.clauses import only, reading, without
from core.query.sql.model import (
    Bucket,
    Call,
    Column,
    Compare,
    Elapsed,
    Exists,
    Instant,
    Item,
    Missing,
    Number,
    OneOf,
    Order,
    Over,
    Select,
)
from core.query.sql.subjects import MESSAGES, Subject
from core.query.wording import Wording

_WAIT = re.compile(
    r"\b(?:wait(?:s|ed|ing)?|response times?|reply times?|answer times?|time to (?:reply|respond|answer|first (?:reply|response|answer))|(?:response|reply) latency|how (?:long|fast|quick\w*|slow\w*|many (?:seconds|minutes))\b.{0,60}\b(?:repl\w+|answer\w*|respon\w+)|takes? .{0,40}\b(?:to (?:reply|answer|respond))|time between .{0,60}\b(?:repl\w+|answer\w*|respon\w+|assistant|bot))\b",
    re.IGNORECASE,
)
_UNANSWERED = re.compile(
    r"\b(?:unanswered|without (?:an?y? )?(?:\w+ )?(?:repl(?:y|ies)|answers?|responses?)|(?:never|not|n['’]t|nobody|no one|nothing)\s(?:\w+\s){0,3}?(?:answered|replied|responded|answer|reply|respond)(?: to)?|(?:got|get|had|received|has|have) no (?:repl(?:y|ies)|answers?|responses?))\b",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(
    r"\b(?P<role>users?|humans?|people|person|bot|assistant|copilot)\s(?:(?:had|has|have|got|gets|kept)\s(?:the )?last (?:word|message|say)|(?:wrote|writes|spoke|speaks|said something|posted|was|were|is|are|came) last)\b|\b(?:last|latest|final) (?:word|message|say|line)\s(?:is |was |are |were |came |comes |being )?(?:still )?(?:from|by|of|belongs to|had) (?:the |an? )?(?P<other>users?|humans?|people|person|bot|assistant|copilot)\b"
    r"|\b(?P<left>bot|assistant|copilot)\s(?:has |had |have )?(?:left|leaves|kept) (?:\w+ )?(?:hanging|waiting|without)\b",
    re.IGNORECASE,
)
"""Whose message is the last of its session."""
_SESSIONS = re.compile(r"\b(?:sessions?|conversations?|chats?|threads?)\b", re.IGNORECASE)


def select(wording: Wording, subject: Subject) -> Select | None:
    """None where the sentence speaks of no replies."""
    if subject is not MESSAGES:
        return None
    text = wording.plain
    if (word := _LAST_WORD.search(text)) and phrases.SESSION.search(text):
        return _last_word(wording, word)
    if _UNANSWERED.search(text) and not asked.head(wording, subject):
        return _unanswered(wording)
    return _waits(wording) if _WAIT.search(text) or _lists(text) else None


def _last_word(wording: Wording, match: re.Match[str]) -> Select:
    """Sessions whose last message is of this role."""
    name = (match["role"] or match["other"] or "").lower()
    role = "user" if match["left"] or name.startswith(("user", "human", "pe")) else "assistant"
    rest = filters.find(only(without(wording.question, [match.span()]), 0, len(wording.text)), MESSAGES)
    within = tuple(one for one in rest if isinstance(one, Compare) and isinstance(one.left, Instant))
    session, columns = Column("session_id"), tuple(Item(Column(name)) for name in MESSAGES.columns)
    place = Over(Call("ROW_NUMBER"), (session,), (Order(Column(MESSAGES.begin), True),))
    inner = Select((*columns, Item(place, "place")), MESSAGES.table, where=within)
    where = (Compare("=", Column("place"), Number(1)), filters.one_of("role", (role,)))
    if wording.counts():
        return Select((Item(Call("COUNT"), "sessions"),), inner, where=where, limit=1)
    return Select(columns, inner, where=where, order=(Order(Column(MESSAGES.begin), True),), limit=LIMIT)


def _rest(wording: Wording) -> tuple[asked.Asked, Wording]:
    """What else is said: groups, stretches of time, words that are searched."""
    plain = reading(wording.question)
    grouped = asked.grouping(plain, MESSAGES)
    where = tuple(
        one
        for one in filters.find(plain, MESSAGES)
        if not (isinstance(one, OneOf) and one.expr == Column("role"))
        and not (isinstance(one, Compare) and "LIKE" in one.op and not plain.quotes)
    )
    return asked.read(plain, MESSAGES, where, grouped), plain


def _unanswered(wording: Wording) -> Select:
    """What users wrote with nothing of the assistant after it in the same session."""
    read, plain = _rest(wording)
    later = (
        Compare("=", Column("session_id", "later"), Column("session_id", "messages")),
        filters.qualified(filters.one_of("role", ("assistant",)), "later"),
        Compare(">", Instant(Column("created_at", "later")), Instant(Column("created_at", "messages"))),
    )
    nothing = Exists(Select((Item(Number(1)),), "messages", where=later, alias="later"), negative=True)
    where = (filters.one_of("role", ("user",)), *read.where, nothing)
    if plain.counts():
        return Select((Item(Call("COUNT"), "messages"),), "messages", where=where, limit=1)
    items = tuple(Item(Column(name)) for name in MESSAGES.columns)
    return Select(items, "messages", where=where, order=(Order(Column("created_at"), descending=True),), limit=LIMIT)


def _waits(wording: Wording) -> Select:
    """From a user's message to the assistant's that comes next in the session."""
    read, plain = _rest(wording)
    text = plain.plain
    session, begin = Column("session_id"), Column("created_at")
    step = (Order(begin),)
    following = tuple(
        Item(Over(Call("LEAD", (Column(name),)), (session,), step), f"next_{name}") for name in ("role", "created_at")
    )
    inner = Select((*(Item(Column(name)) for name in MESSAGES.columns), *following), "messages")
    where = (filters.one_of("role", ("user",)), filters.one_of("next_role", ("assistant",)), *read.where)
    unit = phrases.length_unit(text) if phrases.LENGTH_UNIT.search(text) else "second"
    wait = Elapsed(begin, Column("next_created_at"), unit)
    if _lists(text):
        slow = not re.search(r"\b(?:fastest|quickest|shortest)\b", text, re.IGNORECASE)
        columns = tuple(Item(Column(name)) for name in ("id", "session_id", "content", "created_at"))
        order = (Order(Column(f"{unit}s"), descending=slow),)
        return Select(
            (*columns, Item(wait, f"{unit}s")), inner, where=where, order=order, limit=phrases.number(text) or 10
        )
    function = "MAX" if re.search(r"\b(?:max|maximum|longest|slowest|worst)\b", text, re.IGNORECASE) else "AVG"
    step_of_time = (Item(Bucket(read.every, begin), read.every),) if read.every else ()
    keys = (*step_of_time, *(Item(Column(name)) for name in read.groups if name != "role"))
    measure = Item(Call(function, (wait,)), f"{function.lower()}_wait_{unit}s")
    where = (*where, *(Missing(key.expr, negative=True) for key in keys if not key.name))
    group = tuple(key.expr for key in keys)
    biggest = tuple(Order(key.expr) for key in keys) if read.every else (Order(Column(measure.name), descending=True),)
    return Select(
        (*keys, measure), inner, where=where, group=group, order=biggest if keys else (), limit=LIMIT if keys else 1
    )


def _lists(text: str) -> bool:
    return bool(
        re.search(
            r"\b(?:slowest|longest(?= (?:\d+ )?response)|fastest)\s(?:\d+\s)?(?:repl\w+|answers?|responses?)\b|\b\d+ (?:slowest|fastest)\b",
            text,
            re.IGNORECASE,
        )
        and not re.search(r"\b(?:average|avg|mean)\b", text, re.IGNORECASE)
    )
