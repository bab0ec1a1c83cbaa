"""A report as the features that the model weighs: signals, how they go together, amounts, words and parts of words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.incidents.severity import scale, signals
from core.incidents.severity.signals import Found
from core.incidents.severity.words import Word, clip, grams, words

_PAIR, _GRAM, _PART, _SHORT = 0.4, 0.3, 0.1, 0.5
"""Values of the families beside a signal's 1: the finer a feature, the less it may say before training gives it weight."""
_PARTS = (4, 5)
"""Lengths of parts of words, in letters."""
_LONGEST = 20
"""Letters of a word that parts are taken of."""
_FEW_WORDS = 7


@dataclass(frozen=True, slots=True)
class Reading:
    """A report as it was read."""

    text: str
    """What was looked at of it."""
    words: tuple[Word, ...]
    found: tuple[Found, ...]
    amounts: tuple[str, ...]
    """Names of what numbers say."""

    @property
    def names(self) -> frozenset[str]:
        """Names of signals and amounts."""
        return frozenset(found.signal.name for found in self.found).union(self.amounts)


def read(text: str) -> Reading:
    """Any text, of any length."""
    clipped = clip(text)
    report = words(clipped)
    return Reading(clipped, tuple(report), tuple(signals.find(report)), tuple(scale.amounts(report)))


def features(reading: Reading) -> dict[str, float]:
    """Feature → value."""
    names = sorted(reading.names)
    values = {tells(name): 1.0 for name in names}
    values |= {f"tells {one}+{other}": _PAIR for one, other in combinations(names, 2)}
    if "?" in reading.text:
        values["asks"] = 1.0
    if len(reading.words) < _FEW_WORDS:
        values["short"] = _SHORT
    values |= {f"word {gram}": _GRAM for gram in grams(reading.words)}
    values |= {f"part {part}": _PART for part in _parts(reading.words)}
    return values


def tells(name: str) -> str:
    """The feature of a signal or amount."""
    return f"tells {name}"


def _parts(report: Sequence[Word]) -> Iterator[str]:
    for text in dict.fromkeys(word.text for word in report if word.text[0].isalpha()):
        framed = f"<{text[:_LONGEST]}>"
        for length in _PARTS:
            for start in range(len(framed) - length + 1):
                yield framed[start : start + length]
