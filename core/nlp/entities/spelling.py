"""Misspelt terms: "latncy", "stagin"."""

from collections.abc import Iterable
from functools import lru_cache

from core.nlp.entities.ordinary import ORDINARY

_SHORTEST = 6
_TWO_TYPOS_LENGTH = 10


class Spelling:
    """The words of one family in which typos are recognised."""

    def __init__(self, terms: Iterable[str]) -> None:
        """`terms`: single words in folded text; those under six letters are like too many other words and are left out."""
        self._by_first: dict[str, list[str]] = {}
        for term in terms:
            if len(term) >= _SHORTEST and term.isalpha():
                self._by_first.setdefault(term[0], []).append(term)
        self.meant = lru_cache(maxsize=4096)(self._meant)
        """The term that this word is with a typo (two in a long one), or ""; ordinary words are what they are."""

    def _meant(self, word: str) -> str:
        if len(word) < _SHORTEST - 1 or word in ORDINARY or word[0] not in self._by_first:
            return ""
        from rapidfuzz.distance import OSA

        for term in self._by_first[word[0]]:
            allowed = 1 if len(term) < _TWO_TYPOS_LENGTH else 2
            if abs(len(term) - len(word)) <= allowed and 0 < OSA.distance(word, term, score_cutoff=allowed) <= allowed:
                return term
        return ""
