"""HTTP statuses that a sentence names, also those that only the words around a number make one."""

import re
from dataclasses import dataclass

from core.nlp.interpretation import EntityType
from core.query.wording import Wording

_CODE = r"([1-5](?:\d\d|xx))(?![\w%]|\.\d|\s?(?:ms|s|sec|seconds?|m|min|minutes?|times|rows|lines|items|results|spans|requests)\b)"
_NAMED = re.compile(
    rf"\b(?:status(?:es)?(?: codes?)?|http(?: status)?(?: codes?)?|(?:(?:response|return|error) )?codes?|return(?:s|ed|ing)?|respond(?:s|ed|ing)?(?: with)?|answer(?:s|ed|ing)? with)"
    rf"(?:\s(?:is|was|are|were|be|es|ist|sea|not|other|than|anything|but|of|in|one|an?|either|any|except|different|from|equal|to|(?:is|was|are|were)n['’]?t)){{0,4}}\s{_CODE}",
    re.IGNORECASE,
)
_LONE = re.compile(
    rf"\b(?:(not|neither|nor|except|excluding|without|minus|no|non|other than|apart from|besides|aside from)|(?:that|which) (?:are|were|is)|with|w/|con|mit|got|gets|getting|gave|giving|(?:the )?most|fewest|many)[ -](?:an? |the |any |status )?{_CODE}(?!\s[a-z]{{2,20}}s\b|[-:/])",
    re.IGNORECASE,
)
"""Of other codes, or of spans: "with 304", "but not 404"."""
_NEXT = re.compile(
    rf"s?(?:\s{{0,2}}(?:[,/&|+]|(?:and|or|nor|but|not|except|excluding|without|minus|no|oder|und|y|o)\b)){{1,4}}\s{{0,2}}{_CODE}",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\b(?:(?:http\.)?status(?:[ _]codes?)?|codes?) (?:is |between |from )?([1-5]\d\d) ?(?:-|–|to|and|through|bis) ?([1-5]\d\d)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """One status, `404` or `5xx`, and where it stands."""

    start: int
    end: int
    value: str
    negative: bool
    """It is one that is not wanted."""


def codes(wording: Wording) -> tuple[Code, ...]:
    """All statuses, in order of appearance; they are taken. A number in a list with one is one, too."""
    places = {(e.start, e.end): e.value for e in wording.named(EntityType.HTTP_STATUS)}
    places |= {match.span(1): match[1] for match in _NAMED.finditer(wording.rest) if not wording.taken(*match.span(1))}
    places |= {match.span(2): match[2] for match in _LONE.finditer(wording.rest)}
    found: dict[int, Code] = {}
    for start, end in sorted(places):
        value, at = places[start, end], (start, end)
        while at[0] not in found:
            wording.take(*at)
            found[at[0]] = Code(*at, value.lower(), wording.negated(at[0]))
            following = _NEXT.match(wording.text, at[1])
            if following is None or wording.claimed(*following.span()):
                break
            value, at = following[1], following.span(1)
    return tuple(sorted(found.values()))


def between(wording: Wording) -> tuple[str, str] | None:
    """The least and the most of "status 500 to 504"; they are claimed. "500 and 504" are two."""
    match = _BETWEEN.search(wording.text)
    if (
        match is None
        or wording.claimed(*match.span())
        or ("and" in match[0].lower() and "between" not in match[0].lower())
    ):
        return None
    wording.claim(*match.span())
    return match[1], match[2]
