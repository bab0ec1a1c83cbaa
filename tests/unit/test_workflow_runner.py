"""The worker over records in memory: once, again after a crash, and never against the run's will."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from core.errors import UnavailableError, UpstreamRejected, UpstreamUnavailable
from core.messages import StepState
from core.ports.records import Transaction
from core.tools import Link, ToolContext, ToolResult
from core.workflow import events as ev
from core.workflow.run import RunStatus
from core.workflow.runner import Runner, serve
from core.workflow.steps.action import ActionStep
from tests.fake_records import FakeDelivery, FakeQueue, FakeRecords
from tests.workflow_world import ALICE, BOB, WORKFLOW, World

T = TypeVar("T")

PLAIN = """
name: plain
version: 1.0.0
title: No gate
steps:
  - id: act
    type: action
    tool: test.act
    with: {service: x}
    retries: {count: 2, backoff: 10s}
    time_limit: 1m
"""

PARALLEL = """
name: fan
version: 1.0.0
title: Two at once
steps:
  - {id: left, type: action, tool: test.check, with: {service: left}}
  - {id: right, type: action, tool: test.act, with: {service: right}, needs: []}
  - {id: both, type: action, tool: test.check, with: {service: "${{ steps.right.outputs.url }}"}, needs: [left, right]}
"""


class Fails:
    """A tool that raises these errors first."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    async def __call__(self, _context: ToolContext) -> ToolResult:
        if self.errors:
            raise self.errors.pop(0)
        return ToolResult(outputs={"url": "u"}, text="at last", links=(Link("log", "http://x"),))


class Holds:
    """A tool that says it began and waits to be let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go = asyncio.Event()
        self.cancelled = False

    async def __call__(self, _context: ToolContext) -> ToolResult:
        self.begun.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return ToolResult(outputs={"url": "u"})


async def test_a_run_without_a_gate_completes_in_one_delivery() -> None:
    world = World(PLAIN)
    run = world.start()
    (delivery,) = await world.work()
    assert world.run(run).status is RunStatus.COMPLETED
    assert (delivery.item.key, world.records.state.work) == (run.id, {})


async def test_a_retryable_failure_is_repeated_with_the_same_key_after_the_backoff() -> None:
    world = World(PLAIN, act=Fails(UpstreamUnavailable("ci", "gone"), UpstreamUnavailable("ci", "gone")))
    run = world.start()
    await world.work()
    assert world.run(run).steps["act"].state is StepState.WAITING
    assert await world.work() == []
    assert world.fire(seconds=10) == 1
    await world.work()
    assert world.fire(seconds=10) == 0
    assert world.fire(seconds=10) == 1
    await world.work()
    step = world.run(run).steps["act"]
    assert (step.state, step.attempt, step.text) == (StepState.DONE, 3, "at last")
    assert {key for _, _, key in world.calls} == {f"{run.id}/act/1"}


async def test_when_the_repeats_are_used_up_the_run_fails_with_the_reason() -> None:
    world = World(PLAIN, act=Fails(*[UpstreamUnavailable("ci", "gone")] * 3))
    run = world.start()
    for _ in range(3):
        await world.work()
        world.fire(minutes=5)
    ended = world.run(run)
    assert ended.status is RunStatus.FAILED
    assert ended.failure is not None
    assert (ended.failure.message, ended.failure.service) == ("gone", "ci")


async def test_a_final_failure_is_not_repeated() -> None:
    world = World(PLAIN, act=Fails(UpstreamRejected("ci", "no such service")))
    run = world.start()
    await world.work()
    assert world.run(run).status is RunStatus.FAILED
    assert world.audited("step.execute") == [("system", "failed", "no such service")]


async def test_a_bug_in_a_tool_fails_the_step_and_tells_nothing_of_its_insides() -> None:
    world = World(PLAIN, act=Fails(KeyError("secret")))
    run = world.start()
    await world.work()
    failure = world.run(run).failure
    assert failure is not None
    assert "secret" not in failure.message + failure.hint


async def test_a_result_that_says_failed_fails_the_step() -> None:
    async def refuse(_context: ToolContext) -> ToolResult:
        return ToolResult(ok=False)

    world = World(PLAIN, act=refuse)
    run = world.start()
    await world.work()
    failure = world.run(run).failure
    assert failure is not None
    assert failure.message == "test.act failed and gave no reason."


async def test_a_step_over_its_time_limit_is_broken_off() -> None:
    holds = Holds()
    world = World(PLAIN.replace("retries: {count: 2, backoff: 10s}", ""), act=holds)
    step = world.definition.step("act")
    assert isinstance(step, ActionStep)
    world.definition = replace(world.definition, steps=(replace(step, time_limit_seconds=0.01),))
    run = world.start()
    await world.work()
    failure = world.run(run).failure
    assert failure is not None
    assert failure.code == "TIMEOUT"
    assert holds.cancelled


async def test_a_missing_output_fails_the_step_that_needs_it() -> None:
    async def nothing(_context: ToolContext) -> ToolResult:
        return ToolResult()

    world = World(PARALLEL, act=nothing)
    run = world.start()
    await world.work()
    failure = world.run(run).failure
    assert failure is not None
    assert failure.message == "Step right gave no output url."


async def test_ready_steps_run_side_by_side_and_join() -> None:
    left, right = Holds(), Holds()
    left.go.set()

    async def check(context: ToolContext) -> ToolResult:
        return await left(context)

    world = World(PARALLEL, check=check, act=right)
    run = world.start()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(world.work())
        await left.begun.wait()
        await right.begun.wait()
        right.go.set()
    assert world.run(run).status is RunStatus.COMPLETED
    assert world.calls[-1] == ("check", {"service": "u"}, f"{run.id}/both/1")


async def test_steps_that_end_together_are_put_on_the_record_together() -> None:
    branches = "".join(
        f"      b{n}: [{{id: s{n}, type: action, tool: test.act, with: {{service: x}}}}]\n" for n in range(100)
    )
    head = PARALLEL.split("steps:")[0]
    world = World(f"{head}steps:\n  - id: all\n    type: parallel\n    branches:\n{branches}")
    run = world.start()
    writes = 0
    now = world.records.now

    def counted(unit: Callable[[Transaction], T]) -> T:
        nonlocal writes
        writes += 1
        return now(unit)

    world.records.now = counted  # type: ignore[method-assign]
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED
    assert len(world.calls) == 100
    assert writes < 10, "each end by itself would keep the others from the history"


async def test_after_a_crash_the_interrupted_attempt_is_executed_again_with_the_same_key() -> None:
    holds = Holds()
    world = World(PLAIN, act=holds)
    run = world.start()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        worker = group.create_task(world.work())
        await holds.begun.wait()
        worker.cancel()
    assert world.run(run).steps["act"].state is StepState.RUNNING
    holds.go.set()
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED
    assert [key for _, _, key in world.calls] == [f"{run.id}/act/1"] * 2
    assert world.run(run).steps["act"].attempt == 1


async def test_another_pointer_leaves_an_attempt_to_the_delivery_that_began_it() -> None:
    holds = Holds()
    world = World(PLAIN, act=holds)
    run = world.start()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(world.work())
        await holds.begun.wait()
        item = world.records.now(lambda tx: tx.work.put("runs", run.id))
        await world.runner.handle(FakeDelivery(world.records, item))
        holds.go.set()
    assert len(world.calls) == 1


async def test_a_cancelled_run_breaks_off_the_call_under_way() -> None:
    holds = Holds()
    world = World(PLAIN, act=holds)
    run = world.start()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(world.work())
        await holds.begun.wait()
        world.cancel(run)
    assert holds.cancelled
    assert world.run(run).status is RunStatus.CANCELLED
    assert world.records.state.work == {}


async def test_a_result_that_comes_after_the_end_stays_on_the_record_only() -> None:
    holds = Holds()
    world = World(PLAIN, heartbeat=60, act=holds)
    run = world.start()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(world.work())
        await holds.begun.wait()
        world.cancel(run)
        holds.go.set()
    assert world.run(run).status is RunStatus.CANCELLED
    assert world.audited("step.drop") == [("system", "done", "too late")]


class LateReads:
    """Records whose reads answer late, with what was there when they were asked."""

    def __init__(self, records: FakeRecords) -> None:
        self.records = records
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        return await self.records.write(unit)

    async def read(self, unit: Callable[[Transaction], T]) -> T:
        found = await self.records.read(unit)
        self.asked.set()
        await self.go.wait()
        return found

    async def healthy(self) -> str:
        return ""


async def test_a_heartbeat_that_read_before_a_step_ended_does_not_break_off_the_next_step() -> None:
    check, act = Holds(), Holds()
    world = World(check=check, act=act)
    late = LateReads(world.records)
    world.runner = Runner(late, world.tools, world.clock, world.means, world.settings)
    run = world.start(environment="staging")
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(world.work())
        await check.begun.wait()
        await late.asked.wait()
        check.go.set()
        await act.begun.wait()
        late.asked.clear()
        late.go.set()
        await late.asked.wait()
        act.go.set()
    assert not act.cancelled
    assert world.run(run).status is RunStatus.COMPLETED


async def test_a_worker_that_lost_its_lease_stops_and_settles_nothing() -> None:
    holds = Holds()
    world = World(PLAIN, act=holds)
    run = world.start()
    (delivery,) = world.records.deliver()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(world.runner.handle(delivery))
        await holds.begun.wait()
        delivery.held = False
    assert holds.cancelled
    assert world.run(run).steps["act"].state is StepState.RUNNING
    assert (delivery.delays, delivery.rejected, list(world.records.state.work)) == ([], "", [delivery.item.id])


async def test_progress_is_kept_coarsely() -> None:
    async def reports(context: ToolContext) -> ToolResult:
        for percent in range(100):
            await context.progress(percent / 100, "going")
        return ToolResult()

    world = World(PLAIN, act=reports)
    world.start()
    await world.work()
    kept = [event for event in world.announced if isinstance(event, ev.StepProgressed)]
    assert 10 <= len(kept) <= 21
    assert all(event.text == "going" for event in kept)


async def test_a_conflict_is_decided_again_and_the_tool_called_once() -> None:
    world = World(PLAIN)
    run = world.start()
    world.records.conflicts = 3
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED
    assert len(world.calls) == 1


async def test_a_step_that_changed_under_way_is_dropped_and_done_anew() -> None:
    text = WORKFLOW.replace("  - id: gate\n", "  - id: gate\n    needs: []\n")
    holds = Holds()
    world = World(text, check=holds)
    run = world.start()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(world.work())
        await holds.begun.wait()
        world.change(run, service="cart")
    holds.go.set()
    await world.work()
    assert [key for _, _, key in world.calls] == [f"{run.id}/check/1", f"{run.id}/check/2"]
    assert world.run(run).steps["check"].state is StepState.DONE


async def test_an_unreadable_history_is_parked_and_the_run_marked_failed() -> None:
    world = World(PLAIN)
    run = world.start()
    stored = world.records.state.histories[run.id]
    world.records.state.histories[run.id] = [replace(stored[0], kind="run.imagined")]
    (delivery,) = await world.work()
    assert "run.imagined" in delivery.rejected
    assert world.records.state.runs[run.id].status == "failed"
    assert world.records.state.histories[run.id][-1].kind == "run.failed"


async def test_a_pointer_to_no_run_is_parked() -> None:
    world = World(PLAIN)
    world.records.now(lambda tx: tx.work.put("runs", "RUN-404"))
    (delivery,) = await world.work()
    assert delivery.rejected == "there is no run RUN-404"


async def test_records_that_are_away_postpone_the_delivery() -> None:
    async def away(_context: ToolContext) -> ToolResult:
        world.records.conflicts = 1000
        return ToolResult()

    world = World(PLAIN, act=away)
    run = world.start()
    (delivery,) = await world.work()
    assert delivery.delays == [world.settings.retry_seconds]
    world.records.conflicts = 0
    assert world.run(run).steps["act"].state is StepState.RUNNING


async def test_a_bug_in_announcing_postpones_the_delivery() -> None:
    world = World(PLAIN)
    world.start()
    world.mute = True
    (delivery,) = await world.work()
    assert delivery.delays == [world.settings.retry_seconds]


async def test_a_pointer_that_keeps_killing_its_worker_is_parked_and_its_run_fails() -> None:
    world = World(PLAIN)
    run = world.start()
    world.records.deliver()
    world.records.deliver()
    world.records.deliver()
    (delivery,) = await world.work()
    assert delivery.rejected == "given up after 3 deliveries"
    assert world.run(run).status is RunStatus.FAILED


@pytest.mark.parametrize("state", ["unreadable", "ended", "unknown"])
async def test_a_pointer_given_up_copes_with_any_run(state: str) -> None:
    world = World(PLAIN)
    run = world.start()
    if state == "unreadable":
        world.records.state.histories[run.id] = [replace(world.records.state.histories[run.id][0], kind="x")]
    if state == "ended":
        world.cancel(run)
    if state == "unknown":
        world.records.state.work["item-1"] = replace(world.records.state.work["item-1"], key="RUN-404")
    for _ in range(3):
        FakeDelivery(world.records, "item-1")
    (delivery,) = await world.work()
    assert delivery.rejected == "given up after 3 deliveries"
    expected = {"unreadable": "failed", "ended": "cancelled", "unknown": "running"}
    assert world.records.state.runs[run.id].status == expected[state]


async def test_a_second_pointer_to_an_unreadable_run_marks_it_once() -> None:
    world = World(PLAIN)
    run = world.start()
    world.records.state.histories[run.id] = [replace(world.records.state.histories[run.id][0], kind="x")]
    await world.work()
    world.records.now(lambda tx: tx.work.put("runs", run.id))
    await world.work()
    assert [event.kind for event in world.records.state.histories[run.id]] == ["x", "run.failed"]


async def test_a_queue_that_is_away_when_settling_delivers_again() -> None:
    world = World(PLAIN)
    run = world.start()
    (delivery,) = world.records.deliver()
    delivery.away = UnavailableError("the queue is away")
    await world.runner.handle(delivery)
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED
    assert len(world.calls) == 1


async def test_a_pointer_given_up_spares_a_run_that_waits_for_people() -> None:
    world = World()
    run = await world.waiting()
    item = world.records.now(lambda tx: tx.work.put("runs", run.id))
    for _ in range(3):
        FakeDelivery(world.records, item)
    await world.work()
    assert world.run(run).status is RunStatus.WAITING


async def test_a_decision_during_a_step_of_another_branch_is_taken_up() -> None:
    text = WORKFLOW.replace("  - id: gate\n", "  - id: gate\n    needs: []\n").replace("needed: 2", "needed: 1")
    holds = Holds()
    world = World(text, check=holds)
    run = world.start()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(world.work())
        await holds.begun.wait()
        world.decide(run, ALICE)
        await world.runner.handle(world.records.deliver()[-1])
        holds.go.set()
    assert world.run(run).status is RunStatus.COMPLETED
    assert sorted(name for name, _, _ in world.calls) == ["act", "check"]


async def test_fifty_clicks_at_once_execute_once() -> None:
    world = World()
    run = await world.waiting()
    outcomes = [world.decide(run, who) for who in (ALICE, BOB) * 25]
    assert sum(type(outcome).__name__ == "Decided" for outcome in outcomes) == 2
    for _ in range(5):
        world.records.now(lambda tx: tx.work.put("runs", run.id))
    await asyncio.gather(*(world.runner.handle(delivery) for delivery in world.records.deliver()))
    assert [name for name, _, _ in world.calls] == ["check", "act"]


async def test_serving_handles_what_the_queue_delivers() -> None:
    world = World(PLAIN)
    runs = [world.start() for _ in range(3)]
    await serve(FakeQueue(world.records), world.runner)
    assert {world.run(run).status for run in runs} == {RunStatus.COMPLETED}


async def test_an_upstream_error_of_the_records_is_not_taken_for_a_steps_failure() -> None:
    world = World(PLAIN)
    run = world.start()

    world.records.away = UnavailableError("the database is away", delay=7.0)
    (delivery,) = await world.work()
    assert delivery.delays == [7.0]
    world.records.away = None
    assert world.run(run).steps["act"].state is StepState.PENDING
