"""Pointers to work. `core.ports.records.Work` puts them; the rest is for the two queues that deliver them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.ports.queue import WorkItem
from storage.sql import AnyRow, db_in, db_now, insert_new, word
from storage.tables import work_items

_PUT = insert_new(
    work_items,
    ("id", "queue", "key"),
    constants={
        "visible_at": db_in("delay"),
        "state": word("ready"),
        "attempts": sa.literal_column("0"),
        "error": word(""),
    },
    known_by="id",
)

_READY = work_items.c.state == word("ready")
_VISIBLE = work_items.c.visible_at <= db_now()
_IN_QUEUE = work_items.c.queue == sa.bindparam("in_queue")

_picked = (
    sa.select(work_items.c.seq)
    .where(_IN_QUEUE, _READY, work_items.c.visible_at <= db_in("waited"))
    .order_by(work_items.c.visible_at, work_items.c.seq)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("picked")
)
_CLAIM = (
    sa.update(work_items)
    .values(
        holder=sa.bindparam("by"),
        visible_at=db_in("lease"),
        attempts=work_items.c.attempts + sa.literal_column("1"),
    )
    .returning(work_items.c.seq, work_items.c.id, work_items.c.queue, work_items.c.key, work_items.c.attempts)
)
_CLAIM_BATCH = _CLAIM.where(work_items.c.seq.in_(sa.select(_picked.c.seq)))
_CLAIM_ONE = _CLAIM.where(work_items.c.id == sa.bindparam("item"), _READY, _VISIBLE)
_STATE = sa.select(work_items.c.state).where(work_items.c.id == sa.bindparam("item"))

_MINE = (work_items.c.id == sa.bindparam("item"), work_items.c.holder == sa.bindparam("by"), _READY)
_DONE = sa.update(work_items).where(*_MINE).values(state=word("done"), holder=None, finished_at=db_now())
_EXTEND = sa.update(work_items).where(*_MINE, work_items.c.visible_at > db_now()).values(visible_at=db_in("lease"))
_RETRY = sa.update(work_items).where(*_MINE).values(holder=None, visible_at=db_in("delay"))
_UNTOUCHED = _RETRY.values(attempts=work_items.c.attempts - sa.literal_column("1"))
_PARK = sa.update(work_items).where(*_MINE).values(state=word("parked"), holder=None, error=sa.bindparam("because"))

_DEPTH = sa.select(sa.func.count()).select_from(work_items).where(_IN_QUEUE, _READY)
_PARKED = sa.select(work_items).where(_IN_QUEUE, work_items.c.state == word("parked")).order_by(work_items.c.seq)

_PUBLISHABLE = (
    sa.select(work_items.c.seq, work_items.c.id, work_items.c.queue)
    .where(
        _READY,
        _VISIBLE,
        sa.or_(work_items.c.published_at.is_(None), work_items.c.published_at <= db_in("lost_after")),
    )
    .order_by(work_items.c.visible_at, work_items.c.seq)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_PUBLISHED = (
    sa.update(work_items)
    .where(work_items.c.id.in_(sa.bindparam("items", expanding=True)))
    .values(published_at=db_now())
)
_UNPUBLISH = sa.update(work_items).where(_READY, work_items.c.published_at.is_not(None)).values(published_at=None)


@dataclass(frozen=True, slots=True)
class WorkClaim:
    """An item in the hands of one delivery; `holder` names that delivery, not its worker."""

    item: WorkItem
    holder: str


class WorkStore:
    """Implements `core.ports.records.Work`, and what the queues do with the rows."""

    def __init__(self, connection: sa.Connection, news: set[str]) -> None:
        """`news` collects the queues that got work, to wake their workers after the commit."""
        self._connection = connection
        self._news = news

    def put(self, queue: str, key: str, *, item_id: str = "", delay_seconds: float = 0.0) -> str:
        item_id = item_id or secrets.token_urlsafe(16)
        row = {"id": item_id, "queue": queue, "key": key, "delay": delay_seconds}
        self._connection.execute(_PUT.on(self._connection), row)
        self._news.add(queue)
        return item_id

    def claim_batch(
        self, queue: str, *, lease_seconds: float, limit: int, waited_seconds: float = 0.0
    ) -> list[WorkClaim]:
        """Claim what waits longest, and for so long at least. Another worker's rows are skipped, not waited for."""
        holder = secrets.token_urlsafe(12)
        claim = {"in_queue": queue, "by": holder, "lease": lease_seconds, "most": limit, "waited": -waited_seconds}
        rows = sorted(self._connection.execute(_CLAIM_BATCH, claim), key=lambda row: int(row.seq))
        return [_claim(row, holder) for row in rows]

    def claim_one(self, item_id: str, *, lease_seconds: float) -> WorkClaim | None:
        """Claim this item; None when it is done, parked, delayed, or under a live claim."""
        holder = secrets.token_urlsafe(12)
        claim = {"item": item_id, "by": holder, "lease": lease_seconds}
        row = self._connection.execute(_CLAIM_ONE, claim).first()
        return _claim(row, holder) if row else None

    def is_open(self, item_id: str) -> bool:
        """True while the item is to be delivered, now or later."""
        return self._connection.execute(_STATE, {"item": item_id}).scalar() == "ready"

    def done(self, claim: WorkClaim) -> bool:
        """Finish it; False when the claim was lost."""
        return self._connection.execute(_DONE, _mine(claim)).rowcount == 1

    def extend(self, claim: WorkClaim, *, lease_seconds: float) -> bool:
        """Let the lease start anew; False when it was lost."""
        return self._connection.execute(_EXTEND, {**_mine(claim), "lease": lease_seconds}).rowcount == 1

    def retry(self, claim: WorkClaim, *, delay_seconds: float) -> bool:
        """Give it back for another attempt; False when the claim was lost."""
        gave_back = self._connection.execute(_RETRY, {**_mine(claim), "delay": delay_seconds}).rowcount == 1
        if gave_back:
            self._news.add(claim.item.queue)
        return gave_back

    def untouched(self, claim: WorkClaim) -> None:
        """Give back what no worker has seen: it was no attempt."""
        if self._connection.execute(_UNTOUCHED, {**_mine(claim), "delay": 0.0}).rowcount:
            self._news.add(claim.item.queue)

    def park(self, claim: WorkClaim, reason: str) -> bool:
        """Put it aside for good; False when the claim was lost."""
        return self._connection.execute(_PARK, {**_mine(claim), "because": reason}).rowcount == 1

    def depth(self, queue: str) -> int:
        """How many items are to be done."""
        return int(self._connection.execute(_DEPTH, {"in_queue": queue}).scalar_one())

    def parked(self, queue: str) -> list[tuple[WorkItem, str]]:
        """What was put aside, with the reasons."""
        rows = self._connection.execute(_PARKED, {"in_queue": queue})
        return [(WorkItem(row.id, row.queue, row.key, row.attempts), row.error) for row in rows]

    def publishable(self, *, lost_after: float, limit: int) -> Sequence[tuple[str, str]]:
        """(item id, queue) of what was not handed to the message broker yet, or so many seconds ago without being taken."""
        rows = self._connection.execute(_PUBLISHABLE, {"lost_after": -lost_after, "most": limit})
        return [(row.id, row.queue) for row in rows]

    def published(self, item_ids: Sequence[str]) -> None:
        """Note that the broker has them."""
        self._connection.execute(_PUBLISHED, {"items": list(item_ids)})

    def unpublish(self) -> int:
        """The broker lost everything: have all that is open published again."""
        return self._connection.execute(_UNPUBLISH).rowcount


def _claim(row: AnyRow, holder: str) -> WorkClaim:
    return WorkClaim(WorkItem(row.id, row.queue, row.key, row.attempts), holder)


def _mine(claim: WorkClaim) -> dict[str, Any]:
    return {"item": claim.item.id, "by": claim.holder}
