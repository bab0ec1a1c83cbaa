"""What the inputs and the conditions of a step come to in a run as it stands. Pure."""

from collections.abc import Iterator, Mapping

from core.errors import UpstreamProtocolError
from core.tools import ValueType
from core.workflow.definition import Definition, Step
from core.workflow.expressions import ExpressionError, holds, type_of, word
from core.workflow.rounds import split
from core.workflow.run import Run, undone
from core.workflow.steps.blocks import LoopStep
from core.workflow.steps.common import (
    Constant,
    EventRef,
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

ITEM = "item"


def inputs(run: Run, step: Step, given: Mapping[str, Input]) -> dict[str, Scalar]:
    """The values that a tool is called with; UpstreamProtocolError when an earlier tool kept back an output."""
    return {name: join(run, step, parts) for name, parts in given.items()}


def join(run: Run, step: Step, parts: Input) -> Scalar:
    """One input: a single part keeps its type, several are joined as text."""
    values = [_value(run, step, part) for part in parts]
    return values[0] if len(values) == 1 else "".join(map(as_text, values))


def items(run: Run, loop: LoopStep) -> tuple[Scalar, ...]:
    """What a loop goes over."""
    return split([join(run, loop, parts) for parts in loop.items])


def applies(run: Run, step: Step, condition: When | Expression) -> bool:
    """Whether a condition holds for a step; ExpressionError when it has no value."""
    if isinstance(condition, When):
        return condition.holds(_parameters(run, step))
    return evaluate(condition, dict(_named(run, step, condition.text)))


def matches(condition: Expression, fields: Mapping[str, Scalar]) -> bool:
    """Whether an event is one that is meant: its fields are `event.NAME`. A field that it lacks makes it none."""
    try:
        return evaluate(condition, {f"event.{word(name)}": value for name, value in asked(condition, fields).items()})
    except ExpressionError:
        return False


def asked(condition: Expression | None, fields: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Of the fields of an event, which may be many, those that a condition names."""
    text = condition.text if condition else ""
    return {name: value for name, value in fields.items() if f"event.{word(name)}" in text}


def outputs_hold(condition: Expression, outputs: Mapping[str, Scalar]) -> bool:
    """Whether a tool's answer will do: what it gave is `outputs.NAME`. ExpressionError when one that is named is missing."""
    return evaluate(condition, {f"outputs.{word(name)}": value for name, value in outputs.items()})


def slot_of(definition: Definition, parameters: Mapping[str, Scalar]) -> str:
    """What a run's concurrency limit counts by; "" without a limit."""
    if definition.concurrency is None:
        return ""
    parts = definition.concurrency.key
    values = [
        as_text(parameters.get(part.name, "") if isinstance(part, ParameterRef) else part.value)
        for part in parts
        if isinstance(part, Constant | ParameterRef)
    ]
    return f"{definition.name}:{''.join(values)}"


def evaluate(expression: Expression, values: Mapping[str, Scalar]) -> bool:
    """Whether it holds over these values by name; ExpressionError when one that it names is missing."""
    names: dict[str, ValueType | str] = {name: type_of(value) for name, value in values.items()}
    return holds(expression.text, names, values)


def scopes(step_id: str) -> list[str]:
    """What ids begin with that a step may name without it: its own round or sub-workflow first, the run as a whole last."""
    parts = step_id.split(".")[:-1]
    return [".".join([*parts[:count], ""]) for count in range(len(parts), -1, -1)]


def _named(run: Run, step: Step, text: str) -> Iterator[tuple[str, Scalar]]:
    """The values that an expression of the step may use, of those that it mentions."""
    if ITEM in text and step.item is not None:
        yield ITEM, step.item
    for name, value in _parameters(run, step).items():
        if (path := f"parameters.{word(name)}") in text:
            yield path, value
    seen: set[str] = set()
    for scope in scopes(step.id):
        for id_, record in run.steps.items():
            name = word(id_.removeprefix(scope))
            path = f"steps.{name}."
            if not id_.startswith(scope) or "." in name or name in seen or path not in text:
                continue
            seen.add(name)
            yield f"{path}state", record.state.value
            yield from ((f"{path}outputs.{word(output)}", value) for output, value in record.outputs.items())


def _parameters(run: Run, step: Step) -> Mapping[str, Scalar]:
    return run.parameters if step.parameters is None else inputs(run, step, step.parameters)


def _loop_around(run: Run, step: Step, outer: int) -> Step:
    """The step itself, or the loop so many loops further out: that is at an item of the one around it."""
    for _ in range(outer):
        step = run.nodes[step.block]
        while not isinstance(step, LoopStep):
            step = run.nodes[step.block]
    return step


def _value(run: Run, step: Step, part: Part) -> Scalar:
    match part:
        case Constant(value=value):
            return value
        case ParameterRef(name=name):
            return run.parameters.get(name, "")
        case ItemRef(outer=outer):
            item = _loop_around(run, run.nodes[undone(step.id)], outer).item
            return "" if item is None else item
        case OutputRef(step=source, name=name):
            outputs = run.steps[source].outputs
            if name not in outputs:
                raise UpstreamProtocolError(source, f"Step {source} gave no output {name}.")
            return outputs[name]
        case EventRef():
            raise ValueError("a step has no event")
