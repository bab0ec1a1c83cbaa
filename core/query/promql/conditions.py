"""Two conditions at once: "p99 over 1s and its error rate over 1%" is two questions about the same thing, of which both must hold."""

import re
from dataclasses import replace

from core.nlp.interpretation import Entity, EntityType
from core.query.promql import phrases
from core.query.promql.reading_subjects import has_telling_unit
from core.query.promql.words import tokens
from core.query.translation import Question

_AND = re.compile(
    r"\b(?:and|but|while|where|with|that|which|serving|getting|receiving|handling|doing|yet|also|plus|und|aber|y|pero)\b(?: (?:also|only|just|still|at the same time|nur|solo))?(?: (?:the |those |these |ones?|them |if |that |which |who |with |doing |getting |having |has |have |its |their |they |are |is |also |hat |mit |con ){1,5})?|[,;&+]",
    re.IGNORECASE,
)
_UNIT = r"ms|s|%|percent|[kmgt]i?b|cores?|rps|qps|req/s"
_BETWEEN = re.compile(
    rf"\b(?:between|zwischen|entre) (\d{{1,9}}(?:\.\d{{1,4}})?) ?({_UNIT})? (?:and|und|y) (\d{{1,9}}(?:\.\d{{1,4}})?) ?({_UNIT}|(?=degrees|messages|requests))(?![\w])",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:(?:but |and )?(?:only|just)(?: (?:for|the|those|ones?|where|if|when|with|that|which|there|is|are|have|has|get|getting|doing|serving|at|services|endpoints|pods))*|(?:for (?:those|the ones|services|endpoints) (?:with|that have|doing))|where there(?:['’]s| is| are)|nur (?:wo|wenn|die)|ignor(?:e|ing) (?:anything|those|everything|services|endpoints)|where)\b",
    re.IGNORECASE,
)
_BUT_NONE = re.compile(
    r"\b(?:but|yet|and|with|aber|pero)(?: (?:that )?(?:have|has|with|are|mit|con))? ((?:no|zero|without|kein\w*|sin) )",
    re.IGNORECASE,
)
_OF_WHAT = re.compile(r"\b(?:services|endpoints|pods)\b.*", re.IGNORECASE)
"""Those among which the value is wanted: "only for services with over 20 rps"."""
_SLOW = re.compile(r"\b(?:slow|fast)er\b|\btak(?:e|es|ing)\b|\btook\b", re.IGNORECASE)
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
    between = _between(question)
    if between:
        return between
    limits = [entity for entity in question.entities if entity.type is EntityType.THRESHOLD]
    if len(limits) < 2:
        if limits and (pair := _but_none(question, limits[0])):
            return pair
        return _among(question, limits[0]) if limits else _but_none(question)
    if len(limits) > 2:
        return None
    first, second = sorted(limits, key=lambda limit: limit.start)
    joined = _AND.search(question.text, first.end, second.start)
    end = _end_of_subject(question, second)
    if joined is None or not _names_subject(question, 0, joined.start(), first):
        return None
    if not _names_subject(question, joined.end(), end, second):
        return _within(question, first, second)
    shared = [e for e in question.entities if e.type in _SHARED and e.end <= joined.start()]
    times = [e for e in question.entities if e.type is EntityType.TIME_RANGE]
    shared += times if all(time.end <= joined.start() for time in times) else []
    opening = "".join(
        character if any(e.start <= place < e.end for e in shared) else " "
        for place, character in enumerate(question.text[: joined.end()])
    )
    only = _ONLY.search(question.text, first.end, second.start)
    noun = only and _OF_WHAT.search(only[0])
    start = only.start() + noun.start() if only and noun else 0
    left = question.text[: joined.start()] + " " * (end - joined.start()) + question.text[end:]
    return (
        _with(question, left, [e for e in question.entities if e.end <= joined.start() or e.start >= end]),
        _with(
            question,
            opening[: start or joined.end()] + question.text[start or joined.end() :],
            [*shared, *_behind(question, joined.end())],
        ),
    )


def _among(question: Question, limit: Entity) -> tuple[Question, Question] | None:
    """ "P99 by endpoint, only where there is more than 5 rps": the value of one thing among those where another is beyond a limit."""
    joined = _ONLY.search(question.text, 0, limit.start)
    end = _end_of_subject(question, limit)
    if joined is None:
        return None
    first = not question.text[: joined.start()].strip()  # "only endpoints with more than 1 rps: p95 of checkout"
    if not _names_subject(question, *((end, len(question.text)) if first else (0, joined.start())), None):
        return None
    if not (
        has_telling_unit(limit.value, times=bool(_SLOW.search(limit.text)))
        or _names_subject(question, limit.end, end, None)
    ):
        return None
    shared = [e for e in question.entities if e.type in _SHARED | {EntityType.TIME_RANGE} and e is not limit]
    left = question.text[: joined.start()] + " " * (end - joined.start()) + question.text[end:]
    noun = _OF_WHAT.search(joined[0])
    begin = joined.start() + noun.start() if noun else joined.end()
    right = "".join(
        character if begin <= place < end or any(e.start <= place < e.end for e in shared) else " "
        for place, character in enumerate(question.text)
    )
    return (
        _with(question, left, [e for e in question.entities if e.end <= joined.start() or e.start >= end]),
        _with(question, right, sorted([*shared, limit], key=lambda e: e.start)),
    )


def _but_none(question: Question, limit: Entity | None = None) -> tuple[Question, Question] | None:
    """ "Queues with messages but no consumers", "with more than 1000 messages and no consumers"."""
    joined = _BUT_NONE.search(question.text, limit.end if limit else 0)
    if joined is None or not (
        _names_subject(question, 0, joined.start(), None)
        and _names_subject(question, joined.end(), len(question.text), None)
    ):
        return None
    some = Entity(EntityType.THRESHOLD, "", ">0", joined.start(), joined.start() + 1)
    shared = [e for e in question.entities if e.type in _SHARED and e.end <= joined.start()]
    opening = "".join(
        character if any(e.start <= place < e.end for e in shared) else " "
        for place, character in enumerate(question.text[: joined.start(1)])
    )
    return (
        _with(
            question,
            question.text[: joined.start()] + " ",
            [*(e for e in question.entities if e.end <= joined.start()), *(() if limit else (some,))],
        ),
        _with(question, opening + question.text[joined.start(1) :], [*shared, *_behind(question, joined.start(1))]),
    )


def _between(question: Question) -> tuple[Question, Question] | None:
    """ "P95 between 200ms and 1s"."""
    match = _BETWEEN.search(question.text)
    if match is None or not _names_subject(question, 0, len(question.text), None):
        return None
    rest = [e for e in question.entities if e.end <= match.start() or e.start >= match.end()]
    blank = question.text[: match.start()] + " " * (match.end() - match.start()) + question.text[match.end() :]
    low, high = (
        Entity(
            EntityType.THRESHOLD,
            match[0],
            f"{op}{number}{(unit or match[4] or '').lower().replace('percent', '%')}",
            *match.span(),
        )
        for op, number, unit in ((">", match[1], match[2]), ("<", match[3], match[4]))
    )
    return _with(question, blank, [*rest, low]), _with(question, blank, [*rest, high])


def _within(question: Question, first: Entity, second: Entity) -> tuple[Question, Question] | None:
    """ "P99 above 200ms but below 1s": two bounds of one thing."""
    if first.value[:1] == second.value[:1] or not {first.value[:1], second.value[:1]} <= {"<", ">"}:
        return None
    sides = []
    for other in (second, first):
        text = question.text[: other.start] + " " * (other.end - other.start) + question.text[other.end :]
        sides.append(_with(question, text, [e for e in question.entities if e is not other]))
    return sides[0], sides[1]


def _end_of_subject(question: Question, limit: Entity) -> int:
    """Where the words end that say what the limit is of: "at least 10 requests per second"."""
    words = tokens(question, phrases.SPELLINGS, phrases.vocabulary())
    end = limit.end
    for found in phrases.subjects().find(words):
        between = [word for word in words if end <= word.start < words[found.first].start]
        if words[found.first].start >= end and all(word.word in _OF for word in between):
            end = words[found.last].end
    rate = _PER_SECOND.match(question.text, end)
    return rate.end() if rate else end


_OF = frozenset({"of", "the", "its", "in", "5xx"})
_PER_SECOND = re.compile(r"\s?(?:/ ?s(?:ec)?|per sec(?:ond)?|a second)\b", re.IGNORECASE)


def _behind(question: Question, start: int) -> list[Entity]:
    return [entity for entity in question.entities if entity.start >= start]


def _with(question: Question, text: str, entities: list[Entity]) -> Question:
    return replace(question, text=text, entities=tuple(entities))


def _names_subject(question: Question, start: int, end: int, limit: Entity | None) -> bool:
    words = [
        token
        for token in tokens(question, phrases.SPELLINGS, phrases.vocabulary())
        if start <= token.start and token.end <= end
    ]
    quantile = any(e.type is EntityType.AGGREGATION and start <= e.start < end for e in question.entities)
    telling = limit and (has_telling_unit(limit.value) or limit.value.lower().endswith("b"))
    return quantile or bool(telling) or any(True for _ in phrases.subjects().find(words))
