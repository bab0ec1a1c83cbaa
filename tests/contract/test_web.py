"""The HTTP server over a real socket: health, readiness, metrics, and one shape of errors."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web

from bot import health
from bot.health import Check
from bot.metrics import Metrics
from bot.web import Refresh, WebServer
from core.errors import (
    AuthenticationError,
    ConflictError,
    DefinitionError,
    DeniedError,
    NotFoundError,
    Problem,
    RateLimited,
    TooManyRequests,
    UnavailableError,
    UpstreamTimeout,
    UserInputError,
)


def saying(reason: str) -> Check:
    async def check() -> str:
        return reason

    return check


async def nothing() -> None:
    """Have nothing to bring up to date."""


async def hanging() -> str:
    await asyncio.Event().wait()
    return ""


async def broken() -> str:
    raise ZeroDivisionError


@asynccontextmanager
async def serving(
    checks: Mapping[str, Check] | None = None,
    *,
    routes: Sequence[web.AbstractRouteDef] = (),
    metrics: Metrics | None = None,
    refresh: Refresh = nothing,
) -> AsyncIterator[httpx.AsyncClient]:
    async def problems() -> dict[str, str]:
        return await health.problems(checks or {}, within=0.05)

    server = WebServer("127.0.0.1", 0, metrics=metrics or Metrics(), problems=problems, refresh=refresh, routes=routes)
    async with server, httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        yield client


def raising(error: Exception) -> web.RouteDef:
    async def handler(_request: web.Request) -> web.Response:
        raise error

    return web.get("/raise", handler)


async def test_a_process_that_lives_is_healthy_even_when_it_is_not_ready() -> None:
    async with serving({"database": saying("gone")}) as client:
        answer = await client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_when_every_part_works() -> None:
    async with serving({"database": saying(""), "slack": saying("")}) as client:
        answer = await client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "problems": {}})


async def test_not_ready_names_every_part_that_does_not_work() -> None:
    checks = {"database": saying("disk full"), "queue": saying(""), "slack": hanging, "cache": broken}
    async with serving(checks) as client:
        answer = await client.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "problems": {
            "database": "disk full",
            "slack": "did not answer within 0.05 s",
            "cache": "its check broke; see the log",
        },
    }


async def test_checks_run_at_the_same_time() -> None:
    together = asyncio.Barrier(3)

    async def check() -> str:
        await together.wait()
        return ""

    assert await health.problems({"a": check, "b": check, "c": check}, within=5) == {}


async def test_metrics_are_refreshed_before_they_are_shown() -> None:
    metrics = Metrics()

    async def refresh() -> None:
        metrics.depth("outbox", 5)

    async with serving(metrics=metrics, refresh=refresh) as client:
        answer = await client.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'copilot_queue_depth{queue="outbox"} 5.0' in answer.text


async def test_metrics_are_shown_even_when_the_records_are_down() -> None:
    async def refresh() -> None:
        raise UnavailableError("the database is gone")

    async with serving(refresh=refresh) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert "copilot_sessions_active" in answer.text


async def test_requests_are_counted_by_route_and_not_by_address() -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    metrics = Metrics()
    async with serving(metrics=metrics, routes=[web.get("/things/{id}", handler)]) as client:
        for path in ("/things/1", "/things/2", "/nowhere/1", "/nowhere/2"):
            await client.get(path)
        await client.request("PROPFIND", "/things/1")
    count = metrics.registry.get_sample_value
    assert count("http_requests_total", {"method": "GET", "path": "/things/{id}", "status": "200"}) == 2
    assert count("http_requests_total", {"method": "GET", "path": "(none)", "status": "404"}) == 2
    assert count("http_requests_total", {"method": "OTHER", "path": "(none)", "status": "405"}) == 1


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UserInputError("x"), 400, "VALIDATION_ERROR"),
        (DefinitionError((Problem("a.yaml", 3, "bad"),)), 400, "VALIDATION_ERROR"),
        (AuthenticationError("x"), 401, "AUTH_FAILED"),
        (DeniedError("x"), 403, "FORBIDDEN"),
        (NotFoundError("x"), 404, "NOT_FOUND"),
        (ConflictError("x"), 409, "CONFLICT"),
        (TooManyRequests("x"), 429, "RATE_LIMIT_EXCEEDED"),
        (RateLimited("slack", "x"), 502, "DEPENDENCY_FAILURE"),
        (UnavailableError("x"), 503, "SERVICE_UNAVAILABLE"),
        (UpstreamTimeout("slack", "x"), 504, "TIMEOUT"),
        (web.HTTPForbidden(), 403, "FORBIDDEN"),
        (web.HTTPServiceUnavailable(), 503, "SERVICE_UNAVAILABLE"),
        (web.HTTPNotImplemented(), 501, "INTERNAL_ERROR"),
    ],
)
async def test_every_error_has_its_status_and_code(error: Exception, status: int, code: str) -> None:
    async with serving(routes=[raising(error)]) as client:
        answer = await client.get("/raise")
    body = answer.json()["error"]
    assert (answer.status_code, body["code"]) == (status, code)
    assert body["retryable"] == (
        code in {"RATE_LIMIT_EXCEEDED", "DEPENDENCY_FAILURE", "SERVICE_UNAVAILABLE", "TIMEOUT"}
    )


async def test_an_error_says_what_to_do_and_when_to_come_back() -> None:
    error = RateLimited("slack", "Slack is busy.", hint="Wait a little.", delay=1.2)
    async with serving(routes=[raising(error)]) as client:
        answer = await client.get("/raise")
    assert answer.headers["Retry-After"] == "2"
    assert answer.json()["error"] == {
        "code": "DEPENDENCY_FAILURE",
        "message": "Slack is busy.",
        "hint": "Wait a little.",
        "retryable": True,
        "delay": 1.2,
        "service": "slack",
    }


async def test_a_bug_tells_nothing_of_its_insides() -> None:
    async with serving(routes=[raising(ZeroDivisionError("xoxb-planted"))]) as client:
        answer = await client.get("/raise")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert "planted" not in answer.text
    assert "ZeroDivision" not in answer.text


async def test_a_wrong_method_says_which_are_right() -> None:
    async with serving() as client:
        answer = await client.post("/health")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET,HEAD")
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"


async def test_a_redirect_of_a_route_stays_one() -> None:
    async with serving(routes=[raising(web.HTTPFound("/health"))]) as client:
        answer = await client.get("/raise")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/health")


async def test_a_body_that_is_too_large_is_refused() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    async with serving(routes=[web.post("/size", handler)]) as client:
        assert (await client.post("/size", content=b"x" * 1024)).text == "1024"
        answer = await client.post("/size", content=b"x" * (2 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"


async def test_a_port_that_is_taken_is_told_in_words() -> None:
    async def problems() -> dict[str, str]:
        return {}

    async with serving() as client:
        port = client.base_url.port or 0
        second = WebServer("127.0.0.1", port, metrics=Metrics(), problems=problems, refresh=nothing)
        with pytest.raises(UserInputError, match="is taken") as refused:
            await second.__aenter__()
    assert "http.port" in refused.value.hint
