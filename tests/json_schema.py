"""As much of JSON Schema (draft 7) as the schema of workflow files uses. A word that it does not know is an error."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""Whatever JSON can hold."""

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
}
_SILENT = {"$schema", "title", "description", "definitions", "then"}


def faults(value: Value, schema: Mapping[str, Any], root: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """What is wrong with a value, each with where."""
    for word, wanted in schema.items():
        if word not in _SILENT:
            yield from _WORDS[word](value, wanted, schema, root, path)


def _fits(value: Value, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    return not any(True for _ in faults(value, schema, root))


def _type(value: Value, wanted: Value, _s: Value, _r: Value, path: str) -> Iterator[str]:
    if not any(_TYPES[kind](value) for kind in ([wanted] if isinstance(wanted, str) else wanted)):
        yield f"{path}: {value!r} is no {wanted}"


def _ref(value: Value, wanted: Value, _s: Value, root: Value, path: str) -> Iterator[str]:
    return faults(value, root["definitions"][wanted.removeprefix("#/definitions/")], root, path)


def _properties(value: Value, wanted: Value, _s: Value, root: Value, path: str) -> Iterator[str]:
    for name in value if isinstance(value, dict) else ():
        if name in wanted:
            yield from faults(value[name], wanted[name], root, f"{path}/{name}")


def _additional(value: Value, wanted: Value, schema: Value, root: Value, path: str) -> Iterator[str]:
    for name in value if isinstance(value, dict) else ():
        if name in schema.get("properties", ()):
            continue
        if wanted is False:
            yield f"{path}: unknown key {name}"
        else:
            yield from faults(value[name], wanted, root, f"{path}/{name}")


def _required(value: Value, wanted: Value, _s: Value, _r: Value, path: str) -> Iterator[str]:
    yield from (f"{path}: {name} is missing" for name in wanted if isinstance(value, dict) and name not in value)


def _items(value: Value, wanted: Value, _s: Value, root: Value, path: str) -> Iterator[str]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from faults(item, wanted, root, f"{path}/{index}")


def _names(value: Value, wanted: Value, _s: Value, root: Value, path: str) -> Iterator[str]:
    for name in value if isinstance(value, dict) else ():
        yield from faults(name, wanted, root, f"{path}/{name}")


def _all(value: Value, wanted: Value, _s: Value, root: Value, path: str) -> Iterator[str]:
    for one in wanted:
        yield from faults(value, one, root, path)


def _if(value: Value, wanted: Value, schema: Value, root: Value, path: str) -> Iterator[str]:
    if _fits(value, wanted, root):
        yield from faults(value, schema["then"], root, path)


def _holds(test: Callable[[Any, Any, Any], bool]) -> Callable[..., Iterator[str]]:
    def check(value: Value, wanted: Value, _schema: Value, root: Value, path: str) -> Iterator[str]:
        if not test(value, wanted, root):
            yield f"{path}: {value!r} does not fit {wanted}"

    return check


_WORDS: Mapping[str, Callable[..., Iterator[str]]] = {
    "type": _type,
    "$ref": _ref,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "propertyNames": _names,
    "allOf": _all,
    "if": _if,
    "anyOf": _holds(lambda value, wanted, root: any(_fits(value, one, root) for one in wanted)),
    "oneOf": _holds(lambda value, wanted, root: sum(_fits(value, one, root) for one in wanted) == 1),
    "enum": _holds(lambda value, wanted, _: value in wanted),
    "const": _holds(lambda value, wanted, _: value == wanted),
    "pattern": _holds(lambda value, wanted, _: not isinstance(value, str) or re.search(wanted, value) is not None),
    "minimum": _holds(lambda value, wanted, _: not _TYPES["number"](value) or value >= wanted),
    "maximum": _holds(lambda value, wanted, _: not _TYPES["number"](value) or value <= wanted),
    "minItems": _holds(lambda value, wanted, _: not isinstance(value, list) or len(value) >= wanted),
    "minProperties": _holds(lambda value, wanted, _: not isinstance(value, dict) or len(value) >= wanted),
}
