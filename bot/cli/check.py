"""`copilot check`: settings and workflow definitions, before they are used."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.bootstrap import workflows
from bot.roles import read
from bot.settings import describe_options, load
from core.errors import NotFoundError
from core.workflow.catalogue import Catalogue
from core.workflow.scheduler import describe, upcoming

_SHOWN = 3
"""Times of each schedule."""


def run(paths: list[Path], config: Path | None, options: bool) -> None:
    """Check what is configured, or the paths that are named."""
    if options:
        _list_options()
        return
    settings = load(config)
    roles = read(settings)
    if missing := [path for path in paths if not path.exists()]:
        raise NotFoundError(f"There is no {missing[0]}.")
    found = workflows(settings, paths or settings.workflows)
    print(f"Settings are valid. Workflows: {', '.join(found.names())}. Roles: {', '.join(sorted(roles.grants))}.")
    for line in _schedules(found):
        print(line)


def _schedules(catalogue: Catalogue) -> Iterator[str]:
    now = datetime.now(UTC)
    for definition in catalogue:
        for schedule in definition.schedules:
            times = ", ".join(upcoming(schedule, now, _SHOWN)) or "never"
            yield f"{definition.name}, {describe(schedule)}: {times}"


def _list_options() -> None:
    table = Table("setting", "default", "what it is")
    for name, default, text in describe_options():
        table.add_row(name, default, text)
    Console().print(table)
