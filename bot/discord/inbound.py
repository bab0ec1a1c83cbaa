"""Discord's messages and interactions → what people sent. Pure: works on plain values that the transport reduced them to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.discord import commands, limits
from bot.discord.render import NUMBERED
from core.intents.verbs import BY_NAME, VERBS
from core.messages import PIN, Account, Click, Handle, Incoming, Marked, Person, Place, Platform, Submission, Turn, Via

Json = Mapping[str, Any]

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
"""Types of interactions."""
PRIVATE_VERBS = frozenset(verb.name for verb in VERBS if verb.private)
"""Verbs whose answer only the person who asked sees; decided before anything is looked up."""

_MENTION = re.compile(r"<@!?(\d+)>")
_FIRST_MENTION = re.compile(r"\s*<@!?(\d+)>")


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us, and why: counted, then forgotten."""

    reason: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent it, as the payload tells."""

    id: str
    name: str
    bot: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """Where it stands. `parent` is set in threads."""

    guild: str
    channel: str
    parent: str = ""

    @property
    def place(self) -> Place:
        """The channel, or the thread in its parent channel; without a guild a direct message."""
        if self.parent:
            return Place(Platform.DISCORD, self.guild, self.parent, self.channel)
        return Place(Platform.DISCORD, self.guild, self.channel, direct=not self.guild)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the gateway brought it."""

    id: str
    where: Where
    sender: Sender
    content: str
    sent_at: float
    names: Mapping[str, str]
    """Id → name of everybody and every channel mentioned."""
    ordinary: bool = True
    """False for pins, joins and other messages that the platform writes."""
    pinned: str = ""
    """The message that was pinned, in the line that says so: its author is who pinned it."""
    shown: str = ""
    """What embeds and text displays say."""
    changed_at: float = 0.0
    """When it was edited last; 0 when it never was."""
    replies_to: str = ""
    """Id of the message that it is a reply to."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction as the gateway brought it: without the time it was made."""

    message: str
    where: Where
    sender: Sender
    emoji: str


@dataclass(frozen=True, slots=True)
class Action:
    """An interaction as the gateway brought it."""

    id: str
    type: int
    token: str
    application: str
    where: Where
    sender: Sender
    sent_at: float
    data: Json
    message: str = ""
    code: str = ""
    """The last code in the message whose button was pressed."""


def understand_message(message: Message, me: str, traceparent: str) -> Turn | Marked | Ignored:
    """What a message means; `me`: the bot's user id."""
    if message.pinned and message.sender.id != me:
        return _mark(message.where, message.sender, message.pinned, PIN, message.sent_at, traceparent)
    if message.sender.bot or message.sender.id == me or not message.ordinary:
        return Ignored("not written by a person")
    ours = re.compile(rf"<@!?{me}>")
    first = _FIRST_MENTION.match(message.content)
    direct = not message.where.guild
    via, said = _way(message.content, ours, direct=direct, thread=bool(message.where.parent))
    if via is None:
        return Ignored("not addressed to the bot")
    return Turn(
        claim=f"discord:msg:{message.where.channel}:{message.id}",
        place=message.where.place,
        person=person_of(message.sender, message.where.guild),
        text=readable(said, message.names),
        mentions=_mentioned(said, message.where.guild),
        sent_at=message.sent_at,
        via=via,
        message=message.id,
        opens_with_other=bool(first and first[1] != me),
        replies_to=message.replies_to,
        traceparent=traceparent,
    )


def understand_reaction(reaction: Reaction, me: str, *, now: float, traceparent: str) -> Marked | Ignored:
    """What a reaction means; `now`: seconds since the epoch."""
    if reaction.sender.id == me:
        return Ignored("a mark of our own")
    return _mark(reaction.where, reaction.sender, reaction.message, reaction.emoji, now, traceparent)


def understand_action(action: Action, traceparent: str) -> Incoming | Ignored:
    """What an interaction means."""
    try:
        if action.type == COMMAND and action.data.get("type") == commands.MESSAGE:
            return _menu(action, traceparent)
        if action.type == COMMAND:
            return _command(action, traceparent)
        if action.type == COMPONENT:
            return _click(action, traceparent)
        if action.type == MODAL:
            return _submission(action, traceparent)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        return Ignored(f"malformed: {type(error).__name__}")
    return Ignored(f"interaction {action.type}")


def command_text(data: Json) -> str:
    """`/copilot run workflow:deploy parameters:a=b` → "run deploy a=b", arguments in the verb's order."""
    verb, given = subcommand(data)
    known = BY_NAME.get(verb)
    order = [argument.name for argument in known.arguments] if known else list(given)
    return " ".join([verb, *(str(given[name]) for name in order if given.get(name) not in (None, ""))]).strip()


def text_of(message: Json) -> str:
    """What a message object says: alerts of other applications often say it in embeds alone."""
    if written := str(message.get("content") or ""):
        return written
    found = [one for one in message.get("embeds") or () if isinstance(one, Mapping)]
    return "\n".join(str(line) for one in found for line in (one.get("title"), one.get("description")) if line)


def subcommand(data: Json) -> tuple[str, dict[str, Any]]:
    """The verb and its options, whatever group it is under."""
    for option in data.get("options") or ():
        if option.get("type") == 2:
            return subcommand(option)
        if option.get("type") == 1:
            return str(option["name"]), {o["name"]: o.get("value") for o in option.get("options") or ()}
    return "", {}


def readable(text: str, names: Mapping[str, str]) -> str:
    """What the person typed, with the names that the client shows for mentions."""
    return re.sub(r"<(@!?|#|@&)(\d+)>", lambda m: f"{m[1][0]}{names.get(m[2], m[2])}", text).strip()


def action_of(custom_id: str) -> str:
    """The action that a button or menu was made with: the renderer numbers repeated ones."""
    return NUMBERED.sub("", custom_id)


def is_private(data: Json) -> bool:
    """Whether the answer to a command is for the person alone."""
    if data.get("type") == commands.MESSAGE:
        return True
    return subcommand(data)[0] in PRIVATE_VERBS


def _mark(where: Where, sender: Sender, message: str, mark: str, at: float, traceparent: str) -> Marked:
    return Marked(
        claim=f"discord:mark:{where.channel}:{message}:{sender.id}:{mark}",
        place=where.place,
        person=person_of(sender, where.guild),
        message=message,
        mark=mark,
        sent_at=at,
        traceparent=traceparent,
    )


def _way(text: str, ours: re.Pattern[str], *, direct: bool, thread: bool) -> tuple[Via | None, str]:
    if text.startswith("!") and text[1:2].isalpha():
        return Via.BANG, text[1:]
    if ours.search(text):
        return (Via.DIRECT if direct else Via.MENTION), ours.sub(" ", text, count=1).strip()
    if direct:
        return Via.DIRECT, text
    return (Via.THREAD, text) if thread else (None, text)


def _command(action: Action, traceparent: str) -> Turn:
    text = command_text(action.data)
    return Turn(
        claim=f"discord:interaction:{action.id}",
        place=action.where.place,
        person=person_of(action.sender, action.where.guild),
        text=text,
        mentions=_mentioned(text, action.where.guild),
        sent_at=action.sent_at,
        via=Via.COMMAND,
        handle=_handle(action, deferred=True, private=is_private(action.data)),
        traceparent=traceparent,
    )


def _menu(action: Action, traceparent: str) -> Click | Ignored:
    """A message's menu opens the form of that command, which keeps the message as its token and gets its text in `values`."""
    form = commands.MENU.get(str(action.data["name"]))
    if form is None:
        return Ignored(f"menu {str(action.data['name'])[:40]}")
    target = str(action.data["target_id"])
    message = action.data["resolved"]["messages"][target]
    names = {str(user["id"]): str(user.get("username", "")) for user in message.get("mentions") or ()}
    return Click(
        claim=f"discord:interaction:{action.id}",
        place=action.where.place,
        person=person_of(action.sender, action.where.guild),
        action=f"form:{form}:{action.where.channel}/{target}",
        sent_at=action.sent_at,
        values=(readable(text_of(message), names),),
        message=target,
        handle=_handle(action, deferred=True, private=True),
        traceparent=traceparent,
    )


def _click(action: Action, traceparent: str) -> Click:
    return Click(
        claim=f"discord:click:{action.data['custom_id']}:{action.sender.id}:{action.id}",
        place=action.where.place,
        person=person_of(action.sender, action.where.guild),
        action=action_of(action.data["custom_id"]),
        sent_at=action.sent_at,
        values=_chosen(action),
        message=action.message,
        # Acknowledged as "nothing changes yet": what follows is a message of its own.
        handle=_handle(action, deferred=False, private=False),
        traceparent=traceparent,
    )


def _chosen(action: Action) -> tuple[str, ...]:
    """What was chosen from a menu; of a button that opens a form, the last code in its message, which the form is filled with."""
    if action.code and action_of(action.data["custom_id"]).startswith("form:"):
        return (action.code,)
    return tuple(action.data.get("values") or ())


def _submission(action: Action, traceparent: str) -> Submission | Ignored:
    kind, _, rest = str(action.data["custom_id"]).partition(":")
    if kind != "form":
        return Ignored("a form of somebody else's")
    name, _, token = rest.partition(":")
    rows = action.data.get("components") or ()
    inputs = [inner for row in rows for inner in (row.get("components") or [row.get("component") or {}])]
    return Submission(
        claim=f"discord:interaction:{action.id}",
        place=action.where.place,
        person=person_of(action.sender, action.where.guild),
        form=name,
        token=token,
        fields={
            i["custom_id"]: str(i.get("value") or (i.get("values") or [""])[0]) for i in inputs if "custom_id" in i
        },
        sent_at=action.sent_at,
        handle=_handle(action, deferred=True, private=True),
        traceparent=traceparent,
    )


def person_of(sender: Sender, guild: str) -> Person:
    """The author of a message or interaction."""
    return Person(Account(Platform.DISCORD, guild, sender.id), sender.name, sender.bot, sender.roles)


def _mentioned(text: str, guild: str) -> tuple[Account, ...]:
    return tuple(Account(Platform.DISCORD, guild, user) for user in dict.fromkeys(_MENTION.findall(text)))


def _handle(action: Action, *, deferred: bool, private: bool) -> Handle:
    end = action.sent_at + limits.TOKEN_SECONDS
    return Handle(Platform.DISCORD, action.token, end, action.application, deferred, private)
