"""The client of Alertmanager against its fake, and the webhook that the fake sends."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from core.errors import UpstreamProtocolError, UpstreamRejected, UpstreamUnavailable
from core.ports.telemetry import Matcher
from integrations.http import Reach
from integrations.observability.alertmanager.client import AlertmanagerClient
from integrations.observability.alertmanager.fake import AlertmanagerFake, Given

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


async def test_what_fires_is_told_and_what_is_over_is_not(client: AlertmanagerClient) -> None:
    first, second = await client.alerts()
    assert (first.labels, first.annotations, first.since, first.url, first.silenced_by) == (
        {"alertname": "Slow", "service": "checkout"},
        {"summary": "slow"},
        NOW - _HOUR,
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
    client: AlertmanagerClient, matcher: Matcher, silenced: list[str]
) -> None:
    made = await client.silence([matcher], NOW, NOW + _HOUR, by="ada", comment="deploy")
    assert [one.labels["service"] for one in await client.alerts() if one.silenced_by == (made,)] == silenced
    await client.expire(made)
    assert not any(one.silenced_by for one in await client.alerts())
    await client.expire(made)


async def test_a_silence_that_was_forgotten_is_over_and_one_that_ends_before_it_starts_is_refused(
    client: AlertmanagerClient,
) -> None:
    await client.expire("no/such")
    with pytest.raises(UpstreamRejected):
        await client.silence([Matcher("service", "mail")], NOW, NOW - _HOUR, by="ada", comment="")


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
    heard = asyncio.Queue[dict[str, object]]()

    async def hear(request: web.Request) -> web.Response:
        heard.put_nowait(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        assert await fake.notify(f"http://127.0.0.1:{runner.addresses[0][1]}/", most=1) == [200, 200]
    finally:
        await runner.cleanup()
    slow, down = heard.get_nowait(), heard.get_nowait()
    assert (slow["version"], slow["status"], slow["truncatedAlerts"]) == ("4", "firing", 1)
    assert slow["groupLabels"] == {"alertname": "Slow"}
    assert (down["status"], down["truncatedAlerts"]) == ("resolved", 0)
