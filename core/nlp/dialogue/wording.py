"""How one message leans on the conversation: told from its small words and from what they leave over."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.nlp.dialogue.naming import alert_names
from core.nlp.dialogue.vocabulary import (
    ANYWHERE,
    ARTICLES,
    BE,
    BETWEEN,
    CORRECTS,
    FILLERS,
    FROM,
    GOES_ON,
    GREETING,
    HEADS,
    KNOWN,
    LEADING,
    MEASURED,
    MEASURED_WORDS,
    NEGATIONS,
    NOT_BEHIND,
    NOTES,
    QUESTIONS,
    Lean,
)
from core.nlp.entities.sentence import Sentence
from core.nlp.interpretation import Entity, EntityType, Intent

_I = frozenset({"i", "ich", "quise", "decir"})
_OPENING = 3
"""Words that open a message."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How one message leans on the conversation."""

    leans: frozenset[Lean]
    fragment: bool
    """Nothing but names, fillers and words of `HEADS`: the request is left out, or said in one word."""
    strange: frozenset[str]
    """What is neither: the words that make it no fragment."""
    heads: tuple[Intent, ...]
    """What that word may ask for; empty where there is none, or more is said."""
    asserted: tuple[Entity, ...]
    """What is named and meant. Of one type the one that counts comes first: after a correction, after "to"."""
    states: bool
    """Asks with a word of its own how something stands or goes: done, status."""
    ruled_out: frozenset[Entity]
    """What is named to be left out: "not payments"."""
    question: bool
    measured: str
    """The metric that is meant where a number is asked for and no metric is named, or ""."""
    note: bool
    """A line for the records of an incident: "note: …"."""
    other_subject: bool
    """Asks about something that is no service of ours ("is github down?"), or names an alert and leans on nothing."""

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
    start = _greeted(sentence, inside)
    denied = {index + count for index, count, *_ in NEGATIONS.find(sentence)}
    asks = {sentence.words[index].text for index in own if index >= start and index not in denied}
    leans = _leans(sentence, frozenset(own), start)
    heads = tuple(intent for intent, listed in HEADS.items() if asks & listed)
    strange = frozenset(asks.difference(FILLERS, MEASURED_WORDS, *(HEADS[head] for head in heads)))
    ruled_out = frozenset(_ruled_out(sentence, named))
    return Wording(
        leans=leans,
        fragment=not strange,
        strange=strange,
        heads=() if strange else heads,
        asserted=_by_weight([entity for entity in entities if entity not in ruled_out], sentence, named),
        states=not asks.isdisjoint(HEADS[Intent.WORKFLOW_STATUS]),
        ruled_out=ruled_out,
        question="?" in text or any(sentence.word(at) in QUESTIONS for at in _openings(sentence, start)),
        measured=next((value for _, _, _, value in MEASURED.find(sentence)), ""),
        note=sentence.word(start) in NOTES and sentence.folded[sentence.words[start].end :][:1] == ":",
        other_subject=_has_other_subject(sentence, frozenset(own)) or (not leans and bool(alert_names(text))),
    )


def _greeted(sentence: Sentence, inside: set[int]) -> int:
    """The index of the word with which the message proper begins, after "hm ok"; 0 where there is nothing else."""
    start = 0
    while sentence.word(start) in GREETING and start not in inside:
        start += 1
    return start if start < len(sentence.words) else 0


def _openings(sentence: Sentence, start: int) -> Iterator[int]:
    """The first word of the message proper, or of what it corrects ("sorry i meant is it …"), and every word behind punctuation."""
    while sentence.word(start) in CORRECTS | _I:
        start += 1
    yield start
    yield from (at for at in range(start + 1, len(sentence.words)) if not sentence.joined(at - 1))


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


def _leans(sentence: Sentence, own: frozenset[int], start: int) -> frozenset[Lean]:
    found = set()
    for index, count, phrase, value in ANYWHERE.find(sentence):
        opens = phrase in GOES_ON and index <= start + 1 and index + count < len(sentence.words)
        if index in own and not opens:
            found.add(Lean[value])
    found.update(Lean[value] for index, _, _, value in LEADING.find(sentence) if index == start and index in own)
    if not found.isdisjoint((Lean.RUN_ACTED_ON, Lean.UNDOES, Lean.SHIPS)):
        found.add(Lean.REFERS)
    if Lean.SAME in found:
        found.add(Lean.CONTINUES)
    return frozenset(found)


def _has_other_subject(sentence: Sentence, own: frozenset[int]) -> bool:
    start = 1 if sentence.word(0) in QUESTIONS and sentence.word(1) in BE else 0
    subject = start + 2 if sentence.word(start + 1) in ARTICLES else start + 1
    return sentence.word(start) in BE and subject in own and sentence.word(subject) not in KNOWN


def _ruled_out(sentence: Sentence, named: dict[Entity, tuple[int, int]]) -> Iterator[Entity]:
    beginning = {first: entity for entity, (first, _) in named.items()}
    values = Counter(kind for kind, _ in {(entity.type, entity.value) for entity in named})
    last_start = {entity.type: entity.start for entity in named}
    for index, count, _, kind in NEGATIONS.find(sentence):
        behind = index + count
        while sentence.word(behind) in BETWEEN and behind not in beginning and behind < index + count + _OPENING:
            behind += 1
        entity = beginning.get(behind)
        unbroken = all(sentence.joined(between) for between in range(index, behind)) if entity else False
        counts = index < _OPENING or kind == "duplicate" or (kind == "not" and entity and values[entity.type] > 1)
        if entity and unbroken and counts:
            yield entity
    for entity, (_, last) in named.items():
        if (
            last_start[entity.type] > entity.start
            and sentence.word(last + 1) in NOT_BEHIND
            and not sentence.joined(last + 1)
        ):
            yield entity


def _by_weight(
    asserted: Sequence[Entity], sentence: Sentence, named: dict[Entity, tuple[int, int]]
) -> tuple[Entity, ...]:
    corrected = max((index for index, word in enumerate(sentence.words) if word.text in CORRECTS), default=-1)

    def weight(entity: Entity) -> int:
        first, last = named.get(entity, (0, 0))
        if entity.type is EntityType.TIME_RANGE and first >= corrected:
            return int(first == last)  # "Since 9" says more than a day that is named in passing.
        left_behind = entity.type is EntityType.ENVIRONMENT and sentence.word(first - 1) in FROM
        return 2 if left_behind else int(first < corrected)

    return tuple(sorted(asserted, key=weight))
