"""What a sentence asks for, as values; made by the reading, used by the builder."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from core.query.catalogue import Dimension, Subject
from core.query.promql.phrases import Order, Statistic


@dataclass(frozen=True, slots=True)
class Filter:
    """Series must, or must not, have one of these values."""

    dimension: Dimension
    values: tuple[str, ...]
    negated: bool = False
    alternatives: bool = False
    """Any of them: "staging or dev", which nobody wants to see side by side."""
    besides: bool = False
    """Left out of what the measure itself chooses: "errors but no 503"."""


@dataclass(frozen=True, slots=True)
class Top:
    """The k first of a ranking."""

    k: int
    order: Order


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold in the person's own unit: `>`, 500, `ms`."""

    op: str
    number: float
    unit: str


class Change(Enum):
    """How a value is set against an earlier one, as the operator that does it."""

    RATIO = "/"
    DIFFERENCE = "-"


@dataclass(frozen=True, slots=True)
class Multiple:
    """So many times another value: "below half of what it was" is `<`, 0.5."""

    op: str
    factor: float


@dataclass(frozen=True, slots=True)
class Earlier:
    """The same thing this long ago."""

    offset: timedelta
    change: Change = Change.RATIO
    implied: bool = False
    """No earlier time is named: "is it getting worse"."""
    multiple: Multiple | None = None
    """What it must have passed; the value of now is shown where it has."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What an SLO allows."""

    allowed: float
    """The share of failures: 0.001 of 99.9 %."""
    remaining: bool = False
    """What is left of the budget is wanted, else how many times over it is used up."""
    windows: tuple[timedelta, ...] = ()
    """All of which must burn too fast."""


@dataclass(frozen=True, slots=True)
class Relation:
    """How the subject stands to what it is held against."""

    op: str
    counterpart: str
    """The subject on the other side."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a sentence names. All None: none was named."""

    length: timedelta | None = None
    """Of a duration that ends now; the samples of one answer."""
    start: datetime | None = None
    end: datetime | None = None
    """Of what a graph shows, in UTC."""

    @property
    def span(self) -> timedelta | None:
        """How long it is, also for absolute times."""
        if self.length is None and self.start and self.end:
            return self.end - self.start
        return self.length


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, ready to be built."""

    subjects: tuple[Subject, ...] = ()
    metrics: tuple[str, ...] = ()
    """Names of metrics as written, where the person knows them."""
    quantiles: tuple[float, ...] = ()
    statistic: Statistic | None = None
    filters: tuple[Filter, ...] = ()
    groups: tuple[Dimension | str, ...] = ()
    """A string is the name of a label that the catalogue does not know."""
    top: Top | None = None
    counted: bool = False
    """Not the values but how many groups there are: "how many pods use over 1GB"."""
    counted_by: tuple[Dimension, ...] = ()
    """For each of these: "how many pods per namespace use over 1GB"."""
    window: Window = Window()
    earlier: Earlier | None = None
    ago: timedelta = timedelta(0)
    """The value that it had this long ago is wanted, alone."""
    limit: Limit | None = None
    per_seconds: int = 1
    """A rate is asked for per so many seconds."""
    ratio: bool = False
    """The first subject over the second."""
    beside: tuple[Dimension, Change] | None = None
    """The first value of this dimension over, or less, the second: "ratio of traffic between checkout and cart"."""
    beyond: Multiple | None = None
    """The first of them must be so many times the second: "prod more than twice that of staging"."""
    graph: bool = False
    share: bool = False
    """As a part of what there is: "memory in percent"."""
    growth: bool = False
    """How fast it grows, of a thing that has a level."""
    forecast: timedelta | None = None
    """Where it will be after this time."""
    trend: timedelta | None = None
    """What a forecast is seen from, where it is named."""
    percent: bool = False
    """A ratio is wanted in percent."""
    scale: float = 1
    """What the value is wanted in, in base units: 0.001 of "in ms"."""
    across: tuple[Dimension, ...] = ()
    """The statistic is that of these: "the worst p99 among the pods"."""
    descending: bool | None = None
    """In which order all of them are wanted."""
    spread: Change | None = None
    """The higher of two quantiles less, or over, the lower one."""
    objective: Objective | None = None
    relation: Relation | None = None
    apdex: float | None = None
    """An Apdex score is wanted; the latency that satisfies, in seconds."""
    listed: frozenset[Dimension] = frozenset()
    """Groups that are only named as what is looked for ("any card over 90%"), not asked for one by one ("by card")."""
    plain: bool = False
    """Each series for itself, as "anything crashlooping" wants them."""
    rate: timedelta | None = None
    """The window of the rates that a peak is taken of, where it is named."""
    step: timedelta | None = None
    """How often values are taken for a peak, where it is named."""
    per: Subject | None = None
    """Divided by this, of the same instance: "load per core"."""
    instances: bool = False
    """Hosts are called instances, which is a label of its own where the exporter names the machine otherwise."""
    absent: bool = False
    """Whether there is no such series at all."""
    part_of: Dimension | None = None
    """The share that the values of this dimension have in all of it: "what share of traffic goes to search"."""
    among: Filter | None = None
    """The share is that in these: "what part of the 5xx are 503"."""
    sources: frozenset[str] = frozenset()
    """Words that may name an exporter."""
