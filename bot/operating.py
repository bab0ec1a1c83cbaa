"""Runs, looked at and steered from a terminal. Looking needs the records only; steering is done as the bot does it, so that cards,
audit and work follow."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.bootstrap import running
from bot.keeping import require
from bot.settings import Settings
from core.actors import Actor
from core.errors import BotError, NotFoundError
from core.ports.records import ApprovalView, RunView, StoredEvent, Transaction
from core.workflow.run import RunStatus
from core.workflow.service import Done, NotDone
from core.workflow.signals import Origin
from core.workflow.steering import Steering, steer
from storage.engine import open_records

_PAGE = 200
"""Runs that are read at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs; what is empty matches everything."""

    statuses: tuple[RunStatus, ...] = ()
    workflow: str = ""
    since: datetime | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that the records hold of a run."""

    view: RunView
    history: tuple[StoredEvent, ...]
    approvals: dict[str, ApprovalView]


async def find(settings: Settings, wanted: Wanted) -> tuple[RunView, ...]:
    """Runs, latest first."""
    await require(settings)
    async with open_records(settings.database_url) as records:
        return await records.read(
            lambda tx: tuple(
                tx.runs.find(statuses=wanted.statuses, workflow=wanted.workflow, since=wanted.since, limit=wanted.limit)
            )
        )


async def recorded(settings: Settings, run_id: str) -> Recorded:
    """One run, whatever the case of its id; NotFoundError when there is none."""
    await require(settings)
    async with open_records(settings.database_url) as records:
        return await records.read(lambda tx: _recorded(tx, _view(tx, run_id)))


async def export(settings: Settings, write: Callable[[str], object], run_id: str = "") -> int:
    """Write a JSON line for each run, latest first, or for one; how many. What is stored is written as it is stored: secret
    parameters are references, texts and names are there."""
    await require(settings)
    count = 0
    async with open_records(settings.database_url) as records:
        if run_id:
            write(await records.read(lambda tx: _line(_recorded(tx, _view(tx, run_id)))))
            return 1
        last: RunView | None = None
        while page := await records.read(lambda tx, after=last: _page(tx, after)):  # type: ignore[misc]
            for line in page:
                write(_line(line))
            count += len(page)
            last = page[-1].view
    return count


async def steered(settings: Settings, run_id: str, wanted: Steering, by: Actor, reason: str) -> Done | NotDone:
    """Pause, stop, go on with or undo a run; cards and work follow in the bot that runs."""
    await require(settings)
    async with running(settings, platforms=False, http=False, workers=False) as bot:
        try:
            return await bot.records.write(
                lambda tx: steer(tx, bot.means(), run_id, wanted, by, origin=Origin(bot.clock.now()), reason=reason)
            )
        except BotError as error:
            # Raised in here it would come out as a group of what failed in the bot.
            failed = error
    raise failed


def no_such_run(run_id: str) -> NotFoundError:
    """What to tell about an id that no run has."""
    return NotFoundError(f"There is no run {run_id}.", hint="`copilot runs list` shows which there are.")


def as_row(view: RunView | ApprovalView | StoredEvent) -> dict[str, Any]:
    """A JSON-compatible value of it; times in ISO 8601."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(view).items()}


def _view(tx: Transaction, run_id: str) -> RunView:
    if (view := tx.runs.get(run_id)) is None:
        raise no_such_run(run_id)
    return view


def _page(tx: Transaction, after: RunView | None) -> list[Recorded]:
    return [_recorded(tx, view) for view in tx.runs.find(following=after, limit=_PAGE)]


def _recorded(tx: Transaction, view: RunView) -> Recorded:
    history = tuple(tx.runs.history(view.id))
    return Recorded(view, history, {one.id: one for one in _approvals(tx, history)})


def _approvals(tx: Transaction, history: tuple[StoredEvent, ...]) -> Iterator[ApprovalView]:
    for event in history:
        if event.kind == "approval.requested" and (found := tx.runs.approval(event.data["approval_id"])):
            yield found


def _line(found: Recorded) -> str:
    return json.dumps(
        {
            "run": as_row(found.view),
            "history": [as_row(event) for event in found.history],
            "approvals": [as_row(one) for one in found.approvals.values()],
        }
    )
