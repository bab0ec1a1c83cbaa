"""Which services there are, as metrics, logs and traces name them. Looked up beside the turns: none waits for a store that is slow."""

import asyncio
import re
from collections.abc import Awaitable, Collection
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

import structlog

from core.errors import BotError
from core.ports.clock import Clock
from core.ports.telemetry import Telemetry

log = structlog.get_logger()

_EVERY: Final = timedelta(minutes=5)
_FIRST: Final = 0.3
"""Seconds that the first who asks waits: what is known by then counts for that turn."""
_MOST = 500
_NAME = re.compile(r"[A-Za-z][\w.-]{1,59}")
_LABELS: Final = ("service", "service_name", "app")
"""Of streams of logs, by what names a service; the first that there is counts."""


class Discovered:
    """Looks while the block runs, whenever somebody asks and the last look is old."""

    def __init__(self, telemetry: Telemetry, clock: Clock) -> None:
        self._telemetry = telemetry
        self._clock = clock
        self._known: tuple[str, ...] = ()
        self._named: dict[str, Collection[str]] = {}
        """Store → what it named when it answered last."""
        self._looked: datetime | None = None
        self._looking: asyncio.Task[None] | None = None
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._looking:
            self._looking.cancel()
        await self._tasks.__aexit__(kind, error, trace)

    async def services(self) -> tuple[str, ...]:
        """Names in order; what was known before while a look is under way, nothing where no store tells. Never raises."""
        now = self._clock.now()
        if self._looked is None or now - self._looked >= _EVERY:
            first, self._looked = self._looked is None, now
            if self._looking is None or self._looking.done():
                self._looking = self._tasks.create_task(self._look())
            if first:
                await asyncio.wait([self._looking], timeout=_FIRST)
        return self._known

    async def _look(self) -> None:
        telemetry = self._telemetry
        asked: list[Awaitable[None]] = []
        if telemetry.metrics:
            asked.append(self._of("metrics", telemetry.metrics.values("service")))
        if telemetry.logs:
            asked.append(self._of("logs", self._logged()))
        if telemetry.traces:
            asked.append(self._of("traces", self._traced()))
        await asyncio.gather(*asked)
        names = {name for of_one in self._named.values() for name in of_one if _NAME.fullmatch(name)}
        self._known = tuple(sorted(names)[:_MOST])

    async def _of(self, store: str, names: Awaitable[Collection[str]]) -> None:
        try:
            self._named[store] = await names
        except BotError as error:
            log.info("discovery.unknown", store=store, error=error.message)

    async def _logged(self) -> Collection[str]:
        labels = await self._telemetry.logs.labels() if self._telemetry.logs else {}
        return next((labels[label] for label in _LABELS if label in labels), ())

    async def _traced(self) -> Collection[str]:
        return (await self._telemetry.traces.tags()).services if self._telemetry.traces else ()
