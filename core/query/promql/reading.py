"""Reads what a sentence asks for. Never raises: what is not understood is left out, and translating then says so."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from core.query.catalogue import SUBJECTS, Dimension
from core.query.catalogue.custom import is_known
from core.query.promql import phrases
from core.query.promql.asked import Asked, Change, Limit
from core.query.promql.coordination import with_shared_nouns
from core.query.promql.mending import mended
from core.query.promql.phrases import Statistic
from core.query.promql.reading_filters import read_filters
from core.query.promql.reading_groups import named_one_by_one, read_across, read_groups, read_labels, read_sorted
from core.query.promql.reading_numbers import (
    held_against_its_most,
    is_percent,
    read_apdex,
    read_lacking,
    read_limit,
    read_per_seconds,
    read_quantiles,
    read_scale,
    read_statistic,
    says_rate,
)
from core.query.promql.reading_objectives import read_objective
from core.query.promql.reading_ranking import read_descending, read_extreme, read_top
from core.query.promql.reading_relations import read_beyond, read_multiple, read_relation
from core.query.promql.reading_subjects import is_ratio, read_metric_names, read_subjects
from core.query.promql.reading_times import ahead, read_ago, read_steps, read_times, read_trend, read_window
from core.query.promql.settling import settled
from core.query.promql.words import Token, tokens
from core.query.translation import Question
from core.query.wording import Wording

_EXTREMES = frozenset({Statistic.AVERAGE, Statistic.MAXIMUM, Statistic.MINIMUM})
_PEAKS = frozenset({Statistic.MAXIMUM, Statistic.MINIMUM})
_PER_TIME = frozenset({"/s", "/min"})
_TIMES = frozenset({"ms", "s", "m"})
_SUSPECTED = re.compile(r"\b(?:smells?|looks?|feels?|suspect(?:ing)?|think(?:ing)?|guess(?:ing)?|maybe|probably|possibl[ey]|might be|fear|worried about)\b[^.;?!]{0,24}\bleak", re.IGNORECASE)  # fmt: skip
"""A remark, and no wish to see how fast it grows."""
_MORE_THAN_CORES = re.compile(
    r"\b(?:above|over|(?:more|higher|greater) than|exceed(?:s|ing)?) (?:the |its |their )?(?:number of |count of )?(?:cpu )?(?:cores?|cpus?|core count|cpu count)\b",
    re.IGNORECASE,
)
_FEWER_THAN = re.compile(
    r"\b(?:fewer|less|lower|below|under|more|above)\b[^.;?!]{0,40}\b(?:than|the)? ?(?:desired|wanted|spec|requested)",
    re.IGNORECASE,
)
_REPLICAS = frozenset({"desired_replicas", "running_pods", "ready_pods", "unavailable_replicas"})
_SHORT_OF = re.compile(
    r"\b(?:short|lacking|missing|behind|below)\b.{0,60}\b(?:desired|wants?|wanted|spec\w*|should|supposed|asked|configured|expected|replicas?)\b|\b(?:pods?|replicas?) short\b",
    re.IGNORECASE,
)
"""How many pods are missing is told by two numbers of replicas."""
_EVER = re.compile(
    r"\b(?:at|in) any (?:time|point|moment)\b|\bever\b|\bat some (?:time|point)\b|\beven once\b|\bany ?time\b|\bat least once\b|\birgendwann\b|\bjemals\b|\balguna vez\b|\ben algún momento\b",
    re.IGNORECASE,
)
"""Whether a limit was passed, if only for a moment: by the peak, or the low."""
_OF_SPACE = re.compile(
    r"\b(?:full|fill(?:s|ed|ing)?|left|free|space|used|available|voll|libre|lleno|remaining|mount(?:point)?|partition|filesystem|disk|volume|run(?:s|ning)? out|zero|empty|forecast|predict\w*)\b",
    re.IGNORECASE,
)
_PER_CORE = re.compile(
    r"(?:\bper|/|\ba|\bpro|\bpor|\bby (?:the )?number of|\b(?:normali[sz]ed|divided) by(?: the)?(?: number of)?) ?(?:cpu )?(?:cores?|cpus?|kern|núcleo)\b",
    re.IGNORECASE,
)
_WINDOW_NAMED = re.compile(r"\b(?:window|rolling|trailing|averaged over)\b", re.IGNORECASE)
"""It is that of the rate, also where a graph is asked for."""
_ABSENT = re.compile(
    r"\babsent\b|\bno (?:\w+ )?(?:series|samples|time ?series)\b|\b(?:series|metrics?) (?:(?:is|are|has|have|went|gone) )?(?:missing|gone|vanished|disappeared|not there)\b|\b(?:missing|vanished) (?:series|metrics?)\b",
    re.IGNORECASE,
)
_WHAT_PART = re.compile(
    r"\b(?:what|which|how (?:big|large) an?) (?:part|portion|fraction|share|proportion)\b|\bhow much of (?:the |all |our )?(?:total|overall|whole|entire|all|traffic)\b",
    re.IGNORECASE,
)
_OF_A_CORE = re.compile(r"(?:%|\bpercent) of (?:an?|one|1) (?:cpu )?(?:core|cpu)\b", re.IGNORECASE)
_STATUS_TO_STATUS = re.compile(
    r"\b[1-5](?:xx|\d\d)['’]?s? (?:to|vs\.?|versus|over|divided by|minus) (?:the )?[1-5](?:xx|\d\d)['’]?s?\b",
    re.IGNORECASE,
)


def read(question: Question) -> Asked:
    """The question as values."""
    question = mended(question)
    wording = Wording(question)
    words = tokens(question, phrases.SPELLINGS, phrases.vocabulary())
    found = with_shared_nouns(words, tuple(phrases.subjects().find(words, loosely=True)))
    used = frozenset(place for match in found for place in range(match.first, match.last + 1))
    quantiles = read_quantiles(question)
    multiple = read_multiple(question)
    if multiple:
        question = multiple[1]
        wording = Wording(question)
    limit = read_limit(question, words, found, wording)
    subjects = read_subjects(question, words, found, quantiles, limit)
    if limit and limit.op == "==" and limit.number == 0 and (lacking := read_lacking(question, words, found)):
        subjects = (lacking,)
    statistic = read_statistic(question, words, used) or read_extreme(words)
    if limit and statistic is None and _EVER.search(question.text):
        statistic = Statistic.MINIMUM if limit.op.startswith("<") else Statistic.MAXIMUM
    rate, step, without = read_steps(question) if statistic in _PEAKS else (None, None, question)
    if subjects and subjects[0].name in _REPLICAS and _SHORT_OF.search(question.text):
        subjects = (SUBJECTS["available_replicas"],)
    if subjects and subjects[0].name == "desired_replicas" and _FEWER_THAN.search(question.text):
        subjects = (SUBJECTS["available_replicas"],)
    window, earlier = read_times(without, words, used)
    ago = timedelta(0)
    if earlier and earlier.implied and subjects == (SUBJECTS["health"],):
        earlier = None  # "up or down?"
    if multiple:
        window, earlier = read_window(question), multiple[0]
    elif earlier is None and without is question:
        ago, without = read_ago(question)
        window = read_times(without, words, used)[0] if ago else window
    if statistic is None and limit and limit.unit in _PER_TIME:
        statistic = Statistic.RATE
    across = read_across(words) if statistic in _EXTREMES else ()
    groups = tuple(kind for kind in read_groups(words, used, limited=limit is not None) if kind not in across)
    filters = read_filters(question, words, used, wording)
    vague = not subjects or subjects == (SUBJECTS["health"],)
    if vague and any(f.dimension is Dimension.MOUNTPOINT for f in filters) and _OF_SPACE.search(question.text):
        subjects = (SUBJECTS["disk"],)
    if not subjects and any(f.dimension in (Dimension.ENDPOINT, Dimension.METHOD) for f in filters):
        subjects = (SUBJECTS["request_rate"],)
    if not subjects and (counted := read_counted(words, statistic)):
        subjects = (SUBJECTS[counted],)
    metrics = read_metric_names(words)
    if metrics and not is_known(metrics[0]):
        groups = read_labels(words) or groups
    descending = read_descending(question.text)
    if descending is not None and not groups:
        groups = read_sorted(words)
    top = read_top(words, groups, whole=descending is not None)
    if top and statistic in _EXTREMES and says_rate(words):
        statistic = Statistic.RATE  # "the worst 3 by 5xx per second"
    asked = Asked(
        subjects=subjects,
        metrics=metrics,
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
        ratio=is_ratio(words, metrics or subjects),
        graph=not _WINDOW_NAMED.search(question.text)
        and (any(token.word in phrases.GRAPH for token in words) or "over time" in question.text.lower()),
        share=_is_share(question, words, limit, compared=earlier is not None),
        growth=any(token.word in phrases.GROWTH for token in words) and not _SUSPECTED.search(question.text),
        forecast=ahead(question.text),
        trend=read_trend(question),
        percent=(limit is None or limit.unit in _TIMES or not limit.unit) and is_percent(words),
        scale=read_scale(question, subjects[0] if subjects else None),
        across=across,
        descending=descending,
        objective=read_objective(question),
        relation=read_relation(
            question.text, words, found, subjects[0] if subjects else None, limited=limit is not None
        ),
        listed=frozenset(g for g in groups if isinstance(g, Dimension)) - named_one_by_one(words),
        rate=rate,
        step=step,
        apdex=read_apdex(question.text),
        per=SUBJECTS["core_count"] if _PER_CORE.search(question.text) else None,
        instances=any(token.stem in {"instance", "instanz"} for token in words),
        sources=frozenset(token.stem for token in words if token.stem) | {token.word for token in words if token.stem},
    )
    if _ABSENT.search(question.text) and not (limit or top):
        asked = asked if subjects or asked.metrics else replace(asked, subjects=(SUBJECTS["health"],))
        return replace(asked, absent=True, groups=(), statistic=None, share=False)
    if len(quantiles) == 2 and (change := _between_quantiles(question.text)):
        asked = replace(asked, spread=change, earlier=None, share=False)
    if (
        asked.limit is None
        and subjects
        and subjects[0].name.startswith("load")
        and _MORE_THAN_CORES.search(question.text)
    ):
        asked = replace(asked, per=SUBJECTS["core_count"], limit=Limit(">", 1, ""))
    return settled(_set_beside(asked, words, used, question.text), words, question)


_NUMBERS_OF = {Dimension.POD: "running_pods", Dimension.HOST: "ready_nodes"}


def read_counted(words: Sequence[Token], statistic: Statistic | None) -> str | None:
    """What counts the things that are named where nothing is measured: "pods per namespace", "how many pods run"."""
    for noun in phrases.nouns().find(words):
        apart = [token.word for token in words[noun.last + 1 : noun.last + 2]] in (["per"], ["by"], ["pro"], ["por"])
        if noun.meaning in _NUMBERS_OF and (statistic is Statistic.COUNT or (apart and noun.first == 0)):
            return _NUMBERS_OF[noun.meaning]
    return None


def _set_beside(asked: Asked, words: Sequence[Token], used: frozenset[int], text: str) -> Asked:
    """ "The ratio of traffic between checkout and cart" and "the difference between prod and staging" make one number of two."""
    pairs = [f.dimension for f in asked.filters if len(f.values) == 2 and not f.negated]
    if Dimension.STATUS in pairs and not _STATUS_TO_STATUS.search(text):
        pairs.remove(Dimension.STATUS)  # "5xx and 4xx" are added up
    if len(pairs) != 1 or asked.ratio or (asked.earlier and not asked.earlier.implied):
        return asked
    if len(asked.subjects) == 1 and (beyond := read_beyond(asked, words, text)):
        return replace(asked, beside=(pairs[0], Change.RATIO), beyond=beyond, earlier=None, share=False, limit=None)
    free = {token.word for place, token in enumerate(words) if place not in used}
    if free & (phrases.APART | {"minus"}):
        return replace(asked, beside=(pairs[0], Change.DIFFERENCE), earlier=None)
    return replace(asked, beside=(pairs[0], Change.RATIO), share=False) if free & {"ratio", "divided"} else asked


_SPREAD = re.compile(
    r"\bp\d{2,4} ?(?:over|/|divided by|to) ?(?:the )?p\d{2,4}\b|\b(?:(?P<less>difference|gap|delta|spread|distance|minus|unterschied|diferencia)|ratio|divided by)\b",
    re.IGNORECASE,
)


def _between_quantiles(text: str) -> Change | None:
    """ "The difference between p99 and p50"."""
    match = _SPREAD.search(text)
    return match and (Change.DIFFERENCE if match["less"] else Change.RATIO)


def _is_share(question: Question, words: Sequence[Token], limit: Limit | None, *, compared: bool) -> bool:
    """A part of what there is; "compared with last week as a ratio" is none, nor is "90% of a core"."""
    if _OF_A_CORE.search(question.text):
        return False
    said = phrases.PERCENT - {"ratio", "fraction"} if compared else phrases.PERCENT
    named = any(token.word in said for token in words) or bool(_WHAT_PART.search(question.text))
    return named or (limit is not None and limit.unit == "%") or held_against_its_most(words)
