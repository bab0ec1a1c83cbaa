"""The composition root: builds everything in order, stops it in reverse. The one module that sees all four packages."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog
from aiohttp import web

from bot import health, timers
from bot.clock import SystemClock, SystemIds
from bot.gateway import Gateway
from bot.health import Check
from bot.hearing import Hearing
from bot.identity import PlatformIdentity
from bot.metrics import Metrics
from bot.sender import Sender
from bot.settings import Settings, place
from bot.turns import TurnWorker
from bot.web import WebServer
from core.context.gathering import Contexts
from core.conversation.desk import Desk
from core.conversation.forms import FormBook
from core.conversation.service import Conversation
from core.conversation.updates import RunUpdates
from core.errors import UnavailableError
from core.messages import Platform
from core.planning.executor import Executor
from core.ports.cache import Cache
from core.ports.clock import Clock, Ids
from core.ports.platforms import Connector
from core.ports.queue import WorkQueue
from core.ports.records import Records, Transaction
from core.tools import Toolbox
from core.workflow import catalogue as catalogues
from core.workflow import events as ev
from core.workflow import runner as runs
from core.workflow.catalogue import Catalogue
from core.workflow.run import Run
from core.workflow.signals import QUEUE, Means
from integrations.delivery.client import DeliveryClient
from integrations.delivery.tools import tools as delivery_tools
from storage.cache_memory import MemoryCache
from storage.engine import open_records
from storage.queue_sql import SqlWorkQueue
from storage.records import SqlRecords
from storage.recovery import alone, end_claims

log = structlog.get_logger()

_GRACE = 5.0
"""Seconds for each part of stopping."""
_LOOK_AGAIN = 0.02
"""Seconds between looks while starting."""


@dataclass(slots=True)
class Bot:
    """A running bot."""

    settings: Settings
    clock: Clock
    ids: Ids
    metrics: Metrics
    holder: str
    """Names this process in claims."""
    records: Records
    queue: WorkQueue
    cache: Cache
    toolbox: Toolbox
    catalogue: Catalogue
    updates: RunUpdates
    sender: Sender
    turns: TurnWorker
    gateway: Gateway
    hearing: Hearing
    connectors: dict[Platform, Connector]
    checks: dict[str, Check] = field(default_factory=dict)
    routes: list[web.AbstractRouteDef] = field(default_factory=list)
    """Of platforms that come in over HTTP."""
    address: str = ""
    """Of the HTTP server, when there is one."""

    async def problems(self) -> dict[str, str]:
        """What does not work, by part; empty when ready."""
        return await health.problems(self.checks)

    async def ready(self, *, within: float = 20.0) -> None:
        """Return when every part works; UnavailableError with the reasons after `within` seconds."""
        end = asyncio.get_running_loop().time() + within
        while problems := await self.problems():
            if asyncio.get_running_loop().time() > end:
                raise UnavailableError(f"Not ready: {problems}")
            await asyncio.sleep(_LOOK_AGAIN)

    def means(self) -> Means:
        """For signals that no person sends: workers and timers. The cards that follow are sent once they are committed."""

        def announce(tx: Transaction, run: Run, events: Sequence[ev.Event]) -> None:
            self.updates.announce(tx, run, events)
            _count(self.metrics, events)

        return Means(self.ids, announce)


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    platforms: bool = True,
    http: bool = True,
    workers: bool = True,
    connectors: Mapping[Platform, Connector] | None = None,
) -> AsyncIterator[Bot]:
    """The bot while the block runs. `platforms`: connect to those enabled; `http`: serve; `workers`: execute runs and fire
    timers; `connectors`: further ones (a terminal's)."""
    async with AsyncExitStack() as stack:
        bot = await _build(
            stack, settings, clock or SystemClock(settings.clock_offset), ids or SystemIds(), connectors or {}
        )
        if platforms:
            await _connect(stack, bot)
            stack.push_async_callback(_drain, bot)
        if http:
            await _serve_http(stack, bot)
        if workers:
            await stack.enter_async_context(_working(bot))
        log.info("bot.started", platforms=sorted(bot.connectors), workflows=bot.catalogue.names())
        yield bot
        log.info("bot.stopping")


def workflows(settings: Settings, paths: Sequence[Path]) -> Catalogue:
    """The library and these files or folders, read and checked; DefinitionError with every fault."""
    return catalogues.load(Toolbox(delivery_tools(DeliveryClient(settings.delivery.url, ""))), paths)


async def upgrade_records(settings: Settings) -> None:
    """Bring the database to this version's schema."""
    from storage.migrate import upgrade

    await upgrade(settings.database_url)


async def _build(
    stack: AsyncExitStack, settings: Settings, clock: Clock, ids: Ids, further: Mapping[Platform, Connector]
) -> Bot:
    """Everything but platforms, HTTP and workers."""
    holder = f"bot-{secrets.token_hex(6)}"
    metrics = Metrics()
    records = await stack.enter_async_context(open_records(settings.database_url))
    if stack.enter_context(alone(settings.database_url)) and (ended := await records.write(end_claims)):
        log.info("bot.recovered", claims=ended)
    queue = await _open_queue(stack, settings, records)
    cache = await _open_cache(stack, settings)
    toolbox = await _open_tools(stack, settings)
    catalogue = catalogues.load(toolbox, settings.workflows)
    connectors: dict[Platform, Connector] = dict(further)
    guilds = settings.discord.guild_ids
    identity = PlatformIdentity(
        connectors,
        cache=cache,
        roles=settings.roles,
        same_person=settings.same_person,
        homes={Platform.DISCORD: guilds[0]} if guilds else {},
    )
    updates = RunUpdates(
        clock=clock, ids=ids, channels={"approvals": [place(text) for text in settings.approval_channels]}
    )
    desk = Desk(records, clock, ids, identity, settings.permissions, catalogue, toolbox, updates)
    executor = Executor(toolbox, cache=cache, clock=clock, ids=ids)
    contexts = Contexts(records, cache=cache, platforms=connectors)
    conversation = Conversation(
        desk, executor, contexts, cache=cache, per_minute=settings.limits.turns_per_minute_per_person
    )
    sender = await stack.enter_async_context(Sender(records, connectors, clock=clock, holder=holder))
    turns = await stack.enter_async_context(
        TurnWorker(
            records, conversation, sender, holder=holder, metrics=metrics, concurrency=settings.limits.turns_at_once
        )
    )
    forms = FormBook(catalogue)
    hearing = await stack.enter_async_context(
        Hearing(records, clock=clock, everywhere=settings.memory.listen, days=settings.memory.days)
    )
    gateway = await stack.enter_async_context(
        Gateway(records, hearing, ids=ids, turns=turns, forms=forms, metrics=metrics)
    )
    bot = Bot(
        settings, clock, ids, metrics, holder, records, queue, cache, toolbox, catalogue, updates, sender, turns, gateway,
        hearing, connectors,
    )  # fmt: skip
    bot.checks |= {"database": records.healthy, "queue": queue.healthy, "cache": cache.healthy}
    return bot


async def _open_queue(stack: AsyncExitStack, settings: Settings, records: SqlRecords) -> WorkQueue:
    if settings.queue == "sql":
        return SqlWorkQueue(records)
    from storage.nats_link import open_nats
    from storage.queue_jetstream import open_jetstream_queue

    link = await stack.enter_async_context(open_nats(settings.nats_url))
    return await stack.enter_async_context(open_jetstream_queue(records, link))


async def _open_cache(stack: AsyncExitStack, settings: Settings) -> Cache:
    if not settings.redis_url:
        return MemoryCache()
    from storage.cache_redis import open_redis_cache

    return await stack.enter_async_context(open_redis_cache(settings.redis_url))


async def _open_tools(stack: AsyncExitStack, settings: Settings) -> Toolbox:
    """The tools of every integration that is configured."""
    token = settings.delivery.token.get_secret_value()
    client = await stack.enter_async_context(DeliveryClient(settings.delivery.url, token))
    return Toolbox(delivery_tools(client))


async def _connect(stack: AsyncExitStack, bot: Bot) -> None:
    """Connect to the platforms that are enabled; each is imported only then."""
    slack, discord = bot.settings.slack, bot.settings.discord
    if slack.enabled:
        from bot.slack.transport import SlackTransport

        transport = SlackTransport(
            bot_token=slack.bot_token.get_secret_value(),
            app_token=slack.app_token.get_secret_value() if slack.mode == "socket" else "",
            signing_secret=slack.signing_secret.get_secret_value(),
            api_url=slack.api_url,
            ingress=bot.gateway,
            clock=bot.clock,
            ping=slack.ping_seconds,
        )
        await stack.enter_async_context(transport)
        bot.connectors[Platform.SLACK] = transport.connector
        bot.checks["slack"] = _as_check(transport.healthy)
        bot.routes += transport.routes()
    if discord.enabled:
        from bot.discord.transport import DiscordTransport

        gateway = DiscordTransport(
            token=discord.token.get_secret_value(),
            api_url=discord.api_url,
            guild_ids=discord.guild_ids,
            ingress=bot.gateway,
            clock=bot.clock,
        )
        await stack.enter_async_context(gateway)
        bot.connectors[Platform.DISCORD] = gateway.connector
        bot.checks["discord"] = _as_check(gateway.healthy)


async def _drain(bot: Bot) -> None:
    """Before the platforms are left: take nothing in, answer what was taken, send what is on the way."""
    bot.gateway.closed = True
    finished = await bot.turns.drain(_GRACE)
    sent = await bot.sender.drain(_GRACE)
    if not (finished and sent):
        log.warning("bot.not_drained", finished=finished, sent=sent)


def _as_check(healthy: Callable[[], str]) -> Check:
    async def check() -> str:
        return healthy()

    return check


async def _serve_http(stack: AsyncExitStack, bot: Bot) -> None:
    settings = bot.settings.http
    server = WebServer(
        settings.host,
        settings.port,
        metrics=bot.metrics,
        problems=bot.problems,
        refresh=lambda: _refresh(bot),
        routes=bot.routes,
    )
    await stack.enter_async_context(server)
    bot.address = server.url


def _count(metrics: Metrics, events: Sequence[ev.Event]) -> None:
    """Ends of runs and of approvals, by what became of them."""
    for event in events:
        if isinstance(event, ev.EndEvent):
            metrics.workflows.labels(event.kind.removeprefix("run.")).inc()
        if isinstance(event, ev.ApprovalGranted | ev.ApprovalDenied | ev.ApprovalExpired):
            metrics.approvals.labels(event.kind.removeprefix("approval.")).inc()


async def _refresh(bot: Bot) -> None:
    """Bring the gauges up to date before they are shown."""
    now = bot.clock.now()

    def unit(tx: Transaction) -> tuple[int, int, float]:
        oldest = tx.outbox.oldest_due()
        lag = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        return tx.sessions.count_active(since=now - timedelta(hours=1)), tx.outbox.depth(), lag

    active, depth, lag = await bot.records.read(unit)
    bot.metrics.sessions_active.set(active)
    bot.metrics.outbox_lag.set(lag)
    bot.metrics.queue_depth.labels("outbox").set(depth)
    bot.metrics.queue_depth.labels(QUEUE).set(await bot.queue.depth(QUEUE))


@asynccontextmanager
async def _working(bot: Bot) -> AsyncIterator[None]:
    """Execute runs and fire timers while the block runs; what is broken off comes again, here or elsewhere."""
    means = bot.means()
    runner = runs.Runner(bot.records, bot.toolbox, bot.clock, means)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        working = group.create_task(runs.serve(bot.queue, runner, at_once=bot.settings.limits.runs_at_once))
        group.create_task(timers.serve(bot.records, means, clock=bot.clock, holder=bot.holder, stop=stop))
        try:
            yield
        finally:
            stop.set()
            working.cancel()
