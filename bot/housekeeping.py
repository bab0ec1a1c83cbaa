"""Two quiet tasks: one replica chains the audit, and once an hour one removes what has been kept long enough."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.metrics import Metrics
from bot.sections import Retention
from bot.waiting import wait_for
from core.errors import BotError
from core.ports.clock import Clock
from core.ports.records import AuditRow, Records, Transaction
from core.workflow.trail import SYSTEM

log = structlog.get_logger()

_SEALED_AT_ONCE = 50
"""Records in one transaction: bounds how long others wait for the writer."""
_SEAL_PAUSE = 1.0
"""Seconds between looks for records to seal."""
_LEASE = 15.0
"""Seconds after which another replica takes the sealing over."""
_CLEAN_EVERY = 3600.0
_LOOK_EVERY = 60.0
"""Seconds between asking whether it is time to clean."""
_REMOVED_AT_ONCE = 200


async def seal(
    records: Records, *, holder: str, stop: asyncio.Event, metrics: Metrics, pause: float = _SEAL_PAUSE
) -> None:
    """Chain audit records until told to stop, and what is left then."""
    last = False
    while not last:
        last = stop.is_set()
        try:
            sealed = await _seal_once(records, holder, metrics)
        except BotError as error:
            log.warning("audit.not_sealed", error=error.message)
            sealed = 0
        if sealed == _SEALED_AT_ONCE:
            last = False
        elif not last:
            await wait_for(stop, pause if sealed is not None else _LEASE / 2)


async def _seal_once(records: Records, holder: str, metrics: Metrics) -> int | None:
    """How many records were sealed; None when another replica does it. Looking costs no write: mostly nothing waits."""
    waiting = await records.read(lambda tx: tx.audit.unsealed())
    metrics.unsealed.set(waiting)
    if not waiting:
        return 0
    return await records.write(lambda tx: tx.audit.seal(holder=holder, lease_seconds=_LEASE, limit=_SEALED_AT_ONCE))


async def clean(
    records: Records,
    keep: Retention,
    *,
    clock: Clock,
    holder: str,
    stop: asyncio.Event,
    metrics: Metrics,
    look_every: float = _LOOK_EVERY,
) -> None:
    """Remove what has been kept long enough, once an hour by one of all replicas, until told to stop."""
    while not stop.is_set():
        try:
            if await records.write(lambda tx: tx.retention.due(holder=holder, every_seconds=_CLEAN_EVERY)):
                await _clean(records, keep, clock=clock, stop=stop, metrics=metrics)
        except BotError as error:
            log.warning("retention.postponed", error=error.message)
        await wait_for(stop, look_every)


def _removal(kind: str, before: datetime) -> Callable[[Transaction], int]:
    return lambda tx: tx.retention.clean(kind, before=before, limit=_REMOVED_AT_ONCE)


async def _clean(records: Records, keep: Retention, *, clock: Clock, stop: asyncio.Event, metrics: Metrics) -> None:
    removed: dict[str, int] = {}
    for kind, days in keep.model_dump().items():
        while days and not stop.is_set():
            count = await records.write(_removal(kind, clock.now() - timedelta(days=days)))
            removed[kind] = removed.get(kind, 0) + count
            metrics.removed.labels(kind).inc(count)
            if count < _REMOVED_AT_ONCE:
                break
    log.info("retention.cleaned", **removed)
    if removed.get("audit"):
        row = AuditRow(clock.now(), SYSTEM, "audit.trim", "audit", "done", details={"removed": removed["audit"]})
        await records.write(lambda tx: tx.audit.add(row))
