"""The step that waits for people."""

from dataclasses import dataclass, field
from typing import Literal

from core.workflow.steps.common import StepBase


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many of whom."""

    roles: tuple[str, ...]
    """Holders of any of these may decide."""
    needed: int = 1
    """Different people who must approve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStep(StepBase):
    """A gate: what needs it goes on when enough eligible people approved the plan as it is."""

    quorum: Quorum
    environments: dict[str, Quorum] = field(default_factory=dict)
    """Other quorums by the value of the parameter `environment`."""
    expires_after_seconds: float = 24 * 3600.0
    escalate_to: tuple[str, ...] = ()
    """Roles that may decide too once the request was escalated; without any it never is."""
    escalate_after_seconds: float = 18 * 3600.0
    """Three quarters of the time to live unless the definition says otherwise."""
    self_approval: bool = False
    """Whether those whose plan it is may decide."""
    channel: str = "approvals"
    """The kind of channel that the request is shown in; settings name the channels."""
    type: Literal["approval"] = "approval"

    def quorum_for(self, environment: str) -> Quorum:
        """The environment's own quorum, else the general one."""
        return self.environments.get(environment, self.quorum)
