"""Slack's payloads → what people sent. Pure; never raises on what it does not know."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

from bot.slack import limits
from core.messages import (
    Account,
    Click,
    Handle,
    HomeOpened,
    Incoming,
    Joined,
    Person,
    Place,
    Platform,
    Submission,
    Turn,
    Via,
)

Json = dict[str, Any]

_OTHER_FIRST = re.compile(r"\s*<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<(?P<target>[^<>|]+)(?:\|(?P<label>[^<>]*))?>")
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


def understand(payload: Json, me: Me, *, now: float, traceparent: str) -> Incoming | Ignored:
    """What a payload means. `now`: seconds since the epoch, for payloads without a time of their own."""
    try:
        if payload.get("type") == "event_callback":
            return _event(payload, me, traceparent)
        if "command" in payload:
            return _command(payload, now, traceparent)
        return _INTERACTIONS.get(str(payload.get("type")), _unknown)(payload, now, traceparent)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return Ignored(f"malformed: {type(error).__name__}")


# --- events ----------------------------------------------------------------------------------------------


def _event(payload: Json, me: Me, traceparent: str) -> Incoming | Ignored:
    event = payload["event"]
    kind = event["type"]
    team = payload["team_id"]
    if kind in ("message", "app_mention"):
        return _message(event, team, me, traceparent)
    if kind == "member_joined_channel":
        if event["user"] != me.user:
            return Ignored("somebody else joined")
        place = Place(Platform.SLACK, team, event["channel"])
        return Joined(
            f"slack:joined:{payload['event_id']}",
            place,
            _person(me.user, team),
            float(payload["event_time"]),
            traceparent,
        )
    if kind == "app_home_opened" and event.get("tab") == "home":
        place = Place(Platform.SLACK, team, event["channel"], direct=True)
        person = _person(event["user"], team)
        return HomeOpened(f"slack:home:{payload['event_id']}", place, person, float(event["event_ts"]), traceparent)
    return Ignored(f"event {kind}")


def _message(event: Json, team: str, me: Me, traceparent: str) -> Turn | Ignored:
    """The same message comes as `message` and as `app_mention`: both give the same turn, so either order is right."""
    if event.get("bot_id") or event.get("user") in (None, me.user) or event.get("subtype", "") not in _PLAIN_SUBTYPES:
        return Ignored("not written by a person")
    text, ts, channel = event.get("text") or "", event["ts"], event["channel"]
    direct = channel.startswith("D")
    thread = event.get("thread_ts")
    ours = re.compile(rf"<@{re.escape(me.user)}(?:\|[^>]*)?>")
    first = _OTHER_FIRST.match(text)
    via, said = _way(text, ours, direct=direct, thread=thread)
    if via is None:
        return Ignored("not addressed to the bot")
    return Turn(
        claim=f"slack:msg:{team}:{channel}:{ts}",
        place=Place(Platform.SLACK, team, channel, None if direct and thread == ts else thread, direct),
        person=_person(event["user"], team, event.get("user_team") or event.get("source_team") or ""),
        text=readable(said),
        sent_at=float(ts),
        via=via,
        message=ts,
        opens_with_other=bool(first) and first[1] != me.user if first else False,
        traceparent=traceparent,
    )


def _way(text: str, ours: re.Pattern[str], *, direct: bool, thread: str | None) -> tuple[Via | None, str]:
    if text.startswith("!") and text[1:2].isalpha():
        return Via.BANG, text[1:]
    if ours.search(text):
        return (Via.DIRECT if direct else Via.MENTION), ours.sub(" ", text, count=1).strip()
    if direct:
        return Via.DIRECT, text
    return (Via.THREAD, text) if thread else (None, text)


def readable(text: str) -> str:
    """What the person typed: links, mentions and escapes as the client shows them."""

    def show(match: re.Match[str]) -> str:
        target, label = match["target"], match["label"]
        if target[0] in "#@!":
            return target[0].replace("!", "@") + (label or target[1:])
        return label if label and label in target else target

    return unescape(_LINK.sub(show, text)).strip()


# --- interactions ----------------------------------------------------------------------------------------


def _command(payload: Json, now: float, traceparent: str) -> Turn:
    team, channel = payload["team_id"], payload["channel_id"]
    return Turn(
        claim=f"slack:command:{payload['trigger_id']}",
        place=Place(Platform.SLACK, team, channel, direct=channel.startswith("D")),
        person=_person(payload["user_id"], team, name=payload.get("user_name", "")),
        text=readable(payload.get("text") or ""),
        sent_at=now,
        via=Via.COMMAND,
        handle=_handle(payload.get("response_url", ""), now),
        traceparent=traceparent,
    )


def _click(payload: Json, now: float, traceparent: str) -> Click | Ignored:
    action = payload["actions"][0]
    if action["type"] not in ("button", "static_select"):
        return Ignored(f"element {action['type']}")
    team, user = payload["team"]["id"], payload["user"]
    container = payload.get("container", {})
    channel = container.get("channel_id") or payload.get("channel", {}).get("id") or user["id"]
    chosen = (action.get("selected_option") or {}).get("value")
    return Click(
        claim=f"slack:click:{action['action_id']}:{user['id']}:{payload['trigger_id']}",
        place=Place(Platform.SLACK, team, channel, container.get("thread_ts"), channel[0] in "DU"),
        person=_person(user["id"], team, user.get("team_id", ""), user.get("username", user.get("name", ""))),
        action=action["action_id"],
        sent_at=float(action.get("action_ts", now)),
        values=(chosen,) if chosen else (),
        message=container.get("message_ts", ""),
        handle=_handle(payload.get("response_url", ""), now),
        traceparent=traceparent,
    )


def _submission(payload: Json, now: float, traceparent: str) -> Submission:
    view, user, team = payload["view"], payload["user"], payload["team"]["id"]
    kept = json.loads(view.get("private_metadata") or "{}")
    channel, _, thread = str(kept.get("place", "")).partition("/")
    return Submission(
        claim=f"slack:view:{view['id']}:{view.get('hash', '')}",
        place=Place(Platform.SLACK, team, channel or user["id"], thread or None, (channel or "U")[0] in "DU"),
        person=_person(user["id"], team, user.get("team_id", ""), user.get("username", user.get("name", ""))),
        form=view["callback_id"],
        token=str(kept.get("token", "")),
        fields={name: _value(actions) for name, actions in view["state"]["values"].items()},
        sent_at=now,
        traceparent=traceparent,
    )


def _unknown(payload: Json, _now: float, _traceparent: str) -> Ignored:
    return Ignored(f"payload {payload.get('type')}")


_INTERACTIONS: dict[str, Callable[[Json, float, str], Incoming | Ignored]] = {
    "block_actions": _click,
    "view_submission": _submission,
}


def _value(actions: Json) -> str:
    state: Json = next(iter(actions.values()), {})
    return str(state.get("value") or (state.get("selected_option") or {}).get("value") or "")


def _person(user: str, team: str, home: str = "", name: str = "") -> Person:
    return Person(Account(Platform.SLACK, team, user), name, home=home if home != team else "")


def _handle(response_url: str, now: float) -> Handle | None:
    return Handle(Platform.SLACK, response_url, now + limits.RESPONSE_URL_LIFE) if response_url else None
