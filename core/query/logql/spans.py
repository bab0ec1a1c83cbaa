"""The stretch of time that a sentence about logs names, also as a length that stands alone: "nothing for 20m"."""

import re
from dataclasses import replace
from datetime import timedelta

from core.nlp.interpretation import EntityType
from core.query.literals import seconds
from core.query.logql import compared
from core.query.logql.compared import Compared
from core.query.translation import Question
from core.query.window import Window, window, window_of, windows
from core.query.wording import Wording

UNITS = {
    "s": "s",
    "sec": "s",
    "second": "s",
    "m": "m",
    "min": "m",
    "minute": "m",
    "minutely": "m",
    "h": "h",
    "hour": "h",
    "hourly": "h",
} | {
    "d": "d",
    "day": "d",
    "daily": "d",
    "week": "w",
    "weekly": "w",
    "sekunde": "s",
    "segundo": "s",
    "minuto": "m",
    "stunde": "h",
    "hora": "h",
    "tag": "d",
    "día": "d",
    "dia": "d",
}
_LENGTH = re.compile(
    r"(?:\b(?:in|for|over|within|during|of|check|lasting|since|take|takes|use|using|say|maybe|window|windows|range|timeframe|period|interval|look back|lookback|try|seit|desde hace|durante|en|nimm|toma|usa)|[,(?!:;.]|(?<= )[-–—]|(?=\s\d{1,4} ?(?:m|mins?|minutes?|h|hours?|d|days?)\s*[.?!]?\Z)) ?(?:the |den |los |las |a |of |is |= ?)?(?:last |past |letzten |[uú]ltim[oa]s )?(\d{1,4}) ?(min(?:ute|uto)?|m|h(?:our|r|ora)?|stunde|d(?:ay|[ií]a)?|tag)(?:s|n|en|e)?\b(?! (?:ago|before|earlier|back|steps?|buckets?|intervals?))",
    re.IGNORECASE,
)
_LETTERS = {"m": "m", "h": "h", "s": "h", "d": "d", "t": "d"}
_BEEN = re.compile(r"\bit['’]?s been (\d{1,4}) ?(minute|min|m|hour|h|day|d)s?\b", re.IGNORECASE)
""" "Today (it's been 9 hours)"."""
_TODAY = re.compile(r"\btoday,? \(?(?:last )?(\d{1,2}) ?h\b", re.IGNORECASE)
""" "Today, 9h": what the day has had, and no time of it."""


def asked_window(wording: Wording) -> Window | None:
    """The time that is asked for; "than last week" is what it is compared with."""
    question = wording.question
    if been := _BEEN.search(wording.text):
        return window_of(f"{been[1]}{UNITS[been[2].lower()]}", question.now)
    if today := _TODAY.search(wording.text):
        return window_of(f"{today[1]}h", question.now)
    other = compared.find(wording)
    if other is None:
        # "Today? No, just the last 3h": a length that is said besides is what counts.
        lengths = [one for one in windows(question) if one.end == question.now and one.length in _lengths(question)]
        if lengths:
            return lengths[-1]
        first = window(question)
        until_now = first is None or first.end == question.now
        return (_span(wording) if until_now else None) or first
    rest = (
        entity
        for entity in question.entities
        if entity.type is not EntityType.TIME_RANGE or entity.end <= other.start or entity.start >= other.end
    )
    apart = replace(question, entities=tuple(rest))
    lengths = [one for one in windows(apart) if one.end == question.now and one.length in _lengths(apart)]
    return _span(wording, other) or (lengths[-1] if lengths else window(apart))


def _lengths(question: Question) -> frozenset[timedelta]:
    """The time ranges that are said as lengths."""
    said = (value for value in question.values(EntityType.TIME_RANGE) if "/" not in value)
    return frozenset(timedelta(seconds=seconds(value)) for value in said)


def _span(wording: Wording, other: Compared | None = None) -> Window | None:
    """ "Nothing for 20m": a length of time that stands alone."""
    for match in _LENGTH.finditer(wording.text):
        if other and other.start <= match.start(1) < other.end:
            continue
        inside = any(one.start < match.end() and match.start() < one.end for one in wording.question.entities)
        if not inside and not any(quote.start < match.start() < quote.end for quote in wording.quotes):
            return window_of(f"{match[1]}{_LETTERS[match[2][0].lower()]}", wording.question.now)
    return None
