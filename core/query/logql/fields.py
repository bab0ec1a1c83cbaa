"""What a sentence says of the fields of lines: levels, statuses, durations, and any field whose form people name."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.logql.kinds import KINDS, LEVELS
from core.query.logql.model import Compare, CompareOp, Condition, Either, Every, Matcher, MatchOp, Quantity
from core.query.patterns import escaped, is_pattern
from core.query.relations import Relation, relations
from core.query.statuses import between, codes
from core.query.wording import GRAMMAR, Wording, word_set

STREAM_FIELDS = frozenset(
    {*LABELS.values(), "app", "cluster", "container", "filename", "job", "node", "pod", "stream"}
) - {
    LABELS[EntityType.ENDPOINT],
    LABELS[EntityType.HTTP_STATUS],
}
"""Labels that stand on streams by convention; all others come from the line."""

_PAIR = re.compile(
    r"(?<![\w.])([A-Za-z_][A-Za-z0-9_.]{0,60})\s?(!=|>=|<=|==|=|>|<)\s?(\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|[^\s,;=<>\"']{1,200})"
)
_VALUE = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|[KMG]i?B|B)?")
_LEVEL_NAMES = {
    "warning": "warn",
    "warnings": "warn",
    "errors": "error",
    "err": "error",
    "crit": "critical",
    "information": "info",
}
_LEVEL = rf"(?:{'|'.join([*LEVELS, *_LEVEL_NAMES])})"
_LEVEL_LIST = rf"({_LEVEL}(?:(?:,? or |,? and |/|, ?){_LEVEL}){{0,5}})"
_LEVEL_SAID = re.compile(
    rf"\b(?:log[ -]?)?(?:level|severity|lvl)s?\s?(?:is|are|of|=|:|==|at|not|isn['’]?t|is not|either)?\s?{_LEVEL_LIST}\b|\b{_LEVEL_LIST}[ -](?:log[ -]?)?(?:level|severity|lvl)s?\b",
    re.IGNORECASE,
)
_ONE_LEVEL = re.compile(_LEVEL, re.IGNORECASE)
_ABOVE = re.compile(
    rf"\b(?:at least )?({_LEVEL})(?:[ -]level)?(?: logs?| lines?)?(?:\+|(?: or| and) (?:above|higher|worse|up|more severe|greater)\b)|(?:\bat least|\b(?:level|severity)\s?>=)\s?({_LEVEL})\b",
    re.IGNORECASE,
)
_METHOD = re.compile(r"\b(method(?: is)?[ =]+)?(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b")
_FIELD_BEFORE = re.compile(
    r"\b(?:(status(?: code)?|size|bytes|[a-z]{1,30}(?:_[a-z0-9]{1,30}){1,5})|where (?:the )?([a-z]\w{1,30})|([a-z]\w{1,30})) (?:(?:is|are|was|field) )?\Z",
    re.IGNORECASE,
)
_PATH_BEFORE = re.compile(
    r"\b(?:path|endpoint|route|uri|url)s?(?: (?:is|was|of|=|not|isn['’]?t|equals|other|than)){0,3} \Z", re.IGNORECASE
)
_FROM_TO: tuple[CompareOp, CompareOp] = (">=", "<=")
_FIELD_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|[KMG]i?B|B)?)")
_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?)(ns|us|ms|s|m|h|B|KB|MB|GB|KiB|MiB|GiB)")
_BARE_STATUS = re.compile(r"(?<![\w.])([1-5][0-9][0-9])['’]?s\b")
_WHERE = re.compile(r"\b(?:where|whose|field|when|and the|with the)\s(?:the\s)?\Z", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:[,;]|\b(?:and|und|y|with|where|for))\s+(?:the )?(tenant|merchant|org|customer|account|user|currency|country|plan|provider|channel|queue|topic|partition|device|platform|action|event|reason|type|result|outcome|state)\s+"
    r"(?!ids?\b|names?\b|and\b|or\b|in\b|on\b|of\b|for\b|from\b|with\b|is\b|isn|was\b|not\b|that\b|has\b|ha[sd]\b)([A-Za-z][\w.-]{1,40})(?=\s*(?:[,;.?!]|$|(?:and|in|from|over|last|past|since|per|by)\b))",
    re.IGNORECASE,
)
"""Fields among others, each with its value behind it: "json, level error, tenant acme"."""
_NAMED_FIELD = re.compile(
    r"[,(]?\s*\b(?:the )?field(?: name)?(?: is|['’]s|:)(?: called| named)? ([A-Za-z_][\w.]{1,40})\)?", re.IGNORECASE
)
_STUFF = word_set("stuff lines line noise ones messages entries things spam junk logs")
"""What is no value behind a sign."""
_PLACES = word_set("pod container cluster job node app")
_NO_FIELDS = word_set(
    "level lvl severity status code service services env environment namespace region host version log logs line lines entry entries message messages that which who it there this these those they he "
    "what and or but not error errors warning warnings anything everything something nothing each every one ones time times json logfmt format written formatted is are was were do does did have has "
    "field fields key keys attribute label request requests response duration latency took takes taking size only just also in on at of from by with without where whose when text word string phrase case casing rate count number total "
    "more less over under above below least most slower faster longer larger bigger than the a an"
)
_BEFORE = 60
"""Characters before a limit in which its field stands."""


def said_first(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    """Fields that are named, before anything else reads a number or a name in what is said of them."""
    yield from _pairs(wording)
    yield from _field_limits(wording, parsed=parsed)
    yield from _paths(wording, parsed=parsed)
    if parsed:
        yield from _listed(wording)
    yield from _related(wording, parsed=parsed)


def _pairs(wording: Wording) -> Iterator[Condition]:
    """Fields as they are written: `level=error`, `user_id = 42`."""
    for match in _PAIR.finditer(wording.text):
        label, op, value = match[1].replace(".", "_"), match[2], match[3].strip("\"'").rstrip(".?!")
        quoted = any(quote.start < match.start() < quote.end for quote in wording.quotes)
        if not value or quoted or wording.claimed(*match.span()) or label.lower() in GRAMMAR:
            continue
        if match[0][: match.start(3) - match.start()].endswith(" ") and value.lower() in _STUFF:
            continue  # "the noisy frame= stuff"
        if op == ">=" and level(value) in LEVELS:
            continue  # read as "warn or worse"
        if label == LABELS[EntityType.SERVICE] and wording.named(EntityType.SERVICE):
            continue
        wording.claim(*match.span())
        negative = wording.negated(match.start()) != (op == "!=")
        number = _VALUE.fullmatch(value) and (op not in ("=", "==", "!=") or label in ("status", "duration"))
        if number and label not in STREAM_FIELDS:
            yield Compare(label, _opposite(op) if wording.negated(match.start()) else _plain(op), Quantity(value))
        else:
            yield Matcher(label, "!=" if negative else "=", value)


def _field_limits(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    """ "Where status is at least 500": the field stands before its limit."""
    for entity in wording.named(EntityType.THRESHOLD):
        name = _FIELD_BEFORE.search(wording.text, max(0, entity.start - _BEFORE), entity.start)
        limit = _FIELD_LIMIT.fullmatch(entity.value)
        if name is None or limit is None:
            continue
        label = next(filter(None, name.groups())).lower()
        if name[3] and (not parsed or label in _NO_FIELDS or wording.taken(*name.span(3))):
            continue
        wording.claim(name.start(), entity.end)
        yield Compare("status" if label.startswith("status") else label, _plain(limit[1]), Quantity(limit[2]))


def _paths(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    """ "With path /login" is a field where lines are known to have fields; else the text of the line says it."""
    label = LABELS[EntityType.ENDPOINT]
    for entity in wording.named(EntityType.ENDPOINT):
        if parsed and (name := _PATH_BEFORE.search(wording.text, max(0, entity.start - _BEFORE), entity.start)):
            wording.claim(name.start(), entity.end)
            yield Matcher(label, "!=" if wording.negated(entity.start) else "=", entity.value)


def _listed(wording: Wording) -> Iterator[Condition]:
    for match in _LISTED.finditer(wording.rest):
        if not wording.taken(*match.span(2)) and match[2].lower() not in _NO_FIELDS:
            wording.claim(*match.span())
            yield Matcher(match[1].lower(), "!=" if wording.negated(match.start(1)) else "=", match[2])


def named_field(wording: Wording) -> str:
    """ "The field is duration_ms": what a limit is about; "" where nobody says so."""
    match = _NAMED_FIELD.search(wording.text)
    if match is None or wording.claimed(*match.span()) or not wording.named(EntityType.THRESHOLD):
        return ""
    wording.claim(*match.span())
    return match[1].replace(".", "_")


def _related(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    """ "Caller isn't cache.go": any field, where lines are known to have fields or "where" says so."""

    def known(field: str, before: str) -> bool:
        name = field.lower()
        if name in _PLACES or name == "method" or "_" in name:
            return True
        return name not in _NO_FIELDS and name not in KINDS and (parsed or bool(_WHERE.search(before)))

    for said in relations(wording, known):
        yield _relation(said)


def _relation(said: Relation) -> Condition:
    label = re.sub(r"[ .]", "_", said.field)
    if label.lower() in _PLACES or " " in said.field:
        label = label.lower()
    if said.relating == "=":
        return one_of(label, said.values, negative=said.negative)
    forms = {"contains": ".*{}.*", "starts": "{}.*", "ends": ".*{}", "=~": "{}"}
    parts = (value if said.relating == "=~" and is_pattern(value) else escaped(value) for value in said.values)
    return Matcher(
        label, "!~" if said.negative else "=~", "|".join(forms[said.relating].replace("{}", part) for part in parts)
    )


def levels(wording: Wording) -> Iterator[Condition]:
    """ "Level error", "warn or error level"."""
    said: dict[bool, list[str]] = {False: [], True: []}
    for match in wording.find(_LEVEL_SAID):
        negative = wording.negated(match.start()) or wording.negated(match.end() - 1)
        said[negative] += (level(one) for one in _ONE_LEVEL.findall(match[1] or match[2]))
    for negative, named in said.items():
        if named:
            yield one_of("level", tuple(dict.fromkeys(named)), negative=negative)


def worse(wording: Wording) -> Iterator[tuple[str, ...]]:
    """The levels of "warn or worse"."""
    for match in wording.find(_ABOVE):
        yield LEVELS[LEVELS.index(level(match[1] or match[2])) :]


def level(word: str) -> str:
    """The name of the level that is said so."""
    return _LEVEL_NAMES.get(word.lower(), word.lower())


def methods(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    """ "Method POST" is a field, and so is a bare POST where lines are known to have fields; several are alternatives."""
    said: dict[bool, list[str]] = {False: [], True: []}
    for match in _METHOD.finditer(wording.rest):
        if (match[1] or parsed) and not wording.taken(*match.span()):
            wording.take(*match.span())
            said[wording.negated(match.start(2))].append(match[2])
    for negative, named in said.items():
        if named:
            yield one_of("method", tuple(dict.fromkeys(named)), negative=negative)


def statuses(wording: Wording) -> Iterator[Condition]:
    """ "5xx", "404 or 403", "status isn't 200", "status 500 to 504"."""
    if ends := between(wording):
        yield from (Compare("status", op, Quantity(code)) for op, code in zip(_FROM_TO, ends, strict=True))
    said = codes(wording)
    bare = list(wording.find(_BARE_STATUS))
    for negative in (False, True):
        values = [code.value for code in said if code.negative is negative]
        values += (match[1] for match in bare if wording.negated(match.start()) is negative)
        parts = [_status(value, negative=negative) for value in dict.fromkeys(values)]
        if len(parts) == 1:
            yield parts[0]
        elif parts:
            yield Every(tuple(parts)) if negative else Either(tuple(parts))


def _status(value: str, *, negative: bool) -> Condition:
    label, code = LABELS[EntityType.HTTP_STATUS], value.lower()
    if not code.endswith("xx"):
        return Compare(label, "!=" if negative else "=", Quantity(code))
    low = int(code[0]) * 100
    if code[0] == "5":
        return Compare(label, "<" if negative else ">=", Quantity(str(low)))
    if negative:
        return Either((Compare(label, "<", Quantity(str(low))), Compare(label, ">=", Quantity(str(low + 100)))))
    return Every((Compare(label, ">=", Quantity(str(low))), Compare(label, "<", Quantity(str(low + 100)))))


def limits(wording: Wording, field: str = "") -> Iterator[Condition]:
    """Durations and sizes that lines report: "slower than 2s", "between 1s and 2s", "bigger than 5MB". `field`: where somebody said
    what it is called."""
    if ends := wording.between():
        yield from (
            Compare(field or "duration", op, Quantity(length)) for op, length in zip(_FROM_TO, ends, strict=True)
        )
    for entity in wording.named(EntityType.THRESHOLD):
        if match := _LIMIT.fullmatch(entity.value):
            label = field or ("size" if match[3].endswith("B") else "duration")
            yield Compare(label, _plain(match[1]), Quantity(match[2] + match[3]))


def one_of(label: str, values: tuple[str, ...], *, negative: bool) -> Matcher:
    """The label is one of these values, or none of them."""
    op: MatchOp
    if len(values) == 1:
        op = "!=" if negative else "="
        return Matcher(label, op, values[0])
    op = "!~" if negative else "=~"
    return Matcher(label, op, "|".join(map(escaped, values)))


def _plain(op: str) -> CompareOp:
    ops: dict[str, CompareOp] = {"==": "=", "=": "=", "!=": "!=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
    return ops[op]


def _opposite(op: str) -> CompareOp:
    opposites: dict[str, CompareOp] = {"==": "!=", "=": "!=", "!=": "=", ">": "<=", ">=": "<", "<": ">=", "<=": ">"}
    return opposites[op]
