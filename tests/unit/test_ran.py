"""Receipts: the same rows have the same digest in any order, other rows another one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.ports.telemetry import LogLine, Measured, Series, TraceSummary
from core.telemetry.ran import digest, of_lines, of_rows, of_series, of_traces

END = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
START = END - timedelta(hours=1)
POINTS = st.lists(st.tuples(st.floats(0, 1e9), st.floats(allow_nan=True)), max_size=4)
LABELS = st.dictionaries(st.sampled_from("abc"), st.text(max_size=3), max_size=3)
SERIES = st.lists(st.builds(lambda labels, points: Series(labels, tuple(points)), LABELS, POINTS), max_size=4)


@given(SERIES, st.randoms())
def test_the_order_of_series_says_nothing(series: list[Series], random: object) -> None:
    mixed = list(series)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    first = of_series("metrics", START, END, Measured(tuple(series)))
    assert first == of_series("metrics", START, END, Measured(tuple(mixed)))
    assert first.rows == len(series)


@given(SERIES, SERIES)
def test_other_numbers_have_another_digest(one: list[Series], other: list[Series]) -> None:
    said = [of_series("metrics", START, END, Measured(tuple(series))).digest for series in (one, other)]
    alike = sorted(map(repr, one)) == sorted(map(repr, other))
    if len(one) != len(other):
        assert said[0] != said[1]
    if alike:
        assert said[0] == said[1]


def test_lines_that_came_later_do_not_count() -> None:
    def line(second: int, text: str) -> LogLine:
        return LogLine(int(END.timestamp() + second) * 10**9, text, {})

    early = of_lines(START, END, [line(-5, "a")])
    assert of_lines(START, END, [line(5, "b"), line(-5, "a")]) == early
    assert of_lines(START, END, [line(-5, "c")]) != early


def test_traces_and_rows_are_told_apart_by_all_that_is_shown() -> None:
    one = TraceSummary("1", "web", "GET /", START.timestamp(), 1.0)
    longer = TraceSummary("1", "web", "GET /", START.timestamp(), 2.0)
    assert of_traces(START, END, [one]).digest != of_traces(START, END, [longer]).digest
    assert of_rows(END, [("a", 1), ("b", 2)]).digest == of_rows(END, [("b", 2), ("a", 1)]).digest
    assert digest([["a", 1]]) != digest([["a", "1"]])
