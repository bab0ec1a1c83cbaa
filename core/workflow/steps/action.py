"""The step that calls a tool."""

from dataclasses import dataclass, field
from typing import Literal

from core.tools import Risk
from core.workflow.steps.common import Expression, Input, StepBase

LONGEST_DELAY = 300.0
"""Seconds between two attempts at most, unless the definition says otherwise."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how soon a failed call is repeated. Only failures that say so are, unless `on` names their codes."""

    count: int = 0
    """Repeats after the first attempt."""
    backoff_seconds: float = 2.0
    """Before the first repeat; doubles each time."""
    longest_seconds: float = LONGEST_DELAY
    jitter: float = 0.0
    """The share of the delay that chance may take away, 0 to 1, so that many runs do not come back together."""
    on: tuple[str, ...] = ()
    """Codes of `core.errors`; empty: whatever says that a retry helps."""

    def delay_after(self, attempt: int, chance: float = 0.0) -> float:
        """Seconds to wait after this attempt (1 is the first) failed. `chance`: from 0 to 1, how much of the jitter is taken."""
        delay = min(float(self.backoff_seconds * 2 ** (attempt - 1)), self.longest_seconds)
        return delay * (1.0 - self.jitter * chance)

    def covers(self, code: str, *, retryable: bool) -> bool:
        """Whether a failure of this code is repeated."""
        return code in self.on if self.on else retryable


@dataclass(frozen=True, slots=True)
class Undo:
    """The call that undoes an action. It must do no harm where the action did not happen."""

    tool: str
    risk: Risk
    inputs: dict[str, Input] = field(default_factory=dict)
    idempotent: bool = True


@dataclass(frozen=True, slots=True)
class Poll:
    """The call is a question that is asked until the answer will do."""

    holds: Expression
    """Over `outputs`."""
    every_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStep(StepBase):
    """Calls a tool with inputs."""

    tool: str
    risk: Risk
    """The tool's own, taken when the definition was read."""
    inputs: dict[str, Input] = field(default_factory=dict)
    retry: Retry = Retry()
    time_limit_seconds: float = 300.0
    """Of one attempt; of a poll, for all of them together."""
    idempotent: bool = True
    """Whether the tool takes two calls with one key for one; otherwise an attempt of unknown outcome is asked about."""
    compensate: Undo | None = None
    poll: Poll | None = None
    type: Literal["action"] = "action"
