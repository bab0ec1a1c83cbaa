"""What must happen anew when the parameters of a run change. Pure."""

from collections.abc import Mapping

from core.tools import Risk
from core.workflow.definition import Step
from core.workflow.run import Run
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.common import ParameterRef, Scalar


def redo(run: Run, parameters: Mapping[str, Scalar]) -> tuple[str, ...] | None:
    """The steps that the new parameters concern, in order; None when one of them has already acted, so that the change cannot be.

    Concerned are every approval step (its digest changes), every step that reads a changed parameter, and all that need these.
    """
    names = {*run.parameters, *parameters}
    changed = frozenset(name for name in names if run.parameters.get(name) != parameters.get(name))
    concerned: list[str] = []
    for step in run.definition.steps:
        if _concerns(step, changed) or not set(concerned).isdisjoint(step.needs):
            concerned.append(step.id)
    return None if any(_has_acted(run, step) for step in concerned) else tuple(concerned)


def _concerns(step: Step, changed: frozenset[str]) -> bool:
    if isinstance(step, ApprovalStep):
        return True
    read = {part.name for parts in step.inputs.values() for part in parts if isinstance(part, ParameterRef)}
    if step.when is not None:
        read.add(step.when.parameter)
    return not read.isdisjoint(changed)


def _has_acted(run: Run, step_id: str) -> bool:
    step, record = run.definition.step(step_id), run.steps[step_id]
    changes = isinstance(step, ActionStep) and step.risk is not Risk.READ
    return changes and record.attempt > 0
