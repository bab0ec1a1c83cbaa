"""Times as crontab(5) writes them: five fields, in a time zone. APScheduler's trigger computes them on the clock's face; what the
clock shows twice or never, when daylight saving begins and ends, is settled here. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

_WEEK = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAYS = re.compile(r"(?:(\*)|([0-7]|[a-z]{3})(?:-([0-7]|[a-z]{3}))?)(?:/([1-7]))?", re.IGNORECASE)
"""`*`, a day of the week or a range of them, by number or name, perhaps with a step."""
_SHIFT = timedelta(hours=4)
"""More than any clock is put forward or back at once."""
_TICK = timedelta(microseconds=1)


def fault_of(cron: str) -> str:
    """What is wrong with it, "" when nothing is."""
    if len(cron.split()) != 5:
        return "five fields are needed: minute, hour, day of month, month, day of week"
    try:
        _triggers(cron)
    except (ValueError, KeyError) as error:
        return str(error)
    return ""


def next_after(cron: str, timezone: str, moment: datetime) -> datetime | None:
    """The first time after `moment`, in UTC; None when there is none any more.

    A time that the clocks skip comes as much later as they are put forward. One that they show twice comes once, the first time,
    unless the hour is `*` or `*/n`: then it comes in both hours."""
    zone = ZoneInfo(timezone)
    if _steady(zone, moment):
        shown = next(_shown(cron, _face(moment, zone)), None)
        found = shown.replace(tzinfo=zone).astimezone(UTC) if shown else None
        if found is None or _steady(zone, found):
            return found
    return _near_a_change(cron, zone, moment)


def times_after(cron: str, timezone: str, moment: datetime) -> Iterator[datetime]:
    """All times after `moment`, in order."""
    found = next_after(cron, timezone, moment)
    while found is not None:
        yield found
        found = next_after(cron, timezone, found)


def latest(cron: str, timezone: str, first: datetime, now: datetime, count: int) -> list[datetime]:
    """The last `count` times from `first` to `now`, both included, in order; quick however long ago `first` is."""
    span = timedelta(hours=1)
    while True:
        begin = max(first, now - span)
        found = []
        for moment in times_after(cron, timezone, begin - _TICK):
            if moment > now:
                break
            found.append(moment)
        if len(found) >= count or begin == first:
            return found[-count:]
        span *= 8


def _near_a_change(cron: str, zone: ZoneInfo, moment: datetime) -> datetime | None:
    """The earliest of all moments around that the clock shows a fitting time at."""
    both = cron.split()[1].startswith("*")
    found: datetime | None = None
    last: datetime | None = None
    for shown in _shown(cron, _face(moment, zone) - _SHIFT):
        if last is not None and shown > last:
            break
        for real in _moments(shown, zone, both=both):
            if real > moment and (found is None or real < found):
                found, last = real, last or shown + _SHIFT
    return found


def _moments(shown: datetime, zone: ZoneInfo, *, both: bool) -> Iterator[datetime]:
    """When the clock shows it, in UTC; a time that it skips is counted on from before the change."""
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    yield first
    if both and second > first:
        yield second


def _shown(cron: str, after: datetime) -> Iterator[datetime]:
    """Fitting times on the face of a clock that never changes."""
    triggers, last = _triggers(cron), after.replace(tzinfo=UTC)
    while coming := [found for one in triggers if (found := one.get_next_fire_time(None, last + _TICK))]:
        last = min(coming)
        yield last.replace(tzinfo=None)


def _face(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _steady(zone: ZoneInfo, moment: datetime) -> bool:
    """Whether the clocks are not changed around this moment."""
    real = moment.astimezone(UTC)  # Within one zone Python counts by the face of the clock.
    return (real - _SHIFT).astimezone(zone).utcoffset() == (real + _SHIFT).astimezone(zone).utcoffset()


@lru_cache(maxsize=256)
def _triggers(cron: str) -> "tuple[CronTrigger, ...]":
    """Where both a day of the month and one of the week are asked for, either will do."""
    from apscheduler.triggers.cron import CronTrigger

    minute, hour, day, month, week = cron.split()
    week = ",".join(map(_days, week.split(",")))
    either = not day.startswith("*") and not week.startswith("*")
    ways = [(day, "*"), ("*", week)] if either else [(day, week)]
    return tuple(CronTrigger.from_crontab(f"{minute} {hour} {d} {month} {w}", timezone="UTC") for d, w in ways)


def _days(part: str) -> str:
    """Days of the week by name: APScheduler counts them from Monday = 0 and has no range across its Sunday, crontab counts from
    Sunday = 0 (or 7). What cannot be read is left to APScheduler to object to."""
    match = _DAYS.fullmatch(part)
    if match is None or part == "*":
        return part
    first, last = (_number(match[2]), _number(match[3] or match[2])) if match[2] else (0, 6)
    if first is None or last is None:
        return part
    if match[3] and last < first:
        last += 7
    if match[2] and not match[3] and match[4]:
        last = 6
    return ",".join(_WEEK[day % 7] for day in range(first, last + 1, int(match[4] or 1)))


def _number(day: str) -> int | None:
    if day.isdigit():
        return int(day)
    return _WEEK.index(day.lower()) if day.lower() in _WEEK else None
