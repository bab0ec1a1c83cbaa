"""The history of a run and the fold over it. Pure: the same events always give the same state."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from core.errors import HistoryError
from core.ports.records import StoredEvent
from core.workflow import events as ev
from core.workflow.definition import holds_sealed
from core.workflow.fold_approvals import approval_event, requested
from core.workflow.fold_common import out_of_order
from core.workflow.fold_run import changed, ended, run_event
from core.workflow.fold_steps import step_event
from core.workflow.rounds import at_first
from core.workflow.run import Run, StepRecord


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
    return apply_event(run, ev.decode(stored), stored)


def apply_event(run: Run | None, event: ev.Event, stored: StoredEvent) -> Run:
    """The state after an event that is at hand besides the form in which it is stored."""
    version = 1 if run is None else run.version + 1
    if stored.version != version:
        raise HistoryError(f"event {stored.version} stands where {version} belongs")
    if run is None:
        if not isinstance(event, ev.RunStarted):
            raise HistoryError(f"the history begins with {stored.kind}")
        return _begin(event, stored)
    if run.ended is not None and not isinstance(event, ev.RunReopened | ev.RollbackStarted):
        raise out_of_order(stored.kind, f"the run was {run.ended} before")
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
        nodes=(nodes := at_first(event.definition)),
        steps={id_: StepRecord(id_) for id_ in nodes},
        approvals={},
        started_at=stored.at,
        updated_at=stored.at,
        authors=(event.requester.account,),
        correlation=event.correlation,
        traceparent=stored.traceparent,
        slot=event.slot,
        queued=event.queued,
        cause=event.cause,
        sealed=holds_sealed(event.parameters),
    )


def _next(run: Run, event: ev.Event, at: datetime) -> Run:
    if isinstance(event, ev.StepEvent):
        return step_event(run, event, at)
    if isinstance(event, ev.ApprovalRequested):
        return requested(run, event, at)
    if isinstance(event, ev.ApprovalEvent):
        return approval_event(run, event, at)
    if isinstance(event, ev.PlanChanged):
        return changed(run, event, at)
    if isinstance(event, ev.RunEvent):
        return run_event(run, event, at)
    if isinstance(event, ev.EndEvent):
        return ended(run, event, at)
    raise out_of_order(event.kind, "the run had started before")
