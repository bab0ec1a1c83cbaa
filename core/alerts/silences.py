"""Silences of alert groups: the alert manager keeps quiet about what is alike in all that a group's alerts share."""

from dataclasses import replace
from datetime import timedelta

from core.actors import By
from core.alerts.group import AlertGroup, Silence
from core.errors import ConflictError
from core.ports.clock import Clock
from core.ports.records import StoredGroup, Transaction
from core.ports.telemetry import AlertManager, Matcher

LENGTH = timedelta(hours=2)
UNCONNECTED = "No alert manager is connected: `alertmanager.url` names one."
TOO_WIDE = (
    "These alerts do not share a name, so a silence of them would cover others, too. Make one in the alert manager."
)


def shared(group: AlertGroup) -> tuple[Matcher, ...]:
    """What picks these alerts and those that come alike; nothing where they do not share even a name."""
    if not group.labels.get("alertname"):
        return ()
    return tuple(Matcher(name, value) for name, value in sorted(group.labels.items()) if value)


async def begin(manager: AlertManager, group_id: str, group: AlertGroup, by: By, clock: Clock, comment: str) -> Silence:
    """The silence that is on from now, or was already: one that was begun and whose answer was lost, by us or on the way, counts.

    Raises:
        ConflictError: its alerts share no name.
        UpstreamError: the alert manager did not do it.
    """
    now = clock.now()
    matchers = shared(group)
    if not matchers:
        raise ConflictError(TOO_WIDE)
    if begun := await manager.silence_of(group_id):
        return Silence(begun.id, by, begun.until)
    named = by.name or str(by.account)
    id_ = await manager.silence(matchers, now, now + LENGTH, by=named, comment=comment, key=group_id)
    return Silence(id_, by, now + LENGTH)


def kept(tx: Transaction, group_id: str, silence: Silence) -> StoredGroup | None:
    """The group with its silence, on the record; None where it is gone."""
    latest = tx.alerts.get(group_id)
    return tx.alerts.save(replace(latest, group=replace(latest.group, silence=silence))) if latest else None
