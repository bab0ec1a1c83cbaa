"""What only the whole of a reading tells: what is a part of what, what is told apart, ranked and listed."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.nlp.interpretation import EntityType
from core.query.catalogue import SUBJECTS, Dimension
from core.query.catalogue.measures import Gauge
from core.query.promql import phrases
from core.query.promql.asked import Asked, Change, Filter, Limit
from core.query.promql.fitting import with_fitting_subject, with_known_kinds
from core.query.promql.phrases import Order, Statistic
from core.query.promql.states import INSTANCES, OCCURRENCES, of_something, with_states
from core.query.promql.words import Token
from core.query.translation import Question

_TIMES_AS_MUCH = re.compile(
    r"\b(?:(\d{1,3}(?:\.\d)?)(?:x| times)|doubled?|twice|doble|doppelt|tripled?|triple|dreifach|three times)\b",
    re.IGNORECASE,
)
_OF_ALL = re.compile(
    r"\b(?:total|all|overall|entire|whole|every|cluster)\b|\bhow much of\b|\b(?:share|fraction|percent|percentage|proportion|part|portion|%) of\b",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"\b(?:combined|together|altogether|jointly|summed|aggregated?|in one number|as one|added up|sum of|in sum|total|overall)\b",
    re.IGNORECASE,
)


def settled(asked: Asked, words: Sequence[Token], question: Question) -> Asked:
    """What only the whole tells."""
    asked = of_something(with_states(with_known_kinds(asked), question), question)
    asked = with_fitting_subject(asked, words, question)
    asked = _as_part(_with_percent(asked, words), question)
    asked = _without_strangers(asked)
    apart = any(token.word in {"vs", "versus"} for token in words)
    asked = _with_groups(asked, apart=apart, together=not apart and bool(_TOGETHER.search(question.text)))
    numbered = bool(_NUMBERED.search(question.text))
    asked = _with_order(_of_the_worst(asked, numbered=numbered), question)
    counted = _counted_noun(words)
    if counted and asked.limit and not (asked.counted and counted is Dimension.HOST):  # `up` is that of instances
        groups = asked.groups if counted in asked.groups else (counted, *asked.groups)
        others = tuple(kind for kind in groups if kind is not counted and isinstance(kind, Dimension))
        return replace(asked, counted=True, counted_by=others, groups=groups, statistic=None)
    if counted and not asked.limit and asked.subjects and asked.subjects[0].name in _HAPPENS and counted in _COUNTABLE:
        return replace(asked, counted=True, groups=(counted,), statistic=None, limit=Limit(">", 0, ""))
    asked = _fallen(asked, question)
    times = _TIMES_AS_MUCH.search(question.text)
    if asked.earlier and not asked.earlier.multiple and not asked.limit and times:
        number = float(times[1]) if times[1] else 3 if times[0].lower().startswith(("tripl", "three", "drei")) else 2
        return replace(asked, limit=Limit(">", number, ""), earlier=replace(asked.earlier, change=Change.RATIO))
    if _lists_occurrences(asked, words):
        return replace(asked, limit=Limit(">", 0, ""))
    if _lists_risen(asked, words):
        return replace(asked, limit=Limit(">", 1, ""))
    return asked


_MOVED_BY = re.compile(
    r"\b(drop(?:ped|s)?|fell|fallen|falls?|decreased?|declined?|down|sunk|up|grew|grown|risen|rose|increased?|jumped|higher|lower|gestiegen|gefallen)(?: by)? (?:more than |over |at least )?(\d{1,3}) ?(?:%|percent)",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(r"\bhow (?:much|many|far)\b|\bby what\b", re.IGNORECASE)
_HAPPENS = frozenset({"errors", "restarts", "oom_kills"})
_COUNTABLE = INSTANCES | {Dimension.SERVICE, Dimension.ENDPOINT, Dimension.NAMESPACE, Dimension.REGION}
"""Of these, those to which it happened are counted: "number of services with errors"."""
_HALVED = re.compile(r"\b(?:by (?:more than |over |at least )?half|halved|halbiert|a la mitad)\b", re.IGNORECASE)
_DOWNWARDS = re.compile(
    r"\b(?:down|drop(?:s|ped|ping)?|fell|fall(?:s|en|ing)?|decreas\w+|declin\w+|lower|fewer|less|lost|shrunk|shrank|dip(?:s|ped)?|sank|sunk|gesunken|gefallen|weniger|baj[óo]|cay[óo]|ca[ií]do|menos)\b",
    re.IGNORECASE,
)


def _fallen(asked: Asked, question: Question) -> Asked:
    """ "Down by more than 40%" is less than 0.6 of what it was."""
    limit, earlier = asked.limit, asked.earlier
    by = _MOVED_BY.search(question.text)
    if earlier and by and not (limit or earlier.multiple or _HOW_MUCH.search(question.text)):
        down, part = bool(_DOWNWARDS.match(by[1])), int(by[2]) / 100
        moved = Limit("<" if down else ">", round(1 - part if down else 1 + part, 6), "")
        return replace(asked, limit=moved, percent=False, earlier=replace(earlier, change=Change.RATIO))
    if (
        earlier
        and not limit
        and earlier.change is Change.RATIO
        and not earlier.multiple
        and _HALVED.search(question.text)
    ):
        return replace(asked, limit=Limit("<", 0.5, ""))
    if not (limit and earlier and limit.unit == "%" and ">" in limit.op and earlier.change is Change.RATIO):
        return asked
    start = next((e.start for e in question.entities if e.type is EntityType.THRESHOLD), 0)
    around = question.text[max(0, start - 24) : start + 40]
    if earlier.multiple or not _DOWNWARDS.search(around):
        return asked
    return replace(asked, limit=Limit(limit.op.replace(">", "<"), round(1 - limit.number / 100, 6), ""))


def _lists_risen(asked: Asked, words: Sequence[Token]) -> bool:
    """ "which services got slower" leaves out those that did not: their ratio to before is at most 1."""
    texts = {token.word for token in words}
    ratio = asked.earlier is not None and asked.earlier.change is Change.RATIO and not (asked.limit or asked.top)
    return ratio and bool(asked.groups) and bool(texts & {"which", "what", "any"}) and bool(texts & phrases.RISEN)


def _without_strangers(asked: Asked) -> Asked:
    """ "memory consumers" are no consumer groups: only brokers' metrics know those."""
    sources = [measure.source for subject in asked.subjects for measure in subject.measures]
    if not sources or any(Dimension.CONSUMER in source.dimensions for source in sources):
        return asked
    return replace(asked, groups=tuple(group for group in asked.groups if group is not Dimension.CONSUMER))


def _with_groups(asked: Asked, *, apart: bool, together: bool) -> Asked:
    """Two values of one kind, asked for side by side, are shown side by side; statuses and methods are added up unless set `apart`.
    `together`: one number of all is asked for."""
    kept = () if apart else (Dimension.STATUS, Dimension.METHOD)
    side_by_side = tuple(
        f.dimension
        for f in asked.filters
        if len(f.values) > 1 and not (f.negated or f.alternatives) and f.dimension not in (*kept, *asked.groups)
    )
    if asked.beside:
        return replace(asked, groups=tuple(group for group in asked.groups if group is not asked.beside[0]))
    return asked if together else replace(asked, groups=(*asked.groups, *side_by_side))


def _with_percent(asked: Asked, words: Sequence[Token]) -> Asked:
    """ "Grew by how many percent" asks for the difference, relative to what it was."""
    if not asked.percent or not asked.earlier:
        return asked
    moved = any(token.word in phrases.TREND | phrases.DIFFERENCE for token in words)
    return replace(asked, earlier=replace(asked.earlier, change=Change.DIFFERENCE)) if moved else asked


def _as_part(asked: Asked, question: Question) -> Asked:
    """ "What share of traffic goes to search": the requests with this label, of all that there are."""
    status = next((f for f in asked.filters if f.dimension is Dimension.STATUS and not f.negated), None)
    if asked.share and status and (nested := _nested(status, question.text)):
        others = tuple(f for f in asked.filters if f is not status)
        part, whole = nested
        requests = SUBJECTS["request_rate"]
        return replace(
            asked, subjects=(requests,), share=False, statistic=Statistic.RATE, filters=(*others, part), among=whole
        )
    if asked.share and not asked.limit and _COME_FROM.search(question.text):
        kinds = [f.dimension for f in asked.filters if f.dimension in _PARTS and len(f.values) == 1 and not f.negated]
        if kinds and asked.subjects and asked.subjects[0].name in ("errors", "error_rate"):
            narrowest = min(kinds, key=_PARTS.index)
            errors = (SUBJECTS["errors"],)
            return replace(asked, subjects=errors, part_of=narrowest, share=False, statistic=Statistic.RATE)
    if any(group not in asked.listed for group in asked.groups):
        return asked  # "share of traffic per version"
    kinds = [f.dimension for f in asked.filters if f.dimension in _PARTS and len(f.values) == 1 and not f.negated]
    plain = [subject.name for subject in asked.subjects] in (["request_rate"], ["cpu"], ["memory"])
    if not (
        asked.share and plain and kinds and not asked.earlier and not asked.limit and _OF_ALL.search(question.text)
    ):
        return asked
    if asked.subjects[0].name != "request_rate" and not _OF_EVERYTHING.search(question.text):
        return asked
    narrowest = min(kinds, key=_PARTS.index)
    return replace(asked, part_of=narrowest, share=False, statistic=None)


_COME_FROM = re.compile(
    r"\bof (?:all |the |our |total |every )*(?:errors?|failures?|failed \w+|server errors|[45]xx|[45]\d\ds?)(?: \w+){0,3} (?:come|comes|coming|came|are|is|originat\w+|caused|generated|produced|due|happen\w*|belong\w*) (?:from|by|to|in|on|at)\b",
    re.IGNORECASE,
)
"""Of everything that fails, the part of one: "what percentage of all 5xx come from payments"."""
_OF_ERRORS = re.compile(
    r"\b(?:of|among) (?:all |the |our |its )*(?:server |http )?(?:errors|failures|failed requests|failed calls)\b",
    re.IGNORECASE,
)


def _nested(status: Filter, text: str) -> tuple[Filter, Filter] | None:
    """One status among those of its class: "what part of the 5xx are 503", "how many of the errors are 504"."""
    classes = [value for value in status.values if value.endswith("xx")]
    plain = tuple(value for value in status.values if not value.endswith("xx"))
    if not classes and plain and all(value[0] == "5" for value in plain) and _OF_ERRORS.search(text):
        classes = ["5xx"]
    if len(classes) != 1 or not plain or any(value[0] != classes[0][0] for value in plain):
        return None
    return replace(status, values=plain), replace(status, values=tuple(classes))


_PARTS = (Dimension.ENDPOINT, Dimension.METHOD, Dimension.VERSION, Dimension.POD, Dimension.REGION, Dimension.SERVICE)
"""From the narrowest."""
_OF_EVERYTHING = re.compile(r"\b(?:total|all|overall|entire|whole|cluster)\b", re.IGNORECASE)


_ENDS = {Order.MOST: Statistic.MAXIMUM, Order.LEAST: Statistic.MINIMUM}


def _of_the_worst(asked: Asked, *, numbered: bool) -> Asked:
    """ "Peak memory over the last 6h, worst pod" is one number, and no ranking of what is used now."""
    extreme = asked.statistic in (Statistic.MAXIMUM, Statistic.MINIMUM)
    apart = tuple(group for group in asked.groups if group not in asked.listed)
    if extreme and asked.top and apart and asked.window.span and not numbered:
        return replace(asked, top=None, groups=apart)
    form = asked.subjects[0].measures[0].form if asked.subjects else None
    if (
        asked.top
        and isinstance(form, Gauge)
        and apart
        and asked.window.span
        and not numbered
        and asked.top.order in _ENDS
    ):
        return replace(asked, top=None, groups=apart, statistic=_ENDS[asked.top.order])
    if not (extreme and asked.top and asked.top.k == 1 and asked.window.span and set(asked.groups) <= INSTANCES):
        return asked
    across = tuple(group for group in asked.groups if isinstance(group, Dimension))
    return replace(asked, top=None, groups=(), across=across)


_NUMBERED = re.compile(
    r"\b(?:top|bottom|first|which|who)\b|\b\d{1,2} (?:most|highest|biggest|largest|lowest|worst)\b", re.IGNORECASE
)
_WORST_FIRST = re.compile(r"\bworst (?:ones? )?(?:first|on top|at the top)\b", re.IGNORECASE)


def _with_order(asked: Asked, question: Question) -> Asked:
    """The worst is the highest, but for what is good. A superlative that ranks is no peak over time."""
    if (asked.top or asked.descending is not None) and asked.statistic in (Statistic.MAXIMUM, Statistic.MINIMUM):
        asked = replace(asked, statistic=None)
    if asked.descending and asked.subjects and asked.subjects[0].more_is_better and _WORST_FIRST.search(question.text):
        asked = replace(asked, descending=False)
    if not asked.top or not asked.subjects or asked.top.order not in (Order.WORST, Order.BEST):
        return asked
    most = (asked.top.order is Order.WORST) is not asked.subjects[0].more_is_better
    return replace(asked, top=replace(asked.top, order=Order.MOST if most else Order.LEAST))


def _lists_occurrences(asked: Asked, words: Sequence[Token]) -> bool:
    """ "which pods restarted" and "pods with restarts" leave out those that did not."""
    if not asked.subjects or asked.subjects[0].name not in OCCURRENCES or not asked.groups or asked.limit or asked.top:
        return False
    first = phrases.nouns().at(words, 0)
    behind = words[first.last + 1 : first.last + 2] if first else ()
    if behind and behind[0].word.endswith(("ed", "ing")):
        return True  # "containers killed today"
    asking = phrases.WHICH - {"each", "every"} | {"with", "having", "have", "that"}
    return any(token.word in asking for token in words)


def _counted_noun(words: Sequence[Token]) -> Dimension | None:
    """The noun of "how many pods"."""
    for noun in phrases.nouns().find(words):
        before = " ".join(token.word for token in words[max(0, noun.first - 2) : noun.first])
        if before.endswith(("how many", "number of", "wie viele", "count of", "cuántos", "cuantos")):
            return noun.meaning
    return None
