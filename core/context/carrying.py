"""What a sentence leaves out is taken from what was said before it in the same place: the latest first. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.messages import Heard
from core.nlp import entities
from core.nlp.interpretation import Carried, Command, EntityType, Intent, Interpretation

_WHAT_OF = (EntityType.SERVICE, EntityType.ENVIRONMENT, EntityType.VERSION)
_WHERE = (EntityType.SERVICE, EntityType.ENVIRONMENT)
CARRIED: Mapping[Command | Intent, tuple[EntityType, ...]] = {
    Command.ASK: _WHERE,
    Command.WHY: _WHAT_OF,
    Intent.SERVICE_HEALTH: _WHAT_OF,
    Intent.ALERT_INVESTIGATION: _WHAT_OF,
    Intent.METRIC_QUERY: _WHERE,
    Intent.LOG_QUERY: _WHERE,
    Intent.TRACE_QUERY: _WHERE,
}
"""Only questions take something over. What changes a system is never filled in from what somebody else wrote."""


def lacks(said: Interpretation) -> bool:
    """True when something could be taken over."""
    return any(not said.named(kind) for kind in _wanted(said))


def carry(said: Interpretation, earlier: Sequence[Heard], services: Sequence[str]) -> Interpretation:
    """The sentence with what it leaves out. `earlier`: oldest first; what was written there last goes before what the
    conversation with the bot was about. Names are taken exactly: no typo is guessed in what somebody wrote to somebody else."""
    found = tuple(_latest([kind for kind in _wanted(said) if not said.named(kind)], earlier, services))
    taken = {carried.type for carried in found}
    return replace(said, carried=(*found, *(carried for carried in said.carried if carried.type not in taken)))


def _wanted(said: Interpretation) -> tuple[EntityType, ...]:
    if said.command is not Command.UNKNOWN:
        return CARRIED.get(said.command, ())
    # A question that names its service, or goes on with one, is complete: what else was said there is about something else.
    return () if said.first(EntityType.SERVICE) else CARRIED.get(said.intent, ())


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
