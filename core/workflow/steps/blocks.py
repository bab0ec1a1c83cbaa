"""Steps that hold other steps: side by side, in a group, or one round for each item of a list. Those name them as their `block`."""

from dataclasses import dataclass
from typing import Literal

from core.workflow.steps.common import Input, StepBase


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelStep(StepBase):
    """Branches that go ahead side by side. It is done when enough of them are; the others are called off then."""

    branches: tuple[str, ...]
    """Names, in order."""
    join: int
    """How many branches must be done: all of them, one, or a number between."""
    type: Literal["parallel"] = "parallel"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStep(StepBase):
    """Steps that stand for one: those of a sub-workflow, or one way that a condition may go. It is done when all of them are."""

    workflow: str = ""
    """Name and version of the sub-workflow."""
    type: Literal["group"] = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopStep(StepBase):
    """One round of its steps for each item. Its steps in the definition are patterns; `core.workflow.rounds` makes the real ones."""

    items: tuple[Input, ...]
    """Each one item; one that holds commas or line breaks stands for several."""
    at_once: int = 1
    """Rounds that may be under way at the same time."""
    type: Literal["loop"] = "loop"
