"""Builds the query of one subject: a measure, narrowed, folded and set against time, as the question asks."""

from dataclasses import dataclass, replace
from datetime import timedelta

from core.query.catalogue import Backend, Dimension, Subject, Unit
from core.query.catalogue.measures import Counter, Gauge, Histogram, Mean, Measure, Moment, Share
from core.query.catalogue.resolve import Resolved
from core.query.promql.asked import Asked, Change, Earlier, Limit
from core.query.promql.matching import matcher
from core.query.promql.model import (
    Aggregation,
    Binary,
    Call,
    Grouping,
    Matcher,
    Matching,
    Node,
    Number,
    Selector,
    Subquery,
    rebuilt,
)
from core.query.promql.phrases import Order, Statistic
from core.query.promql.units import base_units, scaled, tidy

DEFAULT_WINDOW = timedelta(minutes=5)
"""Of a rate where the sentence names no time: a few scrapes, as most dashboards have it."""
DEFAULT_SPAN = timedelta(hours=1)
"""Of a count, a peak or a growth where the sentence names no time."""
_TREND_RANGE = timedelta(hours=6)
"""What a forecast extrapolates from, as node_exporter's own alerts do."""
_DEFAULT_QUANTILE = 0.95
_OVER_TIME = {
    Statistic.MAXIMUM: "max_over_time",
    Statistic.MINIMUM: "min_over_time",
    Statistic.AVERAGE: "avg_over_time",
}
_COUNTS = frozenset({Unit.COUNT, Unit.DOLLARS})
_INSTANCES = frozenset({Dimension.POD, Dimension.CONTAINER, Dimension.HOST})
"""Each of which is one series, or close to it."""
_COUNTED_IN_A_WINDOW = frozenset({"errors", "token_usage", "input_tokens", "output_tokens", "deadlocks", "slow_queries", "evictions", "preemptions"})  # fmt: skip
"""Counters of which people want the number in a named window, not the rate, unless they say rate."""


@dataclass(frozen=True, slots=True)
class Builder:
    """The builder of one subject of one question."""

    asked: Asked
    subject: Subject
    resolved: Resolved
    backend: Backend | None = None

    @property
    def measure(self) -> Measure:
        """How the subject is measured here."""
        return self.resolved.measure

    @property
    def rate_window(self) -> timedelta:
        """A named duration is the window of the rate; a graph, a peak or an absolute time is made of short ones."""
        asked = self.asked
        if asked.rate:
            return asked.rate
        if asked.graph or asked.statistic in (Statistic.MAXIMUM, Statistic.MINIMUM) or not asked.window.length:
            return DEFAULT_WINDOW
        return asked.window.length

    @property
    def span(self) -> timedelta:
        """The time that counts, peaks and averages run over."""
        return self.asked.window.span or DEFAULT_SPAN

    def step(self, span: timedelta) -> timedelta:
        """Of a subquery: the one that is named, or one that is fine enough for peaks and quick enough to evaluate."""
        return self.asked.step or self.asked.rate or _step(span)

    def build(self, quantile: float | None = None) -> Node:
        """The whole expression; of a histogram, at this quantile."""
        asked = self.asked
        if asked.absent:
            return Call("absent", (self._any_series(),))
        if asked.forecast and not isinstance(self.measure.form, Moment):
            return self._forecast(asked.forecast)
        node = self._among(quantile) if self._folds_twice(quantile) else self.value(quantile)
        if asked.per_seconds != 1 and self._is_rate():
            node = Binary("*", node, Number(asked.per_seconds))
        if asked.ago:
            node = _moved(node, asked.ago)
        if asked.earlier and not (asked.earlier.implied and self._grows()):
            node = self._against(node, asked.earlier)
        node = self._shown(node)
        if asked.top:
            op = "topk" if asked.top.order is not Order.LEAST else "bottomk"
            node = Aggregation(op, node, None, Number(asked.top.k))
        elif asked.descending is not None and asked.groups:
            node = Call("sort_desc" if asked.descending else "sort", (node,))
        if asked.limit:
            node = Binary(asked.limit.op, node, Number(self._threshold(asked.limit)))
        if not asked.counted:
            return node
        by = tuple(self.resolved.labels[kind] for kind in asked.counted_by)
        return Aggregation("count", node, Grouping(by) if by else None)

    def _any_series(self) -> Selector:
        """A series that is there whenever the subject is measured."""
        match self.measure.form:
            case Histogram(name=name, fixed=fixed):
                return self.series(f"{name}_count", fixed)
            case Counter(name=name, fixed=fixed) | Gauge(name=name, fixed=fixed):
                return self.series(name, fixed)
            case Share(part=side) | Mean(count=side) | Moment(gauge=side):
                return self.series(side.name, side.fixed)

    def _folds_twice(self, quantile: float | None) -> bool:
        """Whether a statistic is taken over values that are made of many series themselves."""
        form, statistic = self.measure.form, self.asked.statistic
        if not self.asked.across or isinstance(form, Gauge) or self._folds_instances():
            return False
        return statistic is not Statistic.AVERAGE or quantile is not None or isinstance(form, Counter)

    def _folds_instances(self) -> bool:
        """The highest of many instances, each of which has a series: "max cpu over the pods"."""
        form, asked = self.measure.form, self.asked
        return isinstance(form, Counter) and form.per_instance and bool(asked.across) and not asked.window.span

    def _among(self, quantile: float | None) -> Node:
        """The statistic of the values of each of `across`; over time as well where a time is named."""
        asked = self.asked
        extreme = asked.window.span and asked.statistic is not Statistic.AVERAGE
        each = replace(
            asked,
            groups=(*asked.groups, *asked.across),
            across=(),
            statistic=asked.statistic if extreme else Statistic.RATE,
        )
        statistic = each.statistic if extreme or isinstance(self.measure.form, Counter) else None
        inner = replace(self, asked=replace(each, statistic=statistic)).value(quantile)
        return self.fold(asked.statistic.value if asked.statistic else "max", inner)

    def _shown(self, node: Node) -> Node:
        """In percent, or in the unit that was named."""
        asked = self.asked
        if asked.objective:
            used: Node = Binary("/", node, Number(asked.objective.allowed))
            return Binary("-", Number(1), used) if asked.objective.remaining else used
        if asked.percent and not asked.earlier and self.subject.unit is Unit.RATIO:
            return scaled(node, tidy(100 * self.measure.scale))
        return node if asked.scale == 1 or asked.limit else scaled(node, self.measure.scale / asked.scale)

    def _against(self, node: Node, earlier: Earlier) -> Node:
        """Set against what it was; in percent, relative to it."""
        before = _moved(node, earlier.offset)
        if earlier.multiple:
            return Binary(earlier.multiple.op, node, Binary("*", Number(earlier.multiple.factor), before))
        change: Node = Binary(earlier.change.value, node, before)
        if not self.asked.percent:
            return change
        return scaled(change if earlier.change is Change.RATIO else Binary("/", change, before), 100)

    def _grows(self) -> bool:
        """A level that grows is told by its slope; everything else by what it was before."""
        return self.asked.growth and isinstance(self.measure.form, Gauge)

    def _is_rate(self) -> bool:
        return isinstance(self.measure.form, Counter) and not self._wants_increase()

    def value(self, quantile: float | None) -> Node:
        """What is measured, before it is ranked, compared or limited."""
        match self.measure.form:
            case Histogram() as form:
                return self._histogram(form, quantile)
            case Counter() as form:
                return self._counter(form) if self._folds_instances() else self._over_time(self._counter(form))
            case Gauge() as form:
                return self._gauge(form)
            case Share() as form:
                return self._share(form)
            case Mean() as form:
                return self._mean(form)
            case Moment() as form:
                return self._moment(form)

    # Series and aggregations

    def series(self, name: str, fixed: tuple[Matcher, ...] = (), *, whole: bool = False) -> Selector:
        """The series of a metric, narrowed by the filters. `whole`: filters that choose a part are left out."""
        form = self.measure.form
        skipped = form.narrowed_by if whole and isinstance(form, Share) else None
        kept = [f for f in self.asked.filters if f.dimension is not skipped]
        chosen = [matcher(f, self.resolved.labels[f.dimension], name, self.backend) for f in kept]
        # What the sentence says of a label goes before what the measure says: "404 rate" is about 404, not 5xx.
        named = {m.label for m, f in zip(chosen, kept, strict=True) if not f.besides}
        # "By area" wants all areas, not the one that is usually meant.
        named |= {group for group in self.asked.groups if not isinstance(group, Dimension)}
        own = (replace(m, label=self.resolved.renamed.get(m.label, m.label)) for m in fixed)
        return Selector(name, (*chosen, *(m for m in own if m.label not in named)))

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels that the result is told apart by."""
        return tuple(self._label(g) if isinstance(g, Dimension) else g for g in self.asked.groups)

    def _label(self, kind: Dimension) -> str:
        """The label of a group. "Per instance" means the scrape target where the exporter names the machine apart from it."""
        label = self.resolved.labels[kind]
        own = kind is Dimension.HOST and self.asked.instances and self.measure.source.about is not Dimension.HOST
        return "instance" if own and self.backend is None else label

    def fold(self, op: str, node: Node, *more: str) -> Aggregation:
        """An aggregation by the groups of the question, and by `more`."""
        labels = tuple(dict.fromkeys((*more, *self.labels)))
        return Aggregation(op, node, Grouping(labels) if labels else None)

    # The forms

    def _histogram(self, form: Histogram, quantile: float | None) -> Node:
        asked = self.asked
        if asked.statistic in (Statistic.COUNT, Statistic.RATE):
            return self._counter(Counter(f"{form.name}_count", form.fixed))
        if asked.statistic is Statistic.AVERAGE and quantile is None:
            return self._mean(Mean(Counter(f"{form.name}_sum", form.fixed), Counter(f"{form.name}_count", form.fixed)))
        peak = asked.statistic in (Statistic.MAXIMUM, Statistic.MINIMUM)
        if peak and quantile is None and not asked.window.span:
            quantile = 1.0 if asked.statistic is Statistic.MAXIMUM else 0.0
            peak = False
        buckets = self.series(f"{form.name}_bucket", form.fixed)
        folded = self.fold("sum", Call("rate", (replace(buckets, range=self.rate_window),)), "le")
        node = Call("histogram_quantile", (Number(_DEFAULT_QUANTILE if quantile is None else quantile), folded))
        return self._over_time(node) if peak else node

    def _counter(self, form: Counter) -> Node:
        series = self.series(form.name, form.fixed)
        if self._wants_increase():
            return self.fold("sum", Call("increase", (replace(series, range=self.span),)))
        op = "sum"
        if self._folds_instances() and self.asked.statistic:
            return self.fold(self.asked.statistic.value, Call("rate", (replace(series, range=self.rate_window),)))
        if (
            form.per_instance
            and self.asked.statistic is Statistic.AVERAGE
            and (self.labels or not self.asked.window.span)
        ):
            op = "avg"  # without groups, over a window, it is the average of the whole over time, which the rate is
        return self.fold(op, Call("rate", (replace(series, range=self.rate_window),)))

    def counted(self, form: Counter) -> Node:
        """A counter as the question asks: its rate, or how much it grew."""
        return self._counter(form)

    def _wants_increase(self) -> bool:
        statistic = self.asked.statistic
        if (
            statistic is Statistic.RATE
            or self.asked.per_seconds != 1
            or statistic in (Statistic.MAXIMUM, Statistic.MINIMUM)
        ):
            return False
        if statistic in (Statistic.COUNT, Statistic.SUM):
            if self.subject.unit is Unit.CORES:
                return False  # "how much cpu"
            return statistic is Statistic.COUNT or self.asked.window.span is not None or self.subject.unit in _COUNTS
        named = (
            self.asked.window.span is not None and self.subject.name in _COUNTED_IN_A_WINDOW and not self.asked.graph
        )
        return named or self.subject.unit in _COUNTS

    def _gauge(self, form: Gauge) -> Node:
        asked, series = self.asked, self.series(form.name, form.fixed)
        if asked.plain:
            return series
        if asked.quantiles and asked.statistic is None and not asked.growth:
            return self._quantile_of_level(form, series, asked.quantiles[-1])
        op = form.combine
        if not op and (asked.statistic is Statistic.COUNT or (asked.groups and not self._keeps_labels())):
            op = form.grouped
        if asked.growth:
            if op and _INSTANCES.isdisjoint(asked.groups):
                # Of the whole, since parts of it come and go.
                return Call("deriv", (Subquery(self.fold(op, series), self.span, self.step(self.span)),))
            slope = Call("deriv", (replace(series, range=self.span),))
            return self.fold(op, slope) if op else slope
        if asked.statistic in _OVER_TIME and not asked.window.span:
            return self.fold(asked.statistic.value, series)
        if asked.statistic in _OVER_TIME and op and self.subject.unit is not Unit.COUNT:
            # The peak is that of any instance at any time. Counts only mean something when added up, and then at each time.
            over_time = Call(_OVER_TIME[asked.statistic], (replace(series, range=self.span),))
            return self.fold(asked.statistic.value, over_time)
        if asked.statistic is Statistic.SUM:
            op = "sum"
        return self._over_time(self.fold(op, series) if op else series)

    def _quantile_of_level(self, form: Gauge, series: Selector, quantile: float) -> Node:
        """Over time where a time is named, else over the series."""
        if self.asked.window.span is None:
            labels = self.labels
            return Aggregation("quantile", series, Grouping(labels) if labels else None, Number(quantile))
        level: Node = self.fold(form.combine or form.grouped, series) if form.combine or self.asked.groups else series
        return Call("quantile_over_time", (Number(quantile), Subquery(level, self.span, self.step(self.span))))

    def _keeps_labels(self) -> bool:
        """`up` and the like are told apart by their own labels; asking which of them needs no sum."""
        return self.asked.limit is not None and not self.asked.counted

    def _share(self, form: Share) -> Node:
        part = self._side(form.part)
        if form.whole:
            wholes = [self._side(side, whole=True) for side in form.whole]
            whole = wholes[0]
            for other in wholes[1:]:
                whole = Binary("+", whole, other)
            part = Binary("/", part, whole, matching=self._one_whole())
        node: Node = Binary("-", Number(1), part) if form.complement else part
        if isinstance(form.part, Gauge) and not form.part.combine and self.asked.groups:
            # Of several disks, the one that is worst off.
            node = self.fold("min" if self.subject.more_is_better else "max", node)
        return self._over_time(node)

    def _one_whole(self) -> Matching | None:
        """Parts told apart by what narrows them ("error ratio by status") are all held against the same whole."""
        label = self._narrowing_label()
        return Matching((label,), group="left") if label else None

    def _narrowing_label(self) -> str:
        form = self.measure.form
        narrowing = form.narrowed_by if isinstance(form, Share) else None
        return self.resolved.labels[narrowing] if narrowing and narrowing in self.asked.groups else ""

    def _side(self, side: Counter | Gauge, *, whole: bool = False) -> Node:
        series = self.series(side.name, side.fixed, whole=whole)
        if isinstance(side, Counter):
            form = self.measure.form
            op = "avg" if isinstance(form, Share) and not form.whole else "sum"
            node = self.fold(op, Call("rate", (replace(series, range=self.rate_window),)))
            return _without_label(node, self._narrowing_label()) if whole else node
        if side.combine == "avg":
            # Of a gauge that is 0 or 1, the share of time that it was 1.
            return self.fold("avg", Call("avg_over_time", (replace(series, range=self.span),)))
        return self.fold(side.combine, series) if side.combine and not self.asked.plain else series

    def _mean(self, form: Mean) -> Node:
        if self.asked.statistic in (Statistic.COUNT, Statistic.RATE):
            return self._counter(form.count)
        total, count = (
            self.fold("sum", Call("rate", (replace(self.series(side.name, side.fixed), range=self.rate_window),)))
            for side in (form.total, form.count)
        )
        mean = Binary("/", total, count)
        return mean if self.asked.statistic is Statistic.AVERAGE else self._over_time(mean)

    def _moment(self, form: Moment) -> Node:
        series: Node = self.series(form.gauge.name, form.gauge.fixed)
        if self.asked.groups:
            series = self.fold("min", series)
        left, right = (Call("time"), series) if form.past else (series, Call("time"))
        node = Binary("-", left, right)
        return Binary("<", node, Number(self.asked.forecast.total_seconds())) if self.asked.forecast else node

    def _over_time(self, node: Node) -> Node:
        """The peak, the low or the average of a value over the window; rates are averages already."""
        statistic, span = self.asked.statistic, self.span
        if self._quantile_over_time():
            short = replace(self, asked=replace(self.asked, rate=DEFAULT_WINDOW, quantiles=()))
            inner = short.value(None)
            return Call(
                "quantile_over_time", (Number(self.asked.quantiles[-1]), Subquery(inner, span, self.step(span)))
            )
        averaged = isinstance(self.measure.form, Counter | Mean) or _is_counted_share(self.measure)
        if statistic not in _OVER_TIME or (statistic is Statistic.AVERAGE and (averaged or not self.asked.window.span)):
            return node
        return Call(_OVER_TIME[statistic], (Subquery(node, span, self.step(span)),))

    def _quantile_over_time(self) -> bool:
        """ "The 95th percentile of cpu over the past day" is that of its values in time."""
        used = isinstance(self.measure.form, Counter) and self.measure.form.per_instance
        asked = self.asked
        return used and bool(asked.quantiles) and asked.statistic is None and asked.window.span is not None

    def _forecast(self, horizon: timedelta) -> Node:
        """Whether what is left will be used up by then, seen from how it went."""
        form = self.measure.form
        gauge = form.part if isinstance(form, Share) and isinstance(form.part, Gauge) else form
        seconds = Number(horizon.total_seconds())
        if not isinstance(gauge, Gauge):
            return self.value(None)
        series = replace(self.series(gauge.name, gauge.fixed), range=self.asked.trend or _TREND_RANGE)
        predicted = Call("predict_linear", (series, seconds))
        left_over = isinstance(form, Share) and (
            form.complement or (self.subject.more_is_better and not self.asked.limit)
        )
        return Binary("<", predicted, Number(0)) if left_over else predicted

    def _threshold(self, limit: Limit) -> float:
        """The number of a limit in the unit of what it is set against."""
        if self.asked.earlier and self.asked.earlier.change is Change.RATIO and limit.unit in ("", "%"):
            return 1 + limit.number / 100 if limit.unit else limit.number
        if self.asked.percent and self.subject.unit is Unit.RATIO and not limit.unit:
            return limit.number  # of what is shown in percent
        if self.asked.objective:
            return limit.number
        return tidy(base_units(limit, self.subject.unit) / self.measure.scale)


def _without_label(node: Aggregation, label: str) -> Aggregation:
    """The same aggregation, not told apart by this label."""
    kept = tuple(name for name in (node.grouping.labels if node.grouping else ()) if name != label)
    return replace(node, grouping=Grouping(kept) if kept else None)


def _is_counted_share(measure: Measure) -> bool:
    return isinstance(measure.form, Share) and isinstance(measure.form.part, Counter)


def _moved(node: Node, offset: timedelta) -> Node:
    """The same, this long ago."""

    def earlier(inner: Node) -> Node:
        return replace(inner, offset=inner.offset + offset) if isinstance(inner, Selector) else inner

    return rebuilt(node, earlier)


def _step(span: timedelta) -> timedelta:
    """Of a subquery: fine enough for peaks, few enough to evaluate."""
    if span <= timedelta(days=1):
        return timedelta(minutes=1)
    return timedelta(minutes=5) if span <= timedelta(days=7) else timedelta(hours=1)
