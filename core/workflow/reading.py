"""YAML → `Definition`. Every fault of a file is found and told with its line; nothing is guessed."""

import re

from core.errors import DefinitionError
from core.tools import Toolbox
from core.workflow.definition import Definition, Parameter, ParameterType, Step
from core.workflow.parameters import convert
from core.workflow.reading_steps import ReadsStep, StepContext, read_action, read_approval
from core.workflow.source import Faults, Section, compose, near
from core.workflow.steps.common import Scalar, as_text

NAME = r"[a-z][a-z0-9_-]{0,39}"
VERSION = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?"
"""https://semver.org, a little loose in the parts after - and +."""
MAX_STEPS = 200

STEP_TYPES: dict[str, ReadsStep] = {"action": read_action, "approval": read_approval}
"""The explicit list of step types."""


def parse(text: str, file: str, tools: Toolbox) -> Definition:
    """Read one definition; DefinitionError lists every problem. `file` is the name to show."""
    faults = Faults(file)
    node = compose(text, faults)
    definition = _definition(Section(node, faults, "workflow"), tools) if node is not None else None
    if faults.problems or definition is None:
        raise DefinitionError(tuple(sorted(set(faults.problems), key=lambda problem: (problem.line, problem.reason))))
    return definition


def _definition(top: Section, tools: Toolbox) -> Definition:
    name = top.text("name", required=True, pattern=NAME)
    version = top.text("version", required=True, pattern=VERSION)
    title = top.text("title", required=True)
    description, roles = top.text("description"), top.texts("roles")
    parameters = _parameters(top.section("parameters"))
    steps = _steps(top, parameters, tools)
    top.close()
    return Definition(name, version, title, steps, description.strip(), parameters, roles)


# --- parameters ------------------------------------------------------------------------------------------


def _parameters(section: Section | None) -> tuple[Parameter, ...]:
    if section is None:
        return ()
    found = []
    for name in section.names():
        if not re.fullmatch(NAME, name):
            section.fault(name, f"is no name ({NAME})")
        one = section.section(name)
        if one is not None:
            found.append(_parameter(name, one))
    return tuple(found)


def _parameter(name: str, section: Section) -> Parameter:
    written = section.text("type", "string")
    if written not in list(ParameterType):
        section.fault("type", f"{written!r} is none of {', '.join(ParameterType)}")
        written = "string"
    parameter = Parameter(
        name=name,
        type=ParameterType(written),
        required=section.boolean("required", default=False),
        default=section.scalar("default"),
        choices=section.texts("choices", required=written == ParameterType.CHOICE),
        pattern=_pattern(section),
        description=section.text("description"),
        secret=section.boolean("secret", default=False),
    )
    section.close()
    if parameter.choices and parameter.type is not ParameterType.CHOICE:
        section.fault("choices", "belong to the type choice")
    _check_default(section, parameter)
    return parameter


def _pattern(section: Section) -> str:
    pattern = section.text("pattern")
    try:
        re.compile(pattern)
    except re.error as error:
        section.fault("pattern", f"is no regular expression: {error}")
        return ""
    return pattern


def _check_default(section: Section, parameter: Parameter) -> None:
    if parameter.default is None:
        return
    try:
        value: Scalar = convert(parameter, as_text(parameter.default))
    except ValueError as error:
        section.fault("default", f"does not fit: {error}")
        return
    if type(value) is not type(parameter.default):
        section.fault(
            "default", f"must be a {parameter.type}; write it {'in' if isinstance(value, str) else 'without'} quotes"
        )


# --- steps -----------------------------------------------------------------------------------------------


def _steps(top: Section, parameters: tuple[Parameter, ...], tools: Toolbox) -> tuple[Step, ...]:
    sections = top.sections("steps", "step")
    if len(sections) > MAX_STEPS:
        top.fault("steps", f"are more than {MAX_STEPS}")
        return ()
    by_id: dict[str, Section] = {}
    needs: dict[str, tuple[str, ...]] = {}
    previous: tuple[str, ...] = ()
    for section in sections:
        step_id = section.text("id", required=True, pattern=NAME)
        section.what = f"step {step_id}".rstrip()
        if step_id in by_id:
            section.fault("id", "is there twice")
            continue
        by_id[step_id] = section
        needs[step_id] = section.texts("needs") if section.has("needs") else previous
        previous = (step_id,)
    order = _order(by_id, needs)
    context = StepContext(parameters, tools, {})
    for step_id in order:
        _read_step(step_id, by_id[step_id], needs[step_id], context)
    return tuple(context.steps.values())


def _read_step(step_id: str, section: Section, needs: tuple[str, ...], context: StepContext) -> None:
    section.texts("needs")
    kind = section.text("type", required=True)
    if kind not in STEP_TYPES:
        if kind:
            section.fault("type", f"{kind!r} is none of {', '.join(STEP_TYPES)}{near(kind, STEP_TYPES)}")
        return
    context.steps[step_id] = STEP_TYPES[kind](step_id, needs, section, context)
    section.close()


def _order(by_id: dict[str, Section], needs: dict[str, tuple[str, ...]]) -> list[str]:
    """Ids with every step after those it needs, otherwise as written. Faults: unknown needs, and cycles by their path."""
    for step_id, section in by_id.items():
        for need in needs[step_id]:
            if need not in by_id:
                section.fault("needs", f"an unknown step {need}{near(need, by_id)}")
    ordered: dict[str, None] = {}
    while len(ordered) < len(by_id):
        free = [s for s in by_id if s not in ordered and all(n in ordered or n not in by_id for n in needs[s])]
        if not free:
            path = _cycle({s: needs[s] for s in by_id if s not in ordered})
            by_id[path[0]].fault("needs", f"go in a circle: {' → '.join(path)}")
            break
        ordered[free[0]] = None
    return list(ordered)


def _cycle(left: dict[str, tuple[str, ...]]) -> list[str]:
    """The path of one circle, its first step again at the end. Each step in `left` needs another one in it."""
    path = [next(iter(left))]
    while True:
        step = next(need for need in left[path[-1]] if need in left)
        if step in path:
            return [*path[path.index(step) :], step]
        path.append(step)
