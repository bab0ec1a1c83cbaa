"""One look at a metrics query: the stretch of time, and what it is set beside. Pure; a look can be widened, narrowed, compared."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=31)
USUAL = timedelta(hours=1)
"""Where nobody names a time."""
WEEK = timedelta(days=7)


class Turned(StrEnum):
    """How a person looks again. The value stands in the button's action."""

    WIDER = "wider"
    NARROWER = "narrower"
    APART = "apart"
    """By instance, or what comes closest."""
    LAST_WEEK = "week"


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at."""

    query: str
    """PromQL, or a LogQL query that gives numbers."""
    length: timedelta
    end: datetime | None = None
    """None: now, also when it is looked at again."""
    compared: timedelta = timedelta(0)
    """How much earlier the series are that it is set beside; zero: beside nothing."""

    def turned(self, how: Turned) -> "Look":
        """The same query over twice or half the time, or beside last week."""
        match how:
            case Turned.WIDER:
                return replace(self, length=min(self.length * 2, LONGEST))
            case Turned.NARROWER:
                return replace(self, length=max(self.length / 2, SHORTEST))
            case Turned.LAST_WEEK:
                return replace(self, compared=WEEK)
            case Turned.APART:
                return self

    def can(self, how: Turned) -> bool:
        """Whether that shows anything new. Taking series apart is for whoever knows their labels."""
        match how:
            case Turned.WIDER:
                return self.length < LONGEST
            case Turned.NARROWER:
                return self.length > SHORTEST
            case Turned.LAST_WEEK:
                return not self.compared
            case Turned.APART:
                return True

    def dump(self) -> dict[str, Any]:
        """For what a button leads to."""
        return {
            "query": self.query,
            "length": self.length.total_seconds(),
            "end": self.end.isoformat() if self.end else "",
            "compared": self.compared.total_seconds(),
        }

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> "Look":
        """Read back what `dump` wrote."""
        end = datetime.fromisoformat(data["end"]) if data["end"] else None
        return cls(data["query"], timedelta(seconds=data["length"]), end, timedelta(seconds=data["compared"]))
