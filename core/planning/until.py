"""Until when something is to hold: "until friday", "until 2026-03-06 18:00", "for 3 days". Pure."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.nlp.entities.numbers import duration_at
from core.nlp.entities.times.days import WEEKDAY_OF

_UNTIL = re.compile(r"\b(?:until|till|til|bis|hasta)\b *(.*)", re.IGNORECASE)
_FOR = re.compile(r"\b(?:for|für|por) +(.*)", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(?:at|um) )?([01]?\d|2[0-3]):([0-5]\d)(?: ?(?:h|uhr))?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"(\d+)([smhd])")
_FARTHEST_DAYS = 366
_TODAY = {"today": 0, "tonight": 0, "heute": 0, "tomorrow": 1, "morgen": 1}


def until(text: str, now: datetime, timezone: str) -> datetime | None:
    """The moment that the text names, in UTC; None when it names none that is ahead. A day without a clock is meant whole; a clock
    without a day is the next time that it is. `timezone`: the person's; an unknown one counts as UTC."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    if match := _UNTIL.search(text):
        found = _point(" ".join(match[1].casefold().split()), now.astimezone(zone))
    elif match := _FOR.search(text):
        found = _after(" ".join(match[1].casefold().split()), now)
    else:
        return None
    return found.astimezone(now.tzinfo) if found and found > now else None


def _after(text: str, now: datetime) -> datetime | None:
    duration = duration_at(text, 0)
    if duration is None or duration.end != len(text.rstrip(".! ")):
        return None
    seconds = sum(int(amount) * _SECONDS[unit] for amount, unit in _PART.findall(duration.value))
    return now + timedelta(seconds=min(seconds, _FARTHEST_DAYS * 86400))


def _point(text: str, now: datetime) -> datetime | None:
    """`now` in the person's zone."""
    first, _, rest = text.rstrip(".! ").partition(" ")
    day = _day(first, now.date())
    if day is None:
        clock = _clock(text.rstrip(".! "))
        if clock is None:
            return None
        today = datetime.combine(now.date(), clock, now.tzinfo)
        return today if today > now else datetime.combine(now.date() + timedelta(days=1), clock, now.tzinfo)
    if not rest:
        return datetime.combine(day + timedelta(days=1), time(0), now.tzinfo)
    clock = _clock(rest)
    return datetime.combine(day, clock, now.tzinfo) if clock else None


def _day(word: str, today: date) -> date | None:
    if word in _TODAY:
        return today + timedelta(days=_TODAY[word])
    if word in WEEKDAY_OF:
        return today + timedelta(days=(WEEKDAY_OF[word] - today.weekday()) % 7)
    try:
        day = date.fromisoformat(word)
    except ValueError:
        return None
    return day if (day - today).days <= _FARTHEST_DAYS else None


def _clock(text: str) -> time | None:
    match = _CLOCK.fullmatch(text)
    return time(int(match[1]), int(match[2])) if match else None
