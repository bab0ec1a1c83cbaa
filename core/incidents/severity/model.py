"""Multinomial logistic regression over the features of a report. `training/severity.py` writes what is read here."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ARTEFACT = Path(__file__).with_name("model.npz")
CLASSES = ("sev1", "sev2", "sev3", "sev4")
"""In the order of the columns."""


class Model(NamedTuple):
    """Rows by name of the feature, and their weights."""

    rows: dict[str, int]
    weights: "NDArray[np.float32]"
    """(features, 4)"""
    bias: "NDArray[np.float32]"
    """(4,)"""

    def probabilities(self, features: Mapping[str, float]) -> tuple[float, ...]:
        """Of sev1 … sev4; features that training did not meet count for nothing."""
        import numpy as np

        known = [(self.rows[name], value) for name, value in features.items() if name in self.rows]
        scores = self.bias.astype(np.float64)
        if known:
            at, values = zip(*known, strict=True)
            scores = scores + np.asarray(values) @ self.weights[list(at)]
        odds = np.exp(scores - scores.max())
        return tuple(float(share) for share in odds / odds.sum())

    def leaning(self, feature: str) -> tuple[float, ...]:
        """How much a feature speaks for each class, against the mean of all."""
        row = self.rows.get(feature)
        if row is None:
            return (0.0,) * len(CLASSES)
        weights = self.weights[row]
        return tuple(float(weight) for weight in weights - weights.mean())


@cache
def model() -> Model:
    """The trained model; loaded when first needed."""
    import numpy as np

    with np.load(ARTEFACT, allow_pickle=False) as arrays:
        names = arrays["names"].tobytes().decode().split("\n")
        return Model({name: row for row, name in enumerate(names)}, arrays["weights"], arrays["bias"])
