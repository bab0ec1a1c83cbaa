"""Reads what a sentence asks for. Never raises: what is not understood is left out, and translating then says so."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from core.query.catalogue import SUBJECTS, Dimension
from core.query.promql import phrases
from core.query.promql.asked import Asked, Change, Limit
from core.query.promql.mending import mended
from core.query.promql.phrases import Order, Statistic
from core.query.promql.reading_filters import read_filters
from core.query.promql.reading_groups import read_across, read_descending, read_groups, read_top
from core.query.promql.reading_numbers import (
    is_percent,
    read_limit,
    read_per_seconds,
    read_quantiles,
    read_scale,
    read_statistic,
    says_rate,
)
from core.query.promql.reading_subjects import (
    KINDS_OF_REQUEST,
    is_ratio,
    is_weak,
    read_metric_names,
    read_subjects,
)
from core.query.promql.reading_times import ahead, read_ago, read_times
from core.query.promql.words import Token, tokens
from core.query.translation import Question
from core.query.wording import Wording

_EXTREMES = frozenset({Statistic.AVERAGE, Statistic.MAXIMUM, Statistic.MINIMUM})
_PER_TIME = frozenset({"/s", "/min"})
_WINDOW_NAMED = re.compile(r"\b(?:window|rolling|trailing|averaged over)\b", re.IGNORECASE)
"""It is that of the rate, also where a graph is asked for."""
_TIMES_AS_MUCH = re.compile(
    r"\b(?:(\d{1,3}(?:\.\d)?)(?:x| times)|doubled?|twice|doble|doppelt|tripled?|triple|dreifach|three times)\b",
    re.IGNORECASE,
)
_NOT_UP = re.compile(
    r"\b(?:not|(?:is|are|was|were|do|does|did)n['’]?t)(?: \w{1,20}){0,2} (?:up|ok|healthy|alive|running|reachable|responding|available)\b",
    re.IGNORECASE,
)
_OF_ALL = re.compile(
    r"\b(?:total|all|overall|entire|whole|every|cluster)\b|\b(?:share|fraction|percent|percentage|proportion|part|portion|%) of\b",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"\babsent\b|\bno (?:\w+ )?(?:series|samples|time ?series)\b|\b(?:series|metrics?) (?:(?:is|are|has|have|went|gone) )?(?:missing|gone|vanished|disappeared|not there)\b|\b(?:missing|vanished) (?:series|metrics?)\b",
    re.IGNORECASE,
)
_WHAT_PART = re.compile(
    r"\b(?:what|which|how (?:big|large) an?) (?:part|portion|fraction|share|proportion)\b", re.IGNORECASE
)
_TOGETHER = re.compile(
    r"\b(?:combined|together|altogether|jointly|summed|aggregated?|in one number|as one|added up|sum of|in sum|total|overall)\b",
    re.IGNORECASE,
)
_OBJECTIVE = re.compile(r"\b(\d{2}(?:\.\d{1,4})?) ?(?:%|percent)", re.IGNORECASE)
_OF_A_CORE = re.compile(r"(?:%|\bpercent) of (?:an?|one|1) (?:cpu )?(?:core|cpu)\b", re.IGNORECASE)
_STATUS_TO_STATUS = re.compile(
    r"\b[1-5](?:xx|\d\d)['’]?s? (?:to|vs\.?|versus|over|divided by|minus) (?:the )?[1-5](?:xx|\d\d)['’]?s?\b",
    re.IGNORECASE,
)
_RATE_OF_STATUS = re.compile(
    r"\brate of (?:http |status )?[1-5](?:\d\d|xx)\b|\brate of [1-5](?:\d\d|xx)['’]?s\b", re.IGNORECASE
)
_FULL = re.compile(r"\bfill(?:s|ed|ing)?(?: up)?\b|\brun(?:ning|s)? out\b|\bvoll(?:laufen)?\b|\bfull (?:in|within|by)\b|\b(?:when|will) .{0,40}\b(?:full|fill)\b|\blleno\b|\bexhaust", re.IGNORECASE)  # fmt: skip
_DAY = timedelta(days=1)
"""How far "will the disk fill up" looks ahead."""
_FORECAST = frozenset({"disk", "free_disk", "free_disk_share", "volume_usage", "memory", "free_memory", "certificate_expiry"})  # fmt: skip


def read(question: Question) -> Asked:
    """The question as values."""
    question = mended(question)
    wording = Wording(question)
    words = tokens(question, phrases.SPELLINGS, phrases.vocabulary())
    found = tuple(phrases.subjects().find(words))
    used = frozenset(place for match in found for place in range(match.first, match.last + 1))
    quantiles = read_quantiles(question)
    limit = read_limit(question, words, found, wording)
    subjects = read_subjects(question, words, found, quantiles, limit)
    window, earlier = read_times(question, words, used)
    ago = timedelta(0)
    if earlier is None:
        ago, without = read_ago(question)
        window = read_times(without, words, used)[0] if ago else window
    statistic = read_statistic(question, words, used)
    if statistic is None and limit and limit.unit in _PER_TIME:
        statistic = Statistic.RATE
    across = read_across(words) if statistic in _EXTREMES else ()
    groups = tuple(kind for kind in read_groups(words, used, limited=limit is not None) if kind not in across)
    filters = read_filters(question, words, used, wording)
    if not subjects and any(f.dimension in (Dimension.ENDPOINT, Dimension.METHOD) for f in filters):
        subjects = (SUBJECTS["request_rate"],)
    descending = read_descending(question.text)
    top = read_top(words, groups, whole=descending is not None)
    if top and statistic in _EXTREMES and says_rate(words):
        statistic = Statistic.RATE  # "the worst 3 by 5xx per second"
    asked = Asked(
        subjects=subjects,
        metrics=read_metric_names(words),
        quantiles=quantiles,
        statistic=statistic,
        filters=filters,
        groups=groups,
        top=top,
        window=window,
        earlier=earlier,
        ago=ago,
        limit=limit,
        per_seconds=read_per_seconds(words),
        ratio=is_ratio(words, subjects),
        graph=not _WINDOW_NAMED.search(question.text)
        and (any(token.text.lower() in phrases.GRAPH for token in words) or "over time" in question.text.lower()),
        share=_is_share(question, words, limit, compared=earlier is not None),
        growth=any(token.text.lower() in phrases.GROWTH for token in words),
        forecast=ahead(question.text),
        percent=(limit is None or limit.unit in _TIMES) and is_percent(words),
        scale=read_scale(question, subjects[0] if subjects else None),
        across=across,
        descending=descending,
        sources=frozenset(token.stem for token in words if token.stem)
        | {token.text.lower() for token in words if token.stem},
    )
    if _ABSENT.search(question.text) and not (limit or top):
        return replace(asked, absent=True, groups=(), statistic=None, share=False)
    return _settled(_set_beside(asked, words, used, question.text), words, question)


def _set_beside(asked: Asked, words: Sequence[Token], used: frozenset[int], text: str) -> Asked:
    """ "The ratio of traffic between checkout and cart" and "the difference between prod and staging" make one number of two."""
    pairs = [f.dimension for f in asked.filters if len(f.values) == 2 and not f.negated]
    if Dimension.STATUS in pairs and not _STATUS_TO_STATUS.search(text):
        pairs.remove(Dimension.STATUS)  # "5xx and 4xx" are added up
    if len(pairs) != 1 or asked.ratio or (asked.earlier and not asked.earlier.implied):
        return asked
    free = {token.text.lower() for place, token in enumerate(words) if place not in used}
    if free & (phrases.APART | {"minus"}):
        return replace(asked, beside=(pairs[0], Change.DIFFERENCE), earlier=None)
    return replace(asked, beside=(pairs[0], Change.RATIO), share=False) if free & {"ratio", "divided"} else asked


def _is_share(question: Question, words: Sequence[Token], limit: Limit | None, *, compared: bool) -> bool:
    """A part of what there is; "compared with last week as a ratio" is none, nor is "90% of a core"."""
    if _OF_A_CORE.search(question.text):
        return False
    said = phrases.PERCENT - {"ratio", "fraction"} if compared else phrases.PERCENT
    named = any(token.text.lower() in said for token in words) or bool(_WHAT_PART.search(question.text))
    return named or (limit is not None and limit.unit == "%")


_FREE = {"disk": "free_disk", "disk_usage": "free_disk", "memory": "free_memory"}
_LEFT_OF_IT = re.compile(
    r"(?:%|percent) (?:of (?:it|them|space|disk|memory) )?(?:free|left|available|remaining|spare)\b", re.IGNORECASE
)
"""What is free is another number than what is used: "under 10% free"."""
_OF_GOOD_ONES = frozenset({"availability", "success_rate"})
"""Shares that leave statuses out themselves; where statuses are named, those count."""
_OF_MODELS = frozenset({"token_usage", "input_tokens", "output_tokens", "cost"})
_OCCURRENCES = frozenset({"restarts", "oom_kills", "crash_loops", "failed_jobs", "unready_pods", "pending_pods", "failed_pods", "unavailable_replicas"})  # fmt: skip
"""Asking which things have them leaves out those that have none."""
_HEALTH = frozenset({"up", "down", "alive", "healthy", "unhealthy", "dead", "reachable", "unreachable"})
"""Of instances this is what `up` says; without it they are replicas."""
_DOWN = frozenset({"down", "unhealthy", "unreachable", "dead", "failing", "offline"})
_TIMES = frozenset({"ms", "s", "m"})


def _settled(asked: Asked, words: Sequence[Token], question: Question) -> Asked:
    """What only the whole tells."""
    asked = _with_fitting_subject(asked, words, question)
    asked = _as_part(_with_percent(asked, words), question)
    asked = _without_strangers(asked)
    apart = any(token.text.lower() in {"vs", "versus"} for token in words)
    asked = _with_groups(asked, apart=apart, together=not apart and bool(_TOGETHER.search(question.text)))
    asked = _with_order(_of_the_worst(asked))
    counted = _counted_noun(words)
    if counted and asked.limit and not (asked.counted and counted is Dimension.HOST):  # `up` is that of instances
        groups = asked.groups if counted in asked.groups else (counted, *asked.groups)
        others = tuple(kind for kind in groups if kind is not counted and isinstance(kind, Dimension))
        return replace(asked, counted=True, counted_by=others, groups=groups, statistic=None)
    times = _TIMES_AS_MUCH.search(question.text)
    if asked.earlier and not asked.limit and times:
        number = float(times[1]) if times[1] else 3 if times[0].lower().startswith(("tripl", "three", "drei")) else 2
        return replace(asked, limit=Limit(">", number, ""), earlier=replace(asked.earlier, change=Change.RATIO))
    if _lists_occurrences(asked, words):
        return replace(asked, limit=Limit(">", 0, ""))
    if _lists_risen(asked, words):
        return replace(asked, limit=Limit(">", 1, ""))
    return asked


def _with_fitting_subject(asked: Asked, words: Sequence[Token], question: Question) -> Asked:
    name = asked.subjects[0].name if asked.subjects else ""
    if asked.ratio and name in _OF_MODELS and asked.subjects[1].name == "request_rate":
        return replace(asked, subjects=(asked.subjects[0], SUBJECTS["llm_requests"]))
    # A share of the requests with a status is the error rate's formula with that status.
    statuses = any(f.dimension is Dimension.STATUS for f in asked.filters)
    of_requests = not name or name in KINDS_OF_REQUEST or name in _OF_GOOD_ONES
    if statuses and not asked.ratio and of_requests and (asked.share or _status_rate(words)):
        return replace(asked, subjects=(SUBJECTS["error_rate"],))
    if statuses and _RATE_OF_STATUS.search(question.text):
        return replace(asked, subjects=(SUBJECTS["errors"],), statistic=Statistic.RATE)
    if statuses and not name and not asked.metrics:
        return replace(asked, subjects=(SUBJECTS["errors"],))
    part = asked.share and asked.limit is not None and asked.limit.unit in _TIMES and not asked.quantiles
    if name == "latency" and (part or _counts_slow_requests(asked, words)):
        return replace(asked, subjects=(SUBJECTS["request_rate"],))
    if name == "available_replicas" and _HEALTH & {token.text.lower() for token in words}:
        name, asked = (
            "health",
            replace(
                asked,
                subjects=(SUBJECTS["health"],),
                groups=tuple(group for group in asked.groups if group not in _INSTANCES),
                statistic=Statistic.COUNT,
            ),
        )
    if name in ("health", "uptime") and (asked.share or asked.statistic is Statistic.AVERAGE) and asked.window.span:
        return replace(asked, subjects=(SUBJECTS["uptime"],), share=False, statistic=None)
    if name == "error_rate" and "burn" in question.text.lower() and (objective := _OBJECTIVE.search(question.text)):
        return replace(asked, budget=round(1 - float(objective[1]) / 100, 6), percent=False, limit=None)
    if name in _FREE and asked.limit and asked.limit.unit == "%" and _LEFT_OF_IT.search(question.text):
        return replace(asked, subjects=(SUBJECTS[_FREE[name]],), share=True)
    if name == "error_rate" and asked.limit and asked.limit.unit == "/s":
        return replace(asked, subjects=(SUBJECTS["errors"],), statistic=Statistic.RATE)
    if name == "health" and asked.share:
        return replace(asked, share=False, statistic=Statistic.AVERAGE, groups=())
    service = any(f.dimension is Dimension.SERVICE for f in asked.filters)
    listed = bool(asked.groups) or any(words[noun.last].plural for noun in phrases.nouns().find(words))
    if (
        name == "health"
        and not asked.limit
        and (listed or not service or asked.statistic is Statistic.COUNT)
        and (_DOWN & {token.text.lower() for token in words} or _NOT_UP.search(question.text))
    ):
        asked = replace(asked, limit=Limit("==", 0, ""))
        if asked.statistic is not Statistic.COUNT:
            return replace(asked, statistic=None)
        by = tuple(kind for kind in asked.groups if isinstance(kind, Dimension))
        return replace(asked, statistic=None, counted=True, counted_by=by, groups=())
    if name == "health" and not asked.limit and set(asked.groups) <= _INSTANCES:
        return replace(asked, groups=())  # `up` is told apart by its instances already
    if name not in _FORECAST:
        return replace(asked, forecast=None)
    if asked.forecast is None and _FULL.search(question.text):
        return replace(asked, forecast=_DAY)
    return asked


def _counts_slow_requests(asked: Asked, words: Sequence[Token]) -> bool:
    """ "how many requests took longer than 2s" counts requests, though slowness is named as well."""
    if asked.limit is None or asked.limit.unit not in _TIMES or asked.quantiles:
        return False
    found = tuple(phrases.subjects().find(words))
    plainly_latency = any(match.meaning.name == "latency" and not is_weak(words, match) for match in found)
    return any(match.meaning.name == "request_rate" for match in found) and not plainly_latency


def _status_rate(words: Sequence[Token]) -> bool:
    """ "404 rate", like "error rate", is a share."""
    return any(before.text[:1].isdigit() and token.stem == "rate" for before, token in pairwise(words))


def _lists_risen(asked: Asked, words: Sequence[Token]) -> bool:
    """ "which services got slower" leaves out those that did not: their ratio to before is at most 1."""
    texts = {token.text.lower() for token in words}
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
    moved = any(token.text.lower() in phrases.TREND | phrases.DIFFERENCE for token in words)
    return replace(asked, earlier=replace(asked.earlier, change=Change.DIFFERENCE)) if moved else asked


def _as_part(asked: Asked, question: Question) -> Asked:
    """ "What share of traffic goes to search": the requests with this label, of all that there are."""
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


_PARTS = (Dimension.ENDPOINT, Dimension.METHOD, Dimension.VERSION, Dimension.POD, Dimension.REGION, Dimension.SERVICE)
"""From the narrowest."""
_OF_EVERYTHING = re.compile(r"\b(?:total|all|overall|entire|whole|cluster)\b", re.IGNORECASE)
_INSTANCES = frozenset({Dimension.POD, Dimension.HOST, Dimension.CONTAINER})


def _of_the_worst(asked: Asked) -> Asked:
    """ "Peak memory over the last 6h, worst pod" is one number, and no ranking of what is used now."""
    extreme = asked.statistic in (Statistic.MAXIMUM, Statistic.MINIMUM)
    if not (extreme and asked.top and asked.top.k == 1 and asked.window.span and set(asked.groups) <= _INSTANCES):
        return asked
    across = tuple(group for group in asked.groups if isinstance(group, Dimension))
    return replace(asked, top=None, groups=(), across=across)


def _with_order(asked: Asked) -> Asked:
    """The worst is the highest, but for what is good. A superlative that ranks is no peak over time."""
    if (asked.top or asked.descending is not None) and asked.statistic in (Statistic.MAXIMUM, Statistic.MINIMUM):
        asked = replace(asked, statistic=None)
    if not asked.top or not asked.subjects or asked.top.order not in (Order.WORST, Order.BEST):
        return asked
    most = (asked.top.order is Order.WORST) is not asked.subjects[0].more_is_better
    return replace(asked, top=replace(asked.top, order=Order.MOST if most else Order.LEAST))


def _lists_occurrences(asked: Asked, words: Sequence[Token]) -> bool:
    """ "which pods restarted" and "pods with restarts" leave out those that did not."""
    if not asked.subjects or asked.subjects[0].name not in _OCCURRENCES or not asked.groups or asked.limit or asked.top:
        return False
    asking = phrases.WHICH - {"each", "every"} | {"with", "having", "have"}
    return any(token.text.lower() in asking for token in words)


def _counted_noun(words: Sequence[Token]) -> Dimension | None:
    """The noun of "how many pods"."""
    for noun in phrases.nouns().find(words):
        before = " ".join(token.text.lower() for token in words[max(0, noun.first - 2) : noun.first])
        if before.endswith(("how many", "number of", "wie viele", "count of", "cuántos", "cuantos")):
            return noun.meaning
    return None
