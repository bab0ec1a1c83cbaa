"""The hash chain over the audit in the database. What it means is in `core.audit`."""

import secrets
from collections.abc import Iterator

import sqlalchemy as sa

from core import audit as chain
from core.audit import End, Fault, Seal, Verdict, Wrong
from core.ports.records import AuditRow
from storage.sql import AnyRow, upsert
from storage.tables import audit, audit_chain, audit_seals

FIELDS = (
    "at", "actor", "action", "target", "outcome", "reason", "place", "correlation", "details", "before", "after",
)  # fmt: skip
"""Columns of a record, without its id and seal."""
_PAGE = 500
"""Records read at once."""
_SALT_BYTES = 16

_UNSEALED = audit.c.seal.is_(None)
_NOT_SEALED = ~sa.exists().where(audit_seals.c.record == audit.c.id)
# In the order of ids as far as they are seen: on PostgreSQL a smaller one may be committed later, and is chained later.
_WAITING = (
    sa.select(audit).where(_UNSEALED, _NOT_SEALED).order_by(audit.c.id).limit(sa.bindparam("most", type_=sa.Integer))
)
_COUNT_WAITING = sa.select(sa.func.count()).select_from(audit).where(_UNSEALED, _NOT_SEALED)
_ERASURES = sa.select(audit).where(_UNSEALED, _NOT_SEALED, audit.c.action == chain.ERASURE)
_ADD = sa.insert(audit_seals).inline()
_MARK = sa.update(audit).where(audit.c.id == sa.bindparam("sealed")).values(seal=sa.bindparam("to_seal"))
_END = sa.select(audit_chain).where(audit_chain.c.end == sa.bindparam("which"))
_SET_END = upsert(audit_chain, ("end", "number", "hash"), keys=("end",))
_NUMBER = sa.select(audit_seals.c.number).where(audit_seals.c.hash == sa.bindparam("of_hash"))
_SEALED = (
    sa.select(audit, audit_seals)
    .select_from(audit_seals.outerjoin(audit, audit.c.id == audit_seals.c.record))
    .where(audit_seals.c.number > sa.bindparam("after_number"))
    .order_by(audit_seals.c.number)
    .limit(sa.literal_column(str(_PAGE)))
)
_STRAY = (
    # Marked as sealed so that it is never sealed: slipped in beside the chain.
    sa.select(audit.c.id, audit.c.seal)
    .where(
        audit.c.seal.is_not(None),
        ~sa.exists().where(audit_seals.c.record == audit.c.id, audit_seals.c.number == audit.c.seal),
    )
    .order_by(audit.c.id)
    .limit(sa.literal_column("1"))
)


class AuditChain:
    """Seals and verifies."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def seal(self, *, limit: int) -> int:
        """Chain what waits, at most so many; how many there were. The caller holds the lease in this transaction."""
        rows = [record_of(row) for row in self._connection.execute(_WAITING, {"most": limit})]
        if not rows:
            return 0
        head = self.end("head")
        seals: list[Seal] = []
        for row in rows:
            new = chain.seal(head.number + 1, row, previous=head.hash, salt=lambda: secrets.token_hex(_SALT_BYTES))
            seals.append(new)
            head = End(new.number, new.hash)
        self._connection.execute(_ADD, [_seal_row(one) for one in seals])
        self._connection.execute(_MARK, [{"sealed": one.record, "to_seal": one.number} for one in seals])
        self.set_end("head", head)
        return len(rows)

    def waiting(self) -> int:
        """How many records are not sealed yet."""
        return int(self._connection.execute(_COUNT_WAITING).scalar_one())

    def end(self, which: str) -> End:
        """`start` or `head` of the chain."""
        row = self._connection.execute(_END, {"which": which}).first()
        return End(row.number, row.hash) if row else End()

    def set_end(self, which: str, end: End) -> None:
        """Move it."""
        row = {"end": which, "number": end.number, "hash": end.hash}
        self._connection.execute(_SET_END.on(self._connection), row)

    def walk(self, after: int = 0) -> Iterator[tuple[Seal, AuditRow | None]]:
        """Every seal by number, with its record if that is there."""
        while rows := self._connection.execute(_SEALED, {"after_number": after}).all():
            for row in rows:
                seal = Seal(row.number, row.record, row.previous, row.hash, row.salts)
                yield seal, None if row.id is None else record_of(row)
            after = rows[-1].number

    def number_of(self, hash_: str) -> int | None:
        """The number of the seal with this hash."""
        number: int | None = self._connection.execute(_NUMBER, {"of_hash": hash_}).scalar()
        return number

    def verify(self) -> Verdict:
        """Look at the whole chain, and for records that were slipped in beside it."""
        verdict = chain.verify(
            self.walk(),
            start=self.end("start"),
            end=self.end("head"),
            number_of=self.number_of,
            tail=[record_of(row) for row in self._connection.execute(_ERASURES)],
        )
        if verdict.fault is None and (stray := self._connection.execute(_STRAY).first()):
            fault = Fault(stray.id, stray.seal, Wrong.INSERTED)
            return Verdict(verdict.head, verdict.sealed, fault, verdict.erased)
        return verdict


def record_of(row: AnyRow) -> AuditRow:
    """The record in a row of `audit`."""
    return AuditRow(id=row.id, **{name: getattr(row, name) for name in FIELDS})


def _seal_row(seal: Seal) -> dict[str, object]:
    return {
        "number": seal.number,
        "record": seal.record,
        "previous": seal.previous,
        "hash": seal.hash,
        "salts": dict(seal.salts),
    }
