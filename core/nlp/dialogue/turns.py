"""The fold: a turn of the person, or something else that was heard, moves the conversation on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.nlp.dialogue.ellipsis import INCIDENTS, NO_REQUEST, QUERIES, RUNS, STARTS, settle
from core.nlp.dialogue.filling import about, drops, fill
from core.nlp.dialogue.naming import alone, by_day, by_number, by_place, by_unit, metric_of_alert, of_reply
from core.nlp.dialogue.state import (
    A_MESSAGE,
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
from core.nlp.dialogue.vocabulary import Lean
from core.nlp.dialogue.wording import read
from core.nlp.interpretation import Entity, EntityType, Intent

_THINGS = (INCIDENT, WORKFLOW)
_BEGINS = {**{intent: intent for intent in STARTS}, Intent.TEST_GENERATE: Intent.TEST_EXECUTE}
"""Request → what "run it" asks for after it."""
_PARTS_A_LIST = re.compile(r"[,;•|\n]")


def advance(
    state: State,
    text: str,
    entities: Sequence[Entity],
    intent: Intent,
    *,
    confidence: float,
    services: Sequence[str] = (),
) -> tuple[State, Resolved]:
    """Resolve a turn of the person. `entities`, `intent`, `confidence`: what the text alone says; with a confidence of 1 the
    intent is beyond doubt and stays. `services`: the catalogue. Never raises; linear in the length of the text."""
    known = ((mention.type, mention.value) for kind in _THINGS for mention in state.of(kind))
    named = by_place(text, by_number(text, alone(text, entities, services), known))
    if state.asked in QUERIES:
        window = next((mention.value for mention in state.of(TIME)), "")
        named = by_day(text, by_unit(text, named, window), window)
    wording = read(text, named)
    state = replace(state, turn=state.turn + 1).without(values=((e.type, e.value) for e in wording.ruled_out))
    if confidence < 1:
        intent = settle(intent, confidence, wording, state)
    state = state.without(drops(intent, wording, state))
    slots = fill(intent, wording, state)
    resolved = Resolved(
        intent=intent,
        slots={kind: slots[kind].value for kind in SLOTS if kind in slots},
        carried=tuple(mention for mention in slots.values() if mention.turn < state.turn),
        entities=wording.asserted,
    )
    thing = slots.get(INCIDENT) or slots.get(WORKFLOW)
    around = {kind: about(kind, thing, state) for kind in (SERVICE, ENVIRONMENT)} if thing else {}
    subject = slots.get(SERVICE) or around.get(SERVICE)
    if intent in RUNS | INCIDENTS and subject and not wording.has(Lean.CONTINUES) and _moves(subject, state):
        state = state.without((METRIC,))
    implied = {kind: mention.value for kind, mention in around.items() if mention}
    talked_about = _talked_about(resolved, implied, state.turn)
    state = state.remember((*talked_about, *_alert(text, state.turn, Speaker.PERSON)))
    if intent in NO_REQUEST:
        return state, resolved
    started = _BEGINS.get(intent, state.started)
    return replace(state, asked=intent, started=started), resolved


def hear(
    state: State,
    text: str,
    entities: Sequence[Entity],
    *,
    services: Sequence[str] = (),
    speaker: Speaker = Speaker.BOT,
) -> State:
    """Remember what somebody else said: the bot's reply to the last turn, or a message between people. Never raises.

    `entities`: what is named beyond doubt; no short form or typo is guessed in what was written to somebody else.
    """
    entities = entities[:A_MESSAGE]
    if speaker is Speaker.BOT:
        return state.remember(_replied(state, text, of_reply(text, entities, services)))
    return state.remember(
        Mention(entity.type, entity.value, state.turn, speaker, *_beside(entity, text, entities))
        for entity in entities
        if entity.type in SLOTS
    )


def _moves(subject: Mention, state: State) -> bool:
    """Whether an incident or a run leads to another service."""
    current = next((mention for mention in state.of(SERVICE) if mention.speaker is Speaker.PERSON), subject)
    return current.value != subject.value


def _talked_about(resolved: Resolved, implied: Mapping[EntityType, str], turn: int) -> Iterator[Mention]:
    """A turn's values, what it acts on first, with the service that all of it is about; then what else it names. `implied`:
    the service and the environment of its incident or run. Where that is becomes no place that the talk moves on to."""
    values = {**resolved.slots, SERVICE: resolved.slots.get(SERVICE) or implied.get(SERVICE, "")}
    subject, place = values[SERVICE], values.get(ENVIRONMENT) or implied.get(ENVIRONMENT, "")
    for kind in (INCIDENT, WORKFLOW, SERVICE, ENVIRONMENT, METRIC, TIME):
        if value := values.get(kind):
            yield Mention(kind, value, turn, Speaker.PERSON, *((subject, place) if kind in _THINGS else ()))
    for entity in resolved.entities:
        if entity.type in SLOTS and values.get(entity.type) != entity.value:
            aside = entity.type is METRIC and resolved.intent in NO_REQUEST
            yield Mention(entity.type, entity.value, turn, Speaker.PERSON, aside=aside)


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
    yield from _alert(text, state.turn, Speaker.BOT)


def _alert(text: str, turn: int, speaker: Speaker) -> Iterator[Mention]:
    if metric := metric_of_alert(text):
        yield Mention(METRIC, metric, turn, speaker, aside=True)


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
