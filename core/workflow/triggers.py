"""Events: they wake the steps that wait for them and start the runs that they trigger, in the transaction that records them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.errors import HistoryError, UserInputError
from core.ports.records import Transaction
from core.workflow import parameters, service
from core.workflow.definition import Definition, Trigger
from core.workflow.happenings import Happening
from core.workflow.run import Run
from core.workflow.signals import Means, Origin
from core.workflow.starts import Starting, begin, leave_out
from core.workflow.steps.common import Constant, EventRef, Input, Scalar, as_text
from core.workflow.values import matches

_MOST_TEXT = 200
"""Characters of an event's text in the cause of a run."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What an event has come to."""

    fresh: bool = True
    """False: it was delivered before, and nothing happened."""
    woken: tuple[Run, ...] = ()
    started: tuple[Run, ...] = ()


def deliver(
    tx: Transaction, means: Means, starting: Starting, happening: Happening, *, correlation: str = ""
) -> Delivered:
    """Record the event, once, with all that follows from it. ConflictError: a run has moved on meanwhile; run the unit again."""
    if not tx.firings.put(f"event/{happening.kind}", happening.id, happening.at):
        return Delivered(fresh=False)
    origin = Origin(happening.at, happening.place, correlation)
    woken = [
        run
        for run_id, step in tx.waits.of(happening.kind)
        if (run := _wake(tx, means, run_id, step, happening, origin))
    ]
    started = [
        run
        for definition in starting.catalogue
        for number, trigger in enumerate(definition.triggers)
        if trigger.event == happening.kind and (trigger.match is None or matches(trigger.match, happening.fields))
        if (run := _start(tx, means, starting, definition, number, happening, correlation))
    ]
    return Delivered(woken=tuple(woken), started=tuple(started))


def _wake(tx: Transaction, means: Means, run_id: str, step: str, happening: Happening, origin: Origin) -> Run | None:
    try:
        return service.happened(tx, means, run_id, step, happening.fields, happening.text, origin=origin)
    except HistoryError:
        # What is wrong with one run keeps nothing from the others; the worker that meets it next tells of it.
        return None


def _start(
    tx: Transaction,
    means: Means,
    starting: Starting,
    definition: Definition,
    number: int,
    happening: Happening,
    correlation: str,
) -> Run | None:
    trigger, starter = definition.triggers[number], f"trigger/{definition.name}/{number}"
    cause = ": ".join(filter(None, (happening.kind, happening.text[:_MOST_TEXT])))
    tx.firings.put(starter, happening.id, happening.at)
    if tx.firings.count(starter, happening.at - timedelta(seconds=trigger.per_seconds)) >= trigger.at_most:
        leave_out(tx, definition, f"it started {trigger.at_most} runs already", cause=cause, at=happening.at)
        return None
    try:
        values = _parameters(definition, trigger, happening.fields)
    except UserInputError as error:
        leave_out(tx, definition, error.message, cause=cause, at=happening.at)
        return None
    origin = Origin(happening.at, starting.place(definition, happening.place), correlation)
    run = begin(tx, means, definition, values, cause=cause, origin=origin)
    tx.firings.started(starter, happening.id, run.id)
    return run


def _parameters(definition: Definition, trigger: Trigger, fields: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The parameters as the trigger takes them from the event; UserInputError when one does not fit or is missing."""
    given = {
        name: "".join(as_text(value) for value in _values(parts, fields)) for name, parts in trigger.parameters.items()
    }
    read = parameters.read(definition, given)
    if read.missing:
        raise UserInputError(f"the event says nothing of {', '.join(read.missing)}")
    return read.values


def _values(parts: Input, fields: Mapping[str, Scalar]) -> list[Scalar]:
    """What an event lacks is empty."""
    known = {name.replace("-", "_"): value for name, value in fields.items()}
    found: list[Scalar] = []
    for part in parts:
        match part:
            case Constant(value=value):
                found.append(value)
            case EventRef(name=name):
                found.append(known.get(name.replace("-", "_"), ""))
            case _:
                raise ValueError(f"a trigger has no {part}")
    return found
