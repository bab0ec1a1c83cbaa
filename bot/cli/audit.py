"""`copilot audit verify`, `export` and `search`."""

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot import keeping
from bot.cli.lines import writing
from bot.cli.terminal import table
from bot.keeping import Filters, Looked
from bot.settings import load
from core.audit import GENESIS, Fault
from core.errors import UserInputError
from core.ports.records import AuditRow

_AGO = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def verify(config: Path | None, head: str) -> bool:
    """Tell what the chain is like; False when it is broken."""
    looked = asyncio.run(keeping.verify(load(config), head))
    lines, sound = report(looked, head)
    print("\n".join(lines))
    return sound


def report(looked: Looked, head: str) -> tuple[list[str], bool]:
    """What to tell, and whether the chain is sound."""
    verdict = looked.verdict
    sound = verdict.fault is None
    lines = [f"{_many(verdict.sealed)} sealed and sound."]
    if verdict.sealed:
        lines[0] += f" The head is seal {verdict.head.number}: {verdict.head.hash}"
    if verdict.erased:
        lines.append(f"{_many(verdict.erased)} had texts of erased people; their seals hold.")
    if verdict.fault:
        lines.append(f"BROKEN: {_fault(verdict.fault)}.")
        lines.append("Compare with an export or a backup from before; what follows this record is not checked.")
    if head and looked.head_at is None:
        sound = False
        lines.append(f"BROKEN: no seal has the hash {head}: records were removed, or the chain was computed anew.")
    elif head:
        lines.append(f"The hash given is that of seal {looked.head_at}.")
    lines.append(f"{_many(looked.unsealed)} not sealed yet.")
    return lines, sound


def export(config: Path | None, output: Path | None, since: str, until: str) -> None:
    """Write JSON lines; the hash of the last seal goes to standard error."""
    now = datetime.now(UTC)
    limits = {"since": moment(since, now=now), "until": moment(until, now=now)}
    settings = load(config)
    with writing(output) as write:
        count, head = asyncio.run(keeping.export(settings, write, **limits))
    told = f" Keep the head hash elsewhere: {head}" if head != GENESIS else " None is sealed yet."
    print(f"{_many(count)} exported.{told}", file=sys.stderr)


def filters(
    actor: str, action: str, target: str, outcome: str, since: str, until: str, text: str, limit: int
) -> Filters:
    """Filters as given on the command line."""
    now = datetime.now(UTC)
    return Filters(actor, action, target, outcome, moment(since, now=now), moment(until, now=now), text, limit)


def search(config: Path | None, wanted: Filters, as_program: bool) -> None:
    """Print records."""
    rows = asyncio.run(keeping.find(load(config), wanted))
    if as_program:
        for row in rows:
            print(json.dumps({**asdict(row), "at": row.at.isoformat()}))
        return
    console = Console()
    if not rows:
        console.print("No record matches.")
        return
    console.print(_table(rows))
    if len(rows) == wanted.limit:
        console.print(f"The latest {wanted.limit}; `--limit` shows more.")


def moment(text: str, *, now: datetime) -> datetime | None:
    """`24h`, `7d` ago, or ISO 8601 (UTC unless it says otherwise); None for ""."""
    if not text:
        return None
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        hint = "Write 2026-03-01, 2026-03-01T12:00+01:00, or 30m, 24h, 7d for so long ago."
        raise UserInputError(f"{text!r} is no time.", hint=hint) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _table(rows: Sequence[AuditRow]) -> Table:
    told = table("id", "when (UTC)", "who", "what", "why and how")
    for row in rows:
        what = f"{row.action} {row.outcome}\n{row.target}"
        when = f"{row.at:%Y-%m-%d}\n{row.at:%H:%M:%S}"
        told.add_row(*map(escape, (str(row.id), when, row.actor, what, _more(row))))
    return told


def _more(row: AuditRow) -> str:
    parts = [row.reason] if row.reason else []
    if row.before is not None or row.after is not None:
        parts.append(f"{_short(row.before)} → {_short(row.after)}")
    parts += [f"{name}={_short(value)}" for name, value in row.details.items()]
    return "\n".join(parts)


def _short(value: object) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fault(fault: Fault) -> str:
    what = f"record {fault.record} (seal {fault.number})" if fault.record else f"the record of seal {fault.number}"
    return f"{what} is {fault.wrong}"


def _many(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"
