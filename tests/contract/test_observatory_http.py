"""What the shared HTTP client has learnt for LLM-Observatory: tokens that do not last, and two more shapes of errors."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx

from core.errors import UpstreamError, UpstreamRejected, UpstreamUnavailable
from integrations.http import Reach, ServiceClient, from_status
from tests.contract.observatory_calls import quickly


@pytest.fixture(autouse=True, scope="module")
def without_waiting() -> Iterator[None]:
    with quickly(attempts=2):
        yield


async def authorizations(sign: list[str] | None, token: str = "", fails: bool = False) -> list[str | None]:
    """What is sent with one request, and with its repetition where the first fails."""
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("Authorization"))
        return httpx.Response(503 if fails and len(sent) == 1 else 200, json={})

    with respx.mock() as service:
        service.get("/x").mock(side_effect=answer)
        made = ServiceClient("x", Reach("http://127.0.0.1:1", token), sign=iter(sign).__next__ if sign else None)
        async with made as client:
            await client.get("/x")
    return sent


async def test_each_request_is_signed_anew() -> None:
    assert await authorizations(["one", "two"], fails=True) == ["Bearer one", "Bearer two"]


async def test_a_signature_stands_before_the_token_of_the_settings_and_none_changes_nothing() -> None:
    assert await authorizations(["one"], "fixed") == ["Bearer one"]
    assert await authorizations([""], "fixed") == ["Bearer fixed"]
    assert await authorizations(None, "fixed") == ["Bearer fixed"]
    assert await authorizations([""]) == [None]


def failure(status: int, body: object) -> UpstreamError:
    return from_status("x", httpx.Response(status), body)


@pytest.mark.parametrize(
    ("body", "message", "reason"),
    [
        ({"error": {"code": "NOT_FOUND", "message": "gone"}, "meta": {"timestamp": "t"}}, "x says: gone", "NOT_FOUND"),
        ({"error": "bad_request", "message": "no such metric"}, "x says: no such metric", "bad_request"),
        ({"error": "Bad Request", "message": "no such time"}, "x says: no such time", "Bad Request"),
        (
            {"success": False, "error": {"code": "VALIDATION_FAILED", "message": "empty"}},
            "x says: empty",
            "VALIDATION_FAILED",
        ),
        ({"status": "error", "errorType": "bad_data", "error": "parse error"}, "x says: parse error", "bad_data"),
        ({"errorType": "bad_data", "error": "parse error", "message": "hm"}, "x says: parse error", "bad_data"),
        ({"error": "only this"}, "x says: only this", "400"),
        ({"error": "bad_request", "message": ""}, "x says: bad_request", "400"),
        ({"error": "bad_request", "message": {"deep": 1}}, "x says: bad_request", "400"),
        ({"message": "no error"}, "x answered 400.", "400"),
        ({"error": "bad_request", "message": "password=hunter2"}, "x says: password=[redacted]", "bad_request"),
        (None, "x answered 400.", "400"),
    ],
)
def test_every_shape_is_said_in_its_own_words(body: Any, message: str, reason: str) -> None:  # noqa: ANN401 -- JSON
    error = failure(400, body)
    assert isinstance(error, UpstreamRejected)
    assert (error.message, error.reason) == (message, reason)


def test_what_fails_over_there_may_be_repeated() -> None:
    error = failure(500, {"error": "database_error", "message": "no such column"})
    assert isinstance(error, UpstreamUnavailable)
    assert error.message == "x says: no such column"
