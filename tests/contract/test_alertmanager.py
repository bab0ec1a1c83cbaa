"""The client of Alertmanager against its fake and against Alertmanager itself, and the webhook that both send."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from aiohttp import web

from core.alerts.alert import State
from core.alerts.alertmanager import notification
from core.errors import UpstreamProtocolError, UpstreamRejected, UpstreamUnavailable
from core.ports.telemetry import ActiveSilence, Matcher
from integrations.http import Reach
from integrations.observability.alertmanager.client import AlertmanagerClient
from integrations.observability.alertmanager.fake import AlertmanagerFake, Given
from tests.flows.world import until
from tests.servers import alertmanager_server

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_ALERTS = (
    Given({"alertname": "Slow", "service": "checkout"}, NOW - _HOUR, annotations={"summary": "slow"}, url="http://p/1"),
    Given({"alertname": "Slow", "service": "search"}, NOW - _HOUR),
    Given({"alertname": "Down", "service": "mail"}, NOW - 2 * _HOUR, NOW - _HOUR),
)


@pytest.fixture
async def fake() -> AsyncIterator[AlertmanagerFake]:
    async with AlertmanagerFake(_ALERTS, now=NOW) as running:
        yield running


@pytest.fixture
async def client(fake: AlertmanagerFake) -> AsyncIterator[AlertmanagerClient]:
    async with AlertmanagerClient(Reach(fake.url)) as made:
        yield made


@dataclass
class Manager:
    """One of the two, with the alerts, counted from its own present."""

    client: AlertmanagerClient
    now: datetime
    heard: asyncio.Queue[bytes]

    async def told(self) -> dict[str, bytes]:
        """Its webhooks, by the name of the group."""
        found: dict[str, bytes] = {}
        async with asyncio.timeout(20):
            while len(found) < 2:
                body = await self.heard.get()
                found[json.loads(body)["groupLabels"]["alertname"]] = body
        return found


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[str, asyncio.Queue[bytes]]]:
    """An address that takes webhooks, and what it was sent."""
    heard = asyncio.Queue[bytes]()

    async def hear(request: web.Request) -> web.Response:
        heard.put_nowait(await request.read())
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", heard
    finally:
        await runner.cleanup()


@pytest.fixture(params=["fake", "real"])
async def manager(request: pytest.FixtureRequest) -> AsyncIterator[Manager]:
    async with AsyncExitStack() as stack:
        address, heard = await stack.enter_async_context(listening())
        if request.param == "fake":
            fake = await stack.enter_async_context(AlertmanagerFake(_ALERTS, now=NOW))
            client = await stack.enter_async_context(AlertmanagerClient(Reach(fake.url)))
            assert await fake.notify(address) == [200, 200]
            yield Manager(client, NOW, heard)
        else:
            server = stack.enter_context(alertmanager_server(address))
            now = datetime.now(UTC).replace(microsecond=0)
            async with httpx.AsyncClient(trust_env=False) as http:
                # The second first with an end that is still to come: one that is over already is told to nobody.
                for end in (now + _HOUR, now - timedelta(seconds=1)):
                    given = [_posted(one, now, end) for one in _ALERTS]
                    (await http.post(f"{server.url}/api/v2/alerts", json=given)).raise_for_status()
                    if end > now:
                        async with asyncio.timeout(20):
                            while (await heard.get()).find(b'"alertname":"Down"') < 0:
                                pass
            client = await stack.enter_async_context(AlertmanagerClient(Reach(server.url)))
            yield Manager(client, now, heard)


def _posted(alert: Given, now: datetime, end: datetime) -> dict[str, object]:
    """As Prometheus sends it."""
    ends = {"endsAt": end.isoformat()} if alert.end else {}
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "startsAt": (now + (alert.start - NOW)).isoformat(),
        "generatorURL": alert.url,
        **ends,
    }


async def test_what_fires_is_told_and_what_is_over_is_not(manager: Manager) -> None:
    first, second = sorted(await manager.client.alerts(), key=lambda one: one.labels["service"])
    assert (first.labels, first.annotations, first.since, first.url, first.silenced_by) == (
        {"alertname": "Slow", "service": "checkout"},
        {"summary": "slow"},
        manager.now - _HOUR,
        "http://p/1",
        (),
    )
    assert first.fingerprint != second.fingerprint


@pytest.mark.parametrize(
    ("matcher", "silenced"),
    [
        (Matcher("service", "checkout"), ["checkout"]),
        (Matcher("service", "checkout", equal=False), ["search"]),
        (Matcher("service", "check.*|search", regex=True), ["checkout", "search"]),
        (Matcher("service", "check", regex=True), []),
    ],
)
async def test_a_silence_covers_what_matches_until_it_is_ended(
    manager: Manager, matcher: Matcher, silenced: list[str]
) -> None:
    client = manager.client
    made = await client.silence([matcher], manager.now, manager.now + _HOUR, by="ada", comment="deploy", key="AG-1")

    async def quiet() -> list[str]:
        return sorted(one.labels["service"] for one in await client.alerts() if one.silenced_by == (made,))

    await until(lambda: _equal(quiet, silenced), what="the silence")
    await client.expire(made)
    await until(lambda: _equal(quiet, []), what="its end")
    assert not any(one.silenced_by for one in await client.alerts())
    await client.expire(made)


async def test_a_silence_is_found_again_by_its_key_while_it_is_on(manager: Manager) -> None:
    client, now = manager.client, manager.now
    wide = [Matcher("service", ".+", regex=True)]
    made = {
        hours: await client.silence(wide, now, now + hours * _HOUR, by="ada", comment="it [AG-2]", key=key)
        for hours, key in ((1, "AG-1"), (3, "AG-1"), (5, "AG-2"))
    }
    # One that begins now may be told as pending for a moment.
    await until(lambda: _found(client, "AG-2"), what="the last of them")
    found = await client.silence_of("AG-1")
    assert found == ActiveSilence(made[3], now + 3 * _HOUR)
    await client.expire(made[3])
    await client.expire(made[1])
    assert await client.silence_of("AG-1") is None
    assert await client.silence_of("AG-3") is None


async def _found(client: AlertmanagerClient, key: str) -> bool:
    return await client.silence_of(key) is not None


async def _equal(found: Callable[[], Awaitable[list[str]]], expected: list[str]) -> bool:
    return await found() == expected


async def test_a_silence_that_was_forgotten_is_over_and_one_that_ends_before_it_starts_is_refused(
    manager: Manager,
) -> None:
    await manager.client.expire("ef3e0a44-9a2b-4a0c-8d1e-3f1d2c4b5a69")
    with pytest.raises(UpstreamRejected):
        await manager.client.silence(
            [Matcher("service", "mail")], manager.now, manager.now - _HOUR, by="ada", comment="", key="AG-1"
        )


async def test_the_webhook_is_understood(manager: Manager) -> None:
    found = await manager.told()
    slow = notification(found["Slow"], source="shop", at=manager.now)
    assert [(one.state, one.labels["service"], one.started) for one in slow.alerts] == [
        (State.FIRING, "checkout", manager.now - _HOUR),
        (State.FIRING, "search", manager.now - _HOUR),
    ]
    assert (slow.alerts[0].annotations, slow.labels, slow.cut) == ({"summary": "slow"}, {"alertname": "Slow"}, 0)
    down = notification(found["Down"], source="shop", at=manager.now)
    assert [(one.state, one.labels["service"]) for one in down.alerts] == [(State.RESOLVED, "mail")]


@pytest.mark.parametrize("raw", [b"{}", b"[1]", b'[{"labels": {}}]', b"<html>", b'[{"fingerprint":"a"', b"[" * 100_000])
async def test_an_answer_that_is_no_list_of_alerts_is_told(
    fake: AlertmanagerFake, client: AlertmanagerClient, raw: bytes
) -> None:
    fake.broken = web.Response(body=raw)
    with pytest.raises(UpstreamProtocolError):
        await client.alerts()


async def test_failure_and_a_missing_token_are_told_apart(fake: AlertmanagerFake, client: AlertmanagerClient) -> None:
    fake.broken = 503
    with pytest.raises(UpstreamUnavailable):
        await client.alerts()
    async with AlertmanagerFake(_ALERTS, now=NOW, token="right") as guarded:
        async with AlertmanagerClient(Reach(guarded.url, token="wrong")) as other:
            with pytest.raises(UpstreamRejected):
                await other.alerts()
        async with AlertmanagerClient(Reach(guarded.url, token="right")) as other:
            assert len(await other.alerts()) == 2


async def test_the_webhook_groups_says_what_is_resolved_and_how_many_it_cut(fake: AlertmanagerFake) -> None:
    async with listening() as (address, heard):
        assert await fake.notify(address, most=1) == [200, 200]
    slow, down = (json.loads(heard.get_nowait()) for _ in range(2))
    assert (slow["version"], slow["status"], slow["truncatedAlerts"]) == ("4", "firing", 1)
    assert slow["groupLabels"] == {"alertname": "Slow"}
    assert (down["status"], down["truncatedAlerts"]) == ("resolved", 0)
