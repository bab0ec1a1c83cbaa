"""The shop: its services, who calls whom, how busy each is at any minute, and the stories that happen to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from zlib import crc32

import numpy as np

from integrations.observability.prometheus.engine.samples import Numbers

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
KEPT = 15 * DAY
"""How far back anything is known, counted from when the shop was opened."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the shop."""

    name: str
    requests: float
    """A second in production, at the busiest hour."""
    latency: float
    """Seconds that half of its requests take."""
    paths: Mapping[tuple[str, str], float]
    """(method, path) → share of the requests."""
    calls: tuple[str, ...] = ()
    memory: float = 300e6
    """Bytes of one pod."""
    pods: int = 3
    """In production; staging has one."""


def _paths(**shares: float) -> Mapping[tuple[str, str], float]:
    return MappingProxyType(
        {(name.partition("_")[0].upper(), "/" + name.partition("_")[2]): share for name, share in shares.items()}
    )


SERVICES: tuple[Service, ...] = (
    Service("web", 240, 0.045, _paths(GET_home=0.5, GET_product=0.35, POST_basket=0.15), ("catalog", "search", "checkout", "auth")),
    Service("checkout", 42, 0.085, _paths(POST_checkout=0.5, GET_cart=0.5), ("payments", "inventory", "notifications", "orders-db"), 420e6),
    Service("payments", 28, 0.120, _paths(POST_charge=0.8, POST_refund=0.2), ("orders-db",), 380e6),
    Service("search", 95, 0.035, _paths(GET_search=0.9, GET_suggest=0.1), ("catalog",), 900e6),
    Service("auth", 130, 0.012, _paths(POST_token=0.7, GET_session=0.3)),
    Service("catalog", 180, 0.022, _paths(GET_items=0.8, GET_prices=0.2), ("orders-db",)),
    Service("inventory", 60, 0.018, _paths(GET_stock=0.7, POST_reserve=0.3), ("orders-db",)),
    Service("notifications", 18, 0.060, _paths(POST_mail=0.6, POST_push=0.4), (), 180e6, 2),
)  # fmt: skip
BY_NAME: Mapping[str, Service] = MappingProxyType({service.name: service for service in SERVICES})
ENVIRONMENTS: Mapping[str, float] = MappingProxyType({"production": 1.0, "staging": 0.03})
"""With the share of production's requests."""


@dataclass(frozen=True, slots=True)
class Story:
    """Something that happens to services for a while."""

    name: str
    start: float
    """Seconds since the epoch."""
    end: float
    services: tuple[str, ...]
    slower: float = 1.0
    """Times the usual latency."""
    errors: float = 0.0
    """Share of the requests that fail besides the usual ones."""
    connections: float = 0.0
    """Of the database, besides the usual ones."""

    def weight(self, times: Numbers) -> Numbers:
        """0 before and after, 1 while it lasts; it takes two minutes to come and to go."""
        rise = np.clip((times - self.start) / (2 * MINUTE), 0, 1)
        fall = np.clip((self.end - times) / (2 * MINUTE), 0, 1)
        return np.asarray(rise * fall, dtype=np.float64)


def stories(now: float) -> tuple[Story, ...]:
    """What the demo tells: a deploy that went wrong is going on, a database was slow yesterday; the disk fills in `Shop.disk_used`."""
    afternoon = now - now % DAY - DAY + 14 * HOUR
    return (
        Story("bad deploy", now - 40 * MINUTE, now + 6 * HOUR, ("checkout",), slower=3.2, errors=0.07),
        Story(
            "slow database", afternoon, afternoon + 70 * MINUTE, ("checkout", "payments", "catalog", "inventory"),
            slower=4.0, errors=0.012, connections=55,
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Minutes:
    """What happens to one service in one environment, minute by minute."""

    times: Numbers
    """Where each minute begins, in seconds since the epoch."""
    requests: Numbers
    """A second."""
    failing: Numbers
    """Share of them."""
    latency: Numbers
    """Seconds that half of them take."""
    shared: dict[str, Numbers] = field(default_factory=dict)
    """Sums that were made from these."""


class Shop:
    """Everything as a function of time."""

    def __init__(self, now: Callable[[], float], *, told: Sequence[Story] | None = None) -> None:
        """`now`: seconds since the epoch. `told`: what happens; None: the stories of the demo, counted from now."""
        self.now = now
        self.opened = now()
        self.start = self.opened - self.opened % DAY - KEPT
        self.stories = stories(self.opened) if told is None else tuple(told)
        self._minutes: dict[tuple[str, str], Minutes] = {}

    def minutes(self, service: Service, environment: str, until: float) -> Minutes:
        """From the beginning to at least `until`."""
        known = self._minutes.get((service.name, environment))
        if known is None or known.times[-1] < until:
            whole = (max(until, self.now()) // DAY + 2) * DAY
            known = self._minutes[service.name, environment] = self._made(service, environment, whole)
        return known

    def load(self, times: Numbers, key: str) -> Numbers:
        """Of the busiest hour: quiet at night, less on weekends, never quite the same."""
        hours = times / HOUR % 24
        days = times // DAY % 7
        # The epoch was a Thursday: the third and fourth day of each such week are a weekend.
        weekend = np.where((days == 2) | (days == 3), 0.7, 1.0)
        daily = 0.55 + 0.45 * np.sin((hours - 9) / 24 * 2 * np.pi)
        return np.asarray(weekend * daily * (1 + 0.06 * self.noise(key, len(times))), dtype=np.float64)

    def noise(self, key: str, count: int) -> Numbers:
        """About the size of 1, from minute to minute; the same for a longer time as far as a shorter one goes."""
        drawn = np.random.default_rng(crc32(key.encode())).standard_normal(count + 8)
        return np.convolve(drawn, np.ones(9) / 3, "valid")

    def told(self, service: str, environment: str) -> list[Story]:
        """What happens to a service; staging is spared."""
        return [story for story in self.stories if environment == "production" and service in story.services]

    def deployed(self) -> Mapping[str, datetime]:
        """Service → when it was deployed to production, where that is part of a story."""
        return {
            service: datetime.fromtimestamp(story.start, UTC)
            for story in self.stories
            if story.name == "bad deploy"
            for service in story.services
        }

    def disk_used(self, times: Numbers) -> Numbers:
        """Share of the database's disk: it has been filling for two days, and is full some hours from when the shop was opened."""
        days = (times - (self.opened - 2 * DAY)) / DAY
        return np.asarray(np.clip(0.58 + 0.0 * times + np.clip(days, 0, None) * 0.178, 0.02, 1.0), dtype=np.float64)

    def connections(self, times: Numbers) -> Numbers:
        """To the database."""
        usual = 18 + 12 * self.load(times, "orders-db")
        return np.asarray(usual + sum(s.connections * s.weight(times) for s in self.stories), dtype=np.float64)

    def _made(self, service: Service, environment: str, until: float) -> Minutes:
        times = np.arange(self.start, until, MINUTE)
        key = f"{service.name}/{environment}"
        requests = service.requests * ENVIRONMENTS[environment] * self.load(times, key)
        failing = 0.002 * (1 + 0.4 * np.abs(self.noise(f"{key}/errors", len(times))))
        latency = service.latency * (1 + 0.05 * self.noise(f"{key}/latency", len(times)))
        for story in self.told(service.name, environment):
            weight = story.weight(times)
            failing = failing + story.errors * weight
            latency = latency * (1 + (story.slower - 1) * weight)
        return Minutes(times, np.maximum(requests, 0.01), np.clip(failing, 0, 1), np.maximum(latency, 1e-4))
