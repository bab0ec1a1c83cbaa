"""`copilot migrate`."""

import asyncio
from pathlib import Path

from bot.settings import load


def migrate(config: Path | None) -> None:
    """Bring the database to this version's schema."""
    from storage.migrate import upgrade

    settings = load(config)
    asyncio.run(upgrade(settings.database_url))
    print("The database has this version's schema.")
