"""The `/copilot` command as Discord takes it, made from the list of verbs. Pure."""

from typing import Any

from bot.discord import limits
from core.intents.verbs import BY_NAME, GROUPS, VERBS, Argument, Completes, Verb

Json = dict[str, Any]

_SUBCOMMAND, _GROUP, _STRING = 1, 2, 3
_CHAT_INPUT, MESSAGE = 1, 3
"""Types of commands: typed, and chosen in a message's menu."""
MENU = {"Declare incident": "declare"}
"""The commands of messages' menus, by what people read there; each opens the form of that name."""


def definition() -> list[Json]:
    """The application commands of the bot: one with a subcommand for each verb, and those of messages' menus."""
    options = [_subcommand(verb) for verb in VERBS if verb.listed and not verb.group]
    options += [
        {
            "type": _GROUP,
            "name": group,
            "description": summary,
            "options": [_subcommand(verb) for verb in VERBS if verb.group == group],
        }
        for group, summary in GROUPS.items()
    ]
    typed = {"type": _CHAT_INPUT, "name": "copilot", "description": "Ask, run, approve", "options": options}
    # A menu's command has neither description nor options.
    return [typed, *({"type": MESSAGE, "name": name} for name in MENU)]


def _subcommand(verb: Verb) -> Json:
    return {
        "type": _SUBCOMMAND,
        "name": verb.name,
        "description": verb.summary[: limits.COMMAND_DESCRIPTION],
        "options": [_option(argument) for argument in verb.arguments],
    }


def completes(verb: str, option: str) -> Completes:
    """What an option of a verb is completed from."""
    known = BY_NAME.get(verb)
    found = next((argument for argument in known.arguments if argument.name == option), None) if known else None
    return found.completes if found else Completes.NOTHING


def _option(argument: Argument) -> Json:
    # A required argument may be left out in Slack, where a form asks for it: so it may here, and the same form opens.
    option: Json = {
        "type": _STRING,
        "name": argument.name,
        "description": argument.summary[: limits.COMMAND_DESCRIPTION],
        "required": False,
    }
    if argument.completes is not Completes.NOTHING:
        option["autocomplete"] = True
    return option
