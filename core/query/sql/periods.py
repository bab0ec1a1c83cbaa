"""Two stretches of time that a sentence sets beside each other: "this week against last week"."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from core.nlp.interpretation import Entity, EntityType
from core.query.sql import phrases
from core.query.window import Window, window_of
from core.query.wording import Wording

_AGAINST = r"(?:vs\.?|versus|against|than|compared (?:to|with|against)|next to|beside|alongside|relative to|or|and)"
_BEFORE = r"(?:last|previous|prior|the one before|the (?:day|week|month|quarter|year) before)"
_UNIT = "(day|week|month|quarter|year)"
_THIS_FIRST = re.compile(
    rf"\b(?:this|current) {_UNIT}\b.{{0,60}}?\b{_AGAINST} (?:it was |the |in |during )?{_BEFORE}(?! [0-9])",
    re.IGNORECASE,
)
_LAST_FIRST = re.compile(
    rf"\b(?:last|previous) {_UNIT}\b.{{0,60}}?\b{_AGAINST} (?:in |during )?(?:this|the current)\b", re.IGNORECASE
)
_TODAY = re.compile(
    rf"\b(?:today\b.{{0,60}}?\b{_AGAINST} yesterday|yesterday\b.{{0,60}}?\b{_AGAINST} today)\b", re.IGNORECASE
)
_SET_AGAINST = re.compile(
    r"(?:\b(?:vs|versus|against|compared?|comparison|next to|beside|alongside|than|relative to)(?!\w)|→|->)",
    re.IGNORECASE,
)
_SIDE_BY_SIDE = re.compile(
    r"\b(?:side by side|compare|compared|comparison|difference|diff|delta|next to each other|each in its own column)\b",
    re.IGNORECASE,
)
_SAME_BEFORE = re.compile(
    rf"\b(?:(?P<today>today)|(?:this|current) (?P<unit>week|month|quarter|year))\b[^.;?!]{{0,60}}?\b{_AGAINST} (?:on |in |at |to |over |for )?(?:the )?same (?P<part>day|weekday|days|period|time|times|stretch|span|hours|point|part|timeframe)s?(?: (?:of|in|from|on))? (?:(?:the )?(?:last|previous|prior) (?P<last>week|month|quarter|year)|(?:a|one) (?P<ago>week|month|year) (?:ago|before|earlier))",
    re.IGNORECASE,
)
"""As far as the later one has come: "this week against the same days last week"."""
_MORE_THAN_LAST = re.compile(
    r"\b(?:change|difference|increase|decrease|growth)\b(?![^.;?!]{0,60}\b(?:this|today|current|per|each|every|by week|by month)\b)[^.;?!]{0,60}\b(?:compared (?:to|with)|vs\.?|versus|against|from|since|over|to) (?:the )?(?:last|previous) (?P<last2>week|month|quarter|year)\b|\bhow (?:many|much) (?:more|fewer|less)\b(?![^.;?!]{0,60}\b(?:this|today|current)\b)[^.;?!]{0,60}\bthan (?:in |the )?(?:last|previous) (?P<last>week|month|quarter|year)\b",
    re.IGNORECASE,
)
_THE_ONE_BEFORE = re.compile(
    r"(?:\b(?:vs\.?|versus|against|than|compared (?:to|with|against)|compare with|next to|beside|alongside|and|with|relative to)\s+)(?:in |during )?(?:the |that |its )?(?:same )?(?:(?:\d{1,3}|few|one|two|three)?\s?(?:h|hours?|d|days?|weeks?|months?|w|quarter|year|period)\s+(?:right |just |directly )?(?:before|earlier|prior|preceding)\b|(?:previous|prior|preceding)\b(?: \d{1,3})?\s?(?:h|hours?|d|days?|weeks?|months?|w|period|window|ones?)?\b|(?:ones?|period|window) before\b)",
    re.IGNORECASE,
)
_STEPS = re.compile(r"\b(?:per|each|every|by) (?:day|week|month|hour)\b|\b(?:daily|weekly|monthly)\b", re.IGNORECASE)
_NAME = re.compile(r"[^a-z0-9]+")
_LISTED = re.compile(r"\s*(?:,|and|&|\+|/|vs\.?|,\s*and)\s*(?:in |the |over |for )*", re.IGNORECASE)
_LEADING = frozenset({"in", "on", "during", "of", "the", "for", "between", "from"})


@dataclass(frozen=True, slots=True)
class Period:
    """One of the two; `name` is that of its column."""

    name: str
    window: Window


def periods(wording: Wording) -> tuple[Period, ...] | None:
    """The later one, up to now, and the one before it; None where a sentence sets none beside each other."""
    now = wording.question.now
    if phrases.PREVIOUS_STEP.search(wording.text):
        return None
    if match := _SAME_BEFORE.search(wording.text):
        return _same_before(match, now)
    if match := _MORE_THAN_LAST.search(wording.text):
        return _this_and_last((match["last"] or match["last2"]).lower(), now)
    if _TODAY.search(wording.text):
        names, unit = ("today", "yesterday"), "day"
    elif found := _THIS_FIRST.search(wording.text) or _LAST_FIRST.search(wording.text):
        unit = found[1].lower()
        names = (f"this_{unit}", f"last_{unit}")
    else:
        return _named(wording)
    return tuple(replace(one, name=name) for one, name in zip(_this_and_last(unit, now), names, strict=True))


def _this_and_last(unit: str, now: datetime) -> tuple[Period, ...]:
    start = _start(unit, now)
    before = _start(unit, start - timedelta(hours=1))
    return Period(f"this_{unit}", Window(start, now)), Period(f"last_{unit}", Window(before, start))


def _same_before(match: re.Match[str], now: datetime) -> tuple[Period, ...]:
    unit, back = (match["unit"] or "day").lower(), (match["last"] or match["ago"]).lower()
    start = _start(unit, now)
    if back == "week":
        earlier = start - timedelta(days=7)
    elif back == "year":
        earlier = start - timedelta(days=364) if unit in ("day", "week") else start.replace(year=start.year - 1)
    elif unit == "day":
        earlier = start - timedelta(days=28)
    else:
        earlier = _start(back, start - timedelta(hours=1))
    whole = match["today"] and match["part"].lower() in ("day", "weekday")
    end = earlier + (timedelta(days=1) if whole else now - start)
    name = "today" if match["today"] else f"this_{unit}"
    return Period(name, Window(start, now)), Period(f"same_{match['part'].lower()}_last_{back}", Window(earlier, end))


def _named(wording: Wording) -> tuple[Period, ...] | None:
    """Any two: "october vs november", "the last 7 days next to the 7 days before that"."""
    text, now = wording.text, wording.question.now
    found = [
        (entity, window)
        for entity in wording.named(EntityType.TIME_RANGE)
        if (window := window_of(entity.value, now)) and window.start < window.end
    ]
    if not found or _STEPS.search(text):
        return None
    entity, window = found[0]
    before = _THE_ONE_BEFORE.search(text, entity.end)
    if before and (len(found) == 1 or before.start() <= found[1][0].start < before.end()):
        return Period("current", window), Period("previous", Window(window.start - window.length, window.start))
    if len(found) < 2:
        return None
    if nested := _nested(found, text):
        return nested
    other, second = found[1]
    between = text[entity.end : other.start]
    changes = phrases.DIFFERENCE.search(text) and re.fullmatch(r"\s*(?:to|until|and|->)\s*", between)
    if not changes and not _SET_AGAINST.search(between) and not (_SIDE_BY_SIDE.search(text) and len(between) < 12):
        return None
    if window == second:
        return None
    return Period(_column(entity.text), window), Period(_column(other.text), second)


def _nested(found: list[tuple[Entity, Window]], text: str) -> tuple[Period, ...]:
    """ "Today, this week and this month": each by itself, as the one is a part of the other."""
    joined = all(_LISTED.fullmatch(text, one.end, other.start) for (one, _), (other, _) in pairwise(found))
    inside = all(a.start >= b.start and a.end <= b.end for (_, a), (_, b) in pairwise(found))
    around = all(b.start >= a.start and b.end <= a.end for (_, a), (_, b) in pairwise(found))
    if not joined or not (inside or around) or len({window for _, window in found}) < len(found):
        return ()
    return tuple(Period(_column(entity.text), window) for entity, window in found)


def _column(text: str) -> str:
    words = [word for word in _NAME.split(text.lower()) if word and word not in _LEADING]
    name = "_".join(words[:4])
    return name if name[:1].isalpha() else f"in_{name}"


def _start(unit: str, moment: datetime) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    if unit == "year":
        return day.replace(month=1, day=1)
    return day.replace(day=1) if unit == "month" else day
