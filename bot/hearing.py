"""Keeps what was heard, and clears away in small pieces what is too old or too much."""

import asyncio
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from bot.waiting import wait_for
from core.context.bounds import KEPT
from core.errors import BotError
from core.messages import Heard, Overheard, Place
from core.ports.clock import Clock
from core.ports.records import Records, Transaction

log = structlog.get_logger()

_PAUSE = 30.0
"""Seconds between rounds of clearing."""
_PIECE = 500
"""Messages forgotten in one transaction: nobody waits long behind it."""
_COUNTED = 10_000
"""Places that are counted; the one where nothing was said for longest is dropped."""
_EXCESS = 20
"""So many messages more than allowed may stand in a place before it is cut back."""


class Hearing:
    """Owns the task that clears. Whoever remembers a message in a transaction of its own counts it here afterwards."""

    def __init__(self, records: Records, *, clock: Clock, everywhere: bool, days: int, pause: float = _PAUSE) -> None:
        """`everywhere`: in all channels that the bot is in, not only in threads that it takes part in."""
        self.everywhere = everywhere
        self._records = records
        self._clock = clock
        self._seconds = days * 86_400.0
        self._pause = pause
        self._counts: dict[Place, int] = {}
        """Messages noted by this process since the place was cut back last."""
        self._tasks = asyncio.TaskGroup()
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._tasks.create_task(self._clear_now_and_then())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        await self._tasks.__aexit__(kind, error, trace)

    def count(self, item: Overheard) -> None:
        """It was remembered; so many in one place, and the place is cut back."""
        if isinstance(item, Heard):
            self._counts[item.place] = self._counts.pop(item.place, 0) + 1
            if len(self._counts) > _COUNTED:
                del self._counts[next(iter(self._counts))]

    async def clear(self) -> None:
        """Forget what is too old, and cut back the places that grew."""
        before = self._clock.now().timestamp() - self._seconds
        await self._in_pieces(lambda tx: tx.heard.expire(before, limit=_PIECE))
        for place in [place for place, count in self._counts.items() if count >= _EXCESS]:
            del self._counts[place]
            await self._in_pieces(partial(_trim, place))

    async def _in_pieces(self, piece: Callable[[Transaction], int]) -> None:
        while await self._records.write(piece) == _PIECE:
            continue

    async def _clear_now_and_then(self) -> None:
        while not await wait_for(self._stop, self._pause):
            try:
                await self.clear()
            except BotError as error:
                log.warning("hearing.not_cleared", error=error.message)


def _trim(place: Place, tx: Transaction) -> int:
    return tx.heard.trim(place, keep=KEPT, limit=_PIECE)
