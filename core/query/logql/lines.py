"""Which lines a sentence asks for: what they contain, what kind they are, which fields they have."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from core.query.logql import asking, bare, codes, fields, levels, recognised, requests
from core.query.logql.conditions import one_of
from core.query.logql.expressions import ends, matched, patterns
from core.query.logql.model import Condition, LineFilter, Matcher
from core.query.logql.named import addresses, ids
from core.query.logql.said import ANY_CASE, literals
from core.query.logql.unwanted import unwanted
from core.query.patterns import escaped
from core.query.wording import Wording

_PLACE = re.compile(
    r"(?<!per )(?<!by )(?<!each )(?<!every )\b(pod|container|cluster|node|job)s? (?:called |named |= ?)?([a-z0-9][a-z0-9.-]*-[a-z0-9.-]*[a-z0-9])\b"
    r"|\b(?:in|from|of|on|the|with|,) (container|cluster) (?:called |named )?([a-z][a-z0-9_]{2,40})\b(?=,|$| and\b| in\b| on\b| from\b| of\b| with\b)"
    r"|, (container|cluster) ([a-z][a-z0-9_]{2,40})\b|(?<=[\w] )(container|cluster) ([a-z][a-z0-9_]{2,40})(?=\Z|,)"
)
_OTHER = re.compile(r"(?:,? (?:and|or|und|oder|y|o) |, |/)([a-z0-9][a-z0-9.-]*-(?=[a-z0-9.-]*\d)[a-z0-9.-]*[a-z0-9])\b")
"""Another one beside it."""
_STREAM = re.compile(r"\b(stderr|stdout)\b", re.IGNORECASE)


@dataclass(slots=True)
class Lines:
    """What is asked of lines, in the order in which a query writes it."""

    matchers: list[Matcher] = field(default_factory=list)
    filters: list[LineFilter] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    """Of fields of the line."""
    field: str = ""
    """What a limit is about, where somebody said so."""
    parsed: bool = False
    """Somebody said how lines are written, so that what they have as fields need not be searched in their text."""


def begin(wording: Wording, *, parsed: bool) -> Lines:
    """Take what is written as in a query, before anything else reads a number or a name in it."""
    lines = Lines(parsed=parsed)
    lines.filters += patterns(wording)
    lines.filters += ends(wording)
    lines.filters += addresses(wording)
    _places(wording, lines)
    lines.field = fields.named_field(wording) if parsed else ""
    for condition in fields.said_first(wording, parsed=parsed):
        if isinstance(condition, Matcher) and condition.label in fields.STREAM_FIELDS:
            lines.matchers.append(condition)
        else:
            lines.conditions.append(condition)
    lines.filters += matched(wording)
    return lines


def finish(wording: Wording, lines: Lines) -> Lines:
    """Take everything else that is said of the lines."""
    any_case = any(list(wording.find(ANY_CASE)))
    lines.conditions += levels.find(wording)
    formed = lines.parsed or bool(lines.conditions) or requests.of_requests(wording)
    lines.conditions += requests.methods(wording, parsed=formed)
    lines.conditions += ids(wording, parsed=lines.parsed)
    lines.matchers += _streams(wording)
    lines.filters += literals(wording, any_case=any_case)
    statuses = tuple(codes.statuses(wording))
    for found in recognised.find(wording, lines.conditions, any_case=any_case):
        if isinstance(found, LineFilter):
            lines.filters.append(found)
        else:
            lines.conditions.append(found)
    if lines.filters or any(isinstance(one, Matcher) and one.label == "level" for one in lines.conditions):
        lines.filters += _literals(wording, bare.objects(wording), any_case=any_case)
    lines.conditions += statuses
    lines.conditions += fields.limits(wording, lines.field)
    lines.filters += unwanted(wording)
    lines.filters += _literals(wording, bare.names(wording), any_case=any_case)
    if not lines.filters and not lines.conditions:
        lines.filters += _literals(wording, bare.find(wording), any_case=any_case)
    return lines


def _literals(wording: Wording, found: Iterable[tuple[int, str]], *, any_case: bool) -> Iterator[LineFilter]:
    for start, text in found:
        if any_case:
            yield LineFilter("!~" if wording.negated(start) else "|~", (recognised.WITHOUT_CASE + escaped(text),))
            continue
        yield LineFilter("!=" if wording.negated(start) else "|=", (text,))


def _places(wording: Wording, lines: Lines) -> None:
    for match in _PLACE.finditer(wording.text):
        if any(quote.start < match.start() < quote.end for quote in wording.quotes):
            continue
        label, name = filter(None, match.groups())
        if wording.taken(*match.span(match.lastindex or 0)) and "-" not in name:
            continue
        if "-" not in name and not asking.content(name):
            continue
        wording.claim(*match.span())
        names, end = [name], match.end()
        while (other := _OTHER.match(wording.text, end)) and other[1] not in wording.question.services:
            wording.claim(*other.span())
            names.append(other[1])
            end = other.end()
        lines.matchers.append(one_of(label.lower(), tuple(names), negative=wording.negated(match.end() - 1)))


def _streams(wording: Wording) -> Iterator[Matcher]:
    """ "Stderr logs"."""
    for match in wording.find(_STREAM):
        yield Matcher("stream", "!=" if wording.negated(match.start()) else "=", match[1].lower())
