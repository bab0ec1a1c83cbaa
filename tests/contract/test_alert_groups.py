"""`core.ports.records.AlertGroups` on both databases, and what taking a notification does there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.alerts.alert import Alert, Notification, State
from core.alerts.group import merge
from core.alerts.intake import QUIET, Taken, take
from core.cleaning import clean
from core.errors import ConflictError
from core.ports.records import StoredGroup, Transaction
from core.workflow.happenings import Happening
from storage.records import SqlRecords
from tests.contract.builders import NASTY, NOW

MINUTE = timedelta(minutes=1)
ODD = clean(NASTY)
"""As the door lets it in."""


def alert(*, began: int = 0, ended: int | None = None, fingerprint: str = "f") -> Alert:
    end = None if ended is None else NOW + ended * MINUTE
    return Alert(fingerprint, "HighErrorRate", NOW + began * MINUTE, end, {"service": ODD}, {"summary": ODD})


def told(*alerts: Alert, at: int = 0, key: str = f"{{}}:{ODD}") -> Notification:
    return Notification("shop", key, alerts, NOW + at * MINUTE, {"service": ODD})


async def taken(records: SqlRecords, notification: Notification, new_id: str) -> tuple[Taken, list[Happening]]:
    events: list[Happening] = []

    def unit(tx: Transaction) -> Taken:
        def shows(_tx: Transaction, stored: StoredGroup) -> list[str]:
            return [stored.id]

        def delivers(_tx: Transaction, event: Happening) -> None:
            events.append(event)

        return take(tx, notification, new_id=new_id, service_label="service", shows=shows, delivers=delivers)

    return await records.write(unit), events


async def test_a_group_is_kept_as_it_is_and_found_while_it_fires(records: SqlRecords) -> None:
    stored = StoredGroup("one", merge(None, told(alert())))
    await records.write(lambda tx: tx.alerts.add(stored))
    assert await records.read(lambda tx: tx.alerts.get("one")) == stored
    assert await records.read(lambda tx: tx.alerts.latest("shop", f"{{}}:{ODD}")) == stored
    assert await records.read(lambda tx: tx.alerts.latest("shop", "other")) is None
    assert await records.read(lambda tx: tx.alerts.open(limit=5)) == [stored]
    over = merge(stored.group, told(alert(ended=3), at=3))
    saved = await records.write(lambda tx: tx.alerts.save(replace(stored, group=over)))
    assert saved.version == 2
    assert await records.read(lambda tx: tx.alerts.open(limit=5)) == []


async def test_who_was_not_first_is_told(records: SqlRecords) -> None:
    stored = StoredGroup("one", merge(None, told(alert())))
    await records.write(lambda tx: tx.alerts.add(stored))
    with pytest.raises(ConflictError):
        await records.write(lambda tx: tx.alerts.add(replace(stored, id="two")))
    await records.write(lambda tx: tx.alerts.save(stored))
    with pytest.raises(ConflictError):
        await records.write(lambda tx: tx.alerts.save(stored))


async def test_news_changes_the_group_and_what_was_told_before_changes_nothing(records: SqlRecords) -> None:
    first, events = await taken(records, told(alert()), "a")
    assert (first.stored.id, first.lanes, [event.kind for event in events]) == ("a", ("a",), ["alert.fired"])
    again, events = await taken(records, told(alert()), "b")
    assert (again.stored.id, again.stored.version, again.lanes, events) == ("a", 1, (), [])
    over, events = await taken(records, told(alert(ended=3), at=3), "c")
    assert (over.stored.id, [event.kind for event in events]) == ("a", ["alert.resolved"])
    assert over.stored.group.state is State.RESOLVED


async def test_the_label_that_names_the_service_is_the_sources_own(records: SqlRecords) -> None:
    def unit(tx: Transaction) -> Taken:
        named = replace(told(alert()), labels={"app": "cart", "service": "shop"})
        return take(tx, named, new_id="x", service_label="app", shows=lambda *_: [], delivers=lambda *_: None)

    assert (await records.write(unit)).stored.group.service == "cart"
    kept = await records.read(lambda tx: tx.alerts.get("x"))
    assert kept
    assert kept.group.service == "cart"


async def test_long_after_all_was_over_another_group_begins_and_late_news_are_of_the_old_one(
    records: SqlRecords,
) -> None:
    await taken(records, told(alert(ended=3), at=3), "a")
    soon, _ = await taken(records, told(alert(began=10), at=10), "b")
    assert soon.stored.id == "a"
    await taken(records, told(alert(began=10, ended=12), at=12), "c")
    much_later = 12 + int(QUIET / MINUTE) + 1
    late, _ = await taken(records, told(alert(ended=3), at=much_later), "d")
    assert late.stored.id == "a"
    later = much_later + int(QUIET / MINUTE) + 1
    new, events = await taken(records, told(alert(began=later), at=later), "e")
    assert (new.stored.id, new.stored.generation, len(events)) == ("e", 2, 1)
    assert len(new.stored.group.tracks["f"].spells) == 1


async def test_old_groups_go_with_their_messages(records: SqlRecords) -> None:
    await taken(records, told(alert(ended=3), at=3), "over")
    await taken(records, told(alert(), key="other"), "fires")
    before = NOW + timedelta(days=1)
    assert await records.write(lambda tx: tx.retention.clean("alerts", before=before, limit=10)) == 1
    assert await records.read(lambda tx: tx.alerts.get("over")) is None
    assert await records.read(lambda tx: tx.alerts.get("fires")) is not None
