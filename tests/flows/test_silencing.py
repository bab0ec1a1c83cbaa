"""Silences by a button of an alert's card, in a real conversation with Alertmanager's API: begun, ended, refused, and not begun."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from core.ports.telemetry import ActiveSilence, Matcher
from integrations.http import Reach
from integrations.observability.alertmanager.client import AlertmanagerClient
from integrations.observability.alertmanager.fake import AlertmanagerFake, Given
from tests.flows.test_alerts import alert, card, shown, tell
from tests.flows.test_alerts import alerting as alerting
from tests.flows.world import World, until


@pytest.fixture
async def manager(alerting: World) -> AsyncIterator[AlertmanagerFake]:
    """The alert manager that the alerting world's bot asks; it holds the alert of the tests, and one that is another's."""
    now = datetime.now(UTC) + timedelta(minutes=1)
    labels = alert("a")["labels"]
    given = [Given(labels, now - timedelta(hours=1)), Given({**labels, "service": "cart"}, now - timedelta(hours=1))]
    async with AlertmanagerFake(given, now=now) as running:
        alerting.settings["alertmanager"] = {"url": running.url}
        yield running


async def press(world: World, what: str, person: str) -> None:
    assert world.bot
    (stored,) = await world.bot.records.read(lambda tx: tx.alerts.open(limit=5))
    message = world.card(await card(world)).message
    await world.control.click(person, message, f"alert:{what}:{stored.id}", stale=True)


async def rows(world: World, person: str) -> list[tuple[str, str]]:
    assert world.bot
    found = await world.bot.records.read(lambda tx: tx.audit.find(actor=world.account(person)))
    return [(row.action, row.outcome) for row in found if row.action.startswith("alerts")]


async def test_a_silence_covers_these_alerts_alone_and_is_ended(alerting: World, manager: AlertmanagerFake) -> None:
    dana = alerting.names.dana
    async with alerting.started():
        await tell(alerting, alert("a"))
        await shown(alerting, "Silence 2 h")
        await press(alerting, "silence", dana)
        (text,) = await shown(alerting, "End silence")
        assert "Silenced" in text
        assert "Silence 2 h" not in text
        assert manager.silenced() == ["checkout"]
        since = await alerting.control.seq()
        await press(alerting, "silence", dana)
        await alerting.control.wait_message(author=alerting.names.bot, contains="silenced them already", since=since)
        await press(alerting, "unsilence", dana)
        await shown(alerting, "Silence 2 h", messages=None)
        assert manager.silenced() == []
        assert await rows(alerting, dana) == [("alerts.unsilence", "done"), ("alerts.silence", "done")]


async def test_a_silence_whose_answer_was_lost_is_found_and_not_begun_twice(
    alerting: World, manager: AlertmanagerFake
) -> None:
    """As after a crash between the alert manager's answer and the commit, and when the answer comes too late."""
    dana = alerting.names.dana
    async with alerting.started():
        await tell(alerting, alert("a"))
        await shown(alerting, "Silence 2 h")
        assert alerting.bot
        (stored,) = await alerting.bot.records.read(lambda tx: tx.alerts.open(limit=5))
        matchers = [Matcher(name, value) for name, value in stored.group.labels.items()]
        async with AlertmanagerClient(Reach(manager.url)) as client:
            end = manager.now + timedelta(hours=1)
            lost = await client.silence(matchers, manager.now, end, by="dana", comment="lost", key=stored.id)
            await press(alerting, "silence", dana)
            await shown(alerting, "End silence")
            assert await client.silence_of(stored.id) == ActiveSilence(lost, end)
            assert len(manager.silences) == 1


@pytest.mark.usefixtures("manager")
async def test_a_silence_that_ran_out_is_said_to_and_the_card_offers_another(alerting: World) -> None:
    async with alerting.started():
        await tell(alerting, alert("a"))
        await shown(alerting, "Silence 2 h")
        await press(alerting, "silence", alerting.names.dana)
        await shown(alerting, "End silence")
        alerting.clock.advance(2 * 3600 + 1)
        since = await alerting.control.seq()
        await press(alerting, "unsilence", alerting.names.dana)
        await alerting.control.wait_message(author=alerting.names.bot, contains="is on any more", since=since)
        await shown(alerting, "Silence 2 h", messages=None)


async def test_whoever_may_not_is_refused_and_nothing_is_silenced(alerting: World, manager: AlertmanagerFake) -> None:
    async with alerting.started():
        await tell(alerting, alert("a"))
        await shown(alerting, "Silence 2 h")
        since = await alerting.control.seq()
        await press(alerting, "silence", alerting.names.sam)
        await alerting.control.wait_message(author=alerting.names.bot, contains="silence alerts", since=since)
        assert manager.silenced() == []
        assert await rows(alerting, alerting.names.sam) == [("alerts.silence", "refused")]


async def test_an_alert_manager_that_is_down_is_told_and_the_card_stays(
    alerting: World, manager: AlertmanagerFake
) -> None:
    async with alerting.started():
        await tell(alerting, alert("a"))
        await shown(alerting, "Silence 2 h")
        manager.broken = 503
        since = await alerting.control.seq()
        await press(alerting, "silence", alerting.names.dana)
        await alerting.control.wait_message(author=alerting.names.bot, contains="alertmanager", since=since)
        manager.broken = None
        assert manager.silenced() == []
        await press(alerting, "silence", alerting.names.dana)

        async def silenced() -> bool:
            return manager.silenced() == ["checkout"]

        await until(silenced, what="the silence")


async def test_without_an_alert_manager_nothing_is_offered(alerting: World) -> None:
    async with alerting.started():
        await tell(alerting, alert("a"))
        (text,) = await shown(alerting, "HighErrorRate: firing")
        assert "Silence 2 h" not in text
        since = await alerting.control.seq()
        await press(alerting, "silence", alerting.names.dana)
        await alerting.control.wait_message(
            author=alerting.names.bot, contains="No alert manager is connected", since=since
        )


async def test_where_somebody_else_must_agree_a_run_asks_and_the_card_follows(
    alerting: World, manager: AlertmanagerFake
) -> None:
    names = alerting.names
    alerting.settings["alertmanager"] = {"url": manager.url, "approval": ["production"]}
    async with alerting.started():
        await tell(alerting, alert("a"))
        await shown(alerting, "Silence 2 h")
        since = await alerting.control.seq()
        await press(alerting, "silence", names.dana)
        asked = await alerting.control.wait_message(author=names.bot, contains="wants this", since=since)
        assert manager.silenced() == []
        buttons = alerting.card(asked)
        await alerting.control.click(names.lee, buttons.message, buttons.buttons["Approve"])
        await shown(alerting, "End silence", messages=None)
        assert manager.silenced() == ["checkout"]
        await alerting.control.wait_message(author=names.bot, contains="silent until", since=since)
        # Who may silence may also end it, which needs nobody's leave.
        await press(alerting, "unsilence", names.dana)
        await shown(alerting, "Silence 2 h", messages=None)
        assert manager.silenced() == []
