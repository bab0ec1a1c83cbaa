"""Features as sparse matrices, the way `core.nlp.classifier.model` weighs them at run time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from core.nlp.classifier.features import PARTS, Features
from core.nlp.classifier.model import number_parts, weight

_FEWEST = 2
"""Messages that must have a feature; what one person said once teaches nothing about strangers."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features that are kept, and how rare each is."""

    parts: tuple[tuple[str, ...], ...]
    """One for each of `PARTS`, in order of names."""
    rarity: NDArray[np.float32]
    """Of all of them, part after part: inverse document frequency, smoothed as if each had been seen once more."""

    @classmethod
    def of(cls, messages: Sequence[Features]) -> "Vocabulary":
        """What at least two of the messages have."""
        kept: list[tuple[str, ...]] = []
        seen: list[int] = []
        for part in zip(*(message.parts() for message in messages), strict=True):
            times = Counter(name for names in part for name in set(names))
            kept.append(tuple(sorted(name for name, seen in times.items() if seen >= _FEWEST)))
            seen.extend(times[name] for name in kept[-1])
        rarity = np.log((1 + len(messages)) / (1 + np.array(seen, dtype=np.float64))) + 1
        return cls(tuple(kept), rarity.astype(np.float32))

    def matrix(self, messages: Sequence[Features]) -> csr_matrix:
        """One row a message, one column a feature, part after part; each part of its length in `PARTS`."""
        numbers = number_parts(self.parts)
        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for message in messages:
            for names, known, length in zip(message.parts(), numbers, PARTS.values(), strict=True):
                found = Counter(known[name] for name in names if name in known)
                part = np.array([self.rarity[number] * weight(count) for number, count in found.items()])
                columns.extend(found)
                values.extend(part * (length / np.sqrt(part @ part)) if found else ())
            ends.append(len(columns))
        return csr_matrix((values, columns, ends), shape=(len(messages), len(self.rarity)))
