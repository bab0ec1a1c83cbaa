"""Rooms and single messages through the Slack connector, against the emulator."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.emulators.slack import acme, scopes
from bot.slack.rooms import room_name
from core.errors import UpstreamRejected
from core.messages import Account, MessageRef, Place, Platform
from core.ports.platforms import GONE, OpensRooms, ReadsMessages
from tests.contract.test_slack_connector import CHECKOUT, SHORT, Stage, stage_of

LAB = "inc-42-checkout"


def account(id_: str) -> Account:
    return Account(Platform.SLACK, acme.TEAM, id_)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with stage_of() as found:
        yield found


async def made(stage: Stage, *, private: bool = False) -> Place:
    return await stage.connector.open_room(CHECKOUT, LAB, private=private)


async def channel(stage: Stage, room: Place) -> dict[str, object]:
    found = (await stage.control.state())["channels"]
    return next(one for one in found if one["id"] == room.channel)


def test_any_title_becomes_a_name_that_slack_takes() -> None:
    assert room_name("INC 42: Checkout is down!") == "inc-42-checkout-is-down"
    assert room_name("…") == "incident"
    assert len(room_name("word " * 60)) <= 80


async def test_the_connector_says_what_it_can_do(stage: Stage) -> None:
    assert isinstance(stage.connector, OpensRooms)
    assert isinstance(stage.connector, ReadsMessages)


@pytest.mark.parametrize("private", [False, True])
async def test_a_room_is_made_once(private: bool) -> None:
    async with stage_of() as stage:
        room = await made(stage, private=private)
        assert await made(stage, private=private) == room
        found = await channel(stage, room)
        assert (found["name"], found["private"], found["bot_is_member"]) == (LAB, private, True)


async def test_a_name_that_somebody_else_has_gets_a_number(stage: Stage) -> None:
    await stage.control.seed(channel={"name": LAB})
    await stage.control.seed(channel={"name": f"{LAB}-2"})
    assert (await channel(stage, await made(stage)))["name"] == f"{LAB}-3"


async def test_a_private_room_is_never_one_that_everybody_sees(stage: Stage) -> None:
    public, private = await made(stage), await made(stage, private=True)
    assert private != public
    assert (await channel(stage, private))["private"] is True


async def test_an_archived_room_is_not_taken_again(stage: Stage) -> None:
    await stage.connector.close_room(await made(stage))
    assert (await channel(stage, await made(stage)))["name"] == f"{LAB}-2"


@pytest.mark.parametrize(("private", "scope"), [(False, "channels:manage"), (True, "groups:write")])
async def test_a_missing_scope_is_named(private: bool, scope: str) -> None:
    async with stage_of(scopes=[one for one in scopes.ALL_SCOPES if one != scope]) as stage:
        with pytest.raises(UpstreamRejected) as caught:
            await made(stage, private=private)
        assert caught.value.reason == "missing_scope"
        assert scope in caught.value.hint


async def test_a_topic_is_cut_to_its_limit_and_stands_on_one_line(stage: Stage) -> None:
    room = await made(stage)
    await stage.connector.set_topic(room, "SEV1\n" + "x" * 300)
    topic = str((await channel(stage, room))["topic"])
    assert topic.startswith("SEV1 x")
    assert len(topic) == 250


async def test_the_invited_are_let_in_and_the_others_are_logged(stage: Stage) -> None:
    room = await made(stage, private=True)
    wished = [account(id_) for id_ in (acme.DANA, acme.PAT, acme.KIM, "U0NOBODY1", acme.ROBIN, acme.BOT_USER)]
    with capture_logs() as logs:
        await stage.connector.invite(room, wished)
        await stage.connector.invite(room, wished)
    found = await channel(stage, room)
    assert set(map(str, found["members"])) == {acme.DANA, acme.ROBIN, acme.BOT_USER}  # type: ignore[call-overload]
    assert {one["person"] for one in logs} == {acme.PAT, acme.KIM, "U0NOBODY1", acme.BOT_USER}


async def test_nobody_who_can_be_invited_is_no_error(stage: Stage) -> None:
    await stage.connector.invite(await made(stage), [account(acme.PAT)])
    await stage.connector.invite(await made(stage), [])


async def test_more_people_than_one_call_takes_are_invited_in_several(stage: Stage) -> None:
    await stage.control.seed(people=150)
    room = await made(stage)
    people = [one["id"] for one in (await stage.control.state())["people"] if not one["bot"] and not one["stranger"]]
    await stage.connector.invite(room, [account(id_) for id_ in people])
    assert len((await channel(stage, room))["members"]) > 150  # type: ignore[arg-type]
    assert len(await stage.control.requests(path="conversations.invite")) > 1


async def test_a_message_is_pinned_once(stage: Stage) -> None:
    sent = await stage.connector.post(CHECKOUT, SHORT, key="k")
    await stage.connector.pin(sent)
    await stage.connector.pin(sent)
    (shown,) = await stage.messages()
    assert shown["raw"]["pinned_to"] == [acme.CHECKOUT]
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.pin(MessageRef(CHECKOUT, ("1.000001",)))
    assert caught.value.reason == GONE


async def test_a_closed_room_keeps_its_messages_and_takes_no_more(stage: Stage) -> None:
    room = await made(stage)
    sent = await stage.connector.post(room, SHORT, key="k")
    await stage.connector.close_room(room)
    await stage.connector.close_room(room)
    assert (await channel(stage, room))["archived"] is True
    assert await stage.connector.written(room, sent.parts[0])
    for call in (stage.connector.set_topic(room, "x"), stage.connector.invite(room, [account(acme.DANA)])):
        with pytest.raises(UpstreamRejected) as caught:
            await call
        assert caught.value.reason == GONE


async def test_a_message_is_read_as_people_see_it(stage: Stage) -> None:
    ts = await stage.control.post(acme.DANA, acme.CHECKOUT, "@lee it's <down> & out")
    found = await stage.connector.written(CHECKOUT, ts)
    assert found
    assert (found.author, found.name, found.of_program) == (account(acme.DANA), "Dana", False)
    assert found.text == "@Lee it's <down> & out"
    assert found.sent_at == float(ts)


@pytest.mark.parametrize("knows_thread", [True, False])
async def test_a_reply_is_read_with_and_without_its_thread(stage: Stage, knows_thread: bool) -> None:
    root = await stage.control.post(acme.DANA, acme.CHECKOUT, "root")
    for n in range(3):
        reply = await stage.control.post(acme.LEE, acme.CHECKOUT, f"reply {n}", thread=root)
    found = await stage.connector.written(replace(CHECKOUT, thread=root if knows_thread else None), reply)
    assert found
    assert (found.text, found.name) == ("reply 2", "Lee")


async def test_a_message_of_the_bot_and_one_that_is_gone(stage: Stage) -> None:
    sent = await stage.connector.post(CHECKOUT, SHORT, key="k")
    found = await stage.connector.written(CHECKOUT, sent.parts[0])
    assert found
    assert not found.of_program, "the bot itself is no other program"
    assert await stage.connector.written(CHECKOUT, "1.000001") is None
    assert await stage.connector.written(replace(CHECKOUT, thread="1.000001"), "1.000002") is None
