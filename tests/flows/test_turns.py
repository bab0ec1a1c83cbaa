"""Questions, verbs and bad input: A14, A16, A23–A25 and the unhappy paths."""

import pytest

from bot.emulators.slack import acme
from core.messages import Account, Person, Place, Platform, Turn, Via
from tests.flows.world import World, until

QUESTION = "which version of checkout is in production?"


async def test_a_question_is_answered_in_a_thread_under_it(world: World) -> None:
    message, since = await world.say(world.names.dana, world.names.checkout, f"@copilot {QUESTION}")
    reply = await world.reply_in(world.names.checkout, thread=message, since=since)
    assert world.delivery.version("checkout", "production") in reply.text


async def test_a16_an_engaged_thread_needs_no_mention_and_mute_silences_it(world: World) -> None:
    message, since = await world.say(world.names.dana, world.names.checkout, f"@copilot {QUESTION}")
    await world.reply_in(world.names.checkout, thread=message, since=since)
    _, since = await world.say(
        world.names.lee, world.names.checkout, "which version of payments is in staging?", message
    )
    reply = await world.reply_in(world.names.checkout, thread=message, contains="payments", since=since)
    await world.command(world.names.dana, world.names.checkout, "mute")
    muted = await world.reply_in(world.names.checkout, contains="quiet", since=reply.seq)
    await world.say(world.names.lee, world.names.checkout, "which version of search is in staging?", message)
    await world.say(world.names.dana, world.names.checkout, "@copilot unmute", message)
    await world.reply_in(world.names.checkout, thread=message, contains="listen", since=muted.seq)
    assert not [m for m in await world.messages(channel=world.names.checkout) if "search" in str(m["raw"])]


async def test_a16_the_bot_does_not_butt_in(world: World) -> None:
    message, since = await world.say(world.names.dana, world.names.checkout, f"@copilot {QUESTION}")
    await world.reply_in(world.names.checkout, thread=message, since=since)
    before = len(await world.messages())
    await world.say(world.names.lee, world.names.checkout, "@dana which version of search is in staging?", message)
    await world.say(world.names.lee, world.names.checkout, "thanks, looks good to me", message)
    _, since = await world.say(world.names.sam, world.names.checkout, "which version of auth is in staging?", message)
    await world.reply_in(world.names.checkout, thread=message, contains="auth", since=since)
    assert len(await world.messages()) == before + 1


@pytest.mark.parametrize("form", ["@copilot {}", "!{}"])
async def test_a14_every_verb_works_in_a_thread_and_answers_there(world: World, form: str) -> None:
    root = await world.thread(world.names.lee, world.names.general, "deploys, anyone?")
    for verb, expected in (
        ("help", "What I can do"),
        ("status", "No runs"),
        ("approvals", "Nothing waits"),
        ("whoami", "operator"),
    ):
        _, since = await world.say(world.names.dana, world.names.general, form.format(verb), root)
        reply = await world.reply_in(world.names.general, thread=root, contains=expected, since=since)
        assert root in (reply.message["thread"], reply.message["channel"])


async def test_a23_a_refusal_names_who_may_and_is_audited(world: World) -> None:
    since = await world.command(
        world.names.sam, world.names.checkout, "run deploy service=checkout environment=production"
    )
    told = await world.whisper_to(world.names.sam, since=since)
    assert "operator" in told.text
    assert world.bot
    rows = await world.bot.records.read(lambda tx: tx.audit.find(actor=world.account(world.names.sam)))
    assert [row.outcome for row in rows] == ["refused"]


async def test_a23_a_direct_message_decides_like_a_channel(world: World) -> None:
    sent = await world.control.direct(world.names.sam, "run deploy service=checkout environment=production")
    reply = await world.reply_in(sent["channel"])
    assert "operator" in reply.text
    assert world.delivery.effects("deploy") == 0


async def test_a24_guests_are_refused(world: World) -> None:
    robin, channel = world.names.robin, world.names.general
    message, since = await world.say(robin, channel, f"@copilot {QUESTION}")
    reply = await world.reply_in(channel, thread=message, since=since)
    assert "guest" in reply.text
    assert world.delivery.version("checkout", "production") not in reply.text


async def test_a24_strangers_of_a_shared_channel_are_refused(slack: World) -> None:
    message, since = await slack.say(slack.names.kim, acme.PARTNERS, f"@copilot {QUESTION}")
    reply = await slack.reply_in(acme.PARTNERS, thread=message, since=since)
    assert "another organisation" in reply.text


async def test_a24_strangers_in_a_direct_message_are_refused(discord: World) -> None:
    sent = await discord.control.direct(discord.names.kim, QUESTION)
    reply = await discord.reply_in(sent["channel"])
    assert "another organisation" in reply.text


async def test_a24_bots_are_never_answered(world: World) -> None:
    await world.say(world.names.deploybot, world.names.general, f"@copilot {QUESTION}")
    message, since = await world.say(world.names.dana, world.names.general, "@copilot help")
    await world.reply_in(world.names.general, thread=message, since=since)
    assert len(await world.messages()) == 1


async def test_a25_a_private_channel_says_how_to_invite_and_goes_on_once_invited(slack: World) -> None:
    since = await slack.command(slack.names.lee, slack.names.security, "run deploy service=auth environment=staging")
    told = await slack.whisper_to(slack.names.lee, since=since)
    assert "/invite" in told.text
    await slack.control.act(slack.names.lee, "invite", channel=slack.names.security, person=slack.names.bot)
    card = await slack.reply_in(slack.names.security, contains="RUN-", since=told.seq)
    assert "auth" in card.text


async def test_an_unknown_verb_offers_the_nearest_as_buttons(slack: World) -> None:
    since = await slack.command(slack.names.dana, slack.names.general, "statsu")
    told = await slack.whisper_to(slack.names.dana, since=since)
    assert "status" in slack.card(told).buttons
    assert "nothing was done" in told.text


async def test_an_unknown_verb_after_a_bang_does_so_too_and_the_button_says_it(world: World) -> None:
    message, since = await world.say(world.names.dana, world.names.general, "!statsu")
    card = world.card(await world.reply_in(world.names.general, thread=message, since=since))
    await world.control.click(world.names.dana, card.message, card.buttons["status"])
    told = await world.whisper_to(world.names.dana, contains="No runs", since=card.seq)
    assert "starts one" in told.text


async def test_a_missing_argument_opens_a_form_and_the_form_starts_the_run(world: World) -> None:
    since = await world.command(world.names.dana, world.names.checkout, "run deploy service=checkout")
    form = await world.control.wait_form(person=world.names.dana, since=since)
    await world.control.submit(
        world.names.dana, form.form["id"], {"service": "checkout", "environment": "staging", "version": "2.5.0"}
    )
    await world.reply_in(world.names.checkout, contains="completed", since=since)
    assert world.delivery.version("checkout", "staging") == "2.5.0"


@pytest.mark.parametrize("text", ["🙂🙂🙂", "a\x00b\x00", "x" * 12_000, "````", "<!channel> @everyone"])
async def test_odd_input_gets_one_clear_answer_and_pings_nobody(world: World, text: str) -> None:
    text = text if world.site.name == "slack" else text[:1_900]
    message, since = await world.say(world.names.dana, world.names.general, f"@copilot {text}")
    reply = await world.reply_in(world.names.general, thread=message, since=since)
    assert "did not understand" in reply.text
    assert "<!channel>" not in reply.text


async def test_a_wrong_parameter_says_what_is_expected(world: World) -> None:
    since = await world.command(world.names.dana, world.names.checkout, "run deploy service=checkout environment=prodd")
    told = await world.whisper_to(world.names.dana, since=since)
    assert "production" in told.text
    assert "VALIDATION_ERROR" in told.text


async def test_a_change_to_a_wrong_value_is_refused_with_what_is_expected(world: World) -> None:
    dana, checkout = world.names.dana, world.names.checkout
    since = await world.command(dana, checkout, "run deploy service=checkout environment=production")
    card = await world.approval(since=since)
    assert world.bot
    waiting = await world.bot.records.read(lambda tx: tx.runs.open_approvals())
    await world.command(dana, checkout, f"change {waiting[0].run_id} environment=moon")
    told = await world.whisper_to(dana, contains="none of production", since=card.seq)
    assert "VALIDATION_ERROR" in told.text
    assert len(await world.bot.records.read(lambda tx: tx.runs.open_approvals())) == 1


async def test_a_hundred_thousand_characters_are_answered_like_any_other_sentence(slack: World) -> None:
    assert slack.bot
    names = slack.names
    place = Place(Platform.SLACK, slack.site.workspace, names.general)
    person = Person(Account(Platform.SLACK, slack.site.workspace, names.dana))
    root, since = await slack.say(names.lee, names.general, "listen")
    text = "\ud83d status " + "why? " * 20_000
    turn = Turn("slack:msg:long", place, person, text, float(root), Via.MENTION, message=root)
    await slack.bot.gateway.event(turn)
    reply = await slack.reply_in(names.general, thread=root, since=since)
    assert "Which service do you mean" in reply.text


async def test_stopping_a_run_asks_why_and_the_card_says_so(world: World) -> None:
    dana, checkout = world.names.dana, world.names.checkout
    since = await world.command(dana, checkout, "run deploy service=checkout environment=production")
    card = world.card(await world.reply_in(checkout, contains="waiting for approval", since=since))
    await world.control.click(dana, card.message, card.buttons["Stop …"])
    form = await world.control.wait_form(person=dana, since=since)
    await world.control.submit(dana, form.form["id"], {"reason": "wrong branch"})
    stopped = await world.reply_in(checkout, contains="wrong branch", since=card.seq)
    assert "cancelled" in stopped.text
    await world.reply_in(world.names.approvals, contains="ithdrawn", since=card.seq)


async def test_a_secret_in_a_reason_reaches_neither_audit_nor_log(slack: World) -> None:
    names = slack.names
    since = await slack.command(names.dana, names.checkout, "run deploy service=checkout environment=production")
    await slack.approval(since=since)
    assert slack.bot
    records = slack.bot.records
    run = (await records.read(lambda tx: tx.runs.open_approvals()))[0].run_id
    await slack.command(names.dana, names.checkout, f"cancel {run} leaked password=hunter2hunter2")
    await slack.reply_in(names.checkout, contains="cancelled", since=since)
    rows = await records.read(lambda tx: tx.audit.find(action="run"))
    assert rows
    assert "hunter2hunter2" not in str(rows)


async def test_somebody_elses_run_can_only_be_stopped_with_the_right(world: World) -> None:
    names = world.names
    since = await world.command(names.dana, names.checkout, "run deploy service=checkout environment=production")
    await world.approval(since=since)
    assert world.bot
    waiting = await world.bot.records.read(lambda tx: tx.runs.open_approvals())
    since = await world.command(names.sam, names.checkout, f"cancel {waiting[0].run_id}")
    told = await world.whisper_to(names.sam, since=since)
    assert "operator" in told.text
    assert len(await world.bot.records.read(lambda tx: tx.runs.open_approvals())) == 1


async def test_the_app_home_shows_what_this_person_may_do(slack: World) -> None:
    await slack.control.act(slack.names.dana, "open_home")

    async def homes() -> list[str]:
        views = (await slack.control.state())["views"]
        return [str(view["raw"]) for view in views if view["raw"]["type"] == "home"]

    await until(homes, what="the home page")
    assert "deploy" in (await homes())[0]
