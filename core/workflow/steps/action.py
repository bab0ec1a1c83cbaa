"""The step that calls a tool."""

from dataclasses import dataclass, field
from typing import Literal

from core.tools import Risk
from core.workflow.steps.common import Input, When


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how soon a failed call is repeated. Only failures that say so are."""

    count: int = 0
    """Repeats after the first attempt."""
    backoff_seconds: float = 2.0
    """Before the first repeat; doubles each time, up to five minutes."""

    def delay_after(self, attempt: int) -> float:
        """Seconds to wait after this attempt (1 is the first) failed."""
        return min(float(self.backoff_seconds * 2 ** (attempt - 1)), 300.0)


@dataclass(frozen=True, slots=True)
class ActionStep:
    """Calls a tool with inputs."""

    id: str
    title: str
    tool: str
    risk: Risk
    """The tool's own, taken when the definition was read."""
    inputs: dict[str, Input] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    when: When | None = None
    retry: Retry = Retry()
    time_limit_seconds: float = 300.0
    type: Literal["action"] = "action"
