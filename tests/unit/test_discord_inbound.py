"""What Discord's messages and interactions mean."""

from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.connector import nonce, standing
from bot.discord.errors import from_discord
from bot.discord.inbound import (
    COMMAND,
    COMPONENT,
    MODAL,
    Action,
    Ignored,
    Message,
    Reaction,
    Sender,
    Where,
    understand_action,
    understand_message,
    understand_reaction,
)
from core.actors import Standing
from core.errors import BotError
from core.messages import PIN, Click, Marked, Submission, Turn, Via

ME = "42"
DANA = Sender("7", "Dana", roles=("r1",))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def message(content: str, *, where: Where = Where("9", "55"), sender: Sender = DANA, ordinary: bool = True) -> Message:  # noqa: B008 -- a frozen value
    return Message("1001", where, sender, content, 12.5, {"8": "lee"}, ordinary)


def action(kind: int, data: dict[str, Any], where: Where = Where("9", "55")) -> Action:  # noqa: B008 -- a frozen value
    return Action("77", kind, "secret", "app", where, DANA, 100.0, data, "1001")


def test_a_mention_is_a_turn_without_the_mention() -> None:
    turn = understand_message(message("<@42> what waits, <@8>?"), ME, "")
    assert isinstance(turn, Turn)
    assert (turn.via, turn.text, turn.claim) == (Via.MENTION, "what waits, @lee?", "discord:msg:55:1001")
    assert turn.person.groups == ("r1",)


def test_a_message_in_a_thread_stands_in_its_parent_channel() -> None:
    turn = understand_message(message("go on", where=Where("9", "60", "55")), ME, "")
    assert isinstance(turn, Turn)
    assert (turn.place.channel, turn.place.thread, turn.via) == ("55", "60", Via.THREAD)


def test_a_direct_message_needs_no_mention() -> None:
    turn = understand_message(message("status", where=Where("", "5")), ME, "")
    assert isinstance(turn, Turn)
    assert turn.place.direct
    assert turn.via is Via.DIRECT


def test_a_message_that_opens_with_somebody_else_says_so() -> None:
    turn = understand_message(message("<@8> ask <@42>"), ME, "")
    assert isinstance(turn, Turn)
    assert turn.opens_with_other


@pytest.mark.parametrize(
    "ignored",
    [
        message("hello"),
        message("<@42> hi", sender=Sender("8", "bot", bot=True)),
        message("<@42> hi", sender=Sender(ME, "me")),
        message("<@42> pinned", ordinary=False),
    ],
)
def test_what_is_not_for_us_is_ignored(ignored: Message) -> None:
    assert isinstance(understand_message(ignored, ME, ""), Ignored)


def test_a_reaction_is_a_mark_of_the_time_it_came() -> None:
    found = understand_reaction(Reaction("1001", Where("9", "60", "55"), DANA, "👀"), ME, now=12.5, traceparent="")
    assert isinstance(found, Marked)
    assert (found.message, found.mark, found.sent_at) == ("1001", "👀", 12.5)
    assert (found.place.channel, found.place.thread, found.person.groups) == ("55", "60", ("r1",))
    assert found.claim == "discord:mark:60:1001:7:👀"


def test_the_bots_own_marks_are_ignored() -> None:
    me = Sender(ME, "me", bot=True)
    reaction = Reaction("1001", Where("9", "55"), me, "👀")
    assert isinstance(understand_reaction(reaction, ME, now=1.0, traceparent=""), Ignored)
    assert isinstance(
        understand_message(Message("2", Where("9", "55"), me, "", 1.0, {}, False, "1001"), ME, ""), Ignored
    )


def test_the_line_about_a_pin_says_who_pinned_what() -> None:
    found = understand_message(Message("2", Where("9", "55"), DANA, "", 99.0, {}, False, "1001"), ME, "")
    assert isinstance(found, Marked)
    assert (found.message, found.mark, found.sent_at, found.person.account.id) == ("1001", PIN, 99.0, "7")


def menu(name: str, **message_: object) -> dict[str, Any]:
    shown = {"id": "1001", "content": "<@8> it is down", "mentions": [{"id": "8", "username": "lee"}], **message_}
    return {"type": 3, "name": name, "target_id": "1001", "resolved": {"messages": {"1001": shown}}}


def test_a_messages_menu_opens_the_form_with_its_text() -> None:
    found = understand_action(action(COMMAND, menu("Declare incident")), "")
    assert isinstance(found, Click)
    assert (found.action, found.values) == ("form:declare:55/1001", ("@lee it is down",))
    assert isinstance(understand_action(action(COMMAND, menu("Another")), ""), Ignored)


def test_what_an_alert_says_in_embeds_alone_is_its_text() -> None:
    embeds = [{"title": "p95 is high", "description": "since 12:00"}]
    found = understand_action(action(COMMAND, menu("Declare incident", content="", embeds=embeds)), "")
    assert isinstance(found, Click)
    assert found.values == ("p95 is high\nsince 12:00",)


def test_the_action_of_a_menu_fits_a_form() -> None:
    where = Where("1" * 19, "2" * 19)
    found = understand_action(action(COMMAND, {**menu("Declare incident"), "target_id": "1001"}, where), "")
    assert isinstance(found, Click)
    assert len(found.action.replace("1001", "3" * 19)) <= 100


def test_a_commands_arguments_follow_its_verb_in_order() -> None:
    options = [{"name": "parameters", "value": "a=b"}, {"name": "workflow", "value": "deploy"}]
    turn = understand_action(action(COMMAND, {"options": [{"type": 1, "name": "run", "options": options}]}), "")
    assert isinstance(turn, Turn)
    assert turn.text == "run deploy a=b"
    assert turn.handle
    assert (turn.handle.deferred, turn.handle.private, turn.handle.expires_at) == (True, False, 1000.0)


def test_a_click_names_its_action_without_the_number_of_a_repeat() -> None:
    click = understand_action(action(COMPONENT, {"custom_id": "do:abc#2", "component_type": 2}), "")
    assert isinstance(click, Click)
    assert click.action == "do:abc"
    assert "77" in click.claim


def test_a_form_brings_its_token_and_fields() -> None:
    rows = [{"type": 1, "components": [{"type": 4, "custom_id": "reason", "value": "no"}]}]
    form = understand_action(action(MODAL, {"custom_id": "form:deny:tok", "components": rows}), "")
    assert isinstance(form, Submission)
    assert (form.form, form.token, form.fields) == ("deny", "tok", {"reason": "no"})


@given(st.sampled_from([COMMAND, COMPONENT, MODAL, 99]), st.dictionaries(st.text(max_size=12), JSON, max_size=4))
def test_no_payload_makes_it_raise(kind: int, data: dict[str, Any]) -> None:
    found = understand_action(action(kind, data), "")
    assert isinstance(found, Turn | Click | Submission | Ignored)


def test_the_token_of_an_interaction_is_in_no_repr() -> None:
    turn = understand_action(action(COMMAND, {"options": [{"type": 1, "name": "help"}]}), "")
    assert "secret" not in repr(turn)


class _Answer:
    def __init__(self, status: int) -> None:
        self.status = status
        self.reason = "because"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 429, 500, 503])
def test_every_answer_of_discord_is_one_of_our_errors(status: int) -> None:
    error = discord.HTTPException(_Answer(status), {"code": 1, "message": "no"})  # type: ignore[arg-type]  # what it reads of it
    assert isinstance(from_discord(error), BotError)


def test_every_exception_of_discord_is_one_of_our_errors() -> None:
    for error in (
        discord.RateLimited(3.0),
        discord.GatewayNotFound(),
        discord.ClientException(),
        discord.LoginFailure(),
    ):
        assert isinstance(from_discord(error), BotError)


def test_a_nonce_is_short_and_the_same_for_the_same_post() -> None:
    assert len(nonce("k" * 40, 3)) <= 25
    assert nonce("key", 0) == nonce("key", 0) != nonce("key", 1)


def test_a_member_that_has_not_passed_the_screening_is_a_guest() -> None:
    assert standing({"user": {}, "pending": True}) is Standing.GUEST
    assert standing({"user": {"bot": True}}) is Standing.BOT
    assert standing({"user": {}}) is Standing.MEMBER
