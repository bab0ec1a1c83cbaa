"""Stretches of time: relative ones as durations, absolute ones in UTC as the person's clock says."""

from datetime import UTC, datetime

import pytest

from core.nlp.entities import find
from core.nlp.interpretation import EntityType

NOW = datetime(2026, 3, 11, 14, 20, tzinfo=UTC)
"""A Wednesday; 15:20 in Berlin."""


def times(text: str, zone: str = "Europe/Berlin", now: datetime = NOW) -> list[str]:
    return [e.value for e in find(text, now=now, timezone=zone) if e.type is EntityType.TIME_RANGE]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last 10 min", "10m"),
        ("past hour", "1h"),
        ("past half hour", "30m"),
        ("past quarter of an hour", "15m"),
        ("last couple of hours", "2h"),
        ("last few minutes", "5m"),
        ("in the last 90s", "90s"),
        ("last 24 hours", "24h"),
        ("last day", "1d"),
        ("than last week", "7d"),
        ("previous 2 weeks", "14d"),
        ("past fortnight", "14d"),
        ("last month", "30d"),
        ("last quarter", "90d"),
        ("1.5 hours ago", "90m"),
        ("hour and a half ago", "90m"),
        ("last 1h30m", "1h30m"),
        ("an hour ago", "1h"),
        ("10–15 minutes ago", "15m"),
        ("last 5-10 min", "10m"),
        ("2h", "2h"),
        ("15m window", "15m"),
        ("zoom out to a day", "1d"),
        ("shrink it to 10 minutes", "10m"),
        ("same thing but 12 hours", "12h"),
        ("over the week", "7d"),
        ("prev hour", "1h"),
        ("cpu last 3h", "3h"),
        ("7-day average", "7d"),
        ("SLA 99.9 over 30 days", "30d"),
        ("slow for 20 minutes now", "20m"),
        ("last 6 hours instead", "6h"),
        ("week over week", "7d"),
        ("letzte 30 Minuten", "30m"),
        ("seit zwei Stunden", "2h"),
        ("vor 2 Stunden", "2h"),
        ("últimas 2 horas", "2h"),
        ("la semana pasada", "7d"),
        ("desde hace media hora", "30m"),
        ("last twenty four hours", "24h"),
        ("past 2 mintues", "2m"),
        ("in the 2 hours before the alert", "2h"),
    ],
)
def test_relative(text: str, expected: str) -> None:
    assert times(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "took 500ms",
        "timeout 30s",
        "every 5 min",
        "in 10 minutes",
        "mute checkout for 2h",
        "took over 5 minutes",
        "since the deploy",
        "between 2 and 3 replicas",
        "scale from 2 to 3",
        "last deploy",
        "until 9am",
        "ship it at 6pm",
        "black-friday weekend",
        "black friday is coming",
        "good friday deploys",
        "from 9 replicas",
        "next monday",
        "at 90%",
        "3/5 replicas",
        "v2.10. is out",
        "it may fail",
        "release-2026-03-03",
        "2026-13-45",
        "25:99",
    ],
)
def test_what_is_no_stretch_of_time(text: str) -> None:
    assert times(text) == []


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "10T23:00", "11T14:20"),
        ("heute", "10T23:00", "11T14:20"),
        ("yesterday", "09T23:00", "10T23:00"),
        ("day before yesterday", "08T23:00", "09T23:00"),
        ("this morning", "11T05:00", "11T11:00"),
        ("yesterday evening", "10T17:00", "10T23:00"),
        ("last night", "10T17:00", "11T05:00"),
        ("since lunch", "11T11:00", "11T14:20"),
        ("since 9am", "11T08:00", "11T14:20"),
        ("since 9 this morning", "11T08:00", "11T14:20"),
        ("since 0800", "11T07:00", "11T14:20"),
        ("since 5pm", "10T16:00", "11T14:20"),
        ("since midnight", "10T23:00", "11T14:20"),
        ("since Monday", "08T23:00", "11T14:20"),
        ("seit gestern", "09T23:00", "11T14:20"),
        ("since yesterday 3pm", "10T14:00", "11T14:20"),
        ("since 3pm yesterday", "10T14:00", "11T14:20"),
        ("between 2 and 3pm", "11T13:00", "11T14:00"),
        ("2-3pm", "11T13:00", "11T14:00"),
        ("between 11 and 1pm", "11T10:00", "11T12:00"),
        ("yesterday between 2 and 3pm", "10T13:00", "10T14:00"),
        ("between 2 and 3pm yesterday", "10T13:00", "10T14:00"),
        ("from 9 to 5 yesterday", "10T08:00", "10T16:00"),
        ("from 22:00 to 02:00", "10T21:00", "11T01:00"),
        ("from 9am till now", "11T08:00", "11T14:20"),
        ("zwischen 14 und 15 Uhr", "11T13:00", "11T14:00"),
        ("entre las 13:00 y las 14:30", "11T12:00", "11T13:30"),
        ("around 1pm", "11T11:30", "11T12:30"),
        ("at 11 last night", "10T21:30", "10T22:30"),
        ("at 3am last night", "11T01:30", "11T02:30"),
        ("before 9am", "10T23:00", "11T08:00"),
        ("after 3pm", "11T14:00", "11T14:20"),
        ("between 13:00 and 14:00 UTC", "11T13:00", "11T14:00"),
        ("at noon ET yesterday", "10T15:30", "10T16:30"),
        ("on March 3rd", "02T23:00", "03T23:00"),
        ("3 March", "02T23:00", "03T23:00"),
        ("March 3-5", "02T23:00", "05T23:00"),
        ("on the 3rd", "02T23:00", "03T23:00"),
        ("2026-03-03", "02T23:00", "03T23:00"),
        ("3.3.2026", "02T23:00", "03T23:00"),
        ("on 03/09", "08T23:00", "09T23:00"),
        ("between march 3 and march 5", "02T23:00", "05T23:00"),
        ("tuesday to thursday", "02T23:00", "05T23:00"),
        ("over the weekend", "06T23:00", "08T23:00"),
        ("friday afternoon", "06T11:00", "06T17:00"),
        ("this week", "08T23:00", "11T14:20"),
        ("2026-03-03T14:00Z/2026-03-03T15:00:00Z", "03T14:00", "03T15:00"),
        ("from 2026-03-03T14:00+02:00 to 2026-03-03 15:00", "03T12:00", "03T13:00"),
    ],
)
def test_absolute(text: str, start: str, end: str) -> None:
    assert times(text) == [f"2026-03-{start}:00Z/2026-03-{end}:00Z"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in February", "2026-01-31T23:00:00Z/2026-02-28T23:00:00Z"),
        ("in december", "2025-11-30T23:00:00Z/2025-12-31T23:00:00Z"),
        ("on 24 December", "2025-12-23T23:00:00Z/2025-12-24T23:00:00Z"),
    ],
)
def test_a_year_that_is_not_named_is_the_latest(text: str, expected: str) -> None:
    assert times(text) == [expected]


@pytest.mark.parametrize(("zone", "expected"), [("America/New_York", "2026-03-02"), ("Europe/London", "2026-02-03")])
def test_numbers_of_days_and_months_are_read_as_the_person_writes_them(zone: str, expected: str) -> None:
    assert times("on 03/02", zone)[0].startswith(expected)


def test_an_unknown_zone_counts_as_utc() -> None:
    assert times("yesterday", "Mars/Olympus") == ["2026-03-10T00:00:00Z/2026-03-11T00:00:00Z"]


@pytest.mark.parametrize(
    ("now", "text", "expected"),
    [
        ("2026-03-30T10:00:00+00:00", "yesterday", "2026-03-28T23:00:00Z/2026-03-29T22:00:00Z"),
        ("2026-10-26T10:00:00+00:00", "yesterday", "2026-10-24T22:00:00Z/2026-10-25T23:00:00Z"),
        ("2026-03-29T10:00:00+00:00", "since 1am", "2026-03-29T00:00:00Z/2026-03-29T10:00:00Z"),
        ("2026-03-29T10:00:00+00:00", "at 02:30", "2026-03-29T01:00:00Z/2026-03-29T02:00:00Z"),
        ("2026-10-25T10:00:00+00:00", "between 1:30am and 3:30am", "2026-10-24T23:30:00Z/2026-10-25T02:30:00Z"),
    ],
)
def test_days_on_which_the_clocks_change(now: str, text: str, expected: str) -> None:
    """The 29th of March has 23 hours, the 25th of October 25; half past two does not exist on the one and comes twice on the other."""
    assert times(text, now=datetime.fromisoformat(now)) == [expected]


def test_without_now_no_time_is_looked_for() -> None:
    assert find("yesterday, last 10 min") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("since half past one", "2026-03-11T12:30:00Z/2026-03-11T14:20:00Z"),
        ("since quarter to nine pm", "2026-03-10T19:45:00Z/2026-03-11T14:20:00Z"),
        ("errors in Q1", "2025-12-31T23:00:00Z/2026-03-11T14:20:00Z"),
        ("errors in q4", "2025-09-30T22:00:00Z/2025-12-31T23:00:00Z"),
        ("cost in q2 2024", "2024-03-31T22:00:00Z/2024-06-30T22:00:00Z"),
        ("year to date", "2025-12-31T23:00:00Z/2026-03-11T14:20:00Z"),
        ("spend mtd", "2026-02-28T23:00:00Z/2026-03-11T14:20:00Z"),
        ("on wednesday", "2026-03-03T23:00:00Z/2026-03-04T23:00:00Z"),
        ("this wednesday", "2026-03-10T23:00:00Z/2026-03-11T14:20:00Z"),
    ],
)
def test_spoken_clocks_quarters_and_the_day_that_today_is(text: str, expected: str) -> None:
    assert times(text) == [expected]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("nope, since 2", "2026-03-11T13:00:00Z"),
        ("since 9", "2026-03-11T08:00:00Z"),
        ("from 9 till now", "2026-03-11T08:00:00Z"),
        ("from 3", "2026-03-11T14:00:00Z"),
        ("since 4", "2026-03-11T03:00:00Z"),
        ("seit 14", "2026-03-11T13:00:00Z"),
        ("since 2am", "2026-03-11T01:00:00Z"),
    ],
)
def test_a_bare_hour_is_the_latest_of_the_dial_that_is_past(text: str, start: str) -> None:
    assert times(text) == [f"{start}/2026-03-11T14:20:00Z"]
