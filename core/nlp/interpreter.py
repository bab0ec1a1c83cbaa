"""A sentence, or the turns of a conversation, understood: intent, entities, severity, and what a turn leaves out.

Whoever reads sentences goes this way: the bot, the commands, and the evaluation.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from core.incidents.severity import Proposal, propose
from core.nlp import dialogue, entities
from core.nlp.classifier import Prediction, classify
from core.nlp.interpretation import Entity, Intent


class Around(TypedDict, total=False):
    """What is known besides the words, as `core.nlp.entities.find` takes it."""

    services: Sequence[str]
    now: datetime | None
    timezone: str
    workflows: Sequence[str]
    aliases: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a sentence means by itself."""

    prediction: Prediction
    entities: tuple[Entity, ...]
    severity: Proposal | None
    """Of a report of an incident."""

    @property
    def intent(self) -> Intent:
        """The likeliest one."""
        return self.prediction.intent

    @property
    def confidence(self) -> float:
        """How likely it is, from 0 to 1."""
        return self.prediction.confidence


def understand(text: str, **around: Unpack[Around]) -> Understood:
    """Understand a sentence. Never raises; linear in the length of the text."""
    prediction = classify(text)
    severity = propose(text) if prediction.intent is Intent.INCIDENT_CREATE else None
    return Understood(prediction, entities.find(text, **around), severity)


def resolve(turns: Iterable[tuple[str, str]], **around: Unpack[Around]) -> Iterator[dialogue.Resolved]:
    """Understand a conversation from its beginning: of each turn what the person said, and the bot's reply or ""."""
    state = dialogue.State()
    for text, reply in turns:
        said = understand(text, **around)
        state, resolved = dialogue.advance(state, text, said.entities, said.intent)
        yield resolved
        if reply:
            state = dialogue.hear(state, reply, entities.find(reply, **around, exact=True))
