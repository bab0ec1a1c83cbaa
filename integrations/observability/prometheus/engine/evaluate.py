"""Evaluates PromQL trees over series: the forms that `core.query.promql.printer` writes, and refuses the rest.

It follows Prometheus 2 (https://prometheus.io/docs/prometheus/2.55/querying/); the contract tests compare the two.
"""

import math
import re
from dataclasses import dataclass, replace

import numpy as np

from core.query.promql.model import (
    SET_OPERATORS,
    Aggregation,
    Binary,
    Call,
    Negation,
    Node,
    Number,
    Selector,
    Subquery,
    Text,
)
from integrations.observability.prometheus.engine import ranges
from integrations.observability.prometheus.engine.folding import FOLDS, folded, grouped, quantile_of, quantiles, ranked
from integrations.observability.prometheus.engine.operators import combined, matched, operated, with_number
from integrations.observability.prometheus.engine.samples import Data, Numbers, Samples, selects
from integrations.observability.prometheus.engine.tracks import (
    NAME,
    EvaluationError,
    Key,
    Result,
    Scalar,
    Track,
    dropped,
    key_of,
    nameless,
    with_values,
)

LOOKBACK = 300.0
"""Seconds that a sample is believed."""
_MAPS = {
    "abs": np.abs, "ceil": np.ceil, "floor": np.floor, "exp": np.exp, "ln": np.log, "log2": np.log2, "log10": np.log10,
    "sqrt": np.sqrt, "sgn": np.sign,
}  # fmt: skip


def evaluate(node: Node, data: Data, at: Numbers, *, end: float | None = None) -> Result:
    """The result at each of these moments (seconds since the epoch, growing). `end`: of the window, where no moment falls on it.

    Raises:
        EvaluationError: a function or form that is not known here, or series that cannot be matched.
    """
    with np.errstate(all="ignore"):
        return _Evaluation(data, at, (float(at[0]), float(at[-1]) if end is None else end)).of(node)


@dataclass(frozen=True, slots=True)
class _Evaluation:
    data: Data
    at: Numbers
    window: tuple[float, float]
    """What `@ start()` and `@ end()` mean."""

    def of(self, node: Node) -> Result:
        match node:
            case Number(value=value):
                return Scalar(np.full(len(self.at), value))
            case Selector(range=None):
                return [_track(series, self._moments(node)) for series in self._samples(node, LOOKBACK)]
            case Negation(expr=expr):
                found = self.of(expr)
                if isinstance(found, Scalar):
                    return Scalar(-found.values)
                return [replace(one, labels=nameless(one.labels), values=-one.values) for one in found]
            case Aggregation():
                return self._aggregated(node)
            case Call():
                return self._called(node)
            case Binary():
                return self._joined(node)
            case _:
                raise EvaluationError("invalid expression type for this query, must be Scalar or instant Vector")

    def vector(self, node: Node) -> list[Track]:
        found = self.of(node)
        if isinstance(found, Scalar):
            raise EvaluationError("expected type instant vector, got scalar")
        return [one for one in found if one.there.any()]

    def scalar(self, node: Node) -> Numbers:
        found = self.of(node)
        if not isinstance(found, Scalar):
            raise EvaluationError("expected type scalar, got instant vector")
        return found.values

    # --- series ----------------------------------------------------------------------------------------

    def _moments(self, node: Selector | Subquery) -> Numbers:
        """The moments that are looked at: `@` and `offset` move them."""
        at = self.at
        if node.at is not None:
            fixed = dict(zip(("start", "end"), self.window, strict=True)).get(str(node.at), node.at)
            at = np.full(len(at), float(fixed))
        return at - node.offset.total_seconds()

    def _samples(self, node: Selector, back: float) -> list[Samples]:
        moments = self._moments(node)
        start, end = float(moments.min()) - back, float(moments.max())
        names = [node.metric] if node.metric else [name for name in self.data.kinds() if _named(name, node)]
        wanted = selects(matcher for matcher in node.matchers if matcher.label != NAME)
        return [
            replace(series, labels={NAME: name, **series.labels})
            for name in names
            for series in self.data.samples(name, start, end, wanted)
            if len(series.times)
        ]

    def _ranged(self, node: Node) -> tuple[list[Samples], Numbers, float]:
        """Samples, the moments that ranges end at, and the seconds of a range."""
        match node:
            case Selector(range=length) if length:
                return self._samples(node, length.total_seconds()), self._moments(node), length.total_seconds()
            case Subquery(expr=expr, range=length, step=step):
                moments, width = self._moments(node), length.total_seconds()
                every = step.total_seconds() if step else 60.0
                first = math.ceil((moments.min() - width) / every) * every
                grid = np.arange(first, moments.max() + every / 1e6, every)
                inner = _Evaluation(self.data, grid, self.window).vector(expr) if len(grid) else []
                found = [Samples(one.labels, grid[one.there], one.values[one.there]) for one in inner]
                return found, moments, width
            case _:
                raise EvaluationError("expected type range vector, got instant vector")

    # --- functions -------------------------------------------------------------------------------------

    def _called(self, node: Call) -> Result:
        name, args = node.function, node.args
        if name in ranges.FUNCTIONS:
            return self._over(node)
        if name == "time":
            return Scalar(self.at.copy())
        if name == "vector":
            return [Track({}, self.scalar(args[0]), np.ones(len(self.at), bool))]
        if name == "scalar":
            return self._only(self.vector(args[0]))
        if name == "histogram_quantile":
            return quantiles(self.scalar(args[0]), self.vector(args[1]))
        if name in ("absent", "absent_over_time"):
            return self._absent(node)
        if name in ("sort", "sort_desc"):
            sign = -1 if name == "sort_desc" else 1
            return sorted(self.vector(args[0]), key=lambda one: sign * float(one.values[-1]))
        if name in ("label_replace", "label_join"):
            return [_relabelled(name, one, args) for one in self.vector(args[0])]
        if name == "timestamp" and isinstance(args[0], Selector):
            stamped = [replace(one, values=one.times) for one in self._samples(args[0], LOOKBACK)]
            return [dropped(_track(one, self._moments(args[0]))) for one in stamped]
        return [dropped(one) for one in self._mapped(name, args)]

    def _mapped(self, name: str, args: tuple[Node, ...]) -> list[Track]:
        if name in _MAPS:
            return [replace(one, values=_MAPS[name](one.values)) for one in self.vector(args[0])]
        if name in ("clamp", "clamp_min", "clamp_max"):
            bounds = [self.scalar(arg) for arg in args[1:]]
            low = bounds[0] if name != "clamp_max" else np.full(len(self.at), -np.inf)
            high = bounds[-1] if name != "clamp_min" else np.full(len(self.at), np.inf)
            return [replace(one, values=np.clip(one.values, low, high)) for one in self.vector(args[0])]
        if name == "round":
            to = self.scalar(args[1]) if len(args) > 1 else np.ones(len(self.at))
            return [replace(one, values=np.floor(one.values / to + 0.5) * to) for one in self.vector(args[0])]
        raise EvaluationError(f'unknown function with name "{name}"')

    def _over(self, node: Call) -> list[Track]:
        name, args = node.function, node.args
        ranged = args[1] if name == "quantile_over_time" else args[0]
        parameter = 0.0
        if name in ("quantile_over_time", "predict_linear"):
            parameter = float(self.scalar(args[0] if name == "quantile_over_time" else args[1])[0])
        series, moments, length = self._ranged(ranged)
        found = []
        for one in series:
            values, there = ranges.over(name, one, moments, length, parameter)
            found.append(Track(one.labels if name == "last_over_time" else nameless(one.labels), values, there))
        return [one for one in found if one.there.any()]

    def _only(self, found: list[Track]) -> Scalar:
        count = sum((one.there.astype(int) for one in found), np.zeros(len(self.at), int))
        values = np.full(len(self.at), np.nan)
        for one in found:
            values = np.where(one.there, one.values, values)
        return Scalar(np.where(count == 1, values, np.nan))

    def _absent(self, node: Call) -> list[Track]:
        inner = node.args[0]
        if node.function == "absent_over_time":
            found = self._over(Call("present_over_time", node.args))
        else:
            found = self.vector(inner)
        there = np.zeros(len(self.at), bool)
        for one in found:
            there |= one.there
        named = inner.matchers if isinstance(inner, Selector) else ()
        labels = {m.label: m.value for m in named if m.op == "=" and m.value}
        return [Track(labels, np.ones(len(self.at)), ~there)]

    # --- folding ---------------------------------------------------------------------------------------

    def _aggregated(self, node: Aggregation) -> list[Track]:
        tracks = self.vector(node.expr)
        groups: dict[Key, list[Track]] = {}
        for one in tracks:
            groups.setdefault(key_of(grouped(one.labels, node)), []).append(one)
        if node.op in ("topk", "bottomk"):
            count = self.scalar(node.param) if node.param else np.ones(len(self.at))
            return [kept for of in groups.values() for kept in ranked(of, count, largest=node.op == "topk")]
        if node.op == "quantile" and node.param:
            q = self.scalar(node.param)
            return [
                folded(dict(key), of, lambda values, there: quantile_of(q, values, there)) for key, of in groups.items()
            ]
        if node.op not in FOLDS:
            raise EvaluationError(f'unknown aggregation "{node.op}"')
        return [folded(dict(key), of, FOLDS[node.op]) for key, of in groups.items()]

    # --- operators -------------------------------------------------------------------------------------

    def _joined(self, node: Binary) -> Result:
        left, right = self.of(node.left), self.of(node.right)
        if isinstance(left, Scalar):
            if isinstance(right, Scalar):
                return Scalar(operated(node.op, left.values, right.values))
            return with_values(with_number(node, one, left.values, one.values) for one in right)
        if isinstance(right, Scalar):
            return with_values(with_number(node, one, one.values, right.values) for one in left)
        if node.op in SET_OPERATORS:
            return combined(node, left, right)
        return matched(node, left, right)


def _track(series: Samples, at: Numbers) -> Track:
    place = np.searchsorted(series.times, at, "right") - 1
    there = (place >= 0) & (at - series.times[np.maximum(place, 0)] <= LOOKBACK)
    return Track(series.labels, np.where(there, series.values[np.maximum(place, 0)], np.nan), there)


def _named(name: str, node: Selector) -> bool:
    return selects(matcher for matcher in node.matchers if matcher.label == NAME)({NAME: name})


def _relabelled(name: str, one: Track, args: tuple[Node, ...]) -> Track:
    texts = [arg.value for arg in args[1:] if isinstance(arg, Text)]
    if name == "label_join":
        target, separator, *sources = texts
        value = separator.join(one.labels.get(source, "") for source in sources)
    else:
        target, replacement, source, pattern = texts
        match = re.fullmatch(pattern, one.labels.get(source, ""), re.DOTALL)
        if match is None:
            return one
        value = match.expand(re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda m: rf"\g<{m[1] or m[2]}>", replacement))
    labels = {key: of for key, of in one.labels.items() if key != target}
    return replace(one, labels={**labels, target: value} if value else labels)
