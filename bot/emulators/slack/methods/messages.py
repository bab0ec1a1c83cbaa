"""chat.postMessage, postEphemeral, update, delete, getPermalink."""

from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.call import Call
from bot.emulators.slack.content import content, require_some
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import Channel, Message

Json = dict[str, Any]


def post_message(call: Call) -> Json:
    """A message of the app."""
    channel = _destination(call)
    fields = _threaded(call, channel, require_some(content(call.args, call.json)))
    message = call.chat.post_as_bot(channel, fields)
    return {"channel": channel.id, "ts": message.ts, "message": message.raw}


def post_ephemeral(call: Call) -> Json:
    """A message that one member sees."""
    channel = _destination(call)
    if call.person().id not in channel.members:
        raise SlackError("user_not_in_channel")
    fields = _threaded(call, channel, require_some(content(call.args, call.json)))
    return {"message_ts": call.chat.post_as_bot(channel, fields, private_to=call.text("user")).ts}


def update(call: Call) -> Json:
    """New content for one of the app's messages; what is not given stays."""
    channel = call.channel()
    message = _own(call, channel, "cant_update_message")
    if message.raw.get("streaming_state") == "in_progress":
        raise SlackError("streaming_state_conflict")
    fields = content(call.args, call.json, text_limit=limits.UPDATE_TEXT, cut=False)
    require_some({**message.raw, **fields} if fields else {})
    emptied = {name: None for name in ("blocks", "attachments") if fields.get(name) == []}
    call.chat.change(message, {**fields, **emptied})
    return {"channel": channel.id, "ts": message.ts, "text": message.raw.get("text", ""), "message": message.raw}


def delete(call: Call) -> Json:
    """Remove one of the app's messages."""
    channel = call.channel()
    message = _own(call, channel, "cant_delete_message")
    call.chat.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    """The address of a message."""
    channel = call.channel()
    message = call.message(channel, "message_ts")
    path = f"/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread not in {None, message.ts}:
        path += f"?thread_ts={message.thread}&cid={channel.id}"
    return {"channel": channel.id, "permalink": call.workspace.base_url + path}


def _destination(call: Call) -> Channel:
    wanted = call.text("channel")
    person = call.workspace.people.get(wanted)
    if person is not None:
        return call.workspace.direct_with(wanted)
    channel = call.workspace.channels.get(wanted) or call.workspace.channels.get(
        call.workspace.channel_named(wanted.removeprefix("#")) or ""
    )
    member = channel is not None and call.workspace.is_member(channel)
    if channel is None or (channel.kind != "channel" and not member):
        raise SlackError("channel_not_found")
    if not member and "chat:write.public" not in call.app.scopes:
        raise SlackError("not_in_channel")
    if channel.archived:
        raise SlackError("is_archived")
    return channel


def _threaded(call: Call, channel: Channel, fields: Json) -> Json:
    thread = call.text("thread_ts")
    if not thread:
        return fields
    root = channel.messages.get(thread)
    fields["thread_ts"] = (root.thread or thread) if root is not None else thread
    if call.flag("reply_broadcast"):
        fields["subtype"] = "thread_broadcast"
    return fields


def _own(call: Call, channel: Channel, error: str) -> Message:
    message = call.message(channel)
    if message.author != call.app.user:
        raise SlackError(error)
    return message


METHODS = {
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
    "chat.postEphemeral": post_ephemeral,
    "chat.postMessage": post_message,
    "chat.update": update,
}
