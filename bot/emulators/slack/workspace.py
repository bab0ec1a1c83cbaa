"""The state of one workspace: people, channels, messages. Every change is written to the event log."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from bot.emulators.common.clock import PlatformClock
from bot.emulators.common.log import EventLog
from bot.emulators.slack import acme, shapes
from bot.emulators.slack.app import App
from bot.emulators.slack.ids import Ids
from bot.emulators.slack.model import Channel, ChannelKind, File, Message, Person, UserGroup, View

Json = dict[str, Any]


class Workspace:
    """People, channels and what is in them. Look-ups are by id and O(1); the latest `keep` messages are kept."""

    def __init__(self, app: App, clock: PlatformClock, log: EventLog, *, keep: int = 20_000) -> None:
        self.app = app
        self.clock = clock
        self.log = log
        self.ids = Ids(clock)
        self.base_url = ""
        """The emulator's address, for links; set when it listens."""
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: OrderedDict[str, Message] = OrderedDict()
        """By ts, which is unique in the workspace; private ones too."""
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.groups: dict[str, UserGroup] = {}
        self._by_handle: dict[str, str] = {}
        self._by_email: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        self._direct: dict[str, str] = {}
        self._keep = keep

    # --- people and channels -----------------------------------------------------------------------------

    def add_person(self, person: Person) -> Person:
        """Add a person; the same handle twice keeps the first under that handle."""
        self.people[person.id] = person
        self._by_handle.setdefault(person.name, person.id)
        self._by_handle.setdefault(person.display_name.lower(), person.id)
        if person.email:
            self._by_email[person.email.lower()] = person.id
        self.log.append("person", person=shapes.control_person(person, self.app))
        return person

    def add_channel(
        self,
        name: str,
        *,
        kind: ChannelKind = "channel",
        creator: str = acme.LEE,
        members: Iterable[str] = (),
        id_: str = "",
        topic: str = "",
        shared_with: tuple[str, ...] = (),
    ) -> Channel:
        """Add a channel or direct message."""
        new_id = id_ or self.ids.new("D" if kind == "direct" else "C")
        channel = Channel(
            new_id, name, kind, creator, int(self.clock.now()), dict.fromkeys(members), topic, shared_with=shared_with
        )
        self.channels[new_id] = channel
        if kind != "direct":
            self._by_name[name] = new_id
        self.changed(channel)
        return channel

    def changed(self, channel: Channel) -> None:
        """Tell that a channel changed (members, topic, name, archived)."""
        self.log.append("channel", channel=shapes.control_channel(channel, self.app))

    def rename(self, channel: Channel, name: str) -> None:
        """Give a channel another name."""
        del self._by_name[channel.name]
        channel.previous_names.insert(0, channel.name)
        channel.name = name
        self._by_name[name] = channel.id
        self.changed(channel)

    def direct_with(self, person: str) -> Channel:
        """The direct message between the bot and a person, opened when needed."""
        if person not in self._direct:
            # The id follows from the person's, so that it is the same after a restart.
            channel = self.add_channel(
                "", kind="direct", creator=person, members=(person, self.app.user), id_="D" + person.removeprefix("U")
            )
            self._direct[person] = channel.id
        return self.channels[self._direct[person]]

    def person_named(self, name: str) -> str | None:
        """A person's id by handle or display name."""
        return self._by_handle.get(name.lower())

    def person_with_email(self, email: str) -> str | None:
        """A person's id by e-mail address."""
        return self._by_email.get(email.lower())

    def channel_named(self, name: str) -> str | None:
        """A channel's id by name."""
        return self._by_name.get(name)

    def is_member(self, channel: Channel) -> bool:
        """Whether the bot is in the channel."""
        return self.app.user in channel.members

    # --- messages ----------------------------------------------------------------------------------------

    def add_message(self, channel: Channel, author: str, fields: Json, *, private_to: str | None = None) -> Message:
        """Put a message into a channel; `fields` extend Slack's message object."""
        ts = self.ids.ts()
        thread = fields.get("thread_ts")
        raw: Json = {"type": "message", "user": author, "ts": ts, **fields}
        if thread is not None and thread in channel.messages:
            raw["parent_user_id"] = channel.messages[thread].author
        message = Message(ts, channel.id, author, self.clock.now(), raw, private_to)
        self.messages[ts] = message
        if private_to is None:
            channel.messages[ts] = message
        self.log.append("message", message=shapes.control_message(message))
        if private_to is None and thread is not None:
            self._count_reply(channel, thread, message)
        self._drop_oldest()
        return message

    def replace_message(self, message: Message, raw: Json) -> None:
        """Give a message new content."""
        message.raw = raw
        self.log.append("message_changed", message=shapes.control_message(message))

    def delete_message(self, message: Message) -> None:
        """Remove a message."""
        self._forget(message)
        self.messages.pop(message.ts, None)
        self.log.append("message_deleted", id=message.ts, channel=message.channel)

    def _count_reply(self, channel: Channel, thread: str, reply: Message) -> None:
        replies = channel.threads.setdefault(thread, [])
        replies.append(reply.ts)
        root = channel.messages.get(thread)
        if root is None:
            return
        users = root.raw.get("reply_users", [])
        users = users if reply.author in users else [*users, reply.author]
        counts = {
            "reply_count": len(replies),
            "reply_users": users,
            "reply_users_count": len(users),
            "latest_reply": reply.ts,
        }
        self.replace_message(root, {**root.raw, "thread_ts": thread, **counts})

    def _drop_oldest(self) -> None:
        while len(self.messages) > self._keep:
            self._forget(self.messages.popitem(last=False)[1])

    def _forget(self, message: Message) -> None:
        channel = self.channels[message.channel]
        channel.messages.pop(message.ts, None)
        channel.pins.pop(message.ts, None)
        thread = message.thread
        if thread == message.ts:
            channel.threads.pop(thread, None)
        elif thread is not None and message.ts in channel.threads.get(thread, ()):
            channel.threads[thread].remove(message.ts)

    # --- views -------------------------------------------------------------------------------------------

    def show_view(self, view: View, *, new: bool) -> None:
        """Open a view, or tell that it changed."""
        shelf = self.homes if view.raw["type"] == "home" else self.views
        shelf[view.person if view.raw["type"] == "home" else view.id] = view
        self.log.append("form_opened" if new else "form_changed", form=shapes.control_form(view))

    def close_view(self, view: View) -> None:
        """Remove a modal."""
        self.views.pop(view.id, None)
        self.log.append("form_closed", id=view.id, person=view.person)

    def view_by_id(self, id_: str) -> View | None:
        """A modal or home by id."""
        return self.views.get(id_) or next((home for home in self.homes.values() if home.id == id_), None)

    def view_by_external_id(self, external_id: str) -> View | None:
        """A modal or home by the app's own id for it."""
        shown = (*self.views.values(), *self.homes.values())
        return next((view for view in shown if view.raw.get("external_id") == external_id), None)


def fill_with_acme(workspace: Workspace) -> None:
    """Put the demo workspace's people, channels and groups into an empty workspace."""
    for person in (*acme.PEOPLE, acme.COPILOT):
        workspace.add_person(person)
    for id_, name, private, topic, members, shared_with in acme.CHANNELS:
        kind: ChannelKind = "private" if private else "channel"
        channel = workspace.add_channel(
            name, kind=kind, members=members, id_=id_, topic=topic, shared_with=tuple(shared_with)
        )
        channel.general = id_ == acme.GENERAL
    for id_, handle, name in acme.GROUPS:
        in_group = [person.id for person in acme.PEOPLE if handle in person.roles]
        workspace.groups[id_] = UserGroup(id_, handle, name, in_group)
