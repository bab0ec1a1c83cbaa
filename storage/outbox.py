"""What is to be sent: one row at a time in a lane, only the newest of a subject, the message kept for later edits."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from core.messages import Delivery, MessageRef, Place, dump_delivery, load_delivery
from core.outgoing import without_secrets
from core.ports.records import OutboxEntry
from storage.codec import dump_ref, load_ref
from storage.sql import AnyRow, LockSpace, db_in, db_now, lock, upsert, word
from storage.tables import message_refs, outbox
from storage.types import Instant, Json

_WAITING = outbox.c.state == word("waiting")
_SENDING = outbox.c.state == word("sending")
_PARKED = outbox.c.state == word("parked")


# The row keeps its position, its idempotency key and a pause that the platform asked for; only what it says is new.
_PUT = upsert(
    outbox,
    ("id", "key", "subject", "address", "lane", "due_at", "put_at", "delivery"),
    constants={
        "state": word("waiting"),
        "attempts": sa.literal_column("0"),
        "doubtful": sa.false(),
        "error": word(""),
    },
    keys=("subject", "address"),
    where=_WAITING,
    changing=("id", "delivery"),
)

_other = outbox.alias("other")
_OTHER_LIVE = sa.and_(_other.c.state == word("sending"), _other.c.claimed_until > db_now())
_DUE = sa.or_(
    sa.and_(_WAITING, outbox.c.due_at <= sa.bindparam("now")),
    sa.and_(_SENDING, outbox.c.claimed_until <= db_now()),
)
_LANES = (
    sa.select(outbox.c.lane)
    .where(_DUE, ~sa.exists().where(_other.c.lane == outbox.c.lane, _OTHER_LIVE))
    .group_by(outbox.c.lane)
    .order_by(sa.func.min(outbox.c.seq))
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_first = (
    sa.select(outbox.c.seq)
    .where(outbox.c.lane == sa.bindparam("in_lane"), _DUE)
    .order_by(outbox.c.seq)
    .limit(sa.literal_column("1"))
    .scalar_subquery()
)
# Written out: SQLAlchemy drops the tables' names from a SQLite RETURNING clause, in subqueries too.
_ref = sa.literal_column(
    "(SELECT m.ref FROM message_refs AS m WHERE m.subject = outbox.subject AND m.address = outbox.address)", Json
).label("ref")
_CLAIM_NEXT = (
    sa.update(outbox)
    .where(
        outbox.c.seq == _first,
        # PostgreSQL judges this again when the row was changed while we waited for it.
        _DUE,
        ~sa.exists().where(_other.c.lane == sa.bindparam("in_lane"), _OTHER_LIVE),
    )
    .values(
        state=word("sending"),
        holder=sa.bindparam("by"),
        claimed_until=db_in("lease"),
        attempts=outbox.c.attempts + sa.literal_column("1"),
        doubtful=sa.or_(outbox.c.doubtful, _SENDING),
    )
    .returning(outbox.c.id, outbox.c.key, outbox.c.delivery, outbox.c.attempts, outbox.c.doubtful, _ref)
)

_ONE = outbox.c.id == sa.bindparam("entry")
_MINE = (_ONE, outbox.c.holder == sa.bindparam("by"), _SENDING)
_FIND = sa.select(outbox.c.subject, outbox.c.address).where(_ONE)
_FIND_MINE = sa.select(outbox.c.seq, outbox.c.subject, outbox.c.address).where(*_MINE).with_for_update()
_DELETE_MINE = sa.delete(outbox).where(*_MINE)
_GIVE_BACK = (
    sa.update(outbox)
    .where(outbox.c.seq == sa.bindparam("row"))
    .values(
        state=sa.bindparam("into"),
        holder=None,
        claimed_until=None,
        due_at=sa.func.coalesce(sa.bindparam("due", type_=Instant), outbox.c.due_at),
        doubtful=sa.or_(outbox.c.doubtful, sa.bindparam("doubt", type_=sa.Boolean)),
        error=sa.bindparam("because"),
    )
)
_SUBJECT = (outbox.c.subject == sa.bindparam("of_subject"), outbox.c.address == sa.bindparam("at_address"))
_TAKE_NEWER = sa.delete(outbox).where(*_SUBJECT, _WAITING).returning(outbox.c.id, outbox.c.delivery)
_DROP_PARKED = sa.delete(outbox).where(*_SUBJECT, _PARKED)
_SAY_NEWER = (
    sa.update(outbox)
    .where(outbox.c.seq == sa.bindparam("row"))
    .values(id=sa.bindparam("new_id"), delivery=sa.bindparam("new_delivery"))
)

_newer = outbox.alias("newer")
_DROP_SUPERSEDED = sa.delete(outbox).where(
    outbox.c.lane == sa.bindparam("in_lane"),
    _PARKED,
    sa.exists().where(
        _newer.c.subject == outbox.c.subject, _newer.c.address == outbox.c.address, _newer.c.state == word("waiting")
    ),
)
_UNPARK = (
    sa.update(outbox)
    .where(outbox.c.lane == sa.bindparam("in_lane"), _PARKED)
    .values(state=word("waiting"), due_at=sa.bindparam("now"), put_at=sa.bindparam("now"))
)


_KEEP = upsert(message_refs, ("subject", "address", "ref"), keys=("subject", "address"))
_REFS = sa.select(message_refs.c.ref).where(message_refs.c.subject == sa.bindparam("of_subject"))
_REF = _REFS.where(message_refs.c.address == sa.bindparam("at_address"))
_DEPTH = sa.select(sa.func.count()).select_from(outbox).where(sa.or_(_WAITING, _SENDING))
OLDEST = sa.select(sa.func.min(sa.func.coalesce(outbox.c.put_at, outbox.c.due_at))).where(sa.or_(_WAITING, _SENDING))
"""Since when the oldest message waits: one that is being tried has not arrived either."""


class OutboxStore:
    """Implements `core.ports.records.Outbox`. One live claim a lane is kept as in the inbox."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, entry_id: str, delivery: Delivery, *, now: datetime) -> str:
        lane = delivery.place.lane
        row = {
            "id": entry_id,
            "key": entry_id,
            "subject": delivery.subject,
            "address": _address(delivery),
            "lane": lane,
            "due_at": now,
            "put_at": now,
            # The one door to the platforms: what services and people wrote may hold a secret.
            "delivery": dump_delivery(without_secrets(delivery)).decode(),
        }
        self._connection.execute(_PUT.on(self._connection), row)
        return lane

    def lanes(self, *, now: datetime, limit: int) -> Sequence[str]:
        return self._connection.execute(_LANES, {"now": now, "most": limit}).scalars().all()

    def claim_next(self, lane: str, *, holder: str, now: datetime, lease_seconds: float) -> OutboxEntry | None:
        lock(self._connection, LockSpace.LANE, lane)
        claim = {"in_lane": lane, "by": holder, "now": now, "lease": lease_seconds}
        row = self._connection.execute(_CLAIM_NEXT, claim).first()
        if row is None:
            return None
        ref, delivery = load_ref(row.ref) if row.ref else None, load_delivery(row.delivery)
        under = self.ref(delivery.under, delivery.place) if delivery.under else None
        return OutboxEntry(row.id, row.key, delivery, row.attempts, ref, row.doubtful, under)

    def sent(self, entry_id: str, *, holder: str, ref: MessageRef | None) -> bool:
        if ref and (row := self._connection.execute(_FIND, {"entry": entry_id}).first()):
            kept = {"subject": row.subject, "address": row.address, "ref": dump_ref(ref)}
            self._connection.execute(_KEEP.on(self._connection), kept)
        return self._connection.execute(_DELETE_MINE, {"entry": entry_id, "by": holder}).rowcount == 1

    def retry(self, entry_id: str, *, holder: str, due_at: datetime, error: str, doubtful: bool) -> bool:
        row = self._connection.execute(_FIND_MINE, {"entry": entry_id, "by": holder}).first()
        if row is None:
            return False
        newer = self._take_newer(row)
        self._give_back(row, "waiting", error, due=due_at, doubt=doubtful)
        self._say(row, newer)
        return True

    def park(self, entry_id: str, *, holder: str, error: str) -> bool:
        row = self._connection.execute(_FIND_MINE, {"entry": entry_id, "by": holder}).first()
        if row is None:
            return False
        newer = self._take_newer(row)
        if newer is None:
            same = {"of_subject": row.subject, "at_address": row.address}
            self._connection.execute(_DROP_PARKED, same)
        self._give_back(row, "waiting" if newer else "parked", error)
        self._say(row, newer)
        return True

    def unpark(self, lane: str, *, now: datetime) -> int:
        self._connection.execute(_DROP_SUPERSEDED, {"in_lane": lane})
        return self._connection.execute(_UNPARK, {"in_lane": lane, "now": now}).rowcount

    def ref(self, subject: str, place: Place) -> MessageRef | None:
        found = self._connection.execute(_REF, {"of_subject": subject, "at_address": str(place)}).scalar()
        return load_ref(found) if found else None

    def refs(self, subject: str) -> Sequence[MessageRef]:
        return [load_ref(ref) for ref in self._connection.execute(_REFS, {"of_subject": subject}).scalars()]

    def depth(self) -> int:
        return int(self._connection.execute(_DEPTH).scalar_one())

    def oldest(self) -> datetime | None:
        oldest: datetime | None = self._connection.execute(OLDEST).scalar()
        return oldest

    def _take_newer(self, row: AnyRow) -> AnyRow | None:
        """What was put for the same subject and address while this row was being sent, removed from the lane."""
        same = {"of_subject": row.subject, "at_address": row.address}
        return self._connection.execute(_TAKE_NEWER, same).first()

    def _give_back(
        self, row: AnyRow, state: str, error: str, *, due: datetime | None = None, doubt: bool = False
    ) -> None:
        change = {"row": row.seq, "into": state, "due": due, "doubt": doubt, "because": error}
        self._connection.execute(_GIVE_BACK, change)

    def _say(self, row: AnyRow, newer: AnyRow | None) -> None:
        if newer:
            change = {"row": row.seq, "new_id": newer.id, "new_delivery": newer.delivery}
            self._connection.execute(_SAY_NEWER, change)


def _address(delivery: Delivery) -> str:
    """Where the subject is one message: private answers to several people in one place are several."""
    if not delivery.private_to:
        return str(delivery.place)
    return f"{delivery.place}{'~' if delivery.home else '@'}{delivery.private_to}"
