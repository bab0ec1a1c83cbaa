"""A SQLite file that is locked, read-only, full, damaged or something else: a clear error with the way out, and nothing lost."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import UnavailableError
from storage import migrate
from storage.engine import open_records
from storage.engine_sqlite import SqliteRecords
from storage.records import SqlRecords
from tests.contract.builders import turn

_AS_NOBODY = """
import asyncio, os, sys
from core.errors import BotError
from storage.engine import open_records
os.setgroups([]); os.setgid(65534); os.setuid(65534)
async def work():
    async with open_records(sys.argv[1]) as records:
        await records.write(lambda tx: tx.channels.set("lane", "mute", "1"))
try:
    asyncio.run(work())
except BotError as error:
    print(error.message, error.hint)
    sys.exit(3)
"""


async def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """A limit on the pages stands for the disk."""
    path = tmp_path / "records.db"
    async with open_records(f"sqlite:///{path}") as records:
        await records.write(lambda tx: tx.inbox.add("first", "slack:T1/C1", turn("1"), overtakes=False))
        await records.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count=1").close())
        with pytest.raises(UnavailableError) as refused:
            await _fill_up(records)
        assert "Make room" in refused.value.hint
        assert await records.healthy() == ""
        await records.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count=100000").close())
        assert await records.write(lambda tx: tx.inbox.add("last", "slack:T1/C1", turn("last"), overtakes=False))
        entries = [
            entry for entry, _, _ in await records.read(lambda tx: tx.inbox.ready(platforms=["slack"], limit=2000))
        ]
    assert entries[0] == "first"
    assert "last" in entries


async def _fill_up(records: SqlRecords) -> None:
    for number in range(1000):
        large = turn(f"n{number}", text="x" * 9000)
        await records.write(lambda tx, item=large: tx.inbox.add(item.claim, "slack:T1/C1", item, overtakes=False))


async def test_a_locked_file_is_told_and_works_again_when_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    await migrate.upgrade(f"sqlite:///{path}")
    async with SqliteRecords(path, busy_seconds=0.1) as records:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(UnavailableError) as refused:
                await records.write(lambda tx: tx.channels.set("lane", "mute", "1"))
            assert "Another program holds the file" in refused.value.hint
            assert await records.read(lambda tx: tx.channels.get("lane")) == {}
        await records.write(lambda tx: tx.channels.set("lane", "mute", "1"))
        assert await records.read(lambda tx: tx.channels.get("lane")) == {"mute": "1"}


@pytest.mark.parametrize("what", [b"hello, I am a text file. " * 400, b"SQLite format 3\x00" + b"\xff" * 9000])
async def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path, what: bytes) -> None:
    path = tmp_path / "records.db"
    path.write_bytes(what)
    with pytest.raises(UnavailableError) as refused:
        async with open_records(f"sqlite:///{path}"):
            pytest.fail("opened")
    assert "database_url" in refused.value.hint or "copilot restore" in refused.value.hint
    assert path.read_bytes() == what


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnavailableError) as refused:
        async with open_records(f"sqlite:///{tmp_path / 'file' / 'records.db'}"):
            pytest.fail("opened")
    assert refused.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become nobody")
async def test_a_file_that_may_not_be_written_is_told() -> None:
    with contextlib.ExitStack() as stack:
        folder = Path(f"/tmp/copilot-readonly-{os.getpid()}")  # noqa: S108 -- nobody must reach it
        folder.mkdir()
        stack.callback(lambda: [*map(Path.unlink, folder.iterdir()), folder.rmdir()])
        path = folder / "records.db"
        async with open_records(f"sqlite:///{path}") as records:
            await records.write(lambda tx: tx.channels.set("lane", "mute", "0"))
        path.chmod(0o444)
        folder.chmod(0o555)
        ended = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", _AS_NOBODY, f"sqlite:///{path}"], capture_output=True, text=True
        )
        if "ModuleNotFoundError" in ended.stderr or "PermissionError" in ended.stderr:
            pytest.skip("nobody may not read the environment of the tests")
        assert ended.returncode == 3, ended.stderr
        assert "Let this user" in ended.stdout
