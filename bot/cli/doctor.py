"""`copilot doctor`: what is wrong, what it means, and how to mend it."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import logs
from bot.doctor.examination import Result, examine, healthy
from bot.doctor.findings import Level, problem
from bot.settings import load
from core.errors import UserInputError

_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "bold red"}


def run(config: Path | None, as_program: bool) -> None:
    """Examine everything; exit code 1 when something must be mended."""
    results = _examine(config)
    if as_program:
        rows = [{"check": result.check, **asdict(result.finding)} for result in results]
        print(json.dumps({"healthy": healthy(results), "findings": rows}, indent=2))
    elif sys.stdout.isatty():
        _table(results, Console())
    else:
        print("\n".join(line for result in results for line in lines(result)))
    if not healthy(results):
        sys.exit(1)


def _examine(config: Path | None) -> Sequence[Result]:
    try:
        settings = load(config)
    except UserInputError as error:
        return [Result("settings", problem(error.message, "Nothing else could be checked.", error.hint))]
    logs.configure(settings.log.model_copy(update={"level": "error"}))
    return asyncio.run(examine(settings))


def lines(result: Result) -> list[str]:
    """A finding for a file or a pipe."""
    finding = result.finding
    told = [f"{finding.level.value}: {result.check}: {finding.what}"]
    told += [f"  {finding.means}"] if finding.means else []
    return told + ([f"  Fix: {finding.fix}"] if finding.fix else [])


def _table(results: Sequence[Result], console: Console) -> None:
    table = Table("", "check", "finding", show_lines=False, pad_edge=False)
    for result in results:
        finding = result.finding
        text = Text(finding.what)
        if finding.means:
            text.append(f"\n{finding.means}", style="dim")
        if finding.fix:
            text.append(f"\nFix: {finding.fix}", style="cyan")
        table.add_row(Text(finding.level.value, style=_STYLES[finding.level]), result.check, text)
    console.print(table)
