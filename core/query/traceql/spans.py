"""Which spans a sentence asks for: conditions besides the services that it names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from core.nlp.interpretation import Entity, EntityType
from core.query.patterns import escaped, is_pattern
from core.query.relations import relations
from core.query.statuses import between, codes
from core.query.traceql import names
from core.query.traceql.model import Attribute, Expression, Intrinsic, Keyword, Operation, Quantity, Text
from core.query.traceql.outcome import TIMED, durations, outcome
from core.query.traceql.said import Said, joined
from core.query.wording import GRAMMAR, Wording

_KIND = re.compile(
    r"\b(?:(server|client|producer|consumer|internal)(?:(?:[ -]side)?(?:[ -]kind)? (?:spans?|calls?|requests?|operations?)|[ -]kind|(?=(?: or |, ?|/)(?:server|client|producer|consumer|internal)(?:[ -](?:side|kind))? spans?))|kind (?:is |of |= ?)?(?P<not>not |isn['’]?t )?(server|client|producer|consumer|internal)"
    r"|(outgoing|outbound|egress)|(incoming|inbound|ingress) (?:requests?|calls?|traffic|spans?))\b",
    re.IGNORECASE,
)
_METHOD = re.compile(r"(?<![\w/])(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)s?(?![\w/])")
_SYSTEM = re.compile(rf"\b({'|'.join(sorted(names.SYSTEMS, key=len, reverse=True))})\b", re.IGNORECASE)
_DATABASE = re.compile(
    r"\b(?:database|databases|db|sql|datastore)(?: (?:calls?|quer(?:y|ies)|spans?|operations?|statements?|requests?|access))?\b",
    re.IGNORECASE,
)
_QUEUE = re.compile(
    r"\b(?:messaging|message queue|message broker|queue) (?:calls?|spans?|operations?|messages?)\b", re.IGNORECASE
)
_PRODUCED = re.compile(
    r"\b(?:producers?|(?:produc(?:ed|ing|es)|publish(?:ed|ing|es)?|sent|sending|sends|writes?|writing) (?:\w+ )?(?:to|into|on|by))\b",
    re.IGNORECASE,
)
_CONSUMED = re.compile(
    r"\b(?:consumers?|(?:consum(?:ed|ing|es)|read(?:ing|s)?|receiv(?:ed|ing|es)) (?:\w+ )?(?:from|by))\b", re.IGNORECASE
)
_BROKER = re.compile(
    rf"\b(?:{'|'.join(word for word, (attribute, _) in names.SYSTEMS.items() if attribute == names.MESSAGING)}|queue|topic)\b",
    re.IGNORECASE,
)
_ROOT = re.compile(r"\b(?:root spans?|entry spans?|top[ -]level spans?)\b", re.IGNORECASE)
_TRACE = re.compile(
    r"\b(?:trace[ _-]?(?:id)?s?\s?[:=#]?\s?)?(?<![0-9a-zA-Z-])((?=[a-f]*\d)[0-9a-f]{32}|(?=[a-f]*\d)[0-9a-f]{16})(?![\w-])"
)
_PAIR = re.compile(
    r"(?<![\w.])([A-Za-z_][\w.-]{0,80})\s?(!=|>=|<=|==|=~|=|>|<)\s?(\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|[^\s,;=<>\"']{1,200})"
)
_ID = re.compile(
    r"\b(user|customer|client|order|account|request|session|job|tenant|device|invoice|payment|transaction|cart|merchant|org)s?[ _-]?(?:ids?|number|no\.?|#)?(?: is| was| equals)?\s?[:#=]?\s?#?"
    r"((?=[\w-]{0,80}\d)[\w-]{1,80})(?![\w/])",
    re.IGNORECASE,
)
_TENANT = re.compile(
    r"\b(tenant|merchant|org)s? (?:named |called |= ?)?(?!ids?\b|traces?\b|spans?\b|requests?\b|calls?\b|errors?\b|in\b|on\b|for\b|from\b|of\b|with\b|that\b|and\b|or\b|is\b|has\b|per\b)([A-Za-z][\w-]{1,40})\b",
    re.IGNORECASE,
)
_DESTINATION = re.compile(
    r"\b(topic|queue)s? (?:named |called |= ?)?((?!named\b|called\b|is\b|spans?\b|calls?\b|in\b|messages?\b|operations?\b|for\b|of\b|that\b)[A-Za-z][\w.-]{1,60})"
)
_MISSING = re.compile(
    rf"\b(?:without|missing|with no|ha(?:s|ve|ving) no|lack(?:s|ing)?) (?:an? |any |the )?({'|'.join(sorted(names.FIELDS, key=len, reverse=True))})\b(?=\s(?:in|on|from|over|set)\b|[,.?!]|$)",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(r"(?<![\w.])((?:[a-z]\w{0,30}\.){0,8}[A-Z]\w{1,60}(?:Exception|Error|Failure|Timeout))\b")
_OPERATION = re.compile(
    r"\b(?:operation|span|spans|endpoint|handler|rpc|method|call)(?: name)?(?: named| called| is|s named|s called)?\s+([A-Za-z]\w*(?:[./:]\w+)+|[a-z]+[A-Z]\w*|[a-z]+_\w+|[A-Z][a-z0-9]+(?:[A-Z]\w*)+)"
)
_NAMED = re.compile(
    r"\b(?:named|called|name(?: is)?)\s+(?!by\b|(?:in)?directly\b|only\b|right\b|immediately\b|straight\b|from\b|in\b|to\b|the\b|when\b|and\b|or\b|of\b|for\b|with\b|is\b|has\b)([\w./:-]{2,80})"
)
_SNAKE = re.compile(r"\b([a-z][a-z0-9]{0,30}(?:_[a-z0-9]{1,30}){1,5}) (?:spans?|operations?)\b")
_ROUTE_NAMED = re.compile(
    r"\b(?:named|called|(?:span |operation )?name(?: is|:)?|operation)\s+((?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /[^\s,;\"']*)"
)
"""The name of a span that is a method and a route."""
_IN_NAME = re.compile(
    r"\b(?:mention(?:s|ing)?|contain(?:s|ing)?|hav(?:e|ing)|has|with|includ(?:e|es|ing)|say(?:s|ing)?)\s+(?:the word )?[\"'`“]?([\w./:-]{2,60}?)[\"'`”]?\s+(?:somewhere )?in (?:their|its|the|span)(?: span| operation)? names?\b",
    re.IGNORECASE,
)
_OR_NAME = re.compile(r"(?:,\s?|\s(?:or|nor|oder)\s)((?=\w*[._:/]|\w+ (?:in|on|of|from)\b|\w+$)[\w./:-]{2,80})")
_SIDED = re.compile(r"\b(server|client)[ -](?:side )?(?:errors?|failures?)\b", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(pod|container|cluster)s? (?:named |called |= ?)?((?=[\w.-]{0,60}[\d-])[A-Za-z0-9][\w.-]{0,60})"
)
_MESSAGE_BEFORE = re.compile(r"\b(?:message|saying|says|said|status message|reason|with error)\s*$", re.IGNORECASE)
_CONTAINS_BEFORE = re.compile(
    r"\b(?:contain(?:s|ing)?|like|match(?:es|ing)?|includ(?:es|ing)|start(?:s|ing) with|begin(?:s|ning) with)\s*$",
    re.IGNORECASE,
)
_STATUS_LIMIT = re.compile(r"(>=|<=|>|<)([1-5]\d\d)")
_THINGS_BEHIND = re.compile(
    r"\s+(?:[\w-]+ ){0,2}(?:spans?|calls?|quer(?:y|ies)|operations?|errors?|requests?|children)\b", re.IGNORECASE
)
_NO_FIELDS = frozenset(
    {
        "trace",
        "traces",
        "span",
        "spans",
        "request",
        "requests",
        "call",
        "calls",
        "query",
        "queries",
        "latency",
        "took",
        "time",
        "errors",
        "anything",
    }
)
_RPC = re.compile(r"(?<![\w/])((?:[a-z]\w*\.){0,5}[A-Z]\w+/[A-Z]\w+)(?![\w/])")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_OPPOSITE = {"=": "!=", "!=": "=", ">": "<=", ">=": "<", "<": ">=", "<=": ">", "=~": "!~"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions on the spans that matter."""

    where: tuple[Expression, ...]
    """Environment, region and the like: true of every service in the sentence."""
    what: tuple[Said, ...]
    """What the spans did, or what became of them."""
    failed: bool


def find(wording: Wording) -> Wanted:
    """Take everything that is said of spans from the sentence."""
    pairs = (*_routes_named(wording), *_places(wording), *_pairs(wording), *_related(wording), *_rpcs(wording))
    where = tuple(
        said.condition
        for said in _entities(
            wording, (k for k in names.ENTITIES if k not in (EntityType.SERVICE, EntityType.ENDPOINT))
        )
    )
    identity = tuple(_identities(wording))
    what = (
        *_entities(wording, (EntityType.ENDPOINT,)),
        *_calls(wording),
        *_statuses(wording),
        *_quotes(wording),
        *identity,
        *pairs,
    )
    result, failed = outcome(wording)
    return Wanted(where, joined(wording, (*what, *result, *durations(wording))), failed)


def _entities(wording: Wording, kinds: "Iterator[EntityType] | tuple[EntityType, ...]") -> Iterator[Said]:
    for kind in kinds:
        for negative in (False, True):
            if values := wording.values(kind, negated=negative):
                places = [e for e in wording.named(kind) if wording.negated(e.start) is negative]
                condition = one_of(names.ENTITIES[kind], values, negative=negative)
                yield Said(condition, places[0].start, places[-1].end)


def one_of(attribute: "Attribute | Intrinsic", values: tuple[str, ...], *, negative: bool = False) -> Expression:
    """The attribute is one of these values, or none of them."""
    if len(values) == 1 or any(escaped(value) != value for value in values):
        op, joint = ("!=", "&&") if negative else ("=", "||")
        first, *others = (Operation(op, attribute, Text(value)) for value in values)
        return reduce(lambda made, one: Operation(joint, made, one), others, first)
    return Operation("!~" if negative else "=~", attribute, Text("|".join(values)))


def _calls(wording: Wording) -> Iterator[Said]:
    for entity in wording.named(EntityType.ENDPOINT):
        if method := _METHOD.match(entity.text):
            condition = Operation("!=" if wording.negated(entity.start) else "=", names.METHOD, Text(method[1]))
            yield Said(condition, entity.start, entity.end)
    for match in wording.find(_METHOD):
        yield _equal(names.METHOD, Text(match[1]), wording, match)
    for match in wording.find(_KIND):
        kind = (match[1] or match[3] or ("client" if match[4] else "server")).lower()
        yield _equal(names.KIND, Keyword(kind), wording, match)
    for pattern, kind in ((_PRODUCED, "producer"), (_CONSUMED, "consumer")):
        if (said := pattern.search(wording.plain)) and _BROKER.search(wording.plain):
            yield Said(Operation("=", names.KIND, Keyword(kind)), *said.span())
    system = False
    for match in wording.find(_SYSTEM):
        attribute, value = names.SYSTEMS[match[1].lower()]
        system = True
        yield _equal(attribute, Text(value), wording, match)
    for pattern, attribute in ((_DATABASE, names.DATABASE), (_QUEUE, names.MESSAGING)):
        for match in wording.find(pattern):
            if not system:
                condition = Operation("=" if wording.negated(match.start()) else "!=", attribute, Keyword("nil"))
                yield Said(condition, *match.span())
    for match in wording.find(_ROOT):
        yield Said(Operation("<", Intrinsic("nestedSetParent"), Quantity("0")), *match.span())


def _equal(field: "Attribute | Intrinsic", value: "Text | Keyword", wording: Wording, match: re.Match[str]) -> Said:
    negative = wording.negated(match.start()) or bool(match.re is _KIND and match["not"])
    return Said(Operation("!=" if negative else "=", field, value), *match.span())


def _statuses(wording: Wording) -> Iterator[Said]:
    if ends := between(wording):
        low, high = map(Quantity, ends)
        yield Said(Operation(">=", names.STATUS_CODE, low), 0, 0)
        yield Said(Operation("<=", names.STATUS_CODE, high), 0, 0)
    for entity in wording.named(EntityType.THRESHOLD):
        if limit := status_limit(wording, entity):
            condition = Operation(limit[1], names.STATUS_CODE, Quantity(limit[2]))
            yield Said(condition, entity.start, entity.end)
    said = codes(wording)
    for match in wording.find(_SIDED) if not said else ():
        value = "5xx" if match[1].lower() == "server" else "4xx"
        yield Said(status(value, negative=wording.negated(match.start())), *match.span(), "status")
    for code in said:
        group = "" if code.negative else "status"
        yield Said(status(code.value, negative=code.negative), code.start, code.end, group)


def status_limit(wording: Wording, entity: Entity) -> re.Match[str] | None:
    """ "Traces with 500+" speaks of statuses, "500+ spans" of a number."""
    limit = _STATUS_LIMIT.fullmatch(entity.value)
    return None if _THINGS_BEHIND.match(wording.text, entity.end) else limit


def status(value: str, *, negative: bool) -> Expression:
    """`500` or `5xx` as a condition."""
    code = value.lower()
    if not code.endswith("xx"):
        return Operation("!=" if negative else "=", names.STATUS_CODE, Quantity(code))
    low, high = Quantity(f"{code[0]}00"), Quantity(f"{int(code[0]) + 1}00")
    if code[0] == "5":
        return Operation("<" if negative else ">=", names.STATUS_CODE, low)
    if negative:
        return Operation("||", Operation("<", names.STATUS_CODE, low), Operation(">=", names.STATUS_CODE, high))
    return Operation("&&", Operation(">=", names.STATUS_CODE, low), Operation("<", names.STATUS_CODE, high))


def _quotes(wording: Wording) -> Iterator[Said]:
    """Text in quotes is the name of a span, or what its message says."""
    rest = wording.rest
    for quote in wording.quotes:
        before = rest[max(0, quote.start - 40) : quote.start]
        negative = wording.negated(quote.start)
        pattern = Text(f".*{escaped(quote.text)}.*")
        if _MESSAGE_BEFORE.search(before):
            condition = Operation("!~" if negative else "=~", Intrinsic("statusMessage"), pattern)
        elif _CONTAINS_BEFORE.search(before):
            condition = Operation("!~" if negative else "=~", names.NAME, pattern)
        else:
            condition = Operation("!=" if negative else "=", names.NAME, Text(quote.text))
        yield Said(condition, quote.start, quote.end)


def _identities(wording: Wording) -> Iterator[Said]:
    for match in wording.find(_TRACE):
        yield Said(Operation("=", Intrinsic("trace:id"), Text(match[1])), *match.span())
    for match in wording.find(_EXCEPTION):
        yield _equal(names.EXCEPTION, Text(match[1]), wording, match)
    for match in wording.find(_ID):
        yield _equal(Attribute("span", f"{match[1].lower()}.id"), Text(match[2]), wording, match)
    for match in wording.find(_MISSING):
        yield Said(Operation("=", names.FIELDS[match[1].lower()], Keyword("nil")), *match.span())
    for match in wording.find(_DESTINATION):
        yield _equal(names.FIELDS[match[1].lower()], Text(match[2].rstrip(".")), wording, match)
    for match in wording.find(_TENANT):
        yield _equal(Attribute("span", f"{match[1].lower()}.id"), Text(match[2]), wording, match)
    for pattern in (_OPERATION, _NAMED, _SNAKE):
        for match in wording.find(pattern):
            yield _equal(names.NAME, Text(match[1]), wording, match)
            following = _OR_NAME.match(wording.rest, match.end())
            while following:
                wording.take(*following.span())
                yield _equal(names.NAME, Text(following[1]), wording, following)
                following = _OR_NAME.match(wording.rest, following.end())


def _places(wording: Wording) -> Iterator[Said]:
    for match in _PLACE.finditer(wording.text):
        if not any(quote.start < match.start() < quote.end for quote in wording.quotes):
            wording.claim(*match.span())
            yield _equal(names.FIELDS[match[1].lower()], Text(match[2].rstrip(".")), wording, match)


def _pairs(wording: Wording) -> Iterator[Said]:
    """Attributes as they are written: `http.status_code >= 500`."""
    for match in _PAIR.finditer(wording.text):
        if match[1].lower() not in _NO_FIELDS | GRAMMAR and not wording.taken(match.start(1), match.end(1)):
            wording.claim(*match.span())
            op = "=" if match[2] == "==" else match[2]
            condition = _pair(match[1], _OPPOSITE[op] if wording.negated(match.start()) else op, match[3])
            yield Said(condition, *match.span())


def _related(wording: Wording) -> Iterator[Said]:
    """ "Customer.tier is gold", "whose name starts with GET /api", "the statement contains DELETE"."""

    def known(field: str, _: str) -> bool:
        return "." in field or field.lower() in names.FIELDS

    forms = {"contains": ".*{}.*", "starts": "{}.*", "ends": ".*{}"}
    for said in relations(wording, known):
        field = names.FIELDS.get(said.field.lower()) or field_named(said.field)
        if said.relating == "=":
            made = [_pair(said.field, "!=" if said.negative else "=", value, field) for value in said.values]
        else:
            parts = [
                value if said.relating == "=~" and is_pattern(value)
                else forms.get(said.relating, "{}").replace("{}", escaped(value))
                for value in said.values
            ]  # fmt: skip
            made = [Operation("!~" if said.negative else "=~", field, Text("|".join(parts)))]
        yield from (Said(condition, said.start, said.end) for condition in made)


def _rpcs(wording: Wording) -> Iterator[Said]:
    """Names of gRPC's spans: `PaymentService/Charge`."""
    for match in _RPC.finditer(wording.text):
        if not wording.claimed(*match.span()):
            wording.claim(*match.span())
            yield _equal(names.NAME, Text(match[1]), wording, match)


def _routes_named(wording: Wording) -> Iterator[Said]:
    """ "Spans named GET /v1/license", "that mention whisper in their name"."""
    for match in _ROUTE_NAMED.finditer(wording.text):
        wording.claim(*match.span())
        yield _equal(names.NAME, Text(match[1].rstrip(".,?!")), wording, match)
    for match in _IN_NAME.finditer(wording.text):
        if not wording.claimed(*match.span()):
            negative = wording.negated(match.start(1))
            wording.claim(*match.span())
            pattern = Text(f".*{escaped(match[1])}.*")
            yield Said(Operation("!~" if negative else "=~", names.NAME, pattern), *match.span())


def _pair(name: str, op: str, value: str, field: "Attribute | Intrinsic | None" = None) -> Operation:
    field = field or field_named(name)
    plain = value.strip("\"'").rstrip(".?!")
    if (
        value[0] not in "\"'"
        and (_NUMBER.fullmatch(plain) or TIMED.fullmatch(f">{plain}"))
        and not field.name.lower().endswith("id")
    ):
        return Operation(op, field, Quantity(plain))
    if plain in ("true", "false", "nil") or (field in (names.STATUS, names.KIND)):
        return Operation(op, field, Keyword(plain.lower()))
    return Operation(op, field, Text(plain))


def field_named(name: str) -> "Attribute | Intrinsic":
    """The field that a person wrote: with its scope, as an intrinsic, or as an attribute of the resource or the span."""
    scope, _, rest = name.partition(".")
    if rest and scope in ("span", "resource", "event", "link"):
        return Attribute(scope, rest)
    if name in ("duration", "name", "status", "kind", "statusMessage", "rootName", "rootServiceName", "traceDuration"):
        return Intrinsic(name)
    return Attribute("resource" if name.startswith(names.RESOURCE_PREFIXES) else "span", name)
