"""What the readers of times hand to one another: a place in the text, and a named day or clock time."""

import re
from dataclasses import dataclass
from datetime import date, tzinfo

HOUR = 60
NOON = 12 * HOUR
DAY = 24 * HOUR
"""In minutes, as all times of a day here."""


@dataclass(frozen=True, slots=True)
class Point:
    """A day or several, a part of a day, or a clock time. Minutes count from the first midnight of `day`."""

    day: date | None = None
    days: int = 1
    start: int | None = None
    end: int | None = None
    """None with a start: a clock time, which lasts no time."""
    sure: bool = True
    """Whether a clock time says which half of the day it means."""
    bare: bool = False
    """A number that may be an hour: the sentence around it must say so."""
    dial: bool = False
    """A clock time as spoken, which is twice a day: of today's the later that is past."""
    zone: tzinfo | None = None
    """Named beside the clock; None: the person's."""

    @property
    def clock(self) -> bool:
        """Whether this is one clock time."""
        return self.start is not None and self.end is None


class Cursor:
    """A place in a folded text that moves on over what was read."""

    __slots__ = ("position", "text")

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Read this pattern here and move behind it, or stay. Patterns allow for blanks before them themselves."""
        match = pattern.match(self.text, self.position)
        if match:
            self.position = match.end()
        return match
