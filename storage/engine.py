"""Opens the records: a SQLite file or a PostgreSQL server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa

from storage.engine_postgres import PostgresRecords
from storage.engine_sqlite import SqliteRecords
from storage.migrate import prepare
from storage.records import SqlRecords


@asynccontextmanager
async def open_records(url: str) -> AsyncIterator[SqlRecords]:
    """Records at `sqlite:///path` or `postgresql://…`, with the schema this version needs: a SQLite file is created and migrated,
    a PostgreSQL schema must be current already (`copilot migrate`). UnavailableError when it is not, or cannot be reached."""
    await prepare(url)
    async with records_at(url) as records:
        yield records


def records_at(url: str) -> SqliteRecords | PostgresRecords:
    """The same without a look at the schema."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteRecords(Path(parsed.database or ""))
    return PostgresRecords(url)
