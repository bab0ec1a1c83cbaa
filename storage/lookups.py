"""Runs statements that people ask for. What they may see is decided here, table by table; that a statement is harmless is decided
in `core.query.sql.guard`, and once more by the snapshot, on which the database refuses every write."""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from core.errors import UserInputError
from core.messages import Account, Place
from core.ports.records import Table
from core.query.sql.schema import REJECTED
from core.workflow.run import RunStatus
from storage.tables import heard, incidents, runs
from storage.types import restored

_STEPS = 20_000
"""Instructions of SQLite's machine between two looks at the clock."""
_MOST_ACCOUNTS = 20


class LookupStore:
    """Implements `core.ports.records.Lookups`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> str:
        return "sqlite" if self._connection.dialect.name == "sqlite" else "postgres"

    def visible(self, accounts: Collection[Account], place: Place) -> Mapping[str, str]:
        # Members stand as a JSON list of texts; an account holds no quote and no backslash.
        member = [
            incidents.c.members.cast(sa.Text).contains(f'"{account}"', autoescape=True)
            for account in sorted(accounts, key=str)[:_MOST_ACCOUNTS]
        ]
        tables = {
            "incidents": sa.select(
                (sa.literal("INC-") + incidents.c.number.cast(sa.Text)).label("id"),
                incidents.c.title,
                incidents.c.severity,
                incidents.c.status,
                incidents.c.service,
                self._moment(incidents.c.declared_at).label("created_at"),
                self._moment(incidents.c.ended_at).label("resolved_at"),
            ).where(sa.or_(incidents.c.private.is_(sa.false()), *member)),
            "workflow_runs": sa.select(
                runs.c.id,
                runs.c.workflow,
                sa.case((runs.c.status == RunStatus.DENIED, REJECTED), else_=runs.c.status).label("status"),
                self._moment(runs.c.started_at).label("started_at"),
                self._moment(runs.c.finished_at).label("finished_at"),
                runs.c.requester.label("triggered_by"),
            ),
            "messages": sa.select(
                heard.c.message.label("id"),
                heard.c.thread.label("session_id"),
                sa.case((heard.c.is_bot.is_(sa.true()), "assistant"), else_="user").label("role"),
                heard.c.text.label("content"),
                self._seconds(heard.c.sent_at).label("created_at"),
            ).where(heard.c.lane == place.lane, heard.c.text != ""),
        }
        return {name: self._text(select) for name, select in tables.items()}

    def run(self, statement: str, *, rows: int, seconds: float) -> Table:
        with self._bounded(seconds):
            try:
                result = self._connection.exec_driver_sql(statement)
                found = result.fetchmany(rows + 1)
            except exc.DBAPIError as error:
                reason = str(error.orig).splitlines()[0][:200] if error.orig else "it failed"
                if "interrupted" in reason or "timeout" in reason:
                    hint = "Ask for less: a shorter time, fewer joins."
                    raise UserInputError(f"The statement took longer than {seconds:g} s.", hint=hint) from error
                raise UserInputError(f"The database refuses the statement: {reason}") from error
        values = tuple(tuple(map(_plain, row)) for row in found[:rows])
        return Table(tuple(map(str, result.keys())), values, truncated=len(found) > rows)

    @contextmanager
    def _bounded(self, seconds: float) -> Iterator[None]:
        """End a statement that takes longer."""
        if self.dialect == "postgres":
            self._connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
            yield
            return
        driver: Any = self._connection.connection.driver_connection
        end = time.monotonic() + seconds
        driver.set_progress_handler(lambda: int(time.monotonic() > end), _STEPS)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)

    def _moment(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """A column of instants as the documented tables have it."""
        return column if self.dialect == "postgres" else self._seconds(column)

    def _seconds(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Seconds since the epoch as a moment: text that SQLite's own functions read, a timestamp in PostgreSQL."""
        if self.dialect == "postgres":
            return sa.func.to_timestamp(column)
        return sa.func.strftime("%Y-%m-%d %H:%M:%S", column, "unixepoch")

    def _text(self, select: sa.Select[Any]) -> str:
        return str(select.compile(dialect=self._connection.dialect, compile_kwargs={"literal_binds": True}))


def _plain(value: object) -> object:
    if isinstance(value, str):
        return restored(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if value.tzinfo else str(value)
    return value
