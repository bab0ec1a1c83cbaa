"""What platforms told us about accounts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.messages import Account
from storage.sql import upsert
from storage.tables import people

_PUT = upsert(people, ("account", "name", "data", "learned_at"), keys=("account",))
_GET = sa.select(people).where(people.c.account == sa.bindparam("who"))


class PeopleStore:
    """Implements `core.ports.records.People`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, account: Account, *, name: str, data: dict[str, Any], now: datetime) -> None:
        row = {"account": str(account), "name": name, "data": data, "learned_at": now}
        self._connection.execute(_PUT.on(self._connection), row)

    def get(self, account: Account) -> tuple[str, dict[str, Any], datetime] | None:
        row = self._connection.execute(_GET, {"who": str(account)}).first()
        return (row.name, row.data, row.learned_at) if row else None
