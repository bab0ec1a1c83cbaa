"""The record of writes, decisions and refusals; append-only."""

from collections.abc import Sequence

import sqlalchemy as sa

from core.ports.records import AuditRow
from core.redaction import redact, redact_value
from storage.tables import audit

_FIELDS = ("at", "actor", "action", "target", "outcome", "reason", "place", "correlation", "details")
_ADD = sa.insert(audit).inline()


class AuditStore:
    """Implements `core.ports.records.Audit`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, row: AuditRow) -> None:
        # The one door into the audit: what people typed as a reason or parameter may hold a secret.
        values = {name: getattr(row, name) for name in _FIELDS}
        values |= {"reason": redact(row.reason), "details": redact_value(row.details)}
        self._connection.execute(_ADD, values)

    def find(self, *, action: str = "", target: str = "", actor: str = "", limit: int = 100) -> Sequence[AuditRow]:
        query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
        if action:
            query = query.where(sa.func.substr(audit.c.action, 1, len(action)) == action)
        if target:
            query = query.where(audit.c.target == target)
        if actor:
            query = query.where(audit.c.actor == actor)
        rows = self._connection.execute(query)
        return [AuditRow(id=row.id, **{name: getattr(row, name) for name in _FIELDS}) for row in rows]
