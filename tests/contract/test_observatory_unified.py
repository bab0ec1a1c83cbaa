"""The client of LLM-Observatory's unified service against its fake."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from aiohttp import web

from core.errors import UpstreamError, UpstreamProtocolError, UpstreamRejected, UpstreamUnavailable
from core.tools import ToolContext
from integrations.http import Reach
from integrations.observability.observatory.fake import ObservatoryFake
from integrations.observability.observatory.tools import tools
from integrations.observability.observatory.unified import UnifiedClient, Violation
from integrations.observability.observatory.unified_fake import UnifiedFake
from tests.contract.observatory_calls import NOW, SECRET, quickly, source
from tests.contract.observatory_replies import reply

AT = datetime(2026, 2, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="module")
def without_waiting() -> Iterator[None]:
    with quickly():
        yield


@pytest.fixture
async def fake() -> AsyncIterator[UnifiedFake]:
    async with UnifiedFake() as service:
        yield service


@pytest.fixture
async def client(fake: UnifiedFake) -> AsyncIterator[UnifiedClient]:
    async with UnifiedClient(Reach(fake.url, read=1.0)) as made:
        yield made


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """The address of a service that answers everything with `handler`."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_violations_are_read_by_whatever_names_they_have(fake: UnifiedFake, client: UnifiedClient) -> None:
    assert await client.violations() == ()
    fake.broken = reply("violations")
    assert await client.violations() == (
        Violation("availability", "critical", "search", AT, {"burn_rate": "14.4"}),
        Violation("latency", "", "checkout", None),
        Violation("budget spent"),
    )


async def test_violations_hold_no_secrets(fake: UnifiedFake, client: UnifiedClient) -> None:
    fake.violations = [
        {"slo": "x", "service": "password=hunter2", "token": "hunter2", "note": "password=hunter2", "at": 3}
    ]
    (one,) = await client.violations()
    assert "hunter2" not in repr(one)
    assert one.others["at"] == "3"


async def test_it_says_whether_it_is_ready(fake: UnifiedFake, client: UnifiedClient) -> None:
    await client.ready()
    fake.degraded = True
    with pytest.raises(UpstreamUnavailable):
        await client.ready()
    with pytest.raises(UpstreamUnavailable, match="fetch failed"):
        await client.violations()
    fake.broken = web.json_response({"ready": False})
    with pytest.raises(UpstreamUnavailable, match="not ready"):
        await client.ready()


async def test_what_happens_is_told_once_and_without_secrets(fake: UnifiedFake, client: UnifiedClient) -> None:
    await client.observe("copilot", "run.completed", "run-1", AT, {"kind": "deploy", "password": "hunter2"})
    (told,) = fake.observed
    assert told["payload"]["kind"] == "deploy"
    assert "hunter2" not in str(told)
    assert (told["source"], told["event_type"], told["execution_id"]) == ("copilot", "run.completed", "run-1")
    assert datetime.fromisoformat(told["timestamp"]) == AT


async def test_both_services_hear_what_happens() -> None:
    async with (
        ObservatoryFake(source(), secret=SECRET, shipped=True, now=lambda: NOW) as analytics,
        UnifiedClient(Reach(analytics.url)) as client,
    ):
        await client.observe("copilot", "run.completed", "run-1", AT, {})
        assert [told["execution_id"] for told in analytics.observed] == ["run-1"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply("unified_failure"), UpstreamError),
        (web.Response(status=503), UpstreamError),
        (web.json_response({"status": "refused"}), UpstreamProtocolError),
        (
            web.json_response({"success": False, "error": {"code": "NOT_FOUND", "message": "no"}}, status=404),
            UpstreamRejected,
        ),
    ],
)
async def test_it_is_told_once_whatever_comes_back(answer: web.Response, kind: type[UpstreamError]) -> None:
    asked: list[str] = []

    async def count(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=answer.status, body=answer.body, content_type="application/json")

    async with serving(count) as url, UnifiedClient(Reach(url)) as client:
        with pytest.raises(kind):
            await client.observe("copilot", "x", "run-1", AT, {})
    assert len(asked) == 1


async def test_its_patience_outlasts_the_seven_seconds_of_a_failing_write() -> None:
    async with UnifiedClient(Reach("http://127.0.0.1:1", read=1.0)) as client:
        assert client._http._reach.read > 7  # noqa: SLF001 -- seen nowhere else without waiting for so long


async def test_health_and_refusals_have_their_envelopes(fake: UnifiedFake) -> None:
    async with httpx.AsyncClient(base_url=fake.url, trust_env=False) as http:
        assert (await http.get("/health")).json()["status"] == "healthy"
        evaluated = (await http.post("/api/v1/health-check/evaluate", json={"targets": ["a"]})).json()
        assert evaluated["evaluations"] == [{"target": "a", "status": "healthy"}]
        missing = await http.get("/api/v1/nowhere")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "NOT_FOUND")
        assert (await http.post("/api/v1/observations", content=b"{")).status_code == 500
        fake.degraded = True
        health = await http.get("/health")
        assert (health.status_code, health.json()["components"]["ruvector"]["healthy"]) == (503, False)
        accepted = await http.post("/api/v1/observations", json={"execution_id": "e"})
        assert (accepted.status_code, accepted.json()) == (202, {"status": "accepted", "execution_id": "e"})
        assert fake.observed == [], "accepted, and lost"


async def test_workflows_ask_for_objectives_and_tell_what_happens() -> None:
    violations = [{"slo_id": "availability", "service": "Checkout"}, {"service": "checkout"}, {"slo": "other"}]
    async with UnifiedFake(violations) as fake, UnifiedClient(Reach(fake.url)) as client:
        offered = {tool.name: tool for tool in tools(client)}
        context = ToolContext("key-1")
        found = await offered["observatory.violations"].call({"service": "checkout"}, context)
        assert found.outputs == {"count": 2, "names": "availability, an objective without a name"}
        assert (await offered["observatory.violations"].call({"service": "search"}, context)).outputs["count"] == 0
        await offered["observatory.require_objectives"].call({"service": "search"}, context)
        with pytest.raises(UpstreamRejected, match="Of checkout is not met: availability"):
            await offered["observatory.require_objectives"].call({"service": "checkout"}, context)
        await offered["observatory.observe"].call({"event": "deploy", "text": "2.3 is out"}, context)
        (told,) = fake.observed
        assert (told["event_type"], told["execution_id"], told["payload"]) == (
            "deploy",
            "key-1",
            {"text": "2.3 is out"},
        )
        assert not offered["observatory.observe"].idempotent
