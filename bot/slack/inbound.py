"""Slack's payloads → what people sent. Pure; never raises, whatever the payload."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.slack import limits
from bot.slack.elements import action_of
from bot.slack.fields import Malformed, maybe, record, seconds, storable, text
from bot.slack.text import readable, said, shown_code
from core.messages import (
    PIN,
    Account,
    Click,
    Handle,
    HomeOpened,
    Incoming,
    Joined,
    Marked,
    Person,
    Place,
    Platform,
    Submission,
    Turn,
    Via,
)

Json = dict[str, Any]

MESSAGE_ACTION = "message_action"
"""Type of the payload of a shortcut in a message's menu."""
SHORTCUTS = frozenset({"declare"})
"""Callback ids of the shortcuts in messages' menus: each is the name of the form that it opens."""

_OTHER_FIRST = re.compile(r"\s*<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_BANG = re.compile(r"!(?=[^\W\d_])")
_PLAIN_SUBTYPES = frozenset({"", "thread_broadcast", "file_share"})


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us, and why: counted, then forgotten."""

    reason: str


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own ids."""

    team: str
    user: str


@dataclass(frozen=True, slots=True)
class _Circumstances:
    """What a payload does not tell itself."""

    me: Me
    now: float
    traceparent: str


def understand(payload: object, me: Me, *, now: float, traceparent: str) -> Incoming | Ignored:
    """What a payload means. `now`: seconds since the epoch, for payloads without a time of their own."""
    around = _Circumstances(me, now, traceparent)
    try:
        if not isinstance(payload, dict):
            return Ignored("malformed: payload")
        if "command" in payload:
            return _command(payload, around)
        kind = maybe(payload, "type")
        reader = _KINDS.get(kind)
        return reader(payload, around) if reader else Ignored(f"payload {kind[:40]}")
    except Malformed as error:
        return Ignored(f"malformed: {error}")


# --- events ----------------------------------------------------------------------------------------------


def _event(payload: Json, around: _Circumstances) -> Incoming | Ignored:
    event = record(payload, "event")
    kind = text(event, "type")
    if kind in ("message", "app_mention"):
        return _message(event, around)
    if kind == "member_joined_channel":
        return _joined(payload, event, around)
    if kind == "app_home_opened":
        return _home(payload, event, around)
    if kind in ("reaction_added", "pin_added"):
        return _marked(event, kind, around)
    return Ignored(f"event {kind[:40]}")


def _message(event: Json, around: _Circumstances) -> Turn | Ignored:
    """The same message comes as `message` and as `app_mention`: both give the same turn, so either order is right."""
    me = around.me
    if maybe(event, "bot_id") or maybe(event, "user") in ("", me.user):
        return Ignored("not written by a person")
    if maybe(event, "subtype") not in _PLAIN_SUBTYPES:
        return Ignored(f"message {maybe(event, 'subtype')[:40]}")
    typed, ts, channel = maybe(event, "text"), text(event, "ts"), text(event, "channel")
    direct = is_direct(channel)
    # The first message of a thread names itself.
    thread = maybe(event, "thread_ts") if maybe(event, "thread_ts") != ts else ""
    via, said = _way(typed, me.user, direct=direct, threaded=bool(thread))
    if via is None:
        return Ignored("not addressed to the bot")
    first = _OTHER_FIRST.match(typed)
    return Turn(
        claim=f"slack:msg:{me.team}:{channel}:{ts}",
        # A mention in a channel is answered in a thread under it: `core.conversation.threads` knows, for all platforms.
        place=Place(Platform.SLACK, me.team, channel, thread or None, direct),
        person=_person(text(event, "user"), me.team, home=maybe(event, "user_team") or maybe(event, "source_team")),
        text=readable(said),
        mentions=_mentioned(said, me.team),
        sent_at=seconds(event, "ts"),
        via=via,
        message=ts,
        opens_with_other=first is not None and first[1] != me.user,
        traceparent=around.traceparent,
    )


def _joined(payload: Json, event: Json, around: _Circumstances) -> Joined | Ignored:
    me = around.me
    if text(event, "user") != me.user:
        return Ignored("somebody else joined")
    return Joined(
        claim=f"slack:joined:{text(payload, 'event_id')}",
        place=Place(Platform.SLACK, me.team, text(event, "channel")),
        person=_person(me.user, me.team),
        sent_at=seconds(payload, "event_time"),
        traceparent=around.traceparent,
    )


def _home(payload: Json, event: Json, around: _Circumstances) -> HomeOpened | Ignored:
    if maybe(event, "tab") != "home":
        return Ignored("another tab of the app")
    me = around.me
    return HomeOpened(
        claim=f"slack:home:{text(payload, 'event_id')}",
        place=Place(Platform.SLACK, me.team, text(event, "channel"), direct=True),
        person=_person(text(event, "user"), me.team),
        sent_at=seconds(event, "event_ts"),
        traceparent=around.traceparent,
    )


def _marked(event: Json, kind: str, around: _Circumstances) -> Marked | Ignored:
    """A reaction names its message; a pin brings it along. Neither tells the thread."""
    me, item, user = around.me, record(event, "item"), text(event, "user")
    if user == me.user:
        return Ignored("a mark of our own")
    if maybe(item, "type") != "message":
        return Ignored(f"a mark on {maybe(item, 'type')[:40]}")
    pinned = kind == "pin_added"
    mark = PIN if pinned else text(event, "reaction")
    channel = text(item, "channel")
    ts = text(record(item, "message") if pinned else item, "ts")
    return Marked(
        claim=f"slack:mark:{me.team}:{channel}:{ts}:{user}:{mark}",
        place=Place(Platform.SLACK, me.team, channel, direct=is_direct(channel)),
        person=_person(user, me.team),
        message=ts,
        mark=mark,
        sent_at=seconds(event, "event_ts"),
        traceparent=around.traceparent,
    )


def _way(typed: str, me: str, *, direct: bool, threaded: bool) -> tuple[Via | None, str]:
    """How a message reached us, and what it says without the address."""
    if _BANG.match(typed):
        return Via.BANG, typed[1:]
    ours = re.compile(rf"<@{re.escape(me)}(?:\|[^<>]*)?>")
    if ours.search(typed):
        said = ours.sub(" ", typed, count=1).strip()
        if _BANG.match(said):
            said = said[1:]
        return (Via.DIRECT if direct else Via.MENTION), said
    if direct:
        return Via.DIRECT, typed
    return (Via.THREAD, typed) if threaded else (None, typed)


# --- interactions ----------------------------------------------------------------------------------------


def _command(payload: Json, around: _Circumstances) -> Turn:
    team, channel = around.me.team, text(payload, "channel_id")
    home, name = maybe(payload, "team_id"), maybe(payload, "user_name")
    return Turn(
        claim=f"slack:command:{text(payload, 'trigger_id')}",
        place=Place(Platform.SLACK, team, channel, direct=is_direct(channel)),
        person=_person(text(payload, "user_id"), team, home=home, name=name),
        text=readable(maybe(payload, "text")),
        mentions=_mentioned(maybe(payload, "text"), team),
        sent_at=around.now,
        via=Via.COMMAND,
        handle=_handle(payload, around.now),
        traceparent=around.traceparent,
    )


def _click(payload: Json, around: _Circumstances) -> Click | Ignored:
    actions = payload.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        raise Malformed("actions")
    action = actions[0]
    if maybe(action, "type") not in ("button", "static_select"):
        return Ignored(f"element {maybe(action, 'type')[:40]}")
    if payload.get("message") is not None and maybe(record(payload, "message"), "user") not in ("", around.me.user):
        return Ignored("a click in somebody else's message")
    person = _clicker(payload, around)
    container = record(payload, "container")
    # A click on the home page has no channel: its answer goes to the direct message, which a person's id opens.
    channel = maybe(container, "channel_id") or person.account.id
    action_id = text(action, "action_id")
    return Click(
        claim=f"slack:click:{action_id}:{person.account.id}:{text(payload, 'trigger_id')}",
        place=Place(Platform.SLACK, around.me.team, channel, maybe(container, "thread_ts") or None, is_direct(channel)),
        person=person,
        action=action_of(action_id),
        sent_at=seconds(action, "action_ts") if action.get("action_ts") is not None else around.now,
        values=_chosen(action, payload),
        message=maybe(container, "message_ts"),
        handle=_handle(payload, around.now),
        traceparent=around.traceparent,
    )


def _shortcut(payload: Json, around: _Circumstances) -> Click | Ignored:
    """A message's menu opens the form of that name, which keeps the message as its token and gets its text in `values`."""
    callback = text(payload, "callback_id")
    if callback not in SHORTCUTS:
        return Ignored(f"shortcut {callback[:40]}")
    message, person = record(payload, "message"), _clicker(payload, around)
    channel, ts = text(record(payload, "channel"), "id"), text(message, "ts")
    action = f"form:{callback}:{channel}/{ts}"
    return Click(
        claim=f"slack:click:{action}:{person.account.id}:{text(payload, 'trigger_id')}",
        place=Place(Platform.SLACK, around.me.team, channel, maybe(message, "thread_ts") or None, is_direct(channel)),
        person=person,
        action=action,
        sent_at=around.now,
        values=(readable(said(message)),),
        message=ts,
        handle=_handle(payload, around.now),
        traceparent=around.traceparent,
    )


def _submission(payload: Json, around: _Circumstances) -> Submission:
    view, person = record(payload, "view"), _clicker(payload, around)
    token, place = _kept(maybe(view, "private_metadata"))
    channel, _, thread = place.partition("/")
    channel = channel or person.account.id
    values = record(record(view, "state"), "values")
    return Submission(
        claim=f"slack:view:{text(view, 'id')}:{maybe(view, 'hash') or maybe(payload, 'trigger_id')}",
        place=Place(Platform.SLACK, around.me.team, channel, thread or None, is_direct(channel)),
        person=person,
        form=text(view, "callback_id"),
        token=token,
        fields={storable(name): _value(inputs) for name, inputs in values.items()},
        sent_at=around.now,
        traceparent=around.traceparent,
    )


_KINDS: dict[str, Callable[[Json, _Circumstances], Incoming | Ignored]] = {
    "event_callback": _event,
    "block_actions": _click,
    MESSAGE_ACTION: _shortcut,
    "view_submission": _submission,
}


def _kept(metadata: str) -> tuple[str, str]:
    """(token, place) that the form was opened with."""
    try:
        kept = json.loads(metadata or "{}")
    except (ValueError, RecursionError):
        raise Malformed("private_metadata") from None
    if not isinstance(kept, dict):
        raise Malformed("private_metadata")
    return maybe(kept, "token"), maybe(kept, "place")


def _value(inputs: object) -> str:
    """What one input holds: a text, a person, or the value of a choice."""
    state = next(iter(inputs.values()), None) if isinstance(inputs, dict) else None
    if not isinstance(state, dict):
        raise Malformed("state")
    chosen = state.get("selected_option")
    return (
        maybe(state, "value")
        or maybe(state, "selected_user")
        or (maybe(chosen, "value") if isinstance(chosen, dict) else "")
    )


def _chosen(action: Json, payload: Json) -> tuple[str, ...]:
    """What was chosen from a menu; of a button that opens a form, the last code in its message, which the form is filled with."""
    if action.get("selected_option") is not None:
        chosen = maybe(record(action, "selected_option"), "value")
    elif action_of(text(action, "action_id")).startswith("form:"):
        blocks = record(payload, "message").get("blocks") if payload.get("message") is not None else None
        chosen = shown_code(blocks)
    else:
        chosen = ""
    return (chosen,) if chosen else ()


def _clicker(payload: Json, around: _Circumstances) -> Person:
    user = record(payload, "user")
    home, name = maybe(user, "team_id"), maybe(user, "username") or maybe(user, "name")
    return _person(text(user, "id"), around.me.team, home=home, name=name)


def _person(user: str, team: str, *, home: str = "", name: str = "") -> Person:
    return Person(Account(Platform.SLACK, team, user), name, home=home if home != team else "")


def _mentioned(typed: str, team: str) -> tuple[Account, ...]:
    return tuple(Account(Platform.SLACK, team, user) for user in dict.fromkeys(_MENTION.findall(typed)))


def is_direct(channel: str) -> bool:
    """Ids of direct messages begin with D; a person's own id stands for the direct message with them."""
    return channel[:1] in ("D", "U", "W")


def _handle(payload: Json, now: float) -> Handle | None:
    url = maybe(payload, "response_url")
    return Handle(Platform.SLACK, url, now + limits.RESPONSE_URL_LIFE) if url else None
