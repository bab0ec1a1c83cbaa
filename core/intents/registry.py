"""The explicit list of what people can ask for by name, and who plans it; `sentences.INTENTS` is the one of sentences."""

from collections.abc import Callable, Mapping

from core.intents import approvals, basics, incidents, runs
from core.intents.ask import ask
from core.intents.known import Known
from core.intents.sentences import plan_sentence
from core.intents.why import why
from core.messages import Turn
from core.nlp.interpretation import Command, Interpretation
from core.planning.plan import Plan

COMMANDS: Mapping[Command, Callable[[Turn, Interpretation, Known], Plan]] = {
    Command.HELP: basics.help_,
    Command.WHOAMI: basics.whoami,
    Command.LINK: basics.link,
    Command.UNLINK: basics.unlink,
    Command.MUTE: basics.mute,
    Command.UNMUTE: basics.unmute,
    Command.SETTINGS: basics.settings,
    Command.UNKNOWN: basics.unknown,
    Command.ASK: ask,
    Command.WHY: why,
    Command.RUN: runs.run,
    Command.PLAN: runs.plan,
    Command.STATUS: runs.status,
    Command.APPROVALS: approvals.approvals,
    Command.ALERTS: basics.alerts,
    Command.RECEIPT: basics.receipt,
    Command.DELEGATE: approvals.delegate,
    Command.CHANGE: runs.change,
    Command.CANCEL: runs.cancel,
    Command.PAUSE: runs.steer,
    Command.RESUME: runs.steer,
    Command.RETRY: runs.steer,
    Command.SKIP: runs.steer,
    Command.ROLLBACK: runs.steer,
    Command.DECLARE: incidents.declare,
    Command.INCIDENTS: incidents.incidents,
    Command.INCIDENT: incidents.incident,
    Command.UPDATE: incidents.update,
    Command.NOTE: incidents.note,
    Command.ROLE: incidents.role,
    Command.ATTACH: incidents.attach,
    Command.RESOLVE: incidents.resolve,
    Command.TIMELINE: incidents.timeline,
    Command.POSTMORTEM: incidents.postmortem,
}


def plan_for(turn: Turn, said: Interpretation, known: Known) -> Plan:
    """What to do about a turn; UserInputError when something must be said first."""
    if said.command is Command.UNKNOWN and not said.unknown_verb:
        return plan_sentence(turn, said, known)
    return COMMANDS[said.command](turn, said, known)
