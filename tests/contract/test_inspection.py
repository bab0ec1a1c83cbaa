"""What the doctor sees of databases and servers, on the real ones."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
import sqlalchemy as sa

from bot.doctor import clock, records, services
from bot.doctor.findings import Finding, Level
from bot.settings import Settings
from core.messages import Account, Person, Place, Platform, Turn, Via
from core.ports.records import Transaction
from storage.engine import open_records
from storage.inspection import disk, inspect, received
from tests.conftest import Databases
from tests.contract.builders import delivery
from tests.servers import ProcessServer, free_port, nats_server

PLACE = Place(Platform.SLACK, "T1", "C1")


@pytest.fixture(params=["sqlite", "postgres"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'copilot.db'}"
    databases: Databases = request.getfixturevalue("postgres")
    return await databases.migrated()


async def findings(check: object, **settings: object) -> list[Finding]:
    return [finding async for finding in check(Settings.model_validate(settings))]  # type: ignore[operator]


async def test_a_fresh_database_is_healthy_and_what_is_stuck_is_seen(url: str) -> None:
    def fill(tx: Transaction) -> None:
        now = datetime(2020, 1, 1, tzinfo=UTC)
        tx.outbox.put("one", delivery("s1", place=PLACE), now=now)
        claimed = tx.outbox.claim_next(PLACE.lane, holder="me", now=now, lease_seconds=30)
        assert claimed
        tx.outbox.park(claimed.id, holder="me", error="not_a_member: not there")
        tx.outbox.put("two", delivery("s2", place=PLACE), now=now)
        person = Person(Account(Platform.SLACK, "T1", "U1"), "Dana")
        tx.inbox.add("in", "slack:T1/C1/U1", Turn("claim", PLACE, person, "status", 1.0, Via.MENTION), overtakes=False)

    async with open_records(url) as opened:
        assert [f.level for f in await findings(records.database, database_url=url)] == [Level.OK]
        await opened.write(fill)
        found = await inspect(url)
        assert (found.posts_parked, found.parked[0].reason) == (1, "not_a_member: not there")
        assert found.waits_since == datetime(2020, 1, 1, tzinfo=UTC)
        assert [item.claim for item in await received(url, "slack")] == ["claim"]
        assert await received(url, "discord") == []


async def test_a_missing_schema_is_seen_and_not_made(postgres: Databases) -> None:
    empty = await postgres.empty()
    for _ in range(2):
        (found,) = await findings(records.database, database_url=empty)
        assert found.level is Level.PROBLEM
        assert found.fix == "Run `copilot migrate`."


async def test_a_read_only_server_is_seen(postgres: Databases) -> None:
    url = await postgres.migrated()
    name = sa.make_url(url).database
    connection = await asyncpg.connect(postgres.server.url)
    await connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    await connection.close()
    (found,) = await findings(records.database, database_url=url)
    assert found.level is Level.PROBLEM
    assert "read-only" in found.what


async def test_the_servers_clock_is_read(postgres: Databases) -> None:
    (found,) = await findings(clock.clock, database_url=await postgres.migrated())
    assert found.what == "The clock agrees with the database's."


async def test_a_server_out_of_reach_is_a_problem() -> None:
    url = f"postgresql://lee:planted@127.0.0.1:{free_port()}/app"
    (found,) = await findings(records.database, database_url=url)
    assert found.level is Level.PROBLEM
    assert "planted" not in found.what


async def test_a_locked_file_is_a_problem(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'copilot.db'}"
    async with open_records(url):
        pass
    holder = sqlite3.connect(tmp_path / "copilot.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        (found,) = await findings(records.database, database_url=url)
    finally:
        holder.close()
    assert found.level is Level.PROBLEM
    assert "locked" in found.what


async def test_a_file_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "copilot.db"
    (found,) = await findings(records.database, database_url=f"sqlite:///{path}")
    assert found.level is Level.WARNING
    assert not path.parent.exists()
    assert disk("postgresql://db/app") is None


async def test_a_newer_schema_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "copilot.db"
    async with open_records(f"sqlite:///{path}"):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    (found,) = await findings(records.database, database_url=f"sqlite:///{path}")
    assert "newer Copilot" in found.what
    assert "Install the newer version" in found.fix


async def test_nats_is_seen_working_without_jetstream_and_away(nats: ProcessServer) -> None:
    (fresh,) = await findings(services.queue, queue="nats", nats_url=nats.url)
    assert fresh.level in (Level.OK, Level.WARNING)
    with nats_server(jetstream=False) as bare:
        (plain,) = await findings(services.queue, queue="nats", nats_url=bare.url)
    assert (plain.level, "no JetStream" in plain.what) == (Level.PROBLEM, True)
    (away,) = await findings(services.queue, queue="nats", nats_url=f"nats://127.0.0.1:{free_port()}")
    assert (away.level, "cannot be reached" in away.what) == (Level.PROBLEM, True)


async def test_redis_is_seen_working_and_away(redis: ProcessServer) -> None:
    (found,) = await findings(services.cache, redis_url=redis.url)
    assert found.level is Level.OK
    (away,) = await findings(services.cache, redis_url=f"redis://:planted@127.0.0.1:{free_port()}")
    assert away.level is Level.PROBLEM
    assert "planted" not in str(away)
