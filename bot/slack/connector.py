"""Sends to Slack. Works in any process: it has no socket of its own."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import limits
from bot.slack.errors import SERVICE, UNKNOWN_GROUP, UNKNOWN_PERSON, mapped, partly_sent, refused
from bot.slack.inbound import Me
from bot.slack.overheard import heard_in
from bot.slack.render import Payload, render
from bot.slack.rooms import SlackRooms
from bot.slack.views import render_form, render_home
from core.actors import Standing
from core.errors import NotFoundError, UpstreamRejected, UpstreamUnavailable
from core.messages import Account, File, Form, Handle, Heard, MessageRef, Place, Platform, Reply
from core.ports.platforms import GONE, Profile

Json = dict[str, Any]

_EVENT_TYPE = "copilot_post"
"""Of the metadata that a post carries, by which it is found again."""
_PAGE = 200
_PAGES = 10
"""Of a thread, which Slack lists from its beginning. A channel is listed from its end: one page will do."""
_FILES = "files:"
"""Marks the last of a message's parts: not a message but the digest of the files sent with it."""


@asynccontextmanager
async def web_client(token: str, api_url: str, *, timeout: float = 10.0) -> AsyncIterator[AsyncWebClient]:
    """A client with one session for all calls: without it slack_sdk opens one a call, which halves the throughput."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout)) as session:
        # No retries of its own: it would post again after an unknown outcome. The sender owns retries.
        yield AsyncWebClient(token=token, base_url=api_url, session=session, timeout=int(timeout), retry_handlers=[])


class SlackConnector(SlackRooms):
    """Implements the ports of `core.ports.platforms` on Slack's Web API."""

    @property
    def platform(self) -> Platform:
        """Slack."""
        return Platform.SLACK

    async def post(self, place: Place, reply: Reply, *, key: str) -> MessageRef:
        """See `Posts.post`. When a later part fails the outcome counts as unknown: `find` and `edit` complete what was begun."""
        rendered = render(reply)
        parts = [await self._post(place, rendered.messages[0], f"{key}/0")]
        with partly_sent():
            for n, payload in enumerate(rendered.messages[1:], start=1):
                parts.append(await self._post(place, payload, f"{key}/{n}"))
            await self._upload(place.channel, place.thread or parts[0], rendered.files)
        return MessageRef(place, (*parts, *_marker(rendered.files)))

    async def find(self, place: Place, *, key: str) -> MessageRef | None:
        """See `Posts.find`."""
        try:
            sent = await self._sent(place, key)
        except UpstreamRejected as error:
            if error.reason != GONE:
                raise
            sent = {}
        return MessageRef(place, tuple(sent[n] for n in sorted(sent))) if sent else None

    async def edit(self, ref: MessageRef, reply: Reply, *, key: str) -> MessageRef:
        """See `Edits.edit`. Files are sent anew when they are others than before."""
        rendered, place = render(reply), ref.place
        old = [part for part in ref.parts if not part.startswith(_FILES)]
        # An earlier attempt at this edit may have added parts that nobody noted.
        known = await self._sent(place, key) if len(rendered.messages) > len(old) else {}
        parts: list[str] = []
        for n, payload in enumerate(rendered.messages):
            ts = old[n] if n < len(old) else known.get(n, "")
            if ts:
                await self._update(place, ts, payload)
            parts.append(ts or await self._post(place, payload, f"{key}/{n}"))
        for ts in old[len(parts) :]:
            await self._delete(place, ts)
        marker = _marker(rendered.files)
        if not set(marker) <= set(ref.parts):
            await self._upload(place.channel, place.thread or parts[0], rendered.files)
        return MessageRef(place, (*parts, *marker))

    async def answer(self, handle: Handle, place: Place, reply: Reply, *, private: bool, key: str) -> MessageRef | None:
        """See `Answers.answer`: by the response_url, which works five times and carries no files. A private reply that is too
        much for it counts as one with a dead handle, so that the sender whispers it."""
        rendered = render(reply)
        if len(rendered.messages) > limits.RESPONSE_URL_USES or (private and rendered.files):
            raise UpstreamRejected(SERVICE, "That is too much for the short way.", reason=GONE)
        for payload in rendered.messages:
            body = {
                "response_type": "ephemeral" if private else "in_channel",
                "replace_original": False,
                "text": payload.text,
                "blocks": list(payload.blocks),
            }
            await self._respond(handle.token, {**body, "thread_ts": place.thread} if place.thread else body)
        await self._upload(place.channel, place.thread or "", rendered.files)
        return None

    async def whisper(self, place: Place, person: Account, reply: Reply, *, key: str) -> None:
        """See `Whispers.whisper`; in a direct message an ordinary one, since nobody else is there. Files, which cannot be seen
        by one person only in a channel, go to the direct message."""
        if place.direct:
            await self.post(place, reply, key=key)
            return
        rendered = render(reply)
        for payload in rendered.messages:
            await self._call(
                "chat_postEphemeral",
                channel=place.channel,
                user=person.id,
                text=payload.text,
                blocks=list(payload.blocks),
                thread_ts=place.thread,
            )
        await self._upload(person.id, "", rendered.files)

    async def profile(self, account: Account) -> Profile:
        """See `KnowsPeople.profile`."""
        try:
            user = (await self._call("users_info", user=account.id))["user"]
        except UpstreamRejected as error:
            if error.reason not in UNKNOWN_PERSON:
                raise
            raise NotFoundError("Slack does not know that person.") from error
        return profile_of(user, self._team)

    async def group_members(self, workspace: str, group: str) -> frozenset[str]:
        """See `KnowsGroups.group_members`. Needs the scope usergroups:read."""
        try:
            found = await self._call("usergroups_users_list", usergroup=group)
        except UpstreamRejected as error:
            if error.reason not in UNKNOWN_GROUP:
                raise
            raise NotFoundError("Slack does not know that user group.") from error
        return frozenset(map(str, found.get("users") or ()))

    async def read_thread(self, place: Place, *, limit: int) -> Sequence[Heard]:
        """See `ReadsThreads.read_thread`. Slack lists a thread from its beginning, the root first."""
        if not place.thread:
            return ()
        page = await self._call("conversations_replies", channel=place.channel, ts=place.thread, limit=limit)
        return heard_in(page.get("messages"), place.channel, Me(self._team, self._me))

    async def show_home(self, person: Account, reply: Reply) -> None:
        """See `ShowsHome.show_home`."""
        await self._call("views_publish", user_id=person.id, view=render_home(reply))

    async def open_form(self, trigger: str, form: Form, *, token: str, place: str) -> None:
        """Open a modal; the trigger lives three seconds. UpstreamRejected("expired_trigger_id") when it was too late."""
        await self._call("views_open", trigger_id=trigger, view=render_form(form, token=token, place=place))

    # --- calls -----------------------------------------------------------------------------------------

    async def _post(self, place: Place, payload: Payload, key: str) -> str:
        sent = await self._call(
            "chat_postMessage",
            channel=place.channel,
            thread_ts=place.thread,
            text=payload.text,
            blocks=list(payload.blocks),
            metadata={"event_type": _EVENT_TYPE, "event_payload": {"key": key}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(sent["ts"])

    async def _update(self, place: Place, ts: str, payload: Payload) -> None:
        await self._call("chat_update", channel=place.channel, ts=ts, text=payload.text, blocks=list(payload.blocks))

    async def _delete(self, place: Place, ts: str) -> None:
        try:
            await self._call("chat_delete", channel=place.channel, ts=ts)
        except UpstreamRejected as error:
            if error.reason != GONE:
                raise

    async def _sent(self, place: Place, key: str) -> dict[int, str]:
        """Number → ts of the parts that were posted with this key."""
        found: dict[int, str] = {}
        cursor: str | None = None
        for _ in range(_PAGES if place.thread else 1):
            page = await self._call(
                "conversations_replies" if place.thread else "conversations_history",
                channel=place.channel,
                ts=place.thread,
                limit=_PAGE,
                cursor=cursor,
                include_all_metadata=True,
            )
            for message in page.get("messages") or ():
                name, _, number = _key_of(message).rpartition("/")
                # Anybody's app can write metadata of our type.
                if name == key and number.isdecimal() and message.get("user") == self._me:
                    found[int(number)] = message["ts"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return found

    async def _upload(self, channel: str, thread: str, files: Sequence[File]) -> None:
        """Send files into the thread of the message, so that they never separate it from what follows."""
        if not files:
            return
        if channel[:1] in ("U", "W"):
            # Messages can be sent to a person; files need the id of the direct message.
            channel = (await self._call("conversations_open", users=channel))["channel"]["id"]
        uploads = [{"filename": file.name, "title": file.title or file.name, "content": file.content} for file in files]
        await self._call("files_upload_v2", channel=channel, thread_ts=thread or None, file_uploads=uploads)

    async def _respond(self, url: str, body: Json) -> None:
        """slack_sdk's webhook client opens a session a call; the shared one serves as well."""
        session = self._client.session
        if session is None:
            raise UpstreamUnavailable(SERVICE, "The Slack client is closed.")
        with mapped():
            async with asyncio.timeout(self._timeout), session.post(url, json=body) as response:
                text = await response.text()
        if error := _response_error(response.status, text):
            raise refused(error, response.status, response.headers)


def _response_error(status: int, text: str) -> str:
    """Slack's error code for an answer to a response_url, "" when it was taken. Bodies are "ok" or JSON."""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if status in (404, 410):
        return "expired_url"
    if isinstance(body, dict) and not body.get("ok", status < 400):
        return str(body.get("error") or status)
    return str(status) if status >= 400 else ""


def _key_of(message: Json) -> str:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != _EVENT_TYPE:
        return ""
    return str((metadata.get("event_payload") or {}).get("key", ""))


def _marker(files: Sequence[File]) -> tuple[str, ...]:
    """What tells these files from others; nothing when there are none."""
    if not files:
        return ()
    digest = hashlib.sha256(b"\0".join(part for file in files for part in (file.name.encode(), file.content)))
    return (_FILES + digest.hexdigest()[:16],)


def profile_of(user: Json, team: str) -> Profile:
    """A Slack user object as a profile. `team`: the bot's workspace."""
    details = user.get("profile") or {}
    stands = standing(user, team)
    verified = user.get("is_email_confirmed") is True and stands is Standing.MEMBER
    return Profile(
        name=details.get("display_name") or details.get("real_name") or user.get("name") or user["id"],
        standing=stands,
        timezone=user.get("tz") or "UTC",
        email=(details.get("email") or "") if verified else "",
    )


def standing(user: Json, team: str) -> Standing:
    """What a Slack user object says of somebody (docs.slack.dev, User object). `team`: the bot's workspace."""
    if user.get("deleted"):
        return Standing.DEACTIVATED
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return Standing.BOT
    homes = {user.get("team_id") or team, *((user.get("enterprise_user") or {}).get("teams") or ())}
    if user.get("is_stranger") or team not in homes:
        return Standing.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER
