"""The Discord emulator's control interface: state, acts, membership, logs and seeds."""

import json

import pytest

from bot.emulators.common.client import ControlFailed
from bot.emulators.discord import acme
from tests.contract.discord_client import scene


async def test_the_state_names_people_and_channels() -> None:
    async with scene(connected=False) as s:
        state = await s.ctl.state()
        people = {person["name"]: person for person in state["people"]}
        assert (state["platform"], state["workspace"], state["me"]) == (
            "discord",
            {"id": acme.GUILD, "name": "Acme"},
            acme.BOT_USER,
        )
        assert (people["robin"]["guest"], people["kim"]["stranger"], people["pat"]["deactivated"]) == (True, True, True)
        assert people["lee"]["roles"] == ["releases"]
        channels = {channel["name"]: channel["bot_is_member"] for channel in state["channels"]}
        assert channels == {
            "general": True,
            "checkout": True,
            "approvals": True,
            "incidents": True,
            "security-private": False,
        }


async def test_a_page_gets_the_messages_and_commands() -> None:
    async with scene(connected=False) as s:
        await s.call(
            "PUT", f"/applications/{acme.APPLICATION}/commands", json=[{"name": "copilot", "description": "d"}]
        )
        sent = await s.say(content="hello")
        state = await s.ctl.state()
        assert [command["name"] for command in state["commands"]] == ["copilot"]
        assert state["messages"][0]["raw"] == sent
        await s.ctl.wait_for(lambda event: event.type == "commands")


@pytest.mark.parametrize(
    ("person", "act", "reason"),
    [
        (acme.KIM, {"do": "post", "channel": "general", "text": "x"}, "does not see #general"),
        (acme.SAM, {"do": "post", "channel": "security-private", "text": "x"}, "does not see #security-private"),
        (acme.PAT, {"do": "direct", "text": "x"}, "deactivated"),
        (acme.DANA, {"do": "post", "channel": "general", "text": " "}, "empty"),
        (acme.DANA, {"do": "fly"}, "unknown act"),
        (acme.DANA, {"do": "post", "channel": "nowhere", "text": "x"}, "no channel"),
        ("1", {"do": "direct", "text": "x"}, "no person"),
    ],
)
async def test_what_a_person_cannot_do_is_refused_with_the_reason(
    person: str, act: dict[str, str], reason: str
) -> None:
    async with scene(connected=False) as s:
        with pytest.raises(ControlFailed, match=reason):
            await s.ctl.act(person, **act)


async def test_people_change_and_delete_only_their_own_messages() -> None:
    async with scene() as s:
        sent = await s.ctl.post(acme.DANA, acme.CHECKOUT, "one")
        with pytest.raises(ControlFailed, match="not by Lee"):
            await s.ctl.act(acme.LEE, "edit", message=sent, text="two")
        await s.ctl.act(acme.DANA, "edit", message=sent, text="two")
        assert (await s.ctl.wait_message(contains="two", changed=True)).message["edited"]
        await s.ctl.act(acme.DANA, "delete", message=sent)
        await s.ctl.wait_for(lambda event: event.type == "message_deleted" and event.data["id"] == sent)


async def test_a_removed_bot_loses_access_until_it_is_invited() -> None:
    async with scene() as s:
        await s.ctl.act(acme.DANA, "remove", channel=acme.CHECKOUT, person=acme.BOT_USER)
        error = await s.error("POST", f"/channels/{acme.CHECKOUT}/messages", json={"content": "x"})
        assert error.code == 50001
        await s.ctl.act(acme.DANA, "invite", channel=acme.CHECKOUT, person=acme.BOT_USER)
        await s.say(content="back")


async def test_an_invited_stranger_joins_the_server() -> None:
    async with scene() as s:
        await s.ctl.act(acme.DANA, "invite", channel=acme.CHECKOUT, person=acme.KIM)
        await s.ctl.post(acme.KIM, acme.CHECKOUT, "hi")
        assert (await s.bot.next_message()).author.id == int(acme.KIM)
        assert s.bot.guilds[0].get_member(int(acme.KIM)) is not None


async def test_reactions_and_typing_are_events() -> None:
    async with scene() as s:
        sent = await s.ctl.post(acme.DANA, acme.CHECKOUT, "vote")
        await s.ctl.react(acme.LEE, sent, "👀")
        changed = await s.ctl.wait_message(id_=sent, changed=True)
        assert changed.message["raw"]["reactions"][0]["count"] == 1
        async with s.bot.room().typing():
            typing = await s.ctl.wait_for(lambda event: event.type == "typing")
        assert (typing.data["channel"], typing.data["author"]) == (acme.CHECKOUT, acme.BOT_USER)


async def test_calls_and_deliveries_are_on_record_without_tokens() -> None:
    async with scene() as s:
        await s.say(content="hello")
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "hi")
        await s.bot.next_message()
        call = (await s.ctl.requests(path="/messages"))[0]
        assert (call["method"], call["status"], call["body"]["content"]) == ("POST", 200, "hello")
        assert acme.BOT_TOKEN not in str(await s.ctl.requests())
        assert [ack["attempt"] for ack in await s.ctl.acks(kind="MESSAGE_CREATE")] == [1, 1]


async def test_a_large_server_is_seeded_and_its_members_are_fetched() -> None:
    async with scene(connected=False) as s:
        await s.ctl.seed(people=1200, channels=3)
        added = await s.ctl.seed(person={"name": "new", "guest": True, "roles": ["releases"]})
        assert (added["person"]["guest"], added["person"]["roles"]) == (True, ["releases"])
        page = await s.call("GET", f"/guilds/{acme.GUILD}/members", params={"limit": 1000})
        rest = await s.call(
            "GET", f"/guilds/{acme.GUILD}/members", params={"limit": 1000, "after": page[-1]["user"]["id"]}
        )
        assert (len(page), len(rest)) == (1000, 207)
        with pytest.raises(ControlFailed, match="unknown field"):
            await s.ctl.seed(folk=1)


async def test_time_of_the_platform_is_in_the_ids() -> None:
    async with scene(connected=False) as s:
        before = int((await s.say(content="x"))["id"])
        await s.ctl.clock(3600)
        after = int((await s.say(content="x"))["id"])
        assert (after >> 22) - (before >> 22) >= 3_600_000


async def test_new_people_channels_and_direct_messages_are_events() -> None:
    async with scene(connected=False) as s:
        since = await s.ctl.seq()
        added = await s.ctl.seed(person={"name": "new"}, channel={"name": "extra"})
        direct = (await s.ctl.direct(acme.KIM, "hi"))["channel"]
        events = [event for event in s.server.log.since(since) if event["type"] in {"person", "channel"}]
        ids = [(event.get("person") or event["channel"])["id"] for event in events]
        assert ids == [added["person"]["id"], added["channel"]["id"], direct]


async def test_half_a_surrogate_pair_does_not_end_the_stream_of_events() -> None:
    async with scene(connected=False) as s:
        half = json.loads('"\\ud83d"')
        await s.say(content=f"broken {half} text")
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "after it")
        assert (await s.ctl.wait_message(contains="broken")).message["raw"]["content"] == f"broken {half} text"
        await s.ctl.wait_message(contains="after it")


async def test_of_a_large_public_channel_only_some_members_are_listed() -> None:
    async with scene(connected=False) as s:
        await s.ctl.seed(people=200)
        direct = (await s.ctl.direct(acme.KIM, "hi"))["channel"]
        members = {channel["id"]: channel["members"] for channel in (await s.ctl.state())["channels"]}
        assert len(members[acme.GENERAL]) == 100
        assert members[acme.SECURITY] == [acme.DANA, acme.LEE]
        assert members[direct] == [acme.BOT_USER, acme.KIM]
