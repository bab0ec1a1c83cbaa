"""What the Discord emulator makes of the options a person gives, and whom the roles and threads hold."""

import discord
import pytest

from bot.emulators.common.client import ControlFailed
from bot.emulators.discord import acme, permissions
from tests.contract.discord_client import Json, Scene, scene

_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _MENTIONABLE, _NUMBER = 3, 4, 5, 6, 7, 8, 9, 10


async def _sent(s: Scene, text: str, *options: Json, channel: str = acme.CHECKOUT) -> Json:
    """Register `/do` with those options, let Dana type the text, and return what the bot gets."""
    made = [{"name": f"o{n}", "description": "d", **option} for n, option in enumerate(options)]
    command = {"name": "do", "description": "d", "options": made}
    await s.call("PUT", f"/applications/{acme.APPLICATION}/commands", json=[command])
    waiting = s.bot.ws.wait_for("INTERACTION_CREATE", lambda _: True)
    await s.ctl.command(acme.DANA, channel, "/do", text)
    found: Json = (await waiting)["data"]
    return found


@pytest.mark.parametrize(
    ("option", "typed", "value"),
    [
        ({"type": _STRING}, "two words", "two words"),
        ({"type": _STRING, "choices": [{"name": "Big", "value": "b"}]}, "Big", "b"),
        ({"type": _INTEGER, "min_value": 1, "max_value": 9}, "7", 7),
        ({"type": _NUMBER}, "1.5", 1.5),
        ({"type": _BOOLEAN}, "true", True),
        ({"type": _USER}, "@Lee", acme.LEE),
        ({"type": _CHANNEL}, "#general", acme.GENERAL),
        ({"type": _ROLE}, "@operators", acme.ROLE_OPERATORS),
        ({"type": _MENTIONABLE}, "@releases", acme.ROLE_RELEASES),
    ],
)
async def test_an_option_has_its_type(option: Json, typed: str, value: object) -> None:
    async with scene() as s:
        data = await _sent(s, f"o0:{typed}", option)
        assert data["options"] == [{"name": "o0", "type": option["type"], "value": value}]


async def test_mentioned_objects_come_resolved() -> None:
    async with scene() as s:
        data = await _sent(s, "@lee #general", {"type": _USER, "required": True}, {"type": _CHANNEL, "required": True})
        assert data["resolved"]["users"][acme.LEE]["username"] == "lee"
        assert data["resolved"]["members"][acme.LEE]["roles"] == [acme.ROLE_RELEASES]
        assert data["resolved"]["channels"][acme.GENERAL]["name"] == "general"


@pytest.mark.parametrize(
    ("option", "typed"),
    [
        ({"type": _INTEGER}, "many"),
        ({"type": _INTEGER, "max_value": 9}, "10"),
        ({"type": _BOOLEAN}, "maybe"),
        ({"type": _USER}, "@nobody"),
        ({"type": _STRING, "min_length": 3}, "ab"),
        ({"type": _STRING, "choices": [{"name": "Big", "value": "b"}]}, "small"),
    ],
)
async def test_the_client_does_not_send_a_wrong_value(option: Json, typed: str) -> None:
    async with scene() as s:
        with pytest.raises(ControlFailed, match="o0"):
            await _sent(s, f"o0:{typed}", option)


async def test_words_without_a_place_are_refused() -> None:
    async with scene() as s:
        with pytest.raises(ControlFailed, match="no option for 'more'"):
            await _sent(s, "7 more", {"type": _INTEGER, "required": True})


async def test_commands_of_the_server_are_not_offered_in_direct_messages() -> None:
    async with scene() as s:
        command = {"name": "here", "description": "d"}
        await s.call("PUT", f"/applications/{acme.APPLICATION}/guilds/{acme.GUILD}/commands", json=[command])
        direct = (await s.ctl.direct(acme.DANA, "hi"))["channel"]
        with pytest.raises(ControlFailed, match="knows no /here"):
            await s.ctl.command(acme.DANA, direct, "here")


async def test_a_command_is_offered_only_to_who_has_its_permissions() -> None:
    command = {"name": "do", "description": "d", "default_member_permissions": "0"}
    async with scene(connected=False) as s:
        await s.call("PUT", f"/applications/{acme.APPLICATION}/commands", json=[command])
        with pytest.raises(ControlFailed, match="knows no /do"):
            await s.ctl.command(acme.DANA, acme.CHECKOUT, "do")
        assert (await s.ctl.command(acme.LEE, acme.CHECKOUT, "do"))["interaction"]


async def test_a_command_in_a_direct_message_names_the_user_alone() -> None:
    async with scene() as s:
        direct = (await s.ctl.direct(acme.KIM, "hi"))["channel"]
        await s.call("POST", f"/applications/{acme.APPLICATION}/commands", json={"name": "do", "description": "d"})
        waiting = s.bot.ws.wait_for("INTERACTION_CREATE", lambda _: True)
        await s.ctl.command(acme.KIM, direct, "do")
        sent = await waiting
        assert (sent["user"]["id"], sent["context"], "member" in sent) == (acme.KIM, 1, False)


async def test_a_menu_of_people_comes_resolved() -> None:
    async with scene() as s:
        menu = {"type": 5, "custom_id": "who"}
        sent = await s.say(content="who?", components=[{"type": 1, "components": [menu]}])
        waiting = s.bot.ws.wait_for("INTERACTION_CREATE", lambda _: True)
        await s.ctl.select(acme.DANA, sent["id"], "who", acme.LEE)
        data = (await waiting)["data"]
        assert (data["values"], list(data["resolved"]["users"])) == ([acme.LEE], [acme.LEE])
        with pytest.raises(ControlFailed, match="between 1 and 1"):
            await s.ctl.select(acme.DANA, sent["id"], "who", acme.LEE, acme.SAM)


async def test_a_thread_is_renamed_archived_woken_and_deleted() -> None:
    async with scene() as s:
        thread = await s.bot.room().create_thread(name="talk", type=discord.ChannelType.public_thread)
        await thread.edit(name="done", archived=True)
        archived = [found.name async for found in s.bot.room().archived_threads()]
        assert archived == ["done"]
        await thread.send("again")
        assert [found.archived for found in await s.bot.guilds[0].active_threads()] == [False]
        await thread.delete()
        assert (await s.error("GET", f"/channels/{thread.id}")).code == 10003


async def test_people_are_added_to_a_private_thread_and_removed() -> None:
    async with scene() as s:
        thread = await s.bot.room().create_thread(name="quiet")
        with pytest.raises(ControlFailed, match="does not see"):
            await s.ctl.post(acme.DANA, str(thread.id), "let me in")
        await thread.add_user(discord.Object(int(acme.DANA)))
        await s.ctl.post(acme.DANA, str(thread.id), "thanks")
        assert {member.id for member in await thread.fetch_members()} == {int(acme.BOT_USER), int(acme.DANA)}
        await thread.remove_user(discord.Object(int(acme.DANA)))
        assert len(await thread.fetch_members()) == 1


async def test_roles_need_the_permission_to_be_given() -> None:
    path = f"/guilds/{acme.GUILD}/members/{acme.DANA}/roles/{acme.ROLE_RELEASES}"
    async with scene(connected=False, bot_permissions=permissions.EVERYONE) as s:
        assert (await s.error("PUT", path)).code == 50013
    async with scene(connected=False, bot_permissions=permissions.ALL) as s:
        await s.call("PUT", path)
        found = await s.call("GET", f"/guilds/{acme.GUILD}/members/{acme.DANA}")
        assert found["roles"] == [acme.ROLE_OPERATORS, acme.ROLE_RELEASES]


async def test_members_are_found_by_name() -> None:
    async with scene() as s:
        guild = s.bot.guilds[0]
        assert [member.name for member in await guild.query_members("da")] == ["dana"]
        found = await s.call("GET", f"/guilds/{acme.GUILD}/members/search", params={"query": "Le", "limit": 5})
        assert [member["user"]["username"] for member in found] == ["lee"]


async def test_channels_added_to_the_server_can_be_used() -> None:
    async with scene(connected=False) as s:
        added = await s.ctl.seed(channel={"name": "extra", "kind": "private", "members": [acme.DANA]})
        assert added["channel"]["bot_is_member"] is False
        await s.ctl.post(acme.DANA, "extra", "hi")
        with pytest.raises(ControlFailed, match="already"):
            await s.ctl.seed(channel={"name": "extra"})
