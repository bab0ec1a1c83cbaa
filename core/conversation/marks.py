"""What happened to a service in the stretch of time that a chart shows: deploys, runs, alerts. For a line on the chart, and to be told."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import structlog

from core.charts.chart import Mark
from core.conversation.alert_cards import headline
from core.conversation.desk import Desk
from core.conversation.metric_cards import clock
from core.conversation.replies import moment
from core.errors import BotError
from core.markup import literal
from core.messages import Note
from core.planning.executor import Executor
from core.ports.records import Transaction
from core.together import together

log = structlog.get_logger()

_SERVICES = 3
"""Of a query, whose events are looked for."""
_LOOKED_AT = 50
_WITHIN = 1.5
"""Seconds that the answer waits for what is only beside it."""
_USUAL = "production"
NUMBERS = "①②③④⑤⑥⑦⑧"
"""By which events are told, and found on the chart."""
_EVENTS = 6
_NEAR = 0.09
"""Part of a chart's length within which two labels would cover each other."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event."""

    at: datetime
    text: str


async def happened(
    desk: Desk,
    executor: Executor,
    services: Sequence[str],
    environment: str,
    start: datetime,
    end: datetime,
    *,
    runs: bool,
) -> tuple[Happened, ...]:
    """To these services, in order of time. `environment`: "" for all. `runs`: whether this person may see them. What cannot be found out is left out: the numbers matter more."""
    deployed = await together(*(_deploys(executor, service, environment or _USUAL) for service in services[:_SERVICES]))
    found = [one for those in deployed for one in those]
    if services:
        found += await desk.records.read(lambda tx: _recorded(tx, services[:_SERVICES], environment, runs=runs))
    inside = sorted((one for one in found if start <= one.at <= end), key=lambda one: one.at)
    return tuple(inside[-_EVENTS:])


def numbered(found: Sequence[Happened]) -> list[tuple[str, datetime]]:
    """In order of time."""
    return [(number, one.at) for number, one in zip(NUMBERS, found, strict=False)]


def marks(found: Iterable[tuple[str, datetime]], length: timedelta) -> tuple[Mark, ...]:
    """As lines on a chart of this length, with their labels; neighbours share a line and have one label."""
    made: list[Mark] = []
    for label, moment_ in sorted(found, key=lambda one: one[1]):
        at = moment_.timestamp()
        if made and at - made[-1].at < _NEAR * length.total_seconds():
            made[-1] = Mark(made[-1].at, made[-1].label + label)
        else:
            made.append(Mark(at, label))
    return tuple(made)


def told(found: Sequence[Happened], zone: tzinfo, now: datetime) -> list[Note]:
    """In words, as facts."""
    if not found:
        return []
    parts = (
        f"{number} {clock(one.at, zone, now)} {literal(one.text)}" for number, one in zip(NUMBERS, found, strict=False)
    )
    return [Note(f"In this time: {' · '.join(parts)}")]


async def _deploys(executor: Executor, service: str, environment: str) -> list[Happened]:
    """The latest deploy, as the delivery service knows it."""
    try:
        async with asyncio.timeout(_WITHIN):
            outputs = await executor.deployed(service, environment, "")
    except (BotError, TimeoutError) as error:
        log.info("marks.deploy_unknown", service=service, error=str(error))
        return []
    at, version = moment(str(outputs.get("deployed_at", ""))), str(outputs.get("version", ""))
    return [Happened(at, f"{service} {version} deployed")] if at and version else []


def _recorded(tx: Transaction, services: Sequence[str], environment: str, *, runs: bool) -> list[Happened]:
    """`environment`: "" for all of them."""
    found: list[Happened] = []
    for service in services if runs else ():
        found += (
            Happened(run.started_at, f"{run.workflow} of {service} started{_in(run.parameters.get('environment', ''))}")
            for run in tx.runs.find(parameter=("service", service), limit=_LOOKED_AT)
            if not environment or run.parameters.get("environment", environment) == environment
        )
    for stored in tx.alerts.open(limit=_LOOKED_AT):
        group = stored.group
        here = not environment or group.labels.get("environment", environment) == environment
        if group.service in services and here:
            begun = min((track.started for track in group.tracks.values()), default=group.first_seen)
            found.append(Happened(begun, f"{headline(group).partition(':')[0]} fires"))
    return found


def _in(environment: str) -> str:
    return f" in {environment}" if environment else ""
