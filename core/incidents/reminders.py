"""When the next update of an incident is due. Pure."""

from datetime import datetime, timedelta

from core.incidents.incident import Incident, Severity
from core.quiet_hours import QuietHours

CADENCE: dict[Severity, timedelta] = {
    Severity.SEV1: timedelta(minutes=30),
    Severity.SEV2: timedelta(hours=1),
    Severity.SEV3: timedelta(hours=4),
    Severity.SEV4: timedelta(days=1),
}
"""How long people may be left without an update."""

AROUND_THE_CLOCK = frozenset({Severity.SEV1, Severity.SEV2})
"""Severities that no quiet hour holds up."""


def due_at(incident: Incident, quiet: QuietHours | None = None) -> datetime | None:
    """When to remind that an update is due; None once the incident is over."""
    if not incident.open:
        return None
    due = (incident.last_update_at or incident.declared_at) + CADENCE[incident.severity]
    return awake(incident, due, quiet)


def awake(incident: Incident, due: datetime, quiet: QuietHours | None) -> datetime:
    """The time itself, or the end of the quiet hours that hold it up."""
    return due if quiet is None or incident.severity in AROUND_THE_CLOCK else quiet.end_after(due)
