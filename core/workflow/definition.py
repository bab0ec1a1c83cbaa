"""Workflow definitions as values. `core.workflow.reading` makes them from YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import Field as Tagged

from core.tools import Risk
from core.workflow.durations import written
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.blocks import GroupStep, LoopStep, ParallelStep
from core.workflow.steps.common import Expression, Input, Scalar, as_text
from core.workflow.steps.condition import ConditionStep
from core.workflow.steps.wait import WaitStep


class ParameterType(StrEnum):
    """What a parameter takes."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    DURATION = "duration"
    """Written as 90s, 30m, 1h30m; the value is seconds."""
    SECRET = "secret"  # noqa: S105  # the name of the type
    """Text that is masked wherever the run is shown, and kept out of its history."""


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
    """Of the type SECRET, or another type that is treated as one."""


Step = Annotated[
    ActionStep | ApprovalStep | ConditionStep | ParallelStep | GroupStep | LoopStep | WaitStep,
    Tagged(discriminator="type"),
]
Block = ParallelStep | GroupStep | LoopStep


@dataclass(frozen=True, slots=True)
class Concurrency:
    """How many runs of a workflow go on at the same time; further ones wait for their turn in the order they came."""

    limit: int
    key: Input = ()
    """The limit is for each value of this; empty: for all runs of the workflow together."""


class Overlap(StrEnum):
    """What becomes of a scheduled run while the one before still goes on."""

    SKIP = "skip"
    ALLOW = "allow"
    REPLACE = "replace"
    """The one before is cancelled."""


class CatchUp(StrEnum):
    """What becomes of the times that passed while the bot was away."""

    NONE = "none"
    LAST = "last"
    """The latest of them is made up for."""
    ALL = "all"
    """Each of them, the latest 24 at most."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Starts a run again and again."""

    cron: str
    """Five fields, as in crontab(5); `core.workflow.cron` says what the clocks being changed does to it."""
    timezone: str = "UTC"
    """IANA name."""
    parameters: dict[str, Scalar] = field(default_factory=dict)
    overlap: Overlap = Overlap.SKIP
    catch_up: CatchUp = CatchUp.LAST


@dataclass(frozen=True, slots=True)
class Trigger:
    """Starts a run when something happens."""

    event: str
    """A kind of `core.workflow.happenings`."""
    match: Expression | None = None
    """Over `event`."""
    parameters: dict[str, Input] = field(default_factory=dict)
    """May refer to the event's fields."""
    at_most: int = 10
    """Runs that it starts within `per_seconds`."""
    per_seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Definition:
    """A workflow as it was read. A run keeps the definition it was started with."""

    name: str
    version: str
    """Semantic: 1.4.0"""
    title: str
    steps: tuple[Step, ...]
    """Each after those it needs, and after the block that it belongs to. Those of a loop are patterns of its rounds."""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    roles: tuple[str, ...] = ()
    """Holders of any of these may start it; empty: whoever the permissions allow."""
    time_limit_seconds: float | None = None
    """Of a whole run, waiting for people included."""
    concurrency: Concurrency | None = None
    schedules: tuple[Schedule, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    channel: str = ""
    """Where the cards of runs stand that nobody asked for: platform:workspace/CHANNEL; "" where the settings say."""

    @property
    def risk(self) -> Risk:
        """The worst of its actions."""
        risks = [step.risk for step in self.steps if isinstance(step, ActionStep)]
        risks += [step.compensate.risk for step in self.steps if isinstance(step, ActionStep) and step.compensate]
        return max(risks, key=list(Risk).index, default=Risk.READ)

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def step(self, step_id: str) -> Step:
        """The step of this id; KeyError when there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


MASK = "•••"
_SEALED = "sealed:"


def sealed(token: str) -> str:
    """The reference that stands for a secret value; see `core.workflow.sealing`."""
    return _SEALED + token


def is_sealed(value: Scalar) -> bool:
    """Whether it is such a reference."""
    return isinstance(value, str) and value.startswith(_SEALED)


def holds_sealed(values: Mapping[str, Scalar]) -> bool:
    """Whether any of them is such a reference."""
    return any(map(is_sealed, values.values()))


def shown(definition: Definition, parameters: Mapping[str, Scalar]) -> dict[str, str]:
    """The parameters as text for people and read models, in the definition's order, secrets masked."""
    return {
        parameter.name: MASK if parameter.secret or is_sealed(value) else typed(parameter, value)
        for parameter in definition.parameters
        if (value := parameters.get(parameter.name)) is not None
    }


def typed(parameter: Parameter, value: Scalar) -> str:
    """The value as people type it for this parameter: a duration is `1h30m`."""
    if parameter.type is ParameterType.DURATION and isinstance(value, int | float):
        return written(value)
    return as_text(value)
