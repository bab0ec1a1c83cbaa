"""Channels, threads, members and roles of the Discord emulator, as real discord.py is told of them."""

import discord
import pytest

from bot.emulators.common.client import ControlFailed
from bot.emulators.discord import acme, permissions
from tests.contract.discord_client import WAIT, Scene, scene

_GUILD = f"/guilds/{acme.GUILD}"
_CHECKOUT = f"/channels/{acme.CHECKOUT}"
_NO_MODERATOR = permissions.BOT & ~permissions.MANAGE_THREADS


async def _thread(s: Scene) -> tuple[str, str]:
    """A thread of the bot with one message of its own; their ids."""
    made = await s.call("POST", f"{_CHECKOUT}/threads", json={"name": "talk", "type": 11})
    sent = await s.call("POST", f"/channels/{made['id']}/messages", json={"content": "first"})
    return made["id"], sent["id"]


# --- roles -----------------------------------------------------------------------------------------------------------


async def test_a_role_is_made_changed_given_and_deleted() -> None:
    async with scene(bot_permissions=permissions.ALL) as s:
        guild = s.bot.guilds[0]
        told = s.bot.wait_for("guild_role_create", timeout=WAIT)
        role = await guild.create_role(name="oncall", colour=discord.Colour(0x00FF00))
        assert (await told).name == "oncall"
        changed = s.bot.wait_for("guild_role_update", timeout=WAIT)
        await role.edit(name="on call")
        assert (await changed)[1].name == "on call"
        given = s.bot.wait_for("member_update", timeout=WAIT)
        await s.call("PUT", f"{_GUILD}/members/{acme.SAM}/roles/{role.id}")
        assert (await given)[1].get_role(role.id) is not None
        gone = s.bot.wait_for("guild_role_delete", timeout=WAIT)
        await role.delete()
        assert (await gone).id == role.id
        assert (await s.call("GET", f"{_GUILD}/members/{acme.SAM}"))["roles"] == [acme.ROLE_RELEASES]


@pytest.mark.parametrize("role", [acme.ROLE_EVERYONE, acme.ROLE_BOTS])
async def test_the_platforms_own_roles_cannot_be_deleted(role: str) -> None:
    async with scene(connected=False, bot_permissions=permissions.ALL) as s:
        assert (await s.error("DELETE", f"{_GUILD}/roles/{role}")).code == 50028


async def test_roles_are_made_only_with_the_permission() -> None:
    async with scene(connected=False, bot_permissions=permissions.EVERYONE) as s:
        assert (await s.error("POST", f"{_GUILD}/roles", json={"name": "x"})).code == 50013


async def test_a_role_with_a_colour_out_of_range_is_refused() -> None:
    async with scene(connected=False, bot_permissions=permissions.ALL) as s:
        error = await s.error("POST", f"{_GUILD}/roles", json={"color": 1 << 24, "permissions": "all"})
        assert error.code == 50035
        assert {role["name"] for role in await s.call("GET", f"{_GUILD}/roles")} >= {"operators", "releases"}


async def test_a_role_grants_its_permissions() -> None:
    async with scene(bot_permissions=permissions.ALL) as s:
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "@everyone one")
        wish = {"permissions": str(permissions.MENTION_EVERYONE)}
        await s.call("PATCH", f"{_GUILD}/roles/{acme.ROLE_OPERATORS}", json=wish)
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "@everyone two")
        assert [(await s.bot.next_message()).mention_everyone for _ in range(2)] == [False, True]


# --- members ---------------------------------------------------------------------------------------------------------


async def test_a_kicked_member_is_out_of_the_server() -> None:
    async with scene(bot_permissions=permissions.ALL) as s:
        left = s.bot.wait_for("member_remove", timeout=WAIT)
        await s.bot.guilds[0].kick(discord.Object(int(acme.SAM)))
        assert str((await left).id) == acme.SAM
        with pytest.raises(ControlFailed, match="does not see #checkout"):
            await s.ctl.post(acme.SAM, acme.CHECKOUT, "hello?")
        assert (await s.error("DELETE", f"{_GUILD}/members/{acme.SAM}")).code == 10007


@pytest.mark.parametrize(("granted", "person"), [(permissions.BOT, acme.SAM), (permissions.ALL, acme.LEE)])
async def test_neither_the_owner_nor_without_the_right_is_anybody_kicked(granted: int, person: str) -> None:
    async with scene(connected=False, bot_permissions=granted) as s:
        assert (await s.error("DELETE", f"{_GUILD}/members/{person}")).code == 50013


async def test_members_are_listed_only_with_the_intent() -> None:
    async with scene(connected=False, privileged_intents=0) as s:
        assert (await s.error("GET", f"{_GUILD}/members")).code == 50001
        assert (await s.call("GET", "/applications/@me"))["flags"] == 0


# --- channels --------------------------------------------------------------------------------------------------------


async def test_new_members_and_channels_are_told() -> None:
    async with scene() as s:
        joined = s.bot.wait_for("member_join", timeout=WAIT)
        opened = s.bot.wait_for("guild_channel_create", timeout=WAIT)
        await s.ctl.seed(person={"name": "nia"}, channel={"name": "extra"})
        assert ((await joined).name, (await opened).name) == ("nia", "extra")


async def test_a_renamed_channel_is_found_by_its_new_name_alone() -> None:
    async with scene(bot_permissions=permissions.ALL) as s:
        told = s.bot.wait_for("guild_channel_update", timeout=WAIT)
        await s.bot.room().edit(name="Check Out", topic="Money")
        _, channel = await told
        assert (channel.name, channel.topic) == ("check-out", "Money")
        await s.ctl.post(acme.DANA, "check-out", "here")
        with pytest.raises(ControlFailed, match="no channel"):
            await s.ctl.post(acme.DANA, "checkout", "there")


async def test_a_channel_is_changed_only_with_the_permission() -> None:
    async with scene(connected=False, bot_permissions=permissions.EVERYONE) as s:
        assert (await s.error("PATCH", _CHECKOUT, json={"name": "x"})).code == 50013


async def test_the_bot_gets_the_threads_of_a_channel_it_is_let_into() -> None:
    async with scene() as s:
        message = await s.ctl.post(acme.DANA, acme.SECURITY, "psst")
        thread = (await s.ctl.act(acme.DANA, "open_thread", message=message))["channel"]
        assert s.bot.guilds[0].get_thread(int(thread)) is None
        synced = s.bot.wait_for("thread_join", timeout=WAIT)
        await s.ctl.act(acme.DANA, "invite", channel=acme.SECURITY, person=acme.BOT_USER)
        assert str((await synced).id) == thread


async def test_some_messages_are_deleted_at_once() -> None:
    async with scene() as s:
        ids = [await s.ctl.post(acme.DANA, acme.CHECKOUT, f"m{n}") for n in range(3)]
        told = s.bot.wait_for("raw_bulk_message_delete", timeout=WAIT)
        await s.call("POST", f"{_CHECKOUT}/messages/bulk-delete", json={"messages": ids[:2]})
        assert (await told).message_ids == {int(id_) for id_ in ids[:2]}
        assert [message["id"] for message in await s.call("GET", f"{_CHECKOUT}/messages")] == ids[2:]


async def test_one_message_or_an_old_one_is_not_deleted_in_bulk() -> None:
    path = f"{_CHECKOUT}/messages/bulk-delete"
    async with scene(connected=False) as s:
        ids = [(await s.say(content="x"))["id"] for _ in range(2)]
        assert (await s.error("POST", path, json={"messages": ids[:1] * 2})).code == 50016
        await s.ctl.clock(14 * 86_400)
        assert (await s.error("POST", path, json={"messages": ids})).code == 50034


# --- archived and locked threads -------------------------------------------------------------------------------------


async def test_in_an_archived_thread_nothing_but_deletion_happens() -> None:
    async with scene(connected=False) as s:
        thread, message = await _thread(s)
        await s.call("PATCH", f"/channels/{thread}", json={"archived": True})
        there = f"/channels/{thread}/messages/{message}"
        refused = [
            await s.error("PATCH", there, json={"content": "x"}),
            await s.error("PUT", f"{there}/reactions/👍/@me"),
            await s.error("PUT", f"/channels/{thread}/pins/{message}"),
            await s.error("PUT", f"/channels/{thread}/thread-members/{acme.DANA}"),
            await s.error("PATCH", f"/channels/{thread}", json={"name": "x"}),
        ]
        assert {error.code for error in refused} == {50083}
        await s.call("DELETE", there)


async def test_people_wake_an_archived_thread_by_writing() -> None:
    async with scene(connected=False) as s:
        thread, message = await _thread(s)
        await s.call("PATCH", f"/channels/{thread}", json={"archived": True})
        with pytest.raises(ControlFailed, match="archived"):
            await s.ctl.react(acme.DANA, message, "👍")
        with pytest.raises(ControlFailed, match="archived"):
            await s.ctl.command(acme.DANA, thread, "/copilot")
        await s.ctl.post(acme.DANA, thread, "wake up")
        await s.ctl.react(acme.DANA, message, "👍")


async def test_a_locked_thread_takes_messages_of_moderators_alone() -> None:
    async with scene(connected=False, bot_permissions=_NO_MODERATOR) as s:
        thread, message = await _thread(s)
        s.server.guild.channels[thread].locked = True
        path = f"/channels/{thread}/messages"
        assert (await s.error("POST", path, json={"content": "x"})).code == 160005
        assert (await s.error("PATCH", f"{path}/{message}", json={"content": "x"})).code == 160005
        s.server.guild.bot_permissions = permissions.BOT
        assert (await s.call("POST", path, json={"content": "x"}))["content"] == "x"


async def test_who_opened_a_thread_may_archive_but_not_lock_it() -> None:
    async with scene(connected=False, bot_permissions=_NO_MODERATOR) as s:
        thread, _ = await _thread(s)
        assert (await s.error("PATCH", f"/channels/{thread}", json={"locked": True})).code == 50013
        changed = await s.call("PATCH", f"/channels/{thread}", json={"archived": True})
        assert changed["thread_metadata"]["archived"] is True
        reopened = await s.call("PATCH", f"/channels/{thread}", json={"archived": False})
        assert (reopened["thread_metadata"]["archived"], reopened["member"]["user_id"]) == (False, acme.BOT_USER)
