"""Sentences to TraceQL; the conventions are those of the package."""

import re
from collections.abc import Mapping

from core.nlp.interpretation import EntityType
from core.query.traceql import names, series, spans, spansets
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
    Spanset,
    Stage,
    Text,
    every,
)
from core.query.traceql.printer import show
from core.query.traceql.reader import read
from core.query.traceql.said import Said
from core.query.traceql.structure import owners, structure
from core.query.translation import Language, QueryRefused, Question, Translation
from core.query.window import window
from core.query.wording import BLANK, Wording

_READ_HERE = (EntityType.METRIC, EntityType.SEVERITY, EntityType.AGGREGATION, EntityType.WORKFLOW)
"""Types whose words mean something else in traces."""
_SERVICE = rf"{BLANK}+"
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
    rf"|\b(?:everything|anything|whatever|(?:all )?(?:services|things))(?: that)? (?:the )?{_SERVICE} (?:calls|hits|uses|invokes|depends on|talks to)\b"
    rf"|\b(?:dependencies of|calls made by|outgoing calls (?:of|from)) (?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_EITHER = re.compile(rf"{_SERVICE}(?:\s*,)?\s*\b(?:or|oder)\s*(?:the )?{_SERVICE}", re.IGNORECASE)
_DIRECT = re.compile(r"\b(?:direct|directly|immediate|immediately|child|children)\b", re.IGNORECASE)
_NEVER = re.compile(
    r"\b(?:never(?: ever)?|not|n['’]t) (?:call|reach|hit|touch|go|talk|see|involv|includ)|\b(?:but|and) never\b|\bnever (?:the )?\w+$",
    re.IGNORECASE,
)
_STARTED = re.compile(
    rf"\b(?:start(?:s|ed|ing)? (?:in|at|from|by|with)|begin(?:s|ning)? (?:in|at|with)|began (?:in|at)|originat(?:es|ed|ing) (?:in|at|from)|enter(?:s|ed|ing)? (?:through|via|at|in)|initiated by|rooted (?:in|at)"
    rf"|root(?: service)?(?: is)?|coming in (?:through|via|at)|kicked off by)\s+(?:the )?{_SERVICE}|{_SERVICE}\s(?:is|as|being)\s(?:the\s|a\s)?(?:root|entry|entrypoint)\b",
    re.IGNORECASE,
)


def translate(question: Question) -> Translation:
    """The query for what is asked, and the window that is named.

    Raises:
        QueryRefused: nothing says which traces are meant, TraceQL cannot say it, or the query breaks a guard.
    """
    wording = Wording(question, ignore=_READ_HERE)
    wanted = spans.find(wording)
    folded, conditions = spansets.folded(wording, wanted.what)
    counted = any(
        isinstance(side, Aggregate) and side.function == "count" for one in folded for side in (one.left, one.right)
    )
    grouped = spansets.grouped(wording, limited=counted)
    metric = None if folded or grouped else series.find(wording, failed=wanted.failed)
    groups = [grouped] if grouped else []
    stages: list[Stage] = [*groups, *folded] if counted else [*folded, *groups]
    if metric is None:
        stages += spansets.stages(wording)
    elif metric[0].function == "compare":
        chosen = metric[0].arguments[0]
        conditions = tuple(said for said in wanted.what if chosen != Filter(said.condition))
    spanset = _spanset(wording, wanted.where, conditions, measured=metric is not None)
    query = Query(Pipeline((spanset, *stages)), *(metric or (None, ())))
    text = show(query)
    check(read(text))
    named = window(question)
    return Translation(
        Language.TRACEQL, text, explain(query), named.start if named else None, named.end if named else None
    )


def _spanset(wording: Wording, where: tuple[Expression, ...], said: tuple[Said, ...], *, measured: bool) -> Spanset:
    services = wording.values(EntityType.SERVICE)
    excluded = wording.values(EntityType.SERVICE, negated=True)
    without = (spans.one_of(names.SERVICE, excluded, negative=True),) if excluded else ()
    what = tuple(one.condition for one in said)
    if excluded and _NEVER.search(wording.text):
        raise QueryRefused(
            f"TraceQL cannot ask for traces in which {excluded[0]} does not occur.",
            hint=f"Ask for the traces, and for those that reach {excluded[0]}; compare the two.",
        )
    if started := _STARTED.search(wording.plain):
        root = next(
            entity.value
            for entity in wording.named(EntityType.SERVICE)
            if entity.start >= started.start() and entity.end <= started.end()
        )
        rest = tuple(service for service in services if service != root)
        begin = Operation("=", Intrinsic("rootServiceName"), Text(root))
        inside = (spans.one_of(names.SERVICE, rest),) if rest else ()
        return Filter(every((begin, *inside, *where, *without, *what)))
    if len(services) < 2:
        return _of_one(wording, services, (*where, *without), what, measured)
    op, ordered = ("", services) if _EITHER.search(wording.plain) else structure(wording, services)
    if not op and (measured or _EITHER.search(wording.plain)):
        return Filter(every((spans.one_of(names.SERVICE, services), *where, *without, *what)))
    own = {
        service: tuple(one.condition for one in conditions)
        for service, conditions in owners(wording, op, ordered, said).items()
    }
    return _chain(op or "&&", ordered, (*where, *without), own)


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


def _chain(
    op: str, services: tuple[str, ...], where: tuple[Expression, ...], what: Mapping[str, tuple[Expression, ...]]
) -> Spanset:
    """`what`: the conditions of each service."""
    made: Spanset | None = None
    for service in services:
        own = (Operation("=", names.SERVICE, Text(service)), *where, *what.get(service, ()))
        one = Filter(every(own))
        made = one if made is None else Combined(op, made, one)
    assert made is not None  # noqa: S101  # at least two services
    return made
