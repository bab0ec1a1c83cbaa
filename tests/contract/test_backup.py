"""Backups: what comes back is what was there, into either database; what is broken or in the way changes nothing."""

import asyncio
import contextlib
import gzip
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import BotError, ConflictError, UnavailableError, UserInputError
from core.ports.records import AuditRow
from storage import migrate
from storage.archive import Header, counts, rows
from storage.backup import backup, reading
from storage.engine import open_records
from storage.records import SqlRecords
from storage.recovery import alone
from storage.restore import Restored, restore
from storage.tables import audit
from storage.unit import SqlTransaction
from tests.contract.builders import DANA, NASTY, NOW, turn
from tests.contract.test_erasure import fill
from tests.contract.test_upgrade import migrated_to, replayed


def silent(_done: int, _total: int) -> None:
    """Nobody looks."""


async def fill_sealed(records: SqlRecords) -> None:
    """One of everything, part of the audit sealed."""
    await records.write(fill)
    await records.write(lambda tx: tx.audit.seal(holder="a", lease_seconds=1, limit=3))
    await records.write(lambda tx: tx.inbox.add("nasty", NASTY, turn("c"), overtakes=False))
    await records.write(lambda tx: tx.people.put(DANA, name=NASTY, data={"a": [None, 1.5, NASTY]}, now=NOW))


async def contents(url: str) -> dict[str, list[str]]:
    def work(connection: sa.Connection) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {table: [] for table in counts(connection)}
        for table, row in rows(connection):
            found[table].append(repr(row))
        return found

    return await reading(url, work)


async def make(url: str, path: Path) -> Header:
    return await backup(url, path, now=NOW, progress=silent)


async def bring(url: str, path: Path, *, replace: bool = False, broken: bool = False) -> Restored:
    return await restore(url, path, replace=replace, broken_audit=broken)


@pytest.fixture
async def filled(database: str) -> str:
    """The address of a database with one of everything, which no bot uses."""
    async with open_records(database) as records:
        await fill_sealed(records)
    return database


@pytest.fixture(params=["sqlite", "postgresql"])
async def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where to restore: a database without records."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deep' / 'target.db'}"
    url: str = await request.getfixturevalue("postgres").migrated()
    return url


@pytest.mark.parametrize("name", ["b.gz", "b.db"])
async def test_what_comes_back_is_what_was_there(filled: str, target: str, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    header = await make(filled, path)
    before = await contents(filled)
    assert header.rows == {table: len(found) for table, found in before.items()}
    restored = await bring(target, path)
    assert await contents(target) == before
    assert (restored.rows, restored.audit.fault, restored.audit.sealed) == (header.rows, None, 3)
    async with open_records(target) as records:
        await records.write(fill_more)
        assert await records.write(lambda tx: tx.audit.seal(holder="a", lease_seconds=1, limit=9)) == 2
        assert (await records.read(lambda tx: tx.people.get(DANA)))[0] == NASTY  # type: ignore[index]


def fill_more(tx: SqlTransaction) -> None:
    """Counters go on after what was restored."""
    tx.inbox.add("more", "talk", turn("more"), overtakes=False)
    tx.audit.add(AuditRow(NOW, "system", "x", "y", "done"))
    tx.work.put("q", "key")


async def test_a_backup_of_one_moment_while_the_bot_writes(database: str, tmp_path: Path) -> None:
    """Each unit writes two rows; a backup has both or neither."""
    async with open_records(database) as records:
        await fill_sealed(records)
        done = asyncio.Event()

        async def write() -> int:
            number = 0
            while not done.is_set():
                number += 1
                await records.write(lambda tx, n=number: [tx.channels.set(f"lane{n}", name, "1") for name in "ab"])
            return number

        async with asyncio.TaskGroup() as group:
            writing = group.create_task(write())
            headers = [await make(database, tmp_path / f"b{n}.{end}") for n in range(3) for end in ("gz", "db")]
            done.set()
        assert writing.result() > 1
    assert all(header.rows["channel_settings"] % 2 == 1 for header in headers)  # one was there before


async def test_records_that_are_there_are_not_replaced_unasked(filled: str, tmp_path: Path) -> None:
    path = tmp_path / "b.gz"
    await make(filled, path)
    async with open_records(filled) as records:
        await records.write(fill_more)
    before = await contents(filled)
    with pytest.raises(ConflictError) as refused:
        await bring(filled, path)
    assert "--replace" in refused.value.hint
    assert await contents(filled) == before
    await bring(filled, path, replace=True)
    assert len((await contents(filled))["work_items"]) == 0


async def test_nothing_is_restored_under_a_running_bot(database: str, tmp_path: Path) -> None:
    path = tmp_path / "b.gz"
    async with open_records(database) as records, contextlib.AsyncExitStack() as stack:
        stack.enter_context(alone(database))
        await fill_sealed(records)
        await make(database, path)
        with pytest.raises(ConflictError, match="A bot uses"):
            await bring(database, path, replace=True)


Damage = Callable[[bytes], bytes]


def repacked(change: Callable[[list[str]], list[str]]) -> Damage:
    return lambda data: gzip.compress("".join(change(gzip.decompress(data).decode().splitlines(True))).encode())


DAMAGES: dict[str, Damage] = {
    "cut off": lambda data: data[: len(data) // 2],
    "bits": lambda data: data[:200] + bytes([data[200] ^ 255]) + data[201:],
    "no end": repacked(lambda lines: lines[:-1]),
    "a row less": repacked(lambda lines: [*lines[:3], *lines[4:]]),
    "a row changed": repacked(lambda lines: [lines[0], lines[1].replace("1", "2"), *lines[2:]]),
    "a table unknown": repacked(lambda lines: [lines[0], '["theirs",{"a":1}]\n', *lines[1:]]),
    "no JSON": repacked(lambda lines: [lines[0], "hello\n", *lines[1:]]),
    "not ours": repacked(lambda _lines: ['{"a": 1}\n']),
    "empty": repacked(lambda _lines: []),
    "from a newer one": repacked(lambda lines: [lines[0].replace('"schema":"', '"schema":"9'), *lines[1:]]),
    "no backup at all": lambda _data: b"hello",
}


@pytest.mark.parametrize("name", DAMAGES)
async def test_a_broken_backup_changes_nothing(filled: str, tmp_path: Path, name: str) -> None:
    path = tmp_path / "b.gz"
    await make(filled, path)
    path.write_bytes(DAMAGES[name](path.read_bytes()))
    before = await contents(filled)
    with pytest.raises(UserInputError) as refused:
        await bring(filled, path, replace=True)
    assert refused.value.hint
    assert await contents(filled) == before
    assert [found.name for found in tmp_path.iterdir() if "restoring" in found.name] == []


async def test_a_broken_sqlite_backup_changes_nothing(filled: str, tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    async with open_records(f"sqlite:///{tmp_path / 'source.db'}") as records:
        await fill_sealed(records)
    await make(f"sqlite:///{tmp_path / 'source.db'}", path)
    data = bytearray(path.read_bytes())
    data[4096:-4096] = b"\xff" * (len(data) - 8192)
    path.write_bytes(data)
    before = await contents(filled)
    with pytest.raises(BotError):
        await bring(filled, path, replace=True)
    assert await contents(filled) == before


async def test_a_backup_whose_audit_was_changed_is_told(filled: str, tmp_path: Path) -> None:
    path = tmp_path / "b.gz"
    async with open_records(filled) as records:
        await records.write(
            lambda tx: tx.connection.execute(sa.update(audit).where(audit.c.id == 2).values(reason="x"))
        )
    await make(filled, path)
    with pytest.raises(UserInputError, match="record 2") as refused:
        await bring(filled, path, replace=True)
    assert "--broken-audit" in refused.value.hint
    restored = await bring(filled, path, replace=True, broken=True)
    assert restored.audit.fault is not None


@pytest.mark.parametrize("name", ["b.gz", "b.db"])
async def test_a_backup_of_an_older_schema_fits_the_newer_one(target: str, tmp_path: Path, name: str) -> None:
    old = f"sqlite:///{tmp_path / 'old.db'}"
    await migrate.run_on(old, migrated_to("0001"))
    await migrate.run_on(old, replayed("0001", "OLD"))
    header = await make(old, tmp_path / name)
    assert header.schema == "0001"
    restored = await bring(target, tmp_path / name)
    assert {table: restored.rows[table] for table in header.rows} == header.rows
    assert await migrate.check(target) == ""


async def test_an_older_schema_is_not_restored_into(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path / 'source.db'}"
    async with open_records(source) as records:
        await fill_sealed(records)
    await make(source, tmp_path / "b.gz")
    older = await request.getfixturevalue("postgres").empty()
    await migrate.run_on(older, migrated_to("0001"))
    with pytest.raises(UnavailableError) as refused:
        await bring(older, tmp_path / "b.gz")
    assert "copilot migrate" in refused.value.hint


async def test_a_file_that_exists_is_not_written_over(filled: str, tmp_path: Path) -> None:
    path = tmp_path / "b.gz"
    path.write_text("mine")
    with pytest.raises(ConflictError, match="exists already"):
        await make(filled, path)
    assert path.read_text() == "mine"
    with pytest.raises(UserInputError, match="no folder"):
        await make(filled, tmp_path / "nowhere" / "b.gz")


async def test_there_must_be_a_database_to_copy(tmp_path: Path) -> None:
    for name in ("b.gz", "b.db"):
        with pytest.raises(UserInputError, match="no database"):
            await make(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / name)
    assert list(tmp_path.iterdir()) == []


_LIMITED = """
import asyncio, resource, signal, sys
from datetime import datetime, timezone
from pathlib import Path
from core.errors import UnavailableError
from storage.backup import backup
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    asyncio.run(backup(sys.argv[1], Path(sys.argv[2]), now=datetime.now(timezone.utc), progress=lambda *_: None))
except UnavailableError as error:
    print(error.message, error.hint)
    sys.exit(3)
"""


@pytest.mark.parametrize("name", ["b.gz", "b.db"])
async def test_a_disk_that_is_full_leaves_no_half_backup(tmp_path: Path, name: str) -> None:
    """A limit on the size of files stands for the disk."""
    url = f"sqlite:///{tmp_path / 'records.db'}"
    async with open_records(url) as records:
        await fill_sealed(records)
        for number in range(200):
            await records.write(lambda tx, n=number: tx.channels.set(f"lane{n}", NASTY, str(hash(str(n)) ** 9)))
        # While the bot has it open: the limit is not for its own files.
        ended = subprocess.run(  # noqa: ASYNC221 -- nothing else happens meanwhile
            [sys.executable, "-c", _LIMITED, url, tmp_path / name], capture_output=True, text=True, check=False
        )
    assert ended.returncode == 3, ended.stderr
    assert "could not be written" in ended.stdout
    assert not [found.name for found in tmp_path.iterdir() if found.name.startswith("b.")]


async def test_a_locked_database_is_waited_for_and_then_told(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    url = f"sqlite:///{path}"
    async with open_records(url) as records:
        await fill_sealed(records)
    await make(url, tmp_path / "b.gz")
    before = await contents(url)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM audit").fetchone()
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("INSERT INTO channel_settings VALUES ('a', 'b', 'c')")
        with pytest.raises(ConflictError, match="uses this database"):
            await bring(url, tmp_path / "b.gz", replace=True)
    after = await contents(url)
    assert len(after.pop("channel_settings")) == len(before.pop("channel_settings")) + 1
    assert after == before
