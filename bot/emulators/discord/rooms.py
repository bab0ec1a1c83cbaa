"""Channels, threads and who is where: changes the state, tells the bot, and records events."""

from collections.abc import Iterable
from dataclasses import replace

from bot.emulators.common.log import EventLog
from bot.emulators.discord import acme, permissions, shapes
from bot.emulators.discord.chat import HAS_THREAD, Chat
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.guild import Guild
from bot.emulators.discord.model import Channel, Json, Message, Overwrite, Person
from bot.emulators.discord.sessions import Sessions


class Rooms:
    """Channels, threads and membership."""

    def __init__(self, guild: Guild, chat: Chat, log: EventLog, sessions: Sessions) -> None:
        self._guild = guild
        self._chat = chat
        self._log = log
        self._sessions = sessions

    def open_thread(
        self,
        owner: Person,
        parent: Channel,
        name: str,
        *,
        message: Message | None = None,
        private: bool = False,
        auto_archive: int = 1440,
    ) -> Channel:
        """Open a thread, from a message or by itself."""
        if message is not None and message.id in self._guild.channels:
            raise DiscordError(160004)
        thread = Channel(
            message.id if message is not None else self._guild.ids.new(),
            name,
            "thread",
            parent=parent.id,
            owner=owner.id,
            opened_at=self._guild.clock.now(),
            private=private,
            auto_archive=auto_archive,
            members={owner.id},
        )
        self._guild.add_channel(thread)
        self._chat.tell("THREAD_CREATE", thread.id, {**shapes.channel(self._guild, thread), "newly_created": True})
        if message is not None:
            shown = shapes.channel(self._guild, thread)
            flags = message.raw["flags"] | HAS_THREAD
            self._chat.replace(message, {**message.raw, "flags": flags, "thread": shown})
        return thread

    def update_thread(self, thread: Channel) -> None:
        """Tell that a thread changed."""
        self._chat.tell("THREAD_UPDATE", thread.id, shapes.channel(self._guild, thread))
        self.changed(thread)

    def delete_thread(self, thread: Channel) -> None:
        """Remove a thread."""
        gone: Json = {"id": thread.id, "guild_id": acme.GUILD, "parent_id": thread.parent, "type": 11}
        self._chat.tell("THREAD_DELETE", thread.id, gone)
        self._guild.forget_channel(thread)
        self._log.append("channel", channel={**shapes.control_channel(self._guild, thread), "deleted": True})

    def join(self, channel: Channel, person: Person) -> None:
        """Let somebody in: into the server if need be, and into the channel or thread."""
        if not person.member:
            person.member = True
            self.tell_arrival(person)
            self._log.append("person", person=shapes.control_person(self._guild, person))
        if channel.kind == "thread":
            channel.members.add(person.id)
        else:
            self._show(channel, person)
        self._membership_changed(channel, person, added=True)
        if person.id == acme.BOT_USER and channel.kind != "thread":
            self._sync_threads(channel)

    def leave(self, channel: Channel, person: Person) -> None:
        """Keep somebody out of the channel or thread."""
        if channel.kind == "thread":
            channel.members.discard(person.id)
        else:
            self._hide(channel, person)
        self._membership_changed(channel, person, added=False)

    def kick(self, person: Person) -> None:
        """Put somebody out of the server, with all their memberships and roles."""
        person.member, person.roles = False, []
        for channel in self._guild.channels.values():
            if channel.kind != "direct" and (person.id in channel.members or person.id in channel.overwrites):
                channel.members.discard(person.id)
                self.changed(channel)
        gone: Json = {"guild_id": acme.GUILD, "user": shapes.user(person)}
        self._sessions.dispatch("GUILD_MEMBER_REMOVE", gone)
        self._log.append("person", person=shapes.control_person(self._guild, person))

    def tell_arrival(self, person: Person) -> None:
        """Tell the bot of a new member."""
        self._sessions.dispatch("GUILD_MEMBER_ADD", {**shapes.member(person), "guild_id": acme.GUILD})

    def tell_channel(self, event: str, channel: Channel) -> None:
        """Tell the bot of a new or changed channel. It hears of those that it does not see, too; only what happens inside
        is kept from it."""
        self._sessions.dispatch(event, shapes.channel(self._guild, channel))

    def overwrite(self, channel: Channel, overwrites: Iterable[Overwrite]) -> None:
        """Replace a channel's overwrites and tell of it; a bot that sees the channel only now gets its threads."""
        before = self._guild.sees(acme.BOT_USER, channel)
        self._guild.overwrite(channel, overwrites)
        self.tell_channel("CHANNEL_UPDATE", channel)
        self.changed(channel)
        if not before and self._guild.sees(acme.BOT_USER, channel):
            self._sync_threads(channel)

    def delete_channel(self, channel: Channel) -> None:
        """Remove a channel with its threads; the channels of a category stay."""
        for thread in [one for one in self._guild.channels.values() if one.parent == channel.id]:
            self.delete_thread(thread)
        self.tell_channel("CHANNEL_DELETE", channel)
        self._guild.forget_channel(channel)
        for inside in [one for one in self._guild.channels.values() if one.category == channel.id]:
            inside.category = ""
        self._log.append("channel", channel={**shapes.control_channel(self._guild, channel), "deleted": True})

    def _show(self, channel: Channel, person: Person) -> None:
        own = channel.overwrites.get(person.id, Overwrite(person.id, member=True))
        see = permissions.VIEW_CHANNEL
        allow = own.allow | see if channel.kind == "private" else own.allow
        self._set(channel, replace(own, allow=allow, deny=own.deny & ~see))

    def _hide(self, channel: Channel, person: Person) -> None:
        own = channel.overwrites.get(person.id, Overwrite(person.id, member=True))
        see = permissions.VIEW_CHANNEL
        self._set(channel, replace(own, allow=own.allow & ~see))
        if self._guild.sees(person.id, channel):
            self._set(channel, replace(own, allow=own.allow & ~see, deny=own.deny | see))

    def _set(self, channel: Channel, overwrite: Overwrite) -> None:
        self._guild.overwrite(channel, {**channel.overwrites, overwrite.id: overwrite}.values())

    def changed(self, channel: Channel) -> None:
        """Record the channel as it is now."""
        self._log.append("channel", channel=shapes.control_channel(self._guild, channel))

    def _membership_changed(self, channel: Channel, person: Person, *, added: bool) -> None:
        if channel.kind == "thread":
            data: Json = {"id": channel.id, "guild_id": acme.GUILD, "member_count": len(channel.members)}
            if added:
                data["added_members"] = [{**shapes.thread_member(channel, person.id), "member": shapes.member(person)}]
            else:
                data["removed_member_ids"] = [person.id]
            self._sessions.dispatch("THREAD_MEMBERS_UPDATE", data)
        else:
            self.tell_channel("CHANNEL_UPDATE", channel)
        self.changed(channel)

    def _sync_threads(self, parent: Channel) -> None:
        found = [one for one in self._guild.channels.values() if one.parent == parent.id and not one.archived]
        seen = [one for one in found if self._guild.sees(acme.BOT_USER, one)]
        data: Json = {
            "guild_id": acme.GUILD,
            "channel_ids": [parent.id],
            "threads": [shapes.channel(self._guild, one) for one in seen],
            "members": [shapes.thread_member(one, acme.BOT_USER) for one in seen if acme.BOT_USER in one.members],
        }
        self._sessions.dispatch("THREAD_LIST_SYNC", data)
