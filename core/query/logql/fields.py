"""Labels that a sentence names: those of streams, and those that come from the line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.nlp.interpretation import EntityType
from core.query.labels import LABELS
from core.query.logql.kinds import LEVELS
from core.query.logql.model import (
    Compare,
    CompareOp,
    Condition,
    Either,
    Every,
    LineFilter,
    Matcher,
    MatchOp,
    Quantity,
)
from core.query.patterns import escaped
from core.query.wording import Wording

STREAMS = (
    EntityType.SERVICE,
    EntityType.ENVIRONMENT,
    EntityType.NAMESPACE,
    EntityType.REGION,
    EntityType.HOST,
    EntityType.VERSION,
)
"""Types of entities that choose streams, in the order in which they are written."""
STREAM_LABELS = frozenset({"app", "cluster", "container", "filename", "job", "node", "pod", "stream"}) | {
    LABELS[kind] for kind in STREAMS
}
"""Labels that stand on streams by convention; all others come from the line."""

_PAIR = re.compile(
    r"(?<![\w.])([A-Za-z_][A-Za-z0-9_.]{0,60})\s?(!=|>=|<=|==|=|>|<)\s?"
    r"(\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|[^\s,;=<>\"']{1,200})"
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h)?")
_PLACE = re.compile(
    r"\b(?:(pod)s? (?:called |named )?((?=[a-z0-9.-]{0,60}[-0-9])[a-z0-9][a-z0-9.-]{1,80})"
    r"|(container|cluster|node|job) (?:called |named )?(?!(?:in|on|for|from|with|and|or|the|logs?|restarts?|errors?|name|is|that|which|of|to|id)\b)"
    r"([a-z0-9][a-z0-9.-]{1,80}))(?![\w/])"
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
_LEVEL_WORD = r"(?:log[ -]?)?(?:level|severity|lvl)"
_LEVEL_SAID = re.compile(
    rf"\b{_LEVEL_WORD}s?\s?(?:is|of|=|:|==|at)?\s?{_LEVEL}\b|\b{_LEVEL}[ -]{_LEVEL_WORD}\b", re.IGNORECASE
)
_LEAST_LEVEL = re.compile(
    rf"\b(?:at least )?{_LEVEL}(?:[ -]level)?(?: logs?| lines?)?"
    rf"(?:\+|(?: or| and) (?:above|higher|worse|up|more severe|greater)\b)|\bat least {_LEVEL}\b",
    re.IGNORECASE,
)
_BARE_STATUS = re.compile(r"(?<![\w.])([1-5][0-9][0-9])['’]?s\b")
_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?)(ns|us|ms|s|m|h|B|KB|MB|GB|KiB|MiB|GiB)")
_OPS: dict[str, CompareOp] = {"==": "=", "=": "=", "!=": "!=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
_OPPOSITES: dict[str, CompareOp] = {"==": "!=", "=": "!=", "!=": "=", ">": "<=", ">=": "<", "<": ">=", "<=": ">"}


@dataclass(slots=True)
class Found:
    """What is asked of lines, in the order in which a query writes it."""

    matchers: list[Matcher] = field(default_factory=list)
    filters: list[LineFilter] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    """Of labels that come from the line."""


def begin(wording: Wording) -> Found:
    """Take what is written as in a query, before anything else reads a number or a name in it."""
    found = Found()
    for match in _PAIR.finditer(wording.text):
        if not wording.quotes_at(match.start()):
            _pair(wording, match, found)
    for match in _PLACE.finditer(wording.text):
        if not wording.quotes_at(match.start()):
            wording.claim(*match.span())
            label, value = (match[1], match[2]) if match[1] else (match[3], match[4])
            found.matchers.append(Matcher(label, "!=" if wording.negated(match.start()) else "=", value))
    for name, op, number in wording.field_limits():
        found.conditions.append(Compare(name.replace(".", "_"), _OPS[op], Quantity(number)))
    return found


def finish(wording: Wording, found: Found) -> None:
    """Take levels, status codes, durations and sizes."""
    for match in wording.find(_LEAST_LEVEL):
        level = _level(match[1] or match[2])
        found.filters.append(LineFilter("|~", ("(?i)" + "|".join(LEVELS[LEVELS.index(level) :]),)))
    said: dict[bool, list[str]] = {False: [], True: []}
    for match in wording.find(_LEVEL_SAID):
        said[wording.negated(match.start())].append(_level(match[1] or match[2]))
    for negative, levels in said.items():
        if levels:
            found.conditions.append(one_of("level", tuple(dict.fromkeys(levels)), negative=negative))
    found.conditions += _statuses(wording)
    found.conditions += _limits(wording)


def one_of(label: str, values: tuple[str, ...], *, negative: bool) -> Matcher:
    """The label is one of these values, or none of them."""
    op: MatchOp
    if len(values) == 1:
        op = "!=" if negative else "="
        return Matcher(label, op, values[0])
    op = "!~" if negative else "=~"
    return Matcher(label, op, "|".join(map(escaped, values)))


def _pair(wording: Wording, match: re.Match[str], found: Found) -> None:
    """A field as it is written: `level=error`, `user_id = 42`."""
    label, op, value = match[1].replace(".", "_"), match[2], match[3].strip("\"'").rstrip(".?!")
    if any(one.type in STREAMS and match.start(3) <= one.start < match.end(3) for one in wording.entities):
        wording.take(match.start(), match.start(3))  # `env=prod`: the entity says it in its normal form
        return
    if not value:
        return
    wording.claim(*match.span())
    negated = wording.negated(match.start())
    equal: MatchOp = "!=" if negated != (op == "!=") else "="
    if label in STREAM_LABELS:
        found.matchers.append(Matcher(label, equal, value))
    elif _NUMBER.fullmatch(value) and (op not in ("=", "==", "!=") or label in ("status", "duration")):
        found.conditions.append(Compare(label, (_OPPOSITES if negated else _OPS)[op], Quantity(value)))
    else:
        found.conditions.append(Matcher(label, equal, value))


def _level(word: str) -> str:
    return _LEVEL_NAMES.get(word.lower(), word.lower())


def _statuses(wording: Wording) -> Iterator[Condition]:
    rest = wording.rest
    for negative in (False, True):
        bare = (match[1] for match in _BARE_STATUS.finditer(rest) if wording.negated(match.start()) is negative)
        values = (*wording.values(EntityType.HTTP_STATUS, negated=negative), *bare)
        parts = [_status(value, negative=negative) for value in dict.fromkeys(values)]
        if len(parts) == 1:
            yield parts[0]
        elif parts:
            yield Every(tuple(parts)) if negative else Either(tuple(parts))


def _status(value: str, *, negative: bool) -> Condition:
    label, code = LABELS[EntityType.HTTP_STATUS], value.lower()
    if not code.endswith("xx"):
        return Compare(label, "!=" if negative else "=", Quantity(code))
    low, high = Quantity(f"{code[0]}00"), Quantity(f"{int(code[0]) + 1}00")
    if code[0] == "5":
        return Compare(label, "<" if negative else ">=", low)
    if negative:
        return Either((Compare(label, "<", low), Compare(label, ">=", high)))
    return Every((Compare(label, ">=", low), Compare(label, "<", high)))


def _limits(wording: Wording) -> Iterator[Condition]:
    """Durations and sizes that lines report: "slower than 2s", "bigger than 5MB"."""
    for entity in wording.named(EntityType.THRESHOLD):
        if match := _LIMIT.fullmatch(entity.value):
            label = "size" if match[3].endswith("B") else "duration"
            yield Compare(label, _OPS[match[1]], Quantity(match[2] + match[3]))
