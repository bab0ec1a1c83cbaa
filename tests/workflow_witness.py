"""Reads along while a run happens, and objects to what must never be. What the fold could get wrong it keeps its own books of."""

from collections.abc import Iterable

from core.messages import StepState
from core.ports.records import StoredEvent
from core.workflow import events as ev
from core.workflow.history import apply
from core.workflow.run import Run, is_undo, undo_id
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.blocks import LoopStep
from core.workflow.steps.common import OnFailure

PASSED = (StepState.DONE, StepState.SKIPPED)


class Witness:
    """Of one run."""

    def __init__(self, run: Run) -> None:
        """`run`: as it was before the first event to be read."""
        self.run = run
        self._begun: set[str] = set()
        """Steps that may not begin again unless something lets them."""
        self._doubted: set[str] = set()
        """Actions that cannot be repeated without harm, with an attempt that nobody knows the outcome of."""
        self._called: set[str] = set()
        """Actions that were called on the plan as it is."""
        self._done: list[str] = []
        """Actions in the order in which they were done."""
        self._undone: set[str] = set()
        self._cancelled = False
        self._paused = False

    def saw(self, stored: StoredEvent) -> None:
        """One more event."""
        event = ev.decode(stored)
        match event:
            case ev.StepStarted(step=step):
                self._begins(step)
                self._is_called(event)
            case ev.ApprovalRequested() | ev.WaitStarted() | ev.BlockStarted() | ev.ConditionEvaluated():
                self._begins(event.step)
            case ev.RunReopened(skip=skip):
                gates = [id_ for id_, step in self.run.nodes.items() if isinstance(step, ApprovalStep)]
                assert not [id_ for id_ in gates for left_out in skip if self.run.is_within(id_, left_out)], (
                    "a gate is skipped"
                )
            case ev.RollbackStarted(undo=undo, cause=cause):
                self._undoes(undo)
                self._cancelled = cause is ev.RollbackCause.CANCELLED
                self._paused = False
            case _:
                pass
        self._note(event)
        self.run = apply(self.run, stored)
        self._look(event)

    # --- what may begin --------------------------------------------------------------------------------

    def _begins(self, id_: str) -> None:
        run = self.run
        assert run.ended is None, f"{id_} begins after the end"
        assert not self._paused, f"{id_} begins while the run is paused"
        assert run.steps[id_].state is StepState.PENDING, f"{id_} begins while it is {run.steps[id_].state}"
        assert id_ not in self._begun, f"{id_} begins twice"
        self._begun.add(id_)
        if is_undo(id_):
            self._is_the_next_to_undo(id_)
        else:
            self._is_its_turn(id_)

    def _is_its_turn(self, id_: str) -> None:
        run, step = self.run, self.run.nodes[id_]
        assert run.rollback is None, f"{id_} begins while the run is rolled back"
        for need in step.needs:
            assert self._passed(need), f"{id_} begins before {need}, which it needs"
        for other in run.nodes.values():
            if id_ in other.needs:
                assert run.steps[other.id].attempt == 0, f"{id_} begins after {other.id}, which needs it"
        if step.guard:
            taken = run.steps[step.guard.condition].outputs.get("result")
            assert taken is step.guard.result, f"{id_} is on the way that was not taken"
        if step.block:
            assert run.steps[step.block].state is StepState.RUNNING, f"{id_} begins outside of its block"
        loop = run.nodes.get(step.block)
        if isinstance(loop, LoopStep):
            busy = {*self._rounds_under_way(loop.id), step.branch}
            assert len(busy) <= loop.at_once, f"rounds {sorted(busy)} of {loop.id} go on at once"

    def _rounds_under_way(self, loop: str) -> Iterable[str]:
        """Those in which something has begun, and something is left."""
        inside = self.run.inside(loop)
        left = {self.run.nodes[one.id].branch for one in inside if not self._passed(one.id)}
        return left & {self.run.nodes[one.id].branch for one in inside if one.started_at}

    def _passed(self, id_: str) -> bool:
        state = self.run.steps[id_].state
        tolerated = state is StepState.FAILED and self.run.nodes[id_].on_failure is OnFailure.CONTINUE
        return state in PASSED or tolerated

    # --- calls and what undoes them --------------------------------------------------------------------

    def _is_called(self, event: ev.StepStarted) -> None:
        action = self.run.action(event.step)
        assert event.attempt == self.run.steps[event.step].attempt + 1
        assert event.step not in self._doubted, f"{event.step} is tried a second time and nobody was asked"
        if not action.idempotent:
            self._doubted.add(event.step)
        self._called.add(event.step)

    def _undoes(self, undo: tuple[str, ...]) -> None:
        could = {id_ for id_ in self._called if self.run.action(id_).compensate}
        assert set(undo) == could, "exactly what may have acted is undone"
        assert len(set(undo)) == len(undo), "once"
        done = [id_ for id_ in undo if id_ in self._done]
        assert done == sorted(done, key=self._done.index, reverse=True), "what was done last is undone first"

    def _is_the_next_to_undo(self, id_: str) -> None:
        assert self.run.rollback
        order = [undo_id(step) for step in self.run.rollback.undo]
        before = order[: order.index(id_)]
        assert all(self.run.steps[one].state in PASSED for one in before), f"{id_} begins before those before it"
        assert id_ not in self._undone, f"{id_} happens twice"

    # --- books -----------------------------------------------------------------------------------------

    def _note(self, event: ev.Event) -> None:
        match event:
            case ev.StepCompleted(step=step):
                self._doubted.discard(step)
                if isinstance(self.run.nodes[step], ActionStep):
                    self._done.append(step)
                    self._undone |= {step} if is_undo(step) else set()
            case ev.StepFailed(step=step, failure=failure):
                if not failure.may_have_happened:
                    self._doubted.discard(step)
            case ev.StepPostponed(step=step):
                self._doubted.discard(step)
            case ev.StepBackoffEnded(step=step):
                self._begun.discard(step)
            case ev.StepAnswered(step=step):
                self._doubted.discard(step)
                self._begun.discard(step)
            case ev.ApprovalAskedAgain(approval_id=id_):
                self._begun.discard(self.run.approvals[id_].step)
            case ev.PlanChanged(redo=redo):
                for books in (self._begun, self._called):
                    books.difference_update(redo)
            case ev.RunReopened(retry=retry):
                called_off = {r.id for r in self.run.steps.values() if r.state is StepState.CANCELLED}
                self._begun -= {*retry, *called_off}
                self._cancelled = self._cancelled and self.run.rollback is not None
                self._paused = False
            case ev.RunPaused() | ev.RunResumed():
                self._paused = isinstance(event, ev.RunPaused)
            case ev.RunCancelled():
                self._cancelled = True
            case _:
                pass

    def _look(self, event: ev.Event) -> None:
        """What must be true once it has happened."""
        run = self.run
        if isinstance(event, ev.RunCompleted):
            assert not self._cancelled, "a run that was cancelled is completed"
            assert all(self._passed(record.id) for record in run.inside("")), "a run with steps left is completed"
        if isinstance(event, ev.RunRolledBack):
            assert run.rollback
            assert all(run.steps[undo_id(step)].state in PASSED for step in run.rollback.undo)
        if isinstance(event, ev.EndEvent):
            assert not [
                r.id for r in run.steps.values() if r.state not in (*PASSED, StepState.FAILED, StepState.CANCELLED)
            ]
