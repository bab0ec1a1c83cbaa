"""Removes what has been kept long enough, a few rows at a time: no statement holds the database for long."""

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa

from core.audit import End
from storage.audit_chain import AuditChain
from storage.leases import claim_lease
from storage.sql import AnyRow, db_now, word
from storage.tables import (
    action_tokens,
    alert_groups,
    approvals,
    audit,
    audit_seals,
    firings,
    inbox,
    message_refs,
    receipts,
    run_events,
    run_parameters,
    run_waits,
    runs,
    sealed_values,
    sessions,
    work_items,
)
from storage.types import Instant

_LEASE = "retention"
_BEFORE = sa.bindparam("before", type_=Instant)
_MOST = sa.bindparam("most", type_=sa.Integer)


def _ended(
    key: sa.Column[object], *ended: sa.ColumnElement[bool], order: sa.ColumnElement[object]
) -> sa.Select[object]:
    return sa.select(key).where(*ended).order_by(order).limit(_MOST)


_INBOX = _ended(inbox.c.id, inbox.c.finished_at < _BEFORE, order=inbox.c.finished_at)
_WORK = _ended(
    work_items.c.id,
    work_items.c.state == word("done"),
    work_items.c.finished_at < _BEFORE,
    order=work_items.c.finished_at,
)
_SESSIONS = _ended(sessions.c.conversation, sessions.c.updated_at < _BEFORE, order=sessions.c.updated_at)
_OVER = sa.or_(action_tokens.c.used.is_(sa.true()), action_tokens.c.expires_at < _BEFORE)
_TOKENS = _ended(action_tokens.c.token, _OVER, action_tokens.c.put_at < _BEFORE, order=action_tokens.c.put_at)
# Put by a version that did not note when: they age from the first look at them.
_AGELESS = _ended(action_tokens.c.token, action_tokens.c.put_at.is_(None), order=action_tokens.c.token)
_ALERTS = _ended(
    alert_groups.c.id,
    alert_groups.c.state == word("resolved"),
    alert_groups.c.last_seen < _BEFORE,
    order=alert_groups.c.last_seen,
)
_RECEIPTS = _ended(receipts.c.id, receipts.c.at < _BEFORE, order=receipts.c.at)
_EVENT = sa.tuple_(firings.c.starter, firings.c.occasion)
_EVENTS = (
    sa.select(firings.c.starter, firings.c.occasion).where(firings.c.at < _BEFORE).order_by(firings.c.at).limit(_MOST)
)
_DROP_EVENTS = sa.delete(firings).where(_EVENT.in_(_EVENTS))
_RUNS = _ended(runs.c.id, runs.c.finished_at < _BEFORE, order=runs.c.finished_at)
_RUN_APPROVALS = sa.select(approvals.c.id).where(approvals.c.run_id.in_(sa.bindparam("of", expanding=True)))
_ABOUT_APPROVALS = (("remind", ":1"), ("remind", ":2"), ("escalate", ""))
"""How the subjects of messages about a request are named."""
_AUDIT = (
    sa.select(audit_seals.c.number, audit_seals.c.record, audit_seals.c.hash, audit.c.at)
    .select_from(audit_seals.outerjoin(audit, audit.c.id == audit_seals.c.record))
    .order_by(audit_seals.c.number)
    .limit(_MOST)
)


class RetentionStore:
    """Implements `core.ports.records.Retention`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._kinds: dict[str, Callable[[datetime, int], int]] = {
            "inbox": self._inbox,
            "work": lambda before, most: len(self._drop(work_items.c.id, self._keys(_WORK, before, most))),
            "buttons": self._buttons,
            "sessions": lambda before, most: len(
                self._drop(sessions.c.conversation, self._keys(_SESSIONS, before, most))
            ),
            "alerts": self._alerts,
            "receipts": lambda before, most: len(self._drop(receipts.c.id, self._keys(_RECEIPTS, before, most))),
            "runs": self._runs,
            "events": self._events,
            "audit": self._audit,
        }

    def due(self, *, holder: str, every_seconds: float) -> bool:
        return claim_lease(self._connection, _LEASE, holder=holder, seconds=every_seconds, again=False)

    def clean(self, kind: str, *, before: datetime, limit: int) -> int:
        return self._kinds[kind](before, limit)

    def _inbox(self, before: datetime, most: int) -> int:
        gone = self._drop(inbox.c.id, self._keys(_INBOX, before, most))
        subjects = [f"turn:{entry}" for entry in gone]
        self._drop(message_refs.c.subject, subjects)
        self._drop(action_tokens.c.subject, subjects)
        return len(gone)

    def _buttons(self, before: datetime, most: int) -> int:
        ageless = list(self._connection.execute(_AGELESS, {"most": most}).scalars())
        if ageless:
            of_these = action_tokens.c.token.in_(ageless)
            self._connection.execute(sa.update(action_tokens).where(of_these).values(put_at=db_now()))
        return len(self._drop(action_tokens.c.token, self._keys(_TOKENS, before, most)))

    def _runs(self, before: datetime, most: int) -> int:
        gone = self._keys(_RUNS, before, most)
        if not gone:
            return 0
        asked = list(self._connection.execute(_RUN_APPROVALS, {"of": gone}).scalars())
        for table in (run_events, run_parameters, run_waits, sealed_values, approvals):
            self._drop(table.c.run_id, gone)
        self._drop(runs.c.id, gone)
        self._drop(action_tokens.c.subject, asked)
        self._drop(message_refs.c.subject, [f"run:{run}" for run in gone])
        self._drop(message_refs.c.subject, [f"{what}:{one}{n}" for one in asked for what, n in _ABOUT_APPROVALS])
        return len(gone)

    def _alerts(self, before: datetime, most: int) -> int:
        gone = self._drop(alert_groups.c.id, self._keys(_ALERTS, before, most))
        self._drop(message_refs.c.subject, [f"alerts:{group}" for group in gone])
        return len(gone)

    def _events(self, before: datetime, most: int) -> int:
        return self._connection.execute(_DROP_EVENTS, {"before": before, "most": most}).rowcount

    def _audit(self, before: datetime, most: int) -> int:
        """The oldest seals as far as their records are older; what stays follows the last that went."""
        gone: list[AnyRow] = []
        for row in self._connection.execute(_AUDIT, {"most": most}):
            if row.at is None or row.at >= before:
                break
            gone.append(row)
        if gone:
            AuditChain(self._connection).set_end("start", End(gone[-1].number, gone[-1].hash))
            self._drop(audit_seals.c.number, [row.number for row in gone])
            self._drop(audit.c.id, [row.record for row in gone])
        return len(gone)

    def _keys(self, query: sa.Select[object], before: datetime, most: int) -> list[object]:
        return list(self._connection.execute(query, {"before": before, "most": most}).scalars())

    def _drop(self, column: sa.Column[object], keys: Sequence[object]) -> Sequence[object]:
        if keys:
            self._connection.execute(sa.delete(column.table).where(column.in_(keys)))
        return keys
