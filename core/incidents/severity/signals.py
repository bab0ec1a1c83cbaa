"""Finds the signals of the lexicon in a report."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from core.incidents.severity.lexicon import CLASSES, SIGNALS, Signal
from core.incidents.severity.words import BREAK, Word, fold

_GAP = 5
"""Words that `~` may stand for."""
_DENIAL_REACH = 3
_DENIALS = frozenset(
    ("no", "not", "never", "without", "isnt", "wasnt", "werent", "hasnt", "havent", "didnt", "nothing", "none", "nicht", "kein", "keine",
     "nichts", "ohne", "sin", "ningun", "ninguna", "nada")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A signal, and the words that gave it."""

    signal: Signal
    first: int
    last: int
    """Indexes of the first and last word."""


@dataclass(frozen=True, slots=True)
class _Element:
    exact: frozenset[str]
    prefixes: tuple[str, ...]
    gap: int
    """Most words between the element before and this."""

    def fits(self, word: str) -> bool:
        return word in self.exact or (bool(self.prefixes) and word.startswith(self.prefixes))


@dataclass(frozen=True, slots=True)
class _Phrase:
    signal: Signal
    elements: tuple[_Element, ...]


def find(report: Sequence[Word]) -> list[Found]:
    """What the words tell of, each signal once, at the place of its longest phrase, in the order of the lexicon."""
    texts = [word.text for word in report]
    best: dict[str, Found] = {}
    for start, word in enumerate(texts):
        for phrase in _beginning_with(word):
            last = _last(phrase, texts, start)
            if last is None or (phrase.signal.deniable and _denied(texts, start, phrase)):
                continue
            known = best.get(phrase.signal.name)
            if known is None or last - start > known.last - known.first:
                best[phrase.signal.name] = Found(phrase.signal, start, last)
    return [best[signal.name] for signal in SIGNALS if signal.name in best]


def _last(phrase: _Phrase, texts: Sequence[str], start: int) -> int | None:
    """Index of the last word of a phrase whose first word stands at `start`; None when the rest does not follow."""
    at = start
    for element in phrase.elements[1:]:
        for step in range(1, element.gap + 2):
            if at + step >= len(texts) or texts[at + step] == BREAK:
                return None
            if element.fits(texts[at + step]):
                at += step
                break
        else:
            return None
    return at


def _denied(texts: Sequence[str], start: int, phrase: _Phrase) -> bool:
    for at in range(start - 1, max(start - 1 - _DENIAL_REACH, -1), -1):
        if texts[at] == BREAK:
            return False
        if texts[at] in _DENIALS:
            return True
    return False


@lru_cache(maxsize=8_192)
def _beginning_with(word: str) -> tuple[_Phrase, ...]:
    exact, prefixed = _index()
    return (*exact.get(word, ()), *(phrase for end in range(1, len(word) + 1) for phrase in prefixed.get(word[:end], ())))


@cache
def _index() -> tuple[dict[str, list[_Phrase]], dict[str, list[_Phrase]]]:
    """All phrases by their first word, and by the prefix of their first word."""
    exact: dict[str, list[_Phrase]] = {}
    prefixed: dict[str, list[_Phrase]] = {}
    for phrase in _phrases(SIGNALS):
        for word in phrase.elements[0].exact:
            exact.setdefault(word, []).append(phrase)
        for prefix in phrase.elements[0].prefixes:
            prefixed.setdefault(prefix, []).append(phrase)
    return exact, prefixed


def _phrases(signals: Iterable[Signal]) -> Iterator[_Phrase]:
    for signal in signals:
        for line in signal.phrases.splitlines():
            for written in line.split("|"):
                if elements := tuple(_elements(written)):
                    yield _Phrase(signal, elements)


def _elements(written: str) -> Iterator[_Element]:
    gap = 0
    for part in written.split():
        if part == "~":
            gap = _GAP
            continue
        forms = [form for name in part.split("/") if name for form in _forms(name)]
        yield _Element(
            frozenset(fold(form) for form in forms if not form.endswith("*")),
            tuple(fold(form[:-1]) for form in forms if form.endswith("*")),
            gap,
        )
        gap = 0


def _forms(name: str) -> list[str]:
    return CLASSES[name[1:]].split("/") if name.startswith("$") else [name]
