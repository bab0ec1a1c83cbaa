"""Real servers for the tests that ask for them, one of each a worker, started when first needed."""

import contextlib
import itertools
from collections import deque
from collections.abc import Iterator

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
import sqlalchemy as sa

from storage import migrate
from tests.servers import PostgresServer, ProcessServer, nats_server, postgres_server, redis_server

_numbers = itertools.count(1)
_KEPT = 24
"""Latest databases of a worker that are left alone; more than one test has open at a time."""


class Databases:
    """Makes databases on this worker's server. Copying a migrated one is faster than migrating each. Old ones are dropped on the
    way: hundreds of them at the end would take minutes."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._template = ""
        self._made: deque[str] = deque()

    async def empty(self, template: str = "template1") -> str:
        """The address of a new database without our schema."""
        name = f"test_{next(_numbers)}"
        connection = await asyncpg.connect(self.server.url)
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            self._made.append(name)
            if len(self._made) > _KEPT:
                await self._drop(connection, self._made.popleft())
        finally:
            await connection.close()
        return self.server.database(name)

    async def _drop(self, connection: asyncpg.Connection, name: str) -> None:
        """Unless somebody still uses it: then it stays until the server goes."""
        if name != self._template:
            with contextlib.suppress(asyncpg.ObjectInUseError):
                await connection.execute(f'DROP DATABASE "{name}"')

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
