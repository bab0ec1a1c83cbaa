"""The Web API through slack_sdk: errors, scopes, pages, files, streams and rate limits."""

import asyncio
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulators.slack import acme, scopes
from tests.contract.slack_emulator import bare_socket, scene

Json = dict[str, Any]

ERRORS: list[tuple[str, str, Json]] = [
    ("bookmark_not_found", "bookmarks.remove", {"channel_id": acme.CHECKOUT, "bookmark_id": "Bk1"}),
    ("cant_invite_self", "conversations.invite", {"channel": acme.CHECKOUT, "users": acme.BOT_USER}),
    ("already_in_channel", "conversations.invite", {"channel": acme.CHECKOUT, "users": acme.DANA}),
    ("user_not_found", "conversations.invite", {"channel": acme.CHECKOUT, "users": "U404"}),
    ("cant_kick_self", "conversations.kick", {"channel": acme.CHECKOUT, "user": acme.BOT_USER}),
    ("channel_not_found", "chat.postMessage", {"channel": "C404", "text": "x"}),
    ("channel_not_found", "chat.postMessage", {"channel": acme.SECURITY, "text": "x"}),
    ("channel_not_found", "conversations.info", {"channel": acme.SECURITY}),
    ("file_not_found", "files.completeUploadExternal", {"files": [{"id": "F404"}], "channel_id": acme.CHECKOUT}),
    ("invalid_cursor", "users.list", {"cursor": "nonsense"}),
    ("invalid_name_specials", "conversations.create", {"name": "No Spaces"}),
    ("invalid_types", "conversations.list", {"types": "fax"}),
    ("message_not_found", "chat.update", {"channel": acme.CHECKOUT, "ts": "1.2", "text": "x"}),
    ("message_not_found", "reactions.add", {"channel": acme.CHECKOUT, "timestamp": "1.2", "name": "eyes"}),
    ("missing_recipient_user_id", "chat.startStream", {"channel": acme.CHECKOUT, "thread_ts": "1.2"}),
    ("name_taken", "conversations.create", {"name": "checkout"}),
    ("no_such_subteam", "usergroups.users.list", {"usergroup": "S404"}),
    ("not_allowed_token_type", "apps.connections.open", {}),
    ("thread_not_found", "conversations.replies", {"channel": acme.CHECKOUT, "ts": "1.2"}),
    ("unknown_method", "chat.sing", {}),
    ("user_not_found", "users.info", {"user": "U404"}),
    ("user_not_found", "views.publish", {"user_id": "U404", "view": {"type": "home", "blocks": []}}),
    ("user_not_in_channel", "chat.postEphemeral", {"channel": acme.CHECKOUT, "user": acme.KIM, "text": "x"}),
    ("users_not_found", "users.lookupByEmail", {"email": "nobody@acme.example"}),
    ("users_not_found", "users.lookupByEmail", {"email": "pat@acme.example"}),
]


@pytest.mark.parametrize(("error", "method", "arguments"), ERRORS)
async def test_a_call_fails_with_slacks_own_code(error: str, method: str, arguments: Json) -> None:
    async with scene() as s:
        assert await s.error(method, **arguments) == error


async def test_tokens_are_checked() -> None:
    async with scene() as s:
        for token, error in (("xoxb-wrong", "invalid_auth"), ("", "not_authed")):
            with pytest.raises(SlackApiError, match=error):
                await AsyncWebClient(token=token, base_url=s.slack.api_url).auth_test()
        s.slack.revoke_tokens()
        assert await s.error("auth.test") == "token_revoked"


async def test_a_token_may_stand_in_the_form() -> None:
    async with scene() as s, httpx.AsyncClient(base_url=s.slack.api_url) as http:
        answer = await http.post("auth.test", data={"token": s.slack.bot_token})
        assert answer.json()["user_id"] == acme.BOT_USER
        answer = await http.get("auth.test", headers={"Authorization": f"Bearer {s.slack.bot_token}"})
        assert answer.json()["team_id"] == acme.TEAM
        assert s.slack.bot_token not in str(await s.ctl.requests())


async def test_a_missing_scope_is_named() -> None:
    async with scene(scopes={"chat:write"}) as s:
        with pytest.raises(SlackApiError, match="missing_scope") as caught:
            await s.client.users_info(user=acme.DANA)
        assert (caught.value.response["needed"], caught.value.response["provided"]) == ("users:read", "chat:write")


async def test_the_kind_of_channel_decides_the_scope() -> None:
    async with scene(scopes={"channels:history", "channels:read"}) as s:
        direct = await s.ctl.direct(acme.DANA, "hello")
        assert (await s.client.conversations_history(channel=acme.CHECKOUT))["ok"]
        assert await s.error("conversations.history", channel=direct["channel"]) == "missing_scope"


async def test_an_e_mail_address_is_shown_only_with_its_scope() -> None:
    async with scene(scopes={"users:read"}) as s:
        assert "email" not in (await s.client.users_info(user=acme.DANA))["user"]["profile"]
    async with scene() as s:
        assert (await s.client.users_info(user=acme.DANA))["user"]["profile"]["email"] == "dana@acme.example"


@pytest.mark.parametrize(("public", "error"), [(False, "not_in_channel"), (True, None)])
async def test_posting_needs_membership_unless_granted_for_public_channels(public: bool, error: str | None) -> None:
    granted = {*scopes.DEFAULT_SCOPES, *(["chat:write.public"] if public else [])}
    async with scene(scopes=granted) as s:
        await s.ctl.act(acme.LEE, "remove", channel=acme.DEPLOYS, person=acme.BOT_USER)
        if error:
            assert await s.error("chat.postMessage", channel=acme.DEPLOYS, text="x") == error
        else:
            assert (await s.client.chat_postMessage(channel=acme.DEPLOYS, text="x"))["ok"]


async def test_lists_come_in_pages_that_add_up() -> None:
    async with scene() as s:
        await s.ctl.seed(people=25, channels=25)
        people, channels = [], []
        async for page in await s.client.users_list(limit=10):
            people += [user["id"] for user in page["members"]]
        async for page in await s.client.conversations_list(limit=7, types="public_channel,im"):
            channels += [channel["id"] for channel in page["channels"]]
        assert len(people) == len(set(people)) == 25 + 8
        assert len(channels) == len(set(channels)) == 25 + 6


async def test_history_is_newest_first_in_pages_and_leaves_replies_to_the_thread() -> None:
    async with scene() as s:
        tops = [await s.ctl.post(acme.DANA, acme.CHECKOUT, f"top {n}") for n in range(5)]
        replies = [await s.ctl.post(acme.LEE, acme.CHECKOUT, f"reply {n}", thread=tops[0]) for n in range(3)]
        found: list[str] = []
        async for page in await s.client.conversations_history(channel=acme.CHECKOUT, limit=2):
            found += [message["ts"] for message in page["messages"]]
        assert found == tops[::-1]
        thread = await s.client.conversations_replies(channel=acme.CHECKOUT, ts=tops[0])
        assert [message["ts"] for message in thread["messages"]] == [tops[0], *replies]
        assert thread["messages"][0]["reply_count"] == 3
        since = await s.client.conversations_history(channel=acme.CHECKOUT, oldest=tops[3])
        assert [message["ts"] for message in since["messages"]] == [tops[4]]


async def test_metadata_is_shown_when_asked_for() -> None:
    async with scene() as s:
        metadata = {"event_type": "row", "event_payload": {"id": "1"}}
        await s.client.chat_postMessage(channel=acme.CHECKOUT, text="x", metadata=metadata)
        plain = await s.client.conversations_history(channel=acme.CHECKOUT)
        full = await s.client.conversations_history(channel=acme.CHECKOUT, include_all_metadata=True)
        assert "metadata" not in plain["messages"][0]
        assert full["messages"][0]["metadata"] == metadata


async def test_only_own_messages_can_be_changed() -> None:
    async with scene() as s:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "mine")
        assert await s.error("chat.update", channel=acme.CHECKOUT, ts=ts, text="x") == "cant_update_message"
        assert await s.error("chat.delete", channel=acme.CHECKOUT, ts=ts) == "cant_delete_message"


async def test_an_incident_channel_is_made_and_archived() -> None:
    async with scene() as s:
        id_ = (await s.client.conversations_create(name="inc-42"))["channel"]["id"]
        await s.client.conversations_invite(channel=id_, users=[acme.DANA, acme.LEE])
        await s.client.conversations_setTopic(channel=id_, topic="Burning")
        link = (await s.client.bookmarks_add(channel_id=id_, title="Board", type="link", link="https://x.example"))[
            "bookmark"
        ]
        await s.client.bookmarks_edit(channel_id=id_, bookmark_id=link["id"], title="The board")
        ts = (await s.client.chat_postMessage(channel=id_, text="start"))["ts"]
        await s.client.pins_add(channel=id_, timestamp=ts)
        assert (await s.client.pins_list(channel=id_))["items"][0]["message"]["ts"] == ts
        assert (await s.client.bookmarks_list(channel_id=id_))["bookmarks"][0]["title"] == "The board"
        assert set((await s.client.conversations_members(channel=id_))["members"]) == {
            acme.BOT_USER,
            acme.DANA,
            acme.LEE,
        }
        await s.client.conversations_archive(channel=id_)
        assert await s.error("chat.postMessage", channel=id_, text="x") == "is_archived"


async def test_reactions_count_people_once() -> None:
    async with scene() as s:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "look")
        item = {"channel": acme.CHECKOUT, "timestamp": ts, "name": "eyes"}
        await s.client.reactions_add(**item)
        await s.ctl.react(acme.LEE, ts, "eyes")
        assert await s.error("reactions.add", **item) == "already_reacted"
        reactions = (await s.client.reactions_get(channel=acme.CHECKOUT, timestamp=ts))["message"]["reactions"]
        assert reactions == [{"name": "eyes", "users": [acme.BOT_USER, acme.LEE], "count": 2}]
        await s.client.reactions_remove(**item)
        assert await s.error("reactions.remove", **item) == "no_reaction"


async def test_an_uploaded_file_becomes_a_message_and_can_be_read() -> None:
    async with scene() as s, httpx.AsyncClient() as http:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "logs?")
        uploaded = await s.client.files_upload_v2(
            channel=acme.CHECKOUT, thread_ts=ts, filename="app.log", content="line one", initial_comment="here"
        )
        event = await s.ctl.wait_message(contains="app.log", author=acme.BOT_USER)
        assert (event.message["thread"], event.message["raw"]["text"]) == (ts, "here")
        assert (await http.get(uploaded["file"]["url_private"])).text == "line one"
        assert (await s.client.files_info(file=uploaded["file"]["id"]))["file"]["channels"] == [acme.CHECKOUT]


async def test_a_stream_grows_and_ends() -> None:
    async with scene() as s:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "tell me")
        stream = await s.client.chat_stream(
            channel=acme.CHECKOUT, thread_ts=ts, recipient_user_id=acme.DANA, recipient_team_id=acme.TEAM, buffer_size=1
        )
        await stream.append(markdown_text="**one** ")
        await stream.append(markdown_text="two")
        place = {"channel": acme.CHECKOUT, "ts": stream.ts}
        assert await s.error("chat.update", **place, text="x") == "streaming_state_conflict"
        await stream.stop(markdown_text=" three")
        event = await s.ctl.wait_message(contains="three")
        assert (event.message["raw"]["text"], event.message["raw"]["streaming_state"]) == (
            "**one** two three",
            "completed",
        )
        assert await s.error("chat.appendStream", **place, markdown_text="x") == "message_not_in_streaming_state"


async def test_posts_to_one_channel_are_limited_after_a_burst() -> None:
    async with scene(limits="real") as s:
        for _ in range(10):
            await s.client.chat_postMessage(channel=acme.CHECKOUT, text="x")
        with pytest.raises(SlackApiError, match="ratelimited") as caught:
            await s.client.chat_postMessage(channel=acme.CHECKOUT, text="x")
        assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
        assert (await s.client.chat_postMessage(channel=acme.DEPLOYS, text="other channel"))["ok"]
        await s.ctl.clock(1)
        assert (await s.client.chat_postMessage(channel=acme.CHECKOUT, text="x"))["ok"]


async def test_a_budget_replaces_the_platforms_own_limits() -> None:
    async with scene() as s:
        await s.ctl.fault("budget", match="conversations.history", per_second=1 / 60)
        assert (await s.client.conversations_history(channel=acme.CHECKOUT))["ok"]
        assert await s.error("conversations.history", channel=acme.CHECKOUT) == "ratelimited"
        await s.ctl.clock(61)
        assert (await s.client.conversations_history(channel=acme.CHECKOUT))["ok"]


async def test_injected_errors_hit_the_matching_methods_as_often_as_asked() -> None:
    async with scene() as s:
        await s.ctl.fault("rate_limit", match="chat.*", times=1, retry_after=7)
        await s.ctl.fault("error", match="chat.postMessage", times=1, status=503)
        assert (await s.client.auth_test())["ok"]
        with pytest.raises(SlackApiError) as caught:
            await s.client.chat_postMessage(channel=acme.CHECKOUT, text="x")
        assert caught.value.response.headers["Retry-After"] == "7"
        with pytest.raises(SlackApiError) as caught:
            await s.client.chat_postMessage(channel=acme.CHECKOUT, text="x")
        assert caught.value.response.status_code == 503
        assert (await s.client.chat_postMessage(channel=acme.CHECKOUT, text="x"))["ok"]


async def test_a_dropped_response_has_done_its_work() -> None:
    async with scene() as s, httpx.AsyncClient(base_url=s.slack.api_url) as http:
        await s.ctl.fault("drop_response", match="chat.postMessage", times=1)
        with pytest.raises(httpx.TransportError):
            await http.post(
                "chat.postMessage", data={"token": s.slack.bot_token, "channel": acme.CHECKOUT, "text": "done"}
            )
        assert await s.ctl.wait_message(contains="done")


async def test_latency_passes_with_the_platforms_clock() -> None:
    async with scene() as s, asyncio.timeout(10), asyncio.TaskGroup() as group:
        await s.ctl.fault("latency", match="auth.test", seconds=3600)
        call = group.create_task(s.client.auth_test())
        while not await s.ctl.requests():
            assert not call.done()
        await s.ctl.clock(3600)
        assert (await call)["ok"]


async def test_a_stream_shows_tasks_once_each() -> None:
    async with scene() as s:
        ts = await s.ctl.post(acme.DANA, acme.CHECKOUT, "work")
        place = {
            "channel": acme.CHECKOUT,
            "thread_ts": ts,
            "recipient_user_id": acme.DANA,
            "recipient_team_id": acme.TEAM,
        }
        task = {"type": "task_update", "id": "t1", "title": "Look", "status": "in_progress"}
        stream = (await s.client.chat_startStream(**place, chunks=[task]))["ts"]
        await s.client.chat_stopStream(channel=acme.CHECKOUT, ts=stream, chunks=[{**task, "status": "complete"}])
        history = await s.client.conversations_replies(channel=acme.CHECKOUT, ts=ts)
        (card,) = history["messages"][1]["blocks"]
        assert (card["type"], card["task_id"], card["status"]) == ("task_card", "t1", "complete")


async def test_people_share_files_too() -> None:
    async with scene() as s, bare_socket(s.slack) as socket, httpx.AsyncClient() as http:
        files = [{"name": "trace.txt", "content": "boom"}]
        await s.ctl.act(acme.DANA, "post", channel=acme.CHECKOUT, text="see @copilot", files=files)
        event = (await socket.event("app_mention"))["payload"]["event"]
        assert event["subtype"] == "file_share"
        assert (await http.get(event["files"][0]["url_private"])).text == "boom"


@pytest.mark.parametrize(
    ("content", "type_", "error"),
    [
        ("{", "application/json", "invalid_json"),
        ("[]", "application/json", "json_not_object"),
        ("x", "text/csv", "invalid_post_type"),
    ],
)
async def test_an_unreadable_body_is_refused(content: str, type_: str, error: str) -> None:
    async with scene() as s, httpx.AsyncClient(base_url=s.slack.api_url) as http:
        answer = await http.post("auth.test", content=content, headers={"Content-Type": type_})
        assert answer.json() == {"ok": False, "error": error}


async def test_an_upload_of_another_length_is_refused() -> None:
    async with scene() as s, httpx.AsyncClient() as http:
        upload = await s.client.files_getUploadURLExternal(filename="a.txt", length=3)
        assert (await http.post(upload["upload_url"], content=b"four")).status_code == 400
        assert (await http.post(upload["upload_url"], files={"file": b"yes"})).status_code == 200
        done = await s.client.files_completeUploadExternal(files=[{"id": upload["file_id"]}], channel_id=acme.CHECKOUT)
        assert done["files"][0]["title"] == "a.txt"
