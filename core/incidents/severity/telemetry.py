"""What measurements say about how bad it is, as odds that the words of a report are multiplied by."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import UserInputError

Odds = tuple[float, float, float, float]
"""How much a measurement speaks for sev1 … sev4. Only the ratios count."""

_COLLAPSED: Odds = (0.80, 0.16, 0.03, 0.01)
_HEAVY: Odds = (0.25, 0.60, 0.13, 0.02)
_LIGHT: Odds = (0.06, 0.30, 0.54, 0.10)
_USUAL: Odds = (0.05, 0.15, 0.36, 0.44)
_SPREAD: Odds = (0.45, 0.35, 0.15, 0.05)

COLLAPSED_ERRORS, HEAVY_ERRORS, LIGHT_ERRORS = 0.9, 0.15, 0.02
"""Share of requests that fail above the usual share, from which it is a collapse, heavy, light."""
HEAVY_LATENCY, LIGHT_LATENCY = 5.0, 1.5
"""Multiples of the usual latency from which slowness is heavy, light."""
SPREAD_SERVICES = 5
"""Services hit from which the trouble counts as spread."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Measurements around the time of the report. None: not measured. UserInputError for what cannot be measured."""

    error_rate: float | None = None
    """Share of requests that fail, 0 to 1."""
    error_rate_baseline: float | None = None
    """The same as it usually is; None counts as 0."""
    latency: float | None = None
    """Seconds, of any one quantile."""
    latency_baseline: float | None = None
    """The same quantile as it usually is; without it latency says nothing."""
    services_hit: int | None = None
    """Services with more errors or latency than usual."""

    def __post_init__(self) -> None:
        for name in ("error_rate", "error_rate_baseline", "latency", "latency_baseline", "services_hit"):
            value = getattr(self, name)
            most = 1.0 if name.startswith("error_rate") else math.inf
            if value is not None and not (math.isfinite(value) and 0 <= value <= most):
                raise UserInputError(
                    f"{name} cannot be {value}.", hint="Error rates are shares from 0 to 1; latencies are seconds."
                )


@dataclass(frozen=True, slots=True)
class Weight:
    """What one measurement adds."""

    odds: Odds
    says: str
    """For people, as a reason."""

    @property
    def usual(self) -> bool:
        """It shows no trouble."""
        return self.odds is _USUAL


def weigh(telemetry: Telemetry) -> Iterator[Weight]:
    """What each measurement at hand says."""
    usual_rate = telemetry.error_rate_baseline or 0.0
    if telemetry.error_rate is not None:
        odds = _errors(telemetry.error_rate - usual_rate)
        yield Weight(odds, f"{telemetry.error_rate:.1%} of requests fail, usually {usual_rate:.1%}")
    if telemetry.latency is not None and telemetry.latency_baseline:
        times = telemetry.latency / telemetry.latency_baseline
        yield Weight(_slowness(times), f"latency is {times:.1f} times the usual")
    if telemetry.services_hit is not None and telemetry.services_hit >= SPREAD_SERVICES:
        yield Weight(_SPREAD, f"{telemetry.services_hit} services are hit")


def _errors(excess: float) -> Odds:
    if excess >= COLLAPSED_ERRORS:
        return _COLLAPSED
    if excess >= HEAVY_ERRORS:
        return _HEAVY
    return _LIGHT if excess >= LIGHT_ERRORS else _USUAL


def _slowness(times: float) -> Odds:
    if times >= HEAVY_LATENCY:
        return _HEAVY
    return _LIGHT if times >= LIGHT_LATENCY else _USUAL
