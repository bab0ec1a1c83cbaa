"""Two conditions at once: "p99 over 1s and its error rate over 1%" is two questions about the same thing, of which both must hold."""

import re
from dataclasses import replace

from core.nlp.interpretation import Entity, EntityType
from core.query.promql import phrases
from core.query.promql.words import tokens
from core.query.translation import Question

_AND = re.compile(r"\b(?:and|but|while|und|y)\b(?: also| (?:has |have )?(?:its|their|the))?", re.IGNORECASE)
_SHARED = frozenset(
    {
        EntityType.SERVICE,
        EntityType.ENVIRONMENT,
        EntityType.NAMESPACE,
        EntityType.REGION,
        EntityType.HOST,
        EntityType.ENDPOINT,
        EntityType.VERSION,
    }
)
"""What the first condition says of where counts for the second as well."""


def conditions(question: Question) -> tuple[Question, Question] | None:
    """The question of each condition, both with what is said of place and time; None where there are not two."""
    limits = [entity for entity in question.entities if entity.type is EntityType.THRESHOLD]
    if len(limits) != 2:
        return None
    first, second = sorted(limits, key=lambda limit: limit.start)
    joined = _AND.search(question.text, first.end, second.start)
    if joined is None or not (
        _names_subject(question, 0, first.start) and _names_subject(question, joined.end(), second.start)
    ):
        return None
    shared = [e for e in question.entities if e.type in _SHARED and e.end <= joined.start()]
    opening = "".join(
        character if any(e.start <= place < e.end for e in shared) else " "
        for place, character in enumerate(question.text[: joined.end()])
    )
    left = question.text[: joined.start()] + " " * (second.end - joined.start()) + question.text[second.end :]
    return (
        _with(question, left, [e for e in question.entities if e.end <= joined.start() or e.start >= second.end]),
        _with(question, opening + question.text[joined.end() :], [*shared, *_behind(question, joined.end())]),
    )


def _behind(question: Question, start: int) -> list[Entity]:
    return [entity for entity in question.entities if entity.start >= start]


def _with(question: Question, text: str, entities: list[Entity]) -> Question:
    return replace(question, text=text, entities=tuple(entities))


def _names_subject(question: Question, start: int, end: int) -> bool:
    words = [
        token
        for token in tokens(question, phrases.SPELLINGS, phrases.vocabulary())
        if start <= token.start and token.end <= end
    ]
    quantile = any(e.type is EntityType.AGGREGATION and start <= e.start < end for e in question.entities)
    return quantile or any(True for _ in phrases.subjects().find(words))
