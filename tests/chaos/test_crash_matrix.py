"""The process is killed at every point of every path, and started again: nothing is lost, done twice or stuck, and the cards end
the same. `make test` plays some cells, other ones with another CHAOS_SEED; `make chaos` (CHAOS_CELLS=0) plays all."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from core.workflow.events import KINDS
from tests.chaos.picture import Picture, differences, picture
from tests.chaos.play import playing
from tests.chaos.run_scenarios import PLAYS, RUNS, WORKFLOWS
from tests.chaos.scenarios import ACROSS, SCENARIOS, Scenario
from tests.conftest import Databases
from tests.servers import ProcessServer, nats_server

SEED = os.environ.get("CHAOS_SEED", "0")
CELLS = int(os.environ.get("CHAOS_CELLS", "2"))
"""How many points of a scenario are tried; 0: all of all."""
_AT_ONCE = 4
"""Cells played side by side; most of the time they wait."""

Case = tuple[str, Scenario]
Store = Callable[[], AbstractAsyncContextManager[dict[str, Any]]]
"""Fresh records while the block runs; the settings that lead to them."""

CASES: list[Case] = [
    *((stage, scenario) for stage in ("slack", "discord") for scenario in (*SCENARIOS, *RUNS)),
    *(("across", scenario) for scenario in ACROSS),
]


def sampled(store: str, count: int) -> pytest.MarkDecorator:
    """The cases that are played on these records: all, or so many of them."""
    cases = random.Random(f"{SEED} {store}").sample(CASES, count) if CELLS else CASES
    return pytest.mark.parametrize(
        ("stage", "scenario"), cases, ids=[f"{stage}-{scenario.__name__}" for stage, scenario in cases]
    )


pytestmark = pytest.mark.timeout(120 if CELLS else 3600)


@sampled("sqlite", 6)
async def test_a18_a_restart_makes_good_whatever_point_it_died_at(
    stage: str, scenario: Scenario, tmp_path: Path
) -> None:
    @asynccontextmanager
    async def same_file() -> AsyncIterator[dict[str, Any]]:
        yield {}  # each cell has a folder of its own

    await every_point(scenario, stage, same_file, tmp_path)


@sampled("servers", 2)
async def test_a18_another_replica_goes_on_whatever_point_the_first_died_at(
    stage: str, scenario: Scenario, tmp_path: Path, postgres: Databases, redis: ProcessServer
) -> None:
    @asynccontextmanager
    async def servers() -> AsyncIterator[dict[str, Any]]:
        # An installation has one stream: cells that are played side by side need a server each.
        with nats_server() as nats:
            yield {
                "database_url": await postgres.migrated(),
                "queue": "nats",
                "nats_url": nats.url,
                "redis_url": redis.url,
                "limits": {"turns_per_minute_per_person": 1_000_000},
            }

    await every_point(scenario, stage, servers, tmp_path)


def test_every_kind_of_event_is_played() -> None:
    assert frozenset().union(*PLAYS.values()) == KINDS


async def every_point(scenario: Scenario, stage: str, store: Store, folder: Path) -> None:
    """Learn the points and the outcome from an undisturbed play, then die at each of them, or at a sample."""
    expected, points, kinds = await play(scenario, stage, store, folder / "undisturbed")
    assert points, "no points were passed"
    assert kinds >= PLAYS.get(scenario, set()), "the scenario does not play what it is there for"
    room = asyncio.Semaphore(_AT_ONCE)
    wrong: list[str] = []

    async def cell(number: int) -> None:
        async with room:
            faults, passed = ["it was not played"], points
            try:
                found, passed, _ = await play(scenario, stage, store, folder / f"point{number}", kill_at=number)
                faults = differences(found, expected)
            except* AssertionError as errors:
                faults, passed = [str(error) for error in _leaves(errors)], points
            where = passed[number - 1] if len(passed) >= number else f"{number} (not reached)"
            wrong.extend(f"killed at {where}: {fault}" for fault in faults)

    async with asyncio.TaskGroup() as group:
        for number in chosen(len(points), f"{SEED} {stage} {scenario.__name__}"):
            group.create_task(cell(number))
    assert not wrong, "\n".join(wrong)


def chosen(count: int, seed: str) -> Sequence[int]:
    """The numbers of the points to die at."""
    numbers = range(1, count + 1)
    return random.Random(seed).sample(numbers, min(CELLS, count)) if CELLS else numbers


async def play(
    scenario: Scenario, stage: str, store: Store, folder: Path, *, kill_at: int = 0
) -> tuple[Picture, list[str], set[str]]:
    """One play; the outcome, the points that the first life passed, and the kinds of events in the histories of the runs."""
    folder.mkdir()
    async with store() as settings, playing(stage, folder, settings, WORKFLOWS, kill_at=kill_at) as stage_:
        await scenario(stage_)
        await stage_.settled()
        return await picture(stage_), stage_.lives[0].passed(), await stage_.kinds()


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [
        leaf
        for error in group.exceptions
        for leaf in (_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    ]
