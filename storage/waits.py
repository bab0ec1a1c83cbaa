"""Steps that wait for events."""

from collections.abc import Sequence

import sqlalchemy as sa

from storage.sql import upsert
from storage.tables import run_waits

_PUT = upsert(run_waits, ("run_id", "step", "event"), keys=("run_id", "step"))
_OF = (
    sa.select(run_waits.c.run_id, run_waits.c.step)
    .where(run_waits.c.event == sa.bindparam("kind"))
    .order_by(run_waits.c.run_id, run_waits.c.step)
)
_DROP_ALL = sa.delete(run_waits).where(run_waits.c.run_id == sa.bindparam("run"))
_DROP = _DROP_ALL.where(run_waits.c.step == sa.bindparam("one"))


class WaitStore:
    """Implements `core.ports.records.Waits`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, run_id: str, step: str, event: str) -> None:
        self._connection.execute(_PUT.on(self._connection), {"run_id": run_id, "step": step, "event": event})

    def drop(self, run_id: str, step: str = "") -> None:
        if step:
            self._connection.execute(_DROP, {"run": run_id, "one": step})
        else:
            self._connection.execute(_DROP_ALL, {"run": run_id})

    def of(self, event: str) -> Sequence[tuple[str, str]]:
        return [(row.run_id, row.step) for row in self._connection.execute(_OF, {"kind": event})]
