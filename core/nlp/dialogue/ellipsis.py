"""What a message asks for that leaves its verb out, or says it in one word about the thing that was talked about."""

from core.nlp.dialogue.state import State, parts_of
from core.nlp.dialogue.vocabulary import RUN_NOUNS, TESTS, Lean
from core.nlp.dialogue.wording import Wording
from core.nlp.interpretation import EntityType, Intent

UNSURE = 0.6
"""A guess with less confidence gives way to the question that the message goes on with."""
SURE = 0.9
"""A question of no fixed kind that is as plain as this is not about the number it names: "what does saturation mean"."""
_FEW = 2
"""So many words of its own leave a message one that goes on: "only SERVFAIL", "baja a sev2"."""
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
QUERIES = frozenset({Intent.METRIC_QUERY, Intent.LOG_QUERY, Intent.TRACE_QUERY})
"""What looks back over a stretch of time."""
RUNS = frozenset({Intent.WORKFLOW_TRIGGER, Intent.WORKFLOW_STATUS, Intent.WORKFLOW_CANCEL, Intent.TEST_EXECUTE})
INCIDENTS = frozenset({Intent.INCIDENT_CREATE, Intent.INCIDENT_UPDATE, Intent.INCIDENT_RESOLVE})
STARTS = frozenset({Intent.WORKFLOW_TRIGGER, Intent.TEST_EXECUTE})
NO_REQUEST = frozenset({Intent.GENERAL_QUERY, Intent.UNKNOWN})


def settle(guess: Intent, confidence: float, wording: Wording, state: State) -> Intent:
    """The intent of a message. `guess`: what its words alone look like. It stands wherever the message says what it wants."""
    if guess is Intent.TEST_EXECUTE and _runs_a_job(wording):
        guess = Intent.WORKFLOW_TRIGGER
    if _asks_how(guess, wording, state):
        return Intent.SERVICE_HEALTH
    if state.asked is None:
        named = wording.names(EntityType.METRIC) or (wording.measured and wording.names(EntityType.SERVICE))
        whole = named and wording.fragment and not wording.heads
        return Intent.METRIC_QUERY if whole and guess in (*NO_REQUEST, Intent.WORKFLOW_STATUS) else guess
    if wording.has(Lean.THANKS):
        return guess
    unsure = confidence < UNSURE
    if phrased := _phrased(guess, unsure or guess in NO_REQUEST, wording, state):
        return phrased
    if wording.fragment:
        plain = _is_plain(guess, confidence, wording)
        return guess if plain else _elliptic(guess, unsure, wording, state, state.asked)
    of_run = wording.states or not wording.strange.isdisjoint(RUN_NOUNS)
    asks = unsure and guess in NO_REQUEST and wording.question and not wording.asserted
    if asks and of_run and state.asked in RUNS:
        return Intent.WORKFLOW_STATUS
    if (
        state.asked is Intent.LOG_QUERY
        and guess in NO_REQUEST
        and wording.has(Lean.CONTINUES)
        and len(wording.strange) <= _FEW
    ):
        return guess if wording.question else state.asked
    if guess is Intent.UNKNOWN and wording.names(EntityType.METRIC) and wording.has(Lean.CONTINUES, Lean.AGAIN):
        return Intent.METRIC_QUERY
    doubtful = unsure or _lacks_metric(guess, wording)
    return state.asked if doubtful and wording.has(Lean.CONTINUES) and state.asked in READS else guess


def _phrased(guess: Intent, open_to_doubt: bool, wording: Wording, state: State) -> Intent | None:
    """What a fixed turn of phrase asks for, about what was begun or declared before; None where there is none."""
    incident = next(state.of(EntityType.INCIDENT), None)
    if wording.has(Lean.UPDATES) and incident and guess not in (Intent.INCIDENT_CREATE, Intent.INCIDENT_RESOLVE):
        return Intent.INCIDENT_UPDATE
    graded = wording.names(EntityType.SEVERITY) and not wording.question and len(wording.strange) <= _FEW
    if graded and incident and state.asked in INCIDENTS and guess not in INCIDENTS:
        return Intent.INCIDENT_UPDATE
    if guess not in STARTS and _asks_about_run(guess, wording, state):
        return Intent.WORKFLOW_STATUS
    acts = wording.has(Lean.RUN_ACTED_ON, Lean.UNDOES, Lean.SHIPS) and not wording.question
    if acts and open_to_doubt and state.started:
        return Intent.WORKFLOW_TRIGGER
    if wording.has(Lean.SPLITS) and guess in (*NO_REQUEST, *STARTS) and state.asked is Intent.METRIC_QUERY:
        return Intent.METRIC_QUERY
    versioned = wording.names(EntityType.VERSION) and wording.fragment and not (wording.heads or wording.question)
    if versioned and wording.has(Lean.CONTINUES) and guess not in STARTS and state.asked in RUNS and state.started:
        return state.started
    if wording.has(Lean.PROGRESS) and open_to_doubt and state.asked in RUNS:
        return Intent.WORKFLOW_STATUS
    if wording.has(Lean.AGAIN) and guess in STARTS and not wording.names(EntityType.SERVICE):
        return state.started
    if wording.note and incident:
        return Intent.INCIDENT_UPDATE
    return None


def _runs_a_job(wording: Wording) -> bool:
    """Whether what is run is named, and neither its name nor the words around it say that it is a test."""
    parts = parts_of(wording.named(EntityType.WORKFLOW))
    return len(parts) > 1 and TESTS.isdisjoint(parts) and TESTS.isdisjoint(wording.strange)


def _asks_how(guess: Intent, wording: Wording, state: State) -> bool:
    """Whether nothing is said but how a service is: "hows imagery", before any number was asked for."""
    return (
        guess in NO_REQUEST
        and state.asked in (None, Intent.SERVICE_HEALTH)
        and wording.fragment
        and wording.question
        and wording.names(EntityType.SERVICE)
        and not wording.names(EntityType.METRIC, EntityType.WORKFLOW, EntityType.INCIDENT, EntityType.TIME_RANGE)
        and not wording.measured
    )


def _asks_about_run(guess: Intent, wording: Wording, state: State) -> bool:
    """Whether a run of this conversation is asked about, by its id or by what it does: "how is 19", "status of the gc"."""
    asks = (wording.question or wording.states) and not wording.names(EntityType.METRIC, EntityType.TIME_RANGE)
    runs = {mention.value for mention in state.of(EntityType.WORKFLOW)}
    if not asks or not (runs or state.started):
        return False
    if wording.fragment and wording.named(EntityType.WORKFLOW) in runs:
        return Intent.WORKFLOW_STATUS in wording.heads or not wording.heads
    own = frozenset[str]().union(*map(parts_of, runs))
    if guess in (*NO_REQUEST, Intent.SERVICE_HEALTH) and wording.strange and wording.strange <= own:
        return True
    named = bool(wording.strange) or wording.has(Lean.AGAIN)
    return named and wording.strange <= RUN_NOUNS | own and wording.states


def _is_plain(guess: Intent, confidence: float, wording: Wording) -> bool:
    """Whether a short message is complete all the same: it asks what a number means, or for a metric by its name."""
    if guess is Intent.GENERAL_QUERY:
        return confidence >= SURE and wording.question and not wording.leans
    return guess is Intent.METRIC_QUERY and confidence >= UNSURE and wording.names(EntityType.METRIC)


def _elliptic(guess: Intent, unsure: bool, wording: Wording, state: State, asked: Intent) -> Intent:
    """What a message asks for whose request is left out, or said in one word."""
    if (
        not unsure
        and guess in STARTS
        and state.started
        and wording.asserted
        and not (wording.heads or wording.names(EntityType.METRIC))
    ):
        return state.started
    if wording.measured and (wording.has(Lean.COUNTS) or wording.named(EntityType.AGGREGATION) == "count"):
        return Intent.METRIC_QUERY
    heads = sorted(wording.heads, key=lambda head: unsure or head is not guess)
    headed = (_headed(head, wording, state) for head in heads)
    return next((head for head in headed if head), None) or _bare(guess, wording, state, asked)


def _lacks_metric(guess: Intent, wording: Wording) -> bool:
    """Whether a question looks like one for a number and says nothing that could be measured: "only timeouts"."""
    named = wording.measured or wording.names(EntityType.METRIC, EntityType.AGGREGATION)
    return guess is Intent.METRIC_QUERY and not named


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
            if wording.has(Lean.RUN):
                return None
            if wording.names(EntityType.WORKFLOW) and not wording.question and not wording.has(Lean.AGAIN, Lean.REFERS):
                return head
            return (state.started or head) if wording.has(Lean.AGAIN, Lean.REFERS) else None
        case Intent.SERVICE_HEALTH if wording.names(EntityType.WORKFLOW):
            return Intent.WORKFLOW_STATUS
        case Intent.SERVICE_HEALTH:
            named = wording.names(EntityType.SERVICE, EntityType.ENVIRONMENT)
            asks = wording.question or wording.has(Lean.NOW)
            return head if asks and (named or wording.has(Lean.REFERS, Lean.NOW)) else None
        case Intent.TEST_GENERATE:
            return head if state.asked in (Intent.TEST_COVERAGE, Intent.TEST_GENERATE) else None
        case _:
            return head


def _bare(guess: Intent, wording: Wording, state: State, asked: Intent) -> Intent:
    """What names and small words ask for: the same as before, of something else."""
    leans = wording.has(Lean.CONTINUES, Lean.AGAIN, Lean.OTHER, Lean.FIRST, Lean.SECOND, Lean.LAST)
    if wording.names(EntityType.METRIC, EntityType.AGGREGATION):
        return Intent.METRIC_QUERY
    if wording.measured and asked is not Intent.LOG_QUERY and not wording.heads:
        return Intent.METRIC_QUERY
    if wording.names(EntityType.SEVERITY) and next(state.of(EntityType.INCIDENT), None):
        return Intent.INCIDENT_UPDATE
    if wording.names(EntityType.SEVERITY) and guess is Intent.INCIDENT_CREATE:
        return guess
    if wording.names(EntityType.INCIDENT):
        return asked if leans and asked in INCIDENTS else guess
    if wording.names(EntityType.WORKFLOW):
        return asked if leans and asked in RUNS else guess
    if asked is Intent.INCIDENT_CREATE and wording.ruled_out:
        return Intent.INCIDENT_UPDATE
    if (
        wording.question
        and not wording.asserted
        and asked in RUNS
        and (wording.has(Lean.CONTINUES) or guess in NO_REQUEST)
    ):
        return Intent.WORKFLOW_STATUS
    if wording.names(EntityType.TIME_RANGE) and guess in QUERIES and asked not in QUERIES:
        return guess
    if state.started and _starts_another(wording, state, asked):
        return state.started
    if wording.asserted:
        return asked if leans or asked in READS or len(wording.asserted) == 1 else guess
    if wording.has(Lean.NOW):
        return asked if asked in READS else guess
    return asked if wording.has(Lean.AGAIN, Lean.OTHER, Lean.FIRST, Lean.SECOND, Lean.LAST) else guess


def _starts_another(wording: Wording, state: State, asked: Intent) -> bool:
    """Whether "again", or "the same" after a look at a run, means to start one: there is none yet that it could ask about."""
    if asked in RUNS and wording.has(Lean.AGAIN) and not wording.asserted:
        return True
    if asked is Intent.SERVICE_HEALTH:
        return wording.has(Lean.SAME) and not wording.question
    service, environment = wording.named(EntityType.SERVICE), wording.named(EntityType.ENVIRONMENT)
    if asked not in (Intent.WORKFLOW_STATUS, Intent.WORKFLOW_CANCEL) or not (service or environment):
        return False
    runs: dict[str, tuple[str, str]] = {}
    for run in state.of(EntityType.WORKFLOW):
        of, where = runs.get(run.value, ("", ""))
        runs[run.value] = (of or run.service, where or run.environment)
    return not any(of in ("", service or of) and where in ("", environment or where) for of, where in runs.values())
