"""What is measured and how it is put together: metrics, aggregations, and the statuses of HTTP responses."""

import re
from collections.abc import Container, Iterator

from core.nlp.entities.lexicon import AGGREGATIONS, METRICS, NOT_AFTER, NOT_BEFORE, ONLY_BESIDE
from core.nlp.entities.sentence import Found, Phrases, Sentence, phrases, words
from core.nlp.entities.spelling import Spelling
from core.nlp.interpretation import EntityType

_METRICS = phrases(METRICS)
_METRIC_PHRASES = Phrases(_METRICS)
_METRIC_SPELLING = Spelling(
    words("latency throughput traffic memory bandwidth network availability uptime saturation utilization utilisation")
)
_AGGREGATION_PHRASES = Phrases(phrases(AGGREGATIONS))
_QUANTILE = re.compile(
    r"(?<![\w.-])t?p[ -]?(?P<short>\d{2,3})(?P<fraction>\.\d{1,2})?s?(?![\w])"
    r"|(?<![\w.])(?P<nth>\d{1,2})(?P<nth_fraction>\.\d{1,2})?(?:th|st|nd|rd)?(?:[ -](?:percentile|percentil|pctl?|%ile)s?|\.? ?perzentil|%ile)\b"
    r"|(?<![\w.])(?P<ordinal>50|75|90|95|99)(?:th)(?! of| percent)\b"
    r"|\b(?:percentile|percentil|perzentil|quantile) (?P<named>\d{2})(?P<named_fraction>\.\d{1,2})?\b"
)


def _sets(table: dict[str, str]) -> dict[str, frozenset[str]]:
    return {phrase: frozenset(beside.split("|")) for phrase, beside in table.items()}


_NOT_AFTER, _NOT_BEFORE, _ONLY_BESIDE = _sets(NOT_AFTER), _sets(NOT_BEFORE), _sets(ONLY_BESIDE)
_NOTHING: frozenset[str] = frozenset()
_UNITS = words("rps qps tps usd dollars tokens")
"""Behind a number these say of what it is so many."""
_QUEUES = words("queue queues warteschlange cola")
_QUEUE_TALK = words("depth length size long backed backing backlog deep big many lang larga")
_IMPRESSIONS = words(
    "slow slower slowness slowdown sluggish sluggishness laggy lag lags lagging langsam langsamer lento lenta lentos lentas saturated saturating downtime"
) | {"slow down", "slowed down"}
"""What people say of a service without asking for a number."""
_QUESTIONS = words(
    "why how hows what which show graph chart plot compare compared warum wieso wie porque que cuanto than over above wonder check if whether"
)
_INVERTED = words("is are was were does did do has have can could ist sind esta estan and or so hey anyone whats any")
_SHORT = 3

_STATUS_TEXT = re.compile(r"(?P<status>[1-5](?:\d\d|xx))(?P<plural>s|es|ers?|ed|ing)?")
_DIGITS = 3
_KNOWN = words(
    "200 201 202 204 301 302 304 307 308 400 401 403 404 405 406 408 409 410 412 413 415 418 422 423 424 425 426 428 429 431 451 499 500 501 "
    "502 503 504 505 507 508 511 520 521 522 523 524 525 526 529 530"
)
_STATUS_BEFORE = words("http https status statuscode code codes statuses response responses rc")
_STATUS_LOOSELY_BEFORE = words(
    "hit hits spits serves handing returning returns return returned throwing throws threw throw giving gives gave got getting get gets serving serves seeing see seen "
    "with many of any those these all the and or a an some more random constant intermittent sporadic lots spiking spike many no zero mostly "
    "responding responds only just why which show find for by in spitting devuelve devuelven responde lanza retorna liefert wirft gibt kommt sees logs log count muchos viele error errors errores fehler nur tons bunch "
    "hitting saw receiving throwing fresh new actual real still except excluding without besides ignoring but plus including like only"
)
_ONLY = words("only just all no mostly")
_STATUS_SUBJECTS = words(
    "is are was keeps still always constantly sometimes randomly api endpoint health healthcheck page site gateway"
)
_STATUS_BEHIND = words(
    "error errors status response responses rate rates code codes bad internal service gateway not unauthorized unauthorised forbidden too "
    "conflict unprocessable ok timeout timeouts fehler errores http ratio percentage spike spikes spiking alerts alert ers err errs storm storms wave waves burst bursts flood floods"
)
_STATUS_PLACES = words(
    "on in from at for since to across after when during during coming everywhere again all auf bei en aus seit"
)
_RETURNS = words("returns returned returning return responds responded responding devuelve responde liefert")
_AMOUNT_BEFORE = words(
    "to than over above under below at least most by up about around roughly nearly almost last limit top max of over uber"
)
_CONJUNCTIONS = words("and or und oder y o vs")
_LISTED = 2
_COUNTED_BEHIND = words(
    "results records items hits entries docs documents series matches ms s sec secs seconds minutes min mins hours hrs users requests rps qps replicas pods nodes instances lines rows messages orders percent customers "
    "mb gb kb tb k m times tokens people items jobs tests logs traces workers connections threads eur usd dollars euros bytes files days"
)


def find(sentence: Sentence) -> Iterator[Found]:
    """Metrics, aggregations and statuses; readings may overlap."""
    statuses = _statuses(sentence)
    yield from _metrics(sentence)
    yield from _aggregations(sentence, statuses)
    for index in statuses:
        word = sentence.words[index]
        yield Found(EntityType.HTTP_STATUS, word.start, word.end, word.text[:_DIGITS])


def _metrics(sentence: Sentence) -> Iterator[Found]:
    for index, count, phrase, value in _METRIC_PHRASES.find(sentence):
        if _taken_out(sentence, index, count, phrase):
            continue
        if phrase in _UNITS and sentence.word(index - 1).isdecimal():
            continue
        if phrase in _QUEUES and _QUEUE_TALK.isdisjoint(sentence.vocabulary):
            continue
        if phrase in _IMPRESSIONS and not _is_asked(sentence):
            continue
        yield Found(EntityType.METRIC, *sentence.span(index, count), value)
    for word in sentence.words:
        if term := _METRIC_SPELLING.meant(word.text):
            yield Found(EntityType.METRIC, word.start, word.end, _METRICS[term])


def _is_asked(sentence: Sentence) -> bool:
    """Whether this is a question, sets a limit, or is too short to be anything else."""
    return (
        any(mark in sentence.folded for mark in "?<>")
        or len(sentence.words) <= _SHORT
        or sentence.word(0) in _INVERTED
        or not _QUESTIONS.isdisjoint(sentence.vocabulary)
    )


def _aggregations(sentence: Sentence, statuses: Container[int]) -> Iterator[Found]:
    for index, count, phrase, value in _AGGREGATION_PHRASES.find(sentence):
        if _taken_out(sentence, index, count, phrase):
            continue
        of = index + count + (sentence.word(index + count) == "of")
        if phrase in ("rate", "rates") and (index - 1 in statuses or of in statuses):
            yield Found(EntityType.METRIC, *sentence.span(index, count), "error_rate")
        elif not (phrase == "min" and sentence.word(index - 1)[:1].isdecimal()):
            yield Found(EntityType.AGGREGATION, *sentence.span(index, count), value)
    for match in _QUANTILE.finditer(sentence.folded):
        number = match["short"] or match["nth"] or match["ordinal"] or match["named"]
        fraction = match["fraction"] or match["nth_fraction"] or match["named_fraction"] or ""
        if len(number) == 3:
            number, fraction = number[:2], f".{number[2]}"
        yield Found(EntityType.AGGREGATION, *match.span(), f"p{number}{fraction}")


def _statuses(sentence: Sentence) -> list[int]:
    """The words that are statuses."""
    places: list[int] = []
    for index, word in enumerate(sentence.words):
        if word.text[0] in "12345" and _is_status(
            sentence, index, listed=bool(places) and places[-1] >= index - _LISTED
        ):
            places.append(index)
    return [*_listed_before(sentence, places), *places]


def _listed_before(sentence: Sentence, places: list[int]) -> Iterator[int]:
    """Of "502, 503 and 504 errors" the ones before the last, which alone stands where statuses stand."""
    for place in places:
        index = place
        while True:
            index -= 2 if sentence.word(index - 1) in _CONJUNCTIONS else 1
            if index in places or sentence.word(index)[:1] not in ("4", "5") or sentence.word(index) not in _KNOWN:
                break
            yield index


def _is_status(sentence: Sentence, index: int, *, listed: bool) -> bool:
    """`listed`: another status stands shortly before."""
    text = sentence.word(index)
    shape = _STATUS_TEXT.fullmatch(text)
    if shape is None:
        return False
    word = sentence.words[index]
    edges = sentence.folded[max(0, word.start - 1) : word.start] + sentence.folded[word.end : word.end + 1]
    if "." in edges[:1] or any(mark in "%$€#_" for mark in edges):
        return False
    if "x" in text:
        return True
    before, behind = sentence.word(index - 1), sentence.word(index + 1)
    if before in _STATUS_BEFORE:
        return True
    if shape["status"] not in _KNOWN or behind in _COUNTED_BEHIND:
        return False
    failure = text[0] in "45"
    plural = shape["plural"] or edges[1:] == "'" or edges == "'"
    if plural and (failure or before in _ONLY):
        return True
    if behind in _STATUS_BEHIND:
        return failure or behind in ("status", "response", "responses", "code", "codes", "ok")
    if before in _RETURNS or (before in _STATUS_LOOSELY_BEFORE and failure):
        return True
    if listed and failure and (_STATUS_TEXT.fullmatch(before) or before in _CONJUNCTIONS):
        return True
    if not failure:
        return False
    ends = not sentence.folded[word.end : word.end + 1].strip(" ?!.,;)") and behind in ("", "and", "but", "or")
    return (behind in _STATUS_PLACES and before not in _AMOUNT_BEFORE) or (ends and before in _STATUS_SUBJECTS)


def _taken_out(sentence: Sentence, index: int, count: int, phrase: str) -> bool:
    """Whether the words beside a phrase say that it means something else here."""
    before, behind = sentence.word(index - 1), sentence.word(index + count)
    if only := _ONLY_BESIDE.get(phrase):
        return only.isdisjoint((before, behind, f"{sentence.word(index - 2)} {before}"))
    return before in _NOT_AFTER.get(phrase, _NOTHING) or behind in _NOT_BEFORE.get(phrase, _NOTHING)
