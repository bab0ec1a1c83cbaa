"""What a run needs next. Pure: `decide` looks at the run alone; the worker and the service carry its commands out."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import BotError, Failure, describe
from core.messages import StepState
from core.workflow import values
from core.workflow.definition import Block, Step
from core.workflow.events import RollbackCause
from core.workflow.run import Run, StepRecord, undo_id
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.blocks import GroupStep, LoopStep, ParallelStep
from core.workflow.steps.common import OnFailure, Scalar
from core.workflow.steps.condition import ConditionStep
from core.workflow.steps.wait import WaitStep


@dataclass(frozen=True, slots=True)
class ExecuteStep:
    """Call the step's tool."""

    step: ActionStep
    attempt: int
    key: str
    """Idempotency key: `RUN-ID/step/revision`, the same over all attempts; `.1` follows when somebody went on after its failure."""


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """Ask people."""

    step: ApprovalStep


@dataclass(frozen=True, slots=True)
class BeginWait:
    """Let time pass, or wait for an event."""

    step: WaitStep


@dataclass(frozen=True, slots=True)
class BeginBlock:
    """Let the steps of a block begin."""

    step: str
    items: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Conclude:
    """A condition has a value."""

    step: str
    result: bool


@dataclass(frozen=True, slots=True)
class CompleteBlock:
    """Enough of its branches are done."""

    step: str


@dataclass(frozen=True, slots=True)
class FailStep:
    """It cannot begin, or a block has come to nothing."""

    step: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class SkipStep:
    """Its condition does not hold."""

    step: str


@dataclass(frozen=True, slots=True)
class CompleteRun:
    """Nothing is left."""


@dataclass(frozen=True, slots=True)
class DenyRun:
    """An approval was denied."""

    approval_id: str


@dataclass(frozen=True, slots=True)
class FailRun:
    """A step failed for good."""

    step: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class RollBack:
    """Undo what has acted."""

    undo: tuple[str, ...]
    cause: RollbackCause
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class EndRollback:
    """Everything is undone."""


Command = (
    ExecuteStep
    | RequestApproval
    | BeginWait
    | BeginBlock
    | Conclude
    | CompleteBlock
    | FailStep
    | SkipStep
    | CompleteRun
    | DenyRun
    | FailRun
    | RollBack
    | EndRollback
)

_PASSED = frozenset({StepState.DONE, StepState.SKIPPED})
_OPEN = frozenset({StepState.PENDING, StepState.RUNNING, StepState.WAITING})


def decide(run: Run) -> tuple[Command, ...]:
    """Everything that can be done now, in the definition's order; empty while waiting and after the end.

    1. Rolling back: when the calls under way are over, the steps that have acted are undone one after the other; then the run ends.
    2. A step outside of any block has failed: nothing new begins; when the calls under way are over, the run ends or rolls back.
    3. Every step is done, skipped, or has failed without harm: the run is complete.
    4. Else every step whose needs are met goes ahead; a gate holds up only what needs it. A paused run begins nothing.
    """
    if run.ended is not None or run.queued:
        return ()
    if run.rollback is not None:
        return tuple(_undo_next(run))
    top = run.inside("")
    if broken := [record for record in top if _broken(run, record)]:
        return () if _under_way(run) else (_give_up(run, broken[0]),)
    if all(_passed(run, record) for record in top):
        return (CompleteRun(),)
    if run.paused_by is not None:
        return ()
    return tuple(_in_scope(run, top))


def to_undo(run: Run) -> tuple[str, ...]:
    """The steps that have acted, or may have, and say how they are undone; the latest first. Not those that are undone already."""
    acted = [record for record in run.steps.values() if record.attempt > 0 and _undoing(run, record)]
    acted.sort(key=lambda record: record.finished or run.version + 1)
    return tuple(record.id for record in reversed(acted))


def compensates(run: Run, record: StepRecord) -> bool:
    """Whether its failure, or that of a step within it, undoes what has acted."""
    causes = (run.nodes[record.id], run.nodes[_cause(run, record).id])
    return any(step.on_failure is OnFailure.COMPENSATE for step in causes)


# --- going ahead -----------------------------------------------------------------------------------------


def _in_scope(run: Run, records: list[StepRecord]) -> Iterator[Command]:
    """What goes ahead among these steps of one block, and within the blocks among them."""
    for record in records:
        if record.state is StepState.RUNNING and isinstance(run.nodes[record.id], Block):
            yield from _in_block(run, record)
        elif record.state is StepState.PENDING and _needs_met(run, record):
            yield _begin(run, record)


def _in_block(run: Run, record: StepRecord) -> Iterator[Command]:
    """A block ends when enough branches are done, or cannot be any more; till then its sound branches go ahead."""
    block = run.nodes[record.id]
    branches = _branches(run, record.id)
    broken = [name for name, inside in branches.items() if any(_broken(run, one) for one in inside)]
    done = [name for name, inside in branches.items() if all(_passed(run, one) for one in inside)]
    enough = block.join if isinstance(block, ParallelStep) else len(branches)
    if len(done) >= enough:
        yield CompleteBlock(record.id)
    elif len(branches) - len(broken) < enough:
        if not _under_way(run, record.id):
            yield FailStep(record.id, _failure(run, next(o for o in branches[broken[0]] if _broken(run, o))))
    else:
        sound = [name for name in branches if name not in broken and name not in done]
        for name in _allowed(block, sound, branches):
            yield from _in_scope(run, branches[name])


def _allowed(block: Step, names: list[str], branches: dict[str, list[StepRecord]]) -> list[str]:
    """The branches that may go ahead: of a loop as many rounds as it allows at once, those that have begun first."""
    if not isinstance(block, LoopStep):
        return names
    begun = [name for name in names if any(one.state is not StepState.PENDING for one in branches[name])]
    return (begun + [name for name in names if name not in begun])[: block.at_once]


def _branches(run: Run, block: str) -> dict[str, list[StepRecord]]:
    branches: dict[str, list[StepRecord]] = {}
    for record in run.inside(block):
        branches.setdefault(run.nodes[record.id].branch, []).append(record)
    return branches


def _needs_met(run: Run, record: StepRecord) -> bool:
    # A loop, and no generator: this is asked of every step that has not begun, each time that one is over.
    for need in run.nodes[record.id].needs:  # noqa: SIM110
        if not _passed(run, run.steps[need]):
            return False
    return True


def _passed(run: Run, record: StepRecord) -> bool:
    """What needs it may go ahead."""
    if record.state in _PASSED:
        return True
    return record.state is StepState.FAILED and run.nodes[record.id].on_failure is OnFailure.CONTINUE


def _broken(run: Run, record: StepRecord) -> bool:
    return record.state is StepState.FAILED and run.nodes[record.id].on_failure is not OnFailure.CONTINUE


def _begin(run: Run, record: StepRecord) -> Command:
    step = run.nodes[record.id]
    try:
        if not _applies(run, step):
            return SkipStep(step.id)
        match step:
            case ActionStep():
                return _execute(run, record, step)
            case ApprovalStep():
                return RequestApproval(step)
            case WaitStep():
                return BeginWait(step)
            case ParallelStep() | GroupStep():
                return BeginBlock(step.id)
            case LoopStep():
                return BeginBlock(step.id, values.items(run, step))
            case ConditionStep(expression=expression):
                return Conclude(step.id, values.applies(run, step, expression))
    except BotError as error:
        return FailStep(step.id, describe(error))


def _applies(run: Run, step: Step) -> bool:
    if step.guard is not None:
        condition = run.steps[step.guard.condition]
        if condition.outputs.get("result") is not step.guard.result:
            return False
    return step.when is None or values.applies(run, step, step.when)


def _execute(run: Run, record: StepRecord, step: ActionStep) -> ExecuteStep:
    again = f".{run.reopened}" if run.reopened else ""
    return ExecuteStep(step, record.attempt + 1, record.key or f"{run.id}/{step.id}/{run.revision}{again}")


# --- coming to an end ------------------------------------------------------------------------------------


def _under_way(run: Run, block: str = "") -> bool:
    """Whether a call is, within this block or anywhere. What else is open is called off with the block, or the run."""
    return any(
        record.state is StepState.RUNNING and isinstance(run.nodes[record.id], ActionStep) and run.is_within(id_, block)
        for id_, record in run.steps.items()
    )


def _give_up(run: Run, record: StepRecord) -> Command:
    cause = _cause(run, record)
    denied = cause.failure is None and cause.approval
    if compensates(run, record) and (undo := to_undo(run)):
        why = RollbackCause.DENIAL if denied else RollbackCause.FAILURE
        return RollBack(undo, why, None if denied else _failure(run, cause))
    return DenyRun(cause.approval) if denied else FailRun(cause.id, _failure(run, cause))


def _cause(run: Run, record: StepRecord) -> StepRecord:
    """What failed first within a block that came to nothing, else the step itself."""
    while inside := [one for one in run.inside(record.id) if _broken(run, one)]:
        record = inside[0]
    return record


def _failure(run: Run, record: StepRecord) -> Failure:
    cause = _cause(run, record)
    return cause.failure or Failure("FORBIDDEN", f"{run.nodes[cause.id].title} was denied.")


def _undo_next(run: Run) -> Iterator[Command]:
    """One after the other, when the calls under way are over."""
    rollback = run.rollback
    for step in rollback.undo if rollback else ():
        record = run.steps[undo_id(step)]
        if record.state is StepState.FAILED:
            yield FailRun(record.id, _failure(run, record))
            return
        if record.state in _OPEN:
            if record.state is StepState.PENDING and not _under_way(run):
                yield _execute(run, record, run.action(record.id))
            return
    yield EndRollback()


def _undoing(run: Run, record: StepRecord) -> bool:
    step = run.nodes[record.id]
    if not isinstance(step, ActionStep) or step.compensate is None:
        return False
    undone = run.steps.get(undo_id(record.id))
    return undone is None or undone.state is not StepState.DONE
