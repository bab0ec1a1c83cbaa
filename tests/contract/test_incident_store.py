"""Incidents on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.actors import By
from core.errors import ConflictError
from core.incidents.incident import Entry, EntryKind, Incident, Link, Role, RoomState, Severity, Status
from core.messages import Account, Place, Platform
from core.ports.records import Records, Transaction
from tests.unit.test_incident_lifecycle import DANA, LEE, PLACE, START, incident


def full(**changes: object) -> Incident:
    """An incident with something in every field."""
    return incident(
        id="", service="checkout", details="a\x00b", private=True, room=Place(Platform.SLACK, "T1", "C9"),
        room_state=RoomState("topic", (LEE.account,), "1.0", "trouble"), roles={Role.SCRIBE: LEE},
        members=(DANA.account, LEE.account), tokens={"incident.status": "token"}, last_update_at=START, updates=2, **changes,
    )  # fmt: skip


async def test_what_is_stored_comes_back(records: Records) -> None:
    stored, fresh = await records.write(lambda tx: tx.incidents.add(full()))
    assert fresh
    assert stored.id.startswith("INC-")
    assert await records.read(lambda tx: tx.incidents.get(stored.id.lower())) == stored == replace(full(), id=stored.id)


@pytest.mark.parametrize(
    "id_", ["", "INC", "INC-", "INC-0", "INC-x", "RUN-1", "INC-99999999999999999999", "INC--1", "INC-٣"]
)
async def test_what_is_no_id_names_nothing(records: Records, id_: str) -> None:
    await records.write(lambda tx: tx.incidents.add(full()))
    assert await records.read(lambda tx: tx.incidents.get(id_)) is None


async def test_an_open_key_opens_one_incident(records: Records) -> None:
    first, _ = await records.write(lambda tx: tx.incidents.add(full(dedup_key="alert-1")))
    second, fresh = await records.write(lambda tx: tx.incidents.add(full(dedup_key="alert-1")))
    assert (second, fresh) == (first, False)
    closed = replace(first, status=Status.RESOLVED, ended_at=START)
    await records.write(lambda tx: tx.incidents.save(closed))
    third, fresh = await records.write(lambda tx: tx.incidents.add(full(dedup_key="alert-1")))
    assert fresh
    assert third.id != first.id


async def test_of_two_changes_at_once_one_conflicts(records: Records) -> None:
    stored, _ = await records.write(lambda tx: tx.incidents.add(full()))
    after = await records.write(lambda tx: tx.incidents.save(replace(stored, severity=Severity.SEV1)))
    assert after.version == stored.version + 1
    with pytest.raises(ConflictError):
        await records.write(lambda tx: tx.incidents.save(replace(stored, severity=Severity.SEV4)))
    assert await records.read(lambda tx: tx.incidents.get(stored.id)) == after


async def test_they_are_found_latest_first(records: Records) -> None:
    ids = []
    for hours, service in ((0, "checkout"), (1, "auth"), (2, "checkout")):
        at = START + timedelta(hours=hours)
        one = replace(full(), declared_at=at, service=service)
        stored, _ = await records.write(lambda tx, one=one: tx.incidents.add(one))  # type: ignore[misc]
        ids.append(stored.id)
    last = await records.read(lambda tx: tx.incidents.get(ids[2]))
    assert last
    await records.write(lambda tx: tx.incidents.save(replace(last, status=Status.CANCELLED, ended_at=START)))

    async def found(**filters: bool | str | int) -> list[str]:
        return [i.id for i in await records.read(lambda tx: tx.incidents.find(**filters))]

    assert await found() == [ids[1], ids[0]]
    assert await found(open_only=False) == ids[::-1]
    assert await found(open_only=False, service="checkout") == [ids[2], ids[0]]
    assert await found(open_only=False, limit=1) == [ids[2]]


async def test_the_timeline_is_in_the_order_of_what_happened(records: Records) -> None:
    stored, _ = await records.write(lambda tx: tx.incidents.add(full()))
    late = Entry(START + timedelta(minutes=2), EntryKind.NOTE, "late\x00", LEE)
    early = Entry(START, EntryKind.MESSAGE, "early", By(Account(Platform.DISCORD, "", "5"), ""), "message:C1/1.0")

    def unit(tx: Transaction) -> list[bool]:
        return [tx.incidents.log(stored.id, entry) for entry in (late, early, early, late)]

    assert await records.write(unit) == [True, True, False, True]
    assert list(await records.read(lambda tx: tx.incidents.timeline(stored.id))) == [early, late, late]


async def test_a_thing_is_linked_once(records: Records) -> None:
    stored, _ = await records.write(lambda tx: tx.incidents.add(full()))
    link = Link("run", "RUN-7K3QX2", "Deploy")
    assert await records.write(lambda tx: tx.incidents.link(stored.id, link, now=START))
    assert not await records.write(lambda tx: tx.incidents.link(stored.id, link, now=START))
    assert list(await records.read(lambda tx: tx.incidents.links(stored.id))) == [link]


async def test_channels_with_a_setting_are_found(records: Records) -> None:
    await records.write(lambda tx: tx.channels.set(PLACE.lane, "incidents", "sev2"))
    assert list(await records.read(lambda tx: tx.channels.having("incidents"))) == [(PLACE.lane, "sev2")]
    await records.write(lambda tx: tx.channels.set(PLACE.lane, "incidents", None))
    assert not await records.read(lambda tx: tx.channels.having("incidents"))
