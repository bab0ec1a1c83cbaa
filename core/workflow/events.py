"""What happens to a run, as past facts. The history of a run is a sequence of these, and nothing else is true about it."""

from dataclasses import dataclass, field
from datetime import datetime
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
    kind: Literal["run.started"] = "run.started"


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
    """The step's condition does not hold for this plan."""

    step: str
    kind: Literal["step.skipped"] = "step.skipped"


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
    kind: Literal["approval.decided"] = "approval.decided"


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


StepEvent = StepStarted | StepProgressed | StepCompleted | StepFailed | StepBackoffEnded | StepSkipped
ApprovalEvent = (
    ApprovalRequested
    | ApprovalReminded
    | ApprovalEscalated
    | ApprovalDecided
    | ApprovalGranted
    | ApprovalDenied
    | ApprovalExpired
    | ApprovalAskedAgain
)
EndEvent = RunCompleted | RunDenied | RunFailed | RunCancelled
Event = RunStarted | StepEvent | ApprovalEvent | PlanChanged | EndEvent

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
