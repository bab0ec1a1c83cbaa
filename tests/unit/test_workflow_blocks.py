"""Runs with more than a line of steps: branches, rounds, conditions, waits, undoing, pausing, going on after a failure."""

import pytest

from core.errors import DefinitionError, UpstreamError, UserInputError
from core.messages import StepState
from core.tools import ToolContext, ToolResult
from core.workflow import events as ev
from core.workflow import service
from core.workflow.approvals import Verdict
from core.workflow.reading import parse
from core.workflow.run import Run, RunStatus
from tests.workflow_world import ALICE as APPROVER
from tests.workflow_world import REQUESTER, World

HEAD = """
name: w
version: 1.0.0
title: W
parameters:
  service: {required: true}
  hard: {type: boolean, default: false}
"""
ACT = "type: action, tool: test.act, with: {service: x}"


def states(run: Run) -> dict[str, str]:
    return {id_: record.state.value for id_, record in run.steps.items()}


def called(world: World) -> list[str]:
    return [key.split("/", 1)[1].removesuffix("/1") for _, _, key in world.calls]


async def done(world: World, **given: str) -> Run:
    run = world.start(**given)
    await world.work()
    return world.run(run)


async def fails(_context: ToolContext) -> ToolResult:
    raise UserInputError("no")


async def test_any_of_several_branches_is_enough_and_the_others_are_called_off() -> None:
    world = World(f"""{HEAD}
steps:
  - id: both
    type: parallel
    join: any
    branches:
      quick: [{{id: a, {ACT}}}]
      slow: [{{id: gate, type: approval, roles: [approver]}}, {{id: b, {ACT}}}]
  - {{id: after, {ACT}}}
""")
    run = await done(world)
    assert run.status is RunStatus.COMPLETED
    assert states(run) == {
        "both": "done", "a": "done", "gate": "cancelled", "b": "cancelled", "after": "done"
    }  # fmt: skip
    assert not world.records.state.timers, "nobody is reminded of a request that was called off"


async def test_all_branches_must_be_done_and_a_broken_one_breaks_the_block() -> None:
    async def act(context: ToolContext) -> ToolResult:
        if "/bad/" in context.idempotency_key:
            raise UserInputError("no")
        return ToolResult()

    world = World(
        f"""{HEAD}
steps:
  - id: both
    type: parallel
    branches:
      one: [{{id: bad, {ACT}}}]
      two: [{{id: b, type: approval, roles: [approver]}}]
  - {{id: after, {ACT}}}
""",
        act=act,
    )
    run = await done(world)
    assert run.status is RunStatus.FAILED
    assert run.failure
    assert run.failure.message == "no"
    assert states(run) == {"both": "failed", "bad": "failed", "b": "cancelled", "after": "cancelled"}


async def test_a_loop_makes_a_round_for_each_item_and_keeps_to_its_bound() -> None:
    world = World(f"""{HEAD}
steps:
  - id: hosts
    type: loop
    over: ["a, b", c]
    at_once: 2
    steps:
      - {{id: drain, type: action, tool: test.act, with: {{service: "${{{{ item }}}}"}}}}
      - {{id: ok, type: approval, roles: [approver]}}
  - {{id: after, {ACT}}}
""")
    run = await done(world)
    assert [parameters["service"] for _, parameters, _ in world.calls] == ["a", "b"]
    assert states(run)["hosts.3.drain"] == "pending"
    world.decide(run, APPROVER)
    await world.work()
    assert [parameters["service"] for _, parameters, _ in world.calls] == ["a", "b", "c"]
    for approval in world.run(run).approvals:
        world.records.now(
            lambda tx, id_=approval: service.decide_approval(  # type: ignore[misc]
                tx, world.means, id_, APPROVER, Verdict.APPROVE, origin=world.origin
            )
        )
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED


@pytest.mark.parametrize(("hard", "way"), [("true", "big"), ("false", "small")])
async def test_a_condition_decides_which_way_a_run_goes(hard: str, way: str) -> None:
    world = World(f"""{HEAD}
steps:
  - {{id: look, type: action, tool: test.check, with: {{service: x}}}}
  - id: way
    type: condition
    if: parameters.hard && steps.look.outputs.url != ""
    then: [{{id: big, {ACT}}}]
    else: [{{id: small, {ACT}}}]
  - {{id: after, {ACT}}}
""")
    run = await done(world, hard=hard)
    assert run.status is RunStatus.COMPLETED
    assert called(world) == ["look", way, "after"]


async def test_a_wait_lets_time_pass() -> None:
    world = World(f"{HEAD}\nsteps: [{{id: soak, type: wait, for: 10m}}, {{id: after, {ACT}}}]")
    run = await done(world)
    assert (run.status, called(world)) == (RunStatus.RUNNING, [])
    assert world.fire(minutes=9) == 0
    assert world.fire(minutes=2) == 1
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED


async def test_a_wait_for_an_event_takes_the_one_that_matches_and_gives_up_in_time() -> None:
    text = f"""{HEAD}
steps:
  - {{id: green, type: wait, event: webhook.build, match: event.branch == "main", time_limit: 1h}}
  - {{id: after, {ACT}}}
"""
    world = World(text)
    run = await done(world)
    (waiting,) = world.records.state.waits
    for branch, comes in (("dev", False), ("main", True)):
        after = world.records.now(
            lambda tx, name=branch: service.happened(  # type: ignore[misc]
                tx, world.means, *waiting, {"branch": name}, "built", origin=world.origin
            )
        )
        assert (after is not None) is comes
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED
    late = World(text)
    run = await done(late)
    assert late.fire(hours=2) == 1
    assert late.run(run).status is RunStatus.FAILED
    assert not late.records.state.waits


async def test_a_check_is_asked_until_the_answer_will_do() -> None:
    answers = iter(["starting", "starting", "http://ready"])

    async def check(_context: ToolContext) -> ToolResult:
        return ToolResult(outputs={"url": next(answers)})

    world = World(
        f"""{HEAD}
steps:
  - id: up
    type: wait
    check: {{tool: test.check, with: {{service: x}}, holds: outputs.url.startsWith("http"), every: 1m}}
    time_limit: 10m
""",
        check=check,
    )
    run = await done(world)
    for _ in range(2):
        assert world.run(run).status is RunStatus.RUNNING
        world.fire(minutes=1)
        await world.work()
    assert world.run(run).status is RunStatus.COMPLETED


UNDOING = f"""{HEAD}
on_failure: compensate
steps:
  - {{id: a, {ACT}, compensate: {{tool: test.act, with: {{service: undo-a}}}}}}
  - {{id: b, {ACT}, compensate: {{tool: test.act, with: {{service: undo-b}}}}}}
  - {{id: gate, type: approval, roles: [approver]}}
  - {{id: bad, type: action, tool: test.check, with: {{service: x}}}}
"""


async def test_what_has_acted_is_undone_in_reverse_order_when_a_step_fails() -> None:
    world = World(UNDOING, check=fails)
    run = await done(world)
    world.decide(run, APPROVER)
    await world.work()
    after = world.run(run)
    assert (after.status, after.failure and after.failure.message) == (RunStatus.ROLLED_BACK, "no")
    assert [parameters["service"] for _, parameters, _ in world.calls] == ["x", "x", "x", "undo-b", "undo-a"]


async def test_a_cancelled_run_is_rolled_back_and_a_second_cancel_ends_that() -> None:
    world = World(UNDOING)
    run = await done(world)
    assert isinstance(world.cancel(run), service.Done)
    assert world.run(run).status is RunStatus.ROLLING_BACK
    assert all(approval.status.value == "cancelled" for approval in world.run(run).approvals.values())
    assert isinstance(world.cancel(run), service.Done)
    assert world.run(run).status is RunStatus.CANCELLED


async def test_a_denied_run_that_compensates_is_rolled_back() -> None:
    world = World(UNDOING)
    run = await done(world)
    world.decide(run, APPROVER, Verdict.DENY)
    await world.work()
    assert world.run(run).status is RunStatus.ROLLED_BACK
    assert called(world) == ["a", "b", "b~undo", "a~undo"]


async def test_a_roll_back_that_fails_is_gone_on_with() -> None:
    broken = [True]

    async def act(context: ToolContext) -> ToolResult:
        if "~undo" in context.idempotency_key and broken[0]:
            raise UserInputError("cannot undo")
        return ToolResult()

    world = World(UNDOING, act=act)
    run = await done(world)
    world.cancel(run)
    await world.work()
    assert world.run(run).status is RunStatus.FAILED
    broken[0] = False
    again = world.records.now(lambda tx: service.retry(tx, world.means, run.id, REQUESTER, origin=world.origin))
    assert isinstance(again, service.Done)
    await world.work()
    assert world.run(run).status is RunStatus.ROLLED_BACK


async def test_a_completed_run_is_rolled_back_when_somebody_asks() -> None:
    world = World(UNDOING)
    run = await done(world)
    world.decide(run, APPROVER)
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED
    back = world.records.now(lambda tx: service.roll_back(tx, world.means, run.id, REQUESTER, origin=world.origin))
    assert isinstance(back, service.Done)
    await world.work()
    assert world.run(run).status is RunStatus.ROLLED_BACK


async def test_a_paused_run_begins_nothing_and_goes_on() -> None:
    world = World(f"{HEAD}\nsteps: [{{id: gate, type: approval, roles: [approver]}}, {{id: after, {ACT}}}]")
    run = await done(world)
    world.records.now(lambda tx: service.pause(tx, world.means, run.id, REQUESTER, origin=world.origin))
    world.decide(run, APPROVER)
    await world.work()
    assert (world.run(run).status, called(world)) == (RunStatus.PAUSED, [])
    world.records.now(lambda tx: service.resume(tx, world.means, run.id, REQUESTER, origin=world.origin))
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED


@pytest.mark.parametrize("skip", [False, True])
async def test_a_failed_run_goes_on_from_the_step_that_failed(skip: bool) -> None:
    broken = [True]

    async def act(context: ToolContext) -> ToolResult:
        if "/bad/" in context.idempotency_key and broken[0]:
            raise UserInputError("no")
        return ToolResult()

    world = World(
        f"""{HEAD}
steps:
  - {{id: a, {ACT}}}
  - id: both
    type: parallel
    branches:
      one: [{{id: bad, {ACT}}}]
      two: [{{id: gate, type: approval, roles: [approver]}}]
  - {{id: after, {ACT}}}
""",
        act=act,
    )
    run = await done(world)
    assert world.run(run).status is RunStatus.FAILED
    broken[0] = False
    world.records.now(lambda tx: service.retry(tx, world.means, run.id, REQUESTER, origin=world.origin, skip=skip))
    await world.work()
    world.decide(run, APPROVER)
    await world.work()
    after = world.run(run)
    assert after.status is RunStatus.COMPLETED, states(after)
    assert called(world).count("a") == 1
    assert after.steps["bad"].state is (StepState.SKIPPED if skip else StepState.DONE)


async def test_a_failure_that_may_be_goes_on() -> None:
    world = World(
        f"""{HEAD}
steps:
  - {{id: look, type: action, tool: test.check, with: {{service: x}}, on_failure: continue}}
  - {{id: after, {ACT}, when: steps.look.state == "failed"}}
""",
        check=fails,
    )
    run = await done(world)
    assert (run.status, called(world)) == (RunStatus.COMPLETED, ["look", "after"])


async def test_a_run_beyond_the_limit_waits_for_its_turn() -> None:
    world = World(f"""{HEAD}
concurrency: {{limit: 1, key: "${{{{ parameters.service }}}}"}}
steps: [{{id: gate, type: approval, roles: [approver]}}, {{id: a, {ACT}}}]
""")
    first, second, other = world.start(), world.start(), world.start(service="search")
    assert [world.run(run).status for run in (first, second, other)] == [
        RunStatus.WAITING, RunStatus.PENDING, RunStatus.WAITING
    ]  # fmt: skip
    world.cancel(first)
    assert world.run(second).status is RunStatus.WAITING


async def test_a_run_has_a_time_limit() -> None:
    world = World(f"{HEAD}\ntime_limit: 1h\nsteps: [{{id: gate, type: approval, roles: [approver]}}]")
    run = await done(world)
    world.fire(hours=2)
    assert world.run(run).status is RunStatus.TIMED_OUT
    assert not world.records.state.timers


async def test_a_sub_workflow_is_a_group_of_steps_with_its_own_names() -> None:
    child = """
name: child
version: 2.0.0
title: Child
parameters:
  who: {required: true}
  loud: {type: boolean, default: true}
steps:
  - {id: look, type: action, tool: test.check, with: {service: "${{ parameters.who }}"}}
  - id: tell
    type: action
    tool: test.act
    when: parameters.loud && steps.look.outputs.url != ""
    with: {service: "${{ steps.look.outputs.url }}/${{ parameters.who }}"}
"""
    world = World()
    text = f"""{HEAD}
steps:
  - {{id: sub, type: workflow, workflow: child, with: {{who: "${{{{ parameters.service }}}}"}}}}
  - {{id: after, {ACT}}}
"""
    definition = parse(text, "w.yaml", world.tools, {"child": child})
    run = world.start(definition)
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED
    assert [parameters["service"] for _, parameters, _ in world.calls] == ["checkout", "http://x/checkout", "x"]
    assert list(states(world.run(run))) == ["sub", "sub.look", "sub.tell", "after"]


async def test_an_attempt_that_may_have_happened_is_asked_about() -> None:
    async def act(_context: ToolContext) -> ToolResult:
        raise UpstreamError("test", "the line went dead")

    world = World(f"{HEAD}\nsteps: [{{id: pay, type: action, tool: test.once, with: {{service: x}}}}]", once=act)
    run = await done(world)
    asked = world.run(run)
    assert (asked.status, asked.steps["pay"].state) == (RunStatus.WAITING, StepState.WAITING)
    answered = world.records.now(
        lambda tx: service.answer(tx, world.means, run.id, "pay", ev.Answer.SKIP, REQUESTER, origin=world.origin)
    )
    assert isinstance(answered, service.Done)
    assert (world.run(run).status, len(world.calls)) == (RunStatus.COMPLETED, 1)


async def test_steps_in_blocks_are_known_by_their_names_to_those_after_and_within() -> None:
    world = World(f"""{HEAD}
steps:
  - id: both
    type: parallel
    branches:
      one: [{{id: look, type: action, tool: test.check, with: {{service: x}}}}]
      two: [{{id: other, {ACT}}}]
  - id: outer
    type: condition
    if: steps.look.outputs.url != ""
    then:
      - {{id: again, type: action, tool: test.check, with: {{service: "${{{{ steps.look.outputs.url }}}}"}}}}
      - id: inner
        type: condition
        if: steps.look.state == "done"
        then: [{{id: use, type: action, tool: test.act, with: {{service: "${{{{ steps.again.outputs.url }}}}"}}}}]
""")
    run = await done(world)
    assert run.status is RunStatus.COMPLETED
    assert [given["service"] for _, given, _ in world.calls][2:] == ["http://x", "http://x"]


@pytest.mark.parametrize(
    ("join", "reason"),
    [("all", "step look may be skipped"), ("any", "step look may be called off")],
)
def test_what_may_not_have_happened_in_a_block_is_no_ground_for_what_comes_after(join: str, reason: str) -> None:
    when = ", when: parameters.hard" if join == "all" else ""
    with pytest.raises(DefinitionError, match=reason):
        World(f"""{HEAD}
steps:
  - id: both
    type: parallel
    join: {join}
    branches:
      one: [{{id: look, type: action, tool: test.check, with: {{service: x}}{when}}}]
      two: [{{id: other, {ACT}}}]
  - {{id: use, type: action, tool: test.act, with: {{service: "${{{{ steps.look.outputs.url }}}}"}}}}
""")
