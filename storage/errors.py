"""What the libraries below raise, as errors of ours. A unit's own exceptions pass through untouched."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from core.errors import BotError, ConflictError, UnavailableError

CONFLICTS: tuple[type[exc.SQLAlchemyError], ...] = (exc.IntegrityError,)
"""Somebody else was first."""

AWAY: tuple[type[exc.SQLAlchemyError], ...] = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
    exc.DisconnectionError,
    exc.TimeoutError,
)
"""The database is gone, full, locked or overloaded."""

_RUN_AGAIN = frozenset({"40001", "40P01"})
"""serialization_failure and deadlock_detected: PostgreSQL rolled back, and asks to run the transaction again."""
_GONE_STATES = ("08", "53", "57P", "58")
"""Classes of SQLSTATE: connection exception, insufficient resources, shutdown, system error."""


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code for an error, or ""."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def wants_repeat(error: BaseException) -> bool:
    """True when PostgreSQL rolled the transaction back for others' sake."""
    return sqlstate(error) in _RUN_AGAIN


_WAYS_OUT = {
    sqlite3.SQLITE_FULL: "Make room on the disk.",
    sqlite3.SQLITE_READONLY: "Let this user write to the file and its folder.",
    sqlite3.SQLITE_CANTOPEN: "Let this user read and write the file and its folder.",
    sqlite3.SQLITE_BUSY: "Another program holds the file: end it (a shell of sqlite3, a copy under way), or wait for it.",
    sqlite3.SQLITE_CORRUPT: "The file is damaged: bring back the last good backup with `copilot restore`.",
    sqlite3.SQLITE_NOTADB: "The file is damaged, or something else: is `database_url` right? Else bring back a backup.",
    sqlite3.SQLITE_IOERR: "The disk fails or is full; the system's log says more.",
}
"""What to do about a SQLite file that cannot be used, by the primary result code."""
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_away(error: BaseException) -> bool:
    """True when the connection or the server is lost, or cannot be had, or a file is damaged."""
    if _is_sqlite_mistake(error):
        return False
    if _sqlite_code(error) in _BROKEN:
        return True
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return True
    state = sqlstate(error)
    return state.startswith(_GONE_STATES) or (isinstance(error, AWAY) and not state)


def _is_sqlite_mistake(error: BaseException) -> bool:
    """SQLite reports wrong statements as operational errors; the code tells them from a full disk or a locked file."""
    return _sqlite_code(error) == sqlite3.SQLITE_ERROR


def _sqlite_code(error: BaseException) -> int | None:
    """SQLite's primary result code, of its own error or of SQLAlchemy's around it."""
    code: int | None = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def translate(error: exc.SQLAlchemyError) -> BotError | None:
    """The error of ours for one of SQLAlchemy's; None when it is a mistake in our own code, to be raised as it is."""
    if wants_repeat(error):
        return ConflictError("Somebody else changed the same records at the same time.")
    if isinstance(error, CONFLICTS):
        return ConflictError("The records hold this already.")
    if is_away(error):
        return UnavailableError("The database cannot be used right now.", hint=advice(error))
    return None


@contextmanager
def translated() -> Iterator[None]:
    """Raise what SQLAlchemy raises as an error of ours."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        ours = translate(error)
        if ours is None:
            raise
        raise ours from error


def advice(error: BaseException) -> str:
    """The reason, and what to do about it where that is known."""
    way_out = _WAYS_OUT.get(_sqlite_code(error) or 0, "")
    return f"{reason(error)}. {way_out}" if way_out else reason(error)


def reason(error: BaseException) -> str:
    """One line on what a driver complained of: no statement, no parameters."""
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0] if text else type(error).__name__
