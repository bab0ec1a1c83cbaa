"""Trains the severity model on the reports in `training/severity/`, and measures it on hands that it has not seen.

`python -m training.severity` prints the figures and writes the artefact, byte for byte the same from the same reports and code.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from core.incidents.severity.features import features, read
from core.incidents.severity.model import ARTEFACT, CLASSES, Model

REPORTS = Path(__file__).with_name("severity")
_STRENGTH = 1.0
"""Inverse of the regularisation; by leave-one-hand-out flat between 0.5 and 2."""
_SEEN = 2
"""Reports that a word or a part of one must occur in."""
_DIGITS = 3
"""Decimals of weights, so that the last bits of an optimiser do not reach the artefact."""
_TEMPERATURES = np.linspace(0.6, 2.0, 29)

Hands = Mapping[str, Sequence["Report"]]


@dataclass(frozen=True, slots=True)
class Report:
    """One graded report, as features."""

    text: str
    severity: str
    features: Mapping[str, float]


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
    seen = Counter(name for report in reports for name in report.features)
    kept = [{name: value for name, value in report.features.items() if seen[name] >= _SEEN} for report in reports]
    vectorizer = DictVectorizer(sort=True)
    with threadpool_limits(1):
        matrix = vectorizer.fit_transform(kept)
        fitted = LogisticRegression(C=_STRENGTH, max_iter=5_000).fit(matrix, [report.severity for report in reports])
    rows = {str(name): row for row, name in enumerate(vectorizer.get_feature_names_out())}
    weights = np.round(fitted.coef_.T / temperature, _DIGITS).astype(np.float32)
    return Model(rows, weights, np.round(fitted.intercept_ / temperature, _DIGITS).astype(np.float32))


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


def save(model: Model, path: Path = ARTEFACT) -> str:
    """Write plain arrays; returns the digest of the file."""
    names = np.frombuffer("\n".join(model.rows).encode(), np.uint8)
    np.savez_compressed(path, names=names, weights=model.weights, bias=model.bias)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _reports(path: Path) -> list[Report]:
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [Report(line["text"], line["severity"], features(read(line["text"]))) for line in lines]


def _tempered(probabilities: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    powered = probabilities ** (1 / temperature)
    return powered / powered.sum(axis=1, keepdims=True)


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
        say(f"{label}: recall {row[CLASSES.index(label)] / row.sum():.1%}, graded {dict(zip(CLASSES, row.tolist(), strict=True))}")
    say(f"temperature {figures.temperature:.2f}, calibration error {figures.calibration_error:.3f}")
    say(f"{len(model.rows)} features, {ARTEFACT.stat().st_size / 1e3:.0f} kB, sha256 {digest[:16]}…")


if __name__ == "__main__":
    main()
