"""Workflow definitions as values. `core.workflow.reading` makes them from YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field as Tagged

from core.tools import Risk
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.common import Scalar, as_text


class ParameterType(StrEnum):
    """What a parameter takes."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing to say when starting a run."""

    name: str
    type: ParameterType = ParameterType.STRING
    required: bool = False
    default: Scalar | None = None
    choices: tuple[str, ...] = ()
    """For CHOICE: the values, in order."""
    pattern: str = ""
    """For STRING: a regular expression that the whole value matches."""
    description: str = ""
    secret: bool = False
    """Masked wherever the run is shown, and kept out of its history."""


Step = Annotated[ActionStep | ApprovalStep, Tagged(discriminator="type")]


@dataclass(frozen=True, slots=True)
class Definition:
    """A workflow as it was read. A run keeps the definition it was started with."""

    name: str
    version: str
    """Semantic: 1.4.0"""
    title: str
    steps: tuple[Step, ...]
    """Each after those it needs."""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    roles: tuple[str, ...] = ()
    """Holders of any of these may start it; empty: whoever the permissions allow."""

    @property
    def risk(self) -> Risk:
        """The worst of its actions."""
        risks = [step.risk for step in self.steps if isinstance(step, ActionStep)]
        return max(risks, key=list(Risk).index, default=Risk.READ)

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def step(self, step_id: str) -> ActionStep | ApprovalStep:
        """The step of this id; KeyError when there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def action(self, step_id: str) -> ActionStep:
        """The action of this id; KeyError when there is none."""
        step = self.step(step_id)
        if not isinstance(step, ActionStep):
            raise KeyError(step_id)
        return step


MASK = "•••"
_SEALED = "sealed:"


def sealed(token: str) -> str:
    """The reference that stands for a secret value; see `core.workflow.sealing`."""
    return _SEALED + token


def is_sealed(value: Scalar) -> bool:
    """Whether it is such a reference."""
    return isinstance(value, str) and value.startswith(_SEALED)


def shown(definition: Definition, parameters: Mapping[str, Scalar]) -> dict[str, str]:
    """The parameters as text for people and read models, in the definition's order, secrets masked."""
    return {
        parameter.name: MASK if parameter.secret or is_sealed(value) else as_text(value)
        for parameter in definition.parameters
        if (value := parameters.get(parameter.name)) is not None
    }
