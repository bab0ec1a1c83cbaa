"""After a crash on one machine: what a dead process of ours had claimed is free at once, without waiting for its leases."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from storage.sql import db_now
from storage.tables import inbox, outbox, timers, work_items
from storage.unit import SqlTransaction

_LEASES = (
    (inbox, inbox.c.claimed_until),
    (outbox, outbox.c.claimed_until),
    (timers, timers.c.claimed_until),
    (work_items, work_items.c.visible_at),
)
"""The column that holds the end of a claim; for work items it is also the end of a delay, when nobody holds them."""


@contextmanager
def alone(url: str) -> Iterator[bool]:
    """True when no other process of ours has this SQLite file open in this way; it stays so while the block runs. Always False
    on PostgreSQL, where other machines may be at work."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        yield False
        return
    with Path(f"{parsed.database}.lock").open("a") as file:
        held = False
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = True
        yield held


def end_claims(tx: SqlTransaction) -> int:
    """End the lease of every claim; whoever held one is gone. How many there were."""
    ended = 0
    for table, until in _LEASES:
        live = sa.and_(table.c.holder.is_not(None), until > db_now())
        ended += tx.connection.execute(sa.update(table).where(live).values({until: db_now()})).rowcount
    return ended
