"""Opaque ids behind buttons, each used once."""

import sqlalchemy as sa

from core.errors import ConflictError
from core.ports.records import ActionToken
from storage.sql import db_now, insert_new
from storage.tables import action_tokens

_PUT = insert_new(
    action_tokens, ("token", "purpose", "subject", "data", "expires_at", "used"), constants={"put_at": db_now()}
)
_GET = sa.select(action_tokens).where(action_tokens.c.token == sa.bindparam("which"))
_UNUSED = action_tokens.c.used.is_(sa.false())
_USE = sa.update(action_tokens).where(action_tokens.c.token == sa.bindparam("which"), _UNUSED).values(used=sa.true())
_VOID = sa.update(action_tokens).where(action_tokens.c.subject == sa.bindparam("about"), _UNUSED).values(used=sa.true())


class ActionTokenStore:
    """Implements `core.ports.records.ActionTokens`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, token: ActionToken) -> None:
        row = {
            "token": token.token,
            "purpose": token.purpose,
            "subject": token.subject,
            "data": token.data,
            "expires_at": token.expires_at,
            "used": token.used,
        }
        if self._connection.execute(_PUT.on(self._connection), row).first() is None:
            raise ConflictError("This action token exists already.")

    def get(self, token: str) -> ActionToken | None:
        row = self._connection.execute(_GET, {"which": token}).first()
        if row is None:
            return None
        return ActionToken(row.token, row.purpose, row.subject, row.data, row.expires_at, row.used)

    def use(self, token: str) -> bool:
        return self._connection.execute(_USE, {"which": token}).rowcount == 1

    def void(self, subject: str) -> int:
        return self._connection.execute(_VOID, {"about": subject}).rowcount
