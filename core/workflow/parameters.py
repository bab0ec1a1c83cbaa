"""What people typed → the values of a run's parameters. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import process

from core.errors import UserInputError
from core.workflow.definition import Definition, Parameter, ParameterType
from core.workflow.durations import seconds
from core.workflow.steps.common import Scalar

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_LONGEST = 1000
"""Characters of one value."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a run that is to be started."""

    values: dict[str, Scalar]
    """Typed, defaults filled in, in the definition's order."""
    missing: tuple[str, ...] = ()
    """Required parameters that nobody gave; the run cannot start without them."""


def read(definition: Definition, given: Mapping[str, str]) -> Given:
    """Check and type what was given; UserInputError lists every fault. What is missing is no fault: it is reported apart, so
    that the caller can ask for it. An empty value counts as not given."""
    faults = [_unknown(definition, name) for name in given if definition.parameter(name) is None]
    values: dict[str, Scalar] = {}
    missing: list[str] = []
    for parameter in definition.parameters:
        text = given.get(parameter.name, "").strip()
        try:
            value = convert(parameter, text) if text else parameter.default
        except ValueError as error:
            faults.append(f"{parameter.name}: {'does not fit' if parameter.secret else error}")
            continue
        if value is not None:
            values[parameter.name] = value
        elif parameter.required:
            missing.append(parameter.name)
    if faults:
        raise UserInputError("\n".join(faults), hint=_usage(definition))
    return Given(values, tuple(missing))


def convert(parameter: Parameter, text: str) -> Scalar:
    """The value that `text` stands for; ValueError says what was expected."""
    if len(text) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    if "\x00" in text:
        raise ValueError("contains a null byte")
    match parameter.type:
        case ParameterType.NUMBER:
            return _number(text)
        case ParameterType.BOOLEAN:
            return _boolean(text)
        case ParameterType.CHOICE:
            return _choice(parameter, text)
        case ParameterType.DURATION:
            return _duration(text)
        case ParameterType.STRING | ParameterType.SECRET:
            if parameter.pattern and not re.fullmatch(parameter.pattern, text):
                raise ValueError(f"{text!r} does not match {parameter.pattern}")
            return text


def _number(text: str) -> int | float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is not a finite number")
    return int(number) if number.is_integer() else number


def _duration(text: str) -> int:
    value = seconds(text)
    if value is None:
        raise ValueError(f"{text!r} is no duration such as 90s, 30m, 24h or 2d (a year at most)")
    return value


def _boolean(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError(f"{text!r} is neither true nor false")


def _choice(parameter: Parameter, text: str) -> str:
    for choice in parameter.choices:
        if choice.lower() == text.lower():
            return choice
    near = process.extractOne(text.lower(), parameter.choices, score_cutoff=60)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise ValueError(f"{text!r} is none of {', '.join(parameter.choices)}{hint}")


def _unknown(definition: Definition, name: str) -> str:
    near = process.extractOne(name, [parameter.name for parameter in definition.parameters], score_cutoff=60)
    return f"{definition.name} takes no {name}" + (f"; did you mean {near[0]}?" if near else "")


def _usage(definition: Definition) -> str:
    names = [parameter.name if parameter.required else f"[{parameter.name}]" for parameter in definition.parameters]
    return f"{definition.name} takes: {', '.join(names) or 'nothing'}"
