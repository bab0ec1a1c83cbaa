"""The record of writes, decisions and refusals; append-only."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from core.ports.records import AuditRow
from core.redaction import redact, redact_value
from storage.audit_chain import FIELDS, AuditChain, record_of
from storage.leases import claim_lease
from storage.sql import holds
from storage.tables import audit

_ADD = sa.insert(audit).inline()
_LEASE = "audit"
_SEARCHED = (audit.c.actor, audit.c.target, audit.c.reason, audit.c.details, audit.c.before, audit.c.after)


class AuditStore:
    """Implements `core.ports.records.Audit`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, row: AuditRow) -> None:
        # The one door into the audit: what people typed as a reason or parameter may hold a secret.
        values = {name: getattr(row, name) for name in FIELDS}
        values |= {name: redact_value(values[name]) for name in ("details", "before", "after")}
        self._connection.execute(_ADD, {**values, "reason": redact(row.reason)})

    def find(
        self,
        *,
        action: str = "",
        target: str = "",
        actor: str = "",
        outcome: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        text: str = "",
        limit: int = 100,
    ) -> Sequence[AuditRow]:
        query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
        if action:
            query = query.where(sa.func.substr(audit.c.action, 1, len(action)) == action)
        for column, value in ((audit.c.target, target), (audit.c.actor, actor), (audit.c.outcome, outcome)):
            if value:
                query = query.where(column == value)
        if since:
            query = query.where(audit.c.at >= since)
        if until:
            query = query.where(audit.c.at < until)
        if text:
            query = query.where(sa.or_(*(holds(column, text) for column in _SEARCHED)))
        return [record_of(row) for row in self._connection.execute(query)]

    def unsealed(self) -> int:
        return AuditChain(self._connection).waiting()

    def seal(self, *, holder: str, lease_seconds: float, limit: int) -> int | None:
        if not claim_lease(self._connection, _LEASE, holder=holder, seconds=lease_seconds):
            return None
        return AuditChain(self._connection).seal(limit=limit)
