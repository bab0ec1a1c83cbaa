"""What somebody may do in a channel. Pure."""

from collections.abc import Mapping

from bot.emulators.discord import acme
from bot.emulators.discord.model import Overwrite, Person


def overwritten(held: int, person: Person, overwrites: Mapping[str, Overwrite]) -> int:
    """Permission bits after a channel's overwrites: first everybody's, then those of roles together, then the person's own."""
    for ids in ((acme.ROLE_EVERYONE,), person.roles, (person.id,)):
        found = [overwrites[id_] for id_ in ids if id_ in overwrites]
        for one in found:
            held &= ~one.deny
        for one in found:
            held |= one.allow
    return held
