"""Sessions by how long they went on, or by how much was said in them."""

import re
from dataclasses import replace

from core.query.literals import seconds
from core.query.sql import filters, phrases
from core.query.sql.asked import LIMIT
from core.query.sql.clauses import reading, without
from core.query.sql.model import Call, Column, Compare, Elapsed, Item, Number, Order, Select
from core.query.sql.subjects import MESSAGES, Subject
from core.query.wording import DEFAULT_TOP, Wording

_SESSIONS = r"\b(?P<noun>sessions?|conversations?|chats?|threads?)\b"
_LASTING = re.compile(
    rf"{_SESSIONS}(?P<between>[^.;?!]{{0,30}}?)\b(?:last(?:ing|ed|s)?|took|taking|ran|running|going(?: on)?|went on|open|span\w*|longer|shorter)\s?(?:for )?(?P<op>more than|over|longer than|at least|less than|under|shorter than|at most|than|>|<)\s?(?P<number>\d{{1,4}}|an?|one|two|three|half an)\s?(?P<unit>seconds?|secs?|minutes?|mins?|m|hours?|hrs?|h|days?|d)\b",
    re.IGNORECASE,
)
_BY_MESSAGES = re.compile(
    rf"\b(?:longest|biggest|largest|chattiest|busiest|top)\s(?:{phrases.NUMBER}\s)?{_SESSIONS}[^.;?!]{{0,30}}?\b(?:by|in terms of|measured (?:by|in)|in|with) (?:the )?(?:most |number of |count of |amount of )?messages?(?: count)?\b",
    re.IGNORECASE,
)
_OPERATORS = {"at least": ">=", "at most": "<=", "less than": "<", "under": "<", "shorter than": "<", "<": "<"}


def select(wording: Wording, subject: Subject) -> Select | None:
    """None where the sentence says neither of sessions."""
    if subject is not MESSAGES:
        return None
    text, session = wording.plain, Column("session_id")
    if match := _BY_MESSAGES.search(text):
        where = filters.find(reading(wording.question), subject)
        number = phrases.worded(match[1] or "") or (DEFAULT_TOP if match["noun"].lower().endswith("s") else 1)
        order = (Order(Column("messages"), descending=True), Order(session))
        items = (Item(session), Item(Call("COUNT"), "messages"))
        return Select(items, subject.table, where=where, group=(session,), order=order, limit=number)
    if match := _LASTING.search(text):
        where = filters.find(reading(without(wording.question, [(match.start("between"), match.end())])), subject)
        begin, said = Column(subject.begin), match["number"].lower()
        count = 0.5 if said.startswith("half") else phrases.worded(said) or 1
        op = _OPERATORS.get(match["op"].lower(), "<" if "shorter" in match[0].lower() else ">")
        lasted = Elapsed(Call("MIN", (begin,)), Call("MAX", (begin,)))
        limit = Number(seconds(f"1{match['unit'][0].lower()}") * count / 60)
        each = Select((Item(session), Item(lasted, "minutes")), subject.table, where=where, group=(session,), having=(Compare(op, lasted, limit),))  # fmt: skip
        if wording.counts():
            return Select((Item(Call("COUNT"), "sessions"),), each, limit=1)
        return replace(each, order=(Order(Column("minutes"), descending=True), Order(session)), limit=LIMIT)
    return None
