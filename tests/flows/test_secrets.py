"""Planted secrets never get out, whichever way they came in (A30)."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
import structlog

from bot import logs
from bot.sections import Log
from storage.tables import metadata
from storage.unit import SqlTransaction
from tests.flows.world import World
from tests.planted import Planted, planted, readable

_AT_ONCE = 26
"""Secrets in one message of the service."""
_TYPED = frozenset({"inbox"})
"""What people typed stands there as they typed it."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure(Log.model_validate({"level": "debug"}), stream)
    yield stream
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


async def everywhere(world: World, log: io.StringIO) -> dict[str, str]:
    """All that got out of the bot and all that it keeps, by where."""
    assert world.bot
    state = await world.control.state()
    bot = [m for m in state["messages"] if m["author"] == world.names.bot]
    found = {
        "messages": str(bot),
        "views and forms": str([state.get("views"), state.get("forms")]),
        "requests": str(await world.control.requests()),
        "log": log.getvalue(),
        "read models": str(await world.bot.records.read(lambda tx: tx.runs.find(limit=500))),
    }
    found |= await world.bot.records.read(_rows)
    async with httpx.AsyncClient(trust_env=False) as http:
        for path in ("/metrics", "/ready", "/health", "/nothing"):
            found[path] = (await http.get(world.bot.address + path)).text
    return found


def _rows(tx: object) -> dict[str, str]:
    assert isinstance(tx, SqlTransaction)
    tables = [table for table in metadata.sorted_tables if table.name not in _TYPED]
    return {table.name: str(tx.connection.execute(sa.select(table)).all()) for table in tables}


def leaks(secrets: list[Planted], places: dict[str, str]) -> list[str]:
    return [f"{one.kind} in {where}" for where, text in places.items() for one in secrets if readable(one.secret, text)]


async def test_a30_two_hundred_secrets_in_a_services_errors_get_nowhere(log: io.StringIO, world: World) -> None:
    secrets = planted(50)[::2]
    assert len(secrets) >= 200
    names = world.names
    for some in (secrets[n : n + _AT_ONCE] for n in range(0, len(secrets), _AT_ONCE)):
        world.delivery.fail_operation("\n".join(one.text for one in some))
        since = await world.command(names.dana, names.checkout, "run deploy service=checkout environment=staging")
        await world.reply_in(names.checkout, contains="failed", since=since)
    places = await everywhere(world, log)
    assert "[redacted]" in places["messages"]
    assert leaks(secrets, places) == []


WORKFLOW = """
name: rotate
version: 1.0.0
title: Rotate a key
parameters:
  service: {type: string, required: true}
  environment: {type: choice, choices: [production, staging, development], required: true}
  signing: {type: string, required: true, secret: true}
steps:
  - {id: approval, type: approval, title: Rotate it, roles: [approver]}
  - id: deploy
    type: action
    title: Deploy
    tool: delivery.deploy
    with: {service: "${{ parameters.service }}", environment: "${{ parameters.environment }}", version: "${{ parameters.signing }}"}
"""
KEY = Planted("parameter", "", "Blue7horses-in-the-yard")
"""Nothing gives it away but that its parameter is marked."""


@pytest.fixture
def rotating(cold: World, tmp_path: Path) -> World:
    """A workspace whose bot has a workflow with a secret parameter."""
    folder = tmp_path / "workflows"
    folder.mkdir()
    (folder / "rotate.yaml").write_text(WORKFLOW, encoding="utf-8")
    cold.settings["workflows"] = [str(folder)]
    return cold


async def test_a30_a_secret_parameter_is_used_after_a_restart_and_stands_nowhere(
    log: io.StringIO, rotating: World
) -> None:
    world, names = rotating, rotating.names
    async with world.started():
        typed = f"run rotate service=checkout environment=staging signing={KEY.secret}"
        card = await world.approval(since=await world.command(names.dana, names.checkout, typed))
        assert "•••" in card.text
        places = await everywhere(world, log)
        kept = places.pop("sealed_values")
        assert leaks([KEY], places) == []
        assert KEY.secret in kept
    async with world.started():
        await world.control.click(names.lee, card.message, card.buttons["Approve"])
        await world.reply_in(names.checkout, contains="completed", since=card.seq)
        assert world.delivery.version("checkout", "staging") == KEY.secret
        assert leaks([KEY], await everywhere(world, log)) == []


async def test_a30_a_secret_that_is_typed_before_a_run_starts_stands_nowhere(log: io.StringIO, rotating: World) -> None:
    world, names = rotating, rotating.names
    async with world.started():
        typed = f"plan rotate service=checkout environment=staging signing={KEY.secret}"
        since = await world.command(names.dana, names.checkout, typed)
        plan = await world.whisper_to(names.dana, contains="Plan: Rotate a key", since=since)
        assert "•••" in plan.text
        typed = f"run rotate service=checkout environment=moon signing={KEY.secret}"
        wrong = await world.whisper_to(
            names.dana, contains="none of", since=await world.command(names.dana, names.checkout, typed)
        )
        for answer, label in ((plan, "Fill in and start"), (wrong, "Correct it")):
            card = world.card(answer)
            since = await world.control.seq()
            await world.control.click(names.dana, card.message, card.buttons[label])
            form = await world.control.wait_form(person=names.dana, since=since)
            assert world.site.filled(form)["service"] == "checkout"
        assert leaks([KEY], await everywhere(world, log)) == []


async def test_a30_a_changed_secret_voids_the_approval_and_an_unchanged_one_stays(rotating: World) -> None:
    world, names = rotating, rotating.names
    async with world.started() as bot:
        typed = f"run rotate service=checkout environment=staging signing={KEY.secret}"
        card = await world.approval(since=await world.command(names.dana, names.checkout, typed))
        run = (await bot.records.read(lambda tx: tx.runs.open_approvals()))[0].run_id
        await world.command(names.dana, names.checkout, f"change {run} environment=development")
        second = await world.approval(since=card.seq)
        assert second.buttons["Approve"] != card.buttons["Approve"]
        await world.command(names.dana, names.checkout, f"change {run} signing=another-Value9")
        third = await world.approval(since=second.seq)
        assert third.buttons["Approve"] != second.buttons["Approve"]
        await world.control.click(names.lee, third.message, third.buttons["Approve"])
        await world.reply_in(names.checkout, contains="completed", since=third.seq)
        assert world.delivery.version("checkout", "development") == "another-Value9"


async def test_a30_a_wrong_secret_is_not_said_again(log: io.StringIO, rotating: World) -> None:
    async with rotating.started():
        too_long = f"run rotate service=checkout environment=staging signing={KEY.secret}{'x' * 1000}"
        since = await rotating.command(rotating.names.dana, rotating.names.checkout, too_long)
        told = await rotating.whisper_to(rotating.names.dana, contains="signing", since=since)
        assert "does not fit" in told.text
        assert leaks([KEY], await everywhere(rotating, log)) == []


async def test_a30_a_question_about_what_is_missing_keeps_no_secret(log: io.StringIO, rotating: World) -> None:
    async with rotating.started():
        names = rotating.names
        asked = f"@copilot run rotate service=checkout signing={KEY.secret}"
        message, since = await rotating.say(names.dana, names.checkout, asked)
        told = await rotating.reply_in(names.checkout, thread=message, contains="environment", since=since)
        assert "Fill in" in rotating.site.buttons(told)
        places = await everywhere(rotating, log)
        assert leaks([KEY], places) == []


TYPED = [one for one in planted(60)[::4] if "\n" not in one.text][::12]


async def test_a30_what_people_type_goes_no_further_than_the_inbox(log: io.StringIO, world: World) -> None:
    names = world.names
    assert world.bot
    for one in TYPED:
        message, since = await world.say(names.dana, names.checkout, f"@copilot {one.text}")
        await world.reply_in(names.checkout, thread=message, since=since)
        since = await world.command(names.dana, names.checkout, "run deploy service=checkout environment=production")
        card = await world.approval(since=since)
        await world.control.click(names.lee, card.message, card.buttons["Deny …"])
        form = await world.control.wait_form(person=names.lee, since=card.seq)
        await world.control.submit(names.lee, form.form["id"], {"reason": one.text})
        await world.reply_in(names.checkout, contains="denied", since=card.seq)
    places = await everywhere(world, log)
    typed = {names.dana, names.lee}
    requests = [r for r in await world.control.requests() if r.get("person") not in typed]
    assert leaks(TYPED, {**places, "requests": str(requests)}) == []


BAIT = "@everyone @here <!channel> <!here> <!subteam^S0ONCALL> <@&1000000000000000201> ＠everyone <@{}>"


async def test_a30_nothing_that_anybody_writes_pings(world: World) -> None:
    names = world.names
    bait = BAIT.format(names.sam)
    world.delivery.fail_operation(bait)
    since = await world.command(names.dana, names.checkout, "run deploy service=checkout environment=staging")
    await world.reply_in(names.checkout, contains="failed", since=since)
    message, since = await world.say(names.dana, names.checkout, f"@copilot status {bait}")
    await world.reply_in(names.checkout, thread=message, since=since)
    await world.command(names.dana, names.checkout, "run deploy service=checkout environment=production")
    card = await world.approval(since=since)
    await world.control.click(names.lee, card.message, card.buttons["Deny …"])
    form = await world.control.wait_form(person=names.lee, since=card.seq)
    await world.control.submit(names.lee, form.form["id"], {"reason": bait})
    await world.reply_in(names.checkout, contains="denied", since=card.seq)
    sent = await world.messages()
    assert len(sent) >= 3
    assert {whom for one in sent for whom in one["pings"]} <= {names.dana, names.lee}


async def test_a30_every_call_to_discord_that_says_something_forbids_pings(discord: World) -> None:
    names = discord.names
    message, since = await discord.say(names.dana, names.checkout, "@copilot help")
    await discord.reply_in(names.checkout, thread=message, since=since)
    await discord.command(names.dana, names.checkout, "run deploy service=checkout environment=production")
    card = await discord.approval(since=since)
    await discord.control.click(names.dana, card.message, card.buttons["Approve"])
    await discord.whisper_to(names.dana, since=card.seq)
    await discord.control.click(names.lee, card.message, card.buttons["Approve"])
    await discord.reply_in(names.checkout, contains="completed", since=card.seq)
    bodies = [(r["method"], r["path"], r["body"]) for r in await discord.control.requests()]
    saying = [b for b in bodies if isinstance(b[2], dict) and ("content" in b[2] or "embeds" in b[2])]
    assert {method for method, _, _ in saying} == {"POST", "PATCH"}
    assert [b for b in saying if b[2].get("allowed_mentions") != {"parse": []}] == []


async def test_text_that_turns_around_or_breaks_off_is_shown_harmlessly(world: World) -> None:
    names = world.names
    since = await world.command(names.dana, names.checkout, "run deploy service=checkout environment=production")
    card = await world.approval(since=since)
    await world.control.click(names.lee, card.message, card.buttons["Deny …"])
    form = await world.control.wait_form(person=names.lee, since=card.seq)
    await world.control.submit(names.lee, form.form["id"], {"reason": "bad \u202elive\u2066 \u0007\u2028end"})
    denied = await world.reply_in(names.checkout, contains="denied", since=card.seq)
    assert "live" in denied.text
    assert not set("\u202e\u2066\u0007\u2028") & set(denied.text)
