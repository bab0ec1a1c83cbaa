"""The fold: a turn of the person, or something else that was heard, moves the conversation on."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.nlp.dialogue.ellipsis import INCIDENTS, NO_REQUEST, RUNS, STARTS, settle
from core.nlp.dialogue.filling import STALE, fill, opens_topic
from core.nlp.dialogue.state import (
    ENVIRONMENT,
    INCIDENT,
    METRIC,
    SERVICE,
    SLOTS,
    TIME,
    WORKFLOW,
    Mention,
    Resolved,
    Speaker,
    State,
)
from core.nlp.dialogue.wording import read
from core.nlp.interpretation import Entity, EntityType, Intent

_THINGS = (INCIDENT, WORKFLOW)
_PARTS_A_LIST = re.compile(r"[,;•|\n]")


def advance(
    state: State, text: str, entities: Sequence[Entity], intent: Intent, *, settled: bool = False
) -> tuple[State, Resolved]:
    """Resolve a turn of the person. `entities`, `intent`: what the text alone says. `settled`: the intent is beyond doubt
    and stays. Never raises; linear in the length of the text."""
    wording = read(text, entities)
    state = replace(state, turn=state.turn + 1).without(values=((e.type, e.value) for e in wording.ruled_out))
    if not settled:
        intent = settle(intent, wording, state)
    if opens_topic(intent, wording, state):
        state = state.without(STALE)
    slots = fill(intent, wording, state)
    resolved = Resolved(
        intent=intent,
        slots={kind: slots[kind].value for kind in SLOTS if kind in slots},
        carried=tuple(mention for mention in slots.values() if mention.turn < state.turn),
        entities=wording.asserted,
    )
    state = state.remember(_talked_about(resolved, state.turn))
    if intent in NO_REQUEST:
        return state, resolved
    return replace(state, asked=intent, started=intent if intent in STARTS else state.started), resolved


def hear(state: State, text: str, entities: Sequence[Entity], *, speaker: Speaker = Speaker.BOT) -> State:
    """Remember what somebody else said: the bot's reply to the last turn, or a message between people. Never raises."""
    if speaker is Speaker.BOT:
        return state.remember(_replied(state, text, entities))
    return state.remember(
        Mention(entity.type, entity.value, state.turn, speaker, *_beside(entity, text, entities))
        for entity in entities
        if entity.type in SLOTS
    )


def _talked_about(resolved: Resolved, turn: int) -> Iterator[Mention]:
    """A turn's values, what it acts on first; then what else it names."""
    about = (resolved.slots.get(SERVICE, ""), resolved.slots.get(ENVIRONMENT, ""))
    for kind in (INCIDENT, WORKFLOW, SERVICE, ENVIRONMENT, METRIC, TIME):
        if value := resolved.slots.get(kind):
            yield Mention(kind, value, turn, Speaker.PERSON, *(about if kind in _THINGS else ()))
    for entity in resolved.entities:
        if entity.type in SLOTS and resolved.slots.get(entity.type) != entity.value:
            yield Mention(entity.type, entity.value, turn, Speaker.PERSON)


def _replied(state: State, text: str, entities: Sequence[Entity]) -> Iterator[Mention]:
    """What a reply mentions. It names an incident or a run to speak of it from now on; a service, an environment or a metric
    only where the person named none. Times in it are those of what happened, never of a question."""
    things = [entity for entity in entities if entity.type in _THINGS]
    acted = state.asked in RUNS | INCIDENTS
    for entity in entities:
        if entity.type in _THINGS:
            service, environment = _beside(entity, text, entities)
            if acted and len(things) == 1:
                service, environment = service or state.said(SERVICE), environment or state.said(ENVIRONMENT)
            yield Mention(entity.type, entity.value, state.turn, Speaker.BOT, service, environment)
        elif entity.type in (SERVICE, ENVIRONMENT, METRIC):
            aside = entity.type is METRIC or bool(state.said(entity.type))
            yield Mention(entity.type, entity.value, state.turn, Speaker.BOT, aside=aside)


def _beside(thing: Entity, text: str, entities: Sequence[Entity]) -> tuple[str, str]:
    """The service and the environment of an incident or a run: those that stand nearest to it, in a list within its item."""
    if thing.type not in _THINGS:
        return "", ""
    several = sum(entity.type is thing.type for entity in entities) > 1

    def nearest(kind: EntityType) -> str:
        found = [e for e in entities if e.type is kind and not (several and _parted(thing, e, text))]
        return min(found, key=lambda one: _distance(thing, one)).value if found else ""

    return nearest(SERVICE), nearest(ENVIRONMENT)


def _distance(one: Entity, other: Entity) -> int:
    return max(one.start, other.start) - min(one.end, other.end)


def _parted(one: Entity, other: Entity, text: str) -> bool:
    return bool(_PARTS_A_LIST.search(text, min(one.end, other.end), max(one.start, other.start)))
