"""Channels that the bot makes, who sees them, pins and message menus of the Discord emulator, through real discord.py."""

import discord
import pytest
from discord import app_commands

from bot.emulators.common.client import ControlFailed
from bot.emulators.discord import acme, limits, permissions
from tests.contract.discord_client import WAIT, Bot, Scene, scene

_CHANNELS = f"/guilds/{acme.GUILD}/channels"
_HIDDEN = [{"id": acme.GUILD, "type": 0, "deny": str(permissions.VIEW_CHANNEL)}]


def _everyone(s: Scene) -> discord.Role:
    return s.bot.guilds[0].default_role


# --- making channels -------------------------------------------------------------------------------------------------


async def test_a_channel_is_made_and_told_of() -> None:
    async with scene() as s:
        told = s.bot.wait_for("guild_channel_create", timeout=WAIT)
        made = await s.bot.guilds[0].create_text_channel("Inc 42", topic="It burns")
        assert ((await told).id, made.name, made.topic) == (made.id, "inc-42", "It burns")
        shown = (await s.ctl.seed(channel={"name": "other"}))["channel"]
        assert (shown["private"], shown["read_only"], shown["archived"]) == (False, False, False)
        await made.send("hello")


async def test_a_hidden_channel_is_seen_by_those_it_allows() -> None:
    async with scene() as s:
        see, no = discord.PermissionOverwrite(view_channel=True), discord.PermissionOverwrite(view_channel=False)
        guild = s.bot.guilds[0]
        made = await guild.create_text_channel("secret", overwrites={_everyone(s): no, guild.me: see})
        with pytest.raises(ControlFailed, match="does not see"):
            await s.ctl.post(acme.DANA, "secret", "hello?")
        dana, operators = await guild.fetch_member(int(acme.DANA)), guild.get_role(int(acme.ROLE_OPERATORS))
        assert operators
        await made.set_permissions(operators, overwrite=see)
        await s.ctl.post(acme.DANA, "secret", "hello")
        await made.set_permissions(dana, overwrite=no)
        with pytest.raises(ControlFailed, match="does not see"):
            await s.ctl.post(acme.DANA, "secret", "hello?")
        await made.set_permissions(dana, overwrite=None)
        await s.ctl.post(acme.DANA, "secret", "again")
        await made.set_permissions(_everyone(s), overwrite=None)
        await s.ctl.post(acme.SAM, "secret", "and me")


async def test_a_channel_takes_the_overwrites_of_its_category() -> None:
    async with scene() as s:
        guild = s.bot.guilds[0]
        no = discord.PermissionOverwrite(view_channel=False)
        see = discord.PermissionOverwrite(view_channel=True)
        category = await guild.create_category("War rooms", overwrites={_everyone(s): no, guild.me: see})
        made = await category.create_text_channel("inside")
        assert made.category_id == category.id
        found = await s.call("GET", f"/channels/{made.id}")
        assert {one["id"] for one in found["permission_overwrites"]} == {acme.GUILD, acme.BOT_USER}
        await category.delete()
        assert (await s.call("GET", f"/channels/{made.id}"))["parent_id"] is None


async def test_a_channel_is_deleted_with_its_threads() -> None:
    async with scene() as s:
        made = await s.bot.guilds[0].create_text_channel("short-lived")
        thread = await made.create_thread(name="talk", type=discord.ChannelType.public_thread)
        gone = s.bot.wait_for("guild_channel_delete", timeout=WAIT)
        await made.delete()
        assert (await gone).id == made.id
        for id_ in (made.id, thread.id):
            assert (await s.error("GET", f"/channels/{id_}")).code == 10003


@pytest.mark.parametrize(
    ("lacks", "body"),
    [
        (permissions.MANAGE_CHANNELS, {"name": "x"}),
        (
            permissions.KICK_MEMBERS,
            {"name": "x", "permission_overwrites": [{"id": acme.GUILD, "type": 0, "deny": "2"}]},
        ),
        (0, {"name": "x", "permission_overwrites": [{"id": acme.BOT_USER, "type": 1, "allow": str(1 << 28)}]}),
    ],
)
async def test_nobody_gives_what_they_do_not_have(lacks: int, body: dict[str, object]) -> None:
    async with scene(connected=False, bot_permissions=permissions.BOT & ~lacks) as s:
        assert (await s.error("POST", _CHANNELS, json=body)).code == 50013


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 50035),
        ({"name": "x" * 101}, 50035),
        ({"name": "x", "type": 2}, 50035),
        ({"name": "x", "topic": "x" * 1_025}, 50035),
        ({"name": "x", "parent_id": acme.GENERAL}, 50035),
        ({"name": "x", "permission_overwrites": [{"id": "999", "type": 1}]}, 10013),
        ({"name": "x", "permission_overwrites": [{"id": "999", "type": 0}]}, 10011),
    ],
)
async def test_a_malformed_channel_is_refused(body: dict[str, object], code: int) -> None:
    async with scene(connected=False) as s:
        assert (await s.error("POST", _CHANNELS, json=body)).code == code


async def test_a_server_has_so_many_channels_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CHANNELS", 5)
    async with scene(connected=False) as s:
        assert (await s.error("POST", _CHANNELS, json={"name": "x"})).code == 30013


async def test_overwrites_are_set_only_with_the_permission_and_only_known_ones_removed() -> None:
    path = f"/channels/{acme.CHECKOUT}/permissions/{acme.GUILD}"
    body = {"type": 0, "deny": str(permissions.SEND_MESSAGES)}
    async with scene(connected=False, bot_permissions=permissions.EVERYONE) as s:
        assert (await s.error("PUT", path, json=body)).code == 50013
        s.server.guild.bot_permissions = permissions.BOT
        assert (await s.error("DELETE", path)).code == 10009
        assert (await s.error("PUT", path, json={**body, "type": 7})).code == 50035
        await s.call("PUT", path, json=body)
        assert (await s.error("POST", f"/channels/{acme.CHECKOUT}/messages", json={"content": "x"})).code == 50013
        await s.call("DELETE", path)
        await s.say(content="x")


async def test_overwrites_are_replaced_with_the_channel() -> None:
    async with scene(connected=False) as s:
        path = f"/channels/{acme.CHECKOUT}"
        changed = await s.call("PATCH", path, json={"permission_overwrites": _HIDDEN})
        assert changed["permission_overwrites"][0]["deny"] == str(permissions.VIEW_CHANNEL)
        assert (await s.error("GET", path)).code == 50001


async def test_what_people_may_do_is_what_the_channel_allows_them() -> None:
    async with scene(connected=False) as s:
        message = await s.ctl.post(acme.DANA, acme.CHECKOUT, "look")
        await s.ctl.react(acme.DANA, message, "👀")
        denied = permissions.ADD_REACTIONS | permissions.PIN_MESSAGES | permissions.USE_APPLICATION_COMMANDS
        body = {"type": 0, "deny": str(denied & permissions.BOT)}
        await s.call("PUT", f"/channels/{acme.CHECKOUT}/permissions/{acme.ROLE_RELEASES}", json=body)
        await s.ctl.react(acme.SAM, message, "👀")
        with pytest.raises(ControlFailed, match="Add Reactions"):
            await s.ctl.react(acme.SAM, message, "🎉")
        with pytest.raises(ControlFailed, match="Pin Messages"):
            await s.ctl.pin(acme.SAM, message)
        with pytest.raises(ControlFailed, match="may not use commands"):
            await s.ctl.command(acme.SAM, acme.CHECKOUT, "copilot")
        with pytest.raises(ControlFailed, match="owns the server"):
            await s.ctl.act(acme.LEE, "remove", channel=acme.CHECKOUT, person=acme.LEE)


# --- pins ------------------------------------------------------------------------------------------------------------


async def test_a_pin_tells_who_pinned_what() -> None:
    async with scene() as s:
        message = await s.ctl.post(acme.DANA, acme.CHECKOUT, "look")
        assert (await s.bot.next_message()).content == "look"
        assert (await s.ctl.pin(acme.LEE, message))["changed"] is True
        line = await s.bot.next_message()
        assert (line.type, str(line.author.id)) == (discord.MessageType.pins_add, acme.LEE)
        assert line.reference
        assert str(line.reference.message_id) == message
        assert [str(one.id) async for one in s.bot.room().pins()] == [message]
        assert (await s.ctl.pin(acme.LEE, message))["changed"] is False
        assert (await s.ctl.act(acme.LEE, "unpin", message=message))["changed"] is True


async def test_pins_have_a_limit_and_need_the_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PINS", 1)
    async with scene(connected=False) as s:
        one, two = [(await s.say(content="x"))["id"] for _ in range(2)]
        with pytest.raises(ControlFailed, match="Pin Messages"):
            await s.ctl.pin(acme.ROBIN, one)
        for _ in range(2):
            await s.call("PUT", f"/channels/{acme.CHECKOUT}/messages/pins/{one}")
        assert (await s.error("PUT", f"/channels/{acme.CHECKOUT}/messages/pins/{two}")).code == 30003
        with pytest.raises(ControlFailed, match="take one off"):
            await s.ctl.pin(acme.DANA, two)


# --- message menus ---------------------------------------------------------------------------------------------------


def _listen(bot: Bot) -> None:
    @app_commands.context_menu(name="Keep it")
    async def keep(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"kept {message.content!r} of {message.author.name}")

    bot.tree.add_command(keep, guild=bot.guild_object)


async def test_a_command_of_a_messages_menu_brings_the_message() -> None:
    async with scene(_listen) as s:
        assert (await s.ctl.state())["shortcuts"] == [{"name": "Keep it", "callback": "Keep it"}]
        message = await s.ctl.post(acme.DANA, acme.CHECKOUT, "gold")
        await s.ctl.shortcut(acme.LEE, message, "Keep it")
        answer = await s.ctl.wait_message(contains="kept 'gold' of dana")
        assert answer.message["raw"]["interaction_metadata"]["target_message_id"] == message
        with pytest.raises(ControlFailed, match="no 'Lose it'"):
            await s.ctl.shortcut(acme.LEE, message, "Lose it")
