"""Alerts come in over HTTP: one message a group, edited as it changes, with buttons; a storm is few messages and loses nothing."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bot.emulators.common.client import Event
from integrations.observability.prometheus.engine.samples import Recorded
from integrations.observability.prometheus.fake import PrometheusFake
from tests.flows.world import World, until

TOKEN = "a-token-of-the-alert-manager"
STARTED = datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture
def alerting(cold: World) -> World:
    """A world whose bot takes alerts and shows them in the channel of checkout."""
    place = f"{cold.site.name}:{cold.site.workspace}/{cold.names.checkout}"
    cold.settings["alerts"] = {"shop": {"token": TOKEN, "channels": [place]}}
    return cold


def alert(pod: str, *, over: bool = False, name: str = "HighErrorRate") -> dict[str, Any]:
    labels = {"alertname": name, "service": "checkout", "environment": "production", "severity": "critical", "pod": pod}
    ended = STARTED + timedelta(minutes=4)
    return {
        "status": "resolved" if over else "firing",
        "labels": labels,
        "annotations": {"summary": "Too many requests to checkout fail"},
        "startsAt": STARTED.isoformat(),
        "endsAt": ended.isoformat() if over else "0001-01-01T00:00:00Z",
        "generatorURL": "https://prometheus.example/graph",
        "fingerprint": f"{name}-{pod}",
    }


async def tell(world: World, *alerts: dict[str, Any], token: str = TOKEN, key: str = "HighErrorRate") -> httpx.Response:
    assert world.bot
    common = {"alertname": key, "service": "checkout", "environment": "production", "severity": "critical"}
    body = {
        "version": "4", "groupKey": f'{{}}:{{alertname="{key}"}}', "status": "firing", "receiver": "copilot",
        "commonLabels": common, "groupLabels": {"alertname": key}, "commonAnnotations": {}, "externalURL": "",
        "truncatedAlerts": 0, "alerts": list(alerts),
    }  # fmt: skip
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.post(
            f"{world.bot.address}/alerts/shop",
            content=json.dumps(body),
            headers={"Authorization": f"Bearer {token}"},
        )


async def shown(world: World, contains: str, *, messages: int | None = 1) -> list[str]:
    """What stands in the channel once a message of the bot holds this text."""
    found: list[str] = []

    async def there() -> bool:
        told = await world.messages(channel=world.names.checkout, author=world.names.bot)
        found[:] = [json.dumps(one["raw"], ensure_ascii=False) for one in told]
        return (messages is None or len(found) == messages) and any(contains in text for text in found)

    await until(there, what=f"{contains!r} in {messages} messages")
    return found


async def card(world: World) -> Event:
    return await world.control.wait_message(author=world.names.bot, contains="HighErrorRate", since=0)


async def test_a_group_is_one_message_that_is_edited_acknowledged_and_resolved(alerting: World) -> None:
    async with alerting.started():
        assert (await tell(alerting, alert("a"))).status_code == 202
        await shown(alerting, "HighErrorRate: firing")
        await tell(alerting, alert("a"), alert("b"))
        await shown(alerting, "2 of 2 firing")
        first = await card(alerting)
        acknowledge = f"alert:acknowledge:{await _group(alerting)}"
        await alerting.control.click(alerting.names.dana, alerting.card(first).message, acknowledge)
        await until(lambda: _acknowledged(alerting), what="the acknowledgement")
        _, since = await alerting.say(alerting.names.lee, alerting.names.checkout, "@copilot alerts")
        listed = await alerting.control.wait_message(author=alerting.names.bot, contains="looks after it", since=since)
        assert "2 of 2 firing" in listed.text
        await tell(alerting, alert("a", over=True), alert("b", over=True))
        texts = await shown(alerting, "HighErrorRate: resolved", messages=None)
        (text,) = (one for one in texts if "resolved" in one)
        assert "nobody" not in text
        assert alerting.bot
        rows = await alerting.bot.records.read(lambda tx: tx.audit.find(actor=alerting.account(alerting.names.dana)))
        assert [row.action for row in rows if row.action.startswith("alerts")] == ["alerts.acknowledge"]


async def test_a_press_declares_one_incident_and_another_asks_what_is_known(alerting: World) -> None:
    async with alerting.started():
        await tell(alerting, alert("a"))
        await shown(alerting, "HighErrorRate: firing")
        message, group = alerting.card(await card(alerting)).message, await _group(alerting)
        for _ in range(2):
            await alerting.control.click(alerting.names.dana, message, f"alert:declare:{group}")
        assert alerting.bot
        records = alerting.bot.records

        async def declared() -> bool:
            return bool(await records.read(lambda tx: tx.incidents.find()))

        await until(declared, what="the incident")
        since = await alerting.control.seq()
        await alerting.control.click(alerting.names.dana, message, f"alert:investigate:{group}")
        await alerting.control.wait_message(author=alerting.names.bot, contains="What I know about", since=since)
        (incident,) = await records.read(lambda tx: tx.incidents.find())
        assert (incident.service, incident.severity) == ("checkout", "sev2")
        assert incident.title == "Too many requests to checkout fail"


async def test_a_storm_is_few_messages_and_no_alert_is_lost(alerting: World) -> None:
    async with alerting.started():
        for start in range(0, 1000, 50):
            alerts = [alert(f"pod-{number}") for number in range(start, start + 50)]
            assert (await tell(alerting, *alerts)).status_code == 202
        (text,) = await shown(alerting, "1000 of 1000 firing")
        assert "and 990 more" in text
        assert alerting.bot
        stored = await alerting.bot.records.read(lambda tx: tx.alerts.open(limit=5))
        assert [len(one.group.tracks) for one in stored] == [1000]
        message = alerting.card(await card(alerting)).message
        await alerting.control.click(alerting.names.dana, message, f"alert:list:{stored[0].id}")
        await alerting.control.wait_message(author=alerting.names.bot, contains="alerts.txt", since=0)


async def test_who_has_no_token_and_what_cannot_be_read_is_refused(alerting: World) -> None:
    async with alerting.started():
        assert (await tell(alerting, alert("a"), token="guessed-and-guessed")).status_code == 401
        broken = {**alert("a"), "startsAt": "yesterday"}
        refused = await tell(alerting, broken)
        assert refused.status_code == 400
        assert "alerts[0].startsAt" in refused.text
        assert await alerting.messages(channel=alerting.names.checkout, author=alerting.names.bot) == []


async def _group(world: World) -> str:
    assert world.bot
    (stored,) = await world.bot.records.read(lambda tx: tx.alerts.open(limit=5))
    return stored.id


async def _acknowledged(world: World) -> bool:
    assert world.bot
    (stored,) = await world.bot.records.read(lambda tx: tx.alerts.open(limit=5))
    return stored.group.acknowledged is not None


async def test_how_a_service_does_is_told_with_its_evidence(alerting: World) -> None:
    now, data = time.time(), Recorded({})
    for status, share in (("200", 0.9), ("500", 0.1)):
        labels = {"service": "checkout", "environment": "production", "status": status}
        # A tenth of the requests has failed for half an hour, and none did before.
        failed = [max(0.0, 150.0 * (n - 5880) * share) for n in range(6001)]
        points = [(now - 90_000 + 15 * n, failed[n] if status == "500" else 150.0 * n) for n in range(6001)]
        data.add("http_requests_total", labels, points)
    async with PrometheusFake(data) as backend:
        alerting.settings["prometheus"] = {"url": backend.url}
        async with alerting.started():
            since = await alerting.control.seq()
            await alerting.control.direct(alerting.names.dana, "is checkout ok?")
            told = await alerting.control.wait_message(
                author=alerting.names.bot, contains="What I know about", since=since
            )
            assert "not well" in told.text
            assert "Error rate" in told.text
            assert "0 % an hour ago, 0 % yesterday at this time" in told.text
            await tell(alerting, alert("a"))
            await shown(alerting, "HighErrorRate: firing")
            since = await alerting.control.seq()
            await alerting.control.direct(alerting.names.dana, "is checkout ok?")
            told = await alerting.control.wait_message(
                author=alerting.names.bot, contains="HighErrorRate: firing", since=since
            )
            assert "not well" in told.text
            assert "What is measured is" not in told.text
            backend.broken = 503
            alerting.clock.advance(600)
            since = await alerting.control.seq()
            await alerting.control.direct(alerting.names.dana, "is checkout ok?")
            told = await alerting.control.wait_message(
                author=alerting.names.bot, contains="What is measured is 10 min old", since=since
            )
            assert "0 % an hour ago, 0 % yesterday at this time" in told.text
        async with alerting.started():
            backend.broken = 503
            since = await alerting.control.seq()
            await alerting.control.direct(alerting.names.dana, "is checkout ok?")
            told = await alerting.control.wait_message(
                author=alerting.names.bot, contains="What I know about", since=since
            )
            assert "Error rate" not in told.text
