"""What platforms told us about accounts, and which of them belong to one person."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.errors import ConflictError
from core.messages import Account
from storage.sql import upsert
from storage.tables import account_links, people

_PUT = upsert(people, ("account", "name", "data", "learned_at"), keys=("account",))
_GET = sa.select(people).where(people.c.account == sa.bindparam("who"))

_LINK = upsert(account_links, ("first", "second", "linked_at", "unlinked_at"), keys=("first", "second"))
_TOUCHES = sa.or_(account_links.c.first == sa.bindparam("who"), account_links.c.second == sa.bindparam("who"))
_LASTING = account_links.c.unlinked_at.is_(None)
_EVER = sa.select(account_links.c.first, account_links.c.second).where(_TOUCHES)
_LINKED = _EVER.where(_LASTING)
_UNLINK = sa.update(account_links).where(_TOUCHES, _LASTING).values(unlinked_at=sa.bindparam("now"))


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

    def link(self, first: Account, second: Account, *, now: datetime) -> bool:
        if first == second:
            raise ConflictError("An account cannot be linked with itself.")
        if second in self.linked(first):
            return False
        least, other = sorted((str(first), str(second)))
        row = {"first": least, "second": other, "linked_at": now, "unlinked_at": None}
        self._connection.execute(_LINK.on(self._connection), row)
        return True

    def unlink(self, account: Account, *, now: datetime) -> frozenset[Account]:
        others = self.linked(account)
        self._connection.execute(_UNLINK, {"who": str(account), "now": now})
        return others

    def linked(self, account: Account, *, former: bool = False) -> frozenset[Account]:
        rows = self._connection.execute(_EVER if former else _LINKED, {"who": str(account)})
        return frozenset(Account.parse(name) for row in rows for name in row if name != str(account))
