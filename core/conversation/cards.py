"""The live card of a run. Pure: a run in, a `Reply` out."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from core.conversation.approval_words import outcome
from core.conversation.replies import ago, mention, when
from core.markup import literal
from core.messages import (
    Actions,
    Block,
    Button,
    ButtonStyle,
    Field,
    Fields,
    File,
    Heading,
    Note,
    Reply,
    StepLine,
    Steps,
    StepState,
    Text,
    Tone,
)
from core.workflow.definition import shown
from core.workflow.digests import shorten
from core.workflow.events import Answer, By, RollbackCause
from core.workflow.run import Run, RunStatus, StepRecord, is_undo
from core.workflow.signals import LINE
from core.workflow.steering import Steering, offered
from core.workflow.steps.approval import ApprovalStep
from core.workflow.steps.blocks import LoopStep
from core.workflow.steps.common import as_text
from core.workflow.steps.condition import RESULT, ConditionStep
from core.workflow.steps.wait import WaitStep
from core.workflow.upkeep import answer_token

_TITLES = {
    RunStatus.RUNNING: "running",
    RunStatus.WAITING: "waiting for approval",
    RunStatus.EXPIRED: "approval expired",
    RunStatus.COMPLETED: "completed",
    RunStatus.DENIED: "denied",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "cancelled",
    RunStatus.PENDING: "waiting for its turn",
    RunStatus.PAUSED: "paused",
    RunStatus.ROLLING_BACK: "rolling back",
    RunStatus.ROLLED_BACK: "rolled back",
    RunStatus.TIMED_OUT: "out of time",
}
_TONES = {
    RunStatus.WAITING: Tone.WARNING,
    RunStatus.EXPIRED: Tone.WARNING,
    RunStatus.COMPLETED: Tone.GOOD,
    RunStatus.DENIED: Tone.BAD,
    RunStatus.FAILED: Tone.BAD,
    RunStatus.PAUSED: Tone.WARNING,
    RunStatus.ROLLING_BACK: Tone.WARNING,
    RunStatus.ROLLED_BACK: Tone.BAD,
    RunStatus.TIMED_OUT: Tone.BAD,
}


GRAPH, LOG = "graph", "log"
"""What the buttons' actions begin with; the run's id follows."""


def run_card(run: Run, ahead: int = 0) -> Reply:
    """Where a run stands: parameters, steps, who approved, and what may be done about it. `ahead`: runs before it, when it waits
    for its turn."""
    title = f"{run.definition.title}: {_TITLES[run.status]}" + (_line(ahead) if run.status is RunStatus.PENDING else "")
    blocks: list[Block] = [
        Heading(title),
        Fields(tuple(Field(name, literal(value)) for name, value in shown(run.definition, run.parameters).items())),
        Steps(step_lines(run)),
        *(Text(line) for line in _told(run)),
        *(block for record in run.steps.values() if record.question for block in _question(run, record)),
    ]
    looks = (Button("Graph", f"{GRAPH}:{run.id}"), Button("Log", f"{LOG}:{run.id}"))
    blocks.append(Actions((*(_BUTTONS[wanted](run.id) for wanted in offered(run)), *looks)))
    blocks.append(Note(_footer(run)))
    return Reply(tuple(blocks), f"{run.id} {title} ({inline(run)})", _TONES.get(run.status, Tone.NEUTRAL))


def graph(run: Run, title: str, png: bytes) -> Reply:
    """The picture of a run."""
    return Reply((File(f"{run.id}.png", png, "image/png", title),), f"{run.id} as it stands now")


def log(run: Run, lines: Sequence[str]) -> Reply:
    """Everything that has happened to a run, a line each."""
    text = f"{run.id} {run.definition.title} ({inline(run)}), times in UTC\n" + "\n".join(lines) + "\n"
    return Reply(
        (File(f"{run.id}.log", text.encode(), "text/plain", f"{run.id}: log"),), f"All that happened to {run.id}"
    )


def _button(label: str, wanted: Steering, style: ButtonStyle = ButtonStyle.PLAIN) -> Callable[[str], Button]:
    return lambda run_id: Button(label, f"form:{wanted}:{run_id}", style)


_BUTTONS: Mapping[Steering, Callable[[str], Button]] = {
    Steering.PAUSE: _button("Pause …", Steering.PAUSE),
    Steering.RESUME: _button("Resume …", Steering.RESUME, ButtonStyle.PRIMARY),
    Steering.RETRY: _button("Retry …", Steering.RETRY, ButtonStyle.PRIMARY),
    Steering.SKIP: _button("Skip it …", Steering.SKIP),
    Steering.ROLL_BACK: _button("Roll back …", Steering.ROLL_BACK, ButtonStyle.DANGER),
    Steering.CANCEL: _button("Stop …", Steering.CANCEL, ButtonStyle.DANGER),
}
_ANSWERS = (
    (Answer.RETRY, "Do it again", ButtonStyle.PLAIN),
    (Answer.SKIP, "It is done: go on", ButtonStyle.PLAIN),
    (Answer.ABORT, "Give it up", ButtonStyle.DANGER),
)
_CAUSES = {
    RollbackCause.FAILURE: "a step failed",
    RollbackCause.DENIAL: "it was denied",
    RollbackCause.CANCELLED: "it was stopped",
    RollbackCause.TIMED_OUT: "it ran out of time",
    RollbackCause.ASKED: "somebody asked for it",
}


def _told(run: Run) -> Iterator[str]:
    """What happened to the run as a whole."""
    if run.failure:
        yield f"**{literal(run.failure.message)}**" + (f" {run.failure.hint}" if run.failure.hint else "")
    if run.cancelled_by:
        yield f"Stopped by {_because(run.cancelled_by, run.reason)}"
    if run.paused_by and run.ended is None:
        yield f"Paused by {_because(run.paused_by, run.pause_reason)}"
    if back := run.rollback:
        by = f" by {_because(back.by, back.reason)}" if back.by else "."
        yield (
            f"Rolled back because {_CAUSES[back.cause]}{by}"
            if run.ended
            else f"Rolling back because {_CAUSES[back.cause]}{by}"
        )
    if run.status is RunStatus.PENDING:
        yield "As many runs as may go on at once do. It begins by itself when its turn has come."


def _because(by: By, reason: str) -> str:
    return mention(by.account, by.name) + (f": {literal(reason)}" if reason else ".")


def _question(run: Run, record: StepRecord) -> tuple[Block, ...]:
    """An attempt that may have happened: a person looks, and says."""
    said = f"❓ **{literal(run.nodes[record.id].title)}**: {literal(record.text)} Look at its target before you answer."
    buttons = tuple(Button(label, f"do:{answer_token(record.question, one)}", style) for one, label, style in _ANSWERS)
    return (Text(said), Actions(buttons))


def _line(ahead: int) -> str:
    return f" ({ahead} before it)" if ahead < LINE else f" ({LINE} or more before it)"


def _footer(run: Run) -> str:
    starter = literal(run.cause) if run.cause else mention(run.requester.account, run.requester.name)
    parts = [f"`{run.id}`", f"started by {starter} at {when(run.started_at)}"]
    if run.finished_at:
        parts.append(f"took {ago((run.finished_at - run.started_at).total_seconds())}")
    parts.append(f"plan `{shorten(run.digest)}`" + (f" (changed {run.revision - 1}×)" if run.revision > 1 else ""))
    return " · ".join(parts)


def inline(run: Run) -> str:
    """The parameters in one line; secrets masked."""
    return ", ".join(f"{name} {value}" for name, value in shown(run.definition, run.parameters).items())


def step_lines(run: Run, *, most: int = 25) -> tuple[StepLine, ...]:
    """A line a step; what is within a block stands under it, further in, while something happens there. What does not fit is
    counted in the last line."""
    lines = [line for record in run.inside("") for line in _lines(run, record, 0)]
    lines += [_step_line(run, record, 0) for id_, record in run.steps.items() if is_undo(id_)]
    if len(lines) <= most:
        return tuple(lines)
    left = len(lines) - most + 1
    return (*lines[: most - 1], StepLine(f"… and {left} more", StepState.PENDING, f"`/copilot status {run.id}`"))


def _lines(run: Run, record: StepRecord, depth: int) -> Iterator[StepLine]:
    yield _step_line(run, record, depth)
    inside = run.inside(record.id)
    if record.state not in (StepState.RUNNING, StepState.FAILED):
        return
    if isinstance(run.nodes[record.id], LoopStep):
        # Of many rounds those count in which something happens.
        busy = {run.nodes[one.id].branch for one in inside if one.state in _BUSY}
        inside = [one for one in inside if run.nodes[one.id].branch in busy]
    for one in inside:
        yield from _lines(run, one, depth + 1)


_BUSY = (StepState.RUNNING, StepState.WAITING, StepState.FAILED)
_INDENT = "\u2003"
"""An em space: platforms drop ordinary ones at the beginning of a line."""


def _step_line(run: Run, record: StepRecord, depth: int) -> StepLine:
    step = run.nodes[record.id]
    match step:
        case ApprovalStep():
            detail = _approval_detail(run, record)
        case LoopStep():
            detail = _rounds_detail(run, record)
        case WaitStep() if record.until and record.state is StepState.WAITING:
            detail = f"for {step.event}, until {when(record.until)}" if step.event else f"until {when(record.until)}"
        case ConditionStep() if record.state is StepState.DONE:
            detail = "yes" if record.outputs.get(RESULT) else "no"
        case _:
            detail = _action_detail(record)
    item = f" ({literal(as_text(step.item))})" if step.item is not None and depth else ""
    return StepLine(_INDENT * depth + step.title + item, record.state, detail, record.progress)


def _rounds_detail(run: Run, record: StepRecord) -> str:
    """ "12 of 40 done, 1 failed": a round is as its worst step."""
    rounds: dict[str, list[StepState]] = {}
    for one in run.inside(record.id):
        rounds.setdefault(run.nodes[one.id].branch, []).append(one.state)
    if not rounds:
        return "" if record.state is not StepState.DONE else "nothing to do"
    done = sum(all(state in (StepState.DONE, StepState.SKIPPED) for state in states) for states in rounds.values())
    failed = sum(StepState.FAILED in states for states in rounds.values())
    return f"{done} of {len(rounds)} done" + (f", {failed} failed" if failed else "")


def _action_detail(record: StepRecord) -> str:
    if record.state is StepState.WAITING and record.retry_at and record.failure is None:
        return f"{literal(record.text)}; looked at again at {when(record.retry_at)}".lstrip("; ")
    if record.question:
        return "it may have happened: somebody must look"
    if record.state is StepState.DONE and record.started_at and record.finished_at:
        took = ago((record.finished_at - record.started_at).total_seconds())
        return f"{literal(record.text)} ({took})" if record.text else took
    if record.state is StepState.WAITING and record.failure and record.retry_at:
        return f"attempt {record.attempt} failed: {literal(record.failure.message)}; again at {when(record.retry_at)}"
    if record.state is StepState.FAILED and record.failure:
        return literal(record.failure.message)
    if record.state is StepState.SKIPPED:
        return "not needed here"
    return literal(record.text)


def _approval_detail(run: Run, record: StepRecord) -> str:
    approval = run.approvals.get(record.approval)
    if record.state is StepState.SKIPPED:
        return "not needed here"
    return outcome(approval) if approval else ""
