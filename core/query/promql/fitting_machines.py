"""Which measure of machines, stores and instances a sentence means: of networks, free space, ages, health."""

import re
from dataclasses import replace

from core.query.catalogue import SUBJECTS, Dimension
from core.query.promql import phrases
from core.query.promql.asked import Asked, Limit
from core.query.promql.phrases import Statistic
from core.query.promql.reading_numbers import read_scale
from core.query.promql.said import Said
from core.query.promql.states import INSTANCES

FULL = re.compile(r"\bfill(?:s|ed|ing)?(?: up)?\b|\b(?:be|get|gets|getting|become|is going to be|run) full\b|\bhit(?:s|ting)? (?:100 ?%|zero)\b|\bno (?:more )?space\b|\bvoll (?:sein|werden|wird)\b|\bse (?:va a )?llena|\brun(?:ning|s)? out\b|\bvoll ?(?:laufen|läuft)\b|\bläuft .{0,30}\bvoll\b|\bfull (?:in|within|by)\b|\b(?:when|will) .{0,40}\b(?:full|fill)\b|\blleno\b|\bwill .{0,60}\blast (?:another|until|for|the next)\b|\bexhaust", re.IGNORECASE)  # fmt: skip


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


_OF_QUEUES = frozenset({"queue_depth", "ready_messages", "unacked_messages"})


_SIZES = re.compile(r"\b(?:sizes|depths|lengths|backlogs|queues|colas|warteschlangen)\b", re.IGNORECASE)


_SPARE = re.compile(r"\b(?:free|left|remaining|spare|frei\w*|libres?)\b", re.IGNORECASE)


_HEALTH = frozenset({"up", "down", "alive", "healthy", "unhealthy", "dead", "reachable", "unreachable"})
"""Of instances this is what `up` says; without it they are replicas."""


_DOWN = frozenset({"down", "unhealthy", "unreachable", "dead", "failing", "offline"})


_NOT_UP = re.compile(
    r"\b(?:not|(?:is|are|was|were|do|does|did)n['’]?t)(?: \w{1,20}){0,2} (?:up|ok|healthy|alive|running|reachable|responding|available)\b",
    re.IGNORECASE,
)


_BITS = re.compile(
    r"\b(?:[kmg]i?(?:ega|ilo|iga)?)?bits?\b|\b(?:kilo|mega|giga)bytes?\b|\b[kmg]?bps\b|\b[kmgt]i?b ?/ ?s\b|\bbytes ?(?:/|per|a) ?s",
    re.IGNORECASE,
)


_OUTWARDS = re.compile(
    r"\b(?:out|outgoing|outbound|egress|sent|sends?|sending|tx|transmit\w*|leav\w+|upload\w*|raus|ausgehend\w*|saliente)\b",
    re.IGNORECASE,
)


def of_networks(asked: Asked, name: str, said: Said) -> Asked | None:
    """Traffic in bits, or of an interface, is that of the network."""
    of_device = any(f.dimension is Dimension.DEVICE for f in asked.filters) or Dimension.DEVICE in asked.groups
    if name in ("request_rate", "") and not asked.metrics and (of_device or _BITS.search(said.text)):
        if not name and not _BITS.search(said.text):
            return None
        subject = SUBJECTS["network_out" if _OUTWARDS.search(said.text) else "network"]
        bits = re.search(r"bit|bps", said.text, re.IGNORECASE)
        scale = read_scale(said.question, subject) if bits else asked.scale
        return replace(asked, subjects=(subject,), scale=scale)
    return None


def of_free_space(asked: Asked, name: str, said: Said) -> Asked | None:
    """What is free is another number than what is used; of a GPU, memory is its own."""
    if name in _FREE and asked.limit and asked.limit.unit == "%" and _LEFT_OF_IT.search(said.text):
        return replace(asked, subjects=(SUBJECTS[_FREE[name]],), share=True)
    bytes_left = asked.limit is not None and asked.limit.unit.lower().endswith("b")
    if name in ("volume_usage", "free_volume") and bytes_left and _SPARE.search(said.text):
        return replace(asked, subjects=(SUBJECTS["free_volume_space"],), share=False)
    if name == "disk" and asked.forecast is None and not FULL.search(said.text) and _SPARE.search(said.text):
        return replace(asked, subjects=(SUBJECTS["free_disk"],))
    if name in ("cpu", "cpu_modes") and "mode" in {token.word for token in said.words} & {*asked.groups, "mode"}:
        groups = tuple(dict.fromkeys((*asked.groups, "mode")))
        return replace(asked, subjects=(SUBJECTS["cpu_modes"],), groups=groups, share=False)
    if name in ("memory", "free_memory") and Dimension.GPU in asked.groups:
        return replace(asked, subjects=(SUBJECTS["gpu_memory" if name == "memory" else "free_gpu_memory"],))
    return None


_OF_MAX_CONNECTIONS = re.compile(
    r"\b(?:vs\.?|versus|against|of|over|to|divided by|/|compared (?:to|with)|relative to) (?:the |its |their )?(?:max(?:imum)?(?: allowed)?[ _]?(?:connections?|conns?)?|connection limit|limit|allowed)\b",
    re.IGNORECASE,
)


def _of_machines(asked: Asked) -> bool:
    """Whether it is about hosts, and no service."""
    kinds = {*asked.groups, *(f.dimension for f in asked.filters)}
    return Dimension.HOST in kinds and Dimension.SERVICE not in kinds


_ONLY_THE_LIMIT = re.compile(
    r"^\W*(?:(?:what(?:['’]?s| is| are)?|show(?: me)?|get|give me|the|current|configured|total|sum of|which|is) ){0,4}(?:(?:cpu|mem(?:ory)?|ram) (?:limits?|quota)\b(?! (?:usage|used|utili[sz]ation))|limits? (?:of|for|on) (?:cpu|mem(?:ory)?|ram)\b)",
    re.IGNORECASE,
)


_USED_OF_IT = re.compile(
    r"\b(?:usage|used|uses|using|close|near|vs|versus|against|compared|percent|share|reached|reach|hit|headroom|of the limit|how much|ratio)\b|%",
    re.IGNORECASE,
)


def of_ages_and_queues(asked: Asked, name: str, said: Said) -> Asked | None:
    """ "Rebooted in the last day" are the young ones; "queue sizes above 100" are those of each queue."""
    if name in ("node_age", "process_age") and asked.window.span and not asked.limit:
        return replace(asked, limit=Limit("<", asked.window.span.total_seconds(), "s"), groups=())
    if (
        name in ("cpu_saturation", "memory_saturation")
        and not (asked.limit or asked.share)
        and _ONLY_THE_LIMIT.search(said.text)
        and not _USED_OF_IT.search(said.text)
    ):
        return replace(asked, subjects=(SUBJECTS[f"{name.removesuffix('_saturation')}_limits"],))
    if name == "threads" and "state" in asked.groups:
        return replace(asked, subjects=(SUBJECTS["thread_states"],))
    if name == "uptime" and not (asked.share or asked.window.span) and _of_machines(asked):
        return replace(asked, subjects=(SUBJECTS["node_age"],), groups=())
    if name in ("db_connections", "tcp_connections") and not asked.limit and _OF_MAX_CONNECTIONS.search(said.text):
        return replace(asked, subjects=(SUBJECTS["db_connections_share"],), earlier=None)
    named = any(f.dimension is Dimension.QUEUE for f in asked.filters)
    if name in _OF_QUEUES and asked.limit and not (asked.groups or named) and _SIZES.search(said.text):
        return replace(asked, groups=(Dimension.QUEUE,))
    return None


def of_health(asked: Asked, name: str, said: Said) -> Asked | None:
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
