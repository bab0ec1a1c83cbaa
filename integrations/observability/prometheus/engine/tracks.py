"""What is worked with while a query is evaluated: series and numbers at each moment."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from integrations.observability.prometheus.engine.samples import Labels, Marks, Numbers

NAME = "__name__"
"""The label that holds the metric's name."""
Key = tuple[tuple[str, str], ...]
"""A label set that can be compared."""


class EvaluationError(Exception):
    """The query cannot be evaluated; the message is the server's."""


@dataclass(frozen=True, slots=True)
class Track:
    """One series of a result at each moment."""

    labels: Labels
    values: Numbers
    there: Marks
    """Whether there is a value at the moment."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number at each moment."""

    values: Numbers


Result = list[Track] | Scalar


def nameless(labels: Labels) -> Labels:
    """Without the metric's name."""
    return {name: value for name, value in labels.items() if name != NAME}


def dropped(one: Track) -> Track:
    """The same without the metric's name: what was computed is the metric no more."""
    return replace(one, labels=nameless(one.labels))


def key_of(labels: Labels) -> Key:
    """The labels in one order, empty ones left out."""
    return tuple(sorted((name, value) for name, value in labels.items() if value))


def with_values(tracks: Iterable[Track]) -> list[Track]:
    """Those that have a value at any moment."""
    return [one for one in tracks if one.there.any()]
