"""Where a process can die: at each commit that changed something, and after each call to another service."""

import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import httpx
import sqlalchemy as sa

from storage.engine import open_records
from storage.records import SqlRecords
from storage.unit import SqlTransaction

T = TypeVar("T")


class Points:
    """Counts the points that this process passes, notes each in a file, and kills it at one of them."""

    def __init__(self, report: Path, kill_at: int) -> None:
        """`kill_at`: the number of the point, from 1; 0 lets it live."""
        self._file = os.open(report, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._kill_at = kill_at
        self._passed = 0
        self._lock = threading.Lock()
        self.counting = False
        """False while starting: what happens there belongs to no scenario."""

    def note(self, line: str) -> None:
        """Put a line into the report."""
        os.write(self._file, f"{line}\n".encode())

    def passed(self, name: str) -> None:
        """The process is at this point; it may not leave it."""
        with self._lock:
            if not self.counting:
                return
            self._passed += 1
            self.note(f"{self._passed} {name}")
            if self._passed == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)


class WatchedRecords(SqlRecords):
    """Records whose commits are points: just before (all is done, nothing kept), and just after (nobody knows yet)."""

    def __init__(self, inner: SqlRecords, points: Points) -> None:
        super().__init__(inner.url)
        self._inner = inner
        self._points = points
        self.listening = inner.listening  # type: ignore[method-assign]  # the inner one announces

    async def write(self, unit: Callable[[SqlTransaction], T]) -> T:
        """See `Records.write`."""
        changed = False
        name = _name(unit)

        def watched(tx: SqlTransaction) -> T:
            nonlocal changed
            before = _changes(tx.connection)
            result = unit(tx)
            changed = _changes(tx.connection) != before
            if changed:
                self._points.passed(f"before the commit of {name}")
            return result

        result = await self._inner.write(watched)
        if changed:
            self._points.passed(f"after the commit of {name}")
        return result

    async def read(self, unit: Callable[[SqlTransaction], T]) -> T:
        """See `Records.read`."""
        return await self._inner.read(unit)


@asynccontextmanager
async def watched_records(points: Points, url: str) -> AsyncIterator[SqlRecords]:
    """Opens records as the bot does, and watches them."""
    async with open_records(url) as records:
        yield WatchedRecords(records, points)


def watch_calls(points: Points) -> None:
    """Make every answer from another service a point: it acted, and we have not written it down. Changes both HTTP clients for
    the whole process."""
    aiohttp.ClientSession._request = _watched(aiohttp.ClientSession._request, points)  # type: ignore[method-assign]  # noqa: SLF001
    httpx.AsyncClient.send = _watched(httpx.AsyncClient.send, points)  # type: ignore[method-assign]


def _watched(call: Any, points: Points) -> Any:  # noqa: ANN401  # two libraries' own signatures
    @wraps(call)
    async def watched(client: object, *args: object, **more: object) -> Any:  # noqa: ANN401
        response = await call(client, *args, **more)
        points.passed(
            f"after the call {getattr(response, 'method', '') or response.request.method} {response.url.path}"
        )
        return response

    return watched


def _name(unit: Callable[..., object]) -> str:
    inner = unit.func if isinstance(unit, partial) else unit
    return f"{inner.__module__}.{getattr(inner, '__qualname__', inner)}".replace(".<locals>", "")


def _changes(connection: sa.Connection) -> int:
    """A number that differs once this transaction has changed a row."""
    if connection.dialect.name == "sqlite":
        return int(connection.connection.driver_connection.total_changes)  # type: ignore[union-attr]
    return int(connection.execute(sa.text("SELECT coalesce(pg_current_xact_id_if_assigned()::text, '0')")).scalar_one())
