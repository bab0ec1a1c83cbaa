"""Appending to a run: the events, all that follows from them without a call, and the rows that go with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.messages import Place
from core.ports.clock import Ids
from core.ports.records import StoredEvent, Transaction
from core.workflow import engine
from core.workflow import events as ev
from core.workflow.history import apply, fold, store
from core.workflow.run import Run
from core.workflow.sealing import without_secrets
from core.workflow.steps.approval import ApprovalStep
from core.workflow.trail import trail
from core.workflow.upkeep import keep_up
from core.workflow.views import views

QUEUE = "runs"
"""The work queue whose items are run ids."""

Announce = Callable[[Transaction, Run, Sequence[ev.Event]], None]
"""Called inside the transaction after each append, with the new state and what was appended; puts the cards in the outbox."""


def silent(tx: Transaction, run: Run, events: Sequence[ev.Event]) -> None:
    """Announce nothing."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every signal needs besides the transaction."""

    ids: Ids
    announce: Announce = silent


@dataclass(frozen=True, slots=True)
class Origin:
    """When, where and under which trace something came in."""

    at: datetime
    place: Place | None = None
    correlation: str = ""
    traceparent: str = ""


def load(tx: Transaction, run_id: str) -> Run | None:
    """The run with this id, whatever its case; None when there is none. HistoryError when it cannot be folded."""
    history = tx.runs.history(run_id)
    if not history:
        view = tx.runs.get(run_id)
        history = tx.runs.history(view.id) if view else ()
    return fold(history) if history else None


def append(
    tx: Transaction, means: Means, run: Run | None, events: Sequence[ev.Event], *, origin: Origin, item: str = ""
) -> Run:
    """Append the events and all that follows without a call (skips, requests, the end), with timers, tokens, read models, audit
    rows and cards; returns the run unchanged when there is nothing to append.

    Steps that are ready begin in the hands of the work item `item`; without one the run is put on the queue for them.
    ConflictError when the history has moved on."""
    events = [without_secrets(event) for event in events]
    happened = list(events)
    stored = list(store(run, events, at=origin.at, traceparent=origin.traceparent))
    after = _advance(run, stored)
    while follows := _consequences(tx, means, after, item, origin.at):
        new = store(after, follows, at=origin.at, traceparent=origin.traceparent)
        after = _advance(after, new)
        stored += new
        happened += follows
    if not happened:
        return after
    run_view, approval_views = views(after)
    tx.runs.append(run_view, expected_version=run.version if run else 0, events=stored, approvals=approval_views)
    for event in happened:
        keep_up(tx, after, event)
        for row in trail(after, event, at=origin.at, place=origin.place, correlation=origin.correlation, before=run):
            tx.audit.add(row)
    if after.ended is not None:
        tx.sealed.drop(after.id)
    if any(isinstance(command, engine.ExecuteStep) for command in engine.decide(after)):
        tx.work.put(QUEUE, after.id)
    means.announce(tx, after, tuple(happened))
    return after


def _advance(run: Run | None, stored: Sequence[StoredEvent]) -> Run:
    for event in stored:
        run = apply(run, event)
    if run is None:
        raise ValueError("there is nothing to append")
    return run


def _consequences(tx: Transaction, means: Means, run: Run, item: str, at: datetime) -> list[ev.Event]:
    """What the run needs next that no worker is needed for."""
    events: list[ev.Event] = []
    for command in engine.decide(run):
        match command:
            case engine.SkipStep(step=step):
                events.append(ev.StepSkipped(step))
            case engine.RequestApproval(step=gate):
                events.append(_request(tx, means, run, gate, at))
            case engine.CompleteRun():
                events.append(ev.RunCompleted())
            case engine.DenyRun(approval_id=approval_id):
                events.append(ev.RunDenied(approval_id))
            case engine.FailRun(step=step, failure=failure):
                events.append(ev.RunFailed(failure, step))
            case engine.ExecuteStep(step=action, attempt=attempt, key=key):
                events += [ev.StepStarted(action.id, attempt, key, item)] if item else []
    return events


def _request(tx: Transaction, means: Means, run: Run, step: ApprovalStep, at: datetime) -> ev.ApprovalRequested:
    quorum = step.quorum_for(run.environment)
    return ev.ApprovalRequested(
        approval_id=_fresh(means.ids, lambda id_: tx.runs.approval(id_) is not None),
        step=step.id,
        digest=run.digest,
        environment=run.environment,
        roles=quorum.roles,
        needed=quorum.needed,
        expires_at=at + timedelta(seconds=step.expires_after_seconds),
        escalate_at=at + timedelta(seconds=step.escalate_after_seconds) if step.escalate_to else None,
        escalate_to=step.escalate_to,
        approve_token=means.ids.token(),
        deny_token=means.ids.token(),
    )


def _fresh(ids: Ids, taken: Callable[[str], bool]) -> str:
    while taken(candidate := ids.short("APR")):
        pass
    return candidate
