"""A stage for one scenario: platforms, people who try again what came to nothing, and a bot that dies once and is started again."""

import asyncio
import hashlib
import hmac
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from bot.emulators.common.client import Event
from core.ports.records import StoredEvent
from core.workflow.run import ENDED, RunStatus
from storage.engine import records_at
from storage.migrate import prepare
from storage.records import SqlRecords
from storage.tables import inbox, outbox, work_items
from storage.unit import SqlTransaction
from tests.chaos.life import Fate, Life
from tests.flows.world import Card, World, until, workspace

PATIENCE = 20.0
"""Seconds that anybody waits for anything."""
HOOK, HOOK_SECRET = "build", "a secret of the builders"
_SHOWING = frozenset({"message", "message_changed"})
"""Types of the emulators' events that show a message as it is from now on."""
_JUMPS = {"slack": (3.1, 61.0, 301.0), "discord": (3.1,)}
"""By which a platform has noticed what was not acknowledged, and sent it again as often as it ever does. Discord never does."""


class Play:
    """One scenario's world. `here` is where people ask, `there` where they approve; often the same."""

    def __init__(self, here: World, there: World, records: SqlRecords) -> None:
        self.here, self.there = here, there
        self.records = records
        self.lives: list[Life] = []
        self.back = asyncio.Event()
        """Set while the bot is up and the platforms have sent it again what it missed."""
        self._ahead = 0.0
        self._numbers = itertools.count(1)

    # --- the bot -----------------------------------------------------------------------------------------

    async def stage(self, kill_at: int) -> None:
        """Keep the bot alive: the first life ends at the point, the next go on until cancelled."""
        await self._begin(Fate(self._ahead, kill_at))
        self.back.set()
        while True:
            await self._died()
            self.back.clear()
            assert self.lives[-1].killed, f"the bot ended by itself; see {self.lives[-1].report}"
            await self._begin(Fate(self._ahead))
            for world in self._worlds:
                for seconds in _JUMPS[world.site.name]:
                    await world.control.clock(seconds)
                    await self._calm(world)
            self.back.set()

    async def end(self) -> None:
        """Nobody lives any more."""
        for life in self.lives:
            await life.kill()

    def advance(self, seconds: float) -> None:
        """Move the bot's clock, in this life and the next."""
        self._ahead += seconds
        self.lives[-1].advance(seconds)

    @property
    def _worlds(self) -> tuple[World, ...]:
        return (self.here,) if self.here is self.there else (self.here, self.there)

    async def _begin(self, fate: Fate) -> None:
        report = self.here.folder / f"life{next(self._numbers)}"
        life = Life(self.here.make_settings(), fate, report)
        self.lives.append(life)
        await life.ready()

    async def _died(self) -> None:
        async def over() -> bool:
            return self.lives[-1].over

        with suppress(AssertionError):
            while True:
                await until(over, what="death", within=3600)
                return

    async def _calm(self, world: World) -> None:
        """Everything that wants an acknowledgement has one, or was given up."""

        async def settled() -> bool:
            acks = [ack for ack in await world.control.acks() if _wants_answer(world, ack)]
            return self.lives[-1].over or all(ack["acked_at"] or ack["error"] for ack in acks)

        await until(settled, what="deliveries to be settled", within=PATIENCE)

    # --- people ------------------------------------------------------------------------------------------

    async def insist(self, act: Callable[[], Awaitable[object]], done: Callable[[], Awaitable[bool]]) -> None:
        """Do something; when it came to nothing because the bot was dead, do it again once it is back."""
        while True:
            await self.back.wait()
            life = self.lives[-1]
            await act()

            async def came_of_it(life: Life = life) -> bool:
                return await done() or life.over

            await until(came_of_it, what="something to come of it", within=PATIENCE)
            if life.over:
                await until(lambda life=life: self._next(life), what="the next life", within=PATIENCE)
                await self.back.wait()
            if await done():
                return

    async def _next(self, life: Life) -> bool:
        return self.lives[-1] is not life

    async def insist_recorded(self, act: Callable[[], Awaitable[object]]) -> None:
        """The same, where something has come of it when it is in the inbox."""
        before = await self.recorded()

        async def more() -> bool:
            return await self.recorded() > before

        await self.insist(act, more)

    async def command(self, who: str, channel: str, text: str) -> None:
        """`/copilot text`."""
        await self.insist_recorded(lambda: self.here.command(who, channel, text))

    async def click(self, world: World, who: str, card: Card, label: str) -> None:
        """Press a button that acts at once."""
        press = lambda: world.control.click(who, card.message, card.buttons[label], stale=True)  # noqa: E731
        await self.insist_recorded(press)

    async def form(self, world: World, who: str, card: Card, label: str, fields: dict[str, str]) -> None:
        """Press a button that opens a form, and send it."""
        since = await world.control.seq()
        opened: list[Event] = []

        async def open_() -> bool:
            with suppress(AssertionError):
                opened.append(await world.control.wait_form(person=who, since=since, timeout=0.2))
            return bool(opened)

        await self.insist(lambda: world.control.click(who, card.message, card.buttons[label], stale=True), open_)
        form = opened[-1].form["id"]
        await self.insist_recorded(lambda: world.control.submit(who, form, fields))

    async def sees(self, world: World, channel: str, contains: str, **more: str) -> Event:
        """The bot's message there that contains the text, new or edited, whenever it came."""
        return await world.control.wait_message(
            channel=channel, author=world.names.bot, contains=contains, timeout=PATIENCE, **more
        )

    async def room(self) -> str:
        """The channel of the first incident's room, once its card is pinned."""
        found: list[str] = []

        async def dressed() -> bool:
            # Not INC-1 for sure: PostgreSQL counts on when what took a number is rolled back.
            declared = await self.records.read(lambda tx: tx.incidents.find())
            incident = declared[-1] if declared else None
            if incident and incident.room and incident.room_state.pinned:
                found.append(incident.room.channel)
            return bool(found)

        await until(dressed, what="the room", within=PATIENCE)
        return found[0]

    async def asked(self, about: str = "Approval needed", *, but: Card | None = None) -> Card:
        """The open request for approval that says this, and is not that one."""

        def fits(event: Event) -> bool:
            message = event.message
            if event.type not in _SHOWING or message["channel"] != self.there.names.approvals:
                return False
            if about not in json.dumps(message):
                return False
            return "Approve" in self.there.card(event).buttons and (but is None or message["id"] != but.message)

        return self.there.card(await self.there.control.wait_for(fits, timeout=PATIENCE, what=f"a request: {about}"))

    async def dana(self, text: str) -> None:
        """`/copilot text` by Dana in #checkout."""
        await self.command(self.here.names.dana, self.here.names.checkout, text)

    async def event(self, **fields: str) -> None:
        """Another service tells of something by the webhook, again until it is taken."""
        body = json.dumps(fields).encode()
        signature = hmac.new(HOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()

        async def taken() -> bool:
            async with httpx.AsyncClient(trust_env=False) as http:
                await self.back.wait()
                with suppress(httpx.HTTPError):
                    answer = await http.post(
                        f"{self.lives[-1].address()}/hooks/{HOOK}",
                        content=body,
                        headers={"X-Signature-256": f"sha256={signature}"},
                    )
                    return answer.status_code == HTTPStatus.ACCEPTED
            return False

        await until(taken, what="the event to be taken", within=PATIENCE)

    async def reminded(self, times: int) -> None:
        """As many reminders of the request stand in its channel."""

        async def there() -> bool:
            shown = (await self.there.control.state())["messages"]
            return sum("still needs" in str(message) for message in shown) == times

        await until(there, what=f"reminder {times}", within=PATIENCE)

    async def thread(self) -> str:
        """Where people talk about the run: the thread of its card."""
        card = await self.sees(self.here, self.here.names.checkout, await self.run())
        return str(card.message["id"])

    async def sees_in(self, thread: str, contains: str) -> Event:
        """The bot's message in a thread of #checkout."""
        if self.here.site.name == "discord":
            return await self.sees(self.here, thread, contains)
        return await self.sees(self.here, self.here.names.checkout, contains, thread=thread)

    async def shown(self) -> None:
        """The run's card stands in its channel, and the bot knows that it does: it would send it again, an hour later as a new message."""
        await self.sees(self.here, self.here.names.checkout, await self.run())
        await self.settled()

    async def question(self) -> Card:
        """The run's card as it asks about the latest attempt that may have happened."""
        token = (await self.told("step.interrupted"))[-1].data["token"]
        asks = lambda event: event.type in _SHOWING and str(token) in json.dumps(event.message)  # noqa: E731
        return self.here.card(await self.here.control.wait_for(asks, timeout=PATIENCE, what="the question"))

    # --- the records -------------------------------------------------------------------------------------

    async def run(self) -> str:
        """Id of the only run."""
        (run,) = await self.records.read(lambda tx: tx.runs.find())
        return run.id

    async def statuses(self) -> list[str]:
        """Of all runs."""
        return [run.status for run in await self.records.read(lambda tx: tx.runs.find())]

    async def ended(self, status: RunStatus) -> None:
        """The only run is over like this."""

        async def over() -> bool:
            return await self.statuses() == [status]

        await until(over, what=f"the run to be {status}", within=PATIENCE)

    async def happened(self, kind: str, step: str = "", *, times: int = 1) -> None:
        """An event of this kind (about this step) is in the histories, so many times."""

        async def there() -> bool:
            return len(await self.told(kind, step)) >= times

        await until(there, what=f"{kind} {step}", within=PATIENCE)

    async def asked_more_than(self, times: int) -> bool:
        """Wait for the next question about an attempt (True) or the end of the run (False)."""

        async def either() -> bool:
            return len(await self.told("step.interrupted")) > times or set(await self.statuses()) <= ENDED

        await until(either, what="a question or the end", within=PATIENCE)
        return len(await self.told("step.interrupted")) > times

    async def kinds(self) -> set[str]:
        """Of all events in all histories."""

        def unit(tx: SqlTransaction) -> set[str]:
            return {event.kind for run in tx.runs.find() for event in tx.runs.history(run.id)}

        return await self.records.read(unit)

    async def told(self, kind: str, step: str = "") -> Sequence[StoredEvent]:
        """The events of this kind (about this step) in all histories, oldest first."""

        def unit(tx: SqlTransaction) -> list[StoredEvent]:
            events = [event for run in reversed(tx.runs.find()) for event in tx.runs.history(run.id)]
            return [event for event in events if event.kind == kind and step in ("", event.data.get("step"))]

        return await self.records.read(unit)

    async def recorded(self) -> int:
        """How much that people sent has been taken in: that a channel changed (a topic was set) is told without them."""
        sent = sa.not_(inbox.c.claim.startswith("discord:changed:", autoescape=True))
        return await self.records.read(lambda tx: _count(tx.connection, inbox, sent))

    async def settled(self) -> None:
        """Everything taken in is handled, every run's work is done, everything is sent."""

        async def idle() -> bool:
            if not self.back.is_set():
                return False
            return not await self.records.read(lambda tx: left(tx.connection))

        await until(idle, what="the records to be settled", within=PATIENCE)


def _wants_answer(world: World, ack: dict[str, Any]) -> bool:
    """Discord's gateway acknowledges nothing but interactions."""
    return world.site.name == "slack" or ack["kind"] == "INTERACTION_CREATE"


def left(connection: sa.Connection) -> int:
    """How much is still to be done."""
    return (
        _count(connection, inbox, inbox.c.finished_at.is_(None))
        + _count(connection, outbox)
        + _count(connection, work_items, work_items.c.state == "ready")
    )


def _count(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())


@asynccontextmanager
async def playing(
    stage: str, folder: Path, more: dict[str, Any], workflows: Mapping[str, str], *, kill_at: int = 0
) -> AsyncIterator[Play]:
    """A bot on `slack`, on `discord`, or asked on Slack and approved on Discord (`across`); it kills itself at a point.
    `workflows`: YAML by name, besides the library."""
    written = folder / "workflows"
    written.mkdir()
    for name, text in workflows.items():
        (written / f"{name}.yaml").write_text(text, encoding="utf-8")
    async with AsyncExitStack() as stack:
        first = "slack" if stage == "across" else stage
        here = await stack.enter_async_context(workspace(first, folder, timeout=PATIENCE))
        there = here
        here.settings = {
            "log": {"level": "info"},
            "hooks": {HOOK: HOOK_SECRET},
            "workflows": [str(written)],
            **more,
        }
        if stage == "across":
            there = await stack.enter_async_context(workspace("discord", folder, timeout=PATIENCE))
            here.settings |= both(here, there)
        settings = here.make_settings()
        await prepare(settings.database_url)
        records = await stack.enter_async_context(records_at(settings.database_url))
        play = Play(here, there, records)
        stack.push_async_callback(play.end)
        async with asyncio.TaskGroup() as group:
            bot = group.create_task(play.stage(kill_at))
            await play.back.wait()
            yield play
            bot.cancel()


def both(here: World, there: World) -> dict[str, Any]:
    """Settings of a bot that is asked here and has its approvals there."""
    mine, theirs = here.make_settings(), there.make_settings()
    return {
        there.site.name: there.site.settings(),
        "roles": {**mine.roles, **theirs.roles},
        "approval_channels": list(theirs.approval_channels),
    }
