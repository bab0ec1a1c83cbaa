"""The history of a run and the fold over it. Pure: the same events always give the same state."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from core.errors import HistoryError
from core.messages import StepState
from core.ports.records import StoredEvent
from core.workflow import events as ev
from core.workflow.approvals import Approval, ApprovalStatus, Decision, Verdict
from core.workflow.run import Run, RunStatus, StepRecord
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep


def fold(history: Iterable[StoredEvent]) -> Run:
    """The state after all events; HistoryError when the history is empty, has gaps, or an event is unknown or out of order."""
    run: Run | None = None
    for stored in history:
        run = apply(run, stored)
    if run is None:
        raise HistoryError("the history is empty")
    return run


def apply(run: Run | None, stored: StoredEvent) -> Run:
    """The state after one more stored event; None is the state before the first."""
    version = 1 if run is None else run.version + 1
    if stored.version != version:
        raise HistoryError(f"event {stored.version} stands where {version} belongs")
    event = ev.decode(stored)
    if run is None:
        if not isinstance(event, ev.RunStarted):
            raise HistoryError(f"the history begins with {stored.kind}")
        return _begin(event, stored)
    if run.ended is not None:
        raise _out_of_order(stored.kind, f"the run was {run.ended} before")
    return replace(_next(run, event, stored.at), version=version, updated_at=stored.at)


def store(run: Run | None, new: Sequence[ev.Event], *, at: datetime, traceparent: str = "") -> tuple[StoredEvent, ...]:
    """The events as they are stored after the run's last version."""
    first = 1 if run is None else run.version + 1
    encoded = map(ev.encode, new)
    return tuple(StoredEvent(n, kind, at, data, traceparent) for n, (kind, data) in enumerate(encoded, first))


def _begin(event: ev.RunStarted, stored: StoredEvent) -> Run:
    return Run(
        id=event.run_id,
        version=1,
        definition=event.definition,
        parameters=event.parameters,
        requester=event.requester,
        place=event.place,
        digest=event.digest,
        revision=1,
        steps={step.id: StepRecord(step.id) for step in event.definition.steps},
        approvals={},
        started_at=stored.at,
        updated_at=stored.at,
        authors=(event.requester.account,),
        correlation=event.correlation,
        traceparent=stored.traceparent,
    )


def _next(run: Run, event: ev.Event, at: datetime) -> Run:
    if isinstance(event, ev.StepEvent):
        return _step(run, event, at)
    if isinstance(event, ev.ApprovalRequested):
        return _request(run, event, at)
    if isinstance(event, ev.ApprovalEvent):
        return _approval(run, event, at)
    if isinstance(event, ev.PlanChanged):
        return _change(run, event, at)
    if isinstance(event, ev.EndEvent):
        return _end(run, event, at)
    raise _out_of_order(event.kind, "the run had started before")


# --- steps ---------------------------------------------------------------------------------------------


def _step(run: Run, event: ev.StepEvent, at: datetime) -> Run:
    record = _known_step(run, event.step, event.kind)
    _expect(event.kind, record.state is _STATE_BEFORE[type(event)], f"step {event.step} was {record.state}")
    if isinstance(event, ev.StepStarted):
        _expect(event.kind, isinstance(run.definition.step(event.step), ActionStep), f"{event.step} is no action")
    if isinstance(event, ev.StepBackoffEnded):
        _expect(event.kind, record.retry_at is not None, f"step {event.step} was not to be repeated")
    return _with_step(run, _step_after(record, event, at))


_STATE_BEFORE = {
    ev.StepStarted: StepState.PENDING,
    ev.StepSkipped: StepState.PENDING,
    ev.StepProgressed: StepState.RUNNING,
    ev.StepCompleted: StepState.RUNNING,
    ev.StepFailed: StepState.RUNNING,
    ev.StepBackoffEnded: StepState.WAITING,
}


def _step_after(record: StepRecord, event: ev.StepEvent, at: datetime) -> StepRecord:
    match event:
        case ev.StepStarted(attempt=attempt, key=key, item=item):
            started_at = record.started_at or at
            return replace(record, state=StepState.RUNNING, attempt=attempt, key=key, item=item, started_at=started_at)
        case ev.StepProgressed(fraction=fraction, text=text):
            return replace(record, progress=fraction, text=text or record.text)
        case ev.StepCompleted(outputs=outputs, text=text, links=links):
            done = replace(record, state=StepState.DONE, finished_at=at, failure=None, progress=None)
            return replace(done, outputs=outputs, text=text, links=links)
        case ev.StepFailed(failure=failure, retry_at=None):
            return replace(record, state=StepState.FAILED, finished_at=at, failure=failure, progress=None)
        case ev.StepFailed(failure=failure, retry_at=retry_at):
            return replace(record, state=StepState.WAITING, failure=failure, retry_at=retry_at, progress=None)
        case ev.StepBackoffEnded():
            return replace(record, state=StepState.PENDING, retry_at=None)
        case ev.StepSkipped():  # pragma: no branch - the last of a closed list
            return replace(record, state=StepState.SKIPPED, finished_at=at)


# --- approvals -----------------------------------------------------------------------------------------


def _request(run: Run, event: ev.ApprovalRequested, at: datetime) -> Run:
    record = _known_step(run, event.step, event.kind)
    step = run.definition.step(event.step)
    if not isinstance(step, ApprovalStep):
        raise _out_of_order(event.kind, f"{event.step} is no approval step")
    _expect(event.kind, record.state is StepState.PENDING, f"step {event.step} was {record.state}")
    _expect(event.kind, event.approval_id not in run.approvals, f"{event.approval_id} was asked before")
    _expect(event.kind, event.digest == run.digest, "it is for another plan")
    approval = Approval(
        id=event.approval_id,
        run_id=run.id,
        step=event.step,
        title=step.title,
        digest=event.digest,
        environment=event.environment,
        authors=run.authors,
        roles=event.roles,
        needed=event.needed,
        requested_at=at,
        expires_at=event.expires_at,
        self_approval=step.self_approval,
        channel=step.channel,
        escalate_at=event.escalate_at,
        escalate_to=event.escalate_to,
        approve_token=event.approve_token,
        deny_token=event.deny_token,
    )
    waiting = replace(
        record,
        state=StepState.WAITING,
        approval=approval.id,
        attempt=record.attempt + 1,
        started_at=record.started_at or at,
    )
    return replace(_with_step(run, waiting), approvals={**run.approvals, approval.id: approval})


def _approval(run: Run, event: ev.ApprovalEvent, at: datetime) -> Run:
    approval = run.approvals.get(event.approval_id)
    if approval is None:
        raise _out_of_order(event.kind, f"there is no {event.approval_id}")
    before = ApprovalStatus.EXPIRED if isinstance(event, ev.ApprovalAskedAgain) else ApprovalStatus.OPEN
    _expect(event.kind, approval.status is before, f"{approval.id} was {approval.status}")
    changed = replace(run, approvals={**run.approvals, approval.id: _approval_after(approval, event, at)})
    record = run.steps[approval.step]
    match event:
        case ev.ApprovalGranted():
            return _with_step(changed, replace(record, state=StepState.DONE, finished_at=at))
        case ev.ApprovalDenied():
            return _with_step(changed, replace(record, state=StepState.FAILED, finished_at=at))
        case ev.ApprovalAskedAgain():
            _expect(event.kind, record.approval == approval.id, f"{approval.id} was asked again before")
            return _with_step(changed, replace(record, state=StepState.PENDING))
        case _:
            return changed


def _approval_after(approval: Approval, event: ev.ApprovalEvent, at: datetime) -> Approval:
    match event:
        case ev.ApprovalReminded(number=number):
            return replace(approval, reminders=number)
        case ev.ApprovalEscalated(roles=roles):
            return replace(approval, escalated=True, escalate_to=roles)
        case ev.ApprovalDecided(by=by, verdict=verdict, comment=comment):
            decision = Decision(by.account, by.name, verdict, at, comment)
            return replace(approval, decisions=(*approval.decisions, decision))
        case ev.ApprovalGranted():
            _expect(
                event.kind, approval.given >= approval.needed, f"{approval.id} had {approval.given}/{approval.needed}"
            )
            return _close(approval, ApprovalStatus.GRANTED, at, _last_decider(approval))
        case ev.ApprovalDenied():
            denied = bool(approval.decisions) and approval.decisions[-1].verdict is Verdict.DENY
            _expect(event.kind, denied, f"nobody denied {approval.id}")
            return _close(approval, ApprovalStatus.DENIED, at, _last_decider(approval))
        case ev.ApprovalExpired(again_token=again_token):
            return replace(_close(approval, ApprovalStatus.EXPIRED, at, None), again_token=again_token)
        case _:
            return replace(approval, again_token="")


def _last_decider(approval: Approval) -> ev.By:
    last = approval.decisions[-1]
    return ev.By(last.account, last.name)


def _close(approval: Approval, status: ApprovalStatus, at: datetime, by: ev.By | None) -> Approval:
    closed = replace(approval, status=status, closed_at=at, again_token="")
    return replace(closed, closed_by=by.account if by else None, closed_by_name=by.name if by else "")


# --- the run as a whole ----------------------------------------------------------------------------------


def _change(run: Run, event: ev.PlanChanged, at: datetime) -> Run:
    for step in event.redo:
        _known_step(run, step, event.kind)
    still = {ApprovalStatus.OPEN, ApprovalStatus.EXPIRED, ApprovalStatus.GRANTED}
    return replace(
        run,
        parameters=event.parameters,
        digest=event.digest,
        revision=run.revision + 1,
        authors=run.authors if event.by.account in run.authors else (*run.authors, event.by.account),
        steps={id_: StepRecord(id_) if id_ in event.redo else record for id_, record in run.steps.items()},
        approvals={
            id_: _close(approval, ApprovalStatus.VOID, at, event.by) if approval.status in still else approval
            for id_, approval in run.approvals.items()
        },
    )


def _end(run: Run, event: ev.EndEvent, at: datetime) -> Run:
    by = event.by if isinstance(event, ev.RunCancelled) else None
    over = replace(
        run,
        finished_at=at,
        steps={id_: _stopped(record, at) for id_, record in run.steps.items()},
        approvals={id_: _withdrawn(approval, at, by) for id_, approval in run.approvals.items()},
    )
    match event:
        case ev.RunCompleted():
            finished = all(record.state in (StepState.DONE, StepState.SKIPPED) for record in run.steps.values())
            _expect(event.kind, finished, "steps were left")
            return replace(over, ended=RunStatus.COMPLETED)
        case ev.RunDenied():
            return replace(over, ended=RunStatus.DENIED)
        case ev.RunFailed(failure=failure):
            return replace(over, ended=RunStatus.FAILED, failure=failure)
        case ev.RunCancelled(reason=reason):  # pragma: no branch - the last of a closed list
            return replace(over, ended=RunStatus.CANCELLED, cancelled_by=by, reason=reason)


def _stopped(record: StepRecord, at: datetime) -> StepRecord:
    if record.state in (StepState.PENDING, StepState.RUNNING, StepState.WAITING):
        return replace(record, state=StepState.CANCELLED, finished_at=at, retry_at=None, progress=None)
    return record


def _withdrawn(approval: Approval, at: datetime, by: ev.By | None) -> Approval:
    if approval.status is ApprovalStatus.OPEN:
        return _close(approval, ApprovalStatus.CANCELLED, at, by)
    return replace(approval, again_token="")


# --- helpers ---------------------------------------------------------------------------------------------


def _with_step(run: Run, record: StepRecord) -> Run:
    return replace(run, steps={**run.steps, record.id: record})


def _known_step(run: Run, step: str, kind: str) -> StepRecord:
    if step not in run.steps:
        raise _out_of_order(kind, f"there is no step {step}")
    return run.steps[step]


def _expect(kind: str, holds: bool, otherwise: str) -> None:
    if not holds:
        raise _out_of_order(kind, otherwise)


def _out_of_order(kind: str, why: str) -> HistoryError:
    return HistoryError(f"{kind} is out of order: {why}")
