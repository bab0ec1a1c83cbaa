"""Collects what is known about a service: what runs, what was done to it, what waits, and what was said where it was asked."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import structlog

from core.alerts.group import AlertGroup
from core.context.window import Context
from core.conversation.desk import Desk
from core.conversation.findings import Findings
from core.errors import BotError
from core.messages import Heard
from core.planning.executor import Executor
from core.planning.plan import Explain
from core.ports.records import ApprovalView, RunView, Transaction
from core.telemetry.vitals import Vital
from core.together import together
from core.workflow.signals import load
from core.workflow.steps.common import Scalar

log = structlog.get_logger()

T = TypeVar("T")

_LOOKED_AT = 20
"""Latest runs of the service among which those of the environment are looked for."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class RunFact:
    """One run that touched the service."""

    run: RunView
    requester: str
    """Name of who started it; for display only."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known. Nothing in it says why."""

    about: Explain
    deployed: Mapping[str, Scalar] | None = None
    """What the delivery service says; None when it could not be asked."""
    runs: tuple[RunFact, ...] | None = None
    """Latest first; None when this person may not see runs."""
    waiting: tuple[tuple[ApprovalView, RunView], ...] = ()
    vitals: tuple[Vital, ...] | None = None
    """What is measured of it; None when nobody could tell, or this person may not ask."""
    firing: tuple[AlertGroup, ...] = ()
    """Alerts about it that fire."""
    alert: Heard | None = None
    """The latest message of another bot in the thread that names the service, else its root if a bot wrote it."""
    broken: str = ""
    """Objectives that it does not meet, by name."""


async def facts_of(
    desk: Desk, executor: Executor, findings: Findings, about: Explain, context: Context, traceparent: str
) -> Facts:
    """Everything at once. A service that does not answer leaves a gap, no error: the rest is worth telling."""
    deployed, broken, vitals = await together(
        _known("deployed", executor.deployed(about.service, about.environment, traceparent)),
        _known("objectives", executor.broken(about.service, traceparent)),
        findings.vitals(about.service, about.environment),
    )
    runs, waiting, firing = await desk.records.read(lambda tx: (*_from_records(tx, about), _firing(tx, about)))
    return Facts(about, deployed, runs, waiting, vitals, firing, _alert(about, context), broken or "")


async def _known(what: str, asked: Awaitable[T]) -> T | None:
    """None where whoever knows does not answer."""
    try:
        return await asked
    except BotError as error:
        log.info("facts.unknown", what=what, error=error.message)
        return None


def _from_records(
    tx: Transaction, about: Explain
) -> tuple[tuple[RunFact, ...], tuple[tuple[ApprovalView, RunView], ...]]:
    found = tx.runs.find(parameter=("service", about.service), limit=_LOOKED_AT)
    here = [run for run in found if run.parameters.get("environment", about.environment) == about.environment]
    runs = []
    for view in here[:_SHOWN]:
        run = load(tx, view.id)
        runs.append(RunFact(view, run.requester.name if run else ""))
    ids = {run.id: run for run in here}
    waiting = [(view, ids[view.run_id]) for view in tx.runs.open_approvals() if view.run_id in ids]
    return tuple(runs), tuple(waiting)


def _firing(tx: Transaction, about: Explain) -> tuple[AlertGroup, ...]:
    groups = (stored.group for stored in tx.alerts.open(limit=_LOOKED_AT * 5))
    return tuple(
        group
        for group in groups
        if group.service == about.service and group.labels.get("environment", about.environment) == about.environment
    )


def _alert(about: Explain, context: Context) -> Heard | None:
    by_bots = [message for message in context.messages if message.person.is_bot]
    naming = [message for message in by_bots if about.service.lower() in message.text.lower()]
    return naming[-1] if naming else by_bots[0] if by_bots else None
