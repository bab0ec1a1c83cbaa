"""Sentences to TraceQL; the conventions are those of the package."""

import re

from core.nlp.interpretation import EntityType
from core.query.traceql import names, series, spans
from core.query.traceql.explain import explain
from core.query.traceql.guard import check
from core.query.traceql.model import (
    Aggregate,
    Combined,
    Expression,
    Filter,
    Intrinsic,
    Keyword,
    Operation,
    Pipeline,
    Quantity,
    Query,
    ScalarFilter,
    Select,
    Spanset,
    Stage,
    Text,
    every,
)
from core.query.traceql.printer import show
from core.query.traceql.reader import read
from core.query.translation import Language, QueryRefused, Question, Translation
from core.query.window import window
from core.query.wording import BLANK, Wording

_READ_HERE = (EntityType.METRIC, EntityType.SEVERITY, EntityType.AGGREGATION, EntityType.WORKFLOW)
"""Types whose words mean something else in traces."""
_SERVICE = rf"{BLANK}+"
_BELOW = re.compile(
    rf"{_SERVICE}\s*(?:-+>+|=>|→|>>|\b(?:service )?(?:(?:that |which |when |where |is |are )?(?:direct(?:ly)? )?(?:call(?:s|ed|ing)?(?: to| into| out to)?|through|to|into|in|then|via|and then|hit(?:s|ting)?"
    rf"|talk(?:s|ing)? to|reach(?:es|ing)?|invok(?:es|ing)|depend(?:s|ing) on|going to|goes to|go to|through to|down to|towards?|request(?:s|ing)?(?: to)?|und dann|nach)"
    rf"(?: direct(?:ly)?)?))\s*(?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"{_SERVICE}\s*(?:spans? |calls? |requests? |errors? )?\b(?:(?:that |which )?(?:(?:are|were|is|was|gets?|being) )?(?:called|invoked|triggered|hit|reached) (?:direct(?:ly)? )?(?:by|from)|"
    rf"(?:below|under|underneath|downstream of|downstream from|beneath|behind|coming from|from))\s*(?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    rf"\b(?:between|zwischen|entre) (?:the )?{_SERVICE} (?:and|und|y) (?:the )?{_SERVICE}", re.IGNORECASE
)
_BESIDE = re.compile(r"\b(?:sibling|siblings|in parallel|side by side|parallel|concurrently)\b", re.IGNORECASE)
_EITHER = re.compile(rf"{_SERVICE}(?:\s*,)?\s*\b(?:or|oder)\s*(?:the )?{_SERVICE}", re.IGNORECASE)
_DIRECT = re.compile(r"\b(?:direct|directly|immediate|immediately|child|children)\b", re.IGNORECASE)
_DOWNSTREAM = re.compile(
    rf"\b(?:downstream (?:of|from)|below|underneath|under|child(?:ren)?(?: spans?)? of|descendants of|beneath|called by|behind|caused by)\s+(?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_UPSTREAM = re.compile(
    rf"\b(?:upstream (?:of|from)|above|parents? of|callers of|who calls|what calls|which services call|calls? (?:in)?to|calling)\s+(?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_CALLED = re.compile(
    rf"\b(?:what|whom|which services) (?:does|do|is|are) (?:the )?{_SERVICE} (?:call|calling|depend(?:ing)? on|talk(?:ing)? to|hit|use|invoke)"
    rf"|\b(?:dependencies of|calls made by|outgoing calls (?:of|from)) (?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_STARTED = re.compile(
    rf"\b(?:start(?:s|ed|ing)? (?:in|at|from|by|with)|begin(?:s|ning)? (?:in|at|with)|began (?:in|at)|originat(?:es|ed|ing) (?:in|at|from)|enter(?:s|ed|ing)? (?:through|via|at|in)|initiated by|rooted (?:in|at)"
    rf"|root(?: service)?(?: is)?|coming in (?:through|via|at)|kicked off by)\s+(?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_SLOWEST = re.compile(
    r"\b(?:slowest|longest|most time|take the longest|took the longest|takes longest|took longest|langsamste\w*|m[aá]s lent[oa]s)\b",
    re.IGNORECASE,
)
_COUNT_LIMIT = re.compile(r"(>=|<=|>|<)([0-9]+)")
_AVERAGE = re.compile(
    r"\b(avg|average|mean|max|maximum|min|minimum)\b(?: span)?(?: (?:duration|latency|time))", re.IGNORECASE
)
_AVERAGES = {"average": "avg", "mean": "avg", "maximum": "max", "minimum": "min"}
_SELECT = re.compile(
    r"\b(?:select|include|including|along with|together with|show(?:ing)?(?: me)?|with) (?:the |their |its )?((?:(?:span|resource|event)\.)?[a-z]\w*(?:\.\w+)+)\b",
    re.IGNORECASE,
)
_ATTRIBUTE_AFTER = re.compile(r"\s?(?:!=|>=|<=|==|=~|=|>|<|is\b)")


def translate(question: Question) -> Translation:
    """The query for what is asked, and the window that is named.

    Raises:
        QueryRefused: nothing says which traces are meant, TraceQL cannot say it, or the query breaks a guard.
    """
    wording = Wording(question, ignore=_READ_HERE)
    wanted = spans.find(wording)
    metric = series.find(wording, failed=wanted.failed)
    stages: list[Stage] = []
    conditions = wanted.what
    if metric is None:
        conditions, stages = _stages(wording, wanted)
    elif metric[0].function == "compare":
        chosen = metric[0].arguments[0]
        conditions = tuple(part for part in wanted.what if chosen != Filter(part))
    spanset = _spanset(wording, wanted.where, conditions, metric is not None)
    query = Query(Pipeline((spanset, *stages)), *(metric or (None, ())))
    text = show(query)
    check(read(text))
    named = window(question)
    return Translation(
        Language.TRACEQL, text, explain(query), named.start if named else None, named.end if named else None
    )


def _spanset(wording: Wording, where: tuple[Expression, ...], what: tuple[Expression, ...], measured: bool) -> Spanset:
    services = wording.values(EntityType.SERVICE)
    excluded = wording.values(EntityType.SERVICE, negated=True)
    without = (spans.one_of(names.SERVICE, excluded, negative=True),) if excluded else ()
    if excluded and re.search(r"\b(?:never|not|n['’]t) (?:call|reach|hit|touch|go|talk)", wording.text, re.IGNORECASE):
        raise QueryRefused(
            f"TraceQL cannot ask for traces in which {excluded[0]} does not occur.",
            hint=f"Ask for the traces, and for those that reach {excluded[0]}; compare the two.",
        )
    if started := _STARTED.search(wording.plain):
        root = next(entity.value for entity in wording.named(EntityType.SERVICE) if entity.end == started.end())
        rest = tuple(service for service in services if service != root)
        begin = Operation("=", Intrinsic("rootServiceName"), Text(root))
        inside = (spans.one_of(names.SERVICE, rest),) if rest else ()
        return Filter(every((begin, *inside, *where, *without, *what)))
    if len(services) < 2:
        return _of_one(wording, services, (*where, *without), what, measured)
    if _EITHER.search(wording.plain):
        return Filter(every((spans.one_of(names.SERVICE, services), *where, *without, *what)))
    op, ordered = _structure(wording, services)
    if not op:
        return (
            Filter(every((spans.one_of(names.SERVICE, services), *where, *without, *what)))
            if measured
            else _together(ordered, where, what)
        )
    return _chain(op, ordered, where, (*without, *what))


def _of_one(
    wording: Wording,
    services: tuple[str, ...],
    where: tuple[Expression, ...],
    what: tuple[Expression, ...],
    measured: bool,
) -> Spanset:
    own = (spans.one_of(names.SERVICE, services),) if services else ()
    text = wording.plain
    if services and not measured:
        op = ">" if _DIRECT.search(wording.plain) else ">>"
        if _DOWNSTREAM.search(text):
            return Combined(op, Filter(every((*own, *where))), Filter(every((*where, *what))))
        if _CALLED.search(text):
            return Combined(op, Filter(every((*own, *where))), Filter(every((_other(services[0]), *where, *what))))
        if _UPSTREAM.search(text):
            caller = Filter(every((*where, *what) if what else (*where, _other(services[0]))))
            return Combined(op, caller, Filter(every((*own, *where))))
    conditions = (*own, *where, *what)
    if conditions:
        return Filter(every(conditions))
    # Nothing is named: one span a trace, or one a request.
    return Filter(
        Operation("=", names.KIND, Keyword("server"))
        if measured
        else Operation("<", Intrinsic("nestedSetParent"), Quantity("0"))
    )


def _other(service: str) -> Expression:
    return Operation("!=", names.SERVICE, Text(service))


def _structure(wording: Wording, services: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """How the services hang together, callers first; "" where they only share traces."""
    text = wording.plain
    op = ">" if _DIRECT.search(wording.plain) else ">>"
    if _BESIDE.search(wording.plain):
        return "~", services
    if _ABOVE.search(text):
        return op, services[::-1]
    if _BETWEEN.search(text) or _BELOW.search(text):
        return op, services
    return "", services


def _together(services: tuple[str, ...], where: tuple[Expression, ...], what: tuple[Expression, ...]) -> Spanset:
    return _chain("&&", services, where, what)


def _chain(op: str, services: tuple[str, ...], where: tuple[Expression, ...], what: tuple[Expression, ...]) -> Spanset:
    made: Spanset | None = None
    for service in services:
        last = service == services[-1]
        one = Filter(every((Operation("=", names.SERVICE, Text(service)), *where, *(what if last else ()))))
        made = one if made is None else Combined(op, made, one)
    assert made is not None  # noqa: S101  # at least two services
    return made


def _stages(wording: Wording, wanted: spans.Wanted) -> tuple[tuple[Expression, ...], list[Stage]]:
    """What follows the spanset, and which conditions are left for it."""
    stages: list[Stage] = []
    conditions = wanted.what
    average = _AVERAGE.search(wording.plain)
    for part in wanted.what:
        match part:
            case Operation(op=op, left=Intrinsic(name="duration"), right=Quantity() as value) if average and op != "=":
                function = average[1].lower()
                stages.append(ScalarFilter(op, Aggregate(_AVERAGES.get(function, function), names.DURATION), value))
                conditions = tuple(one for one in conditions if one is not part)
            case _:
                pass
    numbers = (e for e in wording.named(EntityType.THRESHOLD) if not spans.status_limit(wording, e))
    limits = (_COUNT_LIMIT.fullmatch(entity.value) for entity in numbers)
    stages += (ScalarFilter(limit[1], Aggregate("count"), Quantity(limit[2])) for limit in limits if limit)
    chosen = [
        spans.field_named(m[1])
        for m in _SELECT.finditer(wording.text)
        if not _ATTRIBUTE_AFTER.match(wording.text, m.end())
    ]
    if _SLOWEST.search(wording.plain):
        chosen.append(names.DURATION)
    if chosen:
        stages.append(Select(tuple(dict.fromkeys(chosen))))
    return conditions, stages
