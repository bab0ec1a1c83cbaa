"""From a committed item to an outcome. Reads happen here; every write waits for the one transaction of the outcome."""

from collections.abc import Collection

import structlog

from core.actors import Actor, Standing
from core.context.gathering import Contexts
from core.conversation.about import AboutHandler
from core.conversation.alert_updates import AlertUpdates
from core.conversation.alerts import AlertHandler
from core.conversation.answers import Answers
from core.conversation.approval_cards import Queue
from core.conversation.approvals import ApprovalHandler
from core.conversation.clicks import ClickHandler
from core.conversation.desk import Desk, Outcome
from core.conversation.findings import Findings, Offered
from core.conversation.incidents import IncidentHandler
from core.conversation.linking import LinkHandler
from core.conversation.queries import QueryHandler
from core.conversation.runs import RunHandler
from core.conversation.silencing import Silencing
from core.conversation.turns import TurnHandler, failure_of
from core.conversation.understanding import Understanding
from core.errors import BotError, TooManyRequests, UnavailableError
from core.messages import Click, Delivery, HomeOpened, Joined, Marked, Submission, Turn, Via
from core.planning.executor import Executor
from core.planning.policy import judge
from core.ports.cache import Cache
from core.ports.pictures import Pictures
from core.ports.records import InboxEntry, Transaction
from core.ports.telemetry import Telemetry
from core.telemetry.discovery import Discovered
from core.telemetry.pages import Pages

log = structlog.get_logger()


class Conversation:
    """Handles what people send. Knows no platform."""

    def __init__(
        self,
        desk: Desk,
        executor: Executor,
        incidents: IncidentHandler,
        contexts: Contexts,
        *,
        cache: Cache,
        per_minute: int,
        pictures: Pictures,
        telemetry: Telemetry,
        discovered: Discovered,
        alerts: AlertUpdates,
        pages: Pages,
        offered: Offered,
        silences_ask: Collection[str],
    ) -> None:
        """`per_minute`: items that one person may send. `telemetry`: what answers queries; those of
        what is not connected are shown, not run. `discovered`: services that it names. `alerts`: keeps their cards. `pages`: where people go on with a query.
        `offered`: what answers have. `silences_ask`: environments whose alerts are silenced only when somebody else
        agrees."""
        self._desk = desk
        self._cache = cache
        self._per_minute = per_minute
        self._incidents = incidents
        links = LinkHandler(desk, cache)
        answers = Answers(desk)
        runs = RunHandler(desk, answers, pictures)
        findings = Findings(telemetry, pictures, desk.clock, offered)
        queries = QueryHandler(desk, answers, executor, findings, pages=pages, incidents=incidents.enabled)
        fired = AlertHandler(
            desk, answers, alerts, executor, findings, Silencing(desk, alerts, telemetry.alerts, silences_ask)
        )
        self._approvals = ApprovalHandler(desk, answers)
        self._about = AboutHandler(desk, answers, runs, incidents)
        self._turns = TurnHandler(
            desk,
            answers,
            executor,
            Understanding(desk, executor, contexts, discovered, usage=telemetry.usage is not None),
            runs=runs,
            incidents=incidents,
            links=links,
            about=self._about,
            queries=queries,
            approvals=self._approvals,
            alerts=fired,
            findings=findings,
        )
        self._clicks = ClickHandler(desk, self._turns, runs, incidents, links, queries, self._approvals, fired)

    async def handle(self, entry: InboxEntry, *, hopeless: bool = False) -> Outcome:
        """What to do about an item. Never raises for what is expected to go wrong now and then: that becomes an answer.
        `hopeless`: deciding was tried several times against a moving history; give up with an answer."""
        try:
            if hopeless:
                raise UnavailableError(
                    "Too many people changed this at once.", hint="Look at the card, then try again."
                )
            return await self._outcome(entry)
        except Exception as error:  # the place where a bug becomes an answer, so that nobody waits for ever
            return self.failure(entry, error)

    def failure(self, entry: InboxEntry, error: Exception) -> Outcome:
        """What to answer when handling an item failed."""
        if isinstance(error, BotError):
            log.info("turn.failed", code=error.code, error=error.message)
        else:
            log.error("turn.broke", exc_info=error)
        return failure_of(self._desk, entry, error)

    async def _outcome(self, entry: InboxEntry) -> Outcome:
        item = entry.item
        if isinstance(item, Joined):
            return Outcome("joined", lambda tx: self._joined(tx, item))
        actor = await self._desk.identity.actor(item.person)
        if actor.standing is not Standing.MEMBER:
            return self._not_a_member(entry, actor)
        await self._limit(actor)
        match item:
            case Turn():
                return await self._turns.handle(entry, item, actor)
            case Click():
                return await self._clicks.click(entry, item, actor)
            case Submission():
                return await self._clicks.submission(entry, item, actor)
            case Marked():
                return await self._incidents.marked(entry, item, actor)
            case HomeOpened():
                waiting = await self._approvals.waiting(item, actor)
                return Outcome("home", lambda tx: [self._home(tx, entry, item, actor, waiting)])

    def _joined(self, tx: Transaction, item: Joined) -> list[str]:
        """What waited for an invitation goes out now."""
        tx.outbox.unpark(item.place.lane, now=self._desk.clock.now())
        return [item.place.lane]

    def _not_a_member(self, entry: InboxEntry, actor: Actor) -> Outcome:
        verdict = judge(actor, "help", self._desk.grants)
        item = entry.item
        silent = (
            actor.standing is Standing.BOT
            or isinstance(item, HomeOpened | Marked)
            or (isinstance(item, Turn) and item.via is Via.THREAD)
        )
        refused = self._desk.refuse(entry, actor, "turn.refused", str(item.place), verdict, "do that")
        if not silent:
            return refused

        def apply(tx: Transaction) -> list[str]:
            tx.audit.add(self._desk.audit_row(item, actor, "turn.refused", str(item.place), "refused", verdict.reason))
            return []

        return Outcome("refused", apply)

    async def _limit(self, actor: Actor) -> None:
        wait = await self._cache.take(f"turns:{actor.account}", rate=self._per_minute / 60, burst=self._per_minute)
        if wait > 0:
            raise TooManyRequests(
                "That is more than I take from one person a minute.",
                hint=f"Try again in {round(wait) + 1} s.",
                delay=wait,
            )

    def _home(self, tx: Transaction, entry: InboxEntry, item: HomeOpened, actor: Actor, waiting: Queue) -> str:
        reply = self._about.home(tx, actor, item.place, waiting)
        person = item.person.account.id
        delivery = Delivery(f"home:{person}:{entry.id}", item.place, reply, private_to=person, home=True)
        return tx.outbox.put(self._desk.ids.token(), delivery, now=self._desk.clock.now())
