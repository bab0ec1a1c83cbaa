"""How one message leans on the conversation: told from its small words and from what they leave over."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.nlp.dialogue.vocabulary import (
    ANYWHERE,
    BE,
    BETWEEN,
    CORRECTS,
    FILLERS,
    FROM,
    GREETING,
    HEADS,
    LEADING,
    NEGATIONS,
    NOT_BEHIND,
    QUESTIONS,
    Lean,
)
from core.nlp.entities.sentence import Sentence
from core.nlp.interpretation import Entity, EntityType, Intent

_OPENING = 3
"""Words that open a message."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How one message leans on the conversation."""

    leans: frozenset[Lean]
    fragment: bool
    """Nothing but names, fillers and words of `HEADS`: the request is left out, or said in one word."""
    heads: tuple[Intent, ...]
    """What that word may ask for; empty where there is none, or more is said."""
    asserted: tuple[Entity, ...]
    """What is named and meant. Of one type the one that counts comes first: after a correction, after "to"."""
    ruled_out: tuple[Entity, ...]
    """What is named to be left out: "not payments"."""
    question: bool
    other_subject: bool
    """Asks about something that nobody has named before: "is github down?"."""

    def has(self, *leans: Lean) -> bool:
        """Whether the message leans in any of these ways."""
        return not self.leans.isdisjoint(leans)

    def names(self, *kinds: EntityType) -> bool:
        """Whether something of one of these types is named and meant."""
        return any(entity.type in kinds for entity in self.asserted)

    def named(self, kind: EntityType) -> str:
        """The normal form of what is named and meant of this type, or ""."""
        return next((entity.value for entity in self.asserted if entity.type is kind), "")


def read(text: str, entities: Sequence[Entity]) -> Wording:
    """Read a message with the entities found in it. Linear in its length."""
    sentence = Sentence(text)
    named = _word_spans(sentence, entities)
    inside = {index for first, last in named.values() for index in range(first, last + 1)}
    own = [index for index in range(len(sentence.words)) if index not in inside]
    words = [sentence.words[index].text for index in own]
    asks = set(words[1:] if words and words[0] in GREETING and (len(words) > 1 or entities) else words)
    heads = tuple(intent for intent, listed in HEADS.items() if asks & listed)
    strange = asks.difference(FILLERS, *(HEADS[head] for head in heads))
    ruled_out = tuple(_ruled_out(sentence, named))
    return Wording(
        leans=_leans(sentence, frozenset(own)),
        fragment=not strange,
        heads=() if strange else heads,
        asserted=_by_weight([entity for entity in entities if entity not in ruled_out], sentence, named),
        ruled_out=ruled_out,
        question="?" in text or sentence.word(0) in QUESTIONS,
        other_subject=_has_other_subject(sentence, frozenset(own)),
    )


def _word_spans(sentence: Sentence, entities: Iterable[Entity]) -> dict[Entity, tuple[int, int]]:
    """The first and the last word of each entity."""
    spans: dict[Entity, tuple[int, int]] = {}
    at = 0
    for entity in entities:
        while at < len(sentence.words) and sentence.words[at].end <= entity.start:
            at += 1
        last = at
        while last + 1 < len(sentence.words) and sentence.words[last + 1].start < entity.end:
            last += 1
        if at < len(sentence.words) and sentence.words[at].start < entity.end:
            spans[entity] = (at, last)
    return spans


def _leans(sentence: Sentence, own: frozenset[int]) -> frozenset[Lean]:
    found = set()
    for index, count, _, value in ANYWHERE.find(sentence):
        # "now the logs" goes on, "the logs now" means this moment.
        opens = value == Lean.NOW.name and index <= 1 and index + count < len(sentence.words)
        if index in own and not opens:
            found.add(Lean[value])
    start = 1 if sentence.word(0) in GREETING else 0
    found.update(Lean[value] for index, _, _, value in LEADING.find(sentence) if index == start and index in own)
    return frozenset(found | {Lean.REFERS} if Lean.RUN_ACTED_ON in found else found)


def _has_other_subject(sentence: Sentence, own: frozenset[int]) -> bool:
    start = 1 if sentence.word(0) in QUESTIONS and sentence.word(1) in BE else 0
    known = FILLERS.union(*HEADS.values())
    return sentence.word(start) in BE and start + 1 in own and sentence.word(start + 1) not in known


def _ruled_out(sentence: Sentence, named: dict[Entity, tuple[int, int]]) -> Iterator[Entity]:
    beginning = {first: entity for entity, (first, _) in named.items()}
    several = {a.type for a in named for b in named if a.type is b.type and a.value != b.value}
    for index, count, _, kind in NEGATIONS.find(sentence):
        behind = index + count
        while sentence.word(behind) in BETWEEN and behind not in beginning and behind < index + count + _OPENING:
            behind += 1
        entity = beginning.get(behind)
        unbroken = all(sentence.joined(between) for between in range(index, behind)) if entity else False
        if entity and unbroken and (index < _OPENING or (kind == "not" and entity.type in several)):
            yield entity
    for entity, (_, last) in named.items():
        follows = any(other.type is entity.type and other.start > entity.end for other in named)
        if follows and sentence.word(last + 1) in NOT_BEHIND and not sentence.joined(last + 1):
            yield entity


def _by_weight(
    asserted: Sequence[Entity], sentence: Sentence, named: dict[Entity, tuple[int, int]]
) -> tuple[Entity, ...]:
    corrected = max((index for index, word in enumerate(sentence.words) if word.text in CORRECTS), default=-1)

    def weight(entity: Entity) -> int:
        first = named[entity][0] if entity in named else 0
        left_behind = entity.type is EntityType.ENVIRONMENT and sentence.word(first - 1) in FROM
        return 2 if left_behind else int(first < corrected)

    return tuple(sorted(asserted, key=weight))
