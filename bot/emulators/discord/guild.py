"""The emulated server's state: who and what exists. It sends nothing by itself."""

import dataclasses
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Iterable

from bot.emulators.common.clock import PlatformClock
from bot.emulators.discord import access, acme, limits, permissions
from bot.emulators.discord.ids import Ids
from bot.emulators.discord.model import Attachment, Channel, Form, Json, Message, Overwrite, Person, Role

_DIRECT = 1 << 61
"""The bit that tells a direct message's id from its person's."""


class Guild:
    """One server, one application, and the direct messages with it."""

    def __init__(self, clock: PlatformClock, *, bot_permissions: int, privileged_intents: int, keep: int) -> None:
        """`bot_permissions`: what the bot's role grants; `privileged_intents`: those that the application was granted;
        `keep`: how many messages and files are remembered."""
        self.clock = clock
        self.ids = Ids(clock)
        self.base_url = ""
        self.bot_permissions = bot_permissions
        self.privileged_intents = privileged_intents
        self.people: dict[str, Person] = {}
        self.roles: dict[str, Role] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: OrderedDict[str, Message] = OrderedDict()
        self.attachments: OrderedDict[str, Attachment] = OrderedDict()
        self.forms: OrderedDict[str, Form] = OrderedDict()
        self.commands: dict[str, dict[str, Json]] = {"": {}, acme.GUILD: {}}
        """Application commands by id; "" holds the global ones."""
        self._nonces: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()
        self._keep = keep
        self.person_added: Callable[[Person], None] = lambda _: None
        self.channel_added: Callable[[Channel], None] = lambda _: None
        self._handles: dict[str, str] = {}
        self._channel_names: dict[str, str] = {}
        self._directs: dict[str, str] = {}

    # --- people and channels ---------------------------------------------------------------------------------

    def add_person(self, person: Person) -> Person:
        """Add somebody."""
        self.people[person.id] = person
        self._handles.setdefault(person.name.lower(), person.id)
        self._handles.setdefault(person.display_name.lower(), person.id)
        self.person_added(person)
        return person

    def add_channel(self, channel: Channel) -> Channel:
        """Add a channel, thread or direct message."""
        channel.position = channel.position or len(self.channels)
        self.channels[channel.id] = channel
        if channel.kind == "private" and not channel.overwrites:
            see = permissions.VIEW_CHANNEL
            shown = [Overwrite(id_, member=True, allow=see) for id_ in sorted(channel.members)]
            self.overwrite(channel, [Overwrite(acme.ROLE_EVERYONE, deny=see), *shown])
        if channel.kind != "direct":
            self._channel_names.setdefault(channel.name.lower(), channel.id)
        self.channel_added(channel)
        return channel

    def overwrite(self, channel: Channel, overwrites: Iterable[Overwrite]) -> None:
        """Replace a channel's overwrites; one that says nothing is left out."""
        channel.overwrites = {one.id: one for one in overwrites if one.allow or one.deny}
        everybody = channel.overwrites.get(acme.ROLE_EVERYONE)
        if channel.kind != "category":
            hidden = everybody is not None and everybody.deny & permissions.VIEW_CHANNEL
            channel.kind = "private" if hidden else "channel"

    def rename_channel(self, channel: Channel, name: str) -> None:
        """Give a channel or thread another name."""
        self._forget_name(channel)
        channel.name = name
        self._channel_names.setdefault(name.lower(), channel.id)

    def forget_channel(self, channel: Channel) -> None:
        """Remove a channel or thread with its messages."""
        self.channels.pop(channel.id, None)
        for id_ in channel.message_ids:
            self.messages.pop(str(id_), None)
        self._forget_name(channel)

    def _forget_name(self, channel: Channel) -> None:
        if self._channel_names.get(channel.name.lower()) == channel.id:
            del self._channel_names[channel.name.lower()]

    def person_named(self, name: str) -> str | None:
        """The id of who has that handle or name."""
        return self._handles.get(name.lower())

    def role_named(self, name: str) -> str | None:
        """The id of the role of that name."""
        return next((role.id for role in self.roles.values() if role.name == name), None)

    def channel_named(self, name: str) -> str | None:
        """The id of the channel or thread of that name."""
        return self._channel_names.get(name.lower())

    def direct_with(self, person: str) -> Channel:
        """The direct message between the person and the bot, opened when needed."""
        id_ = self._directs.get(person)
        if id_ is None:
            # The id follows from the person's, so that it is the same after a restart.
            id_ = self._directs[person] = str(int(person) | _DIRECT)
            name = self.people[person].name
            self.add_channel(Channel(id_, name, "direct", members={person, acme.BOT_USER}))
        return self.channels[id_]

    # --- who may what ------------------------------------------------------------------------------------------

    def sees(self, person: str, channel: Channel) -> bool:
        """Whether the person can see the channel."""
        if channel.kind == "direct":
            return person in channel.members
        if channel.kind == "thread":
            allowed = not channel.private or person in channel.members
            return allowed and self.sees(person, self.channels[channel.parent])
        return bool(self._held(self.people[person], channel) & permissions.VIEW_CHANNEL)

    def permissions(self, person: str, channel: Channel) -> int:
        """The person's permission bits in the channel; 0 when they cannot see it."""
        if not self.sees(person, channel):
            return 0
        if channel.kind == "direct":
            return self.granted(self.people[person])
        return self._held(self.people[person], self.channels[channel.parent] if channel.kind == "thread" else channel)

    def _held(self, person: Person, channel: Channel) -> int:
        if not person.member:
            return 0
        granted = self.granted(person)
        return granted if granted == permissions.ALL else access.overwritten(granted, person, channel.overwrites)

    def granted(self, person: Person) -> int:
        """What the person's roles grant in every channel."""
        if person.owner:
            return permissions.ALL
        held = self.bot_permissions if person.id == acme.BOT_USER else self.roles[acme.ROLE_EVERYONE].permissions
        for id_ in person.roles:
            if (role := self.roles.get(id_)) is not None and not role.managed:
                held |= role.permissions
        return permissions.ALL if held & permissions.ADMINISTRATOR else held

    def members(self) -> Iterable[Person]:
        """Who is in the server."""
        return (person for person in self.people.values() if person.member)

    # --- messages ------------------------------------------------------------------------------------------------

    def add_message(self, message: Message) -> None:
        """Remember a message; the oldest is forgotten when there are too many."""
        self.messages[message.id] = message
        if message.private_to is None:
            insort(self.channels[message.channel].message_ids, int(message.id))
        if len(self.messages) > self._keep:
            self.forget_message(next(iter(self.messages.values())))

    def forget_message(self, message: Message) -> None:
        """Remove a message."""
        self.messages.pop(message.id, None)
        channel = self.channels.get(message.channel)
        if channel is not None:
            channel.pins.pop(message.id, None)
            _discard_sorted(channel.message_ids, int(message.id))

    def remember_nonce(self, body: Json, message: Message) -> None:
        """Keep the nonce of a message for a while."""
        nonce = body.get("nonce")
        if nonce is not None:
            self._nonces[message.channel, str(nonce)] = (self.clock.now() + limits.NONCE_LIFE, message.id)
            if len(self._nonces) > self._keep:
                self._nonces.popitem(last=False)

    def sent_with(self, body: Json, channel: str) -> Message | None:
        """The message sent lately with the same nonce, when the body asks for that check."""
        if not body.get("enforce_nonce"):
            return None
        ends, id_ = self._nonces.get((channel, str(body.get("nonce"))), (0.0, ""))
        return self.messages.get(id_) if ends > self.clock.now() else None

    def add_attachment(self, attachment: Attachment) -> None:
        """Remember a file; the oldest is forgotten when there are too many."""
        self.attachments[attachment.id] = attachment
        if len(self.attachments) > self._keep:
            self.attachments.popitem(last=False)

    def add_form(self, form: Form) -> None:
        """Remember an open form; a person has one at a time."""
        for other in [known for known in self.forms.values() if known.person == form.person]:
            del self.forms[other.id]
        self.forms[form.id] = form


def fill_with_acme(guild: Guild) -> None:
    """Put the demo server's roles, people and channels in place."""
    guild.roles = {role.id: dataclasses.replace(role) for role in acme.ROLES}
    for person in acme.PEOPLE:
        guild.add_person(dataclasses.replace(person, roles=list(person.roles)))
    for channel in acme.CHANNELS:
        guild.add_channel(
            dataclasses.replace(channel, members=set(channel.members), overwrites={}, message_ids=[], pins={})
        )


def _discard_sorted(ids: list[int], wanted: int) -> None:
    at = bisect_left(ids, wanted)
    if at < len(ids) and ids[at] == wanted:
        del ids[at]
