"""Keeps secrets out of histories: a history holds a reference, the value stands in a table that is emptied when the run ends.

The reference is random and stands for one value: the digest of a plan and the comparison of two plans work on references, so
that neither tells anything of the secret, and a changed secret is a changed plan.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from core.errors import NotFoundError
from core.ports.clock import Ids
from core.ports.records import Transaction
from core.redaction import MASK, is_secret_name, redact
from core.tools import ToolResult
from core.workflow import events as ev
from core.workflow.definition import Definition, is_sealed, sealed
from core.workflow.run import Run
from core.workflow.steps.common import Scalar

T = TypeVar("T", str, ToolResult)

_SHORTEST = 4
"""Characters of a value that is looked for in what tools say: shorter ones stand in other words."""


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
        name: _put(tx, ids, run_id, value)
        if not is_sealed(value) and (is_secret_name(name) or _looks_secret(value))
        else value
        for name, value in outputs.items()
    }


def unsealed(run: Run, values: Mapping[str, Scalar]) -> Run:
    """The run with values for references, to call a tool with; nothing of it may be stored or shown. NotFoundError when a value
    is no longer kept."""
    if not run.sealed:
        return run
    steps = {name: replace(step, outputs=_opened(step.outputs, values)) for name, step in run.steps.items()}
    return replace(run, parameters=_opened(run.parameters, values), steps=steps)


def without_values(said: T, secrets: Mapping[str, Scalar]) -> T:
    """What a tool said, a text or a result, with the run's secrets masked in words and as references in outputs."""
    if not secrets:
        return said
    if isinstance(said, str):
        return _masked(said, secrets)
    references = {value: reference for reference, value in secrets.items() if isinstance(value, str)}
    outputs = {n: references.get(v, v) if isinstance(v, str) else v for n, v in said.outputs.items()}
    links = tuple(
        replace(link, label=_masked(link.label, secrets), url=_masked(link.url, secrets)) for link in said.links
    )
    failure = said.failure and replace(
        said.failure, message=_masked(said.failure.message, secrets), hint=_masked(said.failure.hint, secrets)
    )
    return replace(said, outputs=outputs, text=_masked(said.text, secrets), links=links, failure=failure)


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
        case ev.RunCancelled(reason=reason) | ev.RunPaused(reason=reason) | ev.StepInterrupted(reason=reason):
            return replace(event, reason=redact(reason))
        case ev.RollbackStarted(reason=reason, failure=failure):
            failure = failure and replace(failure, message=redact(failure.message), hint=redact(failure.hint))
            return replace(event, reason=redact(reason), failure=failure)
        case ev.StepPostponed(text=text) | ev.WaitEnded(text=text):
            return replace(event, text=redact(text))
        case _:
            return event


def _put(tx: Transaction, ids: Ids, run_id: str, value: Scalar) -> str:
    reference = sealed(ids.token())
    tx.sealed.put(run_id, reference, value)
    return reference


def _opened(values: Mapping[str, Scalar], secrets: Mapping[str, Scalar]) -> dict[str, Scalar]:
    if lost := [name for name, value in values.items() if is_sealed(value) and value not in secrets]:
        raise NotFoundError(f"The secret value of {lost[0]} is no longer kept.", hint="Start the run anew.")
    return {name: secrets[str(value)] if is_sealed(value) else value for name, value in values.items()}


def _masked(text: str, secrets: Mapping[str, Scalar]) -> str:
    for value in secrets.values():
        if isinstance(value, str) and len(value) >= _SHORTEST:
            text = text.replace(value, MASK)
    return text


def _looks_secret(value: Scalar) -> bool:
    return isinstance(value, str) and redact(value) != value
