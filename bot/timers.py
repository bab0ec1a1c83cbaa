"""Fires due timers: any replica may, each fires once."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from bot.leases import Leases
from bot.waiting import wait_for
from core.errors import BotError, ConflictError
from core.ports.clock import Clock
from core.ports.records import Records, Timer, Transaction

Fire = Callable[[Transaction, Timer], object]
"""Does what a claimed timer stands for and removes it, in one transaction; ConflictError when the claim was lost."""

log = structlog.get_logger()

_PAUSE = 0.5
"""Seconds between looks; how late a timer may fire."""
_AT_ONCE = 50


async def serve(
    records: Records,
    kinds: Mapping[str, Fire],
    *,
    clock: Clock,
    holder: str,
    stop: asyncio.Event,
    lease: float = Leases.timer,
) -> None:
    """Fire timers of these kinds until told to stop; a claim under way is never broken off, since its commit could not be."""
    while not stop.is_set():
        try:
            due = await records.write(
                lambda tx: tx.timers.claim_due(now=clock.now(), holder=holder, lease_seconds=lease, limit=_AT_ONCE)
            )
            for timer in due:
                await _fire(records, kinds, timer)
        except BotError as error:
            log.warning("timers.postponed", error=error.message)
            due = ()
        if len(due) < _AT_ONCE:
            await wait_for(stop, _PAUSE)


async def _fire(records: Records, kinds: Mapping[str, Fire], timer: Timer) -> None:
    fire = kinds.get(timer.kind)
    if fire is None:
        log.error("timer.unknown", key=timer.key, kind=timer.kind)
        return
    try:
        await records.write(lambda tx: fire(tx, timer))
        log.info("timer.fired", key=timer.key)
    except ConflictError as error:
        # The run moved on, or another replica has the timer: its claim runs out and it is looked at again.
        log.info("timer.conflict", key=timer.key, error=error.message)
