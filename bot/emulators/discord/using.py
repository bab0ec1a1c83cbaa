"""People using the application: commands, completion, buttons, menus and modals."""

import asyncio
from typing import Any

from bot.emulators.common.faults import ControlError
from bot.emulators.discord import command_line, permissions, shapes
from bot.emulators.discord.call import Platform
from bot.emulators.discord.check_commands import CHAT_INPUT, MESSAGE
from bot.emulators.discord.check_components import (
    BUTTON,
    LABEL,
    LINK,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT_INPUT,
    by_custom_id,
)
from bot.emulators.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT
from bot.emulators.discord.model import Channel, Form, Json, Message, Person


class Using:
    """Turns what the client lets a person do into interactions; ControlError for what it does not."""

    def __init__(self, platform: Platform) -> None:
        self._guild = platform.guild
        self._log = platform.log
        self._interactions = platform.interactions

    # --- commands ----------------------------------------------------------------------------------------

    def command(self, person: Person, channel: Channel, act: Json) -> Json:
        """Send a command."""
        command, line = self._line(person, channel, act)
        data = command_line.data(command, line, self._guild)
        return {"interaction": self._interactions.start(COMMAND, person, channel, data).id}

    async def complete(self, person: Person, channel: Channel, act: Json) -> Json:
        """Ask for completions of one option, and wait for them."""
        command, line = self._line(person, channel, act)
        focused = str(act.get("focused") or "")
        option = next((one for one in line.options if one["name"] == focused), None)
        if option is None or not option.get("autocomplete"):
            raise ControlError(f"{focused!r} is no option with completion")
        data = command_line.data(command, line, self._guild, focused=focused)
        choices: asyncio.Future[list[Json]] = asyncio.get_running_loop().create_future()
        made = self._interactions.start(AUTOCOMPLETE, person, channel, data, choices=choices)
        return {"choices": await choices, "interaction": made.id}

    def _line(self, person: Person, channel: Channel, act: Json) -> tuple[Json, command_line.Line]:
        name, _, rest = str(act.get("name") or "").removeprefix("/").partition(" ")
        command = self._command(name, person, channel)
        options = act.get("options")
        if isinstance(options, str):
            return command, command_line.from_text(command, f"{rest} {options}")
        if options:
            return command, command_line.from_options(command, {"subcommand": rest, **options} if rest else options)
        return command, command_line.from_text(
            command, str(act.get("text") or "") if not rest else f"{rest} {act.get('text') or ''}"
        )

    def _command(self, name: str, person: Person, channel: Channel) -> Json:
        if channel.archived:
            raise ControlError("commands cannot be used in an archived thread; write to it first")
        if found := self._find(name, CHAT_INPUT, person, channel):
            return found
        known = sorted({command["name"] for scope in self._guild.commands.values() for command in scope.values()})
        raise ControlError(f"the client knows no /{name} here; known: {', '.join(known) or 'none'}")

    def _find(self, name: str, kind: int, person: Person, channel: Channel) -> Json | None:
        direct = channel.kind == "direct"
        held = permissions.ALL if direct else self._guild.permissions(person.id, channel)
        if not held & permissions.USE_APPLICATION_COMMANDS:
            raise ControlError(f"{person.display_name} may not use commands in #{channel.name}")
        for scope in ("",) if direct else tuple(reversed(self._guild.commands)):
            for command in self._guild.commands[scope].values():
                if command["name"] == name and command["type"] == kind and _offered(command, held, direct=direct):
                    return command
        return None

    def shortcut(self, person: Person, message: Message, name: str) -> Json:
        """Use a command of a message's menu (Apps)."""
        channel = self._guild.channels[message.channel]
        command = self._find(name, MESSAGE, person, channel)
        if command is None:
            known = [one["name"] for all_ in self._guild.commands.values() for one in all_.values()]
            raise ControlError(f"the message's menu has no {name!r}; the application's commands: {', '.join(known)}")
        data: Json = {"id": command["id"], "name": name, "type": MESSAGE, "target_id": message.id}
        data["resolved"] = {"messages": {message.id: message.raw}}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return {"interaction": self._interactions.start(COMMAND, person, channel, data).id}

    # --- components --------------------------------------------------------------------------------------

    def click(self, person: Person, message: Message, custom_id: str, *, stale: bool = False) -> Json:
        """Press a button; `stale`: on a client that still shows an older state of the message."""
        if stale:
            return self._use(person, message, {"custom_id": custom_id, "component_type": BUTTON, "id": 1})
        button = self._component(message, custom_id)
        if button["type"] != BUTTON or button.get("style") == LINK:
            raise ControlError(f"{custom_id!r} is no button that can be pressed")
        return self._use(person, message, {"custom_id": custom_id, "component_type": BUTTON, "id": button["id"]})

    def select(self, person: Person, message: Message, custom_id: str, values: list[Any]) -> Json:
        """Choose options of a menu."""
        menu = self._component(message, custom_id)
        if menu["type"] not in SELECTS:
            raise ControlError(f"{custom_id!r} is no menu")
        chosen = self._chosen(menu, values)
        data: Json = {"custom_id": custom_id, "component_type": menu["type"], "id": menu["id"], "values": chosen}
        if menu["type"] != STRING_SELECT:
            data["resolved"] = self._resolved(chosen)
        return self._use(person, message, data)

    def _component(self, message: Message, custom_id: str) -> Json:
        found = by_custom_id(message.raw["components"], custom_id)
        if found is None:
            raise ControlError(f"the message has no component {custom_id!r}")
        if found.get("disabled"):
            raise ControlError(f"{custom_id!r} is disabled")
        return found

    def _use(self, person: Person, message: Message, data: Json) -> Json:
        channel = self._guild.channels[message.channel]
        made = self._interactions.start(COMPONENT, person, channel, data, source=message)
        return {"interaction": made.id}

    def _chosen(self, menu: Json, values: list[Any]) -> list[str]:
        chosen = [str(value) for value in values]
        least, most = int(menu.get("min_values", 1)), int(menu.get("max_values", 1))
        if not least <= len(chosen) <= most:
            raise ControlError(f"between {least} and {most} options must be chosen")
        if menu["type"] == STRING_SELECT:
            known = {str(option["value"]) for option in menu.get("options") or []}
            if unknown := set(chosen) - known:
                raise ControlError(f"the menu has no option {', '.join(sorted(unknown))}")
        return chosen

    def _resolved(self, chosen: list[str]) -> Json:
        guild, resolved = self._guild, dict[str, Json]()
        for id_ in chosen:
            if id_ in guild.people:
                person = guild.people[id_]
                resolved.setdefault("users", {})[id_] = shapes.user(person)
                resolved.setdefault("members", {})[id_] = {**shapes.partial_member(person), "permissions": "0"}
            elif id_ in guild.channels:
                shown = {**shapes.channel(guild, guild.channels[id_]), "permissions": str(guild.bot_permissions)}
                resolved.setdefault("channels", {})[id_] = shown
            elif id_ in guild.roles:
                resolved.setdefault("roles", {})[id_] = shapes.role(guild, guild.roles[id_])
            else:
                raise ControlError(f"nothing has the id {id_!r}")
        return resolved

    # --- modals ------------------------------------------------------------------------------------------

    def submit(self, person: Person, form_id: str, fields: Json) -> Json:
        """Send an open modal."""
        form = self._form(person, form_id)
        left = dict(fields)
        components = [self._filled(item, left) for item in form.raw["components"]]
        if left:
            raise ControlError(f"the form has no input {', '.join(sorted(left))}")
        data: Json = {"custom_id": form.raw["custom_id"], "components": components}
        source = self._guild.messages.get(form.message)
        channel = self._guild.channels[form.channel]
        made = self._interactions.start(MODAL_SUBMIT, person, channel, data, source=source, form=form)
        return {"interaction": made.id}

    def close(self, person: Person, form_id: str) -> None:
        """Close a modal without sending it; the bot is not told."""
        form = self._form(person, form_id)
        del self._guild.forms[form.id]
        self._log.append("form_closed", id=form.id, person=person.id)

    def _form(self, person: Person, form_id: str) -> Form:
        form = self._guild.forms.get(form_id)
        if form is None or form.person != person.id:
            raise ControlError(f"{person.display_name} has no open form {form_id!r}")
        return form

    def _filled(self, item: Json, fields: Json) -> Json:
        if item["type"] == ROW:
            return {"type": ROW, "id": item.get("id", 0), "components": [self._input(item["components"][0], fields)]}
        if item["type"] == LABEL:
            return {"type": LABEL, "id": item.get("id", 0), "component": self._input(item["component"], fields)}
        return {"type": item["type"], "id": item.get("id", 0)}

    def _input(self, definition: Json, fields: Json) -> Json:
        custom_id = str(definition["custom_id"])
        head = {"type": definition["type"], "id": definition.get("id", 0), "custom_id": custom_id}
        if definition["type"] != TEXT_INPUT:
            given = fields.pop(custom_id, None)
            if given is None:  # the client sends what was chosen from the start
                given = [option["value"] for option in definition.get("options") or () if option.get("default")]
            if not definition.get("required", True) and not given:
                return {**head, "values": []}
            return {**head, "values": self._chosen(definition, given if isinstance(given, list) else [given])}
        value = str(fields.pop(custom_id, definition.get("value") or ""))
        least, most = int(definition.get("min_length") or 0), int(definition.get("max_length") or 4000)
        if definition.get("required", True) and not value:
            raise ControlError(f"{custom_id}: This field is required")
        if value and not least <= len(value) <= most:
            raise ControlError(f"{custom_id}: must be between {least} and {most} characters")
        return {**head, "value": value}


def _offered(command: Json, held: int, *, direct: bool) -> bool:
    needed = command.get("default_member_permissions")
    if needed is not None and (int(needed) or permissions.ALL) & ~held:
        return False  # 0 leaves it to administrators
    contexts = command.get("contexts")
    if contexts is not None:
        return (1 if direct else 0) in contexts
    return not direct or command.get("dm_permission") is not False
