"""Says in one sentence what a TraceQL query does."""

from core.query.traceql.model import (
    Aggregate,
    Attribute,
    By,
    Combined,
    Cut,
    Expression,
    Filter,
    Intrinsic,
    Keyword,
    Metric,
    Operation,
    Piped,
    Pipeline,
    Quantity,
    Query,
    Scalar,
    ScalarFilter,
    ScalarOperation,
    Select,
    Stage,
    Text,
)
from core.query.traceql.printer import expression

_COMPARE = {
    "=": "is",
    "!=": "is not",
    ">": "is over",
    ">=": "is at least",
    "<": "is under",
    "<=": "is at most",
    "=~": "is like",
    "!~": "is not like",
}
_STRUCTURE = {
    "&&": "in traces that also have",
    "||": "or",
    ">>": "and, somewhere below them,",
    ">": "and, directly below them,",
    "<<": "and, somewhere above them,",
    "<": "and, directly above them,",
    "~": "and, beside them,",
    "!>>": "and, not below them,",
    "!>": "and, not directly below them,",
    "!<<": "and, not above them,",
    "!<": "and, not directly above them,",
    "!~": "and, not beside them,",
    "&>>": "together with, below them,",
    "&>": "together with, directly below them,",
    "&<<": "together with, above them,",
    "&<": "together with, directly above them,",
    "&~": "together with, beside them,",
}
_NAMES = {
    "resource.service.name": "service",
    "resource.deployment.environment": "environment",
    "span.http.status_code": "HTTP status",
    "span.http.method": "HTTP method",
    "span.http.route": "route",
    "traceDuration": "duration of the whole trace",
    "rootServiceName": "first service",
    "rootName": "first span",
    "trace:id": "trace id",
}
_METRICS = {
    "rate": "how many a second there are of",
    "count_over_time": "how many there are of",
    "histogram_over_time": "the distribution of {} of",
    "avg_over_time": "the average {} of",
    "min_over_time": "the lowest {} of",
    "max_over_time": "the highest {} of",
    "sum_over_time": "the sum of {} of",
}
_AGGREGATES = {
    "count": "their number",
    "avg": "their average {}",
    "max": "their highest {}",
    "min": "their lowest {}",
    "sum": "their sum of {}",
}


def explain(query: Query) -> str:
    """What the query does: “Spans whose service is payments and duration is over 500ms.”"""
    text = _pipeline(query.pipeline)
    if query.metric:
        text = _metric(query.metric, text)
    for cut in query.cuts:
        if isinstance(cut, Cut):
            text += f", the {cut.count} {'highest' if cut.function == 'topk' else 'lowest'}"
        else:
            text += f", where it {_COMPARE[cut.op]} {cut.value.text}"
    return f"{text[0].upper()}{text[1:]}."


def _pipeline(pipeline: Pipeline) -> str:
    first, *rest = pipeline.stages
    return "".join([_stage(first), *(f", {_stage(stage)}" for stage in rest)])


def _stage(stage: Stage) -> str:
    match stage:
        case Filter(condition=None):
            return "all spans"
        case Filter(condition=condition):
            return f"spans whose {_condition(condition)}" if condition is not None else ""
        case Combined(op=op, left=left, right=right):
            return f"{_stage(left)} {_STRUCTURE[op]} {_stage(right)}"
        case Pipeline():
            return f"({_pipeline(stage)})"
        case ScalarFilter(op=op, left=left, right=right):
            return f"where {_scalar(left)} {_COMPARE[op]} {_scalar(right)}"
        case By(expr=expr):
            return f"split by {_name(expr)}"
        case Select(fields=fields):
            return f"with their {' and '.join(map(_name, fields))}"
        case _:
            return "put together by trace"


def _condition(expr: Expression) -> str:
    match expr:
        case Operation(op="&&", left=left, right=right):
            return " and ".join(
                f"({_condition(side)})" if isinstance(side, Operation) and side.op == "||" else _condition(side)
                for side in (left, right)
            )
        case Operation(op="||", left=left, right=right):
            return f"{_condition(left)} or {_condition(right)}"
        case Operation(op="!=", left=left, right=Keyword(text="nil")):
            return f"{_name(left)} is set"
        case Operation(op="<", left=Intrinsic(name="nestedSetParent"), right=Quantity(text="0")):
            return "place is the first of their trace"
        case Operation(op=op, left=left, right=right) if op in _COMPARE:
            return f"{_name(left)} {_COMPARE[op]} {_name(right)}"
        case _:
            return f"{expression(expr)} holds"


def _name(expr: Expression) -> str:
    match expr:
        case Text(value=value):
            return value or "empty"
        case Quantity(text=text):
            return text
        case Attribute() | Intrinsic():
            return _NAMES.get(expression(expr), expression(expr))
        case _:
            return expression(expr)


def _scalar(scalar: Scalar) -> str:
    match scalar:
        case Aggregate(function=function, expr=expr):
            return _AGGREGATES[function].format("" if expr is None else _name(expr))
        case Quantity(text=text):
            return text
        case ScalarOperation(op=op, left=left, right=right):
            return f"{_scalar(left)} {op} {_scalar(right)}"
        case Piped(pipeline=pipeline, scalar=inner):
            return f"{_scalar(inner)} of {_pipeline(pipeline)}"


def _metric(metric: Metric, spans: str) -> str:
    by = f" by {' and '.join(map(_name, metric.by))}" if metric.by else ""
    if metric.function == "compare":
        chosen = next(part for part in metric.arguments if isinstance(part, Filter))
        return f"what sets {_stage(chosen)} apart among {spans}"
    measured = [_name(part) for part in metric.arguments if not isinstance(part, Filter)]
    if metric.function == "quantile_over_time":
        quantiles = " and ".join(f"{float(quantile) * 100:g}th" for quantile in measured[1:])
        return f"the {quantiles} percentile of {measured[0]} of {spans}, over time{by}"
    return f"{_METRICS[metric.function].format(*measured)} {spans}, over time{by}"
