"""Keeps secrets out of histories: a history holds a reference, the value stands in a table that is emptied when the run ends.

The reference is random and stands for one value: the digest of a plan and the comparison of two plans work on references, so
that neither tells anything of the secret, and a changed secret is a changed plan.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.errors import NotFoundError
from core.ports.clock import Ids
from core.ports.records import Transaction
from core.redaction import is_secret_name, redact
from core.workflow import events as ev
from core.workflow.definition import Definition, is_sealed, sealed
from core.workflow.run import Run
from core.workflow.steps.common import Scalar


def seal_parameters(
    tx: Transaction, ids: Ids, run_id: str, definition: Definition, values: Mapping[str, Scalar]
) -> dict[str, Scalar]:
    """The parameters with references for what is marked secret or looks like it; references stay what they are."""
    secret = {parameter.name for parameter in definition.parameters if parameter.secret}
    return {
        name: _put(tx, ids, run_id, value)
        if not is_sealed(value) and (name in secret or _looks_secret(value))
        else value
        for name, value in values.items()
    }


def seal_outputs(tx: Transaction, ids: Ids, run_id: str, outputs: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The outputs of a step with references for what goes by a secret's name or looks like one: later steps may need it."""
    return {
        name: _put(tx, ids, run_id, value) if is_secret_name(name) or _looks_secret(value) else value
        for name, value in outputs.items()
    }


def has_sealed(run: Run) -> bool:
    """Whether any of its values is a reference."""
    return any(is_sealed(value) for values in _all(run) for value in values.values())


def unsealed(run: Run, values: Mapping[str, Scalar]) -> Run:
    """The run with values for references, to call a tool with; nothing of it may be stored or shown. NotFoundError when a value
    is no longer kept."""
    steps = {name: replace(step, outputs=_opened(step.outputs, values)) for name, step in run.steps.items()}
    return replace(run, parameters=_opened(run.parameters, values), steps=steps)


def without_secrets(event: ev.Event) -> ev.Event:
    """The event with what people and services wrote masked."""
    match event:
        case ev.StepProgressed(text=text):
            return replace(event, text=redact(text))
        case ev.StepCompleted(text=text, links=links):
            links = tuple(replace(link, label=redact(link.label), url=redact(link.url)) for link in links)
            return replace(event, text=redact(text), links=links)
        case ev.StepFailed(failure=failure) | ev.RunFailed(failure=failure):
            failure = replace(failure, message=redact(failure.message), hint=redact(failure.hint))
            return replace(event, failure=failure)
        case ev.ApprovalDecided(comment=comment):
            return replace(event, comment=redact(comment))
        case ev.RunCancelled(reason=reason):
            return replace(event, reason=redact(reason))
        case _:
            return event


def _put(tx: Transaction, ids: Ids, run_id: str, value: Scalar) -> str:
    reference = sealed(ids.token())
    tx.sealed.put(run_id, reference, value)
    return reference


def _all(run: Run) -> Iterator[Mapping[str, Scalar]]:
    yield run.parameters
    yield from (step.outputs for step in run.steps.values())


def _opened(values: Mapping[str, Scalar], secrets: Mapping[str, Scalar]) -> dict[str, Scalar]:
    if lost := [name for name, value in values.items() if is_sealed(value) and value not in secrets]:
        raise NotFoundError(f"The secret value of {lost[0]} is no longer kept.", hint="Start the run anew.")
    return {name: secrets[str(value)] if is_sealed(value) else value for name, value in values.items()}


def _looks_secret(value: Scalar) -> bool:
    return isinstance(value, str) and redact(value) != value
