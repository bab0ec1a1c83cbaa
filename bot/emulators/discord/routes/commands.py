"""Application commands, global ones and those of the server."""

from typing import Any

from bot.emulators.discord import acme, limits
from bot.emulators.discord.call import Call, Route
from bot.emulators.discord.check import Check
from bot.emulators.discord.check_commands import CHAT_INPUT, check_command, check_unique
from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.model import Json


def _scope(call: Call) -> dict[str, Json]:
    if call.params["application"] != acme.APPLICATION:
        raise DiscordError(
            20012, status=403, message="You are not authorized to perform this action on this application"
        )
    guild = call.params.get("guild", "")
    if guild and guild != acme.GUILD:
        raise DiscordError(50001)
    return call.guild.commands[guild]


def listing(call: Call) -> list[Json]:
    """All commands."""
    return list(_scope(call).values())


def overwrite(call: Call) -> list[Json]:
    """Replace all commands; those whose name stays keep their id."""
    scope, check = _scope(call), Check()
    wanted: list[Any] = check.items(call.body, (), limits.COMMANDS)
    for index, item in enumerate(wanted):
        check_command(check, check.mapping(item, (index,)), (index,))
    check_unique(check, wanted)
    check.finish()
    known = {_key(command): command["id"] for command in scope.values()}
    made = [_made(call, item, known.get(_key(item))) for item in wanted]
    scope.clear()
    scope.update({command["id"]: command for command in made})
    _changed(call)
    return made


def create(call: Call) -> Json:
    """Add a command, or replace the one of that name."""
    scope, body = _scope(call), call.object()
    _check(body)
    known = {_key(command): command["id"] for command in scope.values()}
    if _key(body) not in known and len(scope) >= limits.COMMANDS:
        raise DiscordError(30032)
    made = _made(call, body, known.get(_key(body)))
    scope[made["id"]] = made
    _changed(call)
    return made


def get(call: Call) -> Json:
    """One command."""
    found = _scope(call).get(call.params["command"])
    if found is None:
        raise DiscordError(10063)
    return found


def edit(call: Call) -> Json:
    """Change a command."""
    found = get(call)
    body = {**found, **call.object()}
    _check(body)
    made = _made(call, body, found["id"])
    _scope(call)[found["id"]] = made
    _changed(call)
    return made


def delete(call: Call) -> None:
    """Remove a command."""
    del _scope(call)[get(call)["id"]]
    _changed(call)


def _check(body: Json) -> None:
    check = Check()
    check_command(check, body)
    check.finish()


def _key(command: Json) -> tuple[int, str]:
    return command.get("type") or CHAT_INPUT, str(command.get("name"))


def _made(call: Call, body: Json, id_: str | None) -> Json:
    guild = call.params.get("guild")
    needed = body.get("default_member_permissions")
    made: Json = {
        "id": id_ or call.guild.ids.new(),
        "application_id": acme.APPLICATION,
        "type": body.get("type") or CHAT_INPUT,
        "name": body["name"],
        "name_localizations": body.get("name_localizations"),
        "description": body.get("description") or "",
        "description_localizations": body.get("description_localizations"),
        "options": body.get("options") or [],
        "default_member_permissions": None if needed is None else str(needed),
        "dm_permission": body.get("dm_permission", True),
        "contexts": body.get("contexts"),
        "integration_types": body.get("integration_types") or [0],
        "nsfw": bool(body.get("nsfw")),
        "version": call.guild.ids.new(),
    }
    return {**made, "guild_id": guild} if guild else made


def _changed(call: Call) -> None:
    call.platform.log.append(
        "commands", commands=[one for scope in call.guild.commands.values() for one in scope.values()]
    )


_GLOBAL = "/applications/{application}/commands"
_GUILD = "/applications/{application}/guilds/{guild}/commands"
ROUTES: list[Route] = [
    route
    for base in (_GLOBAL, _GUILD)
    for route in (
        ("GET", base, listing),
        ("PUT", base, overwrite),
        ("POST", base, create),
        ("GET", base + "/{command}", get),
        ("PATCH", base + "/{command}", edit),
        ("DELETE", base + "/{command}", delete),
    )
]
