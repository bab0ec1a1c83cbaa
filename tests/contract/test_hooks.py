"""Webhooks over a real socket: who is let in, and what is said to those who are not."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from bot.clock import SystemClock, SystemIds
from bot.hooks import MOST_BYTES, Hooks
from bot.metrics import Metrics
from bot.web import WebServer
from core.workflow.catalogue import Catalogue
from core.workflow.signals import Means
from core.workflow.starts import Starting
from storage.cache_memory import MemoryCache
from storage.engine import open_records
from storage.records import SqlRecords

SECRET = "a-secret-of-the-build-server"
BODY = b'{"status": "green"}'
A_MINUTE = 4


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[SqlRecords]:
    async with open_records(f"sqlite:///{tmp_path / 'records.db'}") as opened:
        yield opened


@pytest.fixture
async def http(records: SqlRecords) -> AsyncIterator[httpx.AsyncClient]:
    hooks = Hooks(
        records,
        {"build": SecretStr(SECRET)},
        cache=MemoryCache(),
        clock=SystemClock(),
        means=Means(SystemIds()),
        starting=Starting(Catalogue([])),
        per_minute=A_MINUTE,
    )

    async def fine() -> dict[str, str]:
        return {}

    async def nothing() -> None:
        """Have nothing to bring up to date."""

    server = WebServer("127.0.0.1", 0, metrics=Metrics(), problems=fine, refresh=nothing, routes=hooks.routes())
    async with server, httpx.AsyncClient(base_url=server.url) as client:
        yield client


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def post(http: httpx.AsyncClient, body: bytes = BODY, name: str = "build", **headers: str) -> httpx.Response:
    given = {key.replace("_", "-"): value for key, value in headers.items()}
    return await http.post(f"/hooks/{name}", content=body, headers={"X-Signature-256": signature(body), **given})


async def test_a_signed_event_is_on_the_record_when_it_is_acknowledged(
    http: httpx.AsyncClient, records: SqlRecords
) -> None:
    answer = await post(http, X_Event_Id="build-7")
    assert answer.status_code == 202
    assert answer.json() == {"event": "build-7", "duplicate": False, "started": [], "woken": []}
    known = await records.write(lambda tx: tx.firings.put("event/webhook.build", "build-7", SystemClock().now()))
    assert not known


async def test_an_event_is_the_same_by_its_id_or_by_its_body(http: httpx.AsyncClient) -> None:
    told = [await post(http), await post(http), await post(http, X_Event_Id="1"), await post(http, X_Event_Id="1")]
    assert [answer.json()["duplicate"] for answer in told] == [False, True, False, True]


async def test_githubs_headers_are_understood(http: httpx.AsyncClient) -> None:
    headers = {"X-Hub-Signature-256": signature(BODY), "X-GitHub-Delivery": "f00"}
    answer = await http.post("/hooks/build", content=BODY, headers=headers)
    assert (answer.status_code, answer.json()["event"]) == (202, "f00")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("build", ""),
        ("build", "sha256="),
        ("build", "sha1=0123"),
        ("build", signature(BODY, "another-secret-of-somebody")),
        ("build", signature(b"another body")),
        ("build", "sha256=ünï".encode().decode("latin-1")),
        ("unknown", signature(BODY)),
        ("unknown", signature(BODY, "")),
        ("%00..", signature(BODY, "")),
    ],
)
async def test_who_does_not_know_the_secret_is_refused_alike(http: httpx.AsyncClient, name: str, given: str) -> None:
    headers = {"X-Signature-256": given.encode("latin-1")}
    answer = await http.post(f"/hooks/{name}", content=BODY, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "AUTH_FAILED"
    assert answer.json()["error"]["message"] == "The signature does not fit."


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"[]", 422, "The body must be a JSON object."),
        (b"{", 422, "The body is no JSON that can be read."),
        (b'{"a": "' + b"x" * MOST_BYTES + b'"}', 413, "At most 256 KiB are taken."),
    ],
    ids=["list", "broken", "long"],
)
async def test_what_is_no_event_is_refused_with_the_reason(
    http: httpx.AsyncClient, body: bytes, status: int, message: str
) -> None:
    answer = await post(http, body)
    assert answer.status_code == status
    assert answer.json()["error"] == {
        "code": "VALIDATION_ERROR", "message": message, "hint": "", "retryable": False
    }  # fmt: skip


async def test_a_body_of_unknown_length_is_measured_too(http: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 1024 + 1):
            yield b" " * 1024

    assert (await http.post("/hooks/build", content=chunks())).status_code == 413


async def test_too_many_events_are_told_to_wait_and_those_without_the_secret_use_nothing_up(
    http: httpx.AsyncClient,
) -> None:
    for _ in range(2 * A_MINUTE):
        await http.post("/hooks/build", content=BODY)
    answers = [await post(http, X_Event_Id=str(number)) for number in range(A_MINUTE + 1)]
    assert [answer.status_code for answer in answers] == [202] * A_MINUTE + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
