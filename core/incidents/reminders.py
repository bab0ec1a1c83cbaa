"""When the next update of an incident is due, and when nobody is to be disturbed. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.incidents.incident import Incident, Severity

CADENCE: dict[Severity, timedelta] = {
    Severity.SEV1: timedelta(minutes=30),
    Severity.SEV2: timedelta(hours=1),
    Severity.SEV3: timedelta(hours=4),
    Severity.SEV4: timedelta(days=1),
}
"""How long people may be left without an update."""

AROUND_THE_CLOCK = frozenset({Severity.SEV1, Severity.SEV2})
"""Severities that no quiet hour holds up."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily time in which lesser incidents remind nobody; may span midnight."""

    begin: time
    end: time
    zone: ZoneInfo

    def end_after(self, moment: datetime) -> datetime:
        """`moment` itself outside of the quiet hours, else their end. Aware, in UTC like the moment."""
        local = moment.astimezone(self.zone)
        now = local.time()
        spans = self.begin > self.end
        inside = (now >= self.begin or now < self.end) if spans else self.begin <= now < self.end
        if not inside:
            return moment
        day = local.date() + timedelta(days=1 if spans and now >= self.begin else 0)
        return datetime.combine(day, self.end, self.zone).astimezone(moment.tzinfo)


def due_at(incident: Incident, quiet: QuietHours | None = None) -> datetime | None:
    """When to remind that an update is due; None once the incident is over."""
    if not incident.open:
        return None
    due = (incident.last_update_at or incident.declared_at) + CADENCE[incident.severity]
    return awake(incident, due, quiet)


def awake(incident: Incident, due: datetime, quiet: QuietHours | None) -> datetime:
    """The time itself, or the end of the quiet hours that hold it up."""
    return due if quiet is None or incident.severity in AROUND_THE_CLOCK else quiet.end_after(due)
