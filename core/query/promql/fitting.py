"""Which subject, which labels a sentence means, told from all that it says besides."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from core.query.catalogue import SUBJECTS, Dimension
from core.query.catalogue.measures import Gauge
from core.query.promql.asked import Asked, Filter
from core.query.promql.fitting_machines import FULL, of_ages_and_queues, of_free_space, of_health, of_networks
from core.query.promql.fitting_requests import of_models, of_objectives, of_slow_requests, of_statuses
from core.query.promql.said import Said
from core.query.promql.words import Token
from core.query.translation import Question

_DAY = timedelta(days=1)
"""How far "will the disk fill up" looks ahead."""


_FORECAST = frozenset({"disk", "free_disk", "free_disk_share", "volume_usage", "free_volume", "inodes", "free_inodes", "memory", "free_memory", "certificate_expiry"})  # fmt: skip


_BY_SOURCE = {
    "connection_pool": tuple((word, "db_connections") for word in ("pg", "postgres", "postgresql", "mysql", "mariadb")),
    "tcp_connections": (("redis", "redis_clients"), ("pg", "db_connections"), ("postgres", "db_connections"), ("mysql", "db_connections")),
    "request_rate": (("mysql", "db_queries"), ("redis", "redis_commands")),
    "memory": (("redis", "redis_memory"),),
}  # fmt: skip
"""What a word means of servers that have a metric of their own for it."""


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

    of_deployments = any(
        isinstance(one.form, Gauge) and one.form.of is Dimension.DEPLOYMENT
        for subject in asked.subjects
        for one in subject.measures
    )

    def fitting(kind: Dimension) -> Dimension | None:
        if kind is Dimension.ENDPOINT and disks:
            return Dimension.MOUNTPOINT
        if kind in _OF_DISKS and not disks:
            return Dimension.PARTITION if kind is Dimension.MOUNTPOINT and Dimension.PARTITION in known else None
        if kind is Dimension.STATE and (Dimension.STATE not in known or "state" in asked.groups):
            return None
        if kind is Dimension.DEPLOYMENT and kind not in asked.groups and not of_deployments:
            return Dimension.SERVICE  # containers and requests are told apart by their service
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


def with_fitting_subject(asked: Asked, words: Sequence[Token], question: Question) -> Asked:
    """The subject that is meant, by the first rule that knows."""
    said = Said(words, question)
    for rule in _RULES:
        settled = rule(asked, _name(asked), said)
        if settled is not None:
            return settled
    if _name(asked) not in _FORECAST:
        return replace(asked, forecast=None)
    if asked.forecast is None and _name(asked) != "certificate_expiry" and FULL.search(question.text):
        asked = replace(asked, forecast=_DAY)
    if _name(asked) == "certificate_expiry" and asked.limit:
        asked = replace(asked, forecast=None)
    if asked.forecast and _name(asked) in _LEFT_OVER and (FULL.search(question.text) or not asked.limit):
        # Whether it is full is seen from what is left; groups are what each series is of.
        asked = replace(asked, subjects=(SUBJECTS[_LEFT_OVER[_name(asked)]],))
    return asked


_LEFT_OVER = {"volume_usage": "free_volume", "inodes": "free_inodes"}


def _name(asked: Asked) -> str:
    return asked.subjects[0].name if asked.subjects else ""


_RULES: tuple[Callable[[Asked, str, Said], Asked | None], ...] = (
    of_models,
    of_networks,
    of_statuses,
    of_slow_requests,
    of_objectives,
    of_free_space,
    of_ages_and_queues,
    of_health,
)
