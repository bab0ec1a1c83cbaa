"""Socket Mode: real bolt gets every event, and the emulator retries, refuses and fails like Slack."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck, AsyncSay
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulators.slack import acme
from tests.contract.slack_emulator import bare_socket, open_connection, scene

Json = dict[str, Any]


async def test_a_mention_arrives_as_message_and_app_mention_once_each() -> None:
    seen: list[Json] = []

    def listen(app: AsyncApp) -> None:
        @app.event("app_mention")
        @app.event("message")
        async def note(body: Json, client: AsyncWebClient) -> None:
            seen.append(body)
            if len(seen) == 2:
                await client.chat_postMessage(channel=acme.CHECKOUT, text="both")

    async with scene(listen) as s:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "hello @copilot, R&D <now>")
        await s.ctl.wait_message(contains="both")
        assert sorted(body["event"]["type"] for body in seen) == ["app_mention", "message"]
        assert {body["event"]["ts"] for body in seen} == {ts}
        assert len({body["event_id"] for body in seen}) == 2
        assert seen[0]["event"]["text"] == f"hello <@{acme.BOT_USER}>, R&amp;D &lt;now&gt;"
        assert seen[0]["authorizations"][0]["user_id"] == acme.BOT_USER


async def test_a_command_is_acknowledged_with_a_private_message() -> None:
    def listen(app: AsyncApp) -> None:
        @app.command("/copilot")
        async def help_(ack: AsyncAck, body: Json) -> None:
            await ack(f"you said {body['text']}")

    async with scene(listen) as s:
        await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot", "help")
        event = await s.ctl.wait_message(contains="you said help")
        assert event.message["private_to"] == acme.DANA
        assert event.message["channel"] == acme.CHECKOUT


async def test_an_unacknowledged_event_is_retried_on_schedule_with_attempt_and_reason() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "hello")
        first = await socket.event("message")
        attempts = [first]
        for wait in (1, 60, 300):
            await s.ctl.clock(3)
            await s.ctl.clock(wait)
            attempts.append(await socket.event("message"))
        assert [frame["retry_attempt"] for frame in attempts] == [0, 1, 2, 3]
        assert attempts[1]["retry_reason"] == "timeout"
        assert {frame["payload"]["event_id"] for frame in attempts} == {first["payload"]["event_id"]}
        assert len({frame["envelope_id"] for frame in attempts}) == 4
        acks = await s.ctl.acks(kind="message")
        assert [ack["error"] for ack in acks] == ["timeout", "timeout", "timeout", None]


async def test_an_acknowledged_event_is_not_retried() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "first")
        await socket.ack(await socket.event("message"))
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "second")
        await socket.ack(await socket.event("message"))
        await s.ctl.clock(1000)
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "third")
        assert (await socket.event("message"))["payload"]["event"]["text"] == "third"


@pytest.mark.parametrize(("advance", "shown"), [(3, "operation_timeout"), (None, "dispatch_failed")])
async def test_an_unanswered_command_shows_the_failure(advance: float | None, shown: str) -> None:
    async with scene() as s:
        if advance is None:
            await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot", "help")
        else:
            async with bare_socket(s.slack) as socket:
                await s.ctl.command(acme.DANA, acme.CHECKOUT, "copilot", "help")
                assert (await socket.next())["type"] == "slash_commands"
                await s.ctl.clock(advance)
        event = await s.ctl.wait_for(lambda event: event.type == "interaction_failed")
        assert shown in event.data["text"]
        assert event.data["person"] == acme.DANA


async def test_a_ticket_is_good_for_one_connection() -> None:
    async with scene() as s, aiohttp.ClientSession() as session:
        url = await open_connection(s.slack)
        async with session.ws_connect(url) as ws:
            assert (await ws.receive_json(timeout=5))["num_connections"] == 1
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)


async def test_events_go_to_the_sockets_in_turn() -> None:
    async with scene() as s, bare_socket(s.slack) as one, bare_socket(s.slack) as two:
        for text in ("a", "b"):
            await s.ctl.post(acme.DANA, acme.CHECKOUT, text)
        frames = [await one.event("message"), await two.event("message")]
        assert {frame["payload"]["event"]["text"] for frame in frames} == {"a", "b"}


async def test_an_eleventh_socket_is_sent_away() -> None:
    async with scene() as s, aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(await open_connection(s.slack)) for _ in range(11)]
        frames = [await ws.receive_json(timeout=5) for ws in sockets]
        assert [frame["type"] for frame in frames] == ["hello"] * 10 + ["disconnect"]
        assert frames[-1]["reason"] == "too_many_websockets"
        for ws in sockets:
            await ws.close()


async def test_an_old_socket_is_warned_and_then_refreshed() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.clock(18_055)
        assert (await socket.next())["reason"] == "warning"
        await s.ctl.clock(10)
        assert (await socket.next())["reason"] == "refresh_requested"
        assert (await socket.ws.receive(timeout=5)).type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}


async def test_bolt_reconnects_after_its_socket_was_dropped() -> None:
    def listen(app: AsyncApp) -> None:
        @app.event("message")
        async def answer(say: AsyncSay) -> None:
            await say("still here")

    async with scene(listen) as s:
        before = await s.ctl.seq()
        await s.ctl.fault("drop_sockets")
        gone = await s.ctl.wait_for(
            lambda e: e.type == "connection" and e.data["state"] == "disconnected", since=before
        )
        back = await s.ctl.wait_for(lambda e: e.type == "connection" and e.data["state"] == "connected", since=gone.seq)
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "anyone?")
        await s.ctl.wait_message(contains="still here", since=back.seq)


async def test_a_black_hole_swallows_both_ways_without_closing() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.fault("black_hole")
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "lost")
        await socket.ws.ping(b"anyone?")
        async with bare_socket(s.slack) as fresh:
            for seconds in (3, 1, 3, 60):
                await s.ctl.clock(seconds)
            assert (await fresh.event("message"))["payload"]["event"]["text"] == "lost"
            assert not socket.ws.closed
            with pytest.raises(TimeoutError):
                await socket.ws.receive(timeout=0.01)


async def test_refused_sockets_cannot_connect_until_cleared() -> None:
    async with scene() as s:
        await s.ctl.fault("refuse_sockets")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with bare_socket(s.slack):
                pass
        await s.ctl.clear_faults()
        async with bare_socket(s.slack) as socket:
            assert not socket.ws.closed


async def test_duplicates_carry_the_same_event_id() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.fault("duplicate", match="message", times=1, copies=3)
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "thrice")
        frames = [await socket.event("message") for _ in range(3)]
        assert len({frame["payload"]["event_id"] for frame in frames}) == 1
        assert len({frame["envelope_id"] for frame in frames}) == 3


async def test_delayed_deliveries_wait_for_the_clock() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.fault("delay", times=1, seconds=30)
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "late")
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "early")
        await s.ctl.clock(0.5)
        texts = [(await socket.event("message"))["payload"]["event"]["text"]]
        await s.ctl.clock(30)
        while "late" not in texts:
            texts.append((await socket.event("message"))["payload"]["event"]["text"])
        assert texts[0] == "early"


async def test_reordered_deliveries_leave_in_reversed_groups() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.fault("reorder", group=3)
        for text in ("a", "b", "c"):
            await s.ctl.post(acme.DANA, acme.CHECKOUT, text)
        texts = [(await socket.event("message"))["payload"]["event"]["text"] for _ in range(3)]
        assert texts == ["c", "b", "a"]


async def test_only_subscribed_events_of_joined_channels_are_delivered() -> None:
    async with scene(events=["message.channels"]) as s, bare_socket(s.slack) as socket:
        await s.ctl.post(acme.DANA, acme.SECURITY, "@copilot not for you")
        await s.ctl.direct(acme.DANA, "no im subscription")
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "@copilot hello")
        frame = await socket.next()
        assert frame["payload"]["event"]["channel"] == acme.CHECKOUT
        with pytest.raises(TimeoutError):
            await socket.ws.receive(timeout=0.01)


async def test_the_bots_own_message_comes_back_with_its_bot_id() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.client.chat_postMessage(channel=acme.CHECKOUT, text="me")
        event = (await socket.event("message"))["payload"]["event"]
        assert (event["bot_id"], event["user"], event["app_id"]) == (acme.BOT, acme.BOT_USER, acme.APP)


async def test_a_stranger_in_a_shared_channel_is_marked() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        await s.ctl.post(acme.KIM, acme.PARTNERS, "@copilot run deploy")
        payload = (await socket.event("app_mention"))["payload"]
        assert payload["is_ext_shared_channel"] is True
        assert payload["team_id"] == acme.TEAM
        assert {payload["event"]["team"], payload["event"]["user_team"]} == {acme.OTHER_TEAM}


async def test_membership_reactions_and_home_are_told() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "look")
        await s.ctl.react(acme.LEE, ts, ":eyes:")
        await s.ctl.act(acme.DANA, "invite", channel=acme.SECURITY, person=acme.BOT_USER)
        await s.ctl.act(acme.DANA, "open_home")
        reaction = (await socket.event("reaction_added"))["payload"]["event"]
        joined = (await socket.event("member_joined_channel"))["payload"]["event"]
        home = (await socket.event("app_home_opened"))["payload"]["event"]
        assert (reaction["reaction"], reaction["item"]["ts"]) == ("eyes", ts)
        assert (joined["user"], joined["channel_type"], joined["inviter"]) == (acme.BOT_USER, "G", acme.DANA)
        assert (home["user"], home["tab"]) == (acme.DANA, "home")


async def test_edits_and_deletions_arrive_with_the_message_before() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "frist")
        await s.ctl.act(acme.DANA, "edit", message=ts, text="first")
        await s.ctl.act(acme.DANA, "delete", message=ts)
        events = [(await socket.event("message"))["payload"]["event"] for _ in range(3)]
        assert [event.get("subtype") for event in events] == [None, "message_changed", "message_deleted"]
        assert (events[1]["previous_message"]["text"], events[1]["message"]["text"]) == ("frist", "first")
        assert events[2]["deleted_ts"] == ts


async def test_many_messages_pass_within_a_second_of_each_other() -> None:
    async with scene() as s, bare_socket(s.slack) as socket:
        async with asyncio.TaskGroup() as group:
            for n in range(100):
                group.create_task(s.ctl.post(acme.DANA, acme.CHECKOUT, f"n{n}"))
        frames = [await socket.event("message") for _ in range(100)]
        assert len({frame["payload"]["event"]["ts"] for frame in frames}) == 100
