"""The Discord emulator's REST API through real discord.py: pages, files, threads, errors, and limits of rate."""

import io
import json

import aiohttp
import discord
import pytest

from bot.emulators.common.clock import PlatformClock
from bot.emulators.discord import acme, permissions
from tests.contract.discord_client import scene

_CHECKOUT = f"/channels/{acme.CHECKOUT}"


async def test_history_comes_in_pages_in_every_direction() -> None:
    async with scene(connected=False) as s:
        ids = [str((await s.say(content=f"m{n}"))["id"]) for n in range(7)]

        async def page(**query: object) -> list[str]:
            found = await s.call("GET", f"{_CHECKOUT}/messages", params=query)
            return [message["content"] for message in found]

        assert await page(limit=2) == ["m6", "m5"]
        assert await page(limit=2, before=ids[5]) == ["m4", "m3"]
        assert await page(limit=2, after=ids[1]) == ["m3", "m2"]
        assert await page(limit=3, around=ids[3]) == ["m4", "m3", "m2"]


async def test_a_message_is_read_changed_and_deleted() -> None:
    async with scene() as s:
        message = await s.bot.room().send("one", embed=discord.Embed(title="t"))
        changed = await message.edit(content="two", embed=None)
        assert (changed.content, changed.embeds) == ("two", [])
        assert (await s.bot.room().fetch_message(message.id)).edited_at is not None
        await message.delete()
        with pytest.raises(discord.NotFound) as caught:
            await s.bot.room().fetch_message(message.id)
        assert caught.value.code == 10008


async def test_a_file_is_uploaded_and_read_back() -> None:
    async with scene() as s:
        upload = discord.File(__file__, filename="a.py", description="this")
        message = await s.bot.room().send("here", file=upload)
        attachment = message.attachments[0]
        assert (attachment.filename, attachment.description) == ("a.py", "this")
        assert b"read back" in await attachment.read()
        assert (await message.edit(attachments=[])).attachments == []


async def test_an_uploaded_page_cannot_drive_the_emulator() -> None:
    async with scene() as s, aiohttp.ClientSession() as http:
        message = await s.bot.room().send(file=discord.File(io.BytesIO(b"<script>"), filename="a.html"))
        answer = await http.get(message.attachments[0].url)
        assert answer.headers["Content-Security-Policy"] == "sandbox"


async def test_threads_are_opened_written_to_and_listed() -> None:
    async with scene() as s:
        message = await s.bot.room().send("start")
        thread = await message.create_thread(name="talk")
        await thread.send("inside")
        with pytest.raises(discord.HTTPException) as caught:
            await message.create_thread(name="again")
        assert caught.value.code == 160004
        alone = await s.bot.room().create_thread(name="alone", type=discord.ChannelType.public_thread)
        active = await s.bot.guilds[0].active_threads()
        assert {found.id for found in active} == {thread.id, alone.id}
        assert thread.id == message.id


async def test_a_person_opens_a_thread_and_the_bot_reads_it() -> None:
    async with scene() as s:
        asked = await s.ctl.post(acme.DANA, acme.CHECKOUT, "start")
        thread = (await s.ctl.act(acme.DANA, "open_thread", message=asked, name="talk"))["channel"]
        await s.ctl.post(acme.DANA, acme.CHECKOUT, "ping", thread=thread)
        answer = await s.ctl.wait_message(contains="pong", thread=thread)
        assert answer.message["channel"] == thread


async def test_reactions_of_both_sides_are_seen() -> None:
    async with scene() as s:
        message = await s.bot.room().send("vote")
        await message.add_reaction("👍")
        await s.ctl.react(acme.DANA, str(message.id), "👍")
        reaction = (await message.fetch()).reactions[0]
        assert (reaction.count, reaction.me) == (2, True)
        assert {user.id async for user in reaction.users()} == {int(acme.BOT_USER), int(acme.DANA)}
        await message.clear_reactions()
        assert (await message.fetch()).reactions == []


async def test_pins_are_kept() -> None:
    async with scene() as s:
        message = await s.bot.room().send("keep")
        await message.pin()
        assert [pin.id async for pin in s.bot.room().pins()] == [message.id]
        await message.unpin()
        assert [pin async for pin in s.bot.room().pins()] == []


async def test_direct_messages_reach_a_stranger() -> None:
    async with scene() as s:
        kim = await s.bot.fetch_user(int(acme.KIM))
        sent = await kim.send("hello")
        assert (await s.ctl.wait_message(contains="hello")).message["channel"] == str(sent.channel.id)


async def test_members_and_roles_are_listed() -> None:
    async with scene() as s:
        guild = s.bot.guilds[0]
        members = [member async for member in guild.fetch_members()]
        assert {int(acme.DANA), int(acme.ROBIN)} < {member.id for member in members}
        assert next(member for member in members if member.id == int(acme.ROBIN)).pending
        assert {role.name for role in await guild.fetch_roles()} == {"@everyone", "operators", "releases", "Copilot"}


async def test_the_same_nonce_is_the_same_message() -> None:
    async with scene(connected=False) as s:
        first = await s.say(content="once", nonce="n1", enforce_nonce=True)
        second = await s.say(content="once", nonce="n1", enforce_nonce=True)
        third = await s.say(content="once", nonce="n1")
        assert first["id"] == second["id"] != third["id"]
        await s.ctl.clock(400)
        assert (await s.say(content="once", nonce="n1", enforce_nonce=True))["id"] != first["id"]


@pytest.mark.parametrize(
    ("allowed", "pinged"),
    [
        (None, [acme.DANA, acme.LEE]),
        ({"parse": []}, []),
        ({"parse": ["users"]}, [acme.DANA, acme.LEE]),
        ({"parse": [], "users": [acme.LEE]}, [acme.LEE]),
    ],
)
async def test_allowed_mentions_decide_who_is_pinged(allowed: object, pinged: list[str]) -> None:
    async with scene(connected=False) as s:
        extra = {} if allowed is None else {"allowed_mentions": allowed}
        sent = await s.say(content=f"<@{acme.DANA}> <@{acme.LEE}> `<@{acme.SAM}>`", **extra)
        assert [user["id"] for user in sent["mentions"]] == pinged


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/channels/1", 404, 10003),
        ("GET", f"/channels/{acme.SECURITY}", 403, 50001),
        ("GET", f"{_CHECKOUT}/messages/1", 404, 10008),
        ("GET", "/guilds/1", 404, 10004),
        ("GET", f"/guilds/{acme.GUILD}/members/{acme.KIM}", 404, 10007),
        ("GET", "/users/1", 404, 10013),
        ("GET", f"/applications/{acme.APPLICATION}/commands/1", 404, 10063),
        ("GET", f"/webhooks/{acme.APPLICATION}/none/messages/@original", 404, 10015),
        ("GET", "/sticker-packs", 404, 0),
    ],
)
async def test_what_does_not_exist_answers_its_code(method: str, path: str, status: int, code: int) -> None:
    async with scene(connected=False) as s:
        error = await s.error(method, path)
        assert (error.status, error.code) == (status, code)


async def test_a_message_of_somebody_else_cannot_be_edited() -> None:
    async with scene(connected=False) as s:
        theirs = await s.ctl.post(acme.DANA, acme.CHECKOUT, "mine")
        error = await s.error("PATCH", f"{_CHECKOUT}/messages/{theirs}", json={"content": "yours"})
        assert (error.status, error.code) == (403, 50005)


async def test_what_the_role_does_not_grant_is_refused() -> None:
    async with scene(connected=False, bot_permissions=permissions.VIEW_CHANNEL) as s:
        error = await s.error("POST", f"{_CHECKOUT}/messages", json={"content": "x"})
        assert (error.status, error.code) == (403, 50013)


async def test_a_call_without_a_token_is_refused() -> None:
    async with scene(connected=False) as s, aiohttp.ClientSession() as http:
        response = await http.get(f"{s.server.api_url}/users/@me")
        assert (response.status, await response.json()) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_unknown_routes_are_listed_as_gaps() -> None:
    async with scene(connected=False) as s:
        await s.error("GET", "/sticker-packs")
        assert (await s.ctl.gaps())["asked"] == ["GET /sticker-packs"]


async def test_commands_are_overwritten_changed_and_deleted() -> None:
    base = f"/applications/{acme.APPLICATION}/commands"
    async with scene(connected=False) as s:
        first = await s.call(
            "PUT", base, json=[{"name": "one", "description": "d"}, {"name": "two", "description": "d"}]
        )
        again = await s.call("PUT", base, json=[{"name": "two", "description": "e"}])
        assert again[0]["id"] == first[1]["id"]
        changed = await s.call("PATCH", f"{base}/{again[0]['id']}", json={"description": "f"})
        assert (await s.call("GET", base))[0]["description"] == changed["description"] == "f"
        await s.call("DELETE", f"{base}/{again[0]['id']}")
        assert await s.call("GET", base) == []


# --- rate limits and faults ---------------------------------------------------------------------------------------


async def _post(http: aiohttp.ClientSession, url: str) -> aiohttp.ClientResponse:
    return await http.post(
        f"{url}{_CHECKOUT}/messages", json={"content": "x"}, headers={"Authorization": f"Bot {acme.BOT_TOKEN}"}
    )


async def test_the_sixth_message_in_five_seconds_is_too_many() -> None:
    async with scene(connected=False, limits="real") as s, aiohttp.ClientSession() as http:
        answers = [await _post(http, s.server.api_url) for _ in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
        body = json.loads(await answers[5].text())
        assert 4 < body["retry_after"] <= 5
        assert body["global"] is False
        await s.ctl.clock(5)
        assert (await _post(http, s.server.api_url)).status == 200


async def test_fifty_calls_a_second_are_the_most() -> None:
    frozen = PlatformClock(lambda: 1_800_000_000.0)
    async with scene(connected=False, limits="real", clock=frozen) as s, aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bot {acme.BOT_TOKEN}"}
        paths = ["/oauth2/applications/@me", f"/users/{acme.DANA}"] * 25
        answers = [await http.get(s.server.api_url + path, headers=headers) for path in paths]
        # The login made two calls.
        assert [answer.status for answer in answers] == [200] * 48 + [429] * 2
        assert answers[-1].headers["X-RateLimit-Global"] == "true"
        assert (await answers[-1].json())["global"] is True


async def test_discord_py_waits_when_told_to_and_goes_on() -> None:
    async with scene(connected=False) as s:
        await s.ctl.fault("rate_limit", match="*/messages", times=1, retry_after=0.01)
        await s.say(content="x")
        assert [request["status"] for request in await s.ctl.requests(path="/messages")] == [429, 200]


async def test_errors_and_dropped_answers_can_be_injected() -> None:
    async with scene(connected=False) as s:
        await s.ctl.fault("error", match="*/messages", times=1, status=503)
        assert (await s.error("POST", f"{_CHECKOUT}/messages", json={"content": "x"})).status == 503
        await s.ctl.fault("drop_response", match="*/messages", times=1)
        with pytest.raises((aiohttp.ClientError, OSError)):
            await s.say(content="kept")
        assert (await s.ctl.wait_message(contains="kept")).message["author"] == acme.BOT_USER


async def test_a_budget_replaces_the_other_limits() -> None:
    async with scene(connected=False, limits="real") as s, aiohttp.ClientSession() as http:
        await s.ctl.fault("budget", per_second=2)
        answers = [await _post(http, s.server.api_url) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]


async def test_a_body_that_is_no_json_is_refused() -> None:
    async with scene(connected=False) as s, aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bot {acme.BOT_TOKEN}", "Content-Type": "application/json"}
        answer = await http.post(f"{s.server.api_url}{_CHECKOUT}/messages", data=b"{", headers=headers)
        assert (answer.status, (await answer.json())["code"]) == (400, 50109)
        assert answer.headers["Content-Type"] == "application/json"
