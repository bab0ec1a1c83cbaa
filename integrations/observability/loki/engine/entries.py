"""Log lines that a fake store holds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Labels = Mapping[str, str]


class LogQueryError(Exception):
    """A query that cannot be evaluated; the message is the server's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a stream."""

    at: int
    """Nanoseconds since the epoch."""
    text: str
    labels: Labels
    """Of its stream."""


class LogSource(Protocol):
    """What was logged."""

    def streams(self) -> Sequence[Labels]:
        """Labels of all streams."""
        ...

    def entries(self, start: int, end: int, wanted: Callable[[Labels], bool]) -> Iterable[Entry]:
        """Lines from `start` up to, not including, `end` (nanoseconds since the epoch) of the streams that are wanted."""
        ...


class RecordedLogs:
    """Lines given as a list."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = sorted(entries, key=lambda entry: entry.at)

    def streams(self) -> Sequence[Labels]:
        """See `LogSource.streams`."""
        return list({tuple(sorted(entry.labels.items())): entry.labels for entry in self._entries}.values())

    def entries(self, start: int, end: int, wanted: Callable[[Labels], bool]) -> Iterable[Entry]:
        """See `LogSource.entries`."""
        return (entry for entry in self._entries if start <= entry.at < end and wanted(entry.labels))
