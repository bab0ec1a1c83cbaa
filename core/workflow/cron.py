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

_DAY = re.compile(r"(?<![/\d])[0-7](?!\d)")
"""A day of the week by number; behind a slash it is a step."""
_SHIFT = timedelta(hours=4)
"""More than any clock is put forward or back at once."""
_TICK = timedelta(microseconds=1)


def fault_of(cron: str) -> str:
    """What is wrong with it, "" when nothing is."""
    if len(cron.split()) != 5:
        return "five fields are needed: minute, hour, day of month, month, day of week"
    try:
        _trigger(cron)
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
    trigger = _trigger(cron)
    found = trigger.get_next_fire_time(None, after.replace(tzinfo=UTC) + _TICK)
    while found is not None:
        yield found.replace(tzinfo=None)
        found = trigger.get_next_fire_time(None, found + _TICK)


def _face(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _steady(zone: ZoneInfo, moment: datetime) -> bool:
    """Whether the clocks are not changed around this moment."""
    real = moment.astimezone(UTC)  # Within one zone Python counts by the face of the clock.
    return (real - _SHIFT).astimezone(zone).utcoffset() == (real + _SHIFT).astimezone(zone).utcoffset()


@lru_cache(maxsize=256)
def _trigger(cron: str) -> "CronTrigger":
    from apscheduler.triggers.cron import CronTrigger

    return CronTrigger.from_crontab(_sunday_first(cron), timezone="UTC")


def _sunday_first(cron: str) -> str:
    """APScheduler counts the days of the week from Monday = 0, crontab from Sunday = 0 (or 7): names mean the same to both."""
    *fields, days = cron.split()
    names = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return " ".join([*fields, _DAY.sub(lambda match: names[int(match[0])], days)])
