"""`copilot forget`."""

import asyncio
import getpass
from pathlib import Path

import typer

from bot import keeping
from bot.clock import SystemClock
from bot.keeping import Forgotten
from bot.settings import Settings, load
from core.errors import UserInputError
from core.messages import Account, Platform


def run(config: Path | None, account: str, *, yes: bool, dry_run: bool) -> None:
    """Say what would be erased, ask, erase."""
    settings = load(config)
    found = _forget(settings, account, dry_run=True)
    print(f"Accounts: {', '.join(found.accounts)}\nRows that name them: {_rows(found)}")
    if dry_run:
        print("Nothing was erased.")
        return
    if not yes and not typer.confirm("This cannot be undone; backups made before still hold it. Erase?"):
        raise UserInputError("Nothing was erased.")
    done = _forget(settings, account, dry_run=False)
    print(f"Erased: {_rows(done)}. The records say {done.pseudonym} instead.")
    print("Backups, exports and logs made before are not changed; the platforms keep their own messages.")


def operator() -> str:
    """The account of whoever runs this command."""
    return str(Account(Platform.CONSOLE, "local", getpass.getuser()))


def _forget(settings: Settings, account: str, *, dry_run: bool) -> Forgotten:
    return asyncio.run(keeping.forget(settings, account, by=operator(), clock=SystemClock(), dry_run=dry_run))


def _rows(found: Forgotten) -> str:
    return ", ".join(f"{count} in {table}" for table, count in found.rows.items())
