"""Messages, reactions, pins and typing."""

from bisect import bisect_left, bisect_right
from urllib.parse import unquote

from bot.emulators.discord import acme, limits, shapes
from bot.emulators.discord import permissions as may
from bot.emulators.discord.call import Call, Route
from bot.emulators.discord.check import Check
from bot.emulators.discord.check_message import check_message
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.model import Channel, Json, Message


def create(call: Call) -> Json:
    """Send a message."""
    channel = call.channel()
    needs = may.SEND_MESSAGES_IN_THREADS if channel.kind == "thread" else may.SEND_MESSAGES
    call.channel(needs | (may.ATTACH_FILES if call.uploads else 0))
    _check_lock(call, channel)
    if channel.kind == "direct" and any(call.guild.people[id_].deactivated for id_ in channel.members):
        raise DiscordError(50007)
    body = call.object()
    check_message(body, files=len(call.uploads))
    _check_reference(call, channel, body)
    if (known := call.guild.sent_with(body, channel.id)) is not None:
        return known.raw
    message = call.platform.chat.post(call.bot, channel, body, files=call.attachments(channel.id, body))
    call.guild.remember_nonce(body, message)
    return message.raw


def _check_lock(call: Call, thread: Channel) -> None:
    if thread.locked and not call.guild.permissions(acme.BOT_USER, thread) & may.MANAGE_THREADS:
        raise DiscordError(50083 if thread.archived else 160005)


def _check_reference(call: Call, channel: Channel, body: Json) -> None:
    reference = body.get("message_reference")
    if not reference:
        return
    target = call.guild.messages.get(str(reference.get("message_id")))
    known = target is not None and target.channel == channel.id and target.private_to is None
    if not known and reference.get("fail_if_not_exists", True):
        check = Check()
        check.fail(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        check.finish()


def get(call: Call) -> Json:
    """One message."""
    return call.message(call.channel(may.READ_MESSAGE_HISTORY)).raw


def listing(call: Call) -> list[Json]:
    """A page of messages, latest first."""
    channel = call.channel(may.READ_MESSAGE_HISTORY)
    size = call.number("limit", 1, limits.PAGE, limits.PAGE_DEFAULT)
    start, end = _page(call, channel.message_ids, size)
    return [call.guild.messages[str(id_)].raw for id_ in reversed(channel.message_ids[start:end])]


def _page(call: Call, ids: list[int], size: int) -> tuple[int, int]:
    if "around" in call.query:
        middle = bisect_left(ids, call.snowflake("around"))
        start = max(0, middle - size // 2)
        return start, min(len(ids), start + size)
    if "after" in call.query:
        start = bisect_right(ids, call.snowflake("after"))
        return start, min(len(ids), start + size)
    end = bisect_left(ids, call.snowflake("before")) if "before" in call.query else len(ids)
    return max(0, end - size), end


def edit(call: Call) -> Json:
    """Change one of the bot's own messages."""
    channel = call.channel()
    message = call.message(channel)
    _check_lock(call, call.living(channel))
    body = call.object()
    if message.author != acme.BOT_USER and set(body) - {"flags"}:
        raise DiscordError(50005)
    check_message(body, files=len(call.uploads), kept=message.raw)
    call.platform.chat.change(message, body, files=call.attachments(channel.id, body))
    return message.raw


def delete(call: Call) -> None:
    """Delete a message."""
    channel = call.channel()
    message = call.message(channel)
    if message.author != acme.BOT_USER:
        if channel.kind == "direct":
            raise DiscordError(50003)
        call.channel(may.MANAGE_MESSAGES)
    call.platform.chat.delete(message)


def bulk_delete(call: Call) -> None:
    """Delete some messages at once."""
    channel = call.channel(may.MANAGE_MESSAGES)
    if channel.kind == "direct":
        raise DiscordError(50003)
    check = Check()
    wanted = dict.fromkeys(map(str, check.items(call.object().get("messages"), ("messages",), limits.PAGE)))
    check.finish()
    if len(wanted) < limits.BULK_DELETE_LEAST:
        raise DiscordError(50016)
    oldest = call.guild.clock.now() - limits.BULK_DELETE_AGE
    found = [message for id_ in wanted if (message := call.guild.messages.get(id_)) is not None]
    there = [message for message in found if message.channel == channel.id and message.private_to is None]
    if any(message.at < oldest for message in there):
        raise DiscordError(50034)
    call.platform.chat.delete_many(channel, there)


# --- reactions ---------------------------------------------------------------------------------------------------


def _reactable(call: Call) -> tuple[Message, str]:
    message = call.message(call.living(call.channel(may.READ_MESSAGE_HISTORY)))
    emoji = unquote(call.params["emoji"])
    if not emoji or emoji.isascii():
        raise DiscordError(10014)
    return message, emoji


def react(call: Call) -> None:
    """Add the bot's reaction."""
    message, emoji = _reactable(call)
    if emoji not in message.reactions:
        call.channel(may.ADD_REACTIONS)
    call.platform.chat.react(message, call.bot, emoji, add=True)


def unreact(call: Call) -> None:
    """Remove the bot's or somebody's reaction."""
    message, emoji = _reactable(call)
    person = call.person(call.params["user"])
    if person.id != acme.BOT_USER:
        call.channel(may.MANAGE_MESSAGES)
    call.platform.chat.react(message, person, emoji, add=False)


def reactors(call: Call) -> list[Json]:
    """Who reacted with an emoji."""
    message, emoji = call.message(call.channel(may.READ_MESSAGE_HISTORY)), unquote(call.params["emoji"])
    after = call.snowflake("after")
    people = sorted(int(id_) for id_ in message.reactions.get(emoji, {}) if int(id_) > after)
    return [shapes.user(call.guild.people[str(id_)]) for id_ in people[: call.number("limit", 1, limits.PAGE, 25)]]


def clear_reactions(call: Call) -> None:
    """Remove all reactions."""
    call.platform.chat.clear_reactions(call.message(call.channel(may.MANAGE_MESSAGES)))


def clear_reaction(call: Call) -> None:
    """Remove all reactions of one emoji."""
    call.channel(may.MANAGE_MESSAGES)
    call.platform.chat.clear_reactions(*_reactable(call))


# --- pins and typing -----------------------------------------------------------------------------------------------


def pins(call: Call) -> Json:
    """The pinned messages, latest pin first."""
    channel = call.channel()
    items = [
        {"pinned_at": shapes.iso(at), "message": call.guild.messages[id_].raw}
        for id_, at in sorted(channel.pins.items(), key=lambda item: -item[1])
    ]
    size = call.number("limit", 1, 50, 50)
    return {"items": items[:size], "has_more": len(items) > size}


def old_pins(call: Call) -> list[Json]:
    """The pinned messages, without when."""
    return [item["message"] for item in pins(call)["items"]]


def pin(call: Call) -> None:
    """Pin a message."""
    channel = call.living(call.channel(may.PIN_MESSAGES))
    message = call.message(channel)
    if message.id not in channel.pins and len(channel.pins) >= limits.PINS:
        raise DiscordError(30003)
    call.platform.chat.pin(message, call.bot, pinned=True)


def unpin(call: Call) -> None:
    """Unpin a message."""
    call.platform.chat.pin(call.message(call.channel(may.PIN_MESSAGES)), call.bot, pinned=False)


def typing(call: Call) -> None:
    """Show the bot as typing."""
    call.platform.chat.typing(call.bot, call.channel(may.SEND_MESSAGES))


_MESSAGES = "/channels/{channel}/messages"
_REACTIONS = _MESSAGES + "/{message}/reactions"
ROUTES: list[Route] = [
    ("POST", _MESSAGES, create),
    ("GET", _MESSAGES, listing),
    ("POST", _MESSAGES + "/bulk-delete", bulk_delete),
    ("GET", _MESSAGES + "/pins", pins),
    ("PUT", _MESSAGES + "/pins/{message}", pin),
    ("DELETE", _MESSAGES + "/pins/{message}", unpin),
    ("GET", _MESSAGES + "/{message}", get),
    ("PATCH", _MESSAGES + "/{message}", edit),
    ("DELETE", _MESSAGES + "/{message}", delete),
    ("DELETE", _REACTIONS, clear_reactions),
    ("GET", _REACTIONS + "/{emoji}", reactors),
    ("DELETE", _REACTIONS + "/{emoji}", clear_reaction),
    ("PUT", _REACTIONS + "/{emoji}/@me", react),
    ("DELETE", _REACTIONS + "/{emoji}/{user}", unreact),
    ("GET", "/channels/{channel}/pins", old_pins),
    ("PUT", "/channels/{channel}/pins/{message}", pin),
    ("DELETE", "/channels/{channel}/pins/{message}", unpin),
    ("POST", "/channels/{channel}/typing", typing),
]
