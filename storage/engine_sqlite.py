"""SQLite: one thread writes, several units in one commit; a few threads read snapshots."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.pool import NullPool

from core.errors import UnavailableError
from storage.errors import advice, translate, translated
from storage.records import SqlRecords
from storage.unit import SqlTransaction

T = TypeVar("T")

_BATCH = 128
"""Units in one commit at most: bounds how long the first of them waits."""
_READERS = 3
BUSY_SECONDS = 5.0
"""How long to wait for another process that writes (a migration, a backup)."""


def sqlite_engine(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> sa.Engine:
    """An engine whose connections are durable on commit and begin no transaction by themselves."""
    engine = sa.create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": busy_seconds},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


@dataclass(slots=True)
class _Job:
    unit: Callable[[SqlTransaction], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None
    news: set[str] = field(default_factory=set)

    def resolve(self) -> None:
        if self.future.done():
            return
        if self.error:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class SqliteRecords(SqlRecords):
    """Records in one file. Open with `storage.engine.open_records`."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        super().__init__(f"sqlite:///{path}")
        self._engine = sqlite_engine(path, busy_seconds=busy_seconds)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="records-read")
        self._per_reader = threading.local()
        self._opened: list[sa.Connection] = []
        self._writer: threading.Thread | None = None
        self._loop = asyncio.get_running_loop()
        self._open = False

    async def __aenter__(self) -> Self:
        connection = await asyncio.to_thread(self._connect)
        self._writer = threading.Thread(target=self._write_all, args=(connection,), name="records-write", daemon=True)
        self._writer.start()
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Units that wait are committed first."""
        self._open = False
        self._jobs.put(None)
        if self._writer:
            await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._opened:
            connection.close()
        self._engine.dispose()

    async def write(self, unit: Callable[[SqlTransaction], T]) -> T:
        self._require_open()
        job = _Job(unit, self._loop.create_future())
        self._jobs.put(job)
        result: T = await job.future
        return result

    async def read(self, unit: Callable[[SqlTransaction], T]) -> T:
        self._require_open()
        return await self._loop.run_in_executor(self._readers, self._read, unit)

    def _require_open(self) -> None:
        if not self._open:
            raise UnavailableError("The database is closed.")

    def _connect(self) -> sa.Connection:
        with translated():
            return self._engine.connect()

    # --- reader threads -------------------------------------------------------------------------------

    def _read(self, unit: Callable[[SqlTransaction], T]) -> T:
        with translated():
            connection = self._reader()
            driver = _driver(connection)
            driver.execute("BEGIN")
            try:
                return unit(SqlTransaction(connection))
            finally:
                driver.execute("ROLLBACK")

    def _reader(self) -> sa.Connection:
        connection: sa.Connection | None = getattr(self._per_reader, "connection", None)
        if connection is None:
            connection = self._engine.connect()
            _driver(connection).execute("PRAGMA query_only=ON")
            self._per_reader.connection = connection
            self._opened.append(connection)
        return connection

    # --- the writer thread ----------------------------------------------------------------------------

    def _write_all(self, connection: sa.Connection) -> None:
        more = True
        while more:
            jobs, more = self._waiting()
            jobs = [job for job in jobs if not job.future.cancelled()]
            if jobs:
                self._commit(connection, jobs)
                self._loop.call_soon_threadsafe(self._resolve, jobs)
        connection.close()

    def _waiting(self) -> tuple[list[_Job], bool]:
        """Everything that waits now, at most a batch; False when it is the last."""
        job = self._jobs.get()
        jobs: list[_Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == _BATCH:
                return jobs, True
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return jobs, True
        return jobs, False

    def _resolve(self, jobs: list[_Job]) -> None:
        news: set[str] = set()
        for job in jobs:
            job.resolve()
            news |= job.news
        if news:
            self._announce(news)

    def _commit(self, connection: sa.Connection, jobs: list[_Job]) -> None:
        """Run the units, each on its own savepoint, and commit them together."""
        driver = _driver(connection)
        try:
            driver.execute("BEGIN IMMEDIATE")
            alone = len(jobs) == 1
            for job in jobs:
                if not alone:
                    driver.execute("SAVEPOINT unit")
                _run(job, connection)
                if job.error and alone:
                    driver.execute("ROLLBACK")
                    return
                if job.error:
                    driver.execute("ROLLBACK TO unit")
                if not alone:
                    driver.execute("RELEASE unit")
            driver.execute("COMMIT")
        except sqlite3.Error as error:
            _lose(driver, jobs, error)


def _driver(connection: sa.Connection) -> sqlite3.Connection:
    """The driver's own connection: transactions are begun and ended on it, SQLAlchemy is not asked."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(f"{type(driver).__name__} is not SQLite's driver")
    return driver


def _run(job: _Job, connection: sa.Connection) -> None:
    transaction = SqlTransaction(connection)
    try:
        job.result = job.unit(transaction)
        job.news = transaction.news
    except exc.SQLAlchemyError as error:
        job.error = translate(error) or error
        job.error.__cause__ = error if job.error is not error else None
    except BaseException as error:  # whatever it is, it is its caller's, and this thread goes on
        job.error = error


def _lose(driver: sqlite3.Connection, jobs: list[_Job], error: sqlite3.Error) -> None:
    """Nothing of the batch was kept: the disk is full, the file locked or broken."""
    if driver.in_transaction:
        driver.execute("ROLLBACK")
    for job in jobs:
        job.news = set()
        if job.error is None:
            job.error = UnavailableError("The database could not keep this.", hint=advice(error))
            job.error.__cause__ = error
