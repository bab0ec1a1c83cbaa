"""In which unit the result of a PromQL query is: told from the names of its metrics and from what is done to them.

Names end in their unit by Prometheus' conventions (https://prometheus.io/docs/practices/naming/); a rate is by the second; what is
divided by its like is a ratio.
"""

from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from core.query.catalogue import SUBJECTS, Unit
from core.query.catalogue.measures import Gauge, Share
from core.query.promql.model import (
    COMPARISONS,
    SET_OPERATORS,
    Aggregation,
    Binary,
    Call,
    Negation,
    Node,
    Number,
    Selector,
    Subquery,
    selectors,
)

_SECOND, _BYTE, _CORE = "second", "byte", "core"
_SUFFIXES = {
    "seconds": (_SECOND, 1.0),
    "milliseconds": (_SECOND, 1e-3),
    "ms": (_SECOND, 1e-3),
    "microseconds": (_SECOND, 1e-6),
    "nanoseconds": (_SECOND, 1e-9),
    "minutes": (_SECOND, 60.0),
    "bytes": (_BYTE, 1.0),
    "kilobytes": (_BYTE, 1e3),
    "megabytes": (_BYTE, 1e6),
    "cores": (_CORE, 1.0),
    "millicores": (_CORE, 1e-3),
    "dollars": ("dollar", 1.0),
    "usd": ("dollar", 1.0),
    "celsius": ("celsius", 1.0),
    "watts": ("watt", 1.0),
    "ratio": ("", 1.0),
    "percent": ("", 0.01),
}
_DROPPED = frozenset({"total", "sum", "bucket", "current", "max", "min", "created"})
"""Behind the unit in a metric's name."""
_BY_THE_SECOND = frozenset({"rate", "irate", "deriv"})
_COUNTS = frozenset(
    {"count_over_time", "changes", "resets", "absent", "absent_over_time", "present_over_time", "count"}
)
_TIMES = frozenset({"time", "timestamp"})
_UNITS: Mapping[tuple[tuple[str, int], ...], Unit] = {
    (): Unit.RATIO,
    ((_SECOND, 1),): Unit.SECONDS,
    ((_BYTE, 1),): Unit.BYTES,
    ((_BYTE, 1), (_SECOND, -1)): Unit.BYTES_PER_SECOND,
    ((_CORE, 1),): Unit.CORES,
    (("dollar", 1),): Unit.DOLLARS,
    (("celsius", 1),): Unit.CELSIUS,
    (("watt", 1),): Unit.WATTS,
    (("thing", 1),): Unit.COUNT,
    (("second", -1), ("thing", 1)): Unit.PER_SECOND,
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """What the numbers of a result are."""

    unit: Unit | None
    """None: a number whose unit nobody can tell."""
    factor: float = 1.0
    """Base units in one of its numbers: 0.01 of a percentage, 1048576 of what is given in MiB."""


@dataclass(frozen=True, slots=True)
class _Dimension:
    """Powers of units; things that are counted are told apart by what they are, so that only likes make a ratio."""

    powers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    factor: float = 1.0
    number: bool = False
    """A plain number: it takes the unit of the other side."""

    def times(self, other: "_Dimension", sign: int = 1) -> "_Dimension":
        powers = Tally(self.powers)
        for name, power in other.powers.items():
            powers[name] += sign * power
        return _Dimension(
            {name: power for name, power in powers.items() if power},
            self.factor * other.factor**sign,
            self.number and other.number,
        )


_THING = "thing "


def quantity(node: Node) -> Quantity:
    """The unit of what this query gives."""
    found = _of(node)
    if found.number:
        return Quantity(None)
    things = {name: power for name, power in found.powers.items() if name.startswith(_THING)}
    others = {name: power for name, power in found.powers.items() if name not in things}
    counted = sum(things.values())
    if counted == 1 and len(things) == 1:
        others["thing"] = 1
    elif things and not (counted == -1 and others):
        # One thing by another ("requests a pod"): a number of its own. A sum over a count is a mean, in the unit of the sum.
        return Quantity(None)
    unit = _UNITS.get(tuple(sorted(others.items())))
    return Quantity(unit, found.factor if unit else 1.0)


def _of(node: Node) -> _Dimension:
    match node:
        case Selector(metric=metric, matchers=matchers):
            resource = next((m.value for m in matchers if m.label == "resource" and m.op == "="), "")
            return _named(metric, resource)
        case Subquery(expr=expr) | Negation(expr=expr):
            return _of(expr)
        case Aggregation(op="count" | "count_values" | "group"):
            return _counted("series")
        case Aggregation(expr=expr):
            return _of(expr)
        case Call():
            return _called(node)
        case Binary():
            return _joined(node)
        case Number(value=value):
            return _Dimension(factor=1 / value if value else 1.0, number=True)
        case _:
            return _counted("text")


def _called(node: Call) -> _Dimension:
    name = node.function
    inner = [arg for arg in node.args if not isinstance(arg, Number)]
    if name in _TIMES:
        return _Dimension({_SECOND: 1})
    if name in _COUNTS or not inner:
        return _counted(name) if name != "vector" else _Dimension(number=True)
    if name == "histogram_quantile":
        metric = next((selector.metric for selector in selectors(inner[0])), "")
        return _named(metric.removesuffix("_bucket"), "")
    found = _of(inner[0])
    if name not in _BY_THE_SECOND:
        return found
    if found.powers == {_SECOND: 1} and any("cpu" in selector.metric for selector in selectors(inner[0])):
        return _Dimension({_CORE: 1}, found.factor)
    return found.times(_Dimension({_SECOND: 1}), -1)


def _joined(node: Binary) -> _Dimension:
    left, right = _of(node.left), _of(node.right)
    if node.op in COMPARISONS and node.as_bool:
        return _counted("truth")
    if node.op in COMPARISONS or node.op in SET_OPERATORS:
        return right if left.number else left
    if node.op == "*":
        return left.times(right)
    if node.op == "/":
        return left.times(right, -1)
    # `1 - ratio`: what is added to a number is of its kind.
    return right if left.number else left


def _named(metric: str, resource: str) -> _Dimension:
    if not metric:
        return _counted("")
    parts = metric.lower().split("_")
    while len(parts) > 1 and parts[-1] in _DROPPED:
        if parts[-1] == "bucket":
            return _counted(metric)
        parts.pop()
    if resource in ("cpu", "memory"):
        return _Dimension({_CORE if resource == "cpu" else _BYTE: 1})
    if parts[-1] in _SUFFIXES and not metric.endswith("_count"):
        unit, factor = _SUFFIXES[parts[-1]]
        return _Dimension({unit: 1} if unit else {}, factor)
    return _declared(metric) or _counted(metric)


def _declared(metric: str) -> _Dimension | None:
    """The unit of a metric whose name does not tell it, where the catalogue does."""
    known = _catalogue().get(metric)
    if known is None:
        return None
    unit, scale = known
    powers = next((dict(powers) for powers, of in _UNITS.items() if of is unit), None)
    if powers is None or unit in (Unit.COUNT, Unit.PER_SECOND):
        return None
    return _Dimension(powers, scale)


@cache
def _catalogue() -> Mapping[str, tuple[Unit, float]]:
    """Gauges of the catalogue by name; what only means something as a rate is told by its name."""
    return {
        measure.form.name: (subject.unit, measure.scale)
        for subject in SUBJECTS.values()
        for measure in subject.measures
        if isinstance(measure.form, Gauge)
    }


def _counted(what: str) -> _Dimension:
    return _Dimension({_THING + _families().get(what, what): 1})


@cache
def _families() -> Mapping[str, str]:
    """Metrics that are parts of one whole count the same things, however they are called."""
    found: dict[str, str] = {}
    for subject in SUBJECTS.values():
        for measure in subject.measures:
            if isinstance(measure.form, Share) and measure.form.whole:
                whole = measure.form.whole[0].name
                for name in measure.form.names:
                    found[name] = found.get(whole, whole)
    return found
