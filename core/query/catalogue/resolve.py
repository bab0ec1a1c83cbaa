"""Chooses how a subject is measured here: by what the sentence names, then by what the backend has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.nlp.entities import nearest
from core.query.catalogue.backend import Backend
from core.query.catalogue.dimensions import Dimension, labels_of
from core.query.catalogue.measures import Measure, Subject, parts
from core.query.translation import QueryRefused


@dataclass(frozen=True, slots=True)
class Resolved:
    """A measure with the label of every dimension that is needed."""

    measure: Measure
    labels: Mapping[Dimension, str]
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Labels of the measure's own conditions that are called otherwise here."""


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
        labels = {kind: label for kind in needed if (label := _present_label(measure, kind, backend))}
        renamed = _renamed(measure, backend)
        if len(labels) == len(needed) and renamed is not None:
            return Resolved(measure, labels, renamed)
    raise _no_label(present[0], needed, backend)


def _rank(measure: Measure, needed: tuple[Dimension, ...], sources: frozenset[str]) -> tuple[int, int]:
    named = measure.source.about in needed or not sources.isdisjoint(measure.source.words)
    missing = sum(kind not in measure.source.dimensions for kind in needed)
    return (0 if named and not missing else 1, missing)


def _label(measure: Measure, kind: Dimension) -> str:
    return measure.source.labels.get(kind, labels_of(kind)[0])


def _present_label(measure: Measure, kind: Dimension, backend: Backend) -> str | None:
    choices = dict.fromkeys((_label(measure, kind), *labels_of(kind)))
    usual = labels_of(kind)[0]
    if kind in measure.source.assumed and all(_has_label(backend, name, usual) for name in measure.form.names):
        return usual
    for label in choices:
        if not any(backend.lacks_label(name, label) for name in measure.form.names):
            return label
    return None


def _has_label(backend: Backend, metric: str, label: str) -> bool:
    known = backend.metrics.get(metric)
    return known is not None and known.labels is not None and label in known.labels


def _renamed(measure: Measure, backend: Backend) -> dict[str, str] | None:
    """How the labels of the measure's own conditions are called here; None where one is missing."""
    renamed: dict[str, str] = {}
    for series in parts(measure.form):
        for label in {matcher.label for matcher in series.fixed}:
            if backend.lacks_label(series.name, label):
                kind = next((kind for kind in Dimension if _label(measure, kind) == label), None)
                other = kind and _present_label(measure, kind, backend)
                if not other:
                    return None
                renamed[label] = other
    return renamed


def _no_metric(subject: Subject, backend: Backend) -> QueryRefused:
    wanted = subject.measures[0].form.names[0]
    near = nearest(wanted, backend.metrics)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Name the metric as the backend calls it."
    return QueryRefused(
        f"The backend has no metric for {subject.name.replace('_', ' ')}, such as {wanted}.", hint=hint, nearest=near
    )


def _no_label(measure: Measure, needed: tuple[Dimension, ...], backend: Backend) -> QueryRefused:
    missing = [kind for kind in needed if _present_label(measure, kind, backend) is None]
    # Without one, a condition of the measure's own is what cannot be met.
    return _lacking(measure.form.names[0], missing[0] if missing else Dimension.STATUS, backend)


def _lacking(metric: str, kind: Dimension, backend: Backend) -> QueryRefused:
    known = backend.metrics.get(metric)
    labels = sorted((known.labels if known else None) or ())
    near = nearest(labels_of(kind)[0], labels) or tuple(labels[:3])
    hint = f"It can be told apart by {', '.join(near)}." if near else "Leave it out, or ask for another metric."
    return QueryRefused(f"{metric} has no label for the {kind}.", hint=hint, nearest=near)
