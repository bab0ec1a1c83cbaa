"""Conditions in the Common Expression Language (https://cel.dev): compiled against the names and types that a step may use when
a definition is read, evaluated on plain values when a run gets there. Pure; CEL is imported when the first expression is met."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from core.errors import UserInputError
from core.tools import ValueType
from core.workflow.steps.common import Scalar

if TYPE_CHECKING:
    from cel_expr_python import cel

MAX_LENGTH = 1000
"""Characters of an expression."""
ANYTHING = "any"
"""The type of what is known only when it comes, such as the fields of an event."""

_PLACE = re.compile(r"ERROR: <input>:1:(\d+): ([^\n]*)")
_OVERLOAD = re.compile(r"found no matching overload for '_?([^']*?)_?' applied to '\(([^']*)\)'")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_SYNTAX = re.compile(r"Syntax error: .*?'(.*?)'(?: expecting|$)")


class ExpressionError(UserInputError):
    """The expression cannot be read, does not fit the types of what it names, or has no value."""


def word(name: str) -> str:
    """A name as expressions write it: `health-check` is `health_check`, for a hyphen subtracts."""
    return name.replace("-", "_")


def check(text: str, names: Mapping[str, ValueType | str]) -> None:
    """ExpressionError unless this is a condition over these names (`parameters.environment`, `steps.verify.outputs.ok`)."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"is longer than {MAX_LENGTH} characters")
    compiled = _compile(text, _signature(names))
    returned = str(compiled.return_type())
    if returned not in ("BOOL", "DYN"):
        raise ExpressionError(f"must be true or false, and this is a {returned.lower()}")


def holds(text: str, names: Mapping[str, ValueType | str], values: Mapping[str, object]) -> bool:
    """The value of a condition; `values` by the same names. ExpressionError when it has none, for instance because a name has
    no value yet."""
    compiled = _compile(text, _signature(names))
    result = compiled.eval(data={name: _number(value) for name, value in values.items() if name in names})
    value = result.plain_value()
    if isinstance(value, bool):
        return value
    raise ExpressionError(f"{text!r} has no value: {_reason(str(value))}")


def type_of(value: Scalar) -> ValueType:
    """The type of a value at hand."""
    if isinstance(value, bool):
        return ValueType.BOOLEAN
    return ValueType.STRING if isinstance(value, str) else ValueType.NUMBER


def _number(value: object) -> object:
    """All numbers are doubles: `2.0`, so that a parameter does not change its type with its value."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _signature(names: Mapping[str, ValueType | str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(type_)) for name, type_ in names.items()))


@lru_cache(maxsize=512)
def _compile(text: str, names: tuple[tuple[str, str], ...]) -> "cel.Expression":
    try:
        return _environment(names).compile(text)
    except RuntimeError as error:
        raise ExpressionError(_reason(str(error))) from None


@lru_cache(maxsize=128)
def _environment(names: tuple[tuple[str, str], ...]) -> "cel.Env":
    from cel_expr_python import cel

    types = {
        ValueType.STRING.value: cel.Type.STRING,
        ValueType.NUMBER.value: cel.Type.DOUBLE,
        ValueType.BOOLEAN.value: cel.Type.BOOL,
        ANYTHING: cel.Type.DYN,
    }
    return cel.NewEnv(variables={name: types[type_] for name, type_ in names})


def _reason(said: str) -> str:
    """What the library says, in words of ours: its own have the place in C++'s form and operators as `_>_`."""
    found = _PLACE.search(said)
    if found is None:
        return said.splitlines()[0][:200] if said else "it is empty"
    place, message = found[1], found[2].split(" (in container")[0]
    if unknown := _UNDECLARED.search(message):
        return f"{unknown[1]} is unknown (character {place})"
    if overload := _OVERLOAD.search(message):
        hint = "; write numbers with a point: 2.0" if "int" in overload[2] and "double" in overload[2] else ""
        return f"{overload[1]} does not go with {overload[2]} (character {place}){hint}"
    if fault := _SYNTAX.search(message):
        what = "it ends too early" if fault[1] == "<EOF>" else f"{fault[1].strip()!r} does not belong there"
        return f"{what} (character {place})"
    return f"{message[:160]} (character {place})"
