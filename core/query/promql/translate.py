"""From a sentence to a parsed PromQL query.

Conventions, where a sentence leaves room:
- a duration ("last 30 minutes") is the window of the rate, `[30m]`; where a graph, a chart or a trend is asked for, and for
  absolute times ("yesterday", "since lunch"), the window is 5m and the time named is the window of the translation;
- "an hour ago" is the value of that time, `offset 1h`;
- a peak, a low or an average of a level is that of any instance at any time, `max(max_over_time(…[1h]))`; of rates, ratios and
  what only counts together that of the whole, `max_over_time(…[1h:1m])`; numbers of things are `increase`;
- "than", "compared to", "divided by" and the like divide by the same thing earlier; "difference", "change", "minus" subtract it;
- no quantile named is p95; two or more values of one kind (services, regions) are shown side by side.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.query.catalogue import SUBJECTS, Backend, Dimension, Subject, Unit
from core.query.catalogue.custom import custom
from core.query.catalogue.measures import Counter, Histogram
from core.query.catalogue.resolve import resolve
from core.query.promql import reading
from core.query.promql.asked import Asked, Change, Filter
from core.query.promql.builder import Builder
from core.query.promql.conditions import conditions
from core.query.promql.explain import explain
from core.query.promql.model import Binary, Call, Matcher, Node, Number, Text
from core.query.promql.phrases import Statistic
from core.query.promql.printer import number, show
from core.query.promql.reader import read
from core.query.promql.units import base_units, scaled, tidy
from core.query.translation import Language, QueryRefused, Question, Translation

_ADDITIVE = frozenset({"ms", "s"})
_TOP_GROUPS = (
    Dimension.QUEUE, Dimension.CONSUMER, Dimension.GPU, Dimension.MODEL, Dimension.SERVICE, Dimension.ENDPOINT, Dimension.POD, Dimension.HOST,
)  # fmt: skip
"""What a ranking ranks where the sentence does not say; the first that the exporter knows and that is not fixed."""


def translate(question: Question, backend: Backend | None = None) -> Translation:
    """The query that answers the question. Without a backend the usual names are taken.

    Raises:
        QueryRefused: no metric is named, or the backend lacks it, a label or a value of a label; the nearest are offered.
    """
    asked = reading.read(question)
    text = show(_both(question, backend) or build(asked, backend))
    return Translation(Language.PROMQL, text, explain(read(text)), start=asked.window.start, end=asked.window.end)


def _both(question: Question, backend: Backend | None) -> Node | None:
    """Where both of two conditions must hold, told apart by the same labels."""
    pair = conditions(question)
    if pair is None:
        return None
    first, second = map(reading.read, pair)
    groups = first.groups or second.groups
    left, right = (build(replace(one, groups=groups), backend) for one in (first, second))
    return Binary("and", left, right) if first.limit and second.limit else None


def build(asked: Asked, backend: Backend | None) -> Node:
    """The tree of what is asked."""
    wanted = [custom(name, backend, distributed=bool(asked.quantiles)) for name in asked.metrics] or list(
        asked.subjects
    )
    if not wanted:
        raise _nothing_named()
    if asked.beside and len(wanted) == 1:
        return _set_beside(asked, *asked.beside, backend)
    if asked.part_of:
        return _part(asked, asked.part_of, backend)
    slow = _slow_requests(asked, wanted[0], backend)
    if slow:
        return slow
    if asked.ratio and len(wanted) == 2:
        rates = replace(asked, ratio=False, statistic=asked.statistic or Statistic.RATE, limit=None, top=None)
        left, right = (_one(rates, subject, backend)[0] for subject in wanted)
        ratio: Node = Binary("/", left, right)
        return (
            Binary(asked.limit.op, ratio, Number(tidy(base_units(asked.limit, Unit.RATIO)))) if asked.limit else ratio
        )
    named = [(subject.name, node) for subject in wanted for node in _one(asked, subject, backend)]
    if len(named) == 1:
        return named[0][1]
    if len(wanted) == 1:
        return _union([(number(q), node) for q, (_, node) in zip(asked.quantiles, named, strict=True)], "quantile")
    return _union(named, "metric")


def _part(asked: Asked, dimension: Dimension, backend: Backend | None) -> Node:
    """The value over that of all values of this dimension."""
    plain = replace(asked, part_of=None, percent=False)
    everything = replace(plain, filters=tuple(f for f in plain.filters if f.dimension is not dimension))
    share = Binary("/", build(plain, backend), build(everything, backend))
    return scaled(share, 100) if asked.percent else share


def _set_beside(asked: Asked, dimension: Dimension, change: Change, backend: Backend | None) -> Node:
    """The value of one over, or less, that of the other."""
    left, right = (
        replace(
            asked, beside=None, limit=None, top=None, filters=tuple(_nth(f, dimension, place) for f in asked.filters)
        )
        for place in (0, 1)
    )
    made: Node = Binary(change.value, build(left, backend), build(right, backend))
    unit = Unit.RATIO if change is Change.RATIO or not asked.subjects else asked.subjects[0].unit
    return Binary(asked.limit.op, made, Number(tidy(base_units(asked.limit, unit)))) if asked.limit else made


def _nth(filtered: Filter, dimension: Dimension, place: int) -> Filter:
    """With only one of its values, where it is about this dimension."""
    return replace(filtered, values=(filtered.values[place],)) if filtered.dimension is dimension else filtered


def _one(asked: Asked, subject: Subject, backend: Backend | None) -> list[Node]:
    """The expressions of one subject: one, or one a quantile."""
    if asked.share and subject.share and not asked.forecast:
        subject = SUBJECTS[subject.share]
    groups = asked.groups
    filtered = {f.dimension for f in asked.filters if len(f.values) == 1}
    if asked.top and not groups:
        known = resolve(subject, filtered, sources=asked.sources, backend=backend).measure.source.dimensions
        groups = next(((kind,) for kind in _TOP_GROUPS if kind in known and kind not in filtered), ())
        asked = replace(asked, groups=groups)
    needed = [f.dimension for f in asked.filters] + [
        g for g in (*groups, *asked.across, *asked.counted_by) if isinstance(g, Dimension)
    ]
    resolved = resolve(subject, needed, sources=asked.sources, backend=backend)
    builder = Builder(asked, subject, resolved, backend)
    if isinstance(resolved.measure.form, Histogram) and len(asked.quantiles) > 0:
        return [builder.build(quantile) for quantile in asked.quantiles]
    return [builder.build()]


def _union(named: Sequence[tuple[str, Node]], label: str) -> Node:
    """Several results in one, each marked by a label, without which `or` would drop all but the first."""
    marked = [Call("label_replace", (node, Text(label), Text(name), Text(""), Text(""))) for name, node in named]
    whole: Node = marked[0]
    for other in marked[1:]:
        whole = Binary("or", whole, other)
    return whole


def _slow_requests(asked: Asked, subject: Subject, backend: Backend | None) -> Node | None:
    """ "how many requests took longer than 2s", "share of requests under 300ms": counted by the buckets of the histogram."""
    limit = asked.limit
    if subject.name != "request_rate" or limit is None or limit.unit not in _ADDITIVE:
        return None
    latency = SUBJECTS["latency"]
    plain = replace(
        asked,
        limit=None,
        counted=False,
        statistic=Statistic.RATE if asked.share else asked.statistic or Statistic.COUNT,
    )
    needed = [f.dimension for f in asked.filters] + [g for g in asked.groups if isinstance(g, Dimension)]
    resolved = resolve(latency, needed, sources=asked.sources, backend=backend)
    form = resolved.measure.form
    if not isinstance(form, Histogram):
        return None
    builder = Builder(plain, subject, resolved, backend)
    bound = Matcher("le", "=", number(tidy(base_units(limit, Unit.SECONDS) / resolved.measure.scale)))
    every = builder.counted(Counter(f"{form.name}_count", form.fixed))
    within = builder.counted(Counter(f"{form.name}_bucket", (*form.fixed, bound)))
    if asked.share:
        part: Node = Binary("/", within, every)
        part = part if "<" in limit.op else Binary("-", Number(1), part)
        return scaled(part, 100) if asked.percent else part
    return within if "<" in limit.op else Binary("-", every, within)


def _nothing_named() -> QueryRefused:
    return QueryRefused(
        "I do not see which metric is asked for.",
        hint="Name one, such as latency, error rate, request rate, CPU or memory, or a metric by its own name.",
    )
