"""Rooms and single messages through the Discord connector, against the emulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.discord.connector import DiscordConnector
from bot.discord.rooms import room_name
from bot.emulators.common.client import ControlFailed
from bot.emulators.discord import acme, permissions
from bot.emulators.discord.model import Overwrite
from core.errors import UpstreamRejected
from core.messages import Account, MessageRef, Place, Platform, Reply, Text
from core.ports.platforms import GONE, OpensRooms, ReadsMessages
from tests.contract.discord_client import Scene, scene

CHECKOUT = Place(Platform.DISCORD, acme.GUILD, acme.CHECKOUT)
HELLO = Reply((Text("Hello"),), "Hello")
LAB = "inc-42-checkout"


class Stage:
    """A connector and the server that it works in."""

    def __init__(self, scene_: Scene) -> None:
        self.scene = scene_
        self.control = scene_.ctl
        self.connector = DiscordConnector(scene_.bot)

    async def made(self, *, private: bool = False) -> Place:
        """The room, made or found."""
        return await self.connector.open_room(CHECKOUT, LAB, private=private)

    async def channel(self, room: Place) -> dict[str, Any]:
        """It, as the control interface shows it."""
        found = (await self.control.state())["channels"]
        return next(dict(one) for one in found if one["id"] == room.channel)


@asynccontextmanager
async def stage_of(bot_permissions: int = permissions.BOT) -> AsyncIterator[Stage]:
    async with scene(connected=False, bot_permissions=bot_permissions) as found:
        yield Stage(found)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with stage_of() as found:
        yield found


def account(id_: str) -> Account:
    return Account(Platform.DISCORD, acme.GUILD, id_)


def test_any_title_becomes_a_name_that_discord_keeps() -> None:
    assert room_name("INC 42: Checkout is down!") == "inc-42-checkout-is-down"
    assert room_name("…") == "incident"
    assert len(room_name("word " * 60)) <= 100


async def test_the_connector_says_what_it_can_do(stage: Stage) -> None:
    assert isinstance(stage.connector, OpensRooms)
    assert isinstance(stage.connector, ReadsMessages)


@pytest.mark.parametrize("private", [False, True])
async def test_a_room_is_made_once(private: bool) -> None:
    async with stage_of() as stage:
        room = await stage.made(private=private)
        assert await stage.made(private=private) == room
        found = await stage.channel(room)
        assert (found["name"], found["private"], found["bot_is_member"]) == (LAB, private, True)
        assert (acme.SAM in found["members"]) is not private
        await stage.connector.post(room, HELLO, key="k")


async def test_a_room_stands_in_the_category_of_the_channel_it_was_asked_for_in(stage: Stage) -> None:
    category = (await stage.control.seed(channel={"name": "Shop", "kind": "category"}))["channel"]["id"]
    await stage.scene.call("PATCH", f"/channels/{acme.CHECKOUT}", json={"parent_id": category})
    room = await stage.made()
    assert (await stage.scene.call("GET", f"/channels/{room.channel}"))["parent_id"] == category


async def test_a_public_room_in_a_hidden_category_stays_with_those_who_see_it(stage: Stage) -> None:
    see, manage = permissions.VIEW_CHANNEL, permissions.VIEW_CHANNEL | permissions.KICK_MEMBERS
    overwrites = [
        {"id": acme.GUILD, "type": 0, "deny": str(see)},
        {"id": acme.BOT_USER, "type": 1, "allow": str(see)},
    ]
    body = {"name": "Staff", "type": 4, "permission_overwrites": overwrites}
    category = (await stage.scene.call("POST", f"/guilds/{acme.GUILD}/channels", json=body))["id"]
    found = stage.scene.server.guild.channels[category]
    stage.scene.server.guild.overwrite(
        found, [*found.overwrites.values(), Overwrite(acme.ROLE_OPERATORS, allow=manage)]
    )
    await stage.scene.call("PATCH", f"/channels/{acme.CHECKOUT}", json={"parent_id": category})
    assert set((await stage.channel(await stage.made()))["members"]) == {acme.DANA, acme.LEE, acme.BOT_USER}


async def test_a_full_category_does_not_keep_a_room_from_being_made(stage: Stage) -> None:
    category = (await stage.control.seed(channel={"name": "Shop", "kind": "category"}))["channel"]["id"]
    await stage.scene.call("PATCH", f"/channels/{acme.CHECKOUT}", json={"parent_id": category})
    for n in range(49):
        await stage.control.seed(channel={"name": f"shop-{n}", "category": category})
    room = await stage.made()
    assert (await stage.scene.call("GET", f"/channels/{room.channel}"))["parent_id"] is None


async def test_a_name_that_another_channel_has_gets_a_number(stage: Stage) -> None:
    await stage.control.seed(channel={"name": LAB})
    assert (await stage.channel(await stage.made()))["name"] == f"{LAB}-2"


async def test_a_private_room_is_never_one_that_everybody_sees(stage: Stage) -> None:
    public, private = await stage.made(), await stage.made(private=True)
    assert private != public
    assert (await stage.channel(private))["private"] is True


async def test_a_closed_room_is_not_taken_again(stage: Stage) -> None:
    await stage.connector.close_room(await stage.made())
    assert (await stage.channel(await stage.made()))["name"] == f"{LAB}-2"


async def test_a_direct_message_has_no_room(stage: Stage) -> None:
    direct = Place(Platform.DISCORD, "", "1", direct=True)
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.open_room(direct, LAB, private=False)
    assert "channel of the server" in caught.value.hint


@pytest.mark.parametrize(
    ("lacks", "named"), [(permissions.MANAGE_CHANNELS, "Manage Channels"), (permissions.MANAGE_ROLES, "Manage Roles")]
)
async def test_a_missing_permission_is_named(lacks: int, named: str) -> None:
    async with stage_of(permissions.BOT & ~lacks) as stage:
        with pytest.raises(UpstreamRejected) as caught:
            await stage.connector.close_room(await stage.made())
        assert named in caught.value.hint


async def test_pinning_without_the_permission_names_it() -> None:
    async with stage_of(permissions.BOT & ~permissions.PIN_MESSAGES) as stage:
        sent = await stage.connector.post(CHECKOUT, HELLO, key="k")
        with pytest.raises(UpstreamRejected) as caught:
            await stage.connector.pin(sent)
        assert "Pin Messages" in caught.value.hint


async def test_a_topic_is_cut_to_its_limit(stage: Stage) -> None:
    room = await stage.made()
    await stage.connector.set_topic(room, "x" * 2_000)
    assert (await stage.channel(room))["topic"] == "x" * 1_024


async def test_the_invited_see_a_hidden_room_and_the_unknown_are_logged(stage: Stage) -> None:
    room = await stage.made(private=True)
    with capture_logs() as logs:
        for _ in range(2):
            await stage.connector.invite(room, [account(acme.DANA), account("999"), account(acme.ROBIN)])
    found = await stage.channel(room)
    # The owner of a server sees everything.
    assert set(found["members"]) == {acme.DANA, acme.ROBIN, acme.LEE, acme.BOT_USER}
    assert {one["person"] for one in logs} == {"999"}
    await stage.control.post(acme.DANA, room.channel, "here")
    with pytest.raises(ControlFailed, match="does not see"):
        await stage.control.post(acme.SAM, room.channel, "here?")


async def test_nobody_needs_to_be_let_into_a_public_room(stage: Stage) -> None:
    await stage.connector.invite(await stage.made(), [account(acme.DANA)])
    assert not await stage.control.requests(path="/permissions/")


async def test_a_message_is_pinned_once(stage: Stage) -> None:
    sent = await stage.connector.post(CHECKOUT, HELLO, key="k")
    await stage.connector.pin(sent)
    await stage.connector.pin(sent)
    raw = [one["raw"] for one in (await stage.control.state())["messages"]]
    assert [(one["type"], one["pinned"]) for one in raw] == [(0, True), (6, False)]
    assert raw[1]["message_reference"]["message_id"] == sent.parts[0]
    with pytest.raises(UpstreamRejected) as caught:
        await stage.connector.pin(MessageRef(CHECKOUT, ("999",)))
    assert caught.value.reason == GONE


@pytest.mark.parametrize("private", [False, True])
async def test_a_closed_room_takes_messages_of_the_bot_alone(stage: Stage, private: bool) -> None:
    room = await stage.made(private=private)
    await stage.connector.invite(room, [account(acme.DANA)])
    message = await stage.control.post(acme.DANA, room.channel, "before")
    await stage.connector.close_room(room)
    await stage.connector.close_room(room)
    found = await stage.channel(room)
    assert (found["read_only"], found["private"]) == (True, private)
    assert set(found["writers"]) == {acme.LEE, acme.BOT_USER}
    with pytest.raises(ControlFailed, match="Send Messages"):
        await stage.control.post(acme.DANA, room.channel, "after")
    with pytest.raises(ControlFailed, match="Create Public Threads"):
        await stage.control.act(acme.DANA, "open_thread", message=message)
    await stage.connector.post(room, HELLO, key="k")
    assert await stage.connector.written(room, message)


async def test_a_message_is_read_as_people_see_it(stage: Stage) -> None:
    id_ = await stage.control.post(acme.DANA, acme.CHECKOUT, "@lee it's down")
    found = await stage.connector.written(CHECKOUT, id_)
    assert found
    assert (found.author, found.name, found.of_program) == (account(acme.DANA), "Dana", False)
    assert found.text == "@Lee it's down"
    state = await stage.control.state()
    assert found.sent_at == pytest.approx(state["messages"][0]["at"], abs=0.01)
    assert await stage.connector.written(CHECKOUT, "999") is None


async def test_a_message_in_a_thread_is_read_and_pinned_there(stage: Stage) -> None:
    root = await stage.control.post(acme.DANA, acme.CHECKOUT, "root")
    thread = (await stage.control.act(acme.DANA, "open_thread", message=root))["channel"]
    place = Place(Platform.DISCORD, acme.GUILD, acme.CHECKOUT, thread)
    sent = await stage.connector.post(place, HELLO, key="k")
    await stage.connector.pin(sent)
    found = await stage.connector.written(place, sent.parts[0])
    assert found
    assert (found.text, found.of_program) == ("Hello", False), "the bot itself is no other program"
