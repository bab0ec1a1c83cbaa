"""What a signal came to, and the record of one that changed nothing."""

from dataclasses import dataclass
from enum import StrEnum

from core.actors import Actor
from core.ports.records import AuditRow, Transaction
from core.workflow.approvals import Reason
from core.workflow.run import Run
from core.workflow.signals import Origin


class Obstacle(StrEnum):
    """Why a signal changed nothing. The list is closed."""

    UNKNOWN = "unknown"
    """No such run or approval."""
    ENDED = "ended"
    """The run is over."""
    NOT_WAITING = "not_waiting"
    """Only a run that waits for people can be changed; only an expired request asked again."""
    ACTED = "acted"
    """A step that the change concerns has already acted on another system."""
    SAME = "same"
    """Nothing would be different."""
    ROLE = "role"
    """The workflow may be started by other roles only."""
    ROLLING_BACK = "rolling_back"
    """What has acted is being undone: that can be stopped, but not paused."""
    ROLLED_BACK = "rolled_back"
    """It was undone before, and is not again."""
    NOTHING_TO_UNDO = "nothing_to_undo"
    """No step that has acted says how it is undone."""
    NOT_FAILED = "not_failed"
    """Only a run that failed, was stopped or ran out of time is gone on with."""
    NOT_ASKED = "not_asked"
    """The question about the step is answered already."""
    SECRETS = "secrets"
    """Its secret parameters were forgotten when it ended: it must be started anew."""


@dataclass(frozen=True, slots=True)
class Done:
    """The signal took effect; `run` is the state after it."""

    run: Run


@dataclass(frozen=True, slots=True)
class NotDone:
    """The signal changed nothing."""

    obstacle: Obstacle
    run: Run | None = None
    who_may: tuple[str, ...] = ()
    """Roles, for ROLE."""


def not_done(
    tx: Transaction, action: str, target: str, actor: Actor, obstacle: Obstacle, run: Run | None, origin: Origin
) -> NotDone:
    """Record that the signal changed nothing, and why."""
    refuse(tx, action, target, actor, obstacle, origin)
    return NotDone(obstacle, run)


def refuse(
    tx: Transaction, action: str, target: str, actor: Actor, reason: Obstacle | Reason, origin: Origin, **details: str
) -> None:
    """Put a refusal into the audit."""
    where = str(origin.place) if origin.place else ""
    row = AuditRow(
        origin.at, str(actor), action, target, "refused", reason.value, where, origin.correlation, dict(details)
    )
    tx.audit.add(row)
