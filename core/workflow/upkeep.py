"""Timers and button tokens follow the events: each open request has its own, and a closed one has none."""

from core.ports.records import ActionToken, Transaction
from core.workflow import events as ev
from core.workflow.approvals import Approval, schedule
from core.workflow.run import Run

APPROVE = "approval.approve"
DENY = "approval.deny"
ASK_AGAIN = "approval.again"
"""Purposes of action tokens. Their subject is the approval's id, their data `{"run", "approval", "digest"}`."""

RETRY_TIMER = "run.retry"
APPROVAL_TIMER = "run.approval"
TIMERS = (RETRY_TIMER, APPROVAL_TIMER)
"""Kinds of timers that `core.workflow.service.fire_timer` takes."""


def keep_up(tx: Transaction, run: Run, event: ev.Event) -> None:
    """Set, move and cancel what the event calls for. `run` is the state after it (and what followed)."""
    match event:
        case ev.ApprovalRequested(approval_id=id_):
            _open(tx, run.approvals[id_])
        case ev.ApprovalGranted(approval_id=id_) | ev.ApprovalDenied(approval_id=id_):
            _close(tx, run.approvals[id_])
        case ev.ApprovalExpired(approval_id=id_, again_token=token):
            _close(tx, run.approvals[id_])
            _put_token(tx, run.approvals[id_], token, ASK_AGAIN)
        case ev.ApprovalAskedAgain(approval_id=id_):
            tx.tokens.void(id_)
        case ev.PlanChanged(redo=redo):
            _close_before(tx, run, event)
            for step in redo:
                tx.timers.cancel(_retry_key(run, step))
        case ev.StepFailed(step=step, retry_at=retry_at) if retry_at is not None:
            tx.timers.set(_retry_key(run, step), RETRY_TIMER, retry_at, {"run": run.id, "step": step})
        case ev.RunCompleted() | ev.RunDenied() | ev.RunFailed() | ev.RunCancelled():
            tx.timers.cancel(f"{run.id}/")
            for approval in run.approvals.values():
                tx.tokens.void(approval.id)
        case _:
            pass


def _open(tx: Transaction, approval: Approval) -> None:
    for due in schedule(approval):
        data = {"run": approval.run_id, "approval": approval.id, "kind": due.kind.value, "number": due.number}
        tx.timers.set(f"{_approval_key(approval)}{due.kind}/{due.number}", APPROVAL_TIMER, due.at, data)
    _put_token(tx, approval, approval.approve_token, APPROVE)
    _put_token(tx, approval, approval.deny_token, DENY)


def _close(tx: Transaction, approval: Approval) -> None:
    tx.timers.cancel(_approval_key(approval))
    tx.tokens.void(approval.id)


def _close_before(tx: Transaction, run: Run, change: ev.PlanChanged) -> None:
    """Close the requests for other plans than the one changed to."""
    for approval in run.approvals.values():
        if approval.digest != change.digest:
            _close(tx, approval)


def _put_token(tx: Transaction, approval: Approval, token: str, purpose: str) -> None:
    data = {"run": approval.run_id, "approval": approval.id, "digest": approval.digest}
    tx.tokens.put(ActionToken(token, purpose, approval.id, data))


def _approval_key(approval: Approval) -> str:
    return f"{approval.run_id}/approval/{approval.id}/"


def _retry_key(run: Run, step: str) -> str:
    return f"{run.id}/retry/{step}/"
