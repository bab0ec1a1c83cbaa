"""Turns, clicks and forms, each handled once, in platform time within a conversation."""

from collections.abc import Sequence

import sqlalchemy as sa

from core.messages import Incoming, dump_incoming, load_incoming
from core.ports.records import InboxEntry
from storage.sql import AnyRow, LockSpace, db_in, db_now, insert_new, lock, word
from storage.tables import inbox

_ADD = insert_new(
    inbox,
    ("id", "claim", "conversation", "overtakes", "sent_at", "item"),
    constants={"attempts": sa.literal_column("0"), "outcome": word(""), "error": word("")},
    known_by="claim",
)

_OPEN = inbox.c.finished_at.is_(None)
_FREE = sa.or_(inbox.c.claimed_until.is_(None), inbox.c.claimed_until <= db_now())
_IN_ORDER = inbox.c.overtakes.is_(sa.false())

_other = inbox.alias("other")
_OTHER_LIVE = sa.and_(
    _other.c.finished_at.is_(None), _other.c.overtakes.is_(sa.false()), _other.c.claimed_until > db_now()
)
_earliest = (
    sa.select(inbox.c.seq)
    .where(inbox.c.conversation == sa.bindparam("in_conversation"), _OPEN, _IN_ORDER, _FREE)
    .order_by(inbox.c.sent_at, inbox.c.seq)
    .limit(sa.literal_column("1"))
    .scalar_subquery()
)
_CLAIM = (
    sa.update(inbox)
    .values(holder=sa.bindparam("by"), claimed_until=db_in("lease"), attempts=inbox.c.attempts + sa.literal_column("1"))
    .returning(inbox.c.id, inbox.c.conversation, inbox.c.item, inbox.c.attempts)
)
_CLAIM_NEXT = _CLAIM.where(
    inbox.c.seq == _earliest,
    # PostgreSQL judges these two again when the row was changed while we waited for it.
    _OPEN,
    _FREE,
    ~sa.exists().where(_other.c.conversation == sa.bindparam("in_conversation"), _OTHER_LIVE),
)
_CLAIM_ONE = _CLAIM.where(inbox.c.id == sa.bindparam("entry"), _OPEN, _FREE)

_LATEST = sa.select(sa.func.max(inbox.c.sent_at)).where(inbox.c.conversation.like(sa.bindparam("start")))
_UNFINISHED = (
    sa.select(inbox.c.item)
    .where(_OPEN, inbox.c.conversation.like(sa.bindparam("start")), inbox.c.sent_at > sa.bindparam("since"))
    .order_by(inbox.c.sent_at, inbox.c.seq)
)

_MINE = (
    inbox.c.id == sa.bindparam("entry"),
    inbox.c.holder == sa.bindparam("by"),
    _OPEN,
    inbox.c.claimed_until > db_now(),
)
_EXTEND = sa.update(inbox).where(*_MINE).values(claimed_until=db_in("lease"))
_FINISH = (
    sa.update(inbox)
    .where(*_MINE)
    .values(finished_at=db_now(), holder=None, claimed_until=None, outcome=sa.bindparam("as_outcome"))
)
_RELEASE = sa.update(inbox).where(*_MINE).values(holder=None, claimed_until=None, error=sa.bindparam("because"))
_READY = (
    sa.select(inbox.c.id, inbox.c.conversation, inbox.c.overtakes)
    .where(
        _OPEN,
        _FREE,
        sa.or_(
            inbox.c.overtakes.is_(sa.true()),
            ~sa.exists().where(_other.c.conversation == inbox.c.conversation, _OTHER_LIVE),
        ),
    )
    .order_by(inbox.c.sent_at, inbox.c.seq)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


class InboxStore:
    """Implements `core.ports.records.Inbox`.

    One live claim a conversation: `_CLAIM_NEXT` claims only where no other entry of the conversation is under a live claim, and
    on PostgreSQL runs under a lock on the conversation's name. Whoever finishes an entry and looks for the next one holds the
    same lock until its commit, so either it sees an entry added meanwhile, or the adder sees the finished claim.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, entry_id: str, conversation: str, item: Incoming, *, overtakes: bool) -> bool:
        row = {
            "id": entry_id,
            "claim": item.claim,
            "conversation": conversation,
            "overtakes": overtakes,
            "sent_at": item.sent_at,
            "item": dump_incoming(item).decode(),
        }
        return self._connection.execute(_ADD.on(self._connection), row).first() is not None

    def claim_next(self, conversation: str, *, holder: str, lease_seconds: float) -> InboxEntry | None:
        lock(self._connection, LockSpace.CONVERSATION, conversation)
        claim = {"in_conversation": conversation, "by": holder, "lease": lease_seconds}
        return _entry(self._connection.execute(_CLAIM_NEXT, claim).first())

    def claim(self, entry_id: str, *, holder: str, lease_seconds: float) -> InboxEntry | None:
        claim = {"entry": entry_id, "by": holder, "lease": lease_seconds}
        return _entry(self._connection.execute(_CLAIM_ONE, claim).first())

    def extend(self, entry_id: str, *, holder: str, lease_seconds: float) -> bool:
        claim = {"entry": entry_id, "by": holder, "lease": lease_seconds}
        return self._connection.execute(_EXTEND, claim).rowcount == 1

    def finish(self, entry_id: str, *, holder: str, outcome: str) -> bool:
        end = {"entry": entry_id, "by": holder, "as_outcome": outcome}
        return self._connection.execute(_FINISH, end).rowcount == 1

    def release(self, entry_id: str, *, holder: str, error: str) -> None:
        self._connection.execute(_RELEASE, {"entry": entry_id, "by": holder, "because": error})

    def latest(self, platform: str) -> float:
        return float(self._connection.execute(_LATEST, {"start": f"{platform}:%"}).scalar() or 0.0)

    def unfinished(self, platform: str, *, since: float) -> Sequence[Incoming]:
        rows = self._connection.execute(_UNFINISHED, {"start": f"{platform}:%", "since": since})
        return [load_incoming(row.item) for row in rows]

    def ready(self, *, platforms: Sequence[str], limit: int) -> Sequence[tuple[str, str, bool]]:
        ours = sa.or_(sa.false(), *(inbox.c.conversation.startswith(f"{name}:", autoescape=True) for name in platforms))
        rows = self._connection.execute(_READY.where(ours), {"most": limit})
        return [(row.id, row.conversation, row.overtakes) for row in rows]


def _entry(row: AnyRow | None) -> InboxEntry | None:
    return InboxEntry(row.id, row.conversation, load_incoming(row.item), row.attempts) if row else None
