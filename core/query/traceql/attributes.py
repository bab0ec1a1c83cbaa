"""Conditions on attributes, as people write them: `retry.count > 3`, "customer.tier is gold", "http.flavor 1.1"."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.patterns import escaped, is_pattern
from core.query.relations import relations
from core.query.traceql import names
from core.query.traceql.fields import field_named
from core.query.traceql.model import Attribute, Intrinsic, Keyword, Operation, Quantity, Text
from core.query.traceql.outcome import TIMED
from core.query.traceql.said import Said
from core.query.wording import GRAMMAR, Wording

_PAIR = re.compile(
    r"(?<![\w.])([A-Za-z_][\w.-]{0,80})\s?(!=|>=|<=|==|=~|=|>|<)\s?(\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|[^\s,;=<>\"']{1,200})"
)
_SLASHED = re.compile(
    r"(?<![\w.])([A-Za-z_][\w.]{0,60})\s?(?:match(?:es|ing)?|like|=~|~)(?: the)?(?: regexp?| pattern)?\s?/(?=[^/\s]{0,40}[\^$.*+|\[(\\])((?:[^/\n\\]|\\.){1,80})/(?!\w)"
)
""" "Name matches /^GET .*/"."""
_UNIT_BEHIND = re.compile(
    r"\s?(?:[mnuµ]s|s|m|h|secs?|seconds?|mins?|minutes?|hours?|millis\w*|msecs?|milliseconds?)\b", re.IGNORECASE
)
_NO_FIELDS = frozenset(
    {
        "say",
        "like",
        "about",
        "around",
        "roughly",
        "somewhere",
        "anywhere",
        "directly",
        "eventually",
        "then",
        "only",
        "those",
        "ones",
        "took",
        "takes",
        "taking",
        "lasting",
        "limit",
        "spans",
        "trace",
        "traces",
        "span",
        "request",
        "requests",
        "call",
        "calls",
        "query",
        "queries",
        "latency",
        "time",
        "errors",
        "anything",
    }
)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_OPPOSITE = {"=": "!=", "!=": "=", ">": "<=", ">=": "<", "<": ">=", "<=": ">", "=~": "!~"}
_VALUED = re.compile(
    rf"(?<![\w.])((?:[a-z]\w{{0,40}}(?:\.\w{{1,40}}){{1,5}})|{'|'.join(sorted((re.escape(word) for word in names.FIELDS if ' ' in word), key=len, reverse=True))})\s(\"[^\"\n]{{1,100}}\"|'[^'\n]{{1,100}}'|(?=[\w-]{{0,40}}\d)\w[\w.-]{{0,40}}|true|false|[A-Z]\w[\w./-]{{0,40}})(?![\w])"
)
"""An attribute with its value and nothing between: "http.flavor 1.1", "user agent Mozilla"."""
_WHOLE_BEFORE = re.compile(r"\b(?:traces?|total|overall|whole|entire|full|end[ -]to[ -]end|e2e) \Z", re.IGNORECASE)
_BARE = re.compile(
    r"\b(?:to|with|where|and|for|of|having|has)\s([a-z]\w{0,40}(?:\.\w{1,40}){1,5})\s([a-z][\w-]{1,60})(?=\s(?:over|under|above|below|in|on|and|or|slower|longer|faster|that|which|with|from|failing|by)\b|[,.?!]|$)"
)
_WORDED = re.compile(
    r"\b(?:with|whose|having|where|for|and|on|in|of|mit|con|only)\s(?:the |a )?(?P<field>(?:payment |card |feature |queue |cache |retry |device |app |account |customer |error |shard |partition )?(?:currency|country|plan|tier|locale|language|platform|browser|carrier|provider|channel|partition|shard|bucket|table|experiment|variant|cohort|segment|priority|attempt|locale|flag|brand|warehouse|market|sku|product|reason|outcome|result))\s(?P<value>\"[^\"\n]{1,60}\"|'[^'\n]{1,60}'|(?!(?:is|are|was|in|on|of|over|under|above|below|and|or|that|which|with|from|for|spans?|traces?|calls?|set|by|to|per|errors?|code|type|name|id)\b)[\w-]{1,40})(?![\w/]|\.\w)",
    re.IGNORECASE,
)
""" "With currency EUR": what shops and banks write on their spans."""
_NO_VALUES = frozenset(
    [
        "over",
        "under",
        "above",
        "below",
        "slower",
        "longer",
        "faster",
        "please",
        "pls",
        "too",
        "also",
        "as",
        "well",
        "per",
        "by",
        "set",
        "present",
        "missing",
        "shown",
        "included",
        "spans",
        "traces",
        "calls",
        "contains",
        "contain",
        "starts",
        "start",
        "matches",
    ]
)
_TIMES = re.compile(r"\.|duration|time|latency|_ms|_s\Z|age|ttl|delay|lag|wait|elapsed", re.IGNORECASE)
"""Attributes that may be durations; `lookup_eta > 1s` is a span."""
_CHAIN = re.compile(
    r"\b(\d{1,6}(?:\.\d{1,4})?(?:ns|us|ms|s|m|h))\s?(<=?)\s?(duration|traceDuration)\s?(<=?)\s?(\d{1,6}(?:\.\d{1,4})?(?:ns|us|ms|s|m|h))\b"
)
_SERVICES = re.compile(
    r"\bservices? (?:names? |whose names? |that |which |named )?(start(?:s|ing)? with|begin(?:s|ning)? with|end(?:s|ing)? (?:with|in)|contain(?:s|ing)?|match(?:es|ing)?|like)\s(?!that\b|the\b|an?\b)([\w.*|()\"'`-]{2,60})",
    re.IGNORECASE,
)
_SET = re.compile(
    r"(?<![\w.])([a-z]\w{0,40}(?:\.\w{1,40}){1,5})\s(?:is |are |was |were )?(?:(not |un|(?:is|are|was|were)n['’]t )?(?:set|present|defined|populated)|(missing|absent|empty|null|nil|not there))\b"
)
_CARRIED = re.compile(
    r"\b(?:(without|w/o|with no|lacking|missing|ha(?:s|ve|ving) no)(?: an?| any| the)?|(?:with|having|have|has|carry(?:ing)?|carries|contain(?:s|ing)?)(?: an?| any| some)) ([a-z]\w{0,40}(?:\.\w{1,40}){1,5})(?= (?:in|on|from|of|at|over|and|or|but|set|that|which|attribute|at all|slower|longer|failing)\b|\s*(?:$|[,;?!]))"
)
""" "That have a user.id", "without user.id"."""
_CHILDREN = re.compile(r"\s(?:direct |immediate )?(?:children|child spans?|childs)\b", re.IGNORECASE)
_ROOTS = {"service": "rootServiceName", "name": "rootName", "span": "rootName", "operation": "rootName"}
_MEASURED_BEFORE = re.compile(
    r"(?<![\w./])([a-z]\w{0,40}(?:\.\w{1,40}){1,5}|(?:[a-z]{1,20}_){1,3}(?:count|counts|size|total|amount|items|bytes|length|number|attempts?|retries|rows|score|age|percent|ratio|tokens|price|quantity|depth|lag)|amount|price|quantity|score|weight)(?: (?:is|are|was|of|being|values?)){0,2} \Z"
)
_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?(?:ns|us|ms|s|m|h)?)")


def attributes(wording: Wording) -> Iterator[Said]:
    """All of them, by every form."""
    yield from _chains(wording)
    yield from _services(wording)
    yield from _set(wording)
    yield from _pairs(wording)
    yield from _limits(wording)
    yield from _valued(wording)
    yield from _related(wording)
    yield from _bare(wording)
    for match in _WORDED.finditer(wording.text):
        if not wording.claimed(*match.span()):
            wording.claim(match.start("field"), match.end())
            op = "!=" if wording.negated(match.start("field")) else "="
            yield Said(_pair(match["field"].replace(" ", "."), op, match["value"]), *match.span())


def _chains(wording: Wording) -> Iterator[Said]:
    """ "1s < duration < 3s"."""
    for match in _CHAIN.finditer(wording.text):
        wording.claim(*match.span())
        field = field_named(match[3])
        low = Operation(match[2].replace("<", ">"), field, Quantity(match[1]))
        high = Operation(match[4], field, Quantity(match[5]))
        yield from (Said(condition, *match.span()) for condition in (low, high))


def _services(wording: Wording) -> Iterator[Said]:
    """Services of which only a part of the name is said."""
    for match in _SERVICES.finditer(wording.text):
        how, value = match[1].lower(), match[2].strip("\"'`").rstrip(".,")
        wording.claim(*match.span())
        if how.startswith("match") or (escaped(value) != value and is_pattern(value)):
            pattern = value
        else:
            form = "{}.*" if how.startswith(("start", "begin")) else ".*{}" if how.startswith("end") else ".*{}.*"
            pattern = form.replace("{}", escaped(value))
        op = "!~" if wording.negated(match.start()) else "=~"
        yield Said(Operation(op, names.SERVICE, Text(pattern)), *match.span())


def _set(wording: Wording) -> Iterator[Said]:
    """ "With user.id set", "cache.hit missing"."""
    for match in _CARRIED.finditer(wording.text):
        if not wording.claimed(*match.span(2)):
            wording.claim(*match.span(2))
            yield Said(Operation("=" if match[1] else "!=", field_named(match[2]), Keyword("nil")), *match.span(2))
    for match in _SET.finditer(wording.text):
        if not wording.claimed(*match.span()):
            wording.claim(*match.span())
            op = "=" if match[3] or match[2] else "!="
            yield Said(Operation(op, field_named(match[1]), Keyword("nil")), *match.span())


def _limits(wording: Wording) -> Iterator[Said]:
    """ "Retry.count is greater than 2"."""
    for entity in wording.named(EntityType.THRESHOLD):
        limit = _LIMIT.fullmatch(entity.value)
        if limit and limit[2].isdecimal() and (children := _CHILDREN.match(wording.text, entity.end)):
            wording.claim(entity.start, children.end())
            condition = Operation(limit[1], Intrinsic("childCount"), Quantity(limit[2]))
            yield Said(condition, entity.start, children.end())
            continue
        field = _MEASURED_BEFORE.search(wording.text, max(0, entity.start - 120), entity.start)
        timed = field and "." not in field[1] and (limit and not limit[2].replace(".", "").isdecimal())
        if limit and field and not timed and not wording.claimed(*field.span(1)):
            wording.claim(field.start(), entity.end)
            yield Said(_pair(field[1], limit[1], limit[2]), field.start(), entity.end)


def _pairs(wording: Wording) -> Iterator[Said]:
    """Attributes as they are written: `http.status_code >= 500`."""
    for match in _SLASHED.finditer(wording.text):
        if is_pattern(match[2]) and not wording.claimed(*match.span()):
            wording.claim(*match.span())
            field = names.FIELDS.get(match[1].lower()) or field_named(match[1])
            op = "!~" if wording.negated(match.start()) else "=~"
            yield Said(Operation(op, field, Text(match[2])), *match.span())
    for match in _PAIR.finditer(wording.text):
        if match[1].lower() not in _NO_FIELDS | GRAMMAR and not wording.taken(match.start(1), match.end(1)):
            if match[2][0] in "<>" and _is_plain_limit(wording.text, match):
                continue  # "let's say > 200 ms", "err >2s"
            wording.claim(*match.span())
            if before := _WHOLE_BEFORE.search(wording.text, 0, match.start()):
                wording.take(before.start(), match.start())  # "total duration > 6s" counts nothing
            op = "=" if match[2] == "==" else match[2]
            whole = match[1].lower() == "duration" and bool(_WHOLE_BEFORE.search(wording.text, 0, match.start()))
            root = wording.text[: match.start()].lower().endswith("root ") and _ROOTS.get(match[1].lower())
            condition = _pair(
                "traceDuration" if whole else root or match[1],
                _OPPOSITE[op] if wording.negated(match.start()) else op,
                match[3],
            )
            yield Said(condition, *match.span())


def _is_plain_limit(text: str, pair: re.Match[str]) -> bool:
    """Whether the word before a limit on time is no attribute."""
    timed = TIMED.fullmatch(f">{pair[3].rstrip('.?!')}") or _UNIT_BEHIND.match(text, pair.end())
    return bool(timed) and not _TIMES.search(pair[1])


def _valued(wording: Wording) -> Iterator[Said]:
    for match in _VALUED.finditer(wording.text):
        if not wording.claimed(*match.span()):
            wording.claim(*match.span())
            op = "!=" if wording.negated(match.start()) else "="
            yield Said(_pair(match[1], op, match[2], names.FIELDS.get(match[1].lower())), *match.span())


def _bare(wording: Wording) -> Iterator[Said]:
    """ "To peer.service minio"."""
    for match in _BARE.finditer(wording.text):
        if match[2].lower() not in GRAMMAR | _NO_VALUES and not wording.claimed(*match.span()):
            wording.claim(*match.span(1))
            wording.claim(*match.span(2))
            op = "!=" if wording.negated(match.start(1)) else "="
            yield Said(_pair(match[1], op, match[2]), match.start(1), match.end(2))


def _related(wording: Wording) -> Iterator[Said]:
    """ "Customer.tier is gold", "whose name starts with GET /api", "the statement contains DELETE"."""

    def known(field: str, _: str) -> bool:
        return "." in field or field.lower() in names.FIELDS

    forms = {"contains": ".*{}.*", "starts": "{}.*", "ends": ".*{}"}
    for said in relations(wording, known):
        field = names.FIELDS.get(said.field.lower()) or field_named(said.field)
        ends_in_dot = wording.text[said.end - 1] == "." and not wording.text[:1].isupper()
        if said.relating == "=":
            made = [_pair(said.field, "!=" if said.negative else "=", value, field) for value in said.values]
        else:
            parts = [
                value if said.relating == "=~" and is_pattern(value)
                else forms.get(said.relating, "{}").replace(
                    "{}", escaped(f"{value}." if ends_in_dot and said.relating == "starts" else value)
                )
                for value in said.values
            ]  # fmt: skip
            made = [Operation("!~" if said.negative else "=~", field, Text("|".join(parts)))]
        yield from (Said(condition, said.start, said.end) for condition in made)


def _pair(name: str, op: str, value: str, field: "Attribute | Intrinsic | None" = None) -> Operation:
    plain = value.strip("\"'").rstrip(".?!")
    field = field or names.SHORT.get(name.lower()) or field_named(name)
    if field == names.STATUS and _NUMBER.fullmatch(plain):
        field = names.STATUS_CODE  # "status=500"
    if (
        value[0] not in "\"'"
        and (_NUMBER.fullmatch(plain) or TIMED.fullmatch(f">{plain}"))
        and not field.name.lower().endswith("id")
    ):
        return Operation(op, field, Quantity(plain))
    if plain in ("true", "false", "nil") or (field in (names.STATUS, names.KIND)):
        return Operation(op, field, Keyword(plain.lower()))
    return Operation(op, field, Text(plain))
