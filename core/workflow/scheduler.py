"""Schedules: each is a timer that any replica fires; whoever fires it starts what is due and sets the next time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import ConflictError
from core.ports.records import Timer, Transaction
from core.workflow.catalogue import Catalogue
from core.workflow.cron import latest, next_after, times_after
from core.workflow.definition import CatchUp, Definition, Overlap, Schedule
from core.workflow.signals import Means, Origin
from core.workflow.starts import Starting, begin, end, leave_out

SCHEDULE_TIMER = "run.schedule"
"""Kind of the timers; their data: `{"workflow", "number", "cron", "timezone"}`, the number counted from 0."""
LATE = timedelta(minutes=5)
"""A time that passed longer ago was missed, because the bot was away."""
MOST_CAUGHT_UP = 24
"""Missed times that are made up for at most."""
_PREFIX = "schedule/"


def arrange(tx: Transaction, catalogue: Catalogue, *, now: datetime) -> None:
    """Bring the timers in line with the schedules of the catalogue: new and changed ones begin from `now`, those that are gone end,
    and what was due before stays due."""
    set_before = {timer.key: timer for timer in tx.timers.named(_PREFIX)}
    wanted = {_key(data): (schedule, data) for schedule, data in _schedules(catalogue)}
    for key in set_before.keys() - wanted.keys():
        tx.timers.cancel(key)
    for key, (schedule, data) in wanted.items():
        known = set_before.get(key)
        if known is None or known.data != data:
            _set(tx, schedule, data, now)


def fire(tx: Transaction, means: Means, starting: Starting, timer: Timer, *, holder: str, at: datetime) -> None:
    """Do what a claimed SCHEDULE_TIMER stands for: start the runs that are due, and set its next time. ConflictError (roll back)
    when the claim was lost, and while this replica has another schedule there than the one that set the timer."""
    found = starting.catalogue.find(timer.data["workflow"])
    number = timer.data["number"]
    if found is None or number >= len(found.schedules) or _data(found, number) != timer.data:
        raise ConflictError(f"the timer {timer.key} is of another version of the workflows")
    if not tx.timers.done(timer.key, holder=holder):
        raise ConflictError(f"the timer {timer.key} is no longer ours")
    schedule = found.schedules[number]
    for due in due_times(schedule, timer.due_at, at):
        if tx.firings.put(timer.key, due.isoformat(), at):
            _start(tx, means, starting, found, schedule, timer.key, due, at)
    _set(tx, schedule, timer.data, at)


def due_times(schedule: Schedule, first: datetime, now: datetime) -> Sequence[datetime]:
    """Of the times from `first` to `now` those that a run is started for, oldest first."""
    count = MOST_CAUGHT_UP if schedule.catch_up is CatchUp.ALL else 1
    passed = latest(schedule.cron, schedule.timezone, first, now, count)
    if schedule.catch_up is CatchUp.NONE:
        return [due for due in passed if now - due <= LATE]
    return passed


def upcoming(schedule: Schedule, after: datetime, count: int) -> list[str]:
    """Its next times as its own clocks show them: `2026-03-01 03:00 CET`."""
    zone = ZoneInfo(schedule.timezone)
    times = islice(times_after(schedule.cron, schedule.timezone, after), count)
    return [f"{time.astimezone(zone):%Y-%m-%d %H:%M %Z}" for time in times]


def describe(schedule: Schedule) -> str:
    """The schedule in a few words."""
    zone = f" {schedule.timezone}" if schedule.timezone != "UTC" else ""
    return f"schedule “{schedule.cron}”{zone}"


def _start(
    tx: Transaction,
    means: Means,
    starting: Starting,
    definition: Definition,
    schedule: Schedule,
    starter: str,
    due: datetime,
    at: datetime,
) -> None:
    origin, cause = Origin(at, starting.place(definition)), describe(schedule)
    before = tx.runs.get(tx.firings.latest(starter))
    if before is not None and before.finished_at is None:
        if schedule.overlap is Overlap.SKIP:
            leave_out(tx, definition, f"{before.id} still goes on", cause=cause, at=at)
            return
        if schedule.overlap is Overlap.REPLACE:
            end(tx, means, before.id, definition, origin=origin)
    run = begin(tx, means, definition, schedule.parameters, cause=cause, origin=origin)
    tx.firings.started(starter, due.isoformat(), run.id)


def _schedules(catalogue: Catalogue) -> Iterator[tuple[Schedule, dict[str, Any]]]:
    for definition in catalogue:
        for number, schedule in enumerate(definition.schedules):
            yield schedule, _data(definition, number)


def _data(definition: Definition, number: int) -> dict[str, Any]:
    schedule = definition.schedules[number]
    return {"workflow": definition.name, "number": number, "cron": schedule.cron, "timezone": schedule.timezone}


def _key(data: dict[str, Any]) -> str:
    return f"{_PREFIX}{data['workflow']}/{data['number']}/"


def _set(tx: Transaction, schedule: Schedule, data: dict[str, Any], after: datetime) -> None:
    due = next_after(schedule.cron, schedule.timezone, after)
    if due is not None:
        tx.timers.set(_key(data), SCHEDULE_TIMER, due, data)
