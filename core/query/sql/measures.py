"""Several numbers beside each other: "total runs, failed runs and failure rate per workflow", "columns sev1 to sev4"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from core.nlp.interpretation import EntityType
from core.query.sql import ages, filters, phrases, statements
from core.query.sql.asked import LIMIT, Asked
from core.query.sql.asked import grouped as asked_words
from core.query.sql.clauses import without
from core.query.sql.measured import COUNTS, OF_THEM, Measure, measure
from core.query.sql.model import (
    Call,
    Column,
    Compare,
    Condition,
    Elapsed,
    Item,
    Number,
    OneOf,
    Select,
    Share,
    Value,
    When,
)
from core.query.sql.subjects import INCIDENTS, MESSAGES, RUNS, Subject
from core.query.translation import Question
from core.query.wording import Wording

_JOINT = re.compile(
    r"\s*(?:[,;:&|]|\+(?!\s?(?:m|mins?|minutes?|h|hours?|d|days?)\b)|(?<=\w)\s?/\s?(?=\w)|\bas well as\b|\balong with\b|\bnext to\b|\bbeside\b|\btogether with\b|\bplus\b|\bversus\b|\bvs\.?(?!\w)|\bagainst\b|\bwith\b|\band\b|\bund\b|\by\b)\s*",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\b(?:columns?|matrix|pivot\w*|cross ?tab\w*|side by side|split (?:into|in|up|by|out)|broken (?:down|out|up) (?:by|into|in)|breakdown|separate(?:ly|d)?|each separately|as columns|next to each other|one each|respectively|vs\.?|versus|against|compared? (?:to|with))(?!\w)",
    re.IGNORECASE,
)
_ALL_SEVERITIES = ("sev1", "sev2", "sev3", "sev4")
_COLUMNS_OF = re.compile(
    r"\b(?:a |one |as )?(?:columns?|cols?) (?:per|for each|for every|for|by|are|is|=|of)? ?(?:the )?(severit(?:y|ies)|sevs?|status(?:es)?|roles?|outcomes?)\b|\b(severit(?:y|ies)|sevs?|status(?:es)?|roles?|outcomes?) (?:as|in|for|across) (?:the )?columns?\b",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\bsev ?-?1\s?(?:to|through|thru|-|–|\.\.+|bis|a)\s?(?:sev ?-?)?4\b", re.IGNORECASE)
_SCOPE = re.compile(
    r"\W*\b(?:in|since|from|of|during|over|for|between|this|last|past|opened|created|started|that|which|with|on)\b",
    re.IGNORECASE,
)
_OPPOSED = (frozenset({"open", "over"}), frozenset({"failed", "completed"}), frozenset({"user", "assistant"}))
_MOST_PIECES = 12
"""Nobody asks for more at once, and each is read by itself."""


def read(wording: Wording, subject: Subject) -> tuple[tuple[Measure, ...], Question]:
    """All numbers that are asked for, where there are several, and the rest of the question."""
    text = wording.plain
    unit = phrases.length_unit(text)
    pieces = list(islice(_pieces(text), _MOST_PIECES + 1))
    if not 1 < len(pieces) <= _MOST_PIECES:
        pieces = []
    found = [one for start, end in pieces if (one := measure(wording, subject, start, end, unit))]
    buckets = [one for one in found if isinstance(one.condition, Compare)]
    if len(buckets) > 1:  # "open ones by age: under a day, 1-3 days": which rows they are made of
        found = [one for one in found if one.firm or one in buckets]
    groups = [match.span() for match in asked_words(wording, subject)]
    found = [one for one in found if not any(start < one.start and one.end <= end for start, end in groups)]
    if any(map(_is_length, found)):
        found = [one for one in found if not _is_scope(text, one)]
    ends = _ends(wording, subject)
    if ends:
        found = [*ends, *(one for one in found if one.end <= ends[0].start or one.start >= ends[0].end)]
    found = _columns(wording, subject) or found
    if not any(one.firm and not _is_length(one) for one in found) and not _opposed(found) and not _BESIDE.search(text):
        found = [one for one in found if one.firm]
    if len(dict.fromkeys(one.item for one in found)) < 2 or not _apart(found, text):
        return (), wording.question
    return tuple(found), without(wording.question, ((one.start, one.end) for one in found))


_ENDS = re.compile(
    r"\b(?:first|oldest|earliest) (?:and|&|\+) (?:the )?(?:last|latest|newest|most recent)\b(?: (?:run|incident|message|one|time|start))?",
    re.IGNORECASE,
)


def _ends(wording: Wording, subject: Subject) -> list[Measure]:
    """ "First and last run of every workflow"."""
    if not (match := _ENDS.search(wording.plain)):
        return []
    begin = (Column(subject.begin),)
    return [
        Measure(Item(Call(function, begin), name), None, *match.span())
        for function, name in (("MIN", "first"), ("MAX", "latest"))
    ]


def fits(found: tuple[Measure, ...], *, grouped: bool) -> bool:
    """Whether numbers are wanted, and no list of rows. Of all rows together two have to be asked for in so many words."""
    return (
        grouped
        or _lengths_apart(found)
        or (sum(one.firm for one in found) > 1 and not all(one.condition for one in found))
    )


def _is_scope(text: str, one: Measure) -> bool:
    """ "Mttr by service, incidents opened in october": which rows are meant, and not how many."""
    return (
        one.plain
        and not COUNTS.search(text[one.start : one.end])
        and text[: one.start].rstrip().endswith((",", ":", ";", "("))
        and bool(_SCOPE.match(text, one.end))
    )


def _lengths_apart(found: Sequence[Measure]) -> bool:
    """ "Under 1h, 1-4h, over 4h": no row is all of it."""
    return len(found) > 1 and all(
        isinstance(one.condition, Compare) and isinstance(one.condition.left, Elapsed) for one in found
    )


def _is_length(one: Measure) -> bool:
    return isinstance(one.item.expr, Call) and any(isinstance(arg, Elapsed) for arg in one.item.expr.args)


def _opposed(found: list[Measure]) -> bool:
    kinds = {_kind(one.condition) for one in found if one.condition}
    return any(pair <= kinds for pair in _OPPOSED)


def select(asked: Asked, measures: tuple[Measure, ...], *, having: tuple[Condition, ...]) -> Select:
    """One row of numbers, or one for each group."""
    # Rows that did not end have no length, and count for the others.
    if all(map(_is_length, measures)):
        asked = statements.ended(asked)
    asked = replace(asked, cut=asked.cut if asked.cut > 1 else LIMIT)
    if ages.going_on(asked):  # "open ones under a day, 1-3 days, over 3 days": their age
        measures = tuple(replace(one, item=_up_to_now(one.item, asked)) for one in measures)
    made = statements.grouped(asked, *dict.fromkeys(one.item for one in measures), text="")
    if not made.group:
        return made
    return replace(made, having=(*made.having, *having))


def _up_to_now(item: Item, asked: Asked) -> Item:
    match item.expr:
        case Call(function="COUNT", args=(When(conditions=conditions, expr=counted),)) as call:
            made = tuple(
                replace(one, left=replace(one.left, end=Value("now", asked.now)))
                if isinstance(one, Compare) and isinstance(one.left, Elapsed)
                else one
                for one in conditions
            )
            return replace(item, expr=replace(call, args=(When(made, counted),)))
        case _:
            return item


def shown(asked: Asked, items: tuple[Item, ...]) -> Select:
    """These numbers for each group, whatever else the sentence says of them."""
    return statements.grouped(asked, *items, text="")


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _JOINT.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _apart(found: list[Measure], text: str) -> bool:
    """Whether they are several numbers, and not one number of rows with any of several statuses."""
    conditions = [one.condition for one in found]
    if not all(conditions) or any(isinstance(one.item.expr, Share) for one in found):
        return sum(one.plain for one in found) < len(found)
    if _lengths_apart(found):
        return True
    if len({type(one) for one in conditions}) == 1 and not (_BESIDE.search(text) or len(OF_THEM.findall(text)) > 0):
        counted = len(re.findall(r"\bhow many\b|\bnumber of\b|#|\bcount of\b", text, re.IGNORECASE)) > 1
        return _opposed(found) or counted
    return True


def _kind(condition: Condition) -> str:
    if isinstance(condition, OneOf):
        values = {str(one.value) for one in condition.values}
        if condition.negative and "resolved" in values:
            return "open"
        return "over" if "resolved" in values else next(iter(values))
    return "open" if not getattr(condition, "negative", True) else "over"


def _columns(wording: Wording, subject: Subject) -> list[Measure]:
    """ "Columns sev1 to sev4", "one column per severity": the count of each value that the column can have."""
    text = wording.text
    if not _BESIDE.search(text):
        return []
    match = _SPAN.search(text) if subject is INCIDENTS else None
    named = _COLUMNS_OF.search(text)
    if match is None and named is None:
        severities = (
            [e for e in wording.named(EntityType.SEVERITY) if not wording.negated(e.start)]
            if subject is INCIDENTS
            else []
        )
        if len(severities) < 3 or len({e.value for e in severities}) < 3:
            return []
        return [_column("severity", e.value, e.start, e.end) for e in severities]
    if match is None and named is not None:
        word = (named[1] or named[2]).lower()
        match = named
        if word.startswith(("stat", "outcome")) and subject is RUNS:
            return [
                _column("status", value, *match.span())
                for value in ("completed", "failed", "running", "waiting", "cancelled", "rejected", "expired")
            ]
        if word.startswith("role") and subject is MESSAGES:
            return [_column("role", value, *match.span()) for value in ("user", "assistant")]
        if not word.startswith("sev") or subject is not INCIDENTS:
            return []
    assert match is not None  # noqa: S101  # one of both was found
    return [_column("severity", value, *match.span()) for value in _ALL_SEVERITIES]


def _column(name: str, value: str, start: int, end: int) -> Measure:
    condition = filters.one_of(name, (value,))
    return Measure(Item(Call("COUNT", (When((condition,), Number(1)),)), value), condition, start, end)
