"""The entities of a question for a number, with what only such a question shows: names that stand alone, bare durations."""

import re
from collections.abc import Iterator
from dataclasses import replace

from core.nlp.interpretation import Entity, EntityType
from core.query.translation import Question
from core.query.wording import Wording

_BARE = re.compile(
    r"(?<![\w.<>=-])(\d{1,3})[ -]?(?:(s|secs?|seconds?)|(m|mins?|minutes?)|(h|hrs?|hours?)|(d|days?))\b(?! (?:ago|earlier|before)\b)",
    re.IGNORECASE,
)
_UNITS = ("s", "m", "h", "d")
_ORDER = re.compile(r"\s*(?:please |can you |could you )?\Z", re.IGNORECASE)
"""Before "search for …", which is then an order."""


def mended(question: Question) -> Question:
    """The question with entities that were overlooked, and without those that are none or were taken back."""
    wording = Wording(question)
    quoted = (e for e in question.entities if any(q.start <= e.start < q.end for q in wording.quotes))
    entities = (*wording.entities, *quoted)
    if question.services and not any(e.type is EntityType.SERVICE for e in entities):
        entities = (*entities, *_named_alone(question, entities))
    if not any(e.type is EntityType.TIME_RANGE for e in entities):
        entities = (*entities, *_bare_durations(question.text, entities))
    return replace(question, entities=tuple(sorted(entities, key=lambda e: e.start)))


def _named_alone(question: Question, entities: tuple[Entity, ...]) -> Iterator[Entity]:
    """A service whose name is a word, where no other is named."""
    names = {name.lower(): name for name in question.services}
    for match in re.finditer(r"[\w.-]*\w", question.text):
        name = names.get(match[0].lower())
        order = name == "search" and _ORDER.match(question.text[: match.start()])
        if name and not order and _is_free(match, entities):
            yield Entity(EntityType.SERVICE, match[0], name, *match.span())
            return


def _bare_durations(text: str, entities: tuple[Entity, ...]) -> Iterator[Entity]:
    """ "gateway prod 15 min": the first length that is nothing else."""
    for match in _BARE.finditer(text):
        if _is_free(match, entities):
            unit = next(unit for unit, group in zip(_UNITS, match.groups()[1:], strict=True) if group)
            yield Entity(EntityType.TIME_RANGE, match[0], f"{int(match[1])}{unit}", *match.span())
            return


def _is_free(match: re.Match[str], entities: tuple[Entity, ...]) -> bool:
    return not any(e.start < match.end() and match.start() < e.end for e in entities)
