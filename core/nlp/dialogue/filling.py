"""Which values a turn has: what it names, and what makes sense for its intent from what was talked about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.nlp.dialogue.ellipsis import INCIDENTS, NO_REQUEST, STARTS
from core.nlp.dialogue.state import (
    ENVIRONMENT,
    INCIDENT,
    METRIC,
    SERVICE,
    SLOTS,
    TIME,
    WORKFLOW,
    Mention,
    Speaker,
    State,
)
from core.nlp.dialogue.vocabulary import Lean
from core.nlp.dialogue.wording import Wording
from core.nlp.interpretation import EntityType, Intent

CARRIED: Mapping[Intent, tuple[EntityType, ...]] = {
    Intent.METRIC_QUERY: (SERVICE, ENVIRONMENT, METRIC, TIME),
    Intent.LOG_QUERY: (SERVICE, ENVIRONMENT, TIME),
    Intent.TRACE_QUERY: (SERVICE, ENVIRONMENT, TIME),
    Intent.SERVICE_HEALTH: (SERVICE, ENVIRONMENT),
    Intent.ALERT_INVESTIGATION: (SERVICE, ENVIRONMENT),
    Intent.INCIDENT_CREATE: (SERVICE, ENVIRONMENT),
    Intent.INCIDENT_UPDATE: (INCIDENT, SERVICE),
    Intent.INCIDENT_RESOLVE: (INCIDENT, SERVICE),
    Intent.WORKFLOW_TRIGGER: (WORKFLOW, SERVICE, ENVIRONMENT),
    Intent.WORKFLOW_STATUS: (WORKFLOW, SERVICE, ENVIRONMENT),
    Intent.WORKFLOW_CANCEL: (WORKFLOW, SERVICE, ENVIRONMENT),
    Intent.TEST_EXECUTE: (WORKFLOW, SERVICE, ENVIRONMENT),
    Intent.TEST_GENERATE: (SERVICE,),
    Intent.TEST_COVERAGE: (SERVICE,),
}
"""What a turn of this intent takes over when it leaves it out: first the thing that it acts on, then what that thing is
about. Small talk and general questions take over only what they point at."""

STALE = (METRIC, TIME, ENVIRONMENT)
"""What does not outlive the service that it was asked of, once a complete question names another one."""
_QUERIES = frozenset({Intent.METRIC_QUERY, Intent.LOG_QUERY, Intent.TRACE_QUERY})
_NO_PERCENTILES = frozenset({"error_rate", "request_rate", "availability"})
"""Metrics that have none: "p99?" after one of them is about latency."""


def opens_topic(intent: Intent, wording: Wording, state: State) -> bool:
    """Whether the message is complete in itself and about another service than before."""
    service = wording.named(SERVICE)
    current = next(state.of(SERVICE), None)
    if not service or not current or current.value == service or intent in NO_REQUEST:
        return False
    if wording.has(Lean.CONTINUES, Lean.AGAIN):
        return False
    if intent is Intent.METRIC_QUERY:
        return bool(wording.named(METRIC)) or _asks_percentile(wording)
    return not wording.fragment or bool(wording.heads)


def fill(intent: Intent, wording: Wording, state: State) -> dict[EntityType, Mention]:
    """The values of a turn: mentions of this turn where the message says them, else the earlier ones that they come from."""
    slots = {kind: _said(kind, value, state) for kind in SLOTS if (value := wording.named(kind))}
    if intent is Intent.METRIC_QUERY and METRIC not in slots and _asks_percentile(wording):
        before = next(state.of(METRIC), None)
        if before is None or before.value in _NO_PERCENTILES:
            slots[METRIC] = _said(METRIC, "latency", state)
    for kind in _wanted(intent, wording, state):
        if kind not in slots and (mention := _carried(kind, intent, wording, state, slots)):
            slots[kind] = mention
    return slots


def _said(kind: EntityType, value: str, state: State) -> Mention:
    return Mention(kind, value, state.turn, Speaker.PERSON)


def _asks_percentile(wording: Wording) -> bool:
    return wording.named(EntityType.AGGREGATION).startswith("p")


def _wanted(intent: Intent, wording: Wording, state: State) -> Iterator[EntityType]:
    points = wording.has(Lean.REFERS)
    if wording.has(Lean.INCIDENT) and intent not in INCIDENTS:
        yield INCIDENT
    if wording.has(Lean.RUN):
        yield WORKFLOW
    if intent is Intent.GENERAL_QUERY and points and wording.question and not wording.has(Lean.THANKS):
        yield from _pointed_at(state)
    for kind in CARRIED.get(intent, ()):
        if kind is TIME and wording.has(Lean.NOW):
            continue
        if kind in (SERVICE, WORKFLOW) and wording.has(Lean.ALL) and not points:
            continue
        if kind is SERVICE and not points and wording.names(EntityType.HOST, EntityType.NAMESPACE):
            continue
        if intent is Intent.SERVICE_HEALTH and wording.other_subject:
            continue
        if intent in STARTS and kind is WORKFLOW and not _repeats(wording):
            continue
        if intent is Intent.TEST_EXECUTE and kind is ENVIRONMENT and not (points or _repeats(wording)):
            continue
        yield kind


def _repeats(wording: Wording) -> bool:
    return wording.fragment or wording.has(Lean.AGAIN, Lean.RUN_ACTED_ON)


def _pointed_at(state: State) -> tuple[EntityType, ...]:
    """What "it" is in a question of no fixed kind: whatever was talked about last."""
    newest = (m.type for m in state.mentions if m.type in (INCIDENT, WORKFLOW, SERVICE) and not m.aside)
    thing = next(newest, None)
    return (thing, SERVICE) if thing else ()


def _carried(
    kind: EntityType, intent: Intent, wording: Wording, state: State, slots: Mapping[EntityType, Mention]
) -> Mention | None:
    thing = slots.get(INCIDENT) or slots.get(WORKFLOW)
    if thing and kind in (SERVICE, ENVIRONMENT):
        known = _about(kind, thing, state)
        if known or intent not in _QUERIES:
            return known
    if kind is WORKFLOW and intent in STARTS and not wording.has(Lean.AGAIN, Lean.RUN_ACTED_ON):
        # The same for another place is a new run of the same workflow.
        return next((mention for mention in state.of(kind) if not _is_run(mention.value)), None)
    return _choose(kind, wording, state)


def _about(kind: EntityType, thing: Mention, state: State) -> Mention | None:
    """The service or the environment of an incident or a run, as it was said together with it."""
    for mention in state.of(thing.type):
        value = mention.service if kind is SERVICE else mention.environment
        if mention.value == thing.value and value:
            return replace(mention, type=kind, value=value, service="", environment="")
    return None


def _is_run(workflow: str) -> bool:
    return workflow.isdigit() or workflow.upper().startswith("RUN-")


def _choose(kind: EntityType, wording: Wording, state: State) -> Mention | None:
    """The earlier mention that is meant: the newest that agrees with what is named beside it, or the one that "the other
    one" or "the first one" points at."""
    fitting = [mention for mention in state.of(kind) if _agrees(mention, wording)]
    if kind in (SERVICE, INCIDENT, WORKFLOW) and (pointed := _pointed(fitting, wording)):
        return pointed
    service = wording.named(SERVICE)
    told = (mention for mention in fitting if service and mention.service == service)
    return next(told, None) or next(iter(fitting), None)


def _agrees(mention: Mention, wording: Wording) -> bool:
    if wording.has(Lean.AGAIN):
        return True
    named = ((mention.service, wording.named(SERVICE)), (mention.environment, wording.named(ENVIRONMENT)))
    return all(not known or not wanted or known == wanted for known, wanted in named)


def _pointed(fitting: Sequence[Mention], wording: Wording) -> Mention | None:
    if wording.has(Lean.OTHER):
        return next((mention for mention in fitting if mention.value != fitting[0].value), None)
    if not wording.has(Lean.FIRST, Lean.SECOND, Lean.LAST):
        return None
    by_turn = sorted(fitting, key=lambda mention: (mention.turn, mention.speaker is not Speaker.PERSON), reverse=True)
    for newest in by_turn:
        listed = [m for m in by_turn if (m.turn, m.speaker) == (newest.turn, newest.speaker)]
        if len(listed) > 1:
            return listed[0 if wording.has(Lean.FIRST) else 1 if wording.has(Lean.SECOND) else -1]
    return fitting[-1] if fitting and wording.has(Lean.FIRST) else None
