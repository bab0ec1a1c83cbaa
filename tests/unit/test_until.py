"""Until when something is to hold."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.planning.until import until

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday; ten o'clock in Berlin."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@lee until friday", "2026-03-06 23:00"),
        ("@lee until Fri.", "2026-03-06 23:00"),
        ("until monday", "2026-03-02 23:00"),
        ("until tomorrow 12:30", "2026-03-03 11:30"),
        ("till 18:00", "2026-03-02 17:00"),
        ("until 08:00", "2026-03-03 07:00"),
        ("until 2026-03-06", "2026-03-06 23:00"),
        ("until 2026-03-06 18:00", "2026-03-06 17:00"),
        ("bis freitag", "2026-03-06 23:00"),
        ("until 2026-04-01", "2026-04-01 22:00"),
        ("for 3 days", "2026-03-05 09:00"),
        ("for a week", "2026-03-09 09:00"),
        ("for 90 min", "2026-03-02 10:30"),
    ],
)
def test_a_moment_ahead_is_understood_in_the_persons_zone(text: str, expected: str) -> None:
    assert until(text, NOW, "Europe/Berlin") == datetime.fromisoformat(f"{expected}+00:00")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@lee",
        "until never",
        "for ever",
        "until friday 25:00",
        "until yesterday",
        "until 2026-03-01",
        "until 18:00 sharp",
        "until 9999-12-31",
    ],
)
def test_what_names_no_moment_ahead_is_none(text: str) -> None:
    assert until(text, NOW, "Europe/Berlin") is None


@given(st.text(max_size=200), st.sampled_from(["Europe/Berlin", "no/zone", ""]))
def test_whatever_is_said_never_raises_and_never_lies_behind(text: str, zone: str) -> None:
    for said in (text, f"until {text}", f"for {text}"):
        found = until(said, NOW, zone)
        assert found is None or found > NOW
