"""`copilot manifest`: what a person pastes or clicks to set the bot up on a platform."""

import base64
import binascii
import json
from pathlib import Path

import yaml

from bot import features
from bot.discord import manifest as discord
from bot.discord.rights import title
from bot.settings import Settings, load
from bot.slack import manifest as slack
from core.errors import UserInputError

_TYPED = 1
"""Type of a command that is typed; the others stand in menus."""


def run(platform: str, config: Path | None, url: str, as_program: bool) -> None:
    """Print the manifest of a platform."""
    if platform not in ("slack", "discord"):
        raise UserInputError(f"There is no manifest for {platform!r}.", hint="Say slack or discord.")
    settings = load(config)
    print(_slack(settings, url, as_program) if platform == "slack" else _discord(settings, as_program))


def _slack(settings: Settings, url: str, as_program: bool) -> str:
    if url and not url.startswith("https://"):
        raise UserInputError(f"{url!r} is no address that Slack calls.", hint="It begins with https://.")
    if not url and settings.slack.mode == "http":
        url = settings.http.public_url
        if not url:
            hint = "Say --url https://YOUR.HOST, or set http.public_url."
            raise UserInputError("slack.mode is http: Slack must know where to reach the bot.", hint=hint)
    found = slack.manifest(features.enabled(settings), url=url)
    if as_program:
        return json.dumps(found, indent=2)
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=120).rstrip()


def _discord(settings: Settings, as_program: bool) -> str:
    application = application_of(settings.discord.token.get_secret_value())
    found = discord.manifest(features.enabled(settings), application=application)
    if as_program:
        return json.dumps(found.json(), indent=2)
    rights = ", ".join(title(permission) for permission in found.permissions)
    names = ", ".join(("/" if command["type"] == _TYPED else "") + command["name"] for command in found.commands)
    lines = [
        "Invite the bot:",
        f"  {found.invite}",
        "" if application else "  (APPLICATION_ID stands in the Developer Portal under General Information.)",
        f"  It asks for: {rights}.",
        "Switch on in the Developer Portal under Bot, Privileged Gateway Intents:",
        *(f"  {switch}" for switch in found.switches),
        f"Commands: {names}; the bot uploads them when it connects.",
    ]
    return "\n".join(line for line in lines if line)


def application_of(token: str) -> str:
    """The application's id: a bot token begins with it, in base 64. Empty when it does not look so."""
    first = token.partition(".")[0]
    try:
        found = base64.b64decode(first + "=" * (-len(first) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return found if found.isascii() and found.isdigit() else ""
