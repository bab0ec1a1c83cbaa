"""Trains the severity model on the reports in `training/severity/`, and measures it on hands that it has not seen.

`python -m training.severity` prints the figures and writes the artefact, byte for byte the same from the same reports and code.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from core.incidents.severity.features import Features, features, read
from core.incidents.severity.model import ARTEFACT, CLASSES, Model, Vocabulary

REPORTS = Path(__file__).with_name("severity")
_STRENGTH = 10.0
"""Inverse of the regularisation; by leave-one-hand-out flat between 5 and 20."""
_PARTS_SEEN = 2
"""Reports that a part of a word must occur in."""
_DIGITS = 3
"""Decimals of weights, so that the last bits of an optimiser do not reach the artefact."""
_TEMPERATURES = np.linspace(0.6, 2.0, 29)

_SOURCES = ("words", "lexicon", "word_classes", "signals", "scale", "features", "model")
"""Modules beside the artefact that decide what is learnt."""

Hands = Mapping[str, Sequence["Report"]]


@dataclass(frozen=True, slots=True)
class Report:
    """One graded report, as features."""

    text: str
    severity: str
    features: Features


@dataclass(frozen=True, slots=True)
class Figures:
    """How well hands are graded by models that have not seen them."""

    accuracy: dict[str, float]
    confusion: NDArray[np.int64]
    """Rows: what people graded; columns: the likeliest class."""
    temperature: float
    """What the scores must be divided by for the probabilities to be honest."""
    calibration_error: float
    """Expected calibration error at that temperature, in ten bins."""


def hands(folder: Path = REPORTS) -> dict[str, list[Report]]:
    """The reports of each hand, by its name."""
    return {path.stem: _reports(path) for path in sorted(folder.glob("*.jsonl"))}


def train(reports: Sequence[Report], *, temperature: float = 1.0) -> Model:
    """Fit the model; deterministic on one platform."""
    vocabulary = _vocabulary([report.features for report in reports])
    encoded = [vocabulary.encode(report.features) for report in reports]
    ends = np.cumsum([0, *(len(rows) for rows, _ in encoded)])
    matrix = csr_matrix(
        (np.concatenate([values for _, values in encoded]), np.concatenate([rows for rows, _ in encoded]), ends),
        shape=(len(reports), len(vocabulary.rarity)),
    )
    with threadpool_limits(1):
        fitted = LogisticRegression(C=_STRENGTH, max_iter=5_000).fit(matrix, [report.severity for report in reports])
    weights = np.round(fitted.coef_.T / temperature, _DIGITS).astype(np.float32)
    return Model(vocabulary, weights, np.round(fitted.intercept_ / temperature, _DIGITS).astype(np.float32))


def _vocabulary(reports: Sequence[Features]) -> Vocabulary:
    """Every feature that occurs often enough, in alphabetical order, with its inverse document frequency, smoothed."""
    told, words, parts = (
        {
            name: count
            for name, count in sorted(Counter(name for report in reports for name in block(report)).items())
            if count >= least
        }
        for block, least in ((_told, 1), (_words, 1), (_parts, _PARTS_SEEN))
    )
    counts = np.array([*words.values(), *parts.values()])
    rarity = np.concatenate([np.ones(len(told)), np.log((1 + len(reports)) / (1 + counts)) + 1])
    rows = iter(range(len(rarity)))
    told, words, parts = ({name: next(rows) for name in block} for block in (told, words, parts))
    return Vocabulary(told, words, parts, np.round(rarity, _DIGITS).astype(np.float32))


def _told(report: Features) -> Iterable[str]:
    return report.told


def _words(report: Features) -> Iterable[str]:
    return report.words


def _parts(report: Features) -> Iterable[str]:
    return report.parts


def measure(by_hand: Hands) -> Figures:
    """Grade each hand by a model of the others."""
    accuracy, truth, shares = {}, [], []
    for name, reports in by_hand.items():
        model = train([report for other, theirs in by_hand.items() if other != name for report in theirs])
        theirs = np.array([model.probabilities(report.features) for report in reports])
        labels = np.array([CLASSES.index(report.severity) for report in reports])
        accuracy[name] = float((theirs.argmax(axis=1) == labels).mean())
        truth.append(labels)
        shares.append(theirs)
    labels, probabilities = np.concatenate(truth), np.concatenate(shares)
    confusion = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    np.add.at(confusion, (labels, probabilities.argmax(axis=1)), 1)
    temperature = min(_TEMPERATURES, key=lambda t: _log_loss(_tempered(probabilities, t), labels))
    honest = _tempered(probabilities, temperature)
    return Figures(accuracy, confusion, float(temperature), _calibration_error(honest, labels))


def sources() -> str:
    """Digest of all that decides what is learnt: an artefact of another digest was made from something else."""
    modules = [ARTEFACT.with_name(f"{name}.py") for name in _SOURCES]
    parts = [path.read_bytes() for path in (*sorted(REPORTS.glob("*.jsonl")), *modules, Path(__file__))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def save(model: Model, path: Path = ARTEFACT) -> str:
    """Write plain arrays; returns the digest of the file."""
    told, words, parts, rarity = model.vocabulary
    names = "\0".join("\n".join(block) for block in (told, words, parts))
    np.savez_compressed(
        path,
        names=np.frombuffer(names.encode(), np.uint8),
        rarity=rarity,
        weights=model.weights,
        bias=model.bias,
        sources=np.frombuffer(sources().encode(), np.uint8),
    )
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _reports(path: Path) -> list[Report]:
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [Report(line["text"], line["severity"], features(read(line["text"]))) for line in lines]


def _tempered(probabilities: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    powered: NDArray[np.float64] = probabilities ** (1 / temperature)
    shares: NDArray[np.float64] = powered / powered.sum(axis=1, keepdims=True)
    return shares


def _log_loss(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())


def _calibration_error(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * 10).astype(int), 9)
    parts = ((bins == n) for n in range(10))
    return float(sum(abs(confidence[part].mean() - right[part].mean()) * part.mean() for part in parts if part.any()))


def main() -> None:
    """Measure, train on everything, save, and tell."""
    by_hand = hands()
    figures = measure(by_hand)
    model = train([report for reports in by_hand.values() for report in reports], temperature=figures.temperature)
    digest = save(model)
    say = Console(highlight=False).print
    for name, share in figures.accuracy.items():
        say(f"{name:10} {share:6.1%} of {len(by_hand[name])}, by a model of the other hands")
    say(f"mean       {np.mean(list(figures.accuracy.values())):6.1%}")
    for label, row in zip(CLASSES, figures.confusion, strict=True):
        say(
            f"{label}: recall {row[CLASSES.index(label)] / row.sum():.1%}, graded {dict(zip(CLASSES, row.tolist(), strict=True))}"
        )
    say(f"temperature {figures.temperature:.2f}, calibration error {figures.calibration_error:.3f}")
    say(f"{len(model.weights)} features, {ARTEFACT.stat().st_size / 1e3:.0f} kB, sha256 {digest[:16]}…")


if __name__ == "__main__":
    main()
