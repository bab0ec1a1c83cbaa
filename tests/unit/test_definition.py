"""Definitions: what is read, and every fault with its line and reason."""

import pytest

from core.errors import DefinitionError
from core.tools import Risk, Toolbox
from core.workflow.definition import Definition, ParameterType
from core.workflow.reading import parse
from core.workflow.rounds import rounds
from core.workflow.steps.action import ActionStep, Retry
from core.workflow.steps.approval import ApprovalStep, Quorum
from core.workflow.steps.blocks import LoopStep
from core.workflow.steps.common import Constant, OutputRef, ParameterRef, When
from tests.workflow_world import World

TOOLS: Toolbox = World().tools
HEAD = "name: w\nversion: 1.0.0\ntitle: W\n"

FULL = """
name: full
version: 2.1.0-rc.1
title: Everything
description: All there is.
roles: [release, admin]
parameters:
  host: {required: true, pattern: "[a-z]+", description: which host}
  count: {type: number, default: 3}
  force: {type: boolean, default: false, secret: true}
  size: {type: choice, choices: [small, large], default: small}
steps:
  - id: look
    type: action
    title: Look
    tool: test.check
    with: {service: "on ${{ parameters.host }} x${{ parameters.count }}"}
    retries: {count: 4, backoff: 1m30s}
    time_limit: 2h
  - id: gate
    type: approval
    title: Gate
    roles: approver
    needed: 2
    environments:
      production: {roles: [lead], needed: 3}
    expires_after: 2d
    escalate_to: [admin]
    escalate_after: 1d
    self_approval: true
    channel: changes
    when: {parameter: size, in: [large]}
  - id: act
    type: action
    tool: test.act
    needs: [gate]
    with: {service: "${{ steps.look.outputs.url }}"}
  - {id: aside, type: action, tool: test.act, needs: [], with: {service: fixed}}
"""


def read(text: str) -> Definition:
    return parse(text, "w.yaml", TOOLS)


def faults(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        read(text)
    assert {problem.file for problem in caught.value.problems} == {"w.yaml"}
    return [f"{problem.line}: {problem.reason}" for problem in caught.value.problems]


def steps(*lines: str) -> str:
    return (
        HEAD
        + "parameters:\n  p: {}\n  q: {default: x}\n  n: {type: number, default: 1}\nsteps:\n"
        + "\n".join(lines)
        + "\n"
    )


def action(id_: str, more: str = "", value: str = "x") -> str:
    return f"  - {{id: {id_}, type: action, tool: test.check, with: {{service: {value}}}{more}}}"


def test_the_head_and_parameters_are_read() -> None:
    definition = read(FULL)
    assert (definition.name, definition.version, definition.title) == ("full", "2.1.0-rc.1", "Everything")
    assert (definition.roles, definition.risk) == (("release", "admin"), Risk.WRITE)
    host, count, force, size = definition.parameters
    assert (host.required, host.pattern, host.type) == (True, "[a-z]+", ParameterType.STRING)
    assert (count.default, force.default, force.secret) == (3, False, True)
    assert (size.choices, size.default) == (("small", "large"), "small")


def test_an_action_is_read() -> None:
    step = read(FULL).step("look")
    assert isinstance(step, ActionStep)
    parts = (Constant("on "), ParameterRef("host"), Constant(" x"), ParameterRef("count"))
    assert step.inputs == {"service": parts}
    assert (step.retry, step.time_limit_seconds, step.risk) == (Retry(4, 90.0), 7200.0, Risk.READ)


def test_an_approval_is_read() -> None:
    step = read(FULL).step("gate")
    assert isinstance(step, ApprovalStep)
    assert (step.quorum, step.quorum_for("production")) == (Quorum(("approver",), 2), Quorum(("lead",), 3))
    assert (step.expires_after_seconds, step.escalate_after_seconds) == (172800.0, 86400.0)
    assert (step.escalate_to, step.self_approval, step.channel) == (("admin",), True, "changes")
    assert step.when == When("size", ("large",))


def test_who_decides_is_read_by_people_and_groups_too() -> None:
    line = "people: ['@Dana', 'slack:T1/U1'], groups: ['slack:T1/group:S1', 'discord:9/role:8']"
    step = read(steps(f"  - {{id: g, type: approval, {line}, deny_reason: required, quiet_hours: none}}")).step("g")
    assert isinstance(step, ApprovalStep)
    assert step.quorum == Quorum(people=("@dana", "slack:T1/U1"), groups=("slack:T1/role:S1", "discord:9/role:8"))
    assert (step.deny_reason, step.quiet_hours) == (True, "")


def test_gates_are_kept_apart_by_their_ids_wherever_they_stand() -> None:
    gate = "- {id: GATE, type: approval, roles: [r]"
    lines = [f"  {gate.replace('GATE', 'first')}, not_by: [second]}}", f"  {gate.replace('GATE', 'second')}}}"]
    lines += ["  - id: each", "    type: loop", "    over: [a, b]", "    steps:"]
    lines += [
        f"      {gate.replace('GATE', 'one')}, not_by: [first]}}",
        f"      {gate.replace('GATE', 'two')}, not_by: [one]}}",
    ]
    definition = read(steps(*lines))
    kept = {step.id: step.not_by for step in definition.steps if isinstance(step, ApprovalStep)}
    assert kept == {"first": ("second",), "second": (), "each.one": ("first",), "each.two": ("each.one",)}
    loop = definition.step("each")
    assert isinstance(loop, LoopStep)
    placed = rounds(definition, loop, ["a", "b"])
    assert {id_: step.not_by for id_, step in placed.items() if isinstance(step, ApprovalStep)} == {
        "each.1.one": ("first",),
        "each.1.two": ("each.1.one",),
        "each.2.one": ("first",),
        "each.2.two": ("each.2.one",),
    }


def test_an_approval_escalates_at_three_quarters_unless_told() -> None:
    step = read(steps("  - {id: g, type: approval, roles: [r], expires_after: 100s}")).step("g")
    assert isinstance(step, ApprovalStep)
    assert step.escalate_after_seconds == 75.0


def test_a_step_needs_the_one_before_unless_it_says_otherwise() -> None:
    definition = read(FULL)
    assert [definition.step(id_).needs for id_ in ("look", "gate", "act", "aside")] == [(), ("look",), ("gate",), ()]


def test_an_output_may_be_used_further_down() -> None:
    step = read(FULL).step("act")
    assert isinstance(step, ActionStep)
    assert step.inputs["service"] == (OutputRef("look", "url"),)


def test_steps_come_after_those_they_need() -> None:
    definition = read(steps(action("b", ", needs: [a]"), action("a", ", needs: []")))
    assert [step.id for step in definition.steps] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1: a workflow is a mapping: name, version, title, steps, ..."),
        ("- a", "1: a workflow is a mapping: name, version, title, steps, ..."),
        (f"{HEAD}steps: [", "4: not YAML: expected the node content, but found '<stream end>'"),
        (f"{HEAD}steps: {{a: b", "4: not YAML: expected ',' or '}', but got '<stream end>'"),
        ("name: w\n\ntitle: \x00", "3: not YAML: special characters are not allowed"),
        ("a: 1\n---\nb: 2", "2: not YAML: but found another document"),
        ("a: &x 1\nb: *x", "2: aliases (*) are not allowed"),
        ("a: " + "[" * 50, "1: nested too deeply"),
        ("a: " + "x" * 70000, "1: the file is larger than 64 KiB"),
    ],
)
def test_what_is_no_yaml_of_ours_is_refused(text: str, fault: str) -> None:
    assert faults(text) == [fault]


def test_every_fault_of_a_file_is_told_at_once() -> None:
    text = "nmae: w\nversion: 1.x\ntitle: [a]\ntitle: T\nsteps:\n  - {id: a, type: acton}\n  - text\n"
    assert faults(text) == [
        "1: workflow: name is missing",
        "1: workflow: unknown key nmae; did you mean name?",
        "2: workflow: version '1.x' does not match "
        + r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?",
        "3: workflow: title must be a text",
        "4: workflow: the key title is there twice",
        "6: step a: type 'acton' is none of action, approval, condition, wait, parallel, loop, workflow; did you mean action?",
        "7: workflow: each of steps is a mapping",
    ]


@pytest.mark.parametrize(
    ("parameter", "fault"),
    [
        ("p: 3", "parameters: p must be a mapping"),
        ("P: {}", "parameters: P is no name ([a-z][a-z0-9_-]{0,39})"),
        ("? [a]\n  : {}", "parameters: keys are plain words"),
        ("p: {type: date}", "parameters: p: type 'date' is none of string, number, boolean, choice, duration, secret"),
        ("p: {type: choice}", "parameters: p: choices is missing"),
        ("p: {type: choice, choices: []}", "parameters: p: choices must not be empty"),
        ("p: {choices: [a]}", "parameters: p: choices belong to the type choice"),
        ("p: {type: choice, choices: [{}]}", "parameters: p: choices must be a list of texts"),
        (
            "p: {pattern: '('}",
            "parameters: p: pattern is no regular expression: missing ), unterminated subpattern at position 0",
        ),
        ("p: {required: maybe}", "parameters: p: required must be true or false"),
        ("p: {type: number, default: x}", "parameters: p: default does not fit: 'x' is not a number"),
        ("p: {default: 3}", "parameters: p: default must be a string; write it in quotes"),
        ("p: {type: number, default: '3'}", "parameters: p: default must be a number; write it without quotes"),
        ("p: {default: [a]}", "parameters: p: default must be a single value"),
        (
            "p: {type: secret, default: hunter2}",
            'parameters: p: default must be left out or "": a secret in a file stands in every history',
        ),
        ("p: {type: number, default: .inf}", "parameters: p: default is no number that can be used"),
        (f"p: {{type: number, default: {'9' * 5000}}}", "parameters: p: default is no number that can be used"),
        ("p: {descripton: x}", "parameters: p: unknown key descripton; did you mean description?"),
    ],
)
def test_a_faulty_parameter_is_told(parameter: str, fault: str) -> None:
    told = faults(f"{HEAD}parameters:\n  {parameter}\nsteps:\n{action('a')}\n")
    assert any(line.endswith(f": {fault}") for line in told), told


def test_parameters_are_a_mapping() -> None:
    assert faults(f"{HEAD}parameters: 3\nsteps:\n{action('a')}") == ["4: workflow: parameters must be a mapping"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("  - {type: action}", "step: id is missing"),
        ("  - {id: a}", "step a: type is missing"),
        (action("a", ", needs: [b]"), "step a: needs an unknown step b"),
        (action("a", ", time_limit: 30"), "step a: time_limit '30' is no duration such as 90s, 30m, 24h or 2d (a year at most)"),
        (action("a", ", time_limit: 999d"), "step a: time_limit '999d' is no duration such as 90s, 30m, 24h or 2d (a year at most)"),
        (action("a", ", retries: {count: 99}"), "step a: retries: count must be a whole number from 0 to 20"),
        (action("a", ", retries: {cuont: 1}"), "step a: retries: unknown key cuont; did you mean count?"),
        (action("a", ", when: {parameter: r, in: [a]}"), "step a: when: parameter r is unknown"),
        ("  - {id: a, type: action, tool: test.chek}", "step a: tool test.chek is unknown; did you mean test.check?"),
        ("  - {id: a, type: action, tool: test.chek, with: {x: y}}", "step a: tool test.chek is unknown; did you mean test.check?"),
        ("  - {id: a, type: action}", "step a: tool is missing"),
        ("  - {id: a, type: action, tool: test.check}", "step a: with lacks service of test.check"),
        ("  - {id: a, type: action, tool: test.check, with: {servce: x}}", "step a: with: servce is no input of test.check; did you mean service?"),
        (action("a", value="3"), "step a: with: service must be a string, and this is a number"),
        (action("a", value="true"), "step a: with: service must be a string, and this is a boolean"),
        (action("a", value="'${{ parameters.n }}'"), "step a: with: service must be a string, and this is a number"),
        (action("a", value="'${{ parameters.z }}'"), "step a: with: service unknown parameter z"),
        (action("a", value="'${{ parameters.p }}'"), "step a: with: service parameter p may be absent: make it required or give it a default"),
        (action("a", value="'${{ 1 + 1 }}'"), "step a: with: service '1 + 1' is neither parameters.NAME nor steps.STEP.outputs.NAME"),
        (action("a", value="'${{ parameters.q'"), "step a: with: service has a ${{ without its }}"),
        (action("a", value="'${{ steps.b.outputs.url }}'"), "step a: with: service step b is not among the steps that this one needs"),
        ("  - {id: a, type: approval}", "step a: roles is missing: say who decides with roles, people or groups"),
        ("  - {id: a, type: approval, people: [dana]}", "step a: people: 'dana' is neither an account, platform:workspace/ID, nor @NAME of the roles file"),
        ("  - {id: a, type: approval, groups: ['slack:T1/S1']}", "step a: groups: 'slack:T1/S1' is neither slack:TEAM/group:ID nor discord:SERVER/role:ID"),
        ("  - {id: a, type: approval, people: ['@dana'], needed: 2}", "step a: needed is more than the 1 people who may decide"),
        ("  - {id: a, type: approval, roles: [r], deny_reason: yes please}", "step a: deny_reason 'yes please' is neither required nor optional"),
        ("  - {id: a, type: approval, roles: [r], quiet_hours: at night}", "step a: quiet_hours 'at night' is neither none nor such as 22:00-07:00 Europe/Berlin"),
        ("  - {id: a, type: approval, roles: [r], not_by: [a]}", "step a: not_by a is no other approval step"),
        ("  - {id: a, type: approval, roles: [r], needed: 0}", "step a: needed must be a whole number from 1 to 20"),
        ("  - {id: a, type: approval, roles: [r], expires_after: 1h, escalate_after: 2h}", "step a: escalate_after must be shorter than expires_after"),
        ("  - {id: a, type: approval, roles: [r], environments: {x: {roles: [r], need: 1}}}", "step a: environments: x: unknown key need; did you mean needed?"),
    ],
)  # fmt: skip
def test_a_faulty_step_is_told(line: str, fault: str) -> None:
    told = faults(steps(line))
    assert f"9: {fault}" in told, told


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        (action("a"), "10: step a: id is there twice"),
        (action("b", value="'${{ steps.a.outputs.urll }}'"), "10: step b: with: service step a gives no output urll; did you mean url?"),
        (action("b", ", needs: []", "'${{ steps.a.outputs.url }}'"), "10: step b: with: service step a is not among the steps that this one needs"),
    ],
)  # fmt: skip
def test_a_faulty_second_step_is_told(second: str, fault: str) -> None:
    assert fault in faults(steps(action("a"), second))


def test_an_approval_has_no_outputs() -> None:
    gate = "  - {id: g, type: approval, roles: [r]}"
    told = faults(steps(gate, action("b", value="'${{ steps.g.outputs.url }}'")))
    assert told == ["10: step b: with: service step g has no outputs"]


def test_outputs_of_a_step_that_may_be_skipped_are_only_for_steps_under_the_same_condition() -> None:
    when = ", when: {parameter: q, in: [x]}"
    told = faults(steps(action("a", when), action("b", value="'${{ steps.a.outputs.url }}'")))
    assert told == ["10: step b: with: service step a may be skipped, and then has no outputs"]
    assert read(steps(action("a", when), action("b", when, "'${{ steps.a.outputs.url }}'"))).steps


def test_a_circle_is_named_by_its_path() -> None:
    told = faults(steps(action("a", ", needs: [c]"), action("b", ", needs: [a]"), action("c", ", needs: [b]")))
    assert told == ["9: step a: needs go in a circle: a → c → b → a"]


def test_a_condition_on_a_value_that_cannot_be_is_told() -> None:
    text = FULL.replace("in: [large]", "in: [huge]")
    assert [line.split(": ", 1)[1] for line in faults(text)] == [
        "step gate: when: in has values that size cannot take: small, large"
    ]


def test_there_is_a_limit_to_the_number_of_steps() -> None:
    assert faults(steps(*(action(f"s{n}") for n in range(501)))) == [
        "9: workflow: steps are more than 500, sub-workflows included"
    ]


def test_steps_are_needed() -> None:
    assert faults(HEAD) == ["1: workflow: steps is missing"]
    assert faults(f"{HEAD}steps: []") == ["4: workflow: steps must be a list of mappings"]
