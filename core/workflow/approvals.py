"""Who may decide an approval and what a decision does. Pure: values in, values out, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.actors import Actor, By, Standing
from core.messages import Account
from core.quiet_hours import QuietHours


class Verdict(StrEnum):
    """What a person says to a request."""

    APPROVE = "approve"
    DENY = "deny"


class ApprovalStatus(StrEnum):
    """How a request stands. Only OPEN ever changes, and EXPIRED when it is asked again (as a new request)."""

    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"
    EXPIRED = "expired"
    """Nobody decided in time; nobody said no."""
    VOID = "void"
    """The plan changed after it was asked."""
    CANCELLED = "cancelled"
    """The run ended before it was decided."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person decided, as it counts."""

    account: Account
    name: str
    """For display only."""
    verdict: Verdict
    at: datetime
    comment: str = ""
    on_behalf: By | None = None
    """Whose say it was, when somebody had handed it over."""

    @property
    def people(self) -> tuple[Account, ...]:
        """Who has said something by it."""
        return (self.account, self.on_behalf.account) if self.on_behalf else (self.account,)


@dataclass(frozen=True, slots=True)
class Delegation:
    """Somebody who may decide let another person do so, for one request."""

    by: By
    to: By
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody who may decide wants to know of those whose plan it is."""

    number: int
    """1 for the first of its request."""
    by: By
    text: str
    at: datetime
    answer: str = ""
    answered_by: By | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """One request for approval, as the history tells it."""

    id: str
    run_id: str
    step: str
    title: str
    digest: str
    """Of the plan that it was asked for; `shorten` it to show."""
    environment: str
    authors: tuple[Account, ...]
    """Whose plan it is: the requester, then everybody who changed it. They decide nothing."""
    roles: tuple[str, ...]
    needed: int
    requested_at: datetime
    expires_at: datetime
    people: tuple[str, ...] = ()
    """Accounts, and names of the roles file, that may decide besides."""
    groups: tuple[str, ...] = ()
    """Groups of the platforms whose members may decide besides."""
    self_approval: bool = False
    channel: str = "approvals"
    escalate_at: datetime | None = None
    escalate_to: tuple[str, ...] = ()
    status: ApprovalStatus = ApprovalStatus.OPEN
    reason_needed: bool = False
    """A denial takes a reason."""
    quiet_hours: str = ""
    """When nobody is reminded and nothing escalates, as `QuietHours.parse` reads it; "" for never."""
    decisions: tuple[Decision, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    questions: tuple[Question, ...] = ()
    reminders: int = 0
    """How many were sent."""
    escalated: bool = False
    closed_at: datetime | None = None
    closed_by: Account | None = None
    """Whose decision closed it, or who cancelled or changed the run; None when time did."""
    closed_by_name: str = ""
    approve_token: str = field(default="", repr=False)
    """What the buttons carry: `do:<token>`."""
    deny_token: str = field(default="", repr=False)
    again_token: str = field(default="", repr=False)
    """Set once it expired: asks again."""

    @property
    def given(self) -> int:
        """How many different people approved."""
        return sum(decision.verdict is Verdict.APPROVE for decision in self.decisions)

    @property
    def approvers(self) -> frozenset[Account]:
        """Who approved, and for whom they did."""
        return frozenset(p for d in self.decisions if d.verdict is Verdict.APPROVE for p in d.people)

    @property
    def eligible(self) -> tuple[str, ...]:
        """Who may decide now: roles, people and groups, as definitions name them."""
        named = (*self.roles, *self.people, *self.groups)
        return (*named, *(role for role in self.escalate_to if role not in named)) if self.escalated else named

    @property
    def unanswered(self) -> tuple[Question, ...]:
        """Questions without an answer."""
        return tuple(question for question in self.questions if question.answered_by is None)

    def delegators(self, to: Iterable[Account]) -> frozenset[Account]:
        """Who handed their say on this request to one of these accounts."""
        return frozenset(d.by.account for d in self.delegations if d.to.account in frozenset(to))


@dataclass(frozen=True, slots=True)
class Voice:
    """A person as a request sees them."""

    actor: Actor
    accounts: frozenset[Account]
    """All of the person, the actor's own included."""

    @classmethod
    def of(cls, actor: Actor, others: Iterable[Account] = ()) -> "Voice":
        """The actor with the person's other accounts."""
        return cls(actor, frozenset(others) | {actor.account})

    def may_decide(self, approval: Approval) -> bool:
        """Whether the request names them, whatever else speaks against it."""
        known_as = self.actor.roles | self.actor.known_as | set(map(str, self.accounts))
        return self.actor.standing is Standing.MEMBER and not known_as.isdisjoint(approval.eligible)


class Reason(StrEnum):
    """Why a decision does not count. The list is closed; the wording is in `core.conversation.replies`."""

    UNKNOWN = "unknown"
    """No such request."""
    GRANTED = "granted"
    """Decided already."""
    DENIED = "denied"
    """Decided already."""
    EXPIRED = "expired"
    VOID = "void"
    """The plan is not the one that was shown."""
    CANCELLED = "cancelled"
    REQUESTER = "requester"
    """Nobody decides a plan of their own."""
    NOT_ELIGIBLE = "not_eligible"
    REPEATED = "repeated"
    """This person, or the one they speak for, approved before and counts once."""
    SEPARATED = "separated"
    """They approved another gate of the run that must not be approved by the same person."""
    REASON_NEEDED = "reason_needed"
    """A denial takes a reason here."""
    TO_SELF = "to_self"
    """Nobody hands their say to themselves."""
    TO_REQUESTER = "to_requester"
    """Those whose plan it is decide nothing, for nobody."""
    TO_STRANGER = "to_stranger"
    """Only members of the organisation decide."""
    TO_DECIDED = "to_decided"
    """Who has approved already, here or where the same person must not, cannot approve for another."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decision that changes nothing, with the facts that explain it."""

    reason: Reason
    who_may: tuple[str, ...] = ()
    """Roles, people and groups that may decide."""
    decisions: tuple[Decision, ...] = ()
    """Those that count: the last one closed it."""
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A decision that counts."""

    decision: Decision
    status: ApprovalStatus
    """OPEN while more approvals are needed, else GRANTED or DENIED."""
    given: int
    """Different people who approved, this one included."""


_CLOSED = {
    ApprovalStatus.GRANTED: Reason.GRANTED,
    ApprovalStatus.DENIED: Reason.DENIED,
    ApprovalStatus.EXPIRED: Reason.EXPIRED,
    ApprovalStatus.VOID: Reason.VOID,
    ApprovalStatus.CANCELLED: Reason.CANCELLED,
}


def judge(
    approval: Approval | None,
    actor: Actor,
    verdict: Verdict,
    *,
    now: datetime,
    digest: str,
    comment: str = "",
    accounts: frozenset[Account] = frozenset(),
    principals: Sequence[Voice] = (),
    apart: frozenset[Account] = frozenset(),
) -> Accepted | Refusal:
    """Say what this decision does. `digest`: of the plan that the person saw. `accounts`: other accounts of the same person.
    `principals`: who has handed them their say, now. `apart`: who approved gates that the same person must not approve."""
    me = Voice.of(actor, accounts)
    found = may_speak(approval, me, now=now, digest=digest, principals=principals)
    if isinstance(found, Refusal):
        return found
    approval, voices = found
    if verdict is Verdict.DENY:
        if approval.reason_needed and not comment.strip():
            return refusal(approval, Reason.REASON_NEEDED)
        return Accepted(_decision(me, voices[0], verdict, now, comment), ApprovalStatus.DENIED, approval.given)
    reasons = [_why_not_approve(approval, me, voice, apart) for voice in voices]
    if None not in reasons:
        return refusal(approval, reasons[0] or Reason.NOT_ELIGIBLE)
    decision = _decision(me, voices[reasons.index(None)], verdict, now, comment)
    given = approval.given + 1
    return Accepted(decision, ApprovalStatus.GRANTED if given >= approval.needed else ApprovalStatus.OPEN, given)


def may_speak(
    approval: Approval | None, me: Voice, *, now: datetime, digest: str, principals: Sequence[Voice] = ()
) -> tuple[Approval, list[Voice]] | Refusal:
    """The request, with those as whom this person may have a say in it: themselves first, then who handed it to them. Reasons
    against go from the request's own state to the person's."""
    if approval is None:
        return Refusal(Reason.UNKNOWN)
    if approval.status is not ApprovalStatus.OPEN:
        return refusal(approval, _CLOSED[approval.status])
    if now >= approval.expires_at:
        return refusal(approval, Reason.EXPIRED)
    if digest != approval.digest:
        return refusal(approval, Reason.VOID)
    if not approval.self_approval and not me.accounts.isdisjoint(approval.authors):
        return refusal(approval, Reason.REQUESTER)
    others = [p for p in principals if approval.self_approval or p.accounts.isdisjoint(approval.authors)]
    voices = [voice for voice in (me, *others) if voice.may_decide(approval)]
    if not voices or me.actor.standing is not Standing.MEMBER:
        return refusal(approval, Reason.NOT_ELIGIBLE)
    return approval, voices


def judge_delegation(
    approval: Approval | None,
    me: Voice,
    to: Voice,
    *,
    now: datetime,
    digest: str,
    apart: frozenset[Account] = frozenset(),
) -> Refusal | None:
    """Why this person cannot hand their say on a request to another one; None when they can. What was handed to them stays theirs."""
    found = may_speak(approval, me, now=now, digest=digest)
    if isinstance(found, Refusal):
        return found
    approval, _ = found
    reason = _why_not_approve(approval, me, me, apart) or _why_not_to(approval, me, to, apart)
    return refusal(approval, reason) if reason else None


def refusal(approval: Approval, reason: Reason) -> Refusal:
    """The refusal for this reason, with the facts that explain it."""
    return Refusal(reason, approval.eligible, approval.decisions, approval.closed_at)


def _why_not_approve(approval: Approval, me: Voice, voice: Voice, apart: frozenset[Account]) -> Reason | None:
    """Why this person does not approve as that voice. Separation of duty holds for both."""
    both = me.accounts | voice.accounts
    if not both.isdisjoint(approval.approvers):
        return Reason.REPEATED
    return Reason.SEPARATED if not both.isdisjoint(apart) else None


def _why_not_to(approval: Approval, me: Voice, to: Voice, apart: frozenset[Account]) -> Reason | None:
    if not to.accounts.isdisjoint(me.accounts):
        return Reason.TO_SELF
    if not to.accounts.isdisjoint(approval.authors):
        return Reason.TO_REQUESTER
    if to.actor.standing is not Standing.MEMBER:
        return Reason.TO_STRANGER
    return Reason.TO_DECIDED if _why_not_approve(approval, to, to, apart) else None


def _decision(me: Voice, voice: Voice, verdict: Verdict, now: datetime, comment: str) -> Decision:
    on_behalf = None if voice is me else By.of(voice.actor)
    return Decision(me.actor.account, me.actor.name, verdict, now, comment, on_behalf)


class DueKind(StrEnum):
    """What time does to an open request."""

    REMIND = "remind"
    ESCALATE = "escalate"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that time does, and when."""

    kind: DueKind
    at: datetime
    number: int = 1
    """1 or 2 for reminders."""


REMINDERS = (0.5, 0.9)
"""At these shares of the time to live."""


def schedule(approval: Approval) -> tuple[Due, ...]:
    """Everything that time will do to this request while it is open, earliest first. Quiet hours hold up what calls people, to
    their end; what would come when the request is over is left out. Its end they do not move."""
    life: timedelta = approval.expires_at - approval.requested_at
    calls = [Due(DueKind.REMIND, approval.requested_at + life * share, n) for n, share in enumerate(REMINDERS, 1)]
    if approval.escalate_at is not None:
        calls.append(Due(DueKind.ESCALATE, approval.escalate_at))
    if approval.quiet_hours:
        quiet = QuietHours.parse(approval.quiet_hours)
        calls = [Due(due.kind, quiet.end_after(due.at), due.number) for due in calls]
        # Two reminders at the same moment would be one too many.
        calls = [due for due in calls if Due(due.kind, due.at, due.number + 1) not in calls]
    due = [due for due in calls if due.at < approval.expires_at]
    due.append(Due(DueKind.EXPIRE, approval.expires_at))
    return tuple(sorted(due, key=lambda d: d.at))
