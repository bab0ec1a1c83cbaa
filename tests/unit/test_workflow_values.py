"""What expressions, references and waits come to, and how each fault of them is told."""

from datetime import UTC, datetime

import pytest

from core.errors import UserInputError
from core.workflow.definition import Definition
from core.workflow.expressions import ANYTHING, ExpressionError, check, holds
from core.workflow.reading import parse
from core.workflow.rounds import pattern_of, split
from core.workflow.run import Run, RunStatus
from core.workflow.steps.common import Expression, Scalar
from core.workflow.values import evaluate, matches, outputs_hold, scopes
from core.workflow.waiting import moment
from tests.workflow_world import World

HEAD = "name: w\nversion: 1.0.0\ntitle: W\n"

# --- expressions -----------------------------------------------------------------------------------------

NAMES = {"parameters.env": "string", "parameters.count": "number", "parameters.hard": "boolean", "event.any": ANYTHING}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("parameters.evn == 'a'", "parameters.evn is unknown (character 11)"),
        ("parameters.count > 2", "> does not go with double, int (character 18); write numbers with a point: 2.0"),
        ("parameters.env > 2.0", "> does not go with string, double (character 16)"),
        ("parameters.hard &&", "it ends too early (character 19)"),
        ("parameters.hard = true", "'=' does not belong there (character 17)"),
        ("parameters.env", "must be true or false, and this is a string"),
        ("parameters.env.size()", "must be true or false, and this is a int"),
        ("nothing()", "nothing is unknown (character 8)"),
        ("true" + " || true" * 200, "is longer than 1000 characters"),
    ],
)
def test_each_kind_of_faulty_expression_has_its_message(text: str, fault: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        check(text, NAMES)
    assert caught.value.message.startswith(fault)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("parameters.env == 'a'", {"parameters.env": "a"}, True),
        ("parameters.count >= 2.0", {"parameters.count": 2}, True),
        ("parameters.hard && parameters.count < 1.5", {"parameters.hard": True, "parameters.count": 2.5}, False),
        ("event.any == 'x'", {"event.any": "x"}, True),
        ("event.any > 3.0", {"event.any": 4}, True),
    ],
)
def test_a_condition_has_the_value_of_what_it_names(text: str, values: dict[str, object], expected: bool) -> None:
    check(text, NAMES)
    assert holds(text, NAMES, values) is expected


@pytest.mark.parametrize(
    ("text", "values"),
    [("parameters.hard", {}), ("event.any > 3.0", {"event.any": "text"}), ("1.0 / 0.0 > parameters.count", {})],
)
def test_a_condition_without_a_value_says_so(text: str, values: dict[str, object]) -> None:
    with pytest.raises(ExpressionError, match="has no value: "):
        holds(text, NAMES, values)


def test_names_with_hyphens_are_written_with_underscores() -> None:
    assert evaluate(Expression("outputs.a_b == 'x'"), {"outputs.a_b": "x"})
    assert outputs_hold(Expression("outputs.up_since > 3.0"), {"up-since": 4})
    assert matches(Expression('event.pull_request == "main"'), {"pull-request": "main"})


def test_an_event_without_a_field_that_is_asked_for_is_none_that_is_meant() -> None:
    assert not matches(Expression('event.branch == "main"'), {"brnach": "main"})


@pytest.mark.parametrize(
    ("id_", "expected"),
    [("a", [""]), ("l.a", ["l.", ""]), ("l.2.m.1.a", ["l.2.m.1.", "l.2.m.", "l.2.", "l.", ""])],
)
def test_a_step_looks_for_names_from_the_inside_out(id_: str, expected: list[str]) -> None:
    assert scopes(id_) == expected


# --- rounds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "items"),
    [
        ([], ()),
        (["a"], ("a",)),
        (["a, b", "c"], ("a", "b", "c")),
        (["a\nb\n"], ("a", "b")),
        ([" , ,"], ()),
        ([1, True, 2.5], (1, True, 2.5)),
    ],
)
def test_a_text_with_commas_or_lines_is_several_items(values: list[Scalar], items: tuple[Scalar, ...]) -> None:
    assert split(values) == items


@pytest.mark.parametrize(("id_", "pattern"), [("a", "a"), ("l.3.a", "l.a"), ("l.3.m.10.a", "l.m.a"), ("l.3.m", "l.m")])
def test_a_step_of_a_round_is_made_from_a_pattern(id_: str, pattern: str) -> None:
    assert pattern_of(id_) == pattern


async def run_of(world: World, text: str, library: dict[str, str] | None = None) -> Run:
    definition: Definition = parse(text, "w.yaml", world.tools, library)
    run = world.start(definition)
    await world.work()
    return world.run(run)


def called(world: World) -> list[Scalar]:
    return [parameters["service"] for _, parameters, _ in world.calls]


async def test_rounds_within_rounds_refer_to_their_own_and_to_those_around_them() -> None:
    world = World()
    run = await run_of(
        world,
        f"""{HEAD}
steps:
  - id: zones
    type: loop
    over: [north, south]
    steps:
      - {{id: look, type: action, tool: test.check, with: {{service: "look ${{{{ item }}}}"}}}}
      - id: hosts
        type: loop
        over: ["1, 2"]
        steps:
          - {{id: drain, type: action, tool: test.act, with: {{service: "${{{{ steps.look.outputs.url }}}} ${{{{ item }}}}"}}}}
          - {{id: back, type: action, tool: test.act, when: item == "2" && steps.drain.state == "done", with: {{service: "back ${{{{ item }}}}"}}}}
""",
    )
    assert run.status is RunStatus.COMPLETED
    one_zone = ["http://x 1", "http://x 2", "back 2"]
    assert called(world) == ["look north", *one_zone, "look south", *one_zone]
    assert run.nodes["zones.2.hosts.1.back"].needs == ("zones.2.hosts.1.drain",)


CHILD = """
name: child
version: 1.0.0
title: Child
parameters: {zone: {required: true}}
steps:
  - {id: look, type: action, tool: test.check, with: {service: "look ${{ parameters.zone }}"}}
  - id: hosts
    type: loop
    over: [a, b]
    steps:
      - id: drain
        type: action
        tool: test.act
        when: parameters.zone != "south" || item == "b"
        with: {service: "${{ parameters.zone }} ${{ item }}"}
        compensate: {tool: test.act, with: {service: "undo ${{ parameters.zone }} ${{ item }}"}}
"""


async def test_an_item_handed_into_a_sub_workflow_stays_that_item_within_its_loops() -> None:
    world = World()
    run = await run_of(
        world,
        f"""{HEAD}
on_failure: compensate
steps:
  - id: zones
    type: loop
    over: [north, south]
    steps: [{{id: sub, type: workflow, workflow: child, with: {{zone: "${{{{ item }}}}"}}}}]
  - {{id: gate, type: approval, roles: [approver]}}
""",
        {"child": CHILD},
    )
    assert called(world) == ["look north", "north a", "north b", "look south", "south b"]
    world.cancel(run)
    await world.work()
    assert world.run(run).status is RunStatus.ROLLED_BACK
    assert called(world)[5:] == ["undo south b", "undo north b", "undo north a"]


# --- waits -----------------------------------------------------------------------------------------------


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "now", "expected"),
    [
        ("22:00", "UTC", "2026-03-02T09:00", "2026-03-02T22:00"),
        ("09:00", "UTC", "2026-03-02T09:00", "2026-03-03T09:00"),
        ("9:05", "UTC", "2026-03-02T09:00", "2026-03-02T09:05"),
        ("22:00", "Europe/Berlin", "2026-03-02T09:00", "2026-03-02T21:00"),
        ("22:00", "Asia/Kolkata", "2026-03-02T20:00", "2026-03-03T16:30"),
        # Clocks go forward at 2:00 on 29 March, back at 3:00 on 25 October.
        ("22:00", "Europe/Berlin", "2026-03-28T22:00", "2026-03-29T20:00"),
        ("22:00", "Europe/Berlin", "2026-10-24T21:00", "2026-10-25T21:00"),
        ("02:30", "Europe/Berlin", "2026-03-28T22:00", "2026-03-29T01:30"),
        ("02:30", "Europe/Berlin", "2026-10-25T00:45", "2026-10-25T01:30"),
        ("2026-03-05T22:00", "Europe/Berlin", "2026-03-02T09:00", "2026-03-05T21:00"),
        ("2026-07-05T22:00", "Europe/Berlin", "2026-03-02T09:00", "2026-07-05T20:00"),
        (" 2026-03-05T22:00+05:00 ", "Europe/Berlin", "2026-03-02T09:00", "2026-03-05T17:00"),
        ("2020-01-01", "UTC", "2026-03-02T09:00", "2020-01-01T00:00"),
    ],
)
def test_a_wait_ends_at_a_moment(text: str, zone: str, now: str, expected: str) -> None:
    assert moment(text, zone, at(now)).astimezone(UTC) == at(expected)


@pytest.mark.parametrize("text", ["", "tomorrow", "24:00", "12:60", "2026-13-01", "22:00:00 or so"])
def test_what_is_no_time_to_wait_for_is_told(text: str) -> None:
    with pytest.raises(UserInputError, match="is no time to wait for"):
        moment(text, "UTC", at("2026-03-02T09:00"))
