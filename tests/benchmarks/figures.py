"""What was measured."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value, beside another where they are compared."""

    value: float
    unit: str
    beside: float | None = None
    ratio: float | None = None


def percentile(values: Sequence[float], percent: int) -> float:
    """In milliseconds, of seconds."""
    return 1000 * statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
