"""Channels of the server: made, shown to some and hidden from others, and removed."""

from bot.emulators.discord import acme, limits, shapes
from bot.emulators.discord import permissions as may
from bot.emulators.discord.call import Call, Route
from bot.emulators.discord.check import Check, Path
from bot.emulators.discord.check_commands import check_bits
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.model import Channel, ChannelKind, Json, Overwrite

_KINDS: dict[int, ChannelKind] = {shapes.TEXT: "channel", shapes.CATEGORY: "category"}


def create(call: Call) -> Json:
    """Make a text channel or a category. Without overwrites of its own a channel gets those of its category."""
    call.own_guild()
    guild, body, check = call.guild, call.object(), Check()
    kind = body.get("type") or shapes.TEXT
    check.one_of(kind, ("type",), tuple(_KINDS))
    name = check.text(body.get("name"), ("name",), limits.CHANNEL_NAME, least=1, needed=True)
    topic = check.text(body.get("topic"), ("topic",), limits.CHANNEL_TOPIC)
    category = _category(call, check, body)
    overwrites = _overwrites(call, check, body)
    check.finish()
    held = guild.permissions(acme.BOT_USER, category) if category else guild.granted(call.bot)
    _may_overwrite(held, overwrites, needs=may.MANAGE_CHANNELS)
    if sum(1 for one in guild.channels.values() if one.kind in {"channel", "private", "category"}) >= limits.CHANNELS:
        raise DiscordError(30013)
    if category and not overwrites:
        overwrites = list(category.overwrites.values())
    made = Channel(
        guild.ids.new(), tidy(name), _KINDS[int(kind)], topic=topic, category=category.id if category else ""
    )
    guild.overwrite(made, overwrites)
    guild.add_channel(made)
    return shapes.channel(guild, made)


def tidy(name: str) -> str:
    """A text channel's name as Discord keeps it."""
    return "-".join(name.lower().split())


def replace(call: Call, channel: Channel, body: Json) -> None:
    """Set the overwrites that an edit of a channel wishes for."""
    check = Check()
    overwrites = _overwrites(call, check, body)
    check.finish()
    _may_overwrite(call.guild.permissions(acme.BOT_USER, channel), overwrites, needs=may.MANAGE_ROLES)
    call.platform.rooms.overwrite(channel, overwrites)


def move(call: Call, channel: Channel, body: Json) -> None:
    """Put a channel into a category, or (null) out of it."""
    check = Check()
    category = _category(call, check, body)
    check.finish()
    channel.category = category.id if category else ""


def put_overwrite(call: Call) -> None:
    """Set one overwrite."""
    channel = _own_channel(call)
    body, check = call.object(), Check()
    check.one_of(body.get("type"), ("type",), (0, 1))
    wished = _overwrite(check, {**body, "id": call.params["overwrite"]}, ())
    check.finish()
    _known(call, wished)
    _may_overwrite(call.guild.permissions(acme.BOT_USER, channel), [wished], needs=may.MANAGE_ROLES)
    call.platform.rooms.overwrite(channel, {**channel.overwrites, wished.id: wished}.values())


def delete_overwrite(call: Call) -> None:
    """Remove one overwrite."""
    channel = _own_channel(call)
    call.channel(may.MANAGE_ROLES)
    gone = call.params["overwrite"]
    if gone not in channel.overwrites:
        raise DiscordError(10009)
    call.platform.rooms.overwrite(channel, [one for one in channel.overwrites.values() if one.id != gone])


def _own_channel(call: Call) -> Channel:
    channel = call.channel()
    if channel.kind in {"thread", "direct"}:
        raise DiscordError(50024 if channel.kind == "thread" else 50003)
    return channel


def _category(call: Call, check: Check, body: Json) -> Channel | None:
    id_ = body.get("parent_id")
    if id_ is None:
        return None
    found = call.guild.channels.get(str(id_))
    if found is None or found.kind != "category":
        check.fail(("parent_id",), "CHANNEL_PARENT_INVALID", "Category does not exist")
        return None
    if sum(1 for one in call.guild.channels.values() if one.category == found.id) >= limits.CATEGORY_CHANNELS:
        words = f"Maximum number of channels in category reached ({limits.CATEGORY_CHANNELS})"
        check.fail(("parent_id",), "CHANNEL_PARENT_MAX_CHANNELS", words)
    return found


def _overwrites(call: Call, check: Check, body: Json) -> list[Overwrite]:
    name = "permission_overwrites"
    items = check.items(body.get(name), (name,), limits.OVERWRITES)
    found = [_overwrite(check, check.mapping(item, (name, n)), (name, n)) for n, item in enumerate(items)]
    for one in found:
        _known(call, one)
    return found


def _overwrite(check: Check, wish: Json, path: Path) -> Overwrite:
    allow = check_bits(check, wish.get("allow"), (*path, "allow"))
    deny = check_bits(check, wish.get("deny"), (*path, "deny"))
    return Overwrite(str(wish.get("id")), member=wish.get("type") == 1, allow=allow, deny=deny)


def _known(call: Call, wish: Overwrite) -> None:
    if wish.member and wish.id not in call.guild.people:
        raise DiscordError(10013)
    if not wish.member and wish.id not in call.guild.roles:
        raise DiscordError(10011)


def _may_overwrite(held: int, wishes: list[Overwrite], *, needs: int) -> None:
    """Nobody allows or denies what they may not do themselves; Manage Permissions is for administrators to give."""
    wished = 0
    for one in wishes:
        wished |= one.allow | one.deny
    if (needs | wished) & ~held or (wished & may.MANAGE_ROLES and not held & may.ADMINISTRATOR):
        raise DiscordError(50013)


_OVERWRITE = "/channels/{channel}/permissions/{overwrite}"
ROUTES: list[Route] = [
    ("POST", "/guilds/{guild}/channels", create),
    ("PUT", _OVERWRITE, put_overwrite),
    ("DELETE", _OVERWRITE, delete_overwrite),
]
