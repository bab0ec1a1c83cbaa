"""Times as crontab(5) writes them: five fields, in a time zone. APScheduler's trigger computes the next one. Pure."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

_DAY = re.compile(r"(?<![/\d])[0-7](?!\d)")
"""A day of the week by number; behind a slash it is a step."""


def fault_of(cron: str) -> str:
    """What is wrong with it, "" when nothing is."""
    if len(cron.split()) != 5:
        return "five fields are needed: minute, hour, day of month, month, day of week"
    try:
        _trigger(cron, "UTC")
    except (ValueError, KeyError) as error:
        return str(error)
    return ""


def next_after(cron: str, timezone: str, moment: datetime) -> datetime | None:
    """The first time after `moment`; None when there is none any more."""
    after = _trigger(cron, timezone).get_next_fire_time(None, moment + timedelta(microseconds=1))
    return cast("datetime | None", after)


@lru_cache(maxsize=256)
def _trigger(cron: str, timezone: str) -> "CronTrigger":
    from apscheduler.triggers.cron import CronTrigger

    return CronTrigger.from_crontab(_sunday_first(cron), timezone=timezone)


def _sunday_first(cron: str) -> str:
    """APScheduler counts the days of the week from Monday = 0, crontab from Sunday = 0 (or 7): names mean the same to both."""
    *fields, days = cron.split()
    names = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return " ".join([*fields, _DAY.sub(lambda match: names[int(match[0])], days)])
