"""What holds the measurements, logs, traces and alerts of running systems. Every call raises UpstreamError and its kin only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from core.query.catalogue import Backend

if TYPE_CHECKING:
    from core.ports.usage import UsageStore

# --- metrics ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a graph."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]
    """(seconds since the epoch, value), in order of time; values in the metric's base unit, NaN and infinities included."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a query gave."""

    series: tuple[Series, ...]
    left_out: int = 0
    """Series beyond the limit that were not taken."""
    warnings: tuple[str, ...] = ()
    """What the backend said besides, for people: it may have answered from part of its data."""
    known_since: datetime | None = None
    """When the backend gave it, where it came from the cache because the backend did not answer; None for a fresh answer."""


class RuleState(StrEnum):
    """How an alerting rule stands."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"


@dataclass(frozen=True, slots=True)
class Firing:
    """One series for which a rule holds."""

    labels: Mapping[str, str]
    state: RuleState
    since: datetime
    value: float
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """An alerting rule of the metrics backend."""

    name: str
    query: str
    """The rule's own expression, in PromQL."""
    holds: timedelta
    """How long the expression must hold before the alert fires."""
    state: RuleState
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    firing: tuple[Firing, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Something that the metrics backend scrapes."""

    job: str
    instance: str
    up: bool
    error: str = ""
    """Why the last scrape failed."""


class Metrics(Protocol):
    """A backend that answers PromQL."""

    async def backend(self, names: Collection[str] = (), *, anew: bool = False) -> Backend:
        """Every metric there is; of those in `names` also how many series, their labels and the labels' values. Kept for a
        while, unless it is asked for `anew`."""
        ...

    async def values(self, label: str) -> frozenset[str]:
        """Every value that this label has anywhere."""
        ...

    async def at(self, query: str, moment: datetime) -> Measured:
        """The value at one moment."""
        ...

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """Values from `start` to `end`, one each `step`."""
        ...

    async def rules(self) -> tuple[Rule, ...]:
        """The alerting rules, with what fires now."""
        ...

    async def targets(self) -> tuple[Target, ...]:
        """What is scraped now."""
        ...


# --- logs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log."""

    at: int
    """Nanoseconds since the epoch."""
    text: str
    labels: Mapping[str, str]
    """Of its stream, and what the query's parser extracted."""


@dataclass(frozen=True, slots=True)
class Lines:
    """What a log query gave."""

    lines: tuple[LogLine, ...]
    """Newest first."""
    truncated: bool = False
    """The limit was reached: there are more lines."""
    known_since: datetime | None = None
    """As in `Measured`."""


class Logs(Protocol):
    """A backend that answers LogQL."""

    async def labels(self) -> Mapping[str, frozenset[str]]:
        """Label names of the streams and their values. Kept for a short while."""
        ...

    async def lines(self, query: str, start: datetime, end: datetime, *, limit: int = 1000) -> Lines:
        """The newest lines from `start` to `end`."""
        ...

    async def at(self, query: str, moment: datetime) -> Measured:
        """The value of a metric query at one moment."""
        ...

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """The values of a metric query."""
        ...


# --- traces -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """One operation within a trace."""

    id: str
    parent: str
    """Id of the span it is part of; "" for a root, and where the parent is not in the trace."""
    service: str
    name: str
    start: float
    """Seconds since the epoch."""
    duration: float
    """Seconds."""
    failed: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trace:
    """One request's way through the services."""

    id: str
    spans: tuple[Span, ...]
    """In order of their start."""
    known_since: datetime | None = None
    """As in `Measured`."""


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """A trace that a search found."""

    id: str
    service: str
    """Of its root."""
    name: str
    """Of its root."""
    start: float
    """Seconds since the epoch."""
    duration: float
    """Seconds, of the whole trace."""
    matched: int = 0
    """Spans that the search was about; 0 where the backend does not say."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What a search gave."""

    traces: tuple[TraceSummary, ...]
    """Newest first."""
    truncated: bool = False
    """The limit was reached: there may be more."""
    known_since: datetime | None = None
    """As in `Measured`."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What a store of traces has."""

    services: frozenset[str]
    operations: frozenset[str]
    """Names of spans."""
    attributes: frozenset[str] | None = None
    """Names with their scope (`resource.service.name`, `span.http.status_code`); None where the store does not tell."""


class TraceStore(Protocol):
    """A backend that answers TraceQL; of one that does not (Jaeger), an adapter that answers what it can and refuses the rest."""

    async def tags(self) -> Tags:
        """What there is. Kept for a short while."""
        ...

    async def search(self, query: str, start: datetime, end: datetime, *, limit: int = 20) -> Traces:
        """Traces that match a TraceQL query. QueryRefused where this store cannot answer it."""
        ...

    async def trace(self, id_: str) -> Trace | None:
        """The whole trace; None when the store has none of this id."""
        ...

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """The values of a metric query (`{ … } | rate()`). QueryRefused where this store cannot answer it."""
        ...


# --- alerts -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Matcher:
    """Which alerts a silence covers, by one label."""

    label: str
    value: str
    regex: bool = False
    equal: bool = True


@dataclass(frozen=True, slots=True)
class ActiveAlert:
    """An alert as the alert manager has it."""

    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    since: datetime
    url: str = ""
    """Where it comes from: the rule's page in the metrics backend."""
    silenced_by: tuple[str, ...] = ()
    """Ids of silences."""


@dataclass(frozen=True, slots=True)
class ActiveSilence:
    """A silence that is on."""

    id: str
    until: datetime


class AlertManager(Protocol):
    """What groups alerts and keeps them silent."""

    async def alerts(self) -> tuple[ActiveAlert, ...]:
        """Every alert that is active, silenced ones included."""
        ...

    async def silence(
        self, matchers: Collection[Matcher], start: datetime, end: datetime, *, by: str, comment: str, key: str
    ) -> str:
        """Keep matching alerts silent; the id of the silence. `key`: by which `silence_of` finds it again."""
        ...

    async def silence_of(self, key: str) -> ActiveSilence | None:
        """The silence with this key that is on; of several the one that lasts longest."""
        ...

    async def expire(self, silence: str) -> None:
        """End a silence now; no error when it is over."""
        ...


# --- all of them --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What is connected; None for what is not."""

    metrics: Metrics | None = None
    logs: Logs | None = None
    traces: TraceStore | None = None
    alerts: AlertManager | None = None
    usage: "UsageStore | None" = None
    anew: "Telemetry | None" = None
    """The same stores, none of whose answers are kept: for whoever wants to know whether they still say the same."""
