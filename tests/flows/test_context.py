"""What was said in a thread reaches the answer, from the events that brought it, and nowhere else: A15, A17, A26."""

from dataclasses import replace

from bot.emulators.common.client import Event
from core.context import bounds
from core.messages import Account, Heard, Person, Place, Platform
from core.ports.records import Transaction
from tests.flows.world import World, until


async def opened(world: World, message: str) -> str:
    """The thread under a message; on Discord somebody has to open it."""
    if world.site.name == "discord":
        await world.control.act(world.names.lee, "open_thread", message=message)
    return message


async def ask(world: World, thread: str, text: str, *, contains: str = "", channel: str = "") -> Event:
    """Ask in a thread, and the answer."""
    channel = channel or world.names.general
    _, since = await world.say(world.names.dana, channel, text, thread)
    return await world.reply_in(channel, thread=thread, contains=contains, since=since)


# --- A15: the thread that the bot is called into -----------------------------------------------------------------------


async def test_a15_the_alert_at_the_root_of_the_thread_is_what_why_is_about(world: World) -> None:
    thread = await opened(world, await world.alert(world.names.general))
    reply = await ask(world, thread, "@copilot why?")
    assert "What I know about" in reply.text
    assert world.delivery.version("checkout", "production") in reply.text
    assert "5xx of checkout above 5 %" in reply.text
    assert "checkout, production: from the alert by" in reply.text
    assert "not a cause" in reply.text


async def test_a15_an_alert_inside_the_thread_counts_and_the_latest_wins(world: World) -> None:
    thread = await world.thread(world.names.lee, world.names.general, "checkout is slow again")
    await world.alert(world.names.general, thread=thread, text="payments in staging is out of memory")
    reply = await ask(world, thread, "@copilot is it ok?")
    assert world.delivery.version("payments", "staging") in reply.text
    assert "payments, staging: from the alert by" in reply.text


async def test_a15_messages_between_two_mentions_count(world: World) -> None:
    thread = await opened(world, await world.alert(world.names.general))
    first = await ask(world, thread, "@copilot why?")
    await world.say(world.names.lee, world.names.general, "no wait, it is search in development", thread)
    _, since = await world.say(world.names.dana, world.names.general, "@copilot what changed?", thread)
    reply = await world.reply_in(world.names.general, thread=thread, since=max(since, first.seq))
    assert "search, development: from the message by" in reply.text
    assert "Lee" in reply.text
    assert world.delivery.version("search", "development") in reply.text


async def test_a15_the_bots_own_messages_are_left_out(world: World) -> None:
    names = world.names
    thread, since = await world.say(names.dana, names.general, "@copilot which version of payments is in staging?")
    await world.reply_in(names.general, thread=thread, since=since)
    heard = await heard_in(world, world.place(names.general, thread))
    assert [message.person.account.id for message in heard] == [names.dana]


async def test_a15_an_edit_counts_and_a_deleted_message_is_forgotten(world: World) -> None:
    names = world.names
    thread = await world.thread(names.lee, names.general, "hm")
    message, _ = await world.say(names.lee, names.general, "is checkout broken?", thread)
    await world.control.act(names.lee, "edit", message=message, text="is payments broken?")
    wrong, _ = await world.say(names.sam, names.general, "no, it is search", thread)
    await world.control.act(names.sam, "delete", message=wrong)
    reply = await ask(world, thread, "@copilot why?")
    assert "payments: from the message by Lee" in reply.text
    assert "search" not in reply.text


async def test_a15_a_thread_without_a_known_service_gets_one_question_and_a_button_answers_it(world: World) -> None:
    thread = await world.thread(world.names.lee, world.names.general, "everything is on fire")
    card = world.card(await ask(world, thread, "@copilot why?"))
    assert "Which service" in card.text
    await world.control.click(world.names.dana, card.message, card.buttons["payments"])
    reply = await world.reply_in(world.names.general, thread=thread, contains="What I know about", since=card.seq)
    assert world.delivery.version("payments", "production") in reply.text
    assert "production: assumed" in reply.text
    again = await ask(world, thread, "@copilot which version?", contains="payments")
    assert "payments: from your message" in again.text


async def test_a15_a_reply_to_an_alert_in_a_discord_channel_is_about_that_alert(discord: World) -> None:
    names = discord.names
    first = await discord.alert(names.general)
    await discord.alert(names.general, text="payments in staging")
    await heard_in(discord, discord.place(names.general))
    asked = await discord.control.act(names.dana, "post", channel=names.general, text="@copilot why?", reply=first)
    reply = await discord.reply_in(names.general, thread=str(asked["message"]), since=asked["seq"])
    assert "checkout, production: from the alert by" in reply.text


async def test_a15_who_may_not_see_runs_is_told_the_rest(cold: World) -> None:
    names = cold.names
    cold.settings["permissions"] = {"member": ["help", "ask"], "operator": ["run", "status"]}
    async with cold.started():
        since = await cold.command(names.dana, names.checkout, "run deploy service=checkout environment=production")
        await cold.approval(since=since)
        thread = await opened(cold, await cold.alert(names.general))
        assert "waits for an approval" in (await ask(cold, thread, "@copilot why?")).text
        _, since = await cold.say(names.sam, names.general, "@copilot why?", thread)
        reply = await cold.reply_in(names.general, thread=thread, since=since)
        assert cold.delivery.version("checkout", "production") in reply.text
        assert "waits for an approval" not in reply.text
        assert "RUN-" not in reply.text


async def test_a15_a_delivery_service_that_is_away_leaves_a_gap_and_no_error(world: World) -> None:
    thread = await opened(world, await world.alert(world.names.general))
    await ask(world, thread, "@copilot why?", contains="What I know about")
    world.delivery.fail_next(*[500] * 20)
    reply = await ask(world, thread, "@copilot what changed?")
    assert "did not answer" in reply.text
    assert "5xx of checkout above 5 %" in reply.text


async def test_a15_runs_and_approvals_of_the_service_are_told_with_who_and_when(world: World) -> None:
    names = world.names
    since = await world.command(names.dana, names.checkout, "run deploy service=checkout environment=production")
    await world.approval(since=since)
    thread = await opened(world, await world.alert(names.general))
    reply = await ask(world, thread, "@copilot what changed?")
    assert "waits for an approval by" in reply.text
    assert "started by Dana" in reply.text


async def test_a15_people_who_ask_one_another_why_are_left_alone(world: World) -> None:
    thread = await opened(world, await world.alert(world.names.general))
    await ask(world, thread, "@copilot why?")
    before = len(await world.messages())
    await world.say(world.names.lee, world.names.general, "why?", thread)
    await ask(world, thread, "which version of auth is in staging?", contains="auth")
    assert len(await world.messages()) == before + 1


async def test_a15_ten_thousand_long_messages_neither_slow_nor_break_it(slack: World) -> None:
    assert slack.bot
    names, bot = slack.names, slack.bot
    thread = await opened(slack, await slack.alert(names.general))
    place = slack.place(names.general, thread)
    root = (await heard_in(slack, place))[0]
    text = "nothing to see here, move along " * 120
    for start in range(0, 10_000, 500):
        await bot.records.write(lambda tx, first=start: fill(tx, place, range(first, first + 500), text, root.sent_at))
    reply = await ask(slack, thread, "@copilot why?")
    # What is too long ago is not looked at; the root is.
    assert "5xx of checkout above 5 %" in reply.text
    assert "from the alert by" in reply.text
    for _ in range(100):
        bot.hearing.count(replace(root, place=place))
    await bot.hearing.clear()
    left = await bot.records.read(lambda tx: tx.heard.recall(place, limit=20_000, until=1e12))
    assert len(left.messages) == bounds.KEPT + 1


async def test_a15_a_thread_from_before_the_bot_came_is_asked_for_once(slack: World) -> None:
    names = slack.names
    threads = [await slack.thread(names.lee, names.security, "checkout in production") for _ in range(2)]
    await slack.control.act(names.lee, "invite", channel=names.security, person=names.bot)
    for question in ("@copilot why?", "@copilot what changed?"):
        reply = await ask(slack, threads[0], question, channel=names.security)
        assert "checkout, production: from the message by Lee" in reply.text
    refused = await ask(slack, threads[1], "@copilot why?", channel=names.security)
    assert "Which service" in refused.text
    assert "only once a minute" in refused.text
    assert len([request for request in await slack.control.requests() if is_history(request)]) == 1


async def test_a15_a_discord_thread_from_before_the_bot_came_is_asked_for_once(cold_discord: World) -> None:
    names, thread = (
        cold_discord.names,
        await opened(cold_discord, await cold_discord.alert(cold_discord.names.general)),
    )
    await cold_discord.alert(names.general, thread=thread, text="staging, too")
    async with cold_discord.started():
        for question in ("@copilot why?", "@copilot what changed?"):
            reply = await ask(cold_discord, thread, question)
            assert "5xx of checkout" in reply.text
            assert "checkout, staging: from the alert by" in reply.text
    # The root stands in another channel than its thread.
    assert len([request for request in await cold_discord.control.requests() if is_history(request)]) == 2


async def test_a15_a_history_that_is_refused_is_told_in_small_print(slack: World) -> None:
    names = slack.names
    thread = await slack.thread(names.lee, names.security, "checkout in production")
    await slack.control.act(names.lee, "invite", channel=names.security, person=names.bot)
    await slack.control.fault("rate_limit", match="conversations.replies", retry_after=60)
    reply = await ask(slack, thread, "@copilot why payments", channel=names.security)
    assert "What I know about" in reply.text
    assert "did not let me read back" in reply.text


async def test_carried_over_in_a_direct_message_until_a_new_value_replaces_it(world: World) -> None:
    first = await world.control.direct(world.names.dana, "which version of search is in staging?")
    await world.reply_in(first["channel"], contains="search")
    second = await world.control.direct(world.names.dana, "which version?")
    reply = await world.reply_in(second["channel"], since=second["seq"])
    assert world.delivery.version("search", "staging") in reply.text
    assert "search, staging: from your message" in reply.text
    third = await world.control.direct(world.names.dana, "which version of auth?")
    reply = await world.reply_in(third["channel"], since=third["seq"])
    assert world.delivery.version("auth", "staging") in reply.text


# --- A17: from events, not from the history API --------------------------------------------------------------------------


async def test_a17_a_thread_of_fifteen_messages_is_known_without_a_call_to_the_history_api(slack: World) -> None:
    names = slack.names
    for method in ("conversations.replies", "conversations.history"):
        await slack.control.fault("budget", match=method, per_second=1 / 60)
    root = await slack.thread(names.lee, names.general, "something is off since lunch")
    people = (names.dana, names.lee, names.sam)
    for n in range(15):
        text = "payments in staging throws 502s" if n == 7 else f"looking at it, step {n}"
        await slack.say(people[n % 3], names.general, text, root)
        if n in (3, 11):
            await ask(slack, root, "@copilot whoami", contains="You are")
    reply = await ask(slack, root, "@copilot why?", contains="What I know about")
    assert "payments, staging: from the message by" in reply.text
    assert slack.delivery.version("payments", "staging") in reply.text
    assert not [request for request in await slack.control.requests() if is_history(request)]


# --- A26: what is remembered stays where it was said ---------------------------------------------------------------------


async def test_a26_what_was_told_in_a_direct_message_is_known_nowhere_else(world: World) -> None:
    names = world.names
    told = await world.control.direct(names.dana, "which version of inventory is in development?")
    await world.reply_in(told["channel"], contains="inventory")
    thread = await world.thread(names.lee, names.general, "hello")
    for person in (names.dana, names.lee):
        _, since = await world.say(person, names.general, "@copilot why?", thread)
        reply = await world.reply_in(names.general, thread=thread, since=since)
        assert "Which service" in reply.text
        assert "development" not in reply.text
    other = await world.control.direct(names.lee, "which version?")
    reply = await world.reply_in(other["channel"], since=other["seq"])
    assert "Which service" in reply.text
    assert "inventory is in development" not in str(await world.messages(channel=other["channel"]))


async def test_a26_what_was_told_in_one_thread_is_unknown_in_another(world: World) -> None:
    names = world.names
    first = await opened(world, await world.alert(names.general))
    assert "checkout" in (await ask(world, first, "@copilot why?")).text
    for channel in (names.general, names.checkout):
        second = await world.thread(names.lee, channel, "unrelated")
        assert "Which service" in (await ask(world, second, "@copilot why?", channel=channel)).text


async def test_a26_a_private_channel_keeps_what_is_said_in_it(slack: World) -> None:
    names = slack.names
    await slack.control.act(names.lee, "invite", channel=names.security, person=names.bot)
    inside = await slack.thread(names.dana, names.security, "the leak is in auth in development")
    reply = await ask(slack, inside, "@copilot why?", channel=names.security)
    assert "auth, development: from your message" in reply.text
    outside = await slack.thread(names.dana, names.general, "same question out here")
    assert "Which service" in (await ask(slack, outside, "@copilot why?")).text


async def test_a26_forgetting_a_person_erases_what_they_wrote_everywhere(world: World) -> None:
    names, bot = world.names, world.bot
    assert bot
    thread = await world.thread(names.lee, names.general, "checkout acts up in staging")
    told = await world.control.direct(names.lee, "which version of inventory is in development?")
    await world.reply_in(told["channel"], contains="inventory")
    account = Account(Platform(world.site.name), world.site.workspace, names.lee)
    assert await bot.records.write(lambda tx: tx.heard.forget(account)) == 2
    assert "Which service" in (await ask(world, thread, "@copilot why?")).text
    again = await world.control.direct(names.lee, "which version?")
    assert "Which service" in (await world.reply_in(again["channel"], since=again["seq"])).text


async def test_a26_a_muted_channel_is_not_listened_to(world: World) -> None:
    names, bot = world.names, world.bot
    assert bot
    await world.command(names.dana, names.checkout, "mute")
    await world.reply_in(names.checkout, contains="quiet")
    await world.say(names.lee, names.checkout, "this is between us")
    since = await world.command(names.dana, names.checkout, "unmute")
    await world.reply_in(names.checkout, contains="listen", since=since)
    await world.say(names.lee, names.checkout, "this may be heard")
    heard = await heard_in(world, world.place(names.checkout))
    assert [message.text for message in heard] == ["this may be heard"]


async def test_a26_what_is_edited_in_a_muted_channel_is_remembered_neither_way(world: World) -> None:
    names = world.names
    first, _ = await world.say(names.lee, names.checkout, "a thing I should not have said")
    other, _ = await world.say(names.lee, names.checkout, "another thing")
    await heard_in(world, world.place(names.checkout))
    since = await world.command(names.dana, names.checkout, "mute")
    await world.reply_in(names.checkout, contains="quiet", since=since)
    await world.control.act(names.lee, "edit", message=first, text="this is between us")
    await world.control.act(names.lee, "delete", message=other)

    async def nothing() -> bool:
        assert world.bot
        place = world.place(names.checkout)
        return not (await world.bot.records.read(lambda tx: tx.heard.recall(place, limit=9, until=1e12))).messages

    await until(nothing, what="both messages to be taken back")


async def test_a26_what_is_older_than_the_setting_is_forgotten(world: World) -> None:
    names, bot = world.names, world.bot
    assert bot
    await world.say(names.lee, names.general, "checkout in staging")
    await heard_in(world, world.place(names.general))
    for days, kept in ((13, 1), (2, 0)):
        world.clock.advance(days * 86_400)
        await bot.hearing.clear()
        found = await bot.records.read(lambda tx: tx.heard.recall(world.place(names.general), limit=9, until=1e12))
        assert len(found.messages) == kept


async def test_a26_without_listening_only_threads_that_the_bot_takes_part_in_are_kept(cold: World) -> None:
    names = cold.names
    cold.settings["memory"] = {"listen": False}
    async with cold.started():
        await cold.say(names.lee, names.general, "plain talk about auth")
        thread, since = await cold.say(names.dana, names.general, "@copilot which version of search is in staging?")
        await cold.reply_in(names.general, thread=thread, since=since)
        await cold.say(names.lee, names.general, "no, payments", thread)
        reply = await ask(cold, thread, "@copilot which version?", contains="payments")
        assert "payments: from the message by Lee" in reply.text
        heard = await heard_in(cold, cold.place(names.general))
        assert [message.message for message in heard] == [thread]


async def test_a26_a_secret_is_masked_before_it_is_kept(world: World) -> None:
    names, bot = world.names, world.bot
    assert bot
    await world.say(names.lee, names.general, "try password=hunter2hunter2 on checkout")
    heard = await heard_in(world, world.place(names.general))
    assert "hunter2" not in str(heard)
    assert "checkout" in str(heard)


async def heard_in(world: World, place: Place) -> tuple[Heard, ...]:
    """What the bot remembers of a place, as soon as there is something."""
    found: tuple[Heard, ...] = ()

    async def something() -> bool:
        nonlocal found
        assert world.bot
        found = (await world.bot.records.read(lambda tx: tx.heard.recall(place, limit=50, until=1e12))).messages
        return bool(found)

    await until(something, what="a message to be heard")
    return found


def fill(tx: Transaction, place: Place, numbers: range, text: str, at: float) -> None:
    """Long messages of somebody else's in the thread, each a little later than the other."""
    lee = Person(Account(place.platform, place.workspace, "lee"), "Lee")
    for number in numbers:
        sent_at = at + number / 1_000_000
        tx.heard.put(Heard(place, f"m{number}", lee, text, sent_at, sent_at))


def is_history(request: dict[str, str]) -> bool:
    """Whether a call reads messages back."""
    path = request["path"]
    if "/channels/" in path:
        return request["method"] == "GET" and "/messages" in path
    return "conversations.replies" in path or "conversations.history" in path
