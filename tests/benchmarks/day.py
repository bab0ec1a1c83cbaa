"""How often what a team asks on one day is known already, by level: two replicas behind a load balancer, with Redis and records, over the shop.

The day is made up, and says how: few questions while nothing happens, the same few ones again and again, by several people, while something does.
"""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.conversation.findings import Findings
from core.ports.pictures import Drawing
from core.ports.telemetry import Measured, Telemetry
from core.query.catalogue import Backend
from core.query.translation import Language
from core.telemetry.kept import Kept, points
from core.telemetry.kept_stores import KeptMetrics
from core.telemetry.looks import Look, Turned
from core.telemetry.shelves import LastingShelf, SharedShelf
from integrations.http import Reach
from integrations.observability.prometheus.client import PrometheusClient
from integrations.observability.prometheus.fake import PrometheusFake
from integrations.observability.shop.metrics import ShopMetrics
from integrations.observability.shop.world import SERVICES, Shop
from storage import migrate
from storage.cache_redis import open_redis_cache
from storage.engine import open_records
from tests.benchmarks.figures import Figure
from tests.servers import redis_server

_DAY = datetime(2026, 11, 25, 7, tzinfo=UTC)
_QUIET = timedelta(hours=11)
_PER_HOUR = 8
"""Questions of the whole team while nothing happens."""
_INCIDENTS = (("checkout", timedelta(hours=3, minutes=20)), ("payments", timedelta(hours=8)))
"""What breaks, and when; seven people look at it for forty minutes."""
_LASTS = timedelta(minutes=40)
_BETWEEN = 12.0
"""Seconds between two questions meanwhile, in the mean."""


@dataclass
class _Clock:
    time: datetime = _DAY

    def now(self) -> datetime:
        """Of the day that is played."""
        return self.time


class _Counted:
    """Metrics; counts what it gives."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 -- metrics of any kind
        self._inner = inner
        self.given = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever it has
        return getattr(self._inner, name)

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """Counted."""
        found = await self._inner.over(query, start, end, step)
        self.given += points(found)
        return found


class _NoPictures:
    """Nobody looks at them here."""

    async def png(self, drawing: Drawing) -> bytes:
        """Nothing."""
        return b""

    async def svg(self, drawing: Drawing) -> bytes:
        """Nothing."""
        return b""


async def _nothing(_: Backend | None) -> None:
    """Where the sentence would be translated."""


def _latency(service: str) -> str:
    named = f'service="{service}", environment="production"'
    return f"histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{{{named}}}[5m])))"


def _errors(service: str) -> str:
    named = f'service="{service}", environment="production"'
    failed = f'sum(rate(http_requests_total{{{named}, status=~"5.."}}[5m]))'
    return f"{failed} / sum(rate(http_requests_total{{{named}}}[5m]))"


def _requests(service: str) -> str:
    return f'sum(rate(http_requests_total{{service="{service}", environment="production"}}[5m]))'


_KINDS = (_errors, _latency, _requests)
_HOUR = timedelta(hours=1)
_TURNS = (None, None, None, None, Turned.WIDER, Turned.LAST_WEEK)


def _asked(chance: random.Random) -> Iterator[tuple[datetime, Look]]:
    """When, and what, in order of time."""
    found: list[tuple[datetime, Look]] = []
    for _ in range(round(_QUIET / _HOUR * _PER_HOUR)):
        service = chance.choices(SERVICES, [1 / rank for rank in range(1, len(SERVICES) + 1)])[0].name
        look = Look(chance.choice(_KINDS)(service), _HOUR)
        at = _DAY + _QUIET * chance.random()
        # Who asks one thing looks at it once more, or at the next one, soon.
        found += [(at, look), (at + timedelta(seconds=chance.uniform(15, 50)), look.turned(Turned.WIDER))]
    for service, begins in _INCIDENTS:
        at = timedelta()
        while at < _LASTS:
            kind = chance.choices(_KINDS, (5, 3, 1))[0]
            look = Look(kind(service), _HOUR)
            turned = chance.choice(_TURNS)
            found.append((_DAY + begins + at, look.turned(turned) if turned else look))
            at += timedelta(seconds=chance.expovariate(1 / _BETWEEN))
    return iter(sorted(found, key=lambda one: one[0]))


async def day(folder: Path) -> dict[str, Figure]:
    """Play it; the share of look-ups that some level answered."""
    chance, clock, looks = random.Random(25), _Clock(), Counter[tuple[str, bool]]()
    url = f"sqlite:///{folder / 'day.db'}"
    await migrate.upgrade(url)
    async with AsyncExitStack() as stack:
        shop = PrometheusFake(ShopMetrics(Shop((_DAY + _QUIET).timestamp, told=())))
        served = await stack.enter_async_context(shop)
        records = await stack.enter_async_context(open_records(url))
        redis = stack.enter_context(redis_server())
        stores, metrics, replicas = [], [], []
        for _ in range(2):
            cache = await stack.enter_async_context(open_redis_cache(redis.url))
            client = await stack.enter_async_context(PrometheusClient(Reach(served.url)))
            shelves = (SharedShelf(cache), LastingShelf(records, clock))
            kept = Kept(clock, lambda level, hit: looks.update([(level, hit)]), shelves=shelves)
            stores.append(_Counted(client))
            metrics.append(_Counted(KeptMetrics(stores[-1], kept)))
            replicas.append(Findings(Telemetry(metrics[-1]), _NoPictures(), clock))
        asked = list(_asked(chance))
        for at, look in asked:
            clock.time = at
            replica = chance.choice(replicas)
            await replica.within(Language.PROMQL, _nothing)
            await replica.of(Language.PROMQL, look, "", UTC)
    all_ = sum(count for (level, _), count in looks.items() if level == "process")
    known = sum(count for (_, hit), count in looks.items() if hit)
    asked_for, shown = (sum(one.given for one in counted) for counted in (stores, metrics))
    return {
        "points that the store is asked for, of those shown": Figure(100 * asked_for / shown, "%"),
        f"look-ups of a day's {len(asked)} questions that a cache answers": Figure(100 * known / all_, "%"),
        **{
            f"…of them by {level}": Figure(100 * looks[level, True] / all_, "%")
            for level in ("process", "redis", "sql")
        },
    }
