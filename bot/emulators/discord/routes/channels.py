"""Channels and threads."""

from bot.emulators.discord import acme, intents, limits, shapes
from bot.emulators.discord import permissions as may
from bot.emulators.discord.call import Call, Route
from bot.emulators.discord.check import Check
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.model import Channel, Json
from bot.emulators.discord.routes import rooms


def get(call: Call) -> Json:
    """A channel, thread or direct message."""
    return shapes.channel(call.guild, call.channel())


def edit(call: Call) -> Json:
    """Change a channel, or rename, archive or lock a thread."""
    found = call.channel()
    if found.kind == "direct":
        raise DiscordError(50003)
    return _edit_thread(call, found) if found.kind == "thread" else _edit_channel(call, found)


def _edit_channel(call: Call, channel: Channel) -> Json:
    call.channel(may.MANAGE_CHANNELS)
    body, check = call.object(), Check()
    name = check.text(body.get("name"), ("name",), limits.CHANNEL_NAME, least=1)
    topic = check.text(body.get("topic"), ("topic",), limits.CHANNEL_TOPIC)
    check.number(body.get("rate_limit_per_user"), ("rate_limit_per_user",), 0, limits.SLOW_MODE, 0)
    check.finish()
    if name:
        call.guild.rename_channel(channel, rooms.tidy(name))
    if "topic" in body:
        channel.topic = topic
    if "parent_id" in body:
        rooms.move(call, channel, body)
    if body.get("permission_overwrites") is not None:
        rooms.replace(call, channel, body)
    call.platform.rooms.tell_channel("CHANNEL_UPDATE", channel)
    call.platform.rooms.changed(channel)
    return shapes.channel(call.guild, channel)


def _edit_thread(call: Call, thread: Channel) -> Json:
    body, check = call.object(), Check()
    if not _may_edit(call, thread, body):
        raise DiscordError(50013)
    if thread.archived and body.get("archived") is not False:
        raise DiscordError(50083)
    name = check.text(body.get("name"), ("name",), limits.THREAD_NAME, least=1)
    archive = body.get("auto_archive_duration") or thread.auto_archive
    check.one_of(archive, ("auto_archive_duration",), limits.AUTO_ARCHIVE)
    check.finish()
    if name:
        call.guild.rename_channel(thread, name)
    thread.archived = bool(body.get("archived", thread.archived))
    thread.locked = bool(body.get("locked", thread.locked))
    thread.auto_archive = int(archive)
    call.platform.rooms.update_thread(thread)
    return shapes.channel(call.guild, thread)


def _may_edit(call: Call, thread: Channel, body: Json) -> bool:
    if call.guild.permissions(acme.BOT_USER, thread) & may.MANAGE_THREADS:
        return True
    own = thread.owner == acme.BOT_USER and "locked" not in body
    reopens = body.keys() == {"archived"} and acme.BOT_USER in thread.members and not thread.locked
    return own or reopens


def delete(call: Call) -> Json:
    """Delete a channel or thread."""
    found = call.channel()
    if found.kind == "direct":
        raise DiscordError(50003)
    threaded = found.kind == "thread"
    call.channel(may.MANAGE_THREADS if threaded else may.MANAGE_CHANNELS)
    gone = shapes.channel(call.guild, found)
    rooms_ = call.platform.rooms
    rooms_.delete_thread(found) if threaded else rooms_.delete_channel(found)
    return gone


def _thread(call: Call, needs: int = 0) -> Channel:
    found = call.channel(needs)
    if found.kind != "thread":
        raise DiscordError(50024)
    return found


def thread_from_message(call: Call) -> Json:
    """Open a thread from a message."""
    channel = call.channel(may.CREATE_PUBLIC_THREADS)
    if channel.kind not in {"channel", "private"}:
        raise DiscordError(50024)
    message = call.message(channel)
    name, archive = _wishes(call)
    thread = call.platform.rooms.open_thread(call.bot, channel, name, message=message, auto_archive=archive)
    return shapes.channel(call.guild, thread)


def thread(call: Call) -> Json:
    """Open a thread without a message."""
    private = call.object().get("type", shapes.PRIVATE_THREAD) == shapes.PRIVATE_THREAD
    channel = call.channel(may.CREATE_PRIVATE_THREADS if private else may.CREATE_PUBLIC_THREADS)
    if channel.kind not in {"channel", "private"}:
        raise DiscordError(50024)
    name, archive = _wishes(call)
    opened = call.platform.rooms.open_thread(call.bot, channel, name, private=private, auto_archive=archive)
    return shapes.channel(call.guild, opened)


def _wishes(call: Call) -> tuple[str, int]:
    body, check = call.object(), Check()
    name = check.text(body.get("name"), ("name",), limits.THREAD_NAME, least=1, needed=True)
    archive = body.get("auto_archive_duration") or 1440
    check.one_of(archive, ("auto_archive_duration",), limits.AUTO_ARCHIVE)
    check.finish()
    return name, int(archive)


def active_threads(call: Call) -> Json:
    """The server's threads that are not archived."""
    call.own_guild()
    guild = call.guild
    found = [one for one in guild.channels.values() if one.kind == "thread" and not one.archived]
    seen = [one for one in found if guild.sees(acme.BOT_USER, one)]
    mine = [shapes.thread_member(one, acme.BOT_USER) for one in seen if acme.BOT_USER in one.members]
    return {"threads": [shapes.channel(guild, one) for one in seen], "members": mine}


def archived_threads(call: Call) -> Json:
    """A channel's archived public threads."""
    channel = call.channel(may.READ_MESSAGE_HISTORY)
    found = [
        one for one in call.guild.channels.values() if one.parent == channel.id and one.archived and not one.private
    ]
    return {"threads": [shapes.channel(call.guild, one) for one in found], "members": [], "has_more": False}


def thread_members(call: Call) -> list[Json]:
    """Who is in a thread."""
    call.needs_intent(intents.GUILD_MEMBERS)
    found = _thread(call)
    return [shapes.thread_member(found, id_) for id_ in sorted(found.members)]


def thread_member(call: Call) -> Json:
    """Somebody's membership in a thread."""
    found, person = _thread(call), call.person(call.params["user"])
    if person.id not in found.members:
        raise DiscordError(10007)
    return shapes.thread_member(found, person.id)


def join(call: Call) -> None:
    """Add the bot or somebody to a thread."""
    found, person = call.living(_thread(call)), call.person(call.params["user"])
    if person.id not in found.members:
        call.platform.rooms.join(found, person)


def leave(call: Call) -> None:
    """Take the bot or somebody out of a thread."""
    found, person = _thread(call), call.person(call.params["user"])
    if person.id in found.members:
        call.platform.rooms.leave(found, person)


_MEMBERS = "/channels/{channel}/thread-members"
ROUTES: list[Route] = [
    ("GET", "/channels/{channel}", get),
    ("PATCH", "/channels/{channel}", edit),
    ("DELETE", "/channels/{channel}", delete),
    ("POST", "/channels/{channel}/messages/{message}/threads", thread_from_message),
    ("POST", "/channels/{channel}/threads", thread),
    ("GET", "/channels/{channel}/threads/archived/public", archived_threads),
    ("GET", "/guilds/{guild}/threads/active", active_threads),
    ("GET", _MEMBERS, thread_members),
    ("GET", _MEMBERS + "/{user}", thread_member),
    ("PUT", _MEMBERS + "/{user}", join),
    ("DELETE", _MEMBERS + "/{user}", leave),
]
