"""Tells the intent of a message from its wording, with a probability."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from core.nlp.interpretation import Intent

if TYPE_CHECKING:
    from core.nlp.classifier.model import LinearModel

ARTEFACT = Path(__file__).parent.parent / "data" / "intent.npz"
"""Made by `make train` from the sentences in `training/`."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a message asks for, and how sure that is."""

    intent: Intent
    confidence: float
    """The probability of `intent`, calibrated on people whose messages the model had not seen."""
    alternatives: tuple[tuple[Intent, float], ...]
    """The next likeliest intents with their probabilities, likeliest first: for "Did you mean …?"."""


def classify(text: str, *, alternatives: int = 2) -> Prediction:
    """Tell the intent of a message. Never raises; of a long message the beginning and the end are read (`tokens.MAX_TEXT`).

    The first call reads the model, about 0.1 s; later ones take well under a millisecond.
    """
    model = _model()
    ranked = sorted(zip(model.intents, model.probabilities(text), strict=True), key=lambda pair: -pair[1])
    (intent, confidence), *others = ranked
    return Prediction(intent, confidence, tuple(others[:alternatives]))


_loading = Lock()
"""Many first sentences at once read the model once."""


def _model() -> "LinearModel":
    with _loading:
        return _read()


@cache
def _read() -> "LinearModel":
    from core.nlp.classifier.model import LinearModel  # with numpy, when first needed

    return LinearModel.read(ARTEFACT)
