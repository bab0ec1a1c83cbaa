"""Times of crontab(5) in a zone, daylight saving included."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.workflow.cron import fault_of, latest, next_after, times_after

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(cron: str, zone: str, after: str, count: int) -> list[str]:
    return [f"{time:%d %H:%M}" for time in islice(times_after(cron, zone, at(after)), count)]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        # Clocks go from 02:00 to 03:00 on the 29th, at 01:00 UTC.
        ("30 2 * * *", ["29 01:30", "30 00:30", "31 00:30"]),
        ("0 3 * * *", ["29 01:00", "30 01:00", "31 01:00"]),
        ("15 2,3 * * *", ["29 01:15", "30 00:15", "30 01:15"]),
        ("0 * * * *", ["29 01:00", "29 02:00", "29 03:00"]),
        ("*/30 * * * *", ["29 00:30", "29 01:00", "29 01:30"]),
        ("0 */2 * * *", ["29 01:00", "29 02:00", "29 04:00"]),
    ],
)
def test_what_the_clocks_skip_comes_later_and_once(cron: str, expected: list[str]) -> None:
    assert times(cron, BERLIN, "2026-03-29T00:10", 3) == expected


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        # Clocks go from 03:00 back to 02:00 on the 25th, at 01:00 UTC.
        ("30 2 * * *", ["25 00:30", "26 01:30", "27 01:30"]),
        ("15 2,3 * * *", ["25 00:15", "25 02:15", "26 01:15"]),
        ("0 3 * * *", ["25 02:00", "26 02:00", "27 02:00"]),
        ("0 * * * *", ["25 00:00", "25 01:00", "25 02:00"]),
        ("45 */2 * * *", ["25 00:45", "25 01:45", "25 03:45"]),
    ],
)
def test_what_the_clocks_show_twice_comes_once_unless_it_comes_every_hour(cron: str, expected: list[str]) -> None:
    assert times(cron, BERLIN, "2026-10-24T23:50", 3) == expected


def test_half_an_hour_is_a_change_too() -> None:
    assert times("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T15:00", 2) == ["03 15:45", "04 15:15"]


@pytest.mark.parametrize("day", [0, 7, "sun"])
def test_sunday_has_two_numbers_and_a_name(day: int | str) -> None:
    assert times(f"0 9 * * {day}", "UTC", "2026-11-23T00:00", 2) == ["29 09:00", "06 09:00"]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("1-5", "mon tue wed thu fri"),
        ("0-2", "mon tue sun"),
        ("5-7", "fri sat sun"),
        ("6,0", "sat sun"),
        ("0,7", "sun"),
        ("*/2", "tue thu sat sun"),
        ("1-5/2", "mon wed fri"),
        ("4/2", "thu sat"),
        ("mon-wed", "mon tue wed"),
        ("sat-mon", "mon sat sun"),
        ("TUE,5", "tue fri"),
        ("*", "mon tue wed thu fri sat sun"),
    ],
)
def test_days_of_the_week_are_counted_from_sunday(days: str, expected: str) -> None:
    week = islice(times_after(f"0 9 * * {days}", "UTC", at("2026-11-23T00:00")), 7)
    assert " ".join(f"{time:%a}".lower() for time in week if time < at("2026-11-30T00:00")) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("1 * *", ["01 03:00", "01 03:00"]),
        ("* * 1", ["23 03:00", "30 03:00"]),
        ("1 * 1", ["23 03:00", "30 03:00", "01 03:00", "07 03:00"]),
        ("*/10 * 1", ["21 03:00", "11 03:00"]),
    ],
)
def test_a_day_of_the_month_and_one_of_the_week_are_either_or(days: str, expected: list[str]) -> None:
    assert times(f"0 3 {days}", "UTC", "2026-11-22T00:00", len(expected)) == expected


@pytest.mark.parametrize(
    ("cron", "fault"),
    [
        ("* * * *", "five fields are needed"),
        ("60 * * * *", "the last value (60) is higher than the maximum value (59)"),
        ("* * * * 8", "the last value (8) is higher than the maximum value (6)"),
        ("* * * foo *", 'Invalid month name "foo"'),
        ("* * * * 1-foo", "Unrecognized expression"),
    ],
)
def test_what_is_no_time_is_told(cron: str, fault: str) -> None:
    assert fault in fault_of(cron)


def test_a_time_that_never_comes() -> None:
    assert next_after("0 0 30 2 *", BERLIN, at("2026-01-01T00:00")) is None
    assert fault_of("0 0 32 1 *")


@given(
    st.sampled_from(["* * * * *", "*/7 * * * *", "30 2 * * *", "0 */3 * * *", "15 2,3 * * 0", "0 3 1 * *"]),
    st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]),
    st.integers(0, 2 * 365 * 24 * 60),
)
def test_times_go_forward_and_what_is_looked_back_at_is_the_same(cron: str, zone: str, minute: int) -> None:
    after = at("2026-01-01T00:00") + timedelta(minutes=minute)
    ahead = list(islice(times_after(cron, zone, after), 5))
    assert after < ahead[0]
    assert all(one < other for one, other in pairwise(ahead))
    assert latest(cron, zone, ahead[0], ahead[-1], 3) == ahead[-3:]
    assert latest(cron, zone, ahead[0], ahead[-1] - timedelta(microseconds=1), 9) == ahead[:-1]


def test_years_are_looked_back_over_at_once() -> None:
    found = latest("* * * * *", BERLIN, at("2001-01-01T00:00"), at("2026-11-01T00:00"), 2)
    assert found == [at("2026-10-31T23:59"), at("2026-11-01T00:00")]
