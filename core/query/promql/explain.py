"""Says in one English sentence what a PromQL query does. Walks the tree, so it holds for any query."""

from dataclasses import replace
from datetime import timedelta

from core.query.promql.model import (
    COMPARISONS,
    Aggregation,
    Binary,
    Call,
    Grouping,
    Matcher,
    Negation,
    Node,
    Number,
    Selector,
    Subquery,
    Text,
    rebuilt,
    selectors,
)
from core.query.promql.printer import duration, number, quoted

_AGGREGATIONS = {
    "sum": "the sum",
    "avg": "the average",
    "min": "the lowest",
    "max": "the highest",
    "count": "the number of series",
    "group": "one mark for each group",
    "stddev": "the standard deviation",
    "stdvar": "the variance",
}
_RANGES = {
    "rate": "the per-second rate of {x} over {r}",
    "irate": "the latest per-second rate of {x} within {r}",
    "increase": "the increase of {x} over {r}",
    "delta": "the change of {x} over {r}",
    "idelta": "the latest change of {x} within {r}",
    "deriv": "how fast {x} grows a second, seen over {r}",
    "changes": "how often {x} changed over {r}",
    "resets": "how often {x} was reset over {r}",
    "avg_over_time": "the average over {r} of {x}",
    "max_over_time": "the highest value over {r} of {x}",
    "min_over_time": "the lowest value over {r} of {x}",
    "sum_over_time": "the sum over {r} of {x}",
    "count_over_time": "the number of samples over {r} of {x}",
    "last_over_time": "the latest value within {r} of {x}",
    "present_over_time": "whether there was a value within {r} of {x}",
    "absent_over_time": "whether there was no value for {r} of {x}",
    "stddev_over_time": "the standard deviation over {r} of {x}",
}
_PLAIN = {
    "absent": "whether there is no {x}",
    "abs": "the size, without sign, of {x}",
    "ceil": "{x}, rounded up",
    "floor": "{x}, rounded down",
    "scalar": "the single value of {x}",
    "vector": "{x}",
    "sort": "{x}, sorted from low to high",
    "sort_desc": "{x}, sorted from high to low",
    "timestamp": "when {x} was last measured",
    "sqrt": "the square root of {x}",
    "ln": "the natural logarithm of {x}",
    "exp": "the exponential of {x}",
}
_OPERATORS = {
    "+": "plus",
    "-": "minus",
    "*": "times",
    "/": "divided by",
    "%": "modulo",
    "^": "to the power of",
    "atan2": "atan2",
}
_COMPARED = {
    ">": "is above",
    "<": "is below",
    ">=": "is at least",
    "<=": "is at most",
    "==": "equals",
    "!=": "differs from",
}
_SHARES = {"=": "of", "!=": "other than", "=~": "matching", "!~": "not matching"}
_SETS = {"and": "where there is also", "or": "or else", "unless": "unless there is"}


def explain(node: Node) -> str:
    """One sentence, such as "The 99th percentile of http_request_duration_seconds of service checkout, over 5m."."""
    text = _said(node)
    if isinstance(_leftmost(node), Selector):
        text = f"the value of {text}"  # a metric's own name keeps its spelling
    return f"{text[0].upper()}{text[1:]}."


def _leftmost(node: Node) -> Node:
    """What a sentence begins with."""
    while isinstance(node, Binary) and not node.as_bool:
        node = node.left
    return node


def _said(node: Node) -> str:
    match node:
        case Selector():
            return _selector(node)
        case Subquery(expr=expr):
            return _said(expr) + _when(node.offset)
        case Number(value=value):
            return number(value)
        case Text(value=value):
            return quoted(value)
        case Negation(expr=expr):
            return f"minus {_said(expr)}"
        case Aggregation():
            return _aggregation(node)
        case Binary("*", Number(100), Binary() as ratio):
            return f"{_said(ratio)}, in percent"
        case Binary("/", Binary("*", Number(100), part), whole):
            return f"{_said(replace(node, left=part, right=whole))}, in percent"
        case Binary():
            return _binary(node)
        case Call():
            return _call(node)


def _selector(node: Selector) -> str:
    name = node.metric or "all series"
    conditions = [_condition(matcher) for matcher in node.matchers]
    where = f" where {_listed(conditions)}" if conditions else ""
    return f"{name}{where}{_when(node.offset)}"


def _condition(matcher: Matcher) -> str:
    verbs = {"=": "is", "!=": "is not", "=~": "matches", "!~": "does not match"}
    value = (
        matcher.value
        if matcher.value and matcher.value.isprintable() and " " not in matcher.value
        else quoted(matcher.value)
    )
    return f"{matcher.label} {verbs[matcher.op]} {value}"


def _when(offset: timedelta) -> str:
    if not offset:
        return ""
    return f", {duration(abs(offset))} {'ago' if offset > timedelta(0) else 'ahead'}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _grouped(grouping: Grouping | None, *, hidden: frozenset[str] = frozenset()) -> str:
    if grouping is None:
        return ""
    labels = [label for label in grouping.labels if label not in hidden]
    if not labels:
        return " over everything" if grouping.without else ""
    return f" {'for each combination of all labels but' if grouping.without else 'for each'} {_listed(labels)}"


def _aggregation(node: Aggregation) -> str:
    inner, grouped = _said(node.expr), _grouped(node.grouping)
    param = _said(node.param) if node.param else ""
    match node.op:
        case "topk" | "bottomk":
            return f"the {param} {'highest' if node.op == 'topk' else 'lowest'} of {inner}{grouped}"
        case "quantile":
            return f"the {_percentile(node.param)} across series of {inner}{grouped}"
        case "count_values":
            return f"how many series have each value of {inner}{grouped}"
        case "limitk" | "limit_ratio":
            return f"a sample of {param} of the series of {inner}{grouped}"
        case "sum" if isinstance(node.expr, Call) and node.expr.function in ("rate", "increase"):
            # The sum of rates is the rate of it all; saying so twice helps nobody.
            return f"{inner}{grouped}" if grouped else f"{inner}, in total"
        case op:
            return f"{_AGGREGATIONS.get(op, op)} of {inner}{grouped}"


def _percentile(node: Node | None) -> str:
    if not isinstance(node, Number):
        return "quantile"
    if node.value == 0.5:
        return "median"
    text = number(round(node.value * 100, 6))
    ending = "th" if text[-2:-1] == "1" or "." in text else {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")
    return f"{text}{ending} percentile"


def _call(node: Call) -> str:
    name, args = node.function, node.args
    if name == "histogram_quantile" and len(args) == 2:
        return f"the {_percentile(args[0])} of {_distribution(args[1])}"
    if name == "predict_linear" and len(args) == 2:
        ahead = (
            duration(timedelta(seconds=args[1].value))
            if isinstance(args[1], Number) and abs(args[1].value) < 1e9
            else _said(args[1])
        )
        return f"the value expected in {ahead} of {_said(args[0])}, going by the last {_range(args[0])}"
    if name == "quantile_over_time" and len(args) == 2:
        return f"the {_percentile(args[0])} over {_range(args[1])} of {_said(args[1])}"
    if name in ("label_replace", "label_join") and args:
        return _relabelled(args)
    if name in ("clamp_min", "clamp_max", "clamp", "round") and len(args) > 1:
        bounds = _listed([_said(arg) for arg in args[1:]])
        return f"{_said(args[0])}, {'rounded to' if name == 'round' else 'kept within'} {bounds}"
    if name in _RANGES and len(args) == 1:
        return _RANGES[name].format(x=_said(args[0]), r=_range(args[0]))
    if name in _PLAIN and len(args) == 1:
        return _PLAIN[name].format(x=_said(args[0]))
    if name == "time" and not args:
        return "the current time"
    words = name.replace("_", " ")
    return f"the {words} of {_listed([_said(arg) for arg in args])}" if args else f"the {words}"


def _relabelled(args: tuple[Node, ...]) -> str:
    label, value = args[1], args[2] if len(args) > 2 else None
    if isinstance(label, Text) and isinstance(value, Text) and args[-1] == Text(""):
        return f"{_said(args[0])} (marked {label.value} {value.value})"
    return f"{_said(args[0])}, with another {label.value if isinstance(label, Text) else 'label'}"


def _distribution(node: Node) -> str:
    """Buckets are an implementation of what they measure; the sentence names that."""
    match node:
        case Aggregation(op="sum", expr=Call(function="rate", args=(Selector() as series,)), grouping=grouping):
            named = Selector(series.metric.removesuffix("_bucket"), series.matchers, None, series.offset)
            return f"{_said(named)}{_grouped(grouping, hidden=frozenset({'le'}))}, over {_range(series)}"
        case _:
            return _said(node)


def _range(node: Node) -> str:
    return duration(node.range) if isinstance(node, Selector | Subquery) and node.range else "its range"


def _binary(node: Binary) -> str:
    left, right = _said(node.left), _said(node.right)
    earlier = _earlier(node)
    if earlier:
        return earlier
    if node.op in COMPARISONS:
        return (
            f"whether {left} {_COMPARED[node.op]} {right}"
            if node.as_bool
            else f"{left}, where it {_COMPARED[node.op]} {right}"
        )
    if node.op in _SETS:
        return f"{left}, {_SETS[node.op]} {right}"
    if share := _share(node):
        return share
    if node.op == "/" and isinstance(node.left, Aggregation | Call):
        return f"{left}, divided by {right}"  # both sides are long
    if isinstance(node.left, Number) and node.left.value == 1 and node.op == "-":
        return f"1 minus {right}"
    return f"{left} {_OPERATORS[node.op]} {right}"


def _share(node: Binary) -> str:
    """Some of a counter's series over all of them."""
    part, whole = _folded_rate(node.left), _folded_rate(node.right)
    if node.op != "/" or part is None or whole is None:
        return ""
    grouping, other = _grouping(node.left), _grouping(node.right)
    more = [matcher for matcher in part.matchers if matcher not in whole.matchers]
    same = replace(part, matchers=tuple(m for m in part.matchers if m in whole.matchers)) == whole
    if not more or not same or grouping != other:
        return ""
    conditions = _listed([f"{m.label} {_SHARES[m.op]} {m.value or quoted(m.value)}" for m in more])
    return f"the share of {_said(replace(whole, range=None))} that has {conditions}{_grouped(grouping)}, over {_range(whole)}"


def _grouping(node: Node) -> Grouping | None:
    return node.grouping if isinstance(node, Aggregation) else None


def _folded_rate(node: Node) -> Selector | None:
    match node:
        case Aggregation(op="sum", expr=Call(function="rate" | "increase", args=(Selector() as series,))):
            return series
        case _:
            return None


def _earlier(node: Binary) -> str:
    """X against X of an earlier time."""
    offsets = {inner.offset for inner in selectors(node.right)}
    if node.op not in ("/", "-") or len(offsets) != 1 or not (offset := offsets.pop()):
        return ""
    now = {inner.offset for inner in selectors(node.left)}
    if now != {timedelta(0)} or _shape(node.left) != _shape(node.right):
        return ""
    verb = "relative to" if node.op == "/" else "minus"
    return f"{_said(node.left)}, {verb} the same {duration(offset)} earlier"


def _shape(node: Node) -> Node:
    return rebuilt(node, lambda inner: replace(inner, offset=timedelta(0)) if isinstance(inner, Selector) else inner)
