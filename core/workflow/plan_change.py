"""What must happen anew when the parameters of a run change. Pure."""

import re
from collections.abc import Iterator, Mapping

from core.messages import StepState
from core.tools import Risk
from core.workflow.definition import Step
from core.workflow.expressions import word
from core.workflow.run import Run
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.blocks import LoopStep
from core.workflow.steps.common import Expression, Input, ParameterRef, Scalar, When
from core.workflow.steps.condition import ConditionStep
from core.workflow.steps.wait import WaitStep

_PARAMETER = re.compile(r"\bparameters\.(\w+)")


def redo(run: Run, parameters: Mapping[str, Scalar]) -> tuple[str, ...] | None:
    """The steps that the new parameters concern, in order; None when one of them has already acted, so that the change cannot be.

    Concerned are every approval step (its digest changes), every step that reads a changed parameter, all that need these, and
    the whole of a block in which one of them is.
    """
    names = {*run.parameters, *parameters}
    changed = frozenset(name for name in names if run.parameters.get(name) != parameters.get(name))
    concerned = {id_ for id_, step in run.nodes.items() if _concerns(step, changed)}
    before = 0
    while before != len(concerned):
        before = len(concerned)
        concerned |= {step.block for id_, step in run.nodes.items() if id_ in concerned and step.block}
        concerned |= {id_ for id_, step in run.nodes.items() if step.block in concerned or _after(step, concerned)}
    anew = tuple(id_ for id_ in run.nodes if id_ in concerned)
    return None if any(_has_acted(run, step) for step in anew) else anew


def _after(step: Step, concerned: set[str]) -> bool:
    return not concerned.isdisjoint(step.needs) or (step.guard is not None and step.guard.condition in concerned)


def _concerns(step: Step, changed: frozenset[str]) -> bool:
    if isinstance(step, ApprovalStep):
        return True
    words = frozenset(map(word, changed))
    return any(name in changed or name in words for name in _read(step))


def _read(step: Step) -> Iterator[str]:
    """Names of the parameters that a step looks at."""
    if isinstance(step.when, When):
        yield step.when.parameter
    for expression in _expressions(step):
        yield from _PARAMETER.findall(expression.text)
    for parts in _inputs(step):
        yield from (part.name for part in parts if isinstance(part, ParameterRef))


def _expressions(step: Step) -> Iterator[Expression]:
    if isinstance(step.when, Expression):
        yield step.when
    if isinstance(step, ConditionStep):
        yield step.expression


def _inputs(step: Step) -> Iterator[Input]:
    yield from (step.parameters or {}).values()
    match step:
        case ActionStep(inputs=inputs, compensate=undo):
            yield from inputs.values()
            yield from undo.inputs.values() if undo else ()
        case LoopStep(items=items):
            yield from items
        case WaitStep(until=until) if until:
            yield until
        case _:
            pass


def _has_acted(run: Run, step_id: str) -> bool:
    step, record = run.nodes[step_id], run.steps[step_id]
    if isinstance(step, LoopStep) and record.state is not StepState.PENDING:
        # Its rounds are laid out: other items would be other steps.
        return True
    return isinstance(step, ActionStep) and step.risk is not Risk.READ and record.attempt > 0
