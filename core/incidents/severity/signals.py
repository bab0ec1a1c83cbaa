"""Finds the signals of the lexicon in a report."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from core.incidents.severity.lexicon import FRAMES, IDIOMS, SIGNALS, Signal
from core.incidents.severity.word_classes import CLASSES, DENIALS
from core.incidents.severity.words import BREAK, Word, fold

_GAP = 5
"""Words that `~` may stand for."""
_DENIAL_REACH = 3
_PASSED_OVER = "_"
"""Stands for a word of an idiom. No word looks like it."""


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
    signal: Signal | None
    """None: it tells of nothing."""
    elements: tuple[_Element, ...]

    def last(self, texts: Sequence[str], start: int) -> int | None:
        """Index of its last word when its first stands at `start`; None when the rest does not follow."""
        at = start
        for element in self.elements[1:]:
            for step in range(1, element.gap + 2):
                if at + step >= len(texts) or texts[at + step] == BREAK:
                    return None
                if element.fits(texts[at + step]):
                    at += step
                    break
            else:
                return None
        return at


class _Index:
    """Phrases by the exact form or the prefix that their first word may have."""

    def __init__(self, phrases: Iterable[_Phrase]) -> None:
        self._exact: dict[str, list[_Phrase]] = {}
        self._prefixed: dict[str, list[_Phrase]] = {}
        for phrase in phrases:
            for word in phrase.elements[0].exact:
                self._exact.setdefault(word, []).append(phrase)
            for prefix in phrase.elements[0].prefixes:
                self._prefixed.setdefault(prefix, []).append(phrase)

    def beginning_with(self, word: str) -> Iterator[_Phrase]:
        """The phrases whose first word this may be."""
        yield from self._exact.get(word, ())
        for end in range(2, min(len(word), _LONGEST_PREFIX) + 1):
            yield from self._prefixed.get(word[:end], ())


_LONGEST_PREFIX = 20


def unframed(report: Sequence[Word]) -> list[Word]:
    """The words without those that only ask for an incident to be opened; each of these becomes a break."""
    passed = _covered(_frames(), [word.text for word in report])
    return [Word(BREAK, word.start, word.end) if at in passed else word for at, word in enumerate(report)]


def find(report: Sequence[Word]) -> list[Found]:
    """What the words tell of, each signal once, at the place of its longest phrase, in the order of the lexicon."""
    texts = [word.text for word in report]
    for at in _covered(_idioms(), texts):
        texts[at] = _PASSED_OVER
    best: dict[str, Found] = {}
    for start, word in enumerate(texts):
        for phrase in _signals().beginning_with(word):
            signal, last = phrase.signal, phrase.last(texts, start)
            if signal is None or last is None or (signal.deniable and _denied(texts, start)):
                continue
            known = best.get(signal.name)
            if known is None or last - start > known.last - known.first:
                best[signal.name] = Found(signal, start, last)
    return [best[signal.name] for signal in SIGNALS if signal.name in best]


def _covered(index: _Index, texts: Sequence[str]) -> set[int]:
    """Indexes of the words that phrases of an index cover."""
    covered: set[int] = set()
    for start, word in enumerate(texts):
        for phrase in index.beginning_with(word):
            if (last := phrase.last(texts, start)) is not None:
                covered.update(range(start, last + 1))
    return covered


def _denied(texts: Sequence[str], start: int) -> bool:
    """Whether a negation stands shortly before, in the same clause."""
    for at in range(start - 1, max(start - 1 - _DENIAL_REACH, -1), -1):
        if texts[at] == BREAK:
            return False
        if texts[at] in DENIALS:
            return True
    return False


@cache
def _signals() -> _Index:
    return _Index(phrase for signal in SIGNALS for phrase in _phrases(signal, signal.phrases))


@cache
def _idioms() -> _Index:
    return _Index(_phrases(None, IDIOMS))


@cache
def _frames() -> _Index:
    return _Index(_phrases(None, FRAMES))


def _phrases(signal: Signal | None, written: str) -> Iterator[_Phrase]:
    for line in written.splitlines():
        for phrase in line.split("|"):
            if elements := tuple(_elements(phrase)):
                yield _Phrase(signal, elements)


def _elements(phrase: str) -> Iterator[_Element]:
    gap = 0
    for part in phrase.split():
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
