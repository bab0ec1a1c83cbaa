"""Names that only the conversation makes plain: an everyday word that is all a message says, a number in the bot's own reply."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import MAXYEAR, datetime, timedelta
from functools import lru_cache

from core.nlp.dialogue.vocabulary import FILLERS, QUESTIONS, TESTS
from core.nlp.entities import measures
from core.nlp.entities.names import ENVIRONMENTS
from core.nlp.entities.sentence import Phrases, Sentence, Word, fold, phrases, words
from core.nlp.interpretation import Entity, EntityType

_CAMEL = re.compile(r"\b(?:[A-Z][a-z0-9]{1,30}|[A-Z]{2,6}(?![a-z])){2,8}\b")
_HUMP = re.compile(r"[A-Z][a-z0-9]+|[A-Z]+")
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(
    r"\b(?:run|job|build|pipeline|execution|deployment|deploy|rollout|rollback|lauf|testlauf|testrun|prueba|ejecucion|started|queued|triggered|id)"
    r"[ :]{0,2}(?:#|no\.? |id )?(?P<id>\d{1,12})(?![\w%]|[.,:]\d|-\d)(?! (?:min|minutes|hours?|days?|s|ms|of|times|tests|steps|replicas|pods)\b)"
)
_ONE = words("one ones run deploy deployment rollout")
_PLACES = ENVIRONMENTS.keys() - TESTS
"""What is an environment although nothing else is said: "qa?", but not "test done?"."""
_LOOKING_BACK = words("last past previous letzte letzten ultimos ultimas")
_QUANTILES = words("50 75 90 95 99")
"""Numbers that more likely say which percentile is meant."""
_MAX_DIGITS = 3
"""A longer number is an id, a year or a count."""
_SAME_HOURS = Phrases(
    phrases(
        {
            "": "same window|same time|same times|same hours|same hour|same period|same interval|same range|same timeframe|same time frame|same slot|"
            "gleiche zeit|gleichen zeit|gleichen zeitraum|selbe zeit|selben zeitraum|misma hora|mismas horas|mismo periodo|misma ventana"
        }
    )
)
_A_DAY = timedelta(hours=25)
"""The longest day: the one on which the clock is put back."""
_ISO = "%Y-%m-%dT%H:%M:%SZ"
_BEHIND_ITEM = frozenset(":(=,;–—")
_BEFORE_ITEM = frozenset({"", *":(,;•-–\n"})
_MAX_TEXT = 2_000
"""Characters of a reply that are looked at: what it is about stands at the beginning."""


def alone(text: str, entities: Sequence[Entity], services: Sequence[str]) -> tuple[Entity, ...]:
    """The entities, with services whose names are everyday words ("orders too") where the message says nothing else."""
    sentence = Sentence(text)
    taken = bytearray(len(text))
    for entity in entities:
        taken[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
    found = [
        (index, count, value)
        for index, count, _, value in _catalogue(tuple(services)).find(sentence)
        if not any(taken[word.start] for word in sentence.words[index : index + count])
    ]
    inside = {at for index, count, _ in found for at in range(index, index + count)}
    left = (w.text for at, w in enumerate(sentence.words) if at not in inside and not taken[w.start])
    if not found or not FILLERS.issuperset(left):
        return tuple(entities)
    spans = ((sentence.span(index, count), value) for index, count, value in found)
    added = (Entity(EntityType.SERVICE, text[start:end], value, start, end) for (start, end), value in spans)
    return tuple(sorted((*entities, *added), key=lambda entity: entity.start))


def by_number(text: str, entities: Sequence[Entity], known: Iterable[tuple[EntityType, str]]) -> tuple[Entity, ...]:
    """The entities, with incidents and runs that were talked about and are named by their number alone ("cancel 8812").

    `known`: their types and ids; of two with the same number the first counts.
    """
    ids: dict[str, tuple[EntityType, str]] = {}
    for kind, value in known:
        ids.setdefault(value.rpartition("-")[2].lower(), (kind, value))
    taken = {at for entity in entities for at in range(entity.start, entity.end)} if ids else set()
    added = [
        Entity(ids[word.text][0], text[word.start : word.end], ids[word.text][1], word.start, word.end)
        for word in (Sentence(text).words if ids else ())
        if word.text in ids and word.start not in taken and _stands_alone(text, word)
    ]
    return tuple(sorted((*entities, *added), key=lambda entity: entity.start))


def _stands_alone(text: str, word: Word) -> bool:
    around = text[word.start - 1 : word.start] + text[word.end : word.end + 1]
    return any(c.isdigit() for c in word.text) and not any(c in "-_./:%$" and c != text[-1:] for c in around)


def by_place(text: str, entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """The entities, with the environment that tells one of several from the others ("the dev one") or is all that the message
    says ("qa?")."""
    taken = {entity.start for entity in entities}
    sentence = Sentence(text)
    alone = not entities and sentence.word(0) not in QUESTIONS
    alone = alone and all(word.text in FILLERS or word.text in _PLACES for word in sentence.words)
    added = [
        Entity(EntityType.ENVIRONMENT, text[word.start : word.end], ENVIRONMENTS[word.text], word.start, word.end)
        for at, word in enumerate(sentence.words)
        if word.text in ENVIRONMENTS
        and word.start not in taken
        and (sentence.word(at + 1) in _ONE or (alone and word.text in _PLACES))
    ]
    return tuple(sorted((*entities, *added), key=lambda entity: entity.start))


def by_unit(text: str, entities: Sequence[Entity], window: str) -> tuple[Entity, ...]:
    """The entities, with the length of time that a lone number means when it changes the window before: "make it 30".

    `window`: that window, a duration; "" or an interval has no unit that the number could take over.
    """
    unit = window[-1:]
    if not unit.isalpha() or "/" in window or any(entity.type is EntityType.TIME_RANGE for entity in entities):
        return tuple(entities)
    sentence = Sentence(text)
    taken = {at for entity in entities for at in range(entity.start, entity.end)}
    free = [(at, word) for at, word in enumerate(sentence.words) if word.start not in taken]
    numbers = [(at, word) for at, word in free if word.text.isdecimal()]
    if len(numbers) != 1 or not FILLERS.issuperset(word.text for _, word in free if not word.text.isdecimal()):
        return tuple(entities)
    at, word = numbers[0]
    looks_back = sentence.word(at - 1) in _LOOKING_BACK
    if not _stands_alone(text, word) or len(word.text) > _MAX_DIGITS or (word.text in _QUANTILES and not looks_back):
        return tuple(entities)
    length = Entity(EntityType.TIME_RANGE, text[word.start : word.end], f"{int(word.text)}{unit}", word.start, word.end)
    return tuple(sorted((*entities, length), key=lambda entity: entity.start))


def by_day(text: str, entities: Sequence[Entity], window: str) -> tuple[Entity, ...]:
    """The entities, with the window before moved to the day that is named beside it: "same window yesterday".

    `window`: that window; only an interval within a day can be moved.
    """
    times = [entity for entity in entities if entity.type is EntityType.TIME_RANGE]
    if "/" not in window or len(times) != 1 or "/" not in times[0].value:
        return tuple(entities)
    if not any(True for _ in _SAME_HOURS.find(Sentence(text))):
        return tuple(entities)
    (start, end), (begin, until) = _moments(window), _moments(times[0].value)
    if not end - start < until - begin <= _A_DAY or until.year == MAXYEAR:
        return tuple(entities)
    days = timedelta(days=-((start - begin) // timedelta(days=1)))
    moved = f"{start + days:{_ISO}}/{end + days:{_ISO}}"
    return tuple(replace(entity, value=moved) if entity is times[0] else entity for entity in entities)


def _moments(interval: str) -> tuple[datetime, datetime]:
    start, _, end = interval.partition("/")
    return datetime.fromisoformat(start), datetime.fromisoformat(end)


def of_reply(text: str, entities: Sequence[Entity], services: Sequence[str]) -> tuple[Entity, ...]:
    """The entities of a reply of the bot, which writes names exactly: with services that stand as items of a list, and the
    run that it names."""
    head = text[:_MAX_TEXT]
    taken = {entity.start for entity in entities}
    added = list(_items(head, services))
    if not any(entity.type is EntityType.WORKFLOW and entity.value[-1:].isdecimal() for entity in entities):
        added += _runs(head)
    return tuple(sorted((*entities, *(e for e in added if e.start not in taken)), key=lambda entity: entity.start))


def alert_names(text: str) -> list[str]:
    """What is written like the name of an alert: HighErrorRate."""
    return [match[0] for match in _CAMEL.finditer(text[:_MAX_TEXT])]


def metric_of_alert(text: str) -> str:
    """The metric that the name of an alert speaks of (HighErrorRate → error_rate), or ""."""
    for name in alert_names(text):
        spelt = Sentence(" ".join(_HUMP.findall(name)))
        if metric := next((found.value for found in measures.find(spelt) if found.type is EntityType.METRIC), ""):
            return metric
    return ""


def _items(text: str, services: Sequence[str]) -> Iterator[Entity]:
    sentence = Sentence(text)
    for index, count, _, value in _catalogue(tuple(services)).find(sentence):
        start, end = sentence.span(index, count)
        if text[end:].lstrip(" `*_")[:1] in _BEHIND_ITEM and text[:start].rstrip(" `*_")[-1:] in _BEFORE_ITEM:
            yield Entity(EntityType.SERVICE, text[start:end], value, start, end)


def _runs(text: str) -> Iterator[Entity]:
    for match in _RUN.finditer(fold(text)):
        start, end = match.span("id")
        yield Entity(EntityType.WORKFLOW, text[start:end], text[start:end], start, end)


@lru_cache(maxsize=8)
def _catalogue(services: tuple[str, ...]) -> Phrases:
    return Phrases({" ".join(_WORD.findall(fold(name))): name for name in services})
