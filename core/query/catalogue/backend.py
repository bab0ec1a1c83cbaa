"""What a metrics backend really has, as its label and metadata endpoints tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one metric."""

    type: str = ""
    """counter, gauge, histogram or summary; "" where the backend does not say."""
    labels: frozenset[str] | None = None
    """Label names; None where not asked yet, so nothing is refused for them."""
    series: int | None = None
    """Series now under this name."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A snapshot, cached by whoever made it."""

    metrics: Mapping[str, Known]
    values: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """Label → every value it has. A label that is missing here was not asked for."""

    def has(self, metric: str) -> bool:
        """Whether series of this name exist."""
        return metric in self.metrics

    def lacks_label(self, metric: str, label: str) -> bool:
        """Whether this metric is known to have no such label."""
        known = self.metrics.get(metric)
        return known is not None and known.labels is not None and label not in known.labels

    def lacks_value(self, label: str, value: str) -> bool:
        """Whether this label is known never to have this value."""
        return label in self.values and value not in self.values[label]
