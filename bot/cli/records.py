"""`copilot migrate`."""

import asyncio
from pathlib import Path

from bot.bootstrap import upgrade_records
from bot.settings import load


def migrate(config: Path | None) -> None:
    """Bring the database to this version's schema."""
    asyncio.run(upgrade_records(load(config)))
    print("The database has this version's schema.")
