"""`core.ports.records.Records`: units of work on both databases."""

import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from core.errors import BotError, ConflictError, UnavailableError
from core.messages import Turn, dump_incoming
from core.ports.records import Transaction
from storage import errors, migrate
from storage.engine import open_records
from storage.engine_sqlite import SqliteRecords
from storage.records import SqlRecords
from tests.contract.builders import NASTY, NOW, delivery, eventually, turn

LONG_TEXT = "🛠️ 100,000 characters " * 4_546


async def test_what_a_unit_returns_is_committed_and_returned(records: SqlRecords, replica: SqlRecords) -> None:
    assert await records.write(lambda tx: tx.channels.set("lane", "a", "1")) is None
    assert await replica.read(lambda tx: tx.channels.get("lane")) == {"a": "1"}


async def test_a_failing_unit_keeps_nothing_and_raises_its_own_exception(records: SqlRecords) -> None:
    def unit(tx: Transaction) -> None:
        tx.channels.set("lane", "a", "1")
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await records.write(unit)
    assert await records.read(lambda tx: tx.channels.get("lane")) == {}


async def test_a_failing_unit_leaves_the_others_of_its_commit_alone(records: SqlRecords) -> None:
    """Held back until all wait, so that on SQLite they share one commit."""
    gate = threading.Event()

    def hold(_tx: Transaction) -> None:
        if records.url.startswith("sqlite"):
            gate.wait(10)

    def unit(tx: Transaction, number: int) -> int:
        tx.channels.set("lane", str(number), "x")
        if number % 3 == 0:
            raise ConflictError(str(number))
        return number

    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(records.write(hold))
        others = asyncio.gather(
            *(records.write(lambda tx, n=number: unit(tx, n)) for number in range(20)),  # type: ignore[misc]  # bound
            return_exceptions=True,
        )
        await asyncio.wait({first}, timeout=0.05)
        gate.set()
        results = await others
    assert [result for result in results if isinstance(result, int)] == [n for n in range(20) if n % 3]
    assert sum(isinstance(result, ConflictError) for result in results) == 7
    kept = await records.read(lambda tx: tx.channels.get("lane"))
    assert sorted(map(int, kept)) == [n for n in range(20) if n % 3]


async def test_a_mistake_in_a_unit_is_raised_as_it_is_and_hurts_nobody_else(records: SqlRecords) -> None:
    def wrong(tx: Transaction) -> None:
        tx.connection.execute(sa.text("SELECT nonsense FROM nowhere"))  # type: ignore[attr-defined]  # below the port

    mistaken, fine = await asyncio.gather(
        records.write(wrong), records.write(lambda tx: tx.channels.set("lane", "a", "1")), return_exceptions=True
    )
    assert isinstance(mistaken, exc.SQLAlchemyError)
    assert fine is None


async def test_reading_does_not_write(records: SqlRecords) -> None:
    with pytest.raises((exc.SQLAlchemyError, UnavailableError)):
        await records.read(lambda tx: tx.channels.set("lane", "a", "1"))
    assert await records.read(lambda tx: tx.channels.get("lane")) == {}


async def test_a_read_sees_one_snapshot(records: SqlRecords) -> None:
    reading, written = threading.Event(), threading.Event()

    def twice(tx: Transaction) -> tuple[int, int]:
        before = len(tx.channels.get("lane"))
        reading.set()
        assert written.wait(10)
        return before, len(tx.channels.get("lane"))

    def in_another_loop(url: str) -> tuple[int, int]:
        async def read() -> tuple[int, int]:
            async with open_records(url) as other:
                return await other.read(twice)

        return asyncio.run(read())

    async with asyncio.TaskGroup() as tasks:
        read = tasks.create_task(asyncio.to_thread(in_another_loop, records.url))
        await asyncio.to_thread(reading.wait, 10)
        await records.write(lambda tx: tx.channels.set("lane", "a", "1"))
        written.set()
    assert read.result() == (0, 0)


@pytest.mark.parametrize("text", [NASTY.replace("\ud83d", ""), LONG_TEXT, "\x00" * 1_000], ids=["odd", "long", "null"])
async def test_whatever_people_type_comes_back(records: SqlRecords, text: str) -> None:
    await records.write(lambda tx: tx.inbox.add("e", text, turn(text, text=text), overtakes=False))
    await records.write(lambda tx: tx.outbox.put("o", delivery(text, text=text), now=NOW))
    entry = await records.write(lambda tx: tx.inbox.claim_next(text, holder="h", lease_seconds=30))
    assert entry is not None
    assert isinstance(entry.item, Turn)
    assert dump_incoming(entry.item) == dump_incoming(turn(text, text=text))
    lane = delivery().place.lane
    sending = await records.write(lambda tx: tx.outbox.claim_next(lane, holder="h", now=NOW, lease_seconds=30))
    assert sending is not None
    assert sending.delivery == delivery(text, text=text)


async def test_closed_records_say_so(tmp_path: Path) -> None:
    async with open_records(f"sqlite:///{tmp_path / 'records.db'}") as records:
        assert await records.healthy() == ""
    with pytest.raises(UnavailableError):
        await records.write(lambda tx: tx.channels.get("lane"))
    assert await records.healthy() != ""


async def test_units_that_wait_are_committed_before_closing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    async with asyncio.TaskGroup() as tasks, open_records(url) as records:
        for number in range(300):
            tasks.create_task(records.write(lambda tx, n=number: tx.channels.set("lane", str(n), "x")))
        await asyncio.sleep(0)
    async with open_records(url) as records:
        assert len(await records.read(lambda tx: tx.channels.get("lane"))) == 300


async def test_a_file_locked_by_another_process_is_unavailable_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    await migrate.upgrade(f"sqlite:///{path}")
    async with SqliteRecords(path, busy_seconds=0.05) as records:
        engine = sa.create_engine(f"sqlite:///{path}", connect_args={"isolation_level": None})
        with engine.connect() as other:
            other.exec_driver_sql("BEGIN IMMEDIATE")
            with pytest.raises(UnavailableError):
                await records.write(lambda tx: tx.channels.set("lane", "a", "1"))
            other.exec_driver_sql("ROLLBACK")
        engine.dispose()
        await records.write(lambda tx: tx.channels.set("lane", "a", "2"))
        assert await eventually(lambda: records.read(lambda tx: tx.channels.get("lane"))) == {"a": "2"}


def _leaves(kind: type[exc.SQLAlchemyError]) -> set[type[exc.SQLAlchemyError]]:
    below = kind.__subclasses__()
    return {kind}.union(*map(_leaves, below))


MISTAKES = (exc.DataError, exc.ProgrammingError, exc.NotSupportedError)
"""Drivers' complaints about our own statements: raised as they are."""


@pytest.mark.parametrize("kind", sorted(_leaves(exc.DBAPIError) - {exc.DBAPIError, exc.DatabaseError}, key=str))
def test_every_driver_error_has_its_place(kind: type[exc.DBAPIError]) -> None:
    ours = errors.translate(kind("statement", {}, Exception("reason")))
    assert (ours is None) == issubclass(kind, MISTAKES)
    assert ours is None or isinstance(ours, BotError)
