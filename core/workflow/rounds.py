"""The steps that a definition stands for: those of loops are patterns, from which each item gets a round of its own. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.workflow.definition import Definition, Step
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.blocks import LoopStep
from core.workflow.steps.common import Input, OutputRef, Scalar
from core.workflow.steps.wait import WaitStep

MAX_ITEMS = 200
"""Of one loop."""
_NUMBER = re.compile(r"\.\d+\.")
"""Of a round, in an id: names begin with a letter."""
_SEPARATORS = re.compile(r"[,\n]")


def at_first(definition: Definition) -> dict[str, Step]:
    """The steps that are there from the start, by id: all but the patterns."""
    blocks = {step.id: step for step in definition.steps}
    return {step.id: step for step in definition.steps if not _loop_of(step, blocks)}


def rounds(definition: Definition, loop: LoopStep, items: Sequence[Scalar]) -> dict[str, Step]:
    """The steps of all rounds of a loop, by id; loops within it are laid out when they begin."""
    return {step.id: step for number, item in enumerate(items, 1) for step in _round(definition, loop, number, item)}


def split(values: Sequence[Scalar]) -> tuple[Scalar, ...]:
    """The items that these values stand for: a text with commas or line breaks is several."""
    return tuple(
        part
        for value in values
        for part in ([p.strip() for p in _SEPARATORS.split(value)] if isinstance(value, str) else [value])
        if part != ""
    )


def pattern_of(step_id: str) -> str:
    """Id of the pattern that a step of a round was made from: `LOOP.3.step` → `LOOP.step`."""
    return _NUMBER.sub(".", step_id)


def _round(definition: Definition, loop: LoopStep, number: int, item: Scalar) -> Iterator[Step]:
    """The loop may itself be one of a round: its patterns are found by the ids in the definition."""
    pattern, blocks = pattern_of(loop.id), {step.id: step for step in definition.steps}
    for step in definition.steps:
        if _loop_of(step, blocks) == pattern:
            yield _placed(step, loop, str(number), item)


def _loop_of(step: Step, blocks: dict[str, Step]) -> str:
    """Id of the innermost loop around a step of the definition, or ""."""
    while step.block:
        step = blocks[step.block]
        if isinstance(step, LoopStep):
            return step.id
    return ""


def _placed(step: Step, loop: LoopStep, number: str, item: Scalar) -> Step:
    """The pattern as a step of this round: ids within the round, and within the rounds around it, become those of real steps."""
    here = f"{loop.id}.{number}."
    around = [(pattern_of(here[: match.end()]), here[: match.end()]) for match in _NUMBER.finditer(here)]

    def moved(id_: str) -> str:
        pattern, place = next(((p, h) for p, h in reversed(around) if id_.startswith(p)), ("", ""))
        return place + id_.removeprefix(pattern)

    def inputs(parts: Input) -> Input:
        return tuple(replace(part, step=moved(part.step)) if isinstance(part, OutputRef) else part for part in parts)

    def mapping(given: dict[str, Input]) -> dict[str, Input]:
        return {name: inputs(parts) for name, parts in given.items()}

    direct = step.block == pattern_of(loop.id)
    placed = replace(
        step,
        id=moved(step.id),
        needs=tuple(map(moved, step.needs)),
        guard=step.guard and replace(step.guard, condition=moved(step.guard.condition)),
        block=loop.id if direct else moved(step.block),
        branch=number if direct else step.branch,
        item=item,
        parameters=step.parameters and mapping(step.parameters),
    )
    match placed:
        case ActionStep(inputs=given, compensate=undo):
            undo = undo and replace(undo, inputs=mapping(undo.inputs))
            return replace(placed, inputs=mapping(given), compensate=undo)
        case ApprovalStep(not_by=others):
            return replace(placed, not_by=tuple(map(moved, others)))
        case WaitStep(until=until) if until is not None:
            return replace(placed, until=inputs(until))
        case LoopStep(items=items):
            return replace(placed, items=tuple(map(inputs, items)))
        case _:
            return placed
