"""What a run needs next, and what a change makes it do anew."""

from dataclasses import replace

import pytest

from core.errors import Failure, UpstreamProtocolError
from core.messages import StepState
from core.tools import Risk
from core.workflow import events as ev
from core.workflow.definition import Definition
from core.workflow.engine import CompleteRun, DenyRun, ExecuteStep, FailRun, RequestApproval, SkipStep, decide
from core.workflow.history import fold, store
from core.workflow.plan_change import redo
from core.workflow.run import Run, RunStatus
from core.workflow.steps.action import ActionStep, Retry
from core.workflow.steps.approval import ApprovalStep, Quorum
from core.workflow.steps.common import Constant, OutputRef, ParameterRef, Scalar, When
from core.workflow.values import inputs
from tests.fake_records import START
from tests.workflow_world import REQUESTER

FAILURE = Failure("TIMEOUT", "too slow")
LOOK = ActionStep(id="look", title="Look", tool="t.look", risk=Risk.READ, inputs={"who": (ParameterRef("who"),)})
GATE = ApprovalStep(id="gate", title="Gate", quorum=Quorum(("r",)), needs=("look",), when=When("env", ("prod",)))
ACT = ActionStep(
    id="act",
    title="Act",
    tool="t.act",
    risk=Risk.WRITE,
    inputs={"url": (Constant("see "), OutputRef("look", "url"))},
    needs=("gate",),
)
SIDE = ActionStep(id="side", title="Side", tool="t.act", risk=Risk.WRITE)
DEFINITION = Definition("w", "1.0.0", "W", (LOOK, GATE, ACT, SIDE))


def run_in(definition: Definition = DEFINITION, env: str = "prod", **states: StepState) -> Run:
    """A run whose steps stand as told."""
    parameters: dict[str, Scalar] = {"env": env, "who": "x"}
    started = ev.RunStarted("RUN-1", definition, parameters, ev.By(REQUESTER.account, "Dana"), None, "d")
    run = fold(store(None, [started], at=START))
    steps = {id_: replace(record, state=states.get(id_, StepState.PENDING)) for id_, record in run.steps.items()}
    return replace(run, steps=steps)


def failed(run: Run, step: str, failure: Failure | None) -> Run:
    record = replace(run.steps[step], state=StepState.FAILED, failure=failure, approval="A1")
    return replace(run, steps={**run.steps, step: record})


def test_independent_steps_begin_together() -> None:
    assert decide(run_in()) == (ExecuteStep(LOOK, 1, "RUN-1/look/1"), ExecuteStep(SIDE, 1, "RUN-1/side/1"))


def test_a_gate_holds_up_only_what_needs_it() -> None:
    asked = run_in(look=StepState.DONE, side=StepState.DONE)
    assert decide(asked) == (RequestApproval(GATE),)
    assert decide(run_in(look=StepState.DONE, gate=StepState.WAITING)) == (ExecuteStep(SIDE, 1, "RUN-1/side/1"),)
    assert decide(run_in(look=StepState.DONE, gate=StepState.WAITING, side=StepState.RUNNING)) == ()


def test_a_step_whose_condition_does_not_hold_is_skipped() -> None:
    run = run_in(env="test", look=StepState.DONE, side=StepState.DONE)
    assert decide(run) == (SkipStep("gate"),)


def test_what_needs_a_skipped_step_goes_on() -> None:
    run = run_in(look=StepState.DONE, gate=StepState.SKIPPED, side=StepState.DONE)
    assert decide(run) == (ExecuteStep(ACT, 1, "RUN-1/act/1"),)


def test_a_run_whose_steps_are_all_passed_is_complete() -> None:
    done = StepState.DONE
    assert decide(run_in(gate=StepState.SKIPPED, look=done, act=done, side=done)) == (CompleteRun(),)


def test_after_the_end_nothing_is_to_do() -> None:
    assert decide(replace(run_in(), ended=RunStatus.CANCELLED)) == ()


def test_a_failed_step_ends_the_run_once_the_calls_under_way_are_over() -> None:
    run = failed(run_in(side=StepState.RUNNING), "look", FAILURE)
    assert decide(run) == ()
    assert decide(failed(run_in(side=StepState.DONE), "look", FAILURE)) == (FailRun("look", FAILURE),)


def test_a_denied_gate_denies_the_run() -> None:
    assert decide(failed(run_in(look=StepState.DONE), "gate", None)) == (DenyRun("A1"),)


def test_another_attempt_keeps_its_key_even_after_the_plan_changed() -> None:
    run = run_in(side=StepState.DONE)
    record = replace(run.steps["look"], attempt=1, key="RUN-1/look/1")
    again = replace(run, revision=2, steps={**run.steps, "look": record})
    assert decide(again) == (ExecuteStep(LOOK, 2, "RUN-1/look/1"),)


def test_inputs_come_from_parameters_and_outputs() -> None:
    run = run_in()
    record = replace(run.steps["look"], outputs={"url": 7})
    run = replace(run, steps={**run.steps, "look": record})
    assert inputs(run, LOOK, LOOK.inputs) == {"who": "x"}
    assert inputs(run, ACT, ACT.inputs) == {"url": "see 7"}


def test_an_output_that_was_not_given_is_the_other_tools_fault() -> None:
    with pytest.raises(UpstreamProtocolError, match="Step look gave no output url"):
        inputs(run_in(), ACT, ACT.inputs)


def test_a_change_redoes_what_reads_the_parameter_and_all_that_needs_it() -> None:
    run = run_in()
    assert redo(run, {**run.parameters, "who": "y"}) == ("look", "gate", "act")


def test_a_change_always_redoes_the_gates() -> None:
    run = run_in()
    assert redo(run, {**run.parameters, "other": "y"}) == ("gate", "act")


def test_a_changed_condition_concerns_its_step() -> None:
    definition = replace(DEFINITION, steps=(LOOK, replace(SIDE, when=When("env", ("prod",)))))
    run = run_in(definition)
    assert redo(run, {**run.parameters, "env": "test"}) == ("side",)


@pytest.mark.parametrize(("step", "possible"), [("side", True), ("act", False)])
def test_what_has_acted_behind_the_gate_cannot_be_changed(step: str, possible: bool) -> None:
    run = run_in()
    record = replace(run.steps[step], attempt=1, state=StepState.RUNNING)
    run = replace(run, steps={**run.steps, step: record})
    assert (redo(run, {**run.parameters, "who": "y"}) is not None) is possible


def test_backoff_doubles_up_to_five_minutes() -> None:
    retry = Retry(9, 10)
    assert [retry.delay_after(attempt) for attempt in (1, 2, 3, 9)] == [10, 20, 40, 300]


def test_an_environment_may_ask_for_more_people() -> None:
    gate = replace(GATE, environments={"prod": Quorum(("lead",), 2)})
    assert (gate.quorum_for("prod"), gate.quorum_for("test")) == (Quorum(("lead",), 2), Quorum(("r",)))


def test_a_definition_knows_its_steps() -> None:
    run = run_in()
    assert (DEFINITION.step("gate"), run.action("act")) == (GATE, ACT)
    with pytest.raises(KeyError):
        DEFINITION.step("nope")
    with pytest.raises(KeyError):
        run.action("gate")
