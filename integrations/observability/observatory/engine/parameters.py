"""What the service reads from a request before its handlers see it, and the ways in which it refuses."""

import math
import re
from collections.abc import Mapping
from datetime import datetime

from integrations.observability.observatory.engine.calls import SECOND


class Unparsable(ValueError):
    """A query string of another shape than the service's types: 400, in plain text."""


class Undecodable(ValueError):
    """JSON of another shape than the service's types: 422, in plain text."""


class BadRequest(ValueError):
    """What a handler refuses: 400, in the shape of its route."""


class NotFound(ValueError):
    """404, in the shape of its route."""


class Forbidden(ValueError):
    """403, in the shape of its route."""


class Parameters:
    """Of one query string."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = query

    def text(self, name: str, default: str | None = None) -> str:
        """ "" where it is not given. `default`: None where it must be given."""
        if name in self._query:
            return self._query[name]
        if default is None:
            raise Unparsable(f"Failed to deserialize query string: missing field `{name}`")
        return default

    def moment(self, name: str, default: int | None) -> int:
        """Nanoseconds since the epoch."""
        if name not in self._query and default is not None:
            return default
        try:
            return nanoseconds(self.text(name))
        except Unparsable:
            raise
        except ValueError as error:
            raise Unparsable(f"Failed to deserialize query string: {error}") from error

    def whole(self, name: str, default: int) -> int:
        """An integer."""
        text = self._query.get(name, str(default))
        if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
            raise Unparsable("Failed to deserialize query string: invalid digit found in string")
        return int(text)

    def number(self, name: str) -> float | None:
        """None where it is not given."""
        if name not in self._query:
            return None
        try:
            return float(self._query[name])
        except ValueError as error:
            raise Unparsable("Failed to deserialize query string: invalid float literal") from error

    def flag(self, name: str, *, default: bool) -> bool:
        """`true` or `false`."""
        text = self._query.get(name, str(default).lower())
        if text not in ("true", "false"):
            raise Unparsable("Failed to deserialize query string: provided string was not `true` or `false`")
        return text == "true"

    def named(self, *names: str) -> dict[str, str]:
        """Those of them that are given."""
        return {name: self._query[name] for name in names if name in self._query}


def nanoseconds(text: str) -> int:
    """Of RFC 3339, all nine digits after the second. ValueError for anything else, relative times among it."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or "T" not in text.upper():
        raise ValueError("premature end of input")
    digits = re.search(r"\.(\d{1,9})", text)
    return math.floor(at.replace(microsecond=0).timestamp()) * SECOND + int(
        (digits[1] if digits else "0").ljust(9, "0")
    )
