"""Before an interaction's token dies, "thinking …" becomes a word: the result comes as an ordinary message."""

import asyncio
from collections import OrderedDict

import structlog

from bot.discord.connector import DiscordConnector
from bot.waiting import wait_for
from core.conversation import replies
from core.errors import BotError
from core.messages import Handle, Place
from core.ports.clock import Clock

log = structlog.get_logger()

_MARGIN = 60.0
"""Seconds before the end of the token at which the placeholder is given up."""
_PAUSE = 1.0
_MOST = 10_000


class Handover:
    """Watches deferred interactions of this process. After a restart nobody does; the result comes all the same."""

    def __init__(self, connector: DiscordConnector, clock: Clock) -> None:
        self._connector = connector
        self._clock = clock
        self._waiting: OrderedDict[str, tuple[Handle, Place]] = OrderedDict()
        self._stop = asyncio.Event()

    def expect(self, handle: Handle, place: Place) -> None:
        """A placeholder stands there."""
        self._waiting[handle.token] = (handle, place)
        while len(self._waiting) > _MOST:
            self._waiting.popitem(last=False)

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()

    async def run(self) -> None:
        """Look after placeholders, oldest first, until stopped."""
        while not await wait_for(self._stop, _PAUSE):
            now = self._clock.now().timestamp()
            while self._waiting:
                handle, place = next(iter(self._waiting.values()))
                answered = self._connector.answered(handle)
                if not answered and handle.expires_at - now > _MARGIN:
                    break
                del self._waiting[handle.token]
                if not answered:
                    await self._say(handle, place)

    async def _say(self, handle: Handle, place: Place) -> None:
        try:
            await self._connector.answer(
                handle, place, replies.takes_longer(), private=handle.private, key=handle.token
            )
        except BotError as error:
            log.warning("discord.not_handed_over", error=error.message)
