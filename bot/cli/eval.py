"""`copilot eval`: how well sentences are understood, on sets of examples; and whether it is still as good as it was."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from bot.evaluation import floors, report, sets
from bot.evaluation.judging import judge
from core.errors import UserInputError


def run(
    files: list[Path],
    *,
    floor: Path | None,
    plot: Path | None,
    as_json: Path | None,
    as_markdown: Path | None,
    quiet: bool,
) -> None:
    """Measure and tell. Exit code 1 when a figure breaks its bounds."""
    bounds = {floor.parent / name: of for name, of in floors.read(floor).items()} if floor else {}
    paths = list(dict.fromkeys(files or bounds))
    if not paths:
        hint = "Name evaluation sets (JSON lines), or --floor FILE, which names its own."
        raise UserInputError("There is nothing to evaluate.", hint=hint)
    judged = {str(path): list(judge(sets.read(path))) for path in paths}
    today = datetime.now(UTC).date()
    told = report.markdown(judged, today)
    if as_markdown:
        picture = f"\n![Reliability of intents]({os.path.relpath(plot, as_markdown.parent)})\n" if plot else ""
        as_markdown.write_text(told + picture, encoding="utf-8")
    if as_json:
        as_json.write_text(json.dumps(report.values(judged, today), indent=1) + "\n", encoding="utf-8")
    if plot:
        _draw(plot, judged)
    if not quiet:
        _print(told)
    found = {name: report.figures(sections) for name, sections in judged.items()}
    broken = list(floors.breaches({str(path): of for path, of in bounds.items() if path in paths}, found))
    if broken:
        print("\n".join(broken), file=sys.stderr)
        sys.exit(1)


def _draw(path: Path, judged: report.Judged) -> None:
    from bot.evaluation import reliability  # matplotlib costs more than all the rest

    curves = {
        name: section.reliability for name, sections in judged.items() for section in sections if section.reliability
    }
    if not curves:
        raise UserInputError("There is no plot of these sets.", hint="It shows the confidence of intents.")
    reliability.draw(path, curves)


def _print(told: str) -> None:
    if sys.stdout.isatty():
        Console().print(Markdown(told))
    else:
        print(told, end="")
