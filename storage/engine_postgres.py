"""PostgreSQL: each unit in a transaction of its own, run again when the server asks for it."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self, TypeVar

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import BotError, ConflictError, UnavailableError
from storage.errors import is_away, reason, translate, wants_repeat
from storage.records import SqlRecords
from storage.unit import SqlTransaction

T = TypeVar("T")

_CONFLICT_ATTEMPTS = 6
_AWAY_ATTEMPTS = 3
"""A unit waits less than a second in all for a server that went away."""
_AWAY_PAUSE = 0.2
_CONNECT_SECONDS = 5.0
_STATEMENT_SECONDS = 30.0
_POOL = 10
"""Connections of one process. Units are short: to wait for one of these is cheaper than to open another."""
_POOL_SECONDS = 20.0

_CONNECTING = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)
"""What the driver raises by itself while it connects."""


class CommitUnknown(UnavailableError):
    """The connection was lost while committing: the unit may or may not be on the record. Never run again by itself."""


def postgres_engine(url: str) -> AsyncEngine:
    """An engine for `postgresql://…`; times are bounded, and connections of a dead server are dropped at once."""
    return create_async_engine(
        sa.make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=_POOL,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "command_timeout": _STATEMENT_SECONDS,
            "server_settings": {"application_name": "copilot", "timezone": "UTC", "jit": "off"},
        },
    )


class PostgresRecords(SqlRecords):
    """Records on a server, shared by replicas. Open with `storage.engine.open_records`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._engine = postgres_engine(url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._engine.dispose()

    async def write(self, unit: Callable[[SqlTransaction], T]) -> T:
        result, news = await self._persist(lambda connection: self._write_once(connection, unit))
        if news:
            self._announce(news)
        return result

    async def read(self, unit: Callable[[SqlTransaction], T]) -> T:
        return await self._persist(lambda connection: _read_once(connection, unit))

    def _write_once(self, connection: sa.Connection, unit: Callable[[SqlTransaction], T]) -> tuple[T, set[str]]:
        transaction = SqlTransaction(connection)
        with connection.begin() as begun:
            result = unit(transaction)
            try:
                begun.commit()
            except exc.DBAPIError as error:
                if wants_repeat(error) or not is_away(error):
                    raise
                raise CommitUnknown("The database went away while it committed.", hint=reason(error)) from error
        return result, transaction.news

    async def _persist(self, attempt: Callable[[sa.Connection], T]) -> T:
        """Run it until it is through, the server is away for good, or others win too often."""
        conflicts = away = 0
        while True:
            try:
                async with self._connection() as connection:
                    return await connection.run_sync(attempt)
            except exc.SQLAlchemyError as error:
                conflicts += wants_repeat(error)
                away += is_away(error)
                ours = translate(error)
                if ours is None:
                    raise
                if not _worth_a_try(ours, error, conflicts, away):
                    raise ours from error
            except _Away as error:
                away += 1
                if away >= _AWAY_ATTEMPTS:
                    raise UnavailableError("The database cannot be reached.", hint=reason(error)) from error
            await asyncio.sleep(random.uniform(0.5, 1.0) * _AWAY_PAUSE * away + random.uniform(0.0, 0.01) * conflicts)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(self._engine.connect())
            except _CONNECTING as error:
                raise _Away(reason(error)) from error
            yield connection


class _Away(Exception):
    """No connection could be had."""


def _read_once(connection: sa.Connection, unit: Callable[[SqlTransaction], T]) -> T:
    """On one snapshot, as on SQLite."""
    connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with connection.begin() as begun:
        result = unit(SqlTransaction(connection))
        begun.rollback()
    return result


def _worth_a_try(ours: BotError, error: exc.SQLAlchemyError, conflicts: int, away: int) -> bool:
    if isinstance(ours, ConflictError):
        return wants_repeat(error) and conflicts < _CONFLICT_ATTEMPTS
    return is_away(error) and away < _AWAY_ATTEMPTS
