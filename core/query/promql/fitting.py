"""Which subject, which labels a sentence means, told from all that it says besides."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from core.query.catalogue import SUBJECTS, Dimension
from core.query.promql import phrases
from core.query.promql.asked import Asked, Filter, Limit
from core.query.promql.phrases import Statistic
from core.query.promql.reading_subjects import KINDS_OF_REQUEST, is_weak
from core.query.promql.states import INSTANCES
from core.query.promql.words import Token
from core.query.translation import Question

_RATE_OF_STATUS = re.compile(
    r"\brate of (?:http |status )?[1-5](?:\d\d|xx)\b|\brate of [1-5](?:\d\d|xx)['’]?s\b", re.IGNORECASE
)
_FULL = re.compile(r"\bfill(?:s|ed|ing)?(?: up)?\b|\brun(?:ning|s)? out\b|\bvoll ?(?:laufen|läuft)\b|\bläuft .{0,30}\bvoll\b|\bfull (?:in|within|by)\b|\b(?:when|will) .{0,40}\b(?:full|fill)\b|\blleno\b|\bwill .{0,60}\blast (?:another|until|for|the next)\b|\bexhaust", re.IGNORECASE)  # fmt: skip
_DAY = timedelta(days=1)
"""How far "will the disk fill up" looks ahead."""
_FORECAST = frozenset({"disk", "free_disk", "free_disk_share", "volume_usage", "memory", "free_memory", "certificate_expiry"})  # fmt: skip
_FREE = {
    "disk": "free_disk", "disk_usage": "free_disk", "memory": "free_memory", "inodes": "free_inodes", "volume_usage": "free_volume",
    "gpu_memory": "free_gpu_memory", "memory_saturation": "free_memory",
}  # fmt: skip
_LEFT_OF_IT = re.compile(
    r"(?:%|percent) (?:of )?(?:(?:it|them|the|its|their|disk|memory|storage|inodes?|volume|vram|space|capacity|room|is|are) ){0,4}(?:free|left|available|remaining|spare|frei|libre)\b"
    r"|\b(?:free|available|spare) (?:\w+ )?(?:(?:is|below|under|less than|falls below) ){1,2}\d",
    re.IGNORECASE,
)
"""What is free is another number than what is used: "under 10% free"."""
_TAKES = re.compile(r"\b(?:time|how long)\b.{0,40}\b(?:takes?|took|needs?|spends?|dauert)\b", re.IGNORECASE)
_BY_SOURCE = {
    "connection_pool": tuple((word, "db_connections") for word in ("pg", "postgres", "postgresql", "mysql", "mariadb")),
    "tcp_connections": (("redis", "redis_clients"), ("pg", "db_connections"), ("postgres", "db_connections"), ("mysql", "db_connections")),
    "request_rate": (("mysql", "db_queries"), ("redis", "redis_commands")),
    "memory": (("redis", "redis_memory"),),
}  # fmt: skip
"""What a word means of servers that have a metric of their own for it."""
_OF_QUEUES = frozenset({"queue_depth", "ready_messages", "unacked_messages"})
_SIZES = re.compile(r"\b(?:sizes|depths|lengths|backlogs|queues|colas|warteschlangen)\b", re.IGNORECASE)
_SPARE = re.compile(r"\b(?:free|left|remaining|spare|frei\w*|libres?)\b", re.IGNORECASE)
_BY_MODEL = {"request_rate": "llm_requests", "latency": "llm_latency"}
"""Only language models are told apart by their names."""
_SLO = re.compile(
    r"\b9\d(?:\.\d{1,4})?\b.{0,20}\b(?:slo|sla|objective|target)\b|\b(?:slo|sla|objective|target)\b.{0,20}\b9\d(?:\.\d{1,4})?\b",
    re.IGNORECASE,
)
_OF_GOOD_ONES = frozenset({"availability", "success_rate"})
"""Shares that leave statuses out themselves; where statuses are named, those count."""
_OF_MODELS = frozenset({"token_usage", "input_tokens", "output_tokens", "cost"})
_HEALTH = frozenset({"up", "down", "alive", "healthy", "unhealthy", "dead", "reachable", "unreachable"})
"""Of instances this is what `up` says; without it they are replicas."""
_DOWN = frozenset({"down", "unhealthy", "unreachable", "dead", "failing", "offline"})
_TIMES = frozenset({"ms", "s", "m"})
_NOT_UP = re.compile(
    r"\b(?:not|(?:is|are|was|were|do|does|did)n['’]?t)(?: \w{1,20}){0,2} (?:up|ok|healthy|alive|running|reachable|responding|available)\b",
    re.IGNORECASE,
)
_OF_OBJECTIVES = frozenset({"error_rate", "errors", "availability", "cost", "request_rate", "successes", "latency"})
"""What the words around an objective may name; "burn" is cost elsewhere."""
_BUDGET_PERIOD = timedelta(days=30)
"""Of an error budget where the sentence names no time."""
_OF_DISKS = frozenset({Dimension.MOUNTPOINT, Dimension.FSTYPE})


def with_known_kinds(asked: Asked) -> Asked:
    """What a word means depends on what is measured: `/data` is a mount point of disks and an endpoint of requests, "billing
    database" names a database of PostgreSQL and else a service, a partition is one of Kafka or of a disk."""
    if not asked.subjects and any(f.dimension is Dimension.MOUNTPOINT for f in asked.filters):
        asked = replace(asked, subjects=(SUBJECTS["disk"],))
    name = asked.subjects[0].name if len(asked.subjects) == 1 else ""
    instead = next((other for word, other in _BY_SOURCE.get(name, ()) if word in asked.sources), None)
    if instead:
        asked = replace(asked, subjects=(SUBJECTS[instead],))
    sources = [measure.source for subject in asked.subjects for measure in subject.measures]
    if not sources:
        return replace(asked, filters=tuple(f for f in asked.filters if f.dimension not in _OF_DISKS))
    known = frozenset().union(*(source.dimensions for source in sources))
    disks = Dimension.MOUNTPOINT in known
    if "replica" in asked.sources and Dimension.CONTAINER in known and "replica" not in name:
        asked = replace(asked, groups=tuple(Dimension.POD if g is Dimension.HOST else g for g in asked.groups))

    def fitting(kind: Dimension) -> Dimension | None:
        if kind is Dimension.ENDPOINT and disks:
            return Dimension.MOUNTPOINT
        if kind in _OF_DISKS and not disks:
            return Dimension.PARTITION if kind is Dimension.MOUNTPOINT and Dimension.PARTITION in known else None
        return Dimension.SERVICE if kind is Dimension.DATABASE and Dimension.DATABASE not in known else kind

    filters: dict[tuple[Dimension, bool], Filter] = {}
    for one in asked.filters:
        kind = fitting(one.dimension)
        if kind and (one.dimension not in _OF_DISKS or disks):
            before = filters.get((kind, one.negated))
            values = (*before.values, *one.values) if before else one.values
            filters[kind, one.negated] = replace(one, dimension=kind, values=tuple(dict.fromkeys(values)))
    named = {kind for (kind, negated), one in filters.items() if not negated and len(one.values) == 1}
    asked = replace(asked, groups=tuple(g for g in asked.groups if g not in asked.listed or g not in named))
    # "We think eu-west-1 is bad, show it by region" wants all regions.
    for kind in (Dimension.REGION, Dimension.VERSION):
        if kind in asked.groups and kind not in asked.listed and kind in named:
            filters.pop((kind, False))
    groups = (fitting(group) if isinstance(group, Dimension) else group for group in asked.groups)
    kept = tuple(dict.fromkeys(group for group in groups if group))
    return replace(asked, filters=tuple(filters.values()), groups=kept)


@dataclass(frozen=True, slots=True)
class _Said:
    """What rules look at besides the reading."""

    words: Sequence[Token]
    text: str


def with_fitting_subject(asked: Asked, words: Sequence[Token], question: Question) -> Asked:
    """The subject that is meant, by the first rule that knows."""
    said = _Said(words, question.text)
    for rule in _RULES:
        settled = rule(asked, _name(asked), said)
        if settled is not None:
            return settled
    if _name(asked) not in _FORECAST:
        return replace(asked, forecast=None)
    if asked.forecast is None and _name(asked) != "certificate_expiry" and _FULL.search(question.text):
        return replace(asked, forecast=_DAY)
    return asked


def _name(asked: Asked) -> str:
    return asked.subjects[0].name if asked.subjects else ""


def _of_models(asked: Asked, name: str, said: _Said) -> Asked | None:
    """Requests to a model, latency of a provider: only language models are told apart by these."""
    if asked.ratio and name in _OF_MODELS and asked.subjects[1].name == "request_rate":
        return replace(asked, subjects=(asked.subjects[0], SUBJECTS["llm_requests"]))
    if name == "output_tokens" and asked.statistic is None and "throughput" in said.text.lower():
        return replace(asked, statistic=Statistic.RATE)
    kinds = {*asked.groups, *(f.dimension for f in asked.filters)}
    of_models = kinds & {Dimension.MODEL, Dimension.PROVIDER} and Dimension.SERVICE not in kinds
    if name in _BY_MODEL and of_models and kinds <= SUBJECTS[_BY_MODEL[name]].measures[0].source.dimensions:
        return replace(asked, subjects=(SUBJECTS[_BY_MODEL[name]],))
    return None


def _of_statuses(asked: Asked, name: str, said: _Said) -> Asked | None:
    """A share of the requests with a status is the error rate's formula with that status."""
    statuses = [f for f in asked.filters if f.dimension is Dimension.STATUS]
    left_out = {f.values for f in statuses if f.negated}
    if name in _OF_GOOD_ONES and "availab" in said.text.lower() and left_out == {("5xx",)}:
        return replace(asked, filters=tuple(f for f in asked.filters if f.dimension is not Dimension.STATUS))
    of_requests = not name or name in KINDS_OF_REQUEST or name in _OF_GOOD_ONES
    if statuses and not asked.ratio and of_requests and (asked.share or _status_rate(said.words)):
        return replace(asked, subjects=(SUBJECTS["error_rate"],))
    if statuses and _RATE_OF_STATUS.search(said.text):
        return replace(asked, subjects=(SUBJECTS["errors"],), statistic=Statistic.RATE)
    return replace(asked, subjects=(SUBJECTS["errors"],)) if statuses and not name and not asked.metrics else None


def _of_slow_requests(asked: Asked, name: str, said: _Said) -> Asked | None:
    """Requests that took so long are counted; the time that requests take is a latency."""
    part = asked.share and asked.limit is not None and asked.limit.unit in _TIMES and not asked.quantiles
    if name == "latency" and (part or _counts_slow_requests(asked, said.words)):
        return replace(asked, subjects=(SUBJECTS["request_rate"],))
    if name == "request_rate" and asked.statistic is not Statistic.COUNT and _TAKES.search(said.text):
        return replace(asked, subjects=(SUBJECTS["latency"],))
    if name == "error_rate" and asked.limit and asked.limit.unit == "/s":
        return replace(asked, subjects=(SUBJECTS["errors"],), statistic=Statistic.RATE)
    return None


def _of_objectives(asked: Asked, name: str, said: _Said) -> Asked | None:
    """An error budget is about the error rate; "99.9" is no version."""
    without = tuple(f for f in asked.filters if f.dimension is not Dimension.VERSION)
    if not asked.objective or asked.quantiles or (name and name not in _OF_OBJECTIVES):
        return replace(asked, filters=without) if name in _OF_GOOD_ONES and _SLO.search(said.text) else None
    window = asked.window
    if window.length is None:
        period = window.span or (_BUDGET_PERIOD if asked.objective.remaining else None)
        window = replace(window, length=period)
    return replace(
        asked,
        subjects=(SUBJECTS["error_rate"],),
        filters=without,
        percent=False,
        share=False,
        statistic=None,
        earlier=None,
        window=window,
        limit=replace(asked.limit, unit="") if asked.limit else None,
    )


def _of_free_space(asked: Asked, name: str, said: _Said) -> Asked | None:
    """What is free is another number than what is used; of a GPU, memory is its own."""
    if name in _FREE and asked.limit and asked.limit.unit == "%" and _LEFT_OF_IT.search(said.text):
        return replace(asked, subjects=(SUBJECTS[_FREE[name]],), share=True)
    if name == "disk" and asked.forecast is None and not _FULL.search(said.text) and _SPARE.search(said.text):
        return replace(asked, subjects=(SUBJECTS["free_disk"],))
    if name in ("memory", "free_memory") and Dimension.GPU in asked.groups:
        return replace(asked, subjects=(SUBJECTS["gpu_memory" if name == "memory" else "free_gpu_memory"],))
    return None


def _of_ages_and_queues(asked: Asked, name: str, said: _Said) -> Asked | None:
    """ "Rebooted in the last day" are the young ones; "queue sizes above 100" are those of each queue."""
    if name in ("node_age", "process_age") and asked.window.span and not asked.limit:
        return replace(asked, limit=Limit("<", asked.window.span.total_seconds(), "s"), groups=())
    named = any(f.dimension is Dimension.QUEUE for f in asked.filters)
    if name in _OF_QUEUES and asked.limit and not (asked.groups or named) and _SIZES.search(said.text):
        return replace(asked, groups=(Dimension.QUEUE,))
    return None


def _of_health(asked: Asked, name: str, said: _Said) -> Asked | None:
    """Whether it is up, how many are, which are not."""
    texts = {token.word for token in said.words}
    if name == "available_replicas" and not _HEALTH & texts and Dimension.HOST in asked.groups:
        return replace(asked, groups=tuple(group for group in asked.groups if group is not Dimension.HOST))
    if name == "available_replicas" and _HEALTH & texts:
        groups = tuple(group for group in asked.groups if group not in INSTANCES)
        name = "health"
        asked = replace(asked, subjects=(SUBJECTS[name],), groups=groups, statistic=Statistic.COUNT)
    if name in ("health", "uptime") and (asked.share or asked.statistic is Statistic.AVERAGE) and asked.window.span:
        return replace(asked, subjects=(SUBJECTS["uptime"],), share=False, statistic=None)
    if name in ("ready_nodes", "ready_pods") and asked.share and not asked.limit:
        return replace(asked, share=False, statistic=Statistic.AVERAGE, groups=())
    if name != "health":
        return None
    if asked.share:
        return replace(asked, share=False, statistic=Statistic.AVERAGE, groups=())
    service = any(f.dimension is Dimension.SERVICE for f in asked.filters)
    listed = (
        bool(asked.groups)
        or bool({"any", "which"} & texts)
        or any(said.words[noun.last].plural for noun in phrases.nouns().find(said.words))
    )
    if (
        not asked.limit
        and (listed or not service or asked.statistic is Statistic.COUNT)
        and (_DOWN & texts or _NOT_UP.search(said.text))
    ):
        asked = replace(asked, limit=Limit("==", 0, ""))
        one_by_one = bool(asked.groups) and asked.listed.isdisjoint(asked.groups)
        if asked.statistic is not Statistic.COUNT and not one_by_one:
            return replace(asked, statistic=None)
        by = tuple(kind for kind in asked.groups if isinstance(kind, Dimension))
        return replace(asked, statistic=None, counted=True, counted_by=by, groups=())
    # `up` is told apart by its instances already.
    groups = () if not asked.limit and set(asked.groups) <= INSTANCES else asked.groups
    return replace(asked, groups=groups, forecast=None)


_RULES: tuple[Callable[[Asked, str, _Said], Asked | None], ...] = (
    _of_models,
    _of_statuses,
    _of_slow_requests,
    _of_objectives,
    _of_free_space,
    _of_ages_and_queues,
    _of_health,
)


def _counts_slow_requests(asked: Asked, words: Sequence[Token]) -> bool:
    """ "how many requests took longer than 2s" counts requests, though slowness is named as well."""
    if asked.limit is None or asked.limit.unit not in _TIMES or asked.quantiles:
        return False
    found = tuple(phrases.subjects().find(words, loosely=True))
    plainly_latency = any(match.meaning.name == "latency" and not is_weak(words, match) for match in found)
    return any(match.meaning.name == "request_rate" for match in found) and not plainly_latency


def _status_rate(words: Sequence[Token]) -> bool:
    """ "404 rate", like "error rate", is a share."""
    return any(before.text[:1].isdigit() and token.stem == "rate" for before, token in pairwise(words))
