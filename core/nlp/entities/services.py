"""Services in a sentence: names of a catalogue as people write them, or, without one, what has the shape of a service's name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from core.nlp.entities.catalogue import Catalogue, catalogue_of
from core.nlp.entities.lexicon import AGGREGATIONS, METRICS
from core.nlp.entities.meanings import USUAL, meant_as_two_words, stands_as_noun, word_meant
from core.nlp.entities.names import ENVIRONMENTS
from core.nlp.entities.ordinary import ORDINARY
from core.nlp.entities.sentence import Found, Sentence, words
from core.nlp.interpretation import EntityType

_PARTS = re.compile(r"[^\W_]+")

_SHAPED = re.compile(
    r"(?<![\w./@#-])(?P<name>[a-z][a-z0-9]{1,30}(?:[-_][a-z0-9]{1,30}){0,4}[-_](?:service|svc|srv|api|gateway|worker|server|backend|frontend|proxy|processor|consumer|producer|engine|manager|"
    r"controller|scheduler|router|store|db|web|app|ui|gw|cache|queue))(?![\w/]|-\w|\.\w)"
)
_PEOPLE = words("users customers clients people folks team devs kunden nutzer usuarios clientes")
"""Whom a service's short form describes: "all mobile users"."""
_ARTICLES = words("the our der die das den dem el la")
_PARTS_OF_COMPONENTS = words(
    "timeout timeouts test tests eval job jobs run workflow pipeline team node nodes error code codes"
)
_BINDING = ("-", "_")
_BOUND_LOOSELY = words("related only side wide specific team prod production staging stg dev qa v1 v2 v3 to and or is")
_NAME = r"[a-z][a-z0-9]{2,30}(?:[-_][a-z0-9]{1,30}){0,4}"
_CALLED = (
    re.compile(rf"\b(?:service|svc|servicio|dienst) [\"'`]?(?P<name>{_NAME})\b"),
    re.compile(rf"(?<![\w./-])(?P<name>{_NAME})[\"'`]? (?:service|svc|servicio|dienst)\b"),
)
_WITHOUT_NAME = words(
    "the a this that which what each every any all some per by my our your their whole other same another one no is are was down level healthy health other status self same micro critical web "
    "customer internal external new old first and or of for in on with is unavailable mesh name names account discovery owner owners team error errors desk"
)


_TERMS = (
    ORDINARY
    | words(" ".join((*METRICS.values(), *AGGREGATIONS.values())).replace("|", " "))
    | words(" ".join(ENVIRONMENTS))
)
"""Words that are no misspelt names."""


_NO_ALIASES: Mapping[str, str] = MappingProxyType({})


def find(
    sentence: Sentence, services: Sequence[str], aliases: Mapping[str, str] = _NO_ALIASES, *, exact: bool = False
) -> Iterator[Found]:
    """Services; readings may overlap with those of other types. `exact`: names of the catalogue only as they are written there."""
    if not services and not aliases:
        if not exact:
            yield from _by_shape(sentence)
        return
    catalogue = catalogue_of(tuple(services), tuple(aliases.items()))
    after = 0
    for index, word in enumerate(sentence.words):
        if index < after:
            continue
        if not exact and (short := _by_last_part(sentence, index, catalogue)):
            yield Found(EntityType.SERVICE, word.start, word.end, short)
            continue
        if len(word.text) > 1 and word.text[:2] not in catalogue.prefixes:
            continue
        if found := _named(sentence, index, catalogue, exact=exact):
            count, name = found
            after = index + count
            yield Found(EntityType.SERVICE, *sentence.span(index, count), name)
    if not exact:
        yield from _misspelt(sentence, catalogue)


def _named(sentence: Sentence, index: int, catalogue: Catalogue, *, exact: bool) -> tuple[int, str] | None:
    """The longest name that begins at this word: (number of words, service)."""
    for count in range(catalogue.longest, 0, -1):
        key = sentence.phrase(index, count, "")
        name = catalogue.name(key) if key else ""
        if not name:
            continue
        if (exact and catalogue.derived(key)) or _in_compound(sentence, index, count):
            continue
        if (
            count > 1
            and sentence.phrase(index, count) != key
            and len(_PARTS.findall(name)) == 1
            and meant_as_two_words(sentence, index, count)
        ):
            continue
        if count == 1 and not exact and (word_meant(sentence, index) or catalogue.everyday(key)):
            continue
        if count == 1 and catalogue.loose(key) and not stands_as_noun(sentence, index):
            continue
        if catalogue.derived(key) and sentence.word(index + count) in _PEOPLE:
            continue
        if count == 1 and sentence.word(index - 1) == "many":
            continue
        return count, name
    return None


def _by_last_part(sentence: Sentence, index: int, catalogue: Catalogue) -> str:
    """The service that is called by the last part of its name with an article before it: "the router"."""
    name = catalogue.by_last_part(sentence.word(index))
    if not name or catalogue.name(sentence.word(index)) or sentence.word(index - 1) not in _ARTICLES:
        return ""
    if _in_compound(sentence, index, 1) or sentence.word(index + 1) in _PARTS_OF_COMPONENTS:
        return ""
    return name


def _in_compound(sentence: Sentence, index: int, count: int) -> bool:
    """Whether a hyphen binds these words to others: "media-jobs" is no short form of media-worker, "checkout-e2e" not checkout."""
    start, end = sentence.span(index, count)
    folded = sentence.folded
    if folded[end : end + 1] in _BINDING and folded[end + 1 : end + 2].isalnum():
        return sentence.word(index + count) not in _BOUND_LOOSELY
    return folded[start - 1 : start] in _BINDING and folded[max(0, start - 2) : start - 1].isalnum()


def _misspelt(sentence: Sentence, catalogue: Catalogue) -> Iterator[Found]:
    """Of a name in several words one at least is no ordinary word."""
    for index, word in enumerate(sentence.words):
        if word.text in _TERMS or not word.text.isalpha() or _opens_path(sentence.folded, word.start):
            continue
        for first, count in ((index, 2), (index - 1, 2), (index, 1)):
            key = sentence.phrase(first, count, "") if first >= 0 else ""
            if key and not catalogue.name(key) and (name := _nearly(catalogue, key, joined=count > 1)):
                yield Found(EntityType.SERVICE, *sentence.span(first, count), name)
                break


def _opens_path(text: str, start: int) -> bool:
    """Whether it is the beginning of a path: "/flights" names no flight-status."""
    return text[start - 1 : start] == "/" and text[max(0, start - 2) : start - 1].strip() == ""


def _nearly(catalogue: Catalogue, key: str, *, joined: bool) -> str:
    return catalogue.misspelt(key, joined=joined) or ("" if joined else catalogue.abbreviated(key))


def _by_shape(sentence: Sentence) -> Iterator[Found]:
    for match in _SHAPED.finditer(sentence.folded):
        yield Found(EntityType.SERVICE, *match.span("name"), sentence.text[slice(*match.span("name"))])
    for pattern in _CALLED:
        for match in pattern.finditer(sentence.folded):
            name = match["name"]
            if name not in _WITHOUT_NAME and (name not in ORDINARY or name in USUAL):
                yield Found(EntityType.SERVICE, *match.span("name"), name)
    for index, word in enumerate(sentence.words):
        if word.text in USUAL and not word_meant(sentence, index):
            yield Found(EntityType.SERVICE, word.start, word.end, word.text)


def nearest(word: str, choices: Iterable[str], *, limit: int = 3, cutoff: float = 50.0) -> tuple[str, ...]:
    """The choices most like the word, best first."""
    from rapidfuzz import fuzz, process

    hits = process.extract(word.lower(), list(choices), scorer=fuzz.WRatio, limit=limit, score_cutoff=cutoff)
    return tuple(choice for choice, _, _ in hits)
