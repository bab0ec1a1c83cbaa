"""Which kinds of spans a sentence names, how they hang together, and of which of them something is said.

A kind of span is a service, a name or what is called (`redis`); two of them in one clause may mean one kind ("redis calls of cart").
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

_THINGS = (names.NAME, names.DATABASE, names.MESSAGING)
"""Fields that say which spans are meant, besides the service."""
_OR = re.compile(r"[\s,]*(?:\b(?:or|oder|o|either)\b|/)\s*(?:the |from |in |of )?", re.IGNORECASE)
_AND = re.compile(
    r"(?:spans?|calls?)?[\s,]*(?:\b(?:and|und|y|as well as|plus)\b|&|,)[\s,]*(?:then |also |to |into |the |both |an? ){0,3}",
    re.IGNORECASE,
)
_BOTH = re.compile(r"\bboth\b|\bbeide[ns]?\b|\bamb[oa]s\b", re.IGNORECASE)
_TOGETHER = re.compile(r"\b(?:in (?:the same|a single|one) trace|together)\b", re.IGNORECASE)
_JOINT = re.compile(
    r"\b(?:and|while|but|then|und|though|although|whereas|where|whose|yet|with|without|because|caused|due|wegen|since|when|if|weil|wenn|porque|cuando|aber|pero|y|that|which|who|calls?|calling|called|into|below|under|underneath|beneath|deeper|downstream|has|have|having|is|sits?|hits?|hitting|queries|talks?)\b|,|->|→|>>",
    re.IGNORECASE,
)
_JOINT_BEFORE = re.compile(
    r"\b(?:and|while|but|then|und|though|although|whereas|yet|because|caused|due|wegen|aber|weil|porque|pero|calls?|calling|called|into|below|under|underneath|beneath|deeper|downstream)\b|,|->|→|>>",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\b(?:an?|the|any|some|each|every|one|another|ein(?:e[nmr]?)?|una?|el|la) \Z", re.IGNORECASE)
_OF = re.compile(r"\s(?:spans?\s|calls?\s)?(?:in|on|of|from|at|for|by|within|inside)\s(?:the\s|an?\s)?", re.IGNORECASE)
_INSIDE = re.compile(r"\s(?:spans?\s)?(?:in|within|inside|on)\s(?:the\s|an?\s)?", re.IGNORECASE)
_MOST = 24
"""Mentions that are looked at; nobody names more."""
_ITSELF = re.compile(r"\b(?:itself|themselves|selbst|mism[oa])\b", re.IGNORECASE)
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
    key: Expression
    start: int
    end: int

    @property
    def field(self) -> Expression | None:
        return self.key.left if isinstance(self.key, Operation) else None

    @property
    def thing(self) -> bool:
        return self.field != names.SERVICE


def read(wording: Wording, said: Iterable[Said], *, leave: Collection[str] = ()) -> Structure:
    """The structure of a sentence. `leave`: services that are no part of it."""
    found = sorted(_mentions(wording, said, leave), key=lambda one: (one.start, one.end))[:_MOST]
    made = Structure()
    numbers: list[int] = []
    for at, one in enumerate(found):
        numbers.append(_place(wording, made, found, numbers, at, one))
    return made


def _mentions(wording: Wording, said: Iterable[Said], leave: Collection[str]) -> Iterator[_Mention]:
    for entity in wording.named(EntityType.SERVICE):
        if not wording.negated(entity.start) and entity.value not in leave:
            yield _Mention(_of_service(entity), entity.start, entity.end)
    for one in said:
        if one.start < one.end and _thing(one.condition):
            yield _Mention(one.condition, one.start, one.end)


def _of_service(entity: Entity) -> Operation:
    return Operation("=", names.SERVICE, Text(entity.value))


def _thing(condition: Expression) -> bool:
    match condition:
        case Operation(op="=", left=left):
            return left in _THINGS
        case Operation(op="!=", left=left, right=Keyword(text="nil")):
            return left in _THINGS
        case _:
            return False


def _place(wording: Wording, made: Structure, found: list[_Mention], numbers: list[int], at: int, one: _Mention) -> int:
    """The number of the part that this mention belongs to; it is made or extended."""
    again = next((i for i, part in enumerate(made.parts) if one.key in part.keys), None)
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
    same = any(isinstance(key, Operation) and key.left == one.field for key in part.keys)
    if same and _OR.fullmatch(wording.text, before.end, one.start):
        made.parts[number] = _extended(part, one)
        return number
    made.parts.append(Part((one.key,), ((one.start, one.end),)))
    new = len(made.parts) - 1
    if _link(wording, made, found, at, number, new):
        return new
    above = next((link for link in made.links if link.right == number), None)
    if same and above and _AND.fullmatch(gap.replace("\0", "")):
        made.links.append(Link(above.left, above.op, new))  # "calls B and C"
        return new
    if one.thing and same and not (_BOTH.search(wording.plain) or _TOGETHER.search(wording.plain)):
        made.parts.pop()  # values of one field are alternatives
        return number
    if not same and (one.thing or all(isinstance(key, Operation) and key.left != names.SERVICE for key in part.keys)):
        made.parts.pop()
        made.parts[number] = _extended(part, one)
        return number
    return new


def _new(made: Structure, one: _Mention) -> int:
    made.parts.append(Part((one.key,), ((one.start, one.end),)))
    return len(made.parts) - 1


def _extended(part: Part, one: _Mention, *, key: bool = True) -> Part:
    return Part((*part.keys, one.key) if key else part.keys, (*part.places, (one.start, one.end)))


def _linked(made: Structure, one: int, other: int) -> bool:
    return any({link.left, link.right} == {one, other} for link in made.links)


def _link(wording: Wording, made: Structure, found: list[_Mention], at: int, number: int, new: int) -> bool:
    """Whether the mention and the one before it hang together; the link is added."""
    one, before = found[at], found[at - 1]
    if beside(wording.plain):
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


def owners(wording: Wording, made: Structure, said: Iterable[Said]) -> dict[int, list[Said]]:
    """What is said of which part: of the last one below, or of the one before it where a clause ends there.

    Spans of a client are the caller's, and what both did, both did.
    """
    order = made.order
    places = sorted((start, end, number) for number, part in enumerate(made.parts) for start, end in part.places)
    owned: dict[int, list[Said]] = {}
    both = _BOTH.search(wording.plain)
    for one in said:
        anew = places[-1][2] in [number for *_, number in places[:-1]]
        if both and one.start > places[-1][1] and not anew:
            for number in order:
                owned.setdefault(number, []).append(one)
            continue
        touching = _touching(wording, made, places, one)
        if touching is not None:
            owned.setdefault(touching, []).append(one)
            continue
        caller = made.links and _kind(one.condition) in ("client", "producer")
        owner = order[0] if caller else _owner(wording, places, one, order[-1], linked=bool(made.links))
        owned.setdefault(owner, []).append(one)
    return owned


def _touching(wording: Wording, made: Structure, places: list[tuple[int, int, int]], one: Said) -> int | None:
    """The thing right before or behind what is said: "kafka producer spans"."""
    for start, end, number in places:
        named = any(isinstance(key, Operation) and key.left == names.SERVICE for key in made.parts[number].keys)
        low, high = (one.end, start) if start >= one.end else (end, one.start)
        if not named and _kind(one.condition) and low <= high and not wording.text[low:high].strip():
            return number
    return None


def _kind(condition: Expression) -> str:
    match condition:
        case Operation(op="=", left=Intrinsic(name="kind"), right=Keyword(text=text)):
            return text
        case _:
            return ""


def _owner(wording: Wording, places: list[tuple[int, int, int]], one: Said, last: int, *, linked: bool) -> int:
    before = [place for place in places if place[1] <= one.start]
    after = [place for place in places if place[0] >= one.end]
    if after:
        start, _, following = after[0]
        touches = before and not wording.text[before[-1][1] : one.start].strip()
        if start - one.end == 1 and _ARTICLE.search(wording.text, 0, one.start):
            return following  # "a failed payments child"
        if not touches and (_INSIDE if linked else _OF).fullmatch(wording.text, one.end, start):
            return following  # "an error in shipping"
    if not before:
        return last
    _, end, nearest = before[-1]
    if any(number == nearest for *_, number in before[:-1]):
        return nearest  # named anew
    text = wording.text
    if _ITSELF.search(text, end, one.start):
        return nearest
    if after and _JOINT.search(text, one.end, after[0][0]) and not _JOINT_BEFORE.search(text, end, one.start):
        return nearest
    return last


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
