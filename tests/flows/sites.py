"""The two platforms as the flow tests see them: who is there, where, and how a card's buttons are found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.emulators.common.client import ControlClient, Event
from bot.emulators.discord import DiscordEmulator
from bot.emulators.discord import acme as guild
from bot.emulators.slack import SlackEmulator
from bot.emulators.slack import acme as team
from core.intents.verbs import BY_NAME


@dataclass(frozen=True)
class Names:
    """Ids of the people and channels of a workspace."""

    bot: str
    dana: str
    lee: str
    sam: str
    robin: str
    kim: str
    deploybot: str
    general: str
    checkout: str
    approvals: str
    security: str


class Site(Protocol):
    """One platform."""

    name: str
    workspace: str
    names: Names
    declare: str
    """How the shortcut that declares an incident is named in a message's menu."""
    eyes: str
    """The emoji of the two eyes."""

    def settings(self) -> dict[str, Any]:
        """How the bot reaches the emulator."""
        ...

    async def command(self, control: ControlClient, who: str, channel: str, text: str) -> None:
        """`/copilot text`."""
        ...

    def buttons(self, event: Event) -> Mapping[str, str]:
        """Label → action of the buttons of a message."""
        ...

    def filled(self, form: Event) -> Mapping[str, str]:
        """Field → what is filled in already, of a form that was opened."""
        ...


class SlackSite:
    """Slack."""

    name = "slack"
    workspace = team.TEAM
    declare = "declare"
    eyes = "eyes"
    names = Names(
        team.BOT_USER, team.DANA, team.LEE, team.SAM, team.ROBIN, team.KIM, team.DEPLOYBOT,
        team.GENERAL, team.CHECKOUT, team.APPROVALS, team.SECURITY,
    )  # fmt: skip

    def __init__(self, emulator: SlackEmulator) -> None:
        self.emulator = emulator

    def settings(self) -> dict[str, Any]:
        """See `Site`."""
        return {
            "enabled": True,
            "bot_token": self.emulator.bot_token,
            "app_token": self.emulator.app_token,
            "signing_secret": self.emulator.signing_secret,
            "api_url": self.emulator.api_url,
        }

    async def command(self, control: ControlClient, who: str, channel: str, text: str) -> None:
        """See `Site`."""
        await control.command(who, channel, "/copilot", text)

    def buttons(self, event: Event) -> Mapping[str, str]:
        """See `Site`."""
        blocks = event.message["raw"].get("blocks", [])
        elements = [e for block in blocks if block["type"] == "actions" for e in block["elements"]]
        return {e["text"]["text"]: e["action_id"] for e in elements if e["type"] == "button"}

    def filled(self, form: Event) -> Mapping[str, str]:
        """See `Site`."""
        inputs = {b["block_id"]: b["element"] for b in form.form["raw"]["blocks"] if b["type"] == "input"}
        chosen = {name: (e.get("initial_option") or {}).get("value", "") for name, e in inputs.items()}
        return {name: e.get("initial_value") or chosen[name] for name, e in inputs.items()}


class DiscordSite:
    """Discord."""

    name = "discord"
    workspace = guild.GUILD
    declare = "Declare incident"
    eyes = "👀"
    names = Names(
        guild.BOT_USER, guild.DANA, guild.LEE, guild.SAM, guild.ROBIN, guild.KIM, guild.DEPLOYBOT,
        guild.GENERAL, guild.CHECKOUT, guild.APPROVALS, guild.SECURITY,
    )  # fmt: skip

    def __init__(self, emulator: DiscordEmulator) -> None:
        self.emulator = emulator

    def settings(self) -> dict[str, Any]:
        """See `Site`."""
        return {
            "enabled": True,
            "token": self.emulator.bot_token,
            "api_url": self.emulator.api_url,
            "guild_ids": [self.emulator.guild_id],
        }

    async def command(self, control: ControlClient, who: str, channel: str, text: str) -> None:
        """See `Site`; each argument of the verb takes a word, the last one the rest."""
        verb, _, rest = text.partition(" ")
        arguments = BY_NAME[verb].arguments
        words = rest.split(" ", max(0, len(arguments) - 1)) if rest else []
        given = {argument.name: word for argument, word in zip(arguments, words, strict=False)}
        path = f"{BY_NAME[verb].group} {verb}".strip()
        await control.command(who, channel, "copilot", options={"subcommand": path, "options": given})

    def buttons(self, event: Event) -> Mapping[str, str]:
        """See `Site`."""
        rows = event.message["raw"].get("components", [])
        return {e["label"]: e["custom_id"] for row in rows for e in row["components"] if e["type"] == 2}

    def filled(self, form: Event) -> Mapping[str, str]:
        """See `Site`."""
        inputs = {one["component"]["custom_id"]: one["component"] for one in form.form["raw"]["components"]}
        options = {name: [o["value"] for o in e.get("options", ()) if o.get("default")] for name, e in inputs.items()}
        return {name: e.get("value") or "".join(options[name]) for name, e in inputs.items()}
