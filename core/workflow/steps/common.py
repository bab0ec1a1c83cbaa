"""What steps of every type are made of: scalars, references to parameters and outputs, conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
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


Part = Annotated[Constant | ParameterRef | OutputRef, Tagged(discriminator="kind")]
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


def as_text(value: Scalar) -> str:
    """The value as people type it: `true`, `3`, `checkout`."""
    return str(value).lower() if isinstance(value, bool) else str(value)
