"""pins.add, remove, list."""

from typing import Any

from bot.emulators.slack.call import Call
from bot.emulators.slack.errors import SlackError

Json = dict[str, Any]


def add(call: Call) -> Json:
    """Pin a message."""
    channel = call.joined_channel()
    message = call.message(channel, "timestamp")
    if message.ts in channel.pins:
        raise SlackError("already_pinned")
    channel.pins[message.ts] = {"created": int(call.workspace.clock.now()), "created_by": call.app.user}
    call.chat.change(message, {"pinned_to": [channel.id]}, quietly=True)
    call.chat.pin(message, call.app.user)
    return {}


def remove(call: Call) -> Json:
    """Unpin a message."""
    channel = call.joined_channel()
    message = call.message(channel, "timestamp")
    if channel.pins.pop(message.ts, None) is None:
        raise SlackError("no_pin")
    call.chat.change(message, {"pinned_to": None}, quietly=True)
    return {}


def list_(call: Call) -> Json:
    """The pinned messages, latest pin first."""
    channel = call.channel()
    if not call.workspace.is_member(channel):
        raise SlackError("not_in_channel")
    return {
        "items": [
            {"type": "message", "channel": channel.id, "message": channel.messages[ts].raw, **pin}
            for ts, pin in reversed(channel.pins.items())
        ]
    }


METHODS = {"pins.add": add, "pins.list": list_, "pins.remove": remove}
