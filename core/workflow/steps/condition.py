"""The step that decides which way a run goes."""

from dataclasses import dataclass
from typing import Literal

from core.workflow.steps.common import Expression, StepBase

RESULT = "result"
"""Its only output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionStep(StepBase):
    """Evaluates an expression once; steps with a `Guard` on it happen or are skipped."""

    expression: Expression
    type: Literal["condition"] = "condition"
