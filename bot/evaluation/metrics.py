"""The measures, as functions of values. A pair is (expected, found); a share of nothing is 0."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Label = TypeVar("Label", bound=Hashable)
Pairs = Sequence[tuple[Label, Label]]

BINS = 10
"""Of a reliability diagram, equally wide."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was found: rightly, wrongly, not at all."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Pooled, so that each thing counts alike (micro-average)."""
        return Counts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def expected(self) -> int:
        """How many there were to find."""
        return self.right + self.missed

    @property
    def precision(self) -> float:
        """Of what was found, the share that is right."""
        return share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Of what was to be found, the share that was."""
        return share(self.right, self.expected)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return share(2 * self.right, 2 * self.right + self.wrong + self.missed)


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of about the same confidence."""

    low: float
    high: float
    count: int
    confidence: float
    """The mean."""
    accuracy: float


def share(part: float, whole: float) -> float:
    """A part of a whole, from 0 to 1."""
    return part / whole if whole else 0.0


def accuracy(pairs: Pairs[Label]) -> float:
    """The share of equal pairs."""
    return share(sum(expected == found for expected, found in pairs), len(pairs))


def by_label(pairs: Pairs[Label]) -> dict[Label, Counts]:
    """Counts of each label that is expected or found, in order of appearance."""
    counts: dict[Label, Counts] = {}
    for expected, found in pairs:
        if expected == found:
            counts[expected] = counts.get(expected, Counts()) + Counts(right=1)
        else:
            counts[expected] = counts.get(expected, Counts()) + Counts(missed=1)
            counts[found] = counts.get(found, Counts()) + Counts(wrong=1)
    return counts


def macro_f1(pairs: Pairs[Label]) -> float:
    """The mean of the labels' F1: rare ones weigh as much as frequent ones. As scikit-learn, labels that are only found count too."""
    counts = by_label(pairs).values()
    return share(sum(one.f1 for one in counts), len(counts))


def confusions(pairs: Pairs[Label]) -> list[tuple[tuple[Label, Label], int]]:
    """Unequal pairs and how often they occur, the most frequent first."""
    return Counter((expected, found) for expected, found in pairs if expected != found).most_common()


def overlap(expected: Iterable[Hashable], found: Iterable[Hashable]) -> Counts:
    """What two bags have in common; what is in one twice must be in the other twice."""
    wanted, got = Counter(expected), Counter(found)
    right = (wanted & got).total()
    return Counts(right, got.total() - right, wanted.total() - right)


def reliability(predictions: Iterable[tuple[float, bool]], *, bins: int = BINS) -> list[Bin]:
    """Predictions (confidence from 0 to 1, whether it was right) by confidence; bins without any are left out."""
    filled: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in predictions:
        filled.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, right))
    return [
        Bin(
            low=number / bins,
            high=(number + 1) / bins,
            count=len(inside),
            confidence=sum(confidence for confidence, _ in inside) / len(inside),
            accuracy=sum(right for _, right in inside) / len(inside),
        )
        for number, inside in sorted(filled.items())
    ]


def calibration_error(bins: Iterable[Bin]) -> float:
    """The expected calibration error: how far confidence and accuracy are apart, each bin weighted by its predictions."""
    bins = list(bins)
    gaps = sum(one.count * abs(one.confidence - one.accuracy) for one in bins)
    return share(gaps, sum(one.count for one in bins))


def distances(pairs: Pairs[Label], scale: Sequence[Label]) -> Counter[int]:
    """By how many steps of the scale the found value lies above (positive) or below the expected one, and how often."""
    return Counter(scale.index(found) - scale.index(expected) for expected, found in pairs)
