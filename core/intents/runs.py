"""Starting runs, seeing how they stand, changing and stopping them."""

import re

from core.conversation.forms import form_for, missing, parse_run
from core.errors import UserInputError
from core.intents.known import Known
from core.messages import Turn
from core.nlp.interpretation import EntityType, Interpretation
from core.planning.plan import Change, Choose, Complete, Plan, Start, Status, Steer
from core.workflow.definition import Definition
from core.workflow.steering import Steering

_PAST = re.compile(r"\b(done|finished|complete[d]?|over|through|succeed\w*|fail\w*)\b", re.IGNORECASE)


def run(_turn: Turn, said: Interpretation, known: Known) -> Plan:
    """Start a workflow. Only a spelt-out command starts at once; a sentence is shown back with a button first."""
    if not said.explicit:
        return _from_sentence(said, known)
    name, given = parse_run(said.rest)
    definition = known.catalogue.find(name) if name else None
    if definition is None:
        return _which_workflow(name, given, known)
    if lacking := missing(definition, given):
        return Complete(definition.name, given, lacking, form_for(definition, given))
    return Start(definition.name, given)


def status(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """One run by id, runs of a service, or the latest."""
    if run_id := said.run or _first_word(said):
        return Status(run_id)
    service = said.first(EntityType.SERVICE)
    running = not said.explicit and not _PAST.search(said.rest) and not service
    return Status(
        statuses=("running", "waiting") if running else (),
        parameter=("service", service) if service else None,
    )


def change(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Change the parameters of a run that waits."""
    run_id = said.run or _first_word(said)
    _, given = parse_run(said.rest)
    if not run_id or not given:
        raise UserInputError(
            "Say which run and what to change.", hint="For example: `/copilot change RUN-7K3QX2 version=2.4.1`"
        )
    return Change(run_id, given)


def cancel(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Stop a run; a sentence that names none gets a list."""
    run_id = said.run or _first_word(said)
    if not run_id:
        if said.explicit:
            raise UserInputError(
                "Say which run to stop.", hint="For example: `/copilot cancel RUN-7K3QX2 wrong version`"
            )
        return Status(statuses=("running", "waiting"))
    if not said.explicit:
        return Choose(f"Stop `{run_id}`?", ((f"Stop {run_id}", f"cancel {run_id}"), ("Show it", f"status {run_id}")))
    return steer(_turn, said, _known)


def steer(_turn: Turn, said: Interpretation, _known: Known) -> Plan:
    """Pause, stop, go on with or undo a run that is named."""
    wanted = Steering(said.command.value)
    run_id, _, reason = said.rest.strip().partition(" ")
    if not run_id:
        raise UserInputError("Say which run.", hint=f"For example: `/copilot {wanted} RUN-7K3QX2`")
    return Steer(run_id.upper(), wanted, reason.strip())


def _first_word(said: Interpretation) -> str:
    """What stands where a run id belongs, so that a mistyped one is named in the answer."""
    words = said.rest.split()
    return words[0].upper() if said.explicit and words else ""


def _which_workflow(name: str, given: dict[str, str], known: Known) -> Plan:
    rest = " ".join(f"{key}={value}" for key, value in given.items())
    names = known.catalogue.near(name) or known.catalogue.names()
    question = f"There is no workflow **{name[:40]}**. Did you mean one of these?" if name else "Which workflow?"
    return Choose(question, tuple((found, f"run {found} {rest}".strip()) for found in names[:5]))


def _from_sentence(said: Interpretation, known: Known) -> Plan:
    """ "deploy checkout 2.4.1 to production" → the command that would do it, behind a button."""
    definition = known.catalogue.find("deploy")
    if definition is None:
        return _which_workflow("", {}, known)
    given = _named(said, definition)
    if lacking := missing(definition, given):
        return Complete(definition.name, given, lacking, form_for(definition, given))
    command = f"run deploy {' '.join(f'{k}={v}' for k, v in given.items())}"
    return Choose(f"Shall I start `{command}`?", (("Start", command), ("Not now", "help")))


def _named(said: Interpretation, definition: Definition) -> dict[str, str]:
    kinds = {"service": EntityType.SERVICE, "environment": EntityType.ENVIRONMENT, "version": EntityType.VERSION}
    return {name: value for name, kind in kinds.items() if definition.parameter(name) and (value := said.first(kind))}
