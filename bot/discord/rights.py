"""Discord's permissions, gateway intents and application flags, as far as this bot needs them. Pure; discord.py has them too, but costs
half a second to import. Source: discord.com/developers/docs, topics/permissions, topics/gateway, resources/application."""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntFlag
from typing import Any

Json = dict[str, Any]


class Permission(IntFlag):
    """What a role or an overwrite of a channel grants."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MANAGE_ROLES = 1 << 28
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    PIN_MESSAGES = 1 << 51
    """A part of Manage Messages until 2026."""


class Intent(IntFlag):
    """Which events the gateway brings."""

    GUILDS = 1 << 0
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    DIRECT_MESSAGES = 1 << 12
    MESSAGE_CONTENT = 1 << 15


_GRANTED_BY = {Intent.MESSAGE_CONTENT: (1 << 18) | (1 << 19)}
"""Privileged intents: the flags of an application that has one, as a verified bot or as one in fewer than 100 servers."""
ALL = (1 << 53) - 1


def title(right: Permission | Intent) -> str:
    """As Discord writes it: Manage Channels."""
    return (right.name or "").replace("_", " ").title().replace(" In ", " in ")


def privileged(wanted: Iterable[Intent]) -> list[Intent]:
    """Those that are switched on in the Developer Portal."""
    return [intent for intent in wanted if intent in _GRANTED_BY]


def refused(wanted: Iterable[Intent], flags: int) -> list[Intent]:
    """Privileged intents that an application with these flags was not granted."""
    return [intent for intent in privileged(wanted) if not flags & _GRANTED_BY[intent]]


def in_channel(
    base: int, guild: str, roles: Sequence[str], person: str, overwrites: Sequence[Mapping[str, Any]]
) -> int:
    """The permission bits of a member in a channel: those in the server, changed by the channel's overwrites for everybody, for the
    member's roles together, and for the member, in this order."""
    if base & Permission.ADMINISTRATOR:
        return ALL
    bits = base
    for ids in ({guild}, set(roles), {person}):
        deny = allow = 0
        for overwrite in overwrites:
            if str(overwrite["id"]) in ids:
                deny |= int(overwrite["deny"])
                allow |= int(overwrite["allow"])
        bits = bits & ~deny | allow
    return bits


def lacking(wanted: Iterable[Permission], bits: int) -> list[Permission]:
    """Those that the bits do not hold. Who may not see a channel has no other right in it."""
    if bits & Permission.ADMINISTRATOR:
        return []
    return [permission for permission in wanted if not bits & permission]
