"""What people do about requests for approval: decide, ask and answer questions, hand over their say, ask again. Each function runs
inside one transaction and returns an outcome; see `core.workflow.service`, which these belong to.

Who may do any of it is judged here, at the click, against the request as it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.actors import Actor, By
from core.messages import Account, StepState
from core.ports.records import Transaction
from core.workflow import events as ev
from core.workflow.approvals import (
    Approval,
    ApprovalStatus,
    Reason,
    Refusal,
    Verdict,
    Voice,
    judge,
    judge_delegation,
    may_speak,
)
from core.workflow.outcomes import Done, NotDone, Obstacle, not_done, refuse
from core.workflow.run import Run
from core.workflow.signals import Means, Origin, append, load
from core.workflow.steps.approval import ApprovalStep


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision counts."""

    run: Run
    approval: Approval
    """As it stands after the decision."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Refused:
    """The decision does not count."""

    refusal: Refusal
    run: Run | None = None
    approval: Approval | None = None


@dataclass(frozen=True, slots=True)
class Delegated:
    """The person named in the last of the request's delegations may decide."""

    run: Run
    approval: Approval


@dataclass(frozen=True, slots=True)
class Asked:
    """The last of the request's questions waits for an answer."""

    run: Run
    approval: Approval


def decide_approval(
    tx: Transaction,
    means: Means,
    approval_id: str,
    actor: Actor,
    verdict: Verdict,
    *,
    origin: Origin,
    shown_digest: str = "",
    comment: str = "",
    accounts: frozenset[Account] = frozenset(),
    principals: Sequence[Voice] = (),
) -> Decided | Refused:
    """Count one person's decision, or refuse it. `shown_digest`: of the plan that the person saw, from the button's token (""
    when the request itself was named). `accounts`: other accounts known to be the same person. `principals`: people who may have
    handed this one their say; they have where the request tells of it, or their delegation is in force."""
    run, approval = find_approval(tx, approval_id)
    judged = judge(
        approval,
        actor,
        verdict,
        now=origin.at,
        digest=_seen(shown_digest, approval),
        comment=comment,
        accounts=accounts,
        principals=handed_over(tx, approval, accounts | {actor.account}, principals, origin),
        apart=approved_apart(run, approval),
    )
    if run is None or approval is None or isinstance(judged, Refusal):
        return _refused(tx, "approval.decide", approval_id, actor, judged, run, approval, origin, verdict=verdict.value)
    said = judged.decision
    events: list[ev.Event] = [ev.ApprovalDecided(approval.id, By.of(actor), verdict, comment, said.on_behalf)]
    if judged.status is ApprovalStatus.GRANTED:
        events.append(ev.ApprovalGranted(approval.id))
    if judged.status is ApprovalStatus.DENIED:
        events.append(ev.ApprovalDenied(approval.id))
    after = append(tx, means, run, events, origin=origin)
    return Decided(after, after.approvals[approval.id], verdict)


def delegate(
    tx: Transaction, means: Means, approval_id: str, me: Voice, to: Voice, *, origin: Origin, shown_digest: str = ""
) -> Delegated | Refused:
    """Let another person decide this request for one who may. Both go on being able to; whoever comes first says it."""
    run, approval = find_approval(tx, approval_id)
    seen, apart = _seen(shown_digest, approval), approved_apart(run, approval)
    refusal = judge_delegation(approval, me, to, now=origin.at, digest=seen, apart=apart)
    if run is None or approval is None or refusal is not None:
        target = str(to.actor.account)
        return _refused(tx, "approval.delegate", approval_id, me.actor, refusal, run, approval, origin, to=target)
    after = append(tx, means, run, [ev.ApprovalDelegated(approval.id, By.of(me.actor), By.of(to.actor))], origin=origin)
    return Delegated(after, after.approvals[approval.id])


def ask(
    tx: Transaction,
    means: Means,
    approval_id: str,
    me: Voice,
    text: str,
    *,
    origin: Origin,
    shown_digest: str = "",
    principals: Sequence[Voice] = (),
) -> Asked | Refused:
    """Ask those whose plan it is something before deciding; the request stays open."""
    run, approval = find_approval(tx, approval_id)
    speaking = may_speak(
        approval,
        me,
        now=origin.at,
        digest=_seen(shown_digest, approval),
        principals=handed_over(tx, approval, me.accounts, principals, origin),
    )
    if run is None or approval is None or isinstance(speaking, Refusal):
        return _refused(tx, "approval.question", approval_id, me.actor, speaking, run, approval, origin)
    asked = ev.ApprovalQuestioned(approval.id, len(approval.questions) + 1, By.of(me.actor), text)
    after = append(tx, means, run, [asked], origin=origin)
    return Asked(after, after.approvals[approval.id])


def answer_question(
    tx: Transaction, means: Means, approval_id: str, number: int, me: Voice, text: str, *, origin: Origin
) -> Done | NotDone:
    """Answer a question about one's own plan."""
    run, approval = find_approval(tx, approval_id)
    if run is None or approval is None or me.accounts.isdisjoint(approval.authors):
        return not_done(tx, "approval.answer", approval_id, me.actor, Obstacle.UNKNOWN, run, origin)
    if approval.status is not ApprovalStatus.OPEN or all(q.number != number for q in approval.unanswered):
        return not_done(tx, "approval.answer", approval_id, me.actor, Obstacle.NOT_ASKED, run, origin)
    answered = ev.ApprovalQuestionAnswered(approval.id, number, By.of(me.actor), text)
    return Done(append(tx, means, run, [answered], origin=origin))


def ask_again(tx: Transaction, means: Means, approval_id: str, actor: Actor, *, origin: Origin) -> Done | NotDone:
    """Ask an expired request again, as a new one with a new time to live and no decisions."""
    run, approval = find_approval(tx, approval_id)
    if run is None or approval is None:
        return not_done(tx, "approval.ask_again", approval_id, actor, Obstacle.UNKNOWN, None, origin)
    current = run.steps[approval.step].approval == approval.id and run.steps[approval.step].state is StepState.WAITING
    if run.ended or not current or approval.status is not ApprovalStatus.EXPIRED:
        obstacle = Obstacle.ENDED if run.ended else Obstacle.NOT_WAITING
        return not_done(tx, "approval.ask_again", approval_id, actor, obstacle, run, origin)
    return Done(append(tx, means, run, [ev.ApprovalAskedAgain(approval.id, By.of(actor))], origin=origin))


def find_approval(tx: Transaction, approval_id: str) -> tuple[Run | None, Approval | None]:
    """The request with its run, as they stand."""
    view = tx.runs.approval(approval_id)
    run = load(tx, view.run_id) if view else None
    return run, run.approvals.get(view.id) if run and view else None


def approved_apart(run: Run | None, approval: Approval | None) -> frozenset[Account]:
    """Who approved a gate of this run that must not be approved by the same person, whichever of the two names the other. What was
    approved of an earlier plan counts no more."""
    if run is None or approval is None:
        return frozenset()
    gates = {id_: step.not_by for id_, step in run.nodes.items() if isinstance(step, ApprovalStep)}
    apart = {id_ for id_, others in gates.items() if approval.step in others} | set(gates[approval.step])
    counting = (ApprovalStatus.OPEN, ApprovalStatus.GRANTED)
    return frozenset(
        account
        for other in run.approvals.values()
        if other.step in apart and other.status in counting
        for account in other.approvers
    )


def handed_over(
    tx: Transaction, approval: Approval | None, mine: frozenset[Account], principals: Sequence[Voice], origin: Origin
) -> list[Voice]:
    """Those of the principals who have handed their say to this person: for this request, or for a while."""
    if approval is None or not principals:
        return []
    givers = approval.delegators(mine) | {d.by.account for d in tx.delegations.to(mine, now=origin.at)}
    return [principal for principal in principals if not principal.accounts.isdisjoint(givers)]


def _seen(shown: str, approval: Approval | None) -> str:
    return shown or (approval.digest if approval else "")


def _refused(
    tx: Transaction,
    action: str,
    target: str,
    actor: Actor,
    judged: object,
    run: Run | None,
    approval: Approval | None,
    origin: Origin,
    **details: str,
) -> Refused:
    refusal = judged if isinstance(judged, Refusal) else Refusal(Reason.UNKNOWN)
    refuse(tx, action, target, actor, refusal.reason, origin, **details)
    return Refused(refusal, run, approval)
