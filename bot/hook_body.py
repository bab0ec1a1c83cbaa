"""The body of a webhook → the fields of an event: flat, bounded, fit for every database. Pure."""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from core.cleaning import clean
from core.errors import UserInputError
from core.workflow.steps.common import Scalar

MOST_FIELDS = 1000
MOST_DEPTH = 10
MOST_TEXT = 1000
"""Characters of one value; what is longer is cut."""
_MOST_NAME = 200
_LARGEST = 2**53
"""Whole numbers beyond it lose digits as numbers of expressions; they become texts."""
_ODD = re.compile(r"\W+", re.ASCII)


def fields_of(body: bytes) -> dict[str, Scalar]:
    """The values of a JSON object by name: `{"build": {"branch": "main"}}` has `build_branch`, of a list `tags_0`, `tags_1`. What
    is null is left out; of two that come to the same name the first one stays. UserInputError says what is wrong."""
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise UserInputError("The body is no JSON that can be read.") from None
    if not isinstance(value, dict):
        raise UserInputError("The body must be a JSON object.")
    fields: dict[str, Scalar] = {}
    for name, scalar in _flat(value, "", 1):
        fields.setdefault(name[:_MOST_NAME], scalar)
        if len(fields) > MOST_FIELDS:
            raise UserInputError(f"The body has more than {MOST_FIELDS} values.")
    return fields


def _flat(value: dict[str, Any] | list[Any], within: str, depth: int) -> Iterator[tuple[str, Scalar]]:
    if depth > MOST_DEPTH:
        raise UserInputError(f"The body is nested deeper than {MOST_DEPTH} levels.")
    named = value.items() if isinstance(value, dict) else ((str(index), inner) for index, inner in enumerate(value))
    for key, inner in named:
        name = f"{within}_{_ODD.sub('_', key)}" if within else _ODD.sub("_", key)
        if isinstance(inner, dict | list):
            yield from _flat(inner, name, depth + 1)
        elif inner is not None:
            yield name, _scalar(inner)


def _scalar(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return clean(value)[:MOST_TEXT]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST:
        return str(value)[:MOST_TEXT]
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
