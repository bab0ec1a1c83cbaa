"""A sentence as tokens: stems that phrase books can look up, with what the entities cover set apart."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Generic, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.nlp.entities.ordinary import ORDINARY
from core.nlp.interpretation import Entity, EntityType
from core.query.translation import Question
from core.query.wording import word_set

T = TypeVar("T")

MAX_TEXT = 2_000
"""Characters that are looked at; a question for a number is said long before."""
_TOKEN = re.compile(r"\w+(?:[:_]\w+)*|[%$,/&+]")
_TRANSPARENT = frozenset({EntityType.METRIC, EntityType.AGGREGATION, EntityType.HTTP_STATUS})
"""Entities that are words of the question themselves; all others hide the words inside them."""


_JOINS = word_set(
    "that are is was were be being been currently still now have has had got get sind ist grad gerade noch wurden wurde están esta está que vllm kafka redis postgres pg rabbitmq k8s kubernetes stuck all"
)
"""Words that stand between the parts of a phrase and add nothing: "pods that are still pending"."""
_JOINED_BY = 3
"""At most so many of them."""
SLIPS: Mapping[str, str] = MappingProxyType(
    {
        "wich": "which", "whch": "which", "wihch": "which", "whcih": "which", "wht": "what", "waht": "what", "teh": "the", "hte": "the",
        "fro": "for", "adn": "and", "nad": "and", "prr": "per", "evry": "every", "eah": "each", "eahc": "each", "thsi": "this",
        "whit": "with", "wiht": "with", "thna": "than", "mroe": "more", "moer": "more", "lst": "last", "alst": "last", "ove": "over", "tpo": "top",
    }
)  # fmt: skip
"""Slips in words that are too short to be told by their letters."""

_NO_PLURAL = word_set(
    "status versus previous plus this does kubernetes redis postgres https always series across less access process loss "
    "address success analysis basis stress ingress egress progress express towards"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, or one entity that hides its words."""

    text: str
    """As written."""
    stem: str
    """Lower case, singular, spelling mended; "" for a hidden entity."""
    start: int
    end: int
    entity: Entity | None = None
    """The one that covers it."""
    plural: bool = False
    word: str = ""
    """In lower case, slips mended: what function words are told by."""


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A phrase found: its meaning, and the tokens `first` to `last` (inclusive)."""

    meaning: T
    first: int
    last: int


class PhraseBook(Generic[T]):
    """Phrases and what they mean. The longest match at a place wins; lookup is linear in the length of the sentence."""

    def __init__(self, meanings: Iterable[tuple[str, T]]) -> None:
        self._phrases: dict[str, dict[tuple[str, ...], T]] = {}
        self.vocabulary: set[str] = set()
        for phrase, meaning in meanings:
            stems = tuple(stem(word) for word in _TOKEN.findall(phrase.lower()))
            self._phrases.setdefault(stems[0], {})[stems] = meaning
            self.vocabulary.update(stems)
        self._longest = {first: max(map(len, phrases)) for first, phrases in self._phrases.items()}

    def loosely_at(self, tokens: Sequence[Token], place: int) -> Match[T] | None:
        """The longest phrase that begins here, with words in between that only join its parts: "jobs that failed"."""
        close = self.at(tokens, place)
        if tokens[place].stem not in self._phrases:
            return None
        end = min(place + self._longest[tokens[place].stem] + _JOINED_BY, len(tokens))
        kept = [place, *(one for one in range(place + 1, end) if tokens[one].word not in _JOINS)]
        match = self.at([tokens[one] for one in kept], 0)
        if match is None or (close and close.last - close.first >= match.last):
            return close
        return Match(match.meaning, place, kept[match.last])

    def at(self, tokens: Sequence[Token], place: int) -> Match[T] | None:
        """The longest phrase that begins here."""
        first = tokens[place].stem
        phrases = self._phrases.get(first)
        if phrases is None:
            return None
        for length in range(min(self._longest[first], len(tokens) - place), 0, -1):
            meaning = phrases.get(tuple(token.stem for token in tokens[place : place + length]))
            if meaning is not None:
                return Match(meaning, place, place + length - 1)
        return None

    def find(self, tokens: Sequence[Token], *, loosely: bool = False) -> Iterator[Match[T]]:
        """All phrases from left to right, without overlaps. `loosely`: also with joining words inside."""
        place = 0
        while place < len(tokens):
            match = self.loosely_at(tokens, place) if loosely else self.at(tokens, place)
            if match:
                yield match
            place = match.last + 1 if match else place + 1


def stem(word: str) -> str:
    """The singular of an English noun in lower case; other words come back nearly as they are."""
    word = word.lower()
    if len(word) <= 3 or word in _NO_PLURAL or not word.endswith("s") or word.endswith("ss"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes")) else word[:-1]


def tokens(question: Question, spelling: Mapping[str, str] | None, vocabulary: frozenset[str]) -> tuple[Token, ...]:
    """The sentence in tokens, hidden entities as one each. `vocabulary`: stems that misspelt words are mended to;
    `spelling` maps what is written differently to the usual stem."""
    text = question.text[:MAX_TEXT]
    hidden = sorted(
        (e for e in question.entities if e.type not in _TRANSPARENT and 0 <= e.start < e.end <= len(text)),
        key=lambda e: (e.start, -e.end),
    )
    found: list[Token] = []
    place = 0
    for entity in hidden:
        if entity.start < place:
            continue
        found.extend(_words(text, place, entity.start, spelling or {}, vocabulary))
        found.append(Token(entity.text, "", entity.start, entity.end, entity, word=entity.text.lower()))
        place = entity.end
    found.extend(_words(text, place, len(text), spelling or {}, vocabulary))
    return tuple(found)


def _words(text: str, start: int, end: int, spelling: Mapping[str, str], vocabulary: frozenset[str]) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start, end):
        written = match[0].lower()
        root = stem(written)
        slip = SLIPS.get(written) or _mended(root, vocabulary)
        mended = spelling.get(written) or spelling.get(root) or slip
        yield Token(match[0], mended, *match.span(), plural=root != written, word=written if slip == root else slip)


@lru_cache(maxsize=4096)
def _mended(word: str, vocabulary: frozenset[str]) -> str:
    """The known word that this one is a slip of: one slip from five letters on, two from eight on."""
    if len(word) < 5 or word in vocabulary or word in ORDINARY or not word.isalpha():
        return word
    slips = 2 if len(word) >= 8 else 1
    hit = process.extractOne(word, _mendable(vocabulary), scorer=OSA.distance, score_cutoff=slips)
    return hit[0] if hit else word


@cache
def _mendable(vocabulary: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(word for word in vocabulary if len(word) >= 5))
