"""Which values a turn has: what it names, and what makes sense for its intent from what was talked about."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.nlp.dialogue.ellipsis import INCIDENTS, NO_REQUEST, QUERIES, RUNS, STARTS
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
    parts_of,
)
from core.nlp.dialogue.vocabulary import RECORDED, TESTS, Lean
from core.nlp.dialogue.wording import Wording
from core.nlp.interpretation import EntityType, Intent

CARRIED: Mapping[Intent, tuple[EntityType, ...]] = {
    Intent.METRIC_QUERY: (SERVICE, ENVIRONMENT, METRIC, TIME),
    Intent.LOG_QUERY: (SERVICE, ENVIRONMENT, TIME),
    Intent.TRACE_QUERY: (SERVICE, ENVIRONMENT, TIME),
    Intent.SERVICE_HEALTH: (SERVICE, ENVIRONMENT),
    Intent.ALERT_INVESTIGATION: (SERVICE, ENVIRONMENT),
    Intent.INCIDENT_CREATE: (SERVICE, ENVIRONMENT),
    Intent.INCIDENT_UPDATE: (INCIDENT,),
    Intent.INCIDENT_RESOLVE: (INCIDENT,),
    Intent.WORKFLOW_TRIGGER: (WORKFLOW, SERVICE, ENVIRONMENT),
    Intent.WORKFLOW_STATUS: (WORKFLOW, SERVICE, ENVIRONMENT),
    Intent.WORKFLOW_CANCEL: (WORKFLOW, SERVICE, ENVIRONMENT),
    Intent.TEST_EXECUTE: (WORKFLOW, SERVICE, ENVIRONMENT),
    Intent.TEST_GENERATE: (SERVICE,),
    Intent.TEST_COVERAGE: (SERVICE,),
}
"""What a turn of this intent takes over when it leaves it out: first the thing that it acts on, then what that thing is
about. An incident is known by its id alone. Small talk takes over nothing, a general question only what it points at."""

STALE = (METRIC,)
"""What does not outlive the service that it was asked of, once a complete question names another one. The place and the
time that somebody looks at stay."""
_SAME_TOPIC = 3
"""Turns within which coming back to a service is no new topic."""
_FITS: Mapping[EntityType, frozenset[Intent]] = {
    METRIC: frozenset({Intent.METRIC_QUERY}),
    TIME: frozenset({*QUERIES, Intent.SERVICE_HEALTH, Intent.ALERT_INVESTIGATION, Intent.WORKFLOW_STATUS, *NO_REQUEST}),
}
"""Where what is named is a value of the request. Elsewhere ("slow traces", "note: traffic doubled since 9") it is a word to
search for or to write down."""
_NO_PERCENTILES = frozenset({"error_rate", "request_rate", "availability"})
"""Metrics that have none: "p99?" after one of them is about latency."""


def drops(intent: Intent, wording: Wording, state: State) -> tuple[EntityType, ...]:
    """What this message makes stale: what was asked of another subject, or only the time when it is about this moment."""
    if _opens_topic(intent, wording, state):
        return STALE
    return (TIME,) if intent in QUERIES and wording.has(Lean.NOW) else ()


def _opens_topic(intent: Intent, wording: Wording, state: State) -> bool:
    """Whether the message is complete in itself and about another subject than before."""
    service = wording.named(SERVICE)
    current = next(state.of(SERVICE), None)
    if any(m.value == service and m.turn >= state.turn - _SAME_TOPIC for m in state.of(SERVICE)):
        return False
    if intent in NO_REQUEST or wording.has(Lean.CONTINUES, Lean.AGAIN):
        return False
    if not service and not (_names_machine(wording) and not wording.has(Lean.REFERS)):
        return False
    if service and not current and state.asked not in RUNS | INCIDENTS:
        return False
    if intent is Intent.METRIC_QUERY:
        return wording.names(METRIC) or bool(wording.measured) or _asks_percentile(wording)
    return not wording.fragment or bool(wording.heads)


def _names_machine(wording: Wording) -> bool:
    return wording.names(EntityType.HOST, EntityType.NAMESPACE)


def fill(intent: Intent, wording: Wording, state: State) -> dict[EntityType, Mention]:
    """The values of a turn: mentions of this turn where the message says them, else the earlier ones that they come from."""
    fitting = (kind for kind in SLOTS if intent in _FITS.get(kind, (intent,)))
    slots = {kind: _said(kind, value, state) for kind in fitting if (value := wording.named(kind))}
    if intent is Intent.METRIC_QUERY and METRIC not in slots and (metric := _meant(wording, state)):
        slots[METRIC] = _said(METRIC, metric, state)
    for kind in _wanted(intent, wording, state):
        if kind not in slots and (mention := _carried(kind, intent, wording, state, slots)):
            slots[kind] = mention
    return slots


def _said(kind: EntityType, value: str, state: State) -> Mention:
    return Mention(kind, value, state.turn, Speaker.PERSON)


def _meant(wording: Wording, state: State) -> str:
    """The metric that a question for a number means without naming it, or "" where it is that of the question before."""
    before = next(state.of(METRIC), None)
    if _asks_percentile(wording) and (before is None or before.value in _NO_PERCENTILES):
        return "latency"
    return wording.measured


def _asks_percentile(wording: Wording) -> bool:
    return wording.named(EntityType.AGGREGATION).startswith("p")


def _wanted(intent: Intent, wording: Wording, state: State) -> Iterator[EntityType]:
    points = wording.has(Lean.REFERS)
    if wording.has(Lean.INCIDENT) and intent not in INCIDENTS:
        yield INCIDENT
    if wording.has(Lean.RUN):
        yield WORKFLOW
    recorded = wording.states or wording.has(Lean.PROGRESS) or not wording.strange.isdisjoint(RECORDED)
    if intent is Intent.GENERAL_QUERY and state.asked in INCIDENTS and wording.question and recorded:
        yield INCIDENT
    if intent is Intent.GENERAL_QUERY and points and wording.question and not wording.has(Lean.THANKS):
        # What "it" is in a question of no fixed kind: whatever was talked about last.
        newest = (m.type for m in state.mentions if m.type in (INCIDENT, WORKFLOW, SERVICE) and not m.aside)
        yield from itertools.islice(newest, 1)
    for kind in CARRIED.get(intent, ()):
        if wording.has(Lean.ALL) and not points and (kind is SERVICE or intent not in QUERIES):
            continue
        if kind is SERVICE and not points and _names_machine(wording):
            continue
        if wording.other_subject and intent in (Intent.SERVICE_HEALTH, Intent.ALERT_INVESTIGATION):
            continue
        if intent in STARTS and kind is WORKFLOW and not _repeats(intent, wording):
            continue
        if intent in RUNS - STARTS and kind is ENVIRONMENT and wording.names(SERVICE):
            continue
        yield kind


def _repeats(intent: Intent, wording: Wording) -> bool:
    """Whether it is the run itself that is to be done again; tests that are named are run anew."""
    if wording.has(Lean.SHIPS):
        return False
    named = intent is Intent.TEST_EXECUTE and not TESTS.isdisjoint(wording.strange)
    return wording.fragment or (not named and wording.has(Lean.AGAIN, Lean.RUN_ACTED_ON))


def _carried(
    kind: EntityType, intent: Intent, wording: Wording, state: State, slots: Mapping[EntityType, Mention]
) -> Mention | None:
    thing = slots.get(INCIDENT) or slots.get(WORKFLOW)
    if thing and kind in (SERVICE, ENVIRONMENT):
        if intent in RUNS and (kind is SERVICE or intent not in STARTS or _is_run(thing.value)):
            return None  # A run says itself what it is of, and where; a job only what it does.
        known = about(kind, thing, state)
        if known or intent not in (*QUERIES, *STARTS):
            return known
    if kind is WORKFLOW and intent in STARTS:
        if wording.has(Lean.AGAIN, Lean.RUN_ACTED_ON):
            return _latest_run(_choose(kind, wording, state), state)
        # The same for another place is a new run of the same workflow.
        return next((mention for mention in state.of(kind) if not _is_run(mention.value)), None)
    if kind is WORKFLOW and (called := _called(wording, state)):
        return _latest_run(called, state)
    if kind is INCIDENT and intent is Intent.INCIDENT_UPDATE:
        # A service that is named in an update is as likely another one that is hit too.
        return _choose(kind, wording, state) or next(state.of(kind), None)
    return _choose(kind, wording, state)


def about(kind: EntityType, thing: Mention, state: State) -> Mention | None:
    """The service or the environment of an incident or a run, as it was said together with it."""
    for mention in state.of(thing.type):
        value = mention.service if kind is SERVICE else mention.environment
        if mention.value == thing.value and value:
            return replace(mention, type=kind, value=value, service="", environment="")
    return None


def _latest_run(workflow: Mention | None, state: State) -> Mention | None:
    """Of a workflow that is known by its name the run that was begun since it was first named; else the workflow itself."""
    if workflow is None or _is_run(workflow.value):
        return workflow
    begun: dict[str, int] = {}
    for mention in state.of(WORKFLOW):
        begun[mention.value] = min(mention.turn, begun.get(mention.value, mention.turn))
    of_others = {turn for name, turn in begun.items() if not _is_run(name) and name != workflow.value}
    runs = (mention for mention in state.of(WORKFLOW) if _is_run(mention.value))
    since = begun.get(workflow.value, workflow.turn)
    own = (run for run in runs if begun[run.value] >= since and begun[run.value] not in of_others)
    return next(own, workflow)


def _called(wording: Wording, state: State) -> Mention | None:
    """The workflow that is called by a word of its name: "is the warmup finished"."""
    named = (mention for mention in state.of(WORKFLOW) if not _is_run(mention.value))
    return next((mention for mention in named if not wording.strange.isdisjoint(parts_of(mention.value))), None)


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
    if mention.type not in (INCIDENT, WORKFLOW) or wording.has(Lean.AGAIN):
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
    by_age = list(dict.fromkeys(mention.value for mention in reversed(by_turn)))
    if wording.has(Lean.SECOND) and len(by_age) > 1:
        return next(mention for mention in fitting if mention.value == by_age[1])
    return fitting[-1] if fitting and wording.has(Lean.FIRST) else None
