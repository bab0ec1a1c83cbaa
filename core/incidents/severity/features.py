"""A report as the features that the model weighs: signals, how they go together, amounts, words and parts of words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.incidents.severity import scale, signals
from core.incidents.severity.signals import Found
from core.incidents.severity.words import BREAK, Word, clip, grams, words

_TELLS, _PAIR, _SHORT = 0.25, 0.1, 0.2
"""Values of a signal, of two that go together, and of the shape of a report, beside the unit vectors of words and parts. The lexicon was
written by who wrote most reports, so training would trust it more than strangers' reports bear out."""
_PARTS = (3, 4, 5)
"""Lengths of parts of words, in letters."""
_LONGEST = 20
"""Letters of a word that parts are taken of."""
_FEW_WORDS = 7


@dataclass(frozen=True, slots=True)
class Reading:
    """A report as it was read."""

    text: str
    """What was looked at of it."""
    said: tuple[Word, ...]
    """All words."""
    words: tuple[Word, ...]
    """The same, with breaks for what tells nothing of how bad it is."""
    found: tuple[Found, ...]
    amounts: tuple[str, ...]
    """Names of what numbers say."""

    @property
    def names(self) -> frozenset[str]:
        """Names of signals and amounts."""
        return frozenset(found.signal.name for found in self.found).union(self.amounts)


@dataclass(frozen=True, slots=True)
class Features:
    """What the model weighs."""

    told: dict[str, float]
    """Feature → value."""
    words: tuple[str, ...]
    """Words and pairs of them, each once; the model makes a unit vector of them."""
    parts: tuple[str, ...]
    """Parts of words, likewise."""


def read(text: str) -> Reading:
    """Any text, of any length."""
    clipped = clip(text)
    said = words(clipped)
    report = signals.unframed(said)
    return Reading(clipped, tuple(said), tuple(report), tuple(signals.find(report)), tuple(scale.amounts(report)))


def features(reading: Reading) -> Features:
    """What is weighed of a report."""
    names = sorted(reading.names)
    told = {tells(name): _TELLS for name in names}
    told |= {tells(f"{one}+{other}"): _PAIR for one, other in combinations(names, 2)}
    if "?" in reading.text:
        told["asks"] = _TELLS
    if sum(word.text != BREAK for word in reading.words) < _FEW_WORDS:
        told["short"] = _SHORT
    return Features(told, tuple(grams(reading.words)), tuple(dict.fromkeys(_parts(reading.words))))


def tells(name: str) -> str:
    """The feature of a signal or amount."""
    return f"tells {name}"


def _parts(report: Sequence[Word]) -> Iterator[str]:
    for text in dict.fromkeys(word.text for word in report if word.text != BREAK):
        framed = f"<{text[:_LONGEST]}>"
        for length in _PARTS:
            for start in range(len(framed) - length + 1):
                yield framed[start : start + length]
