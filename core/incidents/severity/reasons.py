"""Why a severity is proposed, in words for people: what the report tells, with the clause that tells it."""

from collections.abc import Iterator, Mapping

from core.incidents.severity.features import Reading, tells
from core.incidents.severity.lexicon import Aspect
from core.incidents.severity.model import CLASSES, Model
from core.incidents.severity.signals import Found
from core.incidents.severity.words import BREAK

_MOST = 3
"""Reasons that are given."""
_QUOTE = 80
"""Characters of a clause that are quoted."""
_UNTOLD = "reads like earlier reports of this severity, but names no impact that I know by its words"
_WITH_SUBJECT = frozenset(("stopped", "slow", "wrong"))
"""Kinds that say something about what is hit."""
_HIT: Mapping[str, str] = {
    "whole": "the whole product",
    "gate": "a key feature",
    "key": "a key feature",
    "side": "a side feature",
}


def reasons(reading: Reading, severity: str, model: Model) -> tuple[str, ...]:
    """What speaks for this severity, the strongest first, a clause once; never empty."""
    column = CLASSES.index(severity)
    weighed = [(model.leaning(tells(found.signal.name))[column], found) for found in reading.found]
    speaking = [found for weight, found in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0]
    told: dict[str, str] = {}
    for words, found in _told(reading, speaking):
        told.setdefault(_clause(reading, found), words)
    return tuple(f"{words} (“{clause}”)" for clause, words in told.items())[:_MOST] or (_UNTOLD,)


def _told(reading: Reading, speaking: list[Found]) -> Iterator[tuple[str, Found]]:
    by_aspect = {aspect: [found for found in speaking if found.signal.aspect is aspect] for aspect in Aspect}
    scope = next(iter(by_aspect[Aspect.SCOPE]), None)
    for place, kind in enumerate(by_aspect[Aspect.KIND]):
        words = kind.signal.says
        if kind.signal.name in _WITH_SUBJECT:
            subject = next(
                (_HIT[found.signal.name] for found in reading.found if found.signal.name in _HIT), "something"
            )
            words = f"{subject} {words}"
        yield f"{words} {scope.signal.says}" if scope and not place else words, kind
    if scope and not by_aspect[Aspect.KIND]:
        yield f"something is wrong {scope.signal.says}", scope
    for relief in by_aspect[Aspect.RELIEF]:
        yield relief.signal.says, relief
    for hit in by_aspect[Aspect.OBJECT]:
        yield f"it is about {hit.signal.says}", hit


def _clause(reading: Reading, found: Found) -> str:
    """The clause around what was found, cut where it is long."""
    first, last = found.first, found.last
    while first and reading.words[first - 1].text != BREAK:
        first -= 1
    while last + 1 < len(reading.words) and reading.words[last + 1].text != BREAK:
        last += 1
    start, end = reading.words[first].start, reading.words[last].end
    if end - start > _QUOTE:
        start = max(start, reading.words[found.first].start - _QUOTE // 4)
        end = min(end, start + _QUOTE)
    cut_before, cut_after = start > reading.words[first].start, end < reading.words[last].end
    return f"{'…' if cut_before else ''}{' '.join(reading.text[start:end].split())}{'…' if cut_after else ''}"
