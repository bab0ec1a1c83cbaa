"""Runs that nobody asks for: a webhook, an incident and a schedule start them and wake those that wait."""

import hashlib
import hmac
import json
from pathlib import Path

import httpx
import pytest

from bot.bootstrap import Bot, running
from core.incidents.incident import EntryKind
from core.ports.records import RunView
from tests.flows.world import World, until

SECRET = "a-secret-of-the-build-server"
DAY = 24 * 3600.0
MITIGATE = """
name: soothe
version: 1.0.0
title: Soothe
parameters: {service: {required: true}}
triggers:
  - event: incident.opened
    match: event.severity in ["sev1", "sev2"]
    parameters: {service: "${{ event.service }}"}
steps: [{id: over, type: wait, event: incident.resolved, match: event.status == "resolved"}]
"""
BUILD = """
name: ship
version: 1.0.0
title: Ship
parameters: {branch: {required: true}}
triggers:
  - {event: webhook.build, match: event.build_started, parameters: {branch: "${{ event.build_branch }}"}}
steps:
  - {id: green, type: wait, event: webhook.build, match: event.build_green}
  - {id: gate, type: approval, roles: [approver]}
"""
NIGHTLY = """
name: nightly
version: 1.0.0
title: Nightly
schedules: [{cron: "0 3 * * *", overlap: allow}]
steps: [{id: gate, type: approval, roles: [approver]}]
"""


def prepare(world: World, text: str) -> None:
    """A workflow of the installation's own, and where its runs are shown."""
    folder = world.folder / "workflows"
    folder.mkdir()
    Path(folder / "w.yaml").write_text(text, encoding="utf-8")
    world.settings |= {
        "workflows": [str(folder)],
        "run_channel": world.account(world.names.checkout),
        "hooks": {"build": SECRET},
    }


async def runs(bot: Bot) -> list[RunView]:
    return list(await bot.records.read(lambda tx: tx.runs.find()))


async def started(bot: Bot, count: int = 1) -> list[RunView]:
    async def there() -> bool:
        return len(await runs(bot)) >= count

    await until(there, what=f"{count} runs")
    return await runs(bot)


async def send(bot: Bot, **build: object) -> httpx.Response:
    body = json.dumps({"build": build}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    async with httpx.AsyncClient(base_url=bot.address) as http:
        return await http.post("/hooks/build", content=body, headers={"X-Signature-256": f"sha256={signature}"})


async def test_a_webhook_starts_a_run_and_another_one_wakes_it(cold: World) -> None:
    prepare(cold, BUILD)
    async with cold.started() as bot:
        first = await send(bot, started=True, branch="main")
        assert first.status_code == 202
        (run_id,) = first.json()["started"]
        card = await cold.reply_in(cold.names.checkout, contains=run_id)
        assert "webhook.build" in card.text
        again = await send(bot, started=True, branch="main")
        assert (again.status_code, again.json()["duplicate"]) == (202, True)
        assert (await send(bot, green=False)).json()["woken"] == []
        assert (await send(bot, green=True)).json()["woken"] == [run_id]
        request = await cold.approval(since=card.seq)
        assert run_id in request.text
        await cold.control.click(cold.names.sam, request.message, request.buttons["Approve"])
        await cold.reply_in(cold.names.checkout, contains="completed", since=request.seq)
        assert len(await runs(bot)) == 1


async def test_a_grave_incident_starts_its_mitigation_which_is_on_the_timeline(cold: World) -> None:
    prepare(cold, MITIGATE)
    async with cold.started() as bot:
        declared = "declare checkout fails severity=sev1 service=checkout"
        since = await cold.command(cold.names.dana, cold.names.checkout, declared)
        # The library's own runbook begins, too.
        (run,) = [run for run in await started(bot, 2) if run.workflow == "soothe"]
        card = await cold.reply_in(cold.names.checkout, contains=run.id, since=since)
        assert "incident.opened: INC-1 checkout fails" in card.text
        assert run.parameters == {"service": "checkout"}
        timeline = await bot.records.read(lambda tx: tx.incidents.timeline("INC-1"))
        assert f"started {run.id} Soothe" in [entry.text for entry in timeline if entry.kind is EntryKind.RUN]
        links = await bot.records.read(lambda tx: tx.incidents.links("INC-1"))
        assert run.id in [link.target for link in links]
        since = await cold.command(cold.names.dana, cold.names.checkout, "resolve INC-1 it was the cache")
        await cold.reply_in(cold.names.checkout, contains="Soothe: completed", since=since)


@pytest.mark.parametrize("more", ["severity=sev3", "severity=sev1 private=yes"])
async def test_a_slight_incident_and_a_private_one_start_nothing(cold_slack: World, more: str) -> None:
    prepare(cold_slack, MITIGATE)
    async with cold_slack.started() as bot:
        declared = f"declare checkout fails service=checkout {more}"
        await cold_slack.command(cold_slack.names.dana, cold_slack.names.checkout, declared)

        async def there() -> bool:
            return await bot.records.read(lambda tx: tx.incidents.get("INC-1")) is not None

        await until(there, what="the incident")
        assert await runs(bot) == []


async def test_a_schedule_starts_one_run_whichever_replica_is_first(cold: World) -> None:
    prepare(cold, NIGHTLY)
    async with (
        cold.started() as bot,
        running(cold.make_settings(), clock=cold.clock, platforms=False, http=False) as second,
    ):
        assert second.holder != bot.holder
        for day in (1, 2):
            cold.clock.advance(DAY)
            assert len(await started(bot, day)) == day
        newest = (await runs(bot))[0]
        card = await cold.reply_in(cold.names.checkout, contains=newest.id)
        assert "started by schedule" in card.text
        fired = await bot.records.read(lambda tx: tx.firings.latest("schedule/nightly/0/"))
        assert fired == newest.id


async def test_a_schedule_is_made_up_for_after_the_bot_was_away(cold_slack: World) -> None:
    prepare(cold_slack, NIGHTLY)
    async with cold_slack.started() as bot:
        assert await runs(bot) == []
    cold_slack.clock.advance(3 * DAY)
    async with cold_slack.started() as bot:
        await started(bot)
        cold_slack.clock.advance(DAY)
        assert len(await started(bot, 2)) == 2, "one for all that was missed, one for the day after"


async def test_a_run_above_the_limit_waits_for_its_turn(cold: World) -> None:
    prepare(cold, NIGHTLY)
    cold.settings |= {"limits": {"runs": 1}}
    async with cold.started() as bot:
        since = await cold.command(cold.names.dana, cold.names.checkout, "run nightly")
        first = await cold.approval(since=since)
        for before in range(2):
            since = await cold.command(cold.names.dana, cold.names.checkout, "run nightly")
            await cold.reply_in(cold.names.checkout, contains=f"({before} before it)", since=since)
        await cold.control.click(cold.names.sam, first.message, first.buttons["Approve"])
        await cold.approval(since=first.seq)
        await cold.reply_in(cold.names.checkout, contains="(0 before it)", since=since)
        assert sorted(run.status for run in await runs(bot)) == ["completed", "pending", "waiting"]
