"""Values over time from chunks are those that the store would have given for the whole, whatever was asked before."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UpstreamUnavailable
from core.ports.telemetry import Measured, Series
from core.telemetry import chunks
from core.telemetry.kept import Kept

DAY = datetime(2026, 11, 25, tzinfo=UTC)
QUARTER = timedelta(seconds=15)
HOUR = timedelta(hours=1)


class Clock:
    def __init__(self) -> None:
        self.time = DAY + 12 * HOUR

    def now(self) -> datetime:
        return self.time


class Store:
    """Three series, each a function of time, one of which comes and goes."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime]] = []
        self.left_out = 0
        self.warnings: tuple[str, ...] = ()
        self.error: Exception | None = None

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        self.asked.append((start, end))
        if self.error:
            raise self.error
        return self.truth(query, start, end, step)

    def truth(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        times = [(start + n * step).timestamp() for n in range(round((end - start) / step) + 1)]
        series = (
            Series({"pod": name}, tuple((at, math.sin(at) + len(query)) for at in times if int(at / every) % 3))
            for name, every in (("a", 1), ("b", 900), ("c", 40_000))
        )
        return Measured(tuple(one for one in series if one.points), self.left_out, self.warnings)


class Stage:
    def __init__(self) -> None:
        self.clock, self.store = Clock(), Store()
        self.looks: list[bool] = []
        self.kept = Kept(self.clock, lambda _, hit: self.looks.append(hit))

    async def over(
        self, end: datetime, length: timedelta = HOUR, step: timedelta = QUARTER, query: str = "up"
    ) -> Measured:
        return await chunks.over(self.kept, self.store.over, query, end - length, end, step)


def by_labels(found: Measured) -> Sequence[tuple[object, object]]:
    return sorted((sorted(one.labels.items()), one.points) for one in found.series)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 4_000),
            st.integers(0, 9_000),
            st.integers(1, 600),
            st.sampled_from([15, 30, 60, 120, 300]),
            st.sampled_from(["up", "down", "up @ end()"]),
        ),
        max_size=12,
    )
)
async def test_it_is_what_the_store_says_whatever_was_asked_before(asked: list[tuple[int, int, int, int, str]]) -> None:
    stage = Stage()
    for later, ago, points, step, query in asked:
        stage.clock.time += timedelta(seconds=later)
        apart = timedelta(seconds=step)
        end = stage.clock.time - timedelta(seconds=ago)
        end -= timedelta(seconds=end.timestamp() % (15 if ago % 3 else step))
        found = await stage.over(end, points * apart, apart, query)
        assert by_labels(found) == by_labels(stage.store.truth(query, end - points * apart, end, apart))


async def test_a_minute_later_only_the_newest_are_asked_for() -> None:
    stage = Stage()
    await stage.over(stage.clock.time)
    stage.clock.time += timedelta(minutes=1)
    end = stage.clock.time
    await stage.over(end)
    (first, _), (second, until) = stage.store.asked
    assert (first, until) == (DAY + 11 * HOUR, end)
    assert second == DAY + timedelta(hours=11, minutes=45), "three quarters of an hour had settled"
    assert stage.looks == [False, True, True, True, False][: len(stage.looks)]


async def test_the_same_stretch_of_the_past_costs_nothing_more() -> None:
    stage = Stage()
    end = stage.clock.time - 3 * HOUR - QUARTER
    for _ in range(3):
        await stage.over(end, HOUR - QUARTER)
    assert len(stage.store.asked) == 1


async def test_answers_that_are_cut_or_of_part_of_the_data_are_not_kept() -> None:
    stage = Stage()
    stage.store.left_out = 2
    cut = await stage.over(stage.clock.time)
    assert cut.left_out == 2
    stage.store.left_out, stage.store.warnings = 0, ("a replica is away",)
    assert (await stage.over(stage.clock.time)).warnings == ("a replica is away",)
    stage.store.warnings = ()
    before = len(stage.store.asked)
    whole = await stage.over(stage.clock.time)
    assert stage.store.asked[before:] == [(stage.clock.time - HOUR, stage.clock.time)]
    assert (whole.left_out, whole.warnings) == (0, ())


async def test_without_the_store_the_newest_are_missing_and_that_is_said() -> None:
    stage = Stage()
    await stage.over(stage.clock.time)
    stage.clock.time += timedelta(minutes=1)
    stage.store.error = UpstreamUnavailable("prometheus", "away")
    with pytest.raises(UpstreamUnavailable):
        await stage.over(stage.clock.time)
