"""What people, marks and time do to incidents. Each function runs inside one transaction, is plain and synchronous: the change, its
timeline, its audit row, its timers and (through `Means.announce`) its cards are committed together, or not at all. No wording here.

May this actor do it at all? That is `core.planning.policy`, judged by the caller. Whether the incident is theirs to see is judged
here: a private incident does not exist for others. ConflictError from any of them: run the unit again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.actors import Actor, By
from core.errors import ConflictError
from core.incidents import lifecycle
from core.incidents.incident import Entry, EntryKind, Incident, Link, Report, Role, RoomState, Status
from core.incidents.lifecycle import Obstacle, Refused, Wanted
from core.incidents.reminders import CADENCE, awake, due_at
from core.messages import Account, Place
from core.ports.clock import Ids
from core.ports.records import ActionToken, AuditRow, Timer, Transaction
from core.quiet_hours import QuietHours
from core.workflow.happenings import INCIDENT_OPENED, INCIDENT_RESOLVED, Happening
from core.workflow.signals import Origin

ROOM_SETTING = "incident"
"""Channel setting of a room: the id of its incident."""
ROOMS = "rooms"
"""The work queue whose items are ids of incidents whose room is to be brought up to date."""
REMINDER = "incident.reminder"
"""Kind of the timer that reminds of an update."""

SEVERITY, STATUS, ROLE, SNOOZE, POSTMORTEM = (
    "incident.severity",
    "incident.status",
    "incident.role",
    "incident.snooze",
    "incident.postmortem",
)
"""Purposes of the tokens on an incident's card; their data is `{"incident", "role"?}`."""

Announce = Callable[[Transaction, Incident, Sequence[Entry]], None]
"""Called inside the transaction after each change, with the new state and what went on the timeline."""


Happened = Callable[[Transaction, Incident, Happening], None]
"""Called inside the transaction in which an incident that everybody may know of opens or ends; starts and wakes runs."""


def unheard(tx: Transaction, incident: Incident, happening: Happening) -> None:
    """Nothing follows."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every change needs besides the transaction."""

    ids: Ids
    announce: Announce
    quiet: QuietHours | None = None
    happened: Happened = unheard


@dataclass(frozen=True, slots=True)
class Done:
    """It took effect."""

    incident: Incident
    fresh: bool = True
    """False when `declare` found the open incident of the same key."""


@dataclass(frozen=True, slots=True)
class NotDone:
    """It changed nothing."""

    obstacle: Obstacle | None = None
    """None: there is no such incident, as far as this person may know."""
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Through whose eyes: the accounts of a person, and where they stand."""

    accounts: frozenset[Account]
    here: Place | None = None


def declare(tx: Transaction, means: Means, report: Report, actor: Actor, *, origin: Origin, place: Place) -> Done:
    """Open an incident; idempotent by the report's dedup key."""
    by = By.of(actor)
    blank = Incident(
        id="",
        title=report.title,
        severity=report.severity,
        status=Status.INVESTIGATING,
        declared_by=by,
        declared_at=origin.at,
        updated_at=origin.at,
        place=place,
        service=report.service,
        details=report.details,
        private=report.private,
        dedup_key=report.dedup_key,
        members=(by.account,),
        tokens={purpose: means.ids.token() for purpose in _purposes()},
    )
    incident, fresh = tx.incidents.add(blank)
    if not fresh:
        return Done(incident, fresh=False)
    for purpose, token in incident.tokens.items():
        kind, _, role = purpose.partition("/")
        data = {"incident": incident.id} | ({"role": role} if role else {})
        tx.tokens.put(ActionToken(token, kind, incident.id, data))
    tx.work.put(ROOMS, incident.id)
    said = report.title + (f"\n{report.details}" if report.details else "")
    entry = Entry(origin.at, EntryKind.DECLARED, said, by)
    _record(tx, means, incident, (entry,))
    after = {"severity": incident.severity.value, "title": incident.title, "private": incident.private}
    tx.audit.add(replace(_audit(actor, "incident.declare", incident.id, origin), after=after))
    _tell(tx, means, INCIDENT_OPENED, incident, origin)
    return Done(incident)


def change(tx: Transaction, means: Means, incident_id: str, wanted: Wanted, actor: Actor, seen: Seen, *, origin: Origin) -> Done | NotDone:  # fmt: skip
    """Change severity, status or title; closing needs a reason."""
    before = find(tx, incident_id, seen)
    if before is None:
        return NotDone()
    changed = lifecycle.change(before, wanted, by=By.of(actor), at=origin.at)
    if isinstance(changed, Refused):
        return NotDone(changed.obstacle, before)
    after = tx.incidents.save(changed.incident)
    _record(tx, means, after, changed.entries)
    tx.work.put(ROOMS, after.id)
    row = _audit(actor, "incident.change", after.id, origin, wanted.because)
    tx.audit.add(replace(row, before=_state(before, after), after=_state(after, before)))
    if before.open and not after.open:
        _tell(tx, means, INCIDENT_RESOLVED, after, origin)
    return Done(after)


def take_role(tx: Transaction, means: Means, incident_id: str, role: Role, actor: Actor, seen: Seen, *, origin: Origin) -> Done | NotDone:  # fmt: skip
    """Claim a role."""
    before = find(tx, incident_id, seen)
    if before is None:
        return NotDone()
    changed = lifecycle.take_role(before, role, by=By.of(actor), at=origin.at)
    if isinstance(changed, Refused):
        return NotDone(changed.obstacle, before)
    after = tx.incidents.save(changed.incident)
    _record(tx, means, after, changed.entries)
    tx.work.put(ROOMS, after.id)
    held = before.roles.get(role)
    row = _audit(actor, "incident.role", after.id, origin)
    given = {role.value: str(held.account) if held else None}
    tx.audit.add(replace(row, before=given, after={role.value: str(actor.account)}))
    return Done(after)


def post_update(tx: Transaction, means: Means, incident_id: str, text: str, actor: Actor, seen: Seen, *, origin: Origin, source: str = "") -> Done | NotDone:  # fmt: skip
    """Write an update once for everybody who follows the incident; the next one is due from here. `source`: natural key of what
    wrote it, which writes one update; SAME when that is there already."""
    before = find(tx, incident_id, seen)
    if before is None:
        return NotDone()
    if source and any(entry.source == source for entry in tx.incidents.timeline(before.id)):
        return NotDone(Obstacle.SAME, before)
    changed = lifecycle.post_update(before, text, by=By.of(actor), at=origin.at, source=source)
    after = tx.incidents.save(changed.incident)
    _record(tx, means, after, changed.entries)
    tx.audit.add(replace(_audit(actor, "incident.update", after.id, origin), after={"update": text}))
    return Done(after)


def note(tx: Transaction, means: Means, incident_id: str, entry: Entry, actor: Actor, seen: Seen, *, origin: Origin) -> Done | NotDone:  # fmt: skip
    """Put an entry on the timeline. SAME when its source is on it already."""
    incident = find(tx, incident_id, seen)
    if incident is None:
        return NotDone()
    if not tx.incidents.log(incident.id, entry):
        return NotDone(Obstacle.SAME, incident)
    means.announce(tx, incident, (entry,))
    tx.audit.add(replace(_audit(actor, "incident.note", incident.id, origin), after={"note": entry.text}))
    return Done(incident)


def link(tx: Transaction, means: Means, incident_id: str, linked: Link, entry: Entry, *, at: datetime) -> None:
    """Link a run, a query, an alert or an address, once, and say so on the timeline."""
    incident = tx.incidents.get(incident_id)
    if incident is None:
        return
    if tx.incidents.link(incident.id, linked, now=at) and tx.incidents.log(incident.id, entry):
        means.announce(tx, incident, (entry,))


def snooze(tx: Transaction, means: Means, incident_id: str, actor: Actor, seen: Seen, *, origin: Origin) -> Done | NotDone:  # fmt: skip
    """Put the reminder off by one whole interval."""
    incident = find(tx, incident_id, seen)
    if incident is None:
        return NotDone()
    if not incident.open:
        return NotDone(Obstacle.CLOSED, incident)
    due = awake(incident, origin.at + CADENCE[incident.severity], means.quiet)
    _remind_at(tx, incident, due)
    tx.audit.add(replace(_audit(actor, "incident.snooze", incident.id, origin), after={"until": due.isoformat()}))
    return Done(incident)


def fire_reminder(tx: Transaction, means: Means, timer: Timer, *, holder: str, at: datetime) -> Incident | None:
    """Do what a claimed REMINDER timer stands for: the incident that lacks an update, or None when it does not any more. The next
    reminder is set. ConflictError (roll back) when the claim was lost."""
    if not tx.timers.done(timer.key, holder=holder):
        raise ConflictError(f"the timer {timer.key} is no longer ours")
    incident = tx.incidents.get(timer.data["incident"])
    if incident is None or not incident.open:
        return None
    _remind_at(tx, incident, awake(incident, at + CADENCE[incident.severity], means.quiet))
    return incident


def set_room(tx: Transaction, means: Means, incident: Incident, room: Place | None, state: RoomState, *, at: datetime) -> Incident:  # fmt: skip
    """Note what became of the room; says on the timeline when it was opened."""
    opened = room is not None and incident.room is None
    after = tx.incidents.save(replace(incident, room=room, room_state=state))
    if opened and room is not None:
        if room.thread is None:
            tx.channels.set(room.lane, ROOM_SETTING, incident.id)
        entry = Entry(at, EntryKind.ROOM, "the room was opened", source="room")
        tx.incidents.log(incident.id, entry)
        means.announce(tx, after, (entry,))
    elif state.trouble != incident.room_state.trouble:
        means.announce(tx, after, ())
    return after


def find(tx: Transaction, incident_id: str, seen: Seen) -> Incident | None:
    """The incident, if this person may know of it. "" means the one whose room they are in."""
    incident = tx.incidents.get(incident_id or of_room(tx, seen.here))
    return incident if incident and incident.seen_by(seen.accounts, seen.here) else None


def of_room(tx: Transaction, place: Place | None) -> str:
    """The id of the incident whose room this is, or ""."""
    return tx.channels.get(place.lane).get(ROOM_SETTING, "") if place else ""


def listed(tx: Transaction, seen: Seen, *, open_only: bool, service: str = "", limit: int = 10) -> Sequence[Incident]:
    """What this person may know of, latest first."""
    found = tx.incidents.find(open_only=open_only, service=service, limit=limit * 3)
    return [incident for incident in found if incident.seen_by(seen.accounts, seen.here)][:limit]


def _record(tx: Transaction, means: Means, incident: Incident, entries: Sequence[Entry]) -> None:
    """Timeline, cards and the next reminder."""
    for entry in entries:
        tx.incidents.log(incident.id, entry)
    means.announce(tx, incident, entries)
    due = due_at(incident, means.quiet)
    if due is None:
        tx.timers.cancel(_timer(incident))
    elif any(entry.kind in _RESTARTS for entry in entries):
        _remind_at(tx, incident, due)


def _tell(tx: Transaction, means: Means, kind: str, incident: Incident, origin: Origin) -> None:
    """Let runs know, unless it is private: their cards and names would tell of it."""
    if incident.private:
        return
    fields: dict[str, str] = {
        "id": incident.id,
        "title": incident.title,
        "severity": incident.severity.value,
        "status": incident.status.value,
        "service": incident.service,
        "resolution": incident.resolution,
    }
    # An incident that is opened again and ends again has ended twice.
    occasion = f"{incident.id}/{incident.version}"
    text = f"{incident.id} {incident.title}"
    means.happened(
        tx, incident, Happening(kind, occasion, fields, text, origin.at, place=incident.room or incident.place)
    )


_RESTARTS = frozenset({EntryKind.DECLARED, EntryKind.UPDATE, EntryKind.SEVERITY, EntryKind.REOPENED})
"""What moves the time of the next reminder."""


def _remind_at(tx: Transaction, incident: Incident, due: datetime) -> None:
    tx.timers.set(_timer(incident), REMINDER, due, {"incident": incident.id})


def _timer(incident: Incident) -> str:
    return f"incident/{incident.id}/reminder"


def _purposes() -> list[str]:
    return [SEVERITY, STATUS, SNOOZE, POSTMORTEM, *(f"{ROLE}/{role}" for role in Role)]


def _state(one: Incident, other: Incident) -> dict[str, str]:
    """What differs, as the audit shows it."""
    names: Mapping[str, tuple[str, str]] = {
        "severity": (one.severity.value, other.severity.value),
        "status": (one.status.value, other.status.value),
        "title": (one.title, other.title),
    }
    return {name: mine for name, (mine, theirs) in names.items() if mine != theirs}


def _audit(actor: Actor, action: str, target: str, origin: Origin, reason: str = "") -> AuditRow:
    where = str(origin.place) if origin.place else ""
    return AuditRow(origin.at, str(actor), action, target, "done", reason, where, origin.correlation)
