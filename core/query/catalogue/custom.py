"""Metrics that no convention knows, by their own names and what their names and types tell."""

from functools import cache

from core.nlp.entities import nearest
from core.query.catalogue.backend import Backend
from core.query.catalogue.dimensions import Dimension
from core.query.catalogue.measures import Counter, Form, Gauge, Histogram, Measure, Moment, Source, Subject, Unit, parts
from core.query.catalogue.subjects import SUBJECTS
from core.query.translation import QueryRefused

_ANY = Source((), frozenset(Dimension))
_UNITS = (
    ("_seconds", Unit.SECONDS),
    ("_bytes", Unit.BYTES),
    ("_ratio", Unit.RATIO),
    ("_dollars", Unit.DOLLARS),
    ("_celsius", Unit.CELSIUS),
)


def custom(name: str, backend: Backend | None, *, distributed: bool = False, rated: bool = False) -> Subject:
    """A metric that the person named. `distributed`: a quantile of it is asked for, so it must be a histogram. `rated`: its
    rate is, so it counts.

    Raises:
        QueryRefused: the backend has none of that name; the nearest are offered.
    """
    form = Histogram(name.removesuffix("_bucket")) if distributed else _form(name, backend, rated=rated)
    if backend is not None and not any(map(backend.has, form.names)):
        near = nearest(name, backend.metrics)
        hint = f"Did you mean {' or '.join(near)}?" if near else "Name a metric that the backend has."
        raise QueryRefused(f"The backend has no metric {name}.", hint=hint, nearest=near)
    return Subject(name, _unit(name), (), (Measure(_ANY, form),))


@cache
def _named() -> frozenset[str]:
    return frozenset(
        name for s in SUBJECTS.values() for one in s.measures for form in parts(one.form) for name in form.names
    )


def is_known(name: str) -> bool:
    """Whether the catalogue has it, so that it tells its labels."""
    return name in _named()


def _form(name: str, backend: Backend | None, *, rated: bool) -> Form:
    known = backend.metrics.get(name) if backend else None
    kind = known.type if known else ""
    base = name.removesuffix("_bucket")
    if kind == "histogram" or base != name or (backend is not None and backend.has(f"{name}_bucket")):
        return Histogram(base)
    if base.endswith("_timestamp_seconds") and not kind:
        return Moment(Gauge(name, combine=""), past=True)
    if kind == "counter" or (not kind and (rated or name.endswith(("_total", "_count", "_sum")))):
        return Counter(name)
    return Gauge(name, combine="")


def _unit(name: str) -> Unit:
    plain = name.removesuffix("_bucket").removesuffix("_total")
    return next((unit for suffix, unit in _UNITS if plain.endswith(suffix)), Unit.PER_SECOND)
