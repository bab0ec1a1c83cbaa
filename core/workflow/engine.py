"""What a run needs next. Pure: `decide` looks at the run alone; the worker and the service carry its commands out."""

from dataclasses import dataclass

from core.errors import Failure, UpstreamProtocolError
from core.messages import StepState
from core.workflow.run import Run, StepRecord
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.common import Constant, Input, ParameterRef, Part, Scalar, as_text


@dataclass(frozen=True, slots=True)
class ExecuteStep:
    """Call the step's tool."""

    step: ActionStep
    attempt: int
    key: str
    """Idempotency key: `RUN-ID/step/revision`, the same over all attempts."""


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """Ask people."""

    step: ApprovalStep


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


Command = ExecuteStep | RequestApproval | SkipStep | CompleteRun | DenyRun | FailRun

_PASSED = frozenset({StepState.DONE, StepState.SKIPPED})


def decide(run: Run) -> tuple[Command, ...]:
    """Everything that can be done now, in the definition's order; empty while waiting and after the end.

    1. A step has failed: nothing new begins; when the calls under way are over, the run ends.
    2. Every step is done or skipped: the run is complete.
    3. Else every step whose needs are done or skipped goes ahead; a gate holds up only what needs it.
    """
    if run.ended is not None:
        return ()
    failed = [record for record in run.steps.values() if record.state is StepState.FAILED]
    if failed:
        return () if _under_way(run) else (_give_up(failed[0]),)
    if all(record.state in _PASSED for record in run.steps.values()):
        return (CompleteRun(),)
    return tuple(_begin(run, record) for record in run.steps.values() if _ready(run, record))


def inputs(run: Run, step: ActionStep) -> dict[str, Scalar]:
    """The values that the step's tool is called with; UpstreamProtocolError when an earlier tool kept back an output."""
    return {name: _join(run, parts) for name, parts in step.inputs.items()}


def _under_way(run: Run) -> bool:
    return any(record.state is StepState.RUNNING for record in run.steps.values())


def _give_up(record: StepRecord) -> Command:
    if record.failure is None:
        return DenyRun(record.approval)
    return FailRun(record.id, record.failure)


def _ready(run: Run, record: StepRecord) -> bool:
    needs = run.definition.step(record.id).needs
    return record.state is StepState.PENDING and all(run.steps[need].state in _PASSED for need in needs)


def _begin(run: Run, record: StepRecord) -> Command:
    step = run.definition.step(record.id)
    if step.when is not None and not step.when.holds(run.parameters):
        return SkipStep(step.id)
    if isinstance(step, ActionStep):
        return ExecuteStep(step, record.attempt + 1, record.key or f"{run.id}/{step.id}/{run.revision}")
    return RequestApproval(step)


def _join(run: Run, parts: Input) -> Scalar:
    values = [_value(run, part) for part in parts]
    return values[0] if len(values) == 1 else "".join(map(as_text, values))


def _value(run: Run, part: Part) -> Scalar:
    if isinstance(part, Constant):
        return part.value
    if isinstance(part, ParameterRef):
        return run.parameters.get(part.name, "")
    outputs = run.steps[part.step].outputs
    if part.name not in outputs:
        raise UpstreamProtocolError(part.step, f"Step {part.step} gave no output {part.name}.")
    return outputs[part.name]
