"""What an event about a run as a whole does to it. Pure."""

from dataclasses import replace
from datetime import datetime

from core.messages import StepState
from core.workflow import events as ev
from core.workflow.approvals import ApprovalStatus
from core.workflow.definition import Step, holds_sealed
from core.workflow.fold_common import closed, expect, known_step, out_of_order, stopped, withdrawn
from core.workflow.reopening import reopened
from core.workflow.run import REOPENABLE, Rollback, Run, RunStatus, StepRecord, undo_id
from core.workflow.steps.action import ActionStep


def changed(run: Run, event: ev.PlanChanged, at: datetime) -> Run:
    for step in event.redo:
        known_step(run, step, event.kind)
    still = {ApprovalStatus.OPEN, ApprovalStatus.EXPIRED, ApprovalStatus.GRANTED}
    return replace(
        run,
        parameters=event.parameters,
        sealed=run.sealed or holds_sealed(event.parameters),
        digest=event.digest,
        revision=run.revision + 1,
        authors=run.authors if event.by.account in run.authors else (*run.authors, event.by.account),
        steps={id_: StepRecord(id_) if id_ in event.redo else record for id_, record in run.steps.items()},
        approvals={
            id_: closed(approval, ApprovalStatus.VOID, at, event.by) if approval.status in still else approval
            for id_, approval in run.approvals.items()
        },
    )


def run_event(run: Run, event: ev.RunEvent, at: datetime) -> Run:
    match event:
        case ev.RunAdmitted():
            expect(event.kind, run.queued, "the run was not waiting for its turn")
            return replace(run, queued=False)
        case ev.RunPaused(by=by, reason=reason):
            expect(event.kind, run.paused_by is None, "the run was paused before")
            return replace(run, paused_by=by, pause_reason=reason)
        case ev.RunResumed():
            expect(event.kind, run.paused_by is not None, "the run was not paused")
            return replace(run, paused_by=None)
        case ev.RunReopened():
            expect(event.kind, run.ended in REOPENABLE, f"the run is {run.ended or 'not over'}")
            return reopened(run, event)
        case ev.RollbackStarted():  # pragma: no branch - the last of a closed list
            return _rolling_back(run, event, at)


def _rolling_back(run: Run, event: ev.RollbackStarted, at: datetime) -> Run:
    """What is open is called off, and undoing steps stand behind the others. Calls under way are broken off by their workers."""
    expect(event.kind, run.rollback is None, "the run was rolled back before")
    expect(event.kind, run.ended in (None, RunStatus.COMPLETED, *REOPENABLE), f"the run was {run.ended} before")
    undoing: dict[str, Step] = {}
    for id_ in event.undo:
        step = run.nodes.get(id_)
        if not isinstance(step, ActionStep) or step.compensate is None:
            raise out_of_order(event.kind, f"{id_} cannot be undone")
        undoing[undo_id(id_)] = _undoing(step)
    records = {id_: StepRecord(id_) for id_ in undoing}
    return replace(
        run,
        ended=None,
        finished_at=None,
        paused_by=None,
        queued=False,
        nodes={**run.nodes, **undoing},
        steps={**{id_: _stopped_but_for_calls(run, record, at) for id_, record in run.steps.items()}, **records},
        approvals={id_: withdrawn(approval, at, event.by) for id_, approval in run.approvals.items()},
        rollback=Rollback(event.undo, event.cause, event.by, event.reason, event.failure),
    )


def _stopped_but_for_calls(run: Run, record: StepRecord, at: datetime) -> StepRecord:
    """Undoing what is still being done could come before it."""
    called = record.state is StepState.RUNNING and isinstance(run.nodes[record.id], ActionStep)
    return record if called else stopped(run, record, at)


def _undoing(step: ActionStep) -> ActionStep:
    """The step that undoes this one."""
    undo = step.compensate
    if undo is None:
        raise ValueError(f"{step.id} cannot be undone")
    return replace(
        step,
        id=undo_id(step.id),
        title=f"Undo: {step.title}",
        tool=undo.tool,
        risk=undo.risk,
        inputs=undo.inputs,
        idempotent=undo.idempotent,
        needs=(),
        when=None,
        guard=None,
        block="",
        branch="",
        compensate=None,
        poll=None,
    )


def ended(run: Run, event: ev.EndEvent, at: datetime) -> Run:
    by = event.by if isinstance(event, ev.RunCancelled) else None
    over = replace(
        run,
        finished_at=at,
        steps={id_: stopped(run, record, at) for id_, record in run.steps.items()},
        approvals={id_: withdrawn(approval, at, by) for id_, approval in run.approvals.items()},
    )
    match event:
        case ev.RunCompleted():
            left = {StepState.PENDING, StepState.RUNNING, StepState.WAITING}
            expect(event.kind, all(record.state not in left for record in run.steps.values()), "steps were left")
            return replace(over, ended=RunStatus.COMPLETED)
        case ev.RunDenied():
            return replace(over, ended=RunStatus.DENIED)
        case ev.RunFailed(failure=failure):
            return replace(over, ended=RunStatus.FAILED, failure=failure)
        case ev.RunTimedOut():
            return replace(over, ended=RunStatus.TIMED_OUT)
        case ev.RunRolledBack():
            expect(event.kind, run.rollback is not None, "nothing was rolled back")
            return replace(over, ended=RunStatus.ROLLED_BACK, failure=run.rollback.failure if run.rollback else None)
        case ev.RunCancelled(reason=reason):  # pragma: no branch - the last of a closed list
            return replace(over, ended=RunStatus.CANCELLED, cancelled_by=by, reason=reason)
