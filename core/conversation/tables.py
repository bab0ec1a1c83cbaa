"""Tables in preformatted text."""

from collections.abc import Sequence

_WIDTH = 36
"""Characters of one cell."""


def aligned(rows: Sequence[Sequence[str]], width: int = _WIDTH) -> str:
    """The cells of each column beneath one another; each on one line, and cut where it is too wide."""
    cut = [[cell if len(cell) <= width else f"{cell[: width - 1]}…" for cell in map(_flat, row)] for row in rows]
    widths = [max(len(row[column]) for row in cut) for column in range(len(cut[0]))]
    return "\n".join(
        "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in cut
    )


def _flat(cell: str) -> str:
    return " ".join(cell.split())
