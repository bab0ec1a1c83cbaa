"""One inbound path for all platforms: ignore, claim, commit, and only then acknowledge."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from enum import Enum
from types import TracebackType
from typing import Self

import structlog

from bot.hearing import Hearing
from bot.ingress import COMMIT_WITHIN_EVENT, COMMIT_WITHIN_INTERACTION, Opening
from bot.metrics import Metrics
from bot.turns import TurnWorker
from core.context.listening import remember, said_in
from core.conversation.forms import FormBook, filled
from core.conversation.threads import conversation_of, overtakes
from core.conversation.updates import QUESTIONS
from core.errors import BotError, UnavailableError
from core.intents.verbs import Completes
from core.messages import Heard, Incoming, Marked, Option, Overheard, Place, Platform, Turn, Via, Withdrawn
from core.ports.clock import Ids
from core.ports.records import InboxEntry, Records, Transaction

log = structlog.get_logger()

_ENGAGED_KEPT = 10_000
"""Threads remembered as engaged; the records know the rest."""
_ROOMS_KEPT = 10_000
"""Channels of which is remembered whether they are the room of an incident."""
_ROOM_FOR, _NO_ROOM_FOR = 60.0, 5.0
"""Seconds that it is remembered for a channel that is one, and for one that is none."""


class _Commit(Enum):
    NEW = "new"
    KNOWN = "known"
    FAILED = "failed"


class Gateway:
    """Implements `bot.ingress.Ingress`. Commits run in tasks of its own: a platform's deadline never cancels one half-way."""

    def __init__(
        self, records: Records, hearing: Hearing, *, ids: Ids, turns: TurnWorker, forms: FormBook, metrics: Metrics
    ) -> None:
        self._records = records
        self._hearing = hearing
        self._ids = ids
        self._turns = turns
        self._forms = forms
        self._metrics = metrics
        self._tasks = asyncio.TaskGroup()
        self._engaged: dict[str, None] = {}
        self._rooms: dict[str, tuple[bool, float]] = {}
        """Lane → whether it is the room of an incident, and until when that is believed."""
        self.closed = False
        """Nothing is taken in any more: the bot is stopping."""
        self.withheld = 0
        """Events that were not committed in time; the platform sends them again."""

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._tasks.__aexit__(kind, error, trace)

    async def event(self, item: Incoming | Overheard) -> bool:
        """See `Ingress.event`."""
        commit = self._tasks.create_task(self._admit(item))
        done = await self._within(COMMIT_WITHIN_EVENT, commit, item)
        if not done or commit.result() is _Commit.FAILED:
            self.withheld += 1
            raise UnavailableError("The message could not be recorded in time.")
        return commit.result() is _Commit.NEW

    async def interaction(self, item: Incoming, *, lost: Callable[[], Awaitable[None]]) -> bool:
        """See `Ingress.interaction`."""
        commit = self._tasks.create_task(self._admit_or_tell(item, lost))
        return await self._within(COMMIT_WITHIN_INTERACTION, commit, item)

    def opening_for_command(self, text: str) -> Opening | None:
        """See `Ingress.opening_for_command`."""
        form = self._forms.for_command(text)
        return Opening(form) if form else None

    def opening_for_action(self, action: str, *, text: str = "") -> Opening | None:
        """See `Ingress.opening_for_action`."""
        kind, _, rest = action.partition(":")
        name, _, token = rest.partition(":")
        form = self._forms.get(name, token) if kind == "form" else None
        if form and text:
            form = filled(form, text)
        return Opening(form, token) if form else None

    def complete(
        self, what: Completes, typed: str, *, context: Sequence[str] = (), place: Place | None = None
    ) -> Sequence[Option]:
        """See `Ingress.complete`."""
        return self._forms.complete(what, typed, context=context)

    async def last_seen(self, platform: Platform) -> float:
        """See `Ingress.last_seen`."""
        return await self._records.read(lambda tx: tx.inbox.latest(platform))

    async def unfinished(self, platform: Platform, *, since: float) -> Sequence[Incoming]:
        """See `Ingress.unfinished`."""
        return await self._records.read(lambda tx: tx.inbox.unfinished(platform, since=since))

    def engaged(self, place: Place) -> bool:
        """See `Ingress.engaged`."""
        return str(place) in self._engaged

    async def _within(self, seconds: float, commit: asyncio.Task[_Commit], item: Incoming | Overheard) -> bool:
        """Wait for a commit, so long at most; it goes on by itself."""
        began = time.perf_counter()
        done, _ = await asyncio.wait({commit}, timeout=seconds)
        self._metrics.acknowledged(item.place.platform, time.perf_counter() - began)
        return bool(done)

    async def _admit_or_tell(self, item: Incoming, lost: Callable[[], Awaitable[None]]) -> _Commit:
        outcome = await self._admit(item)
        if outcome is _Commit.FAILED:
            try:
                await lost()
            except BotError as error:
                log.warning("gateway.lost_untold", error=error.message)
        return outcome

    async def _admit(self, item: Incoming | Overheard) -> _Commit:
        if self.closed:
            return _Commit.FAILED
        try:
            if isinstance(item, Heard | Withdrawn):
                return await self._listen(item)
            if isinstance(item, Turn) and item.via is Via.THREAD and not await self._takes_part(item):
                heard = said_in(item)
                return await self._listen(heard) if heard else _Commit.KNOWN
            if isinstance(item, Marked) and not await self._in_a_room(item):
                return _Commit.KNOWN
            return await self._commit(item)
        except BotError as error:
            log.error("gateway.not_committed", claim=item.claim, error=error.message)
            return _Commit.FAILED
        except Exception:  # a bug here must not end the task group that takes everything in
            log.exception("gateway.broke", claim=item.claim)
            return _Commit.FAILED

    async def _listen(self, item: Overheard) -> _Commit:
        """Remember what asks nothing of the bot; nobody is told and nothing is claimed."""
        wanted = self._hearing.everywhere or await self._is_ours(item.place)
        if wanted or isinstance(item, Withdrawn) or item.changed_at > item.sent_at:
            await self._records.write(lambda tx: remember(tx, item, wanted=wanted))
            self._hearing.count(item)
        return _Commit.KNOWN

    async def _commit(self, item: Incoming) -> _Commit:
        item = _storable(item)
        # A command has no message; what it says is remembered with its answer.
        heard = said_in(item) if isinstance(item, Turn) and item.message else None
        entry_id = self._ids.token()
        conversation = conversation_of(item)
        first = overtakes(item)
        lease = self._turns.lease if self._turns.has_room(item.place.platform, overtakes=first) else None

        def unit(tx: Transaction) -> tuple[bool, InboxEntry | None]:
            if not tx.inbox.add(entry_id, conversation, item, overtakes=first):
                return False, None
            if heard:
                remember(tx, heard)
            if lease is None:
                return True, None
            holder = self._turns.holder
            if first:
                return True, tx.inbox.claim(entry_id, holder=holder, lease_seconds=lease)
            return True, tx.inbox.claim_next(conversation, holder=holder, lease_seconds=lease)

        new, claimed = await self._records.write(unit)
        if new and heard:
            self._hearing.count(heard)
        if claimed:
            self._turns.take(claimed)
        elif new:
            self._turns.backlog()
        if new and isinstance(item, Turn) and conversation.count("/") > 1:
            self._remember(conversation)
        return _Commit.NEW if new else _Commit.KNOWN

    async def _takes_part(self, turn: Turn) -> bool:
        """Plain messages in threads count only where the bot takes part; what is ignored claims nothing. Those that open with
        somebody else's mention are for them, unless somebody waits there for an answer that the bot passes on."""
        conversation = conversation_of(turn)
        if not await self._is_engaged(conversation):
            return False
        if not turn.opens_with_other:
            return True
        session = await self._records.read(lambda tx: tx.sessions.get(conversation))
        return bool(session.pending.get(QUESTIONS))

    async def _is_ours(self, place: Place) -> bool:
        """A direct message, or a thread that the bot takes part in."""
        return place.direct or (place.thread is not None and await self._is_engaged(str(place)))

    async def _is_engaged(self, conversation: str) -> bool:
        if conversation in self._engaged:
            return True
        session = await self._records.read(lambda tx: tx.sessions.get(conversation))
        if session.engaged:
            self._remember(conversation)
        return session.engaged

    async def _in_a_room(self, mark: Marked) -> bool:
        """Marks count only in the room of an incident; elsewhere a reaction costs one look-up in some seconds, and claims nothing."""
        lane, now = mark.place.lane, time.monotonic()
        known, until = self._rooms.get(lane, (False, 0.0))
        if now < until:
            return known
        settings = await self._records.read(lambda tx: tx.channels.get(lane))
        found = "incident" in settings
        if len(self._rooms) >= _ROOMS_KEPT:
            self._rooms.clear()
        self._rooms[lane] = (found, now + (_ROOM_FOR if found else _NO_ROOM_FOR))
        return found

    def _remember(self, conversation: str) -> None:
        self._engaged[conversation] = None
        while len(self._engaged) > _ENGAGED_KEPT:
            with contextlib.suppress(KeyError, StopIteration):
                del self._engaged[next(iter(self._engaged))]


def _storable(item: Incoming) -> Incoming:
    """Half of a surrogate pair is no text that could be stored; it becomes the replacement character."""
    if not isinstance(item, Turn) or item.text.isascii():
        return item
    return replace(item, text=item.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
