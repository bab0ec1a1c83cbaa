"""Runs queries over metrics, logs and traces, and makes what people see of what they gave: words, numbers, charts and files."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, TypeVar

import structlog

from core.charts.chart import chart
from core.charts.waterfall import waterfall
from core.conversation import log_cards, metric_cards, trace_cards, usage_cards
from core.conversation.marks import Happened, marks, numbered, told
from core.errors import BotError
from core.messages import Block, File, Note
from core.ports.clock import Clock
from core.ports.pictures import Drawing, Pictures
from core.ports.telemetry import Logs, Measured, Metrics, Series, Telemetry, Trace, TraceStore
from core.ports.usage import CallsAsked, UsageStore
from core.query import running
from core.query.catalogue import Backend
from core.query.translation import Language, QueryRefused
from core.query.usage.model import Totals
from core.query.usage.model import read as read_usage
from core.telemetry.investigation import Expression, Investigation, Suspect, investigate
from core.telemetry.log_patterns import trace_id
from core.telemetry.looks import Look, Turned
from core.telemetry.measuring import COUNTED, GRID, Found, earlier, grid, measure, naming, within
from core.telemetry.ran import Ran, of_calls, of_lines, of_series, of_trace, of_traces
from core.telemetry.slowest import slowest
from core.telemetry.usage import count
from core.telemetry.vitals import Vital, vitals_of
from core.workflow.durations import written

if TYPE_CHECKING:  # parsers are large
    from core.query.promql.check import Checked

log = structlog.get_logger()

T = TypeVar("T")

_TIMES = (Turned.WIDER, Turned.NARROWER)
_CALLS = 50
"""Calls of language models that are read."""
_FURTHER = 3
"""Traces that can be looked at besides the slowest."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a query gave, ready to be sent."""

    blocks: Sequence[Block]
    turns: tuple[Turned, ...] = ()
    """How it can be looked at again."""
    span: str = ""
    """The time it is about."""
    gist: str = ""
    """What it comes to, in a few plain words; "" where it takes a table."""
    traces: Mapping[str, str] = field(default_factory=dict)
    """Traces that can be looked at: what the button says → id."""
    ran: Ran | None = None
    """What was asked, and what came back; None where the answer is an old one, or there is none."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What answers have besides the numbers; each can be switched off."""

    charts: bool = True
    meanwhile: bool = True
    """What was deployed, ran and fired in the same time."""
    investigate: bool = True


class Findings:
    """Asks the backends that are connected."""

    def __init__(self, telemetry: Telemetry, pictures: Pictures, clock: Clock, offered: Offered | None = None) -> None:
        """`offered`: None: everything."""
        self.offered = offered or Offered()
        self._telemetry = telemetry
        self._pictures = pictures
        self._clock = clock

    async def within(self, language: Language, make: Callable[[Backend | None], Awaitable[T]]) -> T:
        """What is made knowing which metrics there are; None: no matter, or none are connected. Where it is refused, once more with what
        there is now: a metric may be newer than the list of them.

        Raises:
            QueryRefused: it is refused then, too.
            UpstreamError: the backend cannot answer.
        """
        metrics = self._telemetry.metrics
        if metrics is None or language is not Language.PROMQL:
            return await make(None)
        return await _knowing(metrics, (), make)

    async def of(
        self,
        language: Language,
        look: Look,
        title: str,
        zone: tzinfo,
        events: Sequence[Happened] = (),
        *,
        anew: bool = False,
    ) -> Shown | None:
        """What the look shows; None where nothing is connected that could tell. `title`: of pictures and files. `events`: to be marked
        where values over time are shown. `anew`: no answer that was kept counts.

        Raises:
            QueryRefused: it must not run; the message says why.
            UpstreamError: the backend cannot answer.
        """
        stores = self._telemetry.anew if anew and self._telemetry.anew else self._telemetry
        if language is Language.PROMQL and stores.metrics:
            return await self._metrics(stores.metrics, look, title, zone, events)
        if language is Language.LOGQL and stores.logs:
            return await self._logs(stores.logs, look, title, zone, events)
        if language is Language.TRACEQL and stores.traces:
            return await self._traces(stores.traces, look, title, zone, events)
        if language is Language.USAGE and stores.usage:
            return await self._usage(stores.usage, look, title, zone, events)
        return None

    async def trace(self, id_: str, zone: tzinfo) -> Shown | None:
        """One trace; None where no store of traces is connected. UpstreamError: it cannot answer."""
        stores = [store for store in (self._telemetry.traces, self._telemetry.usage) if store]
        for store in stores:
            if trace := await store.trace(id_):
                ran = None if trace.known_since else of_trace(self._clock.now(), trace)
                return Shown(await self._whole(trace, zone), ran=ran)
        return Shown(trace_cards.unknown(id_, "The store")) if stores else None

    async def vitals(self, service: str, environment: str) -> tuple[Vital, ...] | None:
        """How a service does by its usual signals; None where nobody can tell: what else is known is worth telling."""
        if self._telemetry.metrics is None:
            return None
        try:
            return await vitals_of(self._telemetry.metrics, service, environment, grid(self._clock.now()))
        except BotError as error:
            log.info("vitals.unknown", error=error.message)
            return None

    @property
    def investigates(self) -> bool:
        """Whether any store is connected that an investigation asks."""
        telemetry = self._telemetry
        return self.offered.investigate and bool(telemetry.metrics or telemetry.logs or telemetry.traces)

    async def investigated(self, alert: Suspect, allowed: frozenset[str]) -> Investigation:
        """What can be found out about an alert. `allowed`: the stores that may be asked."""
        return await investigate(self._telemetry, alert, self._clock.now(), allowed)

    async def drawn(
        self, expression: Expression, title: str, zone: tzinfo, events: Sequence[tuple[str, datetime]]
    ) -> Sequence[Block]:
        """What a rule looks at, as a chart with labelled moments."""
        inside = [(label, at) for label, at in events if at >= expression.found.start]
        return await self._chart(expression.found, title, zone, inside)

    async def apart(self, promql: str) -> str | None:
        """The query by instance; None where that is no other query."""
        if self._telemetry.metrics is None:
            return None
        return running.apart(promql, await self._telemetry.metrics.backend(running.names(promql)))

    async def _metrics(
        self, metrics: Metrics, look: Look, title: str, zone: tzinfo, events: Sequence[Happened]
    ) -> Shown:
        names = running.names(look.query)
        step = running.step(look.length)

        async def check(backend: Backend) -> "tuple[Checked, Backend]":
            # Twice the window is read: what was before it is told, too.
            return running.check(look.query, window=2 * look.length, step=step, backend=backend), backend

        checked, backend = await _knowing(metrics, names, check)
        quantity = running.quantity(checked.query)
        found = await measure(metrics, look, step=step, now=self._clock.now(), quantity=quantity)
        turns = [how for how in (*_TIMES, Turned.APART, Turned.LAST_WEEK) if look.can(how)]
        if Turned.APART in turns and running.apart(look.query, backend) is None:
            turns.remove(Turned.APART)
        return await self._measured("metrics", found, title, zone, tuple(turns), events)

    async def _logs(self, logs: Logs, look: Look, title: str, zone: tzinfo, events: Sequence[Happened]) -> Shown:
        now = self._clock.now()
        # The next moment, not the last one: the newest lines are those that people look for.
        soon = grid(now) + GRID
        turns = tuple(how for how in _TIMES if look.can(how))
        if running.gives_lines(look.query):
            end = look.end or soon
            found = await logs.lines(look.query, end - look.length, end)
            # In a thread: a thousand lines are read word by word.
            blocks = await asyncio.to_thread(log_cards.lines, found, title, now, zone)
            if not found.lines and (other := running.by_text(look.query)):
                # Services that write plain text have no fields, and at three in the morning nothing is a dangerous answer.
                found = await logs.lines(other, end - look.length, end)
                if found.lines:
                    said = await asyncio.to_thread(log_cards.lines, found, title, now, zone)
                    blocks = [*log_cards.by_text(other), *said]
            newest = next((id_ for line in found.lines if (id_ := trace_id(line))), "")
            traces = {"Trace of the latest": newest} if newest and self._telemetry.traces else {}
            ran = None if found.known_since else of_lines(end - look.length, min(end, now), found.lines)
            span = metric_cards.stretch(look.length, look.end, now, zone)
            return Shown(blocks, turns, span, traces=traces, ran=ran)
        step = max(running.step(look.length), timedelta(seconds=15))
        counted = await measure(logs, look, step=step, now=soon, quantity=COUNTED)
        return await self._measured("logs", counted, title, zone, turns, events)

    async def _traces(
        self, store: TraceStore, look: Look, title: str, zone: tzinfo, events: Sequence[Happened]
    ) -> Shown:
        gives_numbers = running.check_traces(look.query, (await store.tags()).attributes)
        now = self._clock.now()
        turns = tuple(how for how in _TIMES if look.can(how))
        if gives_numbers:
            step = max(running.step(look.length), timedelta(seconds=15))
            # The store counts from multiples of the step on.
            whole = now - timedelta(seconds=now.timestamp() % step.total_seconds())
            quantity = running.quantity_of_traces(look.query)
            found = await measure(store, look, step=step, now=whole, quantity=quantity)
            return await self._measured("traces", found, title, zone, turns, events)
        if one := running.trace_id(look.query):
            return await self._trace(store, one, zone)
        end = look.end or grid(now) + GRID
        searched = await slowest(store, look.query, end, look.length)
        blocks = trace_cards.traces(searched, now, zone)
        if searched.traces and (trace := await store.trace(searched.traces[0].id)):
            blocks += await self._whole(trace, zone)
        # Their numbers are those of the table, whose first is shown.
        further = {f"Trace {number}": one.id for number, one in enumerate(searched.traces[1 : 1 + _FURTHER], 2)}
        span = metric_cards.stretch(look.length, look.end, now, zone)
        ran = None if searched.known_since else of_traces(end - look.length, min(end, now), searched.traces)
        return Shown(blocks, turns, span, trace_cards.gist(searched), traces=further, ran=ran)

    async def _usage(
        self, store: UsageStore, look: Look, title: str, zone: tzinfo, events: Sequence[Happened]
    ) -> Shown:
        turns = tuple(how for how in _TIMES if look.can(how))
        now = grid(self._clock.now())
        end = look.end or now
        span = metric_cards.stretch(look.length, look.end, now, zone)
        match read_usage(look.query):
            case Totals() as query:
                counted = await count(store, query, look, now)
                inside = [event for event in events if event.at >= counted.found.start]
                blocks = usage_cards.totals(counted) + usage_cards.notes(counted, zone)
                blocks += [
                    *told(inside, zone, end),
                    *await self._chart(
                        counted.found,
                        f"{title} · each {written(counted.found.step.total_seconds())}",
                        zone,
                        numbered(inside),
                    ),
                ]
                whole = counted.found.whole
                ran = None if whole.known_since else of_series("usage", counted.found.start, end, whole)
                return Shown(blocks, turns, span, usage_cards.gist(counted), ran=ran)
            case CallsAsked() as asked:
                found = await store.calls(asked, end - look.length, end, limit=_CALLS)
                ran = None if found.known_since else of_calls(end - look.length, end, found.calls)
                blocks = usage_cards.calls(found, now, zone)
                traces = usage_cards.traces(found)
                return Shown(blocks, turns, span, usage_cards.call_gist(found), traces=traces, ran=ran)

    async def _trace(self, store: TraceStore, id_: str, zone: tzinfo) -> Shown:
        trace = await store.trace(id_)
        if trace is None:
            return Shown(trace_cards.unknown(id_, "The store"))
        ran = None if trace.known_since else of_trace(self._clock.now(), trace)
        return Shown(await self._whole(trace, zone), ran=ran)

    async def _whole(self, trace: Trace, zone: tzinfo) -> list[Block]:
        # In a thread: a trace may have ten thousand spans.
        words = await asyncio.to_thread(trace_cards.whole, trace, self._clock.now(), zone)
        if not self.offered.charts:
            return words
        title = trace_cards.title(trace)
        drawing = await asyncio.to_thread(waterfall, trace, title)
        return [*words, await self._picture("trace.png", drawing, title)]

    async def _measured(
        self,
        source: str,
        found: Found,
        title: str,
        zone: tzinfo,
        turns: tuple[Turned, ...],
        events: Sequence[Happened],
    ) -> Shown:
        blocks = metric_cards.measured(found, zone) + metric_cards.notes(found, zone)
        # What happened a moment ago is told, though the values may not reach to it yet.
        inside = [event for event in events if event.at >= found.start]
        blocks += [*told(inside, zone, found.end), *await self._chart(found, title, zone, numbered(inside))]
        ran = None if found.whole.known_since else of_series(source, found.start, found.end, found.whole)
        return Shown(blocks, turns, metric_cards.span(found, zone), metric_cards.gist(found), ran=ran)

    async def _chart(
        self, found: Found, title: str, zone: tzinfo, events: Sequence[tuple[str, datetime]]
    ) -> list[Block]:
        """What cannot be drawn now costs the picture, not the answer."""
        if not found.lines or not self.offered.charts:
            return []
        named = list(zip(found.names, within(found).series, strict=True))
        beside = earlier(found)
        drawing = chart(
            named,
            title=title,
            quantity=found.quantity,
            start=found.start,
            end=found.end,
            step=found.step,
            zone=zone,
            beside=_named_beside(beside, len(named)) if beside else (),
            marks=marks(events, found.end - found.start),
        )
        return [await self._picture("chart.png", drawing, title)]

    async def _picture(self, name: str, drawing: Drawing, title: str) -> Block:
        try:
            return File(name, await self._pictures.png(drawing), "image/png", title)
        except BotError as error:
            log.warning("picture.failed", picture=name, error=error.message)
            return Note("The picture could not be drawn this time.")


async def _knowing(metrics: Metrics, names: Collection[str], make: Callable[[Backend], Awaitable[T]]) -> T:
    """With what is known of these metrics; where that is refused, once more with what there is now."""
    try:
        return await make(await metrics.backend(names))
    except QueryRefused:
        return await make(await metrics.backend(names, anew=True))


def _named_beside(beside: Measured, lines: int) -> list[tuple[str, Series]]:
    """The series of the week before, which is what they are called where there is only one."""
    names = naming([one.labels for one in beside.series])
    if lines == 1:
        return [("last week", one) for one in beside.series[:1]]
    return [(f"{name} last week".strip(), one) for name, one in zip(names, beside.series, strict=True)]
