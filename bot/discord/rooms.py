"""Makes channels for incidents, and reads single messages."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import discord
import structlog

from bot.discord import limits
from bot.discord.calls import DiscordCalls
from bot.discord.errors import SERVICE
from bot.discord.inbound import readable, text_of
from core.errors import NotFoundError, UpstreamRejected
from core.messages import Account, MessageRef, Place, Platform
from core.ports.platforms import GONE, NOT_A_MEMBER, Written

log = structlog.get_logger()

Json = dict[str, Any]

_TEXT = 0
_ROLE, _MEMBER = 0, 1
"""Kinds of overwrites. The role of everybody has the id of the server."""
_VIEW, _SEND = 1 << 10, 1 << 11
_OURS = _VIEW | _SEND | 1 << 16
"""What a room allows the bot: to see it, to write, to read what was written. By this overwrite a room is known again."""
_WRITING = _SEND | 1 << 35 | 1 << 36 | 1 << 38
"""Messages, public and private threads, messages in threads: what nobody may in a closed room."""
_NO_ACCESS = 50001
_NO_ROOM_IN_CATEGORY = "In parent_id:"
"""How discord.py words it when a category is full or gone; it drops Discord's own code for that."""
_NAMES_TRIED = 20
_WHERE = "Server Settings, Roles, Copilot"


class DiscordRooms(DiscordCalls):
    """Implements `OpensRooms` and `ReadsMessages`."""

    async def open_room(self, beside: Place, name: str, *, private: bool) -> Place:
        """See `OpensRooms.open_room`. It stands in the category of `beside`. A name that another channel has gets a number, though
        Discord would take it twice; so does one of a room that was closed."""
        if not beside.workspace:
            hint = "Declare the incident in a channel of the server."
            raise UpstreamRejected(SERVICE, "A direct message has no server to make a channel in.", hint=hint)
        guild, me = beside.workspace, str(self._client.application_id)
        with _needs("Manage Channels"):
            channels = await self._call("GET", "/guilds/{guild_id}/channels", guild_id=guild)
        by_name: dict[str, list[Json]] = {}
        for channel in channels:
            by_name.setdefault(str(channel.get("name")), []).append(channel)
        wanted = room_name(name)
        for n in range(1, _NAMES_TRIED + 1):
            tried = numbered(wanted, n)
            same = by_name.get(tried, [])
            if own := next((one for one in same if _is_open_room(one, guild, me, private=private)), None):
                return Place(Platform.DISCORD, guild, str(own["id"]))
            if not same:
                by_id = {str(one["id"]): one for one in channels}
                category = by_id.get(str(by_id.get(beside.channel, {}).get("parent_id")))
                return await self._make(guild, me, tried, category, private=private)
        hint = "Rename or remove some of them, or choose another name."
        message = f"There are channels named {wanted} to {numbered(wanted, _NAMES_TRIED)} already."
        raise UpstreamRejected(SERVICE, message, reason="name_taken", hint=hint)

    async def set_topic(self, room: Place, topic: str) -> None:
        """See `OpensRooms.set_topic`."""
        with _needs("Manage Channels"):
            body = {"topic": topic[: limits.CHANNEL_TOPIC]}
            await self._call("PATCH", "/channels/{channel_id}", body, channel_id=room.channel)

    async def invite(self, room: Place, people: Sequence[Account]) -> None:
        """See `OpensRooms.invite`. Everybody sees a public room: only into a hidden one people must be let."""
        channel = await self._channel(room)
        if not _everybody(channel, room.workspace)["deny"] & _VIEW:
            return
        for person in dict.fromkeys(account.id for account in people):
            own = _overwrite_of(channel, person)
            if own["allow"] & _VIEW:
                continue
            wished = {"type": _MEMBER, "allow": str(own["allow"] | _VIEW), "deny": str(own["deny"] & ~_VIEW)}
            try:
                await self._put_overwrite(room, person, wished)
            except NotFoundError as error:
                log.warning("discord.not_invited", channel=room.channel, person=person, reason=error.message)

    async def pin(self, ref: MessageRef) -> None:
        """See `OpensRooms.pin`. Discord takes a repeat for done."""
        channel = ref.place.thread or ref.place.channel
        path = "/channels/{channel_id}/messages/pins/{message_id}"
        with _needs("Pin Messages"):
            await self._call("PUT", path, channel_id=channel, message_id=ref.parts[0])

    async def close_room(self, room: Place) -> None:
        """See `OpensRooms.close_room`."""
        channel = await self._channel(room)
        held = _everybody(channel, room.workspace)
        if held["deny"] & _WRITING == _WRITING:
            return
        wished = {"type": _ROLE, "allow": str(held["allow"] & ~_WRITING), "deny": str(held["deny"] | _WRITING)}
        await self._put_overwrite(room, room.workspace, wished)

    async def written(self, place: Place, message: str) -> Written | None:
        """See `ReadsMessages.written`."""
        path = "/channels/{channel_id}/messages/{message_id}"
        channel = place.thread or place.channel
        try:
            found = await self._call("GET", path, channel_id=channel, message_id=message)
        except UpstreamRejected as error:
            if error.reason != GONE:
                raise
            return None
        author = found["author"]
        names = {str(user["id"]): user.get("global_name") or user.get("username", "") for user in found["mentions"]}
        return Written(
            Account(Platform.DISCORD, place.workspace, str(author["id"])),
            author.get("global_name") or author.get("username", ""),
            readable(text_of(found), names),
            discord.utils.snowflake_time(int(found["id"])).timestamp(),
            bool(author.get("bot")) and str(author["id"]) != str(self._client.application_id),
        )

    # --- parts -----------------------------------------------------------------------------------------

    async def _make(self, guild: str, me: str, name: str, category: Json | None, *, private: bool) -> Place:
        overwrites = [{"id": me, "type": _MEMBER, "allow": str(_OURS), "deny": "0"}]
        if private:
            overwrites.append({"id": guild, "type": _ROLE, "allow": "0", "deny": str(_VIEW)})
        elif category:
            # With an overwrite of its own it would not get those of its category, and be seen by people who do not see that.
            overwrites += [one for one in map(_readable_by, category["permission_overwrites"]) if one["id"] != me]
        body: Json = {"name": name, "type": _TEXT, "permission_overwrites": overwrites}
        with _needs("Manage Channels"):
            try:
                made = await self._create_channel(guild, body | ({"parent_id": category["id"]} if category else {}))
            except UpstreamRejected as error:
                if _NO_ROOM_IN_CATEGORY not in str(error.__cause__):
                    raise
                made = await self._create_channel(guild, body)
        return Place(Platform.DISCORD, guild, str(made["id"]))

    async def _create_channel(self, guild: str, body: Json) -> Json:
        made: Json = await self._call("POST", "/guilds/{guild_id}/channels", body, guild_id=guild)
        return made

    async def _channel(self, room: Place) -> Json:
        with _needs("View Channels"):
            found: Json = await self._call("GET", "/channels/{channel_id}", channel_id=room.channel)
        return found

    async def _put_overwrite(self, room: Place, target: str, body: Json) -> None:
        path = "/channels/{channel_id}/permissions/{target}"
        with _needs("Manage Roles"):
            await self._call("PUT", path, body, channel_id=room.channel, target=target)


@contextmanager
def _needs(permission: str) -> Iterator[None]:
    """Say which permission is missing when Discord says that one is."""
    try:
        yield
    except UpstreamRejected as error:
        if error.reason != NOT_A_MEMBER:
            raise
        if getattr(error.__cause__, "code", 0) == _NO_ACCESS:
            permission = "View Channels"
        message = f"The bot lacks the permission {permission}."
        hint = f"Give its role *{permission}* ({_WHERE})."
        raise UpstreamRejected(SERVICE, message, reason="missing_permissions", hint=hint) from error.__cause__


def room_name(name: str) -> str:
    """A name as Discord keeps it: lower case, with hyphens for spaces."""
    kept = "".join(letter if letter.isalnum() or letter in "-_" else " " for letter in name.lower())
    return "-".join(kept.split())[: limits.CHANNEL_NAME] or "incident"


def numbered(name: str, n: int) -> str:
    """The name, from the second on with its number, within the limit."""
    end = f"-{n}" if n > 1 else ""
    return name[: limits.CHANNEL_NAME - len(end)] + end


def _is_open_room(channel: Json, guild: str, me: str, *, private: bool) -> bool:
    """Whether it is a room of ours that was not closed; for a private incident none that others may see."""
    denied = _everybody(channel, guild)["deny"]
    ours = channel.get("type") == _TEXT and _overwrite_of(channel, me)["allow"] & _OURS == _OURS
    return ours and denied & _WRITING != _WRITING and (bool(denied & _VIEW) or not private)


def _readable_by(overwrite: Json) -> Json:
    """The part of an overwrite that says who reads and writes: nobody may pass on permissions that they do not have."""
    kept = {name: str(int(overwrite.get(name) or 0) & _OURS) for name in ("allow", "deny")}
    return {"id": overwrite["id"], "type": overwrite["type"], **kept}


def _everybody(channel: Json, guild: str) -> Mapping[str, int]:
    return _overwrite_of(channel, guild)


def _overwrite_of(channel: Json, id_: str) -> Mapping[str, int]:
    """What the channel allows and denies a role or person."""
    found: Json = next((one for one in channel.get("permission_overwrites") or () if one["id"] == id_), {})
    return {"allow": int(found.get("allow") or 0), "deny": int(found.get("deny") or 0)}
