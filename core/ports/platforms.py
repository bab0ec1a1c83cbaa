"""What a chat platform can do for us, in small capabilities. A connector offers those it has.

All of them raise `core.errors` only: RateLimited (with `delay`), UpstreamTimeout (the outcome is unknown), UpstreamUnavailable,
UpstreamRejected with the platform's own `reason`. Each call has a time limit. None retries by itself: the sender owns retries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from core.actors import Standing
from core.messages import Account, Handle, Heard, MessageRef, Place, Platform, Reply

NOT_A_MEMBER = "not_a_member"
"""`UpstreamRejected.reason` when the bot is not in the channel; `hint` says how to invite it."""
GONE = "gone"
"""The message, channel or interaction no longer exists."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the platform knows of an account."""

    name: str
    standing: Standing
    timezone: str = "UTC"
    email: str = ""
    """Only when the platform has verified it."""
    groups: tuple[str, ...] = ()


class Posts(Protocol):
    """Sends new messages."""

    async def post(self, place: Place, reply: Reply, *, key: str) -> MessageRef:
        """Send all parts in order; `key` makes a repeat recognisable (Discord nonce, Slack metadata)."""
        ...

    async def find(self, place: Place, *, key: str) -> MessageRef | None:
        """Look whether a post with this key arrived (after an unknown outcome). None when it did not."""
        ...


class Edits(Protocol):
    """Changes sent messages."""

    async def edit(self, ref: MessageRef, reply: Reply, *, key: str) -> MessageRef:
        """Make the message show `reply`: parts are edited, added or deleted. UpstreamRejected(GONE) when it was deleted."""
        ...


class Answers(Protocol):
    """Answers an interaction through its handle."""

    async def answer(self, handle: Handle, place: Place, reply: Reply, *, private: bool, key: str) -> MessageRef | None:
        """Answer a command or click. The ref of what was sent, None where the platform gives none (private messages,
        Slack's response_url). UpstreamRejected(GONE) when the handle is dead."""
        ...


class Whispers(Protocol):
    """Shows something to one person only, without a handle."""

    async def whisper(self, place: Place, person: Account, reply: Reply, *, key: str) -> None:
        """Slack: an ephemeral message in the place. Discord: a direct message."""
        ...


class KnowsPeople(Protocol):
    """Looks people up."""

    async def profile(self, account: Account) -> Profile:
        """NotFoundError when the platform does not know the account. Never lists anything; never cached here."""
        ...


@runtime_checkable
class KnowsGroups(Protocol):
    """Lists the members of a group that profiles do not tell of (Slack's user groups)."""

    async def group_members(self, workspace: str, group: str) -> frozenset[str]:
        """Ids of the people in the group; empty when it is switched off. NotFoundError when there is no such group. One call;
        never cached here."""
        ...


@runtime_checkable
class OpensThreads(Protocol):
    """Makes a thread on a message, where threads are channels of their own (Discord)."""

    async def open_thread(self, place: Place, message_id: str, name: str) -> Place:
        """The place in the thread of this message; no error when it exists already."""
        ...


@runtime_checkable
class ShowsHome(Protocol):
    """Has a home page for each person (Slack)."""

    async def show_home(self, person: Account, reply: Reply) -> None:
        """Publish `reply` as this person's home page."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """One message as it stands on the platform."""

    author: Account
    name: str
    """Of the author; for display only."""
    text: str
    """As people read it: mentions, links and escapes resolved."""
    sent_at: float
    """Seconds since the epoch, by the platform's clock."""
    of_program: bool = False
    """Another program wrote it, such as an alerting system: no person, and not this bot."""


@runtime_checkable
class ReadsMessages(Protocol):
    """Looks at one message. Limited harshly on Slack: only for what no event has told."""

    async def written(self, place: Place, message: str) -> Written | None:
        """The message of this id in this channel or thread; None when it is gone."""
        ...


@runtime_checkable
class ReadsThreads(Protocol):
    """Reads the beginning of a thread that nobody told the bot about."""

    async def read_thread(self, place: Place, *, limit: int) -> Sequence[Heard]:
        """The root and at most so many messages of this thread besides, oldest first, the bot's own left out. Asked seldom: once
        a thread and once a minute a workspace."""
        ...


@runtime_checkable
class OpensRooms(Protocol):
    """Makes channels for incidents. Every call may be repeated: what is so already is no error."""

    async def open_room(self, beside: Place, name: str, *, private: bool) -> Place:
        """Make a channel of this name in the workspace of `beside` (`private`: seen by those invited only; on Slack a private
        channel, on Discord a channel that overwrites hide). A channel of this name that this bot made before is taken as it is.
        Where the bot may not make channels: UpstreamRejected, whose `hint` says which permission is missing."""
        ...

    async def set_topic(self, room: Place, topic: str) -> None:
        """Cut to the platform's limit."""
        ...

    async def invite(self, room: Place, people: Sequence[Account]) -> None:
        """Let them in. Who cannot be invited (deactivated, not of this workspace) is left out and logged."""
        ...

    async def pin(self, ref: MessageRef) -> None:
        """Pin the message's first part."""
        ...

    async def close_room(self, room: Place) -> None:
        """Archive it (Slack), make it read-only (Discord). Its messages stay."""
        ...


class Connector(Posts, Edits, Answers, Whispers, KnowsPeople, Protocol):
    """What the sender needs of a platform that people chat on."""

    @property
    def platform(self) -> Platform: ...
