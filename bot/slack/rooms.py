"""Makes channels for incidents, and reads single messages."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bot.slack import limits
from bot.slack.calls import SlackCalls
from bot.slack.errors import SERVICE, UNKNOWN_PERSON
from bot.slack.fields import Malformed
from bot.slack.text import readable, said
from core.errors import UpstreamProtocolError, UpstreamRejected
from core.messages import Account, MessageRef, Place, Platform
from core.ports.platforms import GONE, Written

log = structlog.get_logger()

Json = dict[str, Any]

_NOT_IN_NAMES = re.compile(r"[^\w-]+")
_MENTIONED = re.compile(r"<@([UW][A-Z0-9]+)>")
_NAMES_TRIED = 20
_NAMES_LOOKED_UP = 10
"""People mentioned in one message whose names are looked up; the others show as their ids."""
_PAGE = 1_000
_PERSONAL = frozenset({"cant_invite", "cant_invite_self", "already_in_channel", "ura_max_channels", "is_bot"})
"""Why one person cannot be invited, beside not being known."""


class SlackRooms(SlackCalls):
    """Implements `OpensRooms` and `ReadsMessages`."""

    async def open_room(self, beside: Place, name: str, *, private: bool) -> Place:
        """See `OpensRooms.open_room`. A name that somebody else's channel has, or one that was archived, gets a number."""
        wanted = room_name(name)
        own: Mapping[str, str] | None = None
        for n in range(1, _NAMES_TRIED + 1):
            tried = numbered(wanted, n)
            try:
                made = await self._call("conversations_create", name=tried, is_private=private)
                return self._room(str(made["channel"]["id"]))
            except UpstreamRejected as error:
                if error.reason != "name_taken":
                    raise
            own = await self._own_rooms(private=private) if own is None else own
            if tried in own:
                return self._room(own[tried])
        hint = "Rename or archive some of them, or choose another name."
        message = f"There are channels named {wanted} to {numbered(wanted, _NAMES_TRIED)} already."
        raise UpstreamRejected(SERVICE, message, reason="name_taken", hint=hint)

    async def set_topic(self, room: Place, topic: str) -> None:
        """See `OpensRooms.set_topic`."""
        await self._call("conversations_setTopic", channel=room.channel, topic=" ".join(topic.split())[: limits.TOPIC])

    async def invite(self, room: Place, people: Sequence[Account]) -> None:
        """See `OpensRooms.invite`."""
        users = list(dict.fromkeys(account.id for account in people))
        for start in range(0, len(users), limits.INVITED_AT_ONCE):
            await self._invite(room, users[start : start + limits.INVITED_AT_ONCE])

    async def pin(self, ref: MessageRef) -> None:
        """See `OpensRooms.pin`."""
        await self._unless_so("pins_add", "already_pinned", channel=ref.place.channel, timestamp=ref.parts[0])

    async def close_room(self, room: Place) -> None:
        """See `OpensRooms.close_room`."""
        await self._unless_so("conversations_archive", "already_archived", channel=room.channel)

    async def written(self, place: Place, message: str) -> Written | None:
        """See `ReadsMessages.written`. Without its thread a reply takes a second call: the channel's history does not have it."""
        window = {"channel": place.channel, "oldest": message, "latest": message, "inclusive": True, "limit": 1}
        found = None
        if not place.thread:
            found = _of(message, await self._call("conversations_history", **window))
        if found is None:
            try:
                thread = await self._call("conversations_replies", ts=place.thread or message, **window)
            except UpstreamRejected as error:
                if error.reason != GONE:
                    raise
                return None
            found = _of(message, thread)
        try:
            return await self._as_written(found) if found else None
        except Malformed as error:
            raise UpstreamProtocolError(SERVICE, f"Slack's message is malformed: {error}.") from error

    # --- parts -----------------------------------------------------------------------------------------

    def _room(self, channel: str) -> Place:
        return Place(Platform.SLACK, self._team, channel)

    async def _own_rooms(self, *, private: bool) -> dict[str, str]:
        """Name → id of the channels that the bot made and is still in. Lists the workspace: only when a name is taken."""
        me = (await self._call("auth_test"))["user_id"]
        found: dict[str, str] = {}
        cursor: str | None = None
        while cursor != "":
            page = await self._call(
                "conversations_list",
                types="private_channel" if private else "public_channel",
                exclude_archived=True,
                limit=_PAGE,
                cursor=cursor,
            )
            found |= {c["name"]: c["id"] for c in page["channels"] if c.get("creator") == me and c.get("is_member")}
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        return found

    async def _invite(self, room: Place, users: Sequence[str]) -> None:
        """Invite them; whom Slack refuses is logged. One refusal must not keep the others out: they are invited again without."""
        refused: Mapping[str, str] = {}
        try:
            answer = await self._call("conversations_invite", channel=room.channel, users=",".join(users), force=True)
            refused = _refused(answer.data)
        except UpstreamRejected as error:
            if error.reason not in _PERSONAL | UNKNOWN_PERSON:
                raise
            refused = _refused(getattr(getattr(error.__cause__, "response", None), "data", None))
            if not refused and len(users) == 1:
                refused = {users[0]: error.reason}
            rest = [user for user in users if user not in refused]
            if refused and rest:
                await self._invite(room, rest)
            for user in rest if not refused else ():
                await self._invite(room, [user])
        for user, reason in refused.items():
            if reason != "already_in_channel":
                log.warning("slack.not_invited", channel=room.channel, person=user, reason=reason)

    async def _unless_so(self, method: str, already: str, **arguments: object) -> None:
        try:
            await self._call(method, **arguments)
        except UpstreamRejected as error:
            if error.reason != already:
                raise

    async def _as_written(self, message: Json) -> Written:
        text, user = said(message), str(message.get("user") or "")
        bot = message.get("bot_profile") or {}
        name = str(message.get("username") or bot.get("name") or "")
        mentioned = list(dict.fromkeys(_MENTIONED.findall(text)))[:_NAMES_LOOKED_UP]
        names = {id_: await self._name(id_) for id_ in mentioned}
        text = _MENTIONED.sub(lambda match: f"<@{match[1]}|{names.get(match[1]) or match[1]}>", text)
        return Written(
            Account(Platform.SLACK, self._team, user or str(message.get("bot_id") or "")),
            name or await self._name(user),
            readable(text),
            float(message["ts"]),
            bool(message.get("bot_id")) and user != self._me,
        )

    async def _name(self, user: str) -> str:
        """How a person is called; the id when Slack does not know them."""
        try:
            found = (await self._call("users_info", user=user))["user"] if user else {}
        except UpstreamRejected as error:
            if error.reason not in UNKNOWN_PERSON:
                raise
            found = {}
        profile = found.get("profile") or {}
        return str(profile.get("display_name") or profile.get("real_name") or found.get("name") or user)


def room_name(name: str) -> str:
    """A name that Slack takes: lower case, no spaces or punctuation but hyphens and underscores."""
    return _NOT_IN_NAMES.sub("-", name.lower()).strip("-_")[: limits.CHANNEL_NAME] or "incident"


def numbered(name: str, n: int) -> str:
    """The name, from the second on with its number, within the limit."""
    end = f"-{n}" if n > 1 else ""
    return name[: limits.CHANNEL_NAME - len(end)] + end


def _of(ts: str, page: Any) -> Json | None:  # noqa: ANN401 -- Slack's JSON
    """The message of this ts: a thread's first message stands before the replies whatever was asked for."""
    return next((message for message in page.get("messages") or () if message.get("ts") == ts), None)


def _refused(answer: object) -> dict[str, str]:
    """Who was not invited, and why, as far as the answer says."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    found = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    return {str(one["user"]): str(one.get("error", "")) for one in found if one.get("user")}
