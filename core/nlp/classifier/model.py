"""A linear model over the features of a message: plain arrays, read by np. `training/train.py` makes them."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.nlp.classifier.features import PARTS, extract
from core.nlp.interpretation import Intent


class LinearModel:
    """Weights for named features.

    The parts of a message's features are vectors, each scaled by rarity and to a length of its own (`features.PARTS`); the
    weights turn them into one margin an intent, the margins into probabilities.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of the artefact: `intents` and each of `features.PARTS` are names in UTF-8, one a line; `rarity` is a
        float for each feature, part after part, `weights` int8 of shape (features, intents), which `scale` (intents,) turns
        into real ones; `bias` is (intents,)."""
        self.intents = tuple(Intent(label) for label in _lines(arrays["intents"]))
        self._numbers = number_parts([_lines(arrays[part]) for part in PARTS])
        self._rarity = arrays["rarity"].astype(np.float32)
        self._weights = arrays["weights"]
        self._scale = arrays["scale"].astype(np.float32)
        self._bias = arrays["bias"].astype(np.float32)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read an artefact; it holds arrays only, never pickled objects."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(arrays)

    def probabilities(self, text: str) -> list[float]:
        """One for each of `intents`, in that order; they add up to 1."""
        margins = self._bias.copy()
        for names, known, length in zip(extract(text).parts(), self._numbers, PARTS.values(), strict=True):
            found = Counter(known[name] for name in names if name in known)
            if found:
                numbers = list(found)
                values = self._rarity[numbers] * np.array([weight(times) for times in found.values()], np.float32)
                values *= length / math.sqrt(float(values @ values))
                margins += (values @ self._weights[numbers].astype(np.float32)) * self._scale
        likelihoods = np.exp(margins - margins.max())
        shares: list[float] = (likelihoods / likelihoods.sum()).tolist()
        return shares


def weight(times: int) -> float:
    """Of a feature that occurs so often in a message: the second time says less than the first."""
    return 1.0 + math.log(times)


def number_parts(parts: Iterable[Sequence[str]]) -> list[dict[str, int]]:
    """The names of each part with their numbers, which go on from part to part."""
    numbered, first = [], 0
    for names in parts:
        numbered.append(dict(zip(names, range(first, first + len(names)), strict=True)))
        first += len(names)
    return numbered


def _lines(array: NDArray[Any]) -> list[str]:
    return array.tobytes().decode().split("\n")
