"""What an event about an approval does to a run. Pure."""

from dataclasses import replace
from datetime import datetime

from core.messages import StepState
from core.workflow import events as ev
from core.workflow.approvals import Approval, ApprovalStatus, Decision, Delegation, Question, Verdict
from core.workflow.fold_common import closed, expect, known_step, out_of_order, with_step
from core.workflow.run import Run
from core.workflow.steps.approval import ApprovalStep


def requested(run: Run, event: ev.ApprovalRequested, at: datetime) -> Run:
    record = known_step(run, event.step, event.kind)
    step = run.nodes[event.step]
    if not isinstance(step, ApprovalStep):
        raise out_of_order(event.kind, f"{event.step} is no approval step")
    expect(event.kind, record.state is StepState.PENDING, f"step {event.step} was {record.state}")
    expect(event.kind, event.approval_id not in run.approvals, f"{event.approval_id} was asked before")
    expect(event.kind, event.digest == run.digest, "it is for another plan")
    approval = Approval(
        id=event.approval_id,
        run_id=run.id,
        step=event.step,
        title=step.title,
        digest=event.digest,
        environment=event.environment,
        authors=run.authors,
        roles=event.roles,
        people=event.people,
        groups=event.groups,
        needed=event.needed,
        reason_needed=event.reason_needed,
        quiet_hours=event.quiet_hours,
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
    return replace(with_step(run, waiting), approvals={**run.approvals, approval.id: approval})


def approval_event(run: Run, event: ev.ApprovalEvent, at: datetime) -> Run:
    approval = run.approvals.get(event.approval_id)
    if approval is None:
        raise out_of_order(event.kind, f"there is no {event.approval_id}")
    before = ApprovalStatus.EXPIRED if isinstance(event, ev.ApprovalAskedAgain) else ApprovalStatus.OPEN
    expect(event.kind, approval.status is before, f"{approval.id} was {approval.status}")
    changed = replace(run, approvals={**run.approvals, approval.id: _approval_after(approval, event, at)})
    record = run.steps[approval.step]
    match event:
        case ev.ApprovalGranted():
            return with_step(changed, replace(record, state=StepState.DONE, finished_at=at))
        case ev.ApprovalDenied():
            return with_step(changed, replace(record, state=StepState.FAILED, finished_at=at))
        case ev.ApprovalAskedAgain():
            expect(event.kind, record.approval == approval.id, f"{approval.id} was asked again before")
            return with_step(changed, replace(record, state=StepState.PENDING))
        case _:
            return changed


def _approval_after(approval: Approval, event: ev.ApprovalEvent, at: datetime) -> Approval:
    match event:
        case ev.ApprovalReminded(number=number):
            return replace(approval, reminders=number)
        case ev.ApprovalEscalated(roles=roles):
            return replace(approval, escalated=True, escalate_to=roles)
        case ev.ApprovalDecided(by=by, verdict=verdict, comment=comment):
            decision = Decision(by.account, by.name, verdict, at, comment, event.on_behalf)
            return replace(approval, decisions=(*approval.decisions, decision))
        case ev.ApprovalDelegated(by=by, to=to):
            return replace(approval, delegations=(*approval.delegations, Delegation(by, to, at)))
        case ev.ApprovalQuestioned(number=number, by=by, text=text):
            expect(
                event.kind,
                number == len(approval.questions) + 1,
                f"{approval.id} had {len(approval.questions)} questions",
            )
            return replace(approval, questions=(*approval.questions, Question(number, by, text, at)))
        case ev.ApprovalQuestionAnswered():
            return _answered(approval, event, at)
        case ev.ApprovalGranted():
            expect(
                event.kind, approval.given >= approval.needed, f"{approval.id} had {approval.given}/{approval.needed}"
            )
            return closed(approval, ApprovalStatus.GRANTED, at, _last_decider(approval))
        case ev.ApprovalDenied():
            denied = bool(approval.decisions) and approval.decisions[-1].verdict is Verdict.DENY
            expect(event.kind, denied, f"nobody denied {approval.id}")
            return closed(approval, ApprovalStatus.DENIED, at, _last_decider(approval))
        case ev.ApprovalExpired(again_token=again_token):
            return replace(closed(approval, ApprovalStatus.EXPIRED, at, None), again_token=again_token)
        case _:
            return replace(approval, again_token="")


def _answered(approval: Approval, event: ev.ApprovalQuestionAnswered, at: datetime) -> Approval:
    waits = any(question.number == event.number for question in approval.unanswered)
    expect(event.kind, waits, f"{approval.id} has no open question {event.number}")
    answered = (
        replace(question, answer=event.text, answered_by=event.by, answered_at=at)
        if question.number == event.number
        else question
        for question in approval.questions
    )
    return replace(approval, questions=tuple(answered))


def _last_decider(approval: Approval) -> ev.By:
    last = approval.decisions[-1]
    return ev.By(last.account, last.name)
