"""Which lines a sentence asks for: what they contain, what kind they are, which fields they have."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.nlp.interpretation import EntityType
from core.query.logql import fields
from core.query.logql.kinds import GENERIC, KIND, KINDS, LEVELS, TOPICS
from core.query.logql.model import Condition, LineFilter, LineOp, Matcher
from core.query.logql.said import WITHOUT_CASE, addresses, ends, ids, literals, matched, patterns, unwanted
from core.query.wording import Wording, word_set

_PLACE = re.compile(
    r"\b(pod|container|cluster|node|job)s? (?:called |named |= ?)?([a-z0-9][a-z0-9.-]*-[a-z0-9.-]*[a-z0-9])\b"
    r"|\b(?:in|from|of|on|the|with|,) (container|cluster) (?:called |named )?([a-z][a-z0-9_]{2,40})\b(?=,|$| and\b| in\b| on\b| from\b| of\b| with\b)"
    r"|, (container|cluster) ([a-z][a-z0-9_]{2,40})\b"
)
_STREAM = re.compile(r"\b(stderr|stdout)\b", re.IGNORECASE)
_NOUN = re.compile(r"\b((?:[a-z][a-z-]{2,30}\s){1,3})(?:messages?|lines?|entries|events|warnings)\b", re.IGNORECASE)
_NO_TOPIC = word_set(
    "any all the log logs error errors show me get give find see list of per number how many most common recent last latest new some these those that are there were was is access "
    "printed print prints wrote written logged emitted says saying said everything anything nothing something except but contain contains containing match matches matching mention mentions mentioning include including "
    "leave drop skip ignore hide omit out how often does did them they want need please format case casing insensitive where whose when about having not-in "
    "raw json logfmt debug info warn warning fatal critical which what for from with and every each top full only just other their our its have has no not without exclude excluding except unique distinct "
    "first total count more less than over can you pull fetch tail grep application app server service container pod"
)
_BEFORE = 60
"""Characters before a kind in which its subject stands."""


_LINES = re.compile(r"\s(?:log )?(?:lines?|entries|zeilen|l[ií]neas)\b", re.IGNORECASE)
_BENT = re.compile(r"(?:s|ed|ing)$")
"""Ends of plurals and of verbs, which lines write otherwise."""


@dataclass(frozen=True, slots=True)
class _Kind:
    pattern: str
    """That finds such lines."""
    said: str
    """In the sentence, in small letters."""
    of_lines: bool
    """ "Panic lines"."""


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
    _levels(wording, lines)
    lines.conditions += fields.methods(wording, parsed=lines.parsed)
    lines.conditions += ids(wording, parsed=lines.parsed)
    lines.matchers += _streams(wording)
    lines.filters += literals(wording)
    statuses = tuple(fields.statuses(wording))
    _kinds(wording, lines)
    lines.conditions += statuses
    lines.conditions += fields.limits(wording, lines.field)
    lines.filters += unwanted(wording)
    return lines


def _places(wording: Wording, lines: Lines) -> None:
    for match in _PLACE.finditer(wording.text):
        if any(quote.start < match.start() < quote.end for quote in wording.quotes):
            continue
        label, name = filter(None, match.groups())
        if wording.taken(*match.span(match.lastindex or 0)) and "-" not in name:
            continue
        wording.claim(*match.span())
        lines.matchers.append(Matcher(label.lower(), "!=" if wording.negated(match.end() - 1) else "=", name))


def _streams(wording: Wording) -> Iterator[Matcher]:
    """ "Stderr logs"."""
    for match in wording.find(_STREAM):
        yield Matcher("stream", "!=" if wording.negated(match.start()) else "=", match[1].lower())


def _levels(wording: Wording, lines: Lines) -> None:
    for worse in fields.worse(wording):
        if lines.parsed:
            lines.conditions.append(fields.one_of("level", worse, negative=False))
        else:
            lines.filters.append(LineFilter("|~", (WITHOUT_CASE + "|".join(worse),)))
    lines.conditions += fields.levels(wording)


def _kinds(wording: Wording, lines: Lines) -> None:
    stated = {one.value for one in lines.conditions if isinstance(one, Matcher) and one.label == "level"}
    for negative, kinds in _kinds_said(wording, lines):
        names = tuple(dict.fromkeys(kind.pattern for kind in kinds))
        if stated.issuperset(names):
            continue  # "error lines, level error" says it twice
        if lines.parsed and set(names) <= set(LEVELS):
            lines.conditions.append(fields.one_of("level", names, negative=negative))
        else:
            lines.filters.append(_of_kinds(kinds, negative=negative))


def _of_kinds(kinds: Sequence["_Kind"], *, negative: bool) -> LineFilter:
    """One word that is said of lines as it stands in them is looked for as it is said: "panic lines", "not healthcheck". A kind of
    line is whatever tells of it, in any case of letters: "errors", "timeouts", "did it crash"."""
    names = tuple(dict.fromkeys(kind.pattern for kind in kinds))
    word = kinds[0].said
    verbatim = kinds[0].of_lines or (negative and not _BENT.search(word))
    if len(names) == 1 and verbatim and names[0] not in LEVELS and names[0] not in GENERIC:
        return LineFilter("!=" if negative else "|=", (word,))
    return LineFilter("!~" if negative else "|~", (WITHOUT_CASE + "|".join(names),))


def _kinds_said(wording: Wording, lines: Lines) -> list[tuple[bool, list[_Kind]]]:
    """What kinds of line are asked for, or left out; their subjects are taken on the way."""
    status = {e.end for e in wording.named(EntityType.HTTP_STATUS)}
    groups: list[tuple[bool, list[_Kind], int]] = []
    rest = wording.rest
    for match in wording.find(KIND):
        key = " ".join(match[0].lower().split())
        kind = KINDS.get(key) or KINDS.get(key.replace("-", " ")) or key
        if kind in GENERIC and any(0 <= match.start() - end <= 1 for end in status):
            continue  # "500 errors" are known by their status
        negative, of_lines = wording.negated(match.start()), bool(_LINES.match(rest, match.end()))
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
            groups[-1] = (negative, [*groups[-1][1], _Kind(kind, key, of_lines)], match.end())
        else:
            groups.append((negative, [_Kind(kind, key, of_lines)], match.end()))
        topic = TOPICS.search(rest, max(0, match.start() - _BEFORE), match.start())
        if topic and not (lines.parsed and topic[1].lower() == "json"):
            wording.take(*topic.span())
            lines.filters.append(LineFilter("!~" if negative else "|~", (WITHOUT_CASE + topic[1].lower(),)))
    for match in wording.find(_NOUN):
        if words := [word for word in match[1].lower().split() if word not in _NO_TOPIC]:
            op: LineOp = "!~" if wording.negated(match.start()) else "|~"
            if len(words) == 1 and words[0].upper() in match[1].split():
                # An abbreviation stands in lines as people write it.
                lines.filters.append(LineFilter("!=" if op == "!~" else "|=", (words[0].upper(),)))
                continue
            lines.filters.append(LineFilter(op, (WITHOUT_CASE + " ".join(words),)))
    return [(negative, kinds) for negative, kinds, _ in groups]
