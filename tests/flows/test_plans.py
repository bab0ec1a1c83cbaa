"""Before a run starts: its plan is shown, sentences lead to any workflow of the catalogue, forms ask again for what does not fit."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.emulators.common.client import Event
from tests.flows.world import World

RESTART = """
name: restart
version: 1.0.0
title: Restart a service
description: Bounces its instances.
parameters:
  service: {required: true, pattern: "[a-z]+"}
  grace: {type: duration, default: 30s}
  careful: {type: boolean, default: true}
  token: {type: secret, required: true}
time_limit: 2h
steps:
  - {id: drain, type: action, title: Drain, tool: delivery.drain, with: {host: "${{ parameters.service }}"}}
  - {id: look, type: wait, title: Look at it, for: 10m, when: parameters.careful}
"""
UPGRADE = """
name: upgrade-kernel
version: 1.0.0
title: Upgrade the kernel
parameters:
  host: {required: true}
steps:
  - {id: drain, type: action, title: Drain, tool: delivery.drain, with: {host: "${{ parameters.host }}"}}
"""
SECRET = "correct-horse-battery"


@pytest.fixture
async def shop(cold: World, tmp_path: Path) -> AsyncIterator[World]:
    folder = tmp_path / "workflows"
    folder.mkdir()
    (folder / "restart.yaml").write_text(RESTART)
    (folder / "kernel.yaml").write_text(UPGRADE)
    (folder / "firmware.yaml").write_text(UPGRADE.replace("kernel", "firmware"))
    cold.settings["workflows"] = [str(folder)]
    async with cold.started():
        yield cold


async def say(world: World, text: str, contains: str) -> Event:
    message, since = await world.say(world.names.lee, world.names.general, f"@copilot {text}")
    return await world.reply_in(world.names.general, thread=message, contains=contains, since=since)


async def runs(world: World) -> int:
    assert world.bot
    return len(await world.bot.records.read(lambda tx: tx.runs.find()))


async def opened(world: World, answer: Event, label: str) -> Event:
    """The form that a button opens."""
    card = world.card(answer)
    since = await world.control.seq()
    await world.control.click(world.names.lee, card.message, card.buttons[label])
    return await world.control.wait_form(person=world.names.lee, since=since)


async def test_a_plan_says_what_would_happen_and_its_button_starts_it(world: World) -> None:
    names = world.names
    since = await world.command(
        names.lee, names.checkout, "plan deploy service=checkout environment=staging version=2.5.0"
    )
    shown = await world.whisper_to(names.lee, contains="Plan: Deploy a service", since=since)
    for part in (
        "delivery.deploy",
        "version=2.5.0",
        "skipped: only if environment is production",
        "3 attempts",
        "(write)",
    ):
        assert part in shown.text
    assert await runs(world) == 0
    card = world.card(shown)
    await world.control.click(names.lee, card.message, card.buttons["Start"])
    await world.reply_in(names.checkout, contains="completed", since=since)
    assert world.delivery.version("checkout", "staging") == "2.5.0"


async def test_a_plan_names_who_must_approve_and_who_may_not_start_it(world: World) -> None:
    names = world.names
    since = await world.command(names.sam, names.checkout, "plan deploy service=checkout environment=production")
    shown = await world.whisper_to(names.sam, contains="Plan: Deploy a service", since=since)
    assert "because environment is production · waits for one person: " in shown.text
    assert "approver" in shown.text
    assert "within 4h" in shown.text
    assert "You may not start this." in shown.text
    assert not world.card(shown).buttons


async def test_a_sentence_offers_its_plan(world: World) -> None:
    offered = await say(world, "ship search 2.3 to staging", "Shall I start")
    card = world.card(offered)
    since = await world.control.seq()
    await world.control.click(world.names.lee, card.message, card.buttons["Show the plan"])
    shown = await world.reply_in(str(offered.data["message"]["channel"]), contains="Plan: Deploy", since=since)
    assert "version=2.3" in shown.text
    assert await runs(world) == 0


async def test_sentences_lead_to_the_workflow_that_they_name(shop: World) -> None:
    offered = await say(shop, "start maintenance on host7 tonight", "Shall I start")
    assert "run maintenance host=host7 window=tonight" in offered.text
    asked = await say(shop, "restart checkout", "I still need")
    assert "token" in asked.text
    several = await say(shop, "upgrade host7", "Which of these shall I start?")
    assert {"Upgrade the firmware", "Upgrade the kernel"} <= set(shop.card(several).buttons)
    assert await runs(shop) == 0


async def test_what_does_not_fit_is_asked_again_with_the_reason_and_what_was_typed(shop: World) -> None:
    names = shop.names
    since = await shop.command(names.lee, names.checkout, f"run restart service=checkout grace=soon token={SECRET}")
    told = await shop.whisper_to(names.lee, contains="is no duration", since=since)
    form = await opened(shop, told, "Correct it")
    filled = shop.site.filled(form)
    assert (filled["service"], filled["grace"], filled["careful"]) == ("checkout", "soon", "true")
    assert not filled["token"]
    since = await shop.control.seq()
    fields = {"service": "checkout", "grace": "later", "careful": "false", "token": SECRET}
    await shop.control.submit(names.lee, form.form["id"], fields)
    again = await shop.whisper_to(names.lee, contains="is no duration", since=since)
    form = await opened(shop, again, "Correct it")
    assert shop.site.filled(form)["careful"] == "false"
    await shop.control.submit(names.lee, form.form["id"], {**fields, "grace": "1h30m"})
    card = await shop.reply_in(names.checkout, contains="Restart a service: completed", since=since)
    assert "1h30m" in card.text
    assert SECRET not in json.dumps(await shop.messages())


async def test_the_plan_of_a_run_with_a_secret_shows_none_and_its_form_asks_for_it(shop: World) -> None:
    names = shop.names
    since = await shop.command(names.lee, names.checkout, f"plan restart service=checkout token={SECRET}")
    shown = await shop.whisper_to(names.lee, contains="Plan: Restart a service", since=since)
    assert "2h for the whole run" in shown.text
    assert "waits 10m" in shown.text
    filled = shop.site.filled(await opened(shop, shown, "Fill in and start"))
    assert (filled["service"], filled["token"]) == ("checkout", "")
    assert SECRET not in json.dumps(await shop.messages())
