"""Groups of alerts, one row each; of one name the latest generation is the one that is added to."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from core.alerts.alert import State
from core.alerts.stored import dump_group, load_group
from core.errors import ConflictError
from core.ports.records import StoredGroup
from storage.sql import AnyRow, insert_new, word
from storage.tables import alert_groups

_COLUMNS = ("id", "name", "generation", "state", "last_seen", "version", "content")
_ADD = insert_new(alert_groups, _COLUMNS)
_SAVE = (
    sa.update(alert_groups)
    .where(alert_groups.c.id == sa.bindparam("which"), alert_groups.c.version == sa.bindparam("expected"))
    .values({name: sa.bindparam(f"to_{name}") for name in ("state", "last_seen", "version", "content")})
)
_GET = sa.select(alert_groups).where(alert_groups.c.id == sa.bindparam("which"))
_LATEST = (
    sa.select(alert_groups)
    .where(alert_groups.c.name == sa.bindparam("called"))
    .order_by(alert_groups.c.generation.desc())
    .limit(sa.literal_column("1"))
)
_OPEN = (
    sa.select(alert_groups)
    .where(alert_groups.c.state == word(State.FIRING))
    .order_by(alert_groups.c.last_seen.desc(), alert_groups.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


class AlertGroupStore:
    """Implements `core.ports.records.AlertGroups`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def latest(self, source: str, key: str) -> StoredGroup | None:
        row = self._connection.execute(_LATEST, {"called": _name(source, key)}).first()
        return _stored(row) if row else None

    def get(self, group_id: str) -> StoredGroup | None:
        row = self._connection.execute(_GET, {"which": group_id}).first()
        return _stored(row) if row else None

    def open(self, *, limit: int) -> Sequence[StoredGroup]:
        return [_stored(row) for row in self._connection.execute(_OPEN, {"most": limit})]

    def add(self, stored: StoredGroup) -> None:
        if self._connection.execute(_ADD.on(self._connection), _row(stored)).first() is None:
            raise ConflictError("This group of alerts was begun by somebody else.")

    def save(self, stored: StoredGroup) -> StoredGroup:
        after = replace(stored, version=stored.version + 1)
        to = {f"to_{name}": value for name, value in _row(after).items()}
        given = {"which": stored.id, "expected": stored.version, **to}
        if self._connection.execute(_SAVE, given).rowcount != 1:
            raise ConflictError("This group of alerts was changed by somebody else.")
        return after


def _name(source: str, key: str) -> str:
    """Keys are as long as their senders like."""
    return f"{source}/{hashlib.sha256(key.encode(errors='replace')).hexdigest()}"


def _row(stored: StoredGroup) -> dict[str, object]:
    group = stored.group
    return {
        "id": stored.id,
        "name": _name(group.source, group.key),
        "generation": stored.generation,
        "state": group.state.value,
        "last_seen": group.last_seen,
        "version": stored.version,
        "content": dump_group(group),
    }


def _stored(row: AnyRow) -> StoredGroup:
    return StoredGroup(row.id, load_group(row.content), row.generation, row.version)
