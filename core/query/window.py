"""The stretch of time that a sentence names, as instants."""

from collections.abc import Iterator
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
    return tuple(_windows(question, None))


def window(question: Question, *, outside: tuple[int, int] | None = None) -> Window | None:
    """The first of them; that is named `outside` of a part of the text."""
    return next(_windows(question, outside), None)


def _windows(question: Question, outside: tuple[int, int] | None) -> Iterator[Window]:
    for entity in question.entities:
        if entity.type is EntityType.TIME_RANGE and not (outside and outside[0] <= entity.start < outside[1]):
            found = _window(entity.value, question.now)
            if found and found.start < found.end:
                yield found


def _window(value: str, now: datetime) -> Window | None:
    start, _, end = value.partition("/")
    try:
        if end:
            return Window(datetime.fromisoformat(start), datetime.fromisoformat(end))
        return Window(now - timedelta(seconds=seconds(start)), now)
    except (ValueError, OverflowError):
        return None
