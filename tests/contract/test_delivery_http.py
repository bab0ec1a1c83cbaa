"""The shared HTTP client: every failure becomes one of ours, only what is safe is repeated."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

import httpx
import pytest
import stamina
from aiohttp import web

from core.errors import (
    BotError,
    RateLimited,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
    UserInputError,
)
from integrations.http import NotAsked, Reach, ServiceClient, Watch, from_httpx

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@asynccontextmanager
async def serving(
    handler: Handler,
    *,
    timeout: float = 5.0,
    watch: Watch | None = None,
    clock: Callable[[], float] = time.monotonic,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[ServiceClient]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        reach = Reach(url, "tell-nobody", headers, connect=timeout, read=timeout)
        async with ServiceClient("delivery", reach, watch=watch, clock=clock) as client:
            yield client
    finally:
        await runner.cleanup()


def answering(*answers: tuple[int, str, dict[str, str]]) -> tuple[Handler, list[web.Request]]:
    """A handler that gives one answer after the other, the last one for ever, and what it was asked."""
    asked: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        status, text, headers = answers[min(len(asked), len(answers) - 1)]
        asked.append(request)
        return web.Response(status=status, text=text, headers=headers)

    return handler, asked


def every(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for below in kind.__subclasses__():
        yield from every(below)


@pytest.mark.parametrize(
    "kind",
    sorted({*every(httpx.HTTPError), *every(httpx.StreamError), httpx.InvalidURL}, key=str),
)
def test_every_error_of_httpx_has_one_of_ours(kind: type[httpx.HTTPError]) -> None:
    error = from_httpx("delivery", kind.__new__(kind))
    assert type(error) is not UpstreamError
    assert error.service == "delivery"
    assert error.retryable == isinstance(error, UpstreamTimeout | UpstreamUnavailable)


@pytest.mark.parametrize("kind", [httpx.ConnectTimeout, httpx.ReadTimeout, httpx.PoolTimeout])
def test_a_timeout_stays_a_timeout(kind: type[httpx.HTTPError]) -> None:
    assert isinstance(from_httpx("delivery", kind("slow")), UpstreamTimeout)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, UpstreamProtocolError),
        (400, UpstreamRejected),
        (401, UpstreamRejected),
        (404, UpstreamRejected),
        (408, UpstreamTimeout),
        (409, UpstreamRejected),
        (422, UpstreamRejected),
        (429, RateLimited),
        (500, UpstreamUnavailable),
        (503, UpstreamUnavailable),
        (504, UpstreamTimeout),
    ],
)
async def test_every_status_has_its_error(status: int, kind: type[BotError]) -> None:
    handler, asked = answering((status, "", {"Location": "/elsewhere"} if status == 302 else {}))
    async with serving(handler) as client:
        with pytest.raises(kind):
            await client.get("/x")
    assert len(asked) == (3 if kind.retryable else 1)


async def test_what_the_service_says_is_passed_on_without_its_secrets() -> None:
    handler, _ = answering((422, '{"error": {"code": "NO", "message": "bad password=hunter2"}}', {}))
    async with serving(handler) as client:
        with pytest.raises(UpstreamRejected) as refused:
            await client.get("/x")
    assert refused.value.message == "delivery says: bad password=[redacted]"
    assert refused.value.reason == "NO"


async def test_a_short_rate_limit_is_waited_for_and_a_long_one_reported() -> None:
    handler, asked = answering((429, "", {"Retry-After": "1"}), (429, "", {"Retry-After": "120"}))
    async with serving(handler) as client:
        with pytest.raises(RateLimited) as limited:
            await client.get("/x")
    assert limited.value.delay == 120
    assert len(asked) == 2


async def test_a_write_is_repeated_with_its_key() -> None:
    handler, asked = answering((500, "", {}), (200, '{"id": "op-1"}', {}))
    async with serving(handler) as client:
        assert await client.post("/x", {"kind": "deploy"}, key="run-1/deploy") == {"id": "op-1"}
    assert [request.headers["Idempotency-Key"] for request in asked] == ["run-1/deploy", "run-1/deploy"]


async def test_the_token_is_sent() -> None:
    handler, asked = answering((200, "{}", {}))
    async with serving(handler) as client:
        assert await client.get("/x") == {}
    assert asked[0].headers["Authorization"] == "Bearer tell-nobody"


@pytest.mark.parametrize("text", ["[1]", "no json", '"text"'])
async def test_an_answer_that_is_no_object_breaks_the_protocol(text: str) -> None:
    handler, _ = answering((200, text, {}))
    async with serving(handler) as client:
        with pytest.raises(UpstreamProtocolError):
            await client.get("/x")


async def test_an_endless_answer_is_cut_off() -> None:
    handler, _ = answering((200, "x" * (4 * 1024 * 1024 + 1), {}))
    async with serving(handler) as client:
        with pytest.raises(UpstreamProtocolError, match="more than"):
            await client.get("/x")


async def test_a_service_that_never_answers_times_out() -> None:
    async def hang(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with serving(hang, timeout=0.05) as client:
        with pytest.raises(UpstreamTimeout):
            await client.get("/x")


async def test_a_service_that_is_down_is_unavailable() -> None:
    async with ServiceClient("delivery", Reach("http://127.0.0.1:1")) as client:
        with pytest.raises(UpstreamUnavailable) as down:
            await client.get("/x")
    assert down.value.hint


async def test_a_service_on_loopback_is_reached_without_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    handler, _ = answering((200, "{}", {}))
    async with serving(handler) as client:
        assert await client.get("/x") == {}


async def test_an_address_that_is_none_breaks_the_protocol() -> None:
    async with ServiceClient("delivery", Reach("ftp://127.0.0.1")) as client:
        with pytest.raises(UpstreamProtocolError):
            await client.get("/x")


async def test_a_service_that_fails_again_and_again_is_left_alone_and_comes_back_without_a_restart() -> None:
    now, told = 1000.0, list[tuple[str, str]]()
    handler, asked = answering(*[(503, "", {})] * 8, (200, "{}", {}))
    note = lambda service, state: told.append((service, str(state)))  # noqa: E731
    async with serving(handler, watch=note, clock=lambda: now) as client:
        for _ in range(3):
            with pytest.raises(UpstreamUnavailable):
                await client.get("/x")
        assert len(asked) == 8, "the ninth request was not made"
        with pytest.raises(NotAsked, match="left alone for 5 s") as caught:
            await client.post_once("/x", {})
        assert caught.value.delay == 5.0
        assert len(asked) == 8
        now += 5.0
        assert await client.get("/x") == {}
        assert await client.get("/x") == {}
    assert told == [("delivery", "open"), ("delivery", "half-open"), ("delivery", "closed")]


async def test_refusals_and_requests_to_slow_down_open_nothing() -> None:
    handler, asked = answering((404, "", {}), *[(429, "", {"Retry-After": "60"})] * 20)
    async with serving(handler) as client:
        for _ in range(20):
            with pytest.raises(UpstreamError):
                await client.get("/x")
    assert len(asked) == 20


async def test_a_slow_service_holds_only_so_much_of_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.http._AT_ONCE", 2)
    monkeypatch.setattr("integrations.http._WAITING", 3)
    opened, under_way, most = asyncio.Event(), 0, 0

    async def slow(_request: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await opened.wait()
        under_way -= 1
        return web.json_response({})

    async with serving(slow) as client:
        asking = asyncio.gather(*(client.get("/x") for _ in range(6)), return_exceptions=True)
        while under_way < 2:
            await asyncio.sleep(0)
        opened.set()
        ends = await asking
    assert most == 2
    assert [type(end) for end in ends].count(NotAsked) == 1, "two under way, three waiting, and one too many"


@pytest.mark.parametrize(
    ("given", "delay"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "Tue, 10 Mar 2026 12:02:00 GMT", "Date": "Tue, 10 Mar 2026 12:00:00 GMT"}, 120.0),
        ({"Retry-After": "Tue, 10 Mar 2026 11:00:00 GMT", "Date": "Tue, 10 Mar 2026 12:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, 1.0),
        ({"Retry-After": "-5"}, 1.0),
    ],
)
async def test_when_to_come_back_is_read_as_seconds_and_as_a_date(given: dict[str, str], delay: float) -> None:
    handler, _ = answering((429, "", given))
    async with serving(handler) as client:
        with pytest.raises(RateLimited) as limited:
            await client.post_once("/x", {})
    assert limited.value.delay == delay


async def test_a_list_is_a_parameter_that_is_given_several_times() -> None:
    handler, asked = answering((200, "[]", {}))
    async with serving(handler) as client:
        await client.get_json("/x", {"match[]": ["a", "b"], "limit": 3})
    assert asked[0].query.getall("match[]") == ["a", "b"]
    assert asked[0].query["limit"] == "3"


async def test_a_link_local_address_is_refused_unless_it_is_meant() -> None:
    """There clouds keep the credentials of their machines."""
    for host in ("169.254.169.254", "[fe80::1]"):
        async with ServiceClient("loki", Reach(f"http://{host}/")) as client:
            with pytest.raises(UpstreamRejected, match="link-local") as refused:
                await client.get("/x")
            assert "loki.link_local" in refused.value.hint
    async with ServiceClient("loki", Reach("http://169.254.169.254:1/", connect=0.01, link_local=True)) as client:
        with pytest.raises(UpstreamError) as failed:
            await client.get("/x")
        assert "link-local" not in failed.value.message


def test_certificates_that_cannot_be_read_are_told_by_the_setting(tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    for text in (None, "no certificate"):
        if text is not None:
            broken.write_text(text)
        with pytest.raises(UserInputError, match=r"loki\.ca_file"):
            ServiceClient("loki", Reach("https://loki.example", ca_file=broken))


async def test_headers_are_sent_and_stay_out_of_what_is_logged() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.headers.get("X-Scope-OrgID", ""))
        return web.json_response({})

    async with serving(handler, headers={"X-Scope-OrgID": "acme"}) as client:
        await client.get("/x")
    assert asked == ["acme"]
    assert "acme" not in repr(Reach("http://x", "tell-nobody", {"X-Scope-OrgID": "acme"}))
    assert "tell-nobody" not in repr(Reach("http://x", "tell-nobody"))
