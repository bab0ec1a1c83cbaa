"""Conditions with the places where they are said, and which of them are alternatives."""

import re
from dataclasses import dataclass, replace
from functools import reduce

from core.query.patterns import escaped
from core.query.traceql.model import Attribute, Expression, Intrinsic, Operation, Text
from core.query.wording import Wording

_OR = re.compile(
    r"[\s,]{0,3}(?:or|oder|/)(?:\s(?:those|ones|anything|any|spans?|traces?|requests?|calls?|which|that|with|in|an?|the|are|is|was|were|has|have|had|having|took|takes|taking|returned|returns|returning|return|got|gets|gave|gives|responded|lasted|lasting|lasts|needed|needs|came|ended|else|than|simply|just|it|status|code|method|than|something|everything|\0+)){0,5}\s{0,2}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A condition, and from where to where it is said."""

    condition: Expression
    start: int
    end: int
    group: str = ""
    """Conditions of one group are alternatives, however they are joined: a span has one status."""


def joined(wording: Wording, said: tuple[Said, ...]) -> tuple[Said, ...]:
    """Each condition once; those joined by "or", and values of one field, become one where the first of them stood."""
    once: dict[Expression, Said] = {}
    for one in said:
        once.setdefault(one.condition, one)
    made: list[Said] = []
    left = list(once.values())
    while len(left) != len(made):  # "a or b or c": the first two may be joined by the third
        made, left = left, []
        for one in made:
            at = next((i for i, other in enumerate(left) if _alternatives(wording, other, one)), None)
            if at is None:
                left.append(one)
                continue
            other = left[at]
            start, end = min(one.start, other.start), max(one.end, other.end)
            left[at] = replace(other, condition=Operation("||", other.condition, one.condition), start=start, end=end)
    return tuple(made)


def _alternatives(wording: Wording, one: Said, other: Said) -> bool:
    if one.group and one.group == other.group:
        return True
    field = _field(one.condition)
    if field is not None and field == _field(other.condition):
        return True
    if _negative(one.condition) and _negative(other.condition):
        return False  # "neither GET nor HEAD"
    first, second = (one, other) if one.start < other.start else (other, one)
    return 0 < first.end <= second.start and bool(_OR.fullmatch(wording.plain, first.end, second.start))


def _negative(condition: Expression) -> bool:
    return isinstance(condition, Operation) and condition.op in ("!=", "!~")


def _field(condition: Expression) -> Expression | None:
    """The field that equals a value, or one of several."""
    match condition:
        case Operation(op="=", left=left):
            return left
        case Operation(op="||", left=left, right=right) if _field(left) == _field(right):
            return _field(left)
        case _:
            return None


def one_of(attribute: Attribute | Intrinsic, values: tuple[str, ...], *, negative: bool = False) -> Expression:
    """The attribute is one of these values, or none of them."""
    if len(values) == 1 or any(escaped(value) != value for value in values):
        op, joint = ("!=", "&&") if negative else ("=", "||")
        first, *others = (Operation(op, attribute, Text(value)) for value in values)
        return reduce(lambda made, one: Operation(joint, made, one), others, first)
    return Operation("!~" if negative else "=~", attribute, Text("|".join(values)))
