"""How a service does by its usual signals, against how it did: pure but for the questions that are asked."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.nlp.interpretation import Entity, EntityType
from core.ports.telemetry import Measured, Metrics
from core.query import running
from core.query.promql.quantity import Quantity
from core.query.translation import Language, QueryRefused, Question
from core.together import together

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ERRORS, LATENCY, REQUESTS = "error rate", "p95 latency", "request rate"
_MANY_ERRORS = 0.05
"""Share of the requests that is bad whatever was usual."""
_SOME_ERRORS = 0.01
"""Below this nobody is woken, however much more it is than usual."""
_TIMES = 2.0
"""That usual latency or errors must be exceeded, or requests fall short of it by."""


@dataclass(frozen=True, slots=True)
class Vital:
    """One signal. Every number is one that the backend gave; None where it gave none."""

    name: str
    quantity: Quantity
    now: float | None
    hour_ago: float | None
    day_ago: float | None
    known_since: datetime | None = None
    """As in `Measured`, of the value now."""

    @property
    def usual(self) -> float | None:
        """What it is set against: the same time yesterday, which knows the hours of the day; else an hour ago."""
        return self.hour_ago if self.day_ago is None else self.day_ago

    @property
    def odd(self) -> bool:
        """Whether it is worth a look."""
        if self.now is None:
            return self.name == REQUESTS and bool(self.usual)
        usual = self.usual
        if self.name == ERRORS:
            return self.now >= _MANY_ERRORS or (
                self.now >= _SOME_ERRORS and (usual is None or self.now > _TIMES * usual)
            )
        if usual is None:
            return False
        return self.now > _TIMES * usual if self.name == LATENCY else self.now * _TIMES < usual

    @property
    def bad(self) -> bool:
        """Whether people feel it for sure."""
        return self.name == ERRORS and self.now is not None and self.now >= _MANY_ERRORS


async def vitals_of(metrics: Metrics, service: str, environment: str, now: datetime) -> tuple[Vital, ...]:
    """Those that this service is measured by; UpstreamError when the backend cannot answer."""
    backend = await metrics.backend()
    queries: dict[str, str] = {}
    for name in (ERRORS, LATENCY, REQUESTS):
        try:
            made = await asyncio.to_thread(
                running.translate, Language.PROMQL, _question(name, service, environment, now), backend
            )
            checked = running.check(
                made.query, window=timedelta(), backend=await metrics.backend(running.names(made.query))
            )
        except QueryRefused:
            # It is not measured here, or not of this service.
            continue
        queries[name] = checked.query
    moments = (now, now - HOUR, now - DAY)
    found = iter(await together(*(metrics.at(query, at) for query in queries.values() for at in moments)))
    return tuple(_vital(name, query, next(found), next(found), next(found)) for name, query in queries.items())


def _vital(name: str, query: str, now: Measured, hour_ago: Measured, day_ago: Measured) -> Vital:
    return Vital(
        name, running.quantity(query), _only(now), _only(hour_ago), _only(day_ago), known_since=now.known_since
    )


def _only(found: Measured) -> float | None:
    """The value of an only series."""
    value = found.series[0].points[-1][1] if len(found.series) == 1 and found.series[0].points else None
    return None if value is None or math.isnan(value) else value


def _question(what: str, service: str, environment: str, now: datetime) -> Question:
    named: Mapping[EntityType, str] = {EntityType.SERVICE: service, EntityType.ENVIRONMENT: environment}
    text, entities = f"{what} of", []
    for kind, value in named.items():
        if value:
            text += " in " if kind is EntityType.ENVIRONMENT else " "
            entities.append(Entity(kind, value, value, len(text), len(text) + len(value)))
            text += value
    return Question(text, tuple(entities), now, (service,))
