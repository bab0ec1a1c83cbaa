"""Brings a database to the schema that this code needs. Alembic is imported only when there is something to migrate."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import sqlalchemy as sa
from sqlalchemy import exc

from core.errors import UnavailableError
from storage.engine_postgres import postgres_engine
from storage.engine_sqlite import sqlite_engine
from storage.errors import reason, translated
from storage.migrations import HEAD, KNOWN
from storage.sql import LockSpace, lock
from storage.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")

version_table = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32)),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
_SCRIPTS = Path(__file__).parent / "migrations"


async def upgrade(url: str) -> None:
    """Migrate to the newest schema; nothing happens when it is current. UnavailableError when a newer Copilot made it, or the
    database cannot be reached. A SQLite file is migrated as a whole or not at all; on a server, where others go on working, each
    version is a transaction of its own, so that it holds as few tables as it needs."""
    if sa.make_url(url).get_backend_name() == "sqlite":
        await run_on(url, _upgrade)
        return
    while await run_on(url, _upgrade_once):
        pass


async def check(url: str) -> str:
    """Empty when the schema is current, else the reason in one line."""
    return await run_on(url, complaint)


async def prepare(url: str) -> None:
    """Before opening: create or migrate a SQLite file; refuse a PostgreSQL schema that is not current."""
    await run_on(url, _prepare)


def create(connection: sa.Connection) -> None:
    """The newest schema at once, in an empty database: what all migrations together make, in a fraction of the time."""
    metadata.create_all(connection)
    version_table.create(connection)
    connection.execute(sa.insert(version_table).values(version_num=HEAD))


def migrate(connection: sa.Connection, to: str = "head") -> None:
    """Run the migrations that are missing, up to a version as Alembic names it."""
    from alembic import command  # half a second that a current schema need not pay

    command.upgrade(alembic_config(connection), to)


def alembic_config(connection: sa.Connection) -> "Config":
    """What Alembic's commands need to work on this connection."""
    from alembic.config import Config  # as above

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _prepare(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        if schema_version(connection) != HEAD:
            _upgrade(connection)
    elif stale := complaint(connection):
        raise UnavailableError(f"The database is not ready: {stale}.", hint="Run `copilot migrate`.")


def _upgrade(connection: sa.Connection) -> None:
    lock(connection, LockSpace.MIGRATION, "schema")
    version = schema_version(connection)
    _refuse_newer(version)
    if version is None and connection.dialect.name == "sqlite" and not sa.inspect(connection).get_table_names():
        create(connection)
    elif version != HEAD:
        migrate(connection)


def _upgrade_once(connection: sa.Connection) -> bool:
    """One version further; whether there is another one."""
    lock(connection, LockSpace.MIGRATION, "schema")
    version = schema_version(connection)
    _refuse_newer(version)
    if version != HEAD:
        migrate(connection, "+1")
    return version not in KNOWN[-2:]


def complaint(connection: sa.Connection) -> str:
    """Empty when the schema is current, else what is wrong with it. UnavailableError when a newer Copilot made it."""
    version = schema_version(connection)
    _refuse_newer(version)
    if version == HEAD:
        return ""
    return "it has no schema yet" if version is None else f"its schema is at {version}, this Copilot needs {HEAD}"


def _refuse_newer(version: str | None) -> None:
    if version is not None and version not in KNOWN:
        raise UnavailableError(
            f"The database has the schema {version}, made by a newer Copilot; this one knows {HEAD}.",
            hint="Install the newer version, or use a copy of the database from before.",
        )


def schema_version(connection: sa.Connection) -> str | None:
    """The schema that the database has; None when it has none."""
    if not sa.inspect(connection).has_table(version_table.name):
        return None
    version: str | None = connection.execute(sa.select(version_table.c.version_num)).scalar()
    return version


async def run_on(url: str, work: Callable[[sa.Connection], T]) -> T:
    """Do it in one transaction on a connection of its own."""
    parsed = sa.make_url(url)
    with translated():
        if parsed.get_backend_name() == "sqlite":
            return await asyncio.to_thread(_on_sqlite, Path(parsed.database or ""), work)
        return await _on_postgres(url, work)


def _on_sqlite(path: Path, work: Callable[[sa.Connection], T]) -> T:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = f"{error.strerror}. Is `database_url` right?"
        raise UnavailableError(f"There is no folder {path.parent}, and it cannot be made.", hint=hint) from error
    engine = sqlite_engine(path)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            result = work(connection)
            connection.commit()
            return result
    finally:
        engine.dispose()


async def _on_postgres(url: str, work: Callable[[sa.Connection], T]) -> T:
    engine = postgres_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if isinstance(error, exc.SQLAlchemyError):
            raise
        raise UnavailableError("The database cannot be reached.", hint=reason(error)) from error
    finally:
        await engine.dispose()
