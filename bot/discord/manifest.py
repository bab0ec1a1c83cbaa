"""How the bot is invited to a Discord server, and what is switched on in the Developer Portal. Pure; Discord takes no manifest file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from bot.discord import commands
from bot.discord.rights import Permission, privileged, title
from bot.features import Feature, intents_for, permissions_for

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that a person sets up."""

    scopes: tuple[str, ...]
    permissions: tuple[Permission, ...]
    bits: int
    """The permissions as Discord's number."""
    invite: str
    """The address that adds the bot to a server."""
    switches: tuple[str, ...]
    """To be on in the Developer Portal, under Bot."""
    intents: int
    commands: tuple[Json, ...]
    """The bot uploads them itself when it connects."""

    def json(self) -> Json:
        """For programs."""
        return {
            "invite": self.invite,
            "scopes": list(self.scopes),
            "permissions": str(self.bits),
            "permission_names": [title(permission) for permission in self.permissions],
            "portal_switches": list(self.switches),
            "intents": self.intents,
            "commands": list(self.commands),
        }


def manifest(features: Sequence[Feature], *, application: str = "") -> Manifest:
    """`application`: the application's id; a placeholder stands in the address without it."""
    scopes = tuple(sorted({scope for feature in features for scope in feature.discord.scopes}, reverse=True))
    permissions = tuple(sorted(permissions_for(features)))
    intents = tuple(sorted(intents_for(features)))
    bits = int(reduce(or_, permissions, Permission(0)))
    query = {"client_id": application or "APPLICATION_ID", "scope": " ".join(scopes), "permissions": bits}
    return Manifest(
        scopes,
        permissions,
        bits,
        f"https://discord.com/oauth2/authorize?{urlencode(query)}",
        tuple(f"{title(intent)} Intent" for intent in privileged(intents)),
        sum(intents),
        tuple(commands.definition()),
    )
