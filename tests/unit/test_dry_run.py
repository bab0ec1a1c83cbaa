"""What a dry run foresees: what happens, what is skipped, and what is decided only under way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.messages import StepState
from core.planning.policy import Verdict
from core.workflow.dry_run import DryRun, Foreseen, Outlook, foresee
from core.workflow.parameters import read
from core.workflow.reading import parse
from core.workflow.rounds import pattern_of
from core.workflow.run import RunStatus
from tests.workflow_world import World

HEAD = """
name: w
version: 1.0.0
title: W
parameters:
  service: {required: true}
  environment: {type: choice, choices: [production, staging], default: staging}
  hosts: {default: "h1, h2"}
  hard: {type: boolean, default: false}
  soak: {type: duration, default: 1h30m}
  note: {default: none}
  token: {type: secret, required: true}
steps:
"""


def foreseen(steps: str, **said: str) -> DryRun:
    definition = parse(HEAD + steps, "w.yaml", World().tools)
    return foresee(definition, read(definition, said).values)


def by_id(dry: DryRun) -> dict[str, Foreseen]:
    return {one.step.id: one for one in dry.steps}


def outlooks(dry: DryRun) -> dict[str, str]:
    return {id_: one.outlook.value for id_, one in by_id(dry).items()}


def act(id_: str, more: str = "", service: str = "x") -> str:
    return f'  - {{id: {id_}, type: action, tool: test.act, with: {{service: "{service}"}}{more}}}\n'


@pytest.mark.parametrize(
    ("when", "outlook"),
    [
        ("{parameter: environment, in: [staging]}", Outlook.HAPPENS),
        ("{parameter: environment, in: [production]}", Outlook.SKIPPED),
        ("parameters.hard", Outlook.SKIPPED),
        ("'!parameters.hard'", Outlook.HAPPENS),
        ('steps.first.outputs.url == "x"', Outlook.OPEN),
        ('parameters.service == "checkout"', Outlook.OPEN),
        ("int(parameters.note) > 3", Outlook.FAILS),
        ("{parameter: service, in: [checkout]}", Outlook.OPEN),
        ("{parameter: note, in: [now]}", Outlook.SKIPPED),
    ],
)
def test_a_condition_is_judged_as_far_as_it_can_be(when: str, outlook: Outlook) -> None:
    dry = foreseen(act("first") + act("second", f", when: {when}"), token="hunter22")
    assert by_id(dry)["second"].outlook is outlook
    assert bool(by_id(dry)["second"].why) is (outlook is Outlook.FAILS)


def test_inputs_name_what_is_not_known_yet_and_hold_no_secret() -> None:
    dry = foreseen(
        act("first", service="${{ parameters.service }} ${{ parameters.token }}")
        + act("second", service="${{ steps.first.outputs.url }} in ${{ parameters.environment }}"),
        token="hunter22",
    )
    assert by_id(dry)["first"].inputs == {"service": "‹service› •••"}
    assert by_id(dry)["second"].inputs == {"service": "‹first.url› in staging"}
    assert dry.parameters["token"] == "•••"
    assert dry.parameters["soak"] == "1h30m"
    assert "hunter22" not in repr(dry)


def test_what_looks_like_a_secret_is_one() -> None:
    steps = act("first", service="${{ parameters.note }}") + act("second", ", when: 'parameters.note == \"x\"'")
    dry = foreseen(steps, note="password=hunter22secret")
    assert "hunter22" not in repr(dry)
    assert by_id(dry)["second"].outlook is Outlook.OPEN, "what a secret would decide tells of it"


@pytest.mark.parametrize(("hard", "big", "small"), [("true", "happens", "skipped"), ("false", "skipped", "happens")])
def test_the_way_that_a_condition_takes_is_known_where_the_condition_is(hard: str, big: str, small: str) -> None:
    dry = foreseen(
        f"  - id: big\n    type: condition\n    if: parameters.hard\n    then:\n    {act('a')}    else:\n    {act('b')}",
        hard=hard,
    )
    assert by_id(dry)["big"].result is (hard == "true")
    assert (outlooks(dry)["big/then"], outlooks(dry)["big/else"]) == (big, small)
    assert ("a" in outlooks(dry), "b" in outlooks(dry)) == (big == "happens", small == "happens")


def test_a_way_stays_open_while_its_condition_is() -> None:
    dry = foreseen(
        act("first")
        + f'  - id: big\n    type: condition\n    if: steps.first.outputs.url == "x"\n    then:\n    {act("a")}'
    )
    assert by_id(dry)["big"].result is None
    assert outlooks(dry)["big/then"] == "open"
    assert outlooks(dry)["a"] == "happens", "within its way"


LOOP = """
  - id: each
    type: loop
    over: ["${{ parameters.hosts }}"]
    steps:
"""


def test_a_loop_names_its_items_and_for_which_of_them_a_step_happens() -> None:
    dry = foreseen(
        LOOP
        + "    " + act("drain", service="${{ item }}")
        + "    " + act("one", ", when: 'item == \"h2\"'")
        + "    " + act("none", ", when: 'item == \"h9\"'")
        + "    " + act("later", ", when: 'steps.drain.outputs.url == item'")
    )  # fmt: skip
    found = by_id(dry)
    assert found["each"].items == ("h1", "h2")
    assert found["each.drain"].inputs == {"service": "‹item›"}
    assert [one.depth for one in dry.steps] == [0, 1, 1, 1, 1]
    assert (found["each.one"].outlook, found["each.one"].only) == (Outlook.OPEN, ("h2",))
    assert found["each.none"].outlook is Outlook.SKIPPED
    assert (found["each.later"].outlook, found["each.later"].only) == (Outlook.OPEN, ())


def test_a_loop_over_what_a_step_gives_is_known_only_then() -> None:
    dry = foreseen(act("first") + LOOP.replace("parameters.hosts", "steps.first.outputs.url") + "    " + act("drain"))
    assert by_id(dry)["each"].items is None


def test_what_is_within_a_skipped_block_is_not_told() -> None:
    dry = foreseen(LOOP.replace("type: loop", "type: loop\n    when: parameters.hard") + "    " + act("drain"))
    assert outlooks(dry) == {"each": "skipped"}


def test_a_refused_person_is_told_and_so_is_what_is_missing() -> None:
    from core.conversation.plan_card import plan_card

    card = plan_card(foreseen(act("first")), ("service",), Verdict(False, "This needs a role."), ())
    assert "not said yet" in repr(card)
    assert "This needs a role." in repr(card)


WHOLE = """
name: w
version: 1.0.0
title: W
parameters:
  hard: {type: boolean, required: true}
  size: {type: number, required: true}
  hosts: {required: true}
steps:
  - {id: always, type: action, tool: test.act, with: {service: x}}
  - {id: sized, type: action, tool: test.act, with: {service: x}, when: parameters.size > 2.0}
  - id: big
    type: condition
    if: parameters.hard && parameters.size > 1.0
    then:
      - {id: left, type: action, tool: test.act, with: {service: x}}
    else:
      - {id: right, type: action, tool: test.act, with: {service: x}, when: {parameter: size, in: ["0"]}}
  - id: each
    type: loop
    over: ["${{ parameters.hosts }}"]
    when: "!parameters.hard"
    steps:
      - {id: all, type: action, tool: test.act, with: {service: "${{ item }}"}}
      - {id: some, type: action, tool: test.act, with: {service: "${{ item }}"}, when: item == "h1"}
"""


@settings(max_examples=25, deadline=None)
@given(
    hard=st.booleans(),
    size=st.integers(0, 4),
    hosts=st.lists(st.sampled_from(["h1", "h2", "h3"]), min_size=1, unique=True),
)
async def test_what_is_foreseen_is_what_happens(hard: bool, size: int, hosts: list[str]) -> None:
    world = World(WHOLE)
    said = {"hard": str(hard).lower(), "size": str(size), "hosts": ",".join(hosts)}
    dry = by_id(foresee(world.definition, read(world.definition, said).values))
    started = world.start(**said)
    await world.work()
    run = world.run(started)
    assert run.status is RunStatus.COMPLETED
    for id_, record in run.steps.items():
        one = dry.get(pattern_of(id_))
        skipped = (
            one is None or one.outlook is Outlook.SKIPPED or bool(one.only and run.nodes[id_].item not in one.only)
        )
        assert record.state is (StepState.SKIPPED if skipped else StepState.DONE), id_
