"""LLM-Observatory's unified service: broken objectives, whether it is ready, and an ear for what happens. It passes what it is asked
on to another service, whose answers have no fixed shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from core.errors import UpstreamProtocolError, UpstreamUnavailable
from core.redaction import redact, redact_value
from integrations.http import Reach, ServiceClient, Watch, reading
from integrations.observability.observatory.answers import moment, text, written

SERVICE = "observatory_unified"
_PATIENCE = 12.0
"""Seconds for one answer at least: when its own writes fail, it tries for about seven before it answers."""
_MOST = 200
"""Violations that are read."""
_MOST_OTHERS = 20
"""Fields of a violation, besides those that are known."""


@dataclass(frozen=True, slots=True)
class Violation:
    """An objective that is not met."""

    slo: str
    """"" where it has no name."""
    severity: str = ""
    service: str = ""
    at: datetime | None = None
    """When that was seen."""
    others: Mapping[str, str] = field(default_factory=dict)
    """What else was said of it, by its names there, without secrets."""


class UnifiedClient:
    """Asks the unified service. Its route for observations is that of the analytics API too."""

    def __init__(self, reach: Reach, watch: Watch | None = None) -> None:
        """`watch`: told of its breaker."""
        self._http = ServiceClient(SERVICE, replace(reach, read=max(reach.read, _PATIENCE)), watch=watch)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def violations(self) -> tuple[Violation, ...]:
        """Objectives that are not met, in the order of the answer. Raises UpstreamError only."""
        found = await self._http.get("/api/v1/slo/violations")
        with reading(SERVICE, "violations"):
            listed = found["violations"]
            if not isinstance(listed, list):
                raise ValueError("no list")
            return tuple(map(_violation, listed[:_MOST]))

    async def ready(self) -> None:
        """Return when it is ready. Raises UpstreamUnavailable when it is not, and UpstreamError where it cannot be asked."""
        found = await self._http.get("/ready")
        if found.get("ready") is not True:
            raise UpstreamUnavailable(SERVICE, f"{SERVICE} says that it is not ready.")

    async def observe(
        self, source: str, event_type: str, execution_id: str, at: datetime, payload: Mapping[str, Any]
    ) -> None:
        """Tell what happened; without secrets. Sent once, see `ServiceClient.post_once`. That it is accepted does not mean that
        it is kept."""
        body = {
            "source": source,
            "event_type": event_type,
            "execution_id": execution_id,
            "timestamp": written(at),
            "payload": redact_value(payload),
        }
        found = await self._http.post_once("/api/v1/observations", body)
        if found.get("status") != "accepted":
            raise UpstreamProtocolError(SERVICE, f"{SERVICE} did not say whether it accepted the observation.")


_NAMES = {
    "slo": ("slo_id", "slo", "name"),
    "severity": ("severity",),
    "service": ("service", "target"),
    "at": ("detected_at", "timestamp"),
}
"""What is known, by the names that it may have, the likeliest first."""


def _violation(found: object) -> Violation:
    if isinstance(found, str):
        return Violation(redact(text(found)))
    if not isinstance(found, dict):
        raise TypeError("no violation")
    taken = {what: next((name for name in names if _scalar(found.get(name))), "") for what, names in _NAMES.items()}
    others = {
        text(name): redact(text(value))
        for name, value in redact_value(found).items()
        if name not in taken.values() and _scalar(value)
    }
    return Violation(
        redact(text(found.get(taken["slo"]))),
        text(found.get(taken["severity"])),
        redact(text(found.get(taken["service"]))),
        _seen(found.get(taken["at"])),
        dict(list(others.items())[:_MOST_OTHERS]),
    )


def _scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _seen(found: object) -> datetime | None:
    """None where it is no moment: a violation is worth telling without one."""
    try:
        return moment(found)
    except ValueError:
        return None
