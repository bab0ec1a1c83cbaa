"""Runs are paused, gone on with, retried, left without a step and rolled back, by command and by button."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.emulators.common.client import Event
from tests.flows.world import World, until

FLEET = """
name: fleet
version: 1.0.0
title: Care for the fleet
parameters:
  hosts: {required: true}
on_failure: compensate
steps:
  - {id: gate, type: approval, title: Touch the fleet, roles: [approver]}
  - id: each
    type: loop
    title: Hosts
    over: "${{ parameters.hosts }}"
    steps:
      - id: drain
        type: action
        title: Drain
        tool: delivery.drain
        with: {host: "${{ item }}"}
        compensate: {tool: delivery.undrain, with: {host: "${{ item }}"}}
  - {id: soak, type: wait, title: Soak, for: 1h}
"""


@pytest.fixture
async def fleet(cold: World, tmp_path: Path) -> AsyncIterator[World]:
    folder = tmp_path / "workflows"
    folder.mkdir()
    (folder / "fleet.yaml").write_text(FLEET)
    cold.settings["workflows"] = [str(folder)]
    async with cold.started():
        yield cold


async def begin(world: World) -> tuple[str, Event]:
    """A run that stands at its gate, and its card."""
    names = world.names
    since = await world.command(names.lee, names.checkout, "run fleet hosts=h1,h2")
    card = await world.reply_in(names.checkout, contains="waiting for approval", since=since)
    assert world.bot
    (run,) = await world.bot.records.read(lambda tx: tx.runs.find())
    return run.id, card


async def approve(world: World) -> None:
    request = world.card(await world.reply_in(world.names.approvals, contains="Approval needed"))
    await world.control.click(world.names.sam, request.message, request.buttons["Approve"])


async def press(world: World, who: str, card: Event, label: str, contains: str, **given: str) -> Event:
    """Press a button that opens a form, send it; what the card says then."""
    shown = world.card(card)
    since = await world.control.seq()
    await world.control.click(who, shown.message, shown.buttons[label])
    form = await world.control.wait_form(person=who, since=since)
    await world.control.submit(who, form.form["id"], dict(given))
    return await world.reply_in(world.names.checkout, contains=contains, since=since)


async def test_a_run_is_paused_by_button_and_resumed_by_command(fleet: World) -> None:
    run, card = await begin(fleet)
    paused = await press(fleet, fleet.names.lee, card, "Pause …", "paused", reason="lunch")
    assert "lunch" in paused.text
    await approve(fleet)
    assert fleet.bot
    since = await fleet.command(fleet.names.lee, fleet.names.checkout, f"resume {run}")
    soaking = await fleet.reply_in(fleet.names.checkout, contains="2 of 2 done", since=since)
    assert "Soak" in soaking.text
    await fleet.command(fleet.names.lee, fleet.names.checkout, f"resume {run}")
    await fleet.whisper_to(fleet.names.lee, contains="not paused", since=since)


async def test_a_stopped_run_is_undone_and_a_second_stop_is_told(fleet: World) -> None:
    run, _ = await begin(fleet)
    await approve(fleet)
    card = await fleet.reply_in(fleet.names.checkout, contains="2 of 2 done")
    undone = await press(fleet, fleet.names.lee, card, "Stop …", "rolled back", reason="wrong hosts")
    assert "wrong hosts" in undone.text
    assert "Undo: Drain" in undone.text
    since = await fleet.command(fleet.names.lee, fleet.names.checkout, f"cancel {run}")
    await fleet.whisper_to(fleet.names.lee, contains="over already", since=since)


async def test_a_failed_run_is_rolled_back_and_that_is_told(fleet: World) -> None:
    run, _ = await begin(fleet)
    fleet.delivery.fail_operation("the host does not answer")
    await approve(fleet)
    over = await fleet.reply_in(fleet.names.checkout, contains="rolled back")
    assert "the host does not answer" in over.text
    assert not {"Retry …", "Roll back …"} & set(fleet.card(over).buttons)
    since = await fleet.command(fleet.names.lee, fleet.names.checkout, f"rollback {run}")
    await fleet.whisper_to(fleet.names.lee, contains="rolled back before", since=since)


@pytest.mark.parametrize(("label", "says"), [("Retry …", "completed"), ("Skip it …", "completed")])
async def test_a_failed_run_goes_on(world: World, label: str, says: str) -> None:
    names = world.names
    world.delivery.fail_operation("no space left")
    since = await world.command(
        names.lee, names.checkout, "run deploy service=checkout environment=staging version=2.4.1"
    )
    failed = await world.reply_in(names.checkout, contains="no space left", since=since)
    over = await press(world, names.lee, failed, label, says)
    assert "no space left" not in over.text


async def test_who_may_not_start_it_cannot_retry_it(world: World) -> None:
    names = world.names
    world.delivery.fail_operation("no space left")
    since = await world.command(
        names.lee, names.checkout, "run deploy service=checkout environment=staging version=2.4.1"
    )
    await world.reply_in(names.checkout, contains="no space left", since=since)
    assert world.bot
    (run,) = await world.bot.records.read(lambda tx: tx.runs.find())
    since = await world.command(names.sam, names.checkout, f"retry {run.id}")
    await world.whisper_to(names.sam, contains="go on with the run", since=since)


async def test_the_graph_of_a_run_is_posted_as_a_picture(fleet: World) -> None:
    run, card = await begin(fleet)
    shown, names = fleet.card(card), fleet.names
    await fleet.control.click(names.lee, shown.message, shown.buttons["Graph"])

    async def pictures() -> list[str]:
        raw = [message["raw"] for message in await fleet.messages(channel=names.checkout, author=names.bot)]
        files = [file for one in raw for file in (*one.get("files", ()), *one.get("attachments", ()))]
        return [url for file in files if (url := file.get("url_private_download") or file.get("url"))]

    await until(pictures, what="the picture is there", within=30)
    (url,) = await pictures()
    assert f"{run}.png" in url
    async with httpx.AsyncClient() as http:
        assert (await http.get(url)).content.startswith(b"\x89PNG\r\n")


async def test_the_log_of_a_run_tells_all_that_has_happened_to_it(fleet: World) -> None:
    run, card = await begin(fleet)
    paused = await press(fleet, fleet.names.lee, card, "Pause …", "paused", reason="lunch")
    shown, names = fleet.card(paused), fleet.names
    await fleet.control.click(names.lee, shown.message, shown.buttons["Log"])

    async def files() -> list[str]:
        raw = [message["raw"] for message in await fleet.messages(channel=names.checkout, author=names.bot)]
        found = [file for one in raw for file in (*one.get("files", ()), *one.get("attachments", ()))]
        return [url for file in found if (url := file.get("url_private_download") or file.get("url"))]

    await until(files, what="the log is there")
    (url,) = await files()
    assert f"{run}.log" in url
    if fleet.site.name == "slack":
        shown_to_all = await fleet.messages(channel=names.checkout)
        said = [one for one in shown_to_all if not one["thread"] and not one["private_to"]]
        assert len(said) == 1, "the channel holds the card, its thread the rest"
    async with httpx.AsyncClient() as http:
        told = (await http.get(url)).text
    assert [line.split()[3] for line in told.splitlines()[1:]] == ["run.started", "approval.requested", "run.paused"]
    assert "“lunch”" in told
