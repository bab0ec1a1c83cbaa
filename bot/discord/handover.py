"""Before an interaction's token dies, "thinking …" becomes a word: the result comes as an ordinary message."""

import asyncio
from collections import OrderedDict

import structlog

from bot.discord.connector import DiscordConnector
from bot.ingress import Ingress
from bot.waiting import wait_for
from core.conversation import replies
from core.errors import BotError
from core.messages import Incoming, Platform, Submission, Turn
from core.ports.clock import Clock

log = structlog.get_logger()

_LIFE = 15 * 60.0
"""Seconds that an interaction's token lives."""
_MARGIN = 60.0
"""Seconds before the end of the token at which the placeholder is given up."""
_PAUSE = 1.0
_MOST = 10_000


class Handover:
    """Watches deferred interactions: those of this process, and those that were open when it started.

    Another replica may have answered meanwhile, so the records are asked before a placeholder is given up. Two replicas that give
    up the same one write the same words over each other.
    """

    def __init__(self, connector: DiscordConnector, ingress: Ingress, clock: Clock) -> None:
        self._connector = connector
        self._ingress = ingress
        self._clock = clock
        self._waiting: OrderedDict[str, Turn | Submission] = OrderedDict()
        self._stop = asyncio.Event()

    def expect(self, item: Incoming) -> None:
        """A placeholder stands there, if the item is of a kind that gets one."""
        if isinstance(item, Turn | Submission) and item.handle and item.handle.deferred:
            self._waiting.setdefault(item.claim, item)
        while len(self._waiting) > _MOST:
            self._waiting.popitem(last=False)

    async def resume(self) -> None:
        """Expect what an earlier life, or a replica that is no more, left open."""
        for item in await self._unfinished():
            self.expect(item)

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()

    async def run(self) -> None:
        """Look after placeholders until stopped."""
        while not await wait_for(self._stop, _PAUSE):
            due = self._due()
            try:
                unfinished = {item.claim for item in await self._unfinished()} if due else set()
            except BotError as error:
                log.warning("discord.handover_waits", error=error.message)
                continue
            for item in due:
                del self._waiting[item.claim]
                if item.claim in unfinished:
                    await self._say(item)

    def _due(self) -> list[Turn | Submission]:
        """Placeholders to give up now; those that were answered here are forgotten."""
        end = self._clock.now().timestamp() + _MARGIN
        for item in list(self._waiting.values()):
            if item.handle and self._connector.answered(item.handle):
                del self._waiting[item.claim]
        return [item for item in self._waiting.values() if item.handle and item.handle.expires_at <= end]

    async def _unfinished(self) -> list[Incoming]:
        since = self._clock.now().timestamp() - _LIFE
        return list(await self._ingress.unfinished(Platform.DISCORD, since=since))

    async def _say(self, item: Turn | Submission) -> None:
        if item.handle is None:
            return
        try:
            await self._connector.answer(
                item.handle, item.place, replies.takes_longer(), private=item.handle.private, key=item.claim
            )
        except BotError as error:
            log.warning("discord.not_handed_over", error=error.message)
