"""From a sentence to a parsed PromQL query.

Conventions, where a sentence leaves room:
- a duration ("last 30 minutes") is the window of the rate, `[30m]`; where a graph, a chart or a trend is asked for, and for
  absolute times ("yesterday", "since lunch"), the window is 5m and the time named is the window of the translation;
- "an hour ago" is the value of that time, `offset 1h`;
- a peak, a low or an average of a level is that of any instance at any time, `max(max_over_time(…[1h]))`; of rates, ratios and
  what only counts together that of the whole, `max_over_time(…[1h:1m])`; numbers of things are `increase`;
- "than", "compared to", "divided by" and the like divide by the same thing earlier; "difference", "change", "minus" subtract it;
- "below half of what it was" keeps the value of now where it is so, `x < 0.5 * x offset 1w`; "doubled" is the ratio, `> 2`;
- things that are 1 or 0 (crash loops, conditions of nodes, probes) are looked for, `== 1`, unless they are counted; what a series
  is of (filesystems, GPUs, deployments) needs no folding where those beyond a limit are looked for;
- fewer than desired, more than requested compare two metrics, `a < b`; how many are missing is `b - a > 0`;
- how fast an error budget burns is the error rate over what the objective allows; several windows must all burn;
- no quantile named is p95; two or more values of one kind (services, regions) are shown side by side.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.query.catalogue import SUBJECTS, Backend, Dimension, Subject, Unit
from core.query.catalogue.custom import custom
from core.query.catalogue.measures import Counter, Form, Gauge, Histogram, Share
from core.query.catalogue.resolve import resolve
from core.query.promql import reading
from core.query.promql.asked import Asked, Change, Filter, Objective, Relation, Window
from core.query.promql.builder import Builder
from core.query.promql.conditions import conditions
from core.query.promql.explain import explain
from core.query.promql.model import Aggregation, Binary, Call, Matcher, Matching, Node, Number, Text
from core.query.promql.phrases import Order, Statistic
from core.query.promql.printer import duration, number, show
from core.query.promql.reader import read
from core.query.promql.remarks import without_remarks
from core.query.promql.states import INSTANCES
from core.query.promql.units import base_units, scaled, tidy
from core.query.translation import Language, QueryRefused, Question, Translation

_ADDITIVE = frozenset({"ms", "s"})
_TOP_GROUPS = (
    Dimension.QUEUE, Dimension.CONSUMER, Dimension.GPU, Dimension.MODEL, Dimension.SERVICE, Dimension.ENDPOINT, Dimension.POD, Dimension.HOST,
)  # fmt: skip
"""What a ranking ranks where the sentence does not say; the first that the exporter knows and that is not fixed."""
_SINGLE = frozenset({Dimension.SERVICE, Dimension.DEPLOYMENT})
"""What is named by these is one thing."""


def translate(question: Question, backend: Backend | None = None) -> Translation:
    """The query that answers the question. Without a backend the usual names are taken.

    Raises:
        QueryRefused: no metric is named, or the backend lacks it, a label or a value of a label; the nearest are offered.
    """
    question = without_remarks(question)
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
    if first.relation or second.relation or first.objective:
        return None
    left, right = (build(replace(one, groups=groups), backend) for one in (first, second))
    return Binary("and", left, right) if second.limit else None


def build(asked: Asked, backend: Backend | None) -> Node:
    """The tree of what is asked."""
    wanted = [
        custom(name, backend, distributed=bool(asked.quantiles), rated=asked.statistic is Statistic.RATE)
        for name in asked.metrics
    ] or list(asked.subjects)
    if asked.apdex:
        return _apdex(asked, asked.apdex, backend)
    if not wanted:
        raise _nothing_named()
    if asked.objective and asked.objective.windows and len(wanted) == 1:
        return _in_all_windows(asked, asked.objective, backend)
    if asked.spread and len(asked.quantiles) == 2 and len(wanted) == 1:
        low, high = (
            build(replace(asked, spread=None, quantiles=(one,), limit=None, top=None), backend)
            for one in asked.quantiles
        )
        return _ranked(asked, Binary(asked.spread.value, high, low), wanted[0].unit)
    if _is_spread_over(asked):
        return _shares(asked, backend)
    if asked.relation and len(asked.subjects) >= 1:
        return _related(asked, asked.relation, backend)
    if asked.per and len(wanted) == 1 and asked.subjects and asked.subjects[0].name.startswith("load"):
        return _each_by(asked, asked.per, backend)
    if asked.beside and len(wanted) == 1:
        return _set_beside(asked, *asked.beside, backend)
    if asked.part_of:
        return _part(asked, asked.part_of, backend)
    if asked.among:
        return _part_among(asked, asked.among, backend)
    slow = _slow_requests(asked, wanted[0], backend)
    if slow:
        return slow
    if asked.ratio and len(wanted) == 2:
        folded = asked.statistic if asked.statistic is not Statistic.AVERAGE else None  # the ratio is the average
        rates = replace(asked, ratio=False, statistic=folded or Statistic.RATE, limit=None, top=None)
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


def _part_among(asked: Asked, whole: Filter, backend: Backend | None) -> Node:
    """The value over that of a wider range of the same dimension."""
    plain = replace(asked, among=None, percent=False, limit=None, top=None)
    wider = replace(plain, filters=(*(f for f in plain.filters if f.dimension is not whole.dimension), whole))
    share = Binary("/", build(plain, backend), build(wider, backend))
    return _ranked(asked, scaled(share, 100) if asked.percent else share, Unit.RATIO)


def _set_beside(asked: Asked, dimension: Dimension, change: Change, backend: Backend | None) -> Node:
    """The value of one over, or less, that of the other."""
    left, right = (
        replace(
            asked, beside=None, limit=None, top=None, filters=tuple(_nth(f, dimension, place) for f in asked.filters)
        )
        for place in (0, 1)
    )
    if asked.beyond:
        other = build(replace(right, beyond=None), backend)
        factor = asked.beyond.factor
        held = other if factor == 1 else Binary("*", Number(factor), other)
        return Binary(asked.beyond.op, build(replace(left, beyond=None), backend), held)
    made: Node = Binary(change.value, build(left, backend), build(right, backend))
    unit = Unit.RATIO if change is Change.RATIO or not asked.subjects else asked.subjects[0].unit
    return Binary(asked.limit.op, made, Number(tidy(base_units(asked.limit, unit)))) if asked.limit else made


def _in_all_windows(asked: Asked, objective: Objective, backend: Backend | None) -> Node:
    """How fast the budget burns in each of several windows; where there is a limit, it must be passed in all of them."""
    parts = [
        build(replace(asked, objective=replace(objective, windows=()), window=Window(length)), backend)
        for length in objective.windows
    ]
    if asked.limit is None:
        return _union(
            [(duration(length), part) for length, part in zip(objective.windows, parts, strict=True)], "window"
        )
    whole = parts[0]
    for part in parts[1:]:
        whole = Binary("and", whole, part)
    return whole


def _related(asked: Asked, relation: Relation, backend: Backend | None) -> Node:
    """The subject against what it is held against: fewer than, more than, what is missing, which part of it."""
    plain = replace(
        asked,
        relation=None,
        top=None,
        limit=None,
        share=False,
        percent=False,
        statistic=None,
        earlier=None,
        growth=False,
    )
    gauge = asked.subjects[0].measures[0].form
    counted = asked.statistic is Statistic.COUNT and relation.op != "-"
    alone = isinstance(gauge, Gauge) and gauge.of and set(asked.groups) <= {gauge.of}
    if alone:
        plain = replace(plain, plain=True, groups=())
    left, right = (
        build(replace(plain, subjects=(one,)), backend) for one in (asked.subjects[0], SUBJECTS[relation.counterpart])
    )
    if relation.op == "-":
        # What one thing lacks is a number; of several, those that lack something are looked for.
        missing = Binary("-", right, left)
        single = any(f.dimension in _SINGLE and len(f.values) == 1 and not f.negated for f in asked.filters)
        return missing if single and not asked.groups else Binary(">", missing, Number(0))
    made: Node = Binary(relation.op, left, right)
    if relation.op != "/":
        return Aggregation("count", made) if counted else made
    return _ranked(replace(asked, relation=None), scaled(made, 100) if asked.percent else made, Unit.RATIO)


def _ranked(asked: Asked, node: Node, unit: Unit) -> Node:
    """The first of a ranking, or those beyond a limit."""
    if asked.top:
        node = Aggregation("bottomk" if asked.top.order is Order.LEAST else "topk", node, None, Number(asked.top.k))
    if asked.limit is None:
        return node
    shown = asked.percent and not asked.limit.unit
    return Binary(asked.limit.op, node, Number(asked.limit.number if shown else tidy(base_units(asked.limit, unit))))


def _each_by(asked: Asked, divisor: Subject, backend: Backend | None) -> Node:
    """The level of each instance over something else of the same instance: "load per core"."""
    level = build(replace(asked, per=None, limit=None, top=None, groups=(), plain=True), backend)
    whole = build(
        replace(asked, per=None, limit=None, top=None, subjects=(divisor,), groups=(Dimension.HOST,)), backend
    )
    labels = whole.grouping.labels if isinstance(whole, Aggregation) and whole.grouping else ("instance",)
    return _ranked(asked, Binary("/", level, whole, matching=Matching(labels, ignoring=False)), Unit.COUNT)


def _is_spread_over(asked: Asked) -> bool:
    """Whether the part is wanted that each group has in the whole: "traffic share per region"."""
    plain = len(asked.subjects) == 1 and asked.subjects[0].name in ("request_rate", "cost", "token_usage")
    return (
        plain
        and asked.share
        and bool(asked.groups)
        and not (asked.listed or asked.limit or asked.earlier or asked.ratio)
    )


def _shares(asked: Asked, backend: Backend | None) -> Node:
    plain = replace(asked, share=False, percent=False, top=None, statistic=asked.statistic or Statistic.RATE)
    part, whole = build(plain, backend), build(replace(plain, groups=()), backend)
    labels = part.grouping.labels if isinstance(part, Aggregation) and part.grouping else ()
    share = Binary("/", part, whole, matching=Matching(labels, group="left"))
    return _ranked(asked, scaled(share, 100) if asked.percent else share, Unit.RATIO)


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
    if _stands_alone(asked, resolved.measure.form):
        asked = replace(asked, plain=True, groups=())
    builder = Builder(asked, subject, resolved, backend)
    if isinstance(resolved.measure.form, Histogram) and len(asked.quantiles) > 0:
        return [builder.build(quantile) for quantile in asked.quantiles]
    return [builder.build()]


def _stands_alone(asked: Asked, form: Form) -> bool:
    """Whether each series is one of the things that are looked for: "any card over 90%", "filesystems under 10% free"."""
    gauge = form.part if isinstance(form, Share) else form
    if not isinstance(gauge, Gauge) or gauge.of is None or asked.counted:
        return False
    if gauge.of is Dimension.POD and asked.top and not asked.statistic and not isinstance(form, Share):
        return bool(asked.groups) and set(asked.groups) <= INSTANCES  # each process has one series
    if asked.top or asked.statistic:
        return False
    kinds = {gauge.of, *(f.dimension for f in asked.filters if len(f.values) == 1)}
    if gauge.of is Dimension.MOUNTPOINT:
        kinds |= {Dimension.DEVICE} | (
            {Dimension.HOST} if {Dimension.DEVICE, Dimension.MOUNTPOINT} & set(asked.groups) else set()
        )
    if gauge.of is Dimension.MOUNTPOINT and Dimension.MOUNTPOINT in {
        f.dimension for f in asked.filters if not f.negated
    }:
        kinds.add(Dimension.HOST)  # of one filesystem, each host has one
    looked_for = bool(asked.groups) and asked.limit is not None
    return looked_for and set(asked.groups) <= kinds and set(asked.groups) <= asked.listed


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


def _apdex(asked: Asked, target: float, backend: Backend | None) -> Node:
    """Those who are satisfied and half of those who tolerate up to four times as much, of all."""
    plain = replace(asked, apdex=None, limit=None, top=None, statistic=Statistic.RATE, share=False, subjects=())
    needed = [f.dimension for f in asked.filters] + [g for g in asked.groups if isinstance(g, Dimension)]
    resolved = resolve(SUBJECTS["latency"], needed, sources=asked.sources, backend=backend)
    form = resolved.measure.form
    if not isinstance(form, Histogram):
        raise _nothing_named()
    builder = Builder(plain, SUBJECTS["request_rate"], resolved, backend)
    bounds = (Matcher("le", "=", number(tidy(times * target / resolved.measure.scale))) for times in (1, 4))
    within, tolerated = (builder.counted(Counter(f"{form.name}_bucket", (*form.fixed, bound))) for bound in bounds)
    every = builder.counted(Counter(f"{form.name}_count", form.fixed))
    score = Binary("/", Binary("/", Binary("+", within, tolerated), Number(2)), every)
    return _ranked(asked, score, Unit.RATIO) if asked.limit and not asked.limit.unit else score


def _nothing_named() -> QueryRefused:
    return QueryRefused(
        "I do not see which metric is asked for.",
        hint="Name one, such as latency, error rate, request rate, CPU or memory, or a metric by its own name.",
    )
