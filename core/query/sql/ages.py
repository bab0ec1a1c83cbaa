"""Time up to now: how long things have been running or open, and how long ago something was last seen."""

import re
from dataclasses import replace

from core.query.sql import phrases, statements
from core.query.sql.asked import LIMIT, Asked
from core.query.sql.model import Call, Column, Condition, Elapsed, Item, Length, Missing, OneOf, Order, Select, Value
from core.query.wording import Wording

_SO_FAR = re.compile(
    r"\bsince (?:how (?:many|long)|when)\b|\bfor how (?:long|many)\b|\bhow (?:long|many (?:minutes|hours|days|seconds)) (?:ago|(?:has|have|is|are|'s|’s) (?!(?:it|they|passed)\b.{0,12}\b(?:taken|took))|(?:it|they|each|everything)(?:'s|'ve|’s|’ve| has| have| is| are)? (?:been |be )?(?:running|open|waiting|going|stuck))"
    r"|\bhow long (?:each|they|it|these|those|every\w*)\b(?: of them)? (?:has|have|had|is|are|was|were|waited|ran)\b(?! (?:taken|took))|\b(?:longest|oldest)[ -](?:running|waiting|open|pending|going)\b|\bage\b|\bages\b|\bhow old\b|\bso far\b|\b(?:running|open|waiting|elapsed) (?:time|minutes|hours|days)\b|\b(?:minutes|hours|days) (?:running|open|waiting|elapsed|old|so far)\b|\bseit wann\b|\bwie lange schon\b|\bdesde hace\b|\bcu[aá]nto llevan\b",
    re.IGNORECASE,
)
_GOING_ON = frozenset({"running", "waiting", "investigating", "identified", "monitoring", "mitigated"})
_LONGEST = re.compile(r"\b(?:longest|oldest)\b", re.IGNORECASE)
_NEWEST = re.compile(r"\b(?:shortest|newest|youngest|latest)(?: ones?)? first\b", re.IGNORECASE)
_SINCE_LAST = re.compile(
    r"\b(?:how (?:long|many (?:days|hours|minutes|weeks))|time|(?<!\d )(?<!\d)(?:days|hours|minutes|tage|d[ií]as))\b[^.;?!]{0,30}?\b(?:since|ago|without|seit|desde)\b",
    re.IGNORECASE,
)
_LONGEST_WITHOUT = re.compile(
    r"\b(?:gone|been|went|quiet|longest)\b.{0,20}\b(?:longest\s)?(?:without|since|no)\b", re.IGNORECASE
)
_LONGEST_GAP = re.compile(
    rf"\b(?:longest|shortest|biggest|max(?:imum)?|record) (?:\w+[ -]){{0,2}}?{phrases.PAUSE} (?:of (?:days|time|hours) )?(?:without|with no|between|free of)\b",
    re.IGNORECASE,
)
"""Between any two rows, and not up to now."""
_THE_LAST = re.compile(
    r"\b(?:last|latest|most recent|newest|previous|without|ago|letzte\w*|[uú]ltim[oa])\b", re.IGNORECASE
)
_BETWEEN_ROWS = re.compile(
    r"\bsince (?:the |its |their )?(?:previous|prior|one before)\b|\bbetween\b|\beach\b.{0,30}\bbefore\b", re.IGNORECASE
)


def select(wording: Wording, asked: Asked) -> Select | None:
    """With the time up to now beside the rows, or instead of them; None where it is not asked for."""
    text, subject = wording.plain, asked.subject
    since = _SINCE_LAST.search(text) if not _LONGEST_GAP.search(text) else None
    if since and _THE_LAST.search(text) and not _BETWEEN_ROWS.search(text) and not going_on(asked):
        return _since_last(wording, asked)
    if not _LONGEST_GAP.search(text) and _LONGEST_WITHOUT.search(text) and (asked.groups or asked.distinct):
        groups = asked.groups or (asked.distinct,)
        made = _since_last(wording, replace(asked, groups=groups, distinct=""))
        return replace(
            made,
            order=(Order(Column("latest")), *made.order[1:]),
            limit=1 if phrases.WHICH_ONE.search(text) else asked.cut,
        )
    if not subject.end or not _SO_FAR.search(text):
        return None
    going = going_on(asked)
    one = any(isinstance(c, OneOf) and c.expr == Column("id") for c in asked.where)
    if one:  # "how long has INC-8 been open": up to its end where it has one
        asked = replace(asked, where=tuple(c for c in asked.where if not _is_going_on(c, asked)))
        going = False
    if not going and not one and not re.search(r"\b(?:age|ages|how old)\b", text, re.IGNORECASE):
        return None
    unit = _unit(wording)
    now = Value("now", wording.question.now)
    begin = Column(subject.begin)
    end = now if going else Call("COALESCE", (Column(subject.end), now))
    age = Elapsed(begin, end, unit)
    if asked.groups and going and phrases.PER_GROUP.search(text) and _LONGEST.search(text):
        return statements.first_of_each(replace(asked, fields=()), Order(begin), phrases.number(text) or 1)
    name = f"{unit}s"
    if function := _function(text):
        return statements.grouped(asked, Item(Call(function, (age,)), f"{function.lower()}_{name}"), text=text)
    number = phrases.number(text)
    if number and not asked.groups and re.search(r"\boldest\b|\blongest\b", text, re.IGNORECASE):
        number = (
            number
            if re.search(r"\b(?:oldest|longest)\b(?!(?: ones?)? (?:first|on top|at the top))", text, re.IGNORECASE)
            else 0
        )
    order = Order(begin, descending=bool(_NEWEST.search(text)) or not _LONGEST.search(text))
    return statements.rows(replace(asked, fields=()), order=order, limit=number or LIMIT, extra=(Item(age, name),))


def _function(text: str) -> str:
    if re.search(r"\b(?:avg|average|mean|on average)\b", text, re.IGNORECASE):
        return "AVG"
    return "MAX" if re.search(r"\b(?:max|maximum)\b", text, re.IGNORECASE) else ""


def going_on(asked: Asked) -> bool:
    """Whether only rows are asked for that have not ended."""
    return any(_is_going_on(one, asked) for one in asked.where)


def _is_going_on(one: Condition, asked: Asked) -> bool:
    if isinstance(one, OneOf) and one.expr == Column("status"):
        values = {str(value.value) for value in one.values}
        return one.negative if "resolved" in values else values <= _GOING_ON and not one.negative
    return one == Missing(Column(asked.subject.end))


def _unit(wording: Wording) -> Length:
    found = re.search(
        r"\b(?:how many |in |age in |their )?(seconds|minutes|mins|hours|hrs|days)\b(?! ago)",
        wording.rest,
        re.IGNORECASE,
    )
    return phrases.LENGTHS[found[1][0].lower()] if found else "minute"


def _since_last(wording: Wording, asked: Asked) -> Select:
    """From the last of the rows to now, for each group where one is asked for."""
    found = re.search(r"\b(seconds|minutes|hours|days|tage|d[ií]as)\b", wording.rest, re.IGNORECASE)
    unit = phrases.LENGTHS.get(found[1][0].lower(), "day") if found else "minute"
    begin = Column(asked.subject.begin)
    age = Elapsed(Call("MAX", (begin,)), Value("now", wording.question.now), unit)
    items = (Item(age, f"{unit}s_since_last"), Item(Call("MAX", (begin,)), "latest"))
    return statements.grouped(replace(asked, limit=None), *items, text="")
