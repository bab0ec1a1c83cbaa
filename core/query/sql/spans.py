"""Stretches of time that records are asked for by: "between 1 and 15 october", "the third quarter of this year", "the first half of may"."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from core.nlp.interpretation import Entity, EntityType
from core.query.translation import Question
from core.query.wording import NUMBER_WORDS

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?P<{{0}}>{'|'.join(_MONTHS)})[a-z]{{{{0,6}}}}"
_DAYS = re.compile(
    rf"\b(?:between|from)?\s?(?:the )?(?P<first>\d{{1,2}})(?:st|nd|rd|th|\.)?\s?(?:and|to|until|till|through|-|–|bis|und|y|al)\s?(?:the )?(?P<last>\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:of |de )?{_MONTH.format('month')}\b"
    rf"|\b(?:between|from)?\s?{_MONTH.format('before')}\s(?P<first2>\d{{1,2}})(?:st|nd|rd|th)?\s?(?:and|to|until|till|through|-|–)\s?(?P<last2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)",
    re.IGNORECASE,
)
"""Days of one month: "between 1 and 15 october"."""
_PLACES = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "last": 0,
    "final": 0,
}
_PLACE = rf"(?P<place>{'|'.join(_PLACES)})"
_OF_YEAR = r"(?: (?:of|in) (?:the |this |(?P<before>last |the previous ))?(?P<year>20\d\d|year))"
_PART_OF_YEAR = re.compile(
    rf"\b(?:the )?{_PLACE} (?P<part>quarter|half|semester){_OF_YEAR}|\bh(?P<half>[12])(?:[ /-]?(?P<year2>20\d\d))?\b",
    re.IGNORECASE,
)
_PART_OF_MONTH = re.compile(
    rf"\b(?:the )?{_PLACE} (?:(?P<number>\d{{1,2}}|two|three|five|ten) )?(?P<part>half|weeks?|days?) of (?P<month>(?:this|last) month|(?:{'|'.join(_MONTHS)})[a-z]{{0,6}})(?:,? (?P<year>20\d\d))?\b",
    re.IGNORECASE,
)
_SO_FAR = re.compile(
    r"\b(?:since|from) (?:the )?(?:very )?(?:start|beginning|begin) of (?:the |this )?(?:current )?(?P<unit>day|week|month|quarter|year)\b",
    re.IGNORECASE,
)


def named(question: Question) -> Question:
    """With each of them as the one stretch of time that it is."""
    for start, end, first, last in (
        *_so_far(question),
        *_days(question),
        *_parts_of_years(question),
        *_parts_of_months(question),
    ):
        last = min(last, question.now)
        if first >= last:
            continue
        others = tuple(
            one
            for one in question.entities
            if one.type is not EntityType.TIME_RANGE or one.end <= start or one.start >= end
        )
        value = f"{first.isoformat()}/{last.isoformat()}"
        made = Entity(EntityType.TIME_RANGE, question.text[start:end], value, start, end)
        question = replace(question, entities=tuple(sorted((*others, made), key=_place)))
    return question


def _so_far(question: Question) -> Iterator[tuple[int, int, datetime, datetime]]:
    """ "Since the start of the year"."""
    now = question.now
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for match in _SO_FAR.finditer(question.text):
        unit = match["unit"].lower()
        starts = {
            "day": day,
            "week": day - timedelta(days=day.weekday()),
            "month": day.replace(day=1),
            "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
            "year": day.replace(month=1, day=1),
        }
        yield *match.span(), starts[unit], now


def _place(entity: Entity) -> int:
    return entity.start


def _days(question: Question) -> Iterator[tuple[int, int, datetime, datetime]]:
    match = _DAYS.search(question.text)
    if match is None:
        return
    first, last = (int(match[name] or match[f"{name}2"]) for name in ("first", "last"))
    month = _MONTHS.index((match["month"] or match["before"])[:3].lower()) + 1
    now = question.now
    year = now.year - (month > now.month)
    try:
        start = datetime(year, month, first, tzinfo=now.tzinfo)
        end = datetime(year, month, last, tzinfo=now.tzinfo) + timedelta(days=1)
    except ValueError:
        return
    yield *match.span(), start, end


def _parts_of_years(question: Question) -> Iterator[tuple[int, int, datetime, datetime]]:
    now = question.now
    for match in _PART_OF_YEAR.finditer(question.text):
        named_year = match["year"] or match["year2"] or ""
        year = int(named_year) if named_year.isdecimal() else now.year - bool(match["before"])
        months = 3 if (match["part"] or "").lower() == "quarter" else 6
        place = int(match["half"]) if match["half"] else _PLACES[match["place"].lower()] or 12 // months
        if place * months <= 12:
            yield *match.span(), _month(now, year, (place - 1) * months + 1), _month(now, year, place * months + 1)


def _parts_of_months(question: Question) -> Iterator[tuple[int, int, datetime, datetime]]:
    now = question.now
    for match in _PART_OF_MONTH.finditer(question.text):
        word, part, place = match["month"].lower(), match["part"].lower(), _PLACES[match["place"].lower()]
        if word.endswith(" month"):
            year, month = now.year, now.month - word.startswith("last")
        else:
            month = _MONTHS.index(word[:3]) + 1
            year = int(match["year"]) if match["year"] else now.year - (month > now.month)
        start, end = _month(now, year, month), _month(now, year, month + 1)
        count = match["number"] or "1"
        length = timedelta(days=NUMBER_WORDS.get(count) or int(count)) * (7 if part.startswith("week") else 1)
        if part == "half":
            middle = start + timedelta(days=15)
            yield *match.span(), *((start, middle) if place == 1 else (middle, end))
        elif place == 0:
            yield *match.span(), end - length, end
        else:
            first = start + length * (place - 1)
            yield *match.span(), first, min(first + length, end)


def _month(now: datetime, year: int, month: int) -> datetime:
    """The start of a month; the thirteenth is the first of the next year, and one before the first the last of the year before."""
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=now.tzinfo)
