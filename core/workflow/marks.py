"""What a picture says of each step: of a definition what it is, of a run how it stands. Pure."""

from collections import Counter
from dataclasses import dataclass

from core.messages import StepState
from core.workflow.definition import Step
from core.workflow.rounds import pattern_of
from core.workflow.run import Run, is_undo, undo_id
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.blocks import GroupStep, LoopStep, ParallelStep
from core.workflow.steps.condition import ConditionStep
from core.workflow.steps.wait import WaitStep

UNDONE = "undone"
_WORST_FIRST = (
    StepState.FAILED,
    StepState.WAITING,
    StepState.RUNNING,
    StepState.PENDING,
    StepState.CANCELLED,
    StepState.DONE,
    StepState.SKIPPED,
)
_OVER = frozenset({StepState.DONE, StepState.SKIPPED})


@dataclass(frozen=True, slots=True)
class Mark:
    """How a step stands."""

    state: str = ""
    """Of `core.messages.StepState`, or UNDONE; "" in a definition."""
    detail: str = ""


def marks(run: Run) -> dict[str, Mark]:
    """By the ids of the definition; what a loop repeats is as its worst round, with the count of those that are over."""
    found: dict[str, list[str]] = {step.id: [] for step in run.definition.steps}
    for id_ in run.steps:
        if not is_undo(id_):
            found[pattern_of(id_)].append(id_)
    return {id_: _mark(run, ids) for id_, ids in found.items()}


def said_of(step: Step) -> str:
    """What it is, in a few words."""
    match step:
        case ActionStep():
            return step.tool
        case ApprovalStep(quorum=quorum):
            return str(quorum)
        case ConditionStep(expression=expression):
            return expression.text
        case WaitStep():
            return f"waits for {step.event}" if step.event else "waits"
        case ParallelStep(branches=branches, join=join):
            return f"{'all' if join == len(branches) else join} of {len(branches)}"
        case LoopStep(at_once=at_once):
            return f"for each item, {at_once} at once"
        case GroupStep(workflow=workflow):
            return workflow


def _mark(run: Run, ids: list[str]) -> Mark:
    if not ids:
        return Mark(StepState.PENDING)
    states = Counter(run.steps[id_].state for id_ in ids)
    undone = sum(run.steps[undo].state is StepState.DONE for id_ in ids if (undo := undo_id(id_)) in run.steps)
    state = next(state for state in _WORST_FIRST if states[state])
    if state is StepState.PENDING and len(states) > 1:
        state = StepState.RUNNING
    over = sum(states[state] for state in _OVER)
    count = f"{over} of {len(ids)}" + (f", {states[StepState.FAILED]} failed" if states[StepState.FAILED] else "")
    return Mark(UNDONE if undone == len(ids) else state, count if len(ids) > 1 else _detail(run, ids[0]))


def _detail(run: Run, id_: str) -> str:
    record, step = run.steps[id_], run.nodes[id_]
    if isinstance(step, LoopStep):
        return _rounds(run, id_)
    if approval := run.approvals.get(record.approval):
        return f"{approval.given} of {approval.needed}, {approval.status}"
    if record.question:
        return "it may have happened"
    if record.progress is not None and record.state is StepState.RUNNING:
        return f"{record.progress:.0%}"
    if record.state is StepState.DONE and record.started_at and record.finished_at:
        return f"{(record.finished_at - record.started_at).total_seconds():.0f} s"
    return f"attempt {record.attempt}" if record.attempt > 1 else ""


def _rounds(run: Run, loop: str) -> str:
    rounds: dict[str, set[StepState]] = {}
    for record in run.inside(loop):
        rounds.setdefault(run.nodes[record.id].branch, set()).add(record.state)
    done = sum(states <= _OVER for states in rounds.values())
    failed = sum(StepState.FAILED in states for states in rounds.values())
    return f"{done} of {len(rounds)} rounds" + (f", {failed} failed" if failed else "") if rounds else ""
