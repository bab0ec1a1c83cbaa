"""Members of the server and its roles."""

from bot.emulators.discord import acme, intents, limits, shapes
from bot.emulators.discord import permissions as may
from bot.emulators.discord.call import Call, Route
from bot.emulators.discord.check import Check
from bot.emulators.discord.check_commands import check_bits
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.model import Json, Person, Role

# --- members ---------------------------------------------------------------------------------------------------------


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
    call.needs_intent(intents.GUILD_MEMBERS)
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


def kick(call: Call) -> None:
    """Put a member out of the server."""
    found = _member(call)
    _needs(call, may.KICK_MEMBERS)
    if found.owner or found.id == acme.BOT_USER:
        raise DiscordError(50013)
    call.platform.rooms.kick(found)


def add_role(call: Call) -> None:
    """Give somebody a role."""
    _change_role(call, add=True)


def remove_role(call: Call) -> None:
    """Take a role from somebody."""
    _change_role(call, add=False)


def _change_role(call: Call, *, add: bool) -> None:
    person, wanted = _member(call), call.params["role"]
    _needs(call, may.MANAGE_ROLES)
    if wanted not in call.guild.roles:
        raise DiscordError(10011)
    if _fixed(call.guild.roles[wanted]):
        raise DiscordError(50028)
    person.roles = [held for held in person.roles if held != wanted] + ([wanted] if add else [])
    _tell_member(call, person)


def _needs(call: Call, bits: int) -> None:
    if bits & ~call.guild.bot_permissions:
        raise DiscordError(50013)


def _tell_member(call: Call, person: Person) -> None:
    call.platform.sessions.dispatch("GUILD_MEMBER_UPDATE", {**shapes.member(person), "guild_id": acme.GUILD})
    call.platform.log.append("person", person=shapes.control_person(call.guild, person))


# --- roles -----------------------------------------------------------------------------------------------------------


def roles(call: Call) -> list[Json]:
    """The server's roles."""
    call.own_guild()
    return shapes.roles(call.guild)


def role(call: Call) -> Json:
    """One role."""
    call.own_guild()
    return shapes.role(call.guild, _role(call))


def create_role(call: Call) -> Json:
    """Add a role."""
    call.own_guild()
    _needs(call, may.MANAGE_ROLES)
    if len(call.guild.roles) >= limits.ROLES:
        raise DiscordError(30005)
    made = Role(call.guild.ids.new(), "new role", mentionable=False)
    _fill(call, made)
    call.guild.roles[made.id] = made
    return _tell_role(call, "GUILD_ROLE_CREATE", made)


def edit_role(call: Call) -> Json:
    """Change a role."""
    found = _changeable(call)
    _fill(call, found)
    return _tell_role(call, "GUILD_ROLE_UPDATE", found)


def delete_role(call: Call) -> None:
    """Remove a role, from everybody who has it."""
    found = _changeable(call)
    del call.guild.roles[found.id]
    gone: Json = {"guild_id": acme.GUILD, "role_id": found.id}
    call.platform.sessions.dispatch("GUILD_ROLE_DELETE", gone)
    for person in [one for one in call.guild.members() if found.id in one.roles]:
        person.roles = [held for held in person.roles if held != found.id]
        _tell_member(call, person)


def _role(call: Call) -> Role:
    found = call.guild.roles.get(call.params["role"])
    if found is None:
        raise DiscordError(10011)
    return found


def _changeable(call: Call) -> Role:
    call.own_guild()
    found = _role(call)
    _needs(call, may.MANAGE_ROLES)
    if _fixed(found):
        raise DiscordError(50028)
    return found


def _fixed(found: Role) -> bool:
    return found.managed or found.id == acme.ROLE_EVERYONE


def _fill(call: Call, found: Role) -> None:
    body, check = call.object(), Check()
    name = check.text(body.get("name"), ("name",), limits.ROLE_NAME, least=1)
    colour = check.number(body.get("color"), ("color",), 0, 0xFFFFFF, found.colour)
    bits = check_bits(check, body.get("permissions"), ("permissions",))
    check.finish()
    found.name, found.colour = name or found.name, colour
    found.permissions = found.permissions if body.get("permissions") is None else bits
    found.hoist = bool(body.get("hoist", found.hoist))
    found.mentionable = bool(body.get("mentionable", found.mentionable))


def _tell_role(call: Call, event: str, found: Role) -> Json:
    shown = shapes.role(call.guild, found)
    call.platform.sessions.dispatch(event, {"guild_id": acme.GUILD, "role": shown})
    return shown


_MEMBERS = "/guilds/{guild}/members"
_ROLES = "/guilds/{guild}/roles"
ROUTES: list[Route] = [
    ("GET", _ROLES, roles),
    ("POST", _ROLES, create_role),
    ("GET", _ROLES + "/{role}", role),
    ("PATCH", _ROLES + "/{role}", edit_role),
    ("DELETE", _ROLES + "/{role}", delete_role),
    ("GET", _MEMBERS, members),
    ("GET", _MEMBERS + "/search", search_members),
    ("GET", _MEMBERS + "/{user}", member),
    ("DELETE", _MEMBERS + "/{user}", kick),
    ("PUT", _MEMBERS + "/{user}/roles/{role}", add_role),
    ("DELETE", _MEMBERS + "/{user}/roles/{role}", remove_role),
]
