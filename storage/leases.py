"""Leases by name: work that one of all replicas does. They end by the database's clock."""

import sqlalchemy as sa

from storage.sql import db_in, db_now, insert_new
from storage.tables import leases

_FIRST = insert_new(leases, ("name", "holder"), constants={"claimed_until": db_in("seconds")})
_FREE = leases.c.claimed_until <= db_now()
_CLAIM = (
    sa.update(leases)
    .where(leases.c.name == sa.bindparam("named"))
    .values(holder=sa.bindparam("by"), claimed_until=db_in("seconds"))
)
_CLAIM_FREE = _CLAIM.where(_FREE)
_CLAIM_OWN = _CLAIM.where(sa.or_(_FREE, leases.c.holder == sa.bindparam("by")))


def claim_lease(connection: sa.Connection, name: str, *, holder: str, seconds: float, again: bool = True) -> bool:
    """Claim the lease or (`again`) let one's own start anew; False while somebody else has it. Until the transaction ends no
    other can claim it: of two at once the second waits and is refused."""
    claim = {"named": name, "by": holder, "seconds": seconds}
    if connection.execute(_CLAIM_OWN if again else _CLAIM_FREE, claim).rowcount == 1:
        return True
    first = {"name": name, "holder": holder, "seconds": seconds}
    return connection.execute(_FIRST.on(connection), first).first() is not None
