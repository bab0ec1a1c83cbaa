"""Looks at a query: which times are read, what stands in the answer, and that every number in it was given by the backend."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation import metric_cards as cards
from core.messages import Block, Code, Note, Text
from core.ports.telemetry import Measured, Series
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.telemetry.looks import LONGEST, SHORTEST, WEEK, Look, Turned
from core.telemetry.measuring import Found, earlier, measure, within
from core.telemetry.numbers import change, told

NOW = datetime(2026, 11, 25, 12, 40, tzinfo=UTC)
HOUR = timedelta(hours=1)
STEP = timedelta(minutes=20)
ZONE = ZoneInfo("Europe/Berlin")


class Backend:
    """Answers every question with these series, and remembers the times."""

    def __init__(self, *series: Series, left_out: int = 0) -> None:
        self.asked: list[tuple[datetime, datetime, timedelta]] = []
        self.given = Measured(series, left_out)

    async def over(self, query: str, start: datetime, end: datetime, step: timedelta) -> Measured:
        self.asked.append((start, end, step))
        return self.given


def series(*values: float, name: str = "", at: datetime = NOW, **labels: str) -> Series:
    """Values one step apart, the last of them at this time."""
    times = [(at - STEP * n).timestamp() for n in reversed(range(len(values)))]
    return Series({"pod": name, **labels} if name else labels, tuple(zip(times, values, strict=True)))


async def look(backend: Backend, wanted: Look | None = None, unit: Unit | None = Unit.SECONDS) -> Found:
    return await measure(backend, wanted or Look("q", HOUR), step=STEP, now=NOW, quantity=Quantity(unit))


def text(blocks: list[Block]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Text | Code | Note))


async def test_the_window_and_the_one_before_are_read_at_once() -> None:
    backend = Backend(series(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.21))
    found = await look(backend)
    assert backend.asked == [(NOW - 2 * HOUR, NOW, STEP)]
    (line,) = found.lines
    assert (line.now, line.before, [value for _, value in line.points]) == (0.21, 0.4, [0.4, 0.5, 0.6, 0.21])
    assert (
        text(cards.measured(found, ZONE)) == "**210 ms** · 400 ms 1h before (-48 %) · between 210 ms and 600 ms since"
    )
    assert cards.span(found, ZONE) == "last 1h, to 13:40 CET"
    assert within(found).series == (Series({}, line.points),)


async def test_what_it_is_set_beside_is_read_at_its_own_time_and_moved_to_ours() -> None:
    backend = Backend(series(0.1, 0.2, at=NOW - WEEK))
    found = await look(backend, Look("q", HOUR).turned(Turned.LAST_WEEK))
    assert backend.asked[1] == (NOW - HOUR - WEEK, NOW - WEEK, STEP)
    moved = earlier(found)
    assert moved
    assert moved.series[0].points[-1] == (NOW.timestamp(), 0.2)


async def test_a_time_that_is_over_stays_and_is_named() -> None:
    end = NOW - timedelta(days=2)
    found = await look(Backend(series(1.0, 2.0, at=end)), Look("q", HOUR, end))
    assert found.end == end
    assert cards.span(found, ZONE) == "1h, to 13:40 CET"


async def test_a_series_that_ended_is_not_said_to_be_now() -> None:
    found = await look(Backend(series(0.3, 0.2, at=NOW - 2 * STEP)))
    assert text(cards.measured(found, ZONE)) == "**No value now**; the last was 200 ms at 13:00 CET."


async def test_several_are_a_table_largest_first_and_what_is_left_out_is_said() -> None:
    many = [series(1.0, float(n), name=f"pod-{n}", job="x") for n in range(20)]
    found = await look(Backend(*many, left_out=7), unit=Unit.COUNT)
    shown = text(cards.measured(found, ZONE))
    assert shown.splitlines()[0].split() == ["now", "1h", "before", "least", "most"]
    assert shown.splitlines()[1].split() == ["pod-19", "19", "–", "1", "19"]
    assert "12 more of 27 series are left out" in shown


async def test_nothing_is_said_to_be_nothing() -> None:
    assert "nothing matches it** from 12:40 CET to 13:40 CET" in text(cards.measured(await look(Backend()), ZONE))


async def test_an_old_answer_says_how_old_it_is() -> None:
    backend = Backend(series(0.1))
    backend.given = Measured((series(0.1),), warnings=("partial",), known_since=NOW - timedelta(minutes=25))
    shown = text(cards.notes(await look(backend), ZONE))
    assert "The backend says: partial" in shown
    assert "**This is 25 min old**, of 13:15 CET" in shown


def test_a_look_is_widened_and_narrowed_up_to_a_limit_and_kept() -> None:
    start = Look("q", HOUR, NOW)
    assert start.turned(Turned.WIDER).length == 2 * HOUR
    assert start.turned(Turned.NARROWER).length == HOUR / 2
    assert not Look("q", LONGEST).can(Turned.WIDER)
    assert not Look("q", SHORTEST).can(Turned.NARROWER)
    assert not start.turned(Turned.LAST_WEEK).can(Turned.LAST_WEEK)
    for one in (start, Look("q", HOUR), start.turned(Turned.LAST_WEEK)):
        assert Look.load(one.dump()) == one


values = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=1, max_size=7)


@given(st.lists(values, min_size=1, max_size=20), st.sampled_from([Unit.SECONDS, Unit.BYTES, Unit.RATIO, None]))
@pytest.mark.filterwarnings("ignore")
async def test_every_number_shown_was_given_by_the_backend(given_: list[list[float]], unit: Unit | None) -> None:
    of = Quantity(unit)
    backend = Backend(*(series(*one, name=f"<{chr(97 + n)}>") for n, one in enumerate(given_)))
    shown = text(cards.measured(await look(backend, unit=unit), ZONE))
    known = {told(value, of) for one in given_ for value in one}
    changes = {change(a, b) for one in given_ for a in one for b in one} - {""}
    rest = re.sub(r"\d+ more of \d+ series|1h before|\d\d:\d\d CET|pod=", "", shown)
    for words in sorted(known | changes, key=len, reverse=True):
        rest = rest.replace(words, "")
    assert not re.findall(r"\d", rest), shown
