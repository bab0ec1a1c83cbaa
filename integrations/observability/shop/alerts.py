"""What an Alertmanager does for the shop: it asks for what fires, and tells whoever wants to know when that changes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import structlog

from integrations.observability.alertmanager.fake import AlertmanagerFake, Given
from integrations.observability.prometheus.fake import PrometheusFake

log = structlog.get_logger()

_EVERY = 30.0
"""Seconds between looks."""
_BY = ("alertname", "service")
"""Labels that make a group."""


@asynccontextmanager
async def telling(metrics: PrometheusFake, manager: AlertmanagerFake, url: str) -> AsyncIterator[None]:
    """Send webhooks to `url` whenever an alert fires or ends, while the block runs."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_tell(metrics, manager, url))
        try:
            yield
        finally:
            task.cancel()


async def _tell(metrics: PrometheusFake, manager: AlertmanagerFake, url: str) -> None:
    told: set[tuple[str, bool]] = set()
    while True:
        found = await asyncio.to_thread(metrics.alerts)
        now = datetime.now(UTC)
        manager.now = now
        firing = {
            given.fingerprint: given for alert in found if alert["state"] == "firing" for given in [_given(alert)]
        }
        known = {given.fingerprint: given for given in manager.alerts}
        over = [_ended(known[one], now) for one in known.keys() - firing.keys()]
        manager.alerts = [*firing.values(), *over]
        state = {(given.fingerprint, given.end is None) for given in manager.alerts}
        if state != told:
            try:
                statuses = await manager.notify(url, by=_BY)
            except httpx.HTTPError as error:
                statuses = []
                log.warning("shop.alerts_not_told", error=type(error).__name__)
            if statuses and all(status == 202 for status in statuses):
                told = state
        await asyncio.sleep(_EVERY)


def _given(alert: Mapping[str, Any]) -> Given:
    return Given(alert["labels"], datetime.fromisoformat(alert["activeAt"]), None, alert["annotations"])


def _ended(given: Given, now: datetime) -> Given:
    return given if given.end else Given(given.labels, given.start, now, given.annotations, given.url)
