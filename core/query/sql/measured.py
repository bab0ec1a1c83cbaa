"""One number that a part of a sentence asks for: "failed runs", "avg hours to resolve", "how many of them sev1"."""

import re
from dataclasses import dataclass

from core.nlp.interpretation import EntityType
from core.query.literals import seconds
from core.query.sql import filters, phrases
from core.query.sql.clauses import only
from core.query.sql.model import (
    Call,
    Column,
    Compare,
    Condition,
    Elapsed,
    Item,
    Number,
    OneOf,
    Share,
    When,
)
from core.query.sql.subjects import RUNS, Subject, status_column
from core.query.wording import Wording

COUNTS = re.compile(
    r"\b(?:how many|number|count|counts|nr|no\.(?= of)|num|amount|total|totals|all|overall|wie viele|anzahl|cu[aá]nt[oa]s|n[uú]mero)\b|#",
    re.IGNORECASE,
)
_PLAIN_COUNT = re.compile(
    r"(?:\W|\b(?>(?:the|a|an|its|their|how many|number of|nr of|no\.? of|count of|amount of|number|count|counts|total|totals|overall|all|in total|of|there|were|are|show|list|give|me|get|incident|incidents|run|runs|message|messages|executions|outages|workflow|we|had|have|did|happened|started|opened|created|triggered|declared|sent|written|received)\b))++",
    re.IGNORECASE,
)
OF_THEM = re.compile(r"\b(?:how many|number|share|percent\w*|%)?\s?of (?:them|those|these|which|that)\b", re.IGNORECASE)
_FILLER = re.compile(
    r"(?:\W|\b(?>(?:the|a|an|its|their|how many|number|nr|no|count|counts|amount|of|them|those|these|which|that|were|are|was|is|got|been|have|has|had|as|in|total|ones?|show|list|give|me|each|separate|columns?|for|show|only|also|just|and|incidents?|runs?|messages?|outages?|executions|deploys|deployments)\b))*+",
    re.IGNORECASE,
)
_DISTINCT = re.compile(
    r"\b(?:(?:how many|number of|nr of|count of|#|different|distinct|unique)\s+)+(?:of )?(?:different |distinct |unique |affected )?(\w+)",
    re.IGNORECASE,
)
_END = r"(?:of each|each|of them|one|run|incident|outage|message|execution|time|date|occurrence|seen|start\w*|failure|opened)"
_FIRST = re.compile(
    rf"\b(?:when|dates?|times?|timestamps?)\b.*\b(?:first|oldest|earliest)\b|\b(?:first|oldest|earliest) (?:\w+ ){{0,2}}?{_END}\b",
    re.IGNORECASE,
)
_LAST = re.compile(
    rf"\b(?:when|dates?|times?|timestamps?)\b.*\b(?:last|latest|newest|most recent)\b|\b(?:last|latest|newest|most recent) (?:\w+ ){{0,2}}?{_END}\b",
    re.IGNORECASE,
)
_MEDIAN = re.compile(r"\b(?:median|p50)\b", re.IGNORECASE)
_SORTED = re.compile(r"\b(?:first|on top|at (?:the )?top|on the top)\W*$", re.IGNORECASE)
_ONLY_THESE = re.compile(r"\b(?:only|just|ones)\b", re.IGNORECASE)
_BEGUN = re.compile(r"\W*(?:opened|created|started|declared|triggered)\W*", re.IGNORECASE)
_THINGS = re.compile(r"\W*(?:the |of |different |distinct )*(\w{3,}s|people)\W*", re.IGNORECASE)
_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of each group."""

    item: Item
    condition: Condition | None
    start: int
    end: int
    plain: bool = False
    """The number of all rows."""
    firm: bool = True
    """Whether a number is asked for in so many words; "failed runs" may also only say which rows are meant."""


_PER = re.compile(
    r"\b(?:per|by|for each|for every|(?<!of )each|every|pro|por|in|on|over(?! \d)|during|since|for|from|(?:of )?(?:the )?(?:last|past) (?:\d|few|couple|hour|day|week|month|quarter|year|night)|this|grouped|month by month|week by week|day by day)\b.*",
    re.IGNORECASE | re.DOTALL,
)


_LEADING = re.compile(
    r"\W*(?:(?:show|give|get|list|tell)(?: me)? )?(?:for each|for every|per|by|each|every|for all|pro|por) (?:\w+(?: and \w+)?)(?:[:,]| -)?\s*",
    re.IGNORECASE,
)


def measure(wording: Wording, subject: Subject, start: int, end: int, unit: str) -> Measure | None:
    """None where this part asks for no number. `unit`: of lengths, where the part names none."""
    text = wording.plain[start:end]
    if (lead := _LEADING.match(text)) and lead.end() < len(text):
        start, text = start + lead.end(), text[lead.end() :]
    if tail := _PER.search(text):
        if not text[: tail.start()].strip():
            return None
        end = start + tail.start()
        while end > start and text[end - start - 1].isspace():
            end -= 1
        text = text[: end - start]
    if not text.strip():
        return None
    counts = bool(COUNTS.search(text))
    if subject.end and (more := _OR_MORE.fullmatch(text)):
        unit = (more[2] or more[3])[0].lower()
        condition = Compare(
            ">=", Elapsed(Column(subject.begin), Column(subject.end)), Number(seconds(f"{more[1]}{unit}") / 60)
        )
        return Measure(
            Item(Call("COUNT", (When((condition,), Number(1)),)), f"over_{more[1]}{unit}"),
            condition,
            start,
            end,
            firm=False,
        )
    if subject.end and (lengths := _lengths(text, subject, unit)):
        # "Of backup-db runs" says which rows, and is read with the rest.
        of = _OF_SOME.search(text)
        return Measure(lengths, None, start, start + of.start() if of and of.start() else end)
    if match := _DISTINCT.search(text):
        column = subject.dimensions.get(match[1].lower())
        if column and not (
            subject is RUNS and column == "workflow" and match[1].lower().startswith(("job", "pipeline"))
        ):
            name = {"triggered_by": "people", "session_id": "sessions"}.get(column, f"{column}s")
            return Measure(Item(Call("COUNT", (Column(column),), distinct=True), name), None, start, end)
    if subject.end and (limit := _THAN.fullmatch(text)):
        op = "<" if limit[1].lower() in ("under", "below", "less than", "shorter than", "<", "within", "up to") else ">"
        minutes = seconds(f"{limit[2]}{limit[3][0].lower()}") / 60
        condition = Compare(op, Elapsed(Column(subject.begin), Column(subject.end)), Number(minutes))
        name = f"{'under' if op == '<' else 'over'}_{limit[2]}{limit[3][0].lower()}"
        return Measure(Item(Call("COUNT", (When((condition,), Number(1)),)), name), condition, start, end, firm=False)
    if subject.end and (span := _STRETCH.fullmatch(text)):
        return _stretch(subject, span, start, end)
    if (
        (things := _THINGS.fullmatch(text))
        and COUNTS.search(wording.plain)
        and (column := subject.dimensions.get(things[1].lower()))
    ):
        name = {"triggered_by": "people", "session_id": "sessions"}.get(column, f"{column}s")
        return Measure(Item(Call("COUNT", (Column(column),), distinct=True), name), None, start, end, firm=False)
    part = only(wording.question, start, end)
    conditions = _told_apart(filters.find(part, subject), subject)
    share = bool(phrases.SHARE.search(text))
    if share and not conditions and re.search(r"\bsuccess", text, re.IGNORECASE):
        conditions = (filters.one_of("status", ("completed",)),) if subject is RUNS else ()
    first = _FIRST.search(text) or _LAST.search(text)
    if conditions and first and not share:
        function, name = ("MIN", "first") if _FIRST.search(text) else ("MAX", "latest")
        bounded = When(conditions, Column(subject.begin))
        return Measure(Item(Call(function, (bounded,)), f"{name}_{_named(text, conditions)}"), None, start, end)
    if conditions and not (counts or share) and _ONLY_THESE.search(text):
        return None
    if conditions and (share or counts or OF_THEM.search(text) or _only_condition(text, subject, part)):
        name = _named(text, conditions)
        if share:
            return Measure(Item(Share(conditions[0]), f"{name}_percent"), conditions[0], start, end)
        firm = bool(counts or OF_THEM.search(text))
        return Measure(Item(Call("COUNT", (When(conditions, Number(1)),)), name), conditions[0], start, end, firm=firm)
    if (
        not conditions
        and _PLAIN_COUNT.fullmatch(text)
        and (counts or subject.words.search(text) or _BEGUN.fullmatch(text))
    ):
        return Measure(Item(Call("COUNT"), subject.noun), None, start, end, plain=True)
    if not conditions and first and len(text.split()) <= 6:
        function, name = ("MIN", "first") if _FIRST.search(text) else ("MAX", "latest")
        return Measure(Item(Call(function, (Column(subject.begin),)), name), None, start + first.start(), end)
    return None


_THAN = re.compile(
    r"\W*(under|below|less than|shorter than|<|within|up to|over|above|more than|longer than|>)\s?(\d{1,4})\s?(h|hours?|m|min|minutes?|d|days?)\W*",
    re.IGNORECASE,
)
_OR_MORE = re.compile(
    r"\W*(\d{1,4})\s?(?:\+\s?(h|hours?|m|min|minutes?|d|days?)|(h|hours?|m|min|minutes?|d|days?)\s?(?:\+|(?:or|and) (?:more|longer|older|above|over|up)))\W*",
    re.IGNORECASE,
)
_OF_SOME = re.compile(
    r"\s(?:of|for)\s(?!(?:them|each|those|these|it|all|the (?:runs|incidents))\b|(?:\w+ )?(?:hours|minutes|days)\b)",
    re.IGNORECASE,
)
_STRETCH = re.compile(
    r"\W*(?:between )?(\d{1,4})\s?(h|hours?|m|min|minutes?|d|days?)?\s?(?:-|–|to|and)\s?(\d{1,4})\s?(h|hours?|m|min|minutes?|d|days?)\W*",
    re.IGNORECASE,
)


def _stretch(subject: Subject, span: re.Match[str], start: int, end: int) -> Measure:
    """ "1-4h": how many took as long."""
    unit = span[4][0].lower()
    low, high = (
        seconds(f"{number}{letter}") / 60
        for number, letter in ((span[1], (span[2] or unit)[0].lower()), (span[3], unit))
    )
    length = Elapsed(Column(subject.begin), Column(subject.end))
    conditions = (Compare(">=", length, Number(low)), Compare("<=", length, Number(high)))
    name = f"from_{span[1]}_to_{span[3]}{unit}"
    return Measure(Item(Call("COUNT", (When(conditions, Number(1)),)), name), conditions[0], start, end)


def _lengths(text: str, subject: Subject, unit: str) -> Item | None:
    """ "Avg hours to resolve", "mttr", "longest run"."""
    functions = (
        ("AVG", phrases.AVERAGE),
        ("MAX", re.compile(r"\b(?:max|maximum|longest|slowest|worst case)\b", re.IGNORECASE)),
        ("MIN", re.compile(r"\b(?:min|minimum|shortest|fastest|quickest)\b", re.IGNORECASE)),
        (
            "SUM",
            re.compile(
                r"\b(?:total|sum|summed|combined)\b(?=.*\b(?:time|hours|minutes|seconds|days|duration|downtime)\b)|\bdowntime\b",
                re.IGNORECASE,
            ),
        ),
    )
    function = next((name for name, pattern in functions if pattern.search(text)), "")
    bare = re.fullmatch(
        r"\W*(?:the |its |their )?(?:avg|average|mean|max|maximum|min|minimum|longest|shortest|slowest|fastest)\W*",
        text,
        re.IGNORECASE,
    )
    said = phrases.LENGTH.search(text) or re.search(
        r"\b(?:hours|minutes|seconds|days|time|resolution|runtime)\b", text, re.IGNORECASE
    )
    if _SORTED.search(text) or not function or not (said or bare) or _MEDIAN.search(text):
        return None
    kind = phrases.length_unit(text)
    kind = kind if kind != "minute" else unit  # type: ignore[assignment]  # one of its own names
    measured = Elapsed(Column(subject.begin), Column(subject.end), kind)
    return Item(Call(function, (measured,)), f"{function.lower()}_{kind}s")


def _told_apart(conditions: tuple[Condition, ...], subject: Subject) -> tuple[Condition, ...]:
    """Those that tell rows of a group apart; a stretch of time or a name holds for all."""
    columns = {Column(status_column(subject)), Column("severity"), Column(subject.end or "role")}
    return tuple(
        one
        for one in conditions
        if getattr(one, "expr", None) in columns or (isinstance(one, Compare) and isinstance(one.left, Elapsed))
    )


def _only_condition(text: str, subject: Subject, part: Wording) -> bool:
    """Whether nothing but the condition is said: "failed", "sev1", "open ones", "under 1h"."""
    left = list(text)
    offset = next((place for place, character in enumerate(part.text) if character != "\0"), 0)
    for entity in part.entities:
        if entity.type in (EntityType.SEVERITY, EntityType.THRESHOLD):
            left[entity.start - offset : entity.end - offset] = " " * (entity.end - entity.start)
    plain = "".join(left)
    for pattern, _, _ in subject.statuses:
        plain = pattern.sub(" ", plain)
    plain = re.sub(
        r"\b(?:under|over|less than|more than|longer than|at least|within|above|below)\s\S+(?:\s(?:hours?|minutes?|days?|seconds?))?",
        " ",
        plain,
    )
    return bool(_FILLER.fullmatch(plain))


def _named(text: str, conditions: tuple[Condition, ...]) -> str:
    """What a column is called: for the value that it counts."""
    first = conditions[0]
    if len(conditions) == 1 and isinstance(first, OneOf):
        if first.negative and len(first.values) > 1:
            return "open"
        words = "_".join(_NAME.sub("_", str(one.value).lower()).strip("_") for one in first.values[:2])
        return f"{words}_messages" if first.expr == Column("role") else words  # `user` is a function of PostgreSQL
    words = _NAME.sub("_", " ".join(re.findall(r"[a-z0-9]+", text.lower())[-4:])).strip("_")
    return words if words[:1].isalpha() else f"n_{words}"
