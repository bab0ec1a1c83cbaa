"""What the doctor says."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, but not all of it, or not for long."""
    PROBLEM = "problem"
    """Something that is switched on does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    means: str = ""
    """What follows from it for people."""
    fix: str = ""
    """The menu or command that mends it."""


def ok(what: str) -> Finding:
    """Nothing to do."""
    return Finding(Level.OK, what)


def warning(what: str, means: str, fix: str) -> Finding:
    """Something to look at."""
    return Finding(Level.WARNING, what, means, fix)


def problem(what: str, means: str, fix: str) -> Finding:
    """Something to mend."""
    return Finding(Level.PROBLEM, what, means, fix)
