"""Sends to Slack. Works in any process: it has no socket of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import SERVICE, mapped
from bot.slack.render import Payload, Rendered, render
from bot.slack.views import render_form, render_home
from core.actors import Standing
from core.errors import UpstreamRejected, UpstreamUnavailable
from core.messages import Account, File, Form, Handle, MessageRef, Place, Platform, Reply
from core.ports.platforms import GONE, Profile

_EVENT_TYPE = "copilot_post"
"""Of the metadata that a post carries, by which it is found again."""
_LOOK_BACK = 50
"""Messages of a channel that are looked through for a post of unknown outcome."""


@asynccontextmanager
async def web_client(token: str, api_url: str, *, timeout: float = 10.0) -> AsyncIterator[AsyncWebClient]:
    """A client with one session for all calls: without it slack_sdk opens one a call, which halves the throughput."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout)) as session:
        # No retries of its own: it would post again after an unknown outcome. The sender owns retries.
        yield AsyncWebClient(token=token, base_url=api_url, session=session, timeout=int(timeout), retry_handlers=[])


class SlackConnector:
    """Implements the ports of `core.ports.platforms` on Slack's Web API."""

    def __init__(self, client: AsyncWebClient, *, team: str, timeout: float = 10.0) -> None:
        """`team`: the workspace that the bot is installed in; `timeout`: seconds for each call."""
        self._client = client
        self._team = team
        self._timeout = timeout

    @property
    def platform(self) -> Platform:
        """Slack."""
        return Platform.SLACK

    async def post(self, place: Place, reply: Reply, *, key: str) -> MessageRef:
        """See `Posts.post`. Every part carries the key in its metadata."""
        rendered = render(reply)
        parts = [await self._post(place, payload, f"{key}/{n}") for n, payload in enumerate(rendered.messages)]
        await self._upload(place, rendered, parts[0])
        return MessageRef(place, tuple(parts))

    async def find(self, place: Place, *, key: str) -> MessageRef | None:
        """See `Posts.find`."""
        with mapped():
            async with asyncio.timeout(self._timeout):
                where = {"channel": place.channel, "limit": _LOOK_BACK, "include_all_metadata": True}
                if place.thread:
                    found: Any = await self._client.conversations_replies(ts=place.thread, **where)  # type: ignore[arg-type]
                else:
                    found = await self._client.conversations_history(**where)  # type: ignore[arg-type]
        parts = {
            metadata["event_payload"].get("key"): message["ts"]
            for message in found.get("messages", [])
            if (metadata := message.get("metadata")) and metadata.get("event_type") == _EVENT_TYPE
        }
        sent = [parts[name] for name in sorted(parts) if name and name.rpartition("/")[0] == key]
        return MessageRef(place, tuple(sent)) if sent else None

    async def edit(self, ref: MessageRef, reply: Reply, *, key: str) -> MessageRef:
        """See `Edits.edit`."""
        rendered = render(reply)
        parts = list(ref.parts)
        for n, payload in enumerate(rendered.messages):
            if n < len(parts):
                await self._update(ref.place, parts[n], payload)
            else:
                parts.append(await self._post(ref.place, payload, f"{key}/{n}"))
        for ts in parts[len(rendered.messages) :]:
            await self._delete(ref.place, ts)
        return MessageRef(ref.place, tuple(parts[: len(rendered.messages)]))

    async def answer(self, handle: Handle, place: Place, reply: Reply, *, private: bool, key: str) -> MessageRef | None:
        """See `Answers.answer`: by the response_url, which works five times."""
        for payload in render(reply).messages:
            body = {
                "response_type": "ephemeral" if private else "in_channel",
                "replace_original": False,
                "text": payload.text,
                "blocks": list(payload.blocks),
            }
            if place.thread:
                body["thread_ts"] = place.thread
            await self._respond(handle.token, body)
        return None

    async def whisper(self, place: Place, person: Account, reply: Reply, *, key: str) -> None:
        """See `Whispers.whisper`; in a direct message an ordinary one, since nobody else is there."""
        if place.direct:
            await self.post(place, reply, key=key)
            return
        for payload in render(reply).messages:
            await self._call(
                "chat_postEphemeral",
                channel=place.channel,
                user=person.id,
                text=payload.text,
                blocks=list(payload.blocks),
                thread_ts=place.thread,
            )

    async def profile(self, account: Account) -> Profile:
        """See `KnowsPeople.profile`."""
        user = (await self._call("users_info", user=account.id))["user"]
        details = user.get("profile", {})
        return Profile(
            name=details.get("display_name") or details.get("real_name") or user.get("name", account.id),
            standing=standing(user, self._team),
            timezone=user.get("tz") or "UTC",
            email=details.get("email", "") if user.get("is_email_confirmed") else "",
        )

    async def show_home(self, person: Account, reply: Reply) -> None:
        """See `ShowsHome.show_home`."""
        await self._call("views_publish", user_id=person.id, view=render_home(reply))

    async def open_form(self, trigger: str, form: Form, *, token: str, place: str) -> None:
        """Open a modal; the trigger lives three seconds. UpstreamRejected("expired_trigger_id") when it was too late."""
        await self._call("views_open", trigger_id=trigger, view=render_form(form, token=token, place=place))

    # --- calls -----------------------------------------------------------------------------------------

    async def _call(self, method: str, **arguments: Any) -> Any:  # noqa: ANN401 -- Slack's JSON
        with mapped():
            async with asyncio.timeout(self._timeout):
                given = {name: value for name, value in arguments.items() if value is not None}
                return await getattr(self._client, method)(**given)

    async def _post(self, place: Place, payload: Payload, key: str) -> str:
        metadata = {"event_type": _EVENT_TYPE, "event_payload": {"key": key}}
        sent = await self._call(
            "chat_postMessage",
            channel=place.channel,
            thread_ts=place.thread,
            text=payload.text,
            blocks=list(payload.blocks),
            metadata=metadata,
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

    async def _upload(self, place: Place, rendered: Rendered, first: str) -> None:
        """Files go into the thread of the message, so that they never separate it from what follows."""
        for file in rendered.files:
            await self._upload_file(place, file, place.thread or first)

    async def _upload_file(self, place: Place, file: File, thread: str) -> None:
        await self._call(
            "files_upload_v2",
            channel=place.channel,
            thread_ts=thread,
            filename=file.name,
            title=file.title or file.name,
            content=file.content,
        )

    async def _respond(self, url: str, body: dict[str, Any]) -> None:
        """slack_sdk's webhook client opens a session a call; the shared one serves as well."""
        session = self._client.session
        if session is None:
            raise UpstreamUnavailable(SERVICE, "The Slack client is closed.")
        with mapped():
            async with asyncio.timeout(self._timeout), session.post(url, json=body) as response:
                text = await response.text()
        if response.status >= 500:
            raise UpstreamUnavailable(SERVICE, f"Slack has a problem ({response.status}).")
        if response.status >= 400:
            # expired_url, used_url and the like: the right to answer is gone.
            raise UpstreamRejected(SERVICE, f"Slack refused the answer: {text[:100]}.", reason=GONE)


def standing(user: dict[str, Any], team: str) -> Standing:
    """What a Slack user object says of somebody (docs.slack.dev, User object)."""
    if user.get("deleted"):
        return Standing.DEACTIVATED
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return Standing.BOT
    if user.get("is_stranger") or (user.get("team_id") or team) != team:
        return Standing.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER
