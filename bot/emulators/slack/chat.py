"""What happens in channels: messages, reactions and membership, with the events they cause."""

from collections.abc import Callable
from typing import Any

from bot.emulators.slack import acme, payloads, shapes
from bot.emulators.slack.model import Channel, Message, Person
from bot.emulators.slack.workspace import Workspace

Json = dict[str, Any]
_CAN_MENTION = {None, "bot_message", "file_share", "thread_broadcast"}


class Chat:
    """Changes the workspace and tells the bot about it, as far as it subscribed and is a member."""

    def __init__(self, workspace: Workspace, deliver: Callable[[Json], None]) -> None:
        """`deliver`: takes the outer object of an event."""
        self.workspace = workspace
        self._deliver = deliver
        self._bot_fields: Json = {}

    # --- messages ----------------------------------------------------------------------------------------

    def post(self, channel: Channel, author: str, fields: Json, *, private_to: str | None = None) -> Message:
        """A new message; private ones cause no event."""
        message = self.workspace.add_message(channel, author, fields, private_to=private_to)
        if private_to is None and self._listens(channel, payloads.subscription(channel)):
            self._send(payloads.message_event(channel, message), channel)
        if private_to is None and self._mentions_bot(channel, message):
            self._send(payloads.mention_event(channel, message), channel)
        return message

    def post_as_bot(self, channel: Channel, fields: Json, *, private_to: str | None = None) -> Message:
        """A new message of the app."""
        return self.post(channel, self.workspace.app.user, {**self.bot_fields(), **fields}, private_to=private_to)

    def change(self, message: Message, fields: Json, *, quietly: bool = False) -> None:
        """New content; a value of None removes the field. `quietly`: without the "edited" mark and event."""
        before, ts = message.raw, self.workspace.ids.ts()
        raw = {name: value for name, value in {**before, **fields}.items() if value is not None}
        if not quietly:
            raw["edited"] = {"user": message.author, "ts": ts}
        self.workspace.replace_message(message, raw)
        channel = self.workspace.channels[message.channel]
        if not quietly and message.private_to is None and self._listens(channel, payloads.subscription(channel)):
            self._send(payloads.changed_event(channel, message, before, ts), channel)

    def delete(self, message: Message) -> None:
        """Remove a message."""
        channel = self.workspace.channels[message.channel]
        self.workspace.delete_message(message)
        if message.private_to is None and self._listens(channel, payloads.subscription(channel)):
            self._send(payloads.deleted_event(channel, message, self.workspace.ids.ts()), channel)

    def bot_fields(self) -> Json:
        """What every message of the app carries."""
        if not self._bot_fields:
            app = self.workspace.app
            person = self.workspace.people[app.user]
            profile = shapes.bot_profile(person)
            self._bot_fields = {"bot_id": app.bot, "app_id": app.id, "team": acme.TEAM, "bot_profile": profile}
        return self._bot_fields

    # --- reactions and membership --------------------------------------------------------------------------

    def react(self, message: Message, person: str, name: str, *, add: bool) -> bool:
        """Add or take back a reaction; False when nothing changed."""
        reactions = [dict(reaction) for reaction in message.raw.get("reactions", ())]
        found = next((reaction for reaction in reactions if reaction["name"] == name), None)
        if (found is not None and person in found["users"]) is add:
            return False
        if add:
            if found is None:
                found = {"name": name, "users": [], "count": 0}
                reactions.append(found)
            found["users"] = [*found["users"], person]
        elif found is not None:
            found["users"] = [user for user in found["users"] if user != person]
        reactions = [{**reaction, "count": len(reaction["users"])} for reaction in reactions if reaction["users"]]
        self.change(message, {"reactions": reactions or None}, quietly=True)
        kind = "reaction_added" if add else "reaction_removed"
        channel = self.workspace.channels[message.channel]
        if self._listens(channel, kind):
            self._send(payloads.reaction_event(kind, person, name, message, self.workspace.ids.ts()), channel)
        return True

    def join(self, channel: Channel, person: Person, inviter: str = "") -> None:
        """Make a person a member, with the line in the channel and the event."""
        channel.members[person.id] = None
        self.workspace.changed(channel)
        fields: Json = {"subtype": "channel_join", "text": f"<@{person.id}> has joined the channel"}
        self.post(channel, person.id, {**fields, "inviter": inviter} if inviter else fields)
        if self._listens(channel, "member_joined_channel"):
            self._send(payloads.joined_event(channel, person, inviter, self.workspace.ids.ts()), channel)

    def leave(self, channel: Channel, person: Person) -> None:
        """End a membership."""
        channel.members.pop(person.id, None)
        self.workspace.changed(channel)
        self.post(channel, person.id, {"subtype": "channel_leave", "text": f"<@{person.id}> has left the channel"})

    def pin(self, message: Message, person: str) -> bool:
        """Pin a message; False when it is pinned already."""
        channel = self.workspace.channels[message.channel]
        if message.ts in channel.pins:
            return False
        channel.pins[message.ts] = {"created": int(self.workspace.clock.now()), "created_by": person}
        self.change(message, {"pinned_to": [channel.id]}, quietly=True)
        self._tell_pin(channel, message, person)
        return True

    def unpin(self, message: Message) -> bool:
        """Take the pin off a message; False when there is none."""
        channel = self.workspace.channels[message.channel]
        if channel.pins.pop(message.ts, None) is None:
            return False
        self.change(message, {"pinned_to": None}, quietly=True)
        return True

    def _tell_pin(self, channel: Channel, message: Message, person: str) -> None:
        if self._listens(channel, "pin_added"):
            ts = self.workspace.ids.ts()
            item: Json = {"type": "message", "channel": channel.id, **channel.pins[message.ts], "message": message.raw}
            event: Json = {"type": "pin_added", "user": person, "channel_id": channel.id, "item": item, "event_ts": ts}
            event |= {"item_user": message.author, "pin_count": len(channel.pins)}
            self._send(event, channel)

    def open_home(self, person: str) -> None:
        """Tell that a person looked at the app's home."""
        if "app_home_opened" in self.workspace.app.events:
            direct = self.workspace.direct_with(person)
            view = self.workspace.homes.get(person)
            self._send(payloads.home_event(person, direct, view, self.workspace.ids.ts()), direct)

    def _listens(self, channel: Channel, subscription: str) -> bool:
        app = self.workspace.app
        return subscription in app.events and app.user in channel.members

    def _mentions_bot(self, channel: Channel, message: Message) -> bool:
        app = self.workspace.app
        if channel.kind == "direct" or message.author == app.user or message.raw.get("subtype") not in _CAN_MENTION:
            return False
        return f"<@{app.user}>" in str(message.raw.get("text", "")) and self._listens(channel, "app_mention")

    def _send(self, event: Json, channel: Channel) -> None:
        self._deliver(payloads.event_callback(self.workspace, event, channel))
