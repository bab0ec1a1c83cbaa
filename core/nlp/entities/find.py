"""Finds all entities of a sentence: each family proposes readings, and every stretch of text goes to the longest of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from core.nlp.entities import gradings, jobs, machines, measures, names, places, thresholds, times
from core.nlp.entities.sentence import Found, Sentence
from core.nlp.entities.services import find as find_services
from core.nlp.interpretation import Entity, EntityType

_RANKS = (
    EntityType.NAMESPACE,
    EntityType.HOST,
    EntityType.ENDPOINT,
    EntityType.THRESHOLD,
    EntityType.INCIDENT,
    EntityType.REGION,
    EntityType.TIME_RANGE,
    EntityType.VERSION,
    EntityType.SERVICE,
    EntityType.WORKFLOW,
    EntityType.ENVIRONMENT,
    EntityType.SEVERITY,
    EntityType.HTTP_STATUS,
    EntityType.METRIC,
    EntityType.AGGREGATION,
)
"""Of two readings of the same stretch the one whose surroundings say more comes first."""
_RANK = {kind: rank for rank, kind in enumerate(_RANKS)}
_NO_ALIASES: Mapping[str, str] = MappingProxyType({})


def find(
    text: str,
    *,
    services: Sequence[str] = (),
    now: datetime | None = None,
    timezone: str = "UTC",
    workflows: Sequence[str] = (),
    aliases: Mapping[str, str] = _NO_ALIASES,
    exact: bool = False,
) -> tuple[Entity, ...]:
    """All entities by their place in the text; no two of them share a character.

    `services`: the catalogue that names are matched against, typos included; empty: what has the shape of a service's name.
    `now`: with a time zone; None: stretches of time are not looked for. `timezone`: the person's, an IANA name; an unknown
    one counts as UTC. `workflows`: names that exist. `aliases`: other names of services → name. `exact`: only what is beyond
    doubt, for texts that were written to somebody else: no short forms and no typos of services, and a bare number with one
    point is no version.
    """
    sentence = Sentence(text)
    readings = [
        *measures.find(sentence),
        *thresholds.find(sentence),
        *names.find(sentence),
        *gradings.find(sentence),
        *jobs.find(sentence, workflows),
        *machines.find(sentence),
        *places.find(sentence, exact=exact),
        *find_services(sentence, services, aliases, exact=exact),
        *(times.find(sentence, now, timezone) if now else ()),
    ]
    return tuple(
        Entity(found.type, text[found.start : found.end], found.value, found.start, found.end)
        for found in _apart(readings, len(text))
    )


def _apart(readings: Iterable[Found], length: int) -> list[Found]:
    """The longest readings that do not overlap, by their place."""
    taken = bytearray(length)
    kept = []
    for found in sorted(readings, key=lambda one: (one.start - one.end, _RANK[one.type], one.start)):
        if taken.find(1, found.start, found.end) < 0:
            taken[found.start : found.end] = b"\x01" * (found.end - found.start)
            kept.append(found)
    return sorted(kept, key=lambda one: one.start)
