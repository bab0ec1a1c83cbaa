"""Links between accounts on both databases."""

import asyncio
from datetime import timedelta

import pytest

from core.errors import ConflictError
from core.messages import Account, Platform
from storage.records import SqlRecords
from tests.contract.builders import DANA, NOW

DISCORD = Account(Platform.DISCORD, "9", "5")
CONSOLE = Account(Platform.CONSOLE, "local", "dana")


async def test_a_link_is_seen_from_both_sides_and_by_every_replica(records: SqlRecords, replica: SqlRecords) -> None:
    assert await records.write(lambda tx: tx.people.link(DANA, DISCORD, now=NOW))
    assert not await replica.write(lambda tx: tx.people.link(DISCORD, DANA, now=NOW))
    assert await replica.read(lambda tx: tx.people.linked(DANA)) == {DISCORD}
    assert await replica.read(lambda tx: tx.people.linked(DISCORD)) == {DANA}
    assert await records.read(lambda tx: tx.people.linked(CONSOLE)) == frozenset()


async def test_an_ended_link_stays_on_the_record(records: SqlRecords) -> None:
    await records.write(lambda tx: tx.people.link(DANA, DISCORD, now=NOW))
    await records.write(lambda tx: tx.people.link(CONSOLE, DANA, now=NOW))
    assert await records.write(lambda tx: tx.people.unlink(DANA, now=NOW)) == {DISCORD, CONSOLE}
    assert await records.write(lambda tx: tx.people.unlink(DANA, now=NOW)) == frozenset()
    assert await records.read(lambda tx: tx.people.linked(DANA)) == frozenset()
    assert await records.read(lambda tx: tx.people.linked(DANA, former=True)) == {DISCORD, CONSOLE}
    assert await records.write(lambda tx: tx.people.link(DANA, DISCORD, now=NOW + timedelta(days=1)))
    assert await records.read(lambda tx: tx.people.linked(DANA)) == {DISCORD}


async def test_nobody_is_linked_with_themselves(records: SqlRecords) -> None:
    with pytest.raises(ConflictError):
        await records.write(lambda tx: tx.people.link(DANA, DANA, now=NOW))


async def test_links_made_at_once_are_one(records: SqlRecords, replica: SqlRecords) -> None:
    pairs = ((records, DANA, DISCORD), (replica, DISCORD, DANA))
    await asyncio.gather(*(store.write(lambda tx, a=a, b=b: tx.people.link(a, b, now=NOW)) for store, a, b in pairs))
    assert await records.read(lambda tx: tx.people.linked(DANA)) == {DISCORD}
