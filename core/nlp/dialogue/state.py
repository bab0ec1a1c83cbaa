"""What is remembered of one conversation: who mentioned what, newest first, within bounds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from core.nlp.interpretation import Entity, EntityType, Intent

TURNS = 20
"""Turns after which a mention is forgotten, unless somebody came back to it."""
A_MESSAGE = 12
"""Mentions taken from one message; a longer list is no topic."""
MENTIONS = 120
"""Mentions kept in all."""

SERVICE, METRIC, TIME = EntityType.SERVICE, EntityType.METRIC, EntityType.TIME_RANGE
INCIDENT, WORKFLOW, ENVIRONMENT = EntityType.INCIDENT, EntityType.WORKFLOW, EntityType.ENVIRONMENT
SLOTS = (SERVICE, METRIC, TIME, INCIDENT, WORKFLOW, ENVIRONMENT)
"""What a turn is resolved to."""


class Speaker(StrEnum):
    """Whose words they were."""

    PERSON = "person"
    """Who asks the bot."""
    BOT = "bot"
    OTHER = "other"
    """Somebody in the same place who asks the bot for nothing."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A value that was talked about."""

    type: EntityType
    value: str
    turn: int
    """Number of the turn in its conversation, from 1; what was heard before the first has 0."""
    speaker: Speaker
    service: str = ""
    """What an incident or a run is about, where that was said."""
    environment: str = ""
    """Where that is."""
    aside: bool = False
    """It came up in an answer about something else: it is referred to only where nothing else fits."""


def parts_of(workflow: str) -> frozenset[str]:
    """The words of a workflow's name: "status of the gc" is about gc-layers."""
    return frozenset(workflow.lower().replace("_", "-").split("-"))


@dataclass(frozen=True, slots=True)
class State:
    """One conversation so far. A value: fold it with `advance` and `hear`, never share it between conversations."""

    turn: int = 0
    mentions: tuple[Mention, ...] = ()
    """Newest first; of one message in the order of its words."""
    asked: Intent | None = None
    """The last request: small talk and questions of no fixed kind leave it as it was."""
    started: Intent | None = None
    """The last request that began a run: what "again" repeats."""

    def of(self, kind: EntityType) -> Iterator[Mention]:
        """Mentions of a type, the likeliest to be referred to first."""
        yield from (mention for mention in self.mentions if mention.type is kind and not mention.aside)
        yield from (mention for mention in self.mentions if mention.type is kind and mention.aside)

    def said(self, kind: EntityType) -> str:
        """The value that the person's last turn came to, or ""."""
        return next((m.value for m in self.of(kind) if m.turn == self.turn and m.speaker is Speaker.PERSON), "")

    def remember(self, new: Iterable[Mention]) -> "State":
        """With these as the newest mentions."""
        kept = (mention for mention in self.mentions if mention.turn > self.turn - TURNS)
        return replace(self, mentions=(*tuple(new)[:A_MESSAGE], *kept)[:MENTIONS])

    def without(self, kinds: Iterable[EntityType] = (), values: Iterable[tuple[EntityType, str]] = ()) -> "State":
        """With mentions of these types, and these single ones, forgotten."""
        types, single = frozenset(kinds), frozenset(values)
        left = (m for m in self.mentions if m.type not in types and (m.type, m.value) not in single)
        return replace(self, mentions=tuple(left))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A turn with its references resolved."""

    intent: Intent
    slots: Mapping[EntityType, str]
    """Of `SLOTS` those that have a value."""
    carried: tuple[Mention, ...] = ()
    """The values that the message itself does not say, and where they were taken from."""
    entities: tuple[Entity, ...] = ()
    """What the message names, without what it rules out ("not payments")."""
