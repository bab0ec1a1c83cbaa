"""A message as named features: its words, their places and meanings, and the letters they are spelt with.

Names are strings with the family first ("last logs", "m cancel run"), so that a vocabulary is a plain list and a weight can be read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from core.nlp.classifier.groups import group
from core.nlp.classifier.lexicon import classes, reading
from core.nlp.classifier.tokens import Token, cut

_CLAUSE_ENDS = frozenset(".!?;,—–:-()…→")
_PARTS = re.compile(r"[a-z]+")
_LONGEST_WORD = 24
"""Letters of a word whose pieces are looked at."""
_PIECES = range(2, 6)
_MOST_CLASSES = 14
"""Classes of one message that are paired; more is a wall of text whose pairs say little."""


PARTS = {"words": 1.0, "letters": 1.0, "groups": 0.5}
"""The parts of `Features`, and the length that each one's vector is brought to."""


@dataclass(frozen=True, slots=True)
class Features:
    """The parts are weighed apart: a long word has many pieces and must not drown what is said."""

    words: tuple[str, ...]
    """Each once."""
    letters: tuple[str, ...]
    """With repetitions."""
    groups: tuple[str, ...]
    """Each once."""

    def parts(self) -> tuple[tuple[str, ...], ...]:
        """In order of `PARTS`."""
        return self.words, self.letters, self.groups


def extract(text: str) -> Features:
    """The features of a message, in an order that depends on nothing but the text. Linear in its length."""
    tokens = cut(text)
    readings = [reading(token.form) for token in tokens]
    words = (*_said(tokens), *_placed(tokens), *_meant(tokens, readings), *_shape(text, tokens))
    return Features(
        tuple(dict.fromkeys(words)),
        tuple(piece for token in tokens for piece in pieces(token.surface)),
        tuple(dict.fromkeys(_grouped(tokens, readings))),
    )


@lru_cache(maxsize=20_000)
def pieces(word: str) -> tuple[str, ...]:
    """Its runs of two to five letters, the ends marked by a space: what misspelt and inflected words share."""
    padded = f" {word[:_LONGEST_WORD]} "
    return tuple(padded[at : at + size] for size in _PIECES for at in range(max(1, len(padded) - size + 1)))


def _said(tokens: Sequence[Token]) -> Iterator[str]:
    forms = [token.form for token in tokens]
    for size in (1, 2, 3):
        yield from _runs("w", forms, size)
    yield from (f"s {one} {other}" for one, other in zip(forms, forms[2:], strict=False))
    yield from (f"t {one} {other}" for one, other in zip(forms, forms[3:], strict=False))
    for token in tokens:
        if token.is_mark:
            yield f"w {token.surface}"
            yield from (f"w {part}" for part in _PARTS.findall(token.surface))


def _placed(tokens: Sequence[Token]) -> Iterator[str]:
    """How the message and each clause begin, how they end: the request tends to stand there."""
    clauses = _clauses(tokens)
    if not clauses:
        return
    said = [form for clause in clauses for form in clause]
    yield from (f"first {' '.join(said[:size])}" for size in (1, 2, 3))
    yield from (f"last {' '.join(said[-size:])}" for size in (1, 2))
    for clause in clauses:
        yield from (f"clause {' '.join(clause[:size])}" for size in (1, 2))
    yield from _runs("final", clauses[-1], 1)
    yield from _runs("final", clauses[-1], 2)


def _clauses(tokens: Sequence[Token]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for token in tokens:
        if not token.is_sign:
            found[-1].append(token.form)
        elif token.form in _CLAUSE_ENDS:
            found.append([])
    return [clause for clause in found if clause]


def _meant(tokens: Sequence[Token], readings: Sequence[str]) -> Iterator[str]:
    """Classes of words and each pair of them ("show" with "log"), and the English reading of foreign words."""
    english = [word for token, read in zip(tokens, readings, strict=True) for word in (read or token.form).split()]
    if any(readings):
        yield from _runs("w", english, 1)
        yield from _runs("w", english, 2)
    meant = [name for word in english for name in classes(word)]
    yield from (f"opens {name}" for name in meant[:1])
    distinct = tuple(dict.fromkeys(meant))[:_MOST_CLASSES]
    yield from (f"m {name}" for name in distinct)
    yield from (f"m {one} {other}" for one, other in combinations(distinct, 2))


def _grouped(tokens: Sequence[Token], readings: Sequence[str]) -> Iterator[str]:
    """Runs of the groups that words are in: the turn of a phrase, whichever words it is said with."""
    found: list[str] = []
    for token, read in zip(tokens, readings, strict=True):
        if token.is_mark:
            found.append(token.form)
        elif not token.is_sign:
            found.extend(group(word) for word in (read or token.form).split())
    for size in (1, 2, 3):
        yield from _runs("g", found, size)
    yield from (f"gs {one} {other}" for one, other in zip(found, found[2:], strict=False))
    if found:
        yield from (f"g first {' '.join(found[:size])}" for size in (1, 2))
        yield f"g last {found[-1]}"


def _shape(text: str, tokens: Sequence[Token]) -> Iterator[str]:
    yield "asks" if "?" in text else "asks not"
    yield f"length {len(tokens).bit_length()}"
    if tokens:
        yield f"end {tokens[-1].form}"


def _runs(family: str, forms: Sequence[str], size: int) -> Iterator[str]:
    return (f"{family} {' '.join(forms[at : at + size])}" for at in range(len(forms) - size + 1))
