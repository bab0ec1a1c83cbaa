"""Looking after the records without a bot: the audit, backups, and erasing a person. Composes settings and storage, no more."""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from bot.settings import Settings
from core.audit import Seal, Verdict
from core.errors import NotFoundError, UserInputError
from core.messages import Account, Platform
from core.ports.clock import Clock
from core.ports.records import AuditRow, Correction
from storage import backup as backups
from storage import erasure
from storage import restore as restoring
from storage.archive import Header, Progress
from storage.audit_chain import AuditChain, record_of
from storage.engine import open_records
from storage.migrate import prepare
from storage.restore import Restored
from storage.tables import audit
from storage.unit import SqlTransaction


@dataclass(frozen=True, slots=True)
class Filters:
    """Which records of the audit; what is empty matches everything."""

    actor: str = ""
    action: str = ""
    """Its beginning."""
    target: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at the audit chain found."""

    verdict: Verdict
    unsealed: int
    """Records at the end that are not chained yet."""
    head_at: int | None = None
    """Number of the seal that was asked for; None when the chain has no such hash."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Whom an erasure was for, and what it erased."""

    accounts: tuple[str, ...]
    pseudonym: str
    rows: dict[str, int]


async def verify(settings: Settings, head: str) -> Looked:
    """Look at the whole chain; `head`: a hash that was exported earlier, or ""."""
    await require(settings)

    def work(connection: sa.Connection) -> Looked:
        chain = AuditChain(connection)
        return Looked(chain.verify(), chain.waiting(), chain.number_of(head) if head else None)

    return await backups.reading(settings.database_url, work)


async def find(settings: Settings, filters: Filters) -> Sequence[AuditRow]:
    """Records, latest first."""
    await require(settings)
    return await backups.reading(
        settings.database_url, lambda connection: SqlTransaction(connection).audit.find(**asdict(filters))
    )


async def export(
    settings: Settings, write: Callable[[str], object], *, since: datetime | None, until: datetime | None
) -> tuple[int, str]:
    """Write a JSON line for each record, sealed ones first, in the order of the chain; how many, and the hash of the last seal."""
    await require(settings)

    def work(connection: sa.Connection) -> tuple[int, str]:
        chain, count = AuditChain(connection), 0
        for seal, row in _records(connection, chain):
            if (since is None or row.at >= since) and (until is None or row.at < until):
                write(_line(row, seal))
                count += 1
        return count, chain.end("head").hash

    return await backups.reading(settings.database_url, work)


async def backup(settings: Settings, path: Path, *, clock: Clock, progress: Progress) -> Header:
    """See `storage.backup.backup`."""
    return await backups.backup(settings.database_url, path, now=clock.now(), progress=progress)


async def restore(
    settings: Settings,
    path: Path,
    *,
    by: str,
    clock: Clock,
    replace_all: bool,
    broken_audit: bool,
    progress: Progress,
) -> Restored:
    """See `storage.restore.restore`. The audit that came back also says who brought it back."""
    restored = await restoring.restore(
        settings.database_url, path, replace=replace_all, broken_audit=broken_audit, progress=progress
    )
    rows = {table: count for table, count in restored.rows.items() if count}
    row = AuditRow(clock.now(), by, "records.restore", path.name, "done", details={"rows": rows})
    async with open_records(settings.database_url) as records:
        await records.write(lambda tx: tx.audit.add(row))
    return restored


async def forget(settings: Settings, account: str, *, by: str, clock: Clock, dry_run: bool) -> Forgotten:
    """Erase a person with all accounts that the settings give them; `dry_run` only counts."""
    await require(settings)
    accounts = _accounts(settings, account)
    pseudonym = f"erased-{secrets.token_hex(4)}"

    def unit(tx: SqlTransaction) -> dict[str, int]:
        rows = erasure.erase(tx.connection, accounts, pseudonym=pseudonym, by=by, now=clock.now())
        if dry_run:
            raise _OnlyCounted(rows)
        return rows

    rows: dict[str, int] = {}
    async with open_records(settings.database_url) as records:
        try:
            rows = await records.write(unit)
        except _OnlyCounted as counted:
            rows = counted.rows
    if not dry_run:
        await backups.settle(settings.database_url)
    return Forgotten(tuple(sorted(map(str, accounts))), pseudonym, rows)


async def corrections(settings: Settings, *, limit: int) -> Sequence[Correction]:
    """What people meant where the bot was unsure or wrong, latest first."""
    await require(settings)
    async with open_records(settings.database_url) as records:
        return await records.read(lambda tx: tx.corrections.latest(limit=limit))


class _OnlyCounted(Exception):
    """Takes back what a dry run did."""

    def __init__(self, rows: dict[str, int]) -> None:
        super().__init__()
        self.rows = rows


async def require(settings: Settings) -> None:
    """A database with the schema of this version; never a new file."""
    path = backups.file_of(settings.database_url)
    if path is not None and not path.exists():
        raise NotFoundError(f"There is no database {path}.", hint="Is `database_url` right?")
    await prepare(settings.database_url)


def _accounts(settings: Settings, text: str) -> list[Account]:
    """The person's accounts. A Discord id is the same person on every server and in direct messages."""
    try:
        account = Account.parse(text)
    except ValueError:
        raise UserInputError(
            f"{text!r} is no account.", hint="Write platform:workspace/ID, such as slack:T0123/U1; `whoami` shows it."
        ) from None
    same = [group for group in settings.same_person if str(account) in group]
    accounts = {account, *(Account.parse(other) for group in same for other in group)}
    for one in [one for one in accounts if one.platform is Platform.DISCORD]:
        accounts |= {replace(one, workspace=server) for server in ("", *settings.discord.guild_ids)}
    return sorted(accounts, key=str)


def _records(connection: sa.Connection, chain: AuditChain) -> Iterator[tuple[Seal | None, AuditRow]]:
    for seal, row in chain.walk():
        if row is not None:
            yield seal, row
    for found in connection.execute(sa.select(audit).where(audit.c.seal.is_(None)).order_by(audit.c.id)):
        yield None, record_of(found)


def _line(row: AuditRow, seal: Seal | None) -> str:
    record = {**asdict(row), "at": row.at.isoformat()}
    return json.dumps({"record": record, "seal": asdict(seal) if seal else None})
