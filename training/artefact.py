"""The file that ships: how weights are packed, and how to tell what it was made from."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import core.nlp.classifier as classifier
from core.nlp.classifier.groups import GROUPS
from training.fit import INTENTS, Weights
from training.sentences import FOLDER, files
from training.vocabulary import Vocabulary

_STEPS = 127
"""Of a weight to each side of 0; one byte each costs no accuracy and a quarter of the room."""


def write(path: Path, vocabulary: Vocabulary, weights: Weights, made_from: str) -> None:
    """Write arrays as `core.nlp.classifier.model.LinearModel` takes them, and besides `made_from`, a `digest()`. The same
    arguments give the same bytes: numpy dates every entry 1980."""
    words, letters, groups = map(_lines, vocabulary.parts)
    scale = np.abs(weights.weights).max(axis=1) / _STEPS
    np.savez_compressed(
        path,
        intents=_lines(INTENTS),
        words=words,
        letters=letters,
        groups=groups,
        rarity=vocabulary.rarity,
        weights=np.rint(weights.weights / scale[:, None]).astype(np.int8).T.copy(),
        scale=scale.astype(np.float32),
        bias=weights.bias.astype(np.float32),
        made_from=_lines((made_from,)),
    )


def made_from(path: Path) -> str:
    """The digest that an artefact records."""
    with np.load(path, allow_pickle=False) as arrays:
        return bytes(arrays["made_from"]).decode()


def digest(folder: Path = FOLDER) -> str:
    """Of all that an artefact is made from: the sentences, the code and the words that turn them into features, the training."""
    code = sorted(Path(classifier.__file__).parent.glob("*.py")) + sorted(Path(__file__).parent.glob("*.py"))
    total = hashlib.sha256()
    for path in [*files(folder), GROUPS, *code]:
        total.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()


def _lines(names: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(names).encode(), dtype=np.uint8)
