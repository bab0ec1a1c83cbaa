"""Which spans a sentence asks for: conditions besides the services that it names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.nlp.interpretation import Entity, EntityType
from core.query.patterns import escaped
from core.query.traceql import names
from core.query.traceql.attributes import attributes
from core.query.traceql.called import called, routes_named, rpcs
from core.query.traceql.messages import messages
from core.query.traceql.model import Attribute, Expression, Intrinsic, Keyword, Operation, Quantity, Text
from core.query.traceql.operations import operations
from core.query.traceql.outcome import durations, outcome
from core.query.traceql.said import Said, one_of
from core.query.traceql.statuses import statuses
from core.query.wording import Wording

_KIND = re.compile(
    r"\b(?:(server|client|producer|consumer|internal)(?:(?:[ -]side)?(?:[ -]kind)? (?:spans?|calls?|requests?|operations?)|[ -]kind|(?=(?: or | and |, ?|/)(?:server|client|producer|consumer|internal)(?:[ -](?:side|kind))? spans?))|kind (?:is |of |= ?)?(?P<not>not |isn['’]?t )?(server|client|producer|consumer|internal)"
    r"|(outgoing|outbound|egress)|(incoming|inbound|ingress) (?:requests?|calls?|traffic|spans?))\b",
    re.IGNORECASE,
)
_METHOD = re.compile(r"(?<![\w/])(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)s?(?![\w/])")
_SYSTEM = re.compile(rf"\b({'|'.join(sorted(names.SYSTEMS, key=len, reverse=True))})\b", re.IGNORECASE)
_DATABASE = re.compile(
    r"(?<!by )(?<!per )\b(?:database|databases|db|sql|datastore|datenbank(?:en)?|bases? de datos)(?:(?: |-)(?:aufruf\w*|abfragen?|zugriff\w*|calls?|quer(?:y|ies)|spans?|operations?|statements?|requests?|access))?\b(?!\.\w)",
    re.IGNORECASE,
)
_QUEUE = re.compile(
    r"\b(?:messaging|message queue|message broker|queue) (?:calls?|spans?|operations?|messages?)\b", re.IGNORECASE
)
_PRODUCED = re.compile(
    r"\b(?:producers?|(?:kafka|rabbitmq|nats|pulsar|sqs) (?:sends?|publish(?:es)?|produces?|writes?)|(?:produc(?:ed|ing|es)|publish(?:ed|ing|es)?|sent|sending|sends|writes?|writing) (?:\w+ )?(?:to|into|on|by)|(?:publish|produce|send)(?:ing)?(?= (?:spans?|calls?|operations?)\b))\b",
    re.IGNORECASE,
)
_CONSUMED = re.compile(
    r"\b(?:consumers?|(?:consum(?:ed|ing|es)|read(?:ing|s)?|receiv(?:ed|ing|es)) (?:\w+ )?(?:from|by)|(?:consume|receive|process)(?:ing)?(?= (?:spans?|calls?|operations?)\b))\b",
    re.IGNORECASE,
)
_BROKER = re.compile(
    rf"\b(?:{'|'.join(word for word, (attribute, _) in names.SYSTEMS.items() if attribute == names.MESSAGING)}|queue|topic)\b",
    re.IGNORECASE,
)
_LEAF = re.compile(
    r"\b(?:leaf spans?|childless|(?:without|w/o|with no|(?:have|has|having) no) (?:child(?:ren)?|child spans?|descendants?))\b",
    re.IGNORECASE,
)
_OUTCOME = r"(?: \w{1,8}| an?){0,2} (?:ok|okay|fine|good|green|healthy|success\w*|error\w*|failed|failing|broken|slow\w*|fast\w*|quick\w*|longer|shorter|over|under|above|below|marked|flagged)\b|n['’]t\b"
_DID = r" (?:(?:is|was|has|did|does|itself|stays?|stayed|looks?|returns?|returned|ends?|ended|came|comes|fails?|failed|succeeds?|succeeded|took|takes|reports?|reported|says?|said|shows?|gave|answer\w*|ok|okay|fine|green)\b(?! (?:span|operation|service|named|called)\b))(?! (?:the )?(?:(?-i:[A-Z])|\0|[\w-]+[./]))"
_ROOT = re.compile(
    rf"\b(?:root spans?(?! (?:is|was)\b(?!{_OUTCOME}))|(?:\A\W*|(?:the|its|their|but|and|while|though) (?:\w+ )?)root(?=(?:['’]s)?(?: itself)?{_DID})|entry spans?|top[ -]level spans?|(?:without|with no|(?:have|has|having) no|(?:do|does)(?:n['’]?t| not) have|lack(?:s|ing)?|missing|ohne|sin) (?:an? |any |einen? )?(?:parents?(?: spans?)?|padre)|parentless|(?:only|just) (?:the )?roots?\b(?! (?:service|name))|roots? only|(?:that|which) are (?:the )?roots?(?: spans?)?)\b",
    re.IGNORECASE,
)
_TRACE = re.compile(
    r"\b(?:trace[ _-]?(?:id)?s?\s?[:=#]?\s?)?(?<![0-9a-zA-Z-])((?=[a-f]*\d)[0-9a-f]{32}|(?=[a-f]*\d)[0-9a-f]{16})(?![\w-])"
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
_VERB = re.compile(r"(?<![\w/])(SELECT|INSERT|UPDATE|UPSERT|MERGE|TRUNCATE|DELETE(?=s? (?:statement|quer)))s?(?![\w/])")
"""What a statement does."""
_DESTINATION = re.compile(
    r"\b(topic|queue|exchange|peer service|peer)s? (?:named |called |= ?)?((?!service\b|named\b|called\b|is\b|spans?\b|calls?\b|in\b|messages?\b|operations?\b|for\b|of\b|that\b)[A-Za-z][\w.-]{1,60})"
)
_MISSING = re.compile(
    rf"\b(?:without|w/o|missing|with no|ha(?:s|ve|ving) no|lack(?:s|ing)?) (?:an? |any |the )?({'|'.join(sorted({*names.FIELDS, *names.CODES}, key=len, reverse=True))})\b(?=\s(?:in|on|from|over|set|and|but|or)\b|[,.?!]|$)",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(
    r"(?<![\w.])(?:(?:exceptions?|errors?)(?:\.type)?(?: type| of type| class| named| called| is| =)? )?((?:[a-z]\w{0,30}\.){0,8}[A-Z]\w{1,60}(?:Exception|Error|Failure|Timeout))\b"
)
_PLACE = re.compile(
    r"\b(pod|container|cluster)s? (?:named |called |is |= ?)?((?=[\w.-]{0,60}[\d-])[A-Za-z0-9][\w.-]{0,60})"
    r"|\b(deployment|statefulset|node)s? (?:named |called |is |= ?)?((?=[\w.-]{0,60}[\d-])[a-z][\w.-]{0,60})"
    r"|\b(pod|container|cluster|deployment|statefulset|node|topic|queue|exchange)s? names? (?:(?:is |are |= ?|: ?|equals )|(?=[\w.-]{0,60}[\d-]))([\w.-]{2,60})"
)
_ZONE = re.compile(
    r"\b(?:availability[ -]zone|zone|az)s? (?:named |called |is |= ?)?((?=[\w-]{0,40}\d)[a-z][\w-]{1,40})\b"
)
_MESSAGE_BEFORE = re.compile(
    r"\b(?:message|saying|says?|said|mention\w*|stating|reads?|reading|complain\w*(?: about)?|report\w*|status message|reason|with error)\s*$",
    re.IGNORECASE,
)
_CONTAINS_BEFORE = re.compile(
    r"\b(?:contain(?:s|ing)?|like|match(?:es|ing)?|includ(?:es|ing)|start(?:s|ing) with|begin(?:s|ning) with)\s*$",
    re.IGNORECASE,
)


_PATHS = (
    (
        "{}.*",
        re.compile(
            r"\b(?:start(?:s|ing)? with|begin(?:s|ning)? with|prefix(?:ed)?(?: with| by| is)?|under(?:neath)?|below|beneath|starting|unter(?:halb)?|beginnen mit|que empiezan (?:por|con)|empiezan (?:por|con)|bajo|debajo de)\s(?:the (?:path |prefix |route )?)?(?:GET |POST |PUT |PATCH |DELETE )?\Z",
            re.IGNORECASE,
        ),
    ),
    (".*{}", re.compile(r"\bend(?:s|ing)? (?:with|in|on)\s\Z", re.IGNORECASE)),
    (
        ".*{}.*",
        re.compile(
            r"\b(?:contain(?:s|ing)?|includ(?:es|ing)|mention(?:s|ing)?|like|match(?:es|ing)?)\s\Z", re.IGNORECASE
        ),
    ),
)
"""What the words before a path make of it."""
_NOT_ON = re.compile(
    r"\b(?:except|excluding|ignoring|leaving out|not counting|other than|besides|but not) (?:[\w-]+ ){1,3}(?:on|to|at|of|for|under) \Z",
    re.IGNORECASE,
)


_LINKED = re.compile(r"\b(?:with|having|have|has) (?:an? |any |some )?(?:span )?links?\b(?! to\b)", re.IGNORECASE)
_LIBRARY = re.compile(
    r"\b(?:instrumentation(?: library| scope| name)?|(?:otel|tracing|instrumentation) (?:library|scope)|(?:from|of|by) (?:the )?(?:library|lib|scope)|instrumented by)(?: name)?(?: is| =|:)? ((?!library\b|scope\b|name\b)[\w@./-]{3,80})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions on the spans that matter."""

    where: tuple[Expression, ...]
    """Environment, region and the like: true of every service in the sentence."""
    what: tuple[Said, ...]
    """What the spans did, or what became of them; alternatives are not joined yet."""
    failed: bool


def find(wording: Wording) -> Wanted:
    """Take everything that is said of spans from the sentence."""
    pairs = (
        *messages(wording),
        *routes_named(wording),
        *_places(wording),
        *attributes(wording),
        *rpcs(wording),
    )
    where = tuple(
        said.condition
        for said in _entities(
            wording, (k for k in names.ENTITIES if k not in (EntityType.SERVICE, EntityType.ENDPOINT))
        )
    )
    identity = (*_identities(wording), *called(wording))
    what = (
        *_endpoints(wording),
        *_calls(wording),
        *statuses(wording),
        *_quotes(wording),
        *identity,
        *pairs,
    )
    result, failed = outcome(wording)
    lasted = tuple(durations(wording))
    return Wanted(where, (*what, *operations(wording), *result, *lasted), failed)


def _entities(wording: Wording, kinds: "Iterator[EntityType] | tuple[EntityType, ...]") -> Iterator[Said]:
    for kind in kinds:
        for negative in (False, True):
            if values := wording.values(kind, negated=negative):
                places = [e for e in wording.named(kind) if wording.negated(e.start) is negative]
                condition = one_of(names.ENTITIES[kind], values, negative=negative)
                yield Said(condition, places[0].start, places[-1].end)


def _endpoints(wording: Wording) -> Iterator[Said]:
    """Routes, also those that start with a path, end with it, or contain it."""
    plain: list[Entity] = []
    for entity in wording.named(EntityType.ENDPOINT):
        path = entity.value[entity.value.find("/") :]
        form = next((form for form, before in _PATHS if before.search(wording.text, 0, entity.start)), "")
        if not form and path.endswith("*"):
            form = "{}.*"
        behind = wording.text[entity.end : entity.end + 1] == "*"
        negative = wording.negated(entity.start) or bool(_NOT_ON.search(wording.text, 0, entity.start))
        if form or behind:
            pattern = (form or "{}.*").replace("{}", escaped(path.rstrip("*")))
            yield Said(Operation("!~" if negative else "=~", names.ROUTE, Text(pattern)), entity.start, entity.end)
        elif negative and not wording.negated(entity.start):
            yield Said(Operation("!=", names.ROUTE, Text(path)), entity.start, entity.end)
        else:
            plain.append(entity)
    for negative in (False, True):
        if found := [entity for entity in plain if wording.negated(entity.start) is negative]:
            values = tuple(dict.fromkeys(entity.value for entity in found))
            yield Said(one_of(names.ROUTE, values, negative=negative), found[0].start, found[-1].end)


def _calls(wording: Wording) -> Iterator[Said]:
    for entity in wording.named(EntityType.ENDPOINT):
        if method := _METHOD.match(entity.text):
            condition = Operation("!=" if wording.negated(entity.start) else "=", names.METHOD, Text(method[1]))
            yield Said(condition, entity.start, entity.end)
    for match in wording.find(_VERB):
        yield _equal(Attribute("span", "db.operation"), Text(match[1]), wording, match)
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
    for match in wording.find(_LEAF):
        yield Said(Operation("=", Intrinsic("childCount"), Quantity("0")), *match.span())
    for match in wording.find(_ROOT):
        yield Said(Operation("<", names.PARENT, Quantity("0")), *match.span())


def _equal(field: "Attribute | Intrinsic", value: "Text | Keyword", wording: Wording, match: re.Match[str]) -> Said:
    negative = wording.negated(match.start()) or bool(match.re is _KIND and match["not"])
    return Said(Operation("!=" if negative else "=", field, value), *match.span())


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
    for match in wording.find(_LINKED):
        op = "=" if wording.negated(match.start()) else "!="
        yield Said(Operation(op, Intrinsic("link:traceID"), Keyword("nil")), *match.span())
    for match in wording.find(_LIBRARY):
        yield _equal(Intrinsic("instrumentation:name"), Text(match[1].rstrip(".")), wording, match)
    for match in wording.find(_EXCEPTION):
        yield _equal(names.EXCEPTION, Text(match[1]), wording, match)
    for match in wording.find(_ID):
        yield _equal(Attribute("span", f"{match[1].lower()}.id"), Text(match[2]), wording, match)
    for match in wording.find(_MISSING):
        missing = names.FIELDS.get(match[1].lower()) or names.STATUS_CODE
        yield Said(Operation("=", missing, Keyword("nil")), *match.span())
    for match in wording.find(_DESTINATION):
        yield _equal(names.FIELDS[match[1].lower()], Text(match[2].rstrip(".")), wording, match)
    for match in wording.find(_TENANT):
        yield _equal(Attribute("span", f"{match[1].lower()}.id"), Text(match[2]), wording, match)


def _places(wording: Wording) -> Iterator[Said]:
    for match in _ZONE.finditer(wording.text):
        wording.claim(*match.span())
        yield _equal(names.GROUPS["zone"], Text(match[1]), wording, match)
    for match in _PLACE.finditer(wording.text):
        if not any(quote.start < match.start() < quote.end for quote in wording.quotes):
            wording.claim(*match.span())
            kind, name = filter(None, match.groups())
            yield _equal(names.FIELDS[kind.lower()], Text(name.rstrip(".")), wording, match)
