"""What may become of an incident, and what each change puts on the timeline. Pure: values in, values out, no clock."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.actors import By
from core.incidents.incident import CLOSED, Entry, EntryKind, Incident, Role, Severity, Status
from core.messages import Account

NEXT: dict[Status, frozenset[Status]] = {
    Status.INVESTIGATING: frozenset({Status.IDENTIFIED, Status.MONITORING, Status.RESOLVED, Status.CANCELLED}),
    Status.IDENTIFIED: frozenset({Status.INVESTIGATING, Status.MONITORING, Status.RESOLVED, Status.CANCELLED}),
    Status.MONITORING: frozenset({Status.INVESTIGATING, Status.IDENTIFIED, Status.RESOLVED, Status.CANCELLED}),
    # Reopening starts the search anew, whatever was known before.
    Status.RESOLVED: frozenset({Status.INVESTIGATING}),
    Status.CANCELLED: frozenset({Status.INVESTIGATING}),
}
"""Status → what may follow."""


class Obstacle(StrEnum):
    """Why a change is refused. The list is closed; the wording is in `core.conversation.incident_cards`."""

    CLOSED = "closed"
    """It is over; reopening it is the only way on."""
    NOT_NEXT = "not_next"
    """This status cannot follow the present one."""
    NO_REASON = "no_reason"
    """Closing needs a sentence that says how it ended."""
    SAME = "same"
    """Nothing would be different."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The change does not happen."""

    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class Changed:
    """The incident after the change, and what the timeline says of it."""

    incident: Incident
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants changed; None leaves a thing as it is."""

    severity: Severity | None = None
    status: Status | None = None
    title: str | None = None
    because: str = ""
    """How it ended, or why it is reopened."""


def change(incident: Incident, wanted: Wanted, *, by: By, at: datetime) -> Changed | Refused:
    """Apply everything that is wanted at once, or nothing."""
    status = wanted.status if wanted.status is not incident.status else None
    severity = wanted.severity if wanted.severity is not incident.severity else None
    title = wanted.title if wanted.title != incident.title else None
    if status is None and severity is None and not title:
        return Refused(Obstacle.SAME)
    if obstacle := _obstacle(incident, status, wanted.because):
        return Refused(obstacle)
    after, entries = incident, []
    if title:
        after = replace(after, title=title)
        entries.append(Entry(at, EntryKind.TITLE, f"renamed to: {title}", by))
    if severity:
        entries.append(Entry(at, EntryKind.SEVERITY, f"{incident.severity} → {severity}", by))
        after = replace(after, severity=severity)
    if status:
        after = _with_status(after, status, wanted.because, at)
        entries.append(_status_entry(incident.status, status, wanted.because, by, at))
    return Changed(replace(after, updated_at=at), tuple(entries))


def take_role(incident: Incident, role: Role, *, by: By, at: datetime) -> Changed | Refused:
    """Let a person take a role, from whoever holds it. Who takes one is a member from then on."""
    if not incident.open:
        return Refused(Obstacle.CLOSED)
    before = incident.roles.get(role)
    if before and before.account == by.account:
        return Refused(Obstacle.SAME)
    text = f"{by.name} is {role}" + (f", instead of {before.name}" if before else "")
    after = replace(incident, roles={**incident.roles, role: by}, members=_with(incident, by), updated_at=at)
    return Changed(after, (Entry(at, EntryKind.ROLE, text, by),))


def post_update(incident: Incident, text: str, *, by: By, at: datetime, source: str = "") -> Changed:
    """Count an update for everybody; one on how it ended may follow the end."""
    after = replace(incident, last_update_at=at, updates=incident.updates + 1, updated_at=at)
    return Changed(after, (Entry(at, EntryKind.UPDATE, text, by, source),))


def _obstacle(incident: Incident, status: Status | None, because: str) -> Obstacle | None:
    if status is None:
        return None if incident.open else Obstacle.CLOSED
    if status not in NEXT[incident.status]:
        return Obstacle.NOT_NEXT if incident.open else Obstacle.CLOSED
    return Obstacle.NO_REASON if status in CLOSED and not because.strip() else None


def _with_status(incident: Incident, status: Status, because: str, at: datetime) -> Incident:
    if status in CLOSED:
        return replace(incident, status=status, ended_at=at, resolution=because.strip())
    # Reopened, it no longer answers for its key: an incident that was opened under it meanwhile does.
    key = incident.dedup_key if incident.open else ""
    return replace(incident, status=status, ended_at=None, resolution="", dedup_key=key)


def _status_entry(before: Status, status: Status, because: str, by: By, at: datetime) -> Entry:
    if status is Status.RESOLVED:
        return Entry(at, EntryKind.RESOLVED, because.strip(), by)
    if status is Status.CANCELLED:
        return Entry(at, EntryKind.CANCELLED, because.strip(), by)
    if before in CLOSED:
        return Entry(at, EntryKind.REOPENED, because.strip() or "reopened", by)
    return Entry(at, EntryKind.STATUS, f"{before} → {status}", by)


def _with(incident: Incident, by: By) -> tuple[Account, ...]:
    return incident.members if by.account in incident.members else (*incident.members, by.account)
