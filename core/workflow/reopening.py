"""Going on with a run that is over: what happens again, what is left out, and what must be asked about first. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.messages import StepState
from core.workflow.definition import Block
from core.workflow.events import RunReopened
from core.workflow.run import Run, StepRecord, is_undo
from core.workflow.steps.action import ActionStep
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.common import OnFailure


def came_to_nothing(run: Run) -> tuple[str, ...]:
    """The steps that failed and stand in the way of the run: not those whose failure was no harm, nor a block that failed by what
    is in it."""
    return tuple(
        id_
        for id_, record in run.steps.items()
        if record.state is StepState.FAILED
        and not _is_passed(run, id_)
        and not _is_left_behind(run, id_)
        and not (isinstance(run.nodes[id_], Block) and record.started_at)
    )


def may_be_left_out(run: Run, step: str) -> bool:
    """Whether a run can go on without a step that failed: nobody gets past a gate like that, nor past a block with one in it."""
    return not any(isinstance(node, ApprovalStep) and run.is_within(id_, step) for id_, node in run.nodes.items())


def in_doubt(run: Run, left_out: Iterable[str] = ()) -> tuple[str, ...]:
    """Actions that would happen again though an attempt may have happened, and whose tools cannot be called twice without harm."""
    return tuple(
        id_
        for id_, record in run.steps.items()
        if isinstance(step := run.nodes[id_], ActionStep)
        and not step.idempotent
        and record.attempt > 0
        and (record.failure is None or record.failure.may_have_happened)
        and _is_called_off(run, id_)
        and not any(run.is_within(id_, skipped) for skipped in left_out)
    )


def reopened(run: Run, event: RunReopened) -> Run:
    """Failed steps, and what was called off with the run, are as if they had not begun; blocks that had begun go on."""
    anew = {id_ for id_ in run.steps if _is_called_off(run, id_)} | set(event.retry)
    blocks = {block for id_ in (*anew, *event.skip) for block in _around(run, id_)}
    blocks |= {id_ for id_ in anew if isinstance(run.nodes[id_], Block)}
    going_on = {id_ for id_ in blocks if run.steps[id_].started_at}
    steps: dict[str, StepRecord] = {}
    for id_, record in run.steps.items():
        if any(run.is_within(id_, skipped) for skipped in event.skip):
            text = f"skipped by {event.by.name}"
            steps[id_] = replace(record, state=StepState.SKIPPED, failure=None, text=text)
        elif id_ in going_on:
            steps[id_] = replace(record, state=StepState.RUNNING, failure=None, finished_at=None)
        elif id_ in anew:
            # What certainly failed is asked of the service anew: by the old key it would tell of the old failure.
            key = "" if record.failure and not record.failure.may_have_happened else record.key
            steps[id_] = StepRecord(id_, attempt=record.attempt, key=key)
        else:
            steps[id_] = record
    again = replace(run, ended=None, finished_at=None, failure=None, cancelled_by=None, reason="", steps=steps)
    return replace(again, paused_by=None, pause_reason="", queued=event.queued, reopened=run.reopened + 1)


def _is_called_off(run: Run, step: str) -> bool:
    """Whether it was called off with the run; not with a block that was over without it, nor with what was being undone."""
    if run.steps[step].state is not StepState.CANCELLED or (run.rollback and not is_undo(step)):
        return False
    return not _is_left_behind(run, step)


def _is_left_behind(run: Run, step: str) -> bool:
    """Whether the run has got past it: what needed its block has gone ahead; of a roll-back, all but the undoing steps."""
    if run.rollback is not None:
        return not is_undo(step)
    return any(_is_passed(run, block) for block in _around(run, step))


def _is_passed(run: Run, step: str) -> bool:
    state = run.steps[step].state
    tolerated = state is StepState.FAILED and run.nodes[step].on_failure is OnFailure.CONTINUE
    return state in (StepState.DONE, StepState.SKIPPED) or (tolerated and not is_undo(step))


def _around(run: Run, step: str) -> Iterator[str]:
    """The blocks around a step, the innermost first."""
    while step := run.nodes[step].block:
        yield step
