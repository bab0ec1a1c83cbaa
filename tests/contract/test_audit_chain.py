"""Sealing the audit: every record once, whoever seals; what is done to the tables is found."""

import asyncio
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot import housekeeping
from bot.metrics import Metrics
from core.audit import End, Fault, Verdict, Wrong
from core.ports.records import AuditRow
from storage.audit_chain import AuditChain
from storage.records import SqlRecords
from storage.tables import audit, audit_chain, audit_seals
from tests.contract.builders import DANA, NASTY, NOW, eventually
from tests.contract.statements import sent_statements

Tamper = Callable[[sa.Connection], object]


def row(number: int, **values: str) -> AuditRow:
    details = {"text": NASTY, "n": number, "list": ["a", None, 1.5]}
    return AuditRow(NOW, str(DANA), "run.start", f"RUN-{number}", "done", NASTY, details=details, before="a", **values)


async def add(records: SqlRecords, *numbers: int) -> None:
    for number in numbers:
        await records.write(lambda tx, n=number: tx.audit.add(row(n)))


async def seal(records: SqlRecords, *, holder: str = "a", limit: int = 100) -> int | None:
    return await records.write(lambda tx: tx.audit.seal(holder=holder, lease_seconds=60, limit=limit))


async def verify(records: SqlRecords) -> Verdict:
    return await records.read(lambda tx: AuditChain(tx.connection).verify())


async def tamper(records: SqlRecords, how: Tamper) -> None:
    await records.write(lambda tx: how(tx.connection))


async def test_records_are_sealed_in_batches(records: SqlRecords) -> None:
    await add(records, 1, 2, 3)
    assert await records.read(lambda tx: tx.audit.unsealed()) == 3
    assert [await seal(records, limit=2) for _ in range(3)] == [2, 1, 0]
    assert await records.read(lambda tx: tx.audit.unsealed()) == 0
    verdict = await verify(records)
    assert (verdict.fault, verdict.sealed, verdict.head.number) == (None, 3, 3)


async def test_an_empty_audit_is_sound(records: SqlRecords) -> None:
    assert await verify(records) == Verdict(End(), 0)


async def test_what_is_sealed_is_found_as_before(records: SqlRecords) -> None:
    await add(records, 1, 2)
    before = await records.read(lambda tx: tx.audit.find(actor=str(DANA)))
    await seal(records)
    assert await records.read(lambda tx: tx.audit.find(actor=str(DANA))) == before


async def test_one_of_two_holders_seals(records: SqlRecords, replica: SqlRecords) -> None:
    await add(records, 1)
    assert await seal(records, holder="a") == 1
    await add(records, 2)
    assert await seal(replica, holder="b") is None
    assert await seal(records, holder="a") == 1


async def test_two_sealers_at_once_chain_every_record_once(records: SqlRecords, replica: SqlRecords) -> None:
    """Each with a lease that is over at once, so that they take turns."""

    async def keep_sealing(sealer: SqlRecords, holder: str) -> None:
        while await sealer.read(lambda tx: tx.audit.unsealed()):
            await sealer.write(lambda tx: tx.audit.seal(holder=holder, lease_seconds=0, limit=3))

    await add(records, *range(20))
    writing = [add(records, *range(20, 40)), add(replica, *range(40, 60))]
    await asyncio.gather(*writing, keep_sealing(records, "a"), keep_sealing(replica, "b"))
    await keep_sealing(records, "a")
    verdict = await verify(records)
    assert (verdict.fault, verdict.sealed) == (None, 60)


async def test_a_record_that_is_committed_late_is_chained_late(records: SqlRecords) -> None:
    """On PostgreSQL a smaller id may appear after a greater one was sealed."""
    await add(records, 1, 2, 3)
    hidden = sa.update(audit).where(audit.c.id == 2)
    await tamper(records, lambda c: c.execute(hidden.values(seal=99)))
    await seal(records)
    await tamper(records, lambda c: c.execute(hidden.values(seal=None)))
    assert await seal(records) == 1
    verdict = await verify(records)
    assert (verdict.fault, verdict.sealed) == (None, 3)


async def test_adding_a_record_is_one_statement(records: SqlRecords) -> None:
    with sent_statements() as sent:
        await add(records, 1)
    assert [entry["statement"].split()[0] for entry in sent] == ["INSERT"]


async def test_looking_for_records_to_seal_writes_nothing(records: SqlRecords) -> None:
    with sent_statements() as sent:
        assert await records.read(lambda tx: tx.audit.unsealed()) == 0
    assert [entry["statement"].split()[0] for entry in sent] == ["SELECT"]


TAMPERINGS: dict[str, tuple[Tamper, Fault]] = {
    "reason changed": (
        lambda c: c.execute(sa.update(audit).where(audit.c.id == 2).values(reason="x")),
        Fault(2, 2, Wrong.CHANGED),
    ),
    "before set": (
        lambda c: c.execute(sa.update(audit).where(audit.c.id == 4).values(before="x")),
        Fault(4, 4, Wrong.CHANGED),
    ),
    "record removed": (lambda c: c.execute(sa.delete(audit).where(audit.c.id == 3)), Fault(3, 3, Wrong.MISSING)),
    "record and seal removed": (
        lambda c: [
            c.execute(sa.delete(audit).where(audit.c.id == 3)),
            c.execute(sa.delete(audit_seals).where(audit_seals.c.record == 3)),
        ],
        Fault(0, 3, Wrong.MISSING),
    ),
    "end cut off": (
        lambda c: [
            c.execute(sa.delete(audit).where(audit.c.id > 3)),
            c.execute(sa.delete(audit_seals).where(audit_seals.c.record > 3)),
        ],
        Fault(0, 4, Wrong.MISSING),
    ),
    "slipped in beside": (
        lambda c: c.execute(
            sa.insert(audit).values(
                id=77, at=NOW, actor="x", action="x", target="x", outcome="done", reason="", place="", correlation="",
                details={}, seal=3,
            )
        ),
        Fault(77, 3, Wrong.INSERTED),
    ),
    "ids swapped": (
        lambda c: [
            c.execute(sa.update(audit).where(audit.c.id == old).values(id=new))
            for old, new in ((2, 900), (3, 2), (900, 3))
        ],
        Fault(2, 2, Wrong.CHANGED),
    ),
    "seals swapped": (
        lambda c: [
            c.execute(sa.update(audit_seals).where(audit_seals.c.number == old).values(number=new))
            for old, new in ((2, 900), (3, 2), (900, 3))
        ],
        Fault(3, 2, Wrong.ORDER),
    ),
    "head moved": (
        lambda c: c.execute(sa.update(audit_chain).values(number=4)),
        Fault(0, 6, Wrong.MISSING),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_what_is_done_to_the_tables_is_found(records: SqlRecords, name: str) -> None:
    how, fault = TAMPERINGS[name]
    await add(records, 1, 2, 3, 4, 5)
    await seal(records)
    await tamper(records, how)
    assert (await verify(records)).fault == fault


async def test_a_seal_mark_taken_away_stops_no_sealing(records: SqlRecords) -> None:
    await add(records, 1, 2)
    await seal(records)
    await tamper(records, lambda c: c.execute(sa.update(audit).values(seal=None)))
    await add(records, 3)
    assert await seal(records) == 1
    assert (await verify(records)).fault is None


async def test_the_sealer_seals_what_comes_and_the_rest_at_its_end(records: SqlRecords) -> None:
    stop, metrics = asyncio.Event(), Metrics()
    async with asyncio.TaskGroup() as group:
        group.create_task(housekeeping.seal(records, holder="a", stop=stop, metrics=metrics, pause=0.01))
        await add(records, *range(130))
        await eventually(lambda: _all_sealed(records))
        await add(records, 130)
        stop.set()
    assert await _all_sealed(records)
    assert (await verify(records)).fault is None
    assert b"copilot_audit_unsealed" in metrics.text()


async def _all_sealed(records: SqlRecords) -> bool:
    return not await records.read(lambda tx: tx.audit.unsealed())


async def test_records_are_searched_by_everything(records: SqlRecords) -> None:
    await records.write(
        lambda tx: tx.audit.add(AuditRow(NOW, "a", "x.y", "t", "refused", "Because Ünï", details={"k": "Vé"}))
    )
    await add(records, 1)
    for filters in (
        {"outcome": "refused"},
        {"text": "because"},
        {"text": "because Ünï"},
        {"text": "Vé"},
        {"action": "x."},
        {"text": "%"},
    ):
        found = await records.read(lambda tx, f=filters: tx.audit.find(**f))
        assert [r.actor for r in found] == (["a"] if "%" not in filters.values() else [str(DANA)]), filters
    assert await records.read(lambda tx: tx.audit.find(since=NOW, until=NOW)) == []
    assert len(await records.read(lambda tx: tx.audit.find(since=NOW))) == 2
