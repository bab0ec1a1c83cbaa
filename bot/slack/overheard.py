"""Slack's messages that ask nothing of the bot → what is remembered of them. Pure; never raises, whatever the payload."""

from bot.slack.contents import text_of
from bot.slack.fields import Json, Malformed, maybe, record, seconds, text
from bot.slack.inbound import Me, is_direct
from core.messages import Account, Heard, Overheard, Person, Place, Platform, Withdrawn

_TALK = frozenset({"", "thread_broadcast", "file_share", "me_message", "bot_message"})
"""Subtypes of messages that somebody wrote; the others are Slack's own notices of joins, topics and the like."""


def overhear(payload: object, me: Me) -> Overheard | None:
    """What an event adds to, changes in or takes from what was said; None when it does nothing of that, or is the bot's own."""
    try:
        event = record(payload, "event")
        if maybe(event, "type") != "message":
            return None
        subtype, channel = maybe(event, "subtype"), text(event, "channel")
        if subtype == "message_deleted":
            return _withdrawn(event, channel, me)
        if subtype != "message_changed":
            return _heard(event, channel, me)
        changed = record(event, "message")
        # A root with replies leaves a "tombstone" when it is deleted; an edit may leave nothing that can be read.
        return _heard(changed, channel, me) or _gone(changed, channel, me)
    except Malformed:
        return None


def heard_in(messages: object, channel: str, me: Me) -> tuple[Heard, ...]:
    """A page of messages as Slack's history lists them, in its order; without the bot's own."""
    found = []
    for message in messages if isinstance(messages, list) else ():
        try:
            heard = _heard(message, channel, me) if isinstance(message, dict) else None
        except Malformed:
            continue
        if heard:
            found.append(heard)
    return tuple(found)


def _heard(message: Json, channel: str, me: Me) -> Heard | None:
    if maybe(message, "subtype") not in _TALK or _is_mine(message, me):
        return None
    said = text_of(message)
    if not said:
        return None
    edited = message.get("edited")
    sent_at = seconds(message, "ts")
    return Heard(
        _place(message, channel, me),
        text(message, "ts"),
        _author(message, me),
        said,
        sent_at,
        max(sent_at, seconds(edited, "ts")) if isinstance(edited, dict) else sent_at,
    )


def _withdrawn(event: Json, channel: str, me: Me) -> Withdrawn | None:
    before = event.get("previous_message")
    if isinstance(before, dict) and maybe(before, "ts"):
        return _gone(before, channel, me)
    place = Place(Platform.SLACK, me.team, channel, direct=is_direct(channel))
    return Withdrawn(place, text(event, "deleted_ts"), seconds(event, "deleted_ts"))


def _gone(message: Json, channel: str, me: Me) -> Withdrawn | None:
    if _is_mine(message, me):
        return None
    return Withdrawn(_place(message, channel, me), text(message, "ts"), seconds(message, "ts"))


def _is_mine(message: Json, me: Me) -> bool:
    return bool(me.user) and maybe(message, "user") == me.user


def _place(message: Json, channel: str, me: Me) -> Place:
    # The first message of a thread names itself.
    thread = maybe(message, "thread_ts") if maybe(message, "thread_ts") != maybe(message, "ts") else ""
    return Place(Platform.SLACK, me.team, channel, thread or None, is_direct(channel))


def _author(message: Json, me: Me) -> Person:
    """An old webhook has neither user nor profile, only a name of its own choice."""
    bot = maybe(message, "bot_id")
    profile = message.get("bot_profile") if bot else message.get("user_profile")
    named = maybe(profile, "name" if bot else "display_name") if isinstance(profile, dict) else ""
    id_ = maybe(message, "user") or bot or "unknown"
    is_bot = bool(bot) or maybe(message, "subtype") == "bot_message"
    return Person(Account(Platform.SLACK, me.team, id_), maybe(message, "username") or named, is_bot)
