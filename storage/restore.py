"""Brings a backup back: checked whole before it takes the place of what is there, or nothing changes."""

import asyncio
import gzip
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import exc

from core.audit import Verdict
from core.errors import ConflictError, UnavailableError, UserInputError
from storage import archive, migrate
from storage.archive import Header, Progress, Row
from storage.audit_chain import AuditChain
from storage.backup import checkpoint, copy_file, durably, file_of, integrity, on_file
from storage.engine_sqlite import sqlite_engine
from storage.errors import is_away, reason
from storage.migrations import HEAD, KNOWN
from storage.recovery import alone
from storage.tables import leases, metadata

_SQLITE = b"SQLite format 3\x00"
_GZIP = b"\x1f\x8b"
_AT_ONCE = 500
_OTHERS = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'copilot' AND pid <> pg_backend_pid()"
)
_COUNTERS = (("inbox", "seq"), ("outbox", "seq"), ("work_items", "seq"), ("audit", "id"))
"""Columns that count up; PostgreSQL's counters must go on after what was restored."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back."""

    rows: dict[str, int]
    audit: Verdict


async def restore(
    url: str, path: Path, *, replace: bool, broken_audit: bool = False, progress: Progress = lambda _done, _of: None
) -> Restored:
    """Bring back what `backup` wrote, into either database. ConflictError when there are records and not `replace`, or when a bot
    uses them; UserInputError when the backup is damaged, made by a newer Copilot, or (unless `broken_audit`) has a broken audit
    chain. A failure at any point leaves what was there."""
    kind = _kind(path)
    target = file_of(url)
    with _told(path), tempfile.TemporaryDirectory(prefix="copilot-restore-") as folder:
        if target is not None:
            with alone(_folder_made(url, target)) as unused:
                if not unused:
                    raise _in_use()
                await _into_file(target, path, kind, replace, broken_audit, progress)
                return await asyncio.to_thread(on_file, target, _outcome)
        source = path
        if kind == "file":
            source = Path(folder) / "records.db"
            await _migrated_copy(path, source, progress)
        return await _into_server(url, source, kind, replace, broken_audit, progress)


def _kind(path: Path) -> str:
    """`file` or `archive`."""
    try:
        with path.open("rb") as file:
            begins = file.read(16)
    except OSError as error:
        raise UserInputError(f"The backup {path} cannot be read: {error.strerror}.") from error
    if begins == _SQLITE:
        return "file"
    if begins.startswith(_GZIP):
        return "archive"
    raise UserInputError(f"{path} is no backup of Copilot.", hint="It is neither an SQLite file nor a packed archive.")


def _folder_made(url: str, target: Path) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    return url


def _in_use() -> ConflictError:
    return ConflictError(
        "A bot uses this database.", hint="Stop every `copilot serve` and `copilot work`, then restore."
    )


# --- SQLite: a file beside the old one, which it replaces when it is sound ---------------------------------


async def _into_file(target: Path, path: Path, kind: str, replace: bool, broken: bool, progress: Progress) -> None:
    there = await asyncio.to_thread(target.exists)
    if there and not replace:
        await asyncio.to_thread(on_file, target, _require_empty)
    part = target.with_name(f"{target.name}.restoring")
    _remove(part)
    try:
        if kind == "file":
            await _migrated_copy(path, part, progress)
        else:
            await migrate.upgrade(f"sqlite:///{part}")
            await asyncio.to_thread(_load_file, part, path, progress)
        await asyncio.to_thread(on_file, part, lambda connection: _require_sound(connection, broken))
        await asyncio.to_thread(_settle, part)
        if there:
            await asyncio.to_thread(_settle, target)
        durably(part, target)
    finally:
        _remove(part)


async def _migrated_copy(path: Path, copy: Path, progress: Progress) -> None:
    """A checked copy of a SQLite backup, with the newest schema."""
    await asyncio.to_thread(copy_file, path, copy, progress)
    if complaint := await asyncio.to_thread(integrity, copy):
        raise archive.damaged(path, complaint)
    schema = await asyncio.to_thread(on_file, copy, migrate.schema_version)
    _require_known(path, schema)
    await migrate.upgrade(f"sqlite:///{copy}")


def _load_file(part: Path, path: Path, progress: Progress) -> None:
    engine = sqlite_engine(part)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            _load(connection, path, *archive.read(path), progress)
            connection.exec_driver_sql("COMMIT")
    finally:
        engine.dispose()


def _settle(path: Path) -> None:
    """The file is then all there is."""
    if not checkpoint(path):
        raise _in_use()


def _remove(part: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal", ".lock"):
        part.with_name(part.name + ending).unlink(missing_ok=True)


# --- PostgreSQL: one transaction ----------------------------------------------------------------------------


async def _into_server(url: str, source: Path, kind: str, replace: bool, broken: bool, progress: Progress) -> Restored:
    def work(connection: sa.Connection) -> Restored:
        if complaint := migrate.complaint(connection):
            raise UnavailableError(
                f"The database is not ready: {complaint}.", hint="Run `copilot migrate`, then restore."
            )
        if connection.execute(_OTHERS).scalar_one():
            raise _in_use()
        tables = ", ".join(table.name for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
        if not replace:
            _require_empty(connection)
        connection.exec_driver_sql(f"TRUNCATE {tables}")
        if kind == "file":
            on_file(source, lambda reader: _load(connection, source, _header(reader), archive.rows(reader), progress))
        else:
            _load(connection, source, *archive.read(source), progress)
        for table, column in _COUNTERS:
            _count_on(connection, metadata.tables[table].c[column])
        _require_sound(connection, broken)
        return _outcome(connection)

    return await migrate.run_on(url, work)


def _header(reader: sa.Connection) -> Header:
    return Header(HEAD, archive.counts(reader))


def _count_on(connection: sa.Connection, column: sa.Column[int]) -> None:
    last = connection.execute(sa.select(sa.func.max(column))).scalar()
    counter = sa.func.pg_get_serial_sequence(column.table.name, column.name)
    connection.execute(sa.select(sa.func.setval(counter, last or 1, last is not None)))


# --- both -------------------------------------------------------------------------------------------------


def _load(connection: sa.Connection, path: Path, header: Header, rows: Iterable[Row], progress: Progress) -> None:
    """Insert all rows; UserInputError when they are not what the header says."""
    _require_known(path, header.schema)
    done = 0
    for table, values in _grouped(rows):
        connection.execute(sa.insert(metadata.tables[table]), values)
        done += len(values)
        progress(done, header.total)
    found = archive.counts(connection)
    if any(found.get(table, 0) != count for table, count in header.rows.items()):
        raise archive.damaged(path, "there are not as many rows as it says")


def _grouped(rows: Iterable[Row]) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Rows of the same table and columns together."""
    rest = iter(rows)
    while batch := list(islice(rest, _AT_ONCE)):
        groups: dict[tuple[str, tuple[str, ...]], list[dict[str, object]]] = {}
        for table, row in batch:
            groups.setdefault((table, tuple(row)), []).append(row)
        yield from ((table, values) for (table, _), values in groups.items())


def _require_known(path: Path, schema: str | None) -> None:
    if schema is None:
        raise UserInputError(f"{path} is no backup of Copilot.", hint="It has no schema of ours.")
    if schema not in KNOWN:
        hint = "Install the newer version, or restore an older backup."
        raise UserInputError(
            f"{path} has the schema {schema}, made by a newer Copilot; this one knows {HEAD}.", hint=hint
        )


def _require_empty(connection: sa.Connection) -> None:
    records = {table: count for table, count in archive.counts(connection).items() if table != leases.name}
    if any(records.values()):
        hint = "`--replace` puts the backup in their place; make a backup of them first."
        raise ConflictError(f"The database has {sum(records.values())} records already.", hint=hint)


def _require_sound(connection: sa.Connection, broken: bool) -> None:
    verdict = AuditChain(connection).verify()
    if verdict.fault and not broken:
        fault = verdict.fault
        raise UserInputError(
            f"The audit chain of the backup is broken: record {fault.record or '?'} (seal {fault.number}) is {fault.wrong}.",
            hint="Somebody changed it. `--broken-audit` restores it all the same; nothing was changed.",
        )


def _outcome(connection: sa.Connection) -> Restored:
    return Restored(archive.counts(connection), AuditChain(connection).verify())


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What goes wrong with files, as errors of ours."""
    try:
        yield
    except (sqlite3.Error, exc.DBAPIError) as error:
        cause = getattr(error, "orig", None) or error
        if isinstance(cause, sqlite3.OperationalError) or is_away(error):
            raise UnavailableError(
                f"Nothing was restored: {reason(error)}.", hint="What was there is there still."
            ) from error
        raise archive.damaged(path, reason(error)) from error
    except gzip.BadGzipFile as error:
        raise archive.damaged(path, str(error)) from error
    except OSError as error:
        hint = "What was there is there still."
        raise UnavailableError(f"Nothing was restored: {reason(error)}.", hint=hint) from error
