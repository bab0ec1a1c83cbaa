"""The entities of a question for a number, with what only such a question shows: names that stand alone, bare durations."""

import re
from collections.abc import Iterator
from dataclasses import replace

from core.nlp.interpretation import Entity, EntityType
from core.query.promql.french import french_times
from core.query.promql.phrases import WITH
from core.query.translation import Question
from core.query.wording import Wording, word_set

_BARE = re.compile(
    r"(?<![\w.<>=-])(\d{1,3})[ -]?(?:(s|secs?|seconds?)|(m|mins?|minutes?)|(h|hrs?|hours?)|(d|days?))\b(?! (?:ago|earlier|before)\b)",
    re.IGNORECASE,
)
_BARE_PART = re.compile(r"\b(?:half an?|quarter of an) hour\b(?! ago)", re.IGNORECASE)
_LAST_MINUTES = re.compile(r"\b(?:last|past) (\d{1,3})(?=\s*(?:[,.?!;]|\Z))", re.IGNORECASE)
"""Nobody names the unit of minutes."""
_NO_NAMES = word_set(
    "today yesterday now tonight lately currently sits sit sitting total but except excluding other not besides outside without and or with over under using eating is are has have"
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
_FRACTIONS = {
    "half": "50%", "a half": "50%", "one half": "50%", "a quarter": "25%", "one quarter": "25%", "three quarters": "75%", "a third": "33.3333333333%",
    "one third": "33.3333333333%", "two thirds": "66.6666666667%", "a fifth": "20%", "a tenth": "10%", "one tenth": "10%",
}  # fmt: skip
_FRACTION = re.compile(
    rf"\b(above|over|(?:more|greater|higher) than|exceed(?:s|ing)?|at least|below|under|less than)\s({'|'.join(sorted(_FRACTIONS, key=len, reverse=True))})\b"
    r"(?! (?:an? |of an |of a |of the last )?(?:hours?|days?|minutes?|mins?|core|cpu|gig|gib|second|sec|year|what|that|its|a million|million|yesterday|last)\b| of (?:what|that|its|their|yesterday|last))",
    re.IGNORECASE,
)
_COMPARATIVE = re.compile(
    r"\b(?:((?:hott|old|slow|long|bigg|larg|great|high|full|warm|heavi|laggi|busi|strong)er than|(?:größer|höher|länger|langsamer|älter|mehr|heißer) als|(?:mayor|superior|más(?: \w+)?) (?:al?|que|del?)|por encima de|oberhalb(?: von)?)"
    r"|((?:cool|cold|small|low|short|fast|young|quiet|cheap|few)er than|(?:kleiner|niedriger|kürzer|weniger|schneller|jünger) als|(?:menor|inferior|menos) (?:al?|que|del?)|por debajo de|unterhalb(?: von)?))"
    r" (\d{1,9}(?:\.\d{1,6})?) ?(%|percent|prozent|ms|s|sec(?:onds?)?|minutes?|min|hours?|h|days?|d|[kmgt]i?b|cores?|rps|qps|req/s)?(?![\w])",
    re.IGNORECASE,
)
_TIMES = {"once": 1, "twice": 2, "thrice": 3, "einmal": 1, "zweimal": 2, "dreimal": 3}
_SO_OFTEN = re.compile(
    rf"\b(at least|more than|mindestens|mehr als) ({'|'.join(_TIMES)})\b(?! (?:as|of|what|that|the|yesterday|last|its|their))",
    re.IGNORECASE,
)
_THRESHOLD = re.compile(
    r"\b(?:threshold|limit|alert(?:ing)? level)(?: of| is| at|:)? (\d{1,9}(?:\.\d{1,4})?) ?(ms|s|%|[kmgt]i?b|rps|x(?=\b))?(?![\w.])",
    re.IGNORECASE,
)
_QUANTILE = re.compile(r"p\d{2,4}", re.IGNORECASE)
_AGO_BEHIND = re.compile(r" (?:ago|earlier|before)\b", re.IGNORECASE)
_WORDS_OF_UNITS = {
    "percent": "%", "prozent": "%", "sec": "s", "second": "s", "seconds": "s", "minute": "m", "minutes": "m", "min": "m", "hour": "h", "hours": "h",
    "day": "d", "days": "d", "core": "cores",
}  # fmt: skip
_LOAD = re.compile(r"[ -](?:load|loadavg)\b", re.IGNORECASE)
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
    if any(e.type is EntityType.NAMESPACE and e.value == "today" for e in wording.entities):
        today = question.now.replace(hour=0, minute=0, second=0, microsecond=0)  # "restarts per namespace today"
        place = next(e for e in wording.entities if e.value == "today")
        value = f"{today.isoformat()}/{question.now.isoformat()}"
        entities = (*entities, Entity(EntityType.TIME_RANGE, place.text, value, place.start, place.end))
    if not any(e.type is EntityType.TIME_RANGE for e in entities) and (last := _LAST_MINUTES.search(question.text)):
        entities = (*entities, Entity(EntityType.TIME_RANGE, last[0], f"{int(last[1])}m", *last.span()))
    entities = (*entities, *_listed_beside(question, entities))
    # A severity hides the words of "critical alerts", a workflow those of "group billing-sync"; no metric is told apart by them.
    entities = tuple(
        e
        for e in entities
        if e.type not in (EntityType.SEVERITY, EntityType.WORKFLOW)
        and not _is_something_else(question.text, e)
        and not _is_no_limit(question.text, e)
    )
    if not any(e.type is EntityType.THRESHOLD for e in entities):
        entities = (*entities, *_spelled_out(question.text, entities))
    if question.services and not any(e.type is EntityType.SERVICE for e in entities):
        entities = (*entities, *_named_alone(question, entities))
    if not any(e.type is EntityType.TIME_RANGE for e in entities):
        entities = (*entities, *french_times(question.text, question.now))
    if not any(e.type is EntityType.TIME_RANGE for e in entities):
        entities = (*entities, *_bare_durations(question.text, entities))
    return replace(question, entities=tuple(sorted(entities, key=lambda e: e.start)))


def _is_something_else(text: str, entity: Entity) -> bool:
    """ "Over a quarter" of something, "the 5 minute load", which is a measured thing, and the number of "threshold 14.4"."""
    if entity.type is EntityType.HOST:
        return bool(_QUANTILE.fullmatch(entity.value))  # "tile-server p99"
    if entity.type is EntityType.VERSION:
        named = _THRESHOLD.search(text)
        return bool(named and named.start() <= entity.start < named.end())
    if entity.type is not EntityType.TIME_RANGE:
        return False
    load = _LOAD.match(text, entity.end)
    return bool(
        load or _FRACTION.match(text, entity.start) or _FRACTION.search(text, max(0, entity.start - 10), entity.end)
    )


def _is_no_limit(text: str, entity: Entity) -> bool:
    """ "Higher than an hour | ago" is no duration to exceed."""
    return entity.type is EntityType.THRESHOLD and bool(_AGO_BEHIND.match(text, entity.end))


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
    often = _SO_OFTEN.search(text)
    if often and _is_free(often, entities):
        sign = ">=" if often[1].lower() in ("at least", "mindestens") else ">"
        yield Entity(EntityType.THRESHOLD, often[0], f"{sign}{_TIMES[often[2].lower()]}", *often.span())
        return
    named = _THRESHOLD.search(text)
    if named and _is_free(named, entities):
        yield Entity(EntityType.THRESHOLD, named[0], f">{named[1]}{(named[2] or '').lower()}", *named.span())
        return
    compared = _COMPARATIVE.search(text)
    if compared and _is_free(compared, entities):
        sign = "<" if compared[2] else ">"
        unit = (compared[4] or "").lower()
        # The comparing word itself may say what is measured: "hotter".
        first = compared[0].split()[0]
        start = compared.start() + (len(first) if first.endswith("er") else 0)
        value = f"{sign}{compared[3]}{_WORDS_OF_UNITS.get(unit, unit)}"
        yield Entity(EntityType.THRESHOLD, text[start : compared.end()], value, start, compared.end())
        return
    part = _FRACTION.search(text)
    if part and _is_free(part, entities):
        sign = "<" if part[1].lower() in _LESS else ">"
        yield Entity(EntityType.THRESHOLD, part[0], f"{sign}{_FRACTIONS[part[2].lower()]}", *part.span())
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
    spoken = _BARE_PART.search(text)
    if spoken and _is_free(spoken, entities):
        yield Entity(
            EntityType.TIME_RANGE, spoken[0], "30m" if spoken[0].lower().startswith("half") else "15m", *spoken.span()
        )
        return
    for match in _BARE.finditer(text):
        if _is_free(match, entities):
            if _LOAD.match(text, match.end()):
                continue
            unit = next(unit for unit, group in zip(_UNITS, match.groups()[1:], strict=True) if group)
            yield Entity(EntityType.TIME_RANGE, match[0], f"{int(match[1])}{unit}", *match.span())
            return


def _is_free(match: re.Match[str], entities: tuple[Entity, ...]) -> bool:
    return not any(e.start < match.end() and match.start() < e.end for e in entities)
