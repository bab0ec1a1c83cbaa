"""Queries by language, one a line: what is valid, what is not, what must not run. Written from the documented syntax."""

from pathlib import Path

HERE = Path(__file__).parent


def lines(name: str) -> list[str]:
    """The queries of a file."""
    return [line for line in (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines() if line]
