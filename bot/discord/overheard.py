"""Discord's messages that ask nothing of the bot → what is remembered of them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.discord.inbound import Message, Where, person_of, readable
from core.messages import Heard, Overheard, Withdrawn

Json = Mapping[str, Any]

_TEXT_DISPLAY = 10
"""The component that holds text in messages built of components alone."""
_DEPTH = 4
"""Components within components that are followed; Discord nests three deep."""


def overhear(message: Message, me: str) -> Heard | None:
    """What a message adds to what was said; None for the bot's own, the platform's notices, and pictures without a word."""
    said = "\n".join(filter(None, (readable(message.content, message.names), message.shown)))
    if message.sender.id == me or not message.ordinary or not said:
        return None
    changed = max(message.sent_at, message.changed_at)
    person = person_of(message.sender, message.where.guild)
    return Heard(message.where.place, message.id, person, said, message.sent_at, changed)


def edited(message: Message, me: str) -> Overheard | None:
    """The same for an edit, which may leave nothing that can be read."""
    if message.sender.id == me:
        return None
    return overhear(message, me) or withdrawn(message.where, message.id, message.sent_at)


def withdrawn(where: Where, message: str, sent_at: float) -> Withdrawn:
    """A message that was deleted."""
    return Withdrawn(where.place, message, sent_at)


def shown_in(embeds: object, components: object) -> str:
    """What embeds and text displays say, a line each."""
    return "\n".join(filter(None, (*_of_embeds(_objects(embeds)), *_of_components(_objects(components), _DEPTH))))


def _of_embeds(embeds: Iterable[Json]) -> Iterator[str]:
    for embed in embeds:
        author = embed.get("author")
        yield _string(author, "name") if isinstance(author, Mapping) else ""
        yield _string(embed, "title")
        yield _string(embed, "description")
        for field in _objects(embed.get("fields")):
            yield ": ".join(filter(None, (_string(field, "name"), _string(field, "value"))))


def _of_components(components: Iterable[Json], depth: int) -> Iterator[str]:
    for component in components:
        if component.get("type") == _TEXT_DISPLAY:
            yield _string(component, "content")
        if depth:
            yield from _of_components(_objects(component.get("components")), depth - 1)


def _string(found: Json, name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _objects(found: object) -> list[Json]:
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []
