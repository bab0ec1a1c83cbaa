"""One API call, and the look-ups that every route needs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.emulators.common.log import EventLog
from bot.emulators.discord import acme, limits, permissions
from bot.emulators.discord.chat import Chat
from bot.emulators.discord.check import Check
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.guild import Guild
from bot.emulators.discord.model import Attachment, Channel, Json, Message, Person
from bot.emulators.discord.rooms import Rooms
from bot.emulators.discord.sessions import Sessions

if TYPE_CHECKING:
    from bot.emulators.discord.interactions import Interactions


@dataclass(slots=True)
class Platform:
    """The parts of the emulator that routes and acts work on."""

    guild: Guild
    log: EventLog
    sessions: Sessions
    chat: Chat
    rooms: Rooms
    interactions: "Interactions"


@dataclass(slots=True)
class Upload:
    """A file part of a multipart body."""

    field: str
    name: str
    content_type: str
    content: bytes


@dataclass(slots=True)
class Call:
    """One API call. Look-ups raise DiscordError."""

    platform: Platform
    params: dict[str, str]
    """The placeholders of the route's template."""
    query: dict[str, str]
    body: Any
    uploads: list[Upload] = field(default_factory=list)

    @property
    def guild(self) -> Guild:
        """The server's state."""
        return self.platform.guild

    @property
    def bot(self) -> Person:
        """The bot, whose call it is."""
        return self.guild.people[acme.BOT_USER]

    def object(self) -> Json:
        """The body, which must be an object; nothing counts as an empty one."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise DiscordError(
                50035,
                errors={
                    "_errors": [{"code": "DICT_TYPE_CONVERT", "message": "Only dictionaries may be used in a DictType"}]
                },
            )
        return self.body

    def channel(self, needs: int = 0) -> Channel:
        """The channel of the route, which the bot must see; `needs`: permission bits."""
        return self.find_channel(self.params["channel"], needs)

    def find_channel(self, id_: str, needs: int = 0) -> Channel:
        """A channel that the bot sees."""
        found = self.guild.channels.get(id_)
        if found is None:
            raise DiscordError(10003)
        held = self.guild.permissions(acme.BOT_USER, found)
        if not self.guild.sees(acme.BOT_USER, found) or not held & permissions.VIEW_CHANNEL:
            raise DiscordError(50001)
        if found.kind != "direct" and needs & ~held:
            raise DiscordError(50013)
        return found

    def living(self, channel: Channel) -> Channel:
        """The channel, unless it is an archived thread: nothing but deletions happens in those."""
        if channel.archived:
            raise DiscordError(50083)
        return channel

    def message(self, channel: Channel) -> Message:
        """The message of the route, in that channel."""
        found = self.guild.messages.get(self.params["message"])
        if found is None or found.channel != channel.id or found.private_to is not None:
            raise DiscordError(10008)
        return found

    def person(self, id_: str) -> Person:
        """A user."""
        found = self.guild.people.get(acme.BOT_USER if id_ == "@me" else id_)
        if found is None:
            raise DiscordError(10013)
        return found

    def own_guild(self) -> None:
        """Refuse any server but the one there is."""
        if self.params["guild"] != acme.GUILD:
            raise DiscordError(10004)

    def needs_intent(self, intent: int) -> None:
        """Refuse what is only for applications with that privileged intent."""
        if not self.guild.privileged_intents & intent:
            raise DiscordError(50001)

    def number(self, name: str, least: int, most: int, default: int) -> int:
        """A whole number of the query."""
        text = self.query.get(name)
        if text is None:
            return default
        check = Check()
        if not text.isdecimal():
            check.fail((name,), "NUMBER_TYPE_COERCE", f'Value "{text[:50]}" is not int.')
        value = check.number(int(text), (name,), least, most, default) if text.isdecimal() else default
        check.finish()
        return value

    def snowflake(self, name: str) -> int:
        """An id of the query; 0 when there is none."""
        text = self.query.get(name) or "0"
        if not text.isdecimal():
            check = Check()
            check.fail((name,), "NUMBER_TYPE_COERCE", f'Value "{text[:50]}" is not snowflake.')
            check.finish()
        return int(text)

    def attachments(self, channel: str, body: Json) -> list[Attachment]:
        """Store the uploaded files, which a checked message body may describe, and return them."""
        described = {str(item.get("id")): item for item in body.get("attachments") or []}
        stored = []
        for upload in self.uploads:
            if len(upload.content) > limits.ATTACHMENT_BYTES:
                raise DiscordError(40005)
            wish = described.get(upload.field.removeprefix("files[").removesuffix("]"), {})
            name = str(wish.get("filename") or upload.name).replace("/", "_")
            text = str(wish.get("description") or "")
            file = Attachment(self.guild.ids.new(), channel, name, upload.content_type, upload.content, text)
            self.guild.add_attachment(file)
            stored.append(file)
        return stored


Answer = Any
"""What a route answers: JSON; None for 204 No Content."""
Route = tuple[str, str, Callable[[Call], Answer]]
"""Method, template and handler."""
