"""What a message asks for that leaves its verb out, or says it in one word about the thing that was talked about."""

from core.nlp.dialogue.state import State
from core.nlp.dialogue.vocabulary import Lean
from core.nlp.dialogue.wording import Wording
from core.nlp.interpretation import EntityType, Intent

READS = frozenset(
    {
        Intent.METRIC_QUERY,
        Intent.LOG_QUERY,
        Intent.TRACE_QUERY,
        Intent.SERVICE_HEALTH,
        Intent.ALERT_INVESTIGATION,
        Intent.TEST_COVERAGE,
        Intent.WORKFLOW_STATUS,
    }
)
RUNS = frozenset({Intent.WORKFLOW_TRIGGER, Intent.WORKFLOW_STATUS, Intent.WORKFLOW_CANCEL, Intent.TEST_EXECUTE})
INCIDENTS = frozenset({Intent.INCIDENT_CREATE, Intent.INCIDENT_UPDATE, Intent.INCIDENT_RESOLVE})
STARTS = frozenset({Intent.WORKFLOW_TRIGGER, Intent.TEST_EXECUTE})
NO_REQUEST = frozenset({Intent.GENERAL_QUERY, Intent.UNKNOWN})


def settle(guess: Intent, wording: Wording, state: State) -> Intent:
    """The intent of a message. `guess`: what its words alone look like. It stands wherever the message says what it wants."""
    if not wording.fragment or state.asked is None or wording.has(Lean.THANKS):
        return guess
    if wording.heads:
        return next((head for head in (_headed(one, wording, state) for one in wording.heads) if head), guess)
    return _bare(guess, wording, state, state.asked)


def _headed(head: Intent, wording: Wording, state: State) -> Intent | None:
    """What the word asks for, given what was talked about; None where there is nothing that it would fit."""
    run = next(state.of(EntityType.WORKFLOW), None) or state.started
    match head:
        case Intent.INCIDENT_RESOLVE:
            return head if next(state.of(EntityType.INCIDENT), None) else None
        case Intent.WORKFLOW_CANCEL:
            return head if run else None
        case Intent.WORKFLOW_STATUS:
            return head if run and (state.asked in RUNS or wording.has(Lean.REFERS)) else None
        case Intent.WORKFLOW_TRIGGER:
            return (state.started or head) if wording.has(Lean.AGAIN, Lean.REFERS) else None
        case Intent.SERVICE_HEALTH:
            pointed = wording.has(Lean.REFERS, Lean.NOW) or wording.names(EntityType.SERVICE, EntityType.ENVIRONMENT)
            return head if pointed else None
        case _:
            return head


def _bare(guess: Intent, wording: Wording, state: State, asked: Intent) -> Intent:
    leans = wording.has(Lean.CONTINUES, Lean.AGAIN, Lean.OTHER, Lean.FIRST, Lean.SECOND, Lean.LAST)
    if wording.names(EntityType.METRIC, EntityType.AGGREGATION):
        return Intent.METRIC_QUERY
    if wording.names(EntityType.INCIDENT):
        return asked if leans and asked in INCIDENTS else guess
    if wording.names(EntityType.WORKFLOW):
        return asked if leans and asked in RUNS else guess
    if wording.has(Lean.AGAIN) and not wording.asserted:
        return state.started if state.started and asked in RUNS else asked
    if wording.asserted:
        return asked if leans or asked in READS or len(wording.asserted) == 1 else guess
    if wording.has(Lean.NOW):
        return asked if asked in READS else guess
    return asked if wording.has(Lean.OTHER, Lean.FIRST, Lean.SECOND, Lean.LAST) else guess
