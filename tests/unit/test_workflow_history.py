"""The fold: what it accepts, and what it calls out of order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import Failure, HistoryError
from core.messages import StepState
from core.workflow import events as ev
from core.workflow.approvals import ApprovalStatus, Verdict
from core.workflow.digests import digest
from core.workflow.history import apply, fold, store
from core.workflow.run import Run, RunStatus
from core.workflow.steps.common import Scalar
from core.workflow.views import views
from tests.fake_records import START
from tests.workflow_world import ALICE, BOB, PLACE, REQUESTER, World

DEFINITION = World().definition
PLAN: dict[str, Scalar] = {"service": "checkout", "environment": "production", "note": "none"}
DIGEST = digest(DEFINITION, PLAN)
DANA = ev.By(REQUESTER.account, "Dana")
A, B = ev.By(ALICE.account, "Alice"), ev.By(BOB.account, "Bob")
FAILURE = Failure("TIMEOUT", "too slow", retryable=True)
ASKED = ev.ApprovalRequested("A1", "gate", DIGEST, "production", ("approver",), 1, START + timedelta(hours=1))

BEGUN: tuple[ev.Event, ...] = (ev.RunStarted("RUN-1", DEFINITION, PLAN, DANA, PLACE, DIGEST),)
CHECKING = (*BEGUN, ev.StepStarted("check", 1, "RUN-1/check/1", "item"))
CHECKED = (*CHECKING, ev.StepCompleted("check"))
WAITING = (*CHECKED, ASKED)
YES = ev.ApprovalDecided("A1", A, Verdict.APPROVE)
NO = ev.ApprovalDecided("A1", B, Verdict.DENY)
QUESTION = ev.ApprovalQuestioned("A1", 1, A, "why?")
ANSWER = ev.ApprovalQuestionAnswered("A1", 1, DANA, "because")
GRANTED = (*WAITING, YES, ev.ApprovalGranted("A1"))
EXPIRED = (*WAITING, ev.ApprovalExpired("A1", "again"))
CANCELLED = (*WAITING, ev.RunCancelled(DANA, "no"))
BACKING_OFF = (*CHECKING, ev.StepFailed("check", FAILURE, START))


def run_of(*events: ev.Event) -> Run:
    return fold(store(None, events, at=START, traceparent="tp"))


@pytest.mark.parametrize(
    ("before", "event", "why"),
    [
        (BEGUN, BEGUN[0], "had started before"),
        (BEGUN, ev.StepStarted("nope", 1, "k", "i"), "no step nope"),
        (BEGUN, ev.StepStarted("gate", 1, "k", "i"), "gate is another type of step"),
        (BEGUN, ev.StepCompleted("check"), "step check was pending"),
        (CHECKED, ev.StepFailed("check", FAILURE), "step check was done"),
        (BEGUN, ev.StepProgressed("check", 0.5), "step check was pending"),
        (CHECKED, ev.StepStarted("check", 1, "k", "i"), "step check was done"),
        (CHECKING, ev.StepSkipped("check"), "step check was running"),
        (WAITING, ev.StepBackoffEnded("gate"), "gate was not to be repeated"),
        (BEGUN, replace(ASKED, step="nope"), "no step nope"),
        (BEGUN, replace(ASKED, step="check"), "check is no approval step"),
        (WAITING, replace(ASKED, approval_id="A2"), "step gate was waiting"),
        (CHECKED, replace(ASKED, digest="other"), "it is for another plan"),
        ((*EXPIRED, ev.ApprovalAskedAgain("A1", DANA)), ASKED, "A1 was asked before"),
        (BEGUN, YES, "there is no A1"),
        (GRANTED, YES, "A1 was granted"),
        (GRANTED, ev.ApprovalExpired("A1"), "A1 was granted"),
        (GRANTED, ev.ApprovalReminded("A1", 1), "A1 was granted"),
        (WAITING, ev.ApprovalGranted("A1"), "A1 had 0/1"),
        (WAITING, ev.ApprovalDenied("A1"), "nobody denied A1"),
        ((*WAITING, YES), ev.ApprovalDenied("A1"), "nobody denied A1"),
        (WAITING, ev.ApprovalAskedAgain("A1", DANA), "A1 was open"),
        (WAITING, replace(QUESTION, number=2), "A1 had 0 questions"),
        (WAITING, ANSWER, "A1 has no open question 1"),
        ((*WAITING, QUESTION, ANSWER), ANSWER, "A1 has no open question 1"),
        (GRANTED, QUESTION, "A1 was granted"),
        (GRANTED, ev.ApprovalDelegated("A1", A, B), "A1 was granted"),
        (
            (*EXPIRED, ev.ApprovalAskedAgain("A1", DANA), replace(ASKED, approval_id="A2")),
            ev.ApprovalAskedAgain("A1", DANA),
            "A1 was asked again before",
        ),
        (BEGUN, ev.PlanChanged(PLAN, "d2", A, ("nope",)), "no step nope"),
        (WAITING, ev.RunCompleted(), "steps were left"),
        (CANCELLED, ev.RunCompleted(), "the run was cancelled before"),
    ],
)
def test_an_event_out_of_order_is_refused(before: Sequence[ev.Event], event: ev.Event, why: str) -> None:
    run = run_of(*before)
    with pytest.raises(HistoryError, match=f"{event.kind} is out of order.*{why}"):
        apply(run, store(run, [event], at=START)[0])


def test_a_history_begins_with_its_start() -> None:
    with pytest.raises(HistoryError, match="the history is empty"):
        fold([])
    with pytest.raises(HistoryError, match=r"begins with run\.completed"):
        run_of(ev.RunCompleted())


def test_a_gap_is_refused() -> None:
    first, second = store(None, CHECKING, at=START)
    with pytest.raises(HistoryError, match="event 3 stands where 2 belongs"):
        fold([first, replace(second, version=3)])


def test_an_unknown_or_unreadable_event_is_refused() -> None:
    first, second = store(None, CHECKING, at=START)
    with pytest.raises(HistoryError, match=r"event 2 is of the unknown kind 'step\.dreamt'"):
        fold([first, replace(second, kind="step.dreamt")])
    with pytest.raises(HistoryError, match=r"event 2 \(step\.started\) is unreadable: .*attempt"):
        fold([first, replace(second, data={**second.data, "attempt": "many"})])


def test_the_start_sets_the_scene() -> None:
    run = run_of(*BEGUN)
    assert (run.id, run.version, run.revision, run.place) == ("RUN-1", 1, 1, PLACE)
    assert (run.status, run.environment, run.traceparent) == (RunStatus.RUNNING, "production", "tp")
    assert {record.state for record in run.steps.values()} == {StepState.PENDING}


def test_a_step_reports_and_completes() -> None:
    run = run_of(*CHECKING, ev.StepProgressed("check", 0.5, "half"), ev.StepProgressed("check", 0.6))
    assert (run.steps["check"].progress, run.steps["check"].text) == (0.6, "half")
    run = run_of(*CHECKING, ev.StepCompleted("check", {"url": "u"}, "ok"))
    step = run.steps["check"]
    assert (step.state, step.outputs, step.text, step.finished_at) == (StepState.DONE, {"url": "u"}, "ok", START)


def test_a_failed_attempt_waits_and_goes_on_with_its_key() -> None:
    waiting = run_of(*BACKING_OFF)
    step = waiting.steps["check"]
    assert (step.state, step.retry_at, waiting.status) == (StepState.WAITING, START, RunStatus.RUNNING)
    ready = run_of(*BACKING_OFF, ev.StepBackoffEnded("check")).steps["check"]
    assert (ready.state, ready.attempt, ready.key) == (StepState.PENDING, 1, "RUN-1/check/1")
    failed = run_of(*CHECKING, ev.StepFailed("check", FAILURE)).steps["check"]
    assert (failed.state, failed.failure) == (StepState.FAILED, FAILURE)


def test_a_grant_closes_the_gate_with_who_and_when() -> None:
    run = run_of(*GRANTED)
    approval = run.approvals["A1"]
    assert (approval.status, approval.closed_by, approval.closed_at) == (ApprovalStatus.GRANTED, A.account, START)
    assert run.steps["gate"].state is StepState.DONE


def test_a_denial_fails_the_gate_and_then_the_run() -> None:
    run = run_of(*WAITING, NO, ev.ApprovalDenied("A1"))
    assert (run.steps["gate"].state, run.approvals["A1"].closed_by_name) == (StepState.FAILED, "Bob")
    ended = run_of(*WAITING, NO, ev.ApprovalDenied("A1"), ev.RunDenied("A1"))
    assert (ended.status, ended.steps["act"].state, ended.finished_at) == (RunStatus.DENIED, StepState.CANCELLED, START)


def test_expired_is_not_denied_and_can_be_asked_again() -> None:
    run = run_of(*EXPIRED)
    approval = run.approvals["A1"]
    assert (run.status, approval.status, approval.again_token) == (RunStatus.EXPIRED, ApprovalStatus.EXPIRED, "again")
    assert (approval.closed_by, approval.closed_by_name) == (None, "")
    again = run_of(*EXPIRED, ev.ApprovalAskedAgain("A1", DANA))
    assert (again.steps["gate"].state, again.approvals["A1"].again_token) == (StepState.PENDING, "")


def test_reminders_and_escalation_are_remembered() -> None:
    run = run_of(*WAITING, ev.ApprovalReminded("A1", 1), ev.ApprovalEscalated("A1", ("admin",)))
    approval = run.approvals["A1"]
    assert (approval.reminders, approval.escalated, approval.eligible) == (1, True, ("approver", "admin"))


def test_questions_answers_and_delegations_are_remembered() -> None:
    run = run_of(*WAITING, QUESTION, replace(QUESTION, number=2, text="how?"), ANSWER, ev.ApprovalDelegated("A1", A, B))
    approval = run.approvals["A1"]
    first, second = approval.questions
    assert (first.text, first.answer, first.answered_by, second.answered_by) == ("why?", "because", DANA, None)
    assert approval.unanswered == (second,)
    assert (approval.delegators({B.account}), approval.delegators({A.account})) == ({A.account}, frozenset())
    assert (run.status, approval.status) == (RunStatus.WAITING, ApprovalStatus.OPEN)
    (view,) = views(run)[1]
    assert view.eligible == ("approver", str(B.account))


def test_what_is_said_for_somebody_counts_once_and_names_both() -> None:
    run = run_of(*WAITING, ev.ApprovalDecided("A1", B, Verdict.APPROVE, "fine", A), ev.ApprovalGranted("A1"))
    approval = run.approvals["A1"]
    assert (approval.given, approval.approvers) == (1, {A.account, B.account})
    assert (approval.decisions[0].on_behalf, approval.decisions[0].comment) == (A, "fine")


def test_a_changed_plan_voids_open_expired_and_granted_requests_alike() -> None:
    changed = ev.PlanChanged({**PLAN, "note": "x"}, "d2", A, ("gate",))
    for before in (WAITING, EXPIRED, GRANTED):
        run = run_of(*before, changed)
        approval = run.approvals["A1"]
        assert (approval.status, approval.closed_by, approval.again_token) == (ApprovalStatus.VOID, A.account, "")
        assert (run.revision, run.digest, run.steps["gate"].state) == (2, "d2", StepState.PENDING)
        assert run.authors == (DANA.account, A.account)


def test_a_change_by_the_requester_adds_no_author_and_spares_what_was_void() -> None:
    changed = ev.PlanChanged({**PLAN, "note": "x"}, "d2", DANA, ("gate",))
    run = run_of(*WAITING, changed, replace(changed, digest="d3"))
    assert run.authors == (DANA.account,)
    assert run.approvals["A1"].status is ApprovalStatus.VOID


def test_cancelling_withdraws_and_stops() -> None:
    run = run_of(*CANCELLED)
    assert (run.status, run.cancelled_by, run.reason) == (RunStatus.CANCELLED, DANA, "no")
    assert run.approvals["A1"].status is ApprovalStatus.CANCELLED
    assert [record.state.value for record in run.steps.values()] == ["done", "cancelled", "cancelled"]
    expired = run_of(*EXPIRED, ev.RunCancelled(DANA))
    assert (expired.approvals["A1"].status, expired.approvals["A1"].again_token) == (ApprovalStatus.EXPIRED, "")


def test_a_failed_and_a_completed_run_have_ended() -> None:
    failed = run_of(*CHECKING, ev.StepFailed("check", FAILURE), ev.RunFailed(FAILURE, "check"))
    assert (failed.status, failed.failure) == (RunStatus.FAILED, FAILURE)
    acted = (ev.StepStarted("act", 1, "k", "i"), ev.StepCompleted("act"), ev.RunCompleted())
    assert run_of(*CHECKED, ev.StepSkipped("gate"), *acted).status is RunStatus.COMPLETED


def test_the_read_models_say_what_the_run_says() -> None:
    run_view, approval_views = views(run_of(*GRANTED))
    assert (run_view.status, run_view.workflow_version, run_view.parameters) == ("running", "1.0.0", PLAN)
    assert [(view.status, view.given, view.needed) for view in approval_views] == [("granted", 1, 1)]


def test_every_kind_of_event_survives_storing() -> None:
    samples = [*GRANTED, *EXPIRED, *CANCELLED, *BACKING_OFF, NO, ev.StepSkipped("gate"), ev.StepBackoffEnded("check")]
    samples += [ev.StepProgressed("check", None, "x"), ev.ApprovalReminded("A1", 2), ev.ApprovalEscalated("A1", ("r",))]
    samples += [ev.ApprovalDenied("A1"), ev.ApprovalAskedAgain("A1", A), ev.PlanChanged({"n": 1.5}, "d", A, ("gate",))]
    samples += [ev.RunCompleted(), ev.RunDenied("A1"), ev.RunFailed(FAILURE), ev.RunTimedOut(), ev.RunRolledBack()]
    samples += [ev.RunAdmitted(), ev.RunPaused(A, "lunch"), ev.RunResumed(A), ev.RunReopened(A, ("check",), ("act",))]
    samples += [ev.RollbackStarted(("act",), ev.RollbackCause.CANCELLED, A, "no"), ev.BlockStarted("each", ("a", 2))]
    samples += [ev.StepPostponed("check", START, "not yet"), ev.StepInterrupted("act", "who knows", "t")]
    samples += [ev.StepAnswered("act", ev.Answer.SKIP, A), ev.ConditionEvaluated("c", result=True)]
    samples += [ev.ApprovalDelegated("A1", A, B), ev.ApprovalDecided("A1", B, Verdict.APPROVE, "ok", A)]
    samples += [ev.ApprovalQuestioned("A1", 1, A, "why?"), ev.ApprovalQuestionAnswered("A1", 1, DANA, "because")]
    samples += [
        replace(ASKED, people=("@dana",), groups=("slack:T1/role:S1",), reason_needed=True, quiet_hours="22:00-07:00")
    ]
    samples += [ev.WaitStarted("w", START, "alert.fired"), ev.WaitEnded("w", {"name": "x"}, "x fired")]
    assert {event.kind for event in samples} == ev.KINDS
    assert [ev.decode(stored) for stored in store(None, samples, at=START)] == samples
