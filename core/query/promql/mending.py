"""The entities of a question for a number, with what only such a question shows: names that stand alone, bare durations."""

import re
from collections.abc import Iterator
from dataclasses import replace

from core.nlp.interpretation import Entity, EntityType
from core.query.promql.phrases import WITH
from core.query.translation import Question
from core.query.wording import Wording, word_set

_BARE = re.compile(
    r"(?<![\w.<>=-])(\d{1,3})[ -]?(?:(s|secs?|seconds?)|(m|mins?|minutes?)|(h|hrs?|hours?)|(d|days?))\b(?! (?:ago|earlier|before)\b)",
    re.IGNORECASE,
)
_LAST_MINUTES = re.compile(r"\b(?:last|past) (\d{1,3})(?=\s*(?:[,.?!;]|\Z))", re.IGNORECASE)
"""Nobody names the unit of minutes."""
_NO_NAMES = word_set(
    "but except excluding other not besides outside without and or with over under using eating is are has have"
)
_UNITS = ("s", "m", "h", "d")
_UNIT_BEHIND = re.compile(
    r"\s?(?:(?P<mcores>millicores?|mcores?)|(?P<cores>v?cpus?|cores?)|(?P<per_min>(?:req(?:uest)?s?|hits?|calls?)?(?:\s?/\s?|\s(?:per|a) )(?:min|minute|m))|(?P<per_second>(?:(?:times|errors?|failures|req(?:uest)?s?|hits|calls)\s?)?(?:/\s?|(?:per|a|each) )s(?:ec(?:ond)?)?)|(?P<bytes>[kmgt]i?b(?:/s|ps)?))\b",
    re.IGNORECASE,
)
"""Units that only thresholds of numbers have."""
_HALF = re.compile(
    r"\b(above|over|more than|exceed(?:s|ing)?|below|under|less than)\s(half an?|an?|one)(?: (?:whole|full))?\s(core|cpu|gig|gib)\b",
    re.IGNORECASE,
)
_SIGN = re.compile(r"([<>]=?)\s?(\d{1,9}(?:\.\d{1,6})?)\s?(ms|s|%|[kmgt]i?b)?\b", re.IGNORECASE)
_JOINT = re.compile(r"\s?(?:,|&|/|\+|,? (?:and|or|vs\.?|versus))\s?", re.IGNORECASE)
_LESS = frozenset({"below", "under", "less than"})
_ORDER = re.compile(r"\s*(?:please |can you |could you )?\Z", re.IGNORECASE)
"""Before "search for …", which is then an order."""


def mended(question: Question) -> Question:
    """The question with entities that were overlooked, and without those that are none or were taken back."""
    wording = Wording(question)
    quoted = (e for e in question.entities if any(q.start <= e.start < q.end for q in wording.quotes))
    entities = tuple(
        _with_unit(question.text, entity)
        for entity in (*wording.entities, *quoted)
        if entity.type is not EntityType.NAMESPACE or entity.value not in _NO_NAMES | WITH
    )
    if not any(e.type is EntityType.TIME_RANGE for e in entities) and (last := _LAST_MINUTES.search(question.text)):
        entities = (*entities, Entity(EntityType.TIME_RANGE, last[0], f"{int(last[1])}m", *last.span()))
    entities = (*entities, *_listed_beside(question, entities))
    if not any(e.type is EntityType.THRESHOLD for e in entities):
        entities = (*entities, *_spelled_out(question.text, entities))
    if question.services and not any(e.type is EntityType.SERVICE for e in entities):
        entities = (*entities, *_named_alone(question, entities))
    if not any(e.type is EntityType.TIME_RANGE for e in entities):
        entities = (*entities, *_bare_durations(question.text, entities))
    return replace(question, entities=tuple(sorted(entities, key=lambda e: e.start)))


def _with_unit(text: str, entity: Entity) -> Entity:
    """The threshold with the unit behind it: "more than 800 millicores"."""
    value = entity.value.removesuffix("x")  # "10 times per second"
    bare = entity.type is EntityType.THRESHOLD and value[-1:].isdigit()
    match = _UNIT_BEHIND.match(text, entity.end) if bare else None
    if match is None or match.lastgroup is None:
        return entity
    unit = {"mcores": "mcores", "cores": "cores", "per_min": "/min", "per_second": "/s"}.get(match.lastgroup) or match[
        0
    ].strip()
    if unit != "/min":  # the words name what is measured, too
        return replace(entity, value=value + unit)
    return replace(entity, value=value + unit, text=text[entity.start : match.end()], end=match.end())


def _spelled_out(text: str, entities: tuple[Entity, ...]) -> Iterator[Entity]:
    """ "Above half a core"."""
    written = _SIGN.search(text)
    if written and _is_free(written, entities):
        value = f"{written[1]}{written[2]}{(written[3] or '').lower()}"
        yield Entity(EntityType.THRESHOLD, written[0], value, *written.span())
        return
    spoken = _HALF.search(text)
    if spoken and _is_free(spoken, entities):
        sign = "<" if spoken[1].lower() in _LESS else ">"
        number = 0.5 if spoken[2].lower().startswith("half") else 1
        unit = {"core": "cores", "cpu": "cores", "gig": "GB", "gib": "GiB"}[spoken[3].lower()]
        yield Entity(EntityType.THRESHOLD, spoken[0], f"{sign}{number:g}{unit}", *spoken.span())


def _named_alone(question: Question, entities: tuple[Entity, ...]) -> Iterator[Entity]:
    """A service whose name is a word, where no other is named."""
    names = {name.lower(): name for name in question.services}
    for match in re.finditer(r"[\w.-]*\w", question.text):
        name = names.get(match[0].lower())
        order = name == "search" and _ORDER.match(question.text[: match.start()])
        if name and not order and _is_free(match, entities):
            yield Entity(EntityType.SERVICE, match[0], name, *match.span())
            return


def _listed_beside(question: Question, entities: tuple[Entity, ...]) -> Iterator[Entity]:
    """Services whose names are words, in a list with one that is known: "reports and notify"."""
    names = {name.lower(): name for name in question.services}
    places = [(e.start, e.end) for e in entities if e.type is EntityType.SERVICE]
    for match in re.finditer(r"[\w.-]*\w", question.text) if places else ():
        name = names.get(match[0].lower())
        between = [question.text[match.end() : start] for start, _ in places]
        between += [question.text[end : match.start()] for _, end in places]
        if name and _is_free(match, entities) and any(map(_JOINT.fullmatch, between)):
            yield Entity(EntityType.SERVICE, match[0], name, *match.span())


def _bare_durations(text: str, entities: tuple[Entity, ...]) -> Iterator[Entity]:
    """ "gateway prod 15 min": the first length that is nothing else."""
    for match in _BARE.finditer(text):
        if _is_free(match, entities):
            unit = next(unit for unit, group in zip(_UNITS, match.groups()[1:], strict=True) if group)
            yield Entity(EntityType.TIME_RANGE, match[0], f"{int(match[1])}{unit}", *match.span())
            return


def _is_free(match: re.Match[str], entities: tuple[Entity, ...]) -> bool:
    return not any(e.start < match.end() and match.start() < e.end for e in entities)
