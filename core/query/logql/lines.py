"""Which lines a sentence asks for: what they contain, what kind they are, which fields they have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.logql.kinds import GENERIC, KINDS, LEVELS, TOPICS
from core.query.logql.model import Compare, CompareOp, Condition, Either, Every, LineFilter, Matcher, MatchOp, Quantity
from core.query.wording import BLANK, Wording

STREAM_FIELDS = frozenset(
    {*LABELS.values(), "app", "cluster", "container", "filename", "job", "node", "pod", "stream"}
) - {
    LABELS[EntityType.ENDPOINT],
    LABELS[EntityType.HTTP_STATUS],
}
"""Labels that stand on streams by convention; all others come from the line."""

_PAIR = re.compile(
    r"(?<![\w.])([A-Za-z_][\w.]{0,60})\s?(!=|>=|<=|==|=|>|<)\s?(\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|[^\s,;=<>\"']{1,200})"
)
_PLACE = re.compile(
    r"\b(pod|container|cluster|node|job)s? (?:called |named |= ?)?([a-z0-9][a-z0-9.-]*-[a-z0-9.-]*[a-z0-9])\b"
)
_LEVEL_NAMES = {
    "warning": "warn",
    "warnings": "warn",
    "errors": "error",
    "err": "error",
    "crit": "critical",
    "information": "info",
}
_LEVEL = rf"({'|'.join([*LEVELS, *_LEVEL_NAMES])})"
_LEVEL_SAID = re.compile(
    rf"\b(?:log[ -]?)?(?:level|severity|lvl)s?\s?(?:is|of|=|:|==|at)?\s?{_LEVEL}\b|\b{_LEVEL}[ -](?:log[ -]?)?(?:level|severity|lvl)\b",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"\b(?:at least )?{_LEVEL}(?:[ -]level)?(?: logs?| lines?)?(?:\+|(?: or| and) (?:above|higher|worse|up|more severe|greater)\b)|\bat least {_LEVEL}\b",
    re.IGNORECASE,
)
_KIND = re.compile(rf"\b(?:{'|'.join(sorted(KINDS, key=len, reverse=True))})\b", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:contain(?:s|ing)?|mention(?:s|ing|ed)?|match(?:es|ing)?|includ(?:es|ing|e)|sa(?:y|ys|ying|id)|about|regarding|related to|with (?:the )?(?:word|text|string|phrase|message)s?"
    r"|the (?:word|text|string|phrase)s?|grep(?:ping)?(?: for)?|(?:search|look|scan|dig|check|hunt|grep)(?:ing|es)?\b[^,.;\n]{0,40}?\bfor)\s+(?:the (?:word|text|string|phrase)s?\s+)?",
    re.IGNORECASE,
)
_SAID_ENDS = re.compile(
    rf"[,;?!{BLANK}]|\.(?=\s|$)|\b(?:since|last|past|today|yesterday|between|per|but|except|excluding|without|please|pls|thanks|thx|grouped|during|within)\b"
    r"|\b(?:in|from|on|for|by|at|of|over) (?=the \0|our |all |any |each |\0|logs?\b|the logs?\b|every )",
    re.IGNORECASE,
)
_EDGES = re.compile(
    r"^(?:(?:the|a|an|any|all|some|word|text|string|phrase)\s+)+|(?:\s+(?:in|the|a|from|on|for|at|over|of|and|or|by|service|our|logs?|lines?|messages?|to|with|not))+$",
    re.IGNORECASE,
)
_ALTERNATIVES = re.compile(r"\s+(?:or|oder)\s+", re.IGNORECASE)
_ALL = re.compile(r"\s+(?:and|und)\s+", re.IGNORECASE)
_NAMED_ID = re.compile(
    r"\b(?:user|customer|client|order|account|request|req|trace|session|job|tenant|device|invoice|payment|transaction|txn|tx|message|msg|correlation|span|thread|build|cart|merchant|org|ticket)"
    r"(?:s)?[ _-]?(?:ids?|number|no\.?|uuid|#)?\s?[:#=]?\s?#?((?=[\w-]{0,80}\d)[\w-]{2,80}(?:\.[\w-]{1,40})?)(?![\w/])",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(?<![\w./-])(?:"
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # a UUID
    r"|(?=[a-f]*\d)[0-9a-f]{12,64}"  # a trace or commit id
    r"|(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?"  # an address
    r"|[\w.+-]{1,60}@[\w-]{1,60}(?:\.[\w-]{1,30}){1,4}"
    r"|(?:[a-z]\w{0,30}\.){1,8}[A-Z]\w{2,80}"  # com.acme.PaymentException
    r"|[A-Z][a-z0-9]{1,40}(?:[A-Z][a-z0-9]{1,40}){1,8}"  # NullPointerException
    r"|E[A-Z]{4,20}|[A-Z][A-Z0-9]{1,30}(?:_[A-Z0-9]{1,30}){1,6}"  # ECONNREFUSED, ERR_TIMEOUT
    r"|\w{1,60}\.(?:go|py|js|ts|java|rb|php|rs|kt|cs|yaml|json|sql)(?::\d{1,6})?"
    r"|[A-Za-z]{2,20}[_-](?=[\w-]{0,60}\d)[\w-]{1,60}"  # order-1234, req_8f3a
    r"|GET|POST|PUT|PATCH|DELETE|HEAD"
    r")(?![\w/])"
)
_METHOD = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b")
_BARE_STATUS = re.compile(r"(?<![\w.])([1-5]\d\d)['’]?s\b")
_NOUN = re.compile(r"\b((?:[a-z][a-z-]{2,30}\s){1,3})(?:messages?|lines?|entries|events|warnings)\b", re.IGNORECASE)
_NO_TOPIC = frozenset(
    [
        "any",
        "all",
        "the",
        "log",
        "logs",
        "error",
        "errors",
        "show",
        "me",
        "get",
        "give",
        "find",
        "see",
        "list",
        "of",
        "per",
        "number",
        "how",
        "many",
        "most",
        "common",
        "recent",
        "last",
        "latest",
        "new",
        "some",
        "these",
        "those",
        "that",
        "are",
        "there",
        "were",
        "was",
        "is",
        "access",
        "raw",
        "json",
        "logfmt",
        "debug",
        "info",
        "warn",
        "warning",
        "fatal",
        "critical",
        "which",
        "what",
        "for",
        "from",
        "with",
        "and",
        "every",
        "each",
        "top",
        "full",
        "only",
        "just",
        "other",
        "their",
        "our",
        "its",
        "have",
        "has",
        "no",
        "not",
        "without",
        "exclude",
        "excluding",
        "except",
        "unique",
        "distinct",
        "first",
        "total",
        "count",
        "more",
        "less",
        "than",
        "over",
        "can",
        "you",
        "pull",
        "fetch",
        "tail",
        "grep",
        "application",
        "app",
        "server",
        "service",
        "container",
        "pod",
    ]
)
_WITHOUT_CASE = "(?i)"


@dataclass(slots=True)
class Lines:
    """What is asked of lines, in the order in which a query writes it."""

    matchers: list[Matcher] = field(default_factory=list)
    filters: list[LineFilter] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    """Of fields of the line."""


def begin(wording: Wording) -> Lines:
    """Take what is written as in a query, before anything else reads a number or a name in it."""
    lines = Lines()
    _pairs(wording, lines)
    _places(wording, lines)
    return lines


def finish(wording: Wording, lines: Lines) -> Lines:
    """Take everything else that is said of the lines."""
    _levels(wording, lines)
    lines.filters += _literals(wording)
    lines.filters += _kinds(wording)
    lines.conditions += _statuses(wording)
    lines.conditions += _limits(wording)
    return lines


def _pairs(wording: Wording, lines: Lines) -> None:
    """Fields as they are written: `level=error`, `user_id = 42`."""
    for match in _PAIR.finditer(wording.text):
        label, op, value = match[1].replace(".", "_"), match[2], match[3].strip("\"'").rstrip(".?!")
        if not value or any(quote.start < match.start() < quote.end for quote in wording.quotes):
            continue
        if label in STREAM_FIELDS and wording.named(EntityType.SERVICE) and label == LABELS[EntityType.SERVICE]:
            continue
        wording.claim(*match.span())
        negative = wording.negated(match.start()) != (op == "!=")
        if label in STREAM_FIELDS:
            lines.matchers.append(Matcher(label, "!=" if negative else "=", value))
        elif re.fullmatch(r"\d+(?:\.\d+)?(?:ms|s|m|h)?", value) and (
            op not in ("=", "==", "!=") or label in ("status", "duration")
        ):
            lines.conditions.append(
                Compare(label, _opposite(op) if wording.negated(match.start()) else _plain(op), Quantity(value))
            )
        else:
            lines.conditions.append(Matcher(label, "!=" if negative else "=", value))


def _places(wording: Wording, lines: Lines) -> None:
    for match in _PLACE.finditer(wording.text):
        if any(quote.start < match.start() < quote.end for quote in wording.quotes):
            continue
        wording.claim(*match.span())
        lines.matchers.append(Matcher(match[1].lower(), "!=" if wording.negated(match.start()) else "=", match[2]))


def _levels(wording: Wording, lines: Lines) -> None:
    for match in wording.find(_ABOVE):
        level = _level(match[1] or match[2])
        lines.filters.append(LineFilter("|~", (_WITHOUT_CASE + "|".join(LEVELS[LEVELS.index(level) :]),)))
    said: dict[bool, list[str]] = {False: [], True: []}
    for match in wording.find(_LEVEL_SAID):
        said[wording.negated(match.start())].append(_level(match[1] or match[2]))
    for negative, levels in said.items():
        if levels:
            lines.conditions.append(one_of("level", tuple(dict.fromkeys(levels)), negative=negative))


def _level(word: str) -> str:
    return _LEVEL_NAMES.get(word.lower(), word.lower())


def _literals(wording: Wording) -> Iterator[LineFilter]:
    found: list[tuple[int, tuple[str, ...]]] = [(quote.start, (quote.text,)) for quote in wording.quotes]
    found += ((e.start, (e.value,)) for kind in (EntityType.ENDPOINT, EntityType.INCIDENT) for e in wording.named(kind))
    methods = ((e, _METHOD.match(e.text)) for e in wording.named(EntityType.ENDPOINT))
    found += (
        (entity.start, (method[1],)) for entity, method in methods if method and not wording.negated(entity.start)
    )
    found += ((match.start(1), (match[1],)) for match in wording.find(_NAMED_ID))
    found += ((match.start(), (match[0],)) for match in _TOKEN.finditer(wording.rest) if match[0].lower() not in KINDS)
    for start, values in found:
        wording.take(start, start + len(values[0]))
    found += _said(wording)
    for start, values in _joined_by_or(wording, sorted(found)):
        if wording.negated(start):
            yield from (LineFilter("!=", (value,)) for value in values)
        elif len(values) == 1:
            yield LineFilter("|=", values)
        else:
            yield LineFilter("|~", ("|".join(map(escaped, values)),))


def _joined_by_or(wording: Wording, found: list[tuple[int, tuple[str, ...]]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Neighbours with "or" between them are alternatives."""
    group: tuple[int, tuple[str, ...]] | None = None
    for start, values in found:
        if group and _is_or(wording, group, start):
            group = (group[0], (*group[1], *values))
            continue
        if group:
            yield group
        group = (start, values)
    if group:
        yield group


def _is_or(wording: Wording, group: tuple[int, tuple[str, ...]], start: int) -> bool:
    before = wording.text[group[0] : start].rstrip(" \"'`“„").lower()
    return before.endswith((" or", " oder")) and len(before) < len("".join(group[1])) + 12 * len(group[1])


def _said(wording: Wording) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Words that lines are said to contain: "mentioning connection reset or broken pipe"."""
    for match in _SAID.finditer(wording.rest):
        start = match.end()
        end = _SAID_ENDS.search(wording.rest, start)
        phrase = wording.rest[start : end.start() if end else len(wording.rest)]
        text = _EDGES.sub("", phrase.strip(" :.")).strip(" :.")
        if len(text) < 2 or wording.taken(start, start + 1) or text.lower() in _EMPTY or _is_kind(match[0], text):
            continue
        wording.take(start, start + len(phrase))
        for part in _ALL.split(text):
            yield start, tuple(_ALTERNATIVES.split(part))


def _is_kind(verb: str, text: str) -> bool:
    """ "About redis timeouts" and "search for timeouts" ask for a kind of line; "containing timeout" for the word."""
    kind = _KIND.search(text)
    return kind is not None and (not _LITERALLY.match(verb) or kind[0].lower() not in KINDS[kind[0].lower()].split("|"))


_LITERALLY = re.compile(r"contain|mention|match|inclu|sa[yi]|with|the |grep", re.IGNORECASE)
_EMPTY = frozenset(
    {
        "errors",
        "error",
        "error logs",
        "logs",
        "log",
        "anything",
        "something",
        "problems",
        "issues",
        "lines",
        "failures",
        "warnings",
        "exceptions",
        "it",
        "them",
    }
)


def _kinds(wording: Wording) -> Iterator[LineFilter]:
    status = {e.end for e in wording.named(EntityType.HTTP_STATUS)}
    groups: list[tuple[bool, list[str], int]] = []
    for match in wording.find(_KIND):
        key = " ".join(match[0].lower().split())
        kind = KINDS.get(key) or KINDS.get(key.replace("-", " ")) or key
        if kind in GENERIC and any(0 <= match.start() - end <= 1 for end in status):
            continue  # "500 errors" are known by their status
        negative = wording.negated(match.start())
        gap = wording.text[groups[-1][2] : match.start()] if groups else ""
        if groups and groups[-1][0] is negative and not gap.strip() and kind in GENERIC:
            continue  # "timeout errors" are timeouts
        if (
            groups
            and groups[-1][0] is negative
            and re.fullmatch(
                r"\s*(?:[,/&+]|(?:, ?)?(?:and|or|und|oder|y)\b)\s*(?:any |all |the |other )?", gap, re.IGNORECASE
            )
        ):
            groups[-1] = (negative, [*groups[-1][1], kind], match.end())
        else:
            groups.append((negative, [kind], match.end()))
        if topic := TOPICS.search(wording.rest[: match.start()]):
            wording.take(*topic.span())
            yield LineFilter("!~" if negative else "|~", (_WITHOUT_CASE + topic[1].lower(),))
    for match in wording.find(_NOUN):
        if words := [word for word in match[1].lower().split() if word not in _NO_TOPIC]:
            yield LineFilter("!~" if wording.negated(match.start()) else "|~", (_WITHOUT_CASE + " ".join(words),))
    for negative, kinds, _ in groups:
        yield LineFilter("!~" if negative else "|~", (_WITHOUT_CASE + "|".join(dict.fromkeys(kinds)),))


def _statuses(wording: Wording) -> Iterator[Condition]:
    for negative in (False, True):
        values = wording.values(EntityType.HTTP_STATUS, negated=negative)
        bare = (match for match in _BARE_STATUS.finditer(wording.rest) if wording.negated(match.start()) is negative)
        values += tuple(match[1] for match in bare)
        parts = [_status(value, negative=negative) for value in values]
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


_LIMIT = re.compile(r"(>=|<=|>|<)(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|B|KB|MB|GB|KiB|MiB|GiB)")


def _limits(wording: Wording) -> Iterator[Condition]:
    """Durations and sizes that lines report: "slower than 2s", "bigger than 5MB"."""
    for entity in wording.named(EntityType.THRESHOLD):
        if match := _LIMIT.fullmatch(entity.value):
            label = "size" if match[3].endswith("B") else "duration"
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


def escaped(text: str) -> str:
    """The text as part of a regular expression of RE2: only what it knows as special is escaped."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)
