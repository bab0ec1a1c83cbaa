"""Going on with a run that is over, and undoing one that is still under way: what happens again, and what never does."""

import asyncio
from datetime import timedelta

import pytest

from core.errors import UserInputError
from core.messages import StepState
from core.tools import ToolContext, ToolResult
from core.workflow import events as ev
from core.workflow import service
from core.workflow.approvals import Verdict
from core.workflow.engine import to_undo
from core.workflow.run import Run, RunStatus
from core.workflow.signals import append
from core.workflow.upkeep import APPROVE, DENY
from tests.workflow_world import ALICE, REQUESTER, World

HEAD = "name: w\nversion: 1.0.0\ntitle: W\n"
ACT = "type: action, tool: test.act, with: {service: x}"
PAY = "type: action, tool: test.once, with: {service: x}"
UNDO = "compensate: {tool: test.act, with: {service: undo}}"


class Tool:
    """Fails for the steps in `broken`, and for those in `held` does not come back."""

    def __init__(self, *broken: str, held: str = "") -> None:
        self.broken = set(broken)
        self.held = held
        self.begun = asyncio.Event()

    async def __call__(self, context: ToolContext) -> ToolResult:
        step = context.idempotency_key.split("/")[1]
        if step == self.held:
            self.begun.set()
            await asyncio.Event().wait()
        if step in self.broken:
            raise UserInputError("no")
        return ToolResult()


def called(world: World) -> list[str]:
    return [key.split("/")[1] for _, _, key in world.calls]


async def worked(world: World) -> Run:
    run = world.start()
    await world.work()
    return world.run(run)


def begin(world: World, run: Run, step: str) -> None:
    """A worker begins the step, and dies."""
    started = ev.StepStarted(step, 1, f"{run.id}/{step}/1", *world.records.state.work)
    world.records.now(lambda tx: append(tx, world.means, world.run(run), [started], origin=world.origin))


async def gone_on(world: World, run: Run, *, skip: bool = False) -> Run:
    unit = lambda tx: service.retry(tx, world.means, run.id, REQUESTER, origin=world.origin, skip=skip)  # noqa: E731
    assert isinstance(world.records.now(unit), service.Done)
    await world.work()
    return world.run(run)


async def cut_off(world: World, tool: Tool, run: Run, *, then_cancel: bool) -> None:
    """The worker dies in the middle of the held call, or somebody cancels the run."""
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        worker = group.create_task(world.work())
        await tool.begun.wait()
        if then_cancel:
            world.cancel(run)
        else:
            worker.cancel()


# --- what happens again ----------------------------------------------------------------------------------


async def test_a_failure_that_was_no_harm_is_not_repeated() -> None:
    tool = Tool("look", "bad")
    world = World(
        f"{HEAD}steps: [{{id: look, {ACT}, on_failure: continue}}, {{id: a, {ACT}}}, {{id: bad, {ACT}}}]", act=tool
    )
    run = await worked(world)
    tool.broken.clear()
    after = await gone_on(world, run)
    assert (after.status, called(world)) == (RunStatus.COMPLETED, ["look", "a", "bad", "bad"])


async def test_a_branch_that_was_not_needed_is_not_repeated() -> None:
    tool = Tool("spare", "bad")
    world = World(
        f"""{HEAD}
steps:
  - id: either
    type: parallel
    join: any
    branches: {{one: [{{id: spare, {ACT}}}], two: [{{id: a, {ACT}}}]}}
  - {{id: bad, {ACT}}}
""",
        act=tool,
    )
    run = await worked(world)
    tool.broken.clear()
    after = await gone_on(world, run)
    assert (after.status, called(world)) == (RunStatus.COMPLETED, ["spare", "a", "bad", "bad"])
    assert after.steps["spare"].state is StepState.FAILED


@pytest.mark.parametrize(("skip", "ends"), [(False, RunStatus.FAILED), (True, RunStatus.COMPLETED)])
async def test_a_block_that_could_not_begin_is_repeated_or_left_out_with_all_in_it(skip: bool, ends: RunStatus) -> None:
    world = World(f"""{HEAD}
steps:
  - {{id: look, {ACT}}}
  - id: hosts
    type: loop
    over: ["${{{{ steps.look.outputs.url }}}}"]
    steps: [{{id: drain, {ACT}}}]
  - {{id: after, {ACT}}}
""", act=Tool())  # fmt: skip
    run = await worked(world)
    assert (run.status, run.steps["hosts"].state) == (RunStatus.FAILED, StepState.FAILED)
    after = await gone_on(world, run, skip=skip)
    assert after.status is ends
    assert called(world) == ["look", "after"] if skip else ["look"]


@pytest.mark.parametrize("skip", [False, True])
async def test_nobody_gets_past_a_denied_gate_by_skipping_what_failed(skip: bool) -> None:
    world = World(
        f"""{HEAD}
steps:
  - {{id: bad, {ACT}}}
  - {{id: gate, type: approval, roles: [approver], needs: []}}
  - {{id: guarded, {ACT}, needs: [gate]}}
""",
        act=Tool("bad"),
    )
    run = world.start()
    begin(world, run, "bad")
    world.decide(run, ALICE, Verdict.DENY)
    await world.work()
    assert world.run(run).status is RunStatus.FAILED
    after = await gone_on(world, run, skip=skip)
    assert after.steps["gate"].state is not StepState.SKIPPED
    assert "guarded" not in called(world)


async def test_a_run_that_failed_while_it_was_paused_goes_on() -> None:
    tool = Tool("bad")
    world = World(f"{HEAD}steps: [{{id: bad, {ACT}}}, {{id: after, {ACT}}}]", act=tool)
    run = world.start()
    begin(world, run, "bad")
    world.records.now(lambda tx: service.pause(tx, world.means, run.id, REQUESTER, origin=world.origin))
    await world.work()
    assert world.run(run).status is RunStatus.FAILED
    tool.broken.clear()
    assert (await gone_on(world, run)).status is RunStatus.COMPLETED


async def test_an_attempt_that_was_called_off_in_the_middle_is_asked_about_before_it_is_made_again() -> None:
    tool = Tool(held="pay")
    world = World(f"{HEAD}steps: [{{id: pay, {PAY}}}]", once=tool)
    run = world.start()
    await cut_off(world, tool, run, then_cancel=True)
    assert world.run(run).status is RunStatus.CANCELLED
    after = await gone_on(world, run)
    assert (after.status, called(world)) == (RunStatus.WAITING, ["pay"])
    tool.held = ""
    world.records.now(
        lambda tx: service.answer(tx, world.means, run.id, "pay", ev.Answer.RETRY, REQUESTER, origin=world.origin)
    )
    await world.work()
    assert (world.run(run).status, called(world)) == (RunStatus.COMPLETED, ["pay", "pay"])


async def test_of_a_roll_back_only_the_undoing_happens_again() -> None:
    tool = Tool("bad", "a~undo")
    world = World(f"{HEAD}on_failure: compensate\nsteps: [{{id: a, {ACT}, {UNDO}}}, {{id: bad, {ACT}}}]", act=tool)
    run = await worked(world)
    assert run.status is RunStatus.FAILED
    tool.broken.clear()
    after = await gone_on(world, run)
    assert (after.status, after.steps["bad"].state) == (RunStatus.ROLLED_BACK, StepState.FAILED)
    assert called(world) == ["a", "bad", "a~undo", "a~undo"]


# --- undoing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("then_cancel", [True, False])
async def test_undoing_begins_when_the_call_to_be_undone_is_over(then_cancel: bool) -> None:
    tool = Tool(held="a")
    world = World(f"{HEAD}steps: [{{id: a, {ACT}, {UNDO}}}]", act=tool)
    run = world.start()
    await cut_off(world, tool, run, then_cancel=then_cancel)
    if not then_cancel:
        world.cancel(run)
        assert world.run(run).steps["a~undo"].state is StepState.PENDING
        await world.work()
    kinds = [stored.kind for stored in world.records.state.histories[run.id]]
    assert kinds == [
        "run.started", "step.started", "rollback.started", "step.failed", "step.started", "step.completed", "run.rolled_back"
    ]  # fmt: skip
    assert called(world) == ["a", "a~undo"], "nobody calls again what is to be undone"
    assert world.records.state.work == {}


@pytest.mark.parametrize("answer", [ev.Answer.SKIP, ev.Answer.RETRY])
async def test_what_may_have_happened_is_undone_whatever_was_said_about_it(answer: ev.Answer) -> None:
    tool = Tool(held="pay")
    world = World(
        f"{HEAD}steps: [{{id: pay, {PAY}, {UNDO}}}, {{id: gate, type: approval, roles: [approver]}}]", once=tool
    )
    run = world.start()
    await cut_off(world, tool, run, then_cancel=False)
    await world.work()
    world.records.now(lambda tx: service.answer(tx, world.means, run.id, "pay", answer, REQUESTER, origin=world.origin))
    assert to_undo(world.run(run)) == ("pay",)


async def test_the_order_of_undoing_is_that_of_the_history_and_not_of_clocks() -> None:
    world = World(f"{HEAD}steps: [{{id: a, {ACT}, {UNDO}}}, {{id: b, {ACT}, needs: [], {UNDO}}}]")
    run = world.start()
    for step, seconds in (("b", 60), ("a", 0)):
        at = world.clock.now() + timedelta(seconds=seconds)
        started = ev.StepStarted(step, 1, f"{run.id}/{step}/1", "item-1")
        origin = service.Origin(at)
        run = world.records.now(
            lambda tx, run=run, step=step, started=started, origin=origin: append(  # type: ignore[misc]
                tx, world.means, run, [started, ev.StepCompleted(step)], origin=origin
            )
        )
    assert to_undo(run) == ("a", "b")


async def test_an_event_that_did_not_come_is_not_waited_for_any_more() -> None:
    world = World(f"""{HEAD}
steps:
  - {{id: green, type: wait, event: webhook.build, time_limit: 1h, on_failure: continue}}
  - {{id: gate, type: approval, roles: [approver]}}
""")
    run = await worked(world)
    assert len(world.records.state.waits) == 1
    world.fire(hours=1.5)
    assert world.run(run).status is RunStatus.WAITING
    assert not world.records.state.waits


async def test_a_question_within_a_block_that_is_done_without_it_has_no_buttons_any_more() -> None:
    tool = Tool(held="pay")
    world = World(
        f"""{HEAD}
steps:
  - id: either
    type: parallel
    join: any
    branches: {{one: [{{id: pay, {PAY}}}], two: [{{id: soak, type: wait, for: 1h}}]}}
  - {{id: gate, type: approval, roles: [approver]}}
""",
        once=tool,
    )
    run = world.start()
    await cut_off(world, tool, run, then_cancel=False)
    await world.work()
    assert world.run(run).steps["pay"].question
    world.fire(hours=1)
    live = {token.purpose for token in world.records.state.tokens.values() if not token.used}
    assert (world.run(run).steps["pay"].state, live) == (StepState.CANCELLED, {APPROVE, DENY})
