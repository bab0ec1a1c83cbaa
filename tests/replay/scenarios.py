"""Runs to record. `python -m tests.replay.scenarios` records those that have no file yet; a file that is there is never changed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import UserInputError
from core.tools import ToolContext, ToolResult
from core.workflow import approving, service
from core.workflow import events as ev
from core.workflow.approvals import Verdict, Voice
from core.workflow.engine import decide
from core.workflow.run import Run
from core.workflow.signals import append
from core.workflow.steering import Steering, steer
from core.workflow.views import views
from tests.workflow_world import ALICE, NOBODY, REQUESTER, World

HERE = Path(__file__).parent
Scenario = Callable[[], Awaitable[tuple[World, Run]]]
_ACT = "type: action, tool: test.act, with: {service: x}"
_BLOCKS = f"""
name: blocks
version: 1.0.0
title: Every kind of block, and waits
parameters: {{service: {{required: true}}, hard: {{type: boolean, default: true}}}}
steps:
  - id: both
    type: parallel
    join: any
    branches: {{quick: [{{id: a, {_ACT}}}], slow: [{{id: gate, type: approval, roles: [approver]}}]}}
  - {{id: hosts, type: loop, over: "h1, h2", steps: [{{id: drain, type: action, tool: test.act, with: {{service: "${{{{ item }}}}"}}}}]}}
  - {{id: which, type: condition, if: parameters.hard, then: [{{id: big, {_ACT}}}], else: [{{id: small, {_ACT}}}]}}
  - {{id: soak, type: wait, for: 10m}}
  - {{id: green, type: wait, event: webhook.build, match: 'event.branch == "main"', time_limit: 1h}}
  - {{id: healthy, type: wait, check: {{tool: test.check, with: {{service: x}}, holds: outputs.url == "up", every: 30s}}, time_limit: 1h}}
"""
_UNDOABLE = f"""
name: undoable
version: 1.0.0
title: What can be undone
parameters: {{service: {{required: true}}}}
concurrency: {{limit: 1}}
time_limit: 1h
on_failure: compensate
steps:
  - {{id: first, {_ACT}, compensate: {{tool: test.act, with: {{service: undo}}}}}}
  - {{id: last, type: action, tool: test.once, with: {{service: x}}}}
"""


async def blocks() -> tuple[World, Run]:
    """Branches, rounds, a condition, a wait for a time, for an event and for a check."""
    looks = iter(("down", "up"))

    async def check(_context: ToolContext) -> ToolResult:
        return ToolResult(outputs={"url": next(looks)}, text="looked")

    world = World(_BLOCKS, check=check)
    run = world.start()
    await world.work()
    world.fire(minutes=11)
    fields = {"branch": "main"}
    world.records.now(
        lambda tx: service.happened(tx, world.means, run.id, "green", fields, "main is green", origin=world.origin)
    )
    await world.work()
    world.fire(minutes=1)
    await world.work()
    return world, run


async def steered() -> tuple[World, Run]:
    """Paused, resumed, its failed step done again, and rolled back by a person when it was complete."""
    failing = True

    async def once(_context: ToolContext) -> ToolResult:
        if failing:
            raise UserInputError("not yet")
        return ToolResult()

    world = World(_UNDOABLE.replace("on_failure: compensate\n", ""), once=once)
    run = world.start()
    _steer(world, run, Steering.PAUSE)
    _steer(world, run, Steering.RESUME)
    await world.work()
    failing = False
    _steer(world, run, Steering.RETRY)
    await world.work()
    _steer(world, run, Steering.ROLL_BACK)
    await world.work()
    return world, run


async def queued() -> tuple[World, Run]:
    """It waited for its turn, and ran out of time."""
    world = World(_UNDOABLE.replace("type: action, tool: test.once, with: {service: x}", "type: wait, for: 2h"))
    first, run = world.start(), world.start()
    _steer(world, first, Steering.CANCEL)
    await world.work()
    assert not world.run(run).queued
    world.fire(minutes=61)
    await world.work()
    return world, run


async def timed_out() -> tuple[World, Run]:
    """Nothing had acted when its time was up."""
    world = World(f"{_UNDOABLE.split('steps:')[0]}steps:\n  - {{id: soak, type: wait, for: 2h}}\n")
    run = world.start()
    world.fire(minutes=61)
    return world, run


async def asked_about() -> tuple[World, Run]:
    """A step that may have happened, about which a person was asked."""
    world = World(_UNDOABLE)
    run = world.start()
    for event in (
        ev.StepStarted("first", 1, "k/0", "w1"),
        ev.StepCompleted("first"),
        ev.StepStarted("last", 1, "k/1", "w1"),
        ev.StepInterrupted("last", "The worker died.", "token-question"),
    ):
        _append(world, run, event)
    world.records.now(
        lambda tx: service.answer(tx, world.means, run.id, "last", ev.Answer.ABORT, ALICE, origin=world.origin)
    )
    await world.work()
    return world, run


async def expired() -> tuple[World, Run]:
    """Reminded, escalated, expired, asked again, and approved by one of two."""
    world = World()
    run = await world.waiting()
    world.fire(minutes=101)
    world.ask_again(next(iter(world.run(run).approvals)))
    world.decide(run, ALICE)
    return world, run


async def talked() -> tuple[World, Run]:
    """A say handed over, a question asked and answered, then denied by whom it was handed to."""
    world = World()
    run = await world.waiting()
    (request,) = run.approvals
    alice, nils, requester = (Voice.of(one) for one in (ALICE, NOBODY, REQUESTER))
    at = world.origin
    world.records.now(lambda tx: approving.delegate(tx, world.means, request, alice, nils, origin=at))
    world.records.now(lambda tx: approving.ask(tx, world.means, request, alice, "Is it tested?", origin=at))
    world.records.now(
        lambda tx: approving.answer_question(tx, world.means, request, 1, requester, "Since noon.", origin=at)
    )
    world.records.now(
        lambda tx: approving.decide_approval(
            tx, world.means, request, NOBODY, Verdict.DENY, origin=at, comment="Not today.", principals=(alice,)
        )
    )
    return world, run


SCENARIOS: dict[str, Scenario] = {
    "blocks": blocks,
    "steered": steered,
    "queued": queued,
    "timed_out": timed_out,
    "asked_about": asked_about,
    "expired": expired,
    "talked": talked,
}


async def recorded(scenario: Scenario) -> dict[str, Any]:
    """The history as stored and what it adds up to."""
    world, started = await scenario()
    run = world.run(started)
    view, approvals = views(run)
    history = [{**asdict(event), "at": event.at.isoformat()} for event in world.records.state.histories[run.id]]
    expected = {
        "status": view.status,
        "steps": {record.id: record.state.value for record in run.steps.values()},
        "approvals": [[one.id, one.status, one.given] for one in approvals],
        "next": [type(command).__name__ for command in decide(run)],
    }
    return {"history": history, "expected": expected}


def _append(world: World, run: Run, event: ev.Event) -> None:
    world.records.now(lambda tx: append(tx, world.means, world.run(run), [event], origin=world.origin))


def _steer(world: World, run: Run, wanted: Steering) -> None:
    done = world.records.now(
        lambda tx: steer(tx, world.means, run.id, wanted, REQUESTER, origin=world.origin, reason="because")
    )
    assert isinstance(done, service.Done)


def main() -> None:
    """Record what has no file yet."""
    for name, scenario in SCENARIOS.items():
        path = HERE / f"{name}.json"
        if not path.exists():
            path.write_text(json.dumps(asyncio.run(recorded(scenario)), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
