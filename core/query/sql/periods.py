"""Two stretches of time that a sentence sets beside each other: "this week against last week"."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.query.window import Window
from core.query.wording import Wording

_AGAINST = r"(?:vs\.?|versus|against|than|compared (?:to|with)|or|and)"
_BEFORE = r"(?:last|previous|prior|the one before|the (?:day|week|month) before)"
_THIS_FIRST = re.compile(
    rf"\b(?:this|current) (day|week|month)\b.{{0,60}}?\b{_AGAINST} (?:it was |the |in )?{_BEFORE}(?! [0-9])",
    re.IGNORECASE,
)
_LAST_FIRST = re.compile(
    rf"\b(?:last|previous) (day|week|month)\b.{{0,60}}?\b{_AGAINST} (?:this|the current)\b", re.IGNORECASE
)
_TODAY = re.compile(
    rf"\b(?:today\b.{{0,60}}?\b{_AGAINST} yesterday|yesterday\b.{{0,60}}?\b{_AGAINST} today)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Period:
    """One of the two; `name` is that of its column."""

    name: str
    window: Window


def periods(wording: Wording) -> tuple[Period, Period] | None:
    """The later one, up to now, and the one before it; None where a sentence sets none beside each other."""
    now = wording.question.now
    if _TODAY.search(wording.text):
        names, unit = ("today", "yesterday"), "day"
    elif found := _THIS_FIRST.search(wording.text) or _LAST_FIRST.search(wording.text):
        unit = found[1].lower()
        names = (f"this_{unit}", f"last_{unit}")
    else:
        return None
    start = _start(unit, now)
    before = _start(unit, start - timedelta(hours=1))
    return Period(names[0], Window(start, now)), Period(names[1], Window(before, start))


def _start(unit: str, moment: datetime) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day
