"""What was measured, as Markdown for people and as plain values for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, TypeAlias

from bot.evaluation.judging import Section, Table

Judged: TypeAlias = Mapping[str, Sequence[Section]]
"""Name of an evaluation set → what it judges."""


def figures(sections: Sequence[Section]) -> dict[str, float]:
    """All figures of a set by name."""
    return {name: value for section in sections for name, value in section.figures.items()}


def markdown(judged: Judged, day: date) -> str:
    """The report."""
    lines = [f"# Evaluation of {day.isoformat()}"]
    for name, sections in judged.items():
        lines += ["", f"## {name}"]
        for section in sections:
            lines += ["", f"### {section.title}", ""]
            lines += _table(("figure", "value"), tuple(section.figures.items()))
            for table in section.tables:
                lines += _titled(table)
    return "\n".join(lines) + "\n"


def values(judged: Judged, day: date) -> dict[str, Any]:
    """The same for a program: figures by name, tables as lists of rows."""
    return {
        "date": day.isoformat(),
        "sets": {
            name: {
                "figures": figures(sections),
                "tables": [
                    {"section": section.title, **asdict(table)} for section in sections for table in section.tables
                ],
            }
            for name, sections in judged.items()
        },
    }


def _titled(table: Table) -> Iterator[str]:
    if table.rows:
        yield from ("", f"**{table.title}**", "")
        yield from _table(table.heads, table.rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str | float]]) -> Iterator[str]:
    cells = [heads, *([_written(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    words = [all(isinstance(row[column], str) for row in rows) for column in range(len(heads))]
    yield _row(cells[0], widths, words)
    yield f"|{'|'.join('-' * (width + 2) if word else '-' * (width + 1) + ':' for width, word in zip(widths, words, strict=True))}|"
    for row in cells[1:]:
        yield _row(row, widths, words)


def _row(cells: Sequence[str], widths: Sequence[int], words: Sequence[bool]) -> str:
    padded = (
        cell.ljust(width) if word else cell.rjust(width) for cell, width, word in zip(cells, widths, words, strict=True)
    )
    return f"| {' | '.join(padded)} |"


def _written(value: str | float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
