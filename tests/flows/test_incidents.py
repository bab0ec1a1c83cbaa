"""Incidents on both platforms, from declaration to post-mortem."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.incidents.incident import EntryKind, Incident, Role, Severity, Status
from tests.flows.world import Card, World, until, workspace

LESSER = "checkout fails in Europe severity=sev3 service=checkout"
"""Starts no mitigation by itself, so that the timeline has what the test does and nothing else."""
DEPLOY = "run deploy service=checkout environment=staging"


async def incident_of(world: World, id_: str = "INC-1") -> Incident:
    assert world.bot
    found = await world.bot.records.read(lambda tx: tx.incidents.get(id_))
    assert found
    return found


async def room_of(world: World, id_: str = "INC-1") -> str:
    """The channel of the room, once its card is pinned."""

    async def dressed() -> bool:
        return bool((await incident_of(world, id_)).room_state.pinned)

    await until(dressed, what="the room to be ready")
    room = (await incident_of(world, id_)).room
    assert room
    return room.channel


async def declare(world: World, text: str = "checkout fails in Europe severity=sev1 service=checkout") -> str:
    """Declare an incident as Dana, in #checkout; its room."""
    await world.command(world.names.dana, world.names.checkout, f"declare {text}")
    assert world.bot
    records = world.bot.records

    async def there() -> bool:
        return bool(await records.read(lambda tx: tx.incidents.find()))

    await until(there, what="the incident")
    return await room_of(world)


async def let_in(world: World, person: str, room: str, *, by: str = "") -> None:
    """Invite somebody to the room, as Dana or another member; on Discord everybody sees it."""
    if world.site.name == "slack":
        await world.control.act(by or world.names.dana, "invite", channel=room, person=person)


async def later(world: World, *, minutes: int) -> None:
    """Time passes for everybody."""
    await world.control.clock(minutes * 60)
    world.clock.advance(minutes * 60)


async def kinds(world: World, id_: str = "INC-1") -> list[EntryKind]:
    assert world.bot
    return [entry.kind for entry in await world.bot.records.read(lambda tx: tx.incidents.timeline(id_))]


async def card_in(world: World, channel: str, *, contains: str, since: int = 0) -> Card:
    return world.card(await world.reply_in(channel, contains=contains, since=since))


async def test_a_declared_incident_gets_a_room_with_topic_people_and_pinned_card(world: World) -> None:
    room = await declare(world)
    state = await world.control.state()
    channel = next(c for c in state["channels"] if c["id"] == room)
    assert channel["name"] == "inc-1-checkout-fails-in-europe"
    assert "SEV1 INC-1: checkout fails in Europe" in channel["topic"]
    assert world.names.dana in channel["members"]
    incident = await incident_of(world)
    pinned = next(m for m in state["messages"] if m["id"] == incident.room_state.pinned)
    assert pinned["channel"] == room
    declared_in = await world.reply_in(world.names.checkout, contains="INC-1")
    assert "checkout fails in Europe" in declared_in.text


async def test_the_form_declares_too_and_nothing_typed_is_lost(world: World) -> None:
    since = await world.command(world.names.dana, world.names.checkout, "declare")
    form = await world.control.wait_form(person=world.names.dana, since=since)
    fields = {
        "title": "Payments are slow",
        "severity": "sev2",
        "service": "payments",
        "details": "p99 is 8 s since 09:10",
    }
    await world.control.submit(world.names.dana, form.form["id"], fields)
    card = await world.reply_in(world.names.checkout, contains="INC-1", since=since)
    assert "p99 is 8 s since 09:10" in card.text
    incident = await incident_of(world)
    assert (incident.severity, incident.service) == (Severity.SEV2, "payments")


async def test_a_sentence_is_shown_back_before_anything_is_declared(world: World) -> None:
    message, since = await world.say(world.names.dana, world.names.general, "@copilot checkout is down, open a sev1")
    asked = world.card(
        await world.reply_in(world.names.general, thread=message, contains="Shall I declare", since=since)
    )
    assert world.bot
    assert not await world.bot.records.read(lambda tx: tx.incidents.find())
    await world.control.click(world.names.dana, asked.message, asked.buttons["Declare a SEV1"])
    await world.reply_in(world.names.general, contains="INC-1", since=asked.seq)
    assert (await incident_of(world)).title == "checkout is down, open a sev1"


async def test_its_life_is_told_in_the_room_and_where_it_was_declared(world: World) -> None:
    names = world.names
    room = await declare(world, LESSER)
    card = await card_in(world, room, contains="Write an update")
    await let_in(world, names.lee, room)
    await world.control.click(names.lee, card.message, card.buttons["I am commander"])
    taken = await world.reply_in(room, contains="is commander", since=card.seq)
    await world.command(names.lee, room, "incident severity=sev2 status=identified")
    await world.reply_in(room, contains="identified", since=taken.seq)
    since = await world.command(names.lee, room, "update we are rolling back to 2.3")
    await world.reply_in(room, contains="rolling back to 2.3", since=since)
    await world.reply_in(names.checkout, contains="rolling back to 2.3", since=since)
    since = await world.command(names.lee, room, "resolve rolled back, errors are gone")
    await world.reply_in(names.checkout, contains="errors are gone", since=since)
    incident = await incident_of(world)
    assert (incident.status, incident.severity) == (Status.RESOLVED, Severity.SEV2)
    assert incident.roles[Role.COMMANDER].account.id == names.lee
    assert await kinds(world) == [
        EntryKind.DECLARED, EntryKind.ROOM, EntryKind.ROLE, EntryKind.SEVERITY, EntryKind.STATUS, EntryKind.UPDATE,
        EntryKind.RESOLVED,
    ]  # fmt: skip
    assert world.bot
    audited = await world.bot.records.read(lambda tx: tx.audit.find(action="incident", target="INC-1"))
    assert [row.action for row in reversed(audited)] == [
        "incident.declare", "incident.role", "incident.change", "incident.update", "incident.change",
    ]  # fmt: skip


async def test_the_topic_follows_the_incident(world: World) -> None:
    room = await declare(world)
    await world.command(world.names.dana, room, "incident severity=sev3 status=monitoring")

    async def told() -> bool:
        channels = (await world.control.state())["channels"]
        topic = next(c for c in channels if c["id"] == room)["topic"]
        return "SEV3" in topic and "monitoring" in topic

    await until(told, what="the topic")


async def test_a_marked_message_stands_on_the_timeline_with_its_own_time_once(world: World) -> None:
    names = world.names
    room = await declare(world)
    await let_in(world, names.lee, room)
    message, _ = await world.say(names.lee, room, "first errors at 09:07 in the balancer")
    emoji = "pushpin" if world.site.name == "slack" else "📌"
    await world.control.act(names.lee, "react", message=message, emoji=emoji)

    async def noted() -> bool:
        return EntryKind.MESSAGE in await kinds(world)

    await until(noted, what="the message on the timeline")
    await world.control.act(names.lee, "pin", message=message)
    await world.control.act(names.dana, "react", message=message, emoji=emoji)
    since = await world.command(names.lee, room, "note that was the beginning")
    await world.whisper_to(names.lee, contains="on the timeline", since=since)
    assert world.bot
    entries = await world.bot.records.read(lambda tx: tx.incidents.timeline("INC-1"))
    marked = [entry for entry in entries if entry.kind is EntryKind.MESSAGE]
    assert [entry.text for entry in marked] == ["first errors at 09:07 in the balancer"]
    assert marked[0].by
    assert marked[0].by.account.id == names.lee
    written = next(m for m in (await world.control.state())["messages"] if m["id"] == message)
    assert abs(marked[0].at.timestamp() - written["at"]) < 0.01


async def test_a_message_menu_declares_with_the_message_on_the_timeline(world: World) -> None:
    names = world.names
    message, since = await world.say(names.sam, names.checkout, "nobody can pay since 09:07")
    await world.control.act(names.lee, "shortcut", message=message, callback=shortcut(world))
    form = await world.control.wait_form(person=names.lee, since=since)
    assert "nobody can pay since 09:07" in str(form.form["raw"])
    await world.control.submit(names.lee, form.form["id"], {"title": "Payments fail", "severity": "sev1"})
    await world.reply_in(names.checkout, contains="INC-1", since=since)
    assert EntryKind.MESSAGE in await kinds(world)


async def test_an_alert_is_linked_when_it_is_declared_from_or_marked(world: World) -> None:
    names = world.names
    message = await world.alert(names.general, text="HighErrorRate https://alerts.example/7")
    since = await world.control.seq()
    await world.control.act(names.lee, "shortcut", message=message, callback=shortcut(world))
    form = await world.control.wait_form(person=names.lee, since=since)
    await world.control.submit(names.lee, form.form["id"], {"title": "Payments fail", "severity": "sev1"})
    await world.reply_in(names.general, contains="INC-1", since=since)
    room = await room_of(world)
    await let_in(world, names.deploybot, room, by=names.lee)
    second = await world.alert(room, text="PodRestarts: checkout")
    emoji = "pushpin" if world.site.name == "slack" else "📌"
    await world.control.act(names.lee, "react", message=second, emoji=emoji)
    own = (await incident_of(world)).room_state.pinned
    await world.control.act(names.lee, "react", message=own, emoji=emoji)

    async def marked() -> bool:
        return (await kinds(world)).count(EntryKind.MESSAGE) == 3

    await until(marked, what="both alerts and the card on the timeline")
    assert world.bot
    links = await world.bot.records.read(lambda tx: tx.incidents.links("INC-1"))
    assert [link.kind for link in links] == ["alert", "alert"], "the bot's own card is no alert"
    assert links[0].target == "https://alerts.example/7"
    assert links[1].title.startswith("PodRestarts: checkout")
    since = await world.command(names.lee, room, "timeline")
    shown = await world.whisper_to(names.lee, contains="Linked", since=since)
    assert "https://alerts.example/7" in shown.text


def shortcut(world: World) -> str:
    return "declare" if world.site.name == "slack" else "Declare incident"


async def test_a_run_started_in_the_room_belongs_to_the_incident(world: World) -> None:
    room = await declare(world, LESSER)
    since = await world.command(world.names.dana, room, DEPLOY)
    done = await world.reply_in(room, contains="completed", since=since)
    run = re.search(r"RUN-\w{6}", done.text)
    assert run
    assert world.bot
    links = await world.bot.records.read(lambda tx: tx.incidents.links("INC-1"))
    assert [(link.kind, link.target) for link in links] == [("run", run[0])]
    assert (await kinds(world)).count(EntryKind.RUN) == 2


async def test_a_question_in_the_room_belongs_to_the_incident(world: World) -> None:
    room = await declare(world)
    since = await world.command(world.names.dana, room, "ask which version of checkout is in production?")
    await world.reply_in(room, contains="runs version", since=since)
    assert EntryKind.QUERY in await kinds(world)


async def test_a_second_report_of_the_same_key_opens_nothing(world: World) -> None:
    await declare(world, "disk full key=disk-eu")
    since = await world.command(world.names.lee, world.names.general, "declare disk is full again key=disk-eu")
    await world.whisper_to(world.names.lee, contains="open for this already", since=since)
    assert world.bot
    assert len(await world.bot.records.read(lambda tx: tx.incidents.find())) == 1


async def test_a_private_incident_does_not_exist_for_others(world: World) -> None:
    names = world.names
    room = await declare(world, "credentials leaked severity=sev1 private=yes")
    channel = next(c for c in (await world.control.state())["channels"] if c["id"] == room)
    assert channel["kind"] == "private"
    assert "credentials" not in channel["name"]
    for text in ("incidents", "incident INC-1", "timeline INC-1", "postmortem INC-1", "resolve INC-1 nothing to see"):
        since = await world.command(names.lee, names.general, text)
        await world.whisper_to(names.lee, contains="ncident", since=since)
    assert (await incident_of(world)).open
    mine = await world.command(names.dana, names.general, "incidents")
    await world.whisper_to(names.dana, contains="credentials leaked", since=mine)
    _, said = await world.say(names.dana, names.general, "!incident INC-1")
    await world.control.wait_message(author=names.bot, contains="credentials leaked", since=said)
    shown = [m for m in await world.messages() if "credentials" in str(m["raw"])]
    direct = {c["id"] for c in (await world.control.state())["channels"] if c["kind"] == "direct"}
    assert {m["private_to"] or m["channel"] for m in shown} <= {room, names.dana, *direct}


async def test_a_reminder_comes_when_no_update_did_and_can_be_put_off(world: World) -> None:
    room = await declare(world)
    since = await world.control.seq()
    await later(world, minutes=31)
    due = await card_in(world, room, contains="have heard nothing about", since=since)
    await world.control.click(world.names.dana, due.message, due.buttons["Remind me later"])
    await world.whisper_to(world.names.dana, contains="later", since=since)
    await later(world, minutes=31)
    again = await card_in(world, room, contains="have heard nothing about", since=due.seq)
    assert again.message != due.message


async def test_the_post_mortem_is_a_file_made_of_the_timeline(world: World) -> None:
    room = await declare(world)
    await world.command(world.names.dana, room, "note traffic moved to eu-west")
    since = await world.command(world.names.dana, room, "resolve moved traffic back")
    await world.reply_in(world.names.checkout, contains="moved traffic back", since=since)
    message, since = await world.say(world.names.dana, room, "@copilot postmortem")
    reply = await world.reply_in(room, thread=message, contains="post-mortem", since=since)
    assert reply
    assert world.bot
    tx_entries = await world.bot.records.read(lambda tx: tx.incidents.timeline("INC-1"))
    assert "traffic moved to eu-west" in [entry.text for entry in tx_entries]


async def test_closing_needs_a_sentence(world: World) -> None:
    await declare(world)
    since = await world.command(world.names.dana, world.names.checkout, "incident INC-1 status=resolved")
    await world.whisper_to(world.names.dana, contains="say how it ended", since=since)
    assert (await incident_of(world)).open


@pytest.fixture
async def no_rooms(platform: str, tmp_path: Path) -> AsyncIterator[World]:
    """A workspace in which rooms are threads."""
    async with workspace(platform, tmp_path) as world:
        world.settings |= {"incidents": {"rooms": "thread"}}
        async with world.started():
            yield world


async def test_a_room_can_be_a_thread_on_the_card(no_rooms: World) -> None:
    world, names = no_rooms, no_rooms.names
    since = await world.command(names.dana, names.checkout, "declare checkout fails severity=sev2")
    card = await world.reply_in(names.checkout, contains="INC-1", since=since)

    async def opened() -> bool:
        return (await incident_of(world)).room is not None

    await until(opened, what="the thread")
    since = await world.command(names.dana, names.checkout, "update INC-1 rolling back")
    await world.reply_in(names.checkout, thread=card.message["id"], contains="rolling back", since=since)


async def test_an_update_reaches_every_channel_that_follows(world: World) -> None:
    names = world.names
    since = await world.command(names.lee, names.general, "settings")
    shown = world.card(await world.whisper_to(names.lee, contains="Settings of this channel", since=since))
    await world.control.click(names.lee, shown.message, shown.buttons["Change …"])
    form = await world.control.wait_form(person=names.lee, since=since)
    await world.control.submit(names.lee, form.form["id"], {"incidents": "sev2"})
    await world.reply_in(names.general, contains="SEV2")
    await declare(world)
    since = await world.command(names.dana, names.checkout, "update INC-1 half of the traffic is back")
    await world.reply_in(names.general, contains="half of the traffic is back", since=since)


async def test_an_update_is_written_once_and_read_on_both_platforms(tmp_path: Path) -> None:
    async with workspace("slack", tmp_path) as slack, workspace("discord", tmp_path) as discord:
        mine, theirs = slack.make_settings(), discord.make_settings()
        slack.settings |= {
            "discord": discord.site.settings(),
            "roles": {**mine.roles, **theirs.roles},
            "incidents": {"channels": [discord.account(discord.names.general)]},
        }
        async with slack.started():
            await declare(slack)
            since = await discord.control.seq()
            await slack.command(slack.names.dana, slack.names.checkout, "update INC-1 half of the traffic is back")
            await discord.reply_in(discord.names.general, contains="half of the traffic is back", since=since)
            await slack.command(slack.names.dana, slack.names.checkout, "incident INC-1 severity=sev3")
            told = await discord.reply_in(discord.names.general, contains="SEV3", since=since)
            assert "INC-1" in told.text
