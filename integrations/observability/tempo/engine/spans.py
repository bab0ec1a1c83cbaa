"""Spans that a fake store holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Value = str | int | float | bool
SECOND = 1_000_000_000


class TraceQueryError(Exception):
    """A query that cannot be evaluated; the message is the server's."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a span noted."""

    name: str
    at: int
    """Nanoseconds since the epoch."""
    attributes: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """One span as instrumentation sent it."""

    id: str
    """16 hexadecimal digits."""
    parent: str
    """"" for a root."""
    name: str
    start: int
    """Nanoseconds since the epoch."""
    duration: int
    """Nanoseconds."""
    resource: Mapping[str, Value]
    """Of what sent it: `service.name` and others."""
    kind: str = "internal"
    """server, client, producer, consumer, internal or unspecified."""
    status: str = "unset"
    """ok, error or unset."""
    message: str = ""
    """Of the status."""
    attributes: Mapping[str, Value] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    @property
    def service(self) -> str:
        """What sent it."""
        return str(self.resource.get("service.name", ""))


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """All spans with one trace id."""

    id: str
    """32 hexadecimal digits."""
    spans: tuple[StoredSpan, ...]
    """At least one."""

    @property
    def start(self) -> int:
        """Nanoseconds since the epoch."""
        return min(span.start for span in self.spans)

    @property
    def end(self) -> int:
        """Nanoseconds since the epoch."""
        return max(span.start + span.duration for span in self.spans)

    @property
    def root(self) -> StoredSpan:
        """The first span without a parent, else the first of all."""
        ordered = sorted(self.spans, key=lambda span: span.start)
        return next((span for span in ordered if not span.parent), ordered[0])


class TraceSource(Protocol):
    """What was traced."""

    def traces(self, start: int, end: int) -> Iterable[StoredTrace]:
        """Those that began from `start` up to, not including, `end` (nanoseconds since the epoch)."""
        ...

    def trace(self, id_: str) -> StoredTrace | None:
        """By its id."""
        ...

    def sample(self) -> Sequence[StoredTrace]:
        """Some traces that have every attribute, service and operation there is."""
        ...


class RecordedTraces:
    """Traces given as a list."""

    def __init__(self, traces: Iterable[StoredTrace]) -> None:
        self._traces = {trace.id: trace for trace in sorted(traces, key=lambda trace: trace.start)}

    def traces(self, start: int, end: int) -> Iterable[StoredTrace]:
        """See `TraceSource.traces`."""
        return (trace for trace in self._traces.values() if start <= trace.start < end)

    def trace(self, id_: str) -> StoredTrace | None:
        """See `TraceSource.trace`."""
        return self._traces.get(id_)

    def sample(self) -> Sequence[StoredTrace]:
        """See `TraceSource.sample`."""
        return list(self._traces.values())
