"""Parts of a sentence that ask for nothing of the records: why it is asked, for whom, what is suspected, what is shown anyway."""

import re
from collections.abc import Iterator

from core.query.sql.subjects import SUBJECTS
from core.query.translation import Question

_TALK = (
    re.compile(
        r"\(?\s?\b(?:not|no|nicht) (?:the |an? )?(?:avg|average|mean|median|max|maximum|min|minimum|sum|total|count)s?\b[!.]*\)?",
        re.IGNORECASE,
    ),
    # "The last 3 sev1s and are they closed": what the rows show.
    re.compile(
        r"(?:,|\band|\?)\s*(?:also )?(?:are|is|were|was|did|have|has) (?:they|it|he|she|those|these|that one|each)\b[^,;.?!]{0,40}\W*$",
        re.IGNORECASE,
    ),
    re.compile(r"(?:,|\band|\bplus)\s*(?:whether|if) (?:they|it|each)\b[^,;.?!]{0,40}", re.IGNORECASE),
    # "With the current status": a column.
    re.compile(
        r"\b(?:current|present|actual|latest|last|final)(?= (?:known )?(?:status|state|stand)(?:es|s)?\b)", re.IGNORECASE
    ),
    re.compile(
        r"(?:^|[,.;:?!)]\s*|\s[—–-]+\s*|\b(?:as|because|since|and) )(?:but )?(?:honestly |tbh |imho )?i(?:'m| am)? (?:\w+ )?(?:suspect|think|guess|believe|assume|bet|fear|wonder|hope|reckon|feel|suppose|remember|heard|promised|owe)\b[^;?!]{0,120}",
        re.IGNORECASE,
    ),
    # "The number of hours each of them lasted" is no number of rows.
    re.compile(r"\b(?:the )?(?:number|count|amount) of (?=(?:hours|minutes|seconds|days|mins|hrs)\b(?! (?:with|on|when|in which)\b))", re.IGNORECASE),
    re.compile(r"\b(?:count|treat|regard|consider|take)(?:ing)? (?:the |all |any )?[\w-]{2,20} (?:[\w-]{1,20} ){0,3}?as (?:still |if )?[\w-]{2,20}(?: (?:on|open|running))?\b", re.IGNORECASE),
    re.compile(r"\bbecause (?!of\b)[^;?!]{2,120}", re.IGNORECASE),
    re.compile(r"\b(?:live|open)(?= (?:house|source|banking|beta|demos?|ops|events?|shows?|stream(?:s|ing)?|match(?:es)?|games?)\b)", re.IGNORECASE),
    re.compile(
        r"(?:,\s*|\()?\b(?:for|in) (?:the|our|my|an?|this|tomorrow['’]?s|today['’]?s|monday['’]?s|next) (?:[\w'’-]{1,20} ){0,3}?(?:deck|slides?|report|review|stand-?up|meeting|presentation|retro|retrospective|newsletter|audit|wiki|spreadsheet|postmortem doc|board meeting|one[- ]pager|town ?hall|hand-?over)\b\)?",
        re.IGNORECASE,
    ),
)  # fmt: skip
"""Asides of one sentence; the first says which number is not meant: "median (not avg!!)"."""
_SENTENCE = re.compile(r"[?:](?=\s)|(?<=\w)\.(?=\s)|\s[—–]\s")
_SAYS_SOMETHING = re.compile(
    r"\b(?:how many|how often|how long|number|count|counts|total|list|avg|average|mean|median|max|min|p\d\d|mttr|mtbf|percent\w*|share|rate|ratio|top|most|least|longest|slowest|oldest|newest|latest|last|first|per|by|each|every|hour|day|week|month|quarter|year|today|yesterday|weekly|daily|monthly|except|without|not|only)s?\b|[#%\d\"']",
    re.IGNORECASE,
)
"""Words of a question that ask for something, whatever stands beside them."""


def asides(question: Question) -> Iterator[tuple[int, int]]:
    """Their places."""
    for pattern in _TALK:
        for match in pattern.finditer(question.text):
            yield match.span()
    if opening := _opening(question):
        yield 0, opening


def _opening(question: Question) -> int:
    """The end of what only leads to the question: "are we getting better? incidents in …", "go/no-go: which workflows …"."""
    text = question.text
    for match in _SENTENCE.finditer(text, 0, 120):
        before = text[: match.start()]
        if (
            _SAYS_SOMETHING.search(before)
            or any(entity.start < match.end() for entity in question.entities)
            or any(subject.noun_words.search(before) for subject in SUBJECTS)
            or any(_names_group(subject.dimensions, before) for subject in SUBJECTS)
            or any(pattern.search(before) for subject in SUBJECTS for pattern, _, _ in subject.statuses)
        ):
            return 0
        if any(subject.noun_words.search(text, match.end()) for subject in SUBJECTS):
            return match.end()
    return 0


def _names_group(words: dict[str, str], text: str) -> bool:
    return any(word in words and word not in _PRONOUNS for word in re.findall(r"[a-z]+", text.lower()))


_PRONOUNS = frozenset({"who", "someone", "anyone", "anybody", "everyone", "everybody", "people", "kind", "type"})
"""Name groups elsewhere; before a question they may be anybody."""
