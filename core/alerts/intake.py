"""Puts what other systems tell on the record: the group, the card that shows it, the events that follow, all in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from core.alerts.alert import Notification, State
from core.alerts.group import AlertGroup, merge
from core.alerts.happening import happenings
from core.ports.records import StoredGroup, Transaction
from core.workflow.happenings import Happening

QUIET = timedelta(hours=1)
"""What fires again this long after the last news of a group that was over begins a new one, with a card of its own."""

Shows = Callable[[Transaction, StoredGroup], Sequence[str]]
"""Brings the cards of a group up to date; the lanes of its deliveries."""
Delivers = Callable[[Transaction, Happening], object]
"""Wakes and starts runs by an event."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a notification came to."""

    stored: StoredGroup
    lanes: tuple[str, ...]
    happened: int
    """Alerts that fired or resolved by it."""


def take(
    tx: Transaction, told: Notification, *, new_id: str, service_label: str, shows: Shows, delivers: Delivers
) -> Taken:
    """Merge it into its group. ConflictError: somebody else was first; run the unit again."""
    last = tx.alerts.latest(told.source, told.key)
    known = None if last and begins_anew(last.group, told) else last
    before = known.group if known else None
    after = replace(merge(before, told), service_label=service_label)
    if known is None:
        stored = StoredGroup(new_id, after, last.generation + 1 if last else 1)
        tx.alerts.add(stored)
    else:
        stored = known if after == before else tx.alerts.save(replace(known, group=after))
    events = list(happenings(before, after, told, service_label=service_label))
    lanes = [*shows(tx, stored)] if before != after else []
    for event in events:
        delivers(tx, event)
    return Taken(stored, tuple(lanes), len(events))


def begins_anew(group: AlertGroup, told: Notification) -> bool:
    """Whether it tells of something new, long after all of the group was over. Late and repeated news are of the old one."""
    if group.state is State.FIRING or told.at - group.last_seen < QUIET:
        return False
    return any(alert.ended is None and alert.started > group.last_seen for alert in told.alerts)
