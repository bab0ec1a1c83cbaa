"""Sends to Discord through discord.py's HTTP layer, which keeps to the rate-limit buckets by itself."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord.http import Route

from bot.discord import limits
from bot.discord.calls import TIME_LIMIT
from bot.discord.errors import mapped
from bot.discord.inbound import Where
from bot.discord.overheard import overhear
from bot.discord.reduce import reduce_raw
from bot.discord.render import Payload, render
from bot.discord.rooms import DiscordRooms
from core.actors import Standing
from core.errors import NotFoundError, UpstreamRejected
from core.markup import clean
from core.messages import Account, File, Handle, Heard, MessageRef, Place, Platform, Reply
from core.ports.platforms import GONE, Profile

Json = dict[str, Any]

_EPHEMERAL = 1 << 6
_THREAD_EXISTS = "160004"
_ANSWERED_KEPT = 10_000


class DiscordConnector(DiscordRooms):
    """Implements the ports of `core.ports.platforms` on Discord's REST API."""

    def __init__(self, client: discord.Client) -> None:
        super().__init__(client)
        self._direct: dict[str, str] = {}
        """Person → channel of the direct message."""
        self._answered: OrderedDict[str, None] = OrderedDict()
        """Tokens of interactions that were answered lately."""

    @property
    def platform(self) -> Platform:
        """Discord."""
        return Platform.DISCORD

    async def post(self, place: Place, reply: Reply, *, key: str) -> MessageRef:
        """See `Posts.post`. The nonce makes a repeat within some minutes give the first message again."""
        rendered = render(reply)
        parts = []
        for n, payload in enumerate(rendered.messages):
            files = rendered.files if n == len(rendered.messages) - 1 else ()
            parts.append(await self._create(place.thread or place.channel, payload, files, nonce(key, n)))
        return MessageRef(place, tuple(parts))

    async def find(self, place: Place, *, key: str) -> MessageRef | None:
        """None: Discord itself recognises a repeated nonce, so posting again is safe."""
        return None

    async def edit(self, ref: MessageRef, reply: Reply, *, key: str) -> MessageRef:
        """See `Edits.edit`."""
        rendered = render(reply)
        channel = ref.place.thread or ref.place.channel
        parts = list(ref.parts)
        for n, payload in enumerate(rendered.messages):
            if n < len(parts):
                await self._call("PATCH", "/channels/{channel_id}/messages/{message_id}", payload.json(), channel_id=channel, message_id=parts[n])  # fmt: skip
            else:
                parts.append(await self._create(channel, payload, (), nonce(key, n)))
        for message in parts[len(rendered.messages) :]:
            await self._delete(channel, message)
        return MessageRef(ref.place, tuple(parts[: len(rendered.messages)]))

    async def answer(self, handle: Handle, place: Place, reply: Reply, *, private: bool, key: str) -> MessageRef | None:
        """See `Answers.answer`. A deferred placeholder becomes the first part; everything else are follow-ups. What all can see
        is edited later like any message, without the token."""
        rendered = render(reply)
        parts = []
        placeholder = handle.deferred
        self._answered[handle.token] = None
        while len(self._answered) > _ANSWERED_KEPT:
            self._answered.popitem(last=False)
        if placeholder and private and not handle.private:
            # What was deferred for all to see cannot become private: it goes, and a private message follows.
            await self._drop_original(handle)
            placeholder = False
        for n, payload in enumerate(rendered.messages):
            files = rendered.files if n == len(rendered.messages) - 1 else ()
            original = placeholder and n == 0
            method, path = ("PATCH", "/messages/@original") if original else ("POST", "")
            body = payload.json() | ({} if original or not private else {"flags": _EPHEMERAL})
            sent = await self._call(
                method,
                "/webhooks/{webhook_id}/{webhook_token}" + path,
                body,
                files,
                webhook_id=handle.application,
                webhook_token=handle.token,
            )
            parts.append(str(sent["id"]))
        return None if private or handle.private else MessageRef(place, tuple(parts))

    def answered(self, handle: Handle) -> bool:
        """Whether this process answered through the handle."""
        return handle.token in self._answered

    async def whisper(self, place: Place, person: Account, reply: Reply, *, key: str) -> None:
        """See `Whispers.whisper`: a direct message."""
        channel = self._direct.get(person.id)
        if channel is None:
            found = await self._call("POST", "/users/@me/channels", {"recipient_id": person.id})
            channel = self._direct[person.id] = str(found["id"])
        await self.post(Place(Platform.DISCORD, "", channel, direct=True), reply, key=key)

    async def open_thread(self, place: Place, message_id: str, name: str) -> Place:
        """See `OpensThreads.open_thread`. A thread has the id of the message that it was made on."""
        thread = Place(place.platform, place.workspace, place.channel, message_id)
        name = " ".join(clean(name).split())[: limits.THREAD_NAME]
        body = {"name": name or "Copilot", "auto_archive_duration": 1440}
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        try:
            await self._call("POST", path, body, channel_id=place.channel, message_id=message_id)
        except UpstreamRejected as error:
            if error.reason != _THREAD_EXISTS:
                raise
        return thread

    async def profile(self, account: Account) -> Profile:
        """See `KnowsPeople.profile`: a member of the server, whoever else is a stranger."""
        if not account.workspace:
            return Profile(account.id, Standing.STRANGER)
        path = "/guilds/{guild_id}/members/{user_id}"
        try:
            member = await self._call("GET", path, guild_id=account.workspace, user_id=account.id)
        except NotFoundError:
            return Profile(account.id, Standing.STRANGER)
        user = member["user"]
        name = member.get("nick") or user.get("global_name") or user["username"]
        return Profile(name, standing(member), groups=tuple(member.get("roles", ())))

    async def callback(self, interaction: str, token: str, body: Json) -> None:
        """The first response to an interaction."""
        path = "/interactions/{webhook_id}/{webhook_token}/callback"
        await self._call("POST", path, body, webhook_id=interaction, webhook_token=token)

    async def sync_commands(self, application: str, guild: str, commands: Sequence[Json]) -> None:
        """Make these the application's commands, in one server (at once) or everywhere ("": takes a while to show)."""
        path = "/applications/{application_id}" + ("/guilds/{guild_id}" if guild else "") + "/commands"
        route = {"application_id": application} | ({"guild_id": guild} if guild else {})
        await self._call("PUT", path, list(commands), (), **route)

    async def messages_after(self, channel: str, message: str) -> Sequence[Json]:
        """Up to a hundred messages after one, oldest first."""
        with mapped():
            async with asyncio.timeout(TIME_LIMIT):
                route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
                found: list[Json] = await self._client.http.request(route, params={"after": message, "limit": 100})
        return sorted(found, key=lambda m: int(m["id"]))

    async def read_thread(self, place: Place, *, limit: int) -> Sequence[Heard]:
        """See `ReadsThreads.read_thread`. The root stands in the parent channel, so that this takes two calls; of the rest the latest
        messages are read."""
        if not place.thread:
            return ()
        me = str(self._client.application_id or "")
        rest = await self._call("GET", f"/channels/{{channel_id}}/messages?limit={limit}", channel_id=place.thread)
        try:
            root = await self._call(
                "GET", "/channels/{channel_id}/messages/{message_id}", channel_id=place.channel, message_id=place.thread
            )
        except UpstreamRejected as error:
            if error.reason != GONE:
                raise
            root = None  # deleted, or the thread was opened without one
        read = [reduce_raw(raw, Where(place.workspace, place.thread, place.channel)) for raw in reversed(rest)]
        if root:
            read.insert(0, reduce_raw(root, Where(place.workspace, place.channel)))
        return tuple(heard for message in read if (heard := overhear(message, me)))

    # --- calls -----------------------------------------------------------------------------------------

    async def _create(self, channel: str, payload: Payload, files: Sequence[File], nonce_: str) -> str:
        body = payload.json() | {"nonce": nonce_, "enforce_nonce": True}
        sent = await self._call("POST", "/channels/{channel_id}/messages", body, files, channel_id=channel)
        return str(sent["id"])

    async def _drop_original(self, handle: Handle) -> None:
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
        try:
            await self._call("DELETE", path, webhook_id=handle.application, webhook_token=handle.token)
        except UpstreamRejected as error:
            if error.reason != GONE:
                raise

    async def _delete(self, channel: str, message: str) -> None:
        try:
            await self._call("DELETE", "/channels/{channel_id}/messages/{message_id}", channel_id=channel, message_id=message)  # fmt: skip
        except UpstreamRejected as error:
            if error.reason != GONE:
                raise


def nonce(key: str, part: int) -> str:
    """A nonce of at most 25 characters that is the same for the same key and part."""
    return hashlib.blake2b(f"{key}/{part}".encode(), digest_size=12).hexdigest()


def standing(member: Mapping[str, Any]) -> Standing:
    """What a member object says of somebody. Who has not passed the membership screening is a guest still."""
    if member["user"].get("bot"):
        return Standing.BOT
    return Standing.GUEST if member.get("pending") else Standing.MEMBER
