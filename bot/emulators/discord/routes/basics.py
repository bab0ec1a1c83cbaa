"""The gateway's address, the application, users, the server and its members."""

from bot.emulators.discord import acme, limits, shapes
from bot.emulators.discord import permissions as may
from bot.emulators.discord.call import Call, Route
from bot.emulators.discord.check import Check
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.model import Json, Person


def gateway(call: Call) -> Json:
    """The gateway's address."""
    return {"url": call.guild.base_url.replace("http://", "ws://", 1) + "/gateway"}


def bot_gateway(call: Call) -> Json:
    """The gateway's address, shards and starts left."""
    left = {
        "total": limits.IDENTIFIES_PER_DAY,
        "remaining": limits.IDENTIFIES_PER_DAY,
        "reset_after": 86_400_000,
        "max_concurrency": 1,
    }
    return {**gateway(call), "shards": 1, "session_start_limit": left}


def application(_: Call) -> Json:
    """The bot's application."""
    return shapes.application()


def user(call: Call) -> Json:
    """A user."""
    found = shapes.user(call.person(call.params["user"]))
    if call.params["user"] == "@me":
        found |= {"verified": True, "mfa_enabled": False, "locale": "en-US", "email": None}
    return found


def open_direct(call: Call) -> Json:
    """Open the direct message with somebody."""
    wanted = call.object().get("recipient_id")
    if wanted is None:
        check = Check()
        check.required(("recipient_id",))
        check.finish()
    person = call.person(str(wanted))
    if person.bot:
        raise DiscordError(50007)
    return shapes.channel(call.guild, call.guild.direct_with(person.id))


def my_guilds(_: Call) -> list[Json]:
    """The servers that the bot is in."""
    owned = {"owner": False, "permissions": str(may.BOT), "features": [], "icon": None}
    return [{"id": acme.GUILD, "name": acme.GUILD_NAME, **owned}]


def guild(call: Call) -> Json:
    """The server."""
    call.own_guild()
    return shapes.guild_object(call.guild)


def guild_channels(call: Call) -> list[Json]:
    """The server's channels, without threads."""
    call.own_guild()
    kinds = {"channel", "private"}
    return [shapes.channel(call.guild, found) for found in call.guild.channels.values() if found.kind in kinds]


def roles(call: Call) -> list[Json]:
    """The server's roles."""
    call.own_guild()
    return shapes.roles(call.guild)


def role(call: Call) -> Json:
    """One role."""
    for found in roles(call):
        if found["id"] == call.params["role"]:
            return found
    raise DiscordError(10011)


def _member(call: Call) -> Person:
    call.own_guild()
    found = call.person(call.params["user"])
    if not found.member:
        raise DiscordError(10007)
    return found


def member(call: Call) -> Json:
    """A member of the server."""
    return shapes.member(_member(call))


def members(call: Call) -> list[Json]:
    """A page of the server's members, by id."""
    call.own_guild()
    after = call.snowflake("after")
    found = sorted((person for person in call.guild.members() if int(person.id) > after), key=lambda one: int(one.id))
    return [shapes.member(person) for person in found[: call.number("limit", 1, 1000, 1)]]


def search_members(call: Call) -> list[Json]:
    """Members whose name begins so."""
    call.own_guild()
    query = call.query.get("query", "").lower()
    found = [
        one for one in call.guild.members() if one.name.startswith(query) or one.display_name.lower().startswith(query)
    ]
    return [shapes.member(person) for person in found[: call.number("limit", 1, 1000, 1)]]


def add_role(call: Call) -> None:
    """Give somebody a role."""
    _change_role(call, add=True)


def remove_role(call: Call) -> None:
    """Take a role from somebody."""
    _change_role(call, add=False)


def _change_role(call: Call, *, add: bool) -> None:
    person, wanted = _member(call), call.params["role"]
    if not call.guild.bot_permissions & may.MANAGE_ROLES:
        raise DiscordError(50013)
    if wanted not in {id_ for id_, _, _, _ in acme.ROLES}:
        raise DiscordError(10011)
    person.roles = [held for held in person.roles if held != wanted] + ([wanted] if add else [])
    call.platform.sessions.dispatch("GUILD_MEMBER_UPDATE", {**shapes.member(person), "guild_id": acme.GUILD})
    call.platform.log.append("person", person=shapes.control_person(person))


ROUTES: list[Route] = [
    ("GET", "/gateway", gateway),
    ("GET", "/gateway/bot", bot_gateway),
    ("GET", "/oauth2/applications/@me", application),
    ("GET", "/applications/@me", application),
    ("GET", "/users/@me/guilds", my_guilds),
    ("POST", "/users/@me/channels", open_direct),
    ("GET", "/users/{user}", user),
    ("GET", "/guilds/{guild}", guild),
    ("GET", "/guilds/{guild}/channels", guild_channels),
    ("GET", "/guilds/{guild}/roles", roles),
    ("GET", "/guilds/{guild}/roles/{role}", role),
    ("GET", "/guilds/{guild}/members", members),
    ("GET", "/guilds/{guild}/members/search", search_members),
    ("GET", "/guilds/{guild}/members/{user}", member),
    ("PUT", "/guilds/{guild}/members/{user}/roles/{role}", add_role),
    ("DELETE", "/guilds/{guild}/members/{user}/roles/{role}", remove_role),
]
