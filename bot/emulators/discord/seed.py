"""Adds people and channels, one by one or by the thousand."""

from bot.emulators.common import names
from bot.emulators.common.faults import ControlError
from bot.emulators.discord import shapes
from bot.emulators.discord.guild import Guild
from bot.emulators.discord.model import Channel, ChannelKind, Json, Person


def grow(guild: Guild, wish: Json) -> Json:
    """Add what is wished for: `people` and `channels` (numbers), or one `person` or `channel`."""
    answer: Json = {}
    for name in wish:
        if name not in {"people", "channels", "person", "channel"}:
            raise ControlError(f"unknown field {name!r}; known: people, channels, person, channel")
    for n in range(_count(wish, "people")):
        handle = names.person_name(n)
        guild.add_person(Person(guild.ids.new(), handle.lower().replace(" ", "."), handle, names.colour(n)))
    for n in range(_count(wish, "channels")):
        guild.add_channel(Channel(guild.ids.new(), _free(guild, names.channel_name(n))))
    if "person" in wish:
        answer["person"] = shapes.control_person(guild, _person(guild, _object(wish, "person")))
    if "channel" in wish:
        answer["channel"] = shapes.control_channel(guild, _channel(guild, _object(wish, "channel")))
    return answer


def _person(guild: Guild, wish: Json) -> Person:
    name = str(wish.get("name") or "newcomer").lower()
    return guild.add_person(
        Person(
            str(wish.get("id") or guild.ids.new()),
            name,
            str(wish.get("display_name") or name.title()),
            str(wish.get("colour") or names.colour(len(guild.people))).removeprefix("#"),
            bot=bool(wish.get("bot")),
            member=not wish.get("stranger"),
            pending=bool(wish.get("guest")),
            deactivated=bool(wish.get("deactivated")),
            roles=[guild.role_named(str(role)) or str(role) for role in wish.get("roles") or ()],
            timezone=str(wish.get("timezone") or "Europe/London"),
        )
    )


def _channel(guild: Guild, wish: Json) -> Channel:
    wished = wish.get("kind")
    kind: ChannelKind = "private" if wished == "private" else "category" if wished == "category" else "channel"
    members = {str(member) for member in wish.get("members") or ()}
    if unknown := members - set(guild.people):
        raise ControlError(f"no such people: {', '.join(sorted(unknown))}")
    name = str(wish.get("name") or "new-channel")
    if guild.channel_named(name) is not None:
        raise ControlError(f"there is a #{name} already")
    id_ = str(wish.get("id") or guild.ids.new())
    category = str(wish.get("category") or "")
    topic = str(wish.get("topic") or "")
    return guild.add_channel(Channel(id_, name, kind, topic=topic, members=members, category=category))


def _free(guild: Guild, name: str) -> str:
    return name if guild.channel_named(name) is None else f"{name}-{guild.ids.new()[-6:]}"


def _count(wish: Json, name: str) -> int:
    count = wish.get(name, 0)
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 100_000:
        raise ControlError(f"{name} must be a whole number up to 100,000")
    return count


def _object(wish: Json, name: str) -> Json:
    found = wish[name]
    if not isinstance(found, dict):
        raise ControlError(f"{name} must be an object")
    return found
