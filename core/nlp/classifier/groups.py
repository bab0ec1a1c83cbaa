"""Groups of English words of like use, some twenty thousand words: what is known about words that no training sentence has.

The lexicon's classes are about requests and written by hand; groups cover the language. `training/word_groups.py` makes them.
"""

from functools import cache
from pathlib import Path

GROUPS = Path(__file__).parent.parent / "data" / "word_groups.txt"
"""A group a line, its words parted by spaces."""

_NONE = "?"


def group(word: str) -> str:
    """The number of a word's group, "?" for a word in none; the word as `lexicon.fold` gives it."""
    return _by_word().get(word, _NONE)


@cache
def _by_word() -> dict[str, str]:
    lines = GROUPS.read_text(encoding="utf-8").splitlines()
    return {word: str(number) for number, line in enumerate(lines) for word in line.split()}
