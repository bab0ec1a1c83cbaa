"""How requests for approval are put into words: how they stand, who decides, what was asked and answered, why a click counts not."""

from collections.abc import Iterator, Mapping, Sequence

from core.actors import By
from core.conversation.replies import holder, mention, when, who
from core.markup import literal
from core.messages import Account
from core.planning.policy import unsure_of
from core.workflow.approvals import Approval, ApprovalStatus, Decision, Reason, Refusal, Verdict
from core.workflow.digests import shorten


def outcome(approval: Approval) -> str:
    """How a request stands, with who, when, and what they said: the line that every card of it ends with."""
    said = approval.decisions
    match approval.status:
        case ApprovalStatus.OPEN:
            given = "".join(f", {_decided(d, approval)}" for d in said)
            return f"{approval.given}/{approval.needed} approved{given}; until {when(approval.expires_at)}"
        case ApprovalStatus.GRANTED:
            return f"approved by {' and '.join(_decided(d, approval) for d in said)}"
        case ApprovalStatus.DENIED:
            *before, last = said
            because = f": {literal(last.comment)}" if last.comment else ""
            earlier = (
                f"; before that approved by {' and '.join(_decided(d, approval) for d in before)}" if before else ""
            )
            return f"denied by {_decider(last, approval)} at {when(last.at)}{because}{earlier}"
        case ApprovalStatus.EXPIRED:
            return (
                f"expired at {when(approval.expires_at)}: nobody decided, {approval.given}/{approval.needed} approved"
            )
        case ApprovalStatus.VOID:
            return "void: the plan was changed after this was asked"
        case ApprovalStatus.CANCELLED:
            return "withdrawn: the run ended before a decision"


def _decided(decision: Decision, approval: Approval) -> str:
    comment = f" (“{literal(decision.comment)}”)" if decision.comment else ""
    return f"{_decider(decision, approval)} at {when(decision.at)}{comment}"


def _decider(decision: Decision, approval: Approval) -> str:
    """Who decided, and for whom; told apart from others who decided under a name that looks the same."""
    others = [d.name for d in approval.decisions if d.account != decision.account]
    by = mention(decision.account, decision.name, others)
    return f"{by} for {named(decision.on_behalf)}" if decision.on_behalf else by


def named(by: By) -> str:
    """A person of whom the record tells."""
    return mention(by.account, by.name)


def talk(approval: Approval) -> str:
    """What was asked and answered, and who may decide for whom; "" when there is nothing to tell."""
    return "\n".join(_talk(approval))


def _talk(approval: Approval) -> Iterator[str]:
    for question in approval.questions:
        yield f"- {named(question.by)} asks: {literal(question.text)}"
        if question.answered_by:
            yield f"- {named(question.answered_by)} answered: {literal(question.answer)}"
    for delegation in approval.delegations:
        yield f"- {named(delegation.to)} may decide for {named(delegation.by)}"


def who_decides(approval: Approval) -> str:
    """How many of whom, for which plan. People who are named are mentioned: they are asked."""
    holders = " or ".join(_asked(name) for name in approval.eligible)
    people = f"{approval.needed} different people" if approval.needed > 1 else "one person"
    own = "" if approval.self_approval else ", not the requester"
    escalated = " · escalated" if approval.escalated else ""
    return f"Decided by {people}: {holders}{own} · plan `{shorten(approval.digest)}`{escalated}"


def _asked(name: str) -> str:
    if name.startswith("@"):
        return holder(name)
    if ":" not in name:
        return f"the role {holder(name)}"
    if "/role:" in name:
        return f"the group {holder(name)}"
    account = Account.parse(name)
    return mention(account, account.id)


def refusal_text(
    said: Refusal, people: Mapping[str, Sequence[str]] | None = None, unsure: frozenset[str] = frozenset()
) -> str:
    """Why a click on a request does not count; see `approval_cards.refusal`."""
    missing = sorted(unsure.intersection(said.who_may))
    if said.reason is Reason.NOT_ELIGIBLE and missing:
        return f"{unsure_of(missing)} Press again in a minute."
    holders = who(people or dict.fromkeys(said.who_may, ()))
    last = said.decisions[-1] if said.decisions else None
    by = f" by {mention(last.account, last.name)} at {when(last.at)}" if last else ""
    match said.reason:
        case Reason.REQUESTER:
            return f"You asked for this yourself, so **somebody else** must decide. Who may: {holders}."
        case Reason.NOT_ELIGIBLE:
            return f"You may not decide this. Who may: {holders}."
        case Reason.REPEATED:
            return "You have approved this already, or whom you speak for has, and each person counts once."
        case Reason.SEPARATED:
            return "Another approval of this run was given by you, or for whom you speak: this one takes **somebody else**."
        case Reason.REASON_NEEDED:
            return "A denial takes a **reason** here. Press *Deny …* and say why."
        case Reason.TO_SELF:
            return "That is you: hand it to **somebody else**, or decide yourself."
        case Reason.TO_REQUESTER:
            return "They asked for this themselves, so they decide it for nobody. Choose **somebody else**."
        case Reason.TO_STRANGER:
            return "Only members of your organisation can decide. Choose **somebody else**."
        case Reason.TO_DECIDED:
            return "They have approved already, and each person counts once. Choose **somebody else**."
        case Reason.GRANTED:
            return f"This was **approved**{by} already."
        case Reason.DENIED:
            return f"This was **denied**{by} already."
        case Reason.EXPIRED:
            return "This request has **expired** without a decision. The card has a button to ask again."
        case Reason.VOID:
            return "The plan was **changed** after this was asked. There is a new card for the new plan."
        case Reason.CANCELLED:
            return "The run has ended, so there is nothing left to decide."
        case Reason.UNKNOWN:
            return "I know no such request; this button has **expired**. `/copilot approvals` shows what waits."


def counted_text(approval: Approval, verdict: Verdict) -> str:
    """A decision counted."""
    return f"{'Approved' if verdict is Verdict.APPROVE else 'Denied'}: {approval.given}/{approval.needed}."
