"""Which events leave which audit rows. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.messages import Place
from core.ports.records import AuditRow
from core.tools import Risk
from core.workflow import events as ev
from core.workflow.definition import shown
from core.workflow.digests import shorten
from core.workflow.run import Run
from core.workflow.steps.action import ActionStep

SYSTEM = "system"


def trail(
    run: Run,
    event: ev.Event,
    *,
    at: datetime,
    place: Place | None,
    correlation: str,
    before: Run | None = None,
) -> tuple[AuditRow, ...]:
    """The audit rows of one event: none for what only reads or reports. `before`: the run before all that happened with it."""
    entry = _entry(run, event)
    if entry is None:
        return ()
    by, action, target, outcome, details = entry
    actor = str(by.account) if by else SYSTEM
    reason = details.pop("reason", "")
    where = str(place) if place else ""
    row = AuditRow(at, actor, action, target, outcome, reason, where, correlation or run.correlation, details)
    return (_with_change(row, event, before),)


def _with_change(row: AuditRow, event: ev.Event, before: Run | None) -> AuditRow:
    """With what the event changed, where that is worth more than its name."""
    if before is None:
        return row
    if isinstance(event, ev.PlanChanged):
        after = shown(before.definition, event.parameters)
        return replace(row, before=shown(before.definition, before.parameters), after=after)
    if isinstance(event, ev.RunCancelled):
        return replace(row, before=before.status.value, after="cancelled")
    return row


_Entry = tuple[ev.By | None, str, str, str, dict[str, Any]]


def _entry(run: Run, event: ev.Event) -> _Entry | None:
    match event:
        case ev.RunStarted(requester=by, digest=digest):
            plan = {"workflow": run.definition.name, "version": run.definition.version, "digest": shorten(digest)}
            plan |= {"cause": event.cause} if event.cause else {}
            return by, "run.start", run.id, "done", {**plan, "parameters": shown(run.definition, event.parameters)}
        case ev.PlanChanged(by=by, digest=digest):
            parameters = shown(run.definition, event.parameters)
            return by, "run.change", run.id, "done", {"digest": shorten(digest), "parameters": parameters}
        case ev.RunCancelled(by=by, reason=reason):
            return by, "run.cancel", run.id, "done", {"reason": reason}
        case ev.RunPaused(by=by, reason=reason):
            return by, "run.pause", run.id, "done", {"reason": reason}
        case ev.RunResumed(by=by, reason=reason):
            return by, "run.resume", run.id, "done", {"reason": reason}
        case ev.RunReopened(by=by, retry=retry, skip=skip, reason=reason):
            return by, "run.reopen", run.id, "done", {"retry": list(retry), "skip": list(skip), "reason": reason}
        case ev.RollbackStarted(by=by, undo=undo, cause=cause, reason=reason):
            return by, "run.roll_back", run.id, "done", {"undo": list(undo), "cause": cause.value, "reason": reason}
        case ev.StepAnswered(by=by, step=step, answer=answer):
            return by, "step.answer", run.id, "done", {"step": step, "answer": answer.value}
        case ev.StepInterrupted(step=step, reason=reason):
            return None, "step.interrupt", run.id, "done", {"step": step, "reason": reason}
        case ev.RunTimedOut():
            return None, "run.end", run.id, "failed", {"reason": "it ran out of time"}
        case ev.RunRolledBack():
            return None, "run.end", run.id, "failed", {"reason": "it was rolled back"}
        case ev.RunCompleted():
            return None, "run.end", run.id, "done", {}
        case ev.RunDenied(approval_id=approval_id):
            return None, "run.end", run.id, "refused", {"reason": "denied", "approval": approval_id}
        case ev.RunFailed(failure=failure, step=step):
            return None, "run.end", run.id, "failed", {"reason": failure.message, "step": step}
        case ev.StepCompleted(step=step) | ev.StepFailed(step=step):
            return _step_entry(run, event, step)
        case _:
            return _approval_entry(run, event)


def _step_entry(run: Run, event: ev.StepCompleted | ev.StepFailed, step_id: str) -> _Entry | None:
    step = run.nodes[step_id]
    if not isinstance(step, ActionStep) or step.risk is Risk.READ:
        return None
    details: dict[str, Any] = {"run": run.id, "step": step.id, "key": run.steps[step.id].key}
    if isinstance(event, ev.StepFailed):
        return None, "step.execute", step.tool, "failed", {**details, "reason": event.failure.message}
    return None, "step.execute", step.tool, "done", details


def _approval_entry(run: Run, event: ev.Event) -> _Entry | None:
    match event:
        case ev.ApprovalRequested(approval_id=id_):
            asked = {"run": run.id, "digest": shorten(event.digest), "roles": list(event.roles), "needed": event.needed}
            asked |= {name: list(named) for name in ("people", "groups") if (named := getattr(event, name))}
            return None, "approval.request", id_, "done", asked
        case ev.ApprovalDelegated(approval_id=id_, by=by, to=to):
            return by, "approval.delegate", id_, "done", {"run": run.id, "to": str(to.account)}
        case ev.ApprovalQuestioned(approval_id=id_, by=by, text=text):
            return by, "approval.question", id_, "done", {"run": run.id, "text": text}
        case ev.ApprovalQuestionAnswered(approval_id=id_, by=by, text=text):
            return by, "approval.answer", id_, "done", {"run": run.id, "text": text}
        case ev.ApprovalEscalated(approval_id=id_, roles=roles):
            return None, "approval.escalate", id_, "done", {"run": run.id, "roles": list(roles)}
        case ev.ApprovalDecided(approval_id=id_, by=by, verdict=verdict, comment=comment):
            plan = shorten(run.approvals[id_].digest)
            said = {"run": run.id, "verdict": verdict.value, "digest": plan, "comment": comment}
            if event.on_behalf:
                said["on_behalf"] = str(event.on_behalf.account)
            return by, "approval.decide", id_, "done", said
        case ev.ApprovalExpired(approval_id=id_):
            return None, "approval.expire", id_, "done", {"run": run.id}
        case ev.ApprovalAskedAgain(approval_id=id_, by=by):
            return by, "approval.ask_again", id_, "done", {"run": run.id}
        case _:
            return None
