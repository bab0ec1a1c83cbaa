"""What happens to a run, as past facts. The history of a run is a sequence of these, and nothing else is true about it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, get_args

from pydantic import Field as Tagged
from pydantic import TypeAdapter, ValidationError

from core.actors import By as By
from core.errors import Failure, HistoryError
from core.messages import Place
from core.ports.records import StoredEvent
from core.tools import Link
from core.workflow.approvals import Verdict
from core.workflow.definition import Definition
from core.workflow.steps.common import Scalar


class Answer(StrEnum):
    """What a person says to an attempt that may have happened."""

    RETRY = "retry"
    """It did not happen, or happening twice does no harm."""
    SKIP = "skip"
    """It happened, or is not needed: go on without."""
    ABORT = "abort"
    """The step has failed."""


class RollbackCause(StrEnum):
    """Why a run is rolled back."""

    FAILURE = "failure"
    DENIAL = "denial"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    ASKED = "asked"
    """A person rolled back a run that had failed."""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A person started a run."""

    run_id: str
    definition: Definition
    parameters: dict[str, Scalar]
    requester: By
    place: Place | None
    digest: str
    correlation: str = ""
    slot: str = ""
    """What its concurrency limit counts by; "" without a limit."""
    queued: bool = False
    """It waits for its turn: `RunAdmitted` follows."""
    cause: str = ""
    """The schedule or the event that started it on behalf of the requester, in words; "" for a person."""
    kind: Literal["run.started"] = "run.started"


@dataclass(frozen=True, slots=True)
class RunAdmitted:
    """Its turn has come."""

    kind: Literal["run.admitted"] = "run.admitted"


@dataclass(frozen=True, slots=True)
class RunPaused:
    """Nothing new begins until somebody resumes it; what is under way goes on."""

    by: By
    reason: str = ""
    kind: Literal["run.paused"] = "run.paused"


@dataclass(frozen=True, slots=True)
class RunResumed:
    """It goes on."""

    by: By
    reason: str = ""
    kind: Literal["run.resumed"] = "run.resumed"


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A worker is about to call the step's tool."""

    step: str
    attempt: int
    """1 for the first."""
    key: str
    """Idempotency key; the same over all attempts of this step on this plan."""
    item: str
    """The work item whose holder executes it: after a crash the item is delivered again, and its new holder goes on."""
    kind: Literal["step.started"] = "step.started"


@dataclass(frozen=True, slots=True)
class StepProgressed:
    """The step reported how far it is; coalesced."""

    step: str
    fraction: float | None
    text: str = ""
    kind: Literal["step.progressed"] = "step.progressed"


@dataclass(frozen=True, slots=True)
class StepCompleted:
    """The tool did it."""

    step: str
    outputs: dict[str, Scalar] = field(default_factory=dict)
    text: str = ""
    links: tuple[Link, ...] = ()
    kind: Literal["step.completed"] = "step.completed"


@dataclass(frozen=True, slots=True)
class StepFailed:
    """The attempt failed. With `retry_at` another one follows, without it the step has failed."""

    step: str
    failure: Failure
    retry_at: datetime | None = None
    kind: Literal["step.failed"] = "step.failed"


@dataclass(frozen=True, slots=True)
class StepBackoffEnded:
    """The wait before the next attempt is over."""

    step: str
    kind: Literal["step.backoff_ended"] = "step.backoff_ended"


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """The step's condition does not hold for this plan, or a person skipped it."""

    step: str
    by: By | None = None
    kind: Literal["step.skipped"] = "step.skipped"


@dataclass(frozen=True, slots=True)
class StepPostponed:
    """What is polled will not do yet; the next attempt is at `next_at`."""

    step: str
    next_at: datetime
    text: str = ""
    kind: Literal["step.postponed"] = "step.postponed"


@dataclass(frozen=True, slots=True)
class StepInterrupted:
    """An attempt may or may not have happened, and its tool cannot be called twice without harm: a person is asked, at once or,
    when the run was over by then, before somebody goes on with it."""

    step: str
    reason: str
    token: str = field(default="", repr=False)
    """What the buttons of the question carry."""
    kind: Literal["step.interrupted"] = "step.interrupted"


@dataclass(frozen=True, slots=True)
class StepAnswered:
    """A person said what to do about an interrupted attempt."""

    step: str
    answer: Answer
    by: By
    kind: Literal["step.answered"] = "step.answered"


@dataclass(frozen=True, slots=True)
class ConditionEvaluated:
    """Which way the run goes."""

    step: str
    result: bool
    kind: Literal["condition.evaluated"] = "condition.evaluated"


@dataclass(frozen=True, slots=True)
class BlockStarted:
    """The branches of a parallel step or the rounds of a loop may begin."""

    step: str
    items: tuple[Scalar, ...] = ()
    """Of a loop: one round each."""
    kind: Literal["block.started"] = "block.started"


@dataclass(frozen=True, slots=True)
class WaitStarted:
    """The run waits for a time, or for an event (then `until` is the latest)."""

    step: str
    until: datetime
    event: str = ""
    kind: Literal["wait.started"] = "wait.started"


@dataclass(frozen=True, slots=True)
class WaitEnded:
    """The time or the event has come; an event tells of itself in `outputs`."""

    step: str
    outputs: dict[str, Scalar] = field(default_factory=dict)
    text: str = ""
    kind: Literal["wait.ended"] = "wait.ended"


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """An approval step was reached (or is asked again, under a new id)."""

    approval_id: str
    step: str
    digest: str
    environment: str
    roles: tuple[str, ...]
    needed: int
    expires_at: datetime
    escalate_at: datetime | None = None
    escalate_to: tuple[str, ...] = ()
    approve_token: str = field(default="", repr=False)
    deny_token: str = field(default="", repr=False)
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    reason_needed: bool = False
    quiet_hours: str = ""
    kind: Literal["approval.requested"] = "approval.requested"


@dataclass(frozen=True, slots=True)
class ApprovalReminded:
    """Those who may decide are reminded."""

    approval_id: str
    number: int
    """1 or 2."""
    kind: Literal["approval.reminded"] = "approval.reminded"


@dataclass(frozen=True, slots=True)
class ApprovalEscalated:
    """More roles may decide from now on."""

    approval_id: str
    roles: tuple[str, ...]
    kind: Literal["approval.escalated"] = "approval.escalated"


@dataclass(frozen=True, slots=True)
class ApprovalDecided:
    """One person's decision that counts."""

    approval_id: str
    by: By
    verdict: Verdict
    comment: str = ""
    on_behalf: By | None = None
    """Whose say it was, when somebody had handed it over."""
    kind: Literal["approval.decided"] = "approval.decided"


@dataclass(frozen=True, slots=True)
class ApprovalDelegated:
    """Somebody who may decide let another person do so."""

    approval_id: str
    by: By
    to: By
    kind: Literal["approval.delegated"] = "approval.delegated"


@dataclass(frozen=True, slots=True)
class ApprovalQuestioned:
    """Somebody who may decide wants to know something first; the request stays open."""

    approval_id: str
    number: int
    """1 for the first question of the request."""
    by: By
    text: str
    kind: Literal["approval.questioned"] = "approval.questioned"


@dataclass(frozen=True, slots=True)
class ApprovalQuestionAnswered:
    """Somebody whose plan it is has answered."""

    approval_id: str
    number: int
    by: By
    text: str
    kind: Literal["approval.question_answered"] = "approval.question_answered"


@dataclass(frozen=True, slots=True)
class ApprovalGranted:
    """Enough people approved."""

    approval_id: str
    kind: Literal["approval.granted"] = "approval.granted"


@dataclass(frozen=True, slots=True)
class ApprovalDenied:
    """Somebody eligible said no."""

    approval_id: str
    kind: Literal["approval.denied"] = "approval.denied"


@dataclass(frozen=True, slots=True)
class ApprovalExpired:
    """Nobody decided in time. The run waits until somebody asks again or cancels it."""

    approval_id: str
    again_token: str = field(default="", repr=False)
    kind: Literal["approval.expired"] = "approval.expired"


@dataclass(frozen=True, slots=True)
class ApprovalAskedAgain:
    """Somebody wants an expired request asked again; a new one follows."""

    approval_id: str
    by: By
    kind: Literal["approval.asked_again"] = "approval.asked_again"


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """The parameters changed: every approval is void, and the steps in `redo` happen anew."""

    parameters: dict[str, Scalar]
    digest: str
    by: By
    redo: tuple[str, ...]
    kind: Literal["plan.changed"] = "plan.changed"


@dataclass(frozen=True, slots=True)
class RunCompleted:
    """Every step is done or skipped."""

    kind: Literal["run.completed"] = "run.completed"


@dataclass(frozen=True, slots=True)
class RunDenied:
    """An approval was denied."""

    approval_id: str
    kind: Literal["run.denied"] = "run.denied"


@dataclass(frozen=True, slots=True)
class RunFailed:
    """A step failed for good, or the run itself is broken (then `step` is empty)."""

    failure: Failure
    step: str = ""
    kind: Literal["run.failed"] = "run.failed"


@dataclass(frozen=True, slots=True)
class RunCancelled:
    """A person stopped it."""

    by: By
    reason: str = ""
    kind: Literal["run.cancelled"] = "run.cancelled"


@dataclass(frozen=True, slots=True)
class RunReopened:
    """A person goes on with a run that failed or was stopped: failed steps happen again, or are skipped."""

    by: By
    retry: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    queued: bool = False
    """It waits for its turn once more: `RunAdmitted` follows."""
    reason: str = ""
    kind: Literal["run.reopened"] = "run.reopened"


@dataclass(frozen=True, slots=True)
class RollbackStarted:
    """What has acted is undone, in this order; nothing else begins any more."""

    undo: tuple[str, ...]
    """Ids of the steps to undo."""
    cause: RollbackCause
    by: By | None = None
    reason: str = ""
    failure: Failure | None = None
    kind: Literal["rollback.started"] = "rollback.started"


@dataclass(frozen=True, slots=True)
class RunRolledBack:
    """Everything that had acted is undone."""

    kind: Literal["run.rolled_back"] = "run.rolled_back"


@dataclass(frozen=True, slots=True)
class RunTimedOut:
    """It was not over within the time that its workflow gives a run."""

    kind: Literal["run.timed_out"] = "run.timed_out"


StepEvent = (
    StepStarted
    | StepProgressed
    | StepCompleted
    | StepFailed
    | StepBackoffEnded
    | StepSkipped
    | StepPostponed
    | StepInterrupted
    | StepAnswered
    | ConditionEvaluated
    | BlockStarted
    | WaitStarted
    | WaitEnded
)
ApprovalEvent = (
    ApprovalRequested
    | ApprovalReminded
    | ApprovalEscalated
    | ApprovalDecided
    | ApprovalDelegated
    | ApprovalQuestioned
    | ApprovalQuestionAnswered
    | ApprovalGranted
    | ApprovalDenied
    | ApprovalExpired
    | ApprovalAskedAgain
)
EndEvent = RunCompleted | RunDenied | RunFailed | RunCancelled | RunTimedOut | RunRolledBack
RunEvent = RunAdmitted | RunPaused | RunResumed | RunReopened | RollbackStarted
Event = RunStarted | RunEvent | StepEvent | ApprovalEvent | PlanChanged | EndEvent

_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Tagged(discriminator="kind")])
KINDS: frozenset[str] = frozenset(event.__dataclass_fields__["kind"].default for event in get_args(Event))


def encode(event: Event) -> tuple[str, dict[str, object]]:
    """Kind and JSON-compatible data, as stored."""
    data = _EVENT.dump_python(event, mode="json")
    return data.pop("kind"), data


def decode(stored: StoredEvent) -> Event:
    """Read back what `encode` gave; HistoryError when the kind is unknown or the data does not fit."""
    if stored.kind not in KINDS:
        raise HistoryError(f"event {stored.version} is of the unknown kind {stored.kind!r}")
    try:
        return _EVENT.validate_python({**stored.data, "kind": stored.kind})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise HistoryError(f"event {stored.version} ({stored.kind}) is unreadable: {faults}") from error
