"""Chooses how a subject is measured here: by what the sentence names, then by what the backend has."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.query.catalogue.backend import Backend, nearest
from core.query.catalogue.dimensions import Dimension, labels_of
from core.query.catalogue.measures import Measure, Subject
from core.query.translation import QueryRefused


@dataclass(frozen=True, slots=True)
class Resolved:
    """A measure with the label of every dimension that is needed."""

    measure: Measure
    labels: dict[Dimension, str]


def resolve(
    subject: Subject,
    dimensions: Iterable[Dimension],
    *,
    sources: frozenset[str] = frozenset(),
    backend: Backend | None = None,
) -> Resolved:
    """The first measure that fits: one whose exporter the sentence names, that knows the dimensions, that the backend has.

    Raises:
        QueryRefused: the backend has none of them, or lacks a label; the nearest names are offered.
    """
    needed = tuple(dict.fromkeys(dimensions))
    ranked = sorted(subject.measures, key=lambda measure: _rank(measure, needed, sources))
    if backend is None:
        return Resolved(ranked[0], {kind: _label(ranked[0], kind) for kind in needed})
    present = [measure for measure in ranked if all(map(backend.has, measure.form.names))]
    if not present:
        raise _no_metric(subject, backend)
    for measure in present:
        labels = {kind: _present_label(measure, kind, backend) for kind in needed}
        if None not in labels.values():
            return Resolved(measure, {kind: label for kind, label in labels.items() if label})
    raise _no_label(present[0], needed, backend)


def label_for(metric: str, kind: Dimension, backend: Backend | None) -> str:
    """The label of a metric that the catalogue does not know.

    Raises:
        QueryRefused: the backend's metric has none that fits.
    """
    choices = labels_of(kind)
    if backend is None:
        return choices[0]
    for label in choices:
        if not backend.lacks_label(metric, label):
            return label
    raise _lacking(metric, kind, backend)


def _rank(measure: Measure, needed: tuple[Dimension, ...], sources: frozenset[str]) -> tuple[int, int]:
    named = measure.source.about in needed or not sources.isdisjoint(measure.source.words)
    missing = sum(kind not in measure.source.dimensions for kind in needed)
    return (0 if named and not missing else 1, missing)


def _label(measure: Measure, kind: Dimension) -> str:
    return measure.source.labels.get(kind, labels_of(kind)[0])


def _present_label(measure: Measure, kind: Dimension, backend: Backend) -> str | None:
    choices = dict.fromkeys((_label(measure, kind), *labels_of(kind)))
    for label in choices:
        if not any(backend.lacks_label(name, label) for name in measure.form.names):
            return label
    return None


def _no_metric(subject: Subject, backend: Backend) -> QueryRefused:
    wanted = subject.measures[0].form.names[0]
    near = nearest(wanted, backend.metrics)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Name the metric as the backend calls it."
    return QueryRefused(
        f"The backend has no metric for {subject.name.replace('_', ' ')}, such as {wanted}.", hint=hint, nearest=near
    )


def _no_label(measure: Measure, needed: tuple[Dimension, ...], backend: Backend) -> QueryRefused:
    kind = next(kind for kind in needed if _present_label(measure, kind, backend) is None)
    return _lacking(measure.form.names[0], kind, backend)


def _lacking(metric: str, kind: Dimension, backend: Backend) -> QueryRefused:
    known = backend.metrics.get(metric)
    labels = sorted((known.labels if known else None) or ())
    near = nearest(labels_of(kind)[0], labels) or tuple(labels[:3])
    hint = f"It can be told apart by {', '.join(near)}." if near else "Leave it out, or ask for another metric."
    return QueryRefused(f"{metric} has no label for the {kind}.", hint=hint, nearest=near)
