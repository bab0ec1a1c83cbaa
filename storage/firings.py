"""What schedules and triggers have started."""

from datetime import datetime

import sqlalchemy as sa

from storage.sql import LockSpace, insert_new, lock
from storage.tables import firings

_PUT = insert_new(firings, ("starter", "occasion", "at", "run_id"))
_STARTED = (
    sa.update(firings)
    .where(firings.c.starter == sa.bindparam("which"), firings.c.occasion == sa.bindparam("when"))
    .values(run_id=sa.bindparam("run"))
)
_COUNT = sa.select(sa.func.count()).where(
    firings.c.starter == sa.bindparam("which"),
    firings.c.at >= sa.bindparam("since"),
    firings.c.run_id != sa.literal(""),
)
_LATEST = (
    sa.select(firings.c.run_id)
    .where(firings.c.starter == sa.bindparam("which"), firings.c.run_id != sa.literal(""))
    .order_by(firings.c.at.desc())
    .limit(1)
)


class FiringStore:
    """Implements `core.ports.records.Firings`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, starter: str, occasion: str, at: datetime) -> bool:
        row = {"starter": starter, "occasion": occasion, "at": at, "run_id": ""}
        return self._connection.execute(_PUT.on(self._connection), row).first() is not None

    def started(self, starter: str, occasion: str, run_id: str) -> None:
        self._connection.execute(_STARTED, {"which": starter, "when": occasion, "run": run_id})

    def count(self, starter: str, since: datetime) -> int:
        lock(self._connection, LockSpace.STARTER, starter)
        return int(self._connection.execute(_COUNT, {"which": starter, "since": since}).scalar_one())

    def latest(self, starter: str) -> str:
        return str(self._connection.execute(_LATEST, {"which": starter}).scalar() or "")
