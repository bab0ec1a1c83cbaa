"""A sentence, or the turns of a conversation, understood: intent, entities, severity, and what a turn leaves out.

The commands and the evaluation go this way. `core.conversation.understanding` does the same with what the bot knows besides: what
the person corrected before, and who else speaks in the thread.
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

    text: str
    prediction: Prediction
    entities: tuple[Entity, ...]

    @property
    def intent(self) -> Intent:
        """The likeliest one."""
        return self.prediction.intent

    @property
    def confidence(self) -> float:
        """How likely it is, from 0 to 1."""
        return self.prediction.confidence

    def severity(self) -> Proposal | None:
        """How bad the incident is that is reported, judged when asked for; None where none is."""
        return propose(self.text) if self.intent is Intent.INCIDENT_CREATE else None


def understand(text: str, **around: Unpack[Around]) -> Understood:
    """Understand a sentence. Never raises; linear in the length of the text."""
    return Understood(text, classify(text), entities.find(text, **around))


def resolve(turns: Iterable[tuple[str, str]], **around: Unpack[Around]) -> Iterator[dialogue.Resolved]:
    """Understand a conversation from its beginning: of each turn what the person said, and the bot's reply or ""."""
    state = dialogue.State()
    services = around.get("services", ())
    for text, reply in turns:
        said = understand(text, **around)
        state, resolved = dialogue.advance(
            state, text, said.entities, said.intent, confidence=said.confidence, services=services
        )
        yield resolved
        if reply:
            state = dialogue.hear(state, reply, entities.find(reply, **around, exact=True), services=services)
