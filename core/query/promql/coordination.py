"""Two subjects that share a noun: "running vs waiting requests", "requests running and waiting"."""

from collections.abc import Iterator, Sequence

from core.query.catalogue import Subject
from core.query.promql import phrases
from core.query.promql.words import Match, Token

_BETWEEN = frozenset({"and", "vs", "versus", "/", "&", "+", "or", "against", "to", "und", "y", "plus", "over"})
_LONGEST = 2
"""Words of the noun that they share."""


def with_shared_nouns(words: Sequence[Token], found: Sequence[Match[Subject]]) -> tuple[Match[Subject], ...]:
    """What was found, and what is named by a word on the other side of an "and"."""
    made = {match.first: match for match in found}
    for extra in (*_before(words, found), *_behind(words, found)):
        standing = made.get(extra.first)
        if standing is None or standing.last - standing.first <= extra.last - extra.first:
            made[extra.first] = extra
    return tuple(made[first] for first in sorted(made))


def _before(words: Sequence[Token], found: Sequence[Match[Subject]]) -> Iterator[Match[Subject]]:
    """ "running vs | waiting requests": the noun is behind the second."""
    for match in found:
        if match.first < 2 or match.last == match.first or words[match.first - 1].word not in _BETWEEN:
            continue
        left = words[match.first - 2]
        if left.entity:
            continue
        for length in range(1, _LONGEST + 1):
            noun = words[match.last - length + 1 : match.last + 1]
            if match.first >= match.last - length + 1:
                continue
            whole = phrases.subjects().at([left, *noun], 0)
            if whole and whole.last == length and whole.meaning is not match.meaning:
                yield Match(whole.meaning, match.first - 2, match.first - 2)
                break


def _behind(words: Sequence[Token], found: Sequence[Match[Subject]]) -> Iterator[Match[Subject]]:
    """ "requests running | and waiting": the noun is before the first."""
    for match in found:
        if match.last == match.first or match.last + 2 >= len(words) or words[match.last + 1].word not in _BETWEEN:
            continue
        right = words[match.last + 2]
        whole = phrases.subjects().at([*words[match.first : match.last], right], 0)
        if not right.entity and whole and whole.last == match.last - match.first and whole.meaning is not match.meaning:
            yield Match(whole.meaning, match.last + 2, match.last + 2)
