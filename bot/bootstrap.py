"""The composition root: builds everything in order, stops it in reverse. The one module that sees all four packages."""

import asyncio
import secrets
from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import structlog
from aiohttp import web

from bot import health, housekeeping, timers
from bot.alert_door import AlertDoor, taker
from bot.backends import open_telemetry, pages, reach, silenceable
from bot.circuits import Circuits
from bot.clock import SystemClock, SystemIds
from bot.counting import CountedCache
from bot.gateway import Gateway
from bot.health import Check
from bot.hearing import Hearing
from bot.hooks import Hooks
from bot.identity import PlatformIdentity
from bot.leases import Leases
from bot.metrics import Metrics
from bot.roles import RoleBook
from bot.sender import Sender
from bot.settings import Settings, place
from bot.turns import TurnWorker
from bot.web import WebServer
from core.alerts import tools as alert_tools
from core.context.gathering import Contexts
from core.conversation.alert_updates import AlertUpdates
from core.conversation.desk import Desk
from core.conversation.findings import Offered
from core.conversation.forms import FormBook
from core.conversation.incident_cards import topic
from core.conversation.incident_updates import IncidentUpdates
from core.conversation.incidents import IncidentHandler
from core.conversation.service import Conversation
from core.conversation.updates import RunUpdates
from core.errors import UnavailableError
from core.incidents import tools as incident_tools
from core.incidents.incident import Entry, Incident, Severity
from core.incidents.rooms import RoomKeeper, RoomPolicy
from core.incidents.rooms import serve as serve_rooms
from core.incidents.service import REMINDER, fire_reminder
from core.incidents.service import Means as IncidentMeans
from core.messages import Account, Platform
from core.planning.executor import Executor
from core.ports.cache import Cache
from core.ports.clock import Clock, Ids
from core.ports.platforms import Connector, KnowsPeople
from core.ports.queue import WorkQueue
from core.ports.records import Records, Timer, Transaction
from core.ports.telemetry import Telemetry
from core.quiet_hours import QuietHours
from core.telemetry.discovery import Discovered
from core.telemetry.shelves import LastingShelf, SharedShelf, Shelf
from core.tools import Toolbox
from core.workflow import catalogue as catalogues
from core.workflow import events as ev
from core.workflow import runner as runs
from core.workflow import scheduler
from core.workflow.catalogue import Catalogue
from core.workflow.run import Run
from core.workflow.service import fire_timer
from core.workflow.shift import RunnerSettings
from core.workflow.signals import QUEUE, Manners, Means, Origin, admit
from core.workflow.starts import Starting
from core.workflow.upkeep import TIMERS
from integrations.charts.pictures import DrawnPictures
from integrations.delivery.client import DeliveryClient
from integrations.delivery.tools import tools as delivery_tools
from integrations.observability.observatory.tools import tools as observatory_tools
from integrations.observability.observatory.unified import UnifiedClient
from storage.cache_memory import MemoryCache
from storage.engine import open_records
from storage.queue_sql import SqlWorkQueue
from storage.records import SqlRecords
from storage.recovery import alone, end_claims

log = structlog.get_logger()

Opens = Callable[[str], AbstractAsyncContextManager[SqlRecords]]
"""Opens the records at an address."""

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
    starting: Starting
    identity: PlatformIdentity
    updates: RunUpdates
    incident_updates: IncidentUpdates
    alerts: AlertUpdates
    incidents: IncidentHandler
    sender: Sender
    turns: TurnWorker
    gateway: Gateway
    hearing: Hearing
    connectors: dict[Platform, Connector]
    book: RoleBook
    lookups: dict[Platform, KnowsPeople]
    """Of platforms that this process has no connection to."""
    checks: dict[str, Check] = field(default_factory=dict)
    warnings: dict[str, Check] = field(default_factory=dict)
    """Like checks, of what works with less than it should: it is told, and the bot is ready all the same."""
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

        return Means(self.ids, announce, self.settings.limits.runs, manners=_manners(self.settings))


def _manners(settings: Settings) -> Manners:
    """How approvals are asked for where a workflow does not say."""
    return Manners(settings.approvals.deny_reason == "required", settings.approvals.quiet_hours)


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
    opens: Opens = open_records,
    leases: Leases | None = None,
) -> AsyncIterator[Bot]:
    """The bot while the block runs. `platforms`: connect to those enabled; `http`: serve; `workers`: execute runs and fire
    timers; `connectors`: further ones (a terminal's); `opens`: how the records are opened, `leases`: how long what a dead process
    held is kept, both for drills and tests."""
    async with AsyncExitStack() as stack:
        records = await _open_records(stack, settings, opens)
        time = clock or SystemClock(settings.clock_offset)
        bot = await _build(stack, settings, records, time, ids or SystemIds(), connectors or {}, leases or Leases())
        if not platforms:
            _look_up(bot)
        else:
            await _connect(stack, bot)
        if http:
            await _serve_http(stack, bot)
        # The server goes on while we drain: /ready turns red, so that a load balancer turns away before the port closes.
        if platforms:
            stack.push_async_callback(_drain, bot)
        if workers:
            await stack.enter_async_context(_working(bot, leases or Leases()))
        stack.callback(_turn_red, bot)
        log.info("bot.started", platforms=sorted(bot.connectors), workflows=bot.catalogue.names())
        yield bot
        log.info("bot.stopping")


def workflows(settings: Settings, paths: Sequence[Path]) -> Catalogue:
    """The library and these files or folders, read and checked; DefinitionError with every fault."""
    return catalogues.load(toolbox(settings), paths, unattended=settings.unattended)


def toolbox(settings: Settings) -> Toolbox:
    """The tools of every integration and our own, to look at and not to call."""
    return _toolbox(
        DeliveryClient(reach(settings.delivery)), _unified(settings), incident_tools.unposted, alert_tools.unconnected
    )


async def upgrade_records(settings: Settings) -> None:
    """Bring the database to this version's schema."""
    from storage.migrate import upgrade

    await upgrade(settings.database_url)


async def _open_records(stack: AsyncExitStack, settings: Settings, opens: Opens) -> SqlRecords:
    """The records, without claims of a dead process where this can be known."""
    records = await stack.enter_async_context(opens(settings.database_url))
    if stack.enter_context(alone(settings.database_url)) and (ended := await records.write(end_claims)):
        log.info("bot.recovered", claims=ended)
    return records


async def _build(
    stack: AsyncExitStack,
    settings: Settings,
    records: SqlRecords,
    clock: Clock,
    ids: Ids,
    further: Mapping[Platform, Connector],
    leases: Leases,
) -> Bot:
    """Everything but platforms, HTTP and workers."""
    holder = f"bot-{secrets.token_hex(6)}"
    metrics = Metrics()
    queue = await _open_queue(stack, settings, records)
    cache = await _open_cache(stack, settings, metrics)
    circuits = Circuits(metrics)
    incident_updates = IncidentUpdates(clock=clock, ids=ids, channels=[place(c) for c in settings.incidents.channels])
    quiet = QuietHours.parse(settings.incidents.quiet_hours) if settings.incidents.quiet_hours else None
    post_update = _post_update(records, clock, ids, incident_updates, quiet)
    shelves = _shelves(settings, cache, records, clock)
    telemetry = await open_telemetry(stack, settings, circuits, clock, metrics, shelves)
    alerts = AlertUpdates(
        clock=clock,
        ids=ids,
        channels={name: [place(text) for text in source.channels] for name, source in settings.alerts.items()},
        silenced=silenceable(settings),
    )
    silence = alert_tools.silencing(records, clock, telemetry.alerts, alerts.show)
    toolbox = await _open_tools(stack, settings, post_update, silence, circuits)
    catalogue = catalogues.load(toolbox, settings.workflows, unattended=settings.unattended)
    book = RoleBook(settings)
    await book.keep(records, clock)
    connectors: dict[Platform, Connector] = dict(further)
    guilds = settings.discord.guild_ids
    lookups: dict[Platform, KnowsPeople] = {}
    identity = PlatformIdentity(
        ChainMap[Platform, KnowsPeople]({}, cast("dict[Platform, KnowsPeople]", connectors), lookups),
        records=records,
        cache=cache,
        book=book,
        homes={Platform.DISCORD: guilds[0]} if guilds else {},
    )
    updates = RunUpdates(
        clock=clock,
        ids=ids,
        channels={"approvals": [place(text) for text in settings.approval_channels]},
        incidents=incident_updates,
        observe=lambda events: _count(metrics, events),
    )
    starting = Starting(catalogue, place(settings.run_channel) if settings.run_channel else None)
    manners, forms, most = _manners(settings), FormBook(catalogue), settings.limits.runs
    desk = Desk(records, clock, ids, identity, book.grants, catalogue, toolbox, updates, starting, manners, forms, most)
    executor = Executor(toolbox, cache=cache, clock=clock, ids=ids)
    contexts = Contexts(records, cache=cache, platforms=connectors)
    incidents = IncidentHandler(
        desk, incident_updates, platforms=connectors, quiet=quiet, enabled=settings.incidents.enabled
    )
    conversation = Conversation(
        desk,
        executor,
        incidents,
        contexts,
        cache=cache,
        per_minute=settings.limits.turns_per_minute_per_person,
        pictures=await stack.enter_async_context(DrawnPictures()),
        telemetry=telemetry,
        discovered=await stack.enter_async_context(
            Discovered(telemetry if settings.answers.discover else Telemetry(), clock)
        ),
        alerts=alerts,
        pages=pages(settings),
        silences_ask=settings.alertmanager.approval,
        offered=Offered(settings.answers.charts, settings.answers.meanwhile, settings.answers.investigate),
    )
    sender = await stack.enter_async_context(
        Sender(records, connectors, clock=clock, holder=holder, lease=leases.sending)
    )
    turns = await stack.enter_async_context(
        TurnWorker(
            records,
            conversation,
            sender,
            connectors,
            holder=holder,
            metrics=metrics,
            concurrency=settings.limits.turns_at_once,
            lease=leases.turn,
        )
    )
    hearing = await stack.enter_async_context(
        Hearing(records, clock=clock, everywhere=settings.memory.listen, days=settings.memory.days)
    )
    gateway = await stack.enter_async_context(
        Gateway(records, hearing, ids=ids, turns=turns, forms=forms, metrics=metrics)
    )
    bot = Bot(
        settings, clock, ids, metrics, holder, records, queue, cache, toolbox, catalogue, starting, identity,
        updates,
        incident_updates, alerts, incidents, sender, turns, gateway, hearing, connectors, book, lookups,
    )  # fmt: skip
    bot.checks |= {"database": records.healthy, "queue": queue.healthy, "cache": cache.healthy}
    bot.warnings |= {"roles": book.healthy, "services": circuits.healthy}
    await stack.enter_async_context(_watching(bot))
    return bot


@asynccontextmanager
async def _watching(bot: Bot) -> AsyncIterator[None]:
    """Take over changes of the roles file while the block runs."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(bot.book.watch(bot.records, bot.clock, stop))
        try:
            yield
        finally:
            stop.set()


async def _open_queue(stack: AsyncExitStack, settings: Settings, records: SqlRecords) -> WorkQueue:
    if settings.queue == "sql":
        return SqlWorkQueue(records)
    from storage.nats_link import open_nats
    from storage.queue_jetstream import open_jetstream_queue

    link = await stack.enter_async_context(open_nats(settings.nats_url))
    return await stack.enter_async_context(open_jetstream_queue(records, link))


async def _open_cache(stack: AsyncExitStack, settings: Settings, metrics: Metrics) -> CountedCache:
    if not settings.redis_url:
        return CountedCache(MemoryCache(), metrics, level="memory")
    from storage.cache_redis import open_redis_cache

    shared = await stack.enter_async_context(open_redis_cache(settings.redis_url))
    return CountedCache(shared, metrics, level="redis")


def _shelves(settings: Settings, cache: CountedCache, records: Records, clock: Clock) -> Sequence[Shelf]:
    """Where answers are kept besides this process, nearest first."""
    lasting = LastingShelf(records, clock)
    return (SharedShelf(cache.uncounted), lasting) if settings.redis_url else (lasting,)


async def _open_tools(
    stack: AsyncExitStack,
    settings: Settings,
    post_update: incident_tools.PostsUpdate,
    silence: alert_tools.BeginsSilence,
    circuits: Circuits,
) -> Toolbox:
    """The tools of every integration that is configured, and our own."""
    client = await stack.enter_async_context(DeliveryClient(reach(settings.delivery), watch=circuits.watch))
    unified = _unified(settings, circuits)
    if unified:
        await stack.enter_async_context(unified)
    return _toolbox(client, unified, post_update, silence)


def _unified(settings: Settings, circuits: Circuits | None = None) -> UnifiedClient | None:
    found = settings.observatory_unified
    return UnifiedClient(reach(found), circuits.watch if circuits else None) if found.url else None


def _toolbox(
    client: DeliveryClient,
    unified: UnifiedClient | None,
    post_update: incident_tools.PostsUpdate,
    silence: alert_tools.BeginsSilence,
) -> Toolbox:
    observed = observatory_tools(unified) if unified else []
    return Toolbox(delivery_tools(client), observed, incident_tools.tools(post_update), alert_tools.tools(silence))


def _post_update(
    records: Records, clock: Clock, ids: Ids, cards: IncidentUpdates, quiet: QuietHours | None
) -> incident_tools.PostsUpdate:
    """What a run says about an incident; its cards are sent once they are committed."""

    def announce(tx: Transaction, incident: Incident, entries: Sequence[Entry]) -> None:
        cards.announce(tx, incident, entries)

    return incident_tools.updates(records, clock, IncidentMeans(ids, announce, quiet))


def _look_up(bot: Bot) -> None:
    """Ask Slack who somebody is, without a connection to it: linked accounts bring their roles to a terminal."""
    slack = bot.settings.slack
    if slack.enabled:
        from bot.slack.lookup import SlackLookup

        bot.lookups[Platform.SLACK] = SlackLookup(slack.bot_token.get_secret_value(), slack.api_url)


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


def _turn_red(bot: Bot) -> None:
    """Let /ready say that the end has begun."""
    bot.checks["bot"] = _as_check(lambda: "it is stopping")


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
    hooks = Hooks(
        bot.records,
        bot.settings.hooks,
        cache=bot.cache,
        clock=bot.clock,
        means=bot.means(),
        starting=bot.starting,
        per_minute=bot.settings.limits.events_per_minute_per_hook,
    )
    alerts = AlertDoor(
        bot.settings.alerts,
        taker(bot.records, bot.alerts, bot.sender.wake, ids=bot.ids, means=bot.means(), starting=bot.starting),
        cache=bot.cache,
        clock=bot.clock,
        per_minute=bot.settings.limits.notifications_per_minute,
    )
    server = WebServer(
        settings.host,
        settings.port,
        metrics=bot.metrics,
        problems=bot.problems,
        warnings=lambda: health.problems(bot.warnings),
        refresh=lambda: _refresh(bot),
        routes=[*bot.routes, *hooks.routes(), *alerts.routes()],
    )
    await stack.enter_async_context(server)
    bot.address = server.url


def _count(metrics: Metrics, events: Sequence[ev.Event]) -> None:
    """Ends of runs and of approvals, by what became of them."""
    for event in events:
        if isinstance(event, ev.EndEvent):
            metrics.run_ended(event.kind.removeprefix("run."))
        if isinstance(event, ev.ApprovalGranted | ev.ApprovalDenied | ev.ApprovalExpired):
            metrics.approval_closed(event.kind.removeprefix("approval."))


async def _refresh(bot: Bot) -> None:
    """Bring the gauges up to date before they are shown."""
    now = bot.clock.now()

    def unit(tx: Transaction) -> tuple[int, int, float]:
        oldest = tx.outbox.oldest()
        lag = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        return tx.sessions.count_active(since=now - timedelta(hours=1)), tx.outbox.depth(), lag

    active, depth, lag = await bot.records.read(unit)
    bot.metrics.sessions_active.set(active)
    bot.metrics.outbox_lag.set(lag)
    bot.metrics.depth("outbox", depth)
    bot.metrics.depth(QUEUE, await bot.queue.depth(QUEUE))


@asynccontextmanager
async def _working(bot: Bot, leases: Leases) -> AsyncIterator[None]:
    """Execute runs and fire timers while the block runs; what is broken off comes again, here or elsewhere."""
    means = bot.means()
    await bot.records.write(lambda tx: _begin(tx, bot, means))
    runner = runs.Runner(bot.records, bot.toolbox, bot.clock, means, _holding(leases.run))
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        working = group.create_task(runs.serve(bot.queue, runner, at_once=bot.settings.limits.runs_at_once))
        firing = timers.serve(
            bot.records, _timers(bot), clock=bot.clock, holder=bot.holder, stop=stop, lease=leases.timer
        )
        group.create_task(firing)
        rooms = group.create_task(serve_rooms(bot.queue, _room_keeper(bot), lease=leases.room))
        group.create_task(housekeeping.seal(bot.records, holder=bot.holder, stop=stop, metrics=bot.metrics))
        group.create_task(
            housekeeping.clean(
                bot.records, bot.settings.retention, clock=bot.clock, holder=bot.holder, stop=stop, metrics=bot.metrics
            )
        )
        try:
            yield
        finally:
            stop.set()
            working.cancel()
            rooms.cancel()


def _begin(tx: Transaction, bot: Bot, means: Means) -> None:
    """What may have changed since the last start: schedules, and how many runs go on at once."""
    scheduler.arrange(tx, bot.catalogue, now=bot.clock.now())
    admit(tx, means, Origin(bot.clock.now()))


def _timers(bot: Bot) -> dict[str, timers.Fire]:
    """What each kind of timer does."""
    means = bot.means()

    def run(tx: Transaction, timer: Timer) -> None:
        fire_timer(tx, means, timer, holder=bot.holder, origin=Origin(bot.clock.now()))

    def schedule(tx: Transaction, timer: Timer) -> None:
        scheduler.fire(tx, means, bot.starting, timer, holder=bot.holder, at=bot.clock.now())

    def reminder(tx: Transaction, timer: Timer) -> None:
        quietly = bot.incidents.means([])
        if incident := fire_reminder(tx, quietly, timer, holder=bot.holder, at=bot.clock.now()):
            bot.incident_updates.remind(tx, incident)

    return {**dict.fromkeys(TIMERS, run), scheduler.SCHEDULE_TIMER: schedule, REMINDER: reminder}


def _room_keeper(bot: Bot) -> RoomKeeper:
    settings = bot.settings.incidents

    def responders(severity: Severity, platform: Platform) -> list[Account]:
        names = settings.responders.get(severity.value, ())
        found = [a for name in names if name.startswith("role:") for a in bot.book.roster.accounts(name[5:])]
        found += [Account.parse(name) for name in names if not name.startswith("role:")]
        return [account for account in found if account.platform is platform]

    return RoomKeeper(
        bot.records,
        bot.connectors,
        clock=bot.clock,
        means=bot.incidents.means([]),
        topic=topic,
        policy=RoomPolicy(settings.rooms, responders),
    )


def _holding(lease: float) -> RunnerSettings:
    """A worker's settings for leases of so many seconds."""
    usual = RunnerSettings()
    return replace(usual, lease_seconds=lease, heartbeat_seconds=min(usual.heartbeat_seconds, lease / 3))
