"""What answers were made of, one row each."""

from datetime import datetime

import sqlalchemy as sa

from core.messages import Account
from core.ports.records import Receipt
from storage.sql import AnyRow
from storage.tables import receipts

_PUT = sa.insert(receipts)
_GET = sa.select(receipts).where(receipts.c.id == sa.bindparam("which"))
_TEXTS = ("language", "query", "understood", "source", "digest", "environment")


class ReceiptStore:
    """Implements `core.ports.records.Receipts`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, receipt: Receipt) -> None:
        content = {name: getattr(receipt, name) for name in _TEXTS}
        content |= {"start": receipt.start.isoformat(), "end": receipt.end.isoformat(), "rows": receipt.rows}
        row = {
            "id": receipt.id,
            "account": str(receipt.asked_by),
            "lane": receipt.lane,
            "at": receipt.at,
            "content": content,
        }
        self._connection.execute(_PUT, row)

    def get(self, receipt_id: str) -> Receipt | None:
        row = self._connection.execute(_GET, {"which": receipt_id.upper()}).first()
        return _receipt(row) if row else None


def _receipt(row: AnyRow) -> Receipt:
    content = row.content
    return Receipt(
        row.id,
        Account.parse(row.account),
        row.lane,
        content["language"],
        content["query"],
        content["understood"],
        datetime.fromisoformat(content["start"]),
        datetime.fromisoformat(content["end"]),
        content["source"],
        content["rows"],
        content["digest"],
        row.at,
        content["environment"],
    )
