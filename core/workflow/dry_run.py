"""What a run would do, step by step, without one being started. Pure: what is decided only under way stays open, and what the
services would answer is not asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.redaction import redact
from core.workflow.definition import MASK, Block, Definition, Step, shown
from core.workflow.expressions import ExpressionError, word
from core.workflow.rounds import split
from core.workflow.steps.action import ActionStep
from core.workflow.steps.blocks import LoopStep
from core.workflow.steps.common import (
    Constant,
    Expression,
    Input,
    ItemRef,
    OutputRef,
    ParameterRef,
    Part,
    Scalar,
    When,
    as_text,
)
from core.workflow.steps.condition import ConditionStep
from core.workflow.steps.wait import WaitStep
from core.workflow.values import ITEM, evaluate


class Outlook(StrEnum):
    """What is to be expected of a step."""

    HAPPENS = "happens"
    SKIPPED = "skipped"
    OPEN = "open"
    """It is decided under way: by what an earlier step gives, by a secret, or by what was not said yet."""
    FAILS = "fails"
    """Its condition has no value with these parameters."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One step as it would go."""

    step: Step
    depth: int
    """Blocks around it."""
    outlook: Outlook
    why: str = ""
    """Of FAILS: what is wrong."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Of an action: secrets masked; `‹check.url›` stands for what a step will give, `‹service›` for what was not said."""
    result: bool | None = None
    """Of a condition: what it comes to, None when that is decided under way."""
    until: str = ""
    """Of a wait for a time."""
    items: tuple[str, ...] | None = None
    """Of a loop: what it goes over, None when that is decided under way."""
    only: tuple[str, ...] = ()
    """Of a step in a loop: the items for which it happens, where it does not for all."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """A plan as people look at it before they start it."""

    definition: Definition
    parameters: Mapping[str, str]
    """As they are shown: secrets masked."""
    environment: str
    steps: tuple[Foreseen, ...]
    """In the definition's order, what is within a block after it. Of a loop the steps of one round."""


def foresee(definition: Definition, values: Mapping[str, Scalar]) -> DryRun:
    """The dry run of a workflow with these parameters, as `core.workflow.parameters.read` gives them; what is missing stays open."""
    steps = tuple(_Foresight(definition, values).steps())
    masked = {name: MASK if _is_secret(definition, name, value) else value for name, value in values.items()}
    environment = as_text(values.get("environment", ""))
    return DryRun(definition, shown(definition, masked), environment, steps)


def _is_secret(definition: Definition, name: str, value: Scalar) -> bool:
    """As `core.workflow.sealing` sees it."""
    parameter = definition.parameter(name)
    return bool(parameter and parameter.secret) or (isinstance(value, str) and redact(value) != value)


class _Foresight:
    """Walks over a definition; knows the parameters, and what the conditions before came to."""

    def __init__(self, definition: Definition, values: Mapping[str, Scalar]) -> None:
        self._definition = definition
        self._known = {n: value for n, value in values.items() if not _is_secret(definition, n, value)}
        """A secret decides nothing here: what it would decide tells of it."""
        self._shown = {n: MASK for n in values if n not in self._known} | {
            n: as_text(v) for n, v in self._known.items()
        }
        self._unsaid = {p.name for p in definition.parameters if p.name not in self._known and self._decides(p.name)}
        self._results: dict[str, bool | None] = {}
        self._skipped: set[str] = set()

    def _decides(self, name: str) -> bool:
        """Whether the parameter may still get a value: it is missing, or a secret. An optional one that was left out stays so."""
        parameter = self._definition.parameter(name)
        return name in self._shown or bool(parameter and parameter.required)

    def steps(self, block: str = "", depth: int = 0, items: tuple[Scalar, ...] | None = None) -> Iterator[Foreseen]:
        """Those directly within a block, each followed by what is within it. `items`: of the loop that they are a round of."""
        for step in self._definition.steps:
            if step.block != block:
                continue
            foreseen = self._foreseen(step, depth, items)
            yield foreseen
            if foreseen.outlook is Outlook.SKIPPED:
                self._skipped.add(step.id)
            elif isinstance(step, Block):
                yield from self.steps(step.id, depth + 1, self._items(step) if isinstance(step, LoopStep) else items)

    def _foreseen(self, step: Step, depth: int, items: tuple[Scalar, ...] | None) -> Foreseen:
        outlook, why = self._outlook(step, None)
        found = Foreseen(step, depth, outlook, why)
        if outlook is Outlook.OPEN and items:
            by_item = {as_text(item): self._outlook(step, item) for item in items}
            if len(set(by_item.values())) == 1:
                outlook, why = next(iter(by_item.values()))
                found = replace(found, outlook=outlook, why=why)
            elif all(one is not Outlook.OPEN for one, _ in by_item.values()):
                found = replace(found, only=tuple(i for i, (one, _) in by_item.items() if one is Outlook.HAPPENS))
        match step:
            case ActionStep(inputs=inputs):
                return replace(found, inputs={name: self._text(parts) for name, parts in inputs.items()})
            case ConditionStep(expression=expression):
                return self._concluded(found, self._holds(step, expression, None))
            case WaitStep(until=until) if until is not None:
                return replace(found, until=self._text(until))
            case LoopStep():
                over = self._items(step)
                return found if over is None else replace(found, items=tuple(map(as_text, over)))
            case _:
                return found

    def _concluded(self, condition: Foreseen, holds: bool | str | None) -> Foreseen:
        """A condition with what it comes to; what is guarded by it is told by that only if it certainly happens."""
        if condition.outlook is not Outlook.HAPPENS:
            return condition
        if isinstance(holds, str):
            return replace(condition, outlook=Outlook.FAILS, why=holds)
        self._results[condition.step.id] = holds
        return replace(condition, result=holds)

    # --- conditions --------------------------------------------------------------------------------------

    def _outlook(self, step: Step, item: Scalar | None) -> tuple[Outlook, str]:
        """What its guard and its condition say, and why it fails."""
        open_ = False
        if step.guard is not None:
            if step.guard.condition in self._skipped:
                return Outlook.SKIPPED, ""
            result = self._results.get(step.guard.condition)
            if result is not None and result is not step.guard.result:
                return Outlook.SKIPPED, ""
            open_ = result is None
        holds = True if step.when is None else self._holds(step, step.when, item)
        if holds is False:
            return Outlook.SKIPPED, ""
        if isinstance(holds, str):
            return (Outlook.OPEN, "") if open_ else (Outlook.FAILS, holds)
        return (Outlook.OPEN if open_ or holds is None else Outlook.HAPPENS), ""

    def _holds(self, step: Step, condition: When | Expression, item: Scalar | None) -> bool | str | None:
        """Whether it does, None when that is decided under way; a text says why it has no value."""
        parameters = self._parameters(step)
        if isinstance(condition, When):
            unsaid = condition.parameter not in parameters and self._may_come(step, condition.parameter)
            return None if unsaid else condition.holds(parameters)
        text = condition.text
        names = {f"parameters.{word(name)}": value for name, value in parameters.items()}
        named = {path: value for path, value in names.items() if path in text}
        if item is not None and ITEM in text:
            named[ITEM] = item
        try:
            return evaluate(condition, named)
        except ExpressionError as error:
            later = "steps." in text or (item is None and ITEM in text)
            unsaid = any(
                f"parameters.{word(name)}" in text and self._may_come(step, name) for name in self._names(step)
            )
            return None if later or unsaid else error.message

    def _parameters(self, step: Step) -> Mapping[str, Scalar]:
        """What the step's conditions know as parameters, as far as it is known now."""
        if step.parameters is None:
            return self._known
        found = {name: self._value(parts) for name, parts in step.parameters.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _names(self, step: Step) -> Iterator[str]:
        yield from self._unsaid if step.parameters is None else step.parameters

    def _may_come(self, step: Step, name: str) -> bool:
        return name in self._unsaid if step.parameters is None else name in step.parameters

    # --- values ------------------------------------------------------------------------------------------

    def _items(self, loop: LoopStep) -> tuple[Scalar, ...] | None:
        values = [self._value(parts) for parts in loop.items]
        known = [value for value in values if value is not None]
        return split(known) if len(known) == len(values) else None

    def _value(self, parts: Input) -> Scalar | None:
        """The value, None when it is not known now."""
        values = [self._part(part) for part in parts]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        return known[0] if len(known) == 1 else "".join(map(as_text, known))

    def _part(self, part: Part) -> Scalar | None:
        match part:
            case Constant(value=value):
                return value
            case ParameterRef(name=name):
                return None if name in self._unsaid else self._known.get(name, "")
            case _:
                return None

    def _text(self, parts: Input) -> str:
        return "".join(map(self._shown_part, parts))

    def _shown_part(self, part: Part) -> str:
        match part:
            case Constant(value=value):
                return redact(as_text(value))
            case ParameterRef(name=name):
                return self._shown.get(name, f"‹{name}›" if name in self._unsaid else "")
            case OutputRef(step=step, name=name):
                return f"‹{step}.{name}›"
            case ItemRef():
                return "‹item›"
            case _:
                return ""
