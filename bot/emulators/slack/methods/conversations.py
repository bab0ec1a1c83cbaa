"""conversations.list, info, members, create, archive, rename, setTopic, setPurpose, open, mark, and users.conversations."""

import re
from typing import Any

from bot.emulators.slack import limits, shapes
from bot.emulators.slack.call import Call
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import Channel
from bot.emulators.slack.scopes import PREFIX

Json = dict[str, Any]
_NAME = re.compile(r"[a-z0-9\w-]+")
_TYPES = {"public_channel": "channel", "private_channel": "private", "im": "direct", "mpim": ""}


def list_(call: Call) -> Json:
    """The channels that the app can see."""
    found, metadata = call.page(_visible(call, set(call.workspace.channels)))
    return {"channels": [shapes.channel(channel, call.app, members=True) for channel in found], **metadata}


def of_user(call: Call) -> Json:
    """The channels that a user (or the app) is in."""
    user = call.person().id if call.text("user") else call.app.user
    mine = {channel.id for channel in call.workspace.channels.values() if user in channel.members}
    found, metadata = call.page(_visible(call, mine))
    return {"channels": [shapes.channel(channel, call.app) for channel in found], **metadata}


def info(call: Call) -> Json:
    """One channel."""
    return {"channel": shapes.channel(call.channel(), call.app, members=call.flag("include_num_members"))}


def members(call: Call) -> Json:
    """Ids of a channel's members."""
    found, metadata = call.page(list(call.channel().members))
    return {"members": list(found), **metadata}


def create(call: Call) -> Json:
    """A new channel; the app is its first member."""
    name = _free_name(call)
    kind = call.flag("is_private")
    call.require_scope("groups:write" if kind else "channels:manage")
    channel = call.workspace.add_channel(
        name, kind="private" if kind else "channel", creator=call.app.user, members=(call.app.user,)
    )
    return {"channel": shapes.channel(channel, call.app)}


def archive(call: Call) -> Json:
    """Close a channel for good."""
    channel = call.channel()
    if channel.archived:
        raise SlackError("already_archived")
    if channel.general:
        raise SlackError("cant_archive_general")
    if not call.workspace.is_member(channel):
        raise SlackError("not_in_channel")
    channel.archived = True
    call.workspace.changed(channel)
    return {}


def rename(call: Call) -> Json:
    """Another name."""
    channel = call.joined_channel()
    call.workspace.rename(channel, _free_name(call))
    return {"channel": shapes.channel(channel, call.app)}


def set_topic(call: Call) -> Json:
    """Another topic."""
    channel = call.joined_channel()
    channel.topic = _short(call.text("topic"))
    call.workspace.changed(channel)
    call.chat.post_as_bot(channel, {"subtype": "channel_topic", "text": f"set the channel topic: {channel.topic}"})
    return {"channel": shapes.channel(channel, call.app)}


def set_purpose(call: Call) -> Json:
    """Another purpose."""
    channel = call.joined_channel()
    channel.purpose = _short(call.text("purpose"))
    call.workspace.changed(channel)
    return {"channel": shapes.channel(channel, call.app), "purpose": channel.purpose}


def open_(call: Call) -> Json:
    """The direct message with a person."""
    if call.text("channel"):
        channel = call.channel()
    else:
        users = call.words("users")
        if not users:
            raise SlackError("users_list_not_supplied")
        if len(users) > 1:
            raise SlackError("method_not_supported_for_channel_type")
        if users[0] not in call.workspace.people:
            raise SlackError("user_not_found")
        channel = call.workspace.direct_with(users[0])
    shown = shapes.channel(channel, call.app) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shown, "no_op": False, "already_open": False}


def mark(call: Call) -> Json:
    """Note how far the app has read."""
    call.joined_channel()
    call.need("ts")
    return {}


def _visible(call: Call, among: set[str]) -> list[Channel]:
    wanted = set(call.words("types") or ["public_channel"])
    if not wanted <= set(_TYPES):
        raise SlackError("invalid_types")
    kinds = {_TYPES[type_] for type_ in wanted} - {""}
    for kind in sorted(kinds):
        call.require_scope(f"{PREFIX[kind]}:read")
    hide = call.flag("exclude_archived")
    return [
        channel
        for channel in call.workspace.channels.values()
        if channel.id in among
        and channel.kind in kinds
        and (channel.kind == "channel" or call.workspace.is_member(channel))
        and not (hide and channel.archived)
    ]


def _free_name(call: Call) -> str:
    name = call.text("name").removeprefix("#")
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > limits.CHANNEL_NAME:
        raise SlackError("invalid_name_maxlength")
    if not _NAME.fullmatch(name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if call.workspace.channel_named(name) is not None:
        raise SlackError("name_taken")
    return name


def _short(text: str) -> str:
    if len(text) > limits.TOPIC:
        raise SlackError("too_long")
    return text


METHODS = {
    "conversations.archive": archive,
    "conversations.create": create,
    "conversations.info": info,
    "conversations.list": list_,
    "conversations.mark": mark,
    "conversations.members": members,
    "conversations.open": open_,
    "conversations.rename": rename,
    "conversations.setPurpose": set_purpose,
    "conversations.setTopic": set_topic,
    "users.conversations": of_user,
}
