"""Things to do at a time; any replica fires them, each once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.ports.records import Timer
from storage.sql import db_in, db_now, upsert
from storage.tables import timers

_BEYOND = "\U0010ffff"
"""Sorts after every text that continues a prefix."""


_SET = upsert(
    timers,
    ("key", "kind", "due_at", "data"),
    constants={"holder": sa.null(), "claimed_until": sa.null()},
    keys=("key",),
)
_BEGINS = timers.c.key >= sa.bindparam("prefix"), timers.c.key < sa.bindparam("beyond")
_CANCEL = sa.delete(timers).where(*_BEGINS)
_NAMED = sa.select(timers.c.key, timers.c.kind, timers.c.due_at, timers.c.data).where(*_BEGINS).order_by(timers.c.key)
_due = (
    sa.select(timers.c.key)
    .where(
        timers.c.due_at <= sa.bindparam("now"),
        sa.or_(timers.c.claimed_until.is_(None), timers.c.claimed_until <= db_now()),
    )
    .order_by(timers.c.due_at, timers.c.key)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM = (
    sa.update(timers)
    .where(timers.c.key.in_(sa.select(_due.c.key)))
    .values(holder=sa.bindparam("by"), claimed_until=db_in("lease"))
    .returning(timers.c.key, timers.c.kind, timers.c.due_at, timers.c.data)
)
_DONE = sa.delete(timers).where(
    timers.c.key == sa.bindparam("fired"), timers.c.holder == sa.bindparam("by"), timers.c.claimed_until > db_now()
)
_NEXT = sa.select(sa.func.min(timers.c.due_at))


class TimerStore:
    """Implements `core.ports.records.Timers`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def set(self, key: str, kind: str, due_at: datetime, data: dict[str, Any]) -> None:
        row = {"key": key, "kind": kind, "due_at": due_at, "data": data}
        self._connection.execute(_SET.on(self._connection), row)

    def cancel(self, prefix: str) -> int:
        return self._connection.execute(_CANCEL, {"prefix": prefix, "beyond": prefix + _BEYOND}).rowcount

    def claim_due(self, *, now: datetime, holder: str, lease_seconds: float, limit: int) -> Sequence[Timer]:
        claim = {"now": now, "by": holder, "lease": lease_seconds, "most": limit}
        claimed = [Timer(row.key, row.kind, row.due_at, row.data) for row in self._connection.execute(_CLAIM, claim)]
        return sorted(claimed, key=lambda timer: (timer.due_at, timer.key))

    def done(self, key: str, *, holder: str) -> bool:
        return self._connection.execute(_DONE, {"fired": key, "by": holder}).rowcount == 1

    def named(self, prefix: str) -> Sequence[Timer]:
        rows = self._connection.execute(_NAMED, {"prefix": prefix, "beyond": prefix + _BEYOND})
        return [Timer(row.key, row.kind, row.due_at, row.data) for row in rows]

    def next_due(self) -> datetime | None:
        earliest: datetime | None = self._connection.execute(_NEXT).scalar()
        return earliest
