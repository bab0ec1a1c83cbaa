"""Upgrades: the old data is there afterwards, and a replica of the old version goes on writing while the new one works."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import BotError, UnavailableError
from core.messages import Account
from storage import migrate, migrations
from storage.engine import open_records
from storage.records import SqlRecords
from storage.tables import inbox
from storage.unit import SqlTransaction
from tests.contract.builders import NOW
from tests.contract.conftest import Databases
from tests.contract.statements import loaded

VERSIONS = [version for version in migrations.KNOWN if version != migrations.HEAD]
RECORDED = Path(__file__).parent


@pytest.fixture(params=["sqlite", "postgresql"])
async def blank(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'blank.db'}"
    databases: Databases = request.getfixturevalue("postgres")
    return await databases.empty()


def statements(version: str, dialect: str) -> list[dict[str, Any]]:
    recorded: dict[str, list[dict[str, Any]]] = json.loads((RECORDED / f"statements_{version}.json").read_text())
    return recorded[dialect]


def migrated_to(version: str) -> Callable[[sa.Connection], None]:
    def work(connection: sa.Connection) -> None:
        from alembic import command

        command.upgrade(migrate.alembic_config(connection), version)

    return work


def replayed(version: str, name: str) -> Callable[[sa.Connection], None]:
    """What a replica of that version writes, about things of this name."""

    def work(connection: sa.Connection) -> None:
        for entry in statements(version, connection.dialect.name):
            parameters = tuple(loaded(connection, value, name) for value in entry["parameters"])
            connection.exec_driver_sql(entry["statement"], parameters).close()

    return work


def _waiting(tx: SqlTransaction) -> Sequence[str]:
    """Entries that nobody holds and nobody has finished; the recorded conversations are named after no platform."""
    free = sa.select(inbox.c.id).where(inbox.c.finished_at.is_(None), inbox.c.claimed_until.is_(None))
    return tx.connection.execute(free).scalars().all()


def told(tx: SqlTransaction, name: str) -> dict[str, Any]:
    """Everything that the stores say about things of this name."""
    run = tx.runs.get(f"run-{name}")
    assert run is not None
    person = tx.people.get(Account.parse(f"slack:T1/U-{name}"))
    audited = tx.audit.find(actor=f"slack:T1/U-{name}")
    return {
        "run": (run.status, run.parameters, run.summary),
        "events": [(event.version, event.kind, event.at) for event in tx.runs.history(f"RUN-{name}")],
        "found": [found.id for found in tx.runs.find(parameter=("service", "cart")) if found.id.endswith(name)],
        "approval": tx.runs.approval(f"APR-{name}") is not None,
        "inbox": sorted(entry for entry in _waiting(tx) if entry.endswith(name)),
        "tokens": [
            token and (token.used, token.data) for n in (1, 2, 3) for token in [tx.tokens.get(f"token-{n}-{name}")]
        ],
        "session": tx.sessions.get(f"talk-{name}").pending,
        "channel": tx.channels.get(f"lane-{name}"),
        "refs": [ref.parts for ref in tx.outbox.refs(f"subject-sent-{name}")],
        "lanes": sorted(lane for lane in tx.outbox.lanes(now=NOW, limit=100) if lane.endswith(name)),
        "parked": [item.id for item, _ in tx.work.parked(f"queue-{name}")],
        "depth": tx.work.depth(f"queue-{name}"),
        "person": person and (person[0], person[1]),
        "audit": [(row.at, row.target, row.reason, row.details, row.before, row.after) for row in audited],
    }


def expected(name: str) -> dict[str, Any]:
    return {
        "run": ("waiting", {"service": "cart"}, "deploy"),
        "events": [(1, "run.started", NOW), (2, "step.started", NOW), (3, "step.started", NOW)],
        "found": [f"RUN-{name}"],
        "approval": True,
        "inbox": [f"in-2-{name}", f"in-3-{name}"],
        "tokens": [(True, {"n": 1}), (False, {"n": 2}), (False, {"n": 3})],
        "session": {"n": 1},
        "channel": {"mute": "1"},
        "refs": [("1.1",)],
        "lanes": [f"slack:T1/{which}-{name}" for which in ("aside", "left")],
        "parked": [f"work-4-{name}"],
        "depth": 1,
        "person": ("Dana", {"email": "d@x"}),
        "audit": [(NOW, f"RUN-{name}", "why", {"n": [1, "a"]}, None, None)],
    }


@pytest.mark.parametrize("version", VERSIONS)
async def test_old_data_is_read_and_old_statements_still_work(blank: str, version: str) -> None:
    await migrate.run_on(blank, migrated_to(version))
    await migrate.run_on(blank, replayed(version, "OLD"))
    await migrate.upgrade(blank)
    async with open_records(blank) as records:
        assert await records.read(lambda tx: told(tx, "OLD")) == expected("OLD")
        await migrate.run_on(blank, replayed(version, "LATER"))
        assert await records.read(lambda tx: told(tx, "LATER")) == expected("LATER")
        assert await records.read(lambda tx: told(tx, "OLD")) == expected("OLD")
        assert await _sealed(records) == 2


async def _sealed(records: SqlRecords) -> int | None:
    return await records.write(lambda tx: tx.audit.seal(holder="a", lease_seconds=1, limit=10))


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_old_sqlite_file_is_migrated_at_start(tmp_path: Path, version: str) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    await migrate.run_on(url, migrated_to(version))
    await migrate.run_on(url, replayed(version, "OLD"))
    async with open_records(url) as records:
        assert await records.read(lambda tx: told(tx, "OLD")) == expected("OLD")
    assert await migrate.check(url) == ""


async def test_an_old_replica_writes_while_the_schema_changes(postgres: Databases) -> None:
    url = await postgres.empty()
    await migrate.run_on(url, migrated_to(VERSIONS[0]))
    later = (migrate.run_on(url, replayed(VERSIONS[0], name)) for name in ("A", "B", "C"))
    await asyncio.gather(migrate.upgrade(url), *later)
    async with open_records(url) as records:
        for name in ("A", "B", "C"):
            assert await records.read(lambda tx, n=name: told(tx, n)) == expected(name)


async def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """Something of that name is in the way halfway through."""
    path = tmp_path / "old.db"
    url = f"sqlite:///{path}"
    await migrate.run_on(url, migrated_to("0001"))
    await migrate.run_on(url, replayed("0001", "OLD"))
    await migrate.run_on(url, lambda connection: connection.exec_driver_sql("CREATE TABLE leases (theirs INTEGER)"))
    before = await migrate.run_on(url, _contents)
    with pytest.raises((BotError, sa.exc.SQLAlchemyError)):
        await migrate.upgrade(url)
    assert await migrate.run_on(url, _contents) == before
    await migrate.run_on(url, lambda connection: connection.exec_driver_sql("DROP TABLE leases"))
    await migrate.upgrade(url)
    assert await migrate.check(url) == ""


def _contents(connection: sa.Connection) -> dict[str, object]:
    schema = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all()
    names = sa.inspect(connection).get_table_names()
    everything = {name: sa.select(sa.literal_column("*")).select_from(sa.table(name)) for name in names}
    return {"schema": schema, **{name: connection.execute(query).all() for name, query in everything.items()}}


async def test_a_file_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    path = tmp_path / "full.db"
    url = f"sqlite:///{path}"
    await migrate.run_on(url, migrated_to("0001"))

    def full(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        migrate.migrate(connection)

    with pytest.raises(UnavailableError) as refused:
        await migrate.run_on(url, full)
    assert "full" in refused.value.hint
    await migrate.upgrade(url)
    assert await migrate.check(url) == ""
