"""When a wait is over. Pure: the present moment is given."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.errors import UserInputError
from core.workflow.run import Run
from core.workflow.steps.common import as_text
from core.workflow.steps.wait import WaitStep
from core.workflow.values import join

_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def ends_at(run: Run, step: WaitStep, now: datetime) -> datetime:
    """The end of the wait; for an event the latest moment it is waited for. UserInputError when `until` holds no time."""
    if step.seconds is not None:
        return now + timedelta(seconds=step.seconds)
    if step.until is not None:
        return moment(as_text(join(run, step, step.until)), step.timezone, now)
    return now + timedelta(seconds=step.time_limit_seconds)


def moment(text: str, timezone: str, now: datetime) -> datetime:
    """An ISO 8601 time (without an offset in `timezone`), or the next time that clocks there show 22:00. A moment in the past is
    over at once. UserInputError for anything else."""
    zone, text = ZoneInfo(timezone), text.strip()
    if match := _TIME_OF_DAY.fullmatch(text):
        today = now.astimezone(zone).replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0, fold=0)
        return next(shown for day in (0, 1) for shown in _shown(today + timedelta(days=day)) if shown > now)
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        raise UserInputError(
            f"{text[:40]!r} is no time to wait for.", hint="Write 22:00, or 2026-03-01T22:00."
        ) from None
    return written if written.tzinfo else written.replace(tzinfo=zone)


def _shown(local: datetime) -> Iterator[datetime]:
    """When clocks show it, in UTC: twice where they are put back then."""
    first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    yield first
    if second > first:
        yield second
