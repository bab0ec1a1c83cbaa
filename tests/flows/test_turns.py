"""Questions, verbs and bad input in Slack: A14, A16, A23–A25 and the unhappy paths."""

import pytest

from bot.emulators.slack import acme
from tests.flows.world import CHECKOUT, DANA, GENERAL, LEE, SAM, SlackWorld

BOT = f"<@{acme.BOT_USER}>"
QUESTION = "which version of checkout is in production?"


async def test_a_question_is_answered_in_a_thread_under_it(world: SlackWorld) -> None:
    message, since = await world.say(DANA, CHECKOUT, f"@copilot {QUESTION}")
    reply = await world.reply_in(CHECKOUT, thread=message, since=since)
    assert world.delivery.version("checkout", "production") in reply.text


async def test_a16_an_engaged_thread_needs_no_mention_and_mute_silences_it(world: SlackWorld) -> None:
    message, since = await world.say(DANA, CHECKOUT, f"@copilot {QUESTION}")
    await world.reply_in(CHECKOUT, thread=message, since=since)
    _, since = await world.say(LEE, CHECKOUT, "which version of payments is in staging?", message)
    reply = await world.reply_in(CHECKOUT, thread=message, contains="payments", since=since)
    await world.control.command(DANA, CHECKOUT, "/copilot", "mute")
    muted = await world.reply_in(CHECKOUT, contains="quiet", since=reply.seq)
    await world.say(LEE, CHECKOUT, "which version of search is in staging?", message)
    await world.settled()
    await world.control.command(DANA, CHECKOUT, "/copilot", "unmute")
    await world.reply_in(CHECKOUT, contains="listen", since=muted.seq)
    assert not [m for m in await world.messages(channel=CHECKOUT) if "search" in str(m["raw"])]


async def test_a16_the_bot_does_not_butt_in(world: SlackWorld) -> None:
    message, since = await world.say(DANA, CHECKOUT, f"@copilot {QUESTION}")
    await world.reply_in(CHECKOUT, thread=message, since=since)
    before = len(await world.messages())
    await world.say(LEE, CHECKOUT, "@dana which version of search is in staging?", message)
    await world.say(LEE, CHECKOUT, "thanks, looks good to me", message)
    _, since = await world.say(SAM, CHECKOUT, "which version of auth is in staging?", message)
    await world.reply_in(CHECKOUT, thread=message, contains="auth", since=since)
    assert len(await world.messages()) == before + 1


@pytest.mark.parametrize("form", ["@copilot {}", "!{}"])
async def test_a14_every_verb_works_in_a_thread_and_answers_there(world: SlackWorld, form: str) -> None:
    root, _ = await world.say(LEE, GENERAL, "deploys, anyone?")
    for verb, expected in (
        ("help", "What I can do"),
        ("status", "No runs"),
        ("approvals", "Nothing waits"),
        ("whoami", "operator"),
    ):
        _, since = await world.say(DANA, GENERAL, form.format(verb), root)
        reply = await world.reply_in(GENERAL, thread=root, contains=expected, since=since)
        assert reply.message["thread"] == root


async def test_a23_a_refusal_names_who_may_and_is_audited(world: SlackWorld) -> None:
    since = await world.control.seq()
    await world.control.command(SAM, CHECKOUT, "/copilot", "run deploy service=checkout environment=production")
    told = await world.whisper_to(SAM, since=since)
    assert "operator" in told.text
    assert world.bot
    rows = await world.bot.records.read(lambda tx: tx.audit.find(actor=f"slack:{acme.TEAM}/{SAM}"))
    assert [row.outcome for row in rows] == ["refused"]


async def test_a23_a_direct_message_decides_like_a_channel(world: SlackWorld) -> None:
    sent = await world.control.direct(SAM, "run deploy service=checkout environment=production")
    reply = await world.reply_in(sent["channel"])
    assert "operator" in reply.text
    assert world.delivery.effects("deploy") == 0


@pytest.mark.parametrize("person", [acme.ROBIN, acme.KIM])
async def test_a24_guests_and_strangers_are_refused(world: SlackWorld, person: str) -> None:
    channel = GENERAL if person == acme.ROBIN else acme.PARTNERS
    message, since = await world.say(person, channel, f"@copilot {QUESTION}")
    reply = await world.reply_in(channel, thread=message, since=since)
    assert "guest" in reply.text or "another organisation" in reply.text
    assert world.delivery.version("checkout", "production") not in reply.text


async def test_a24_bots_are_never_answered(world: SlackWorld) -> None:
    await world.say(acme.DEPLOYBOT, GENERAL, f"@copilot {QUESTION}")
    message, since = await world.say(DANA, GENERAL, "@copilot help")
    await world.reply_in(GENERAL, thread=message, since=since)
    assert len(await world.messages()) == 1


async def test_a25_a_private_channel_says_how_to_invite_and_goes_on_once_invited(world: SlackWorld) -> None:
    since = await world.control.seq()
    await world.control.command(LEE, acme.SECURITY, "/copilot", "run deploy service=auth environment=staging")
    told = await world.whisper_to(LEE, since=since)
    assert "/invite" in told.text
    await world.control.act(LEE, "invite", channel=acme.SECURITY, person=acme.BOT_USER)
    card = await world.reply_in(acme.SECURITY, contains="RUN-", since=told.seq)
    assert "auth" in card.text


async def test_an_unknown_verb_offers_the_nearest_as_buttons(world: SlackWorld) -> None:
    since = await world.control.seq()
    await world.control.command(DANA, GENERAL, "/copilot", "statsu")
    told = await world.whisper_to(DANA, since=since)
    assert '"status"' in told.text
    assert "nothing was done" in told.text


async def test_a_missing_argument_opens_a_form_and_the_form_starts_the_run(world: SlackWorld) -> None:
    since = await world.control.seq()
    await world.control.command(DANA, CHECKOUT, "/copilot", "run deploy service=checkout")
    form = await world.control.wait_form(person=DANA, since=since)
    await world.control.submit(
        DANA, form.form["id"], {"service": "checkout", "environment": "staging", "version": "2.5.0"}
    )
    await world.reply_in(CHECKOUT, contains="completed", since=since)
    assert world.delivery.version("checkout", "staging") == "2.5.0"


@pytest.mark.parametrize("text", ["🙂🙂🙂", "a\x00b\x00", "x" * 12_000, "````", "<!channel> @everyone"])
async def test_odd_input_gets_one_clear_answer_and_pings_nobody(world: SlackWorld, text: str) -> None:
    message, since = await world.say(DANA, GENERAL, f"@copilot {text}")
    reply = await world.reply_in(GENERAL, thread=message, since=since)
    assert "did not understand" in reply.text
    assert "<!channel>" not in reply.text


async def test_a_wrong_parameter_says_what_is_expected(world: SlackWorld) -> None:
    since = await world.control.seq()
    await world.control.command(DANA, CHECKOUT, "/copilot", "run deploy service=checkout environment=prodd")
    told = await world.whisper_to(DANA, since=since)
    assert "production" in told.text
    assert "VALIDATION_ERROR" in told.text
