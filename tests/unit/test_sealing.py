"""A history holds references for secrets; a tool gets the values, and what it says of them is masked."""

from dataclasses import replace

import pytest

from core.errors import Failure, NotFoundError
from core.ports.records import StoredEvent
from core.redaction import MASK
from core.tools import Link, ToolContext, ToolResult
from core.workflow.definition import MASK as HIDDEN
from core.workflow.definition import is_sealed, shown
from core.workflow.run import Run, RunStatus
from core.workflow.sealing import unsealed, without_values
from core.workflow.service import Done, NotDone, Obstacle
from tests.workflow_world import ALICE, BOB, World

SECRET = "Blue7horses"
WORKFLOW = """
name: rotate
version: 1.0.0
title: Rotate a key
parameters:
  service: {required: true}
  key: {required: true, secret: true, pattern: "[A-Za-z0-9]+"}
steps:
  - {id: check, type: action, tool: test.check, with: {service: "${{ parameters.service }}"}}
  - {id: gate, type: approval, roles: [approver]}
  - {id: act, type: action, tool: test.act, with: {service: "key ${{ parameters.key }}"}}
"""


def history(world: World, run: Run) -> list[StoredEvent]:
    return world.records.state.histories[run.id]


async def gated(world: World) -> Run:
    run = world.start(key=SECRET)
    await world.work()
    return world.run(run)


async def test_a_tool_gets_the_value_and_the_history_does_not() -> None:
    async def leak(_context: ToolContext) -> ToolResult:
        return ToolResult(outputs={"url": SECRET}, text=f"set to {SECRET}")

    world = World(WORKFLOW, act=leak)
    run = await gated(world)
    assert shown(run.definition, run.parameters) == {"service": "checkout", "key": HIDDEN}
    world.decide(run, ALICE)
    await world.work()
    assert [given["service"] for name, given, _ in world.calls if name == "act"] == [f"key {SECRET}"]
    assert world.run(run).status is RunStatus.COMPLETED
    assert SECRET not in str(history(world, run)) + str(world.records.state.audit) + str(world.records.state.runs)
    assert world.run(run).steps["act"].text == f"set to {MASK}"
    assert is_sealed(world.run(run).steps["act"].outputs["url"])
    assert world.records.state.sealed == {}


async def test_a_secret_that_changes_is_another_plan_and_one_that_stays_is_kept() -> None:
    world = World(WORKFLOW)
    run = await gated(world)
    changed = world.change(run, service="payments")
    assert isinstance(changed, Done)
    assert changed.run.parameters["key"] == run.parameters["key"]
    await world.work()
    again = world.change(changed.run, key=SECRET + "2")
    assert isinstance(again, Done)
    await world.work()
    assert again.run.digest != changed.run.digest
    world.decide(again.run, BOB)
    await world.work()
    assert [given["service"] for name, given, _ in world.calls if name == "act"] == [f"key {SECRET}2"]


async def test_nothing_changed_is_noticed_with_a_secret_among_the_parameters() -> None:
    world = World(WORKFLOW)
    run = await gated(world)
    same = world.change(run, service="checkout")
    assert isinstance(same, NotDone)
    assert same.obstacle is Obstacle.SAME


async def test_a_value_that_is_gone_or_was_never_there_fails_the_step_and_calls_nothing() -> None:
    world = World(WORKFLOW)
    run = await gated(world)
    world.records.state.sealed.clear()
    world.decide(run, ALICE)
    await world.work()
    failure = world.run(run).failure
    assert failure is not None
    assert "no longer kept" in failure.message
    assert [name for name, _, _ in world.calls] == ["check"]


async def test_what_merely_looks_like_a_secret_is_sealed_too() -> None:
    world = World()
    run = world.start(note="password=Tiger-horse1")
    assert "Tiger" not in str(history(world, run))
    assert shown(run.definition, run.parameters)["note"] == HIDDEN


async def test_what_people_and_services_write_is_masked_in_the_history() -> None:
    async def fail(_context: ToolContext) -> ToolResult:
        return ToolResult(ok=False, failure=Failure("X", "bad password=Tiger-horse1", "try token=Tiger-horse2"))

    world = World(act=fail, check=fail)
    run = world.start()
    await world.work()
    assert "Tiger" not in str(history(world, run))


def test_a_result_says_nothing_of_the_values() -> None:
    said = ToolResult(
        text=f"used {SECRET}",
        outputs={"url": SECRET, "count": 3},
        links=(Link(SECRET, f"https://x.example/{SECRET}"),),
        failure=Failure("X", SECRET, SECRET),
    )
    masked = without_values(said, {"sealed:1": SECRET, "sealed:2": "x", "sealed:3": 7})
    assert SECRET not in str(masked)
    assert masked.outputs == {"url": "sealed:1", "count": 3}
    assert without_values(f"on {SECRET}", {"sealed:1": SECRET}) == f"on {MASK}"
    assert without_values(said, {}) is said


async def test_a_missing_value_is_named() -> None:
    world = World(WORKFLOW)
    run = await gated(world)
    with pytest.raises(NotFoundError, match="key"):
        unsealed(replace(run, parameters={"key": "sealed:unknown"}), {})
