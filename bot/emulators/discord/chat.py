"""What happens in channels: changes the state, tells the bot over the gateway, and records events."""

from collections.abc import Sequence

from bot.emulators.common.log import EventLog
from bot.emulators.discord import acme, content, shapes
from bot.emulators.discord.guild import Guild
from bot.emulators.discord.model import Attachment, Channel, Json, Message, Person
from bot.emulators.discord.sessions import Sessions

PINNED, REPLY = 6, 19
HAS_THREAD = 1 << 5


class Chat:
    """Messages and reactions."""

    def __init__(self, guild: Guild, log: EventLog, sessions: Sessions) -> None:
        self.guild = guild
        self._log = log
        self._sessions = sessions

    # --- messages ------------------------------------------------------------------------------------------------

    def post(
        self,
        author: Person,
        channel: Channel,
        body: Json,
        *,
        files: Sequence[Attachment] = (),
        private_to: str | None = None,
        extra: Json | None = None,
        token: str = "",
    ) -> Message:
        """Add a checked message. `extra`: further fields of the message object; `token`: of the interaction it answers."""
        now = self.guild.clock.now()
        id_ = self.guild.ids.new()
        raw = self._raw(id_, author, channel, body, files) | (extra or {})
        message = Message(id_, channel.id, author.id, now, raw, private_to, token=token)
        self.guild.add_message(message)
        if channel.kind == "thread":
            self._wake_thread(channel, author)
        self._tell_message("MESSAGE_CREATE", message)
        self._log.append("message", message=shapes.control_message(self.guild, message))
        return message

    def change(self, message: Message, body: Json, *, files: Sequence[Attachment] = (), edited: bool = True) -> None:
        """Change a message to what a checked body says; `edited`: whether it counts as an edit."""
        raw = dict(message.raw)
        if "content" in body:
            raw["content"] = body["content"] or ""
        if "content" in body or "allowed_mentions" in body:
            channel, author = self.guild.channels[message.channel], self.guild.people[message.author]
            raw |= content.mentions(self.guild, author, channel, raw["content"], body.get("allowed_mentions"))
        if "embeds" in body:
            raw["embeds"] = content.embeds(body["embeds"])
        if "components" in body:
            raw["components"] = content.components(body["components"])
        if "flags" in body:
            raw["flags"] = (raw["flags"] & ~4) | ((body["flags"] or 0) & 4)
        raw["attachments"] = self._attachments(raw["attachments"], body, files)
        if edited:
            raw["edited_timestamp"] = shapes.iso(self.guild.clock.now())
        self.replace(message, raw)

    def replace(self, message: Message, raw: Json) -> None:
        """Set the message object."""
        message.raw = raw
        self._tell_message("MESSAGE_UPDATE", message)
        self._log_change(message)

    def delete(self, message: Message) -> None:
        """Remove a message."""
        self.guild.forget_message(message)
        data: Json = {"id": message.id, "channel_id": message.channel}
        if message.private_to is None:
            self.tell("MESSAGE_DELETE", message.channel, data)
        self._log.append("message_deleted", id=message.id, channel=message.channel)

    def delete_many(self, channel: Channel, messages: Sequence[Message]) -> None:
        """Remove some messages of a channel with one event."""
        for message in messages:
            self.guild.forget_message(message)
            self._log.append("message_deleted", id=message.id, channel=message.channel)
        ids = [message.id for message in messages]
        self.tell("MESSAGE_DELETE_BULK", channel.id, {"ids": ids, "channel_id": channel.id})

    def react(self, message: Message, person: Person, emoji: str, *, add: bool) -> bool:
        """Add or remove a reaction; False when there was nothing to change."""
        people = message.reactions.setdefault(emoji, {})
        changed = (person.id in people) is not add
        if add:
            people[person.id] = None
        else:
            people.pop(person.id, None)
        if not people:
            del message.reactions[emoji]
        if not changed:
            return False
        self._reactions_changed(message)
        data: Json = {"user_id": person.id, "message_author_id": message.author, "emoji": {"id": None, "name": emoji}}
        data |= {"channel_id": message.channel, "message_id": message.id, "burst": False, "type": 0}
        if add and person.member and self.guild.channels[message.channel].kind != "direct":
            data["member"] = shapes.member(person)
        self.tell("MESSAGE_REACTION_ADD" if add else "MESSAGE_REACTION_REMOVE", message.channel, data)
        return True

    def clear_reactions(self, message: Message, emoji: str | None = None) -> None:
        """Remove all reactions, or all of one emoji."""
        data: Json = {"channel_id": message.channel, "message_id": message.id}
        if emoji is None:
            message.reactions.clear()
            self.tell("MESSAGE_REACTION_REMOVE_ALL", message.channel, data)
        else:
            message.reactions.pop(emoji, None)
            removed = {**data, "emoji": {"id": None, "name": emoji}}
            self.tell("MESSAGE_REACTION_REMOVE_EMOJI", message.channel, removed)
        self._reactions_changed(message)

    def pin(self, message: Message, person: Person, *, pinned: bool) -> None:
        """Pin or unpin a message. Who pinned it stands in the line that a pin leaves in the channel."""
        channel = self.guild.channels[message.channel]
        if (message.id in channel.pins) is pinned:
            return
        if pinned:
            channel.pins[message.id] = self.guild.clock.now()
        else:
            del channel.pins[message.id]
        last = shapes.iso(max(channel.pins.values())) if channel.pins else None
        self.tell("CHANNEL_PINS_UPDATE", channel.id, {"channel_id": channel.id, "last_pin_timestamp": last})
        self.replace(message, {**message.raw, "pinned": pinned})
        if pinned:
            reference = {"type": 0, "message_id": message.id, "channel_id": channel.id}
            if channel.kind != "direct":
                reference["guild_id"] = acme.GUILD
            self.post(person, channel, {}, extra={"type": PINNED, "message_reference": reference})

    def typing(self, person: Person, channel: Channel) -> None:
        """Show that somebody is typing."""
        data: Json = {"channel_id": channel.id, "user_id": person.id, "timestamp": int(self.guild.clock.now())}
        if channel.kind != "direct":
            data["member"] = shapes.member(person)
        self.tell("TYPING_START", channel.id, data)
        self._log.append("typing", channel=channel.id, author=person.id)

    # --- telling the bot -----------------------------------------------------------------------------------------

    def tell(self, event: str, channel: str, data: Json) -> None:
        """Send an event of a channel to the bot, if it sees the channel."""
        place = self.guild.channels[channel]
        if not self.guild.sees(acme.BOT_USER, place):
            return
        direct = place.kind == "direct"
        self._sessions.dispatch(event, data if direct else {**data, "guild_id": acme.GUILD}, direct=direct)

    def _tell_message(self, event: str, message: Message) -> None:
        if message.private_to is not None:
            return
        person = self.guild.people[message.author]
        place = self.guild.channels[message.channel]
        data = {**message.raw, "channel_type": {"direct": 1, "thread": 11}.get(place.kind, 0)}
        if place.kind != "direct" and person.member:
            data["member"] = shapes.partial_member(person)
        self.tell(event, message.channel, data)

    def _reactions_changed(self, message: Message) -> None:
        message.raw = {**message.raw, "reactions": content.reactions(message.reactions)}
        self._log_change(message)

    def _log_change(self, message: Message) -> None:
        self._log.append("message_changed", message=shapes.control_message(self.guild, message))

    # --- message objects -----------------------------------------------------------------------------------------

    def _raw(self, id_: str, author: Person, channel: Channel, body: Json, files: Sequence[Attachment]) -> Json:
        text = body.get("content") or ""
        referenced = self._referenced(body)
        replied = referenced.author if referenced is not None else ""
        raw: Json = {
            "id": id_,
            "channel_id": channel.id,
            "type": 0 if referenced is None else REPLY,
            "content": text,
            "author": shapes.user(author),
            "timestamp": shapes.iso(self.guild.clock.now()),
            "edited_timestamp": None,
            "tts": bool(body.get("tts")),
            **content.mentions(self.guild, author, channel, text, body.get("allowed_mentions"), replied),
            "attachments": [content.attachment(self.guild, file) for file in files],
            "embeds": content.embeds(body.get("embeds")),
            "components": content.components(body.get("components")),
            "pinned": False,
            "flags": body.get("flags") or 0,
        }
        if body.get("nonce") is not None:
            raw["nonce"] = body["nonce"]
        if referenced is not None:
            raw |= self._reference(referenced)
        return raw

    def _referenced(self, body: Json) -> Message | None:
        return self.guild.messages.get(str((body.get("message_reference") or {}).get("message_id")))

    @staticmethod
    def _reference(referenced: Message) -> Json:
        shown = {key: value for key, value in referenced.raw.items() if key != "referenced_message"}
        reference = {"type": 0, "message_id": referenced.id, "channel_id": referenced.channel}
        return {"message_reference": reference, "referenced_message": shown}

    def _attachments(self, present: list[Json], body: Json, files: Sequence[Attachment]) -> list[Json]:
        kept = present
        if body.get("attachments") is not None:
            ids = {str(item.get("id")) for item in body["attachments"]}
            kept = [item for item in present if item["id"] in ids]
        return [*kept, *(content.attachment(self.guild, file) for file in files)]

    def _wake_thread(self, thread: Channel, author: Person) -> None:
        thread.message_count += 1
        thread.members.add(author.id)
        if thread.archived:
            thread.archived = False
            self.tell("THREAD_UPDATE", thread.id, shapes.channel(self.guild, thread))
