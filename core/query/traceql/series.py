"""Whether a sentence wants numbers over time made of spans, and which ones."""

import re

from core.nlp.interpretation import EntityType
from core.query.traceql import names
from core.query.traceql.model import Cut, Expression, Filter, Keyword, Metric, Operation, Quantity
from core.query.wording import DEFAULT_TOP, Wording, dimension_pattern

_GROUPS = dimension_pattern(names.GROUPS)
_WORD = re.compile(rf"\b(?:{'|'.join(sorted(names.GROUPS, key=len, reverse=True))})\b", re.IGNORECASE)
_RATE = re.compile(
    r"\b(?:rates?|per second|a second|per sec|/s|rps|throughput|requests? volume|traffic)\b", re.IGNORECASE
)
_TREND = re.compile(r"\b(?:over time|trends?|graph|chart|plot|timeline)\b", re.IGNORECASE)
_HISTOGRAM = re.compile(r"\b(?:histogram|heat ?map|distribution|spread)\b", re.IGNORECASE)
_COMPARE = re.compile(
    r"\b(?:in common|compare(?:d)?|different about|differ(?:s|ence)?|set(?:s)? apart|stand(?:s)? out|correlat\w+|distinguish\w*)\b",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b(?:duration|latency|latencies|response times?|time|slow|long|took|takes?)\b", re.IGNORECASE)
_THINGS = r"(endpoints?|routes?|operations?|services?|methods?|paths?|hosts?|pods?|regions?|databases?)"
_SLOWEST = re.compile(
    rf"\b(?:slowest|longest)(?: \d{{1,3}})? {_THINGS}\b|\b(?:which|what) {_THINGS}\b[^.,;?!]{{0,60}}\b(?:slow(?:est)?|longest)\b",
    re.IGNORECASE,
)
_QUANTILES = {"p50": ".5", "p75": ".75", "p90": ".9", "p95": ".95", "p99": ".99", "p999": ".999"}
_FUNCTIONS = {"avg": "avg_over_time", "max": "max_over_time", "min": "min_over_time", "sum": "sum_over_time"}


def find(wording: Wording, *, failed: bool) -> tuple[Metric, tuple[Cut, ...]] | None:
    """None where traces are wanted. `failed`: the spans asked for are those with errors."""
    text = wording.plain
    if _COMPARE.search(text):
        chosen = (
            Operation("=", names.STATUS, Keyword("error")) if failed else Operation(">", names.DURATION, Quantity("1s"))
        )
        return Metric("compare", (Filter(chosen),)), ()
    slowest = _SLOWEST.search(text)
    groups = _groups(wording)
    function = _function(wording, grouped=bool(groups), slowest=bool(slowest))
    if function is None:
        return None
    metric = Metric(function[0], function[1], groups)
    top = wording.top() or (DEFAULT_TOP if slowest else 0)
    return metric, (Cut("topk", str(top)),) if top and groups else ()


def _function(wording: Wording, *, grouped: bool, slowest: bool) -> "tuple[str, tuple[Expression, ...]] | None":
    text = wording.plain
    aggregations = [entity.value for entity in wording.question.entities if entity.type is EntityType.AGGREGATION]
    measures = any(entity.value == "latency" for entity in wording.question.entities) or bool(_TIME.search(text))
    quantiles = tuple(dict.fromkeys(_QUANTILES[value] for value in aggregations if value in _QUANTILES))
    if quantiles:
        return "quantile_over_time", (names.DURATION, *map(Quantity, quantiles))
    if _HISTOGRAM.search(text):
        return "histogram_over_time", (names.DURATION,)
    averaged = next((_FUNCTIONS[value] for value in aggregations if value in _FUNCTIONS), None)
    limited = any(entity.type is EntityType.THRESHOLD for entity in wording.entities)
    if averaged and measures and not limited:
        return averaged, (names.DURATION,)
    if slowest or (grouped and measures and not limited and not wording.counts()):
        return "quantile_over_time", (names.DURATION, Quantity(".95"))
    if _RATE.search(wording.rest):
        return "rate", ()
    if grouped or wording.counts() or _TREND.search(text):
        return "count_over_time", ()
    return None


def _groups(wording: Wording) -> tuple[Expression, ...]:
    found: list[Expression] = []
    for match in wording.find(_GROUPS):
        found += (names.GROUPS[word[0].lower()] for word in _WORD.finditer(match[1]))
    if slowest := _SLOWEST.search(wording.plain):
        found.append(names.GROUPS[(slowest[1] or slowest[2]).lower()])
    return tuple(dict.fromkeys(found))
