"""The stretch of time that a sentence names, as instants."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.nlp.interpretation import EntityType
from core.query.literals import seconds
from core.query.translation import Question


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end`, with time zones."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


def windows(question: Question) -> tuple[Window, ...]:
    """All that are named, in order of appearance. Durations end now; what is no time range is left out."""
    found = (window_of(value, question.now) for value in question.values(EntityType.TIME_RANGE))
    return tuple(window for window in found if window and window.start < window.end)


def window(question: Question) -> Window | None:
    """The first of them."""
    return next(iter(windows(question)), None)


def window_of(value: str, now: datetime) -> Window | None:
    """A time range's normal form as instants."""
    start, _, end = value.partition("/")
    try:
        if end:
            return Window(datetime.fromisoformat(start), datetime.fromisoformat(end))
        return Window(now - timedelta(seconds=seconds(start)), now)
    except (ValueError, OverflowError):
        return None
