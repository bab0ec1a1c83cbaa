"""What schedules and triggers have in common: whose runs they start, and where those are shown."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from core.actors import Actor, Standing
from core.errors import HistoryError
from core.messages import Account, Place, Platform
from core.ports.records import AuditRow, Transaction
from core.workflow import service
from core.workflow.catalogue import Catalogue
from core.workflow.definition import Definition
from core.workflow.run import Run
from core.workflow.signals import Means, Origin
from core.workflow.steps.common import Scalar
from core.workflow.trail import SYSTEM

_NAME = "Copilot"
ACCOUNT = Account(Platform.API, "", SYSTEM)
"""Whose the runs are that nobody asked for."""
_REPLACED = "the next run of its schedule began"


@dataclass(frozen=True, slots=True)
class Starting:
    """What the starting of runs needs besides the means of signals."""

    catalogue: Catalogue
    channel: Place | None = None
    """Where the cards of runs stand whose workflow names no channel."""

    def place(self, definition: Definition, happened: Place | None = None) -> Place | None:
        """Where the card of a run of this workflow stands: the channel that it names, else where the event happened, else the one
        of the settings; None where there is none of them."""
        return channel_of(definition) or happened or self.channel


def channel_of(definition: Definition) -> Place | None:
    """The channel that a workflow names."""
    if not definition.channel:
        return None
    named = Account.parse(definition.channel)
    return Place(named.platform, named.workspace, named.id)


def actor_for(definition: Definition) -> Actor:
    """Who asks for a run that a schedule or an event starts. Whoever wrote the definition has decided that it may: it has the roles
    that the workflow wants of people."""
    return Actor(ACCOUNT, _NAME, Standing.MEMBER, frozenset(definition.roles))


def begin(
    tx: Transaction,
    means: Means,
    definition: Definition,
    parameters: Mapping[str, Scalar],
    *,
    cause: str,
    origin: Origin,
) -> Run:
    """Start a run on behalf of the installation."""
    done = service.start(tx, means, definition, parameters, actor_for(definition), origin=origin, cause=cause)
    if isinstance(done, service.NotDone):
        raise TypeError(f"{definition.name} was refused to the installation itself: {done.obstacle}")
    return done.run


def end(tx: Transaction, means: Means, run_id: str, definition: Definition, *, origin: Origin) -> None:
    """Cancel a run for the sake of the next one. One that cannot be read ends by the worker that meets it."""
    with suppress(HistoryError):
        service.cancel(tx, means, run_id, actor_for(definition), origin=replace(origin, place=None), reason=_REPLACED)


def leave_out(tx: Transaction, definition: Definition, reason: str, *, cause: str, at: datetime) -> None:
    """Keep on the record that a run was due, and why there is none."""
    tx.audit.add(AuditRow(at, SYSTEM, "run.start", definition.name, "refused", reason, details={"cause": cause}))
