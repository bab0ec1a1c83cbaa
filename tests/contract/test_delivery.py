"""The delivery tools and the client of production, against the fake that keeps the service's contract."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import stamina

from core.errors import UpstreamRejected, UpstreamUnavailable
from core.tools import Toolbox, ToolContext
from integrations.delivery.client import DeliveryClient
from integrations.delivery.fake import DeliveryFake
from integrations.delivery.fake_service import SERVICES
from integrations.delivery.tools import tools
from integrations.http import Reach

DEPLOY = {"service": "checkout", "environment": "production", "version": "2.9.0"}


class Now:
    """The time of the fake."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
async def now() -> Now:
    return Now()


@pytest.fixture
async def fake(now: Now) -> AsyncIterator[DeliveryFake]:
    async with DeliveryFake(now=now) as service:
        yield service


@pytest.fixture
async def slow(now: Now) -> AsyncIterator[DeliveryFake]:
    async with DeliveryFake(seconds=10, now=now) as service:
        yield service


async def call(fake: DeliveryFake, name: str, context: ToolContext | None = None, /, **given: str) -> dict[str, object]:
    async with DeliveryClient(Reach(fake.url, fake.token)) as client:
        result = await Toolbox(tools(client)).get(f"delivery.{name}").call(given, context or ToolContext("key-1"))
    return dict(result.outputs)


def raw(fake: DeliveryFake, key: str = "") -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {fake.token}", **({"Idempotency-Key": key} if key else {})}
    return httpx.AsyncClient(base_url=fake.url, headers=headers, trust_env=False)


async def test_the_services_are_listed(fake: DeliveryFake) -> None:
    assert str((await call(fake, "services"))["services"]).split(",") == list(SERVICES)


async def test_status_says_version_time_and_person(fake: DeliveryFake) -> None:
    found = await call(fake, "status", service="checkout", environment="production")
    assert found["version"] == fake.version("checkout", "production")
    assert found["deployed_by"]
    assert datetime.fromisoformat(str(found["deployed_at"])).tzinfo


async def test_status_of_what_does_not_exist_is_refused(fake: DeliveryFake) -> None:
    with pytest.raises(UpstreamRejected, match="no such service there"):
        await call(fake, "status", service="check/out", environment="moon")


async def test_a_deploy_changes_the_version_and_says_who(fake: DeliveryFake, now: Now) -> None:
    assert await call(fake, "deploy", **DEPLOY) == {"version": "2.9.0"}
    found = await call(fake, "status", service="checkout", environment="production")
    assert found == {"version": "2.9.0", "deployed_at": now.time.isoformat(), "deployed_by": "copilot"}


async def test_latest_is_what_runs_in_development(fake: DeliveryFake) -> None:
    latest = fake.version("checkout", "development")
    assert await call(fake, "deploy", **{**DEPLOY, "version": "latest"}) == {"version": latest}
    assert fake.version("checkout", "production") == latest


@pytest.mark.parametrize("kind", ["drain", "upgrade", "undrain"])
async def test_maintenance_of_a_host_takes_effect_once(fake: DeliveryFake, kind: str) -> None:
    for _ in range(2):
        await call(fake, kind, host="web-1.acme.example")
    assert fake.effects(kind) == 1


@pytest.mark.parametrize("kind", ["preflight", "verify"])
async def test_checks_have_no_effect(fake: DeliveryFake, kind: str) -> None:
    await call(fake, kind, **DEPLOY)
    assert fake.effects(kind) == 0


async def test_one_key_has_one_effect_and_another_key_another(fake: DeliveryFake) -> None:
    for key in ("a", "a", "b"):
        await call(fake, "deploy", ToolContext(key), **DEPLOY)
    assert fake.effects("deploy") == 2


async def test_a_key_cannot_be_used_for_something_else(fake: DeliveryFake) -> None:
    await call(fake, "deploy", **DEPLOY)
    with pytest.raises(UpstreamRejected) as refused:
        await call(fake, "deploy", **{**DEPLOY, "version": "3.0.0"})
    assert refused.value.reason == "KEY_REUSED"
    assert fake.version("checkout", "production") == "2.9.0"


async def test_an_answer_that_is_lost_does_not_deploy_twice(fake: DeliveryFake) -> None:
    fake.drop_next()
    with stamina.set_testing(True, attempts=3, cap=True):
        await call(fake, "deploy", **DEPLOY)
    assert fake.effects("deploy") == 1


async def test_a_service_that_fails_now_and_then_is_asked_again(fake: DeliveryFake) -> None:
    fake.fail_next(503, 502)
    with stamina.set_testing(True, attempts=3, cap=True):
        await call(fake, "deploy", **DEPLOY)
    assert fake.effects("deploy") == 1


async def test_a_service_that_keeps_failing_is_given_up(fake: DeliveryFake) -> None:
    fake.fail_next(500, 500, 500)
    with stamina.set_testing(True, attempts=3, cap=True), pytest.raises(UpstreamUnavailable):
        await call(fake, "deploy", **DEPLOY)
    assert fake.effects("deploy") == 0


async def test_progress_is_reported_until_the_operation_is_over(slow: DeliveryFake, now: Now) -> None:
    seen: list[tuple[float | None, str]] = []

    async def progress(fraction: float | None, text: str) -> None:
        seen.append((fraction, text))
        now.time += timedelta(seconds=5)

    await call(slow, "deploy", ToolContext("key-1", progress), **DEPLOY)
    assert seen == [(0.0, "Rolling out"), (0.5, "Rolling out")]
    assert slow.effects("deploy") == 1


async def test_an_operation_that_fails_says_why(fake: DeliveryFake) -> None:
    fake.fail_operation("2 of 8 replicas crash: out of memory")
    with pytest.raises(UpstreamRejected, match="out of memory") as failed:
        await call(fake, "deploy", **DEPLOY)
    assert failed.value.reason == "failed"
    assert fake.effects("deploy") == 0


async def test_an_operation_that_somebody_cancelled_fails_its_tool(slow: DeliveryFake) -> None:
    async def cancel(_fraction: float | None, _text: str) -> None:
        async with raw(slow) as http:
            assert (await http.post("/v1/operations/op-1/cancel")).json()["state"] == "cancelled"

    with pytest.raises(UpstreamRejected) as cancelled:
        await call(slow, "deploy", ToolContext("key-1", cancel), **DEPLOY)
    assert cancelled.value.reason == "cancelled"


async def test_an_interrupted_call_leaves_the_operation_running(slow: DeliveryFake, now: Now) -> None:
    begun = asyncio.Event()

    async def progress(_fraction: float | None, _text: str) -> None:
        begun.set()

    async with asyncio.TaskGroup() as group:
        attempt = group.create_task(call(slow, "deploy", ToolContext("key-1", progress), **DEPLOY))
        await begun.wait()
        attempt.cancel()
    now.time += timedelta(seconds=10)
    await call(slow, "deploy", **DEPLOY)
    assert slow.effects("deploy") == 1


async def test_an_operation_ends_whether_or_not_it_is_watched(slow: DeliveryFake, now: Now) -> None:
    async with raw(slow, "key-1") as http:
        assert (await http.post("/v1/operations", json={"kind": "deploy", **DEPLOY})).status_code == 202
    now.time += timedelta(seconds=10)
    assert slow.version("checkout", "production") == "2.9.0"


async def test_a_cancelled_operation_has_no_effect_and_a_done_one_stays_done(slow: DeliveryFake, now: Now) -> None:
    async with raw(slow, "key-1") as http:
        await http.post("/v1/operations", json={"kind": "drain", "host": "web-1"})
        await http.post("/v1/operations/op-1/cancel")
        now.time += timedelta(seconds=10)
        assert (await http.get("/v1/operations/op-1")).json()["state"] == "cancelled"
        await http.post("/v1/operations", json={"kind": "drain", "host": "web-2"}, headers={"Idempotency-Key": "b"})
        now.time += timedelta(seconds=10)
        assert (await http.post("/v1/operations/op-2/cancel")).json()["state"] == "succeeded"
    assert slow.effects("drain") == 1


async def test_versions_and_keys_survive_a_restart(tmp_path: Path, now: Now) -> None:
    data = tmp_path / "delivery.json"
    async with DeliveryFake(data=data, now=now) as before:
        await call(before, "deploy", **DEPLOY)
    async with DeliveryFake(data=data, now=now) as after:
        assert after.version("checkout", "production") == "2.9.0"
        await call(after, "deploy", **DEPLOY)
        assert after.effects("deploy") == 0


async def test_a_wrong_token_is_refused(fake: DeliveryFake) -> None:
    async with DeliveryClient(Reach(fake.url, "wrong")) as client:
        with pytest.raises(UpstreamRejected) as refused:
            await client.services()
    assert refused.value.reason == "AUTH_FAILED"


async def test_a_service_that_is_not_configured_says_what_to_set() -> None:
    async with DeliveryClient(Reach("")) as client:
        with pytest.raises(UpstreamRejected) as refused:
            await client.services()
    assert "delivery.url" in refused.value.hint


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("no json", 400),
        ("[]", 400),
        ('{"kind": "explode"}', 400),
        ('{"kind": "drain", "host": 7}', 400),
        ('{"kind": "deploy", "service": "checkout", "environment": "production"}', 400),
        ('{"kind": "verify", "service": "nothing", "environment": "production"}', 422),
        ('{"kind": "verify", "service": "checkout", "environment": "moon"}', 422),
    ],
)
async def test_a_wrong_request_begins_nothing(fake: DeliveryFake, body: str, status: int) -> None:
    async with raw(fake, "key-1") as http:
        answer = await http.post("/v1/operations", content=body)
        assert answer.status_code == status
        assert answer.json()["error"]["message"]
        assert (await http.get("/v1/operations/op-1")).status_code == 404
        assert (await http.post("/v1/operations/op-1/cancel")).status_code == 404


async def test_an_operation_needs_a_key(fake: DeliveryFake) -> None:
    async with raw(fake) as http:
        assert (await http.post("/v1/operations", json={"kind": "drain", "host": "web-1"})).status_code == 400
    assert fake.effects("drain") == 0


def test_the_version_of_an_unknown_place_is_an_error_of_the_test() -> None:
    with pytest.raises(KeyError):
        DeliveryFake().version("nothing", "production")
