"""What a sentence says of the fields of lines: levels, statuses, durations, and any field whose form people name."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.logql import asking
from core.query.logql.codes import FROM_TO
from core.query.logql.conditions import one_of, opposite, plain
from core.query.logql.kinds import KINDS, LEVEL_WORDS
from core.query.logql.model import Compare, Condition, Either, Matcher, Quantity
from core.query.logql.requests import of_requests, paths
from core.query.logql.valued import valued
from core.query.patterns import escaped, is_pattern
from core.query.relations import Relation, relations
from core.query.wording import GRAMMAR, Wording, word_set

STREAM_FIELDS = frozenset(
    {*LABELS.values(), "app", "cluster", "container", "filename", "job", "node", "pod", "stream"}
) - {
    LABELS[EntityType.ENDPOINT],
    LABELS[EntityType.HTTP_STATUS],
}
"""Labels that stand on streams by convention; all others come from the line."""

_PAIR = re.compile(
    r"(?<![\w.])([A-Za-z_][A-Za-z0-9_.]{0,60})\s?(!=|>=|<=|==|=|>|<)\s?(\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|[^\s,;=<>\"']{1,200})"
)
_VALUE = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|[KMG]i?B|B)?")
_FIELD_BEFORE = re.compile(
    r"\b(?:(status(?: code)?|size|bytes|[a-z]{1,30}(?:_[a-z0-9]{1,30}){1,5})|where (?:the )?([a-z]\w{1,30})|([a-z]\w{1,30})) (?:(?:is|are|was|field) )?\Z",
    re.IGNORECASE,
)
_FIELD_OPENS = re.compile(
    r"(?<!services )(?<!pods )(?<!hosts )(?<!users )\b(?:with|having|where|whose|and)(?: the| an?)? \Z", re.IGNORECASE
)
_OPEN_STATUS = re.compile(
    r"[1-5]00 ?(?:\+|(?:and|or|&|y|und|oder|o) (?:above|up|higher|more|over|greater|beyond|m[aá]s|h[öo]her|mehr|superior))(?! (?:log|lines?|errors?|entries|requests|times|warn|fatal|timeouts?|exceptions?|messages|logs)\b)",
    re.IGNORECASE,
)
"""Statuses: "500 and above"; of lines it would be said that they are so many."""
_STATUS_LIMIT = re.compile(r"[<>]=?(?:299|399|400|499|500)")
_OF_REQUESTS = re.compile(
    r"\b(?:requests?|reqs?|responses?|calls?|GETs?|POSTs?|PUTs?|PATCH(?:es)?|DELETEs?|anfragen|peticiones|llamadas) [^.;?!\n]{0,80}\Z"
)
_NUMBERED = re.compile(
    r" ?(?:log ?)?(?:lines?|errors?|times|entries|requests|reqs|warn\w*|messages|exceptions|per\b|a minute|in \d|within|in the last|every)",
    re.IGNORECASE,
)
_COUNTED = frozenset({"retries", "restarts"})
"""Words that are numbers of a line as well as kinds of lines."""
_FIELD_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|[KMG]i?B|B)?)")
_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?)(ns|us|ms|s|m|h|B|KB|MB|GB|KiB|MiB|GiB)")
_OR_VALUE = re.compile(
    r",? (?:or|oder|o) ([A-Za-z][\w.-]{1,40})(?=\s*(?:[,;.?!]|\Z|(?:and|in|from|over|last|past|since|per|by)\b))"
)
_OR_BETWEEN = re.compile(r"\s?,?\s(?:or|oder|o)\s", re.IGNORECASE)
_WHERE = re.compile(r"\b(?:where|whose|with|having|field|when|and the|with the)\s(?:the\s)?\Z", re.IGNORECASE)
_LISTING = re.compile(r"\b(?:where|whose|wo)\b", re.IGNORECASE)
_STATUS_WORD = re.compile(
    r"\b(?:where|and|with|whose|,) (?:the )?(?:status|state) (?P<not>isn['’]?t|is not|!=)?(?:is|equals|=)? ?(?P<value>[a-z][a-z_-]{3,30})(?=\s*(?:[,;.?!\0]|\Z|(?:and|in|on|from|for|over|last|past)\b))",
    re.IGNORECASE,
)
""" "Where … and status is infeasible": no status of HTTP."""
_SEVERAL_RELATIONS = re.compile(
    r": \w{2,30} (?:is|isn['’]?t) (?:not )?[\w.-]{1,40}(?:,|,? and) \w{2,30} (?:is|isn['’]?t) ", re.IGNORECASE
)
_FIRST_RELATION = re.compile(r"\b(?:level|method|status|path|severity) (?:is|isn['’]?t|equals) ", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:[,;]|\b(?:and|und|y|with|where|for|find|show|get|of|from))\s+(?:the )?(tenant|exchange|template|product|carrier|shop|store|city|zone|shard|model|category|mode|step|stage|phase|bucket|table|operation|component|module|source|target|role|locale|browser|vendor|bank|merchant|org|customer|account|user|currency|country|plan|provider|channel|queue|topic|partition|device|platform|action|event|reason|type|result|outcome|state)\s+"
    r"(?!ids?\b|names?\b|and\b|or\b|in\b|on\b|of\b|for\b|from\b|with\b|is\b|isn|was\b|not\b|that\b|has\b|ha[sd]\b)([A-Za-z][\w.-]{1,40})(?=\s*(?:[,;.?!]|$|(?:and|or|in|from|over|last|past|since|per|by|with|where|errors?|warnings?|lines?|logs?)\b))",
    re.IGNORECASE,
)
"""Fields among others, each with its value behind it: "json, level error, tenant acme"."""
_OWNER = re.compile(
    r"(?:\A|[,;:\0]|\b(?:for|of|from|by|and|de|von|para))\s?(?:the )?(tenant|merchant|org|mandant|partner|carrier|provider|vendor|supplier|seller|brand)\s"
    r"(?!ids?\b|names?\b|and\b|or\b|in\b|on\b|of\b|for\b|from\b|with\b|is\b|isn|was\b|not\b|that\b|has\b|had\b|errors?\b|logs?\b|lines?\b)([A-Za-z][\w.-]{1,40})(?=\s*(?:[,;.?!\0]|$|(?:and|in|from|on|over|last|past|since|per|by|errors?|warnings?|logs?|lines?|timeouts?|exceptions?|requests?|with|where)\b))",
    re.IGNORECASE,
)
"""Whose lines they are, whatever their form."""
_ADDED = re.compile(
    r"(?:,|\b(?:and|und|y)) (?:the |with )?([a-z]\w{1,30}) ([A-Za-z0-9][\w.-]{0,40})(?=\s*(?:\Z|[,;?!\0]|\.(?:\s|\Z)|(?:in|from|over|during|last|past|since|and)\b))"
)
_NAMED_FIELD = re.compile(
    r"[,(]?\s*\b(?:the )?field(?: name)?(?: is|['’]s|:)(?: called| named)? ([A-Za-z_][\w.]{1,40})\)?", re.IGNORECASE
)
_APART = re.compile(
    r"\b(?:(?:is|are|was|were|does|do)(?:n['’]?t| not)|not|!=|<>) ?[\w./\"'-]{1,40},? (?:and|but|und|y) (?:the |with |where )?\Z",
    re.IGNORECASE,
)
""" "Country isn't DE and rows > 20": only the first is negative."""
_MEASURED = word_set("status code duration latency took size bytes level version time")
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
    found = [*_pairs(wording), *_field_limits(wording, parsed=parsed)]
    yield from found
    yield from paths(wording, parsed=parsed or bool(found) or of_requests(wording))
    yield from _listed(wording, parsed=parsed)
    related = list(_related(wording, parsed=parsed))
    yield from related
    with_values: list[Condition] = [*_status_words(wording, parsed=parsed or bool(found or related)), *valued(wording)]
    yield from with_values
    if found or related or with_values or parsed:
        yield from _added(wording)


def _status_words(wording: Wording, *, parsed: bool) -> Iterator[Matcher]:
    for match in list(_STATUS_WORD.finditer(wording.rest)) if parsed else ():
        if asking.content(match["value"]) and not KINDS.keys() & {match["value"].lower()}:
            wording.claim(match.start(), match.end())
            negative = bool(match["not"]) or wording.negated(match.start("value"))
            yield Matcher("status", "!=" if negative else "=", match["value"])


def _added(wording: Wording) -> Iterator[Condition]:
    """ "… and connector ccs": behind conditions on fields a word and its value are one, too."""
    for match in _ADDED.finditer(wording.rest):
        if (
            asking.content(match[1])
            and asking.content(match[2])
            and not {match[1].lower(), match[2].lower()} & KINDS.keys()
        ):
            wording.claim(*match.span())
            yield Matcher(match[1], "=", match[2])


def _pairs(wording: Wording) -> Iterator[Condition]:
    """Fields as they are written: `level=error`, `user_id = 42`; with "or" between them they are alternatives."""
    end, group = 0, list[Condition]()
    for start, behind, condition in _written(wording):
        if group and not _OR_BETWEEN.fullmatch(wording.text[end:start]):
            yield _either(group)
            group = []
        group.append(condition)
        end = behind
    if group:
        yield _either(group)


def _either(parts: list[Condition]) -> Condition:
    same = {part.label for part in parts if isinstance(part, Matcher) and part.op == "="}
    if len(parts) > 1 and len(same) == 1 and all(isinstance(part, Matcher) and part.op == "=" for part in parts):
        return one_of(same.pop(), tuple(part.value for part in parts if isinstance(part, Matcher)), negative=False)
    return parts[0] if len(parts) == 1 else Either(tuple(parts))


def _written(wording: Wording) -> Iterator[tuple[int, int, Condition]]:
    """Where each begins and ends, and what it says."""
    for match in _PAIR.finditer(wording.text):
        label, op, value = match[1].replace(".", "_"), match[2], match[3].strip("\"'").rstrip(".?!")
        quoted = any(quote.start < match.start() < quote.end for quote in wording.quotes)
        if (
            (not value and match[3] not in ('""', "''"))
            or quoted
            or wording.claimed(*match.span())
            or label.lower() in GRAMMAR
        ):
            continue
        if match[0][: match.start(3) - match.start()].endswith(" ") and value.lower() in _STUFF:
            continue  # "the noisy frame= stuff"
        if op in (">=", ">", "<") and value.lower() in LEVEL_WORDS:
            continue  # read as "warn or worse"
        if op[0] in "<>" and label.lower() in KINDS and label.lower() not in _COUNTED:
            continue  # "fatal > 0" counts them
        if op[0] in "<>" and match[0][len(match[1])] == " " and label.lower() in _NO_FIELDS - _MEASURED:
            continue  # "alert if it logs > 30 errors"
        if label == LABELS[EntityType.SERVICE] and wording.named(EntityType.SERVICE):
            continue
        wording.claim(*match.span())
        negated = wording.negated(match.start()) and not _APART.search(wording.text[: match.start()])
        negative = negated != (op == "!=")
        number = _VALUE.fullmatch(value) and (op not in ("=", "==", "!=") or label in ("status", "duration"))
        if number and label not in STREAM_FIELDS:
            compare = Compare(label, opposite(op) if negated else plain(op), Quantity(value))
            yield *match.span(), compare
        else:
            yield *match.span(), Matcher(label, "!=" if negative else "=", value)


def _field_limits(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    """ "Where status is at least 500": the field stands before its limit."""
    for entity in wording.named(EntityType.THRESHOLD):
        name = _FIELD_BEFORE.search(wording.text, max(0, entity.start - _BEFORE), entity.start)
        limit = _FIELD_LIMIT.fullmatch(entity.value)
        if limit and _OPEN_STATUS.match(wording.text, entity.start):
            wording.claim(entity.start, entity.end)
            yield Compare("status", plain(limit[1]), Quantity(limit[2]))
            continue
        if limit and _STATUS_LIMIT.fullmatch(entity.value) and _of_status(wording, entity.start, entity.end):
            wording.claim(entity.start, entity.end)
            yield Compare("status", plain(limit[1]), Quantity(limit[2]))
            continue
        if name is None or limit is None:
            continue
        label = next(filter(None, name.groups())).lower()
        if label in KINDS and label not in _COUNTED:
            continue
        counted = (
            name[3]
            and _FIELD_OPENS.search(wording.text, 0, name.start(3))
            and (label not in KINDS or label in _COUNTED)
        )
        if name[3] and (not (parsed or counted) or label in _NO_FIELDS or wording.taken(*name.span(3))):
            continue
        wording.claim(name.start(), entity.end)
        yield Compare("status" if label.startswith("status") else label, plain(limit[1]), Quantity(limit[2]))


def _of_status(wording: Wording, start: int, end: int) -> bool:
    """Whether "requests … that were >= 500" speaks of statuses; of lines it would be said that they are so many."""
    return bool(_OF_REQUESTS.search(wording.text, 0, start)) and not _NUMBERED.match(wording.text, end)


def _listed(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    for match in (_LISTED if parsed else _OWNER).finditer(wording.rest):
        if not wording.taken(*match.span(2)) and match[2].lower() not in _NO_FIELDS:
            wording.claim(*match.span())
            other = _OR_VALUE.match(wording.text, match.end(2))
            if other:
                wording.claim(*other.span())
            values = (match[2], other[1]) if other else (match[2],)
            yield one_of(match[1].lower(), values, negative=wording.negated(match.start(1)))


def named_field(wording: Wording) -> str:
    """ "The field is duration_ms": what a limit is about; "" where nobody says so."""
    match = _NAMED_FIELD.search(wording.text)
    if match is None or wording.claimed(*match.span()) or not wording.named(EntityType.THRESHOLD):
        return ""
    wording.claim(*match.span())
    return match[1].replace(".", "_")


def _related(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    """ "Caller isn't cache.go": any field, where lines are known to have fields or "where" says so."""

    listed = bool(
        _LISTING.search(wording.text) or _FIRST_RELATION.search(wording.text) or _SEVERAL_RELATIONS.search(wording.text)
    )

    def known(field: str, before: str) -> bool:
        name = field.lower()
        if name in _PLACES or name == "method" or "_" in name:
            return True
        if name in _NO_FIELDS or name in KINDS:
            return False
        return (
            parsed or bool(_WHERE.search(before)) or (listed and before.lower().endswith((" and ", " or ", ", ", ": ")))
        )

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


def limits(wording: Wording, field: str = "") -> Iterator[Condition]:
    """Durations and sizes that lines report: "slower than 2s", "between 1s and 2s", "bigger than 5MB". `field`: where somebody said
    what it is called."""
    if ends := wording.between():
        yield from (
            Compare(field or "duration", op, Quantity(length)) for op, length in zip(FROM_TO, ends, strict=True)
        )
    for entity in wording.named(EntityType.THRESHOLD):
        if match := _LIMIT.fullmatch(entity.value):
            label = field or ("size" if match[3].endswith("B") else "duration")
            yield Compare(label, plain(match[1]), Quantity(match[2] + match[3]))
