"""Answers that a query gave, in words and numbers."""

import math

import pytest

from core.conversation import query_cards as cards
from core.messages import Code, Note, Text
from core.ports.records import Table
from core.ports.telemetry import Measured, Series
from tests.unit.test_incident_lifecycle import START


def shown(blocks: list[object]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Text | Code | Note))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (12.0, "12"), (1234567.0, "1 234 567"), (0.042137, "0.04214"), (1.5e-7, "1.5e-07"),
        (-3.25, "-3.25"), (math.nan, "no value"), (math.inf, "+∞"), (-math.inf, "-∞"),
    ],
)  # fmt: skip
def test_a_number_has_four_digits_that_mean_something(value: float, text: str) -> None:
    assert cards.number(value) == text


def test_one_value_is_said_in_a_sentence() -> None:
    found = Measured((Series({"service": "checkout"}, ((1.0, 0.25),)),))
    assert shown(list(cards.measured(found, START))) == f"**0.25** (checkout) at {START:%H:%M} UTC"


def test_lines_show_their_last_least_and_greatest_value_largest_first() -> None:
    low = Series({"pod": "a", "job": "x"}, ((1.0, 5.0), (2.0, 1.0)))
    high = Series({"pod": "b", "job": "x"}, ((1.0, 2.0), (2.0, 9.0)))
    text = shown(list(cards.measured(Measured((low, high)), START)))
    assert [line.split() for line in text.splitlines()] == [
        ["last", "least", "most"], ["b", "9", "2", "9"], ["a", "1", "1", "5"],
    ]  # fmt: skip


def test_every_number_shown_is_one_of_the_result() -> None:
    series = tuple(Series({"pod": str(n)}, ((1.0, n * 1.5),)) for n in range(40))
    blocks = list(cards.measured(Measured(series, left_out=7), START))
    assert "32 more of 47 series are left out" in shown(blocks)
    table = next(block.text for block in blocks if isinstance(block, Code))
    values = {cards.number(value) for one in series for _, value in one.points}
    assert all(line.split()[-1] in values for line in table.splitlines()[1:])


def test_nothing_is_said_to_be_nothing() -> None:
    assert "nothing matches" in shown(list(cards.measured(Measured(()), START)))
    assert "no row matches" in shown(list(cards.table(Table(("id",), ()))))


def test_rows_are_aligned_cut_and_never_break_out_of_their_line() -> None:
    rows = (("INC-1", "a\nb " + "x" * 80, None, 2.5), ("INC-20", "```", 7, 1.0))
    blocks = list(cards.table(Table(("id", "title", "n", "f"), rows, truncated=True)))
    lines = shown(blocks).splitlines()
    assert lines[1].startswith("INC-1   a b xxx")
    assert "…" in lines[1]
    assert "–" in lines[1]
    assert "Not all is shown" in lines[-1]
