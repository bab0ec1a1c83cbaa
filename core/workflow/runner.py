"""The worker: takes a pointer to a run from the queue, does what the run needs, and hands the pointer back."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import structlog

from core.errors import BotError, Failure, HistoryError, NotFoundError, UnavailableError, describe
from core.messages import StepState
from core.ports.clock import Clock
from core.ports.queue import WorkDelivery, WorkQueue
from core.ports.records import AuditRow, Records, StoredEvent, Transaction
from core.tools import Toolbox
from core.workflow import engine
from core.workflow import events as ev
from core.workflow.conflicts import write
from core.workflow.run import RunStatus
from core.workflow.shift import Equipment, LeaseLost, RunnerSettings, Shift
from core.workflow.signals import QUEUE, Means, append, load
from core.workflow.trail import SYSTEM

log = structlog.get_logger()


class Runner:
    """Handles deliveries of the queue `runs`. Holds no state between them."""

    def __init__(
        self,
        records: Records,
        tools: Toolbox,
        clock: Clock,
        means: Means,
        settings: RunnerSettings | None = None,
    ) -> None:
        self.settings = settings or RunnerSettings()
        self._with = Equipment(records, tools, clock, means, self.settings)

    async def handle(self, delivery: WorkDelivery) -> None:
        """Do everything that the run needs now and settle the delivery. When this worker dies instead, the delivery comes
        again, and the attempts it had begun are executed again with the same keys."""
        try:
            await self._handle(delivery)
        except UnavailableError as error:
            log.warning("run.unsettled", run=delivery.item.key, item=delivery.item.id, reason=error.message)
        except Exception:
            # The delivery comes again when its lease is over; the worker goes on with others.
            log.exception("run.unsettled", run=delivery.item.key, item=delivery.item.id)

    async def _handle(self, delivery: WorkDelivery) -> None:
        run_id = delivery.item.key
        bound = log.bind(run=run_id, item=delivery.item.id)
        if delivery.item.attempt > self.settings.max_deliveries:
            await self._give_up(delivery)
            return
        try:
            await Shift(self._with, delivery).work()
        except LeaseLost:
            bound.warning("run.lease_lost")
        except HistoryError as error:
            bound.error("run.unreadable", reason=error.message)
            failure = describe(error)
            await write(self._with.records, lambda tx: self._condemn(tx, run_id, failure))
            await delivery.reject(error.message)
        except NotFoundError as error:
            await delivery.reject(error.message)
        except BotError as error:
            bound.warning("run.postponed", reason=error.message)
            await delivery.retry(error.delay or self.settings.retry_seconds)
        except Exception:
            log.exception("run.broken", run=run_id, item=delivery.item.id)
            await delivery.retry(self.settings.retry_seconds)
        else:
            await delivery.ack()

    async def _give_up(self, delivery: WorkDelivery) -> None:
        reason = f"given up after {self.settings.max_deliveries} deliveries"
        failure = Failure(
            "INTERNAL_ERROR", "A step was interrupted again and again.", "Look at its target, then start a new run."
        )
        await write(self._with.records, lambda tx: self._fail(tx, delivery, failure))
        await delivery.reject(reason)

    def _fail(self, tx: Transaction, delivery: WorkDelivery, failure: Failure) -> None:
        """End the run when it depended on this delivery."""
        try:
            run = load(tx, delivery.item.key)
        except HistoryError:
            self._condemn(tx, delivery.item.key, failure)
            return
        if run is None or run.ended is not None:
            return
        held = [s.id for s in run.steps.values() if s.state is StepState.RUNNING and s.item == delivery.item.id]
        held += [command.step.id for command in engine.decide(run) if isinstance(command, engine.ExecuteStep)]
        if held:
            append(tx, self._with.means, run, [ev.RunFailed(failure, held[0])], origin=self._with.origin(run))

    def _condemn(self, tx: Transaction, run_id: str, failure: Failure) -> None:
        """Mark a run that cannot be folded as failed, by its read model and one last event."""
        view, history = tx.runs.get(run_id), tx.runs.history(run_id)
        if view is None or not history or view.status == RunStatus.FAILED:
            return
        now, last = self._with.clock.now(), history[-1].version
        kind, data = ev.encode(ev.RunFailed(failure))
        failed = replace(view, status=RunStatus.FAILED.value, updated_at=now, finished_at=now)
        event = StoredEvent(last + 1, kind, now, data)
        tx.runs.append(failed, expected_version=last, events=[event], replanned=False)
        tx.timers.cancel(f"{view.id}/")
        tx.audit.add(AuditRow(now, SYSTEM, "run.end", view.id, "failed", failure.message))


async def serve(queue: WorkQueue, runner: Runner, *, at_once: int = 16) -> None:
    """Handle deliveries until cancelled, at most `at_once` at a time. Cancelled, it breaks off the calls under way: their
    deliveries come again, here or at another worker."""
    async with asyncio.TaskGroup() as group:
        source = queue.deliveries(QUEUE, lease=runner.settings.lease_seconds, prefetch=at_once)
        async with aclosing(source) as deliveries:
            async for delivery in deliveries:
                group.create_task(runner.handle(delivery))
