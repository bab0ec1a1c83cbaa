"""What people and time do to runs, over records in memory."""

import pytest

from core.actors import Standing
from core.errors import ConflictError, UserInputError
from core.messages import StepState
from core.ports.records import Timer, Transaction
from core.workflow import events as ev
from core.workflow import service
from core.workflow.approvals import ApprovalStatus, Reason, Refusal, Verdict
from core.workflow.reading import parse
from core.workflow.run import RunStatus
from core.workflow.service import Decided, Done, NotDone, Obstacle, Refused
from core.workflow.signals import append, silent
from core.workflow.upkeep import APPROVAL_TIMER, APPROVE, DENY
from tests.fake_records import FakeTransaction, State
from tests.workflow_world import ADMIN, ALICE, BOB, NOBODY, PLACE, REQUESTER, WORKFLOW, World, account, person


async def test_a_run_goes_to_its_gate_and_waits() -> None:
    world = World()
    run = await world.waiting()
    view = world.records.state.runs[run.id]
    assert (view.status, view.place, view.requester) == ("waiting", PLACE, str(REQUESTER.account))
    assert view.summary == "ship service=checkout environment=production note=none"
    assert [name for name, _, _ in world.calls] == ["check"]


async def test_two_people_resume_the_run_once() -> None:
    world = World()
    run = await world.waiting()
    first, second = world.decide(run, ALICE), world.decide(run, BOB)
    assert isinstance(first, Decided)
    assert isinstance(second, Decided)
    assert (first.approval.given, first.approval.status) == (1, ApprovalStatus.OPEN)
    assert (second.approval.closed_by_name, second.approval.status) == ("Bob", ApprovalStatus.GRANTED)
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED
    assert [name for name, _, _ in world.calls] == ["check", "act"]


async def test_the_requesters_click_is_refused_and_audited() -> None:
    world = World()
    run = await world.waiting()
    refused = world.decide(run, REQUESTER)
    assert isinstance(refused, Refused)
    assert refused.refusal.reason is Reason.REQUESTER
    assert world.audited("approval.decide") == [(str(REQUESTER.account), "refused", "requester")]
    assert world.run(run) == run


async def test_a_person_counts_once() -> None:
    world = World()
    run = await world.waiting()
    world.decide(run, ALICE)
    refused = world.decide(run, ALICE)
    assert isinstance(refused, Refused)
    assert refused.refusal.reason is Reason.REPEATED
    assert world.records.state.approvals["APR-000002"].given == 1


async def test_a_denial_ends_the_run_as_denied() -> None:
    world = World()
    run = await world.waiting()
    world.decide(run, ALICE, Verdict.DENY)
    ended = world.run(run)
    assert (ended.status, ended.steps["act"].state) == (RunStatus.DENIED, StepState.CANCELLED)
    assert await world.work() == []
    assert ("system", "refused", "denied") in world.audited("run.end")


async def test_a_late_click_learns_who_decided() -> None:
    world = World()
    run = await world.waiting()
    world.decide(run, ALICE, Verdict.DENY)
    late = world.decide(run, BOB)
    assert isinstance(late, Refused)
    assert late.refusal.reason is Reason.DENIED
    assert late.refusal.decisions[-1].account == ALICE.account


def test_an_unknown_request_is_refused() -> None:
    world = World()
    refused = world.records.now(
        lambda tx: service.decide_approval(tx, world.means, "APR-1", ALICE, Verdict.APPROVE, origin=world.origin)
    )
    assert refused == Refused(Refusal(Reason.UNKNOWN))


async def test_buttons_of_a_decided_request_are_void() -> None:
    world = World()
    run = await world.waiting()
    tokens = world.records.state.tokens
    assert {token.purpose for token in tokens.values()} == {APPROVE, DENY}
    assert not any(token.used for token in tokens.values())
    world.decide(run, ALICE, Verdict.DENY)
    assert all(token.used for token in world.records.state.tokens.values())


async def test_staging_skips_the_gate() -> None:
    world = World()
    run = world.start(environment="staging")
    await world.work()
    ended = world.run(run)
    assert ended.status is RunStatus.COMPLETED
    assert ended.steps["gate"].state is StepState.SKIPPED


async def test_reminders_then_escalation_then_expiry() -> None:
    world = World()
    run = await world.waiting()
    world.announced.clear()
    assert world.fire(minutes=200) == 4
    approval = world.run(run).approvals["APR-000002"]
    assert [event.kind for event in world.announced] == [
        "approval.reminded",
        "approval.escalated",
        "approval.reminded",
        "approval.expired",
    ]
    assert (approval.status, approval.reminders, world.run(run).status) == (
        ApprovalStatus.EXPIRED,
        2,
        RunStatus.EXPIRED,
    )
    assert world.records.state.timers == {}


async def test_an_escalated_request_may_be_decided_by_the_other_role() -> None:
    world = World()
    run = await world.waiting()
    assert isinstance(world.decide(run, ADMIN), Refused)
    world.fire(minutes=80)
    assert isinstance(world.decide(run, ADMIN), Decided)


async def test_an_expired_request_is_asked_again_as_a_new_one() -> None:
    world = World()
    run = await world.waiting()
    world.decide(run, ALICE)
    world.fire(minutes=200)
    old = world.run(run).approvals["APR-000002"]
    assert world.records.state.tokens[old.again_token].used is False
    done = world.ask_again(old.id)
    assert isinstance(done, Done)
    assert done.run.status is RunStatus.WAITING
    assert [(a.status, a.given) for a in done.run.approvals.values()] == [
        (ApprovalStatus.EXPIRED, 1),
        (ApprovalStatus.OPEN, 0),
    ]
    assert world.records.state.tokens[old.again_token].used is True
    assert world.ask_again(old.id) == NotDone(Obstacle.NOT_WAITING, done.run)


async def test_asking_again_needs_an_expired_request() -> None:
    world = World()
    run = await world.waiting()
    assert world.ask_again("APR-000002") == NotDone(Obstacle.NOT_WAITING, run)
    assert world.ask_again("APR-9") == NotDone(Obstacle.UNKNOWN)
    world.cancel(run)
    assert world.ask_again("APR-000002") == NotDone(Obstacle.ENDED, world.run(run))


async def test_a_change_voids_what_was_approved_and_asks_anew() -> None:
    world = World()
    run = await world.waiting()
    world.decide(run, ALICE)
    done = world.change(run, note="urgent")
    assert isinstance(done, Done)
    old, new = done.run.approvals.values()
    assert (old.status, new.status, new.given) == (ApprovalStatus.VOID, ApprovalStatus.OPEN, 0)
    assert old.digest != new.digest
    stale = world.decide(run, BOB, seen=old.digest)
    assert isinstance(stale, Refused)
    assert stale.refusal.reason is Reason.VOID


async def test_a_change_runs_concerned_checks_again_under_a_new_key() -> None:
    world = World()
    run = await world.waiting()
    world.change(run, service="cart")
    await world.work()
    assert [call[1:] for call in world.calls] == [
        ({"service": "checkout"}, f"{run.id}/check/1"),
        ({"service": "cart"}, f"{run.id}/check/2"),
    ]
    assert world.run(run).status is RunStatus.WAITING


async def test_who_changed_the_plan_cannot_approve_it() -> None:
    world = World()
    run = await world.waiting()
    world.change(run, ALICE, note="mine")
    refused = world.decide(run, ALICE)
    assert isinstance(refused, Refused)
    assert refused.refusal.reason is Reason.REQUESTER


async def test_a_change_that_changes_nothing_keeps_the_approvals() -> None:
    world = World()
    run = await world.waiting()
    assert world.change(run, environment="Production") == NotDone(Obstacle.SAME, run)


async def test_a_faulty_change_says_what_is_wrong() -> None:
    world = World()
    run = await world.waiting()
    with pytest.raises(UserInputError, match="did you mean environment"):
        world.change(run, enviroment="staging")
    with pytest.raises(UserInputError, match="service: must not be empty"):
        world.change(run, service="")


async def test_only_a_waiting_run_can_be_changed() -> None:
    world = World()
    run = world.start()
    assert world.change(run, note="x") == NotDone(Obstacle.NOT_WAITING, run)
    world.cancel(run)
    assert world.change(run, note="x") == NotDone(Obstacle.ENDED, world.run(run))
    unknown = world.records.now(lambda tx: service.change(tx, world.means, "RUN-X", ALICE, {}, origin=world.origin))
    assert unknown == NotDone(Obstacle.UNKNOWN)


async def test_a_plan_that_has_acted_cannot_be_changed() -> None:
    text = WORKFLOW.replace("tool: test.check", "tool: test.act")
    world = World(text)
    run = await world.waiting()
    assert world.change(run, service="cart") == NotDone(Obstacle.ACTED, run)
    assert isinstance(world.change(run, note="allowed"), Done)


async def test_leaving_production_by_a_change_skips_the_gate() -> None:
    world = World()
    run = await world.waiting()
    world.change(run, environment="staging")
    await world.work()
    assert world.run(run).status is RunStatus.COMPLETED


async def test_cancelling_ends_the_run_and_withdraws_its_requests() -> None:
    world = World()
    run = await world.waiting()
    assert isinstance(world.cancel(run), Done)
    ended = world.run(run)
    assert (ended.status, ended.reason) == (RunStatus.CANCELLED, "no")
    assert ended.approvals["APR-000002"].status is ApprovalStatus.CANCELLED
    assert world.records.state.timers == {}
    assert world.cancel(run) == NotDone(Obstacle.ENDED, ended)
    assert world.audited("run.cancel")[-1] == (str(REQUESTER.account), "refused", "ended")


def test_cancelling_an_unknown_run_changes_nothing() -> None:
    world = World()
    outcome = world.records.now(lambda tx: service.cancel(tx, world.means, "RUN-X", ALICE, origin=world.origin))
    assert outcome == NotDone(Obstacle.UNKNOWN)


def test_only_the_workflows_roles_start_it() -> None:
    world = World()
    limited = parse(f"roles: [release]\n{WORKFLOW}", "ship.yaml", world.tools)
    refused = world.records.now(
        lambda tx: service.start(tx, world.means, limited, {"service": "x"}, NOBODY, origin=world.origin)
    )
    assert refused == NotDone(Obstacle.ROLE, who_may=("release",))
    assert world.audited("run.start") == [(str(NOBODY.account), "refused", "role")]
    assert world.start(limited, person("Rita", "release")).version == 1


async def test_a_timer_that_was_moved_meanwhile_is_rolled_back() -> None:
    world = World()
    run = await world.waiting()
    timer = next(iter(world.records.state.timers.values()))
    with pytest.raises(ConflictError):
        world.records.now(lambda tx: service.fire_timer(tx, world.means, timer, holder="other", origin=world.origin))
    assert world.run(run) == run


@pytest.mark.parametrize("run_id", ["RUN-000001", "RUN-404"])
async def test_a_timer_of_an_ended_or_unknown_run_has_no_effect(run_id: str) -> None:
    world = World()
    run = await world.waiting()
    world.cancel(run)
    timer = Timer("k", APPROVAL_TIMER, world.clock.now(), {"run": run_id, "approval": "APR-000002", "kind": "expire"})

    def fire(tx: Transaction) -> object:
        tx.timers.set(timer.key, timer.kind, timer.due_at, timer.data)
        tx.timers.claim_due(now=world.clock.now(), holder="h", lease_seconds=9, limit=1)
        return service.fire_timer(tx, world.means, timer, holder="h", origin=world.origin)

    assert world.records.now(fire) is None


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("run.approval", {"approval": "APR-000002", "kind": "expire", "number": 1}),
        ("run.retry", {"step": "check"}),
    ],
)
async def test_a_timer_that_came_too_late_changes_nothing(kind: str, data: dict[str, object]) -> None:
    world = World(WORKFLOW.replace("needed: 2", "needed: 1"))
    run = await world.waiting()
    world.decide(run, ALICE)
    before = world.run(run)

    def fire(tx: Transaction) -> object:
        tx.timers.set("late", kind, world.clock.now(), {"run": run.id, **data})
        (timer,) = tx.timers.claim_due(now=world.clock.now(), holder="h", lease_seconds=9, limit=1)
        return service.fire_timer(tx, world.means, timer, holder="h", origin=world.origin)

    assert world.records.now(fire) is None
    assert world.run(run) == before


async def test_strangers_never_decide() -> None:
    world = World()
    run = await world.waiting()
    refused = world.decide(run, person("Eve", "approver", standing=Standing.STRANGER))
    assert isinstance(refused, Refused)
    assert refused.refusal.reason is Reason.NOT_ELIGIBLE
    assert refused.refusal.who_may == ("approver",)


async def test_every_write_leaves_an_audit_row() -> None:
    world = World()
    run = await world.waiting()
    world.decide(run, ALICE)
    world.decide(run, BOB)
    await world.work()
    actions = [(row.action, row.outcome) for row in world.records.state.audit]
    assert actions == [
        ("run.start", "done"),
        ("approval.request", "done"),
        ("approval.decide", "done"),
        ("approval.decide", "done"),
        ("step.execute", "done"),
        ("run.end", "done"),
    ]
    assert {row.correlation for row in world.records.state.audit} == {"trace-1"}


def test_run_ids_are_found_whatever_their_case() -> None:
    world = World()
    run = world.start()
    outcome = world.records.now(lambda tx: service.cancel(tx, world.means, "run-000001", ALICE, origin=world.origin))
    assert isinstance(outcome, Done)
    assert outcome.run.id == run.id
    assert isinstance(world.announced[-1], ev.RunCancelled)
    assert world.announced[-1].by.account == account("Alice")


async def test_ids_that_are_taken_are_not_given_again() -> None:
    world = World()
    await world.waiting()
    world.means.ids.count = 0  # type: ignore[attr-defined]
    world.records.state.tokens.clear()
    await world.work()
    run = world.start()
    world.means.ids.count = 1  # type: ignore[attr-defined]
    await world.work()
    assert (run.id, world.run(run).status) == ("RUN-000002", RunStatus.WAITING)
    assert len(world.records.state.approvals) == 2


def test_there_is_no_run_without_a_first_event() -> None:
    world = World()
    with pytest.raises(ValueError, match="nothing to append"):
        world.records.now(lambda tx: append(tx, world.means, None, [], origin=world.origin))
    silent(FakeTransaction(State()), world.start(), ())
