"""How a thing is measured: the forms that a number can take in Prometheus, each with the labels its exporter gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from core.query.catalogue.dimensions import Dimension
from core.query.promql.model import Matcher


class Unit(Enum):
    """The base unit of a subject; thresholds are converted to it. The value is how it reads in a sentence."""

    SECONDS = "seconds"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes a second"
    RATIO = "a ratio"
    PER_SECOND = "a second"
    CORES = "cores"
    COUNT = "a count"
    DOLLARS = "dollars"
    CELSIUS = "degrees Celsius"
    WATTS = "watts"


@dataclass(frozen=True, slots=True)
class Source:
    """An exporter or instrumentation library."""

    words: tuple[str, ...]
    """Words in a sentence that ask for this one."""
    dimensions: frozenset[Dimension]
    """What its series can be told apart by."""
    labels: Mapping[Dimension, str] = field(default_factory=lambda: MappingProxyType({}))
    """Where its label differs from the convention."""
    about: Dimension | None = None
    """What its series are of; asking for that dimension asks for this source."""
    assumed: frozenset[Dimension] = frozenset()
    """Dimensions of which `labels` only tells the usual label: where the backend is known to have the convention's, that one is taken."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Grows; only its rate or increase means something."""

    name: str
    fixed: tuple[Matcher, ...] = ()
    per_instance: bool = False
    """Each series is one container, machine or device, so an average over them means something."""

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics it reads."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class Gauge:
    """Goes up and down."""

    name: str
    fixed: tuple[Matcher, ...] = ()
    combine: str = "sum"
    """The aggregation that makes one number of many series; "" leaves them as they are."""
    grouped: str = "sum"
    """The aggregation by a label, where `combine` is empty."""
    of: Dimension | None = None
    """What each series is of, so that those of them that are looked for need no folding."""

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics it reads."""
        return (self.name,)


@dataclass(frozen=True, slots=True)
class Histogram:
    """A classic histogram: `_bucket`, `_sum` and `_count` follow the name."""

    name: str
    fixed: tuple[Matcher, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics it reads."""
        return (f"{self.name}_bucket",)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole. Filters on `narrowed_by` choose the part and leave the whole alone."""

    part: Counter | Gauge
    whole: tuple[Counter | Gauge, ...] = ()
    """What is added up to make it; empty where the part is a share already."""
    complement: bool = False
    """One minus it."""
    narrowed_by: Dimension | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics it reads."""
        return tuple(dict.fromkeys((self.part.name, *(side.name for side in self.whole))))


@dataclass(frozen=True, slots=True)
class Mean:
    """The sum of a quantity over the number of times it was observed, as summaries without quantiles give."""

    total: Counter
    count: Counter

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics it reads."""
        return (*self.total.names, *self.count.names)


@dataclass(frozen=True, slots=True)
class Moment:
    """A Unix time; what is asked for is the distance from now."""

    gauge: Gauge
    past: bool = False
    """Time since, else time until."""

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics it reads."""
        return self.gauge.names


Form: TypeAlias = Counter | Gauge | Histogram | Share | Mean | Moment


def parts(form: Form) -> tuple[Counter | Gauge | Histogram, ...]:
    """The series that a form is made of."""
    match form:
        case Share(part=part, whole=whole):
            return (part, *whole)
        case Mean(total=total, count=count):
            return (total, count)
        case Moment(gauge=gauge):
            return (gauge,)
        case _:
            return (form,)


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to measure a subject."""

    source: Source
    form: Form
    scale: float = 1.0
    """Base units in one unit of the metric, for exporters that report milliseconds, percent or MiB."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Something people ask about. There is one of each, so they are told apart by identity."""

    name: str
    unit: Unit
    words: tuple[str, ...]
    """Phrases that name it, in the singular and in lower case."""
    measures: tuple[Measure, ...]
    """The usual one first."""
    share: str = ""
    """The subject that means the same as a part of what there is, for "memory above 90%"."""
    more_is_better: bool = False
    """So that the worst is the lowest."""
