"""Which lines a sentence asks for by what they contain and what kind they are."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.logql.kinds import GENERIC, KINDS, NO_SUBJECTS, SUBJECT_BEFORE, SUBJECT_BEHIND
from core.query.logql.model import LineFilter
from core.query.patterns import escaped
from core.query.wording import BLANK, Wording

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
    r"^(?:(?:the|a|an|any|all|some|both|either|word|text|string|phrase)\s+)+|(?:\s+(?:in|the|a|from|on|for|at|over|of|and|or|by|service|our|logs?|lines?|messages?|to|with|not))+$",
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
_PATTERN = re.compile(
    r"\b(?:match(?:es|ing)?|regexp?|pattern)(?: (?:the )?(?:regexp?|pattern))?\s+/([^/\n]{2,120})/"
    r"|\b(?:regexp?|pattern)\s+(?:\"([^\"\n]{2,120})\"|`([^`\n]{2,120})`)",
    re.IGNORECASE,
)
_MENTIONED = re.compile(r"\b(?:mention(?:s|ing|ed)?|contain(?:s|ing)?|the word|about|grep(?: for)?)\s$", re.IGNORECASE)
_EXCLUDING = re.compile(
    r"\b(?:without|except(?: for)?|excluding|exclude|ignoring|ignore|other than|apart from|minus|filter(?:ing)? out|skip(?:ping)?|hid(?:e|ing)|omit(?:ting)?)\s+"
    r"(?:any |the |all )?([a-z][a-z-]{2,30}(?:,? (?:and|or) [a-z][a-z-]{2,30})?)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z][a-z-]{2,30}")
_METHOD = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b")
_NOUN = re.compile(r"\b((?:[a-z][a-z-]{2,30}\s){1,3})(?:messages?|lines?|entries|events|warnings)\b", re.IGNORECASE)
_LONGEST_PHRASE = 120
_BEFORE = 60
"""Characters before a kind in which its subject stands."""
_WITHOUT_CASE = "(?i)"


def find(wording: Wording) -> Iterator[LineFilter]:
    """Filters of the line, literal ones first."""
    yield from _patterns(wording)
    yield from _literals(wording)
    yield from _kinds(wording)


def _patterns(wording: Wording) -> Iterator[LineFilter]:
    """Regular expressions that the person wrote: "matching /timeout after \\d+ms/"."""
    for match in _PATTERN.finditer(wording.text):
        wording.claim(*match.span())
        pattern = next(filter(None, match.groups()))
        yield LineFilter("!~" if wording.negated(match.start()) else "|~", (pattern,))


def _literals(wording: Wording) -> Iterator[LineFilter]:
    found: list[tuple[int, tuple[str, ...]]] = [(quote.start, (quote.text,)) for quote in wording.quotes]
    found += ((e.start, (e.value,)) for kind in (EntityType.ENDPOINT, EntityType.INCIDENT) for e in wording.named(kind))
    methods = ((e, _METHOD.match(e.text)) for e in wording.named(EntityType.ENDPOINT))
    found += (
        (entity.start, (method[1],)) for entity, method in methods if method and not wording.negated(entity.start)
    )
    found += _mentioned_services(wording)
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


def _mentioned_services(wording: Wording) -> Iterator[tuple[int, tuple[str, ...]]]:
    """ "Lines mentioning inventory in orders": one service is text, the other has the logs."""
    services = wording.named(EntityType.SERVICE)
    for entity in services:
        if len(services) > 1 and _MENTIONED.search(wording.text, max(0, entity.start - _BEFORE), entity.start):
            wording.claim(entity.start, entity.end)
            yield entity.start, (entity.value,)


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
    rest = wording.rest
    for match in _SAID.finditer(rest):
        start = match.end()
        end = _SAID_ENDS.search(rest, start, start + _LONGEST_PHRASE)
        phrase = rest[start : end.start() if end else start + _LONGEST_PHRASE]
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
        "both",
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
    rest = wording.rest
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
                r"\s*(?:[,/&+|]|(?:, ?)?(?:and|or|und|oder|y)\b)\s*(?:any |all |the |other )?", gap, re.IGNORECASE
            )
        ):
            groups[-1] = (negative, [*groups[-1][1], kind], match.end())
        else:
            groups.append((negative, [kind], match.end()))
        topic = SUBJECT_BEFORE.search(rest, max(0, match.start() - _BEFORE), match.start())
        if topic := topic or SUBJECT_BEHIND.match(rest, match.end()):
            wording.take(*topic.span())
            yield LineFilter("!~" if negative else "|~", (_WITHOUT_CASE + topic[1].lower(),))
    for match in wording.find(_NOUN):
        if words := [word for word in match[1].lower().split() if word not in NO_SUBJECTS]:
            yield LineFilter("!~" if wording.negated(match.start()) else "|~", (_WITHOUT_CASE + " ".join(words),))
    for match in wording.find(_EXCLUDING):
        words = [word for word in _WORD.findall(match[1].lower()) if word not in NO_SUBJECTS]
        yield from (LineFilter("!~", (_WITHOUT_CASE + word,)) for word in words)
    for negative, kinds, _ in groups:
        yield LineFilter("!~" if negative else "|~", (_WITHOUT_CASE + "|".join(dict.fromkeys(kinds)),))
