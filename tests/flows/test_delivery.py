"""Nothing is lost and nothing is done twice on the way in and out, in Slack: A1–A7, A13, A18."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from core.messages import Delivery, Place, Platform, Reply, Text
from tests.flows.world import World, until

QUESTION = "@copilot which version of checkout is in production?"


@contextmanager
def locked(slack: World) -> Iterator[None]:
    """A store that takes its time: somebody else holds the write lock of the database."""
    with closing(sqlite3.connect(slack.folder / "copilot.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def all_acked(slack: World, *, count: int) -> None:
    async def acked() -> bool:
        acks = await slack.control.acks()
        return len(acks) >= count and all(ack["acked_at"] for ack in acks)

    await until(acked, what=f"{count} acknowledgements")


async def test_a01_everything_is_acknowledged_while_its_handler_still_works(slack: World) -> None:
    slack.delivery.hold()
    message, since = await slack.say(slack.names.dana, slack.names.checkout, QUESTION)
    await slack.command(slack.names.lee, slack.names.checkout, "ask which version of checkout is in production?")
    await all_acked(slack, count=3)

    async def under_way() -> bool:
        return slack.delivery.waiting == 2

    await until(under_way, what="both handlers to be in the middle of their call")
    assert not await slack.messages()
    slack.delivery.release()
    await slack.reply_in(slack.names.checkout, thread=message, since=since)

    async def both() -> bool:
        return len(await slack.messages(channel=slack.names.checkout)) == 2

    await until(both, what="two answers")


async def test_a01_commands_are_acknowledged_while_the_store_is_slow(slack: World) -> None:
    since = await slack.control.seq()
    with locked(slack):
        await slack.command(slack.names.dana, slack.names.checkout, "status")
        await all_acked(slack, count=1)
        assert not [e for e in (await slack.control.state())["messages"] if e["private_to"] == slack.names.dana]
    await slack.whisper_to(slack.names.dana, contains="No runs", since=since)


async def test_a04_an_event_that_was_not_committed_is_made_good_by_the_retry(slack: World) -> None:
    with locked(slack):
        message, since = await slack.say(slack.names.dana, slack.names.checkout, QUESTION)

        async def withheld() -> bool:
            return bool(await slack.control.acks()) and bool(slack.bot and slack.bot.gateway.withheld)

        await until(withheld, what="an event to be withheld")
        assert not [ack for ack in await slack.control.acks() if ack["acked_at"]]
    await slack.control.clock(3)
    await slack.reply_in(slack.names.checkout, thread=message, since=since)

    async def made_good() -> bool:
        return any(ack["acked_at"] for ack in await slack.control.acks())

    await until(made_good, what="the retry to be acknowledged")
    assert len(await slack.messages()) == 1


async def test_a02_replayed_events_have_one_effect(cold_slack: World) -> None:
    async with cold_slack.started():
        await cold_slack.control.fault("duplicate", copies=4)
        message, since = await cold_slack.say(cold_slack.names.dana, cold_slack.names.checkout, QUESTION)
        await cold_slack.reply_in(cold_slack.names.checkout, thread=message, since=since)
        since = await cold_slack.control.seq()
        await cold_slack.command(
            cold_slack.names.dana, cold_slack.names.checkout, "run deploy service=checkout environment=staging"
        )
        await cold_slack.reply_in(cold_slack.names.checkout, contains="completed", since=since)
        await cold_slack.settled()
    async with cold_slack.started():
        await cold_slack.settled()
        assert len(await cold_slack.messages(channel=cold_slack.names.checkout)) == 2
    assert cold_slack.delivery.effects("deploy") == 1


async def test_a03_a04_a_mention_comes_as_two_events_in_any_order_and_is_answered_once(slack: World) -> None:
    await slack.control.fault("reorder", group=2)
    message, since = await slack.say(slack.names.dana, slack.names.checkout, QUESTION)
    await slack.reply_in(slack.names.checkout, thread=message, since=since)
    await slack.settled()
    assert len(await slack.messages()) == 1
    assert len(await slack.control.acks()) == 2


async def test_a05_a_deaf_socket_is_noticed_replaced_and_loses_nothing(cold_slack: World) -> None:
    cold_slack.settings["slack"] = {**cold_slack.site.settings(), "ping_seconds": 0.1}
    async with cold_slack.started() as bot:
        await cold_slack.control.fault("black_hole")
        message, since = await cold_slack.say(cold_slack.names.dana, cold_slack.names.checkout, QUESTION)

        async def red() -> bool:
            return "slack" in await bot.problems()

        await until(red, what="/ready to turn red")
        await bot.ready()
        await cold_slack.control.clock(3)
        reply = await cold_slack.reply_in(cold_slack.names.checkout, thread=message, since=since)
        assert cold_slack.delivery.version("checkout", "production") in reply.text


async def test_a06_starting_in_a_large_workspace_lists_nothing(cold_slack: World) -> None:
    await cold_slack.control.seed(people=20_000, channels=20_000)
    async with cold_slack.started():
        calls = {request["path"].rpartition("/")[2] for request in await cold_slack.control.requests()}
        assert calls == {"auth.test", "apps.connections.open"}


async def test_a07_the_last_of_five_hundred_edits_arrives_in_spite_of_rate_limits(slack: World) -> None:
    assert slack.bot
    bot = slack.bot
    place = Place(Platform.SLACK, slack.site.workspace, slack.names.general)
    await slack.control.fault("budget", match="chat.*", per_second=1)

    async def show(n: int) -> None:
        delivery = Delivery("counter", place, Reply((Text(f"edit {n} of 500"),), f"edit {n}"))
        lane = await bot.records.write(lambda tx: tx.outbox.put(bot.ids.token(), delivery, now=bot.clock.now()))
        bot.sender.wake(lane)

    since = await slack.control.seq()
    for n in range(1, 501):
        await show(n)
    last = await slack.reply_in(slack.names.general, contains="edit 500 of 500", since=since)
    assert last.message["id"] == (await slack.messages(channel=slack.names.general))[0]["id"]
    assert len(await slack.messages(channel=slack.names.general)) == 1
    calls = await slack.control.requests(path="chat.")
    assert len([call for call in calls if call["status"] == 200]) < 50


async def test_a07_messages_of_a_channel_stay_in_order_behind_a_rate_limit(slack: World) -> None:
    assert slack.bot
    bot = slack.bot
    place = Place(Platform.SLACK, slack.site.workspace, slack.names.general)
    await slack.control.fault("rate_limit", match="chat.postMessage", times=1, retry_after=1)
    for n in range(5):
        delivery = Delivery(f"m{n}", place, Reply((Text(f"message {n}"),), f"message {n}"))
        lane = await bot.records.write(lambda tx, d=delivery: tx.outbox.put(bot.ids.token(), d, now=bot.clock.now()))
        bot.sender.wake(lane)
    await slack.reply_in(slack.names.general, contains="message 4")
    texts = [m["raw"]["text"] for m in await slack.messages(channel=slack.names.general)]
    assert texts == [f"message {n}" for n in range(5)]


async def test_a_post_of_unknown_outcome_is_looked_for_before_it_is_sent_again(slack: World) -> None:
    await slack.control.fault("drop_response", match="chat.postMessage", times=1)
    message, since = await slack.say(slack.names.dana, slack.names.checkout, QUESTION)
    await slack.reply_in(slack.names.checkout, thread=message, since=since)

    async def empty() -> bool:
        assert slack.bot
        return await slack.bot.records.read(lambda tx: tx.outbox.depth()) == 0

    await until(empty, what="the outbox to be empty")
    assert len(await slack.messages(channel=slack.names.checkout)) == 1


async def test_a13_a_form_that_could_not_open_is_offered_again(slack: World) -> None:
    await slack.control.fault("expire_triggers", times=1)
    since = await slack.control.seq()
    await slack.command(slack.names.dana, slack.names.checkout, "run deploy")
    told = await slack.whisper_to(slack.names.dana, contains="Open again", since=since)
    elements = [e for block in told.message["raw"]["blocks"] if block["type"] == "actions" for e in block["elements"]]
    await slack.control.click(slack.names.dana, told.message["id"], elements[0]["action_id"])
    form = await slack.control.wait_form(person=slack.names.dana, since=told.seq)
    assert form.form["raw"]["callback_id"] == "run.deploy"


async def test_a13_deny_opens_its_form_while_the_store_is_slow(slack: World) -> None:
    since = await slack.control.seq()
    await slack.command(slack.names.dana, slack.names.checkout, "run deploy service=checkout environment=production")
    card = await slack.approval(since=since)
    with locked(slack):
        await slack.control.click(slack.names.lee, card.message, card.buttons["Deny …"])
        form = await slack.control.wait_form(person=slack.names.lee, since=card.seq)
    assert form.form["raw"]["callback_id"] == "deny"


async def test_conversations_do_not_wait_for_each_other_but_turns_of_one_do(slack: World) -> None:
    slack.delivery.hold()
    first, since = await slack.say(slack.names.dana, slack.names.checkout, QUESTION)
    await slack.say(slack.names.dana, slack.names.checkout, "@copilot what waits for approval?", first)
    other, _ = await slack.say(slack.names.lee, slack.names.general, "@copilot status")
    await slack.reply_in(slack.names.general, thread=other, since=since)
    assert not await slack.messages(channel=slack.names.checkout)
    slack.delivery.release()
    await slack.reply_in(slack.names.checkout, thread=first, contains="Nothing waits", since=since)
    replies = await slack.messages(channel=slack.names.checkout)
    assert len(replies) == 2
    assert "checkout" in str(replies[0]["raw"])
