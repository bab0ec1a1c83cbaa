"""Durations as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.workflow.durations import LONGEST, seconds, written


@given(st.integers(1, LONGEST))
def test_what_is_written_is_read_back(value: int) -> None:
    assert seconds(written(value)) == value


@pytest.mark.parametrize(("value", "text"), [(0, "0s"), (0.4, "0s"), (90, "1m30s"), (5400, "1h30m"), (86400, "1d")])
def test_a_duration_has_one_form(value: float, text: str) -> None:
    assert written(value) == text


@pytest.mark.parametrize("text", ["", "0s", "1", "1w", "m", "5 m", "-1h", "1m1h", "367d", "9" * 400 + "d"])
def test_other_texts_are_no_duration(text: str) -> None:
    assert seconds(text) is None
