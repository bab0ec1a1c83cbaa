"""reactions.add, remove, get."""

import re
from typing import Any

from bot.emulators.slack.call import Call
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import Message

Json = dict[str, Any]
_NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")


def add(call: Call) -> Json:
    """React to a message as the app."""
    name, message = _arguments(call)
    if not call.chat.react(message, call.app.user, name, add=True):
        raise SlackError("already_reacted")
    return {}


def remove(call: Call) -> Json:
    """Take a reaction of the app back."""
    name, message = _arguments(call)
    if not call.chat.react(message, call.app.user, name, add=False):
        raise SlackError("no_reaction")
    return {}


def get(call: Call) -> Json:
    """A message with its reactions."""
    channel = call.channel()
    return {"type": "message", "channel": channel.id, "message": call.message(channel, "timestamp").raw}


def _arguments(call: Call) -> tuple[str, Message]:
    name = call.text("name").strip(":")
    if not _NAME.fullmatch(name):
        raise SlackError("invalid_name")
    channel = call.channel()
    if channel.archived:
        raise SlackError("is_archived")
    if not call.workspace.is_member(channel):
        raise SlackError("not_in_channel")
    return name, call.message(channel, "timestamp")


METHODS = {"reactions.add": add, "reactions.get": get, "reactions.remove": remove}
