"""Appending to a run: the events, all that follows from them without a call, and the rows that go with them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.errors import HistoryError, UserInputError, describe
from core.messages import Place
from core.ports.clock import Ids
from core.ports.records import StoredEvent, Transaction
from core.workflow import engine
from core.workflow import events as ev
from core.workflow.history import apply, apply_event, fold, store
from core.workflow.run import Run
from core.workflow.sealing import without_secrets
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.wait import WaitStep
from core.workflow.trail import trail
from core.workflow.upkeep import keep_up
from core.workflow.views import views
from core.workflow.waiting import ends_at

QUEUE = "runs"
"""The work queue whose items are run ids."""

LINE = 10
"""Of a line of runs that wait for their turn, how many know exactly how many are before them."""

Announce = Callable[[Transaction, Run, Sequence[ev.Event]], None]
"""Called inside the transaction after each append, with the new state and what was appended; puts the cards in the outbox."""


def silent(tx: Transaction, run: Run, events: Sequence[ev.Event]) -> None:
    """Announce nothing."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How approvals are asked for where a definition does not say."""

    deny_reason: bool = False
    """A denial takes a reason."""
    quiet_hours: str = ""
    """When nobody is reminded and nothing escalates, as `QuietHours.parse` reads it."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every signal needs besides the transaction."""

    ids: Ids
    announce: Announce = silent
    max_runs: int = 0
    """Runs that may go on at the same time, those that wait for people included; 0 for any number."""
    manners: Manners = Manners()


@dataclass(frozen=True, slots=True)
class Origin:
    """When, where and under which trace something came in."""

    at: datetime
    place: Place | None = None
    correlation: str = ""
    traceparent: str = ""


def load(tx: Transaction, run_id: str, *, known: Run | None = None) -> Run | None:
    """The run with this id, whatever its case; None when there is none. HistoryError when it cannot be folded. `known`: a state of
    it that was committed, from which only the later events are folded."""
    if known is not None and known.id == run_id:
        for event in tx.runs.history(run_id, after=known.version):
            known = apply(known, event)
        return known
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
    after = _advance(run, happened, stored)
    commands = engine.decide(after)
    while follows := [event for command in commands for event in _events(tx, means, after, command, item, origin.at)]:
        new = store(after, follows, at=origin.at, traceparent=origin.traceparent)
        after = _advance(after, follows, new)
        stored += new
        happened += follows
        if all(isinstance(event, ev.StepStarted) for event in follows):
            commands = ()  # that a call begins lets nothing else begin: what decides need not look at every step once more
            break
        commands = engine.decide(after)
    if not happened:
        return after
    _write(tx, run, after, stored)
    for event in happened:
        keep_up(tx, after, event)
        for row in trail(after, event, at=origin.at, place=origin.place, correlation=origin.correlation, before=run):
            tx.audit.add(row)
    if after.ended is not None:
        tx.sealed.drop(after.id)
        if after.slot or means.max_runs:
            admit(tx, means, origin)
    if any(isinstance(command, engine.ExecuteStep) for command in commands):
        tx.work.put(QUEUE, after.id)
    means.announce(tx, after, tuple(happened))
    return after


def _advance(run: Run | None, events: Sequence[ev.Event], stored: Sequence[StoredEvent]) -> Run:
    for event, kept in zip(events, stored, strict=True):
        run = apply_event(run, event, kept)
    if run is None:
        raise ValueError("there is nothing to append")
    return run


def _write(tx: Transaction, before: Run | None, after: Run, events: Sequence[StoredEvent]) -> None:
    """The events, and of the read models what has changed."""
    view, requests = views(after)
    known = set(views(before)[1]) if before and before.approvals else set()
    tx.runs.append(
        view,
        expected_version=before.version if before else 0,
        events=events,
        approvals=[request for request in requests if request not in known],
        replanned=before is None or before.parameters is not after.parameters,
    )


def _events(
    tx: Transaction, means: Means, run: Run, command: engine.Command, item: str, at: datetime
) -> Iterator[ev.Event]:
    match command:
        case engine.ExecuteStep(step=action, attempt=attempt, key=key):
            if item:
                yield ev.StepStarted(action.id, attempt, key, item)
        case engine.RequestApproval(step=gate):
            yield _request(tx, means, run, gate, at)
        case engine.BeginWait(step=wait):
            yield _wait(run, wait, at)
        case engine.BeginBlock(step=step, items=items):
            yield ev.BlockStarted(step, items)
        case engine.Conclude(step=step, result=result):
            yield ev.ConditionEvaluated(step, result)
        case engine.CompleteBlock(step=step):
            yield ev.StepCompleted(step)
        case engine.FailStep(step=step, failure=failure):
            yield ev.StepFailed(step, failure)
        case engine.SkipStep(step=step):
            yield ev.StepSkipped(step)
        case engine.CompleteRun():
            yield ev.RunCompleted()
        case engine.DenyRun(approval_id=approval_id):
            yield ev.RunDenied(approval_id)
        case engine.FailRun(step=step, failure=failure):
            yield ev.RunFailed(failure, step)
        case engine.RollBack(undo=undo, cause=cause, failure=failure):
            yield ev.RollbackStarted(undo, cause, failure=failure)
        case engine.EndRollback():
            yield ev.RunRolledBack()


def _wait(run: Run, step: WaitStep, at: datetime) -> ev.Event:
    try:
        return ev.WaitStarted(step.id, ends_at(run, step, at), step.event)
    except UserInputError as error:
        return ev.StepFailed(step.id, describe(error))


def admit(tx: Transaction, means: Means, origin: Origin) -> None:
    """Let those runs begin whose turn has come, in the order they came, and tell the next ones that the line has moved."""
    for view in tx.runs.pending(each=LINE):
        run = _readable(tx, view.id)
        if run is None or not run.queued:
            continue
        if has_turn(tx, view.slot, view.slot_limit, means.max_runs):
            append(tx, means, run, [ev.RunAdmitted()], origin=replace(origin, place=run.place))
        else:
            means.announce(tx, run, ())


def _readable(tx: Transaction, run_id: str) -> Run | None:
    """The run; None where its history cannot be folded, so that it holds up no other."""
    try:
        return load(tx, run_id)
    except HistoryError:
        return None


def ahead(tx: Transaction, run: Run) -> int:
    """How many runs have their turn before one that waits for it; LINE stands for that many or more."""
    line = [view for view in tx.runs.pending(each=LINE + 1) if not run.slot or view.slot in ("", run.slot)]
    before = [view for view in line if (view.started_at, view.id) < (run.started_at, run.id)]
    return min(len(before), LINE)


def has_turn(tx: Transaction, slot: str, limit: int, max_runs: int) -> bool:
    """Whether one more run of this slot may go on. Until the transaction ends nobody else gets the same answer."""
    if not slot and not max_runs:
        return True
    in_slot, in_all = tx.runs.under_way(slot)
    return (not slot or in_slot < limit) and (not max_runs or in_all < max_runs)


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
        people=quorum.people,
        groups=quorum.groups,
        reason_needed=means.manners.deny_reason if step.deny_reason is None else step.deny_reason,
        quiet_hours=means.manners.quiet_hours if step.quiet_hours is None else step.quiet_hours,
    )


def _fresh(ids: Ids, taken: Callable[[str], bool]) -> str:
    while taken(candidate := ids.short("APR")):
        pass
    return candidate
