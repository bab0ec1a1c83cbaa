"""How each step type is read from its YAML section."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.tools import Risk, Tool, Toolbox, ValueType
from core.workflow.definition import Parameter, ParameterType, Step
from core.workflow.source import Section, near
from core.workflow.steps.action import ActionStep, Retry
from core.workflow.steps.approval import ApprovalStep, Quorum
from core.workflow.steps.common import Constant, Input, OutputRef, ParameterRef, Part, Scalar, When

_REFERENCE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_PARAMETER = re.compile(r"parameters\.([\w-]+)")
_OUTPUT = re.compile(r"steps\.([\w-]+)\.outputs\.([\w-]+)")
_VALUE_TYPES = {
    ParameterType.STRING: ValueType.STRING,
    ParameterType.CHOICE: ValueType.STRING,
    ParameterType.NUMBER: ValueType.NUMBER,
    ParameterType.BOOLEAN: ValueType.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class StepContext:
    """What is known when a step is read."""

    parameters: tuple[Parameter, ...]
    tools: Toolbox
    steps: dict[str, Step]
    """Those read before; every step that this one may need is among them unless it was faulty."""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def before(self, needs: Iterable[str]) -> frozenset[str]:
        """The needs, theirs, and so on."""
        found: set[str] = set()
        todo = list(needs)
        while todo:
            step = todo.pop()
            if step not in found:
                found.add(step)
                todo += self.steps[step].needs if step in self.steps else ()
        return frozenset(found)


ReadsStep = Callable[[str, tuple[str, ...], Section, StepContext], Step]


def read_approval(step_id: str, needs: tuple[str, ...], section: Section, context: StepContext) -> ApprovalStep:
    """Read a step of the type `approval`."""
    environments = section.section("environments")
    named = {name: environments.section(name) for name in environments.names()} if environments else {}
    expires = section.duration("expires_after", 24 * 3600.0)
    step = ApprovalStep(
        id=step_id,
        title=section.text("title", step_id),
        quorum=_quorum(section),
        environments={name: _quorum(one, close=True) for name, one in named.items() if one},
        expires_after_seconds=expires,
        escalate_to=section.texts("escalate_to"),
        escalate_after_seconds=section.duration("escalate_after", expires * 0.75),
        self_approval=section.boolean("self_approval", default=False),
        channel=section.text("channel", "approvals"),
        needs=needs,
        when=_when(section, context),
    )
    if step.escalate_after_seconds >= expires:
        section.fault("escalate_after", "must be shorter than expires_after")
    return step


def read_action(step_id: str, needs: tuple[str, ...], section: Section, context: StepContext) -> ActionStep:
    """Read a step of the type `action`."""
    name = section.text("tool", required=True)
    tool = context.tools.find(name)
    if tool is None and name:
        section.fault("tool", f"{name} is unknown{near(name, context.tools.names())}")
    when = _when(section, context)
    return ActionStep(
        id=step_id,
        title=section.text("title", step_id),
        tool=name,
        risk=tool.risk if tool else Risk.READ,
        inputs=_inputs(section.section("with"), section, tool, _References(context, context.before(needs), when)),
        needs=needs,
        when=when,
        retry=_retry(section.section("retries")),
        time_limit_seconds=section.duration("time_limit", 300.0),
    )


def _quorum(section: Section, *, close: bool = False) -> Quorum:
    quorum = Quorum(section.texts("roles", required=True), section.integer("needed", 1, least=1, most=20))
    if close:
        section.close()
    return quorum


def _retry(section: Section | None) -> Retry:
    if section is None:
        return Retry()
    retry = Retry(section.integer("count", 0, least=0, most=20), section.duration("backoff", 2.0))
    section.close()
    return retry


def _when(section: Section, context: StepContext) -> When | None:
    inner = section.section("when")
    if inner is None:
        return None
    when = When(inner.text("parameter", required=True), inner.texts("in", required=True))
    inner.close()
    parameter = context.parameter(when.parameter)
    if parameter is None:
        inner.fault(
            "parameter", f"{when.parameter} is unknown{near(when.parameter, [p.name for p in context.parameters])}"
        )
    elif parameter.secret:
        inner.fault("parameter", f"{when.parameter} is secret, and whether the step happens would tell it")
    elif parameter.choices and not set(when.values) <= set(parameter.choices):
        inner.fault("in", f"has values that {parameter.name} cannot take: {', '.join(parameter.choices)}")
    return when


# --- inputs ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _References:
    """What an input may refer to."""

    context: StepContext
    before: frozenset[str]
    when: When | None

    def part(self, expression: str) -> tuple[Part, ValueType]:
        """The reference and the type of its value; ValueError says what is wrong."""
        if match := _PARAMETER.fullmatch(expression):
            return self._parameter(match[1])
        if match := _OUTPUT.fullmatch(expression):
            return self._output(match[1], match[2])
        raise ValueError(f"{expression!r} is neither parameters.NAME nor steps.STEP.outputs.NAME")

    def _parameter(self, name: str) -> tuple[Part, ValueType]:
        parameter = self.context.parameter(name)
        if parameter is None:
            raise ValueError(f"unknown parameter {name}{near(name, [p.name for p in self.context.parameters])}")
        if not parameter.required and parameter.default is None:
            raise ValueError(f"parameter {name} may be absent: make it required or give it a default")
        return ParameterRef(name), _VALUE_TYPES[parameter.type]

    def _output(self, step_id: str, name: str) -> tuple[Part, ValueType]:
        step = self.context.steps.get(step_id)
        if step_id not in self.before:
            raise ValueError(f"step {step_id} is not among the steps that this one needs")
        if not isinstance(step, ActionStep):
            raise ValueError(f"step {step_id} has no outputs")
        if step.when is not None and step.when != self.when:
            raise ValueError(f"step {step_id} may be skipped, and then has no outputs")
        tool = self.context.tools.find(step.tool)
        outputs = tool.outputs if tool else {}
        if tool and name not in outputs:
            raise ValueError(f"{step.tool} gives no output {name}{near(name, outputs)}")
        return OutputRef(step_id, name), outputs.get(name, ValueType.STRING)


def _inputs(written: Section | None, section: Section, tool: Tool | None, references: _References) -> dict[str, Input]:
    inputs: dict[str, Input] = {}
    for name in written.names() if written else ():
        if written is not None and (value := written.scalar(name)) is not None:
            inputs[name] = _input(written, name, value, tool, references)
    if tool is not None:
        missing = [name for name, parameter in tool.parameters.items() if parameter.required and name not in inputs]
        if missing:
            section.fault("with", f"lacks {', '.join(missing)} of {tool.name}")
    return inputs


def _input(written: Section, name: str, value: Scalar, tool: Tool | None, references: _References) -> Input:
    try:
        parts, type_ = _compile(value, references)
    except ValueError as error:
        written.fault(name, str(error))
        return ()
    if tool is None:
        return parts
    expected = tool.parameters.get(name)
    if expected is None:
        written.fault(name, f"is no input of {tool.name}{near(name, tool.parameters)}")
    elif expected.type is not type_:
        written.fault(name, f"must be a {expected.type}, and this is a {type_}")
    return parts


def _compile(value: Scalar, references: _References) -> tuple[Input, ValueType]:
    if isinstance(value, bool):
        return (Constant(value),), ValueType.BOOLEAN
    if not isinstance(value, str):
        return (Constant(value),), ValueType.NUMBER
    parts: list[Part] = []
    types: list[ValueType] = []
    for index, piece in enumerate(_REFERENCE.split(value)):
        if index % 2:
            part, type_ = references.part(piece.strip())
            parts.append(part)
            types.append(type_)
        elif "${{" in piece:
            raise ValueError("has a ${{ without its }}")
        elif piece:
            parts.append(Constant(piece))
            types.append(ValueType.STRING)
    return tuple(parts) or (Constant(""),), types[0] if len(types) == 1 else ValueType.STRING
