"""pins.add, remove, list."""

from typing import Any

from bot.emulators.slack.call import Call
from bot.emulators.slack.errors import SlackError

Json = dict[str, Any]


def add(call: Call) -> Json:
    """Pin a message."""
    channel = call.joined_channel()
    message = call.message(channel, "timestamp")
    if not call.chat.pin(message, call.app.user):
        raise SlackError("already_pinned")
    return {}


def remove(call: Call) -> Json:
    """Unpin a message."""
    channel = call.joined_channel()
    message = call.message(channel, "timestamp")
    if not call.chat.unpin(message):
        raise SlackError("no_pin")
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
