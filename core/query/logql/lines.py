"""Which lines a sentence asks for: what they contain, what kind they are, which fields they have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.logql.kinds import GENERIC, KIND, KINDS, LEVELS, TOPICS
from core.query.logql.model import (
    Compare,
    CompareOp,
    Condition,
    Either,
    Every,
    LineFilter,
    LineOp,
    Matcher,
    MatchOp,
    Quantity,
)
from core.query.logql.said import WITHOUT_CASE, ids, literals, patterns
from core.query.patterns import escaped
from core.query.wording import Wording, word_set

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
_VALUE = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h)?")
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
_METHOD = re.compile(r"\b(method(?: is)?[ =]+)?(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b")
_FIELD_BEFORE = re.compile(
    r"\b(?:(status(?: code)?|size|bytes|[a-z]{1,30}(?:_[a-z0-9]{1,30}){1,5})|where (?:the )?([a-z]\w{1,30})) (?:(?:is|are|was|field) )?\Z",
    re.IGNORECASE,
)
_FROM_TO: tuple[CompareOp, CompareOp] = (">=", "<=")
_FIELD_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?(?:ms|s|m|h)?)")
_BARE_STATUS = re.compile(r"(?<![\w.])([1-5][0-9][0-9])['’]?s\b")
_NOUN = re.compile(r"\b((?:[a-z][a-z-]{2,30}\s){1,3})(?:messages?|lines?|entries|events|warnings)\b", re.IGNORECASE)
_NO_TOPIC = word_set(
    "any all the log logs error errors show me get give find see list of per number how many most common recent last latest new some these those that are there were was is access "
    "raw json logfmt debug info warn warning fatal critical which what for from with and every each top full only just other their our its have has no not without exclude excluding except unique distinct "
    "first total count more less than over can you pull fetch tail grep application app server service container pod"
)
_BEFORE = 60
"""Characters before a kind in which its subject stands."""


@dataclass(slots=True)
class Lines:
    """What is asked of lines, in the order in which a query writes it."""

    matchers: list[Matcher] = field(default_factory=list)
    filters: list[LineFilter] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    """Of fields of the line."""
    parsed: bool = False
    """Somebody said how lines are written, so that what they have as fields need not be searched in their text."""


def begin(wording: Wording, *, parsed: bool) -> Lines:
    """Take what is written as in a query, before anything else reads a number or a name in it."""
    lines = Lines(parsed=parsed)
    lines.filters += patterns(wording)
    _pairs(wording, lines)
    _places(wording, lines)
    lines.conditions += _field_limits(wording)
    return lines


def finish(wording: Wording, lines: Lines) -> Lines:
    """Take everything else that is said of the lines."""
    _levels(wording, lines)
    lines.conditions += _methods(wording, parsed=lines.parsed)
    lines.conditions += ids(wording, parsed=lines.parsed)
    lines.filters += literals(wording)
    _kinds(wording, lines)
    lines.conditions += _statuses(wording)
    lines.conditions += _limits(wording)
    return lines


def _pairs(wording: Wording, lines: Lines) -> None:
    """Fields as they are written: `level=error`, `user_id = 42`."""
    for match in _PAIR.finditer(wording.text):
        label, op, value = match[1].replace(".", "_"), match[2], match[3].strip("\"'").rstrip(".?!")
        quoted = any(quote.start < match.start() < quote.end for quote in wording.quotes)
        if not value or quoted or wording.claimed(*match.span()):
            continue
        if label in STREAM_FIELDS and wording.named(EntityType.SERVICE) and label == LABELS[EntityType.SERVICE]:
            continue
        wording.claim(*match.span())
        negative = wording.negated(match.start()) != (op == "!=")
        if label in STREAM_FIELDS:
            lines.matchers.append(Matcher(label, "!=" if negative else "=", value))
        elif _VALUE.fullmatch(value) and (op not in ("=", "==", "!=") or label in ("status", "duration")):
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
        worse = LEVELS[LEVELS.index(_level(match[1] or match[2])) :]
        if lines.parsed:
            lines.conditions.append(one_of("level", worse, negative=False))
        else:
            lines.filters.append(LineFilter("|~", (WITHOUT_CASE + "|".join(worse),)))
    said: dict[bool, list[str]] = {False: [], True: []}
    for match in wording.find(_LEVEL_SAID):
        said[wording.negated(match.start())].append(_level(match[1] or match[2]))
    for negative, levels in said.items():
        if levels:
            lines.conditions.append(one_of("level", tuple(dict.fromkeys(levels)), negative=negative))


def _level(word: str) -> str:
    return _LEVEL_NAMES.get(word.lower(), word.lower())


def _field_limits(wording: Wording) -> Iterator[Condition]:
    """ "Where status is at least 500": the field stands before its limit."""
    for entity in wording.named(EntityType.THRESHOLD):
        name = _FIELD_BEFORE.search(wording.text, max(0, entity.start - _BEFORE), entity.start)
        limit = _FIELD_LIMIT.fullmatch(entity.value)
        if name and limit:
            wording.claim(name.start(), entity.end)
            label = (name[1] or name[2]).lower()
            yield Compare("status" if label.startswith("status") else label, _plain(limit[1]), Quantity(limit[2]))


def _methods(wording: Wording, *, parsed: bool) -> Iterator[Condition]:
    """ "Method POST" is a field, and so is a bare POST where lines are known to have fields."""
    for match in _METHOD.finditer(wording.rest):
        if (match[1] or parsed) and not wording.taken(*match.span()):
            wording.take(*match.span())
            yield Matcher("method", "!=" if wording.negated(match.start()) else "=", match[2])


def _kinds(wording: Wording, lines: Lines) -> None:
    stated = {one.value for one in lines.conditions if isinstance(one, Matcher) and one.label == "level"}
    for negative, kinds in _kinds_said(wording, lines):
        names = tuple(dict.fromkeys(kinds))
        if stated.issuperset(names):
            continue  # "error lines, level error" says it twice
        if lines.parsed and set(names) <= set(LEVELS):
            lines.conditions.append(one_of("level", names, negative=negative))
        else:
            lines.filters.append(LineFilter("!~" if negative else "|~", (WITHOUT_CASE + "|".join(names),)))


def _kinds_said(wording: Wording, lines: Lines) -> list[tuple[bool, list[str]]]:
    """What kinds of line are asked for, or left out; their subjects are taken on the way."""
    status = {e.end for e in wording.named(EntityType.HTTP_STATUS)}
    groups: list[tuple[bool, list[str], int]] = []
    rest = wording.rest
    for match in wording.find(KIND):
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
        topic = TOPICS.search(rest, max(0, match.start() - _BEFORE), match.start())
        if topic and not (lines.parsed and topic[1].lower() == "json"):
            wording.take(*topic.span())
            lines.filters.append(LineFilter("!~" if negative else "|~", (WITHOUT_CASE + topic[1].lower(),)))
    for match in wording.find(_NOUN):
        if words := [word for word in match[1].lower().split() if word not in _NO_TOPIC]:
            op: LineOp = "!~" if wording.negated(match.start()) else "|~"
            lines.filters.append(LineFilter(op, (WITHOUT_CASE + " ".join(words),)))
    return [(negative, kinds) for negative, kinds, _ in groups]


def _statuses(wording: Wording) -> Iterator[Condition]:
    if between := wording.statuses_between():
        yield from (Compare("status", op, Quantity(code)) for op, code in zip(_FROM_TO, between, strict=True))
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


_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?)(ns|us|ms|s|m|h|B|KB|MB|GB|KiB|MiB|GiB)")


def _limits(wording: Wording) -> Iterator[Condition]:
    """Durations and sizes that lines report: "slower than 2s", "between 1s and 2s", "bigger than 5MB"."""
    if between := wording.between():
        yield from (Compare("duration", op, Quantity(length)) for op, length in zip(_FROM_TO, between, strict=True))
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
