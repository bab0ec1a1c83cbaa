"""What people may do about a run as a whole, besides deciding its approvals."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from core.actors import Actor
from core.ports.records import Transaction
from core.workflow import engine, service
from core.workflow.run import REOPENABLE, Run, RunStatus
from core.workflow.service import Done, NotDone
from core.workflow.signals import Means, Origin


class Steering(StrEnum):
    """The values are the verbs that people type."""

    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    """Go on with a run that failed or was stopped; what failed happens again."""
    SKIP = "skip"
    """The same, without what failed."""
    ROLL_BACK = "rollback"
    CANCEL = "cancel"


STARTS = frozenset({Steering.RETRY, Steering.SKIP, Steering.ROLL_BACK})
"""Those that set something going: who may start the workflow may do them. The others are for who may stop the run."""

_Signal = Callable[[Transaction, Means, str, Actor, Origin, str], Done | NotDone]
_SIGNALS: Mapping[Steering, _Signal] = {
    Steering.PAUSE: lambda tx, means, run, who, origin, reason: service.pause(
        tx, means, run, who, origin=origin, reason=reason
    ),
    Steering.RESUME: lambda tx, means, run, who, origin, reason: service.resume(
        tx, means, run, who, origin=origin, reason=reason
    ),
    Steering.RETRY: lambda tx, means, run, who, origin, reason: service.retry(
        tx, means, run, who, origin=origin, reason=reason
    ),
    Steering.SKIP: lambda tx, means, run, who, origin, reason: service.retry(
        tx, means, run, who, origin=origin, reason=reason, skip=True
    ),
    Steering.ROLL_BACK: lambda tx, means, run, who, origin, reason: service.roll_back(
        tx, means, run, who, origin=origin, reason=reason
    ),
    Steering.CANCEL: lambda tx, means, run, who, origin, reason: service.cancel(
        tx, means, run, who, origin=origin, reason=reason
    ),
}


def steer(
    tx: Transaction, means: Means, run_id: str, wanted: Steering, actor: Actor, *, origin: Origin, reason: str = ""
) -> Done | NotDone:
    """Do it, as `core.workflow.service` says; whether the actor may is judged by the caller."""
    return _SIGNALS[wanted](tx, means, run_id, actor, origin, reason)


def offered(run: Run) -> tuple[Steering, ...]:
    """What makes sense for the run as it stands, in the order of buttons."""
    if run.ended is None:
        if run.rollback is not None:
            return (Steering.CANCEL,)
        return (Steering.RESUME if run.paused_by else Steering.PAUSE, Steering.CANCEL)
    undo = not run.sealed and run.rollback is None and bool(engine.to_undo(run))
    if run.ended in REOPENABLE and not run.sealed:
        skip = (Steering.SKIP,) if run.ended is RunStatus.FAILED and run.rollback is None else ()
        return (Steering.RETRY, *skip, *((Steering.ROLL_BACK,) if undo else ()))
    return (Steering.ROLL_BACK,) if undo and run.ended is RunStatus.COMPLETED else ()
