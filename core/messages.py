"""What people send us and what we answer, in no platform's words. Frozen values, stored and sent as tagged JSON."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, TypeAdapter
from pydantic import Field as Tagged


class Platform(StrEnum):
    """Where a message came from or goes to."""

    SLACK = "slack"
    DISCORD = "discord"
    CONSOLE = "console"
    """A terminal or the web console on this installation."""
    API = "api"


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account on one platform. The id is the platform's own, never a display name."""

    platform: Platform
    workspace: str
    """Slack team id, Discord guild id ("" in a Discord direct message)."""
    id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.workspace}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Account":
        """Read back what `str` wrote; ValueError if it is no account."""
        platform, _, rest = text.partition(":")
        workspace, slash, id_ = rest.rpartition("/")
        if not slash or not id_:
            raise ValueError(f"{text!r} is not platform:workspace/id")
        return cls(Platform(platform), workspace, id_)


@dataclass(frozen=True, slots=True)
class Person:
    """The author of a turn or click, as far as the payload tells."""

    account: Account
    name: str = ""
    """For display only; never identifies anybody."""
    is_bot: bool = False
    groups: tuple[str, ...] = ()
    """Ids of the Discord roles the payload carries. Slack user groups are looked up when a role needs them."""
    home: str = ""
    """The person's own workspace when the payload names one; differs from the account's for strangers in shared channels."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: a channel or direct message, and the thread in it if any."""

    platform: Platform
    workspace: str
    channel: str
    """On Discord the parent channel when `thread` is set."""
    thread: str | None = None
    """Slack: the parent's ts. Discord: the thread's channel id."""
    direct: bool = False

    def __str__(self) -> str:
        return f"{self.platform}:{self.workspace}/{self.channel}" + (f"/{self.thread}" if self.thread else "")

    @property
    def lane(self) -> str:
        """The destination whose messages are sent one after the other."""
        return f"{self.platform}:{self.workspace}/{self.channel}"


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message that was sent. A long reply is several platform messages: `parts`, first one first."""

    place: Place
    parts: tuple[str, ...]
    """Slack: ts. Discord: message id."""


@dataclass(frozen=True, slots=True)
class Handle:
    """The short-lived right to answer one interaction directly. Holds a secret: never logged."""

    platform: Platform
    token: str = field(repr=False)
    """Slack: the response_url. Discord: the interaction token."""
    expires_at: float
    """Seconds since the epoch, by the platform's clock. Slack: 30 minutes, Discord: 15."""
    application: str = ""
    """Discord: application id."""
    deferred: bool = False
    """Discord shows "thinking ..." and the first answer must edit it."""
    private: bool = False
    """The deferred answer can only be seen by the person who asked."""


class Via(StrEnum):
    """How a turn reached us."""

    MENTION = "mention"
    DIRECT = "direct"
    THREAD = "thread"
    """A plain message in a thread that the bot takes part in."""
    BANG = "bang"
    """`!verb ...` in a thread or channel."""
    COMMAND = "command"
    """A slash or application command."""
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message or command from a person, addressed to the bot or standing in a thread it may take part in."""

    claim: str
    """Natural key: the same message under two envelopes has the same claim. Message: (team, channel, ts); command: trigger id."""
    place: Place
    person: Person
    text: str
    """Without the mention of the bot and without the verb's prefix; otherwise as typed."""
    sent_at: float
    """Platform time, seconds since the epoch."""
    via: Via
    message: str = ""
    """The platform's id of the message, to reply or react to; empty for commands."""
    handle: Handle | None = None
    opens_with_other: bool = False
    """The message opens with somebody else's mention."""
    mentions: tuple[Account, ...] = ()
    """Other people who are mentioned, in order."""
    replies_to: str = ""
    """Discord: id of the message that this one is a reply to."""
    traceparent: str = ""
    """W3C trace context of the request that brought it."""
    kind: Literal["turn"] = "turn"


@dataclass(frozen=True, slots=True)
class Click:
    """A pressed button or a chosen option. Carries an opaque id, never the thing to do."""

    claim: str
    """(action id, person, trigger)."""
    place: Place
    person: Person
    action: str
    """The `action` of the button or select, as we made it."""
    sent_at: float
    values: tuple[str, ...] = ()
    message: str = ""
    """The message that holds the button."""
    handle: Handle | None = None
    traceparent: str = ""
    kind: Literal["click"] = "click"


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was sent."""

    claim: str
    place: Place
    person: Person
    form: str
    """The form's name in the registry."""
    token: str
    """The opaque id that the form was opened with, or ""."""
    fields: dict[str, str]
    sent_at: float
    handle: Handle | None = None
    traceparent: str = ""
    kind: Literal["submission"] = "submission"


@dataclass(frozen=True, slots=True)
class Joined:
    """The bot was added to a channel: what waited for that may go out now."""

    claim: str
    place: Place
    person: Person
    sent_at: float
    traceparent: str = ""
    kind: Literal["joined"] = "joined"


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """A person looked at the bot's home page (Slack's app home)."""

    claim: str
    place: Place
    person: Person
    sent_at: float
    traceparent: str = ""
    kind: Literal["home"] = "home"


@dataclass(frozen=True, slots=True)
class Marked:
    """Somebody reacted to a message, or pinned it. In the room of an incident that puts the message on its timeline."""

    claim: str
    """(message, person, mark)."""
    place: Place
    person: Person
    message: str
    """The platform's id of the message that was marked."""
    mark: str
    """Name of the emoji without colons (Discord: the character itself for standard ones), or PIN."""
    sent_at: float
    """When the mark was made, not when the message was written."""
    traceparent: str = ""
    kind: Literal["marked"] = "marked"


PIN = "pin"
"""`Marked.mark` of a message that was pinned."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that asks nothing of the bot, remembered where it stands. Never put into the inbox."""

    place: Place
    message: str
    """The platform's id of the message."""
    person: Person
    """Its author; another bot or a webhook as often as a person."""
    text: str
    """As people read it, what stands in attachments, blocks and embeds included."""
    sent_at: float
    """Platform time, seconds since the epoch."""
    changed_at: float
    """When it was edited last; `sent_at` when it never was. An older state never replaces a newer one."""

    @property
    def claim(self) -> str:
        """Names it in logs."""
        return f"heard:{self.place.lane}:{self.message}"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A message was deleted: nothing of it is remembered."""

    place: Place
    message: str
    sent_at: float
    """When the message was written, as its id tells."""

    @property
    def claim(self) -> str:
        """Names it in logs."""
        return f"withdrawn:{self.place.lane}:{self.message}"


Overheard = Heard | Withdrawn
Incoming = Turn | Click | Submission | Joined | HomeOpened | Marked
_INCOMING: TypeAdapter[Incoming] = TypeAdapter(Annotated[Incoming, Tagged(discriminator="kind")])


# --- what we answer -----------------------------------------------------------------------------------
# Text in blocks is a small Markdown: **bold**, *italic*, ~~struck~~, `code`, [label](https://...), "> quote" and
# "- item" lines. Two link schemes are ours: [@Dana](user:slack:T1/U1) mentions a person on the person's own platform
# and shows the bold name elsewhere; [#ops](channel:slack:T1/C1) is a channel. Nothing else ever pings anybody.


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a card. Plain text."""

    text: str
    type: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph or list in our Markdown; of any length."""

    text: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Field:
    """A short labelled value; `value` in our Markdown."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Labelled values side by side; any number."""

    items: tuple[Field, ...]
    type: Literal["fields"] = "fields"


@dataclass(frozen=True, slots=True)
class Code:
    """Preformatted text, shown exactly; of any length."""

    text: str
    language: str = ""
    type: Literal["code"] = "code"


class StepState(StrEnum):
    """How one step of a run stands."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step in the progress list of a card. `detail` in our Markdown."""

    title: str
    state: StepState
    detail: str = ""
    progress: float | None = None
    """0 to 1 where the step reports it."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The step list of a run."""

    items: tuple[StepLine, ...]
    type: Literal["steps"] = "steps"


class ButtonStyle(StrEnum):
    """How a button looks."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A button. `action` is `do:<token>` (stored, opaque) or `form:<name>` / `form:<name>:<token>` (opens a form at once)."""

    label: str
    action: str
    style: ButtonStyle = ButtonStyle.PLAIN
    confirm: str = ""
    """If set, the platform asks this question first where it can."""
    type: Literal["button"] = "button"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select."""

    label: str
    value: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Select:
    """A menu of one choice; any number of options (renderers cut at the platform's limit and say so)."""

    placeholder: str
    action: str
    options: tuple[Option, ...]
    type: Literal["select"] = "select"


Element = Annotated[Button | Select, Tagged(discriminator="type")]


@dataclass(frozen=True, slots=True)
class Actions:
    """Buttons and menus."""

    items: tuple[Element, ...]
    type: Literal["actions"] = "actions"


@dataclass(frozen=True, slots=True)
class Note:
    """Small print in our Markdown."""

    text: str
    type: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class File:
    """A file or picture sent with the message."""

    name: str
    content: Base64Bytes = field(repr=False)
    media_type: str = "text/plain"
    title: str = ""
    type: Literal["file"] = "file"


Block = Annotated[Heading | Text | Fields | Code | Steps | Actions | Note | File, Tagged(discriminator="type")]


class Tone(StrEnum):
    """The colour bar of a card, where the platform has one."""

    NEUTRAL = "neutral"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer or card. Renderers make it one or several platform messages; the whole text can always be recovered."""

    blocks: tuple[Block, ...]
    summary: str
    """One plain line for notifications and for readers without blocks; never empty."""
    tone: Tone = Tone.NEUTRAL


class FieldKind(StrEnum):
    """What a form field takes."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    PERSON = "person"
    """One person of the workspace; the value is the id of their account."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One input of a form."""

    id: str
    label: str
    kind: FieldKind = FieldKind.LINE
    required: bool = True
    placeholder: str = ""
    value: str = ""
    choices: tuple[Option, ...] = ()
    max_length: int = 1000


@dataclass(frozen=True, slots=True)
class Form:
    """A modal form. At most five fields (Discord's limit)."""

    name: str
    title: str
    fields: tuple[FormField, ...]
    submit: str = "Send"
    intro: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to send or bring up to date: the payload of an outbox row."""

    subject: str
    """The same subject to the same place is one message: sent first, edited afterwards."""
    place: Place
    reply: Reply
    handle: Handle | None = None
    private_to: str = ""
    """Account id; only this person may see it. On Slack ephemeral, on Discord through the handle, else a direct message."""
    open_thread: bool = False
    """`place.thread` is the message that a thread must be opened on first, where threads are opened (Discord)."""
    home: bool = False
    """Not a message but the home page of `private_to` (Slack)."""
    under: str = ""
    """The subject of the message in this place whose thread it belongs in. Looked up when it is sent: by then that message has been sent,
    which it may not have been when this was put. Where it is not known even then, it stands in the place itself."""
    awaits: tuple[str, tuple[Any, ...]] | None = None
    """What the conversation waits for from when this is sent on, as (key, entry) of `Session.pending`."""
    traceparent: str = ""


_DELIVERY: TypeAdapter[Delivery] = TypeAdapter(Delivery)


def dump_incoming(item: Incoming) -> bytes:
    """JSON for the inbox."""
    return _INCOMING.dump_json(item)


def load_incoming(data: bytes | str) -> Incoming:
    """Read back `dump_incoming`; pydantic.ValidationError if it is something else."""
    return _INCOMING.validate_json(data)


def dump_delivery(item: Delivery) -> bytes:
    """JSON for the outbox."""
    return _DELIVERY.dump_json(item)


def load_delivery(data: bytes | str) -> Delivery:
    """Read back `dump_delivery`; pydantic.ValidationError if it is something else."""
    return _DELIVERY.validate_json(data)
