"""What people do about requests besides deciding them themselves, over records in memory."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from core.actors import Actor, By
from core.ports.records import StandingDelegation, Transaction
from core.workflow import approving
from core.workflow import events as ev
from core.workflow.approvals import ApprovalStatus, Reason, Verdict, Voice
from core.workflow.approving import Asked, Decided, Delegated, Refused
from core.workflow.outcomes import Done, NotDone, Obstacle
from core.workflow.run import Run, RunStatus
from core.workflow.signals import Manners, Means
from tests.fake_records import FakeIds
from tests.workflow_world import ALICE, BOB, NOBODY, REQUESTER, WORKFLOW, World, person

T = TypeVar("T")

TWO_GATES = """
name: twice
version: 1.0.0
title: Twice
steps:
  - {id: first, type: approval, roles: [approver], needs: []}
  - {id: second, type: approval, roles: [approver], needs: [], not_by: [first]}
  - {id: act, type: action, tool: test.act, needs: [first, second], with: {service: x}}
"""


class Play:
    """One run with requests, and people who act on them."""

    def __init__(self, world: World, run: Run) -> None:
        self.world = world
        self.id = run.id

    @property
    def run(self) -> Run:
        return self.world.run(self.id)

    def request(self, step: str = "") -> str:
        return next(a.id for a in reversed(self.run.approvals.values()) if step in ("", a.step))

    def do(self, unit: Callable[[Transaction], T]) -> T:
        return self.world.records.now(unit)

    def decide(self, who: Actor, verdict: Verdict = Verdict.APPROVE, *principals: Actor, step: str = "", comment: str = "") -> Decided | Refused:  # fmt: skip
        voices = [Voice.of(principal) for principal in principals]
        means, origin, id_ = self.world.means, self.world.origin, self.request(step)
        return self.do(
            lambda tx: approving.decide_approval(
                tx, means, id_, who, verdict, origin=origin, comment=comment, principals=voices
            )
        )

    def hand_over(self, by: Actor, to: Actor) -> Delegated | Refused:
        means, origin, id_ = self.world.means, self.world.origin, self.request()
        return self.do(lambda tx: approving.delegate(tx, means, id_, Voice.of(by), Voice.of(to), origin=origin))

    def ask(self, who: Actor, text: str = "why?") -> Asked | Refused:
        means, origin, id_ = self.world.means, self.world.origin, self.request()
        return self.do(lambda tx: approving.ask(tx, means, id_, Voice.of(who), text, origin=origin))

    def answer(self, who: Actor, number: int = 1) -> Done | NotDone:
        means, origin, id_ = self.world.means, self.world.origin, self.request()
        return self.do(
            lambda tx: approving.answer_question(tx, means, id_, number, Voice.of(who), "because", origin=origin)
        )


async def at_the_gate(text: str = WORKFLOW) -> Play:
    world = World(text)
    return Play(world, await world.waiting())


def reason(outcome: object) -> Reason | None:
    return outcome.refusal.reason if isinstance(outcome, Refused) else None


async def test_a_say_that_was_handed_over_is_said_for_its_owner_and_on_the_record() -> None:
    play = await at_the_gate()
    assert reason(play.decide(NOBODY, Verdict.APPROVE, ALICE)) is Reason.NOT_ELIGIBLE
    handed = play.hand_over(ALICE, NOBODY)
    assert isinstance(handed, Delegated)
    said = play.decide(NOBODY, Verdict.APPROVE, ALICE, comment="for her")
    assert isinstance(said, Decided)
    assert (said.approval.given, said.approval.status) == (1, ApprovalStatus.OPEN)
    assert said.approval.decisions[0].on_behalf == By.of(ALICE)
    assert reason(play.decide(ALICE)) is Reason.REPEATED
    assert isinstance(play.decide(BOB), Decided)
    rows = {row.action: row.details for row in play.world.records.state.audit if row.outcome == "done"}
    assert rows["approval.delegate"] == {"run": play.id, "to": str(NOBODY.account)}
    for_her = [r for r in play.world.records.state.audit if r.details.get("on_behalf") == str(ALICE.account)]
    assert [row.actor for row in for_her] == [str(NOBODY.account)]


async def test_whoever_handed_over_may_still_decide_and_then_it_is_said() -> None:
    play = await at_the_gate()
    play.hand_over(ALICE, NOBODY)
    assert isinstance(play.decide(ALICE), Decided)
    assert reason(play.decide(NOBODY, Verdict.APPROVE, ALICE)) is Reason.REPEATED


async def test_a_refused_handing_over_is_audited_and_changes_nothing() -> None:
    play = await at_the_gate()
    before = play.run.version
    assert reason(play.hand_over(ALICE, REQUESTER)) is Reason.TO_REQUESTER
    assert reason(play.hand_over(NOBODY, BOB)) is Reason.NOT_ELIGIBLE
    assert play.run.version == before
    assert [outcome for _, outcome, _ in play.world.audited("approval.delegate")] == ["refused", "refused"]


async def test_a_delegation_for_a_while_ends_by_itself() -> None:
    play = await at_the_gate()
    world = play.world
    until = world.clock.now() + timedelta(minutes=30)
    made = StandingDelegation(By.of(ALICE), By.of(NOBODY), until)
    world.records.now(lambda tx: tx.delegations.put(made, now=world.clock.now()))
    assert isinstance(play.decide(NOBODY, Verdict.APPROVE, ALICE), Decided)
    late = await at_the_gate()
    late.world.records.now(lambda tx: tx.delegations.put(made, now=late.world.clock.now()))
    late.world.clock.advance(minutes=30)
    assert reason(late.decide(NOBODY, Verdict.APPROVE, ALICE)) is Reason.NOT_ELIGIBLE


async def test_a_principal_who_handed_nothing_over_has_no_voice_in_somebody_else() -> None:
    play = await at_the_gate()
    play.hand_over(ALICE, person("Zoe"))
    assert reason(play.decide(NOBODY, Verdict.APPROVE, ALICE)) is Reason.NOT_ELIGIBLE


async def test_a_question_leaves_the_request_open_until_its_author_answers() -> None:
    play = await at_the_gate()
    assert reason(play.ask(NOBODY)) is Reason.NOT_ELIGIBLE
    assert reason(play.ask(REQUESTER)) is Reason.REQUESTER
    asked = play.ask(ALICE)
    assert isinstance(asked, Asked)
    assert (asked.approval.status, asked.run.status) == (ApprovalStatus.OPEN, RunStatus.WAITING)
    stranger, wrong = play.answer(BOB), play.answer(REQUESTER, 2)
    assert isinstance(stranger, NotDone)
    assert isinstance(wrong, NotDone)
    assert (stranger.obstacle, wrong.obstacle) == (Obstacle.UNKNOWN, Obstacle.NOT_ASKED)
    assert isinstance(play.answer(REQUESTER), Done)
    assert isinstance(play.answer(REQUESTER), NotDone), "once"
    (question,) = play.run.approvals[play.request()].questions
    assert (question.by, question.answer, question.answered_by) == (By.of(ALICE), "because", By.of(REQUESTER))
    told = [event.kind for event in play.world.announced if "question" in event.kind]
    assert told == ["approval.questioned", "approval.question_answered"]
    assert play.world.audited("approval.question")[-1][:2] == (str(ALICE.account), "done")


async def test_an_answer_after_the_decision_changes_nothing() -> None:
    play = await at_the_gate()
    play.ask(ALICE)
    play.decide(BOB, Verdict.DENY)
    answer = play.answer(REQUESTER)
    assert isinstance(answer, NotDone)
    assert answer.obstacle is Obstacle.NOT_ASKED


async def test_gates_kept_apart_take_two_people_whichever_comes_first() -> None:
    for first, second in (("first", "second"), ("second", "first")):
        play = await at_the_gate(TWO_GATES)
        assert isinstance(play.decide(ALICE, step=first), Decided)
        assert reason(play.decide(ALICE, step=second)) is Reason.SEPARATED
        assert isinstance(play.decide(BOB, step=second), Decided)
        await play.world.work()
        assert play.run.status is RunStatus.COMPLETED


async def test_the_settings_hold_where_the_definition_says_nothing() -> None:
    text = WORKFLOW.replace("roles: [approver]", "roles: [approver]\n    people: ['@dora']\n    quiet_hours: none")
    world = World(text)
    world.means = Means(FakeIds(), world.means.announce, manners=Manners(True, "22:00-07:00 Europe/Berlin"))
    world.runner = type(world.runner)(world.records, world.tools, world.clock, world.means, world.settings)
    play = Play(world, await world.waiting())
    approval = play.run.approvals[play.request()]
    assert (approval.reason_needed, approval.quiet_hours, approval.people) == (True, "", ("@dora",))
    assert reason(play.decide(ALICE, Verdict.DENY)) is Reason.REASON_NEEDED
    assert isinstance(play.decide(ALICE, Verdict.DENY, comment="freeze"), Decided)
    (asked,) = [event for event in world.announced if isinstance(event, ev.ApprovalRequested)]
    assert asked.reason_needed
