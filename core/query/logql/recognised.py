"""Kinds of lines that a sentence asks for by their usual words: errors are a level, timeouts are what lines say."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.nlp.interpretation import EntityType
from core.query.logql import asking
from core.query.logql.conditions import one_of
from core.query.logql.kinds import GENERIC, HAPPENED, KIND, KINDS, LEVEL_WORDS
from core.query.logql.model import Condition, LineFilter, Matcher
from core.query.patterns import escaped
from core.query.wording import BLANK, Wording

WITHOUT_CASE = "(?i)"
_JOINT = re.compile(
    r"\s*(?:[,/&+]|(?:, ?)?(?:and|or|nor|und|oder|y|o|e)\b)\s*(?:any |all |the |other |no |der |die |los |las )?",
    re.IGNORECASE,
)
_OR = re.compile(r",? (?:or|oder|o) |\s?/\s?", re.IGNORECASE)
_JOINED_LEVEL = re.compile(
    r" ?(?:,|/|&|\+| and | or | nor | und | oder | y | o ) ?(?:errors?|errs?|warn|warnings?|info|debug|trace|fatal|critical)\b",
    re.IGNORECASE,
)
_LEVEL_NOUN = re.compile(
    r"(?:[ -]level)?(?: (?:and|or|nor|und|oder|y|o)| ?[,/&+])? ?(?:log )?(?:lines?|logs?|messages?|msgs?|entries|entry|ones?|noise|spam|stuff|chatter|events?|output|errors?|meldungen|zeilen|l[ií]neas|mensajes)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"(?:\b(?:only|just|nur|s[oó]lo|solo|solamente|logged|logs|logging|lines?|writes?|wrote|spams?|how many|many)|[:,\0])\s?\Z",
    re.IGNORECASE,
)
_RARELY_LEVELS = frozenset({"debug", "info", "critical"})
"""Words of levels that mean something else as often: "more info", "help me debug", "a critical service"."""
_NOUN = re.compile(
    r" (?:log ?)?(?:messages?|lines?|entries|events|warnings|meldungen|zeilen|spam|noise|chatter)\b",
    re.IGNORECASE,
)
_STATUS_TEXTS = frozenset(
    {
        "failed",
        "rejected",
        "unauthorized",
        "unauthorised",
        "forbidden",
        "not found",
        "bad gateway",
        "service unavailable",
        "too many requests",
    }
)
"""What statuses are called: "the forbidden (403) calls" are known by their number."""
_CODE_BEHIND = re.compile(
    r" \(?(?:http )?[345](?:\d\d|xx)\b(?![.:/-]\d| ?(?:ms|s|m|h|lines?|times|min))", re.IGNORECASE
)
_WITH_STATUS = re.compile(
    rf" (?:with|by|on|mit|con) (?:an? |the )?(?:http )?(?:status |code |status code )?(?:(?P<code>[1-5](?:\d\d|xx)\b)|{BLANK})",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"\b(json|xml|yaml|csv|avro|protobuf)(?: (?:pars|decod|encod|seriali|deseriali|schema|valid|payload|body|syntax)\w*)? \Z",
    re.IGNORECASE,
)
""" "JSON parse errors" tell of JSON."""
_BOTH = re.compile(r"\b(?:both|together|at once|zusammen|beide[ns]?|ambos)\b|[a-z] AND [a-z]")
"""Each of the kinds stands in the lines: "slow query AND timeout both"."""
_BENT = re.compile(r"(?:s|ing)$")
_SEVERAL = re.compile(r"\A([a-z]{4,20}s) \Z")
_BEFORE = 24
"""Characters before a word that say how it is meant."""


@dataclass(frozen=True, slots=True)
class _Kind:
    text: str
    """The level, or what stands in such lines."""
    of_level: bool
    start: int
    end: int


def find(wording: Wording, stated: Iterable[Condition], *, any_case: bool) -> Iterator[LineFilter | Condition]:
    """Filters and conditions, in order of appearance. `stated`: what is known already: "error lines, level error" says it twice.
    `any_case`: somebody said that the case of letters does not matter, so that a level's word is one of the text."""
    levels = {one.value for one in stated if isinstance(one, Matcher) and one.label == "level"}
    rest = wording.rest
    for group in _groups(wording, rest, any_case=any_case):
        negative = wording.negated(group[0].start)
        of_level = all(kind.of_level for kind in group)
        names = tuple(dict.fromkeys(kind.text for kind in group))
        if not any_case and (of_level or negative) and (named := [kind.text for kind in group if kind.of_level]):
            if topic := _topic(wording, rest, group[0]):
                yield _line(topic, negative=negative, any_case=any_case)
                if negative:
                    continue  # "no kafka errors": other errors may stay
            if not levels.issuperset(named):
                yield one_of("level", tuple(dict.fromkeys(named)), negative=negative)
            names = tuple(kind.text for kind in group if not kind.of_level)
        kinds = [kind for kind in group if kind.text in names]
        for part in [[one] for one in kinds] if _BOTH.search(wording.text) else [kinds]:
            if part:
                yield from _texts(wording, rest, part, negative, any_case=any_case)
    yield from _nouns(wording, any_case=any_case)


def _groups(wording: Wording, rest: str, *, any_case: bool) -> list[list[_Kind]]:
    """Kinds that are joined, and wanted or unwanted together."""
    status = {entity.end for entity in wording.named(EntityType.HTTP_STATUS)}
    starts = {entity.start for entity in wording.named(EntityType.HTTP_STATUS)}
    groups: list[list[_Kind]] = []
    for match in KIND.finditer(rest):
        said = " ".join(match[0].lower().split())
        kind = _Kind(KINDS[said], said in LEVEL_WORDS, *match.span())
        if said == "trace" and not _joined(wording, rest, match, groups):
            continue
        if said in _RARELY_LEVELS and not any_case and not _is_level(wording, rest, match, groups):
            continue
        if kind.text in GENERIC and any(0 <= match.start() - end <= 1 for end in status):
            wording.take(*match.span())
            continue  # "500 errors" are known by their status
        if (kind.text in GENERIC or kind.text in _STATUS_TEXTS) and _CODE_BEHIND.match(wording.text, kind.end):
            wording.take(*match.span())
            continue  # so are "errores 500"
        with_status = _WITH_STATUS.match(rest, match.end()) if kind.text in ("fail", "failed") else None
        if with_status and (with_status["code"] or with_status.end() - 1 in starts):
            wording.take(*match.span())
            continue  # so are those that "failed with 422"
        wording.take(*match.span())
        last = groups[-1][-1] if groups else None
        together = last is not None and wording.negated(last.start) == wording.negated(kind.start)
        gap = wording.text[last.end : kind.start] if last else ""
        if (
            last
            and together
            and not gap.strip()
            and kind.text in GENERIC
            and (last.of_level or not kind.of_level or wording.negated(kind.start))
        ):
            groups[-1][-1] = _Kind(last.text, last.of_level, last.start, kind.end)  # "critical errors" are critical
        elif together and (_JOINT.fullmatch(gap) or (last and _alike(wording, rest, last, kind))):
            groups[-1].append(kind)
        else:
            groups.append([kind])
    return groups


def _alike(wording: Wording, rest: str, last: _Kind, kind: _Kind) -> bool:
    """Whether this is the other of "withdrawal failed or deposit failed"."""
    if last.text not in HAPPENED or kind.text not in HAPPENED:
        return False
    start = asking.before(rest, kind.start, happened=True)
    return start < kind.start and bool(_OR.fullmatch(wording.text[last.end : start]))


def _is_level(wording: Wording, rest: str, match: re.Match[str], groups: list[list[_Kind]]) -> bool:
    following = KIND.match(rest, match.end() + 1)
    alone = _ALONE.search(rest, max(0, match.start() - _BEFORE), match.start())
    return bool(
        _joined(wording, rest, match, groups)
        or following
        or alone
        or wording.negated(match.start())
        or _LEVEL_NOUN.match(rest, match.end())
    )


def _joined(wording: Wording, rest: str, match: re.Match[str], groups: list[list[_Kind]]) -> bool:
    """Whether another level stands beside it: "neither debug nor trace"."""
    last = groups[-1][-1] if groups else None
    before = last is not None and last.of_level and _JOINT.fullmatch(wording.text[last.end : match.start()])
    return bool(before or _JOINED_LEVEL.match(rest, match.end()))


def _topic(wording: Wording, rest: str, kind: _Kind) -> str:
    """The subject right before a kind: "x509 certificate errors"; it is taken."""
    if form := _FORM.search(rest, max(0, kind.start - _BEFORE), kind.start):
        wording.take(*form.span())
        return form[1].lower()
    start = asking.before(rest, kind.start)
    if start == kind.start or wording.taken(start, kind.start - 1):
        return ""
    wording.take(start, kind.start)
    return wording.text[start : kind.start].strip(" .,'’")


def _texts(
    wording: Wording, rest: str, group: Sequence[_Kind], negative: bool, *, any_case: bool
) -> Iterator[LineFilter]:
    """What such lines say. One thing is looked for with the words around it: "login failed", "deadlock detected"; of several things
    that are named by a plural, the subject is looked for by itself: "redis timeouts"."""
    values: list[str] = []
    for kind in group:
        said = wording.text[kind.start : kind.end]
        plural = bool(_BENT.search(said.lower())) and said.lower() != kind.text.lower()
        if plural:
            topic = _topic(wording, rest, kind)
            if topic and not kind.text.endswith(("trace", "traceback")):
                yield _line(topic, negative=negative, any_case=any_case)
                if negative:
                    continue
            values.append(kind.text)
            continue
        happened = kind.text in HAPPENED
        start, end = asking.before(rest, kind.start, happened=happened), asking.behind(rest, kind.end)
        wording.take(start, end)
        alone = start == kind.start and end == kind.end
        word = (
            kind.text
            if alone and not said.isupper() and (" " not in said or said.lower().startswith(kind.text))
            else said
        )
        following = asking.singular(
            wording.text[kind.end : end].rstrip(".,'’")
        )  # "failed logins" are each a failed login
        subject = wording.text[start : kind.start]
        if happened and (one := _SEVERAL.search(subject)):
            subject = f"{asking.singular(one[1])} "  # of "payments failed" each is a payment failed
        text = f"{subject}{word}{following}".rstrip(".,'’")
        # A capital at the beginning is the sentence's.
        values.append(text[0].lower() + text[1:] if start == 0 and text[1:].islower() else text)
    values = list(dict.fromkeys(values))
    if values:
        yield _lines(values, negative=negative, any_case=any_case)


def _line(text: str, *, negative: bool, any_case: bool) -> LineFilter:
    return _lines([text], negative=negative, any_case=any_case)


def _lines(values: Sequence[str], *, negative: bool, any_case: bool) -> LineFilter:
    if any_case:
        values = list({value.lower(): value for value in reversed(values)}.values())[::-1]
        return LineFilter("!~" if negative else "|~", (WITHOUT_CASE + "|".join(map(escaped, values)),))
    if len(values) == 1:
        return LineFilter("!=" if negative else "|=", (values[0],))
    return LineFilter("!~" if negative else "|~", ("|".join(map(escaped, values)),))


def _nouns(wording: Wording, *, any_case: bool) -> Iterator[LineFilter]:
    """ "VAST lines", "certificate expired messages"."""
    rest = wording.rest
    for match in _NOUN.finditer(rest):
        start = asking.before(rest + " ", match.start() + 1) if BLANK not in match[0] else match.start()
        if start < match.start() and not wording.taken(start, match.start()):
            wording.take(start, match.end())
            yield _line(wording.text[start : match.start()], negative=wording.negated(start), any_case=any_case)
