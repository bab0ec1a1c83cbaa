"""Decides whether a PromQL query may run: does everything in it exist, and what would it cost the backend.

The same for queries that were translated and for those that a person edited by hand.
"""

import math
import re
from dataclasses import dataclass
from datetime import timedelta

from core.nlp.entities import nearest
from core.query.catalogue.backend import Backend
from core.query.promql.model import (
    Aggregation,
    Binary,
    Call,
    Grouping,
    Matcher,
    Matching,
    Node,
    Selector,
    Subquery,
    Text,
    children,
    selectors,
    walk,
)
from core.query.promql.printer import duration, show
from core.query.promql.reader import read
from core.query.translation import QueryRefused

_STEPS = tuple(
    timedelta(seconds=s) for s in (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
)  # fmt: skip
_FINEST = timedelta(seconds=15)
"""Steps below the usual scrape interval show nothing new."""
_CHART_POINTS = 500
"""A chart in a chat window is not wider."""
_CATCH_ALL = re.compile(r"(?:\(\?[a-zA-Z]+\))?[\^(]*(?:\.[*+]\??)+[)$]*")
_DEFAULT_STEP = timedelta(minutes=1)
"""Of subqueries that name none: Prometheus' default evaluation interval."""
_MADE_LABELS = frozenset({"label_replace", "label_join", "count_values", "info"})
_ABSENCE = frozenset({"absent", "absent_over_time"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may cost."""

    points: int = 11_000
    """A series; Prometheus itself refuses more."""
    range: timedelta = timedelta(days=92)
    """Of one selector or subquery: a quarter."""
    series: int = 10_000
    """Read by all selectors together, by estimate."""
    samples: int = 500_000_000
    """Looked at by the whole query, by estimate: a few seconds of one core."""
    scrape: timedelta = timedelta(seconds=15)
    """Between two samples of a series."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A query that may run, with what it is expected to cost."""

    node: Node
    query: str
    """In normal print."""
    step: timedelta
    points: int
    """A series."""
    series: int | None
    """Estimated to be read; None where the backend does not tell."""


def check(
    query: str,
    *,
    window: timedelta,
    step: timedelta | None = None,
    backend: Backend | None = None,
    limits: Limits = Limits(),
) -> Checked:
    """Let a query pass, or say why not. `window`: what the graph shows; zero for a single point. Without `step` a fitting
    one is chosen.

    Raises:
        QueryRefused: no valid PromQL, a metric, label or value that the backend lacks (the nearest are offered), or too
            costly; the hint says what to do.
    """
    node = read(query)
    _refuse_ranges(node)
    for selector in selectors(node):
        _refuse_unselective(selector)
    _refuse_lengths(node, limits)
    step, points = _steps(window, step, limits)
    series = None
    if backend is not None:
        _refuse_unknown(node, backend)
        series = sum(estimate(selector, backend) or 0 for selector in selectors(node))
        _refuse_costs(node, series, points, window, backend, limits)
    return Checked(node, show(node), step, points, series)


def fitting_step(window: timedelta, points: int = _CHART_POINTS) -> timedelta:
    """The finest usual step that draws this window in at most so many points."""
    wanted = max(_FINEST, window / max(points, 1))
    return next((step for step in _STEPS if step >= wanted), timedelta(days=math.ceil(wanted / timedelta(days=1))))


def estimate(selector: Selector, backend: Backend) -> int | None:
    """Series that a selector reads: those of the metric, divided by the values of each label that is fixed. None: unknown."""
    known = backend.metrics.get(selector.metric)
    if known is None or known.series is None:
        return None
    count = float(known.series)
    for matcher in selector.matchers:
        values = backend.values.get(matcher.label)
        if values and matcher.op in ("=", "=~"):
            chosen = 1 if matcher.op == "=" else len(matcher.value.split("|"))
            count *= min(1.0, chosen / len(values))
    return max(1, math.ceil(count))


def _steps(window: timedelta, step: timedelta | None, limits: Limits) -> tuple[timedelta, int]:
    if step is None:
        step = fitting_step(window)
    elif step <= timedelta(0):
        raise QueryRefused("The step must be longer than nothing.", hint="Leave it out, and a fitting one is chosen.")
    points = math.floor(window / step) + 1
    if points > limits.points:
        better = duration(fitting_step(window, limits.points - 1))
        raise QueryRefused(
            f"{duration(window)} in steps of {duration(step)} are {points:,} points a series; at most {limits.points:,} are run.",
            hint=f"Take a step of {better} or more, or a shorter window.",
        )
    return step, points


def _refuse_ranges(node: Node) -> None:
    if isinstance(node, Subquery) or (isinstance(node, Selector) and node.range):
        raise QueryRefused(
            "This gives ranges of samples, which no graph can show.", hint=f"Wrap it: rate({show(node)}), for example."
        )
    if isinstance(node, Text):
        raise QueryRefused("This is a text, not a measurement.", hint="Name a metric.")


def _refuse_unselective(selector: Selector) -> None:
    for matcher in selector.matchers:
        if (
            matcher.op == "=~"
            and _CATCH_ALL.fullmatch(matcher.value)
            and not (selector.metric and matcher.value == ".+")
        ):
            raise QueryRefused(
                f'{matcher.label}=~"{matcher.value}" matches everything.',
                hint="Leave it out, or name the values that you mean.",
            )
    if not selector.metric and not any(m.label == "__name__" and m.op in ("=", "=~") for m in selector.matchers):
        raise QueryRefused(
            f"{show(selector)} names no metric and would read all of them.", hint="Put a metric's name in front."
        )


def _refuse_lengths(node: Node, limits: Limits) -> None:
    for inner in walk(node):
        if isinstance(inner, Selector | Subquery) and inner.range and inner.range > limits.range:
            raise QueryRefused(
                f"A range of {duration(inner.range)} is too long; at most {duration(limits.range)} are read.",
                hint="Take a shorter one, or record the value as a rule.",
            )
    if (evaluations := _evaluations(node)) > limits.points:
        raise QueryRefused(
            f"The subqueries take {evaluations:,} evaluations; at most {limits.points:,} are run.",
            hint="Give them a longer step, as in [7d:1h].",
        )


def _evaluations(node: Node, covered: timedelta = timedelta(0)) -> int:
    """How often the busiest subquery is evaluated. One inside another covers the range of both."""
    own = 0
    if isinstance(node, Subquery):
        covered += node.range
        own = math.ceil(covered / (node.step or _DEFAULT_STEP))
    return max(own, *(_evaluations(child, covered) for child in children(node)), 0)


def _refuse_costs(node: Node, series: int, points: int, window: timedelta, backend: Backend, limits: Limits) -> None:
    if series > limits.series:
        raise QueryRefused(
            f"This would read about {series:,} series; at most {limits.series:,} are read.",
            hint="Narrow it down by a service, a namespace or another label.",
        )
    samples = _samples(node, points, window, backend, limits)
    if samples > limits.samples:
        raise QueryRefused(
            f"This would look at about {samples:,} samples; at most {limits.samples:,} are.",
            hint="Take a shorter window, a longer step, or fewer series.",
        )


def _samples(node: Node, evaluations: int, covered: timedelta, backend: Backend, limits: Limits) -> int:
    """Samples looked at. Prometheus evaluates a subquery once, over its range and everything around it."""
    if isinstance(node, Selector):
        each = max(1, math.ceil((node.range or timedelta(0)) / limits.scrape))
        return evaluations * each * (estimate(node, backend) or 1)
    if isinstance(node, Subquery):
        covered += node.range
        evaluations = max(1, math.ceil(covered / (node.step or _DEFAULT_STEP)))
    return sum(_samples(child, evaluations, covered, backend, limits) for child in children(node))


def _refuse_unknown(node: Node, backend: Backend) -> None:
    if isinstance(node, Call) and node.function in _ABSENCE:
        return  # asking whether a metric is missing needs no metric
    if isinstance(node, Selector):
        _refuse_unknown_names(node, backend)
    if isinstance(node, Aggregation) and node.grouping and not node.grouping.without:
        _refuse_unknown_labels(node.grouping, node.expr, backend)
    if isinstance(node, Binary) and node.matching and not node.matching.ignoring:
        _refuse_unknown_labels(node.matching, node.left, backend)
    for child in children(node):
        _refuse_unknown(child, backend)


def _refuse_unknown_names(selector: Selector, backend: Backend) -> None:
    if selector.metric and not backend.has(selector.metric):
        near = nearest(selector.metric, backend.metrics)
        raise QueryRefused(f"The backend has no metric {selector.metric}.", hint=_meant(near), nearest=near)
    for matcher in selector.matchers:
        if matcher.label != "__name__" and backend.lacks_label(selector.metric, matcher.label):
            near = _near_labels(matcher.label, backend.metrics[selector.metric].labels or frozenset())
            raise QueryRefused(f"{selector.metric} has no label {matcher.label}.", hint=_meant(near), nearest=near)
        _refuse_unknown_value(matcher, backend)


def _refuse_unknown_value(matcher: Matcher, backend: Backend) -> None:
    if matcher.op == "=" and matcher.value and backend.lacks_value(matcher.label, matcher.value):
        near = nearest(matcher.value, backend.values[matcher.label])
        raise QueryRefused(f"No series has {matcher.label} {matcher.value}.", hint=_meant(near), nearest=near)


def _refuse_unknown_labels(named: Grouping | Matching, inner: Node, backend: Backend) -> None:
    """A label to group by must come from a metric inside, unless a function may have made it."""
    if any(
        isinstance(n, Call | Aggregation) and (n.function if isinstance(n, Call) else n.op) in _MADE_LABELS
        for n in walk(inner)
    ):
        return
    metrics = [backend.metrics.get(selector.metric) for selector in selectors(inner)]
    if any(known is None or known.labels is None for known in metrics):
        return
    there = frozenset().union(*(known.labels or () for known in metrics if known))
    for label in named.labels:
        if label not in there:
            near = _near_labels(label, there)
            raise QueryRefused(f"No metric in this query has a label {label}.", hint=_meant(near), nearest=near)


def _near_labels(label: str, there: frozenset[str]) -> tuple[str, ...]:
    """A metric has few labels, so some are offered even if none is like the one asked for."""
    return nearest(label, there) or tuple(sorted(there)[:3])


def _meant(near: tuple[str, ...]) -> str:
    return f"Did you mean {' or '.join(near)}?" if near else "Ask what there is."
