"""What people and the world do to runs while the bot dies: every kind of event that the engine records is in one of these.

A test shows that no kind is missing: `test_every_kind_of_event_is_played`.
"""

from collections.abc import Mapping

from core.workflow.run import RunStatus
from tests.chaos.play import Play
from tests.chaos.scenarios import Scenario, approved, denied, expired
from tests.flows.world import until

WORKFLOWS = {
    "blocks": """
name: blocks
version: 1.0.0
title: Every kind of block and wait
steps:
  - id: both
    type: parallel
    branches:
      here: [{id: one, type: action, tool: delivery.drain, with: {host: h1}}]
      there: [{id: two, type: action, tool: delivery.drain, with: {host: h2}}]
  - id: each
    type: loop
    over: [h3, h4]
    steps: [{id: three, type: action, tool: delivery.drain, with: {host: "${{ item }}"}}]
  - {id: hot, type: action, tool: delivery.upgrade, with: {host: h9}, when: "false"}
  - id: which
    type: condition
    if: steps.both.state == "done"
    then: [{id: four, type: workflow, workflow: part, with: {host: h5}}]
  - {id: soak, type: wait, for: 10m}
  - {id: green, type: wait, event: webhook.build, match: 'event.branch == "main"', time_limit: 12h}
  - id: well
    type: wait
    check:
      tool: delivery.health
      with: {service: checkout, environment: staging}
      holds: outputs.state == "healthy"
      every: 1m
    time_limit: 12h
""",
    "part": """
name: part
version: 1.0.0
title: A part
parameters: {host: {required: true}}
steps: [{id: act, type: action, tool: delivery.undrain, with: {host: "${{ parameters.host }}"}}]
""",
    "careful": """
name: careful
version: 1.0.0
title: One at a time, undone when it is stopped
parameters: {host: {required: true}}
concurrency: {limit: 1}
time_limit: 3d
on_failure: compensate
steps:
  - id: out
    type: action
    tool: delivery.drain
    with: {host: "${{ parameters.host }}"}
    compensate: {tool: delivery.undrain, with: {host: "${{ parameters.host }}"}}
  - {id: gate, type: approval, title: Go on, roles: [approver], expires_after: 30d}
  - {id: soak, type: wait, for: 10d}
""",
    "short": """
name: short
version: 1.0.0
title: Does not wait for ever
time_limit: 1h
steps: [{id: soak, type: wait, for: 2h}]
""",
    "patient": """
name: patient
version: 1.0.0
title: Tries again
steps:
  - id: act
    type: action
    tool: delivery.drain
    with: {host: h1}
    retries: {count: 9, backoff: 1m, jitter: 0}
""",
}
_HOURS = 3600.0
_PRODUCTION = "run deploy service=checkout environment=production version=2.9.0"
_STAGING = "run deploy service=checkout environment=staging version=2.9.0"


async def blocks(play: Play) -> None:
    """Branches, rounds, a condition, another workflow's steps, a skipped step, and waits for a time, an event and a check."""
    play.here.delivery.take(0.5)
    await play.dana("run blocks")
    await play.happened("wait.started", "soak")
    # Each message is waited for before the clock moves on: what is late by hours is rightly not sent any more.
    await play.shown()
    play.advance(601)
    await play.happened("wait.started", "green")
    play.here.delivery.ask_much("checkout", "staging", 99)
    await play.event(branch="main")
    await play.happened("step.postponed", "well")
    play.here.delivery.ask_much("checkout", "staging", 0)
    play.advance(61)
    await play.ended(RunStatus.COMPLETED)
    await play.sees(play.here, play.here.names.checkout, "completed")


async def steered(play: Play) -> None:
    """Paused, gone on with, and stopped: what had acted is undone."""
    await play.dana("run careful host=h1")
    card = await play.asked()
    run = await play.run()
    await play.dana(f"pause {run}")
    await play.happened("run.paused")
    await play.click(play.there, play.there.names.lee, card, "Approve")
    await play.happened("approval.granted")
    await play.dana(f"resume {run}")
    await play.happened("wait.started", "soak")
    await play.dana(f"cancel {run} wrong host")
    await play.ended(RunStatus.ROLLED_BACK)
    await play.sees(play.here, play.here.names.checkout, "rolled back")


async def queued(play: Play) -> None:
    """Two of which one waits for its turn until the other's request is denied."""
    await play.dana("run careful host=h1")
    card = await play.asked()
    await play.dana("run careful host=h2")

    async def waits() -> bool:
        return (await play.statuses()).count(RunStatus.PENDING) == 1

    await until(waits, what="the second to wait", within=60)
    await play.form(play.there, play.there.names.lee, card, "Deny …", {"reason": "Not today"})
    await play.happened("run.admitted")
    await play.happened("approval.requested", "gate", times=2)


async def timed_out(play: Play) -> None:
    """It had so much time and no more."""
    await play.dana("run short")
    await play.happened("wait.started", "soak")
    await play.shown()
    play.advance(_HOURS + 1)
    await play.ended(RunStatus.TIMED_OUT)


async def stopped(play: Play) -> None:
    """Stopped before anything has acted."""
    await play.dana("run short")
    await play.happened("wait.started", "soak")
    await play.dana(f"cancel {await play.run()} not needed")
    await play.ended(RunStatus.CANCELLED)


async def gone_on_with(play: Play) -> None:
    """It fails, and somebody retries it."""
    play.here.delivery.fail_operation("no space left")
    await play.dana(_STAGING)
    await play.ended(RunStatus.FAILED)
    await play.sees(play.here, play.here.names.checkout, "no space left")
    await play.dana(f"retry {await play.run()}")
    await play.ended(RunStatus.COMPLETED)


async def skipped(play: Play) -> None:
    """It fails, and somebody goes on without the step."""
    play.here.delivery.fail_operation("no space left")
    await play.dana(_STAGING)
    await play.ended(RunStatus.FAILED)
    await play.dana(f"skip {await play.run()}")
    await play.ended(RunStatus.COMPLETED)


async def patient(play: Play) -> None:
    """A service that is away for a while: the step waits between its attempts."""
    play.here.delivery.go_down()
    await play.dana("run patient")
    await play.happened("step.failed")
    play.here.delivery.come_back()
    await play.shown()
    play.advance(61)
    await play.ended(RunStatus.COMPLETED)


async def undone(play: Play) -> None:
    """A deploy whose service is ill afterwards puts the version from before back."""
    play.here.delivery.break_version("2.9.0")
    await play.dana(_STAGING)
    await play.ended(RunStatus.ROLLED_BACK)
    await play.sees(play.here, play.here.names.checkout, "rolled back")


async def uncertain(play: Play) -> None:
    """A migration breaks off. Somebody looks whether it happened, and says so: it is never begun twice for one that happened."""
    databases = play.here.delivery.databases
    databases.drop_migrations()
    await play.dana("run migrate-database database=billing environment=staging")
    card = await play.asked()
    await play.click(play.there, play.there.names.lee, card, "Approve")
    await play.happened("approval.decided")
    await play.click(play.there, play.there.names.sam, card, "Approve")
    answered = 0
    while await play.asked_more_than(answered):
        label = "It is done: go on" if databases.effects("migrate") else "Do it again"
        await play.click(play.here, play.here.names.dana, await play.question(), label)
        answered += 1
    await play.ended(RunStatus.COMPLETED)


async def discussed(play: Play) -> None:
    """A question is asked and answered, the say is handed over, the plan changed, and the new request approved."""
    there, names = play.there, play.there.names
    await play.dana(_PRODUCTION)
    card = await play.asked()
    await play.form(there, names.lee, card, "Ask …", {"question": "Is the migration in it?"})
    # People answer what they see.
    thread = await play.thread()
    await play.sees_in(thread, "Is the migration in it?")
    await play.here.say(play.here.names.dana, play.here.names.checkout, "yes, since yesterday", thread)
    await play.happened("approval.question_answered")
    await play.form(there, names.lee, card, "Delegate …", {"person": names.sam})
    await play.happened("approval.delegated")
    await play.dana(f"change {await play.run()} version=3.0.0")
    again = await play.asked("3.0.0")
    await play.click(there, names.lee, again, "Approve")
    await play.ended(RunStatus.COMPLETED)


async def asked_again(play: Play) -> None:
    """A request expires, is asked again and approved."""
    await expired(play)
    card = play.there.card(await play.sees(play.there, play.there.names.approvals, "Expired"))
    await play.click(play.there, play.there.names.dana, card, "Ask again")
    await play.happened("approval.requested", "approval", times=2)
    again = await play.asked(but=card)
    await play.click(play.there, play.there.names.lee, again, "Approve")
    await play.ended(RunStatus.COMPLETED)


RUNS: tuple[Scenario, ...] = (
    blocks,
    steered,
    queued,
    timed_out,
    stopped,
    gone_on_with,
    skipped,
    patient,
    undone,
    uncertain,
    discussed,
    asked_again,
)
PLAYS: Mapping[Scenario, frozenset[str]] = {
    approved: frozenset({"run.started", "step.started", "step.completed", "run.completed"})
    | {"approval.requested", "approval.decided", "approval.granted"},
    denied: frozenset({"approval.denied", "run.denied"}),
    blocks: frozenset({"block.started", "condition.evaluated", "wait.started", "wait.ended"})
    | {"step.progressed", "step.postponed"},
    steered: frozenset({"run.paused", "run.resumed", "rollback.started", "run.rolled_back"}),
    queued: frozenset({"run.admitted"}),
    timed_out: frozenset({"run.timed_out"}),
    stopped: frozenset({"run.cancelled"}),
    skipped: frozenset({"step.skipped"}),
    gone_on_with: frozenset({"run.failed", "run.reopened"}),
    patient: frozenset({"step.failed", "step.backoff_ended"}),
    uncertain: frozenset({"step.interrupted", "step.answered"}),
    discussed: frozenset({"approval.questioned", "approval.question_answered", "approval.delegated", "plan.changed"}),
    asked_again: frozenset({"approval.reminded", "approval.escalated", "approval.expired", "approval.asked_again"}),
}
"""The kinds of events that a scenario is there for: an undisturbed play has them all in its histories."""
