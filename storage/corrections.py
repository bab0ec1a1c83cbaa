"""What people meant by sentences that were not understood for sure."""

from collections.abc import Sequence

import sqlalchemy as sa

from core.messages import Account
from core.ports.records import Correction
from storage.sql import upsert
from storage.tables import corrections

_COLUMNS = ("account", "folded", "text", "guessed", "confidence", "meant", "at")
_PUT = upsert(corrections, _COLUMNS, keys=("account", "folded"))
_MEANT = sa.select(corrections.c.meant).where(
    corrections.c.account == sa.bindparam("who"), corrections.c.folded == sa.bindparam("sentence")
)
_LATEST = sa.select(corrections).order_by(corrections.c.at.desc(), corrections.c.folded).limit(sa.bindparam("most"))
_LONGEST = 500
"""Characters of a sentence by which it is known again."""


class CorrectionStore:
    """Implements `core.ports.records.Corrections`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, correction: Correction) -> None:
        row = {
            "account": str(correction.account),
            "folded": _folded(correction.text),
            "text": correction.text,
            "guessed": correction.guessed,
            "confidence": correction.confidence,
            "meant": correction.meant,
            "at": correction.at,
        }
        self._connection.execute(_PUT.on(self._connection), row)

    def meant(self, account: Account, text: str) -> str:
        row = self._connection.execute(_MEANT, {"who": str(account), "sentence": _folded(text)}).first()
        return str(row.meant) if row else ""

    def latest(self, *, limit: int) -> Sequence[Correction]:
        rows = self._connection.execute(_LATEST, {"most": limit})
        return [
            Correction(Account.parse(row.account), row.text, row.guessed, row.confidence, row.meant, row.at)
            for row in rows
        ]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())[:_LONGEST]
