"""The schema: made at once it equals the migrated one; older and newer ones are recognised."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.errors import UnavailableError
from storage import migrate, migrations
from storage.engine import open_records
from storage.tables import metadata
from tests.contract.conftest import Databases


@pytest.fixture(params=["sqlite", "postgresql"])
async def blank(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'blank.db'}"
    databases: Databases = request.getfixturevalue("postgres")
    return await databases.empty()


def _describe(connection: sa.Connection) -> dict[str, object]:
    """Everything that the database says about its tables."""
    inspector = sa.inspect(connection)
    return {
        name: (
            [
                (c["name"], str(c["type"]), getattr(c["type"], "collation", None), c["nullable"], c["default"])
                for c in inspector.get_columns(name)
            ],
            inspector.get_pk_constraint(name),
            sorted(inspector.get_unique_constraints(name), key=str),
            sorted(map(_index, inspector.get_indexes(name))),
        )
        for name in inspector.get_table_names()
    }


def _index(index: Mapping[str, Any]) -> str:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return f"{index['name']} {index['column_names']} {bool(index['unique'])} {options}"


def _differences(connection: sa.Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def _wipe(connection: sa.Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        table.drop(connection)
    connection.exec_driver_sql("DROP TABLE alembic_version")


async def test_the_schema_made_at_once_is_the_migrated_one(blank: str) -> None:
    await migrate.run_on(blank, migrate.migrate)
    migrated = await migrate.run_on(blank, _describe)
    assert await migrate.run_on(blank, _differences) == []
    await migrate.run_on(blank, _wipe)
    await migrate.run_on(blank, migrate.create)
    assert await migrate.run_on(blank, _describe) == migrated


async def test_upgrading_twice_changes_nothing(blank: str) -> None:
    assert "no schema" in await migrate.check(blank)
    await migrate.upgrade(blank)
    before = await migrate.run_on(blank, _describe)
    await migrate.upgrade(blank)
    assert await migrate.check(blank) == ""
    assert await migrate.run_on(blank, _describe) == before


async def test_a_schema_of_a_newer_version_is_refused(blank: str) -> None:
    await migrate.upgrade(blank)
    await migrate.run_on(
        blank, lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    )
    for refused in (migrate.check, migrate.upgrade, migrate.prepare):
        with pytest.raises(UnavailableError, match="newer Copilot"):
            await refused(blank)


async def test_postgresql_is_never_migrated_on_start(postgres: Databases) -> None:
    url = await postgres.empty()
    with pytest.raises(UnavailableError) as refused:
        async with open_records(url):
            pytest.fail("opened without a schema")
    assert "copilot migrate" in refused.value.hint
    assert "no schema" in await migrate.check(url)


async def test_a_sqlite_file_is_made_on_start_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'new.db'}"
    async with open_records(url) as records:
        assert await records.healthy() == ""
    assert await migrate.check(url) == ""


async def test_tables_without_a_version_are_not_taken_for_an_empty_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    await migrate.run_on(url, lambda connection: connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)"))
    await migrate.upgrade(url)
    assert "theirs" in await migrate.run_on(url, _describe)
    assert await migrate.check(url) == ""


def test_the_declared_versions_are_those_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(migrations.KNOWN)
    assert scripts.get_current_head() == migrations.HEAD


async def test_the_schema_can_be_taken_down(blank: str) -> None:
    await migrate.run_on(blank, migrate.migrate)
    await migrate.run_on(blank, _downgrade)
    assert list(await migrate.run_on(blank, _describe)) == ["alembic_version"]


def _downgrade(connection: sa.Connection) -> None:
    from alembic import command

    command.downgrade(migrate.alembic_config(connection), "base")


async def test_an_unreachable_server_is_unavailable() -> None:
    with pytest.raises(UnavailableError, match="cannot be reached"):
        await migrate.check("postgresql://nobody@/none?host=/nowhere")
