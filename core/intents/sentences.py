"""What a sentence that names no verb leads to, by its intent. Nothing here changes a system: what would is shown back with a button."""

from collections.abc import Callable, Mapping

from core.intents import basics, incidents, queries, runs
from core.intents.known import Known
from core.intents.why import why
from core.messages import Turn, Via
from core.nlp.interpretation import Command, Intent, Interpretation
from core.planning.plan import Clarify, Plan, Silence

SURE = 0.5
"""Confidence below which the bot asks instead of acting."""
_OFFERED = 3
_TALK = frozenset({Intent.GENERAL_QUERY, Intent.UNKNOWN})
"""What is said in a thread among people as often as to the bot."""

INTENTS: Mapping[Intent, Callable[[Turn, Interpretation, Known], Plan]] = {
    Intent.METRIC_QUERY: queries.query,
    Intent.LOG_QUERY: queries.query,
    Intent.TRACE_QUERY: queries.query,
    Intent.INCIDENT_CREATE: incidents.declare,
    Intent.INCIDENT_UPDATE: incidents.changed,
    Intent.INCIDENT_RESOLVE: incidents.resolve,
    Intent.WORKFLOW_TRIGGER: runs.run,
    Intent.WORKFLOW_STATUS: runs.status,
    Intent.WORKFLOW_CANCEL: runs.cancel,
    Intent.TEST_GENERATE: basics.no_test_bench,
    Intent.TEST_EXECUTE: runs.run_tests,
    Intent.TEST_COVERAGE: basics.no_test_bench,
    Intent.SERVICE_HEALTH: why,
    Intent.ALERT_INVESTIGATION: why,
    Intent.GENERAL_QUERY: basics.general,
    Intent.UNKNOWN: basics.unknown,
}

_PHRASED: Mapping[Command, frozenset[Intent]] = {
    Command.STATUS: frozenset({Intent.WORKFLOW_STATUS}),
    Command.APPROVALS: frozenset({Intent.WORKFLOW_STATUS}),
    Command.CANCEL: frozenset({Intent.WORKFLOW_CANCEL}),
    Command.RUN: frozenset({Intent.WORKFLOW_TRIGGER}),
    Command.DECLARE: frozenset({Intent.INCIDENT_CREATE}),
    Command.RESOLVE: frozenset({Intent.INCIDENT_RESOLVE}),
    Command.INCIDENT: frozenset({Intent.GENERAL_QUERY}),
    Command.INCIDENTS: frozenset({Intent.GENERAL_QUERY}),
    Command.WHY: frozenset({Intent.SERVICE_HEALTH, Intent.ALERT_INVESTIGATION, *_TALK}),
}
"""Commands that phrases stand for which occur in sentences of other intents, too. The others are unmistakable."""


def phrase_holds(command: Command, intent: Intent, confidence: float) -> bool:
    """Whether what a phrase stands for is what the whole sentence wants."""
    return confidence < SURE or command not in _PHRASED or intent in _PHRASED[command]


def plan_sentence(turn: Turn, said: Interpretation, known: Known) -> Plan:
    """What to do about a sentence. In a thread that is not addressed to the bot only what is clearly for it counts."""
    unsure = said.confidence < SURE
    if turn.via is Via.THREAD and (unsure or said.intent in _TALK):
        return Silence("talk in a thread that asks nothing of the bot")
    if unsure:
        meanings = dict.fromkeys((said.intent, *said.alternatives))
        meanings.pop(Intent.UNKNOWN, None)
        return Clarify(turn.text, said.intent, said.confidence, tuple(meanings)[:_OFFERED])
    return INTENTS[said.intent](turn, said, known)
