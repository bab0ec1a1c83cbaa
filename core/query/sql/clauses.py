"""Parts of a sentence that are read by themselves, with the entities that stand in them."""

from collections.abc import Iterable
from dataclasses import replace

from core.nlp.interpretation import EntityType
from core.query.sql import spans
from core.query.sql.asides import asides
from core.query.translation import Question
from core.query.wording import BLANK, Wording

_NO_NAMES = frozenset({"per", "by", "for", "each", "every", "of", "during", "while", "count", "counts", "total"})
"""Follow "run" without being a workflow's name."""
_READ_HERE = (EntityType.METRIC, EntityType.AGGREGATION, EntityType.ENVIRONMENT)


def opened(question: Question) -> Wording:
    """The sentence as a person wrote it, without what asks for nothing."""
    return reading(spans.named(without(question, asides(question))))


def reading(question: Question) -> Wording:
    """The whole of what is left of it."""
    named = tuple(e for e in question.entities if e.type is not EntityType.WORKFLOW or e.value not in _NO_NAMES)
    return Wording(replace(question, entities=named), ignore=_READ_HERE)


def only(question: Question, start: int, end: int) -> Wording:
    """Nothing but this part; places stay those of the whole sentence."""
    text = BLANK * start + question.text[start:end] + BLANK * (len(question.text) - end)
    kept = tuple(e for e in question.entities if e.start >= start and e.end <= end)
    return reading(replace(question, text=text, entities=kept))


def without(question: Question, parts: Iterable[tuple[int, int]]) -> Question:
    """All but these parts."""
    text, entities = question.text, question.entities
    for start, end in parts:
        text = text[:start] + BLANK * (end - start) + text[end:]
        entities = tuple(e for e in entities if e.end <= start or e.start >= end)
    return replace(question, text=text, entities=entities)
