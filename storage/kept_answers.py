"""Answers that lie in the records for a while, one row each."""

from datetime import datetime

import sqlalchemy as sa

from storage.sql import upsert
from storage.tables import kept_answers
from storage.types import Instant

_GET = sa.select(kept_answers.c.value).where(
    kept_answers.c.key == sa.bindparam("which"), kept_answers.c.until > sa.bindparam("moment", type_=Instant)
)
_PUT = upsert(kept_answers, ("key", "until", "value"), keys=("key",))
_CLEAN = sa.delete(kept_answers).where(kept_answers.c.until <= sa.bindparam("moment", type_=Instant))


class KeptAnswerStore:
    """Implements `core.ports.records.KeptAnswers`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, key: str, *, now: datetime) -> bytes | None:
        found: bytes | None = self._connection.execute(_GET, {"which": key, "moment": now}).scalar()
        return found

    def put(self, key: str, value: bytes, *, now: datetime, until: datetime) -> None:
        self._connection.execute(_CLEAN, {"moment": now})
        self._connection.execute(_PUT.on(self._connection), {"key": key, "until": until, "value": value})
