"""What a sentence takes back: in "p95 of crawler and dedupe, nah just crawler" only what follows the second thought counts."""

import re
from collections.abc import Sequence

from core.nlp.interpretation import Entity

_SECOND_THOUGHT = re.compile(
    r"\b(?:nah|nope|no wait|wait(?:,? no)?|scratch that|forget that|oops|correction|i mean(?:t)?|make (?:that|it)|(?<=[,.?!;] )(?:no|sorry|actually))\b"
    r"[,.:!]?\s{1,3}(?:(?:no|sorry|i|mean|meant|make|it|that|is|just|only|for|in|on|of|the|to)\b[,.]?\s{1,3}){0,5}",
    re.IGNORECASE,
)


def last_thought(text: str, wanted: re.Pattern[str]) -> int:
    """Where the last second thought about such a thing begins, "no just p99"; 0 where there is none."""
    thoughts = (thought.end() for thought in _SECOND_THOUGHT.finditer(text) if wanted.match(text, thought.end()))
    return max(thoughts, default=0)


def standing(text: str, entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """The entities that were not taken back. Those of the type that a second thought names give way to it."""
    kept = tuple(entities)
    for thought in _SECOND_THOUGHT.finditer(text):
        new = next((entity for entity in kept if entity.start == thought.end()), None)
        if new is not None:
            kept = tuple(one for one in kept if one.type is not new.type or one.start >= new.start)
    return kept
