"""Checks application commands."""

import re
from typing import Any

from bot.emulators.discord import limits
from bot.emulators.discord.check import Check, Path
from bot.emulators.discord.model import Json

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
CHAT_INPUT, MESSAGE = 1, 3
_NESTING = (SUBCOMMAND, GROUP)
_NAME = re.compile(r"^[-_'\w]{1,32}$")


def check_command(check: Check, command: Json, path: Path = ()) -> None:
    """Note what Discord would refuse in a command."""
    kind = command.get("type") or CHAT_INPUT
    check.one_of(kind, (*path, "type"), (1, 2, 3))
    check_bits(check, command.get("default_member_permissions"), (*path, "default_member_permissions"))
    contexts = check.items(command.get("contexts"), (*path, "contexts"), 3, least=1)
    for index, context in enumerate(contexts):
        check.one_of(context, (*path, "contexts", index), (0, 1, 2))
    if kind == CHAT_INPUT:
        _check_name(check, command.get("name"), path)
        check.text(command.get("description"), (*path, "description"), limits.COMMAND_DESCRIPTION, least=1, needed=True)
        _check_options(check, command.get("options"), path, depth=0)
        if _size(command) > limits.COMMAND_TOTAL:
            words = f"Command exceeds maximum size ({limits.COMMAND_TOTAL})"
            check.fail(path, "APPLICATION_COMMAND_TOO_LARGE", words)
    else:
        check.text(command.get("name"), (*path, "name"), limits.COMMAND_NAME, least=1, needed=True)


def check_bits(check: Check, found: object, path: Path) -> int:
    """Permission bits, a number or one written as text, returned; 0 when they are absent or wrong."""
    if found is None:
        return 0
    text = str(found)
    if text.isascii() and text.isdecimal() and len(text) < 20:
        return int(text)
    check.fail(path, "NUMBER_TYPE_COERCE", f'Value "{text[:50]}" is not int.')
    return 0


def check_unique(check: Check, commands: list[Any]) -> None:
    """Names are unique among the commands of a kind."""
    seen: set[tuple[str, str]] = set()
    for index, command in enumerate(commands):
        key = (
            (str(command.get("type") or CHAT_INPUT), str(command.get("name")))
            if isinstance(command, dict)
            else ("", str(index))
        )
        if key in seen:
            words = "Application command names must be unique"
            check.fail((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", words)
        seen.add(key)


def _check_name(check: Check, found: object, path: Path) -> None:
    name = check.text(found, (*path, "name"), limits.COMMAND_NAME, least=1, needed=True)
    if name and (not _NAME.match(name) or name != name.lower()):
        words = "Command name is invalid"
        check.fail((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", words)


def _check_options(check: Check, found: object, path: Path, *, depth: int) -> None:
    names: set[str] = set()
    optional_seen = False
    for index, item in enumerate(check.items(found, (*path, "options"), limits.COMMAND_OPTIONS)):
        at = (*path, "options", index)
        option = check.mapping(item, at)
        _check_option(check, option, at, depth)
        name = str(option.get("name"))
        if name in names:
            words = "Option names must be unique"
            check.fail(at, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", words)
        names.add(name)
        if option.get("required") and optional_seen:
            words = "Required options must be placed before non-required options"
            check.fail(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)
        optional_seen = optional_seen or not option.get("required")


def _check_option(check: Check, option: Json, path: Path, depth: int) -> None:
    kind = option.get("type")
    check.one_of(kind, (*path, "type"), range(1, 12))
    _check_name(check, option.get("name"), path)
    check.text(option.get("description"), (*path, "description"), limits.COMMAND_DESCRIPTION, least=1, needed=True)
    if kind in _NESTING:
        if (kind == GROUP and depth > 0) or depth > 1:
            check.fail(
                path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option types are nested too deeply"
            )
        _check_options(check, option.get("options"), path, depth=depth + 1)
        return
    choices = check.items(option.get("choices"), (*path, "choices"), limits.COMMAND_CHOICES)
    if choices and option.get("autocomplete"):
        check.fail(
            (*path, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES", "Cannot be set with choices"
        )
    for index, choice in enumerate(choices):
        shape = check.mapping(choice, (*path, "choices", index))
        check.text(shape.get("name"), (*path, "choices", index, "name"), limits.CHOICE_NAME, least=1, needed=True)
        if kind == STRING:
            check.text(
                shape.get("value"), (*path, "choices", index, "value"), limits.CHOICE_VALUE, least=1, needed=True
            )


def _size(item: Json) -> int:
    own = len(str(item.get("name", ""))) + len(str(item.get("description", "")))
    own += sum(
        len(str(choice.get("name", ""))) + len(str(choice.get("value", ""))) for choice in _objects(item, "choices")
    )
    return own + sum(_size(option) for option in _objects(item, "options"))


def _objects(item: Json, name: str) -> list[Json]:
    found = item.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
