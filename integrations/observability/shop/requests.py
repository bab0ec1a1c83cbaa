"""Which requests of the shop are followed: a few a minute, and more of those that fail, as sampling at the tail keeps them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from zlib import crc32

import numpy as np

from integrations.observability.shop.world import BY_NAME, ENVIRONMENTS, MINUTE, Shop, Story

_FOLLOWED: Mapping[str, int] = MappingProxyType({"production": 6, "staging": 1})
"""A minute, of those that work."""
_KEPT_FAILURES = 0.02
"""Share of the failures that is followed."""
_MOST_FAILURES = 3
"""A minute, of each service."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a service, and what it asks of others for that."""

    service: str
    method: str
    path: str
    calls: "tuple[Call, ...]" = ()

    def walk(self) -> "Iterator[Call]":
        """This one and those beneath it."""
        yield self
        for call in self.calls:
            yield from call.walk()


_ITEMS = Call("catalog", "GET", "/items")
ROUTES: tuple[tuple[float, Call], ...] = (
    (0.46, Call("web", "GET", "/home", (Call("auth", "GET", "/session"), _ITEMS))),
    (0.20, Call("web", "GET", "/product", (Call("catalog", "GET", "/prices"), Call("search", "GET", "/suggest")))),
    (0.15, Call("web", "GET", "/product", (Call("search", "GET", "/search", (_ITEMS,)),))),
    (
        0.08,
        Call(
            "web",
            "POST",
            "/basket",
            (Call("auth", "POST", "/token"), Call("checkout", "GET", "/cart", (Call("inventory", "GET", "/stock"),))),
        ),
    ),
    (
        0.08,
        Call(
            "web",
            "POST",
            "/basket",
            (
                Call("auth", "GET", "/session"),
                Call(
                    "checkout",
                    "POST",
                    "/checkout",
                    (
                        Call("inventory", "POST", "/reserve"),
                        Call("payments", "POST", "/charge"),
                        Call("notifications", "POST", "/mail"),
                    ),
                ),
            ),
        ),
    ),
    (0.03, Call("payments", "POST", "/refund", (Call("notifications", "POST", "/push"),))),
)
"""Share of what is followed, and its way through the services."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request that is followed."""

    trace: str
    """Id of its trace: 32 hexadecimal digits."""
    environment: str
    at: float
    """Seconds since the epoch."""
    route: Call
    failing: str = ""
    """The service where it goes wrong."""
    story: str = ""
    """That makes it go wrong."""


def followed(shop: Shop, environment: str, minute: int) -> list[Request]:
    """Of one minute (counted since the epoch), in order of time."""
    draw = np.random.default_rng(crc32(f"{environment}/{minute}/requests".encode()))
    shares = np.array([share for share, _ in ROUTES])
    found = []
    for number in range(_FOLLOWED[environment]):
        route = ROUTES[int(draw.choice(len(ROUTES), p=shares))][1]
        found.append(_request(environment, minute, f"{number}", float(draw.random()), route))
    for name in BY_NAME:
        found += _failures(shop, environment, minute, name)
    return sorted(found, key=lambda request: request.at)


def _failures(shop: Shop, environment: str, minute: int, service: str) -> Iterator[Request]:
    minutes = shop.minutes(BY_NAME[service], environment, minute * MINUTE)
    place = min(max(0, minute - int(minutes.times[0] // MINUTE)), len(minutes.times) - 1)
    draw = np.random.default_rng(crc32(f"{environment}/{minute}/{service}/failures".encode()))
    often = float(minutes.requests[place]) * MINUTE * float(minutes.failing[place]) * _KEPT_FAILURES
    through = [route for _, route in ROUTES if any(call.service == service for call in route.walk())]
    story = next(
        (one for one in shop.told(service, environment) if one.start <= minute * MINUTE < one.end and one.errors), None
    )
    for number in range(min(_MOST_FAILURES, int(draw.poisson(often)))):
        route = through[int(draw.integers(len(through)))]
        told = story.name if story and draw.random() < 0.9 else ""
        yield _request(environment, minute, f"{service}{number}", float(draw.random()), route, service, told)


def _request(
    environment: str, minute: int, number: str, within: float, route: Call, failing: str = "", story: str = ""
) -> Request:
    name = f"{environment}/{minute}/{number}".encode()
    # The minute stands in the id, so that a trace is found by its id.
    trace = f"{minute:08x}{crc32(name):08x}{list(ENVIRONMENTS).index(environment):02x}{crc32(name[::-1]):08x}{len(name):06x}"
    return Request(trace, environment, (minute + within) * MINUTE, route, failing, story)


def found(shop: Shop, trace: str) -> Request | None:
    """By the id of its trace."""
    try:
        minute, environment = int(trace[:8], 16), list(ENVIRONMENTS)[int(trace[16:18], 16)]
    except (ValueError, IndexError):
        return None
    if not shop.start <= minute * MINUTE <= shop.now():
        return None
    return next((one for one in followed(shop, environment, minute) if one.trace == trace), None)


def happening(stories: Sequence[Story], at: float) -> Mapping[str, float]:
    """Story → how much of it there is at a moment, between 0 and 1."""
    return {story.name: float(story.weight(np.array([at]))[0]) for story in stories}
