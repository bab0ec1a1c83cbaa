"""What an event about a step does to a run. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import UnionType

from core.errors import Failure
from core.messages import StepState
from core.workflow import events as ev
from core.workflow.definition import Block, Step, holds_sealed
from core.workflow.fold_common import expect, known_step, stopped, with_step, withdrawn
from core.workflow.rounds import rounds
from core.workflow.run import Run, StepRecord
from core.workflow.steps.action import ActionStep
from core.workflow.steps.blocks import LoopStep
from core.workflow.steps.condition import RESULT, ConditionStep
from core.workflow.steps.wait import WaitStep


def step_event(run: Run, event: ev.StepEvent, at: datetime) -> Run:
    record = known_step(run, event.step, event.kind)
    expect(event.kind, record.state in _STATES_BEFORE[type(event)], f"step {event.step} was {record.state}")
    if type_ := _STEP_TYPE.get(type(event)):
        expect(event.kind, isinstance(run.nodes[event.step], type_), f"{event.step} is another type of step")
    if isinstance(event, ev.StepBackoffEnded):
        expect(event.kind, record.retry_at is not None, f"step {event.step} was not to be repeated")
    if isinstance(event, ev.StepInterrupted):
        expect(event.kind, record.attempt > 0, f"step {event.step} was not attempted")
    if isinstance(event, ev.StepAnswered):
        expect(event.kind, bool(record.question), f"nothing was asked about {event.step}")
    after = with_step(run, _step_after(record, event, at, run.version + 1))
    if isinstance(event, ev.StepCompleted | ev.WaitEnded) and holds_sealed(event.outputs):
        after = replace(after, sealed=True)
    if isinstance(event, ev.BlockStarted):
        return _with_rounds(after, event)
    if isinstance(event, ev.StepSkipped) and isinstance(run.nodes[event.step], Block):
        return _with_all_skipped(after, event.step, at)
    closed = isinstance(event, ev.StepCompleted | ev.StepFailed) and after.steps[event.step].finished_at
    return _called_off(after, event.step, at) if closed and isinstance(run.nodes[event.step], Block) else after


_P, _R, _W = StepState.PENDING, StepState.RUNNING, StepState.WAITING
_STATES_BEFORE: Mapping[type[ev.StepEvent], frozenset[StepState]] = {
    ev.StepStarted: frozenset({_P}),
    ev.StepSkipped: frozenset({_P}),
    ev.StepProgressed: frozenset({_R}),
    ev.StepCompleted: frozenset({_R}),
    ev.StepFailed: frozenset({_P, _R, _W}),
    ev.StepBackoffEnded: frozenset({_W}),
    ev.StepPostponed: frozenset({_R}),
    ev.StepInterrupted: frozenset({_P, _R}),
    ev.StepAnswered: frozenset({_W}),
    ev.ConditionEvaluated: frozenset({_P}),
    ev.BlockStarted: frozenset({_P}),
    ev.WaitStarted: frozenset({_P}),
    ev.WaitEnded: frozenset({_W}),
}
_STEP_TYPE: Mapping[type[ev.StepEvent], type[Step] | UnionType] = {
    ev.StepStarted: ActionStep,
    ev.StepPostponed: ActionStep,
    ev.StepInterrupted: ActionStep,
    ev.ConditionEvaluated: ConditionStep,
    ev.BlockStarted: Block,
    ev.WaitStarted: WaitStep,
    ev.WaitEnded: WaitStep,
}


def _step_after(record: StepRecord, event: ev.StepEvent, at: datetime, version: int) -> StepRecord:
    begun = replace(record, started_at=record.started_at or at)
    over = replace(record, finished_at=at, finished=version, progress=None, retry_at=None, question="", until=None)
    match event:
        case ev.StepStarted(attempt=attempt, key=key, item=item):
            return replace(begun, state=StepState.RUNNING, attempt=attempt, key=key, item=item, failure=None)
        case ev.StepProgressed(fraction=fraction, text=text):
            return replace(record, progress=fraction, text=text or record.text)
        case ev.StepCompleted(outputs=outputs, text=text, links=links):
            return replace(over, state=StepState.DONE, failure=None, outputs=outputs, text=text, links=links)
        case ev.StepFailed(failure=failure, retry_at=None):
            return replace(over, state=StepState.FAILED, failure=failure)
        case ev.StepFailed(failure=failure, retry_at=retry_at):
            return replace(record, state=StepState.WAITING, failure=failure, retry_at=retry_at, progress=None)
        case ev.StepPostponed(next_at=next_at, text=text):
            waiting = replace(record, state=StepState.WAITING, retry_at=next_at, progress=None)
            return replace(waiting, text=text or record.text, failure=None)
        case ev.StepBackoffEnded():
            return replace(record, state=StepState.PENDING, retry_at=None)
        case ev.StepInterrupted(reason=reason, token=token):
            return replace(record, state=StepState.WAITING, question=token, text=reason, progress=None)
        case ev.StepAnswered(answer=ev.Answer.RETRY):
            return replace(record, state=StepState.PENDING, question="", text="")
        case ev.StepAnswered(answer=ev.Answer.SKIP, by=by):
            return replace(over, state=StepState.SKIPPED, text=f"skipped by {by.name}")
        case ev.StepAnswered(by=by):
            failure = Failure("CONFLICT", f"It was interrupted, and {by.name} called it off.")
            return replace(over, state=StepState.FAILED, failure=failure)
        case ev.ConditionEvaluated(result=result):
            return replace(over, state=StepState.DONE, started_at=at, outputs={RESULT: result})
        case ev.BlockStarted():
            return replace(begun, state=StepState.RUNNING)
        case ev.WaitStarted(until=until):
            return replace(begun, state=StepState.WAITING, until=until)
        case ev.WaitEnded(outputs=outputs, text=text):
            return replace(over, state=StepState.DONE, outputs=outputs, text=text)
        case ev.StepSkipped():  # pragma: no branch - the last of a closed list
            return replace(over, state=StepState.SKIPPED)


def _with_rounds(run: Run, event: ev.BlockStarted) -> Run:
    """With the steps of a loop's rounds, which stand behind it."""
    loop = run.nodes[event.step]
    if not isinstance(loop, LoopStep):
        return run
    new = rounds(run.definition, loop, event.items)
    nodes: dict[str, Step] = {}
    for id_, step in run.nodes.items():
        nodes[id_] = step
        nodes |= new if id_ == loop.id else {}
    return replace(run, nodes=nodes, steps={id_: run.steps.get(id_) or StepRecord(id_) for id_ in nodes})


def _with_all_skipped(run: Run, block: str, at: datetime) -> Run:
    """What is skipped is skipped with all that is in it."""
    steps = {
        id_: replace(record, state=StepState.SKIPPED, finished_at=at) if run.is_within(id_, block) else record
        for id_, record in run.steps.items()
    }
    return replace(run, steps=steps)


def _called_off(run: Run, block: str, at: datetime) -> Run:
    """What is still open within a block that has come to an end is cancelled."""
    within = {id_ for id_ in run.steps if id_ != block and run.is_within(id_, block)}
    return replace(
        run,
        steps={id_: stopped(run, record, at) if id_ in within else record for id_, record in run.steps.items()},
        approvals={
            id_: withdrawn(approval, at, None) if approval.step in within else approval
            for id_, approval in run.approvals.items()
        },
    )
