"""The Discord emulator's gateway through real discord.py: login, intents, sessions, heartbeats and faults of sockets."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord
import pytest

from bot.emulators.common.client import ControlClient
from bot.emulators.discord import DiscordEmulator, acme, intents
from tests.contract.discord_client import WAIT, Json, Scene, scene


async def _sockets(s: Scene, state: str, since: int) -> None:
    await s.ctl.wait_for(lambda event: event.type == "connection" and event.data["state"] == state, since=since)


async def test_the_bot_logs_in_and_sees_the_server() -> None:
    async with scene() as s:
        guild = s.bot.guilds[0]
        assert (guild.name, str(s.bot.application_id)) == ("Acme", s.server.application_id)
        assert {channel.name for channel in guild.text_channels} >= {"general", "checkout", "security-private"}
        assert [role.name for role in guild.get_member(int(acme.DANA)).roles][-1] == "operators"  # type: ignore[union-attr]


async def test_a_message_is_answered() -> None:
    async with scene() as s:
        since = await s.ctl.seq()
        asked = await s.ctl.post(acme.DANA, acme.CHECKOUT, "ping")
        answer = await s.ctl.wait_message(contains="pong", author=acme.BOT_USER, since=since)
        assert answer.message["raw"]["referenced_message"]["id"] == asked


async def test_names_become_mentions_as_the_client_does() -> None:
    async with scene() as s:
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "@copilot see #general, @Lee and @nobody")
        got = await s.bot.next_message()
        assert got.content == f"<@{acme.BOT_USER}> see <#{acme.GENERAL}>, <@{acme.LEE}> and @nobody"
        assert {user.id for user in got.mentions} == {int(acme.BOT_USER), int(acme.LEE)}


async def test_without_the_content_intent_only_mentions_and_direct_messages_are_readable() -> None:
    wanted = discord.Intents.default()
    async with scene(intents=wanted) as s:
        for text in ("secret", "@copilot open"):
            await s.ctl.post(acme.DANA, acme.CHECKOUT, text)
        await s.ctl.direct(acme.KIM, "private")
        got = [(await s.bot.next_message()).content for _ in range(3)]
        assert got == ["", f"<@{acme.BOT_USER}> open", "private"]


async def test_events_without_their_intent_are_not_sent() -> None:
    async with scene(intents=discord.Intents(guilds=True, dm_messages=True)) as s:
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "unseen")
        await s.ctl.direct(acme.DANA, "seen")
        assert (await s.bot.next_message()).guild is None
        assert len(await s.ctl.acks(kind="MESSAGE_CREATE")) == 1


async def test_what_happens_in_a_hidden_channel_is_not_told() -> None:
    async with scene() as s:
        await s.ctl.post(acme.DANA, acme.SECURITY, "hidden")
        await s.ctl.act(acme.DANA, "invite", channel=acme.SECURITY, person=acme.BOT_USER)
        await s.ctl.post(acme.DANA, acme.SECURITY, "shown")
        assert (await s.bot.next_message()).content == "shown"


async def test_a_wrong_token_cannot_log_in() -> None:
    with pytest.raises(discord.LoginFailure):
        async with scene(token="wrong.token.here"):
            pass


async def test_an_intent_that_was_not_granted_ends_the_connection() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with scene(privileged_intents=0):
            pass
    assert caught.group_contains(discord.PrivilegedIntentsRequired)


async def test_nothing_is_lost_when_sockets_are_dropped() -> None:
    async with scene() as s:
        await s.ctl.fault("refuse_sockets")
        await s.ctl.fault("drop_sockets")
        await _sockets(s, "disconnected", 0)
        for n in range(5):
            await s.ctl.post(acme.DANA, acme.CHECKOUT, f"m{n}")
        await s.ctl.clear_faults()
        assert [(await s.bot.next_message()).content for _ in range(5)] == [f"m{n}" for n in range(5)]
        async with asyncio.timeout(WAIT):
            await s.bot.resumes.wait()


async def test_reconnect_resumes_the_session() -> None:
    async with scene() as s:
        s.server.ask_to_reconnect()
        async with asyncio.timeout(WAIT):
            await s.bot.resumes.wait()
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "still there")
        assert (await s.bot.next_message()).content == "still there"


async def test_an_invalid_session_is_identified_anew() -> None:
    async with scene() as s:
        async with asyncio.timeout(WAIT):
            await s.bot.logins.get()
            s.server.invalidate_sessions()
            await s.bot.logins.get()
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "hello again")
        assert (await s.bot.next_message()).content == "hello again"


async def test_an_unknown_session_cannot_be_resumed_but_the_socket_can_identify() -> None:
    async with _raw() as (_, ws):
        await ws.send_json({"op": 6, "d": {"token": acme.BOT_TOKEN, "session_id": "unknown", "seq": 1}})
        assert (await _next(ws, op=9))["d"] is False
        assert (await _identify(ws, sent=True))["t"] == "GUILD_CREATE"


async def test_deliveries_are_acknowledged_by_heartbeats() -> None:
    async with scene(heartbeat_interval=0.05) as s:
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "hello")
        await s.bot.next_message()
        async with asyncio.timeout(WAIT):
            while not all(ack["acked_at"] for ack in await s.ctl.acks(kind="MESSAGE_CREATE")):
                await s.ctl.state()


async def test_a_client_in_a_black_hole_gives_up_and_resumes(monkeypatch: pytest.MonkeyPatch) -> None:
    # discord.py waits 30 seconds for a goodbye that a black hole never gives.
    hasty = aiohttp.ClientWSTimeout(ws_close=0.1)
    monkeypatch.setattr(aiohttp, "ClientWSTimeout", lambda ws_close: hasty)  # noqa: ARG005 -- its signature
    async with scene(heartbeat_interval=0.1, heartbeat_timeout=0.5) as s:
        await s.ctl.fault("black_hole")
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "swallowed")
        assert (await s.bot.next_message()).content == "swallowed"
        async with asyncio.timeout(WAIT):
            await s.bot.resumes.wait()


async def test_a_black_hole_swallows_until_it_is_cleared() -> None:
    async with _raw() as (emulator, ws):
        await _identify(ws)
        emulator.faults.add({"kind": "black_hole"})
        await ws.send_json({"op": 1, "d": 1})
        with pytest.raises(TimeoutError):
            await ws.receive(timeout=0.05)
        emulator.faults.clear()
        await ws.send_json({"op": 1, "d": 1})
        await _next(ws, op=11)


async def test_a_client_without_heartbeats_is_asked_and_then_cut_off() -> None:
    async with _raw() as (emulator, ws):
        await _identify(ws)
        emulator.clock.advance(62)
        await _next(ws, op=1)
        emulator.clock.advance(21)
        assert await _close_code(ws) == 4009


async def test_moving_time_does_not_cut_off_a_living_client() -> None:
    async with scene() as s:
        since = await s.ctl.seq()
        await s.ctl.clock(3600)
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "ping")
        await s.ctl.wait_message(contains="pong", since=since)
        events = s.server.log.since(since)
        assert [event for event in events if event["type"] == "connection"] == []


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"op": 2, "d": {"token": "wrong", "intents": 1}}', 4004),
        (json.dumps({"op": 2, "d": {"token": acme.BOT_TOKEN, "intents": 1 << 28}}), 4013),
        ('{"op": 99}', 4001),
        ("no json", 4002),
        ('{"op": 8, "d": {}}', 4003),
    ],
)
async def test_wrong_frames_close_the_connection_with_their_code(frame: str, code: int) -> None:
    async with _raw() as (_, ws):
        await ws.send_str(frame)
        assert await _close_code(ws) == code


async def test_more_than_120_sends_a_minute_close_the_connection() -> None:
    async with _raw() as (emulator, ws):
        await _identify(ws)
        for _ in range(119):
            await ws.send_json({"op": 3, "d": {}})
        emulator.clock.advance(60)
        for _ in range(121):
            await ws.send_json({"op": 3, "d": {}})
        assert await _close_code(ws) == 4008


@pytest.mark.parametrize("shard", [[1, 1], [-1, 2], [0], "0", None])
async def test_a_shard_that_cannot_be_is_refused(shard: object) -> None:
    async with _raw() as (_, ws):
        await ws.send_json({"op": 2, "d": {"token": acme.BOT_TOKEN, "intents": 1, "shard": shard}})
        assert await _close_code(ws) == 4010


async def test_each_shard_hears_of_its_own_servers_and_the_first_of_direct_messages() -> None:
    wanted = intents.GUILDS | intents.GUILD_MESSAGES | intents.DIRECT_MESSAGES | intents.MESSAGE_CONTENT
    ours = (int(acme.GUILD) >> 22) % 3
    async with DiscordEmulator() as emulator, aiohttp.ClientSession() as http, ControlClient(emulator.url) as ctl:
        got: dict[int, list[str]] = {}
        for shard in range(3):
            async with http.ws_connect(f"{emulator.gateway_url}?v=10&encoding=json") as ws:
                wish = {"token": acme.BOT_TOKEN, "intents": wanted, "shard": [shard, 3]}
                await ws.send_json({"op": 2, "d": wish})
                assert (await _next(ws, op=0))["d"]["shard"] == [shard, 3]
                await ctl.post(acme.DANA, acme.CHECKOUT, "server")
                await ctl.direct(acme.DANA, "direct")
                emulator.ask_to_reconnect()
                got[shard] = [frame["d"]["content"] for frame in await _until_reconnect(ws) if "content" in frame["d"]]
        assert {shard for shard, texts in got.items() if "server" in texts} == {ours}
        assert {shard for shard, texts in got.items() if "direct" in texts} == {0}


async def test_an_old_version_of_the_gateway_is_refused() -> None:
    async with (
        DiscordEmulator() as emulator,
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{emulator.gateway_url}?v=6") as ws,
    ):
        assert await _close_code(ws) == 4012


async def test_deliveries_can_be_duplicated_and_delayed() -> None:
    async with scene() as s:
        await s.ctl.fault("duplicate", match="MESSAGE_CREATE", times=1)
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "twice")
        assert [(await s.bot.next_message()).content for _ in range(2)] == ["twice", "twice"]
        await s.ctl.fault("delay", match="MESSAGE_CREATE", times=1, seconds=60)
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "slow")
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "fast")
        await s.ctl.clock(60)
        assert [(await s.bot.next_message()).content for _ in range(2)] == ["fast", "slow"]


async def test_the_stream_is_compressed_when_asked() -> None:
    async with _raw(query="&compress=zlib-stream") as (_, ws):
        inflate = zlib.decompressobj()
        data = (await ws.receive(timeout=WAIT)).data
        assert data.endswith(b"\x00\x00\xff\xff")
        assert json.loads(inflate.decompress(data))["op"] == 10


async def test_an_unknown_compression_is_refused() -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with _raw(query="&compress=lzma"):
            pass


# --- a bare websocket ------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _raw(query: str = "") -> AsyncIterator[tuple[DiscordEmulator, aiohttp.ClientWebSocketResponse]]:
    async with (
        DiscordEmulator() as emulator,
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{emulator.gateway_url}?v=10&encoding=json{query}") as ws,
    ):
        yield emulator, ws


async def _identify(ws: aiohttp.ClientWebSocketResponse, *, sent: bool = False) -> Json:
    """IDENTIFY; READY, or with `sent` what comes after it."""
    await ws.send_json({"op": 2, "d": {"token": acme.BOT_TOKEN, "intents": intents.GUILDS, "properties": {}}})
    ready = await _next(ws, op=0)
    after = await _next(ws, op=0)
    return after if sent else ready


async def _next(ws: aiohttp.ClientWebSocketResponse, *, op: int) -> Json:
    async with asyncio.timeout(WAIT):
        while True:
            frame: Json = await ws.receive_json()
            if frame["op"] == op:
                return frame


async def _until_reconnect(ws: aiohttp.ClientWebSocketResponse) -> list[Json]:
    frames: list[Json] = []
    async with asyncio.timeout(WAIT):
        while not frames or frames[-1]["op"] != 7:
            frames.append(await ws.receive_json())
    return [frame for frame in frames if frame["op"] == 0]


async def _close_code(ws: aiohttp.ClientWebSocketResponse) -> int | None:
    while (await ws.receive(timeout=WAIT)).type is aiohttp.WSMsgType.TEXT:
        continue
    return ws.close_code
