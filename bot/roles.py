"""The roles in force: from the settings and the roles file, read again when the file changes, never half-read."""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import structlog

from bot.settings import Settings
from bot.waiting import wait_for
from core.errors import BotError, ConflictError, DefinitionError, Problem
from core.planning import roles_file
from core.planning.roster import Roster, combined
from core.ports.clock import Clock
from core.ports.records import ActionToken, AuditRow, Records, Transaction
from core.workflow.source import MAX_BYTES

log = structlog.get_logger()

_PAUSE = 2.0
"""Seconds between looks at the file."""
_ACTION = "roles.change"

Stamp = tuple[int, int, int]


class RoleBook:
    """Holds the roster. A change that is broken, or that cannot be audited, leaves the roles as they were."""

    def __init__(self, settings: Settings) -> None:
        """DefinitionError when the file is broken."""
        self._settings = settings
        self._path = settings.roles_file
        self._seen = _stamp(self._path) if self._path else None
        self.roster = read(settings)
        self.grants: Mapping[str, tuple[str, ...]] = _Grants(self)
        """What each role may, always as of now."""
        self.problem = ""
        """Why the file as it stands is not in force."""

    async def keep(self, records: Records, clock: Clock) -> None:
        """Put on the record what was changed since the last start, by whichever replica comes first."""
        if self._path:
            await _audit(records, clock, str(self._path), self.roster)

    async def watch(self, records: Records, clock: Clock, stop: asyncio.Event) -> None:
        """Look at the file until told to stop."""
        while self._path and not await wait_for(stop, _PAUSE):
            await self.look(records, clock)

    async def look(self, records: Records, clock: Clock) -> None:
        """Take over the file if it has changed."""
        if self._path is None:
            return
        stamp = await asyncio.to_thread(_stamp, self._path)
        if stamp == self._seen:
            return
        try:
            roster = await asyncio.to_thread(read, self._settings)
            await _audit(records, clock, str(self._path), roster)
        except DefinitionError as error:
            self._seen, self.problem = stamp, f"the roles file is broken, the roles before it stay: {error.message}"
            log.error("roles.broken", problems=[str(problem) for problem in error.problems])
        except BotError as error:
            self.problem = "the roles file has changed, but the change cannot be recorded, so the roles before it stay"
            log.error("roles.not_recorded", error=error.message)
        else:
            log.info("roles.changed", file=str(self._path), entries=len(roster.holdings))
            self._seen, self.problem, self.roster = stamp, "", roster

    async def healthy(self) -> str:
        """Empty when the file as it stands is in force, else why not."""
        return self.problem


class _Grants(Mapping[str, tuple[str, ...]]):
    """The grants of whatever roster is in force."""

    def __init__(self, book: RoleBook) -> None:
        self._book = book

    def __getitem__(self, role: str) -> tuple[str, ...]:
        return self._book.roster.grants[role]

    def __iter__(self) -> Iterator[str]:
        return iter(self._book.roster.grants)

    def __len__(self) -> int:
        return len(self._book.roster.grants)


def read(settings: Settings) -> Roster:
    """What the settings and their roles file say together; DefinitionError with every fault."""
    path = settings.roles_file
    return combined(
        settings.roles,
        settings.permissions,
        settings.same_person,
        roles_file.read(_text(path), str(path)) if path else None,
        source=str(path),
        defaults="permissions" not in settings.model_fields_set,
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1).decode("utf-8-sig", errors="strict")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DefinitionError((Problem(str(path), line, "not UTF-8"),)) from error
    except OSError as error:
        reason = f"cannot be read: {error.strerror or type(error).__name__}"
        raise DefinitionError((Problem(str(path), 1, reason),)) from error


def _stamp(path: Path) -> Stamp | None:
    """Differs when the file was written or replaced; None when it cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


async def _audit(records: Records, clock: Clock, file: str, roster: Roster) -> None:
    """One row for each change, however many replicas see it."""
    entries = roster.entries()
    digest = hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()

    def unit(tx: Transaction) -> None:
        latest = next(iter(tx.audit.find(action=_ACTION, limit=1)), None)
        before = frozenset(latest.details.get("after", ())) if latest else frozenset()
        if latest and latest.details.get("digest") == digest:
            return
        tx.tokens.put(ActionToken(f"roles:{latest.id if latest else 0}:{digest}", _ACTION, file, {}, used=True))
        details = {
            "added": sorted(entries - before),
            "removed": sorted(before - entries),
            "after": sorted(entries),
            "digest": digest,
        }
        tx.audit.add(AuditRow(clock.now(), "system", _ACTION, file, "done", details=details))

    try:
        await records.write(unit)
    except ConflictError:
        log.info("roles.recorded_elsewhere", file=file)
