"""A linear model over the features of a message: plain arrays, read by np. `training/train.py` makes them."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.nlp.classifier.features import extract
from core.nlp.interpretation import Intent


class LinearModel:
    """Weights for named features.

    Words and letters are two vectors, each scaled by rarity and to length 1; the weights turn them into one margin an
    intent, the margins into probabilities.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of the artefact: `intents`, `words` and `letters` are names in UTF-8, one a line; `rarity` is a
        float for each of words then letters, `weights` int8 of shape (words + letters, intents), which `scale` (intents,)
        turns into real ones; `bias` is (intents,)."""
        self.intents = tuple(Intent(label) for label in _lines(arrays["intents"]))
        words, letters = _lines(arrays["words"]), _lines(arrays["letters"])
        self._words = {name: number for number, name in enumerate(words)}
        self._letters = {name: number for number, name in enumerate(letters, start=len(words))}
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
        features = extract(text)
        margins = self._bias.copy()
        for found in (
            _counted(features.words, self._words),
            _counted(features.letters, self._letters),
        ):
            if found:
                numbers = list(found)
                values = self._rarity[numbers] * np.array([weight(count) for count in found.values()], np.float32)
                values /= math.sqrt(float(values @ values))
                margins += (values @ self._weights[numbers].astype(np.float32)) * self._scale
        likelihoods = np.exp(margins - margins.max())
        shares: list[float] = (likelihoods / likelihoods.sum()).tolist()
        return shares


def weight(count: int) -> float:
    """Of a feature that occurs so often in a message: the second time says less than the first."""
    return 1.0 + math.log(count)


def _counted(names: Iterable[str], numbers: Mapping[str, int]) -> Counter[int]:
    return Counter(numbers[name] for name in names if name in numbers)


def _lines(array: NDArray[Any]) -> list[str]:
    return array.tobytes().decode().split("\n")
