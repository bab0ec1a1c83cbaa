"""Who may decide an approval and what a decision does. Pure: values in, values out, no clock."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import TypeAdapter

from core.actors import Actor, Standing
from core.messages import Account
from core.workflow.definition import Definition
from core.workflow.steps.common import Scalar


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
    self_approval: bool = False
    channel: str = "approvals"
    escalate_at: datetime | None = None
    escalate_to: tuple[str, ...] = ()
    status: ApprovalStatus = ApprovalStatus.OPEN
    decisions: tuple[Decision, ...] = ()
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
        return len(self.approvers)

    @property
    def approvers(self) -> frozenset[Account]:
        """Who approved."""
        return frozenset(d.account for d in self.decisions if d.verdict is Verdict.APPROVE)

    @property
    def eligible_roles(self) -> tuple[str, ...]:
        """Whose holders may decide now."""
        return (*self.roles, *(r for r in self.escalate_to if r not in self.roles)) if self.escalated else self.roles


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
    """This person approved before and counts once."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decision that changes nothing, with the facts that explain it."""

    reason: Reason
    who_may: tuple[str, ...] = ()
    """Roles whose holders may decide."""
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
) -> Accepted | Refusal:
    """Say what this decision does. `digest`: of the plan that the person saw. `accounts`: other accounts of the same person."""
    if approval is None:
        return Refusal(Reason.UNKNOWN)
    reason = _why_not(approval, actor, verdict, now=now, digest=digest, mine=accounts | {actor.account})
    if reason is not None:
        return Refusal(reason, approval.eligible_roles, approval.decisions, approval.closed_at)
    decision = Decision(actor.account, actor.name, verdict, now, comment)
    if verdict is Verdict.DENY:
        return Accepted(decision, ApprovalStatus.DENIED, approval.given)
    given = approval.given + 1
    return Accepted(decision, ApprovalStatus.GRANTED if given >= approval.needed else ApprovalStatus.OPEN, given)


def _why_not(
    approval: Approval, actor: Actor, verdict: Verdict, *, now: datetime, digest: str, mine: frozenset[Account]
) -> Reason | None:
    """The first reason against, from the request's own state to the person's; None when the decision counts."""
    if approval.status is not ApprovalStatus.OPEN:
        return _CLOSED[approval.status]
    if now >= approval.expires_at:
        return Reason.EXPIRED
    if digest != approval.digest:
        return Reason.VOID
    if not approval.self_approval and not mine.isdisjoint(approval.authors):
        return Reason.REQUESTER
    if actor.standing is not Standing.MEMBER or actor.roles.isdisjoint(approval.eligible_roles):
        return Reason.NOT_ELIGIBLE
    if verdict is Verdict.APPROVE and not mine.isdisjoint(approval.approvers):
        return Reason.REPEATED
    return None


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
    """Everything that time will do to this request while it is open, earliest first."""
    life: timedelta = approval.expires_at - approval.requested_at
    due = [Due(DueKind.REMIND, approval.requested_at + life * share, n) for n, share in enumerate(REMINDERS, 1)]
    if approval.escalate_at is not None:
        due.append(Due(DueKind.ESCALATE, approval.escalate_at))
    due.append(Due(DueKind.EXPIRE, approval.expires_at))
    return tuple(sorted(due, key=lambda d: d.at))


_DEFINITION: TypeAdapter[Definition] = TypeAdapter(Definition)


def digest(definition: Definition, parameters: Mapping[str, Scalar]) -> str:
    """SHA-256 (hexadecimal) over the plan as canonical JSON: sorted keys, no spaces. Any change of either gives another."""
    plan = {"definition": _canonical(_DEFINITION.dump_python(definition, mode="json")), "parameters": dict(parameters)}
    text = json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


_LATER: Mapping[str, object] = {
    "on_failure": "fail", "guard": None, "block": "", "branch": "", "item": None, "parameters": None, "compensate": None, "poll": None,
    "idempotent": True, "longest_seconds": 300.0, "jitter": 0.0, "on": [], "time_limit_seconds": None, "concurrency": None,
    "schedules": [], "triggers": [], "channel": "",
}  # fmt: skip
"""What definitions have had since, as it was without: plans from before keep their digests."""


def _canonical(value: object) -> object:
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        return {k: _canonical(v) for k, v in value.items() if k not in _LATER or v != _LATER[k]}
    return value


def shorten(full: str) -> str:
    """The first 8 characters, to show to people."""
    return full[:8]
