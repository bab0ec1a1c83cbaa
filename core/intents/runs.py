"""Starting runs, seeing how they stand, changing and stopping them."""

import re
from collections.abc import Sequence

from core.conversation import replies
from core.conversation.forms import form_for, missing, parse_run, spelt
from core.errors import UserInputError
from core.intents import basics, workflows
from core.intents.known import Known
from core.markup import code, literal
from core.messages import Turn
from core.nlp.interpretation import EntityType, Interpretation
from core.planning.plan import Change, Choose, Complete, Plan, Preview, Say, Start, Status, Steer
from core.workflow.definition import Definition
from core.workflow.steering import Steering

_CHOICES = 5
"""Workflows that a question offers."""
_PAST = re.compile(r"\b(done|finished|complete[d]?|over|through|succeed\w*|fail\w*)\b", re.IGNORECASE)


def run(_turn: Turn, said: Interpretation, known: Known) -> Plan:
    """Start a workflow. Only a spelt-out command starts at once; a sentence is shown back with a button first."""
    if not said.explicit:
        return _from_sentence(said, known)
    name, given = parse_run(said.rest)
    definition = known.catalogue.find(name) if name else None
    if definition is None:
        return _which_workflow(name, given, known)
    if not given and " " in said.rest.strip():
        # "run maintenance on host7": what follows the name is a sentence.
        return _offered(definition, workflows.given(said, definition))
    if lacking := missing(definition, given):
        return Complete(definition.name, given, lacking, form_for(definition, given))
    return Start(definition.name, given)


def run_tests(turn: Turn, said: Interpretation, known: Known) -> Plan:
    """Tests that are a workflow of the catalogue are run as one; others take a test bench."""
    return (
        _from_sentence(said, known)
        if workflows.is_named(said, known.catalogue)
        else basics.no_test_bench(turn, said, known)
    )


def plan(_turn: Turn, said: Interpretation, known: Known) -> Plan:
    """Show what a run would do."""
    name, given = parse_run(said.rest) if said.explicit else ("", {})
    definition = known.catalogue.find(name) if name else None
    if definition is None and name:
        return _which_workflow(name, given, known, verb="plan")
    found = (definition,) if definition else workflows.meant(said, known.catalogue)
    if len(found) != 1:
        return _which(found or tuple(known.catalogue), said, verb="plan")
    return Preview(found[0].name, given or workflows.given(said, found[0]))


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


def _which_workflow(name: str, given: dict[str, str], known: Known, *, verb: str = "run") -> Plan:
    near = known.catalogue.near(name) or known.catalogue.names()
    question = f"There is no workflow **{name[:40]}**. Did you mean one of these?" if name else "Which workflow?"
    return Choose(question, tuple((found, spelt(verb, found, given)) for found in near[:_CHOICES]))


def _which(found: Sequence[Definition], said: Interpretation, *, verb: str = "run") -> Plan:
    """Several workflows fit a sentence, or none does and all are shown; those first that take most of what it names."""
    given = {definition.name: workflows.given(said, definition) for definition in found}
    likely = sorted(found, key=lambda definition: -len(given[definition.name]))[:_CHOICES]
    choices = tuple((definition.title, spelt(verb, definition.name, given[definition.name])) for definition in likely)
    if not choices:
        return Say(replies.line("This installation has no workflows."))
    lines = [f"- {literal(label)}: {code(command)}" for label, command in choices]
    if len(found) > len(likely):
        lines.append(f"{len(found) - len(likely)} more: `/copilot run` lists all.")
    return Choose("\n".join((f"Which of these shall I {'start' if verb == 'run' else 'plan'}?", *lines)), choices)


def _from_sentence(said: Interpretation, known: Known) -> Plan:
    """ "deploy checkout 2.4.1 to production" → the command that would do it, behind a button."""
    found = workflows.meant(said, known.catalogue)
    if len(found) != 1:
        return _which(found or tuple(known.catalogue), said)
    return _offered(found[0], workflows.given(said, found[0]))


def _offered(definition: Definition, given: dict[str, str]) -> Plan:
    """Only a button starts what a sentence asks for."""
    if lacking := missing(definition, given):
        return Complete(definition.name, given, lacking, form_for(definition, given))
    command = spelt("run", definition.name, given)
    choices = (("Start", command), ("Show the plan", spelt("plan", definition.name, given)), ("Not now", "help"))
    return Choose(f"Shall I start {code(command)}?", choices)
