"""Nothing is lost and nothing is done twice on the way in and out, in Slack: A1–A7, A13, A18."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from bot.emulators.slack import acme
from core.messages import Delivery, Place, Platform, Reply, Text
from tests.flows.world import CHECKOUT, DANA, GENERAL, LEE, SlackWorld, until

QUESTION = "@copilot which version of checkout is in production?"


@contextmanager
def locked(world: SlackWorld) -> Iterator[None]:
    """A store that takes its time: somebody else holds the write lock of the database."""
    with closing(sqlite3.connect(world.folder / "copilot.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def all_acked(world: SlackWorld, *, count: int) -> None:
    async def acked() -> bool:
        acks = await world.control.acks()
        return len(acks) >= count and all(ack["acked_at"] for ack in acks)

    await until(acked, what=f"{count} acknowledgements")


async def test_a01_everything_is_acknowledged_while_its_handler_still_works(world: SlackWorld) -> None:
    world.delivery.hold()
    message, since = await world.say(DANA, CHECKOUT, QUESTION)
    await world.control.command(LEE, CHECKOUT, "/copilot", "ask which version of checkout is in production?")
    await all_acked(world, count=3)
    assert world.delivery.waiting
    assert not await world.messages()
    world.delivery.release()
    await world.reply_in(CHECKOUT, thread=message, since=since)
    await world.whisper_to(LEE, contains="checkout", since=since)


async def test_a01_commands_are_acknowledged_while_the_store_is_slow(world: SlackWorld) -> None:
    since = await world.control.seq()
    with locked(world):
        await world.control.command(DANA, CHECKOUT, "/copilot", "status")
        await all_acked(world, count=1)
        assert not [e for e in (await world.control.state())["messages"] if e["private_to"] == DANA]
    await world.whisper_to(DANA, contains="No runs", since=since)


async def test_a04_an_event_that_was_not_committed_is_made_good_by_the_retry(world: SlackWorld) -> None:
    with locked(world):
        message, since = await world.say(DANA, CHECKOUT, QUESTION)

        async def withheld() -> bool:
            return bool(await world.control.acks()) and bool(world.bot and world.bot.gateway.withheld)

        await until(withheld, what="an event to be withheld")
        assert not [ack for ack in await world.control.acks() if ack["acked_at"]]
    await world.control.clock(3)
    await world.reply_in(CHECKOUT, thread=message, since=since)

    async def made_good() -> bool:
        return any(ack["acked_at"] for ack in await world.control.acks())

    await until(made_good, what="the retry to be acknowledged")
    assert len(await world.messages()) == 1


async def test_a02_replayed_events_have_one_effect(cold: SlackWorld) -> None:
    async with cold.started():
        await cold.control.fault("duplicate", copies=4)
        message, since = await cold.say(DANA, CHECKOUT, QUESTION)
        await cold.reply_in(CHECKOUT, thread=message, since=since)
        since = await cold.control.seq()
        await cold.control.command(DANA, CHECKOUT, "/copilot", "run deploy service=checkout environment=staging")
        await cold.reply_in(CHECKOUT, contains="completed", since=since)
        await cold.settled()
    async with cold.started():
        await cold.settled()
        assert len(await cold.messages(channel=CHECKOUT)) == 2
    assert cold.delivery.effects("deploy") == 1


async def test_a03_a04_a_mention_comes_as_two_events_in_any_order_and_is_answered_once(world: SlackWorld) -> None:
    await world.control.fault("reorder", group=2)
    message, since = await world.say(DANA, CHECKOUT, QUESTION)
    await world.reply_in(CHECKOUT, thread=message, since=since)
    await world.settled()
    assert len(await world.messages()) == 1
    assert len(await world.control.acks()) == 2


async def test_a05_a_deaf_socket_is_noticed_replaced_and_loses_nothing(cold: SlackWorld) -> None:
    cold.settings["slack"] = {**cold.slack_settings(), "ping_seconds": 0.1}
    async with cold.started() as bot:
        await cold.control.fault("black_hole")
        message, since = await cold.say(DANA, CHECKOUT, QUESTION)

        async def red() -> bool:
            return "slack" in await bot.problems()

        await until(red, what="/ready to turn red")
        await bot.ready()
        await cold.control.clock(3)
        await cold.reply_in(CHECKOUT, thread=message, since=since)


async def test_a06_starting_in_a_large_workspace_lists_nothing(cold: SlackWorld) -> None:
    await cold.control.seed(people=20_000, channels=20_000)
    async with cold.started():
        calls = {request["path"].rpartition("/")[2] for request in await cold.control.requests()}
        assert calls == {"auth.test", "apps.connections.open"}


async def test_a07_the_last_of_five_hundred_edits_arrives_in_spite_of_rate_limits(world: SlackWorld) -> None:
    assert world.bot
    bot = world.bot
    place = Place(Platform.SLACK, acme.TEAM, GENERAL)
    await world.control.fault("budget", match="chat.*", per_second=1)

    async def show(n: int) -> None:
        delivery = Delivery("counter", place, Reply((Text(f"edit {n} of 500"),), f"edit {n}"))
        lane = await bot.records.write(lambda tx: tx.outbox.put(bot.ids.token(), delivery, now=bot.clock.now()))
        bot.sender.wake(lane)

    since = await world.control.seq()
    for n in range(1, 501):
        await show(n)
    last = await world.reply_in(GENERAL, contains="edit 500 of 500", since=since)
    assert last.message["id"] == (await world.messages(channel=GENERAL))[0]["id"]
    assert len(await world.messages(channel=GENERAL)) == 1
    calls = await world.control.requests(path="chat.")
    assert len([call for call in calls if call["status"] == 200]) < 50


async def test_a07_messages_of_a_channel_stay_in_order_behind_a_rate_limit(world: SlackWorld) -> None:
    assert world.bot
    bot = world.bot
    place = Place(Platform.SLACK, acme.TEAM, GENERAL)
    await world.control.fault("rate_limit", match="chat.postMessage", times=1, retry_after=1)
    for n in range(5):
        delivery = Delivery(f"m{n}", place, Reply((Text(f"message {n}"),), f"message {n}"))
        lane = await bot.records.write(lambda tx, d=delivery: tx.outbox.put(bot.ids.token(), d, now=bot.clock.now()))
        bot.sender.wake(lane)
    await world.reply_in(GENERAL, contains="message 4")
    texts = [m["raw"]["text"] for m in await world.messages(channel=GENERAL)]
    assert texts == [f"message {n}" for n in range(5)]


async def test_a_post_of_unknown_outcome_is_looked_for_before_it_is_sent_again(world: SlackWorld) -> None:
    await world.control.fault("drop_response", match="chat.postMessage", times=1)
    message, since = await world.say(DANA, CHECKOUT, QUESTION)
    await world.reply_in(CHECKOUT, thread=message, since=since)

    async def empty() -> bool:
        assert world.bot
        return await world.bot.records.read(lambda tx: tx.outbox.depth()) == 0

    await until(empty, what="the outbox to be empty")
    assert len(await world.messages(channel=CHECKOUT)) == 1


async def test_a13_a_form_that_could_not_open_is_offered_again(world: SlackWorld) -> None:
    await world.control.fault("expire_triggers", times=1)
    since = await world.control.seq()
    await world.control.command(DANA, CHECKOUT, "/copilot", "run deploy")
    told = await world.whisper_to(DANA, contains="Open again", since=since)
    elements = [e for block in told.message["raw"]["blocks"] if block["type"] == "actions" for e in block["elements"]]
    await world.control.click(DANA, told.message["id"], elements[0]["action_id"])
    form = await world.control.wait_form(person=DANA, since=told.seq)
    assert form.form["raw"]["callback_id"] == "run.deploy"


async def test_a13_deny_opens_its_form_while_the_store_is_slow(world: SlackWorld) -> None:
    since = await world.control.seq()
    await world.control.command(DANA, CHECKOUT, "/copilot", "run deploy service=checkout environment=production")
    card = await world.approval(since=since)
    with locked(world):
        await world.control.click(LEE, card.message, card.buttons["Deny"])
        form = await world.control.wait_form(person=LEE, since=card.seq)
    assert form.form["raw"]["callback_id"] == "deny"


@pytest.mark.parametrize("people", [(DANA, LEE)])
async def test_conversations_do_not_wait_for_each_other_but_turns_of_one_do(
    world: SlackWorld, people: tuple[str, str]
) -> None:
    world.delivery.hold()
    first, since = await world.say(people[0], CHECKOUT, QUESTION)
    await world.say(people[0], CHECKOUT, "@copilot what waits for approval?", first)
    other, _ = await world.say(people[1], GENERAL, "@copilot status")
    await world.reply_in(GENERAL, thread=other, since=since)
    assert not await world.messages(channel=CHECKOUT)
    world.delivery.release()
    await world.reply_in(CHECKOUT, thread=first, contains="Nothing waits", since=since)
    replies = await world.messages(channel=CHECKOUT)
    assert len(replies) == 2
    assert "checkout" in str(replies[0]["raw"])
