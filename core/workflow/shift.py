"""One delivery in the hands of one worker: its steps run side by side while the lease is kept."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from core.errors import (
    BotError,
    Failure,
    NotFoundError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UserInputError,
    describe,
)
from core.messages import StepState
from core.ports.clock import Clock
from core.ports.queue import WorkDelivery
from core.ports.records import AuditRow, Records, Transaction
from core.tools import Toolbox, ToolContext, ToolResult
from core.workflow import events as ev
from core.workflow.conflicts import write
from core.workflow.run import Run, StepRecord, is_undo
from core.workflow.sealing import seal_outputs, unsealed, without_values
from core.workflow.signals import Means, Origin, append, load
from core.workflow.steps.action import ActionStep, Poll
from core.workflow.steps.common import Scalar
from core.workflow.trail import SYSTEM
from core.workflow.values import inputs, outputs_hold

_ONE_QUESTION = 60.0
"""Seconds that one call of a poll may take."""

_BROKEN_OFF = Failure("CONFLICT", "It was broken off: the run is rolled back.", may_have_happened=True)

log = structlog.get_logger()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunnerSettings:
    """How a worker holds on and lets go. Seconds."""

    lease_seconds: float = 30.0
    """After this long without a heartbeat another worker takes over."""
    heartbeat_seconds: float = 2.0
    """How often the lease is extended and a cancellation noticed."""
    progress_seconds: float = 1.0
    """Reports of a step that come faster are coalesced."""
    retry_seconds: float = 2.0
    """Before a delivery that could not be handled comes again."""
    max_deliveries: int = 10
    """A pointer that comes more often is parked, and the run that depends on it fails."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a worker works with."""

    records: Records
    tools: Toolbox
    clock: Clock
    means: Means
    settings: RunnerSettings = RunnerSettings()

    def origin(self, run: Run) -> Origin:
        """What the worker does to a run happens now, in the run's own trace."""
        return Origin(self.clock.now(), run.place, run.correlation, run.traceparent)


class LeaseLost(Exception):
    """The delivery has passed to another worker."""


@dataclass(slots=True)
class _Call:
    """A tool call under way."""

    record: StepRecord
    task: asyncio.Task[None] | None = None
    """What to cancel when the call is no longer wanted; None once the tool has answered."""
    said: tuple[float | None, str] = (None, "")
    """The latest report."""
    kept: tuple[float | None, str] = (None, "")
    """The latest report on the record."""
    kept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _News:
    """What there is to say about an attempt."""

    record: StepRecord
    events: Callable[[Transaction, Run], Sequence[ev.Event]]
    """What it means for the run as it is now. Asked only while the attempt is this delivery's."""
    last: bool = True
    """The attempt is over with it."""
    too_late: Callable[[Transaction, Run], None] | None = None
    """What is done instead when the run went on without the attempt."""


class Shift:
    """Works on one delivery until nothing is left to do for it."""

    def __init__(self, equipment: Equipment, delivery: WorkDelivery) -> None:
        self._with = equipment
        self._delivery = delivery
        self._run_id = delivery.item.key
        self._calls: dict[str, _Call] = {}
        self._known: Run | None = None
        """The latest committed state of the run; it was acted upon."""
        self._group = asyncio.TaskGroup()
        self._news: list[_News] = []
        """Not on the record yet."""
        self._keeping = False

    async def work(self) -> None:
        """Begin what is ready, go on with what this delivery had begun before, and all that becomes ready meanwhile.
        LeaseLost when another worker has it; core.errors when the records fail."""
        run = await self._write(self._begin)
        if not self._mine(run):
            return
        try:
            async with asyncio.TaskGroup() as watch:
                heart = watch.create_task(self._beat())
                async with self._group:
                    self._take_up(run)
                heart.cancel()
        except ExceptionGroup as group:
            raise _first(group) from group

    async def _write(self, unit: Callable[[Transaction], T]) -> T:
        return await write(self._with.records, unit)

    def _begin(self, tx: Transaction) -> Run:
        """Attempts that this delivery's last holder began are made again with the same keys; where a tool would act twice, a person
        is asked first. What is to be undone is not made again."""
        run = self._load(tx)
        return self._advance(tx, run, *self._interrupted(run))

    def _interrupted(self, run: Run) -> Iterator[ev.Event]:
        for record in self._mine(run):
            if _is_undone(run, record.id):
                yield ev.StepFailed(record.id, _BROKEN_OFF)
            elif not run.action(record.id).idempotent:
                yield self._doubt(record, "its worker stopped in the middle of it")

    def _doubt(self, record: StepRecord, why: str) -> ev.Event:
        return ev.StepInterrupted(record.id, f"It may have happened: {why}.", self._with.means.ids.token())

    def _advance(self, tx: Transaction, run: Run, *events: ev.Event) -> Run:
        return append(tx, self._with.means, run, events, origin=self._with.origin(run), item=self._delivery.item.id)

    def _load(self, tx: Transaction) -> Run:
        run = load(tx, self._run_id, known=self._known)
        if run is None:
            raise NotFoundError(f"there is no run {self._run_id}")
        return run

    def _mine(self, run: Run) -> list[StepRecord]:
        """The attempts that this delivery answers for."""
        return [
            record
            for record in run.steps.values()
            if record.state is StepState.RUNNING and record.item == self._delivery.item.id
        ]

    def _take_up(self, run: Run) -> None:
        """Call the tools of attempts that are not called yet, and break off calls that are no longer wanted. A state that was read
        before the latest one was acted upon says nothing about the calls begun since."""
        if self._known is not None and run.version < self._known.version:
            return
        self._known = run
        wanted = {_name(record): record for record in self._mine(run)}
        for name, call in self._calls.items():
            if call.task is None:
                continue
            if name not in wanted:
                call.task.cancel()
            elif _is_undone(run, call.record.id):
                self._group.create_task(self._break_off(call, call.task))
                call.task = None
        for name, record in wanted.items():
            if name not in self._calls:
                call = self._calls[name] = _Call(record)
                call.task = self._group.create_task(self._execute(run, call))

    # --- one step ----------------------------------------------------------------------------------------

    async def _execute(self, run: Run, call: _Call) -> None:
        step, record = run.action(call.record.id), call.record
        secrets = await self._secrets(run)
        result = without_values(await self._call_tool(run, step, call, secrets), secrets)
        call.task = None
        self._tell(
            _News(
                record,
                lambda tx, now: [self._outcome(tx, now, step, record, result)],
                too_late=lambda tx, now: self._note_dropped(tx, now, step, record, result),
            )
        )

    async def _break_off(self, call: _Call, task: asyncio.Task[None]) -> None:
        """The undoing begins when it is known that the call is over."""
        task.cancel()
        await asyncio.wait([task])
        self._tell(_News(call.record, lambda _tx, _run: [ev.StepFailed(call.record.id, _BROKEN_OFF)]))

    # --- the record --------------------------------------------------------------------------------------

    def _tell(self, news: _News) -> None:
        """Put it on the record soon, in one transaction with what other steps have to say by then. Steps that go on side by side
        would otherwise keep each other from the history."""
        self._news.append(news)
        if not self._keeping:
            self._keeping = True
            self._group.create_task(self._keep())

    async def _keep(self) -> None:
        try:
            while self._news:
                news, self._news = self._news, []
                self._take_up(await self._write(self._keeper(news)))
        finally:
            self._keeping = False

    def _keeper(self, news: Sequence[_News]) -> Callable[[Transaction], Run]:
        """A unit that appends to the state that this worker knows. Where it is not the latest one, the version does not fit, and the
        unit is run again on what is there now."""
        known = self._known

        def unit(tx: Transaction) -> Run:
            nonlocal known
            run, known = known or self._load(tx), None
            mine, events = {_name(record) for record in self._mine(run)}, list[ev.Event]()
            for one in news:
                if (name := _name(one.record)) in mine:
                    events += one.events(tx, run)
                    mine -= {name} if one.last else set()
                elif one.too_late is not None:
                    one.too_late(tx, run)
            return self._advance(tx, run, *events)

        return unit

    async def _call_tool(self, run: Run, step: ActionStep, call: _Call, secrets: Mapping[str, Scalar]) -> ToolResult:
        async def progress(fraction: float | None, text: str) -> None:
            call.said = (fraction, without_values(text, secrets))
            self._report(call)

        limit = min(step.time_limit_seconds, _ONE_QUESTION) if step.poll else step.time_limit_seconds
        deadline = self._with.clock.now() + timedelta(seconds=limit)
        context = ToolContext(call.record.key, progress, deadline, run.correlation, run.traceparent)
        try:
            async with asyncio.timeout(limit):
                given = inputs(unsealed(run, secrets), step, step.inputs)
                result = await self._with.tools.get(step.tool).call(given, context)
        except TimeoutError:
            return ToolResult.failed(UpstreamTimeout(step.tool, f"{step.title} did not end within {limit:g} seconds."))
        except BotError as error:
            return ToolResult.failed(error)
        except Exception as error:
            log.exception("step.broken", run=run.id, step=step.id, tool=step.tool)
            return ToolResult.failed(error)
        return result

    async def _secrets(self, run: Run) -> Mapping[str, Scalar]:
        return await self._with.records.read(lambda tx: tx.sealed.of(run.id)) if run.sealed else {}

    def _outcome(self, tx: Transaction, run: Run, step: ActionStep, record: StepRecord, result: ToolResult) -> ev.Event:
        """What the call's result means for its step."""
        no_reason = UpstreamProtocolError(step.tool, f"{step.tool} failed and gave no reason.")
        failure = None if result.ok else result.failure or describe(no_reason)
        now = self._with.clock.now()
        undone = _is_undone(run, step.id)
        if undone and failure is not None:
            return ev.StepFailed(step.id, failure)
        if step.poll is not None and not undone and (failure is None or failure.retryable):
            try:
                if failure is not None or not outputs_hold(step.poll.holds, result.outputs):
                    return _asked_again(run, step, step.poll, result, now)
            except UserInputError as error:
                return ev.StepFailed(step.id, describe(error))
        if failure is None:
            outputs = seal_outputs(tx, self._with.means.ids, run.id, result.outputs)
            return ev.StepCompleted(step.id, outputs, result.text, result.links)
        if not step.idempotent and failure.may_have_happened:
            return self._doubt(record, failure.message.rstrip("."))
        retry_at = None
        if step.retry.covers(failure.code, retryable=failure.retryable) and record.attempt <= step.retry.count:
            retry_at = now + timedelta(seconds=step.retry.delay_after(record.attempt, random.random()))
        return ev.StepFailed(step.id, failure, retry_at)

    def _note_dropped(
        self, tx: Transaction, run: Run, step: ActionStep, record: StepRecord, result: ToolResult
    ) -> None:
        """The run went on without this call's result: it stays on the record that the call was made."""
        details = {"run": run.id, "step": step.id, "key": record.key, "ok": result.ok}
        tx.audit.add(
            AuditRow(self._with.clock.now(), SYSTEM, "step.drop", step.tool, "done", "too late", details=details)
        )

    # --- meanwhile ---------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """Keep the lease, notice what others did to the run, and put the latest reports on the record."""
        while True:
            await asyncio.sleep(self._with.settings.heartbeat_seconds)
            if not await self._delivery.progress():
                raise LeaseLost
            self._take_up(await self._with.records.read(self._load))
            for call in self._calls.values():
                if call.task is not None:
                    self._report(call)

    def _report(self, call: _Call) -> None:
        now = self._with.clock.now()
        pause = timedelta(seconds=self._with.settings.progress_seconds)
        if not _worth_keeping(call) or (call.kept_at is not None and now - call.kept_at < pause):
            return
        said, call.kept, call.kept_at = call.said, call.said, now
        news = [ev.StepProgressed(call.record.id, *said)]
        self._tell(_News(call.record, lambda _tx, _run: news, last=False))


def _is_undone(run: Run, step: str) -> bool:
    """Whether a step is not to be gone on with, because the run is rolled back."""
    return run.rollback is not None and not is_undo(step)


def _asked_again(run: Run, step: ActionStep, poll: Poll, result: ToolResult, now: datetime) -> ev.Event:
    """The next question, unless there is no time left for one."""
    since = run.steps[step.id].started_at or now
    if now >= since + timedelta(seconds=step.time_limit_seconds):
        said = f" The last answer: {result.text}" if result.text else ""
        late = UpstreamTimeout(step.tool, f"{step.title} did not come true in time.{said}")
        return ev.StepFailed(step.id, result.failure or describe(late))
    said = result.text or (result.failure.message if result.failure else "")
    return ev.StepPostponed(step.id, now + timedelta(seconds=poll.every_seconds), said)


def _worth_keeping(call: _Call) -> bool:
    """A new text, or at least five percent more."""
    (said, text), (kept, kept_text) = call.said, call.kept
    return text != kept_text or (said is not None and abs(said - (kept or 0.0)) >= 0.05)


def _name(record: StepRecord) -> str:
    return f"{record.key}#{record.attempt}"


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The exception inside that tells most: a lost lease before all others."""
    leaves = [_first(error) if isinstance(error, BaseExceptionGroup) else error for error in group.exceptions]
    return next((error for error in leaves if isinstance(error, LeaseLost)), leaves[0])
