"""What a step may refer to, and how its inputs and conditions are read."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from core.tools import Tool, Toolbox, ValueType
from core.workflow.definition import Parameter, ParameterType, Step
from core.workflow.expressions import ANYTHING, ExpressionError, check, word
from core.workflow.source import Section, near
from core.workflow.steps.action import ActionStep
from core.workflow.steps.blocks import ParallelStep
from core.workflow.steps.common import (
    Constant,
    EventRef,
    Expression,
    Input,
    ItemRef,
    OnFailure,
    OutputRef,
    ParameterRef,
    Part,
    Scalar,
    When,
)
from core.workflow.steps.condition import RESULT, ConditionStep

PartReader = Callable[[str], tuple[Input, ValueType | str]]
"""Takes what stands within `${{ }}`; ValueError says what is wrong with it."""

_REFERENCE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_PARAMETER = re.compile(r"parameters\.([\w-]+)")
_OUTPUT = re.compile(r"steps\.([\w-]+)\.outputs\.([\w-]+)")
_EVENT = re.compile(r"event\.([\w-]+)")
_EVENT_NAME = re.compile(r"\bevent\.(\w+)")
_VALUE_TYPES = {
    ParameterType.STRING: ValueType.STRING,
    ParameterType.CHOICE: ValueType.STRING,
    ParameterType.SECRET: ValueType.STRING,
    ParameterType.NUMBER: ValueType.NUMBER,
    ParameterType.DURATION: ValueType.NUMBER,
    ParameterType.BOOLEAN: ValueType.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where in a definition a list of steps stands, and what is known there."""

    tools: Toolbox
    parameters: tuple[Parameter, ...]
    bound: dict[str, Input] | None = None
    """Of a sub-workflow: what its parameters come to in terms of the run."""
    prefix: str = ""
    block: str = ""
    branch: str = ""
    looped: bool = False
    """Within a loop: there is an `item`."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Ids by the names that steps here may use for those outside."""
    before: frozenset[str] = frozenset()
    """Ids of what is over when the first of the steps begins."""
    chain: tuple[str, ...] = ()
    """Workflows that this one is a part of."""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


@dataclass(frozen=True, slots=True)
class Reach:
    """What one step may refer to."""

    scope: Scope
    steps: Mapping[str, Step]
    """All that were read before, by id."""
    names: Mapping[str, str]
    """Ids by name: of the steps beside it and around it."""
    before: frozenset[str]
    """Ids of those that are over when it begins."""
    when: When | Expression | None = None
    """Its own condition: what is skipped under the same one is there when it is."""

    # --- inputs --------------------------------------------------------------------------------------

    def inputs(self, section: Section, tool: Tool | None, key: str = "with") -> dict[str, Input]:
        """The inputs for a tool, as its parameters want them."""
        written = section.section(key)
        inputs: dict[str, Input] = {}
        for name in written.names() if written else ():
            if written is not None and (value := written.scalar(name)) is not None:
                inputs[name] = self._input(written, name, value, tool)
        if tool is not None:
            missing = [name for name, parameter in tool.parameters.items() if parameter.required and name not in inputs]
            if missing:
                section.fault(key, f"lacks {', '.join(missing)} of {tool.name}")
        return inputs

    def _input(self, written: Section, name: str, value: Scalar, tool: Tool | None) -> Input:
        parts, type_ = self.parts(written, name, value)
        if tool is None or not parts:
            return parts
        expected = tool.parameters.get(name)
        if expected is None:
            written.fault(name, f"is no input of {tool.name}{near(name, tool.parameters)}")
        elif type_ not in (expected.type, ANYTHING):
            written.fault(name, f"must be a {expected.type}, and this is a {type_}")
        return parts

    def parts(self, section: Section, key: str, value: Scalar) -> tuple[Input, ValueType | str]:
        """A value with references, and its type; a fault where it cannot be read."""
        try:
            return compile_value(value, self._part)
        except ValueError as error:
            section.fault(key, str(error))
            return (), ValueType.STRING

    def _part(self, expression: str) -> tuple[Input, ValueType | str]:
        if match := _PARAMETER.fullmatch(expression):
            return self._parameter(match[1])
        if match := _OUTPUT.fullmatch(expression):
            return self._output(match[1], match[2])
        if expression == "item":
            if not self.scope.looped:
                raise ValueError("there is an item within a loop only")
            return (ItemRef(),), ANYTHING
        raise ValueError(f"{expression!r} is neither parameters.NAME nor steps.STEP.outputs.NAME")

    def _parameter(self, name: str) -> tuple[Input, ValueType]:
        parameter = self.scope.parameter(name)
        if parameter is None:
            raise ValueError(f"unknown parameter {name}{near(name, [p.name for p in self.scope.parameters])}")
        if not parameter.required and parameter.default is None:
            raise ValueError(f"parameter {name} may be absent: make it required or give it a default")
        parts: Input = (ParameterRef(name),) if self.scope.bound is None else self.scope.bound.get(name, ())
        return parts, _VALUE_TYPES[parameter.type]

    def _output(self, name: str, output: str) -> tuple[Input, ValueType]:
        step = self.steps.get(self.names.get(name, ""))
        if step is None or step.id not in self.before:
            raise ValueError(f"step {name} is not among the steps that this one needs")
        if reason := self._unreliable(step):
            raise ValueError(f"step {name} {reason}, and then has no outputs")
        outputs = self._outputs(step)
        if not outputs:
            raise ValueError(f"step {name} has no outputs")
        if output not in outputs:
            raise ValueError(f"step {name} gives no output {output}{near(output, outputs)}")
        return (OutputRef(step.id, output),), outputs[output]

    def _unreliable(self, step: Step) -> str:
        """Why a step that is over may have no outputs all the same, or ""."""
        if step.when is not None and step.when != self.when:
            return "may be skipped"
        if step.on_failure is OnFailure.CONTINUE:
            return "may have failed"
        around, mine = step, self._around()
        while around.block and around.block not in mine:
            around = self.steps[around.block]
            if around.when is not None or around.guard is not None:
                return "may be skipped"
            if isinstance(around, ParallelStep) and around.join < len(around.branches):
                return "may be called off"
        return ""

    def _around(self) -> frozenset[str]:
        """Ids of the blocks that the step stands in: where it is, they are."""
        found, block = [], self.scope.block
        while block:
            found.append(block)
            block = self.steps[block].block
        return frozenset(found)

    def _outputs(self, step: Step) -> Mapping[str, ValueType]:
        if isinstance(step, ConditionStep):
            return {RESULT: ValueType.BOOLEAN}
        if isinstance(step, ActionStep):
            tool = self.scope.tools.find(step.tool)
            return tool.outputs if tool else {}
        return {}

    # --- conditions ----------------------------------------------------------------------------------

    def condition(
        self, section: Section, key: str, names: Mapping[str, ValueType | str] | None = None
    ) -> Expression | None:
        """An expression of the Common Expression Language; `names` other than those of the step's surroundings."""
        text = section.text(key)
        if not text:
            return None
        try:
            check(text, self.known() if names is None else names)
        except ExpressionError as error:
            section.fault(key, f"{text!r}: {error.message}")
        return Expression(text)

    def known(self) -> dict[str, ValueType | str]:
        """The names that an expression here may use, with their types. Secrets are not among them: whether a step happens would
        tell them."""
        names: dict[str, ValueType | str] = {
            f"parameters.{word(parameter.name)}": _VALUE_TYPES[parameter.type]
            for parameter in self.scope.parameters
            if not parameter.secret and (parameter.required or parameter.default is not None)
        }
        if self.scope.looped:
            names["item"] = ANYTHING
        for name, id_ in self.names.items():
            step = self.steps.get(id_)
            if step is None or id_ not in self.before:
                continue
            names[f"steps.{word(name)}.state"] = ValueType.STRING
            if not self._unreliable(step):
                for output, type_ in self._outputs(step).items():
                    names[f"steps.{word(name)}.outputs.{word(output)}"] = type_
        return names


def compile_value(value: Scalar, part: PartReader) -> tuple[Input, ValueType | str]:
    """A written value as parts, and its type; `part` reads what stands in `${{ }}`. ValueError says what is wrong."""
    if isinstance(value, bool):
        return (Constant(value),), ValueType.BOOLEAN
    if not isinstance(value, str):
        return (Constant(value),), ValueType.NUMBER
    parts: list[Part] = []
    types: list[ValueType | str] = []
    for index, piece in enumerate(_REFERENCE.split(value)):
        if index % 2:
            found, type_ = part(piece.strip())
            parts += found
            types.append(type_)
        elif "${{" in piece:
            raise ValueError("has a ${{ without its }}")
        elif piece:
            parts.append(Constant(piece))
            types.append(ValueType.STRING)
    return tuple(parts) or (Constant(""),), types[0] if len(types) == 1 else ValueType.STRING


def event_names(text: str) -> dict[str, ValueType | str]:
    """The names that an expression over an event uses: what its fields are is known only when it comes."""
    return {f"event.{name}": ANYTHING for name in _EVENT_NAME.findall(text)}


def event_part(expression: str) -> tuple[Input, ValueType | str]:
    """`event.NAME`; ValueError for anything else."""
    match = _EVENT.fullmatch(expression)
    if match is None:
        raise ValueError(f"{expression!r} is not event.NAME")
    return (EventRef(match[1]),), ANYTHING


def parameter_part(parameters: Iterable[Parameter]) -> PartReader:
    """Reads `parameters.NAME` of these; ValueError for anything else."""
    known = {parameter.name: parameter for parameter in parameters}

    def read(expression: str) -> tuple[Input, ValueType | str]:
        match = _PARAMETER.fullmatch(expression)
        parameter = known.get(match[1]) if match else None
        if parameter is None:
            raise ValueError(f"{expression!r} is no parameter{near(expression, known)}")
        if parameter.secret:
            raise ValueError(f"{parameter.name} is secret")
        return (ParameterRef(parameter.name),), _VALUE_TYPES[parameter.type]

    return read
