"""What steps of every type are made of: scalars, references to parameters and outputs, conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field as Tagged

Scalar = str | int | float | bool
"""What parameters, inputs and outputs are."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value written in the definition."""

    value: Scalar
    kind: Literal["constant"] = "constant"


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """`${{ parameters.NAME }}`"""

    name: str
    kind: Literal["parameter"] = "parameter"


@dataclass(frozen=True, slots=True)
class OutputRef:
    """`${{ steps.STEP.outputs.NAME }}`"""

    step: str
    name: str
    kind: Literal["output"] = "output"


@dataclass(frozen=True, slots=True)
class ItemRef:
    """`${{ item }}`: what the innermost loop is at."""

    outer: int = 0
    """Handed into a sub-workflow with loops of its own: so many of them stand between."""
    kind: Literal["item"] = "item"


@dataclass(frozen=True, slots=True)
class EventRef:
    """`${{ event.NAME }}`: a field of the event that starts a run."""

    name: str
    kind: Literal["event"] = "event"


Part = Annotated[Constant | ParameterRef | OutputRef | ItemRef | EventRef, Tagged(discriminator="kind")]
Input = tuple[Part, ...]
"""One part alone keeps its type; several are joined as text."""


@dataclass(frozen=True, slots=True)
class When:
    """The step is skipped unless the parameter's value is one of these (compared as text)."""

    parameter: str
    values: tuple[str, ...]

    def holds(self, parameters: Mapping[str, Scalar]) -> bool:
        """True when the step is to happen."""
        return as_text(parameters.get(self.parameter, "")) in self.values


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition in the Common Expression Language, checked when the definition was read; see `core.workflow.expressions`."""

    text: str


@dataclass(frozen=True, slots=True)
class Guard:
    """The step belongs to one branch of a condition: it is skipped when the other one is taken."""

    condition: str
    """Id of the condition step."""
    result: bool


class OnFailure(StrEnum):
    """What the failure of a step means for its run."""

    FAIL = "fail"
    """Nothing new begins, and the run has failed when what is under way is over."""
    CONTINUE = "continue"
    """What needs the step goes ahead."""
    COMPENSATE = "compensate"
    """As FAIL, and what has acted is undone in reverse order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBase:
    """What every step has."""

    id: str
    """Within a loop or a sub-workflow `LOOP.step`; of the third item of a loop `LOOP.3.step`."""
    title: str
    needs: tuple[str, ...] = ()
    when: When | Expression | None = None
    on_failure: OnFailure = OnFailure.FAIL
    guard: Guard | None = None
    block: str = ""
    """The parallel or loop step that it belongs to, "" for none."""
    branch: str = ""
    """Which branch of a parallel step; of a loop the number of the item, from 1."""
    item: Scalar | None = None
    """What the loop is at."""
    parameters: dict[str, Input] | None = None
    """Of a step of a sub-workflow: what its expressions know as parameters, None where that is the run's own."""


def as_text(value: Scalar) -> str:
    """The value as people type it: `true`, `3`, `checkout`."""
    return str(value).lower() if isinstance(value, bool) else str(value)
