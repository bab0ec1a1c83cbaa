"""Reads what a sentence asks for. Never raises: what is not understood is left out, and translating then says so."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from core.nlp.interpretation import EntityType
from core.query.catalogue import SUBJECTS, Dimension, Subject
from core.query.promql import phrases
from core.query.promql.asked import Asked, Change, Limit
from core.query.promql.phrases import STATISTICS, Order, Statistic
from core.query.promql.reading_filters import read_filters, read_groups, read_top
from core.query.promql.reading_times import ahead, read_ago, read_times
from core.query.promql.words import Match, Token, tokens
from core.query.translation import Question
from core.query.wording import word_set

_METRIC_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[:_][A-Za-z0-9_]+)+")
_NO_METRIC = re.compile(r"(?:p\d+|[1-5]xx)_.*|.*_(?:id|svc|service|api|db|env|prod|staging)", re.IGNORECASE)
_QUANTILE = re.compile(
    r"\bp(\d{2,4})(?:\.(\d{1,3}))?\b|\b(\d{1,2}(?:\.\d{1,3})?)(?:th|st|nd|rd|er|\.)?[ -]?(?:percentile|%ile|pctl?|perzentil|quantile|percentil)\b|\b(median)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"(>=|<=|==|!=|>|<|=)\s*\$?(-?\d+(?:\.\d+)?)\s*(.*)", re.DOTALL)
_BOTH_WAYS = re.compile(r"\b(?:in|inbound|rx|ingress|received?|incoming) ?(?:and|/|&|\+) ?(?:out|outbound|tx|egress|sent|transmitted|outgoing)\b", re.IGNORECASE)  # fmt: skip
_OF_A_CORE = re.compile(r"(?:%|\bpercent) of (?:an?|one|1) (?:cpu )?(?:core|cpu)\b", re.IGNORECASE)
_RATE_OF_STATUS = re.compile(
    r"\brate of (?:http |status )?[1-5](?:\d\d|xx)\b|\brate of [1-5](?:\d\d|xx)['’]?s\b", re.IGNORECASE
)
_FULL = re.compile(r"\bfill(?:s|ed|ing)?(?: up)?\b|\brun(?:ning|s)? out\b|\bvoll(?:laufen)?\b|\bfull (?:in|within|by)\b|\b(?:when|will) .{0,40}\b(?:full|fill)\b|\blleno\b|\bexhaust", re.IGNORECASE)  # fmt: skip
_WEAK = word_set(
    "request req hit call rpc busy busiest slow slower slowest slowness sluggish laggy fast faster fastest speed duration up down ok okay doing "
    "health healthy unhealthy alive reachable fail failed failing error failure query connection available burn price temp hot hottest "
    "inbound outbound red respond responding behind target scrape scraped load queue volume bill money commit crash thread lag token "
    "langsam langsamer lento lenta gesund fehler fallo heartbeat exception 5xx invocation anfrage gpu reboot media speicher erroring "
    "core flaky unreliable overloaded throttle tls ssl kv cert certificate probe spent transaction replica disk storage rx tx network"
)
"""Single words that also say other things; any longer or plainer phrase is believed before them."""
_ORDER_OF_BELIEF = ("latency", "error_rate", "errors", "request_rate", "health")
"""Among the vaguest subjects: "slow requests" is about latency, "failing requests" about errors."""
_VAGUE = frozenset(_ORDER_OF_BELIEF)
_KINDS_OF_REQUEST = frozenset({"request_rate", "llm_requests", "errors"})

_STATISTICS = frozenset(statistic.value for statistic in Statistic)
_DAY = timedelta(days=1)
"""How far "will the disk fill up" looks ahead."""
_FORECAST = frozenset({"disk", "free_disk", "free_disk_share", "volume_usage", "memory", "free_memory", "certificate_expiry"})  # fmt: skip


def read(question: Question) -> Asked:
    """The question as values."""
    words = tokens(question, phrases.SPELLINGS, phrases.vocabulary())
    found = tuple(phrases.subjects().find(words))
    used = frozenset(place for match in found for place in range(match.first, match.last + 1))
    quantiles = _quantiles(question)
    limit = _limit(question)
    subjects = _subjects(question, words, found, quantiles, limit)
    window, earlier = read_times(question, words, used)
    ago = timedelta(0)
    if earlier is None:
        ago, without = read_ago(question)
        window = read_times(without, words, used)[0] if ago else window
    groups = read_groups(words, used, limited=limit is not None)
    filters = read_filters(question, words, used)
    asked = Asked(
        subjects=subjects,
        metrics=_metric_names(words),
        quantiles=quantiles,
        statistic=_statistic(question, words, used),
        filters=filters,
        groups=groups,
        top=read_top(words, groups),
        window=window,
        earlier=earlier,
        ago=ago,
        limit=limit,
        per_seconds=_per_seconds(words),
        ratio=_is_ratio(words, subjects),
        graph=any(token.text.lower() in phrases.GRAPH for token in words) or "over time" in question.text.lower(),
        share=_is_share(question, words, limit, compared=earlier is not None),
        growth=any(token.text.lower() in phrases.GROWTH for token in words),
        forecast=ahead(question.text),
        sources=frozenset(token.stem for token in words if token.stem)
        | {token.text.lower() for token in words if token.stem},
    )
    return _settled(_set_beside(asked, words, used), words, question)


def _set_beside(asked: Asked, words: Sequence[Token], used: frozenset[int]) -> Asked:
    """ "The ratio of traffic between checkout and cart" and "the difference between prod and staging" make one number of two."""
    pairs = [f.dimension for f in asked.filters if len(f.values) == 2 and not f.negated and f.dimension is not Dimension.STATUS]  # fmt: skip
    if len(pairs) != 1 or asked.ratio or (asked.earlier and not asked.earlier.implied):
        return asked
    free = {token.text.lower() for place, token in enumerate(words) if place not in used}
    if free & phrases.APART:
        return replace(asked, beside=(pairs[0], Change.DIFFERENCE), earlier=None)
    return replace(asked, beside=(pairs[0], Change.RATIO), share=False) if free & {"ratio", "divided"} else asked


def _is_share(question: Question, words: Sequence[Token], limit: Limit | None, *, compared: bool) -> bool:
    """A part of what there is; "compared with last week as a ratio" is none, nor is "90% of a core"."""
    if _OF_A_CORE.search(question.text):
        return False
    said = phrases.PERCENT - {"ratio", "fraction"} if compared else phrases.PERCENT
    return any(token.text.lower() in said for token in words) or (limit is not None and limit.unit == "%")


_OF_MODELS = frozenset({"token_usage", "input_tokens", "output_tokens", "cost"})
_OCCURRENCES = frozenset({"restarts", "oom_kills", "crash_loops", "failed_jobs", "unready_pods", "pending_pods", "failed_pods", "unavailable_replicas"})  # fmt: skip
"""Asking which things have them leaves out those that have none."""
_HEALTH = frozenset({"up", "down", "alive", "healthy", "unhealthy", "dead", "reachable", "unreachable"})
"""Of instances this is what `up` says; without it they are replicas."""
_DOWN = frozenset({"down", "unhealthy", "unreachable", "dead", "failing", "offline"})
_RATE_UNITS = frozenset({"rps", "qps", "rpm", "tps", "req/s", "reqs/s", "requests/s", "/s", "req/sec"})
_BYTE_UNITS = frozenset({"b", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "g", "mi", "gi"})
_TIMES = frozenset({"ms", "s", "m"})


def _settled(asked: Asked, words: Sequence[Token], question: Question) -> Asked:
    """What only the whole tells."""
    asked = _with_fitting_subject(asked, words, question)
    asked = _without_strangers(asked)
    asked = _with_groups(asked, apart=any(token.text.lower() in {"vs", "versus"} for token in words))
    asked = _with_order(asked)
    counted = _counted_noun(words)
    if counted and asked.limit and not (asked.counted and counted is Dimension.HOST):  # `up` is that of instances
        groups = asked.groups if counted in asked.groups else (counted, *asked.groups)
        return replace(asked, counted=True, groups=groups, statistic=None)
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
    if (
        statuses
        and not asked.ratio
        and (not name or name in _KINDS_OF_REQUEST)
        and (asked.share or _status_rate(words))
    ):
        return replace(asked, subjects=(SUBJECTS["error_rate"],))
    if statuses and _RATE_OF_STATUS.search(question.text):
        return replace(asked, subjects=(SUBJECTS["errors"],), statistic=Statistic.RATE)
    if statuses and not name and not asked.metrics:
        return replace(asked, subjects=(SUBJECTS["errors"],))
    if name == "latency" and _counts_slow_requests(asked, words):
        return replace(asked, subjects=(SUBJECTS["request_rate"],))
    if name == "available_replicas" and _HEALTH & {token.text.lower() for token in words}:
        name, asked = "health", replace(asked, subjects=(SUBJECTS["health"],), groups=(), statistic=Statistic.COUNT)
    if name == "health" and asked.share:
        return replace(asked, share=False, statistic=Statistic.AVERAGE, groups=())
    service = any(f.dimension is Dimension.SERVICE for f in asked.filters)
    listed = bool(asked.groups) or any(words[noun.last].plural for noun in phrases.nouns().find(words))
    if (
        name == "health"
        and not asked.limit
        and (listed or not service)
        and _DOWN & {token.text.lower() for token in words}
    ):
        return replace(asked, limit=Limit("==", 0, ""), statistic=None, counted=asked.statistic is Statistic.COUNT)
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
    plainly_latency = any(match.meaning.name == "latency" and not _is_weak(words, match) for match in found)
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


def _with_groups(asked: Asked, *, apart: bool) -> Asked:
    """Two values of one kind, asked for side by side, are shown side by side; statuses are added up unless set `apart`."""
    kept = () if apart else (Dimension.STATUS,)
    side_by_side = tuple(
        f.dimension
        for f in asked.filters
        if len(f.values) > 1 and not f.negated and f.dimension not in (*kept, *asked.groups)
    )
    if asked.beside:
        return replace(asked, groups=tuple(group for group in asked.groups if group is not asked.beside[0]))
    return replace(asked, groups=(*asked.groups, *side_by_side))


def _with_order(asked: Asked) -> Asked:
    """The worst is the highest, but for what is good. A superlative that ranks is no peak over time."""
    if asked.top and asked.statistic in (Statistic.MAXIMUM, Statistic.MINIMUM):
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


def _subjects(
    question: Question,
    words: Sequence[Token],
    found: Sequence[Match[Subject]],
    quantiles: tuple[float, ...],
    limit: Limit | None,
) -> tuple[Subject, ...]:
    strong = [match for match in found if not _is_weak(words, match)]
    if strong:
        if strong[0].meaning is SUBJECTS["network"] and _BOTH_WAYS.search(question.text):
            return (SUBJECTS["network"], SUBJECTS["network_out"])
        chosen = _joined(words, strong)
        # "latency per request" and "errors over requests" name their second subject weakly.
        if len(chosen) == 1 and (second := _per_request(words, found)) and second not in chosen:
            return (*chosen, second)
        return chosen
    named = [SUBJECTS[value] for value in question.values(EntityType.METRIC) if value in SUBJECTS]
    weak = [match.meaning for match in found]
    if weak:
        specific = [subject for subject in weak if subject.name not in _VAGUE]
        if specific:
            second = _per_request(words, found)
            return (specific[0], second) if second and second is not specific[0] else (specific[0],)
        ranked = sorted(dict.fromkeys(weak), key=lambda subject: _ORDER_OF_BELIEF.index(subject.name))
        if named and ranked[0].name == "health":
            return tuple(dict.fromkeys(named))[:1]
        if quantiles:
            return (SUBJECTS["latency"],)
        return _both_or_first(words, found, ranked)
    if named:
        return tuple(dict.fromkeys(named))[:3]
    if quantiles or (limit and limit.unit in ("ms", "s")):
        return (SUBJECTS["latency"],)
    if limit and limit.unit.lower() in _RATE_UNITS:
        return (SUBJECTS["request_rate"],)
    if limit and limit.unit.lower() in _BYTE_UNITS:
        return (SUBJECTS["memory"],)
    if question.values(EntityType.HTTP_STATUS):
        return (SUBJECTS["errors"],)
    return ()


def _both_or_first(
    words: Sequence[Token], found: Sequence[Match[Subject]], ranked: Sequence[Subject]
) -> tuple[Subject, ...]:
    """ "requests and errors" asks for both; "slow requests" for one."""
    joined = _joined(words, found)
    names = {subject.name for subject in joined}
    if len(joined) > 1 and names <= {"errors", "request_rate", "latency"}:
        return joined
    return (ranked[0],)


def _is_weak(words: Sequence[Token], match: Match[Subject]) -> bool:
    counting = words[match.first].stem in {"how", "number"}
    return counting or (match.first == match.last and words[match.first].stem in _WEAK)


def _joined(words: Sequence[Token], found: Sequence[Match[Subject]]) -> tuple[Subject, ...]:
    """The first subject, and those that "and" and the like tie to it."""
    chosen = [found[0]]
    for match in found[1:]:
        between = words[chosen[-1].last + 1 : match.first]
        tied = between and all(
            token.text.lower() in phrases.JOINING or (token.entity and token.entity.type is EntityType.AGGREGATION) or _QUANTILE.fullmatch(token.text)
            for token in between
        )  # fmt: skip
        if tied and any(token.text.lower() not in {"the", "average", "avg", "max", "total", "mean", "overall", "as", "current"} for token in between):  # fmt: skip
            chosen.append(match)
    return tuple(dict.fromkeys(match.meaning for match in chosen))[:3]


def _per_request(words: Sequence[Token], found: Sequence[Match[Subject]]) -> Subject | None:
    """The whole of "tokens per request" and "cost per call"."""
    for match in found:
        before = words[match.first - 1].text.lower() if match.first else ""
        if before in {"per", "each", "every", "pro", "por", "a"} and match.meaning.name in _KINDS_OF_REQUEST:
            return match.meaning
    return None


def _is_ratio(words: Sequence[Token], subjects: Sequence[Subject]) -> bool:
    if len(subjects) != 2:
        return False
    texts = [token.text.lower() for token in words]
    found = tuple(phrases.subjects().find(words))
    return bool(phrases.RATIO & set(texts)) or _per_request(words, found) in subjects


def _metric_names(words: Sequence[Token]) -> tuple[str, ...]:
    """Names with underscores or colons, as only metrics have them."""
    names = (
        token.text
        for token in words
        if not token.entity and _METRIC_NAME.fullmatch(token.text) and not _NO_METRIC.fullmatch(token.text)
    )
    return tuple(dict.fromkeys(names))[:2]


def _quantiles(question: Question) -> tuple[float, ...]:
    found: list[float] = []
    for match in _QUANTILE.finditer(question.text[:2_000]):
        if match[4]:
            found.append(0.5)
        else:
            digits = match[3] or match[1] + ("." + match[2] if match[2] else "")
            value = float(digits)
            # p999 is the 99.9th.
            value = value if value <= 100 else value / 10 ** (len(match[1]) - 2)
            found.append(round(value / 100, 6))
    # "95th and 99th percentile" names the noun once.
    named = (value for value in question.values(EntityType.AGGREGATION) if re.fullmatch(r"p\d\d(?:\.\d+)?", value))
    found.extend(round(float(value[1:]) / 100, 6) for value in named)
    return tuple(sorted({value for value in found if 0 < value < 1}))


def _statistic(question: Question, words: Sequence[Token], used: frozenset[int]) -> Statistic | None:
    found = list(STATISTICS.find(words))
    # "how many requests per second" is a rate, and "how many rps" counts nothing.
    if any(match.meaning is Statistic.RATE and match.last > match.first for match in found):
        extremes = (match.meaning for match in found if match.meaning in (Statistic.MAXIMUM, Statistic.MINIMUM))
        return next(extremes, Statistic.RATE)
    counts = not phrases.RATE_UNITS & {word.text.lower() for word in words}
    for match in found:
        if (match.first in used and match.last in used) or (match.meaning is Statistic.COUNT and not counts):
            continue
        if _is_minutes(words, match.first) or (match.first and words[match.first - 1].text.lower() == "i"):
            continue  # "i mean" averages nothing either
        if match.meaning is Statistic.RATE and _names_rate(words, match):
            continue
        return match.meaning
    spoken_for = {words[place].start for place in used} | {
        word.start for place, word in enumerate(words) if _is_minutes(words, place)
    }
    for entity in question.entities:
        if entity.type is EntityType.AGGREGATION and entity.value in _STATISTICS and entity.start not in spoken_for:
            statistic = Statistic(entity.value)
            return None if statistic is Statistic.COUNT and not counts else statistic
    return None


def _is_minutes(words: Sequence[Token], place: int) -> bool:
    """ "5 min" and "req/min" are no minimum."""
    before = words[place - 1].text if place else ""
    return words[place].text.lower() in {"min", "mins"} and (before.isdigit() or before == "/")


def _names_rate(words: Sequence[Token], match: Match[Statistic]) -> bool:
    return match.first > 0 and words[match.first - 1].stem in {"success", "hit", "error", "failure"}


def _limit(question: Question) -> Limit | None:
    for value in question.values(EntityType.THRESHOLD):
        match = _LIMIT.fullmatch(value)
        if match:
            return Limit("==" if match[1] == "=" else match[1], float(match[2]), match[3].strip())
    return None


def _per_seconds(words: Sequence[Token]) -> int:
    for before, token in pairwise(words):
        if (
            before.text.lower() in phrases.BY - {"by", "each", "every"} | {"/"}
            and token.text.lower() in phrases.PER_TIME
        ):
            return phrases.PER_TIME[token.text.lower()]
    return 60 if any(token.text.lower() in {"rpm", "rpms"} for token in words) else 1


def _counted_noun(words: Sequence[Token]) -> Dimension | None:
    """The noun of "how many pods"."""
    for noun in phrases.nouns().find(words):
        before = " ".join(token.text.lower() for token in words[max(0, noun.first - 2) : noun.first])
        if before.endswith(("how many", "number of", "wie viele", "count of", "cuántos", "cuantos")):
            return noun.meaning
    return None
