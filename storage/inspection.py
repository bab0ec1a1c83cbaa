"""Looks at a database without changing it: no schema is made or migrated, no claim is touched. For the doctor."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import exc

from core.messages import Incoming, load_incoming
from storage.errors import reason
from storage.migrate import complaint, run_on, version_table
from storage.outbox import OLDEST
from storage.sql import db_now
from storage.tables import inbox, outbox, work_items

_PARKED_SHOWN = 5
_READ = 2_000
"""Inbox rows that are looked at, latest first."""


@dataclass(frozen=True, slots=True)
class Parked:
    """Something that was given up for now."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found."""

    schema: str = ""
    """Why the schema does not fit; empty when it is current."""
    unwritable: str = ""
    """Why nothing can be written; empty when it can."""
    now: datetime | None = None
    """The database's clock; None where it is the machine's own."""
    waits_since: datetime | None = None
    """Since when the oldest row of the outbox waits."""
    posts_parked: int = 0
    work_parked: int = 0
    parked: tuple[Parked, ...] = ()
    """Some of them."""


@dataclass(frozen=True, slots=True)
class Disk:
    """The file of a SQLite database and the disk it is on."""

    exists: bool
    free: int
    """Bytes."""
    wal: int
    """Bytes of the write-ahead log."""


async def inspect(url: str) -> Inspection:
    """UnavailableError when the database cannot be reached, or a newer Copilot made it."""
    return await run_on(url, _inspect)


async def received(url: str, platform: str) -> Sequence[Incoming]:
    """What came in from a platform lately, latest first. Raises as `inspect` does."""

    def read(connection: sa.Connection) -> Sequence[str]:
        found = sa.select(inbox.c.item).where(inbox.c.conversation.like(f"{platform}:%"))
        return connection.execute(found.order_by(inbox.c.seq.desc()).limit(_READ)).scalars().all()

    return [load_incoming(item) for item in await run_on(url, read)]


def disk(url: str) -> Disk | None:
    """The file of a SQLite database; None for others."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    path = Path(parsed.database or "").absolute()
    folder = next(folder for folder in path.parents if folder.exists())
    wal = Path(f"{path}-wal")
    return Disk(path.exists(), shutil.disk_usage(folder).free, wal.stat().st_size if wal.exists() else 0)


def _inspect(connection: sa.Connection) -> Inspection:
    now = None if connection.dialect.name == "sqlite" else connection.execute(sa.select(db_now())).scalar_one()
    if schema := complaint(connection):
        return Inspection(schema=schema, now=now)
    posts = sa.select(outbox.c.lane, outbox.c.error).where(outbox.c.state == "parked")
    work = sa.select(work_items.c.key, work_items.c.error).where(work_items.c.state == "parked")
    parked_posts = [Parked(row.lane, row.error) for row in connection.execute(posts.order_by(outbox.c.seq))]
    parked_work = [Parked(row.key, row.error) for row in connection.execute(work.order_by(work_items.c.seq))]
    return Inspection(
        now=now,
        waits_since=connection.execute(OLDEST).scalar(),
        posts_parked=len(parked_posts),
        work_parked=len(parked_work),
        parked=(*parked_posts[:_PARKED_SHOWN], *parked_work[:_PARKED_SHOWN]),
        # Last: PostgreSQL does nothing more in a transaction after a statement that failed.
        unwritable=_unwritable(connection),
    )


def _unwritable(connection: sa.Connection) -> str:
    """Write something that changes nothing."""
    same = sa.update(version_table).values(version_num=version_table.c.version_num)
    try:
        connection.execute(same)
    except exc.SQLAlchemyError as error:
        return reason(error)
    return ""
