"""Features as sparse matrices, the way `core.nlp.classifier.model` weighs them at run time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from core.nlp.classifier.features import Features
from core.nlp.classifier.model import weight

_FEWEST = 2
"""Messages that must have a feature; what one person said once teaches nothing about strangers."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features that are kept, in order of names, and how rare each is."""

    words: tuple[str, ...]
    letters: tuple[str, ...]
    rarity: NDArray[np.float32]
    """Of words, then of letters: inverse document frequency, smoothed as if each had been seen once more."""

    @classmethod
    def of(cls, messages: Sequence[Features]) -> "Vocabulary":
        """What at least two of the messages have."""
        words = Counter(name for message in messages for name in set(message.words))
        letters = Counter(name for message in messages for name in set(message.letters))
        kept = [tuple(sorted(name for name, seen in counts.items() if seen >= _FEWEST)) for counts in (words, letters)]
        seen = np.array([words[name] for name in kept[0]] + [letters[name] for name in kept[1]], dtype=np.float64)
        rarity = np.log((1 + len(messages)) / (1 + seen)) + 1
        return cls(kept[0], kept[1], rarity.astype(np.float32))

    def matrix(self, messages: Sequence[Features]) -> csr_matrix:
        """One row a message, one column a word then a letter feature; each of the two parts of length 1."""
        words = {name: number for number, name in enumerate(self.words)}
        letters = {name: number for number, name in enumerate(self.letters, start=len(words))}
        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for message in messages:
            for names, numbers in ((message.words, words), (message.letters, letters)):
                found = Counter(numbers[name] for name in names if name in numbers)
                part = np.array([self.rarity[number] * weight(count) for number, count in found.items()])
                columns.extend(found)
                values.extend(part / np.sqrt(part @ part) if found else ())
            ends.append(len(columns))
        return csr_matrix((values, columns, ends), shape=(len(messages), len(self.rarity)))
