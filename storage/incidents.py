"""Incidents, with their timelines and links."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.actors import By
from core.errors import ConflictError
from core.incidents.incident import Entry, EntryKind, Incident, Link, Role, RoomState, Severity, Status
from core.messages import Account
from storage.codec import dump_place, load_place
from storage.sql import AnyRow, insert_new
from storage.tables import incident_links, incident_timeline, incidents

_STATE = tuple(column.name for column in incidents.columns if column.name != "number")
_ADD = insert_new(incidents, _STATE, known_by="open_key")
_SAVE = (
    sa.update(incidents)
    .where(incidents.c.number == sa.bindparam("which"), incidents.c.version == sa.bindparam("expected"))
    .values(**{name: sa.bindparam(f"to_{name}") for name in _STATE})
)
_GET = sa.select(incidents).where(incidents.c.number == sa.bindparam("which"))
_BY_KEY = sa.select(incidents).where(incidents.c.open_key == sa.bindparam("key"))

_LOG = sa.insert(incident_timeline).inline()
_KNOWN = sa.select(incident_timeline.c.seq).where(
    incident_timeline.c.incident == sa.bindparam("which"), incident_timeline.c.source == sa.bindparam("made_from")
)
_TIMELINE = (
    sa.select(incident_timeline)
    .where(incident_timeline.c.incident == sa.bindparam("which"))
    .order_by(incident_timeline.c.at, incident_timeline.c.seq)
)
_LINK = insert_new(incident_links, ("incident", "kind", "target", "title", "linked_at"))
_LINKS = (
    sa.select(incident_links).where(incident_links.c.incident == sa.bindparam("which")).order_by(incident_links.c.seq)
)
_LARGEST = 2**63 - 1


class IncidentStore:
    """Implements `core.ports.records.Incidents`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, incident: Incident) -> tuple[Incident, bool]:
        inserted = self._connection.execute(_ADD.on(self._connection), _row(incident)).first()
        if inserted is not None:
            return replace(incident, id=f"INC-{inserted[0]}"), True
        known = self._connection.execute(_BY_KEY, {"key": incident.dedup_key}).first()
        if known is None:
            raise ConflictError("The incident with this key was closed meanwhile.")
        return _incident(known), False

    def get(self, incident_id: str) -> Incident | None:
        number = _number(incident_id)
        row = self._connection.execute(_GET, {"which": number}).first() if number else None
        return _incident(row) if row else None

    def save(self, incident: Incident) -> Incident:
        after = replace(incident, version=incident.version + 1)
        to = {f"to_{name}": value for name, value in _row(after).items()}
        given = {"which": _number(incident.id), "expected": incident.version, **to}
        if self._connection.execute(_SAVE, given).rowcount != 1:
            raise ConflictError(f"{incident.id} was changed by somebody else.")
        return after

    def find(self, *, open_only: bool = True, service: str = "", limit: int = 20) -> Sequence[Incident]:
        query = sa.select(incidents).order_by(incidents.c.declared_at.desc(), incidents.c.number.desc()).limit(limit)
        if open_only:
            query = query.where(incidents.c.ended_at.is_(None))
        if service:
            query = query.where(incidents.c.service == service)
        return [_incident(row) for row in self._connection.execute(query)]

    def log(self, incident_id: str, entry: Entry) -> bool:
        number = _number(incident_id)
        if entry.source and self._connection.execute(_KNOWN, {"which": number, "made_from": entry.source}).first():
            return False
        row = {
            "incident": number,
            "at": entry.at,
            "kind": entry.kind.value,
            "text": entry.text,
            "by": str(entry.by.account) if entry.by else None,
            "by_name": entry.by.name if entry.by else "",
            "source": entry.source,
        }
        self._connection.execute(_LOG, row)
        return True

    def timeline(self, incident_id: str) -> Sequence[Entry]:
        rows = self._connection.execute(_TIMELINE, {"which": _number(incident_id)})
        return [Entry(row.at, EntryKind(row.kind), row.text, _by(row.by, row.by_name), row.source) for row in rows]

    def link(self, incident_id: str, link: Link, *, now: datetime) -> bool:
        row = {"incident": _number(incident_id), **asdict(link), "linked_at": now}
        return self._connection.execute(_LINK.on(self._connection), row).first() is not None

    def links(self, incident_id: str) -> Sequence[Link]:
        rows = self._connection.execute(_LINKS, {"which": _number(incident_id)})
        return [Link(row.kind, row.target, row.title) for row in rows]


def _number(incident_id: str) -> int:
    """42 for INC-42; 0, which none has, for everything else."""
    prefix, _, digits = incident_id.strip().upper().partition("-")
    number = int(digits) if prefix == "INC" and digits.isascii() and digits.isdecimal() and len(digits) < 20 else 0
    return number if number <= _LARGEST else 0


def _row(incident: Incident) -> dict[str, Any]:
    return {
        "open_key": incident.dedup_key if incident.dedup_key and incident.open else None,
        "dedup_key": incident.dedup_key,
        "title": incident.title,
        "severity": incident.severity.value,
        "status": incident.status.value,
        "service": incident.service,
        "details": incident.details,
        "private": incident.private,
        "declared_by": str(incident.declared_by.account),
        "declared_by_name": incident.declared_by.name,
        "declared_at": incident.declared_at,
        "updated_at": incident.updated_at,
        "last_update_at": incident.last_update_at,
        "updates": incident.updates,
        "ended_at": incident.ended_at,
        "resolution": incident.resolution,
        "place": dump_place(incident.place),
        "room": dump_place(incident.room) if incident.room else None,
        "room_state": {**asdict(incident.room_state), "invited": [str(a) for a in incident.room_state.invited]},
        "roles": {role.value: [str(by.account), by.name] for role, by in incident.roles.items()},
        "members": [str(account) for account in incident.members],
        "tokens": incident.tokens,
        "version": incident.version,
    }


def _incident(row: AnyRow) -> Incident:
    state = row.room_state
    return Incident(
        id=f"INC-{row.number}",
        title=row.title,
        severity=Severity(row.severity),
        status=Status(row.status),
        declared_by=By(Account.parse(row.declared_by), row.declared_by_name),
        declared_at=row.declared_at,
        updated_at=row.updated_at,
        place=load_place(row.place),
        service=row.service,
        details=row.details,
        private=row.private,
        dedup_key=row.dedup_key,
        room=load_place(row.room) if row.room else None,
        room_state=RoomState(**{**state, "invited": tuple(map(Account.parse, state["invited"]))}),
        roles={Role(role): By(Account.parse(account), name) for role, (account, name) in row.roles.items()},
        members=tuple(map(Account.parse, row.members)),
        tokens=row.tokens,
        last_update_at=row.last_update_at,
        updates=row.updates,
        ended_at=row.ended_at,
        resolution=row.resolution,
        version=row.version,
    )


def _by(account: str | None, name: str) -> By | None:
    return By(Account.parse(account), name) if account else None
