"""Reads fields of Slack's payloads. What is missing or of another type is malformed, never guessed."""

import math
import re
from typing import Any

Json = dict[str, Any]

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Malformed(Exception):
    """A payload is not what Slack documents; the text says which field."""


def record(found: object, name: str) -> Json:
    """The object in this field."""
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, dict):
        raise Malformed(name)
    return value


def text(found: Json, name: str) -> str:
    """The string in this field, not empty."""
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(name)
    return storable(value)


def maybe(found: Json, name: str) -> str:
    """The string in this field, "" when there is none."""
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed(name)
    return storable(value or "")


def seconds(found: Json, name: str) -> float:
    """The time in this field: Slack writes message times as strings."""
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Malformed(name)
    try:
        moment = float(value)
    except (ValueError, OverflowError):
        raise Malformed(name) from None
    if not math.isfinite(moment):
        raise Malformed(name)
    return moment


def storable(value: str) -> str:
    """The string without what neither JSON nor a database keeps: lone surrogates and null bytes."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
