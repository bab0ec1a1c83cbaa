"""Services as stores name them: looked up now and then, beside the turns."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from core.errors import UpstreamUnavailable
from core.ports.telemetry import Tags, Telemetry
from core.telemetry.discovery import Discovered


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 25, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class Stores:
    """All three in one; `names` is what the metrics have."""

    def __init__(self) -> None:
        self.names = {"checkout", "payments", "not a name", "x"}
        self.asked = 0
        self.away = False
        self.open = asyncio.Event()
        self.open.set()

    async def values(self, label: str) -> frozenset[str]:
        assert label == "service"
        self.asked += 1
        await self.open.wait()
        if self.away:
            raise UpstreamUnavailable("prometheus", "away")
        return frozenset(self.names)

    async def labels(self) -> dict[str, frozenset[str]]:
        return {"app": frozenset({"another"}), "service_name": frozenset({"checkout", "mail"})}

    async def tags(self) -> Tags:
        return Tags(frozenset({"orders-db"}), frozenset())

    def telemetry(self) -> Telemetry:
        store = cast("Any", self)
        return Telemetry(store, store, store)


async def test_every_store_names_its_own() -> None:
    stores = Stores()
    async with Discovered(stores.telemetry(), Clock()) as discovered:
        assert await discovered.services() == ("checkout", "mail", "orders-db", "payments")
    async with Discovered(Telemetry(), Clock()) as discovered:
        assert await discovered.services() == ()


async def test_they_are_looked_up_again_after_a_while_and_known_meanwhile() -> None:
    stores, clock = Stores(), Clock()
    async with Discovered(stores.telemetry(), clock) as discovered:
        first = await discovered.services()
        stores.names.add("refunds")
        assert await discovered.services() == first
        assert stores.asked == 1
        clock.time += timedelta(minutes=6)
        assert await discovered.services() == first, "nobody waits"
        while "refunds" not in await discovered.services():
            await asyncio.sleep(0)
        assert stores.asked == 2


async def test_nobody_waits_for_a_store_that_is_slow_and_what_one_that_is_away_named_stays() -> None:
    stores, clock = Stores(), Clock()
    stores.open.clear()
    async with Discovered(stores.telemetry(), clock) as discovered:
        assert await discovered.services() == ()
        stores.open.set()
        while not await discovered.services():
            await asyncio.sleep(0)
        known = await discovered.services()
        stores.away = True
        clock.time += timedelta(minutes=6)
        while stores.asked < 2:
            await discovered.services()
            await asyncio.sleep(0)
        for _ in range(20):  # until its look is over
            await asyncio.sleep(0)
        assert await discovered.services() == known
        assert "payments" in known
    stores.open.clear()
    clock.time += timedelta(minutes=6)
    async with Discovered(stores.telemetry(), clock) as discovered:
        await discovered.services()  # its look is under way when it ends
