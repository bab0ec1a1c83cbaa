"""Which kinds of spans a sentence names, and how they hang together.

A kind of span is a service, a name, what is called (`redis`) or the root; two of them in one clause may mean one kind ("redis calls of cart").
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from core.nlp.interpretation import Entity, EntityType
from core.query.traceql import names
from core.query.traceql.model import (
    Attribute,
    Combined,
    Expression,
    Filter,
    Intrinsic,
    Keyword,
    Operation,
    Spanset,
    Text,
    every,
)
from core.query.traceql.relating import MENTION, Around, below, beside, direct, way
from core.query.traceql.said import Said, one_of
from core.query.wording import Wording

_THINGS = (names.NAME, names.DATABASE, names.MESSAGING, names.PARENT)
"""Fields that say which spans are meant, besides the service."""
_OR = re.compile(r"[\s,]*(?:\b(?:or|oder|o|either)\b|/)\s*(?:the |from |in |of )?", re.IGNORECASE)
_AND = re.compile(
    r"(?:spans?|calls?)?[\s,]*(?:\b(?:and|und|y|as well as|plus)\b|&|,)[\s,]*(?:then |also |to |into |the |both |an? ){0,3}",
    re.IGNORECASE,
)
_AND_OR = re.compile(rf"{_OR.pattern}|{_AND.pattern}", re.IGNORECASE)
BOTH = re.compile(r"\bboth\b|\bbeide[ns]?\b|\bamb[oa]s\b", re.IGNORECASE)
_TOGETHER = re.compile(
    r"\b(?:in (?:the same|a single|one) trace|together|as well as|and also|but also)\b|\b(?:traces?|trazas?) (?:with|having|containing|including|mit|con|(?:that|which) (?:have|contain|include|touch|use))\b(?=[^,;]{0,120}\b(?:and|und|y)\b)",
    re.IGNORECASE,
)
_ANY = re.compile(r"\b(?:spans?|something|anything|child\w*|calls?)\b", re.IGNORECASE)
_IN_ORDER = re.compile(
    r"\b(?:in (?:this|that|exactly this|exactly that|the given|the following) (?:exact )?(?:order|sequence)|in sequence|one after (?:the other|another)|in dieser reihenfolge|en (?:este|ese) orden)\b",
    re.IGNORECASE,
)
_CALLER = re.compile(r"\b(?:by|under|underneath|below|beneath|von|por)\s(?:the )?\Z", re.IGNORECASE)
_COMMA = re.compile(r"\s?,\s?")
_CALLS_OF = re.compile(
    r"(?:\s(?:calls?|quer(?:y|ies)|spans?|requests?|commands?|statements?|lookups?|writes?|reads?|operations?|messages?|access(?:es)?))?\s(?:of|from|by|in|inside|within|on|made by|issued by|sent by|coming from|done by)\s(?:the )?",
    re.IGNORECASE,
)
""" "A redis call of auth" is one kind of span."""
_OWN = re.compile(r"(?:['’]s?)?\s", re.IGNORECASE)
_APART = re.compile(
    r"\b(?:but|while|whilst|though|although|whereas|yet|however|aber|obwohl|pero|aunque|mientras)\b|\b(?:and|und|y|with|plus)\s(?:an?|some|any|the|its|their|one|at least|more|where|in|ein\w*|un[ao]?)\b",
    re.IGNORECASE,
)
"""Between the root and a service: two spans of one trace are meant."""
_MOST = 24
"""Mentions that are looked at; nobody names more."""
_BEFORE, _BEHIND = 40, 70
"""Characters around two mentions in which their part may stand."""


@dataclass(frozen=True, slots=True)
class Part:
    """Spans of one kind: what says which ones, and where it is said."""

    keys: tuple[Expression, ...]
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A part above, below or beside another, by their numbers."""

    left: int
    op: str
    right: int
    placed: bool = False
    """A word for the place says so: "below", "underneath", "child of"."""


@dataclass(slots=True)
class Structure:
    """The parts in order of appearance, and their links."""

    parts: list[Part] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    @property
    def keys(self) -> frozenset[Expression]:
        """Conditions that are accounted for as parts."""
        return frozenset(key for part in self.parts for key in part.keys)

    @property
    def order(self) -> tuple[int, ...]:
        """The parts, callers first."""
        below = {link.right for link in self.links}
        made = [number for number in range(len(self.parts)) if number not in below]
        for number in made:
            made += (link.right for link in self.links if link.left == number and link.right not in made)
        return tuple(made)


@dataclass(frozen=True, slots=True)
class _Mention:
    keys: tuple[Operation, ...]
    start: int
    end: int

    @property
    def fields(self) -> frozenset[Expression]:
        return frozenset(key.left for key in self.keys)

    @property
    def thing(self) -> bool:
        return names.SERVICE not in self.fields

    @property
    def root(self) -> bool:
        return names.PARENT in self.fields


def read(wording: Wording, said: Iterable[Said], *, leave: Collection[str] = ()) -> Structure:
    """The structure of a sentence. `leave`: services that are no part of it."""
    found = sorted(_mentions(wording, said, leave), key=lambda one: (one.start, one.end))[:_MOST]
    found = _phrases(wording, found)
    if (
        found
        and all(one.root for one in found)
        and (other := _ANY.search(wording.text, 0, found[0].start))
        and _APART.search(wording.text, other.end(), found[0].start)
    ):
        found.insert(0, _Mention((), *other.span()))  # "a failed span though the root is fine"
    made = Structure()
    numbers: list[int] = []
    for at, one in enumerate(found):
        numbers.append(_place(wording, made, found, numbers, at, one))
    if not made.links and len(made.parts) > 1 and _IN_ORDER.search(wording.plain):
        made.links = [Link(number, ">>", number + 1) for number in range(len(made.parts) - 1)]
    return made


def _mentions(wording: Wording, said: Iterable[Said], leave: Collection[str]) -> Iterator[_Mention]:
    for entity in wording.named(EntityType.SERVICE):
        if not wording.negated(entity.start) and entity.value not in leave:
            yield _Mention((_of_service(entity),), entity.start, entity.end)
    for one in said:
        if one.start < one.end and isinstance(one.condition, Operation) and _thing(one.condition):
            yield _Mention((one.condition,), one.start, one.end)


def _phrases(wording: Wording, found: list[_Mention]) -> list[_Mention]:
    """Mentions that make one phrase are one: "a redis call of auth", and behind others "an auth redis call"."""
    made: list[_Mention] = []
    for one in found:
        before = made[-1] if made else None
        if before is not None and before.end <= one.start:
            gap = before.end, one.start
            alone = len(made) < 2 or not _AND_OR.fullmatch(wording.text, made[-2].end, before.start)
            of = before.thing and not one.thing and alone and _CALLS_OF.fullmatch(wording.text, *gap)
            own = one.thing and len(before.fields) == 1 and len(made) > 1 and _OWN.fullmatch(wording.text, *gap)
            if of or (own and not before.thing):
                made[-1] = _Mention((*before.keys, *one.keys), before.start, one.end)
                continue
        made.append(one)
    return made


def _of_service(entity: Entity) -> Operation:
    return Operation("=", names.SERVICE, Text(entity.value))


def _thing(condition: Operation) -> bool:
    match condition:
        case Operation(op="=", left=left) | Operation(op="<", left=Intrinsic("nestedSetParent") as left):
            return left in _THINGS
        case Operation(op="!=", left=left, right=Keyword(text="nil")):
            return left in _THINGS
        case _:
            return False


def _place(wording: Wording, made: Structure, found: list[_Mention], numbers: list[int], at: int, one: _Mention) -> int:
    """The number of the part that this mention belongs to; it is made or extended."""
    again = next((i for i, part in enumerate(made.parts) if set(one.keys) <= set(part.keys)), None)
    if not at:
        return _new(made, one)
    before = found[at - 1]
    number = numbers[at - 1]
    if again is not None:
        made.parts[again] = _extended(made.parts[again], one, key=False)
        if again != number and not _linked(made, again, number):
            _link(wording, made, found, at, number, again)
        return again
    part = made.parts[number]
    gap = wording.rest[before.end : one.start]
    same = any(isinstance(key, Operation) and key.left in one.fields for key in part.keys)
    if same and _alternatives(wording, found, at):
        made.parts[number] = _extended(part, one)
        return number
    made.parts.append(Part(one.keys, ((one.start, one.end),)))
    new = len(made.parts) - 1
    if _link(wording, made, found, at, number, new):
        return new
    above = next((link for link in made.links if link.right == number), None)
    if same and above and _AND.fullmatch(gap.replace("\0", "")):
        made.links.append(Link(above.left, above.op, new))  # "calls B and C"
        return new
    if (one.root or before.root) and _APART.search(gap):
        return new  # "cart failed but the root span did not"
    if one.thing and same and not (BOTH.search(wording.plain) or _TOGETHER.search(wording.plain)):
        made.parts.pop()  # values of one field are alternatives
        return number
    alike = any(key in part.keys for key in one.keys)
    if alike or (
        not same and (one.thing or all(isinstance(key, Operation) and key.left != names.SERVICE for key in part.keys))
    ):
        made.parts.pop()
        made.parts[number] = _extended(part, one)
        return number
    return new


def _alternatives(wording: Wording, found: list[_Mention], at: int) -> bool:
    """Whether "or" joins this mention to the one before it, be it at the end of a list: "a, b or c"."""
    before, one = found[at - 1], found[at]
    if _OR.fullmatch(wording.text, before.end, one.start):
        return True
    listed = at + 1 < len(found) and found[at + 1].fields == one.fields
    return bool(
        listed and _COMMA.fullmatch(wording.text, before.end, one.start) and _alternatives(wording, found, at + 1)
    )


def _new(made: Structure, one: _Mention) -> int:
    made.parts.append(Part(one.keys, ((one.start, one.end),)))
    return len(made.parts) - 1


def _extended(part: Part, one: _Mention, *, key: bool = True) -> Part:
    keys = (*part.keys, *(new for new in one.keys if new not in part.keys)) if key else part.keys
    return Part(keys, (*part.places, (one.start, one.end)))


def _linked(made: Structure, one: int, other: int) -> bool:
    return any({link.left, link.right} == {one, other} for link in made.links)


def _link(wording: Wording, made: Structure, found: list[_Mention], at: int, number: int, new: int) -> bool:
    """Whether the mention and the one before it hang together; the link is added."""
    one, before = found[at], found[at - 1]
    if beside(wording.plain):
        if _CALLER.search(wording.text, before.end, one.start):  # "called in parallel by cart"
            made.links.insert(0, Link(new, ">", made.links[0].left if made.links else number))
        else:
            made.links.append(Link(number, "~", new))
        return True
    rest = wording.rest
    for other in found:
        rest = rest[: other.start] + MENTION * (other.end - other.start) + rest[other.end :]
    start = max(0, before.start - _BEFORE, found[at - 2].end if at > 1 else 0)
    end = one.end + _BEHIND
    if at + 1 < len(found):
        end = min(end, found[at + 1].end)
    around = Around(rest[start : before.start], rest[before.end : one.start], rest[one.end : end])
    how = way(around, strictly=one.thing != before.thing)
    if how is None:
        return False
    op = ">" if direct(wording.plain) else ">>"
    placed = below(around)
    made.links.append(Link(number, op, new, placed) if how == "down" else Link(new, op, number, placed))
    return True


def spanset(made: Structure, conditions: dict[int, tuple[Expression, ...]]) -> Spanset:
    """The parts with their conditions, put together as they are linked."""
    filters = [Filter(every((*_of_part(part), *conditions.get(i, ())))) for i, part in enumerate(made.parts)]
    spansets: list[Spanset] = []
    left = list(made.links)
    chained: set[int] = set()
    while left:
        first = next((link for link in left if not any(other.right == link.left for other in left)), left[0])
        left.remove(first)
        chain: Spanset = Combined(first.op, filters[first.left], filters[first.right])
        chained |= {first.left, first.right}
        last = first.right
        while following := next((link for link in left if link.left == last), None):
            left.remove(following)
            chain = Combined(following.op, chain, filters[following.right])
            chained.add(following.right)
            last = following.right
        spansets.append(chain)
    spansets += (one for i, one in enumerate(filters) if i not in chained)
    joined = spansets[0]
    for one in spansets[1:]:
        joined = Combined("&&", joined, one)
    return joined


def _of_part(part: Part) -> Iterator[Expression]:
    """Values of one field are alternatives."""
    keys = [key for key in part.keys if isinstance(key, Operation)]
    for attribute, group in groupby(sorted(keys, key=lambda key: repr(key.left)), key=lambda key: key.left):
        values = list(group)
        texts = tuple(key.right.value for key in values if isinstance(key.right, Text))
        if len(values) == 1 or len(texts) != len(values) or not isinstance(attribute, Attribute | Intrinsic):
            yield values[0]
        else:
            yield one_of(attribute, texts)
