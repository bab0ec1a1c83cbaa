"""A run: the state that its history adds up to. `core.workflow.history` folds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.errors import Failure
from core.messages import Account, Place, StepState
from core.tools import Link
from core.workflow.approvals import Approval, ApprovalStatus
from core.workflow.definition import Definition, Step
from core.workflow.events import By, RollbackCause
from core.workflow.steps.action import ActionStep
from core.workflow.steps.common import Scalar, as_text

_UNDO = "~undo"


def undo_id(step: str) -> str:
    """Id of the step that undoes this one."""
    return step + _UNDO


def undone(step: str) -> str:
    """Id of the step that this one undoes; its own when it undoes none."""
    return step.removesuffix(_UNDO)


def is_undo(step: str) -> bool:
    """Whether the step undoes another one."""
    return step.endswith(_UNDO)


class RunStatus(StrEnum):
    """How a run stands as a whole."""

    PENDING = "pending"
    """For its turn: as many runs as may go on at once do."""
    RUNNING = "running"
    WAITING = "waiting"
    """For people: a request is open, or a question about an interrupted step."""
    PAUSED = "paused"
    EXPIRED = "expired"
    """A request expired and nothing else goes on; asking again brings it back."""
    COMPLETED = "completed"
    DENIED = "denied"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    TIMED_OUT = "timed_out"


ENDED = frozenset(
    {
        RunStatus.COMPLETED,
        RunStatus.DENIED,
        RunStatus.FAILED,
        RunStatus.CANCELLED,
        RunStatus.ROLLED_BACK,
        RunStatus.TIMED_OUT,
    }
)

REOPENABLE = (RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.TIMED_OUT)
"""Ends after which a person may go on."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """How one step stands. WAITING: an approval that is open or expired, an action before its next attempt or with a question
    about the last one, a wait. RUNNING: a call, or a block whose steps are under way."""

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
    """Of an action: its next attempt."""
    question: str = ""
    """The token of the question whether an attempt of unknown outcome is to be repeated; "" when there is none."""
    until: datetime | None = None
    """Of a wait: the end, or the latest moment for its event."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    finished: int = 0
    """Of an action: the version of the history at which it came to its end. By this, and not by the clocks of workers, is told
    what came last."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """Undoing what has acted."""

    undo: tuple[str, ...]
    """Steps, in the order in which they are undone; the undoing of `x` is the step `x~undo`."""
    cause: RollbackCause
    by: By | None = None
    reason: str = ""
    failure: Failure | None = None


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
    nodes: Mapping[str, Step]
    """What there is to do, by id: the definition's steps, of loops those of each round, in a roll-back the undoing ones."""
    steps: Mapping[str, StepRecord]
    """How each of them stands."""
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
    slot: str = ""
    queued: bool = False
    cause: str = ""
    paused_by: By | None = None
    pause_reason: str = ""
    rollback: Rollback | None = None
    reopened: int = 0
    """How often somebody went on with it after its end."""
    sealed: bool = False
    """Some of its values are references to secrets (`core.workflow.sealing`), or were."""

    @property
    def status(self) -> RunStatus:
        """How it stands: what waits for people comes before what goes on by itself."""
        if self.ended is not None:
            return self.ended
        if self.queued:
            return RunStatus.PENDING
        if any(step.question for step in self.steps.values()):
            return RunStatus.WAITING
        if self.rollback:
            return RunStatus.ROLLING_BACK
        if self.paused_by:
            return RunStatus.PAUSED
        if any(approval.status is ApprovalStatus.OPEN for approval in self.approvals.values()):
            return RunStatus.WAITING
        if any(self._goes_on(step) for step in self.steps.values()):
            return RunStatus.RUNNING
        if any(self._expired(step) for step in self.steps.values()):
            return RunStatus.EXPIRED
        return RunStatus.RUNNING

    @property
    def environment(self) -> str:
        """The value of the parameter `environment`, "" without one."""
        return as_text(self.parameters.get("environment", ""))

    def action(self, step_id: str) -> ActionStep:
        """The action of this id; KeyError when there is none."""
        step = self.nodes[step_id]
        if not isinstance(step, ActionStep):
            raise KeyError(step_id)
        return step

    def inside(self, block: str) -> list[StepRecord]:
        """The steps directly within a block; of "" those that are in none."""
        return [self.steps[id_] for id_, step in self.nodes.items() if step.block == block and not is_undo(id_)]

    def is_within(self, step: str, block: str) -> bool:
        """Whether the step belongs to the block, however deep; everything does to ""."""
        while step != block and step:
            step = self.nodes[step].block
        return step == block

    def _goes_on(self, step: StepRecord) -> bool:
        called = step.state is StepState.RUNNING and isinstance(self.nodes[step.id], ActionStep)
        return called or step.retry_at is not None or (step.until is not None and step.state is StepState.WAITING)

    def _expired(self, step: StepRecord) -> bool:
        return step.state is StepState.WAITING and step.approval in self.approvals
