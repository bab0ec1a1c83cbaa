"""What people do: the acts of the control interface."""

from typing import Any

from bot.emulators.common.faults import ControlError
from bot.emulators.slack import limits, text
from bot.emulators.slack.call import Platform
from bot.emulators.slack.forms import Forms
from bot.emulators.slack.interactions import Interactions
from bot.emulators.slack.model import Channel, File, Message, Person, View
from bot.emulators.slack.payloads import stranger_fields
from bot.emulators.slack.shapes import bot_profile
from bot.emulators.slack.shapes import file as file_object

Json = dict[str, Any]


class Acts:
    """Carries out one act; ControlError says why it cannot be done."""

    def __init__(self, platform: Platform, forms: Forms, interactions: Interactions) -> None:
        self._platform = platform
        self._workspace = platform.workspace
        self._chat = platform.chat
        self._forms = forms
        self._interactions = interactions
        self._known = {
            "post": self._post,
            "direct": self._direct,
            "command": self._command,
            "click": self._click,
            "select": self._select,
            "shortcut": self._shortcut,
            "submit": self._submit,
            "close_form": self._close_form,
            "react": self._react,
            "unreact": self._unreact,
            "pin": self._pin,
            "unpin": self._unpin,
            "edit": self._edit,
            "delete": self._delete,
            "invite": self._invite,
            "remove": self._remove,
            "open_home": self._open_home,
            "set_group": self._set_group,
        }

    def act(self, act: Json) -> Json:
        """Do it; the answer's fields."""
        person = self._workspace.people.get(str(act.get("as", "")))
        if person is None:
            raise ControlError(f"no person {act.get('as')!r}; GET /control/state lists them")
        do = self._known.get(str(act.get("do", "")))
        if do is None:
            raise ControlError(f"unknown act {act.get('do')!r}; known: {', '.join(self._known)}")
        if person.deactivated:
            raise ControlError(f"{person.display_name} is deactivated and cannot do anything")
        return do(person, act)

    # --- messages ----------------------------------------------------------------------------------------

    def _post(self, person: Person, act: Json) -> Json:
        channel = self._channel(act)
        if person.id not in channel.members:
            raise ControlError(f"{person.display_name} is no member of #{channel.name}; invite them first")
        return {"message": self._say(person, channel, act).ts, "channel": channel.id}

    def _direct(self, person: Person, act: Json) -> Json:
        channel = self._workspace.direct_with(person.id)
        return {"message": self._say(person, channel, act).ts, "channel": channel.id}

    def _say(self, person: Person, channel: Channel, act: Json) -> Message:
        if channel.archived:
            raise ControlError(f"#{channel.name} is archived")
        fields = self._typed(str(act.get("text", ""))[: limits.MESSAGE_TEXT])
        if person.bot:
            fields |= {"bot_id": person.bot_id, "app_id": person.app_id, "bot_profile": bot_profile(person)}
            fields |= {name: act[name] for name in ("attachments", "blocks") if act.get(name)}
        else:
            fields["client_msg_id"] = self._workspace.ids.secret()
        fields["team"] = person.team
        if channel.shared_with:
            fields |= stranger_fields(person)
        if files := [self._file(person, channel, wish) for wish in act.get("files") or ()]:
            fields |= {"files": files, "subtype": "file_share", "upload": False}
        if act.get("thread"):
            root = self._message({"message": act["thread"]})
            fields["thread_ts"] = root.thread or root.ts
        return self._chat.post(channel, person.id, fields)

    def _typed(self, written: str) -> Json:
        marked = text.typed(written, self._workspace.person_named, self._workspace.channel_named)
        return {"text": marked, "blocks": text.rich_text(marked, self._workspace.ids.new("b")[-5:])}

    def _file(self, person: Person, channel: Channel, wish: Json) -> Json:
        content = str(wish.get("content", "")).encode()
        name, now = str(wish.get("name", "file.txt")), self._workspace.clock.now()
        file = File(self._workspace.ids.new("F"), name, len(content), person.id, now, content, completed=True)
        file.channels.append(channel.id)
        self._workspace.files[file.id] = file
        return file_object(file, self._workspace.base_url)

    def _edit(self, person: Person, act: Json) -> Json:
        self._chat.change(self._own_message(person, act), self._typed(str(act.get("text", ""))))
        return {}

    def _delete(self, person: Person, act: Json) -> Json:
        self._chat.delete(self._own_message(person, act))
        return {}

    def _react(self, person: Person, act: Json) -> Json:
        message = self._markable(person, act)
        return {"changed": self._chat.react(message, person.id, str(act.get("emoji")).strip(":"), add=True)}

    def _unreact(self, person: Person, act: Json) -> Json:
        message = self._markable(person, act)
        return {"changed": self._chat.react(message, person.id, str(act.get("emoji")).strip(":"), add=False)}

    def _pin(self, person: Person, act: Json) -> Json:
        return {"changed": self._chat.pin(self._markable(person, act), person.id)}

    def _unpin(self, person: Person, act: Json) -> Json:
        return {"changed": self._chat.unpin(self._markable(person, act))}

    def _markable(self, person: Person, act: Json) -> Message:
        """A message that the person may react to and pin."""
        message = self._message(act)
        channel = self._workspace.channels[message.channel]
        if message.private_to is not None:
            raise ControlError("a message that one person sees takes no marks")
        if person.id not in channel.members:
            raise ControlError(f"{person.display_name} is no member of #{channel.name}; invite them first")
        if channel.archived:
            raise ControlError(f"#{channel.name} is archived")
        return message

    # --- interactions ------------------------------------------------------------------------------------

    def _command(self, person: Person, act: Json) -> Json:
        channel = self._channel(act)
        name = "/" + str(act.get("name", "")).removeprefix("/")
        if person.id not in channel.members:
            raise ControlError(f"{person.display_name} is no member of #{channel.name}; invite them first")
        # As for an app with `should_escape`, which ours is.
        lookups = self._workspace.person_named, self._workspace.channel_named
        written = text.typed(str(act.get("text") or ""), *lookups, labelled=True)
        return self._interactions.command(person, channel, name, written)

    def _click(self, person: Person, act: Json) -> Json:
        source = self._source(person, act)
        return self._interactions.press(
            person, source, str(act.get("action")), act.get("value"), stale=bool(act.get("stale"))
        )

    def _select(self, person: Person, act: Json) -> Json:
        values = act.get("values")
        if not isinstance(values, list) or not values:
            raise ControlError("values must be a list of at least one value")
        return self._interactions.choose(person, self._source(person, act), str(act.get("action")), values)

    def _shortcut(self, person: Person, act: Json) -> Json:
        message = self._message(act)
        channel = self._workspace.channels[message.channel]
        if message.private_to is not None or (channel.kind != "channel" and person.id not in channel.members):
            raise ControlError(f"{person.display_name} has no menu for that message")
        return self._interactions.shortcut(person, message, str(act.get("callback")))

    def _submit(self, person: Person, act: Json) -> Json:
        fields = act.get("fields") or {}
        if not isinstance(fields, dict):
            raise ControlError("fields must be an object {id: value}")
        return self._forms.submit(self._form(person, act), fields)

    def _close_form(self, person: Person, act: Json) -> Json:
        self._forms.close(self._form(person, act))
        return {}

    def _open_home(self, person: Person, _: Json) -> Json:
        self._chat.open_home(person.id)
        return {}

    # --- membership --------------------------------------------------------------------------------------

    def _invite(self, person: Person, act: Json) -> Json:
        channel, other = self._channel(act), self._person(act)
        if channel.archived:
            raise ControlError(f"#{channel.name} is archived")
        if other.id in channel.members:
            raise ControlError(f"{other.display_name} is a member of #{channel.name} already")
        self._chat.join(channel, other, person.id)
        return {}

    def _remove(self, _: Person, act: Json) -> Json:
        channel, other = self._channel(act), self._person(act)
        if other.id not in channel.members:
            raise ControlError(f"{other.display_name} is no member of #{channel.name}")
        self._chat.leave(channel, other)
        return {}

    def _set_group(self, _: Person, act: Json) -> Json:
        group = self._workspace.groups.get(str(act.get("group", "")))
        members = act.get("members")
        if group is None or not isinstance(members, list) or not set(members) <= set(self._workspace.people):
            raise ControlError("set_group takes the id of a user group and its members, a list of ids of people")
        group.members = [str(member) for member in members]
        return {}

    # --- look-ups ----------------------------------------------------------------------------------------

    def _channel(self, act: Json) -> Channel:
        wanted = str(act.get("channel", ""))
        id_ = wanted if wanted in self._workspace.channels else self._workspace.channel_named(wanted.removeprefix("#"))
        if id_ is None:
            raise ControlError(f"no channel {wanted!r}; GET /control/state lists them")
        return self._workspace.channels[id_]

    def _person(self, act: Json) -> Person:
        person = self._workspace.people.get(str(act.get("person", "")))
        if person is None:
            raise ControlError(f"no person {act.get('person')!r}; GET /control/state lists them")
        return person

    def _message(self, act: Json) -> Message:
        message = self._workspace.messages.get(str(act.get("message", "")))
        if message is None:
            raise ControlError(f"no message {act.get('message')!r}; it may have been deleted")
        return message

    def _own_message(self, person: Person, act: Json) -> Message:
        message = self._message(act)
        if message.author != person.id:
            raise ControlError(f"the message is not by {person.display_name}")
        return message

    def _source(self, person: Person, act: Json) -> Message | View:
        view = self._workspace.view_by_id(str(act.get("message", "")))
        if view is not None:
            if view.person != person.id:
                raise ControlError(f"{person.display_name} does not see that view")
            return view
        message = self._message(act)
        if message.private_to not in {None, person.id}:
            raise ControlError(f"{person.display_name} does not see that message")
        return message

    def _form(self, person: Person, act: Json) -> View:
        view = self._workspace.views.get(str(act.get("form", "")))
        if view is None or view.person != person.id:
            raise ControlError(f"{person.display_name} has no open form {act.get('form')!r}")
        return view
