"""Whatever people, time and workers do in whatever order, some things never happen."""

import asyncio
from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.actors import Actor
from core.messages import StepState
from core.workflow.approvals import Approval, ApprovalStatus, Verdict
from core.workflow.history import fold
from core.workflow.run import ENDED
from tests.workflow_world import ADMIN, ALICE, BOB, NOBODY, REQUESTER, World

PEOPLE = st.sampled_from([ALICE, BOB, ADMIN, NOBODY, REQUESTER])
SETTLED = {ApprovalStatus.DENIED, ApprovalStatus.VOID, ApprovalStatus.CANCELLED}


class AnyOrder(RuleBasedStateMachine):
    """One run; clicks, time, changes, workers and crashes as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.id = self.world.start().id
        self.seen: dict[str, Approval] = {}
        self.stale: set[str] = set()

    @property
    def approvals(self) -> dict[str, Approval]:
        return dict(self.world.run(self.id).approvals)

    @rule(who=PEOPLE, verdict=st.sampled_from([Verdict.APPROVE, Verdict.APPROVE, Verdict.APPROVE, Verdict.DENY]))
    def click(self, who: Actor, verdict: Verdict) -> None:
        if self.approvals:
            self.world.decide(self.world.run(self.id), who, verdict)

    @rule(who=PEOPLE, old=st.sampled_from(["", "0" * 64]))
    def click_on_an_old_card(self, who: Actor, old: str) -> None:
        before = self.world.run(self.id)
        shown = old or next((a.digest for a in before.approvals.values() if a.digest != before.digest), "0" * 64)
        if before.approvals:
            self.world.decide(before, who, seen=shown)
            assert self.world.run(self.id) == before

    @rule(who=PEOPLE, note=st.sampled_from("abc"))
    def change(self, who: Actor, note: str) -> None:
        self.world.change(self.world.run(self.id), who, note=note)

    @rule(minutes=st.sampled_from([1, 30, 60, 120]))
    def let_time_pass(self, minutes: int) -> None:
        self.world.fire(minutes=minutes)

    @rule()
    def ask_again(self) -> None:
        for approval_id in self.approvals:
            self.world.ask_again(approval_id)

    @rule()
    def work(self) -> None:
        asyncio.run(self._work())

    async def _work(self) -> None:
        await self.world.work()

    @rule()
    def point_again(self) -> None:
        self.world.records.now(lambda tx: tx.work.put("runs", self.id))

    @rule(chance=st.integers(0, 9))
    def cancel(self, chance: int) -> None:
        if chance == 0:
            self.world.cancel(self.world.run(self.id))

    @invariant()
    def nothing_is_executed_twice(self) -> None:
        assert all(count == 1 for count in Counter(key for _, _, key in self.world.calls).values())
        assert sum(name == "act" for name, _, _ in self.world.calls) <= 1

    @invariant()
    def nothing_acts_without_a_quorum_for_this_very_plan(self) -> None:
        run = self.world.run(self.id)
        if any(name == "act" for name, _, _ in self.world.calls):
            granted = [
                a for a in run.approvals.values() if a.status is ApprovalStatus.GRANTED and a.digest == run.digest
            ]
            assert granted
            assert len(granted[-1].approvers) >= 2
            assert not granted[-1].approvers & set(granted[-1].authors)

    @invariant()
    def decided_requests_never_change(self) -> None:
        for id_, approval in self.approvals.items():
            before = self.seen.get(id_)
            if before is not None and before.status in SETTLED:
                assert approval == before
            self.seen[id_] = approval

    @invariant()
    def nobody_counts_twice_and_only_the_eligible_count(self) -> None:
        for approval in self.approvals.values():
            approvals = [d.account for d in approval.decisions if d.verdict is Verdict.APPROVE]
            assert len(approvals) == len(set(approvals)) <= approval.needed
            assert NOBODY.account not in approvals

    @invariant()
    def a_changed_plan_leaves_no_request_for_another_one(self) -> None:
        run = self.world.run(self.id)
        live = [a for a in run.approvals.values() if a.status in (ApprovalStatus.OPEN, ApprovalStatus.GRANTED)]
        assert all(approval.digest == run.digest for approval in live)

    @invariant()
    def the_run_is_never_stuck(self) -> None:
        """It has ended, waits for people, or somebody has it on a list."""
        state, run = self.world.records.state, self.world.run(self.id)
        waits = any(record.state is StepState.WAITING for record in run.steps.values())
        assert run.status in ENDED or waits or state.work or state.timers

    @invariant()
    def buttons_and_timers_are_there_exactly_for_what_is_open(self) -> None:
        state = self.world.records.state
        live = {
            token.subject for token in state.tokens.values() if token.purpose != "approval.again" and not token.used
        }
        opened = {approval.id for approval in self.approvals.values() if approval.status is ApprovalStatus.OPEN}
        assert live == opened
        assert {timer.data["approval"] for timer in state.timers.values()} == opened

    @invariant()
    def the_read_models_agree_with_the_history(self) -> None:
        state = self.world.records.state
        run = fold(state.histories[self.id])
        assert state.runs[self.id].status == run.status
        assert {a.id: a.status for a in state.approvals.values()} == {a.id: a.status for a in run.approvals.values()}


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
