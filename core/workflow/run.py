"""A run: the state that its history adds up to. `core.workflow.history` folds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.errors import Failure
from core.messages import Account, Place, StepState
from core.tools import Link
from core.workflow.approvals import Approval, ApprovalStatus
from core.workflow.definition import Definition
from core.workflow.events import By
from core.workflow.steps.common import Scalar, as_text


class RunStatus(StrEnum):
    """How a run stands as a whole."""

    RUNNING = "running"
    WAITING = "waiting"
    """For people: a request is open."""
    EXPIRED = "expired"
    """A request expired and nothing else goes on; asking again brings it back."""
    COMPLETED = "completed"
    DENIED = "denied"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({RunStatus.COMPLETED, RunStatus.DENIED, RunStatus.FAILED, RunStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class StepRecord:
    """How one step stands. WAITING: an approval that is open or expired, or an action before its next attempt."""

    id: str
    state: StepState = StepState.PENDING
    attempt: int = 0
    key: str = ""
    """Idempotency key once started."""
    item: str = ""
    """The work item whose holder executes it."""
    approval: str = ""
    """The latest request of an approval step."""
    progress: float | None = None
    text: str = ""
    """What the tool said last."""
    outputs: Mapping[str, Scalar] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    failure: Failure | None = None
    """Of the last attempt."""
    retry_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run at one version of its history."""

    id: str
    version: int
    definition: Definition
    parameters: Mapping[str, Scalar]
    requester: By
    place: Place | None
    """Where it was started; its card lives there."""
    digest: str
    """Of the plan as it is now."""
    revision: int
    """1, then one more for each change of the plan."""
    steps: Mapping[str, StepRecord]
    """By id, in the definition's order."""
    approvals: Mapping[str, Approval]
    """By id, in the order they were asked."""
    started_at: datetime
    updated_at: datetime
    authors: tuple[Account, ...]
    """The requester, then everybody who changed the plan."""
    ended: RunStatus | None = None
    finished_at: datetime | None = None
    failure: Failure | None = None
    cancelled_by: By | None = None
    reason: str = ""
    """Why it was cancelled."""
    correlation: str = ""
    traceparent: str = ""

    @property
    def status(self) -> RunStatus:
        """How it stands: what waits for people comes before what goes on by itself."""
        if self.ended is not None:
            return self.ended
        if any(approval.status is ApprovalStatus.OPEN for approval in self.approvals.values()):
            return RunStatus.WAITING
        if any(step.state is StepState.RUNNING or step.retry_at is not None for step in self.steps.values()):
            return RunStatus.RUNNING
        if any(self._expired(step) for step in self.steps.values()):
            return RunStatus.EXPIRED
        return RunStatus.RUNNING

    @property
    def environment(self) -> str:
        """The value of the parameter `environment`, "" without one."""
        return as_text(self.parameters.get("environment", ""))

    def _expired(self, step: StepRecord) -> bool:
        return step.state is StepState.WAITING and step.approval in self.approvals
