"""Alerts as values, however they came."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How an alert or a group of them stands."""

    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as one notification tells of it."""

    fingerprint: str
    """The same for everything that is told of one alert."""
    name: str
    started: datetime
    ended: datetime | None = None
    """None while it fires."""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    """Where it comes from: the rule's page in the metrics backend."""

    @property
    def state(self) -> State:
        """Resolved once it has an end."""
        return State.FIRING if self.ended is None else State.RESOLVED


@dataclass(frozen=True, slots=True)
class Notification:
    """What one request told us."""

    source: str
    """Name of the section `[alerts.NAME]` that it came to."""
    key: str
    """Of the group among those of the source."""
    alerts: tuple[Alert, ...]
    at: datetime
    """When it came."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Those that all alerts of the group share, as the sender says."""
    cut: int = 0
    """Alerts of the group that the sender left out."""


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Names an alert by its labels, where the sender gives it no fingerprint."""
    return hashlib.sha256(json.dumps(sorted(labels.items())).encode()).hexdigest()[:16]
