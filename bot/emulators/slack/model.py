"""What a workspace consists of."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
ChannelKind = Literal["channel", "private", "direct"]


@dataclass(slots=True)
class Person:
    """A user, a bot user included."""

    id: str
    name: str
    """The handle: lower case, unique."""
    display_name: str
    team: str
    colour: str = "5c7cfa"
    title: str = ""
    email: str = ""
    timezone: str = "Europe/London"
    bot_id: str = ""
    app_id: str = ""
    guest: bool = False
    deactivated: bool = False
    admin: bool = False
    roles: list[str] = field(default_factory=list)
    """Handles of the user groups the person is in."""

    @property
    def bot(self) -> bool:
        """Whether this is a bot user."""
        return bool(self.bot_id)


@dataclass(slots=True)
class Message:
    """One message. `raw` is Slack's message object; it is replaced, never changed in place."""

    ts: str
    channel: str
    author: str
    at: float
    raw: Json
    private_to: str | None = None

    @property
    def thread(self) -> str | None:
        """The thread's first message, also of that message itself once it has replies."""
        found: str | None = self.raw.get("thread_ts")
        return found


@dataclass(slots=True)
class Bookmark:
    """A link at the top of a channel."""

    id: str
    channel: str
    raw: Json


@dataclass(slots=True)
class Channel:
    """A public or private channel or a direct message."""

    id: str
    name: str
    kind: ChannelKind
    creator: str
    created: int
    members: dict[str, None] = field(default_factory=dict)
    """An ordered set."""
    topic: str = ""
    purpose: str = ""
    archived: bool = False
    general: bool = False
    shared_with: tuple[str, ...] = ()
    """Ids of other workspaces, for shared channels."""
    previous_names: list[str] = field(default_factory=list)
    messages: "OrderedDict[str, Message]" = field(default_factory=OrderedDict)
    """By ts, oldest first; private ones are not among them."""
    threads: dict[str, list[str]] = field(default_factory=dict)
    """ts of the replies by ts of the first message."""
    pins: dict[str, Json] = field(default_factory=dict)
    bookmarks: dict[str, Bookmark] = field(default_factory=dict)


@dataclass(slots=True)
class File:
    """An uploaded file. `content` is None until it was uploaded."""

    id: str
    name: str
    length: int
    author: str
    created: float
    content: bytes | None = None
    title: str = ""
    alt_text: str = ""
    channels: list[str] = field(default_factory=list)
    """Where it was shared; empty until the upload was completed."""
    completed: bool = False


@dataclass(slots=True)
class UserGroup:
    """A user group, mentioned as @handle."""

    id: str
    handle: str
    name: str
    members: list[str]


@dataclass(slots=True)
class View:
    """An open modal or a published home. `raw` is Slack's view object; it is replaced, never changed in place."""

    id: str
    person: str
    raw: Json
    errors: Json = field(default_factory=dict)
    """Messages under the inputs, by block_id."""
    origin: Json = field(default_factory=dict)
    """The channel and message it was opened from."""
