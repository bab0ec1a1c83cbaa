"""What people do: the acts of the control interface."""

import mimetypes
from collections.abc import Callable

from bot.emulators.common.faults import ControlError
from bot.emulators.discord import acme, content, limits, permissions
from bot.emulators.discord.call import Platform
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.model import Attachment, Channel, Json, Message, Person
from bot.emulators.discord.using import Using


class Acts:
    """Carries out one act; ControlError says why it cannot be done."""

    def __init__(self, platform: Platform) -> None:
        self._guild = platform.guild
        self._chat = platform.chat
        self._rooms = platform.rooms
        self._using = Using(platform)
        self._known: dict[str, Callable[[Person, Json], Json]] = {
            "post": self._post,
            "direct": self._direct,
            "command": self._command,
            "click": self._click,
            "select": self._select,
            "submit": self._submit,
            "close_form": self._close_form,
            "react": self._react,
            "unreact": self._unreact,
            "pin": self._pin,
            "unpin": self._unpin,
            "shortcut": self._shortcut,
            "edit": self._edit,
            "delete": self._delete,
            "invite": self._invite,
            "remove": self._remove,
            "open_thread": self._open_thread,
        }

    async def act(self, act: Json) -> Json:
        """Do it; the answer's fields."""
        person = self._guild.people.get(str(act.get("as", "")))
        if person is None:
            raise ControlError(f"no person {act.get('as')!r}; GET /control/state lists them")
        if person.deactivated:
            raise ControlError(f"{person.display_name} is deactivated and cannot do anything")
        if act.get("do") == "complete":
            return await self._using.complete(person, self._seen_channel(person, act), act)
        do = self._known.get(str(act.get("do", "")))
        if do is None:
            raise ControlError(f"unknown act {act.get('do')!r}; known: complete, {', '.join(self._known)}")
        return do(person, act)

    # --- messages ----------------------------------------------------------------------------------------

    def _post(self, person: Person, act: Json) -> Json:
        where = {"channel": act["thread"]} if act.get("thread") else act
        return self._say(person, self._seen_channel(person, where), act)

    def _direct(self, person: Person, act: Json) -> Json:
        return self._say(person, self._guild.direct_with(person.id), act)

    def _say(self, person: Person, channel: Channel, act: Json) -> Json:
        files = [self._file(channel, wish) for wish in act.get("files") or ()]
        text = content.typed(str(act.get("text") or ""), self._guild)
        embeds = (act.get("embeds") or ()) if person.bot else ()
        if not text.strip() and not files and not embeds:
            raise ControlError("the client does not send an empty message")
        if len(text) > 2 * limits.CONTENT or (len(text) > limits.CONTENT and person.bot):
            raise ControlError(f"the client does not send more than {2 * limits.CONTENT:,} characters")
        if channel.locked:
            raise ControlError("the thread is locked")
        threaded = channel.kind == "thread"
        self._allowed(person, channel, permissions.SEND_MESSAGES_IN_THREADS if threaded else permissions.SEND_MESSAGES)
        if not files and act.get("reply"):
            return {"message": self._reply(person, channel, text, str(act["reply"])).id, "channel": channel.id}
        body: Json = {"content": text, "embeds": list(embeds)} if embeds else {"content": text}
        message = self._chat.post(person, channel, body, files=files)
        return {"message": message.id, "channel": channel.id}

    def _reply(self, person: Person, channel: Channel, text: str, target: str) -> Message:
        return self._chat.post(person, channel, {"content": text, "message_reference": {"message_id": target}})

    def _file(self, channel: Channel, wish: Json) -> Attachment:
        name = str(wish.get("name", "file.txt")).replace("/", "_")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = Attachment(self._guild.ids.new(), channel.id, name, kind, str(wish.get("content", "")).encode())
        self._guild.add_attachment(file)
        return file

    def _edit(self, person: Person, act: Json) -> Json:
        text = content.typed(str(act.get("text", "")), self._guild)
        self._chat.change(self._living(self._own_message(person, act)), {"content": text})
        return {}

    def _delete(self, person: Person, act: Json) -> Json:
        self._chat.delete(self._own_message(person, act))
        return {}

    def _react(self, person: Person, act: Json) -> Json:
        message, emoji = self._living(self._seen(person, act)), str(act.get("emoji"))
        if emoji not in message.reactions:
            self._allowed(person, self._guild.channels[message.channel], permissions.ADD_REACTIONS)
        return {"changed": self._chat.react(message, person, emoji, add=True)}

    def _unreact(self, person: Person, act: Json) -> Json:
        message = self._living(self._seen(person, act))
        return {"changed": self._chat.react(message, person, str(act.get("emoji")), add=False)}

    def _pin(self, person: Person, act: Json) -> Json:
        return self._set_pin(person, act, pinned=True)

    def _unpin(self, person: Person, act: Json) -> Json:
        return self._set_pin(person, act, pinned=False)

    def _set_pin(self, person: Person, act: Json, *, pinned: bool) -> Json:
        message = self._living(self._seen(person, act))
        channel = self._guild.channels[message.channel]
        if message.private_to is not None:
            raise ControlError("a message that one person sees cannot be pinned")
        self._allowed(person, channel, permissions.PIN_MESSAGES)
        if pinned and message.id not in channel.pins and len(channel.pins) >= limits.PINS:
            raise ControlError(f"#{channel.name} has {limits.PINS} pins already; take one off first")
        changed = (message.id in channel.pins) is not pinned
        self._chat.pin(message, person, pinned=pinned)
        return {"changed": changed}

    # --- interactions ------------------------------------------------------------------------------------

    def _command(self, person: Person, act: Json) -> Json:
        return self._using.command(person, self._seen_channel(person, act), act)

    def _shortcut(self, person: Person, act: Json) -> Json:
        return self._using.shortcut(person, self._seen(person, act), str(act.get("callback")))

    def _click(self, person: Person, act: Json) -> Json:
        return self._using.click(person, self._seen(person, act), str(act.get("action")), stale=bool(act.get("stale")))

    def _select(self, person: Person, act: Json) -> Json:
        values = act.get("values")
        if not isinstance(values, list):
            raise ControlError("values must be a list")
        return self._using.select(person, self._seen(person, act), str(act.get("action")), values)

    def _submit(self, person: Person, act: Json) -> Json:
        fields = act.get("fields") or {}
        if not isinstance(fields, dict):
            raise ControlError("fields must be an object {id: value}")
        return self._using.submit(person, str(act.get("form")), fields)

    def _close_form(self, person: Person, act: Json) -> Json:
        self._using.close(person, str(act.get("form")))
        return {}

    # --- rooms -------------------------------------------------------------------------------------------

    def _open_thread(self, person: Person, act: Json) -> Json:
        message = self._seen(person, act)
        parent = self._guild.channels[message.channel]
        if parent.kind not in {"channel", "private"}:
            raise ControlError("threads are opened from messages of a channel")
        self._allowed(person, parent, permissions.CREATE_PUBLIC_THREADS)
        name = str(act.get("name") or message.raw["content"][:50] or "Thread")[: limits.THREAD_NAME]
        try:
            thread = self._rooms.open_thread(person, parent, name, message=message)
        except DiscordError as refused:
            raise ControlError(refused.message) from None
        return {"channel": thread.id}

    def _invite(self, _: Person, act: Json) -> Json:
        channel, other = self._channel(act), self._person(act)
        if self._guild.sees(other.id, channel):
            raise ControlError(f"{other.display_name} sees #{channel.name} already")
        self._rooms.join(channel, other)
        return {}

    def _remove(self, _: Person, act: Json) -> Json:
        channel, other = self._channel(act), self._person(act)
        if not self._guild.sees(other.id, channel):
            raise ControlError(f"{other.display_name} does not see #{channel.name}")
        if other.owner and channel.kind != "thread":
            raise ControlError(f"{other.display_name} owns the server and sees every channel")
        self._rooms.leave(channel, other)
        return {}

    # --- look-ups ----------------------------------------------------------------------------------------

    def _channel(self, act: Json) -> Channel:
        wanted = str(act.get("channel", ""))
        id_ = wanted if wanted in self._guild.channels else self._guild.channel_named(wanted.removeprefix("#"))
        if id_ is None:
            raise ControlError(f"no channel {wanted!r}; GET /control/state lists them")
        return self._guild.channels[id_]

    def _seen_channel(self, person: Person, act: Json) -> Channel:
        channel = self._channel(act)
        if not self._guild.permissions(person.id, channel) & permissions.VIEW_CHANNEL and channel.kind != "direct":
            raise ControlError(f"{person.display_name} does not see #{channel.name}; invite them first")
        if channel.kind == "direct" and person.id not in channel.members:
            raise ControlError(f"{person.display_name} does not see that direct message")
        return channel

    def _allowed(self, person: Person, channel: Channel, bits: int) -> None:
        if channel.kind != "direct" and bits & ~self._guild.permissions(person.id, channel):
            lacks = permissions.name_of(bits)
            raise ControlError(f"{person.display_name} may not do that in #{channel.name}: they lack {lacks}")

    def _person(self, act: Json) -> Person:
        person = self._guild.people.get(str(act.get("person", "")))
        if person is None:
            raise ControlError(f"no person {act.get('person')!r}; GET /control/state lists them")
        return person

    def _seen(self, person: Person, act: Json) -> Message:
        message = self._guild.messages.get(str(act.get("message", "")))
        if message is None:
            raise ControlError(f"no message {act.get('message')!r}; it may have been deleted")
        if message.private_to not in {None, person.id}:
            raise ControlError(f"{person.display_name} does not see that message")
        self._seen_channel(person, {"channel": message.channel})
        return message

    def _living(self, message: Message) -> Message:
        if self._guild.channels[message.channel].archived:
            raise ControlError("the thread is archived; write to it to wake it")
        return message

    def _own_message(self, person: Person, act: Json) -> Message:
        message = self._seen(person, act)
        if message.author != person.id and person.id != acme.BOT_USER:
            raise ControlError(f"the message is not by {person.display_name}")
        return message
