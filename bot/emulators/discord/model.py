"""What a Discord server consists of."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
ChannelKind = Literal["channel", "private", "direct", "thread", "category"]
"""`private`: a channel that everybody is denied to see; it becomes a `channel` again when that ends."""


@dataclass(slots=True)
class Person:
    """A user, bots included."""

    id: str
    name: str
    """The handle: lower case, unique."""
    display_name: str
    colour: str = "5c7cfa"
    bot: bool = False
    member: bool = True
    """Whether they are in the server; others may only write direct messages."""
    pending: bool = False
    """Has not passed membership screening: what comes nearest to a guest."""
    owner: bool = False
    deactivated: bool = False
    roles: list[str] = field(default_factory=list)
    timezone: str = "Europe/London"


@dataclass(slots=True)
class Role:
    """A role of the server."""

    id: str
    name: str
    colour: int = 0
    position: int = 1
    permissions: int = 0
    """Permission bits that it grants beside those of everybody."""
    hoist: bool = False
    mentionable: bool = True
    managed: bool = False
    """Belongs to the application; nobody can change it."""


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a channel allows or denies a role or person, whatever their roles grant."""

    id: str
    member: bool = False
    """For one person, not for a role."""
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class Channel:
    """A text channel, category, thread or direct message."""

    id: str
    name: str
    kind: ChannelKind = "channel"
    topic: str = ""
    members: set[str] = field(default_factory=set)
    """Who is in a thread or direct message; of a private channel: whom it is made visible to at first."""
    overwrites: dict[str, Overwrite] = field(default_factory=dict)
    """By the id of the role or person. `Guild.overwrite` sets them."""
    category: str = ""
    position: int = 0
    parent: str = ""
    """Thread: the channel it belongs to."""
    owner: str = ""
    """Thread: who opened it."""
    opened_at: float = 0.0
    archived: bool = False
    locked: bool = False
    private: bool = False
    """Thread: only its members see it."""
    auto_archive: int = 1440
    message_count: int = 0
    message_ids: list[int] = field(default_factory=list)
    """Oldest first; those seen by one person alone are not among them."""
    pins: dict[str, float] = field(default_factory=dict)
    """When each message was pinned, by its id, oldest first."""


@dataclass(slots=True)
class Message:
    """One message. `raw` is Discord's message object; it is replaced, never changed in place."""

    id: str
    channel: str
    author: str
    at: float
    raw: Json
    private_to: str | None = None
    reactions: dict[str, dict[str, None]] = field(default_factory=dict)
    """Who reacted, by emoji; ordered sets."""
    token: str = ""
    """The interaction's token, of an answer to an interaction."""


@dataclass(slots=True)
class Attachment:
    """An uploaded file."""

    id: str
    channel: str
    name: str
    content_type: str
    content: bytes
    description: str = ""


@dataclass(slots=True)
class Form:
    """An open modal. `raw` is its definition as the bot sent it."""

    id: str
    person: str
    raw: Json
    channel: str
    message: str = ""
    """The message whose button opened it."""
