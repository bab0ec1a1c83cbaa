"""The explicit list of what people can ask for, and who plans it."""

from collections.abc import Callable, Mapping

from core.intents import basics, incidents, runs
from core.intents.ask import ask
from core.intents.known import Known
from core.intents.why import why
from core.messages import Turn
from core.nlp.interpretation import Intent, Interpretation
from core.planning.plan import Plan

INTENTS: Mapping[Intent, Callable[[Turn, Interpretation, Known], Plan]] = {
    Intent.HELP: basics.help_,
    Intent.WHOAMI: basics.whoami,
    Intent.LINK: basics.link,
    Intent.UNLINK: basics.unlink,
    Intent.MUTE: basics.mute,
    Intent.UNMUTE: basics.unmute,
    Intent.SETTINGS: basics.settings,
    Intent.UNKNOWN: basics.unknown,
    Intent.ASK: ask,
    Intent.WHY: why,
    Intent.RUN: runs.run,
    Intent.STATUS: runs.status,
    Intent.APPROVALS: runs.approvals,
    Intent.CHANGE: runs.change,
    Intent.CANCEL: runs.cancel,
    Intent.DECLARE: incidents.declare,
    Intent.INCIDENTS: incidents.incidents,
    Intent.INCIDENT: incidents.incident,
    Intent.UPDATE: incidents.update,
    Intent.NOTE: incidents.note,
    Intent.ROLE: incidents.role,
    Intent.ATTACH: incidents.attach,
    Intent.RESOLVE: incidents.resolve,
    Intent.TIMELINE: incidents.timeline,
    Intent.POSTMORTEM: incidents.postmortem,
}


def plan_for(turn: Turn, said: Interpretation, known: Known) -> Plan:
    """What to do about a turn; UserInputError when something must be said first."""
    return INTENTS[said.intent](turn, said, known)
