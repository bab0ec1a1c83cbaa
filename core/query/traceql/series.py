"""Whether a sentence wants numbers over time made of spans, and which ones."""

import re

from core.nlp.interpretation import EntityType
from core.query.traceql import names
from core.query.traceql.fields import field_named
from core.query.traceql.model import Cut, Expression, Filter, Keyword, Limit, Metric, Operation, Quantity
from core.query.traceql.outcome import TIMED
from core.query.wording import DEFAULT_TOP, NUMBER_WORDS, Wording, dimension_pattern

_GROUPS = dimension_pattern(names.GROUPS)
_WORD = re.compile(rf"\b(?:{'|'.join(sorted(names.GROUPS, key=len, reverse=True))})\b", re.IGNORECASE)
_RAW = re.compile(
    r"(?<!called )(?<!invoked )(?<!triggered )(?<!made )(?<!started )(?<!issued )(?<!spawned )(?<!caused )(?<!run )\b(?:by|per|for each|for every|each|nach|por|pro) (?:the )?((?:(?:span|resource|event)\.)?[a-z]\w{0,40}(?:\.\w{1,40}){1,5}|[a-z][a-z0-9]{0,20}_[a-z0-9_]{1,40})(?![\w/])"
)
"""Attributes as they are written: "by http.flavor", "per tenant_id"."""
_BUT = re.compile(
    rf"\b(?:by|per|for each|for every) ({'|'.join(sorted(names.GROUPS, key=len, reverse=True))}) (?:but|except)\b",
    re.IGNORECASE,
)
_TH = re.compile(r"\b(\d\d)th\b(?= (?:of|for|by|in|on|per)\b)", re.IGNORECASE)
""" "The 95th of auth"."""
_LISTED = re.compile(
    r"\b(?:quantiles?|percentiles?)\s(?:of )?((?:0?\.)?\d\d(?:th)?(?:(?:\s?[,/&+]\s?|\s(?:and |y |und )?)(?:0?\.)?\d\d(?:th)?){0,5})\b(?!\s?(?:ms|s|m|%))",
    re.IGNORECASE,
)
_TWO_DIGITS = re.compile(r"\d\d")
_RATE = re.compile(
    r"\b(?:rates?|per second|a second|per sec|(?:per|a) minute|/s(?:ec(?:ond)?)?|/min(?:ute)?|how (?:often|frequently) (?:is|are|does|do)|frequency|rps|throughput|requests? volume|traffic)\b",
    re.IGNORECASE,
)
_RATE_WORDS = re.compile(
    r"\b(?:fehlerraten?|fehlerquoten?|durchsatz|pro sekunde|tasas?(?: de)?|por segundo)\b", re.IGNORECASE
)
_TREND = re.compile(r"\b(?:over time|trends?|graph|chart|plot|timeline)\b", re.IGNORECASE)
_HISTOGRAM = re.compile(r"\b(?:histogram|heat ?map|distribution|spread)\b", re.IGNORECASE)
_COMPARE = re.compile(
    r"\b(?:in common|compare(?:d)?|different about|differ(?:s|ence)?|set(?:s)? apart|stand(?:s)? out|correlat\w+|distinguish\w*)\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:duration|latency|latencies|response times?|(?<!over )(?<!same )(?<!this )(?<!last )(?<!any )time|slow|long|took|takes?)\b",
    re.IGNORECASE,
)
_THINGS = r"(endpoints?|routes?|operations?|services?|methods?|paths?|hosts?|pods?|regions?|databases?)"
_SLOWEST = re.compile(
    rf"\b(?:slowest|longest)(?: \d{{1,3}})? {_THINGS}\b|\b(?:which|what) {_THINGS}\b[^.,;?!]{{0,60}}\b(?:slow(?:est)?|longest)\b",
    re.IGNORECASE,
)
_NUMBERS = {word: number for word, number in NUMBER_WORDS.items() if 2 <= number <= 10}
_HOW_MANY = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)})"
_LOWEST = re.compile(
    rf"\b(?:bottom|lowest|least|fewest|quietest|fastest|quickest)(?:\s{_HOW_MANY})?\b(?! than)", re.IGNORECASE
)
_WHICH = re.compile(
    rf"(?:\b(?:which|what|the|only|just|show|give me)\s|\A\W*){_HOW_MANY} (?:\w+ )?{_THINGS}\b(?=.{{0,60}}\b(?:most|highest|worst|slowest|largest|biggest)\b)",
    re.IGNORECASE,
)
_FIRST = re.compile(
    rf"\W*(?:(?:show|list|find|give|get|me|all|any|every|the|those|which|what|are|is|there|do|we|have|welche|qué)\s){{0,5}}({'|'.join(sorted(names.GROUPS, key=len, reverse=True))})\b(?=.{{0,60}}\b(?:whose|where|with|having|that|which|in which|have|has|whith|exceed\w*|over|above)\b)",
    re.IGNORECASE,
)
""" "Routes of checkout whose p95 …" are asked for."""
_TOP_THINGS = re.compile(
    rf"\b(?:top|worst)(?:\s{_HOW_MANY})?\s(?:error|errored|failing|failed|erroring|broken|slow|busy|noisy|[45]xx) {_THINGS.replace('(', '(?P<thing>', 1)}\b",
    re.IGNORECASE,
)
""" "Top 3 error routes"."""
_MOST = re.compile(
    r"\b(?:most|highest|worst|lowest|fewest|least|slowest|busiest|biggest|largest)\b(?! recent)", re.IGNORECASE
)
_ASKED = re.compile(
    r"(?:which|what|\d+|one|two|three|four|five) (?:spans?|calls?|quer(?:y|ies)|names?)\Z", re.IGNORECASE
)
_EXTREME = re.compile(
    r"\b(?:(longest|slowest)|shortest|fastest|quickest) (?:\0+ )?(?:spans?|durations?|calls?|requests?|latency|response)\b",
    re.IGNORECASE,
)
_MEASURE_BEHIND = re.compile(
    r"\s(?:rate|count|duration|durations|latency|latencies|volume|throughput|time|times|errors?)\b", re.IGNORECASE
)
_NO_COUNT = re.compile(
    r"\b(?:no matter|regardless of|irrespective of|doesn['’]?t matter|don['’]?t care|whatever|egal) (?:how|wie) (?:many|much|deep|far|viele)(?: hops?| levels?)?\b|\b(?:any|whatever|an arbitrary) (?:number|amount|count) of (?:hops?|levels?|services?|calls?|spans?)\b|\btotal(?:ly)? (?:broken|down|fail\w*)\b",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"\b(?:avg|average|mean|max\w*|min\w*|sum|total|median|p\d{2,3}|percentile|quantile|histogram|distribution|heat ?map)(?: value)?(?: of| for)?(?: the)? ((?:(?:span|resource|event)\.)?[a-z]\w{0,40}(?:\.\w{1,40}){1,6})(?![\w/])",
    re.IGNORECASE,
)
"""An attribute whose numbers are put together."""
_SPANS_BEFORE = re.compile(
    r"\b(?:spans?|calls?|requests?|traces?|quer(?:y|ies))(?: (?:that|which))?(?: (?:are|is|took|take|taking|last|lasting|were))?\s\Z|\bonly\s\Z|\(\Z",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?)")
_RATED = re.compile(r"(>=|<=|>|<)([0-9]+(?:\.[0-9]+)?)(?:/s|rps|qps|tps)")
_PER_SECOND = re.compile(r"\s?(?:[a-z]+ ){0,3}?(?:per sec(?:ond)?|a second|/ ?s(?:ec)?)\b", re.IGNORECASE)
_RATE_BEFORE = re.compile(r"\brates?(?: (?:is|are|was|of|goes|exceeds?|being)){0,2} \Z", re.IGNORECASE)
_QUANTILE = re.compile(r"p(\d\d)\.?(\d{1,3})?")
_FUNCTIONS = {"avg": "avg_over_time", "max": "max_over_time", "min": "min_over_time", "sum": "sum_over_time"}


def _quantile(value: str) -> str:
    """ ".95" of `p95`, ".999" of `p99.9`; "" of anything else."""
    found = _QUANTILE.fullmatch(value)
    return f".{(found[1] + (found[2] or '')).rstrip('0') or '0'}" if found else ""


def limit(wording: Wording) -> Limit | None:
    """The limit of a series: "whose p95 is over 2s", "more than 10 errors per second"; it is claimed."""
    quantile = next((e for e in wording.question.entities if _quantile(e.value)), None)
    for entity in wording.named(EntityType.THRESHOLD):
        if quantile and quantile.start < entity.start and (timed := TIMED.fullmatch(entity.value)):
            if not _SPANS_BEFORE.search(wording.text, 0, entity.start):
                wording.claim(entity.start, entity.end)
                return Limit(timed[1], Quantity(timed[2]))
        elif rated := _RATED.fullmatch(entity.value):
            wording.claim(entity.start, entity.end)
            return Limit(rated[1], Quantity(rated[2]))
        elif (plain := _PLAIN.fullmatch(entity.value)) and (
            _PER_SECOND.match(wording.text, entity.end) or _RATE_BEFORE.search(wording.text, 0, entity.start)
        ):
            wording.claim(entity.start, entity.end)
            return Limit(plain[1], Quantity(plain[2]))
    return None


def find(
    wording: Wording, *, failed: bool, timed: Expression | None = None, limit: Limit | None = None
) -> tuple[Metric, tuple[Cut | Limit, ...]] | None:
    """None where traces are wanted. `failed`: the spans asked for are those with errors; `timed`: the limit on how long they took;
    `limit`: that of the series."""
    text = wording.plain
    if _COMPARE.search(text):
        chosen = (
            Operation("=", names.STATUS, Keyword("error"))
            if failed
            else timed or Operation(">", names.DURATION, Quantity("1s"))
        )
        return Metric("compare", (Filter(chosen),)), ()
    for aside in _NO_COUNT.finditer(wording.text):
        wording.take(*aside.span())
    slowest = _SLOWEST.search(text)
    groups = _groups(wording, limited=limit is not None)
    function = _function(
        wording, grouped=bool(groups), slowest=bool(slowest), timed=timed is not None, limited=limit is not None
    )
    if function is None:
        return None
    metric = Metric(function[0], function[1], groups)
    cuts = (limit,) if limit else ()
    if not groups:
        return metric, cuts
    if lowest := _LOWEST.search(text):
        return metric, (Cut("bottomk", str(_number(lowest[1]) or DEFAULT_TOP)), *cuts)
    several = _WHICH.search(text)
    single = slowest and not (slowest[1] or slowest[2]).lower().endswith("s")
    top = (several and _number(several[1])) or wording.top() or (1 if single else DEFAULT_TOP if slowest else 0)
    return metric, (*((Cut("topk", str(top)),) if top else ()), *cuts)


def _number(said: str | None) -> int:
    if not said:
        return 0
    return int(said) if said.isdecimal() else _NUMBERS.get(said.lower(), 0)


def _function(
    wording: Wording, *, grouped: bool, slowest: bool, timed: bool, limited: bool
) -> "tuple[str, tuple[Expression, ...]] | None":
    text = wording.plain
    aggregations = [entity.value for entity in wording.question.entities if entity.type is EntityType.AGGREGATION]
    aggregations += (f"p{match[1]}" for match in _TH.finditer(wording.text))
    if listed := _LISTED.search(wording.text):
        aggregations += (f"p{number}" for number in _TWO_DIGITS.findall(listed[1]))
    named = _MEASURED.search(wording.text)
    measured: Expression = field_named(named[1]) if named else names.DURATION
    measures = any(entity.value == "latency" for entity in wording.question.entities) or bool(_TIME.search(text))
    quantiles = tuple(dict.fromkeys(filter(None, map(_quantile, aggregations))))
    if quantiles:
        return "quantile_over_time", (measured, *map(Quantity, quantiles))
    if _HISTOGRAM.search(text):
        return "histogram_over_time", (measured,)
    averaged = next((_FUNCTIONS[value] for value in aggregations if value in _FUNCTIONS), None)
    if limited:
        return "rate", ()
    limited = timed or any(entity.type is EntityType.THRESHOLD for entity in wording.entities)
    if averaged and (named or (measures and not limited)):
        return averaged, (measured,)
    if grouped and not limited and not slowest and (extreme := _EXTREME.search(text)):
        return "max_over_time" if extreme[1] else "min_over_time", (measured,)
    if slowest or (grouped and measures and not limited and not wording.counts()):
        return "quantile_over_time", (names.DURATION, Quantity(".95"))
    errors = any(entity.value == "error_rate" for entity in wording.question.entities)
    if errors or _RATE.search(wording.rest) or _RATE_WORDS.search(text):
        return "rate", ()
    if grouped or wording.counts() or _TREND.search(text):
        return "count_over_time", ()
    return None


def _groups(wording: Wording, *, limited: bool) -> tuple[Expression, ...]:
    found: list[Expression] = []
    for match in wording.find(_GROUPS):
        words = [word[0].lower() for word in _WORD.finditer(match[1])]
        if _ASKED.match(match[0]):
            continue  # "which spans of cart got 404"
        if _MEASURE_BEHIND.match(wording.text, match.end()):
            words.pop()  # "by span rate"
        found += (names.GROUPS[word] for word in words)
    for match in _BUT.finditer(wording.text):
        found.append(names.GROUPS[match[1].lower()])
    for match in _RAW.finditer(wording.text):
        if not wording.claimed(*match.span(1)) and match[1].lower() not in names.GROUPS:
            found.append(field_named(match[1]))
    if slowest := _SLOWEST.search(wording.plain):
        found.append(names.GROUPS[(slowest[1] or slowest[2]).lower()])
    if not found and (top := _TOP_THINGS.search(wording.text)):
        found.append(names.GROUPS[top["thing"].lower()])
    if not found and (first := _FIRST.match(wording.text)):
        word = first[1].lower()
        if limited or (_MOST.search(wording.plain) and names.GROUPS[word] != names.NAME):
            found.append(names.GROUPS[word])
    return tuple(dict.fromkeys(found))
