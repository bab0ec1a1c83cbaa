"""Finds services, environments, versions and run ids in a sentence."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import fuzz, process

from core.nlp.interpretation import Entity, EntityType

ENVIRONMENTS = {
    "production": "production",
    "prod": "production",
    "prd": "production",
    "live": "production",
    "staging": "staging",
    "stage": "staging",
    "stg": "staging",
    "development": "development",
    "dev": "development",
}
_RUN = re.compile(r"\bRUN-[0-9A-HJKMNP-TV-Z]{6}\b", re.IGNORECASE)
_INCIDENT = re.compile(r"\bINC-\d{1,9}\b", re.IGNORECASE)
_SEVERITY = re.compile(r"\b(?:sev[ -]?|p)([1-4])\b", re.IGNORECASE)
_VERSION = re.compile(r"\bv?(\d+\.\d+(?:\.\d+)?(?:-[\w.]+)?)\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][\w-]*")
_TYPO_SCORE = 85.0
"""rapidfuzz ratio from which a word counts as a misspelt service; "chekcout" has 88, "check" 77 with "checkout"."""


def find(text: str, services: Sequence[str], *, exact: bool = False) -> tuple[Entity, ...]:
    """All entities, by their place in the text. `services` is the catalogue that names are matched against, typos included
    unless `exact`; then a bare number with one point is no version either, for texts full of measurements."""
    found = [*_by_pattern(text, exact=exact), *_by_word(text, services, exact=exact)]
    return tuple(sorted(found, key=lambda entity: entity.start))


def nearest(word: str, choices: Iterable[str], *, limit: int = 3, cutoff: float = 50.0) -> tuple[str, ...]:
    """The choices most like the word, best first."""
    hits = process.extract(word.lower(), list(choices), scorer=fuzz.WRatio, limit=limit, score_cutoff=cutoff)
    return tuple(choice for choice, _, _ in hits)


def _by_pattern(text: str, *, exact: bool) -> Iterator[Entity]:
    for match in _RUN.finditer(text):
        yield Entity(EntityType.RUN, match[0], match[0].upper(), *match.span())
    for match in _INCIDENT.finditer(text):
        yield Entity(EntityType.INCIDENT, match[0], match[0].upper(), *match.span())
    for match in _SEVERITY.finditer(text):
        yield Entity(EntityType.SEVERITY, match[0], f"sev{match[1]}", *match.span())
    for match in _VERSION.finditer(text):
        if exact and not _surely_version(text, match):
            continue
        yield Entity(EntityType.VERSION, match[0], match[1], *match.span())


def _surely_version(text: str, match: re.Match[str]) -> bool:
    """2.4.1 and v2.4 are, 12.5 and 10.0.0.1 are not."""
    address = re.match(r"\.\d", text[match.end() :]) or text[match.start() - 1 : match.start()] == "."
    return not address and (match[1].count(".") > 1 or match[0][0] in "vV")


def _by_word(text: str, services: Sequence[str], *, exact: bool) -> Iterator[Entity]:
    known = {service.lower(): service for service in services}
    for match in _WORD.finditer(text):
        word = match[0].lower()
        if word in known:
            yield Entity(EntityType.SERVICE, match[0], known[word], *match.span())
        elif word in ENVIRONMENTS:
            yield Entity(EntityType.ENVIRONMENT, match[0], ENVIRONMENTS[word], *match.span())
        elif len(word) >= 5 and known and not exact:
            hit = process.extractOne(word, list(known), scorer=fuzz.ratio, score_cutoff=_TYPO_SCORE)
            if hit:
                yield Entity(EntityType.SERVICE, match[0], known[hit[0]], *match.span())
