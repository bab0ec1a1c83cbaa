"""Reads values out of parsed JSON, and names the path of what does not fit."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn

from core.cleaning import clean
from core.errors import UserInputError

MOST_ALERTS = 10_000
"""Of one request."""
MOST_LABELS = 100
"""Labels, or annotations, of one alert."""
MOST_TEXT = 2000
"""Characters of one value; what is longer is cut."""
_NEVER = 1
"""The year of Go's zero time, which stands for "not yet"."""
_FRACTION = re.compile(r"(\.\d{6})\d+")
"""Nanoseconds: more digits than times here have."""


def body_of(data: bytes) -> Mapping[str, object]:
    """The JSON object of a request. UserInputError when it is none."""
    try:
        value = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise UserInputError("The body is no JSON that can be read.") from None
    return mapping(value, "the body")


def mapping(value: object, path: str) -> Mapping[str, object]:
    """An object."""
    if not isinstance(value, dict):
        raise wrong(path, "an object", value)
    return value


def items(value: object, path: str) -> Sequence[object]:
    """A list of alerts."""
    if not isinstance(value, list):
        raise wrong(path, "a list", value)
    if len(value) > MOST_ALERTS:
        raise UserInputError(f"{path} holds {len(value)} alerts; at most {MOST_ALERTS} are taken at once.")
    return value


def text(value: object, path: str) -> str:
    """A text, "" for what is missing; cut where it is too long."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong(path, "a text", value)
    return clean(value)[:MOST_TEXT]


def needed(value: object, path: str) -> str:
    """A text that must be there."""
    found = text(value, path)
    if not found:
        raise UserInputError(f"{path} is missing or empty.")
    return found


def count(value: object, path: str) -> int:
    """A number of things; 0 for what is missing."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise wrong(path, "a whole number, not below 0", value)
    return value


def labels(value: object, path: str) -> dict[str, str]:
    """Names and texts; none for what is missing."""
    if value is None:
        return {}
    found = {text(name, path): text(one, f"{path}.{name}") for name, one in mapping(value, path).items()}
    if len(found) > MOST_LABELS:
        raise UserInputError(f"{path} has {len(found)} values; at most {MOST_LABELS} are taken.")
    return found


def instant(value: object, path: str) -> datetime | None:
    """A time as RFC 3339 text, or as seconds since the epoch; None for what is missing or "not yet"."""
    if value in (None, ""):
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            return _parsed(value)
    except (ValueError, OverflowError, OSError):
        pass
    raise UserInputError(
        f"{path} must be a time with its offset, such as 2026-03-02T09:00:00Z, or seconds since the epoch."
    )


def wrong(path: str, expected: str, value: object) -> UserInputError:
    """Why a value does not fit. The value itself may hold a secret: only its type is said."""
    return UserInputError(f"{path} must be {expected}, not {_TYPES.get(type(value), 'something else')}.")


def _parsed(value: str) -> datetime | None:
    moment = datetime.fromisoformat(_FRACTION.sub(r"\1", value))
    if moment.tzinfo is None:
        raise ValueError("a time without its offset")
    return None if moment.year == _NEVER else moment.astimezone(UTC)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


_TYPES: Mapping[type, str] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}
