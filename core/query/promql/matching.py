"""Turns a filter of a sentence into a label matcher, with the values that the backend really has."""

import re

from core.nlp.entities import nearest
from core.query.catalogue.backend import Backend
from core.query.catalogue.dimensions import Dimension
from core.query.patterns import escaped
from core.query.promql.asked import Filter
from core.query.promql.model import Matcher
from core.query.translation import QueryRefused

_STATUS_CLASS = re.compile(r"[1-5]xx")


def matcher(wanted: Filter, label: str, metric: str, backend: Backend | None) -> Matcher:
    """The condition on this label.

    Raises:
        QueryRefused: the backend knows every value of the label, and this is none; the nearest are offered.
    """
    values = [value for given in wanted.values for value in _known(given, wanted.dimension, label, metric, backend)]
    patterns = [_pattern(value, wanted.dimension) for value in values]
    plain = len(values) == 1 and patterns[0] == escaped(values[0])
    if plain:
        return Matcher(label, "!=" if wanted.negated else "=", values[0])
    return Matcher(label, "!~" if wanted.negated else "=~", "|".join(patterns))


def _pattern(value: str, kind: Dimension) -> str:
    if kind is Dimension.STATUS and _STATUS_CLASS.fullmatch(value):
        return value[0] + ".."
    if kind is Dimension.ENDPOINT and value.endswith("/*"):
        return escaped(value[:-1]) + ".*"
    return escaped(value)


def _known(value: str, kind: Dimension, label: str, metric: str, backend: Backend | None) -> tuple[str, ...]:
    """The value as the backend writes it: another case, or a host with its port."""
    if backend is None or not backend.lacks_value(label, value) or _pattern(value, kind) != escaped(value):
        return (value,)
    there = backend.values[label]
    similar = tuple(sorted(v for v in there if v.lower() == value.lower() or v.startswith(f"{value}:")))
    if similar:
        return similar
    near = nearest(value, there)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"See which values {label} has, and ask again."
    raise QueryRefused(f"{metric} has no {label} {value}.", hint=hint, nearest=near)
