"""How the parameters of a definition are read."""

import re
from dataclasses import replace

from core.workflow.definition import Parameter, ParameterType
from core.workflow.parameters import convert
from core.workflow.source import NAME, Section
from core.workflow.steps.common import Scalar, as_text


def read_parameters(section: Section | None) -> tuple[Parameter, ...]:
    """What a run takes; `section` maps names to what is said of them."""
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
    kind = ParameterType(written)
    parameter = Parameter(
        name=name,
        type=kind,
        required=section.boolean("required", default=False),
        default=section.scalar("default"),
        choices=section.texts("choices", required=written == ParameterType.CHOICE),
        pattern=_pattern(section),
        description=section.text("description"),
        secret=section.boolean("secret", default=False) or kind is ParameterType.SECRET,
    )
    section.close()
    if parameter.choices and parameter.type is not ParameterType.CHOICE:
        section.fault("choices", "belong to the type choice")
    if parameter.secret and isinstance(parameter.default, str) and parameter.default:
        section.fault("default", 'must be left out or "": a secret in a file stands in every history')
        return replace(parameter, default=None)
    return _with_default(section, parameter)


def _pattern(section: Section) -> str:
    pattern = section.text("pattern")
    try:
        re.compile(pattern)
    except re.error as error:
        section.fault("pattern", f"is no regular expression: {error}")
        return ""
    return pattern


def _with_default(section: Section, parameter: Parameter) -> Parameter:
    """With the default as a value of the parameter's type."""
    if parameter.default is None:
        return parameter
    try:
        value: Scalar = convert(parameter, as_text(parameter.default))
    except ValueError as error:
        section.fault("default", f"does not fit: {error}")
        return replace(parameter, default=None)
    if parameter.type is not ParameterType.DURATION and type(value) is not type(parameter.default):
        section.fault(
            "default", f"must be a {parameter.type}; write it {'in' if isinstance(value, str) else 'without'} quotes"
        )
    return replace(parameter, default=value)
