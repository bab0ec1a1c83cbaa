"""Health, roll back and databases of the delivery service: the tools and the client of production against the fake."""

from collections.abc import AsyncIterator

import pytest
import stamina

from core.errors import UpstreamError, UpstreamRejected, UpstreamUnavailable
from core.tools import Toolbox, ToolContext
from integrations.delivery.client import DeliveryClient
from integrations.delivery.fake import DeliveryFake
from integrations.delivery.tools import tools
from integrations.http import Reach

SERVICE = {"service": "checkout", "environment": "production"}
DATABASE = {"database": "billing", "environment": "production"}


@pytest.fixture
async def fake() -> AsyncIterator[DeliveryFake]:
    async with DeliveryFake() as service:
        yield service


async def call(fake: DeliveryFake, name: str, key: str = "key-1", **given: str | float) -> dict[str, object]:
    async with DeliveryClient(Reach(fake.url, fake.token)) as client:
        result = await Toolbox(tools(client)).get(name).call(given, ToolContext(key))
    return dict(result.outputs)


async def test_health_follows_the_version_and_the_demand(fake: DeliveryFake) -> None:
    assert await call(fake, "delivery.health", **SERVICE) == {"state": "healthy", "error_percent": 0.2, "replicas": 3}
    fake.ask_much("checkout", "production", 5)
    with pytest.raises(UpstreamRejected, match="checkout is degraded: 12 % of the requests fail on 3 replicas"):
        await call(fake, "delivery.require_health", **SERVICE)
    await call(fake, "delivery.scale", **SERVICE, replicas=5.0)
    assert await call(fake, "delivery.require_health", **SERVICE) == {"state": "healthy"}
    fake.settle_for(600)
    await call(fake, "delivery.deploy", "key-2", **SERVICE, version="2.9.0")
    assert (await call(fake, "delivery.health", **SERVICE))["state"] == "settling"


async def test_a_roll_back_of_what_did_not_happen_leaves_what_ran_before_known(fake: DeliveryFake) -> None:
    before = await call(fake, "delivery.last_change", **SERVICE)
    await call(fake, "delivery.rollback", **SERVICE, version=str(before["version"]))
    after = await call(fake, "delivery.last_change", **SERVICE)
    assert (after["version"], after["previous"]) == (before["version"], before["previous"])


@pytest.mark.parametrize("replicas", ["many", "-1", "1.5"])
async def test_replicas_are_a_whole_number(fake: DeliveryFake, replicas: str) -> None:
    with pytest.raises(UpstreamRejected):
        await call(fake, "delivery.scale", **SERVICE, replicas=replicas)


async def test_a_version_that_fails_does_not_verify(fake: DeliveryFake) -> None:
    fake.break_version(fake.version("checkout", "production"))
    with pytest.raises(UpstreamRejected, match="12 % of the requests fail"):
        await call(fake, "delivery.verify", **SERVICE)


async def test_a_database_is_migrated_checked_and_restored(fake: DeliveryFake) -> None:
    assert await call(fake, "database.plan", **DATABASE) == {"schema": 41, "latest": 43, "pending": 2}
    with pytest.raises(UpstreamRejected, match="lacks 2 migrations"):
        await call(fake, "database.verify", **DATABASE)
    await call(fake, "database.rehearse", **DATABASE)
    backups = [await call(fake, "database.backup", key, **DATABASE) for key in ("a", "a", "b")]
    assert [one["backup"] for one in backups] == ["bak-1", "bak-1", "bak-2"]
    await call(fake, "database.restore", **DATABASE, backup="bak-1")
    assert fake.databases.effects("restore") == 0, "nothing had changed since the backup"
    await call(fake, "database.migrate", **DATABASE)
    await call(fake, "database.verify", **DATABASE)
    fake.databases.break_schema(43)
    with pytest.raises(UpstreamRejected, match="foreign keys"):
        await call(fake, "database.verify", **DATABASE)
    await call(fake, "database.restore", **DATABASE, backup="bak-1")
    assert fake.databases.schema("billing", "production") == 41


async def test_unknown_databases_and_backups_are_refused(fake: DeliveryFake) -> None:
    with pytest.raises(UpstreamRejected, match="There are orders, billing, accounts"):
        await call(fake, "database.plan", database="none", environment="production")
    with pytest.raises(UpstreamRejected, match="no such backup"):
        await call(fake, "database.restore", **DATABASE, backup="bak-9")


@pytest.mark.parametrize("broken", ["answer lost", "server error"])
async def test_a_migration_of_unknown_outcome_is_sent_once_and_says_so(fake: DeliveryFake, broken: str) -> None:
    if broken == "answer lost":
        fake.databases.drop_migrations()
    else:
        fake.fail_next(500)
    with stamina.set_testing(True, attempts=3, cap=True), pytest.raises(UpstreamError) as caught:
        await call(fake, "database.migrate", **DATABASE)
    assert caught.value.code == "DEPENDENCY_FAILURE"
    assert fake.databases.effects("migrate") == (1 if broken == "answer lost" else 0)


async def test_a_migration_that_never_reached_the_service_is_a_plain_failure() -> None:
    async with DeliveryFake() as fake:
        pass
    with pytest.raises(UpstreamUnavailable):
        await call(fake, "database.migrate", **DATABASE)
