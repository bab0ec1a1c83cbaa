"""Requests that nobody honest sends: each gets a clear answer, changes nothing and breaks nothing."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from bot.emulators.slack import acme
from bot.emulators.slack.http_mode import signature
from tests.flows.world import World

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass
class Door:
    """Slack's door of a bot in HTTP mode."""

    world: World
    http: httpx.AsyncClient

    def signed(self, body: str | bytes, *, kind: str = JSON, at: float | None = None) -> dict[str, str]:
        """The headers of a request of Slack's own."""
        stamp = str(int(time.time() if at is None else at))
        text = body if isinstance(body, str) else body.decode("utf-8", "replace")
        secret = self.world.site.settings()["signing_secret"]
        return {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(secret, stamp, text),
        }

    async def send(self, body: str | bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Post to the request URL."""
        assert self.world.bot
        return await self.http.post(f"{self.world.bot.address}/slack/events", content=body, headers=dict(headers))

    async def handled(self) -> int:
        """Items that were taken into the inbox."""
        assert self.world.bot
        return await self.world.bot.records.read(lambda tx: _count(tx))


def _count(tx: Any) -> int:  # noqa: ANN401 -- the SQL transaction behind the port
    return int(tx.connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one())


@pytest.fixture
async def door(cold_slack: World) -> AsyncIterator[Door]:
    """A bot in HTTP mode."""
    cold_slack.settings["slack"] = {**cold_slack.site.settings(), "mode": "http", "app_token": ""}
    async with cold_slack.started(), httpx.AsyncClient(trust_env=False) as http:
        yield Door(cold_slack, http)


def mention(text: str, *, ts: str = "1716900000.000100") -> str:
    event = {
        "type": "app_mention", "user": acme.DANA, "text": f"<@{acme.BOT_USER}> {text}", "ts": ts,
        "channel": acme.CHECKOUT, "event_ts": ts, "team": acme.TEAM,
    }  # fmt: skip
    outer = {
        "type": "event_callback",
        "team_id": acme.TEAM,
        "event": event,
        "event_id": "Ev1",
        "event_time": 1716900000,
    }
    return json.dumps(outer)


def command(text: str) -> str:
    fields = {
        "command": "/copilot", "text": text, "team_id": acme.TEAM, "channel_id": acme.CHECKOUT, "user_id": acme.DANA,
        "user_name": "dana", "trigger_id": "1.2.3", "response_url": "http://127.0.0.1:1/response",
    }  # fmt: skip
    return urlencode(fields)


async def test_a_forged_a_stale_and_a_missing_signature_are_refused(door: Door) -> None:
    body = mention("help")
    good = door.signed(body)
    other = door.signed(body.replace("help", "status"))
    stale = door.signed(body, at=time.time() - 301)
    early = door.signed(body, at=time.time() + 3600)
    for headers in (
        {**good, "X-Slack-Signature": "v0=" + "0" * 64},
        {**good, "X-Slack-Signature": "ü"},
        {**good, "X-Slack-Request-Timestamp": "soon"},
        other,
        stale,
        early,
        {"Content-Type": JSON},
        {name: value for name, value in good.items() if name != "X-Slack-Signature"},
        {name: value for name, value in good.items() if name != "X-Slack-Request-Timestamp"},
    ):
        raw = {name: value.encode() for name, value in headers.items()}
        answer = await door.http.post(f"{door.world.bot.address}/slack/events", content=body, headers=raw)  # type: ignore[union-attr]
        assert answer.status_code in (400, 401), headers
    assert await door.handled() == 0


async def test_the_same_signed_body_again_has_one_effect(door: Door) -> None:
    body = mention("help")
    headers = door.signed(body)
    for _ in range(3):
        assert (await door.send(body, headers)).status_code == 200
    await door.world.reply_in(door.world.names.checkout, contains="What I can do")
    typed = command("run deploy service=checkout environment=staging")
    for _ in range(3):
        assert (await door.send(typed, door.signed(typed, kind=FORM))).status_code == 200
    await door.world.reply_in(door.world.names.checkout, contains="completed")
    assert await door.handled() == 2
    assert door.world.delivery.effects("deploy") == 1
    assert len(await door.world.messages(channel=door.world.names.checkout)) == 2


DEEP = "[" * 100_000 + "]" * 100_000
BROKEN = {
    "no JSON": ("{", JSON),
    "nothing": ("", JSON),
    "a list": ("[1, 2]", JSON),
    "a number": ("7", JSON),
    "null": ("null", JSON),
    "deep JSON": (DEEP, JSON),
    "a deep event": (f'{{"type": "event_callback", "event": {DEEP}}}', JSON),
    "a deep payload": (urlencode({"payload": DEEP}), FORM),
    "a payload that is no JSON": (urlencode({"payload": "{"}), FORM),
    "a payload that is a list": (urlencode({"payload": "[]"}), FORM),
    "an event that is a text": ('{"type": "event_callback", "event": "x"}', JSON),
    "no event": ('{"type": "event_callback"}', JSON),
    "a command without fields": ("command=%2Fcopilot", FORM),
    "bytes": (b"\xff\xfe\x00", JSON),
    "another type": ("<xml/>", "text/xml"),
    "no type": (mention("help")[:-1], ""),
    "JSON as a form": ('{"type": "event_callback"}', FORM),
}


@pytest.mark.parametrize(("body", "kind"), BROKEN.values(), ids=BROKEN)
async def test_a_signed_body_that_makes_no_sense_changes_nothing(door: Door, body: str | bytes, kind: str) -> None:
    answer = await door.send(body, door.signed(body, kind=kind))
    assert answer.status_code < 500
    assert "Traceback" not in answer.text
    assert await door.handled() == 0
    assert (await door.http.get(f"{door.world.bot.address}/ready")).status_code == 200  # type: ignore[union-attr]


async def test_a_huge_body_is_refused(door: Door) -> None:
    body = mention("x" * (3 * 1024 * 1024))
    answer = await door.send(body, door.signed(body))
    assert answer.status_code == 413
    assert await door.handled() == 0
