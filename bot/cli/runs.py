"""`copilot runs list`, `show`, `replay`, `export`, and what steers a run."""

import asyncio
import getpass
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from bot import logs, operating
from bot.cli.audit import moment
from bot.cli.lines import writing
from bot.cli.terminal import table
from bot.operating import Recorded, Wanted, as_row
from bot.settings import load
from core.actors import Actor, Standing
from core.conversation.runs import DONE, OBSTACLES, STANDS
from core.errors import ConflictError, HistoryError, UserInputError
from core.messages import Account, Platform
from core.workflow.definition import shown
from core.workflow.history import fold
from core.workflow.replay import differences, in_a_line, moments
from core.workflow.run import Run, RunStatus, StepRecord, is_undo
from core.workflow.service import NotDone, Obstacle
from core.workflow.source import near
from core.workflow.steering import Steering


def wanted(statuses: list[str], workflow: str, since: str, limit: int) -> Wanted:
    """Filters as given on the command line."""
    for status in statuses:
        if status not in list(RunStatus):
            hint = f"There are {', '.join(RunStatus)}{near(status, list(RunStatus))}"
            raise UserInputError(f"{status!r} is no status of a run.", hint=hint)
    return Wanted(tuple(map(RunStatus, statuses)), workflow, moment(since, now=datetime.now(UTC)), limit)


def list_runs(config: Path | None, filters: Wanted, as_program: bool) -> None:
    """Print runs."""
    found = asyncio.run(operating.find(load(config), filters))
    if as_program:
        for view in found:
            print(json.dumps(as_row(view)))
        return
    console = Console()
    if not found:
        console.print("No run matches.")
        return
    rows = table("run", "started (UTC)", "status", "by", "what")
    for view in found:
        started = f"{view.started_at:%Y-%m-%d}\n{view.started_at:%H:%M:%S}"
        rows.add_row(*map(escape, (view.id, started, view.status, view.requester, view.summary)))
    console.print(rows)
    if len(found) == filters.limit:
        console.print(f"The latest {filters.limit}; `--limit` shows more.")


def show(config: Path | None, run_id: str, as_program: bool) -> None:
    """Print how a run stands."""
    found = asyncio.run(operating.recorded(load(config), run_id))
    run = fold(found.history)
    if as_program:
        print(json.dumps(_as_program(found, run)))
        return
    console = Console(highlight=False)
    for line in _about(run):
        console.print(escape(line))
    rows = table("step", "state", "attempt", "from – to (UTC)", "")
    for record, depth in _in_order(run):
        state = record.state.value
        attempt = str(record.attempt or "")
        rows.add_row(*map(escape, ("  " * depth + record.id, state, attempt, _times(record), _said(record))))
    console.print(rows)
    for approval in found.approvals.values():
        who = " or ".join(approval.eligible)
        line = f"{approval.id} ({approval.step}): {approval.status}, {approval.given} of {approval.needed} by {who}"
        console.print(escape(line))


def replay(config: Path | None, run_id: str, until: int | None) -> bool:
    """Print what each event did; False when the history cannot be folded or the read models differ from it."""
    found = asyncio.run(operating.recorded(load(config), run_id))
    print(found.view.id)
    run: Run | None = None
    try:
        for one in moments(event for event in found.history if until is None or event.version <= until):
            run = one.run
            print(in_a_line(one))
    except HistoryError as error:
        print(f"BROKEN: {error.message}.")
        return False
    if run is None or run.version < len(found.history):
        left = len(found.history) - (run.version if run else 0)
        print(f"{left} more {'event follows' if left == 1 else 'events follow'}.")
        return True
    wrong = differences(run, found.view, found.approvals)
    for difference in wrong:
        print(f"DIFFERENT: {difference.what} is {difference.stored!r}; by the history it is {difference.folded!r}.")
    if not wrong:
        print("Lists and cards say what the history adds up to.")
    return not wrong


def export(config: Path | None, run_id: str, *, every: bool, output: Path | None) -> None:
    """Write JSON lines; how many goes to standard error."""
    if bool(run_id) == every:
        raise UserInputError("Which runs?", hint="Name one, such as RUN-7K3QX2, or say --all.")
    settings = load(config)
    with writing(output) as write:
        count = asyncio.run(operating.export(settings, write, run_id))
    print(f"{count} {'run' if count == 1 else 'runs'} exported.", file=sys.stderr)


def steer(config: Path | None, run_id: str, verb: str, reason: str) -> None:
    """Do it on behalf of whoever runs this command, and say how the run stands then."""
    settings = load(config)
    logs.configure(settings.log.model_copy(update={"level": "error"}))
    steering = Steering(verb)
    done = asyncio.run(operating.steered(settings, run_id, steering, _operator(), reason))
    if isinstance(done, NotDone):
        if done.obstacle is Obstacle.UNKNOWN:
            raise operating.no_such_run(run_id)
        same = STANDS.get(steering, "") if done.obstacle is Obstacle.SAME else ""
        raise ConflictError(same or OBSTACLES.get(done.obstacle, "That changed nothing."))
    print(f"{DONE[steering].format(done.run.id)} It is {_plain(done.run.status)}.".replace("`", ""))


def _operator() -> Actor:
    user = getpass.getuser()
    return Actor(Account(Platform.CONSOLE, "local", user), user, Standing.MEMBER)


# --- how a run stands ------------------------------------------------------------------------------------


def _about(run: Run) -> Iterator[str]:
    yield f"{run.id}  {run.definition.title} ({run.definition.name} {run.definition.version}): {_plain(run.status)}"
    began = run.cause or f"{run.requester.name} ({run.requester.account})"
    yield f"Started {run.started_at:%Y-%m-%d %H:%M:%S} by {began}; {run.version} events, the last {run.updated_at:%Y-%m-%d %H:%M:%S}."
    if parameters := shown(run.definition, run.parameters):
        yield "Parameters: " + ", ".join(f"{name}={value}" for name, value in parameters.items())
    if run.failure:
        yield f"Failed: {run.failure.message} {run.failure.hint}".rstrip()
    if run.cancelled_by:
        yield f"Stopped by {run.cancelled_by.name}: {run.reason or 'no reason given'}"
    if run.paused_by and run.ended is None:
        yield f"Paused by {run.paused_by.name}: {run.pause_reason or 'no reason given'}"
    if run.rollback:
        yield f"Undone, in this order: {', '.join(run.rollback.undo)} ({_plain(run.rollback.cause)})"


def _in_order(run: Run, block: str = "", depth: int = 0) -> Iterator[tuple[StepRecord, int]]:
    """Steps under their blocks, then what undoes them."""
    for record in run.inside(block):
        yield record, depth
        yield from _in_order(run, record.id, depth + 1)
    if not block and run.rollback:
        yield from ((record, 0) for id_, record in run.steps.items() if is_undo(id_))


def _times(record: StepRecord) -> str:
    began, ended = record.started_at, record.finished_at
    return f"{began:%H:%M:%S} – {f'{ended:%H:%M:%S}' if ended else ''}" if began else ""


def _said(record: StepRecord) -> str:
    if record.question:
        return f"it may have happened, and somebody must say: {record.text}"
    if record.failure:
        again = f"; again at {record.retry_at:%H:%M:%S}" if record.retry_at else ""
        return record.failure.message + again
    if record.until and not record.finished_at:
        return f"until {record.until:%Y-%m-%d %H:%M:%S}"
    return record.text


def _as_program(found: Recorded, run: Run) -> dict[str, Any]:
    steps = [
        {
            "id": record.id,
            "title": (step := run.nodes[record.id]).title,
            "type": step.type,
            "block": step.block,
            "state": record.state.value,
            "attempt": record.attempt,
            "started_at": record.started_at and record.started_at.isoformat(),
            "finished_at": record.finished_at and record.finished_at.isoformat(),
            "text": record.text,
            "outputs": dict(record.outputs),
            "failure": record.failure and record.failure.message,
            "asks": bool(record.question),
        }
        for record in run.steps.values()
    ]
    return {
        **as_row(found.view),
        "title": run.definition.title,
        "version": run.version,
        "failure": run.failure and run.failure.message,
        "steps": steps,
        "approvals": [as_row(one) for one in found.approvals.values()],
    }


def _plain(word: str) -> str:
    return word.replace("_", " ")
