"""The step that waits for people."""

from dataclasses import dataclass, field
from typing import Literal

from core.workflow.steps.common import StepBase


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many of whom. Whoever is named in any way may decide."""

    roles: tuple[str, ...] = ()
    needed: int = 1
    """Different people who must approve."""
    people: tuple[str, ...] = ()
    """Accounts (`slack:T0123/U1`), and names of the roles file (`@dana`, in small letters)."""
    groups: tuple[str, ...] = ()
    """Slack user groups and Discord roles, as roles name them: `slack:T0123/role:S0456`."""

    def __str__(self) -> str:
        return f"{self.needed} of {' or '.join((*self.roles, *self.people, *self.groups))}"


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
    not_by: tuple[str, ...] = ()
    """Other gates: whoever approved one of them does not approve this one, nor the other way round."""
    deny_reason: bool | None = None
    """Whether a denial takes a reason; None: as the settings say."""
    quiet_hours: str | None = None
    """When it reminds nobody and does not escalate (`core.quiet_hours`); "": never quiet; None: as the settings say."""
    type: Literal["approval"] = "approval"

    def quorum_for(self, environment: str) -> Quorum:
        """The environment's own quorum, else the general one."""
        return self.environments.get(environment, self.quorum)

    @property
    def quorums(self) -> tuple[Quorum, ...]:
        """All that may apply."""
        return (self.quorum, *self.environments.values())
