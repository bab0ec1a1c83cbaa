"""What a sentence leaves out is taken from what was said before it in the same place: the latest first. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.messages import Heard
from core.nlp import entities
from core.nlp.interpretation import Carried, Command, EntityType, Interpretation

CARRIED: Mapping[Command, tuple[EntityType, ...]] = {
    Command.ASK: (EntityType.SERVICE, EntityType.ENVIRONMENT),
    Command.WHY: (EntityType.SERVICE, EntityType.ENVIRONMENT, EntityType.VERSION),
}
"""Only questions take something over. What changes a system is never filled in from what somebody else wrote."""


def lacks(said: Interpretation) -> bool:
    """True when something could be taken over."""
    return any(not said.named(kind) for kind in CARRIED.get(said.command, ()))


def carry(said: Interpretation, earlier: Sequence[Heard], services: Sequence[str]) -> Interpretation:
    """The sentence with what it leaves out. `earlier`: oldest first. Names are taken exactly: no typo is guessed in what
    somebody wrote to somebody else."""
    wanted = [kind for kind in CARRIED.get(said.command, ()) if not said.named(kind)]
    return replace(said, carried=tuple(_latest(wanted, earlier, services)))


def _latest(wanted: list[EntityType], earlier: Sequence[Heard], services: Sequence[str]) -> Iterator[Carried]:
    left = list(wanted)
    for message in reversed(earlier):
        if not left:
            return
        named = entities.find(message.text, services=services, exact=True)
        for kind in tuple(left):
            if value := next((entity.value for entity in named if entity.type is kind), ""):
                left.remove(kind)
                yield Carried(kind, value, message)
