"""What the bot remembers of each conversation."""

from datetime import datetime

import sqlalchemy as sa

from core.ports.records import Session
from storage.sql import upsert
from storage.tables import sessions

_PUT = upsert(sessions, ("conversation", "engaged", "pending", "updated_at"), keys=("conversation",))
_GET = sa.select(sessions).where(sessions.c.conversation == sa.bindparam("of"))
_ACTIVE = sa.select(sa.func.count()).select_from(sessions).where(sessions.c.updated_at >= sa.bindparam("since"))


class SessionStore:
    """Implements `core.ports.records.Sessions`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, conversation: str) -> Session:
        row = self._connection.execute(_GET, {"of": conversation}).first()
        return Session(conversation, row.engaged, row.pending, row.updated_at) if row else Session(conversation)

    def put(self, session: Session, *, now: datetime) -> None:
        row = {
            "conversation": session.conversation,
            "engaged": session.engaged,
            "pending": session.pending,
            "updated_at": now,
        }
        self._connection.execute(_PUT.on(self._connection), row)

    def count_active(self, *, since: datetime) -> int:
        return int(self._connection.execute(_ACTIVE, {"since": since}).scalar_one())
