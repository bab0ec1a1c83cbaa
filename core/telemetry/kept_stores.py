"""Stores of metrics, logs, traces and calls of language models whose answers are kept. What firing alerts and scrapes say now never is. Lines and traces tell what customers
did: they lie in the process that asked for them only."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from core.ports.telemetry import (
    Lines,
    Logs,
    Measured,
    Metrics,
    Rule,
    Tags,
    Target,
    Trace,
    Traces,
    TraceStore,
)
from core.ports.usage import CallsAsked, ModelCalls, Usage, UsageStore
from core.query.catalogue import Backend
from core.telemetry import chunks
from core.telemetry.kept import LISTED, Asking, Kept, aged, points, unaged
from core.telemetry.shelves import Packing

_BACKEND: Final = Packing[Backend](Backend)
_LABELS: Final = Packing[Mapping[str, frozenset[str]]](dict[str, frozenset[str]])
_TAGS: Final = Packing[Tags](Tags)


class _Numbers(Protocol):
    """What stores have in common whose answers can be numbers over time."""

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured: ...


class _KeptNumbers:
    """Numbers over time. `of`: what is asked for them."""

    def __init__(self, of: str, inner: _Numbers, kept: Kept) -> None:
        self._of = of
        self._numbers = inner
        self._kept = kept

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        """See `Metrics.over`."""
        return await self._kept.get(
            Asking(
                (self._of, query, start, end, step),
                (self._of, query, end - start, step, self._kept.lag(end)),
                points,
                chunks.MEASURED,
                end=end,
            ),
            lambda: self._ask(query, start, end, step),
            aged,
        )

    async def _ask(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        return await self._numbers.over(query, start, end, step)


class _Values(_Numbers, Protocol):
    """What metrics and logs that are counted have in common besides."""

    async def at(self, query: str, moment: datetime) -> Measured: ...


class _KeptValues(_KeptNumbers):
    """And at one moment."""

    def __init__(self, of: str, inner: _Values, kept: Kept) -> None:
        super().__init__(of, inner, kept)
        self._values = inner

    async def at(self, query: str, moment: datetime) -> Measured:
        """See `Metrics.at`."""
        return await self._kept.get(
            Asking(
                (self._of, query, moment),
                (self._of, query, self._kept.lag(moment)),
                points,
                chunks.MEASURED,
                end=moment,
            ),
            lambda: self._values.at(query, moment),
            aged,
        )


class KeptMetrics(_KeptValues):
    """Implements `core.ports.telemetry.Metrics` by another one."""

    def __init__(self, inner: Metrics, kept: Kept) -> None:
        super().__init__("metrics", inner, kept)
        self._inner = inner

    async def _ask(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        return await chunks.over(self._kept, self._inner.over, query, start, end, step)

    async def backend(self, names: Collection[str] = (), *, anew: bool = False) -> Backend:
        """See `Metrics.backend`."""
        asked = ("backend", tuple(sorted(names)))
        asking = Asking(asked, asked, lambda found: len(found.metrics), _BACKEND, fresh=LISTED)

        async def ask() -> Backend:
            return await self._inner.backend(names, anew=anew)

        return await (self._kept.renew(asking, ask) if anew else self._kept.get(asking, ask, unaged))

    async def values(self, label: str) -> frozenset[str]:
        """See `Metrics.values`. Not kept: who asks does that."""
        return await self._inner.values(label)

    async def rules(self) -> tuple[Rule, ...]:
        """See `Metrics.rules`. Never an old answer: what fires now is what it is about."""
        return await self._inner.rules()

    async def targets(self) -> tuple[Target, ...]:
        """See `Metrics.targets`. Never an old answer."""
        return await self._inner.targets()


class KeptLogs(_KeptValues):
    """Implements `core.ports.telemetry.Logs` by another one."""

    def __init__(self, inner: Logs, kept: Kept) -> None:
        super().__init__("logs", inner, kept)
        self._inner = inner

    async def labels(self) -> Mapping[str, frozenset[str]]:
        """See `Logs.labels`."""
        return await self._kept.get(Asking("labels", "labels", len, _LABELS), self._inner.labels, unaged)

    async def lines(self, query: str, start: datetime, end: datetime, *, limit: int = 1000) -> Lines:
        """See `Logs.lines`."""
        return await self._kept.get(
            Asking(
                ("lines", query, start, end, limit),
                ("lines", query, end - start, limit, self._kept.lag(end)),
                lambda found: len(found.lines),
                end=end,
            ),
            lambda: self._inner.lines(query, start, end, limit=limit),
            aged,
        )


class KeptTraces(_KeptNumbers):
    """Implements `core.ports.telemetry.TraceStore` by another one."""

    def __init__(self, inner: TraceStore, kept: Kept) -> None:
        super().__init__("traces", inner, kept)
        self._inner = inner

    async def tags(self) -> Tags:
        """See `TraceStore.tags`."""
        return await self._kept.get(
            Asking("tags", "tags", lambda found: len(found.operations), _TAGS), self._inner.tags, unaged
        )

    async def search(self, query: str, start: datetime, end: datetime, *, limit: int = 20) -> Traces:
        """See `TraceStore.search`."""
        return await self._kept.get(
            Asking(
                ("search", query, start, end, limit),
                ("search", query, end - start, limit, self._kept.lag(end)),
                lambda found: len(found.traces),
                end=end,
            ),
            lambda: self._inner.search(query, start, end, limit=limit),
            aged,
        )

    async def trace(self, id_: str) -> Trace | None:
        """See `TraceStore.trace`."""
        return await self._kept.get(
            Asking(
                ("trace", id_),
                ("trace", id_),
                lambda found: len(found.spans) if found else 1,
            ),
            lambda: self._inner.trace(id_),
            lambda found, at: aged(found, at) if found else None,
        )


class KeptUsage:
    """Implements `core.ports.usage.UsageStore` by another one."""

    def __init__(self, inner: UsageStore, kept: Kept) -> None:
        self._inner = inner
        self._kept = kept

    async def over(self, usage: Usage, start: datetime, end: datetime) -> Measured:
        """See `UsageStore.over`."""
        asked = ("usage", usage.metric, usage.interval, tuple(sorted(usage.where.items())), usage.by)
        return await self._kept.get(
            Asking(
                (*asked, start, end),
                # The first interval begins before the window does.
                (*asked, (end - start) // usage.interval, self._kept.lag(end)),
                points,
                chunks.MEASURED,
                end=end,
            ),
            lambda: self._inner.over(usage, start, end),
            aged,
        )

    async def calls(self, asked: CallsAsked, start: datetime, end: datetime, *, limit: int = 20) -> ModelCalls:
        """See `UsageStore.calls`."""
        named = ("calls", tuple(sorted(asked.where.items())), asked.longer_than, asked.dearer_than, asked.order, limit)
        return await self._kept.get(
            Asking(
                (*named, start, end),
                (*named, end - start, self._kept.lag(end)),
                lambda found: len(found.calls),
                end=end,
            ),
            lambda: self._inner.calls(asked, start, end, limit=limit),
            aged,
        )

    async def trace(self, id_: str) -> Trace | None:
        """See `UsageStore.trace`. Not kept: it is looked at once."""
        return await self._inner.trace(id_)
