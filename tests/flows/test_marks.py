"""What people do to messages: choose the bot in their menu, react to them, pin them."""

import sqlite3
from contextlib import closing

from core.messages import Marked, Place, Platform, load_incoming
from tests.flows.world import World, until

ALERT = "p95 of checkout is above 2 s <since 12:00>"


def marks(world: World) -> list[Marked]:
    """The marks that were recorded."""
    with closing(sqlite3.connect(world.folder / "copilot.db")) as database:
        found = database.execute("SELECT item FROM inbox ORDER BY seq").fetchall()
    items = [load_incoming(row[0]) for row in found]
    return [item for item in items if isinstance(item, Marked)]


async def make_room(world: World, channel: str) -> None:
    assert world.bot
    place = Place(Platform(world.site.name), world.site.workspace, channel)
    await world.bot.records.write(lambda tx: tx.channels.set(place.lane, "incident", "42"))


async def test_a_messages_menu_opens_the_form_filled_with_the_message(world: World) -> None:
    names = world.names
    message, since = await world.say(names.deploybot, names.general, ALERT)
    await world.control.shortcut(names.dana, message, world.site.declare)
    form = await world.control.wait_form(person=names.dana, since=since)
    assert world.site.filled(form) == {
        "title": "", "severity": "sev3", "service": "", "details": ALERT, "visibility": "open"
    }  # fmt: skip
    assert f"{names.general}/{message}" in form.text


async def test_a_reply_in_a_thread_is_declared_from_its_menu(world: World) -> None:
    names = world.names
    root = await world.thread(names.dana, names.checkout, "slow?")
    reply, since = await world.say(names.lee, names.checkout, ALERT, root)
    await world.control.shortcut(names.dana, reply, world.site.declare)
    form = await world.control.wait_form(person=names.dana, since=since)
    assert world.site.filled(form)["details"] == ALERT


async def test_marks_are_recorded_in_rooms_alone_and_once(world: World) -> None:
    names, control = world.names, world.control
    elsewhere, _ = await world.say(names.dana, names.checkout, "look")
    here, _ = await world.say(names.dana, names.approvals, "p95 is back to normal")
    await make_room(world, names.approvals)
    for message in (elsewhere, here):
        await control.react(names.dana, message, world.site.eyes)
        await control.act(names.dana, "unreact", message=message, emoji=world.site.eyes)
        await control.react(names.dana, message, world.site.eyes)
        await control.pin(names.lee, message)

    async def recorded() -> bool:
        return len(marks(world)) >= 2

    await until(recorded, what="the marks to be recorded")
    found = sorted((mark.person.account.id, mark.message, mark.mark) for mark in marks(world))
    assert found == sorted([(names.dana, here, world.site.eyes), (names.lee, here, "pin")])


async def test_the_bots_own_pin_is_no_mark(world: World) -> None:
    assert world.bot
    names = world.names
    await make_room(world, names.approvals)
    here, _ = await world.say(names.dana, names.approvals, "look")
    await world.control.act(names.bot, "pin", message=here)
    await world.control.pin(names.dana, (await world.say(names.dana, names.approvals, "and here"))[0])

    async def recorded() -> bool:
        return bool(marks(world))

    await until(recorded, what="the mark to be recorded")
    assert [mark.person.account.id for mark in marks(world)] == [names.dana]


async def test_a_form_that_came_too_late_is_offered_again(slack: World) -> None:
    names = slack.names
    message, since = await slack.say(names.deploybot, names.general, ALERT)
    await slack.control.fault("expire_triggers", times=1)
    await slack.control.shortcut(names.dana, message, slack.site.declare)
    offer = await slack.whisper_to(names.dana, contains="Open again", since=since)
    await slack.control.click(names.dana, offer.message["id"], f"form:declare:{names.general}/{message}")
    form = await slack.control.wait_form(person=names.dana, since=offer.seq)
    assert form.form["raw"]["callback_id"] == "declare"
