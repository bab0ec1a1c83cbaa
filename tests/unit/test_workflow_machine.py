"""Random graphs of up to 60 steps, with random outcomes, people and clocks: what must hold of any run, holds."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.errors import Failure
from core.messages import StepState
from core.ports.records import StoredEvent, Transaction
from core.tools import Risk
from core.workflow import events as ev
from core.workflow import service
from core.workflow.approvals import ApprovalStatus, Verdict
from core.workflow.definition import Definition, Step
from core.workflow.history import apply, fold
from core.workflow.run import Run, StepRecord, is_undo, undo_id
from core.workflow.signals import append, load
from core.workflow.steering import Steering, steer
from core.workflow.steps.action import ActionStep, Retry, Undo
from core.workflow.steps.approval import ApprovalStep, Quorum
from core.workflow.steps.blocks import GroupStep, LoopStep, ParallelStep
from core.workflow.steps.common import Constant, Expression, Guard, OnFailure
from core.workflow.steps.condition import ConditionStep
from core.workflow.steps.wait import WaitStep
from tests.workflow_world import ALICE, REQUESTER, World

T = TypeVar("T")
Fields = dict[str, Any]
"""Of a step."""
MOST_STEPS = 60
FINAL = Failure("VALIDATION_ERROR", "no")
PASSING = Failure("TIMEOUT", "too slow", retryable=True, may_have_happened=True)
OPEN = (StepState.PENDING, StepState.RUNNING, StepState.WAITING)
PASSED = (StepState.DONE, StepState.SKIPPED)


class Graph:
    """Steps that are made one after the other, each with an id of its own."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.steps: list[Step] = []

    def list(self, prefix: str, depth: int, where: Fields) -> None:
        """A few steps, each needing the one before it, or any of those before."""
        beside: list[str] = []
        for _ in range(self.draw(st.integers(1, 4 if depth else 6))):
            if len(self.steps) >= MOST_STEPS - 6:
                return
            few = st.lists(st.sampled_from(beside), max_size=2, unique=True) if beside else st.just([])
            needs = tuple(beside[-1:] if self.draw(st.booleans()) else self.draw(few))
            ids = [self.step(prefix, depth, {**where, "needs": needs})]
            ids += [step.id for step in self.steps if step.id in (f"{ids[0]}/then", f"{ids[0]}/else")]
            beside.append(ids[-1])

    def step(self, prefix: str, depth: int, where: Fields) -> str:
        kinds = ["action"] * 4 + ["approval", "wait", "event", "poll"]
        kind = self.draw(st.sampled_from([*kinds, "parallel", "loop", "condition", "group"] if depth < 3 else kinds))
        base = {
            "id": f"{prefix}s{len(self.steps)}",
            "title": "x",
            "on_failure": self.draw(st.sampled_from([OnFailure.FAIL, *OnFailure])),
            **where,
        }
        self.steps.append(self.made(kind, base))
        id_, inside = base["id"], {"block": base["id"], "branch": ""}
        if kind == "parallel":
            for branch in ("a", "b"):
                self.list(prefix, depth + 1, {**inside, "branch": branch})
        elif kind == "group":
            self.list(prefix, depth + 1, inside)
        elif kind == "loop":
            self.list(f"{id_}.", depth + 1, inside)
        elif kind == "condition":
            for way, result in (("then", True), ("else", False)):
                around = {key: value for key, value in where.items() if key in ("block", "branch")}
                self.steps.append(
                    GroupStep(id=f"{id_}/{way}", title=way, needs=(id_,), guard=Guard(id_, result), **around)
                )
                self.list(prefix, depth + 1, {"block": f"{id_}/{way}", "branch": ""})
        return str(id_)

    def made(self, kind: str, base: Fields) -> Step:
        draw = self.draw
        match kind:
            case "approval":
                return ApprovalStep(**base, quorum=Quorum(("approver",)), expires_after_seconds=3600.0)
            case "wait":
                return WaitStep(**base, seconds=60.0)
            case "event":
                return WaitStep(**base, event="webhook.x", time_limit_seconds=600.0)
            case "parallel":
                return ParallelStep(**base, branches=("a", "b"), join=draw(st.integers(1, 2)))
            case "group":
                return GroupStep(**base)
            case "loop":
                items = tuple((Constant(n),) for n in range(draw(st.integers(0, 3))))
                return LoopStep(**base, items=items, at_once=draw(st.integers(1, 2)))
            case "condition":
                return ConditionStep(**base, expression=Expression(draw(st.sampled_from(["true", "false"]))))
            case _:
                undo = Undo("test.act", Risk.WRITE) if draw(st.booleans()) else None
                retry = Retry(draw(st.integers(0, 1)), 5.0)
                return ActionStep(
                    **base,
                    tool="test.act",
                    risk=Risk.WRITE,
                    compensate=undo,
                    retry=retry,
                    idempotent=draw(st.booleans()),
                )


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    graph = Graph(draw)
    graph.list("", 0, {})
    return Definition("random", "1.0.0", "Random", tuple(graph.steps))


class Machine(RuleBasedStateMachine):
    """A run in the hands of a worker, people and time."""

    @initialize(definition=definitions())
    def begin(self, definition: Definition) -> None:
        self.world = World()
        self.id = self.world.start(definition).id
        self.known = self.world.run(self.id)
        self.cancelled = False

    # --- what happens ----------------------------------------------------------------------------------

    def do(self, unit: Callable[[Transaction], T]) -> T:
        """One transaction, and what it did to the run."""
        before = self.known
        result = self.world.records.now(unit)
        new = self.world.records.state.histories[self.id][before.version :]
        for stored in new:
            check(self.known, stored)
            self.known = apply(self.known, stored)
        return result

    def on_record(self, *events: ev.Event, item: str = "") -> None:
        origin = self.world.origin
        self.do(lambda tx: append(tx, self.world.means, load(tx, self.id), events, origin=origin, item=item))

    def running(self) -> list[str]:
        return [
            id_
            for id_, record in self.known.steps.items()
            if record.state is StepState.RUNNING and isinstance(self.known.nodes[id_], ActionStep)
        ]

    def over(self) -> bool:
        return self.known.ended is not None

    @rule()
    def a_worker_begins_what_is_ready(self) -> None:
        if not self.over():
            self.on_record(item="worker")

    @precondition(lambda self: self.running())
    @rule(data=st.data(), how=st.sampled_from(["done", "done", "done", "failed", "passing", "interrupted", "later"]))
    def a_call_ends(self, data: st.DataObject, how: str) -> None:
        id_ = data.draw(st.sampled_from(self.running()))
        now = self.world.clock.now()
        outcome: dict[str, ev.Event] = {
            "done": ev.StepCompleted(id_),
            "failed": ev.StepFailed(id_, FINAL),
            "passing": ev.StepFailed(id_, PASSING, now + timedelta(seconds=5)),
            "interrupted": ev.StepInterrupted(id_, "who knows", self.world.means.ids.token()),
            "later": ev.StepPostponed(id_, now + timedelta(seconds=5)),
        }
        self.on_record(outcome[how], item="worker")

    @precondition(lambda self: self.world.records.state.timers)
    @rule()
    def time_passes(self) -> None:
        due = min(timer.due_at for timer in self.world.records.state.timers.values())
        self.world.clock.time = max(self.world.clock.time, due)

        def fire(tx: Transaction) -> None:
            (timer,) = tx.timers.claim_due(now=self.world.clock.now(), holder="h", lease_seconds=9, limit=1)
            service.fire_timer(tx, self.world.means, timer, holder="h", origin=self.world.origin)

        self.do(fire)

    @precondition(lambda self: requests(self.known))
    @rule(data=st.data(), verdict=st.sampled_from([Verdict.APPROVE, Verdict.APPROVE, Verdict.DENY]))
    def somebody_decides(self, data: st.DataObject, verdict: Verdict) -> None:
        id_ = data.draw(st.sampled_from(requests(self.known)))
        self.do(lambda tx: service.decide_approval(tx, self.world.means, id_, ALICE, verdict, origin=self.world.origin))

    @precondition(lambda self: self.world.records.state.waits)
    @rule(data=st.data())
    def an_event_comes(self, data: st.DataObject) -> None:
        run, step = data.draw(st.sampled_from(sorted(self.world.records.state.waits)))
        self.do(lambda tx: service.happened(tx, self.world.means, run, step, {}, "", origin=self.world.origin))

    @rule(wanted=st.sampled_from(Steering))
    def somebody_steers(self, wanted: Steering) -> None:
        rolling = self.known.rollback is not None
        open_before = self.known.ended is None
        done = self.do(
            lambda tx: steer(tx, self.world.means, self.id, wanted, REQUESTER, origin=self.world.origin, reason="r")
        )
        if wanted is Steering.CANCEL:
            assert isinstance(done, service.Done) is open_before
            assert self.over() or (self.known.rollback is not None and not rolling)

    @precondition(lambda self: questions(self.known))
    @rule(data=st.data(), said=st.sampled_from(ev.Answer))
    def somebody_answers(self, data: st.DataObject, said: ev.Answer) -> None:
        step = data.draw(st.sampled_from(questions(self.known)))
        self.do(
            lambda tx: service.answer(tx, self.world.means, self.id, step, said, REQUESTER, origin=self.world.origin)
        )

    # --- what must hold ----------------------------------------------------------------------------------

    @invariant()
    def the_history_adds_up_to_the_state(self) -> None:
        history = self.world.records.state.histories[self.id]
        assert fold(history) == self.known

    @invariant()
    def it_is_over_or_waits_for_something_that_is_named(self) -> None:
        state, run = self.world.records.state, self.known
        if run.ended is not None:
            assert not [key for key in state.timers if key.startswith(f"{self.id}/")]
            assert not state.waits
            assert not requests(run)
            assert not questions(run)
            assert all(record.state not in OPEN for record in run.steps.values())
            return
        people = requests(run) or questions(run) or expired(run) or run.paused_by
        named = people or state.timers or state.waits or self.running()
        assert named or any(item.key == self.id for item in state.work.values()), "nothing will ever happen"

    def teardown(self) -> None:
        """Left to people of good will and a worker without faults, it comes to its end."""
        if not hasattr(self, "known"):
            return
        for _ in range(500):
            if self.over():
                break
            self.do_the_next_thing()
        assert self.over(), f"it never ends: {self.known.status}"
        self.the_history_adds_up_to_the_state()
        self.it_is_over_or_waits_for_something_that_is_named()

    def do_the_next_thing(self) -> None:
        world, run = self.world, self.known
        origin = world.origin
        if questions(run):
            step = questions(run)[0]
            self.do(lambda tx: service.answer(tx, world.means, run.id, step, ev.Answer.SKIP, REQUESTER, origin=origin))
        elif run.paused_by:
            self.do(lambda tx: service.resume(tx, world.means, run.id, REQUESTER, origin=origin))
        elif self.running():
            self.on_record(*(ev.StepCompleted(id_) for id_ in self.running()), item="worker")
        elif requests(run):
            approval = requests(run)[0]
            self.do(
                lambda tx: service.decide_approval(tx, world.means, approval, ALICE, Verdict.APPROVE, origin=origin)
            )
        else:
            self.on_record(item="worker")
            if not self.running() and not self.over() and world.records.state.timers:
                self.time_passes()
            elif expired(self.known):
                again = expired(self.known)[0]
                self.do(lambda tx: service.ask_again(tx, world.means, again, REQUESTER, origin=world.origin))


def requests(run: Run) -> list[str]:
    return [approval.id for approval in run.approvals.values() if approval.status is ApprovalStatus.OPEN]


def expired(run: Run) -> list[str]:
    """Requests that wait for somebody to ask again."""
    return [
        record.approval
        for record in run.steps.values()
        if record.state is StepState.WAITING
        and record.approval
        and run.approvals[record.approval].status is ApprovalStatus.EXPIRED
    ]


def questions(run: Run) -> list[str]:
    return [record.id for record in run.steps.values() if record.question]


def check(run: Run, stored: StoredEvent) -> None:
    """What must be true of a run when this is appended."""
    event = ev.decode(stored)
    begins = ev.StepStarted | ev.ApprovalRequested | ev.WaitStarted | ev.BlockStarted | ev.ConditionEvaluated
    if isinstance(event, ev.RollbackStarted):
        undone_last_first(run, event.undo)
    if not isinstance(event, begins):
        return
    step, record = run.nodes[event.step], run.steps[event.step]
    assert run.ended is None, "nothing begins after the end"
    assert record.state is StepState.PENDING, "nothing begins twice"
    if is_undo(event.step):
        assert run.rollback
        order = [undo_id(id_) for id_ in run.rollback.undo]
        before = order[: order.index(event.step)]
        assert all(run.steps[id_].state in PASSED for id_ in before), "one after the other"
        return
    assert run.rollback is None, "nothing new begins in a roll-back"
    assert run.paused_by is None, "nothing begins while it is paused"
    assert all(passed(run, need) for need in step.needs), "needs come first"
    if step.block:
        assert run.steps[step.block].state is StepState.RUNNING, "its block has begun"
    loop = run.nodes.get(step.block)
    if isinstance(loop, LoopStep):
        busy = {run.nodes[one.id].branch for one in under_way(run, loop.id)} | {step.branch}
        assert len(busy) <= loop.at_once, "no more rounds at once"
    if isinstance(event, ev.StepStarted):
        assert event.attempt == record.attempt + 1


def passed(run: Run, id_: str) -> bool:
    record = run.steps[id_]
    tolerated = record.state is StepState.FAILED and run.nodes[id_].on_failure is OnFailure.CONTINUE
    return record.state in PASSED or tolerated


def under_way(run: Run, loop: str) -> Iterable[StepRecord]:
    """Steps of rounds in which something has begun and something is left."""
    inside = run.inside(loop)
    left = {run.nodes[one.id].branch for one in inside if not passed(run, one.id)}
    begun = {run.nodes[one.id].branch for one in inside if one.state is not StepState.PENDING}
    return [one for one in inside if run.nodes[one.id].branch in left & begun]


def undone_last_first(run: Run, undo: Sequence[str]) -> None:
    ends = [run.steps[id_].finished_at or run.updated_at for id_ in undo]
    assert ends == sorted(ends, reverse=True)
    assert len(set(undo)) == len(undo)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
