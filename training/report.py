"""Figures on people whose sentences the model had not seen, as a page of text."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from training.fit import INTENTS

_BINS = 10
_PAIRS = 20


def calibration_error(shares: NDArray[np.float64], intents: NDArray[np.int64]) -> float:
    """Expected calibration error: how far confidence and accuracy are apart, over ten bins of equal width, weighed by size."""
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == intents
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(confidence[bins == at].mean() - right[bins == at].mean()) * (bins == at).mean() for at in set(bins.tolist())
    ]
    return float(sum(gaps))


def page(hands: Mapping[str, tuple[NDArray[np.float64], NDArray[np.int64]]]) -> str:
    """Probabilities and true intents by hand, as Markdown."""
    shares = np.concatenate([pair[0] for pair in hands.values()])
    truth = np.concatenate([pair[1] for pair in hands.values()])
    return (
        "\n".join(
            (
                *_by_hand(hands),
                "",
                *_by_intent(shares.argmax(axis=1), truth),
                "",
                *_confused(shares.argmax(axis=1), truth),
            )
        )
        + "\n"
    )


def _by_hand(hands: Mapping[str, tuple[NDArray[np.float64], NDArray[np.int64]]]) -> list[str]:
    rows = ["| hand left out | sentences | accuracy | macro-F1 | calibration error |", "|---|---|---|---|---|"]
    figures = []
    for name, (shares, truth) in hands.items():
        said = shares.argmax(axis=1)
        figure = (float((said == truth).mean()), macro_f1(said, truth), calibration_error(shares, truth))
        figures.append(figure)
        rows.append(f"| {name} | {len(truth)} | {figure[0]:.1%} | {figure[1]:.1%} | {figure[2]:.3f} |")
    means = np.mean(figures, axis=0)
    return [*rows, f"| mean | | {means[0]:.1%} | {means[1]:.1%} | {means[2]:.3f} |"]


def macro_f1(said: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """The mean over the intents."""
    return float(np.mean([_scores(said, truth, intent)[2] for intent in range(len(INTENTS))]))


def _scores(said: NDArray[np.int64], truth: NDArray[np.int64], intent: int) -> tuple[float, float, float]:
    """Precision, recall and F1; 0 where nothing counts."""
    hits = int(((said == intent) & (truth == intent)).sum())
    claimed, meant = int((said == intent).sum()), int((truth == intent).sum())
    return hits / max(claimed, 1), hits / max(meant, 1), 2 * hits / max(claimed + meant, 1)


def _by_intent(said: NDArray[np.int64], truth: NDArray[np.int64]) -> list[str]:
    rows = ["| intent | sentences | precision | recall | F1 |", "|---|---|---|---|---|"]
    for number, intent in enumerate(INTENTS):
        precision, recall, f1 = _scores(said, truth, number)
        rows.append(f"| `{intent}` | {(truth == number).sum()} | {precision:.1%} | {recall:.1%} | {f1:.1%} |")
    return rows


def _confused(said: NDArray[np.int64], truth: NDArray[np.int64]) -> list[str]:
    pairs = Counter(
        (INTENTS[meant], INTENTS[heard]) for meant, heard in zip(truth, said, strict=True) if meant != heard
    )
    rows = ["| meant | heard as | times |", "|---|---|---|"]
    ranked = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:_PAIRS]
    return [*rows, *(f"| `{meant}` | `{heard}` | {times} |" for (meant, heard), times in ranked)]
