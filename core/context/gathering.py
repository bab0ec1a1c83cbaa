"""Gathers the context of a turn: from what was heard, and only where a thread began too early from the platform, once."""

from collections.abc import Mapping, Sequence

import structlog

from core.context import bounds
from core.context.window import Context, within
from core.conversation.threads import answer_place
from core.errors import BotError
from core.messages import Heard, Place, Platform, Turn
from core.ports.cache import Cache
from core.ports.platforms import ReadsThreads
from core.ports.records import Records

log = structlog.get_logger()

UNREADABLE, TOO_SOON, REFUSED, KNOWN_NO_MORE = "unreadable", "too soon", "refused", "known no more"
"""Reasons for a gap: no way to read there; another thread was read within the minute; the platform said no; it was asked before."""
_ONCE = 14 * 86_400.0
"""Seconds within which a thread is not asked for again."""


class Contexts:
    """Gathers contexts. Reads one exact place for each turn: what was said elsewhere cannot get in."""

    def __init__(self, records: Records, *, cache: Cache, platforms: Mapping[Platform, object]) -> None:
        """`platforms`: connectors; those that can read a thread are asked for the beginning of one."""
        self._records = records
        self._cache = cache
        self._platforms = platforms

    async def of(self, turn: Turn) -> Context:
        """The messages that were there before the turn. Never raises for a platform that does not answer: the context has a gap."""
        place = answer_place(turn)
        if turn.message and place.thread == turn.message:
            return await self._replied_to(turn)
        if not place.thread and not place.direct:
            return Context()
        limit = bounds.MESSAGES if place.thread else bounds.TURNS_BACK + 1
        recalled = await self._records.read(lambda tx: tx.heard.recall(place, limit=limit, until=turn.sent_at))
        learned, gap = ((), "") if recalled.complete else await self._ask(place)
        known = {message.message for message in recalled.messages}
        earlier = [m for m in learned if m.message not in known and m.sent_at <= turn.sent_at]
        messages = sorted((*earlier, *recalled.messages), key=lambda message: message.sent_at)
        others = [message for message in messages if message.message not in (turn.message, turn.claim)]
        return Context(within(others, place), tuple(learned), gap)

    async def _replied_to(self, turn: Turn) -> Context:
        """A mention in a channel begins a thread; its context is the message it replies to, where it is such a reply."""
        if not turn.replies_to:
            return Context()
        found = await self._records.read(lambda tx: tx.heard.one(turn.place, turn.replies_to))
        return Context(within([found], turn.place) if found else ())

    async def _ask(self, place: Place) -> tuple[Sequence[Heard], str]:
        """One page of the thread, and why there is none."""
        reader = self._platforms.get(place.platform)
        if not isinstance(reader, ReadsThreads):
            return (), UNREADABLE
        workspace = f"threads-read:{place.platform}:{place.workspace}"
        try:
            if await self._cache.get(f"thread-read:{place}"):
                return (), KNOWN_NO_MORE
            if await self._cache.take(workspace, rate=bounds.PAGES_A_MINUTE / 60, burst=1) > 0:
                return (), TOO_SOON
            if not await self._cache.add(f"thread-read:{place}", b"1", ttl=_ONCE):
                return (), KNOWN_NO_MORE
            return await reader.read_thread(place, limit=bounds.PAGE), ""
        except BotError as error:
            log.info("context.not_read", place=str(place), error=error.message)
            return (), REFUSED
