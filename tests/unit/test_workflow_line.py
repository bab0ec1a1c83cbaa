"""The line of runs that wait for their turn."""

from dataclasses import replace

from core.conversation.cards import run_card
from core.messages import Heading
from core.workflow import service
from core.workflow.run import Run, RunStatus
from core.workflow.signals import LINE, Means, admit, ahead
from tests.workflow_world import REQUESTER, World

TEXT = """
name: w
version: 1.0.0
title: W
parameters: {{service: {{required: true}}}}
steps: [{{id: gate, type: approval, roles: [x]}}]
{more}
"""
ONE_EACH = TEXT.format(more="concurrency: {limit: 1, key: '${{ parameters.service }}'}")
FREE = TEXT.format(more="")


def statuses(world: World, *runs: Run) -> list[RunStatus]:
    return [world.run(run).status for run in runs]


def places(world: World, *runs: Run) -> list[int]:
    return [world.records.now(lambda tx, run=run: ahead(tx, world.run(run))) for run in runs]  # type: ignore[misc]


def crowd(world: World, count: int, service: str = "a") -> list[Run]:
    runs = []
    for _ in range(count):
        world.clock.advance(seconds=1)
        runs.append(world.start(service=service))
    return runs


def limited(world: World, runs: int) -> None:
    world.means = replace(world.means, max_runs=runs)


def test_each_knows_how_many_are_before_it() -> None:
    world = World(ONE_EACH)
    _, *line = crowd(world, 3)
    crowd(world, 3, "b")
    assert places(world, *line) == [0, 1]


def test_from_some_place_on_it_is_only_known_to_be_far() -> None:
    world = World(ONE_EACH)
    _, *line = crowd(world, LINE + 4)
    assert places(world, *line)[-4:] == [LINE - 1, LINE, LINE, LINE]


def test_the_next_one_begins_and_the_others_are_shown_to_have_moved_up() -> None:
    world = World(ONE_EACH)
    shown: list[tuple[str, RunStatus, int]] = []
    world.means = Means(world.means.ids, lambda tx, run, _events: shown.append((run.id, run.status, ahead(tx, run))))
    first, second, third = crowd(world, 3)
    shown.clear()
    world.cancel(first)
    assert statuses(world, second, third) == [RunStatus.WAITING, RunStatus.PENDING]
    assert (third.id, RunStatus.PENDING, 0) in shown


def test_a_long_line_for_one_thing_is_in_nobody_elses_way() -> None:
    world = World(ONE_EACH)
    crowd(world, 2 * LINE)
    first, second = crowd(world, 2, "b")
    assert statuses(world, first, second) == [RunStatus.WAITING, RunStatus.PENDING]
    world.cancel(first)
    assert statuses(world, second) == [RunStatus.WAITING]


def test_a_limit_holds_over_all_workflows() -> None:
    world = World(FREE)
    limited(world, 2)
    first, _, third = crowd(world, 3)
    assert (statuses(world, third), places(world, third)) == ([RunStatus.PENDING], [0])
    world.cancel(first)
    assert statuses(world, third) == [RunStatus.WAITING]


def test_a_limit_that_was_lifted_lets_in_who_waited_for_it() -> None:
    world = World(FREE)
    limited(world, 1)
    _, *line = crowd(world, 4)
    limited(world, 3)
    world.records.now(lambda tx: admit(tx, world.means, world.origin))
    assert statuses(world, *line) == [RunStatus.WAITING, RunStatus.WAITING, RunStatus.PENDING]


def test_a_run_that_is_gone_on_with_waits_for_its_turn_again() -> None:
    world = World(ONE_EACH)
    stopped, other = crowd(world, 2)
    world.cancel(stopped)
    again = world.records.now(lambda tx: service.retry(tx, world.means, stopped.id, REQUESTER, origin=world.origin))
    assert isinstance(again, service.Done)
    assert statuses(world, stopped, other) == [RunStatus.PENDING, RunStatus.WAITING]
    world.cancel(other)
    assert statuses(world, stopped) == [RunStatus.WAITING]


def test_a_run_that_cannot_be_read_holds_up_nobody() -> None:
    world = World(ONE_EACH)
    first, broken, third = crowd(world, 3)
    world.records.state.histories[broken.id][0].data.clear()
    world.cancel(first)
    assert statuses(world, third) == [RunStatus.WAITING]


def test_the_card_says_how_long_the_line_is() -> None:
    world = World(ONE_EACH)
    _, run = crowd(world, 2)
    stopped = replace(run, ended=RunStatus.CANCELLED)
    assert run_card(stopped).blocks[0] == Heading("W: cancelled")
    for before, words in ((2, "(2 before it)"), (LINE, "(10 or more before it)")):
        heading = run_card(run, before).blocks[0]
        assert isinstance(heading, Heading)
        assert heading.text == f"W: waiting for its turn {words}"
