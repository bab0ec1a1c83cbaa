"""Operators between numbers and series: which series of the two sides belong together, and what comes of them."""

from dataclasses import replace

import numpy as np

from core.query.promql.model import COMPARISONS, Binary
from integrations.observability.prometheus.engine.samples import Labels, Marks, Numbers
from integrations.observability.prometheus.engine.tracks import EvaluationError, Key, Track, dropped, key_of, nameless

_ARITHMETIC = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "%": np.fmod, "^": np.power}
_COMPARES = {
    "==": np.equal, "!=": np.not_equal, ">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal,
}  # fmt: skip


def operated(op: str, left: Numbers, right: Numbers) -> Numbers:
    """Of a comparison: 1 where it holds, else 0."""
    if op not in _ARITHMETIC and op not in _COMPARES:
        raise EvaluationError(f'unknown operator "{op}"')
    made: Numbers = (_ARITHMETIC[op] if op in _ARITHMETIC else _COMPARES[op])(left, right).astype(np.float64)
    return made


def with_number(node: Binary, one: Track, left: Numbers, right: Numbers) -> Track:
    """A series beside a number."""
    made = operated(node.op, left, right)
    if node.op in COMPARISONS and not node.as_bool:
        return replace(one, there=one.there & (made == 1))
    return replace(dropped(one), values=made)


def _matching_key(labels: Labels, node: Binary) -> Key:
    labels = nameless(labels)
    if node.matching is None:
        return key_of(labels)
    named = node.matching.labels
    return key_of({name: value for name, value in labels.items() if (name in named) is not node.matching.ignoring})


def combined(node: Binary, left: list[Track], right: list[Track]) -> list[Track]:
    """`and`, `or`, `unless`."""

    def there(tracks: list[Track]) -> dict[Key, Marks]:
        found: dict[Key, Marks] = {}
        for one in tracks:
            key = _matching_key(one.labels, node)
            found[key] = found.get(key, np.zeros(len(one.there), bool)) | one.there
        return found

    def only(tracks: list[Track], others: dict[Key, Marks], *, where: bool) -> list[Track]:
        made = []
        for one in tracks:
            other = others.get(_matching_key(one.labels, node), np.zeros(len(one.there), bool))
            kept = replace(one, there=one.there & (other if where else ~other))
            made += [kept] if kept.there.any() else []
        return made

    if node.op == "or":
        return left + only(right, there(left), where=False)
    return only(left, there(right), where=node.op == "and")


def matched(node: Binary, left: list[Track], right: list[Track]) -> list[Track]:
    """Arithmetic and comparisons of series that belong together."""
    group = node.matching.group if node.matching else ""
    many, ones = (right, left) if group == "right" else (left, right)
    by_key: dict[Key, Track] = {}
    for one in ones:
        key = _matching_key(one.labels, node)
        if key in by_key and (by_key[key].there & one.there).any():
            side = "left" if group == "right" else "right"
            raise EvaluationError(
                f"found duplicate series for the match group on the {side} hand-side of the operation;"
                "many-to-many matching not allowed: matching labels must be unique on one side"
            )
        known = by_key.get(key)
        by_key[key] = one if known is None else _union(known, one)
    made: dict[Key, Track] = {}
    for one in many:
        other = by_key.get(_matching_key(one.labels, node))
        if other is None:
            continue
        joined = _pair(node, one, other, swapped=group == "right")
        key = key_of(joined.labels)
        if key in made and (made[key].there & joined.there).any():
            raise EvaluationError(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            )
        made[key] = joined if key not in made else _union(made[key], joined)
    return [one for one in made.values() if one.there.any()]


def _pair(node: Binary, one: Track, other: Track, *, swapped: bool) -> Track:
    left, right = (other, one) if swapped else (one, other)
    result = operated(node.op, left.values, right.values)
    there = one.there & other.there
    labels: Labels = one.labels
    compares = node.op in COMPARISONS
    if not compares or node.as_bool:
        labels = nameless(labels)
    matching = node.matching
    if matching and not matching.group:
        names = matching.labels
        labels = {name: value for name, value in labels.items() if (name in names) is not matching.ignoring}
    if matching and matching.group:
        labels = {name: value for name, value in labels.items() if name not in matching.include}
        labels = {**labels, **{name: other.labels[name] for name in matching.include if other.labels.get(name)}}
    if compares and not node.as_bool:
        return Track(labels, left.values, there & (result == 1))
    return Track(labels, result, there)


def _union(one: Track, other: Track) -> Track:
    return Track(one.labels, np.where(one.there, one.values, other.values), one.there | other.there)
