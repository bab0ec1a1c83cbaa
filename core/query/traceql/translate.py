"""Sentences to TraceQL; the conventions are those of the package."""

import re
from collections.abc import Iterable

from core.nlp.interpretation import EntityType
from core.query.traceql import names, owning, series, spans, spansets, structure
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
from core.query.traceql.relating import direct
from core.query.traceql.said import Said, joined, one_of
from core.query.traceql.services import understood
from core.query.traceql.structure import Structure
from core.query.translation import Language, QueryRefused, Question, Translation
from core.query.window import window
from core.query.wording import BLANK, Wording

_READ_HERE = (EntityType.METRIC, EntityType.SEVERITY, EntityType.AGGREGATION, EntityType.WORKFLOW)
"""Types whose words mean something else in traces."""
_SERVICE = rf"{BLANK}+"
_DOWNSTREAM = re.compile(
    rf"\b(?:downstream (?:of|from)|below|underneath|under|child(?:ren)?(?: spans?)? of|descendants of|beneath|called by|behind|caused by|unter(?:halb)?(?: von)?|hinter|(?:por )?debajo de)\s+(?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_BELOW_IT = re.compile(
    rf"{_SERVICE}[^.;?!]{{0,40}}\b(?:something|anything|whatever|some|any|an?|one)\s(?:\w+\s){{0,3}}?(?:below|under(?:neath)?|beneath|downstream)(?: (?:it|them|that))?\b(?! (?:the )?{_SERVICE})(?! \d)"
    rf"|{_SERVICE}(?: spans?| traces?| calls?)?\s(?:has|have|having|with|whose|where)\s(?:an?\s|any\s|some\s|one\s|the\s|of its\s)?(?:[\w-]+\s){{0,2}}(?:child(?:ren)?|descendants?)\b(?! of)",
    re.IGNORECASE,
)
_PARENTS_OF_SUCH = re.compile(
    rf"\b(?:parents?|callers?)(?: spans?| services?)? of (?:the )?(?:(?:[\w-]+\s){{1,2}}{_SERVICE}|{_SERVICE}(?: spans?)? (?:errors?|failures?|exceptions?|timeouts?|[45]xx|[45]\d\ds?|spans? (?:that|which|with|over|slower|longer|taking)|that|which)\b)",
    re.IGNORECASE,
)
_UPSTREAM = re.compile(
    rf"\b(?:upstream (?:of|from)|above|parents?(?: spans?| services?)? of|callers? of|who calls|what calls|which services call|(?:who|what|that|which|whoever|whatever|anything|everything|services?|something) calls? (?:in)?to|calling)\s+(?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_CALLED = re.compile(
    rf"\b(?:what|whom|which services) (?:does|do|is|are) (?:the )?{_SERVICE} (?:call|calling|depend(?:ing)? on|talk(?:ing)? to|hit|use|invoke)"
    rf"|\b(?:everything|anything|whatever|(?:all )?(?:services|things))(?: that)? (?:the )?{_SERVICE} (?:calls|hits|uses|invokes|depends on|talks to)\b"
    rf"|\bcalls? (?:of|from|by|made by) (?:the )?{_SERVICE} to (?:its |any |all |the |some |other )*(?:downstreams?|dependenc\w+|others?|services?|backends?)\b"
    rf"|\b(?:dependencies of|calls made by|outgoing calls (?:of|from)) (?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_NOT_BELOW = re.compile(
    rf"\b(?:not|never|n['’]t|without being|nicht|no)\s(?:\w+\s){{0,3}}?(?:(?:called|triggered|invoked|caused|started|reached|used|queried|contacted) (?:\w+ )?(?:by|through|via|from)|(?:child(?:ren)?|descendants?)(?: spans?)? of|(?:below|under(?:neath)?|beneath|downstream of|behind|(?:coming|originating) from))\s(?:the )?{_SERVICE}",
    re.IGNORECASE,
)
_BY_OTHERS = re.compile(
    rf"\b(?:(?:called|invoked|used|hit|reached|triggered|queried|contacted) by|calls? from|coming from|from|whose (?:caller|parent) is|callers?|parents?) (?:\w+ ){{0,2}}?(?:anything|anyone|anybody|someone|somebody|something|everything|everyone|services?|others?|a service|callers?|any|any service)?\s?(?:but|other than|except(?: for)?|besides|apart from|not) (?:the )?{_SERVICE}",
    re.IGNORECASE,
)
""" "Called by anything other than cart"."""
_NEVER = re.compile(
    r"\b(?:never(?: ever)?|not|n['’]t) (?:call|reach|hit|touch|go|talk|see|involv|includ)|\b(?:but|and) never\b|\bnever (?:the )?\w+$",
    re.IGNORECASE,
)
_STARTED = re.compile(
    rf"(?<!-)\b(?:start(?:s|ed|ing)?(?: out)? (?:in|at|from|by|with|on)|begin(?:s|ning)? (?:in|at|with|on)|began (?:in|at|with)|originat(?:es|ed|ing|e) (?:in|at|from)|enter(?:s|ed|ing)? (?:the system )?(?:through|via|at|in|by)|(?:initiated|begun|launched|opened) (?:by|in|at)|rooted (?:in|at)"
    rf"|root(?: ?service(?: ?name)?| span)?(?: is| was| in|:| =)?|coming in (?:through|via|at|from|by)|came in (?:through|via|at|from)|kicked off (?:by|in|at)|entry(?: ?points?)?(?: service)?(?: is| was| at|:)?|first (?:service|hop|span)(?: is| was| in)?|beginnen (?:in|bei|mit|im)|starten (?:in|bei|mit|im)|(?:empiezan|empieza|inician|comienzan) (?:en|por|desde))\s+(?:the )?{_SERVICE}"
    rf"|(?:in|bei|im|mit) {_SERVICE} (?:starten|startet|beginnen|beginnt|anfangen|losgehen)"
    rf"|{_SERVICE}\s(?:is|as|being|was)\s(?:the\s|a\s|an\s|its\s|their\s)?(?:root|entry|entrypoint|first service)\b|{_SERVICE}\s(?:is|was)\swhere\s(?:the\s|a\s|these\s|those\s)?(?:traces?|requests?|it|they|everything)\s(?:start|begin|began|originate|enter)\w*|{_SERVICE}[ -]rooted\b",
    re.IGNORECASE,
)
_SPANS = re.compile(r"\b(?:spans?|calls?|quer(?:y|ies)|operations?)\b", re.IGNORECASE)
_FINE = frozenset(
    {Operation("!=", names.STATUS, Keyword("error"))}
    | {Operation("=", names.STATUS, Keyword(one)) for one in ("ok", "unset")}
)
"""Conditions of spans without errors."""
_BUT_NO_ERRORS = re.compile(r"\s(?:spans? )?(?:errors?|failures?|exceptions?|problems?|issues?)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\s(?:in[ -]?)?between\b", re.IGNORECASE)
_WITH = re.compile(r"\s(?:spans? )?(?:with|using|via|and (?:gets?|getting|got|sees?|seeing))\b", re.IGNORECASE)
""" "Who calls cart with PUT": what is said of the call."""
_RESUMES = re.compile(
    r"(?:\s(?:spans?|ones|calls?))?(?:\s(?:that|which|who|where|whose)\b|\s?:\s|\s[-–]\s)", re.IGNORECASE
)
"""Behind what is excluded: "except cart that failed", "not staging: cart errors"."""


def translate(question: Question) -> Translation:
    """The query for what is asked, and the window that is named.

    Raises:
        QueryRefused: nothing says which traces are meant, TraceQL cannot say it, or the query breaks a guard.
    """
    wording = Wording(understood(question), ignore=_READ_HERE)
    others = bool(wording.values(EntityType.SERVICE))
    for entity in wording.named(EntityType.SERVICE) + wording.named(EntityType.ENVIRONMENT):
        if wording.negated(entity.start) and _BETWEEN.match(wording.text, entity.end):
            wording.claim(entity.start, entity.end)  # "without payments in between"
        elif wording.negated(entity.start) and (resumed := _RESUMES.match(wording.text, entity.end)):
            wording.affirm(resumed.end() - 1)
        elif others and wording.negated(entity.start) and _BUT_NO_ERRORS.match(wording.plain, entity.end):
            # "cart errors but no ledger errors": the errors are denied, not the service
            wording.affirm(entity.start, entity.end)
    chosen = spansets.shown(wording)
    limit = series.limit(wording)
    wanted = spans.find(wording)
    root = _root(wording)
    parts = structure.read(wording, wanted.what)
    if root:
        below = any(link.placed and _of_service(root) in parts.parts[link.left].keys for link in parts.links)
        root = "" if below else root
        parts = parts if below else structure.read(wording, wanted.what, leave=(root,))
    several = len(parts.parts) > 1
    said = tuple(one for one in wanted.what if not several or one.condition not in parts.keys)
    folded, conditions = spansets.folded(wording, said)
    counted = any(
        isinstance(side, Aggregate) and side.function == "count" for one in folded for side in (one.left, one.right)
    )
    grouped = spansets.grouped(wording, limited=counted, folded=bool(folded))
    if called := _CALLED.search(wording.plain):
        wording.take(*called.span())  # "which services does checkout call" counts nothing
    timed = next((one.condition for one in wanted.what if spansets.is_limit(one.condition)), None)
    metric = None if folded or grouped else series.find(wording, failed=wanted.failed, timed=timed, limit=limit)
    groups = [grouped] if grouped else []
    stages: list[Stage] = [*groups, *folded] if counted else [*folded, *groups]
    if metric is None:
        stages += spansets.stages(wording, chosen)
    elif metric[0].function == "compare":
        apart = metric[0].arguments[0]
        conditions = tuple(
            one for one in conditions if apart != Filter(one.condition) and one.condition not in _FINE
        )  # "what differs between failing and ok spans"
    if several and metric and not parts.links:
        # Numbers are those of the services together.
        conditions = (*(one for one in wanted.what if one.condition in parts.keys), *conditions)
        parts = Structure()
    spanset = _spanset(wording, wanted.where, conditions, parts, root, measured=metric is not None)
    query = Query(Pipeline((spanset, *stages)), *(metric or (None, ())))
    text = show(query)
    check(read(text))
    named = window(question)
    return Translation(
        Language.TRACEQL, text, explain(query), named.start if named else None, named.end if named else None
    )


def _root(wording: Wording) -> str:
    """The service that traces are said to start in."""
    started = _STARTED.search(wording.plain)
    if started is None:
        return ""
    inside = (e.value for e in wording.named(EntityType.SERVICE) if started.start() <= e.start < started.end())
    return next(inside, "")


def _spanset(
    wording: Wording,
    where: tuple[Expression, ...],
    said: tuple[Said, ...],
    parts: Structure,
    root: str,
    *,
    measured: bool,
) -> Spanset:
    services = tuple(service for service in wording.values(EntityType.SERVICE) if service != root)
    excluded = wording.values(EntityType.SERVICE, negated=True)
    if services and excluded and not parts.links and (by := _BY_OTHERS.search(wording.plain)):
        others = Operation("!=", names.SERVICE, Text(_service_at(wording, by.end())))
        what = tuple(one.condition for one in joined(wording, said))
        op = ">" if direct(wording.plain) else ">>"
        return Combined(
            op, Filter(every((others, *where))), Filter(every((one_of(names.SERVICE, services), *where, *what)))
        )
    without = (one_of(names.SERVICE, excluded, negative=True),) if excluded else ()
    what = tuple(one.condition for one in joined(wording, said))
    if not root and (apart := _NOT_BELOW.search(wording.plain)):
        other = _service_at(wording, apart.end())
        rest = tuple(service for service in services if service != other)
        own = (one_of(names.SERVICE, rest),) if rest else ()
        above = Filter(every((_of_service(other), *where)))
        return Combined("!>" if direct(wording.plain) else "!>>", above, Filter(every((*own, *where, *what))))
    if excluded and _NEVER.search(wording.text):
        raise QueryRefused(
            f"TraceQL cannot ask for traces in which {excluded[0]} does not occur.",
            hint=f"Ask for the traces, and for those that reach {excluded[0]}; compare the two.",
        )
    if len(parts.parts) < 2:
        begin = (Operation("=", Intrinsic("rootServiceName"), Text(root)),) if root else ()
        if root:
            inside = (one_of(names.SERVICE, services),) if services else ()
            if not services and not _SPANS.search(wording.plain):
                what = tuple(map(_of_trace, what))
            return Filter(every((*begin, *inside, *where, *without, *what)))
        return _of_one(wording, services, (*where, *without), what, parts, measured)
    of_trace = tuple(one for one in said if root and _is_of_trace(one.condition))
    of_parts = tuple(one for one in said if one not in of_trace)
    own_of = {
        number: (*where, *without, *(one.condition for one in joined(wording, tuple(owned))))
        for number, owned in owning.owners(wording, parts, of_parts).items()
    }
    made = structure.spanset(parts, {i: own_of.get(i, (*where, *without)) for i in range(len(parts.parts))})
    if not root:
        return made
    begin = (Operation("=", Intrinsic("rootServiceName"), Text(root)),)
    return Combined("&&", Filter(every((*begin, *where, *(one.condition for one in of_trace)))), made)


def _of_trace(condition: Expression) -> Expression:
    """What is said of how long the root's trace took: "started in cart and took over 5s"."""
    match condition:
        case Operation(op=op, left=names.DURATION, right=right):
            return Operation(op, names.TRACE_DURATION, right)
        case _:
            return condition


def _service_at(wording: Wording, end: int) -> str:
    return next(entity.value for entity in wording.named(EntityType.SERVICE) if entity.end == end)


def _is_of_trace(condition: Expression) -> bool:
    return isinstance(condition, Operation) and condition.left == names.TRACE_DURATION


def _of_service(service: str) -> Expression:
    return Operation("=", names.SERVICE, Text(service))


def _of_one(
    wording: Wording,
    services: tuple[str, ...],
    where: tuple[Expression, ...],
    what: tuple[Expression, ...],
    parts: Structure,
    measured: bool,
) -> Spanset:
    own: tuple[Expression, ...] = (one_of(names.SERVICE, services),) if services else ()
    text = wording.plain
    if (services or parts.parts) and not measured:
        if not own:  # "children of place_order"
            own = parts.parts[0].keys
            text = _blanked(text, parts.parts[0].places)
        rest = tuple(one for one in what if one not in own)
        op = ">" if direct(wording.plain) else ">>"
        counted_children = any(isinstance(one, Operation) and one.left == Intrinsic("childCount") for one in rest)
        if _DOWNSTREAM.search(text) or (rest and not counted_children and _BELOW_IT.search(text)):
            return Combined(op, Filter(every((*own, *where))), Filter(every((*where, *rest))))
        if services and _CALLED.search(text):
            return Combined(op, Filter(every((*own, *where))), Filter(every((_other(services[0]), *where, *rest))))
        if _PARENTS_OF_SUCH.search(text):
            return Combined(
                op,
                Filter(every((_other(services[0]), *where)) if services else None),
                Filter(every((*own, *where, *rest))),
            )
        if upstream := _UPSTREAM.search(text):
            if services and rest and _WITH.match(text, upstream.end()):
                return Combined(op, Filter(every((*where, _other(services[0])))), Filter(every((*own, *where, *rest))))
            caller = (*where, *rest) if rest or not services else (*where, _other(services[0]))
            return Combined(op, Filter(every(caller)), Filter(every((*own, *where))))
        own = own if services else ()
    conditions = (*own, *where, *what)
    if conditions:
        return Filter(every(conditions))
    # Nothing is named: one span a trace, or one a request.
    return Filter(
        Operation("=", names.KIND, Keyword("server")) if measured else Operation("<", names.PARENT, Quantity("0"))
    )


def _blanked(text: str, places: Iterable[tuple[int, int]]) -> str:
    for start, end in places:
        text = text[:start] + BLANK * (end - start) + text[end:]
    return text


def _other(service: str) -> Expression:
    return Operation("!=", names.SERVICE, Text(service))
