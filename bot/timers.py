"""Fires due timers: any replica may, each fires once."""

import asyncio

import structlog

from bot.leases import Leases
from bot.waiting import wait_for
from core.errors import BotError, ConflictError
from core.ports.clock import Clock
from core.ports.records import Records, Timer
from core.workflow.service import fire_timer
from core.workflow.signals import Means, Origin
from core.workflow.upkeep import TIMERS

log = structlog.get_logger()

_PAUSE = 0.5
"""Seconds between looks; how late a timer may fire."""
_AT_ONCE = 50


async def serve(
    records: Records, means: Means, *, clock: Clock, holder: str, stop: asyncio.Event, lease: float = Leases.timer
) -> None:
    """Fire timers until told to stop; a claim under way is never broken off, since its commit could not be."""
    while not stop.is_set():
        try:
            due = await records.write(
                lambda tx: tx.timers.claim_due(now=clock.now(), holder=holder, lease_seconds=lease, limit=_AT_ONCE)
            )
            for timer in due:
                await _fire(records, means, timer, clock=clock, holder=holder)
        except BotError as error:
            log.warning("timers.postponed", error=error.message)
            due = ()
        if len(due) < _AT_ONCE:
            await wait_for(stop, _PAUSE)


async def _fire(records: Records, means: Means, timer: Timer, *, clock: Clock, holder: str) -> None:
    if timer.kind not in TIMERS:
        log.error("timer.unknown", key=timer.key, kind=timer.kind)
        return
    try:
        await records.write(lambda tx: fire_timer(tx, means, timer, holder=holder, origin=Origin(clock.now())))
        log.info("timer.fired", key=timer.key)
    except ConflictError as error:
        # The run moved on, or another replica has the timer: its claim runs out and it is looked at again.
        log.info("timer.conflict", key=timer.key, error=error.message)
