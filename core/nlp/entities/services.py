"""Services in a sentence: names of a catalogue as people write them, or, without one, what has the shape of a service's name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from core.nlp.entities.ordinary import ORDINARY
from core.nlp.entities.sentence import Found, Sentence, fold, words
from core.nlp.interpretation import EntityType

_SUFFIXES = ("service", "svc", "srv", "api", "app", "server", "backend", "ms")
_WORDS_OF_SERVICES = frozenset({"service", "svc", "srv"})
_PARTS = re.compile(r"[^\W_]+")

# Names that are verbs or everyday nouns as well: what stands beside them decides.
_AMBIGUOUS = words(
    "search notify ship shipping order orders report reports reporting schedule scheduler track tracking watch monitor monitoring deploy scale route match pay post log logs "
    "logging load build test tests run fetch sync index queue cache store mail email message messages messaging alert alerts alerting status health metrics events event time "
    "chat feed home web users user share shop support billing checkout auth config settings media data main core edge front back backend frontend app admin api gateway proxy worker "
    "workers jobs job identity profile session sessions session pricing catalog files images image video upload uploads download export import print rank ranking review reviews "
    "vote votes note notes tag tags stream streams task tasks token tokens trace traces update updates view views web site account accounts customer customers product products"
)
_VERBS = words(
    "search notify ship order report schedule track watch monitor deploy scale route match pay post log load build test run fetch sync index queue cache store mail email message alert "
    "share support import export print rank review vote note tag stream trace update view checkout feed upload download identity"
)
_OBJECTS = words(
    "for the my our this that all those these through any me us them it a an if when whether by everyone everybody every some him her what where why who how your their into up out "
    "out with nothing anything something only both each here there"
)
_MARKS_NOUN = words(
    "is are was were of in on from does did has had why hows how's for at via with against between vs versus than and or called named behind service restart restarting rollback scale "
    "ship deploy redeploy bounce kill stop start drain page hit hits hitting through into the inside s which make makes made check en de del auf im von bei ist sind was's"
)
_EVERYDAY = words(
    "time status health test tests log logs alert alerts metrics event events message messages user users customer customers data time job jobs task tasks trace traces token tokens "
    "deploy build run report reports update updates note notes tag tags order orders image images file files version main home back front product products app apps worker workers "
    "session sessions account accounts queue cache load view views review reviews settings config support share import export print match track watch schedule stream streams store "
    "email post mail chat edge core admin site"
)
_SEARCHED = words("logs log traces spans")
_BEHIND_NOUN = words(
    "is was are has keeps service svc api latency errors error logs cpu memory traffic throughput p99 p95 p90 p50 team down slow up went in on prod production staging got seems failing fails failed 500s 5xx "
    "response traces pods deploy rollback"
)
_RATHER_NOT = words(
    "time status health test tests log logs alert alerts metrics event events message messages data run deploy build version main home back load trace traces token tokens report reports "
    "update updates view track watch match edge app apps"
)
"""Without a preposition or the like beside them these stay what they are everywhere else."""
_PLAIN_BEFORE = words(
    "the a an some any all more many our my their new these those your this that per each every no other old few user"
)

_SHAPED = re.compile(
    r"(?<![\w./@#-])(?P<name>[a-z][a-z0-9]{1,30}(?:[-_][a-z0-9]{1,30}){0,4}[-_](?:service|svc|srv|api|gateway|worker|server|backend|frontend|proxy|processor|consumer|producer|engine|manager|"
    r"controller|scheduler|router|store|db|web|app|ui|gw|cache|queue))(?![\w/]|-\w|\.\w)"
)
_NAME = r"[a-z][a-z0-9]{2,30}(?:[-_][a-z0-9]{1,30}){0,4}"
_CALLED = (
    re.compile(rf"\b(?:service|svc|servicio|dienst) [\"'`]?(?P<name>{_NAME})\b"),
    re.compile(rf"(?<![\w./-])(?P<name>{_NAME})[\"'`]? (?:service|svc|servicio|dienst)\b"),
)
_USUAL = words(
    "checkout payments payment billing auth search inventory orders cart catalog shipping notifications recommendations gateway frontend login pricing identity ledger fulfillment invoicing "
    "invoices users accounts webhooks ingest ingestion scheduler mailer emailer reporting analytics profile profiles notification recommendation booking bookings subscription subscriptions "
    "fraud shipment audit router planner invoice account user order fulfilment delivery loyalty wallet fleet geo media messaging chat"
)
_ORDINARY = ORDINARY - _AMBIGUOUS - _USUAL
_WITHOUT_NAME = words(
    "the a this that which what each every any all some per by my our your their whole other same another one no is are was down level healthy health other status self same micro critical web "
    "customer internal external new old first and or of for in on with is unavailable mesh name names account discovery owner owners team error errors desk"
)


class Catalogue:
    """The ways in which the services of one list may be written, each leading to one name."""

    def __init__(self, services: Sequence[str], aliases: Mapping[str, str]) -> None:
        """`aliases`: other name → name. They win over what is derived from names."""
        names = {_key(service): service for service in services}
        self._exact = {**names, **{_key(alias): name for alias, name in aliases.items()}}
        self._keys = {**self._short_forms(services), **self._exact}
        self.longest = max((len(_PARTS.findall(name)) for name in [*services, *aliases]), default=0) + 2
        self._by_first: dict[str, list[str]] = {}
        for key in self._keys:
            if len(key) >= (_TYPO_LENGTH if key in self._exact else _DERIVED_TYPO_LENGTH):
                for first in {*key[:2]}:
                    self._by_first.setdefault(first, []).append(key)
        self.prefixes = frozenset(key[:3] for key in self._keys)

    def name(self, key: str) -> str:
        """The service that is written like this, without separators, or ""."""
        return self._keys.get(key, "")

    def derived(self, key: str) -> bool:
        """Whether this is only a short form."""
        return key not in self._exact

    def misspelt(self, word: str, *, joined: bool = False) -> str:
        """The service whose name this is with a typo or two, or ""; none where two are as near. `joined`: it was several words,
        so only a name of several will do."""
        candidates = self._by_first.get(word[:1], ())
        if len(word) < _TYPO_LENGTH or not candidates:
            return ""
        from rapidfuzz.distance import OSA

        allowed = 1 if len(word) < _TWO_TYPOS_LENGTH else 2
        near = []
        for key in candidates:
            if joined and len(_PARTS.findall(self._keys[key])) < 2:
                continue
            if abs(len(key) - len(word)) <= allowed and (key[0] == word[0] or key[:2] == word[1::-1]):
                distance = OSA.distance(word, key, score_cutoff=allowed)
                if distance <= allowed:
                    near.append((distance, key))
        near.sort()
        if not near or (
            len(near) > 1 and near[0][0] == near[1][0] and self._keys[near[0][1]] != self._keys[near[1][1]]
        ):
            return ""
        return self._keys[near[0][1]]

    @staticmethod
    def _short_forms(services: Sequence[str]) -> dict[str, str]:
        """Forms that one service alone can have; where a form would do for several, the one that changes the name least has it."""
        known: dict[str, str] = {}
        for forms_of in (_without_suffix, _with_suffix, _other_numbers, _first_parts):
            forms: dict[str, set[str]] = {}
            for service in services:
                for form in forms_of(_PARTS.findall(fold(service))):
                    forms.setdefault(form, set()).add(service)
            known = {**{form: next(iter(of)) for form, of in forms.items() if len(of) == 1}, **known}
        return known


_TYPO_LENGTH = 4
_DERIVED_TYPO_LENGTH = 6
_TWO_TYPOS_LENGTH = 8
_FIRST_PART_LENGTH = 4


def _without_suffix(parts: list[str]) -> Iterator[str]:
    """auth-service → auth. Forms have no separators, as keys have none."""
    if len(parts) > 1 and parts[-1] in _SUFFIXES and (len(parts) > 2 or parts[0] not in _ORDINARY):
        yield "".join(parts[:-1])


def _with_suffix(parts: list[str]) -> Iterator[str]:
    """checkout → checkoutservice, auth-svc → authservice."""
    stem = parts[:-1] if len(parts) > 1 and parts[-1] in _SUFFIXES else parts
    return (f"{''.join(stem)}{suffix}" for suffix in ("service", "svc", "srv", "api"))


def _other_numbers(parts: list[str]) -> Iterator[str]:
    """orders → order; ordinary words are left alone."""
    stems = {"".join(parts), *_without_suffix(parts)}
    others = {_other_number(stem) for stem in stems if len(stem) >= _FIRST_PART_LENGTH}
    yield from others - _ORDINARY


def _first_parts(parts: list[str]) -> Iterator[str]:
    """payment-gateway → payment, payments."""
    if len(parts) > 1 and len(parts[0]) >= _FIRST_PART_LENGTH and parts[0] not in _ORDINARY:
        yield parts[0]
        yield _other_number(parts[0])


def _other_number(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word[:-1] if word.endswith("s") else word + "s"


def _key(name: str) -> str:
    return "".join(_PARTS.findall(fold(name)))


@lru_cache(maxsize=64)
def _catalogue(services: tuple[str, ...], aliases: tuple[tuple[str, str], ...]) -> Catalogue:
    return Catalogue(services, dict(aliases))


_NO_ALIASES: Mapping[str, str] = MappingProxyType({})


def find(
    sentence: Sentence, services: Sequence[str], aliases: Mapping[str, str] = _NO_ALIASES, *, exact: bool = False
) -> Iterator[Found]:
    """Services; readings may overlap with those of other types. `exact`: names of the catalogue only as they are written there."""
    if not services and not aliases:
        if not exact:
            yield from _by_shape(sentence)
        return
    catalogue = _catalogue(tuple(services), tuple(aliases.items()))
    after = 0
    for index, word in enumerate(sentence.words):
        if index < after or word.text[:3] not in catalogue.prefixes:
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
        if exact and catalogue.derived(key):
            continue
        if count > 1 and sentence.phrase(index, count) != key and _two_words(sentence, index, count, name):
            continue
        if count == 1 and not exact and _other_meaning(sentence, index, derived=catalogue.derived(key)):
            continue
        return count, name
    return None


def _two_words(sentence: Sentence, index: int, count: int, name: str) -> bool:
    """ "check out the logs" is not the service checkout; "check out is slow" is."""
    if (
        len(_PARTS.findall(name)) > 1
        or " " not in sentence.folded[sentence.words[index].start : sentence.words[index + count - 1].end]
    ):
        return False
    if any(sentence.word(place) in _WORDS_OF_SERVICES for place in range(index + 1, index + count)):
        return False
    before, behind = sentence.word(index - 1), sentence.word(index + count)
    return behind in _OBJECTS or not (before in _MARKS_NOUN or behind in _BEHIND_NOUN)


def _other_meaning(sentence: Sentence, index: int, *, derived: bool) -> bool:
    """Whether a word that names a service is meant as the verb or the everyday noun that it also is."""
    word, before, behind = sentence.word(index), sentence.word(index - 1), sentence.word(index + 1)
    if word not in _AMBIGUOUS and word not in _VERBS:
        return derived and word in _ORDINARY
    noun = before in _MARKS_NOUN
    if word in _VERBS and behind in _OBJECTS and not (noun and behind not in ("for", "through", "by")):
        return True
    if (
        word in _VERBS
        and (before in ("to", "please", "you", "can", "could", "let", "lets", "and", "i", "we") and not noun)
        and behind not in ("", "is", "in", "on")
    ):
        return True
    if word in _VERBS and index == 0 and behind in _SEARCHED:
        return True
    if word in _EVERYDAY and behind not in _WORDS_OF_SERVICES:
        return before in _PLAIN_BEFORE or (
            not noun and behind not in ("is", "in", "on", "latency", "errors", "p99", "p95", "cpu", "memory")
        )
    return False


def _misspelt(sentence: Sentence, catalogue: Catalogue) -> Iterator[Found]:
    """Of a name in several words one at least is no ordinary word."""
    for index, word in enumerate(sentence.words):
        if word.text in ORDINARY or not word.text.isalpha():
            continue
        for first, count in ((index, 2), (index - 1, 2), (index, 1)):
            key = sentence.phrase(first, count, "") if first >= 0 else ""
            if key and not catalogue.name(key) and (name := catalogue.misspelt(key, joined=count > 1)):
                yield Found(EntityType.SERVICE, *sentence.span(first, count), name)
                break


def _by_shape(sentence: Sentence) -> Iterator[Found]:
    for match in _SHAPED.finditer(sentence.folded):
        yield Found(EntityType.SERVICE, *match.span("name"), sentence.text[slice(*match.span("name"))])
    for pattern in _CALLED:
        for match in pattern.finditer(sentence.folded):
            name = match["name"]
            if name not in _WITHOUT_NAME and (name not in ORDINARY or name in _USUAL):
                yield Found(EntityType.SERVICE, *match.span("name"), name)
    for index, word in enumerate(sentence.words):
        if word.text in _USUAL and not _other_meaning(sentence, index, derived=False):
            yield Found(EntityType.SERVICE, word.start, word.end, word.text)


def nearest(word: str, choices: Iterable[str], *, limit: int = 3, cutoff: float = 50.0) -> tuple[str, ...]:
    """The choices most like the word, best first."""
    from rapidfuzz import fuzz, process

    hits = process.extract(word.lower(), list(choices), scorer=fuzz.WRatio, limit=limit, score_cutoff=cutoff)
    return tuple(choice for choice, _, _ in hits)
