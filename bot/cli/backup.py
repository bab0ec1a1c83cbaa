"""`copilot backup` and `copilot restore`."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from bot import keeping
from bot.cli.audit import report
from bot.cli.forget import operator
from bot.clock import SystemClock
from bot.keeping import Looked
from bot.settings import load
from core.errors import UserInputError


def backup(config: Path | None, file: Path) -> None:
    """Write a backup and say what is in it."""
    with _progress("Copying") as progress:
        header = asyncio.run(keeping.backup(load(config), file, clock=SystemClock(), progress=progress))
    print(f"{file}: {_rows(header.rows)}, schema {header.schema}, {file.stat().st_size:,} bytes.")


def restore(config: Path | None, file: Path, *, replace: bool, yes: bool, broken_audit: bool) -> None:
    """Bring a backup back and say what it brought."""
    settings = load(config)
    if replace and not yes and not typer.confirm("All records that are there are lost. Go on?"):
        raise UserInputError("Nothing was restored.")
    with _progress("Restoring") as progress:
        restored = asyncio.run(
            keeping.restore(
                settings,
                file,
                by=operator(),
                clock=SystemClock(),
                replace_all=replace,
                broken_audit=broken_audit,
                progress=progress,
            )
        )
    print(f"Restored: {_rows(restored.rows)}.")
    looked = Looked(restored.audit, restored.rows["audit"] - restored.audit.sealed)
    print("\n".join(report(looked, "")[0]))


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while the block runs, if somebody looks at it."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _rows(rows: dict[str, int]) -> str:
    told = ", ".join(f"{count} {table}" for table, count in rows.items() if count)
    return told or "no records"
