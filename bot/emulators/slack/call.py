"""One API call: its arguments, read the way Slack reads them, and what it may touch."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.emulators.slack import limits
from bot.emulators.slack.app import App
from bot.emulators.slack.chat import Chat
from bot.emulators.slack.errors import SlackError
from bot.emulators.slack.model import Channel, Message, Person
from bot.emulators.slack.scopes import PREFIX, RULES
from bot.emulators.slack.triggers import Triggers
from bot.emulators.slack.workspace import Workspace

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Platform:
    """What API methods, response addresses and acts work on."""

    workspace: Workspace
    chat: Chat
    triggers: Triggers


class Call:
    """Arguments and shared look-ups of one call. Missing or malformed arguments raise SlackError."""

    __slots__ = ("args", "chat", "method", "triggers", "workspace")

    def __init__(self, platform: Platform, method: str, args: Json) -> None:
        self.method = method
        self.args = args
        self.workspace = platform.workspace
        self.chat = platform.chat
        self.triggers = platform.triggers

    @property
    def app(self) -> App:
        """The app that calls."""
        return self.workspace.app

    # --- arguments ---------------------------------------------------------------------------------------

    def text(self, name: str) -> str:
        """A string argument; empty when it is missing."""
        value = self.args.get(name)
        return "" if value is None else str(value)

    def need(self, name: str) -> str:
        """A string argument that must be there."""
        value = self.text(name)
        if not value:
            raise SlackError(
                "invalid_arguments", response_metadata={"messages": [f"[ERROR] missing required field: {name}"]}
            )
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean argument, in any of the spellings that clients send."""
        value = self.args.get(name)
        return default if value is None else str(value).lower() in {"1", "true", "t", "yes"}

    def number(self, name: str, default: int) -> int:
        """A whole number; the default when it is missing or malformed."""
        try:
            return int(self.args.get(name, default))
        except (TypeError, ValueError):
            return default

    def words(self, name: str) -> list[str]:
        """A list given as a list, as JSON, or with commas."""
        value = self.args.get(name)
        if isinstance(value, str) and value.startswith("["):
            value = self.json(name, "invalid_arguments")
        if isinstance(value, list):
            return [str(item) for item in value]
        return [word.strip() for word in str(value or "").split(",") if word.strip()]

    def json(self, name: str, error: str) -> Any:  # noqa: ANN401 -- JSON of any shape
        """An argument that is JSON, encoded in a form or plain in a JSON body; None when it is missing."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def page(self, items: Sequence[T], *, default: int = limits.PAGE_DEFAULT) -> tuple[Sequence[T], Json]:
        """One page of a list and the `response_metadata` with the next cursor."""
        start = decode_cursor(self.text("cursor"), "next") if self.text("cursor") else "0"
        if not start.isdigit() or int(start) > len(items):
            raise SlackError("invalid_cursor")
        size = min(limits.PAGE_MOST, self.number("limit", default) or default)
        end = int(start) + max(1, size)
        cursor = encode_cursor("next", str(end)) if end < len(items) else ""
        return items[int(start) : end], {"response_metadata": {"next_cursor": cursor}}

    # --- look-ups ----------------------------------------------------------------------------------------

    def channel(self, name: str = "channel") -> Channel:
        """A channel that the app can see, by id; the scope for its kind is checked."""
        channel = self.workspace.channels.get(self.text(name))
        if channel is None or (channel.kind != "channel" and not self.workspace.is_member(channel)):
            raise SlackError("channel_not_found")
        kind = RULES[self.method].by_kind
        if kind:
            self.require_scope(f"{PREFIX[channel.kind]}:{kind}")
        return channel

    def joined_channel(self) -> Channel:
        """A channel that the app is a member of and that is not archived."""
        channel = self.channel()
        if not self.workspace.is_member(channel):
            raise SlackError("not_in_channel")
        if channel.archived:
            raise SlackError("is_archived")
        return channel

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """A message of the channel that everybody can see."""
        message = channel.messages.get(self.text(name))
        if message is None:
            raise SlackError("message_not_found")
        return message

    def person(self, name: str = "user") -> Person:
        """A user by id."""
        person = self.workspace.people.get(self.text(name))
        if person is None:
            raise SlackError("user_not_found")
        return person

    def require_scope(self, scope: str) -> None:
        """SlackError (missing_scope) unless the scope was granted."""
        if scope not in self.app.scopes:
            raise missing_scope(scope, self.app.scopes)


def missing_scope(needed: str, provided: frozenset[str]) -> SlackError:
    """The error that names what is needed and what was granted."""
    return SlackError("missing_scope", needed=needed, provided=",".join(sorted(provided)))


def encode_cursor(kind: str, value: str) -> str:
    """An opaque cursor."""
    return base64.b64encode(f"{kind}:{value}".encode()).decode()


def decode_cursor(cursor: str, kind: str) -> str:
    """What a cursor of this kind holds; SlackError (invalid_cursor) when it is none."""
    try:
        found, _, value = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise SlackError("invalid_cursor") from None
    if found != kind:
        raise SlackError("invalid_cursor")
    return value
