"""What the parts of the fold share: how steps and requests come to an end, and what is out of order."""

from dataclasses import replace
from datetime import datetime

from core.errors import HistoryError
from core.messages import StepState
from core.workflow import events as ev
from core.workflow.approvals import Approval, ApprovalStatus
from core.workflow.run import Run, StepRecord


def with_step(run: Run, record: StepRecord) -> Run:
    return replace(run, steps={**run.steps, record.id: record})


def known_step(run: Run, step: str, kind: str) -> StepRecord:
    if step not in run.steps:
        raise out_of_order(kind, f"there is no step {step}")
    return run.steps[step]


def expect(kind: str, holds: bool, otherwise: str) -> None:
    if not holds:
        raise out_of_order(kind, otherwise)


def out_of_order(kind: str, why: str) -> HistoryError:
    return HistoryError(f"{kind} is out of order: {why}")


def stopped(run: Run, record: StepRecord, at: datetime) -> StepRecord:
    if record.state in (StepState.PENDING, StepState.RUNNING, StepState.WAITING):
        called_off = replace(record, state=StepState.CANCELLED, finished_at=at, finished=run.version + 1)
        return replace(called_off, retry_at=None, progress=None, question="", until=None)
    return record


def closed(approval: Approval, status: ApprovalStatus, at: datetime, by: ev.By | None) -> Approval:
    closed = replace(approval, status=status, closed_at=at, again_token="")
    return replace(closed, closed_by=by.account if by else None, closed_by_name=by.name if by else "")


def withdrawn(approval: Approval, at: datetime, by: ev.By | None) -> Approval:
    if approval.status is ApprovalStatus.OPEN:
        return closed(approval, ApprovalStatus.CANCELLED, at, by)
    return replace(approval, again_token="")
