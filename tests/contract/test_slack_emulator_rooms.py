"""Channels, members, users and groups through slack_sdk."""

import pytest

from bot.emulators.slack import acme
from tests.contract.slack_emulator import scene


async def test_the_bot_joins_and_leaves_a_public_channel() -> None:
    async with scene() as s:
        id_ = (await s.ctl.seed(channel={"name": "lab"}))["channel"]["id"]
        assert (await s.client.conversations_join(channel=id_))["channel"]["is_member"] is True
        assert (await s.client.conversations_join(channel=id_))["warning"] == "already_in_channel"
        await s.client.conversations_leave(channel=id_)
        assert (await s.client.conversations_leave(channel=id_))["not_in_channel"] is True
        assert await s.error("conversations.history", channel=id_) == "not_in_channel"
        assert await s.error("conversations.leave", channel=acme.GENERAL) == "cant_leave_general"


async def test_a_person_is_kicked_out() -> None:
    async with scene() as s:
        await s.client.conversations_kick(channel=acme.CHECKOUT, user=acme.ROBIN)
        assert acme.ROBIN not in (await s.client.conversations_members(channel=acme.CHECKOUT))["members"]
        assert await s.error("conversations.kick", channel=acme.CHECKOUT, user=acme.ROBIN) == "not_in_channel"
        assert await s.error("conversations.kick", channel=acme.GENERAL, user=acme.ROBIN) == "cant_kick_from_general"


async def test_a_forced_invitation_adds_those_who_can_be_added() -> None:
    async with scene() as s:
        users = f"{acme.ROBIN},U404"
        assert await s.error("conversations.invite", channel=acme.DEPLOYS, users=users) == "user_not_found"
        await s.client.conversations_invite(channel=acme.DEPLOYS, users=users, force=True)
        assert acme.ROBIN in (await s.client.conversations_members(channel=acme.DEPLOYS))["members"]


async def test_a_channel_is_renamed_and_described() -> None:
    async with scene() as s:
        renamed = await s.client.conversations_rename(channel=acme.DEPLOYS, name="releases")
        assert renamed["channel"]["previous_names"] == ["deploys"]
        await s.client.conversations_setPurpose(channel=acme.DEPLOYS, purpose="Shipping")
        info = (await s.client.conversations_info(channel=acme.DEPLOYS, include_num_members=True))["channel"]
        assert (info["name"], info["purpose"]["value"], info["num_members"]) == ("releases", "Shipping", 5)
        assert await s.error("conversations.setTopic", channel=acme.DEPLOYS, topic="x" * 251) == "too_long"
        assert await s.error("conversations.archive", channel=acme.GENERAL) == "cant_archive_general"


async def test_a_direct_message_is_opened_once() -> None:
    async with scene() as s:
        opened = [await s.client.conversations_open(users=[acme.DANA], return_im=True) for _ in range(2)]
        assert {answer["channel"]["id"] for answer in opened} == {"D0DANA001"}
        assert opened[0]["channel"]["user"] == acme.DANA
        posted = await s.client.chat_postMessage(channel=acme.DANA, text="psst")
        assert posted["channel"] == "D0DANA001"
        assert await s.error("conversations.open", users="") == "users_list_not_supplied"
        assert await s.error("conversations.open", users="U404") == "user_not_found"
        assert (await s.client.conversations_mark(channel="D0DANA001", ts=posted["ts"]))["ok"]


async def test_channels_of_a_person_are_listed() -> None:
    async with scene() as s:
        found = await s.client.users_conversations(user=acme.KIM, exclude_archived=True)
        assert [channel["id"] for channel in found["channels"]] == [acme.PARTNERS]
        assert found["channels"][0]["is_ext_shared"] is True


async def test_guests_strangers_and_the_deactivated_are_told_apart() -> None:
    async with scene() as s:
        people = {id_: (await s.client.users_info(user=id_))["user"] for id_ in (acme.ROBIN, acme.KIM, acme.PAT)}
        assert people[acme.ROBIN]["is_restricted"] is True
        assert (people[acme.KIM]["team_id"], people[acme.KIM]["is_stranger"]) == (acme.OTHER_TEAM, True)
        assert people[acme.PAT]["deleted"] is True
        assert (await s.client.users_lookupByEmail(email="Dana@acme.example"))["user"]["id"] == acme.DANA
        assert (await s.client.users_profile_get(user=acme.LEE))["profile"]["title"] == "Release manager"


async def test_groups_name_their_members() -> None:
    async with scene() as s:
        groups = (await s.client.usergroups_list(include_users=True))["usergroups"]
        assert {group["handle"]: group["users"] for group in groups}["oncall"] == [acme.DANA]
        assert (await s.client.usergroups_users_list(usergroup="S0RELEASE"))["users"] == [acme.LEE, acme.SAM]


async def test_a_large_workspace_must_be_read_in_pages() -> None:
    async with scene() as s:
        await s.ctl.seed(people=10_001)
        assert await s.error("users.list") == "limit_required"
        assert len((await s.client.users_list(limit=200))["members"]) == 200


async def test_the_workspace_and_the_bot_introduce_themselves() -> None:
    async with scene() as s:
        assert (await s.client.team_info())["team"]["domain"] == "acme"
        assert (await s.client.bots_info(bot=acme.BOT))["bot"]["user_id"] == acme.BOT_USER
        assert (await s.client.auth_test())["bot_id"] == acme.BOT
        assert await s.error("bots.info", bot="B404") == "bot_not_found"
        assert await s.error("api.test", error="as_told") == "as_told"


async def test_permalinks_name_the_thread() -> None:
    async with scene() as s:
        top = await s.ctl.post(acme.DANA, acme.CHECKOUT, "top")
        reply = await s.ctl.post(acme.DANA, acme.CHECKOUT, "reply", thread=top)
        link = (await s.client.chat_getPermalink(channel=acme.CHECKOUT, message_ts=reply))["permalink"]
        assert link.endswith(f"/archives/{acme.CHECKOUT}/p{reply.replace('.', '')}?thread_ts={top}&cid={acme.CHECKOUT}")


async def test_a_pin_is_told_listed_and_taken_off() -> None:
    async with scene() as s:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "keep")
        await s.client.pins_add(channel=acme.CHECKOUT, timestamp=ts)
        assert await s.error("pins.add", channel=acme.CHECKOUT, timestamp=ts) == "already_pinned"
        await s.client.pins_remove(channel=acme.CHECKOUT, timestamp=ts)
        assert await s.error("pins.remove", channel=acme.CHECKOUT, timestamp=ts) == "no_pin"


@pytest.mark.parametrize(("method", "tier"), [("conversations.list", 20), ("conversations.info", 50)])
async def test_methods_are_limited_by_their_tier(method: str, tier: int) -> None:
    async with scene(limits="real") as s:
        for _ in range(tier):
            await s.client.api_call(method, params={"channel": acme.CHECKOUT})
        assert await s.error(method, channel=acme.CHECKOUT) == "ratelimited"
        await s.ctl.clock(60 / tier)
        assert (await s.client.api_call(method, params={"channel": acme.CHECKOUT}))["ok"]
