"""What is searched where a sentence only names it: "card declined in payments", "errors with redis"."""

import re
from collections.abc import Iterator

from core.nlp.interpretation import EntityType
from core.query.logql import asking
from core.query.wording import BLANK, Wording

_SENTENCE = re.compile(r"(?:[^.;?!\n]|[.;?!](?!\s|$)){1,400}")
_SEGMENT = re.compile(rf"[^,:()\n{BLANK}]+")
_NAME = re.compile(r"(?<![\w./-])[a-zA-Z][a-zA-Z0-9]{0,30}(?:_[a-zA-Z0-9]{1,30}){1,5}(?![\w/(=]|\s?[=<>])")
_FIELD = re.compile(
    r"_(?:ids?|ms|s|sec|seconds|codes?|names?|types?|counts?|bytes|kb|mb|size|time|at|pct|percent|total|number|key|ip|agent|version|level|status)\Z",
    re.IGNORECASE,
)
"""Ends of names of fields."""
_EACH = re.compile(r"\s*([\w.-]{2,30}) (?:and|AND|und|y|&|\+) ([\w.-]{2,30})\s*")
_ONE = re.compile(r"[^\s]+")
_LONGEST = 7
"""Words of a phrase that is all that is said."""
_CHATTER = re.compile(
    r"\b(?:is|are|was|were|am|be|been|isn['’]?t|i|we|he|she|they|you|it['’]?s|its|my|our|because|cause|so|since|customers?|users?|clients?|people|boss|support|says?|said|complain\w*|think\w*|can|can['’]?t|could|should|would|won['’]?t|keeps?|again|went|going|gone|looks?|seems?|feels?|need|want|just|after|before|while|though|hat|haben|ist|sind|wir|ich|est[aá]n?|hay|tengo)\b",
    re.IGNORECASE,
)
"""Where people tell what happens to them, or what they want."""
_OBJECT = re.compile(
    r"\b(?:how many|how often(?: did| do| does)?|number of|count(?: of)?|any|find|grep|search|for|rate of|share of|occurrences of|instances of|wie viele|cu[aá]nt[oa]s)\s\Z",
    re.IGNORECASE,
)
"""Before a single word that is searched."""
_COUNTED = re.compile(r" (?:counts?|rate|frequency|occurrences|per (?:second|minute|hour|day))\b", re.IGNORECASE)
"""Behind one: "deferred count"."""
_WITH = re.compile(
    r"(?<![\w-])(?P<verb>to|with|calling|against|about|involving|concerning|regarding|due to|caused by|because of|talking to|connecting to|reaching|mit|zu|con|contra|sobre|in|from|of|for|on|by|at|de|en|von)\s(?:the |our |el |la |der |die |das )?",
    re.IGNORECASE,
)
_PLACES = frozenset({"in", "from", "of", "for", "on", "by", "at", "de", "en", "von"})
"""Behind these a name may be a service's that nobody knows."""


def objects(wording: Wording) -> Iterator[tuple[int, str]]:
    """Of what errors tell: "errors with redis", "timeouts to postgres", and with a known service "errors from stripe in payments"."""
    known = bool(wording.named(EntityType.SERVICE))
    rest = wording.rest
    for match in _WITH.finditer(rest):
        before = rest[max(0, match.start() - 2) : match.start()]
        if BLANK not in before or (match["verb"].lower() in _PLACES and not known):
            continue
        end = asking.behind(rest, match.end() - 1)
        if end > match.end() and not wording.taken(match.end(), end):
            wording.take(match.start(), end)
            yield match.end(), wording.text[match.end() : end]


def names(wording: Wording) -> Iterator[tuple[int, str]]:
    """Names of the form of `invalid_grant` that nothing else took for a field."""
    for match in _NAME.finditer(wording.rest):
        if not wording.taken(*match.span()) and not _FIELD.search(match[0]):
            wording.take(*match.span())
            yield match.start(), match[0]


def find(wording: Wording) -> Iterator[tuple[int, str]]:
    """Phrases of words that do not ask for anything, in sentences that say nothing else."""
    rest = wording.rest
    sentences = list(_SENTENCE.finditer(rest))
    for sentence in sentences:
        if len(sentences) > 1 and BLANK not in sentence[0]:
            continue  # somebody's story
        if _CHATTER.search(sentence[0]):
            continue
        for segment in _SEGMENT.finditer(rest, *sentence.span()):
            each = _EACH.fullmatch(segment[0])
            if each and all(asking.content(word) for word in each.groups()):
                wording.take(*segment.span())
                yield from ((segment.start() + each.start(place), each[place]) for place in (1, 2))
            else:
                yield from _runs(wording, segment)


def _runs(wording: Wording, segment: re.Match[str]) -> Iterator[tuple[int, str]]:
    at = segment.start()
    while word := _ONE.search(wording.rest, at, segment.end()):
        start, at = word.span()
        if not asking.content(word[0]):
            continue
        end = min(asking.behind(wording.rest, at, longest=_LONGEST, inside=True), segment.end())
        text = wording.text[start:end].rstrip(".,'’")
        counted = _OBJECT.search(wording.text, max(0, start - 24), start) or _COUNTED.match(wording.text, end)
        if " " in text or counted:
            wording.take(start, end)
            yield start, asking.named(asking.singular(text))
        at = max(at, end)
