"""Secret values of runs, apart from their histories."""

from collections.abc import Mapping

import sqlalchemy as sa

from storage.tables import sealed_values

_PUT = sa.insert(sealed_values).inline()
_OF = sa.select(sealed_values.c.reference, sealed_values.c.value).where(sealed_values.c.run_id == sa.bindparam("run"))
_DROP = sa.delete(sealed_values).where(sealed_values.c.run_id == sa.bindparam("run"))


class SealedStore:
    """Implements `core.ports.records.Sealed`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, run_id: str, reference: str, value: str | float | bool) -> None:
        self._connection.execute(_PUT, {"reference": reference, "run_id": run_id, "value": value})

    def of(self, run_id: str) -> Mapping[str, str | int | float | bool]:
        return {row.reference: row.value for row in self._connection.execute(_OF, {"run": run_id})}

    def drop(self, run_id: str) -> None:
        self._connection.execute(_DROP, {"run": run_id})
