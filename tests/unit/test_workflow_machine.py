"""Random graphs of up to 60 steps, with random outcomes, people and clocks: what must hold of any run, holds."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.errors import Failure
from core.messages import StepState
from core.ports.records import StoredEvent, Transaction
from core.workflow import events as ev
from core.workflow import service
from core.workflow.approvals import ApprovalStatus, Verdict
from core.workflow.definition import Definition
from core.workflow.engine import ExecuteStep, decide
from core.workflow.history import fold
from core.workflow.run import Run, RunStatus, StepRecord, is_undo
from core.workflow.signals import append, load
from core.workflow.steering import Steering, offered, steer
from core.workflow.steps.wait import WaitStep
from core.workflow.upkeep import answer_token
from tests.workflow_graphs import definitions
from tests.workflow_witness import Witness
from tests.workflow_world import ALICE, REQUESTER, World

T = TypeVar("T")
FINAL = Failure("VALIDATION_ERROR", "no")
PASSING = Failure("TIMEOUT", "too slow", retryable=True, may_have_happened=True)
BROKEN_OFF = Failure("CONFLICT", "It was broken off.", may_have_happened=True)
ENOUGH = 600
"""Things that happen before a run of 60 steps must be over."""


class Machine(RuleBasedStateMachine):
    """A run in the hands of workers, people and time."""

    sound = False
    """The run was started, and nothing has been objected to yet."""

    @initialize(definition=definitions(), latest_first=st.booleans(), roll_back=st.booleans())
    def begin(self, definition: Definition, latest_first: bool, roll_back: bool) -> None:
        self.latest_first = latest_first
        """In the end, when nobody interferes any more: calls end in the reverse order of their beginning."""
        self.roll_back = roll_back
        """What the run came to is undone in the end."""
        self.world = World()
        self.id = self.world.start(definition).id
        self.calls: dict[str, dict[str, StepRecord]] = {}
        """By item in the hands of a worker: the calls that it has under way."""
        first, *rest = self.world.records.state.histories[self.id]
        self.witness = Witness(fold([first]))
        for stored in rest:
            self.witness.saw(stored)
        self.sound = True

    @property
    def run(self) -> Run:
        return self.witness.run

    def do(self, unit: Callable[[Transaction], T]) -> T:
        """One transaction, and what it did to the run."""
        self.sound = False
        result = self.world.records.now(unit)
        for stored in self.world.records.state.histories[self.id][self.run.version :]:
            event = ev.decode(stored)
            if isinstance(event, ev.StepStarted) and is_undo(event.step):
                assert event.step.removesuffix("~undo") not in self.under_way(), "it is undone while it is under way"
            self.witness.saw(stored)
        self.sound = True
        return result

    # --- workers: what `core.workflow.shift` does, by hand -------------------------------------------------

    def under_way(self) -> set[str]:
        return {record.id for calls in self.calls.values() for record in calls.values()}

    def free(self) -> list[str]:
        return [
            id_ for id_, item in self.world.records.state.work.items() if item.key == self.id and id_ not in self.calls
        ]

    def mine(self, item: str) -> list[StepRecord]:
        return [r for r in self.run.steps.values() if r.state is StepState.RUNNING and r.item == item]

    def record(self, item: str, *events: ev.Event) -> None:
        def unit(tx: Transaction) -> None:
            append(tx, self.world.means, load(tx, self.id), events, origin=self.world.origin, item=item)

        self.do(unit)

    def unwanted(self, item: str) -> list[StepRecord]:
        return [record for record in self.mine(item) if self.run.rollback and not is_undo(record.id)]

    def take_up(self, item: str) -> None:
        """Call what is not called yet, and break off what is no longer wanted; a worker without calls hands its item back."""
        if broken_off := self.unwanted(item):
            self.calls.pop(item, None)
            self.record(item, *(ev.StepFailed(record.id, BROKEN_OFF) for record in broken_off))
        self.calls[item] = {f"{record.key}#{record.attempt}": record for record in self.mine(item)}
        if not self.calls[item]:
            del self.calls[item]
            del self.world.records.state.work[item]

    def take(self, item: str) -> None:
        """A delivery. What its last holder had begun is called again, asked about, or given up where it is to be undone."""
        unwanted = [record.id for record in self.unwanted(item)]
        mine = [record.id for record in self.mine(item) if record.id not in unwanted]
        self.record(
            item,
            *(ev.StepFailed(id_, BROKEN_OFF) for id_ in unwanted),
            *(self.doubt(id_) for id_ in mine if not self.run.action(id_).idempotent),
        )
        self.take_up(item)

    def doubt(self, step: str) -> ev.Event:
        return ev.StepInterrupted(step, "who knows", self.world.means.ids.token())

    @precondition(lambda self: self.free())
    @rule(data=st.data())
    def a_worker_takes_an_item(self, data: st.DataObject) -> None:
        self.take(data.draw(st.sampled_from(self.free())))

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), how=st.sampled_from(["done", "done", "done", "failed", "passing", "later"]))
    def a_call_ends(self, data: st.DataObject, how: str) -> None:
        item = data.draw(st.sampled_from(sorted(self.calls)))
        name = data.draw(st.sampled_from(sorted(self.calls[item])))
        self.end(item, name, how)

    def end(self, item: str, name: str, how: str) -> None:
        record = self.calls[item].pop(name)
        if record in self.mine(item):
            self.record(item, self.outcome(record, how))
        self.take_up(item)

    def outcome(self, record: StepRecord, how: str) -> ev.Event:
        step, later = self.run.action(record.id), self.world.clock.now() + timedelta(seconds=5)
        if self.run.rollback and not is_undo(step.id) and how != "done":
            return ev.StepFailed(step.id, BROKEN_OFF)
        if how == "later" and step.poll:
            return ev.StepPostponed(step.id, later)
        if how == "failed":
            return ev.StepFailed(step.id, FINAL)
        if how == "passing" and not step.idempotent:
            return self.doubt(step.id)
        if how == "passing":
            return ev.StepFailed(step.id, PASSING, later if record.attempt <= step.retry.count else None)
        return ev.StepCompleted(step.id, {"items": "x, y"})

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def a_worker_looks_up(self, data: st.DataObject) -> None:
        self.take_up(data.draw(st.sampled_from(sorted(self.calls))))

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def a_worker_dies(self, data: st.DataObject) -> None:
        del self.calls[data.draw(st.sampled_from(sorted(self.calls)))]

    # --- time and other services ---------------------------------------------------------------------------

    @precondition(lambda self: self.world.records.state.timers)
    @rule()
    def time_passes(self) -> None:
        due = min(timer.due_at for timer in self.world.records.state.timers.values())
        self.world.clock.time = max(self.world.clock.time, due)

        def fire(tx: Transaction) -> None:
            (timer,) = tx.timers.claim_due(now=self.world.clock.now(), holder="h", lease_seconds=9, limit=1)
            service.fire_timer(tx, self.world.means, timer, holder="h", origin=self.world.origin)

        self.do(fire)

    @precondition(lambda self: self.world.records.state.waits)
    @rule(data=st.data())
    def an_event_comes(self, data: st.DataObject) -> None:
        run, step = data.draw(st.sampled_from(sorted(self.world.records.state.waits)))
        came = self.do(lambda tx: service.happened(tx, self.world.means, run, step, {}, "", origin=self.world.origin))
        assert came is not None

    # --- people --------------------------------------------------------------------------------------------

    @precondition(lambda self: requests(self.run))
    @rule(data=st.data(), verdict=st.sampled_from([Verdict.APPROVE, Verdict.APPROVE, Verdict.DENY]))
    def somebody_decides(self, data: st.DataObject, verdict: Verdict) -> None:
        self.decide(data.draw(st.sampled_from(requests(self.run))), verdict)

    def decide(self, request: str, verdict: Verdict) -> None:
        means, origin = self.world.means, self.world.origin
        done = self.do(lambda tx: service.decide_approval(tx, means, request, ALICE, verdict, origin=origin))
        assert isinstance(done, service.Decided)

    @precondition(lambda self: expired(self.run))
    @rule(data=st.data())
    def somebody_asks_again(self, data: st.DataObject) -> None:
        self.ask_again(data.draw(st.sampled_from(expired(self.run))))

    def ask_again(self, request: str) -> None:
        means, origin = self.world.means, self.world.origin
        done = self.do(lambda tx: service.ask_again(tx, means, request, REQUESTER, origin=origin))
        assert isinstance(done, service.Done)

    @precondition(lambda self: questions(self.run))
    @rule(data=st.data(), said=st.sampled_from(ev.Answer))
    def somebody_answers(self, data: st.DataObject, said: ev.Answer) -> None:
        self.answer(data.draw(st.sampled_from(questions(self.run))), said)

    def answer(self, step: str, said: ev.Answer) -> None:
        means, origin = self.world.means, self.world.origin
        done = self.do(lambda tx: service.answer(tx, means, self.id, step, said, REQUESTER, origin=origin))
        assert isinstance(done, service.Done)

    @rule(wanted=st.sampled_from(Steering))
    def somebody_steers(self, wanted: Steering) -> None:
        before = self.run
        done = self.steer(wanted)
        if wanted is Steering.CANCEL:
            assert isinstance(done, service.Done) is (before.ended is None)
            assert self.run.ended or (self.run.rollback and not before.rollback)

    @precondition(lambda self: self.run.ended and offered(self.run))
    @rule(data=st.data())
    def somebody_goes_on(self, data: st.DataObject) -> None:
        done = self.steer(data.draw(st.sampled_from(offered(self.run))))
        assert isinstance(done, service.Done)

    def steer(self, wanted: Steering) -> service.Done | service.NotDone:
        means, origin = self.world.means, self.world.origin
        if self.run.ended:  # nobody goes on with it sooner than its workers have noticed the end: within a heartbeat
            for item in list(self.calls):
                self.take_up(item)
        return self.do(lambda tx: steer(tx, means, self.id, wanted, REQUESTER, origin=origin, reason="r"))

    @rule(note=st.sampled_from("ab"))
    def somebody_changes_the_plan(self, note: str) -> None:
        means, origin = self.world.means, self.world.origin
        self.do(lambda tx: service.change(tx, means, self.id, REQUESTER, {"note": note}, origin=origin))

    # --- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def the_stored_history_adds_up_to_the_state(self) -> None:
        assert fold(map(stored_as_json, self.world.records.state.histories[self.id])) == self.run

    @invariant()
    def what_time_and_events_and_buttons_may_do_is_exactly_what_is_open(self) -> None:
        state, run = self.world.records.state, self.run
        timers = {key.removeprefix(f"{run.id}/") for key in state.timers} - {"limit"}
        assert {"/".join(key.split("/")[:2]) for key in timers} == set(timers_of(run))
        limited = run.definition.time_limit_seconds is not None and run.ended is None and run.rollback is None
        assert (f"{run.id}/limit" in state.timers) is limited
        assert {step for _, step in state.waits} == {s.id for s, _ in waits(run) if s.event}
        assert {token.token for token in state.tokens.values() if not token.used} == set(tokens_of(run))

    @invariant()
    def it_is_over_or_waits_for_something_that_is_named(self) -> None:
        run = self.run
        work = self.world.records.state.work
        assert all(r.item in work for r in run.steps.values() if r.state is StepState.RUNNING and r.item), "lost calls"
        if any(isinstance(command, ExecuteStep) for command in decide(run)):
            assert self.free(), "no worker is told of what is ready"
        people = requests(run) or questions(run) or expired(run) or run.paused_by
        assert run.ended or people or self.world.records.state.timers or work, "nothing will ever happen"

    def teardown(self) -> None:
        """Left to people of good will and workers without faults, it comes to its end."""
        if not self.sound:
            return
        self.come_to_an_end()
        if self.roll_back and isinstance(self.steer(Steering.ROLL_BACK), service.Done):
            self.come_to_an_end()
            assert self.run.status is RunStatus.ROLLED_BACK
        self.the_stored_history_adds_up_to_the_state()
        self.what_time_and_events_and_buttons_may_do_is_exactly_what_is_open()

    def come_to_an_end(self) -> None:
        for _ in range(ENOUGH):
            if self.run.ended and not self.calls:
                return
            self.do_the_next_thing()
        raise AssertionError(f"it never ends: {self.run.status}")

    def do_the_next_thing(self) -> None:
        if self.calls:
            item = next(iter(self.calls))
            calls = list(self.calls[item])
            self.end(item, calls[-1 if self.latest_first else 0], "done")
        elif self.free():
            self.take(self.free()[0])
        elif asked := questions(self.run):
            self.answer(asked[0], ev.Answer.SKIP)
        elif self.run.paused_by:
            self.steer(Steering.RESUME)
        elif open_ := requests(self.run):
            self.decide(open_[0], Verdict.APPROVE)
        elif late := expired(self.run):
            self.ask_again(late[0])
        else:
            self.time_passes()


def stored_as_json(stored: StoredEvent) -> StoredEvent:
    return replace(stored, data=json.loads(json.dumps(stored.data)))


def requests(run: Run) -> list[str]:
    return [approval.id for approval in run.approvals.values() if approval.status is ApprovalStatus.OPEN]


def expired(run: Run) -> list[str]:
    """Requests that may be asked again."""
    return [approval.id for approval in run.approvals.values() if approval.again_token]


def questions(run: Run) -> list[str]:
    return [record.id for record in run.steps.values() if record.question]


def waits(run: Run) -> list[tuple[WaitStep, StepRecord]]:
    steps = ((run.nodes[record.id], record) for record in run.steps.values() if record.state is StepState.WAITING)
    return [(step, record) for step, record in steps if isinstance(step, WaitStep)]


def timers_of(run: Run) -> Sequence[str]:
    """What the keys of the timers begin with that it should have."""
    repeated = [f"retry/{record.id}" for record in run.steps.values() if record.retry_at]
    return [*repeated, *(f"wait/{step.id}" for step, _ in waits(run)), *(f"approval/{id_}" for id_ in requests(run))]


def tokens_of(run: Run) -> Sequence[str]:
    """What the buttons should carry that do something."""
    asked = [run.approvals[id_] for id_ in requests(run)]
    found = [token for approval in asked for token in (approval.approve_token, approval.deny_token)]
    found += [run.approvals[id_].again_token for id_ in expired(run)]
    return found + [
        answer_token(record.question, said) for record in run.steps.values() if record.question for said in ev.Answer
    ]


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
