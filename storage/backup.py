"""Copies the records while the bot works: a SQLite file as one, or everything as an archive (`storage.archive`)."""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.pool import NullPool

from core.errors import ConflictError, UnavailableError, UserInputError
from storage import archive
from storage.archive import Header, Progress
from storage.engine_postgres import postgres_engine
from storage.errors import reason, translated
from storage.migrate import schema_version

T = TypeVar("T")

ARCHIVE_ENDING = ".gz"
_PAGES = 2_000
"""Pages copied between two reports of progress."""


async def backup(url: str, path: Path, *, now: datetime, progress: Progress) -> Header:
    """Write a backup to `path`, which must not exist; nothing is left there when it fails. A SQLite file is copied as such, unless
    the name ends in `.gz`; PostgreSQL gives an archive. Writers go on meanwhile; the copy is of one moment."""
    _require_free(path)
    part = path.with_name(f"{path.name}.part")
    sqlite_file = file_of(url)
    with _not_half(part, path):
        if sqlite_file is None or path.suffix == ARCHIVE_ENDING:
            return await reading(url, lambda connection: _archive(part, connection, now=now, progress=progress))
        return await asyncio.to_thread(_copy, sqlite_file, part, progress)


def _require_free(path: Path) -> None:
    if path.exists():
        raise ConflictError(f"{path} exists already.", hint="Choose another name, or remove it first.")
    if not path.parent.is_dir():
        raise UserInputError(f"There is no folder {path.parent}.")


def file_of(url: str) -> Path | None:
    """The SQLite file of an address; None for a server."""
    parsed = sa.make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


async def reading(url: str, work: Callable[[sa.Connection], T]) -> T:
    """Do it on one snapshot, which others go on writing beside."""
    path = file_of(url)
    with translated():
        if path is not None:
            return await asyncio.to_thread(on_file, path, work)
        return await _on_server(url, work)


def on_file(path: Path, work: Callable[[sa.Connection], T]) -> T:
    """The same on a SQLite file, in this thread."""
    if not path.exists():
        raise UserInputError(f"There is no database {path}.", hint="Is `database_url` right?")
    engine = sa.create_engine(
        f"sqlite:///file:{quote(str(path))}?mode=ro&uri=true",
        poolclass=NullPool,
        connect_args={"isolation_level": None},
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            return work(connection)
    finally:
        engine.dispose()


async def _on_server(url: str, work: Callable[[sa.Connection], T]) -> T:
    engine = postgres_engine(url)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            return await connection.run_sync(work)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if isinstance(error, exc.SQLAlchemyError):
            raise
        raise UnavailableError("The database cannot be reached.", hint=reason(error)) from error
    finally:
        await engine.dispose()


def _archive(part: Path, connection: sa.Connection, *, now: datetime, progress: Progress) -> Header:
    schema = schema_version(connection)
    if schema is None:
        raise UserInputError("The database is empty: there is nothing to back up.")
    return archive.write(part, connection, schema=schema, made_at=now, progress=progress)


def _copy(source: Path, part: Path, progress: Progress) -> Header:
    """With SQLite's own backup. The read transaction keeps it at one moment: it would start anew with every commit of the bot."""
    if not source.exists():
        raise UserInputError(f"There is no database {source}.", hint="Is `database_url` right?")
    copy_file(source, part, progress)
    if complaint := integrity(part):
        raise UnavailableError(f"The database {source} is damaged: {complaint}.", hint="Restore the last good backup.")
    return on_file(part, lambda connection: Header(schema_version(connection) or "", archive.counts(connection)))


def copy_file(source: Path, target: Path, progress: Progress) -> None:
    """Copy a SQLite file of one moment to a file that does not exist."""
    with contextlib.closing(
        sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, isolation_level=None)
    ) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with contextlib.closing(sqlite3.connect(target)) as writer:
            reader.backup(writer, pages=_PAGES, progress=lambda _status, left, total: progress(total - left, total))
            writer.execute("PRAGMA journal_mode=DELETE")


def integrity(path: Path) -> str:
    """Empty when SQLite finds nothing wrong with the file, else its first complaint."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
    return "" if found == "ok" else found


async def settle(url: str) -> None:
    """Bring what stands in SQLite's write-ahead log into the file, as far as no reader is in the way: what was erased from the file
    is then gone from the log, too."""
    if path := file_of(url):
        await asyncio.to_thread(checkpoint, path)


def checkpoint(path: Path) -> bool:
    """The same, in this thread; False when somebody was in the way."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


@contextmanager
def _not_half(part: Path, path: Path) -> Iterator[None]:
    """Make `part` in the block; afterwards it is durably there as `path`, or not at all."""
    try:
        part.unlink(missing_ok=True)
        yield
        durably(part, path)
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        hint = "Nothing is left of it. Choose a place with room where this user may write."
        raise UnavailableError(f"The backup could not be written to {path}: {why}.", hint=hint) from error
    finally:
        for left in (part, *(part.with_name(part.name + ending) for ending in ("-wal", "-shm", "-journal"))):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def durably(part: Path, path: Path) -> None:
    """Rename a file that was written; it outlives a power cut."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
