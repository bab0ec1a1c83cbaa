"""Alerts over a real socket: who is let in, what is read, and what is said to those who are not."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from bot.alert_door import MOST_BYTES, AlertDoor
from bot.clock import SystemClock
from bot.metrics import Metrics
from bot.sections import AlertSource, MappingSettings
from bot.web import WebServer
from core.alerts.alert import Notification, State
from core.errors import UnavailableError
from storage.cache_memory import MemoryCache
from tests.unit.alerts.test_reading import payload

TOKEN = "a-token-of-the-alert-manager"
BODY = json.dumps(payload()).encode()
A_MINUTE = 4
SOURCES = {
    "shop": AlertSource(token=SecretStr(TOKEN)),
    "other": AlertSource(
        kind="json", token=SecretStr(TOKEN), mapping=MappingSettings(name="title", state="is", resolved=("Gone",))
    ),
}


@pytest.fixture
def taken() -> list[Notification]:
    return []


@pytest.fixture
async def http(taken: list[Notification]) -> AsyncIterator[httpx.AsyncClient]:
    async def take(told: Notification, source: AlertSource) -> None:
        assert source == SOURCES[told.source]
        if told.key == "down":
            raise UnavailableError("The database is away.")
        taken.append(told)

    async def fine() -> dict[str, str]:
        return {}

    async def nothing() -> None:
        """Have nothing to bring up to date."""

    door = AlertDoor(SOURCES, take, cache=MemoryCache(), clock=SystemClock(), per_minute=A_MINUTE)
    server = WebServer("127.0.0.1", 0, metrics=Metrics(), problems=fine, refresh=nothing, routes=door.routes())
    async with server, httpx.AsyncClient(base_url=server.url) as client:
        yield client


async def post(
    http: httpx.AsyncClient, body: bytes = BODY, name: str = "shop", authorization: str = f"Bearer {TOKEN}", **more: str
) -> httpx.Response:
    given = {key.replace("_", "-"): value for key, value in more.items()}
    return await http.post(f"/alerts/{name}", content=body, headers={"Authorization": authorization, **given})


def signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


async def test_what_is_acknowledged_was_taken(http: httpx.AsyncClient, taken: list[Notification]) -> None:
    answer = await post(http)
    assert (answer.status_code, answer.json()["alerts"]) == (202, 1)
    assert [told.source for told in taken] == ["shop"]


async def test_a_password_and_a_signature_are_as_good_as_a_token(http: httpx.AsyncClient) -> None:
    assert (await post(http, authorization=basic(TOKEN))).status_code == 202
    assert (await post(http, authorization="", X_Signature_256=signature(BODY, TOKEN))).status_code == 202


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", TOKEN, basic("wrong"), "Basic !", "Basic"])
@pytest.mark.parametrize("name", ["shop", "nobody"])
async def test_without_the_token_nothing_is_taken(
    http: httpx.AsyncClient, taken: list[Notification], name: str, authorization: str
) -> None:
    answer = await post(http, name=name, authorization=authorization, X_Signature_256=signature(BODY, ""))
    assert (answer.status_code, taken) == (401, [])
    assert answer.json() == (await post(http, name="nobody")).json()


async def test_a_body_that_does_not_fit_is_refused_with_its_path(
    http: httpx.AsyncClient, taken: list[Notification]
) -> None:
    answer = await post(http, json.dumps(payload("x")).encode())
    assert (answer.status_code, taken) == (400, [])
    assert "alerts[0] must be an object" in answer.text


async def test_a_mapping_is_used_where_there_is_one(http: httpx.AsyncClient, taken: list[Notification]) -> None:
    assert (await post(http, b'{"title": "Disk", "is": "gone"}', "other")).status_code == 202
    assert [(alert.name, alert.state) for told in taken for alert in told.alerts] == [("Disk", State.RESOLVED)]


async def test_what_could_not_be_recorded_is_not_acknowledged(http: httpx.AsyncClient) -> None:
    assert (await post(http, json.dumps(payload(groupKey="down")).encode())).status_code == 503


async def test_too_many_are_told_to_wait(http: httpx.AsyncClient) -> None:
    answers = [await post(http) for _ in range(A_MINUTE + 1)]
    assert [answer.status_code for answer in answers] == [202] * A_MINUTE + [429]


async def test_what_is_too_large_is_refused(http: httpx.AsyncClient, taken: list[Notification]) -> None:
    assert (await post(http, b" " * (MOST_BYTES + 1))).status_code == 413
    assert taken == []


@pytest.mark.parametrize("given", [{"kind": "json"}, {"mapping": {"name": "n"}}, {"token": "short"}])
def test_a_source_that_cannot_work_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AlertSource.model_validate({"token": TOKEN, **given})
