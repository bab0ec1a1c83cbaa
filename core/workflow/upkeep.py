"""Timers and button tokens follow the events: each open request has its own, and a closed one has none."""

from datetime import timedelta

from core.ports.records import ActionToken, Transaction
from core.workflow import events as ev
from core.workflow.approvals import Approval, schedule
from core.workflow.definition import Block
from core.workflow.run import Run
from core.workflow.steps.action import ActionStep
from core.workflow.steps.wait import WaitStep

APPROVE = "approval.approve"
DENY = "approval.deny"
ASK_AGAIN = "approval.again"
"""Purposes of action tokens. Their subject is the approval's id, their data `{"run", "approval", "digest"}`."""

QUESTION = "step.question"
"""Purpose of the tokens of a question about an interrupted step, one an answer. Their data: `{"run", "step", "answer"}`."""

RETRY_TIMER = "run.retry"
APPROVAL_TIMER = "run.approval"
WAIT_TIMER = "run.wait"
LIMIT_TIMER = "run.limit"
TIMERS = (RETRY_TIMER, APPROVAL_TIMER, WAIT_TIMER, LIMIT_TIMER)
"""Kinds of timers that `core.workflow.service.fire_timer` takes."""


def answer_token(question: str, answer: ev.Answer) -> str:
    """What the button of this answer carries."""
    return f"{question}.{answer}"


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
                _end_wait(tx, run, step)
        case ev.RunStarted(queued=False) | ev.RunAdmitted() | ev.RunReopened(queued=False):
            over = run.ended is not None or run.rollback is not None
            if (limit := run.definition.time_limit_seconds) is not None and not over:
                data = {"run": run.id}
                tx.timers.set(f"{run.id}/limit", LIMIT_TIMER, run.updated_at + timedelta(seconds=limit), data)
        case ev.StepFailed(step=step, retry_at=retry_at) | ev.StepPostponed(step=step, next_at=retry_at) if retry_at:
            tx.timers.set(_retry_key(run, step), RETRY_TIMER, retry_at, {"run": run.id, "step": step})
        case ev.StepCompleted(step=step) | ev.StepFailed(step=step) if isinstance(run.nodes[step], Block):
            _call_off(tx, run, step)
        case ev.WaitStarted(step=step, until=until, event=awaited):
            tx.timers.set(_wait_key(run, step), WAIT_TIMER, until, {"run": run.id, "step": step})
            if awaited:
                tx.waits.put(run.id, step, awaited)
        case ev.WaitEnded(step=step) | ev.StepFailed(step=step) if isinstance(run.nodes[step], WaitStep):
            _end_wait(tx, run, step)
        case ev.StepInterrupted(step=step, token=token):
            for answer in ev.Answer:
                data = {"run": run.id, "step": step, "answer": answer.value}
                tx.tokens.put(ActionToken(answer_token(token, answer), QUESTION, _question(run, step), data))
        case ev.StepAnswered(step=step):
            tx.tokens.void(_question(run, step))
        case _ if isinstance(event, ev.RollbackStarted | ev.EndEvent):
            _forget(tx, run)
        case _:
            pass


def _forget(tx: Transaction, run: Run) -> None:
    """Nothing that time, an event or a button would do to the run is of consequence any more."""
    tx.timers.cancel(f"{run.id}/")
    if any(isinstance(step, WaitStep) and step.event for step in run.nodes.values()):
        tx.waits.drop(run.id)
    for id_ in run.steps:
        _close_question(tx, run, id_)
    for approval in run.approvals.values():
        tx.tokens.void(approval.id)


def _call_off(tx: Transaction, run: Run, block: str) -> None:
    """What was open within a block that has ended is not waited for any more."""
    for id_, record in run.steps.items():
        if id_ == block or not run.is_within(id_, block):
            continue
        tx.timers.cancel(_retry_key(run, id_))
        _end_wait(tx, run, id_)
        _close_question(tx, run, id_)
        if record.approval:
            _close(tx, run.approvals[record.approval])


def _close_question(tx: Transaction, run: Run, step: str) -> None:
    """Of a step that may have been asked about."""
    action = run.nodes[step]
    if run.steps[step].attempt > 0 and isinstance(action, ActionStep) and not action.idempotent:
        tx.tokens.void(_question(run, step))


def _end_wait(tx: Transaction, run: Run, step: str) -> None:
    if not isinstance(run.nodes[step], WaitStep):
        return
    tx.timers.cancel(_wait_key(run, step))
    tx.waits.drop(run.id, step)


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


def _question(run: Run, step: str) -> str:
    return f"{run.id}/question/{step}"


def _wait_key(run: Run, step: str) -> str:
    return f"{run.id}/wait/{step}/"


def _retry_key(run: Run, step: str) -> str:
    return f"{run.id}/retry/{step}/"
