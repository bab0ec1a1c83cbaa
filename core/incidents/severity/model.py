"""Multinomial logistic regression over the features of a report. `training/severity.py` writes what is read here."""

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.incidents.severity.features import Features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ARTEFACT = Path(__file__).with_name("model.npz")
CLASSES = ("sev1", "sev2", "sev3", "sev4")
"""In the order of the columns."""


class Vocabulary(NamedTuple):
    """The features that training met: what is told, then words, then parts of words, which may look alike."""

    told: dict[str, int]
    words: dict[str, int]
    parts: dict[str, int]
    """Name → row."""
    rarity: "NDArray[np.float32]"
    """Inverse document frequency by row; 1 for what is told."""

    def encode(self, features: Features) -> tuple[list[int], list[float]]:
        """Rows and values of a report; what training did not meet counts for nothing."""
        known = [(self.told[name], value) for name, value in features.told.items() if name in self.told]
        rows = [row for row, _ in known]
        values = [value for _, value in known]
        for names, block in ((features.words, self.words), (features.parts, self.parts)):
            at = [block[name] for name in names if name in block]
            weights = self.rarity[at].tolist()
            length = math.sqrt(sum(weight * weight for weight in weights)) or 1.0
            rows += at
            values += [weight / length for weight in weights]
        return rows, values


class Model(NamedTuple):
    """What was learnt."""

    vocabulary: Vocabulary
    weights: "NDArray[np.float32]"
    """(rows, 4)"""
    bias: "NDArray[np.float32]"
    """(4,)"""

    def probabilities(self, features: Features) -> tuple[float, ...]:
        """Of sev1 … sev4."""
        import numpy as np

        rows, values = self.vocabulary.encode(features)
        scores = self.bias + np.asarray(values, np.float32) @ self.weights[rows]
        odds = np.exp(scores - scores.max(), dtype=np.float64)
        return tuple((odds / odds.sum()).tolist())

    def leaning(self, told: str) -> tuple[float, ...]:
        """How much something told speaks for each class, against the mean of all."""
        row = self.vocabulary.told.get(told)
        if row is None:
            return (0.0,) * len(CLASSES)
        weights = self.weights[row]
        return tuple((weights - weights.mean()).tolist())


@cache
def model() -> Model:
    """The trained model; loaded when first needed."""
    import numpy as np

    with np.load(ARTEFACT, allow_pickle=False) as arrays:
        blocks = arrays["names"].tobytes().decode().split("\0")
        rows = iter(range(len(arrays["rarity"])))
        told, words, parts = ({name: next(rows) for name in block.split("\n")} for block in blocks)
        return Model(Vocabulary(told, words, parts, arrays["rarity"]), arrays["weights"], arrays["bias"])
