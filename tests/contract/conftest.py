"""Implementations under contract: each port's tests run against all of them, on real servers started when first needed."""

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from core.ports.bus import EventBus
from core.ports.cache import Cache
from core.ports.queue import WorkQueue
from storage.bus_local import LocalBus
from storage.bus_nats import NatsBus
from storage.cache_memory import MemoryCache
from storage.cache_redis import open_redis_cache
from storage.engine import open_records
from storage.nats_link import open_nats
from storage.queue_jetstream import open_jetstream_queue
from storage.queue_sql import SqlWorkQueue
from storage.records import SqlRecords
from tests.conftest import Databases

_numbers = itertools.count(1)


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
