"""What a person types into the command field, as the client turns it into options."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.emulators.common.faults import ControlError
from bot.emulators.discord import acme, limits, shapes
from bot.emulators.discord.check_commands import (
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
)
from bot.emulators.discord.guild import Guild
from bot.emulators.discord.model import Json


@dataclass(slots=True)
class Line:
    """A command with its subcommands and the values given."""

    path: list[Json]
    """Group and subcommand, outermost first."""
    options: list[Json]
    """The definitions of the options that can be given."""
    values: Json = field(default_factory=dict)


def from_text(command: Json, text: str) -> Line:
    """Read `/name subcommand option:value rest`."""
    words = text.strip()
    if words.startswith("/"):
        words = words[1:].removeprefix(command["name"]).lstrip()
    path, options = [], command.get("options") or []
    while options and options[0]["type"] in {SUBCOMMAND, GROUP}:
        name, _, rest = words.partition(" ")
        step = _subcommand(options, name)
        path.append(step)
        options, words = step.get("options") or [], rest.lstrip()
    line = Line(path, options)
    plain = _take_named(line, words)
    if plain:
        _place_plain(line, plain)
    return line


def from_options(command: Json, wish: Json) -> Line:
    """Read `{"subcommand": "run", "options": {…}}`, or the options alone."""
    values = wish.get("options") if "subcommand" in wish or isinstance(wish.get("options"), dict) else wish
    path, options = [], command.get("options") or []
    names = str(wish.get("subcommand") or "").split() if "subcommand" in wish else []
    while options and options[0]["type"] in {SUBCOMMAND, GROUP}:
        step = _subcommand(options, names.pop(0) if names else "")
        path.append(step)
        options = step.get("options") or []
    return Line(path, options, dict(values or {}))


def _subcommand(options: list[Json], name: str) -> Json:
    for option in options:
        if option["name"] == name:
            return option
    known = ", ".join(option["name"] for option in options)
    raise ControlError(f"there is no subcommand {name!r}; the client offers: {known}")


def _take_named(line: Line, text: str) -> str:
    """Fill `name:value` pairs in; the text before the first is returned."""
    if not line.options:
        return text
    names = "|".join(re.escape(option["name"]) for option in line.options)
    parts = re.split(rf"(?<!\S)({names}):\s?", text)
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        line.values[name] = value.strip()
    return parts[0].strip()


def _place_plain(line: Line, text: str) -> None:
    empty = [option for option in line.options if option["name"] not in line.values]
    places = [option for option in empty if option.get("required")] or empty[:1]
    for option in places:
        last = option is places[-1] and option["type"] == STRING
        value, _, text = (text, "", "") if last else text.partition(" ")
        if value:
            line.values[option["name"]] = value
        text = text.lstrip()
    if text:
        raise ControlError(f"the client has no option for {text!r}")


def data(command: Json, line: Line, guild: Guild, *, focused: str = "") -> Json:
    """The interaction's data; ControlError for what the client would not let through. `focused`: the option being completed;
    then nothing needs to be complete."""
    known = {option["name"]: option for option in line.options}
    if unknown := set(line.values) - set(known):
        raise ControlError(f"there is no option {', '.join(sorted(unknown))}; the client offers: {', '.join(known)}")
    missing = [name for name, option in known.items() if option.get("required") and line.values.get(name) in {None, ""}]
    if missing and not focused:
        raise ControlError(f"This option is required. Specify a value: {', '.join(missing)}")
    resolved: Json = {}
    options: list[Json] = []
    for name, option in known.items():
        if name == focused:
            options.append(
                {"name": name, "type": option["type"], "value": str(line.values.get(name) or ""), "focused": True}
            )
        elif line.values.get(name) is not None and line.values[name] != "":
            value = _value(option, line.values[name], guild, resolved)
            options.append({"name": name, "type": option["type"], "value": value})
    for step in reversed(line.path):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    found: Json = {"id": command["id"], "name": command["name"], "type": command["type"], "options": options}
    if resolved:
        found["resolved"] = resolved
    return {**found, "guild_id": command["guild_id"]} if "guild_id" in command else found


def _value(option: Json, given: object, guild: Guild, resolved: Json) -> object:
    if option.get("choices"):
        return _choice(option, given)
    convert = _KINDS.get(option["type"])
    if convert is None:
        raise ControlError(f"{option['name']}: options of type {option['type']} cannot be given here")
    try:
        value = convert(given, guild, resolved)
    except ValueError:
        raise ControlError(f"{option['name']}: the client does not accept {given!r}") from None
    _check_size(option, value)
    return value


def _check_size(option: Json, value: object) -> None:
    if option["type"] == STRING:
        size: float = len(str(value))
        least, most = (
            option.get("min_length"),
            min(option.get("max_length") or limits.STRING_OPTION, limits.STRING_OPTION),
        )
    elif option["type"] in {INTEGER, NUMBER}:
        size = float(str(value))
        least, most = option.get("min_value"), option.get("max_value")
    else:
        return
    if (least is not None and size < least) or (most is not None and size > most):
        raise ControlError(f"{option['name']}: must be between {least} and {most}")


def _choice(option: Json, given: object) -> object:
    for choice in option["choices"]:
        if given in {choice["name"], choice["value"]} or str(given) == str(choice["value"]):
            return choice["value"]
    names = ", ".join(str(choice["name"]) for choice in option["choices"])
    raise ControlError(f"{option['name']}: the client offers only {names}")


def _boolean(given: object, _: Guild, __: Json) -> bool:
    if str(given).lower() not in {"true", "false"}:
        raise ValueError
    return str(given).lower() == "true"


def _user(given: object, guild: Guild, resolved: Json) -> str:
    id_ = _id(given, "@", set(guild.people), guild.person_named)
    person = guild.people[id_]
    resolved.setdefault("users", {})[id_] = shapes.user(person)
    if person.member:
        member = shapes.partial_member(person)
        resolved.setdefault("members", {})[id_] = {
            **member,
            "permissions": str(guild.permissions(id_, guild.channels[acme.GENERAL])),
        }
    return id_


def _channel(given: object, guild: Guild, resolved: Json) -> str:
    id_ = _id(given, "#", set(guild.channels), guild.channel_named)
    channel = shapes.channel(guild, guild.channels[id_])
    resolved.setdefault("channels", {})[id_] = {**channel, "permissions": str(guild.bot_permissions)}
    return id_


def _role(given: object, guild: Guild, resolved: Json) -> str:
    id_ = _id(given, "@", set(guild.roles), guild.role_named)
    resolved.setdefault("roles", {})[id_] = shapes.role(guild, guild.roles[id_])
    return id_


def _mentionable(given: object, guild: Guild, resolved: Json) -> str:
    try:
        return _user(given, guild, resolved)
    except ValueError:
        return _role(given, guild, resolved)


def _id(given: object, sign: str, known: set[str], named: Callable[[str], str | None]) -> str:
    text = str(given).strip("<>").lstrip(sign + "!&")
    id_ = text if text in known else named(text)
    if id_ is None:
        raise ValueError(text)
    return id_


_KINDS: dict[int, Callable[[object, Guild, Json], object]] = {
    STRING: lambda given, _, __: str(given),
    INTEGER: lambda given, _, __: int(str(given)),
    NUMBER: lambda given, _, __: float(str(given)),
    BOOLEAN: _boolean,
    USER: _user,
    CHANNEL: _channel,
    ROLE: _role,
    MENTIONABLE: _mentionable,
}
