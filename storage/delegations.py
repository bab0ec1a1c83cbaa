"""Who lets whom decide approvals, until when."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from core.actors import By
from core.messages import Account
from core.ports.records import StandingDelegation
from storage.sql import upsert
from storage.tables import delegations

_COLUMNS = ("giver", "giver_name", "taker", "taker_name", "until")
_PUT = upsert(delegations, _COLUMNS, keys=("giver", "taker"))
_FORGET = sa.delete(delegations).where(
    delegations.c.giver == sa.bindparam("who"), delegations.c.until <= sa.bindparam("now")
)
_LIVE = sa.select(delegations).where(delegations.c.until > sa.bindparam("now"))
_ORDER = (delegations.c.until, delegations.c.giver, delegations.c.taker)
_AMONG: sa.BindParameter[str] = sa.bindparam("who", expanding=True)
_BY = _LIVE.where(delegations.c.giver.in_(_AMONG)).order_by(*_ORDER)
_TO = _LIVE.where(delegations.c.taker.in_(_AMONG)).order_by(*_ORDER)
_END = sa.delete(delegations).where(delegations.c.giver.in_(_AMONG))


class DelegationStore:
    """Implements `core.ports.records.Delegations`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, delegation: StandingDelegation, *, now: datetime) -> None:
        self._connection.execute(_FORGET, {"who": str(delegation.by.account), "now": now})
        row = {
            "giver": str(delegation.by.account),
            "giver_name": delegation.by.name,
            "taker": str(delegation.to.account),
            "taker_name": delegation.to.name,
            "until": delegation.until,
        }
        self._connection.execute(_PUT.on(self._connection), row)

    def end(self, by: Collection[Account], *, now: datetime) -> Sequence[StandingDelegation]:
        found = self.by(by, now=now)
        self._connection.execute(_END, {"who": sorted(map(str, by))})
        return found

    def by(self, accounts: Collection[Account], *, now: datetime) -> Sequence[StandingDelegation]:
        return self._read(_BY, accounts, now)

    def to(self, accounts: Collection[Account], *, now: datetime) -> Sequence[StandingDelegation]:
        return self._read(_TO, accounts, now)

    def _read(
        self, query: sa.Select[tuple[object, ...]], accounts: Collection[Account], now: datetime
    ) -> Sequence[StandingDelegation]:
        rows = self._connection.execute(query, {"who": sorted(map(str, accounts)), "now": now})
        return [
            StandingDelegation(
                By(Account.parse(row.giver), row.giver_name), By(Account.parse(row.taker), row.taker_name), row.until
            )
            for row in rows
        ]
