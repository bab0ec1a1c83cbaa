"""What people and time do to runs. Each function runs inside one transaction, is plain and synchronous, and returns an outcome;
a refusal is an outcome too, so that its audit row is kept. No wording here.

May this actor start, change, cancel or ask again at all? That is `core.planning.policy`, judged by the caller. Only who may
*decide* an approval is judged here, at the click. ConflictError from any of them: run the unit again.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from core.actors import Actor, By
from core.errors import ConflictError, Failure, UserInputError
from core.messages import StepState
from core.ports.records import Timer, Transaction
from core.workflow import engine
from core.workflow import events as ev
from core.workflow.approvals import ApprovalStatus, DueKind
from core.workflow.approving import Decided as Decided
from core.workflow.approving import Refused as Refused
from core.workflow.approving import ask_again as ask_again
from core.workflow.approving import decide_approval as decide_approval
from core.workflow.definition import Definition, is_sealed
from core.workflow.digests import digest
from core.workflow.outcomes import Done as Done
from core.workflow.outcomes import NotDone as NotDone
from core.workflow.outcomes import Obstacle as Obstacle
from core.workflow.outcomes import not_done, refuse
from core.workflow.parameters import read
from core.workflow.plan_change import redo
from core.workflow.reopening import came_to_nothing, in_doubt, may_be_left_out
from core.workflow.run import REOPENABLE, Run, RunStatus
from core.workflow.sealing import seal_parameters
from core.workflow.signals import Means, Origin, append, has_turn, load
from core.workflow.steps.common import Scalar, as_text
from core.workflow.steps.wait import WaitStep
from core.workflow.upkeep import APPROVAL_TIMER, LIMIT_TIMER, RETRY_TIMER, WAIT_TIMER
from core.workflow.values import asked, matches, slot_of

_CHANGEABLE = frozenset({RunStatus.WAITING, RunStatus.EXPIRED})


def start(
    tx: Transaction,
    means: Means,
    definition: Definition,
    parameters: Mapping[str, Scalar],
    requester: Actor,
    *,
    origin: Origin,
    cause: str = "",
) -> Done | NotDone:
    """Start a run; `parameters` are what `parameters.read` gave, complete. It waits for its turn where its workflow, or the bot
    as a whole, has as many runs under way as it allows. `cause`: the schedule or event, when no person asked for it now."""
    if definition.roles and requester.roles.isdisjoint(definition.roles):
        refuse(tx, "run.start", definition.name, requester, Obstacle.ROLE, origin)
        return NotDone(Obstacle.ROLE, who_may=definition.roles)
    run_id = _fresh_run_id(tx, means)
    definition = replace(definition, schedules=(), triggers=(), channel="")
    parameters = seal_parameters(tx, means.ids, run_id, definition, parameters)
    slot = slot_of(definition, parameters)
    started = ev.RunStarted(
        run_id=run_id,
        definition=definition,
        parameters=parameters,
        requester=By.of(requester),
        place=origin.place,
        digest=digest(definition, parameters),
        correlation=origin.correlation,
        slot=slot,
        queued=not _has_turn(tx, means, definition, slot),
        cause=cause,
    )
    return Done(append(tx, means, None, [started], origin=origin))


def cancel(
    tx: Transaction, means: Means, run_id: str, actor: Actor, *, origin: Origin, reason: str = ""
) -> Done | NotDone:
    """Stop a run. A call under way is cancelled by its worker within a heartbeat; what has acted is undone after that."""
    run = load(tx, run_id)
    obstacle = Obstacle.UNKNOWN if run is None else Obstacle.ENDED if run.ended else None
    if run is None or obstacle is not None:
        return not_done(tx, "run.cancel", run_id, actor, obstacle or Obstacle.UNKNOWN, run, origin)
    by = By.of(actor)
    if run.rollback is None and (undo := engine.to_undo(run)):
        started = ev.RollbackStarted(undo, ev.RollbackCause.CANCELLED, by, reason)
        return Done(append(tx, means, run, [started], origin=origin))
    return Done(append(tx, means, run, [ev.RunCancelled(by, reason)], origin=origin))


def pause(
    tx: Transaction, means: Means, run_id: str, actor: Actor, *, origin: Origin, reason: str = ""
) -> Done | NotDone:
    """Begin nothing new; calls under way go on to their end, and requests stay open."""
    run = load(tx, run_id)
    if run is None or run.ended or run.paused_by or run.rollback:
        obstacle = (
            Obstacle.UNKNOWN if run is None
            else Obstacle.ENDED if run.ended
            else Obstacle.ROLLING_BACK if run.rollback
            else Obstacle.SAME
        )  # fmt: skip
        return not_done(tx, "run.pause", run_id, actor, obstacle, run, origin)
    return Done(append(tx, means, run, [ev.RunPaused(By.of(actor), reason)], origin=origin))


def resume(
    tx: Transaction, means: Means, run_id: str, actor: Actor, *, origin: Origin, reason: str = ""
) -> Done | NotDone:
    """Go on with a paused run."""
    run = load(tx, run_id)
    if run is None or run.ended or run.paused_by is None:
        obstacle = Obstacle.UNKNOWN if run is None else Obstacle.ENDED if run.ended else Obstacle.SAME
        return not_done(tx, "run.resume", run_id, actor, obstacle, run, origin)
    return Done(append(tx, means, run, [ev.RunResumed(By.of(actor), reason)], origin=origin))


def retry(
    tx: Transaction,
    means: Means,
    run_id: str,
    actor: Actor,
    *,
    origin: Origin,
    reason: str = "",
    skip: bool = False,
) -> Done | NotDone:
    """Go on with a run that failed, was stopped or ran out of time, from where it ended: what failed happens again, with the keys
    of before, or is left out (`skip`; a gate that was denied never is: it is asked again). Approvals that were given hold: the plan
    is the same. What was called off in the middle of it, and cannot be done twice without harm, is asked about. The run waits for
    its turn like any other."""
    run = load(tx, run_id)
    action = "run.skip" if skip else "run.retry"
    if run is None or run.ended not in REOPENABLE:
        obstacle = Obstacle.UNKNOWN if run is None else Obstacle.NOT_FAILED
        return not_done(tx, action, run_id, actor, obstacle, run, origin)
    if run.sealed:
        return not_done(tx, action, run.id, actor, Obstacle.SECRETS, run, origin)
    failed = came_to_nothing(run)
    left_out = tuple(id_ for id_ in failed if skip and may_be_left_out(run, id_))
    again = tuple(id_ for id_ in failed if id_ not in left_out)
    queued = not _has_turn(tx, means, run.definition, run.slot)
    reopened = ev.RunReopened(By.of(actor), again, left_out, queued, reason)
    why = "It may have happened: it was called off in the middle of it."
    asked = (ev.StepInterrupted(id_, why, means.ids.token()) for id_ in in_doubt(run, left_out))
    return Done(append(tx, means, run, [reopened, *asked], origin=origin))


def roll_back(
    tx: Transaction, means: Means, run_id: str, actor: Actor, *, origin: Origin, reason: str = ""
) -> Done | NotDone:
    """Undo what a run has done that is over: completed, failed or stopped."""
    run = load(tx, run_id)
    obstacle = None
    if run is None:
        obstacle = Obstacle.UNKNOWN
    elif run.rollback is not None:
        obstacle = Obstacle.ROLLED_BACK
    elif run.ended not in (*REOPENABLE, RunStatus.COMPLETED):
        obstacle = Obstacle.NOT_FAILED
    elif run.sealed:
        obstacle = Obstacle.SECRETS
    elif not engine.to_undo(run):
        obstacle = Obstacle.NOTHING_TO_UNDO
    if run is None or obstacle is not None:
        return not_done(tx, "run.roll_back", run_id, actor, obstacle or Obstacle.UNKNOWN, run, origin)
    started = ev.RollbackStarted(engine.to_undo(run), ev.RollbackCause.ASKED, By.of(actor), reason)
    return Done(append(tx, means, run, [started], origin=origin))


def answer(
    tx: Transaction, means: Means, run_id: str, step: str, said: ev.Answer, actor: Actor, *, origin: Origin
) -> Done | NotDone:
    """Say what to do about an attempt that may have happened."""
    run = load(tx, run_id)
    if run is None or step not in run.steps or not run.steps[step].question:
        obstacle = Obstacle.UNKNOWN if run is None or step not in run.steps else Obstacle.NOT_ASKED
        return not_done(tx, "step.answer", run_id, actor, obstacle, run, origin)
    return Done(append(tx, means, run, [ev.StepAnswered(step, said, By.of(actor))], origin=origin))


def happened(
    tx: Transaction, means: Means, run_id: str, step: str, fields: Mapping[str, Scalar], text: str, *, origin: Origin
) -> Run | None:
    """An event has come that a step may wait for; the run after it, None when the step does not wait for this one. Of its fields
    the history keeps those that the step asks for: what others send may be long."""
    run = load(tx, run_id)
    if run is None or run.ended is not None or run.steps[step].state is not StepState.WAITING:
        return None
    wait = run.nodes[step]
    if not isinstance(wait, WaitStep) or not (wait.match is None or matches(wait.match, fields)):
        return None
    return append(tx, means, run, [ev.WaitEnded(step, asked(wait.match, fields), text)], origin=origin)


def change(
    tx: Transaction, means: Means, run_id: str, actor: Actor, given: Mapping[str, str], *, origin: Origin
) -> Done | NotDone:
    """Change parameters of a run that waits for people: every approval becomes void and is asked again for the new plan, whose
    author the actor becomes. `given` as typed; UserInputError lists what is wrong with it."""
    run = load(tx, run_id)
    if run is None:
        return not_done(tx, "run.change", run_id, actor, Obstacle.UNKNOWN, None, origin)
    obstacle = Obstacle.ENDED if run.ended else None if run.status in _CHANGEABLE else Obstacle.NOT_WAITING
    if obstacle is not None:
        return not_done(tx, "run.change", run.id, actor, obstacle, run, origin)
    parameters = seal_parameters(tx, means.ids, run.id, run.definition, _changed(run, given))
    if parameters == run.parameters:
        return not_done(tx, "run.change", run.id, actor, Obstacle.SAME, run, origin)
    again = redo(run, parameters)
    if again is None:
        return not_done(tx, "run.change", run.id, actor, Obstacle.ACTED, run, origin)
    changed = ev.PlanChanged(parameters, digest(run.definition, parameters), By.of(actor), again)
    return Done(append(tx, means, run, [changed], origin=origin))


def fire_timer(tx: Transaction, means: Means, timer: Timer, *, holder: str, origin: Origin) -> Run | None:
    """Do what a claimed timer of `upkeep.TIMERS` stands for and remove it; None when it is of no consequence any more.
    ConflictError (roll back) when the claim was lost."""
    if not tx.timers.done(timer.key, holder=holder):
        raise ConflictError(f"the timer {timer.key} is no longer ours")
    run = load(tx, timer.data["run"])
    if run is None or run.ended is not None:
        return None
    event = _TIMED[timer.kind](means, run, timer)
    return append(tx, means, run, [event], origin=origin) if event else None


def _retry_event(_means: Means, run: Run, timer: Timer) -> ev.Event | None:
    step = run.steps[timer.data["step"]]
    return ev.StepBackoffEnded(step.id) if step.retry_at is not None else None


def _wait_event(_means: Means, run: Run, timer: Timer) -> ev.Event | None:
    step, record = run.nodes[timer.data["step"]], run.steps[timer.data["step"]]
    if record.state is not StepState.WAITING or not isinstance(step, WaitStep):
        return None
    if step.event:
        return ev.StepFailed(step.id, Failure("TIMEOUT", f"No {step.event} came in time.", retryable=True))
    return ev.WaitEnded(step.id)


def _limit_event(_means: Means, run: Run, _timer: Timer) -> ev.Event | None:
    if run.rollback is not None:
        return None
    undo = engine.to_undo(run)
    return ev.RollbackStarted(undo, ev.RollbackCause.TIMED_OUT) if undo else ev.RunTimedOut()


def _approval_event(means: Means, run: Run, timer: Timer) -> ev.Event | None:
    approval = run.approvals[timer.data["approval"]]
    if approval.status is not ApprovalStatus.OPEN:
        return None
    match DueKind(timer.data["kind"]):
        case DueKind.REMIND:
            return ev.ApprovalReminded(approval.id, timer.data["number"])
        case DueKind.ESCALATE:
            return ev.ApprovalEscalated(approval.id, approval.escalate_to)
        case DueKind.EXPIRE:
            return ev.ApprovalExpired(approval.id, means.ids.token())


_TIMED: Mapping[str, Callable[[Means, Run, Timer], ev.Event | None]] = {
    RETRY_TIMER: _retry_event,
    APPROVAL_TIMER: _approval_event,
    WAIT_TIMER: _wait_event,
    LIMIT_TIMER: _limit_event,
}


def _changed(run: Run, given: Mapping[str, str]) -> dict[str, Scalar]:
    before = {name: as_text(value) for name, value in run.parameters.items() if not is_sealed(value)}
    kept = {name: value for name, value in run.parameters.items() if is_sealed(value) and name not in given}
    checked = read(run.definition, {**before, **given})
    if missing := [name for name in checked.missing if name not in kept]:
        raise UserInputError(f"{', '.join(missing)}: must not be empty")
    values = {**checked.values, **kept}
    return {p.name: values[p.name] for p in run.definition.parameters if p.name in values}


def _has_turn(tx: Transaction, means: Means, definition: Definition, slot: str) -> bool:
    limit = definition.concurrency.limit if definition.concurrency else 0
    return has_turn(tx, slot, limit, means.max_runs)


def _fresh_run_id(tx: Transaction, means: Means) -> str:
    while tx.runs.get(candidate := means.ids.short("RUN")) is not None:
        pass
    return candidate
