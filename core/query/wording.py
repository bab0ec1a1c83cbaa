"""What a sentence says besides its entities: quoted text, what is negated, how it is grouped and cut, whether it counts.

All positions are those of the question's text; every pattern is linear in its length.
"""

import bisect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.nlp.interpretation import Entity, EntityType
from core.query.corrections import standing
from core.query.translation import Question

BLANK = "\0"
"""Stands in `Wording.rest` for each character that is accounted for."""
DEFAULT_TOP = 10
GRAMMAR = frozenset(
    [
        "with",
        "having",
        "of",
        "than",
        "is",
        "are",
        "that",
        "and",
        "but",
        "or",
        "not",
        "over",
        "by",
        "took",
        "from",
        "in",
        "on",
        "for",
        "at",
        "where",
        "when",
        "if",
        "as",
    ]
)
"""Words before a sign of comparison that name no field: "traces with > 100 spans"."""

_QUOTED = re.compile(
    r"\"([^\"\n]{1,300})\"|`([^`\n]{1,300})`|“([^“”\n]{1,300})”|„([^“”\n]{1,300})[“”]|(?<!\w)'([^'\n]{1,300})'(?!\w)"
)
_NEGATION = re.compile(
    r"\b(?:not interested in|no interest in|without|w/o(?:ut)?(?!\w)|except(?:ing)?(?: for)?|exclud(?:e|es|ing)|exc?l\.?|ignor(?:e|es|ing)|other than|apart from|aside from|outside(?: of)?|besides|minus|neither|nor"
    r"|not(?! found\b| allowed\b| authori[sz]ed\b| permitted\b| responding\b| reachable\b| ready\b| only\b| null\b)"
    r"|no(?= (?!of\b|such\b|space\b|route\b|longer\b|more\b|less\b|response\b))|(?:do|does|did|is|are|was|were|has|have)n['’]?t|never|nothing(?! but\b)|non(?=[- ])"
    r"|(?:filter(?:ing)?|leav(?:e|ing)|weed|throw|cut|tak(?:e|ing))(?: out|(?=(?: [\w\"'-]{1,30}){1,4} out\b))|skip(?:ping)?|hid(?:e|ing)|omit(?:ting)?"
    r"|(?:drop|strip|discard|remove|suppress|get rid of|kill|ditch|mute|lose|nix|scrap)(?= (?:the|any|all|ones|lines|those|everything|anything|stuff|debug|info|health|/\w|[\"']))"
    r"|(?:every|any|all|each)(?:thing|one|where)?(?: \w{1,20}){0,2} but(?! not\b)|(?:every|any|all)(?:thing)?(?: \w{1,20}){3} but(?= (?:service|host|region|the|env|namespace|pod)\b)|grep -v\w?|ohne|au(?:ss|ß)er|nicht|kein(?:e[nmrs]?)?|sin|excepto|(?<!al )menos|salvo|sans|sauf)(?!\w)",
    re.IGNORECASE,
)
_NEGATION_ENDS = re.compile(
    r"[;?!.](?=\s|$)|,(?=\s|$)(?!\s[\w./\"'-]{1,40}(?:, [\w./\"'-]{1,40}){0,4},? (?:or|and|nor)\b)"
    r"|\b(?:pls|plz|please|bitte|porfa|por favor):(?=\s)|\b(?:in|from|on|over|during|since|for|by|per|last|past|today|yesterday|between|within|of|but|only|show|und(?! (?:debug|info|warn|trace|fehler)\w*\b)|aber|de|en|where|whose|having|with|containing|mentioning|saying|taking|slower|longer)\b",
    re.IGNORECASE,
)
_BEFORE = 20
"""Characters that are looked at before a name."""
_BEFORE_SERVICE = re.compile(
    r"\b(?:of|from|for|in|to|by|through|via|on|at|into|between|and|or|calls?|service|involv(?:es?|ing)|hits?|hitting|touch(?:es|ing)?|reach(?:es|ing)?|except|but|excluding|not|nor|neither|either|both|parent|child)$",
    re.IGNORECASE,
)
_BEHIND_SERVICE = re.compile(
    r"['’]?s? (?:logs?|traces?|spans?|service|lines?|errors?|warnings?|fatals?|timeouts?|exceptions?|panics?|deadlocks?|failures?|requests?|calls?|json|logfmt|access logs?|prod|production|staging|where|w/|without|failing|slower|taking|GET|POST|PUT|PATCH|DELETE)\b"
    r"|\s?(?:-+>|→|>+\s|:\s)",
    re.IGNORECASE,
)
_MEASURES = re.compile(
    r" (?:p\d{2,3}|latenc(?:y|ies)|response times?|error (?:rate|ratio|%)|errors?|5xx|4xx|rps|qps|request rates?|requests?|traffic|throughput|cpu|mem(?:ory)?|ram|availability|uptime|logs?|traces?|spans?)\b",
    re.IGNORECASE,
)
"""Behind a name with a lost apostrophe: "carts p95"."""
_HOW_MANY = ("how many", "number of", "cuantos", "cuántos", "cuantas", "cuántas", "wie viele")
_RUN = re.compile(
    r" (?:\w+ ){0,2}(?:up|down|running|alive|healthy|unhealthy|dead|ready|replicas|instances|pods|arriba|laufen|vivos|corriendo|levantados)\b",
    re.IGNORECASE,
)
"""Behind the plural of a service in "how many transcoders are up"."""
_ENVIRONMENTS = {
    "dev": "development",
    "qa": "qa",
    "uat": "uat",
    "perf": "perf",
    "preprod": "preprod",
    "sandbox": "sandbox",
    "live": "production",
}
"""Those whose words may mean something else, or somebody."""
_ENVIRONMENT = re.compile(
    r"(?:\b(?:without|except|excluding|not|but|only|in|on|for|and|or|vs|versus|from|than|minus) |(?=dev (?:p\d\d|latency|error|errors|rps|cpu|mem|memory|logs|traces)\b)|, |(?<!\ba )(?<!the )(?<!our )(?=dev\W{0,3}\Z))"
    r"\b(dev|qa|uat|perf|preprod|sandbox|live(?= only\b|\W{0,3}\Z))\b(?![\w/-])",
    re.IGNORECASE,
)
_UNIT_OF = re.compile(r"[<>]=?[0-9.]+(ns|us|ms|s|m|h)")
_BARE_LIMIT = re.compile(r"[<>]=?[0-9.]+")
_JOINT_LIMIT = re.compile(r"\s?,?\s?(?:and|but|und|y)\s", re.IGNORECASE)
_AT_OR = re.compile(r"\b(?:at|equal to|equals) or \Z", re.IGNORECASE)
_SEARCHED_FOR = re.compile(r"\s+(?:the |all |our )?(?:logs?|traces?|spans?)\s+for\b", re.IGNORECASE)
_UNITS = {
    "ms": "ms",
    "millisecond": "ms",
    "s": "s",
    "sec": "s",
    "second": "s",
    "m": "m",
    "min": "m",
    "minute": "m",
    "h": "h",
    "hour": "h",
}
_UNIT = rf"({'|'.join(sorted(_UNITS, key=len, reverse=True))})s?"
_AMOUNT = r"(\d{1,9}(?:\.\d{1,9})?)"
_BETWEEN = re.compile(
    rf"(?:\b(?:between|btwn?|betw|from|zwischen|entre)\s+{_AMOUNT}\s?(?:{_UNIT})?\s+(?:and|to|und|bis|y)\s+|(?<![\w.-]){_AMOUNT}\s?(?:{_UNIT})?(?:\s(?:to|bis)\s|\s?[-–]\s?)){_AMOUNT}\s?{_UNIT}\b",
    re.IGNORECASE,
)
_PLURAL_BEFORE = re.compile(r"\b(?:namespaces|which namespace) [\w-]*\Z", re.IGNORECASE)
_ID_BEHIND = re.compile(
    r"\s?(?:ids?|number|no\.?)?\s?[:#=]?\s?#?(?=[\w-]{0,40}\d)[\w-]{3,40}(?<!\d[smhd])(?![\w/.])", re.IGNORECASE
)
_JOINT = r"(?:\s*(?:,|/|&|\+|and|then|x)\s*(?:by\s+|per\s+|each\s+)?)"
_EXCLUDED = re.compile(r"\b(?:excluded|aside|filtered out|left out|omitted|removed|ignored)\b", re.IGNORECASE)
_NEGATION_OPENS = re.compile(
    r"(?:\s|\b(?:los|las|el|la|lo|de|del|die|der|den|das|von|aus|todos|todo|in|from|on|for|the|of|by|any|to|with|having|containing|mentioning|saying|where|whose|taking|show(?: me)?|anything|everything|those|ones?|lines?|logs?|spans?|traces?|entries|stuff|that|which|are|is|noise|spam|chatter|junk|caused|coming)\b)*",
    re.IGNORECASE,
)
_WORD_BEHIND = re.compile(r"[ -][\w.]*")
NUMBER_WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twenty": 20,
}
_NUMBER = rf"(\d{{1,3}}|{'|'.join(NUMBER_WORDS)})"
_SUPERLATIVE = re.compile(
    r"most|least|top|worst|(?:noisi|busi|loud|quiet|bigg|larg|chatti|heavi|slow|spammi|high|low)est", re.IGNORECASE
)
"""What names no namespace: "the noisiest namespace"."""
_SUPERLATIVES = r"most|highest|noisiest|busiest|slowest|worst|biggest|largest|loudest|longest|heaviest|chattiest|top|latest|newest|oldest|recent|last"
_TOP = re.compile(rf"\b(?:top|first|worst|slowest|busiest|noisiest|biggest)[\s-]{{1,3}}{_NUMBER}\b", re.IGNORECASE)
_NUMBERED = re.compile(rf"\b{_NUMBER} (?:{_SUPERLATIVES})\b", re.IGNORECASE)
_MOST = re.compile(
    r"\b(?:top|most(?! recent| of the time| first)|highest|noisiest|busiest|worst|biggest|largest|loudest|heaviest|chattiest)\b",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"\b(?:which|what) \w{0,30}[^s\W]\s", re.IGNORECASE)
_COUNT = re.compile(
    r"\b(?:how (?:many|mnay|manny|mny)|how often|how much|number of|nr\.? of|num of|no\. of|anzahl(?: der)?|n[uú]mero de|amount of|counts?|counting|count up|tally|(?<!in )totals?|wie viele|wie oft|cu[aá]nt[oa]s|(?:just|only|simply|need|want|give me|tell me|get me) (?:me )?(?:the|a|one|that) (?:single )?(?:number|figure)(?= *(?:[,.:;!?]|$|pls\b|please\b|is\b|will\b|for\b))|(?:number|figure) only|nur die (?:zahl|anzahl)|s[oó]lo el n[uú]mero)\b|#\s?of\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of the text that means `text`."""

    text: str
    start: int
    end: int


class Wording:
    """A question read once; what asks it takes parts of the text away, so that nothing is read twice."""

    def __init__(self, question: Question, *, ignore: Iterable[EntityType] = ()) -> None:
        """`ignore`: types whose words this language reads itself."""
        self.question = question
        self.text = question.text
        self.quotes = tuple(
            Phrase(next(filter(None, match.groups())), *match.span()) for match in _QUOTED.finditer(self.text)
        )
        self._marks = bytearray(len(self.text))
        self._rest: str | None = None
        self._claims = bytearray(len(self.text))
        for quote in self.quotes:
            self.take(quote.start, quote.end)
        ignored = frozenset(ignore)
        found = (
            _inclusive(self.text, entity)
            for entity in standing(self.text, sorted((*question.entities, *_overlooked(question)), key=_place))
            if entity.type not in ignored and not self.taken(entity.start, entity.end) and not _is_id(self.text, entity)
        )
        self.entities = tuple(_with_units(self.text, found))
        for entity in self.entities:
            self.take(entity.start, entity.end)
        self._negative = bytearray(len(self.text))
        self._clauses: list[tuple[int, int]] = []
        self._negate()

    @property
    def plain(self) -> str:
        """The text with `BLANK` for services, of the same length: their names may be words, as of `ingest` and `rate-limiter`."""
        made = list(self.text)
        for entity in self.named(EntityType.SERVICE):
            made[entity.start : entity.end] = BLANK * (entity.end - entity.start)
        return "".join(made)

    @property
    def rest(self) -> str:
        """The text with `BLANK` for what was taken, of the same length."""
        if self._rest is None:
            marked = zip(self._marks, self.text, strict=True)
            self._rest = "".join(BLANK if mark else character for mark, character in marked)
        return self._rest

    def take(self, start: int, end: int) -> None:
        """This part is accounted for."""
        self._rest = None
        self._marks[start:end] = b"\1" * (min(end, len(self.text)) - start)

    def claim(self, start: int, end: int) -> None:
        """This part is accounted for, and what was found in it means something else."""
        self.take(start, end)
        self._claims[start:end] = b"\1" * (min(end, len(self.text)) - start)
        if any(one.start < end and start < one.end for one in self.entities):
            self.entities = tuple(one for one in self.entities if one.end <= start or one.start >= end)
        if any(one.start < end and start < one.end for one in self.quotes):
            self.quotes = tuple(one for one in self.quotes if one.end <= start or one.start >= end)

    def release(self, entity: Entity) -> None:
        """What was taken for this is no more than words."""
        self.entities = tuple(one for one in self.entities if one is not entity)
        self._rest = None
        self._marks[entity.start : entity.end] = bytes(entity.end - entity.start)

    def taken(self, start: int, end: int) -> bool:
        """Whether a character of this part is accounted for."""
        return self._marks.find(1, start, end) >= 0

    def claimed(self, start: int, end: int) -> bool:
        """Whether a character of this part was claimed."""
        return self._claims.find(1, start, end) >= 0

    def find(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Matches in what is left of the text; each one is taken as it is given."""
        for match in pattern.finditer(self.rest):
            if not self.taken(*match.span()):
                self.take(*match.span())
                yield match

    def negated(self, start: int) -> bool:
        """Whether this place is excluded: "except …", "without …", "not containing …"."""
        return bool(self._negative[start])

    def exclusions(self) -> tuple[tuple[int, int], ...]:
        """The parts of the text that are excluded, each up to the end of its clause."""
        return tuple(self._clauses)

    def affirm(self, start: int, end: int = -1) -> None:
        """What follows here is not excluded, though a negation stands before it. `end`: up to there; -1: up to the end of the clause."""
        end = end if end >= 0 else self._negative.find(0, start)
        self._negative[start : end if end >= 0 else None] = bytes((end if end >= 0 else len(self.text)) - start)

    def named(self, kind: EntityType) -> tuple[Entity, ...]:
        """Entities of this type outside of quotes."""
        return tuple(entity for entity in self.entities if entity.type is kind)

    def values(self, kind: EntityType, *, negated: bool = False) -> tuple[str, ...]:
        """Their normal forms without repeats: those that are wanted, or those that are excluded."""
        return tuple(dict.fromkeys(e.value for e in self.named(kind) if self.negated(e.start) is negated))

    def between(self) -> tuple[str, str] | None:
        """The least and the most of "between 200ms and 1s", as durations; they are taken."""
        for match in self.find(_BETWEEN):
            low, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
            high = _UNITS[match[6].lower()]
            return low + (_UNITS[unit.lower()] if unit else high), match[5] + high
        return None

    def counts(self) -> bool:
        """Whether a number of things is asked for."""
        return bool(_COUNT.search(self.rest))

    def top(self) -> int:
        """How many of the largest are wanted: 5 of "top 5", 1 of "which pod … the most", else `DEFAULT_TOP`; 0 where all are."""
        text = self.plain
        if found := _TOP.search(text) or _NUMBERED.search(text):
            return NUMBER_WORDS.get(found[1].lower()) or int(found[1])
        if not _MOST.search(text):
            return 0
        return 1 if _SINGLE.search(text) else DEFAULT_TOP

    def affirm_all(self) -> None:
        """Nothing is excluded: "no logs from auth" asks for those of auth."""
        self._negative = bytearray(len(self.text))
        self._clauses = []

    def _negate(self) -> None:
        """Mark what follows a negation up to the end of its clause, and what stands before "excluded"."""
        ends = [match.span() for match in _NEGATION_ENDS.finditer(self.text) if not self.taken(*match.span())]
        starts, stops = [start for start, _ in ends], [stop for _, stop in ends]
        for match in _NEGATION.finditer(self.text):
            if self.taken(*match.span()) or self._negative[match.start()]:
                continue
            opening = _NEGATION_OPENS.match(
                self.text, match.end()
            )  # "except in staging": what would end it comes first
            if match[0].lower() == "non":  # "non-200 spans": only the word that is joined to it
                word = _WORD_BEHIND.match(self.text, match.end())
                self._mark(match.end(), word.end() if word else match.end())
                continue
            begin = opening.end() if opening else match.end()
            after = bisect.bisect_left(starts, begin + 1)
            self._mark(match.end(), starts[after] if after < len(starts) else len(self.text))
        for match in _EXCLUDED.finditer(self.text):
            before = bisect.bisect_right(stops, match.start()) - 1
            self._mark(stops[before] if before >= 0 else 0, match.start())

    def _mark(self, start: int, end: int) -> None:
        self._negative[start:end] = b"\1" * max(end - start, 0)
        self._clauses.append((start, end))


def _overlooked(question: Question) -> Iterator[Entity]:
    """Services whose names are ordinary words ("of checkout", "checkout logs") or lost an apostrophe ("carts p95"), and the
    environments whose words may mean something else."""
    found = bytearray(len(question.text))
    for entity in question.entities:
        found[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
    names = {service.lower(): service for service in question.services}
    for match in _ENVIRONMENT.finditer(question.text):
        if match[1].lower() not in names and found.find(1, *match.span(1)) < 0:
            yield Entity(EntityType.ENVIRONMENT, match[1], _ENVIRONMENTS[match[1].lower()], *match.span(1))
    if not names:
        return
    word = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    for match in re.finditer(rf"(?<![\w/.-])({word})(s?)(?![\w/-]|\.\w)", question.text, re.IGNORECASE):
        before = question.text[max(0, match.start() - _BEFORE) : match.start()].rstrip()
        if found.find(1, *match.span()) >= 0:
            continue
        name = names[match[1].lower()]
        if match[2]:
            counted = before.lower().endswith(_HOW_MANY) and _RUN.match(question.text, match.end())
            if counted or _MEASURES.match(question.text, match.end()):
                yield Entity(EntityType.SERVICE, match[0], name, *match.span())
            continue
        # At the beginning "search" is an order where it says for what, or where another service is named.
        order = not before and match[0].lower() == "search"
        order = order and bool(_SEARCHED_FOR.match(question.text, match.end()) or question.values(EntityType.SERVICE))
        if _BEFORE_SERVICE.search(before) or (not order and _BEHIND_SERVICE.match(question.text, match.end())):
            yield Entity(EntityType.SERVICE, match[0], name, *match.span())


def _place(entity: Entity) -> int:
    return entity.start


def _inclusive(text: str, entity: Entity) -> Entity:
    """ "At or above 400" begins with 400."""
    open_ended = entity.type is EntityType.THRESHOLD and entity.value[:1] in "<>" and entity.value[1:2] != "="
    if open_ended and _AT_OR.search(text, max(0, entity.start - _BEFORE), entity.start):
        return replace(entity, value=f"{entity.value[0]}={entity.value[1:]}")
    return entity


def _with_units(text: str, entities: Iterable[Entity]) -> Iterator[Entity]:
    """ "More than 2 seconds and less than 4": the second limit has the unit of the first."""
    before: Entity | None = None
    for entity in entities:
        unit = _UNIT_OF.fullmatch(before.value) if before else None
        if before and unit and entity.type is EntityType.THRESHOLD and _BARE_LIMIT.fullmatch(entity.value):
            joint = _JOINT_LIMIT.fullmatch(text, before.end, entity.start)
            entity = replace(entity, value=entity.value + unit[1]) if joint else entity
        before = entity if entity.type is EntityType.THRESHOLD else None
        yield entity


def _is_id(text: str, entity: Entity) -> bool:
    """ "order 88213" is no misspelt service "orders", and "which namespaces logged" names none."""
    if entity.type is EntityType.NAMESPACE:
        return bool(_SUPERLATIVE.fullmatch(entity.value)) or bool(
            _PLURAL_BEFORE.search(text, max(0, entity.start - _BEFORE), entity.end)
        )
    return (
        entity.type is EntityType.SERVICE
        and entity.text.lower() not in (entity.value.lower(), f"{entity.value.lower()}s")
        and bool(_ID_BEHIND.match(text, entity.end))
    )


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as a sentence."""
    return frozenset(text.split())


def dimension_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Finds "by pod", "per service and region", "for each endpoint", "which pods": group 1 names one or several of `words`."""
    word = rf"(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})"
    several = rf"{word}(?:{_JOINT}{word}){{0,4}}"
    return re.compile(
        rf"\b(?:(?:group(?:ed|ing)?|split|broken down|break down|breakdown|bucket(?:ed)?)[ -](?:it |them )?(?:up )?by|by|per|for each|for every|(?<!in )(?<!across )(?<!from )(?:each|every)"
        rf"|pro|por|je|nach|vs\.?|versus|(?<!matter )(?<!matters )(?:which|what)(?! calls? (?:the )?\0)|top(?: \w+)?|noisiest|busiest|worst|chattiest|liveliest|{_NUMBER[1:-1]})\s+(?:the |different |distinct |individual )?({several})\b(?! (?:runs?|ids?|names?|but|except|other than|first|on top|at the top)\b)",
        re.IGNORECASE,
    )
