"""Implementations under contract: each port's tests run against all of them, on real servers started when first needed."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
import sqlalchemy as sa

from core.ports.bus import EventBus
from core.ports.cache import Cache
from core.ports.queue import WorkQueue
from storage import migrate
from storage.bus_local import LocalBus
from storage.bus_nats import NatsBus
from storage.cache_memory import MemoryCache
from storage.cache_redis import open_redis_cache
from storage.engine import open_records
from storage.nats_link import open_nats
from storage.queue_jetstream import open_jetstream_queue
from storage.queue_sql import SqlWorkQueue
from storage.records import SqlRecords
from tests.servers import PostgresServer, ProcessServer, nats_server, postgres_server, redis_server

_numbers = itertools.count(1)


class Databases:
    """Makes databases on this worker's server. Copying a migrated one is faster than migrating each."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._template = ""

    async def empty(self, template: str = "template1") -> str:
        """The address of a new database without our schema."""
        name = f"test_{next(_numbers)}"
        connection = await asyncpg.connect(self.server.url)
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        finally:
            await connection.close()
        return self.server.database(name)

    async def migrated(self) -> str:
        """The address of a new database with the current schema, made by the migrations."""
        if not self._template:
            url = await self.empty()
            await migrate.upgrade(url)
            self._template = str(sa.make_url(url).database)
        return await self.empty(self._template)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """A PostgreSQL server of this worker."""
    with postgres_server() as server:
        yield Databases(server)


@pytest.fixture(scope="session")
def redis() -> Iterator[ProcessServer]:
    """A Redis server of this worker."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def nats() -> Iterator[ProcessServer]:
    """A NATS server of this worker, with JetStream."""
    with nats_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh database with the current schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'records.db'}"
    return await _databases(request).migrated()


@pytest.fixture
async def records(database: str) -> AsyncIterator[SqlRecords]:
    """Records in a fresh database."""
    async with open_records(database) as opened:
        yield opened


@pytest.fixture
async def replica(database: str) -> AsyncIterator[SqlRecords]:
    """A second process's view of the same database."""
    async with open_records(database) as opened:
        yield opened


@asynccontextmanager
async def queue_on(records: SqlRecords, kind: str, nats_url: str = "") -> AsyncIterator[WorkQueue]:
    """A queue of this kind; `jetstream` with a stream of its own."""
    if kind == "sql":
        yield SqlWorkQueue(records)
        return
    name = f"work{next(_numbers)}"
    async with open_nats(nats_url) as link, open_jetstream_queue(records, link, name=name) as queue:
        yield queue


@pytest.fixture(params=["sql-sqlite", "sql-postgresql", "jetstream"])
async def dispatch(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[SqlRecords, WorkQueue]]:
    """Records, and the queue that delivers their work. JetStream stands over PostgreSQL, as in production."""
    url, kind, nats_url = f"sqlite:///{tmp_path / 'records.db'}", "sql", ""
    if request.param != "sql-sqlite":
        url = await _databases(request).migrated()
    if request.param == "jetstream":
        kind, nats_url = "jetstream", request.getfixturevalue("nats").url
    async with AsyncExitStack() as stack:
        records = await stack.enter_async_context(open_records(url))
        yield records, await stack.enter_async_context(queue_on(records, kind, nats_url))


@pytest.fixture(params=["local", "nats"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[EventBus]:
    """A bus of its own."""
    if request.param == "local":
        yield LocalBus()
        return
    async with open_nats(request.getfixturevalue("nats").url) as link:
        yield NatsBus(link, prefix=f"news{next(_numbers)}")


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    """An empty cache."""
    if request.param == "memory":
        yield MemoryCache()
        return
    async with open_redis_cache(request.getfixturevalue("redis").url, prefix=f"test{next(_numbers)}:") as opened:
        yield opened


def _databases(request: pytest.FixtureRequest) -> Databases:
    databases: Databases = request.getfixturevalue("postgres")
    return databases
