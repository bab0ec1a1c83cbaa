"""The services of one list and the ways in which people write them: short forms, typos, abbreviations."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from core.nlp.entities.meanings import COMPONENTS, EVERYDAY, NAMES
from core.nlp.entities.ordinary import ORDINARY
from core.nlp.entities.sentence import fold

_SUFFIXES = ("service", "svc", "srv", "api", "app", "server", "backend", "ms")
_PARTS = re.compile(r"[^\W_]+")
_NO_NAMES = ORDINARY - NAMES
_TESTS = frozenset({"eval", "evals", "evaluation", "benchmark", "bench", "test", "tests", "suite", "regression"})
"""What is run: the first part of eval-runner, and no short form of it."""


class Catalogue:
    """The ways in which the services of one list may be written, each leading to one name."""

    def __init__(self, services: Sequence[str], aliases: Mapping[str, str]) -> None:
        """`aliases`: other name → name. They win over what is derived from names."""
        names = {_key(service): service for service in services}
        self._exact = {**names, **{_key(alias): name for alias, name in aliases.items()}}
        self._keys = {**self._short_forms(services), **self._exact}
        parted = [_PARTS.findall(fold(service)) for service in services]
        self._last_parts = _last_parts(parted, services)
        self._first_parts = {form for parts in parted for form in {*_first_parts(parts)} - {*_without_suffix(parts)}}
        self.longest = max((len(_PARTS.findall(name)) for name in [*services, *aliases]), default=0) + 2
        self._by_first: dict[str, list[str]] = {}
        for key in self._keys:
            if len(key) >= (_TYPO_LENGTH if key in self._exact else _DERIVED_TYPO_LENGTH):
                for first in {*key[:2]}:
                    self._by_first.setdefault(first, []).append(key)
        self.prefixes = frozenset(key[:2] for key in self._keys)

    def name(self, key: str) -> str:
        """The service that is written like this, without separators, or ""."""
        return self._keys.get(key, "")

    def by_last_part(self, word: str) -> str:
        """The one service whose name ends in this word, or "": llm-router, "the router"."""
        return self._last_parts.get(word, "")

    def derived(self, key: str) -> bool:
        """Whether this is only a short form."""
        return key not in self._exact

    def loose(self, key: str) -> bool:
        """Whether this is only the first part of a longer name, which may say something else: media-worker, "media"."""
        return key not in self._exact and key in self._first_parts

    def everyday(self, key: str) -> bool:
        """Whether this is a short form that is an ordinary word first."""
        return key not in self._exact and key in _NO_NAMES

    def misspelt(self, word: str, *, joined: bool = False) -> str:
        """The service whose name this is with a typo or two, or ""; none where two are as near. `joined`: it was several words,
        so only a name of several will do."""
        candidates = self._by_first.get(word[:1], ())
        if len(word) < _TYPO_LENGTH or not candidates:
            return ""
        from rapidfuzz.distance import OSA

        allowed = 1 if len(word) < _TWO_TYPOS_LENGTH else 2
        distances: dict[str, int] = {}
        for key in candidates:
            name = self._keys[key]
            alike = key[0] == word[0] or key[:2] == word[1::-1]
            if len(key) < _SUBSTITUTION_LENGTH and len(key) == len(word) and sorted(key) != sorted(word):
                continue
            if alike and abs(len(key) - len(word)) <= allowed and (not joined or len(_PARTS.findall(name)) > 1):
                distance = OSA.distance(word, key, score_cutoff=allowed)
                distances[name] = min(distance, distances.get(name, distance))
        near = min(distances.values(), default=allowed + 1)
        nearest = [name for name, distance in distances.items() if distance == near]
        return nearest[0] if near <= allowed and len(nearest) == 1 else ""

    def abbreviated(self, word: str) -> str:
        """The one service whose name begins like this, or ""."""
        if len(word) < _ABBREVIATION_LENGTH:
            return ""
        names = {self._exact[key] for key in self._exact if key.startswith(word)}
        return names.pop() if len(names) == 1 else ""

    @staticmethod
    def _short_forms(services: Sequence[str]) -> dict[str, str]:
        """Forms that one service alone can have; where a form would do for several, the one that changes the name least has it."""
        known: dict[str, str] = {}
        for forms_of in (_without_suffix, _with_suffix, _other_numbers, _first_parts):
            forms: dict[str, set[str]] = {}
            for service in services:
                for form in forms_of(_PARTS.findall(fold(service))):
                    forms.setdefault(form, set()).add(service)
            known = {**{form: next(iter(of)) for form, of in forms.items() if len(of) == 1}, **known}
        return known


_ABBREVIATION_LENGTH = 5
_TYPO_LENGTH = 4
_SUBSTITUTION_LENGTH = 5
"""In shorter names another letter makes another word: cart, cert."""
_DERIVED_TYPO_LENGTH = 6
_TWO_TYPOS_LENGTH = 8
_FIRST_PART_LENGTH = 4


def _without_suffix(parts: list[str]) -> Iterator[str]:
    """auth-service → auth. Forms have no separators, as keys have none."""
    if len(parts) > 1 and parts[-1] in _SUFFIXES and (len(parts) > 2 or parts[0] not in _NO_NAMES):
        yield "".join(parts[:-1])


def _with_suffix(parts: list[str]) -> Iterator[str]:
    """checkout → checkoutservice, auth-svc → authservice."""
    stem = parts[:-1] if len(parts) > 1 and parts[-1] in _SUFFIXES else parts
    return (f"{''.join(stem)}{suffix}" for suffix in ("service", "svc", "srv", "api"))


def _other_numbers(parts: list[str]) -> Iterator[str]:
    """orders → order; ordinary words are left alone."""
    stems = {"".join(parts), *_without_suffix(parts)}
    others = {_other_number(stem) for stem in stems if len(stem) >= _FIRST_PART_LENGTH}
    yield from others - _NO_NAMES


def _first_parts(parts: list[str]) -> Iterator[str]:
    """payment-gateway → payment, payments."""
    if len(parts) > 1 and len(parts[0]) >= _FIRST_PART_LENGTH and parts[0] not in _NO_NAMES | _TESTS:
        yield parts[0]
        yield _other_number(parts[0])


def _last_parts(parted: Sequence[list[str]], services: Sequence[str]) -> dict[str, str]:
    """Last part → service, where no other name has this part and it is no everyday thing: "the queue"."""
    holders = Counter(part for parts in parted for part in {*parts})
    return {
        parts[-1]: service
        for parts, service in zip(parted, services, strict=True)
        if len(parts) > 1
        and len(parts[-1]) >= _FIRST_PART_LENGTH
        and holders[parts[-1]] == 1
        and parts[-1] not in EVERYDAY
        and (parts[-1] in COMPONENTS or parts[-1] not in ORDINARY)
    }


def _other_number(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word[:-1] if word.endswith("s") else word + "s"


def _key(name: str) -> str:
    return "".join(_PARTS.findall(fold(name)))


@lru_cache(maxsize=64)
def catalogue_of(services: tuple[str, ...], aliases: tuple[tuple[str, str], ...]) -> Catalogue:
    """The catalogue of these services; built once for a list."""
    return Catalogue(services, dict(aliases))
