"""Fields with their values right behind them: "decline_code 51", "with reject_reason duplicate"."""

import re
from collections.abc import Iterator

from core.query.logql import asking
from core.query.logql.kinds import KINDS, LEVEL_WORDS
from core.query.logql.model import Matcher
from core.query.patterns import escaped
from core.query.wording import GRAMMAR, Wording, word_set

_NUMBER = r"-?\d{1,15}(?![\w.:%/]|\s?(?:ms|sec|secs|seconds?|min|mins|minutes?|hours?|hrs?|days?|percent|times|or more|or higher|and up|and above)\b)"
_WORD = r"[A-Za-z][\w.-]{0,40}(?<![.-])"
_WITH_DIGIT = r"(?=[\w-]{0,40}\d)[A-Za-z0-9][\w-]{1,40}(?!\s?[=<>])"
_OPENS = r"(?:\b(?:with|w/|where|whose|having|and|for|con|mit|und|y|wo|donde|without|not|from|sin|ohne|except|excluding)\s(?:the |an? |el |la )?|[,;:]\s)"
_TWO_WORDS = r"(?:error|decline|reason|exit|sql|grpc|event|device|failure|reject|country|currency|card|payment|order|feature|result|event) (?:code|type|reason|kind|version|state)"
_NEXT = r"(?:,? (?:or|oder|o) |, ?|/)"
_VALUED = re.compile(
    rf"(?P<opens>{_OPENS})?(?<![\w./=-])(?<!by )(?<!per )(?<!of )(?<!distinct )(?<!unique )(?<!unwrap )"
    rf"(?P<field>[a-z][a-z0-9]{{0,30}}(?:_[a-z0-9]{{1,30}}){{1,5}}|user agent|{_TWO_WORDS})\s"
    rf"(?P<value>(?P<quoted>\"[^\"\n]{{1,80}}\"|'[^'\n]{{1,80}}')|{_NUMBER}(?:{_NEXT}{_NUMBER}){{0,6}}|{_WITH_DIGIT}(?:{_NEXT}{_WITH_DIGIT}){{0,6}}|(?P<word>{_WORD}(?:,? (?:or|oder|o) {_WORD}){{0,3}}))"
    r"(?=\s*(?:[,;.?!)\0]|\Z|(?:and|in|on|from|of|for|over|last|past|since|during|per|by|at|with|errors?|warnings?|lines?|logs?|en|de|von|im|y|und|but|within|today|yesterday|to|requests?|calls?|rows|entries|events|got|that|which)\b|\s\d))",
)
_TIME = re.compile(r"\d+(?:ms|s|m|h|d|w)\b")
_PARTS = re.compile(_NEXT)
_NO_VALUE = word_set(
    "field fields value values label key keys over under above below more less than is are was were equals between contains has have had per by from of in to and or not logged log lines line logs seen reported observed windows window buckets "
    "highest lowest most least average max min sum total count missing empty null grouped separately please pls today yesterday last past"
)
_STEM = 4
"""Letters that a field has in common with the thing that it tells of: "declines with decline_code 51"."""
_THING = re.compile(r"\b([a-z]{4,20})(?: in \0+| of \0+| from \0+)? \Z", re.IGNORECASE)


def valued(wording: Wording) -> Iterator[Matcher]:
    """Conditions; what says them is claimed."""
    for match in _VALUED.finditer(wording.text):
        start, end = match.span("value")
        place = match.start("field")
        if (
            wording.claimed(place, end)
            or wording.taken(*match.span("field"))
            or any(q.start < place < q.end for q in wording.quotes)
        ):
            continue
        said = (match["quoted"][1:-1],) if match["quoted"] else tuple(_PARTS.split(match["value"]))
        if not match["quoted"] and any(
            one.lower() in GRAMMAR or one.lower() in _NO_VALUE or _TIME.fullmatch(one) for one in said
        ):
            continue
        if match["word"] and not (match["opens"] and not wording.taken(start, end) and all(map(_content, said))):
            continue
        negative, field = wording.negated(place), match["field"].replace(" ", "_")
        _thing(wording, match.start(), field)
        wording.claim(place, end)
        if len(said) == 1:
            yield Matcher(field, "!=" if negative else "=", said[0])
        else:
            yield Matcher(field, "!~" if negative else "=~", "|".join(map(escaped, said)))


def _content(word: str) -> bool:
    return asking.content(word) or word.lower() in KINDS


def _thing(wording: Wording, start: int, field: str) -> None:
    """Take the word that says no more than the field does."""
    found = _THING.search(wording.rest, max(0, start - 40), start)
    word = found[1].lower() if found else ""
    if found and word not in LEVEL_WORDS and word[:_STEM] == field[:_STEM]:
        wording.take(*found.span(1))
