"""Parts of a sentence that are read by themselves, with the entities that stand in them."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from core.nlp.interpretation import Entity, EntityType
from core.query.translation import Question
from core.query.wording import BLANK, Wording

_NO_NAMES = frozenset({"per", "by", "for", "each", "every", "of", "during", "while", "count", "counts", "total"})
"""Follow "run" without being a workflow's name."""
_CORRECTED = re.compile(
    r"\(?\s?\b(?:not|no|nicht) (?:the |an? )?(?:avg|average|mean|median|max|maximum|min|minimum|sum|total|count)s?\b[!.]*\)?",
    re.IGNORECASE,
)
"""Says which number is not meant: "median (not avg!!)"."""
_AND_IS_IT = re.compile(
    r"(?:,|\band|\?)\s*(?:also )?(?:are|is|were|was|did|have|has) (?:they|it|he|she|those|these|that one|each)\b[^,;.?!]{0,40}\W*$",
    re.IGNORECASE,
)
"""Asks what the rows show: "the last 3 sev1s and are they closed"."""
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?P<{{0}}>{'|'.join(_MONTHS)})[a-z]{{{{0,6}}}}"
_DAYS = re.compile(
    rf"\b(?:between|from)?\s?(?:the )?(?P<first>\d{{1,2}})(?:st|nd|rd|th|\.)?\s?(?:and|to|until|till|through|-|–|bis|und|y|al)\s?(?:the )?(?P<last>\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:of |de )?{_MONTH.format('month')}\b"
    rf"|\b(?:between|from)?\s?{_MONTH.format('before')}\s(?P<first2>\d{{1,2}})(?:st|nd|rd|th)?\s?(?:and|to|until|till|through|-|–)\s?(?P<last2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)",
    re.IGNORECASE,
)
"""Days of one month: "between 1 and 15 october"."""
_READ_HERE = (EntityType.METRIC, EntityType.AGGREGATION, EntityType.ENVIRONMENT)


def reading(question: Question) -> Wording:
    """The whole sentence."""
    spans = [match.span() for pattern in (_CORRECTED, _AND_IS_IT) for match in pattern.finditer(question.text)]
    question = _with_days(without(question, spans))
    named = tuple(e for e in question.entities if e.type is not EntityType.WORKFLOW or e.value not in _NO_NAMES)
    return Wording(replace(question, entities=named), ignore=_READ_HERE)


def _with_days(question: Question) -> Question:
    """With days of one month as the one stretch of time that they are."""
    match = _DAYS.search(question.text)
    if match is None:
        return question
    first, last = (int(match[name] or match[f"{name}2"]) for name in ("first", "last"))
    month = _MONTHS.index((match["month"] or match["before"])[:3].lower()) + 1
    now = question.now
    year = now.year - (month > now.month)
    try:
        start = datetime(year, month, first, tzinfo=now.tzinfo)
        end = datetime(year, month, last, tzinfo=now.tzinfo) + timedelta(days=1)
    except ValueError:
        return question
    if start >= end:
        return question
    others = tuple(
        one
        for one in question.entities
        if one.type is not EntityType.TIME_RANGE or one.end <= match.start() or one.start >= match.end()
    )
    value = f"{start.isoformat()}/{min(end, now).isoformat()}"
    made = Entity(EntityType.TIME_RANGE, match[0], value, *match.span())
    return replace(question, entities=tuple(sorted((*others, made), key=lambda one: one.start)))


def only(question: Question, start: int, end: int) -> Wording:
    """Nothing but this part; places stay those of the whole sentence."""
    text = BLANK * start + question.text[start:end] + BLANK * (len(question.text) - end)
    kept = tuple(e for e in question.entities if e.start >= start and e.end <= end)
    return reading(replace(question, text=text, entities=kept))


def without(question: Question, spans: Iterable[tuple[int, int]]) -> Question:
    """All but these parts."""
    text, entities = question.text, question.entities
    for start, end in spans:
        text = text[:start] + BLANK * (end - start) + text[end:]
        entities = tuple(e for e in entities if e.end <= start or e.start >= end)
    return replace(question, text=text, entities=entities)
