"""When rows began and ended, and how long they took."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from core.nlp.interpretation import Entity, EntityType
from core.query.literals import seconds
from core.query.sql import phrases
from core.query.sql.model import (
    Both,
    Bucket,
    Call,
    Column,
    Compare,
    Condition,
    Either,
    Elapsed,
    Instant,
    Missing,
    Number,
    Value,
)
from core.query.sql.periods import periods
from core.query.sql.subjects import RUNS, Subject
from core.query.window import window_of
from core.query.wording import Phrase, Wording

SAME = re.compile(
    r"\bthe same (hour|day|week|month)\b(?! (?:of |in |from )?(?:the )?(?:last|previous|prior|a|one) )", re.IGNORECASE
)
_STILL = re.compile(
    r"\b(?:still|no resolution|without (?:a |any )?resolution|unresolved|(?:not|n['’]?t) (?:yet )?(?:been )?(?:resolved|closed|fixed|finished|done)|open|running|waiting|unfinished)\b",
    re.IGNORECASE,
)
_IN_DAYS = re.compile(
    r"(?<!resolved )(?<!closed )(?<!fixed )(?<!finished )(?<!completed )\bin ([0-9]{1,3}) (day|week|month)s\b",
    re.IGNORECASE,
)
"""All the time up to now: "at least 3 in 90 days"."""
_YEAR = re.compile(r"(?:\b(?:in|during|of|for|year|all|en|im jahr|del?)\s|^)(20[0-9]{2})\b(?![-/.:\d])", re.IGNORECASE)
_BOTH_ENDS = re.compile(
    r"\b(?:created|opened|declared|started|begun|began|raised|launched|triggered)\s(?:and|as well as|&)\s(?:also |then )?(?:resolved|closed|fixed|finished|ended|completed)\b",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"\b(?:still|no resolution|open|unresolved|running|active|(?:a)?waiting|pending|sin resolver|sin cerrar|offen\w*|abiert\w*|ungel[oö]st\w*|blocked|stuck|old|older|hang(?:s|ing)?|(?:not|n['’]?t) (?:yet )?(?:been )?(?:resolved|closed|fixed|finished|done))\b",
    re.IGNORECASE,
)
_OLDER = re.compile(r"\bolder than\s*$|\bolder\b", re.IGNORECASE)
_AGO = re.compile(
    r"(?:\b(?:more than|over|older than|longer than|earlier than|at least|beyond|mehr als|m[aá]s de)|\b(?P<less>less than|under|fewer than|within|not more than|at most|up to|no more than)|>)\s?(?P<number>\d{1,4}|an?|one|half an?|two|three|four|five|six|seven|eight|nine|ten)\s?(?P<unit>minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|months?|mo|years?|y)\s+(?:ago|back|before now|in the past)\b",
    re.IGNORECASE,
)
_CHARACTERS = re.compile(
    r"\b(longer than|more than|over|above|at least|shorter than|less than|fewer than|under|below|at most) (\d{1,6}) (?:characters|chars|letters|signs|zeichen|caracteres)\b",
    re.IGNORECASE,
)
_WORDED = re.compile(
    r"\b(older than|longer than|more than|over|for|within|in under|in less than|less than|under|(?<!right )after) (an?|one|[0-9]{1,4}) (minute|min|hour|hr|day|week|month|year)s?\b(?! (?:of|before|after|prior))",
    re.IGNORECASE,
)
_DONE_WITHIN = re.compile(
    r"\b(?:resolved?|fixed|fix|closed?|finish(?:ed|es)?|completed?|done|solved|handled|mitigated|succeeded|ended|took|takes?|over)\b(?: \w+){0,2}? (?P<in>(?:within|inside(?: of)?|in under|in less than|in at most|in no more than|in)\s(?P<number>\d{1,4}|an?|one|two|three|four|five|six|ten|twenty)\s?(?P<unit>minutes?|mins?|m|hours?|hrs?|h|days?|d)\b)(?! (?:of|after|before|ago|later|from|following|prior)\b)",
    re.IGNORECASE,
)
_LETTERS = {"minute": "m", "min": "m", "hour": "h", "hr": "h", "day": "d", "week": "w"}
_LONG_DAYS = {"month": 30, "year": 365}
_SWAPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_AT_MOST = frozenset({"within", "in under", "in less than", "less than", "under"})
_FEWER = frozenset({"shorter than", "less than", "fewer than", "under", "below"})
_TIMED = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d|w))")
_BEFORE = re.compile(r"\b(?:before|until|till|prior to|up to|vor)(?: the)?\s*$", re.IGNORECASE)
_ADJECTIVE = re.compile(
    r"\s(?:\w+\s)?(?:runs?|jobs?|workflows?|executions?|deploys?|deployments?|ones)\b",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:,|and|or|und|oder|y|o|\+|&|/)\s*(?:in |on |the )*", re.IGNORECASE)
_THEN = re.compile(
    r"\b(?:was|were|been)\s(?:\w+\s){0,3}?(?:open|running|active|ongoing|going on|in progress|unresolved|live)\s(?:at|on|as of|around)\s",
    re.IGNORECASE,
)
_BEGAN = re.compile(
    r"\b(?:created|opened|declared|started|began|begun|raised|reported|happened|occurred|came in|triggered|launched)\b",
    re.IGNORECASE,
)


def at_that_time(wording: Wording, subject: Subject) -> Phrase | None:
    """ "Were open at noon yesterday", "running at 14:00": the words, of which the time is a part."""
    match = _THEN.search(wording.text) if subject.end else None
    times = [
        one for one in wording.named(EntityType.TIME_RANGE) if match and match.end() - 6 <= one.start <= match.end() + 6
    ]
    return Phrase(times[0].value, match.start(), times[0].end) if match and times else None


def going_on_then(wording: Wording, subject: Subject, then: Phrase) -> Iterator[Condition]:
    """They had begun by then, and had not ended."""
    window = window_of(then.text, wording.question.now)
    if window is None:
        return
    start, end = window.start, window.end
    if window.length <= timedelta(hours=1):  # a time of the day: what was found is around it
        start = end = start + timedelta(minutes=30)
    begin, ending = Column(subject.begin), Column(subject.end)
    yield Compare("<=", Instant(begin), Value(subject.begin, end))
    yield Either((Missing(ending), Compare(">", Instant(ending), Value(subject.end, start))))


def ago(wording: Wording, subject: Subject) -> Iterator[Condition]:
    """ "Opened over 24 hours ago", "started less than 10 min ago": before, or after, that time."""
    for match in _AGO.finditer(wording.text):
        word = match["number"].lower()
        number = phrases.worded(word) or (0.5 if word.startswith("half") else 1)
        unit = match["unit"].lower()
        days = {"mo": 30, "y": 365, "w": 7}.get(unit[:2] if unit.startswith("mo") else unit[0])
        length = timedelta(days=days * number) if days else timedelta(seconds=seconds(f"1{unit[0]}") * number)
        lead = wording.text[max(0, match.start() - 30) : match.start()]
        ended = bool(subject.end) and _nearest(lead, subject.ending) > _nearest(lead, _BEGAN)
        column = subject.end if ended else subject.begin
        op = ">" if match["less"] else "<="
        if match["less"] is None and "least" not in match[0].lower():
            op = "<"
        wording.claim(*match.span())
        yield Compare(op, Instant(Column(column)), Value(column, wording.question.now - length))


def characters(wording: Wording, subject: Subject) -> Iterator[Condition]:
    """ "Messages longer than 500 characters"."""
    for match in _CHARACTERS.finditer(wording.text):
        wording.claim(*match.span())
        word = match[1].lower()
        op = ">=" if word == "at least" else "<=" if word == "at most" else "<" if word in _FEWER else ">"
        yield Compare(op, Call("LENGTH", (Column(subject.text),)), Number(int(match[2])))


def lengths(wording: Wording, subject: Subject) -> Iterator[Condition]:
    """How long rows took; of those that go on, how long ago they began."""
    for match in SAME.finditer(wording.text) if subject.end else ():
        step = phrases.UNITS[match[1].lower()]
        yield Compare("=", Bucket(step, Column(subject.begin)), Bucket(step, Column(subject.end)))
    found: list[tuple[str, str]] = []
    for match in _DONE_WITHIN.finditer(wording.text) if subject.end else ():
        if not wording.claimed(*match.span("in")):
            found.append(("<=", f"{phrases.worded(match['number']) or 1:g}{match['unit'][0].lower()}"))
            wording.claim(*match.span("in"))
    limits = (_TIMED.fullmatch(entity.value) for entity in wording.named(EntityType.THRESHOLD))
    found += ((limit[1], limit[2]) for limit in limits if limit)
    for match in _WORDED.finditer(wording.rest):
        number, unit = int(match[2]) if match[2].isdecimal() else 1, match[3].lower()
        length = f"{number * _LONG_DAYS[unit]}d" if unit in _LONG_DAYS else f"{number}{_LETTERS[unit]}"
        if match[1].lower() == "after" and not _STILL.search(wording.text):
            continue
        found.append(("<=" if match[1].lower() in _AT_MOST else ">", length))
    if subject.end and (between := wording.between()):
        found += zip((">=", "<="), between, strict=True)
    if not subject.end and _OLDER.search(wording.text):  # messages have an age, and no length
        for op, text in found[:1]:
            since = wording.question.now - timedelta(seconds=seconds(text))
            yield Compare(_SWAPPED[op], Instant(Column(subject.begin)), Value(subject.begin, since))
    for op, text in found if subject.end else ():
        lasted = seconds(text)
        if _LASTING.search(wording.text):
            since = wording.question.now - timedelta(seconds=lasted)
            yield Compare(_SWAPPED[op], Instant(Column(subject.begin)), Value(subject.begin, since))
        else:
            yield Compare(op, Elapsed(Column(subject.begin), Column(subject.end)), Number(lasted / 60))


def times(wording: Wording, subject: Subject) -> Iterator[Condition]:
    """The stretch of time in which rows began, or ended."""
    compared = phrases.PREVIOUS.search(wording.text)
    if compared and any(
        compared.start() <= entity.start < compared.end() for entity in wording.named(EntityType.TIME_RANGE)
    ):
        return
    if periods(wording):
        return
    if not wording.named(EntityType.TIME_RANGE) and (match := _IN_DAYS.search(wording.rest)):
        days = int(match[1]) * {"day": 1, "week": 7, "month": 30}[match[2].lower()]
        since = wording.question.now - timedelta(days=days)
        yield Compare(">=", Instant(Column(subject.begin)), Value(subject.begin, since))
    if not wording.named(EntityType.TIME_RANGE) and (match := _YEAR.search(wording.rest)):
        first, zone = int(match[1]), wording.question.now.tzinfo
        yield Compare(">=", Instant(Column(subject.begin)), Value(subject.begin, datetime(first, 1, 1, tzinfo=zone)))
        if first < wording.question.now.year:
            yield Compare(
                "<", Instant(Column(subject.begin)), Value(subject.begin, datetime(first + 1, 1, 1, tzinfo=zone))
            )
        return
    if several := _either(wording, subject):
        yield several
        return
    for entity, column in _bounded(wording, subject):
        window = window_of(entity.value, wording.question.now)
        side = _BEFORE.search(wording.text, max(0, entity.start - 16), entity.start)
        if window is None or window.start >= window.end:
            continue
        if side:
            yield Compare("<", Instant(Column(column)), Value(column, window.start))
            continue
        yield Compare(">=", Instant(Column(column)), Value(column, window.start))
        if window.end < wording.question.now:
            yield Compare("<", Instant(Column(column)), Value(column, window.end))


def _either(wording: Wording, subject: Subject) -> Either | None:
    """ "In september and october", "on the 3rd or the 5th": in one of them."""
    spans = wording.named(EntityType.TIME_RANGE)
    joined = [one for one, next_ in pairwise(spans) if _AND.fullmatch(wording.text, one.end, next_.start)]
    windows = [window_of(entity.value, wording.question.now) for entity in spans]
    if len(spans) < 2 or len(joined) != len(spans) - 1 or not all("/" in entity.value for entity in spans):
        return None
    column = Column(subject.begin)
    parts = (
        Both(
            (
                Compare(">=", Instant(column), Value(column.name, window.start)),
                Compare("<", Instant(column), Value(column.name, window.end)),
            )
        )
        for window in windows
        if window
    )
    return Either(tuple(parts))


def _bounded(wording: Wording, subject: Subject) -> Iterator[tuple[Entity, str]]:
    """The stretch of time that is named, and which end of a row it bounds; both where both verbs have one of their own."""
    spans = tuple(entity for entity in wording.named(EntityType.TIME_RANGE) if not _yet_to_come(wording, entity))
    text = wording.text
    ending = next(_endings(wording, subject), None) if subject.end else None
    began = _BEGAN.search(text)
    if len(spans) > 1 and ending and began:
        ends = next(
            (e for e in spans if _nearest(text[: e.start], subject.ending) > _nearest(text[: e.start], _BEGAN)), None
        )
        begins = next((e for e in spans if e is not ends), None)
        if ends and begins:
            yield begins, subject.begin
            yield ends, subject.end
            return
    if subject.end and len(spans) == 1 and _BOTH_ENDS.search(text):
        yield spans[0], subject.begin
        yield spans[0], subject.end
        return
    for entity in spans[:1]:
        yield entity, subject.end if ending is not None and not began else subject.begin


def _endings(wording: Wording, subject: Subject) -> Iterator[re.Match[str]]:
    """Where something is said to have ended then; "finished runs that took …" only says that they are over."""
    for match in subject.ending.finditer(wording.text):
        adjective = subject is RUNS and _ADJECTIVE.match(wording.text, match.end())
        if not wording.negated(match.start()) and not adjective:
            yield match


def _nearest(text: str, pattern: re.Pattern[str]) -> int:
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _yet_to_come(wording: Wording, entity: Entity) -> bool:
    """ "Invoices go out tonight": records are of what was."""
    window = window_of(entity.value, wording.question.now)
    return window is not None and window.start > wording.question.now
